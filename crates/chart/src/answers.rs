//! `QuestionnaireResponse`: answers to our own questionnaire, whose link ids are ids of facts.
//!
//! An answer is a code of ours, or a quantity in a unit of the fact. A boolean says nothing here:
//! it cannot tell "no" from "not asked".

use cauda_fhir::{Quantity, Resource};
use cauda_guideline::Guideline;
use cauda_guideline::facts::{Fact, Kind};
use serde_json::Value;

use crate::chart::Why;
use crate::codes::coding;
use crate::gather::{Gather, Says, Told};
use crate::observation::unit_of;
use crate::patient::AGE;
use crate::standing::{self, Whose};
use crate::when::{self, When};

/// Most items that are looked at, and how deep.
const ITEMS_MAX: usize = 2_000;
const DEPTH_MAX: usize = 12;

pub(crate) fn read(
    base: Option<&str>,
    resource: &Resource<'_>,
    whose: Whose,
    gather: &mut Gather<'_>,
) {
    let canonical = resource.text("questionnaire").unwrap_or_default();
    let (address, version) = match canonical.split_once('|') {
        Some((address, version)) => (address, Some(version)),
        None => (canonical, None),
    };
    let ours = base.filter(|base| address.starts_with(&format!("{base}/Questionnaire/")));
    let Some(base) = ours else { return gather.count("QuestionnaireResponse") };
    let mut doubt = standing::doubt(resource, whose);
    match resource.text("status") {
        Some("completed" | "amended") => {}
        Some("entered-in-error") => return gather.ignore(resource, None, Why::Status),
        _ => doubt = doubt.or(Some(Why::StatusNotFinal)),
    }
    if version != Some(version_of(gather.guideline).as_str()) {
        doubt = doubt.or(Some(Why::AnotherQuestionnaire));
    }
    let guideline = gather.guideline;
    let answers = format!("{base}/CodeSystem/answers");
    let when = when::date(resource, "authored");
    // Of one that is too long nobody knows what was cut, so nothing of it reassures.
    if count(&resource.list("item"), 0) > ITEMS_MAX {
        doubt = doubt.or(Some(Why::Contradictory));
        gather.dropped += 1;
    }
    let mut left = ITEMS_MAX;
    let mut open: Vec<(&Value, usize)> =
        resource.list("item").into_iter().map(|item| (item, 0)).collect();
    while let Some((item, depth)) = open.pop() {
        if left == 0 {
            gather.dropped += 1;
            return;
        }
        left -= 1;
        if depth < DEPTH_MAX {
            let inner = item.get("item").and_then(Value::as_array);
            open.extend(inner.into_iter().flatten().map(|item| (item, depth + 1)));
        }
        let link = item.get("linkId").and_then(Value::as_str).unwrap_or_default();
        // The age is the patient's date of birth: a second word on it would only blur the first.
        let mut facts = guideline.entered_facts().filter(|(_, fact)| fact.id != AGE);
        let fact = facts.find(|(_, fact)| fact.id == link);
        if let Some((_, fact)) = fact {
            tell(resource, fact, item, (&answers, when, doubt), gather);
        }
    }
}

/// Items with all that is inside them, as far as they are looked at.
fn count(items: &[&Value], depth: usize) -> usize {
    if depth > DEPTH_MAX {
        return 0;
    }
    let inner = |item: &&Value| {
        let inner = item.get("item").and_then(Value::as_array);
        let inner: Vec<&Value> = inner.into_iter().flatten().take(ITEMS_MAX + 1).collect();
        count(&inner, depth + 1)
    };
    items.len() + items.iter().map(inner).sum::<usize>()
}

/// The version of our questionnaires: the guideline's own, and the hash of its bytes.
fn version_of(guideline: &Guideline) -> String {
    format!("{}+{}", guideline.version, guideline.sha256)
}

fn tell(
    resource: &Resource<'_>,
    fact: &Fact,
    item: &Value,
    (answers, when, doubt): (&str, When, Option<Why>),
    gather: &mut Gather<'_>,
) {
    let given = match item.get("answer") {
        Some(Value::Array(list)) => list.iter().take(ITEMS_MAX).collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one],
    };
    // Two answers to one question: both dangers count, and neither reassures.
    let doubt = doubt.or((given.len() > 1).then_some(Why::Contradictory));
    for answer in given {
        let told =
            |says| Told { fact: &fact.id, says, when, within: None, doubt, label: &fact.staff };
        let code = answer.get("valueCoding").and_then(coding);
        let quantity = answer.get("valueQuantity").and_then(Quantity::read);
        match (&fact.kind, code, quantity) {
            (Kind::Named { .. }, Some(code), None) if code.system == answers => {
                match fact.value_index(code.code) {
                    Some(_) => gather.tell(resource, told(Says::Named(code.code))),
                    None => gather.ignore(resource, Some(&fact.staff), Why::AnswerNotKnown),
                }
            }
            (Kind::Quantity(of), None, Some(quantity)) => {
                let Some(unit) = unit_of(&quantity, &of.accepts) else {
                    gather.ignore(resource, Some(&fact.staff), Why::Unit);
                    continue;
                };
                let (comparator, number) = (quantity.comparator, quantity.number.as_str());
                let says = Says::Number { comparator, number, unit: Some(unit) };
                gather.tell(resource, told(says));
            }
            _ => gather.ignore(resource, Some(&fact.staff), Why::AnswerNotKnown),
        }
    }
}
