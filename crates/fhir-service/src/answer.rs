//! The answers a question offers, as codes of our own code system, and back.
//!
//! INVARIANT: a code that is not offered, or of another system, is no answer; "not known",
//! "declined" and "unable" are answers of their own and never a "no".

use cauda_guideline::decimal::{Decimal, Rational};
use cauda_guideline::facts::{By, Fact, Kind, Role, Sort};
use cauda_guideline::resolve::{Reason, Said};
use cauda_guideline::visit::read_value;
use serde_json::{Number, Value, json};

use crate::Base;
use crate::form::Audience;

/// System of UCUM units.
pub(crate) const UCUM: &str = "http://unitsofmeasure.org";
/// System of LOINC.
const LOINC: &str = "http://loinc.org";

/// Code, value as `read_value` takes it, and words of what is not known.
pub(crate) const REASONS: [(&str, &str, &str, &str); 3] = [
    ("not-known", "not known", "Not known", "I do not know"),
    ("declined", "declined", "Declined", "I do not want to say"),
    ("unable", "unable", "Unable to examine", "It cannot be checked"),
];

/// One answer offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offered {
    pub(crate) code: String,
    /// The value as `read_value` takes it.
    pub(crate) value: String,
    pub(crate) display: String,
}

/// What a value is in FHIR.
pub(crate) enum Given {
    /// A named value, with its coding.
    Coding(Value),
    /// A number with its unit.
    Quantity(Value),
    /// Not known, with its coding and why.
    Unknown(Value, Reason),
}

/// The named values of a fact.
pub(crate) fn values(fact: &Fact, audience: Audience) -> Vec<Offered> {
    let Kind::Named { sort, values, .. } = &fact.kind else { return Vec::new() };
    let offered = values.iter().map(|value| {
        let (code, display) = match (sort, value.as_str()) {
            (Sort::Choice, _) => {
                let told = fact.patient_values.get(value).filter(|_| audience == Audience::Patient);
                let display = told.cloned().unwrap_or_else(|| capital(&value.replace('_', " ")));
                (format!("{}.{value}", fact.id), display)
            }
            (_, "absent") => (value.clone(), "No".to_owned()),
            (_, "present") => (value.clone(), "Yes".to_owned()),
            (_, "new") => (value.clone(), "Yes, new".to_owned()),
            (_, "longstanding") => (value.clone(), "Yes, for a long time".to_owned()),
            _ => (format!("{}.{value}", fact.id), capital(value)),
        };
        Offered { code, value: value.clone(), display }
    });
    offered.collect()
}

/// The answers that say why something is not known. Only what is examined, measured or tested can
/// be impossible, and a patient is not asked for that.
pub(crate) fn reasons(fact: &Fact, audience: Audience) -> Vec<Offered> {
    let offered = REASONS.iter().filter(|(code, ..)| {
        *code != "unable" || audience == Audience::Staff || fact.by != By::Ask
    });
    let words = |staff: &str, patient: &str| match audience {
        Audience::Staff => staff.to_owned(),
        Audience::Patient => patient.to_owned(),
    };
    offered
        .map(|(code, value, staff, patient)| Offered {
            code: (*code).to_owned(),
            value: (*value).to_owned(),
            display: words(staff, patient),
        })
        .collect()
}

/// The value a coding stands for; `None` when this fact offers no such answer.
pub(crate) fn value_of(base: &Base, fact: &Fact, coding: &Value) -> Option<String> {
    let system = coding.get("system")?.as_str()?;
    let code = coding.get("code")?.as_str()?;
    let of = values(fact, Audience::Staff).into_iter().chain(reasons(fact, Audience::Staff));
    let mut of = of.filter(|_| system == base.answers());
    of.find(|offered| offered.code == code).map(|offered| offered.value)
}

/// A value, as `read_value` takes it, in FHIR. `None` for one that the fact cannot have, and for
/// "not asked", which is no answer.
pub(crate) fn given(base: &Base, fact: &Fact, text: &str) -> Option<Given> {
    let coding = |offered: &Offered| {
        let (code, display) = (&offered.code, &offered.display);
        json!({ "system": base.answers(), "code": code, "display": display })
    };
    match read_value(fact, text).ok()? {
        Said::Unknown(reason) => {
            let value = match reason {
                Reason::NotKnown => "not known",
                Reason::Declined => "declined",
                Reason::Unable => "unable",
                _ => return None,
            };
            let offered = reasons(fact, Audience::Staff);
            let offered = offered.iter().find(|offered| offered.value == value)?;
            Some(Given::Unknown(coding(offered), reason))
        }
        Said::Value(value) => {
            Some(Given::Coding(coding(values(fact, Audience::Staff).get(value)?)))
        }
        Said::Between(..) => quantity(fact, text).map(Given::Quantity),
    }
}

/// `<5 mg/L` as a Quantity. The number keeps the digits it was written with.
fn quantity(fact: &Fact, text: &str) -> Option<Value> {
    let text = text.trim();
    let signs = [("≥", ">="), ("≤", "<="), (">=", ">="), ("<=", "<="), (">", ">"), ("<", "<")];
    let sign = signs.iter().find(|(written, _)| text.starts_with(written));
    let rest = sign.map_or(text, |(written, _)| text[written.len()..].trim_start());
    let end = rest.find(|sign: char| !(sign.is_ascii_digit() || matches!(sign, '.' | '-')));
    let (number, unit) = rest.split_at(end.unwrap_or(rest.len()));
    let unit = match unit.trim() {
        "" => fact.quantity()?.unit.as_str(),
        unit => unit,
    };
    let mut value = json!({ "value": decimal(number)?, "system": UCUM, "code": unit });
    match cauda_guideline::units::words(unit) {
        "" => {}
        words => value["unit"] = json!(words),
    }
    if let Some((_, comparator)) = sign {
        value["comparator"] = json!(comparator);
    }
    Some(value)
}

/// Digits that a `double` gives back as they were.
const DIGITS_MAX: usize = 15;

/// Decimal text as a number of JSON that says the same.
fn decimal(text: &str) -> Option<Number> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let number: Number = serde_json::from_str(text).ok().filter(|_| digits <= DIGITS_MAX)?;
    let written = number.to_string();
    // The number must be the same one afterwards, or it is not written at all.
    let exact = |text: &str| Decimal::parse(text)?.rational().plus(Rational::new(0, 1));
    (exact(&written)? == exact(text)?).then_some(number)
}

/// Codings of a fact: those of terminologies that the guideline names, then our own.
pub(crate) fn codes(base: &Base, fact: &Fact) -> Vec<Value> {
    let mut codes = codings(&fact.codes);
    codes.push(json!({ "system": base.findings(), "code": fact.id, "display": fact.staff }));
    codes
}

/// Codes of the guideline whose terminology has a known address; no other is written.
pub(crate) fn codings(codes: &[cauda_guideline::facts::Code]) -> Vec<Value> {
    let known = codes.iter().filter(|code| code.system == "LOINC");
    known
        .map(|code| json!({ "system": LOINC, "code": code.code, "display": code.display }))
        .collect()
}

/// Whether somebody of that role is asked about a fact.
pub(crate) fn is_asked(fact: &Fact, role: Role) -> bool {
    fact.asked_of.is_empty() || fact.asked_of.contains(&role)
}

/// With a capital first letter.
pub(crate) fn capital(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map_or(String::new(), |first| first.to_uppercase().chain(signs).collect())
}
