//! A visit as JSON: `{"as_of": "…", "findings": {"temperature": "38.4 Cel", …}}`.
//!
//! A finding is a value, `{"unknown": "declined"}`, or a list of entries
//! `{"value": …, "at": …, "by": …}`. Anything else is refused with its place and
//! a way to mend it; nothing is guessed and nothing is dropped.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::diagnostic::nearest;
use crate::facts::{By, Danger, Fact, FactIndex, Kind, Role, Sort};
use crate::guideline::Guideline;
use crate::page::Comparison;
use crate::resolve::{ENTRIES_MAX, Entries, Entry, Reason, Said};
use crate::time;

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

/// Reads one value of a fact as people write it: `new`, `38.4 Cel`, `<5 mg/L`, `declined`.
///
/// # Errors
/// One sentence, and how to mend it.
pub fn read_value(fact: &Fact, text: &str) -> Result<Said, (String, String)> {
    let text = text.trim();
    if let Some(reason) = reason_of(text) {
        return Ok(Said::Unknown(reason));
    }
    match &fact.kind {
        Kind::Named { sort, values, .. } => {
            let value = values.iter().position(|value| value == text);
            match (value, sort, text) {
                (Some(value), ..) => Ok(Said::Value(value)),
                // Present with an unknown onset counts as new (CR4).
                (None, Sort::FindingWithOnset, "present") => Ok(Said::Value(values.len() - 1)),
                (None, Sort::Derived | Sort::BuiltIn, _) => Err((
                    format!("`{}` is worked out, not entered", fact.id),
                    "enter the findings it is made of".to_string(),
                )),
                _ => Err((
                    format!("`{}` is never `{}`", fact.id, shortened(text)),
                    format!("its values are {}, or not known, declined, unable", values.join(", ")),
                )),
            }
        }
        Kind::Quantity(quantity) => {
            let (comparison, rest) = comparison_of(text);
            let (number, unit) = match rest
                .find(|sign: char| !(sign.is_ascii_digit() || matches!(sign, '.' | '-' | ',')))
            {
                Some(at) => (rest[..at].trim_end(), Some(rest[at..].trim())),
                None => (rest, None),
            };
            let help = format!("write it as `{}`", quantity.text(quantity.clear));
            let place = quantity
                .place(number, unit)
                .map_err(|why| (format!("`{}`: {why}", fact.id), help))?;
            let limits = quantity.limits(comparison, place).ok_or_else(|| {
                let (low, high) =
                    (quantity.text(quantity.range.0), quantity.text(quantity.range.1));
                let message = format!(
                    "`{}`: `{}` is outside the possible range, {low} to {high}",
                    fact.id,
                    shortened(text)
                );
                (message, format!("write it as `{}`", quantity.text(quantity.clear)))
            })?;
            Ok(Said::Between(limits.0, limits.1))
        }
    }
}

fn comparison_of(text: &str) -> (Option<Comparison>, &str) {
    let signs = [
        (">=", Comparison::AtLeast),
        ("<=", Comparison::AtMost),
        ("≥", Comparison::AtLeast),
        ("≤", Comparison::AtMost),
        (">", Comparison::Above),
        ("<", Comparison::Below),
    ];
    let found = signs
        .iter()
        .find_map(|(sign, comparison)| Some((*comparison, text.strip_prefix(sign)?.trim_start())));
    match found {
        Some((comparison, rest)) => (Some(comparison), rest),
        None => (None, text),
    }
}

/// The reason a word for "unknown" stands for.
pub fn reason_of(text: &str) -> Option<Reason> {
    match text {
        "not asked" | "not_asked" => Some(Reason::NotAsked),
        "not known" | "not_known" => Some(Reason::NotKnown),
        "declined" => Some(Reason::Declined),
        "unable" => Some(Reason::Unable),
        _ => None,
    }
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
                _ => {
                    let help = "a visit has `as_of` and `findings`".to_string();
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
        let roles = [
            ("ehr", Role::Ehr),
            ("patient", Role::Patient),
            ("nurse", Role::Nurse),
            ("laboratory", Role::Laboratory),
            ("physician", Role::Physician),
        ];
        roles.iter().find(|(name, _)| *name == text).map(|(_, role)| *role).ok_or_else(|| {
            let help = "write patient, nurse, physician, laboratory or ehr".to_string();
            self.refuse(raw, path, format!("`{}` is not a role", shortened(&text)), Some(help))
        })
    }

    fn truth(&self, raw: &RawValue, path: &str) -> Result<bool, VisitError> {
        match raw.get() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(self.refuse(raw, path, "this is neither true nor false".into(), None)),
        }
    }

    fn string(&self, raw: &RawValue, path: &str) -> Result<String, VisitError> {
        serde_json::from_str::<String>(raw.get()).map_err(|_| {
            self.refuse(
                raw,
                path,
                "text is needed here".into(),
                Some("put it between quotation marks".into()),
            )
        })
    }

    fn object(&self, text: &'a str, path: &str) -> Result<Fields<'a>, VisitError> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let fields = deserializer
            .deserialize_map(FieldsVisitor)
            .and_then(|fields| deserializer.end().map(|()| fields))
            .map_err(|error| self.json_error(text, path, &error))?;
        let mut seen = BTreeSet::new();
        for (name, raw) in &fields {
            if !seen.insert(name.as_str()) {
                let help = "keep one, or give a list of entries".to_string();
                let message = format!("`{}` stands twice", shortened(name));
                return Err(self.refuse(raw, path, message, Some(help)));
            }
        }
        Ok(fields)
    }

    fn list(&self, raw: &'a RawValue, path: &str) -> Result<Vec<&'a RawValue>, VisitError> {
        let mut deserializer = serde_json::Deserializer::from_str(raw.get());
        deserializer
            .deserialize_seq(ListVisitor)
            .map_err(|error| self.json_error(raw.get(), path, &error))
    }

    fn json_error(&self, text: &str, path: &str, error: &serde_json::Error) -> VisitError {
        let start = self.offset(text);
        let line: usize =
            text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let mut at = (start + line + error.column().saturating_sub(1)).min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        // The library's own words may quote the visit; these do not.
        let message = match error.classify() {
            Category::Eof => "not a visit: the text ends too early",
            Category::Data => "not a visit: an object or a list is needed here",
            Category::Syntax | Category::Io => "not a visit: this is not JSON",
        };
        VisitError { path: short(path), span: at..at, message: message.to_string(), help: None }
    }

    fn refuse(
        &self,
        raw: &RawValue,
        path: &str,
        message: String,
        help: Option<String>,
    ) -> VisitError {
        let start = self.offset(raw.get());
        let span = start..start + raw.get().len();
        VisitError { path: short(path), span, message: short(&message), help }
    }

    /// Where a part of the text begins in it.
    fn offset(&self, part: &str) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize).min(self.text.len())
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object between braces")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry::<String, &'de RawValue>()? {
            fields.push(field);
        }
        Ok(fields)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<&'de RawValue>()? {
            items.push(item);
        }
        Ok(items)
    }
}
