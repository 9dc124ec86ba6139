//! `Observation`: a quantity or an answer in codes, of the whole or of a component.
//!
//! `interpretation` and `referenceRange` are not used: what is dangerous is the guideline's to say.

use cauda_fhir::{Quantity, Reference, Resource};
use serde_json::Value;

use crate::chart::Why;
use crate::codes::{codes_of, coding, matching};
use crate::gather::{Gather, Says, Told};
use crate::standing::{self, Whose};
use crate::table::{CodeRow, Kind, Row, Table};
use crate::when::{self, When};

/// Most components that are looked at.
const COMPONENTS_MAX: usize = 200;
/// The system of UCUM.
const UCUM: &str = "http://unitsofmeasure.org";

/// The whole, or a component: what is looked at for a code and a value.
struct Part<'a> {
    resource: Resource<'a>,
    json: &'a Value,
    when: When,
    doubt: Option<Why>,
}

pub(crate) fn read(
    table: &Table,
    resource: &Resource<'_>,
    whose: Whose,
    patient: Option<&str>,
    gather: &mut Gather<'_>,
) {
    let mut doubt = standing::doubt(resource, whose);
    match resource.text("status") {
        Some("final" | "amended" | "corrected") => {}
        Some("cancelled" | "entered-in-error") => {
            return gather.ignore(resource, None, Why::Status);
        }
        _ => doubt = doubt.or(Some(Why::StatusNotFinal)),
    }
    match focus(resource, patient) {
        Whose::Patients => {}
        Whose::Unsaid => doubt = doubt.or(Some(Why::SubjectNotSaid)),
        Whose::Others => return gather.ignore(resource, None, Why::AnotherSubject),
    }
    let when = when::choice(resource, "effective");
    let part = |json| Part { resource: *resource, json, when, doubt };
    let mut known = tell(table, &part(resource.json()), gather);
    for component in resource.list("component").into_iter().take(COMPONENTS_MAX) {
        known |= tell(table, &part(component), gather);
    }
    if !known {
        gather.count("Observation");
    }
}

/// Whom the value is about, if that is not the subject. `null` may have been somebody else.
fn focus(resource: &Resource<'_>, patient: Option<&str>) -> Whose {
    if resource.json().get("focus").is_none() {
        return Whose::Patients;
    }
    let list = resource.list("focus");
    let whose = |value: &&Value| match Reference::read(value) {
        None => Whose::Unsaid,
        Some(_) => standing::whose(Some(value), patient),
    };
    let all: Vec<Whose> = list.iter().map(whose).collect();
    match () {
        () if all.contains(&Whose::Others) => Whose::Others,
        () if all.is_empty() || all.contains(&Whose::Unsaid) => Whose::Unsaid,
        () => Whose::Patients,
    }
}

/// Tells what a part says. Whether a row knows its code.
fn tell(table: &Table, part: &Part<'_>, gather: &mut Gather<'_>) -> bool {
    let codes = codes_of(part.json.get("code"));
    let matched = |kind: Kind| table.taking(kind, &codes);
    let (measured, coded) = (matched(Kind::Measured), matched(Kind::Coded));
    let mut facts: Vec<&str> =
        measured.iter().chain(&coded).map(|(row, _)| row.fact.as_str()).collect();
    facts.sort_unstable();
    facts.dedup();
    // Codes of two facts: both dangers count, and neither reassures.
    let mut doubt = part.doubt.or((facts.len() > 1).then_some(Why::Contradictory));
    if let Some(absent) = part.json.get("dataAbsentReason") {
        if is_reason(absent) {
            for (_, code) in measured.iter().chain(&coded) {
                gather.ignore(&part.resource, Some(&code.display), Why::NoValue);
            }
            return !facts.is_empty();
        }
        // A reason that says nothing takes no danger away, and the value does not reassure.
        doubt = doubt.or(Some(Why::NoValue));
    }
    for (row, code) in measured {
        measure(part, row, code, doubt, gather);
    }
    for (row, code) in coded {
        answer(part, row, code, doubt, gather);
    }
    !facts.is_empty()
}

/// Whether it says why there is no value, in a code or in words.
fn is_reason(absent: &Value) -> bool {
    let words = absent.get("text").and_then(Value::as_str);
    let codings = absent.get("coding").and_then(Value::as_array);
    words.is_some_and(|words| !words.trim().is_empty())
        || codings.is_some_and(|all| all.iter().any(|one| coding(one).is_some()))
}

fn measure(
    part: &Part<'_>,
    row: &Row,
    code: &CodeRow,
    doubt: Option<Why>,
    gather: &mut Gather<'_>,
) {
    let label = code.display.as_str();
    let ignore = |gather: &mut Gather<'_>, why| gather.ignore(&part.resource, Some(label), why);
    let told =
        |says| Told { fact: &row.fact, says, when: part.when, within: row.within, doubt, label };
    let Some(value) = part.json.get("valueQuantity").filter(|value| !value.is_null()) else {
        let whole = part.json.get("valueInteger").and_then(Value::as_u64).filter(|_| row.bare);
        let Some(whole) = whole else { return ignore(gather, Why::NoValue) };
        let number = whole.to_string();
        let says = Says::Number { comparator: None, number: &number, unit: None };
        return gather.tell(&part.resource, told(says));
    };
    let Some(quantity) = Quantity::read(value) else { return ignore(gather, Why::NotReadable) };
    let Some(unit) = unit_of(&quantity, &row.units) else { return ignore(gather, Why::Unit) };
    let says = Says::Number {
        comparator: quantity.comparator,
        number: &quantity.number,
        unit: (!row.bare).then_some(unit),
    };
    gather.tell(&part.resource, told(says));
}

/// The unit, if it is one of those accepted: by its code, or as it is written where it has none.
pub(crate) fn unit_of<'a>(quantity: &Quantity<'_>, accepted: &'a [String]) -> Option<&'a str> {
    if quantity.system.is_some_and(|system| system != UCUM) {
        return None;
    }
    let written = quantity.code.or(quantity.unit)?;
    accepted.iter().map(String::as_str).find(|unit| *unit == written)
}

fn answer(part: &Part<'_>, row: &Row, code: &CodeRow, doubt: Option<Why>, gather: &mut Gather<'_>) {
    let label = code.display.as_str();
    let value = part.json.get("valueCodeableConcept");
    let said = codes_of(value);
    let matched = |answer: &&CodeRow| matching(std::slice::from_ref(*answer), &said).is_some();
    let mut values: Vec<&str> =
        row.answers.iter().filter(matched).filter_map(|answer| answer.value.as_deref()).collect();
    values.sort_unstable();
    values.dedup();
    if values.is_empty() {
        let is_coded = value.and_then(|value| value.get("coding")).is_some();
        let why = if is_coded { Why::AnswerNotKnown } else { Why::NoValue };
        return gather.ignore(&part.resource, Some(label), why);
    }
    let doubt = doubt.or((values.len() > 1).then_some(Why::Contradictory));
    for value in values {
        let says = Says::Named(value);
        let (when, within) = (part.when, row.within);
        gather.tell(&part.resource, Told { fact: &row.fact, says, when, within, doubt, label });
    }
}
