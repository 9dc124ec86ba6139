//! Whom a new version answers otherwise: by direction and kind of change, with
//! the share of states and one patient who can be replayed.

use std::path::Path;

use cauda_guideline::Guideline;
use cauda_guideline::decision::{Decision, explain};
use cauda_proof::difference::{Aspect, Change, Difference, Direction};
use serde::Serialize;

use crate::assess;
use crate::error::CliError;
use crate::shares::InEach;

/// The whole comparison.
#[derive(Debug, Serialize)]
pub struct Answered {
    /// Facts compared.
    pub facts: usize,
    /// States compared, in digits.
    pub states: String,
    /// Whether states in which a fact is unknown are compared, too.
    pub has_unknowns: bool,
    /// Nodes of the largest diagram made on the way.
    pub largest_diagram_nodes: usize,
    /// Most nodes kept at once.
    pub nodes_kept_at_once: usize,
    /// Whether any patient is answered otherwise.
    pub differs: bool,
    /// Whether any patient is answered less urgently.
    pub ever_less_urgent: bool,
    /// Whether one of them has every fact known.
    pub less_urgent_when_all_is_known: bool,
    /// States answered otherwise.
    pub changed: InEach,
    /// States by what changes; an answer may change in several parts.
    pub parts: Vec<Part>,
    /// By direction, the less urgent first.
    pub directions: Vec<Way>,
}

/// A part of the answer.
#[derive(Debug, Serialize)]
pub struct Part {
    /// Its name.
    pub name: &'static str,
    /// States in which it changes.
    pub share: InEach,
}

/// A direction.
#[derive(Debug, Serialize)]
pub struct Way {
    /// `less_urgent`, `more_urgent`, `other`.
    pub id: &'static str,
    /// For people.
    #[serde(skip)]
    pub title: &'static str,
    /// States that change so.
    pub share: InEach,
    /// By kind, the commonest first.
    pub kinds: Vec<Kind>,
}

/// Patients told the same before and the same after.
#[derive(Debug, Serialize)]
pub struct Kind {
    /// What they were told.
    pub old: Told,
    /// What they are told now.
    pub new: Told,
    /// How many they are.
    pub share: InEach,
    /// The findings that matter of the smallest example.
    pub findings: Vec<String>,
    /// What holds of every other fact.
    pub all_else: &'static str,
    /// The example answered by both.
    pub answers: [Answer; 2],
}

/// Disposition and tier.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Id of the disposition; none is "cannot decide yet".
    pub disposition: Option<String>,
    /// For people.
    pub staff: String,
    /// The tier acted on.
    pub acted_on: &'static str,
}

/// What one version says to the example.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// In words.
    pub text: String,
    /// The patient in the grammar of cases.
    pub case: String,
    /// The command that shows the whole answer.
    pub replay: String,
}

impl Answered {
    /// Puts a comparison into words.
    ///
    /// # Errors
    /// When an example cannot be read back: a fault of the program.
    pub fn new(
        both: [&Guideline; 2],
        folders: [Option<&Path>; 2],
        found: &Difference,
    ) -> Result<Answered, CliError> {
        let mut directions = Vec::new();
        for (at, direction) in Direction::ALL.into_iter().enumerate() {
            let (id, title) = match direction {
                Direction::LessUrgent => ("less_urgent", "LESS URGENT THAN BEFORE"),
                Direction::MoreUrgent => ("more_urgent", "MORE URGENT THAN BEFORE"),
                Direction::Other => ("other", "AS URGENT, ANSWERED OTHERWISE"),
            };
            let changes = found.changes.iter().filter(|change| change.direction == direction);
            let kinds: Result<Vec<Kind>, CliError> =
                changes.map(|change| kind(both, folders, change)).collect();
            let share = InEach::new(found.directions[at].each_ref());
            directions.push(Way { id, title, share, kinds: kinds? });
        }
        let parts = Aspect::ALL.into_iter().zip(&found.aspects).map(|(aspect, shares)| Part {
            name: name(aspect),
            share: InEach::new(shares.each_ref()),
        });
        Ok(Answered {
            facts: found.facts,
            states: found.states.to_string(),
            has_unknowns: found.has_unknowns,
            largest_diagram_nodes: found.largest,
            nodes_kept_at_once: found.kept,
            differs: found.is_any(),
            ever_less_urgent: found.is_less_urgent(),
            less_urgent_when_all_is_known: found.is_less_urgent_when_known(),
            changed: InEach::new(found.changed.each_ref()),
            parts: parts.collect(),
            directions,
        })
    }
}

fn name(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Tier => "urgency acted on",
        Aspect::Disposition => "where the patient goes",
        Aspect::FirstStep => "first step",
        Aspect::Imaging => "pictures",
        Aspect::Outlook => "what it may still become",
    }
}

fn kind(
    both: [&Guideline; 2],
    folders: [Option<&Path>; 2],
    change: &Change,
) -> Result<Kind, CliError> {
    let told = |at: usize, told: &cauda_proof::difference::Told| Told {
        staff: match &told.disposition {
            None => "Cannot decide yet".to_string(),
            Some(go) => match both[at].vocabulary.get("disposition", go) {
                Some(phrase) => phrase.staff.clone(),
                None => go.clone(),
            },
        },
        disposition: told.disposition.clone(),
        acted_on: told.acted.id(),
    };
    let answer = |at: usize| -> Result<Answer, CliError> {
        let case = change.example.cases[at].clone();
        let findings = assess::findings_of_case(both[at], &case)
            .map_err(|error| CliError::Internal(format!("{case}: {error}")))?;
        let text = answer_text(&explain(both[at], &findings, None));
        Ok(Answer { text, replay: replay(folders[at], &case), case })
    };
    Ok(Kind {
        old: told(0, &change.old),
        new: told(1, &change.new),
        share: InEach::new(change.shares.each_ref()),
        findings: change.example.findings.clone(),
        all_else: change.example.all_else,
        answers: [answer(0)?, answer(1)?],
    })
}

fn answer_text(decision: &Decision) -> String {
    let go = decision.disposition.as_ref().map_or("Cannot decide yet", |go| &go.staff);
    let urgency = decision.urgency;
    let mut text = format!("{go}; {}", urgency.acted_on.id());
    if urgency.at_most > urgency.acted_on {
        text.push_str(&format!(", perhaps {}", urgency.at_most.id()));
    }
    let images: Vec<&str> =
        decision.imaging.iter().map(|image| image.spoken.staff.as_str()).collect();
    match images.as_slice() {
        [] => text.push_str("; no scan"),
        images => text.push_str(&format!("; {}", images.join(", then "))),
    }
    text
}

/// The command as a shell takes it.
fn replay(folder: Option<&Path>, case: &str) -> String {
    let folder = folder.map(|path| {
        let path = path.display().to_string();
        let plain = |sign: char| sign.is_ascii_alphanumeric() || "/._-+=:@".contains(sign);
        match !path.is_empty() && path.chars().all(plain) {
            true => format!("--guideline {path} "),
            false => format!("--guideline '{}' ", path.replace('\'', r"'\''")),
        }
    });
    format!("cauda assess {}--case '{case}'", folder.unwrap_or_default())
}
