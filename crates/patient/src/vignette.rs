//! Test patients with the level that a clinician gave before the program answered, and how often
//! the self-check agrees. Published, as every symptom checker should.

use std::collections::BTreeMap;

use cauda_guideline::Guideline;
use serde::Deserialize;

use crate::answers::{Answers, UNSURE};
use crate::outcome::{Level, Outcome, outcome};
use crate::topic::{Topic, is_asked};

/// The vignettes that the rules of the self-check were made with.
pub const FIRST: &str = include_str!("../vignettes.toml");
/// A second set, written by other eyes after the rules stood.
pub const SECOND: &str = include_str!("../vignettes_second.toml");

/// Both sets.
///
/// # Errors
/// As [`read`].
pub fn shipped() -> Result<Vec<Vignette>, String> {
    let mut all = read(FIRST)?;
    all.extend(read(SECOND)?);
    Ok(all)
}

/// A test patient.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vignette {
    /// Its id.
    pub id: String,
    /// Who it is, for a reader.
    pub story: String,
    /// Whole years; nothing if not told.
    pub age: Option<u16>,
    /// What is not "no", by fact.
    pub answers: BTreeMap<String, String>,
    /// Facts the patient is not sure of.
    #[serde(default)]
    pub unsure: Vec<String>,
    /// The clinician's level.
    pub level: Level,
    /// Why.
    pub why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    vignette: Vec<Vignette>,
}

/// Reads vignettes.
///
/// # Errors
/// Where the file is wrong.
pub fn read(text: &str) -> Result<Vec<Vignette>, String> {
    toml::from_str::<File>(text).map(|file| file.vignette).map_err(|error| error.to_string())
}

impl Vignette {
    /// Takes the patient through every page, as far as the self-check asks.
    ///
    /// # Errors
    /// The fact that this guideline does not ask at home or cannot read.
    pub fn outcome(&self, guideline: &Guideline, now: i64) -> Result<Outcome, String> {
        let mut answers = Answers::default();
        let asked = |id: &String| guideline.fact(id).is_some_and(|fact| is_asked(guideline, fact));
        if let Some(id) = self.answers.keys().chain(&self.unsure).find(|id| !asked(id)) {
            return Err(format!("{}: `{id}` is not asked at home", self.id));
        }
        let say = |answers: &mut Answers, id: &str, value: &str| {
            answers.say(guideline, id, value).map_err(|why| format!("{}: `{id}`: {why}", self.id))
        };
        for topic in Topic::ALL {
            for fact in topic.facts(guideline) {
                let id = guideline.facts[fact].id.as_str();
                match (id, self.answers.get(id), self.age) {
                    ("age", _, Some(age)) => say(&mut answers, "age", &format!("{age} a"))?,
                    (_, Some(value), _) => say(&mut answers, id, value)?,
                    _ if self.unsure.iter().any(|unsure| unsure == id) => {
                        say(&mut answers, id, UNSURE)?;
                    }
                    _ => {}
                }
            }
            answers.finish(topic);
            if let Some(outcome) = outcome(guideline, &answers, now) {
                return Ok(outcome);
            }
        }
        Err(format!("{}: no outcome after the last page", self.id))
    }
}

/// How the self-check did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The level a clinician gave.
    pub right: usize,
    /// A higher one.
    pub too_cautious: Vec<String>,
    /// A lower one.
    pub too_low: Vec<String>,
}

impl Figures {
    /// All vignettes.
    pub fn all(&self) -> usize {
        self.right + self.too_cautious.len() + self.too_low.len()
    }
}

/// Figures over vignettes.
///
/// # Errors
/// As [`Vignette::outcome`].
pub fn figures(guideline: &Guideline, vignettes: &[Vignette], now: i64) -> Result<Figures, String> {
    let mut figures = Figures::default();
    for vignette in vignettes {
        let level = vignette.outcome(guideline, now)?.level;
        match level.cmp(&vignette.level) {
            std::cmp::Ordering::Equal => figures.right += 1,
            std::cmp::Ordering::Greater => figures.too_cautious.push(vignette.id.clone()),
            std::cmp::Ordering::Less => figures.too_low.push(vignette.id.clone()),
        }
    }
    Ok(figures)
}
