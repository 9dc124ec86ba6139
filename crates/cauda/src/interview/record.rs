//! The visit while it is asked: JSON as `cauda assess` reads it, written to its
//! file after every answer.

use std::path::PathBuf;

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
    /// What was entered here, so that it can be taken back.
    steps: Vec<Step>,
}

/// One answer: where it stands in the visit.
enum Step {
    Findings(Vec<String>),
    Attestation(String),
}

impl<'a> Record<'a> {
    /// A new visit, or the one in the file.
    ///
    /// # Errors
    /// A file that is no visit.
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
        Ok(record)
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

    /// The visit as the engine reads it, at this moment.
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

    /// Enters the same answer of every fact.
    ///
    /// # Errors
    /// When it cannot be saved; the answer is then not taken.
    pub fn answer(&mut self, facts: &[FactIndex], value: &str) -> Result<(), CliError> {
        let ids: Vec<String> =
            facts.iter().map(|fact| self.guideline.facts[*fact].id.clone()).collect();
        let key = if reason_of(value).is_some() { "unknown" } else { "value" };
        let entry = json!({ key: value, "by": self.role, "at": self.now() });
        let before = self.visit.clone();
        if let Some(Value::Object(findings)) = self.visit.get_mut("findings") {
            for id in &ids {
                if let Value::Array(list) = findings.entry(id).or_insert(json!([])) {
                    list.push(entry.clone());
                }
            }
        }
        self.steps.push(Step::Findings(ids));
        self.keep_or(before)
    }

    /// Signs a group as clear.
    ///
    /// # Errors
    /// When it cannot be saved; the signature is then not taken.
    pub fn sign(&mut self, attestation: usize) -> Result<(), CliError> {
        let id = self.guideline.attestations[attestation].id.clone();
        let entry = json!({ "by": self.role, "signed": self.signed, "at": self.now() });
        let before = self.visit.clone();
        let signed = self.visit.entry("attestations").or_insert(json!({}));
        if let Value::Object(signed) = signed {
            let list = match signed.remove(&id) {
                Some(Value::Array(mut list)) => {
                    list.push(entry);
                    list
                }
                Some(one) => vec![one, entry],
                None => vec![entry],
            };
            signed.insert(id.clone(), Value::Array(list));
        }
        self.steps.push(Step::Attestation(id));
        self.keep_or(before)
    }

    fn keep_or(&mut self, before: Map<String, Value>) -> Result<(), CliError> {
        self.save().inspect_err(|_| {
            self.visit = before;
            self.steps.pop();
        })
    }

    /// Takes the last answer of this interview back; says which.
    ///
    /// # Errors
    /// When it cannot be saved.
    pub fn take_back(&mut self) -> Result<Option<String>, CliError> {
        let Some(step) = self.steps.pop() else { return Ok(None) };
        let (part, ids) = match step {
            Step::Findings(ids) => ("findings", ids),
            Step::Attestation(id) => ("attestations", vec![id]),
        };
        if let Some(Value::Object(known)) = self.visit.get_mut(part) {
            for id in &ids {
                if let Some(Value::Array(list)) = known.get_mut(id) {
                    list.pop();
                    if list.is_empty() {
                        known.remove(id);
                    }
                }
            }
        }
        self.save()?;
        Ok(Some(ids.join(", ")))
    }
}
