//! A visit as JSON: `{"as_of": "…", "findings": {"temperature": "38.4 Cel", …}}`.
//!
//! A finding is a value, `{"unknown": "declined"}`, or a list of entries
//! `{"value": …, "at": …, "by": …}`. Under `attestations` stand groups of facts
//! signed as clear: `{"bladder_as_before": {"by": "nurse", "signed": "…"}}`. Anything else is refused with its place and
//! a way to mend it; nothing is guessed and nothing is dropped.

mod attested;
mod json;
mod value;

use std::fmt;
use std::ops::Range;

use serde_json::value::RawValue;

use crate::diagnostic::nearest;
use crate::facts::{By, Danger, FactIndex, Kind, Role};
use crate::guideline::Guideline;
use crate::resolve::{ENTRIES_MAX, Entries, Entry, Reason, Said};
use crate::time;

pub use value::{read_value, reason_of};

/// Largest visit in bytes.
pub const VISIT_BYTES_MAX: usize = 1024 * 1024;

/// A visit as it was handed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    /// The moment to decide about.
    pub as_of: Option<i64>,
    /// Everything that was entered.
    pub entries: Entries,
}

/// Why a visit was refused. It never repeats what a finding said beyond the
/// word at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitError {
    /// Where in the visit, `findings.temperature[1].value`.
    pub path: String,
    /// Bytes of the text.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
}

impl fmt::Display for VisitError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(out, "{}: ", self.path)?;
        }
        write!(out, "{}", self.message)
    }
}

impl std::error::Error for VisitError {}

/// Reads a visit.
///
/// # Errors
/// The first fault, with its place.
pub fn read(guideline: &Guideline, text: &str) -> Result<Visit, VisitError> {
    if text.len() > VISIT_BYTES_MAX {
        return Err(VisitError {
            path: String::new(),
            span: 0..0,
            message: format!("the visit is larger than {VISIT_BYTES_MAX} bytes"),
            help: Some("a visit is one patient; send them one by one".into()),
        });
    }
    Reader { guideline, text }.visit()
}

/// Most characters of a message or path.
const MESSAGE_MAX: usize = 300;

/// A character that cannot steer a terminal.
fn printable(sign: char) -> char {
    if sign.is_control() { '\u{fffd}' } else { sign }
}

fn short(text: &str) -> String {
    text.chars().take(MESSAGE_MAX).map(printable).collect()
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(40).map(printable).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

struct Reader<'a> {
    guideline: &'a Guideline,
    text: &'a str,
}

type Fields<'a> = Vec<(String, &'a RawValue)>;

impl<'a> Reader<'a> {
    fn visit(&self) -> Result<Visit, VisitError> {
        let fields = self.object(self.text, "")?;
        let mut visit = Visit::default();
        let mut has_findings = false;
        for (name, raw) in fields {
            match name.as_str() {
                "as_of" => visit.as_of = self.instant(raw, "as_of")?,
                "findings" => {
                    has_findings = true;
                    for (id, raw) in self.object(raw.get(), "findings")? {
                        self.finding(&id, raw, &mut visit.entries)?;
                    }
                }
                "attestations" => {
                    for (id, raw) in self.object(raw.get(), "attestations")? {
                        self.attestation(&id, raw, &mut visit.entries)?;
                    }
                }
                _ => {
                    let help = "a visit has `as_of`, `findings` and `attestations`".to_string();
                    return Err(self.refuse(
                        raw,
                        &name,
                        "nothing is read from here".into(),
                        Some(help),
                    ));
                }
            }
        }
        if !has_findings {
            return Err(VisitError {
                path: String::new(),
                span: 0..self.text.len().min(1),
                message: "the visit has no `findings`".into(),
                help: Some("write `{\"findings\": {\"age\": \"54 a\"}}`".into()),
            });
        }
        Ok(visit)
    }

    fn finding(
        &self,
        id: &str,
        raw: &'a RawValue,
        entries: &mut Entries,
    ) -> Result<(), VisitError> {
        let path = format!("findings.{}", shortened(id));
        let Some(index) = self.guideline.fact(id) else {
            let known = self.guideline.entered_facts().map(|(_, fact)| fact.id.as_str());
            let help = match nearest(id, known) {
                Some(guess) => format!("did you mean `{guess}`?"),
                None => "`cauda facts` lists every fact".to_string(),
            };
            return Err(self.refuse(raw, &path, "no fact has this name".into(), Some(help)));
        };
        if self.guideline.facts[index].is_computed() {
            let help = "enter the findings it is made of".to_string();
            return Err(self.refuse(
                raw,
                &path,
                "this is worked out, not entered".into(),
                Some(help),
            ));
        }
        match raw.get().as_bytes().first() {
            Some(b'[') => {
                let list = self.list(raw, &path)?;
                if list.len() > ENTRIES_MAX {
                    return Err(self.refuse(
                        raw,
                        &path,
                        format!("more than {ENTRIES_MAX} entries"),
                        None,
                    ));
                }
                self.same_authors(&list, &path)?;
                for (at, item) in list.into_iter().enumerate() {
                    entries.add(index, self.entry(index, item, &format!("{path}[{at}]"))?);
                }
            }
            _ => entries.add(index, self.entry(index, raw, &path)?),
        }
        Ok(())
    }

    /// Either every entry of a list says who said it, or none does: a nameless
    /// word beside named ones would count as the physician's.
    fn same_authors(&self, list: &[&'a RawValue], path: &str) -> Result<(), VisitError> {
        let mut named = 0;
        let mut nameless = None;
        for (at, item) in list.iter().enumerate() {
            let fields = match item.get().as_bytes().first() {
                Some(b'{') => self.object(item.get(), &format!("{path}[{at}]"))?,
                _ => Vec::new(),
            };
            match fields.iter().any(|(name, _)| name == "by") {
                true => named += 1,
                false => nameless = Some((at, *item)),
            }
        }
        match nameless {
            Some((at, item)) if named > 0 => {
                let help = "add `\"by\": \"nurse\"`, or whoever it was".to_string();
                let message = "this entry does not say who, and others do".to_string();
                Err(self.refuse(item, &format!("{path}[{at}]"), message, Some(help)))
            }
            _ => Ok(()),
        }
    }

    fn entry(&self, index: FactIndex, raw: &'a RawValue, path: &str) -> Result<Entry, VisitError> {
        let mut entry = Entry {
            said: Said::Unknown(Reason::NotAsked),
            at: None,
            by: Role::Physician,
            entered_in_error: false,
        };
        if raw.get().as_bytes().first() != Some(&b'{') {
            entry.said = self.value(index, raw, path)?;
            return Ok(entry);
        }
        let mut said = None;
        let mut limited = None;
        for (name, raw) in self.object(raw.get(), path)? {
            let path = format!("{path}.{name}");
            match name.as_str() {
                "value" | "unknown" if said.is_some() => {
                    return Err(self.refuse(
                        raw,
                        &path,
                        "`value` and `unknown` exclude each other".into(),
                        None,
                    ));
                }
                "value" => said = Some(self.value(index, raw, &path)?),
                "unknown" => said = Some(Said::Unknown(self.unknown(raw, &path)?)),
                "at" => entry.at = self.instant(raw, &path)?,
                "by" => entry.by = self.role(raw, &path)?,
                "entered_in_error" => entry.entered_in_error = self.truth(raw, &path)?,
                "limited_by_pain" => limited = self.truth(raw, &path)?.then_some((raw, path)),
                _ => {
                    let known = "value, unknown, at, by, entered_in_error, limited_by_pain";
                    return Err(self.refuse(
                        raw,
                        &path,
                        "an entry has no such part".into(),
                        Some(format!("its parts are {known}")),
                    ));
                }
            }
        }
        let Some(said) = said else {
            return Err(self.refuse(
                raw,
                path,
                "the entry has neither `value` nor `unknown`".into(),
                None,
            ));
        };
        entry.said = match limited {
            None => said,
            Some((raw, path)) => self.limited_by_pain(index, said, raw, &path)?,
        };
        Ok(entry)
    }

    /// Power limited by pain is at least what was seen, and no more is known (CR5).
    fn limited_by_pain(
        &self,
        index: FactIndex,
        said: Said,
        raw: &RawValue,
        path: &str,
    ) -> Result<Said, VisitError> {
        let fact = &self.guideline.facts[index];
        match (said, fact.quantity().filter(|_| fact.by == By::Examine), fact.danger) {
            (Said::Between(low, _), Some(quantity), Danger::Falling) => {
                Ok(Said::Between(low, quantity.range.1))
            }
            (Said::Unknown(_), ..) => Ok(said),
            _ => {
                let help = "it belongs to grades of power".to_string();
                Err(self.refuse(
                    raw,
                    path,
                    format!("`{}` cannot be limited by pain", fact.id),
                    Some(help),
                ))
            }
        }
    }

    fn value(&self, index: FactIndex, raw: &RawValue, path: &str) -> Result<Said, VisitError> {
        let fact = &self.guideline.facts[index];
        let text = match raw.get().as_bytes().first() {
            Some(b'"') => self.string(raw, path)?,
            Some(b'0'..=b'9' | b'-') => raw.get().to_string(),
            Some(b'n') => {
                let help = "leave it out if nobody asked, or write `{\"unknown\": \"not known\"}`"
                    .to_string();
                return Err(self.refuse(raw, path, "null is not a value".into(), Some(help)));
            }
            _ => {
                let help = match &fact.kind {
                    Kind::Named { values, .. } => format!("write one of {}", values.join(", ")),
                    Kind::Quantity(quantity) => {
                        format!("write it as `{}`", quantity.text(quantity.clear))
                    }
                };
                return Err(self.refuse(raw, path, "this is not a value".into(), Some(help)));
            }
        };
        read_value(fact, &text)
            .map_err(|(message, help)| self.refuse(raw, path, message, Some(help)))
    }

    fn unknown(&self, raw: &RawValue, path: &str) -> Result<Reason, VisitError> {
        let text = self.string(raw, path)?;
        reason_of(&text).ok_or_else(|| {
            let help = "write not asked, not known, declined or unable".to_string();
            self.refuse(raw, path, format!("`{}` is not a reason", shortened(&text)), Some(help))
        })
    }

    fn instant(&self, raw: &RawValue, path: &str) -> Result<Option<i64>, VisitError> {
        let text = self.string(raw, path)?;
        time::read(&text).map(Some).map_err(|why| self.refuse(raw, path, why, None))
    }

    fn role(&self, raw: &RawValue, path: &str) -> Result<Role, VisitError> {
        let text = self.string(raw, path)?;
        Role::of_id(&text).ok_or_else(|| {
            let help = "write patient, nurse, physician, laboratory or ehr".to_string();
            self.refuse(raw, path, format!("`{}` is not a role", shortened(&text)), Some(help))
        })
    }
}
