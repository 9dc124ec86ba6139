//! The visit while it is asked: JSON as `cauda assess` reads it, written to its
//! file at the beginning and after every line typed.

use std::path::{Path, PathBuf};

use cauda_guideline::Guideline;
use cauda_guideline::facts::FactIndex;
use cauda_guideline::time;
use cauda_guideline::visit::{self, VISIT_BYTES_MAX, Visit, reason_of};
use serde_json::{Map, Value, json};

use crate::args::Interview;
use crate::error::CliError;
use crate::{assess, folder};

/// The visit and where it is kept.
pub struct Record<'a> {
    guideline: &'a Guideline,
    file: Option<PathBuf>,
    role: &'static str,
    signed: String,
    /// A fixed moment, for rehearsals and tests; else the clock of the machine.
    now: Option<i64>,
    visit: Map<String, Value>,
    /// What was entered here, a line typed each, so that it can be taken back.
    steps: Vec<Vec<Place>>,
}

/// What a line enters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    /// The same answer of every one of these facts.
    Said(Vec<FactIndex>, String),
    /// A group signed as clear: its place in the guideline.
    Signed(usize),
}

/// Where an entry stands in the visit: its part, and its id there.
type Place = (&'static str, String);

impl<'a> Record<'a> {
    /// A new visit, or the one in the file; either is written at once, so that a
    /// path that cannot be written is refused before anything is asked.
    ///
    /// # Errors
    /// A file that is no visit or cannot be written.
    pub fn open(guideline: &'a Guideline, args: &Interview) -> Result<Record<'a>, CliError> {
        let now =
            args.now.as_deref().map(time::read).transpose().map_err(|why| CliError::Argument {
                message: format!("--now: {why}"),
                help: "as in --now 2026-11-23T03:10:00Z".into(),
            })?;
        let mut record = Record {
            guideline,
            file: args.file.clone(),
            role: args.role.id(),
            signed: args.signed.clone().unwrap_or_else(|| args.role.id().to_string()),
            now,
            visit: Map::new(),
            steps: Vec::new(),
        };
        record.visit.insert("findings".to_string(), json!({}));
        if let Some(file) = args.file.as_ref().filter(|file| file.exists()) {
            let text = folder::read_text(file, VISIT_BYTES_MAX)?;
            assess::read_text(guideline, &file.display().to_string(), &text)?;
            record.visit = serde_json::from_str(&text)
                .map_err(|error| CliError::Internal(error.to_string()))?;
            record.name_everybody();
        }
        record.save()?;
        Ok(record)
    }

    /// The file it is kept in.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Facts answered one by one, and groups signed.
    pub fn counts(&self) -> (usize, usize) {
        let count =
            |part: &str| self.visit.get(part).and_then(Value::as_object).map_or(0, Map::len);
        (count("findings"), count("attestations"))
    }

    /// An entry that does not say who is the physician's; beside entries that do
    /// it has to say so.
    fn name_everybody(&mut self) {
        let Some(Value::Object(findings)) = self.visit.get_mut("findings") else { return };
        for value in findings.values_mut() {
            let list = match value.take() {
                Value::Array(list) => list,
                one => vec![one],
            };
            let named = list.into_iter().map(|entry| match entry {
                Value::Object(mut entry) => {
                    entry.entry("by").or_insert(json!("physician"));
                    Value::Object(entry)
                }
                plain => match plain.as_str().filter(|text| reason_of(text).is_some()) {
                    Some(reason) => json!({ "unknown": reason, "by": "physician" }),
                    None => json!({ "value": plain, "by": "physician" }),
                },
            });
            *value = Value::Array(named.collect());
        }
    }

    fn now(&self) -> String {
        let clock = || {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
        };
        time::write(self.now.unwrap_or_else(clock))
    }

    /// The visit as the engine reads it, at the moment of the last line.
    ///
    /// # Errors
    /// A fault of this program: it wrote a visit that it refuses.
    pub fn visit(&self) -> Result<Visit, CliError> {
        visit::read(self.guideline, &self.text()?)
            .map_err(|fault| CliError::Internal(format!("the visit is refused: {fault}")))
    }

    fn text(&self) -> Result<String, CliError> {
        serde_json::to_string_pretty(&Value::Object(self.visit.clone()))
            .map_err(|error| CliError::Internal(error.to_string()))
    }

    fn save(&mut self) -> Result<(), CliError> {
        self.visit.insert("as_of".to_string(), json!(self.now()));
        match &self.file {
            Some(file) => folder::replace(file, &format!("{}\n", self.text()?)),
            None => Ok(()),
        }
    }

    /// Enters all that one line says, or nothing of it.
    ///
    /// # Errors
    /// When it cannot be saved; nothing of the line is then taken.
    pub fn enter(&mut self, entered: &[Entered]) -> Result<(), CliError> {
        let before = self.visit.clone();
        let mut step = Vec::new();
        for one in entered {
            match one {
                Entered::Said(facts, value) => self.say(facts, value, &mut step),
                Entered::Signed(attestation) => self.sign(*attestation, &mut step),
            }
        }
        match self.save() {
            Ok(()) => {
                self.steps.push(step);
                Ok(())
            }
            Err(error) => {
                self.visit = before;
                Err(error)
            }
        }
    }

    fn say(&mut self, facts: &[FactIndex], value: &str, step: &mut Vec<Place>) {
        let key = if reason_of(value).is_some() { "unknown" } else { "value" };
        let entry = json!({ key: value, "by": self.role, "at": self.now() });
        for fact in facts {
            self.push("findings", &self.guideline.facts[*fact].id, entry.clone(), step);
        }
    }

    fn sign(&mut self, attestation: usize, step: &mut Vec<Place>) {
        let entry = json!({ "by": self.role, "signed": self.signed, "at": self.now() });
        self.push("attestations", &self.guideline.attestations[attestation].id, entry, step);
    }

    fn push(&mut self, part: &'static str, id: &str, entry: Value, step: &mut Vec<Place>) {
        let known = self.visit.entry(part).or_insert(json!({}));
        let Value::Object(known) = known else { return };
        let mut list = match known.remove(id) {
            Some(Value::Array(list)) => list,
            Some(one) => vec![one],
            None => Vec::new(),
        };
        list.push(entry);
        known.insert(id.to_string(), Value::Array(list));
        step.push((part, id.to_string()));
    }

    /// Takes back what the last line of this interview entered; says which
    /// facts and groups, by their ids.
    ///
    /// # Errors
    /// When it cannot be saved.
    pub fn take_back(&mut self) -> Result<Option<Vec<String>>, CliError> {
        let Some(step) = self.steps.pop() else { return Ok(None) };
        let before = self.visit.clone();
        for (part, id) in &step {
            let Some(Value::Object(known)) = self.visit.get_mut(*part) else { continue };
            let Some(Value::Array(list)) = known.get_mut(id) else { continue };
            list.pop();
            if list.is_empty() {
                known.remove(id);
            }
        }
        if let Err(error) = self.save() {
            self.visit = before;
            self.steps.push(step);
            return Err(error);
        }
        Ok(Some(step.into_iter().map(|(_, id)| id).collect()))
    }
}
