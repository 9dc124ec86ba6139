//! A generated population of an emergency department (CR28): does the guideline
//! do too much, or too little?
//!
//! The model is data, `guidelines/<id>.population.toml`: what the patients
//! have, how often, and which findings follow from it, each number with its
//! source or marked as a judgement. It is a model and not evidence.
//! `read` checks it against a guideline, `draw` makes patients from a seed,
//! `visit` decides each as the product would, `interview` counts questions and
//! actions on the way, `tally` and `report` say what came out.

pub mod draw;
mod file;
pub mod interview;
pub mod numbers;
pub mod premise;
pub mod rate;
mod read;
pub mod report;
mod rows;
pub mod tally;
pub mod visit;

use std::collections::BTreeMap;

use cauda_guideline::facts::{By, FactIndex};
use cauda_guideline::vocabulary::{FirstStep, Source, Tier};

pub use read::read;
pub use report::{Report, run};

use premise::Premise;
use rate::Millionths;

/// Most bytes of a population file.
pub const FILE_BYTES_MAX: usize = 512 * 1024;
/// Most things drawn for a patient.
pub const DRAWS_MAX: usize = 600;
/// Most rows of one of them.
pub const ROWS_MAX: usize = 40;
/// Most conditions, and most values of anything drawn.
pub const VALUES_MAX: usize = 64;
/// Most patients of one run.
pub const PATIENTS_MAX: u64 = 10_000_000;

/// A model of the patients, checked against one guideline.
#[derive(Clone, Debug)]
pub struct Population {
    /// Its id.
    pub id: String,
    /// Its edition.
    pub edition: u32,
    /// Its name for people.
    pub title: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// How often a fact that the model does not name is a danger sign.
    pub noise: Millionths,
    /// Where that number is from.
    pub noise_basis: Basis,
    /// What the patients have; the last one takes what the others leave.
    pub conditions: Vec<Condition>,
    /// What is drawn, in this order.
    pub draws: Vec<Draw>,
    /// How often an answer cannot be had, by how the fact is come by.
    pub unknown: BTreeMap<By, Vec<UnknownRow>>,
    /// Facts settled by one action while all of them are clear.
    pub asked_together: Vec<Vec<FactIndex>>,
    /// Dispositions with which the patient leaves the department.
    pub leaves: Vec<String>,
    /// What must not be exceeded.
    pub ceilings: Vec<Ceiling>,
    /// Sources that only the model cites.
    pub sources: BTreeMap<String, Source>,
}

/// Where a number is from: sources, or a judgement with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// Ids of sources; none means a judgement.
    pub sources: Vec<String>,
    /// How the number follows, or why it was judged so.
    pub why: String,
}

/// Something a patient with back pain may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Its id.
    pub id: String,
    /// For people.
    pub what: String,
    /// How many have it.
    pub share: Millionths,
    /// The least urgency that finds it; `None` when no page is meant to.
    pub due: Option<Tier>,
    /// Where the share is from.
    pub basis: Basis,
}

/// One thing drawn for every patient.
#[derive(Clone, Debug)]
pub struct Draw {
    /// Its id in the model, a fact's where it is a fact.
    pub id: String,
    /// The list of the file it stands in; facts of one list share their rows.
    pub list: usize,
    /// The fact; `None` for something nobody sees.
    pub fact: Option<FactIndex>,
    /// Names of its values, where it has names.
    pub values: Vec<String>,
    /// The first row whose premises all hold is drawn from.
    pub rows: Vec<Row>,
    /// How often its answer cannot be had, before what holds for its kind.
    pub unknown: Vec<UnknownRow>,
}

/// A distribution and for whom it holds.
#[derive(Clone, Debug)]
pub struct Row {
    /// All of them must hold.
    pub premises: Vec<Premise>,
    /// Chances of each outcome; they make a whole.
    pub outcomes: Vec<(Millionths, Outcome)>,
    /// Where the numbers are from.
    pub basis: Basis,
}

/// What may come out of a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A named value.
    Value(usize),
    /// A number, each step between the two places equally likely.
    Between(i64, i64),
    /// At least this number, not measured further.
    AtLeast(i64),
}

/// How often an answer cannot be had.
#[derive(Clone, Debug)]
pub struct UnknownRow {
    /// All of them must hold.
    pub premises: Vec<Premise>,
    /// Asked, and the patient does not know.
    pub not_known: Millionths,
    /// Asked, and declined.
    pub declined: Millionths,
    /// Could not be examined.
    pub unable: Millionths,
    /// Where the numbers are from.
    pub basis: Basis,
}

/// A share that must not be exceeded.
#[derive(Clone, Debug)]
pub struct Ceiling {
    /// Its id.
    pub id: String,
    /// For people.
    pub what: String,
    /// Who counts.
    pub counts: Counts,
    /// The most.
    pub most: Millionths,
    /// Where the ceiling is from.
    pub basis: Basis,
}

/// Who counts towards a ceiling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counts {
    /// Acted on at one of these tiers with this first step.
    FirstStep(FirstStep, Vec<Tier>),
    /// The test page says that the test is needed.
    Needs(String),
    /// Not decided although everything that can be had was had.
    Undecided,
}

impl Population {
    /// The same model with the danger signs of everybody else, the last row of
    /// each named fact, scaled to `percent`: how much hangs on those rates?
    #[must_use]
    pub fn with_noise(mut self, percent: u32) -> Population {
        let named = self.draws.iter_mut().filter(|draw| draw.fact.is_some());
        for row in named.filter_map(|draw| draw.rows.last_mut()) {
            // The clear value takes what is left, and it comes last.
            let Some(((_, Outcome::Value(_)), signs)) = row.outcomes.split_last() else { continue };
            let scale = |chance: &Millionths| {
                let scaled = u64::from(*chance) * u64::from(percent) / 100;
                Millionths::try_from(scaled).unwrap_or(Millionths::MAX)
            };
            let scaled: Vec<Millionths> = signs.iter().map(|(chance, _)| scale(chance)).collect();
            let sum = scaled.iter().fold(0, |sum: Millionths, chance| sum.saturating_add(*chance));
            if sum > rate::WHOLE {
                continue;
            }
            for (outcome, chance) in row.outcomes.iter_mut().zip(scaled) {
                outcome.0 = chance;
            }
            if let Some(clear) = row.outcomes.last_mut() {
                clear.0 = rate::WHOLE - sum;
            }
        }
        self
    }
}
