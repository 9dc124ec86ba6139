//! `Patient`: who it is, and the age.

use cauda_fhir::{Moment, Resource};
use serde_json::Value;

use crate::age;
use crate::chart::{Block, PatientRead, Why};
use crate::gather::{Gather, Says, Told};
use crate::standing::is_marked;
use crate::when::When;

/// Most identifiers that are kept.
const IDENTIFIERS_MAX: usize = 20;
/// Longest text that is kept of a name or an identifier, in bytes.
const TEXT_MAX: usize = 200;
/// The fact and its label in lists.
pub(crate) const AGE: &str = "age";
const LABEL: &str = "Date of birth";

/// Who the patient is.
pub(crate) fn read(resource: &Resource<'_>, now: i64) -> Option<PatientRead> {
    let id = resource.id()?.to_owned();
    let identifiers = resource.list("identifier").into_iter().take(IDENTIFIERS_MAX);
    let identifiers = identifiers
        .filter(|identifier| is_in_use(identifier, now))
        .filter_map(|identifier| Some((text(identifier, "system")?, text(identifier, "value")?)));
    Some(PatientRead {
        id,
        identifiers: identifiers.collect(),
        name: name(resource),
        birth: resource.text("birthDate").and_then(short),
        gender: resource.text("gender").and_then(short),
        deceased: is_surely_dead(resource, now),
    })
}

/// What the patient's own resource says against any reassurance.
pub(crate) fn blocks(resource: &Resource<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    if is_dead(resource) {
        blocks.push(Block::Deceased);
    }
    let stays = |link: &Value| {
        matches!(text(link, "type").as_deref(), Some("replaces" | "refer" | "seealso"))
    };
    if !resource.list("link").into_iter().all(stays) {
        blocks.push(Block::Replaced);
    }
    blocks
}

/// The age in completed years. An age in doubt is not told at all: without one nothing reassures.
pub(crate) fn tell_age(resource: &Resource<'_>, gather: &mut Gather<'_>) {
    let Some(birth) = resource.text("birthDate") else { return };
    if is_marked(resource.json(), 0) {
        return gather.ignore(resource, Some(LABEL), Why::MeaningMayBeChanged);
    }
    let Some((least, greatest)) = age::years(birth, gather.now) else {
        return gather.ignore(resource, Some(LABEL), Why::NotReadable);
    };
    let comparator = (least != greatest).then_some(cauda_fhir::Comparator::AtLeast);
    let number = least.to_string();
    let says = Says::Number { comparator, number: &number, unit: Some("a") };
    gather.tell_whole(
        resource,
        Told { fact: AGE, says, when: When::default(), within: None, doubt: None, label: LABEL },
    );
}

/// Whether a number is the patient's now: an old one may be somebody else's by this time.
fn is_in_use(identifier: &Value, now: i64) -> bool {
    let over = identifier.get("period").and_then(|period| period.get("end"));
    let over = over.is_some_and(|end| {
        let end = end.as_str().and_then(Moment::read);
        end.is_none_or(|end| end.earliest <= now)
    });
    !over && !matches!(text(identifier, "use").as_deref(), Some("old" | "temp"))
}

/// Dead beyond doubt: a plain yes, or a time of death that is past. What is odd keeps from
/// reassuring, and silences no alarm.
fn is_surely_dead(resource: &Resource<'_>, now: i64) -> bool {
    let at = resource.json().get("deceasedDateTime").and_then(Value::as_str);
    let past = at.and_then(Moment::read).is_some_and(|at| at.latest <= now);
    past || resource.json().get("deceasedBoolean") == Some(&Value::Bool(true))
}

/// Dead, or recorded with something that is neither yes nor no.
fn is_dead(resource: &Resource<'_>) -> bool {
    let said = |field: &str| match resource.json().get(field) {
        None | Some(Value::Bool(false)) => false,
        Some(_) => true,
    };
    said("deceasedBoolean") || said("deceasedDateTime")
}

fn name(resource: &Resource<'_>) -> Option<String> {
    let names = resource.list("name");
    let official = names.iter().find(|name| text(name, "use").as_deref() == Some("official"));
    let name = official.or(names.first())?;
    if let Some(whole) = text(name, "text") {
        return Some(whole);
    }
    let given = name.get("given").and_then(Value::as_array).into_iter().flatten();
    let given = given.filter_map(Value::as_str).take(4).map(str::to_owned);
    let parts: Vec<String> = given.chain(text(name, "family")).collect();
    if parts.is_empty() { None } else { short(&parts.join(" ")) }
}

fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field).and_then(Value::as_str).and_then(short)
}

fn short(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.len() <= TEXT_MAX).then(|| text.to_owned())
}
