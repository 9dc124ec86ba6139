//! What a patient said, page by page.

use std::collections::{BTreeMap, BTreeSet};

use cauda_guideline::Guideline;
use cauda_guideline::facts::{FactIndex, Kind, Quantity, Role, Sort};
use cauda_guideline::resolve::{Entries, Entry, Findings, Said, resolve};
use cauda_guideline::visit::read_value;

use crate::topic::{Topic, is_asked};

/// What "I am not sure" is called among the answers.
pub const UNSURE: &str = "not_known";

/// Answers of one patient. A page that was finished says "no" to each of its questions that has
/// no answer; a page that was not finished says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    said: BTreeMap<String, String>,
    done: BTreeSet<Topic>,
}

impl Answers {
    /// Answers out of a form: fields `f.<fact>`, and a field `t.<topic>` for each finished page.
    ///
    /// # Errors
    /// The fact whose answer the guideline cannot read, and why; the others are kept.
    pub fn read<'f>(
        guideline: &Guideline,
        fields: impl Iterator<Item = (&'f str, &'f str)>,
    ) -> (Answers, BTreeMap<String, String>) {
        let (mut answers, mut faults) = (Answers::default(), BTreeMap::new());
        for (name, value) in fields {
            let value = value.trim();
            if let Some(id) = name.strip_prefix("t.") {
                answers.done.extend(Topic::ALL.into_iter().find(|topic| topic.id() == id));
            }
            let Some(id) = name.strip_prefix("f.").filter(|_| !value.is_empty()) else { continue };
            match answers.say(guideline, id, value) {
                Ok(()) => {}
                Err(why) => drop(faults.insert(id.to_string(), why)),
            }
        }
        (answers, faults)
    }

    /// Takes one answer in.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn say(&mut self, guideline: &Guideline, id: &str, value: &str) -> Result<(), String> {
        let known = guideline.fact(id).filter(|fact| is_asked(guideline, *fact));
        let Some(index) = known else { return Err("this is not asked here".to_string()) };
        let fact = &guideline.facts[index];
        let value = match fact.quantity() {
            Some(quantity) if value != UNSURE => whole(value, quantity)?,
            _ => value.to_string(),
        };
        // Kept in one form, however it was written: whoever has no answer is not sure.
        let plain = match (read_value(fact, &value), &fact.kind) {
            (Ok(Said::Unknown(_)), _) => UNSURE.to_string(),
            (Ok(Said::Value(value)), Kind::Named { values, .. }) => values[value].clone(),
            (Ok(_), _) => value,
            (Err(_), _) => return Err("this is not one of the answers".to_string()),
        };
        self.said.insert(id.to_string(), plain);
        Ok(())
    }

    /// Marks a page as finished.
    pub fn finish(&mut self, topic: Topic) {
        self.done.insert(topic);
    }

    /// Takes back that a page was finished.
    pub fn reopen(&mut self, topic: Topic) {
        self.done.remove(&topic);
    }

    /// Whether a page was finished.
    pub fn is_done(&self, topic: Topic) -> bool {
        self.done.contains(&topic)
    }

    /// The first page that was not finished.
    pub fn next(&self) -> Option<Topic> {
        Topic::ALL.into_iter().find(|topic| !self.is_done(*topic))
    }

    /// What was said of a fact.
    pub fn of(&self, id: &str) -> Option<&str> {
        self.said.get(id).map(String::as_str)
    }

    /// Everything said, by fact.
    pub fn said(&self) -> impl Iterator<Item = (&str, &str)> {
        self.said.iter().map(|(id, value)| (id.as_str(), value.as_str()))
    }

    /// Facts of which the patient is not sure.
    pub fn unsure(&self, guideline: &Guideline) -> Vec<FactIndex> {
        let unsure = self.said.iter().filter(|(_, value)| *value == UNSURE);
        unsure.filter_map(|(id, _)| guideline.fact(id)).collect()
    }

    /// As fields of a form, so that a page carries what was said on the pages before it.
    pub fn fields(&self) -> Vec<(String, String)> {
        let said = self.said.iter().map(|(id, value)| (format!("f.{id}"), value.clone()));
        let done = self.done.iter().map(|topic| (format!("t.{}", topic.id()), "1".to_string()));
        said.chain(done).collect()
    }

    /// What is known of the patient at that moment, everything said by the patient.
    pub fn findings(&self, guideline: &Guideline, now: i64) -> Findings {
        resolve(guideline, &self.entries(guideline, now), Some(now))
    }

    fn entries(&self, guideline: &Guideline, now: i64) -> Entries {
        let mut entries = Entries::default();
        let asked = Topic::ALL.into_iter().flat_map(|topic| {
            let done = self.is_done(topic);
            topic.facts(guideline).into_iter().map(move |fact| (fact, done))
        });
        for (index, done) in asked {
            let fact = &guideline.facts[index];
            let said = match (self.of(&fact.id), &fact.kind) {
                (Some(value), _) => value.to_string(),
                // The rest of a finished page was answered with "no"; a choice or a number was not.
                (None, Kind::Named { sort, values, clear, .. })
                    if done && matches!(sort, Sort::Finding | Sort::FindingWithOnset) =>
                {
                    values[*clear].clone()
                }
                _ => continue,
            };
            if let Ok(said) = read_value(fact, &said) {
                // Nobody else knows the age of somebody at home.
                let by = if fact.asked_of.contains(&Role::Patient) {
                    Role::Patient
                } else {
                    fact.asked_of.first().copied().unwrap_or(Role::Patient)
                };
                entries.add(index, Entry { said, at: Some(now), by, entered_in_error: false });
            }
        }
        entries
    }
}

/// Whole numbers in a unit that was chosen; where there is a choice, one without is not guessed.
fn whole(value: &str, quantity: &Quantity) -> Result<String, String> {
    let (number, unit) = value.split_once(' ').unwrap_or((value, ""));
    let is_whole =
        !number.is_empty() && number.len() <= 6 && number.bytes().all(|b| b.is_ascii_digit());
    let unit = match unit.trim() {
        "" if quantity.accepts.len() <= 1 => quantity.unit.as_str(),
        unit => unit,
    };
    match (is_whole, unit.is_empty()) {
        (false, _) => Err("write a whole number".to_string()),
        (true, true) => Err("choose what the number counts".to_string()),
        (true, false) if unit == "1" => Ok(number.to_string()),
        (true, false) => Ok(format!("{number} {unit}")),
    }
}
