//! The answers of each question as a `ValueSet`, read from the forms, so that a
//! form and its value set cannot differ.

use std::collections::BTreeMap;

use cauda_fhir_service::Base;
use cauda_guideline::Guideline;
use serde_json::{Value, json};

use super::ids::{id, name};
use super::{Beside, head};

/// How deep items of a form may lie within each other.
const DEPTH_MAX: usize = 8;

/// One value set for each list of answers that some question of `forms` offers; it is
/// named by the first question that does.
pub(super) fn value_sets(
    base: &Base,
    guideline: &Guideline,
    beside: Beside,
    forms: &[Value],
) -> Vec<Value> {
    // The first form is the staff's, with every fact.
    let mut lists: Vec<(String, Vec<Value>)> = Vec::new();
    for form in forms.iter().take(1) {
        collect(form, 0, &mut lists);
    }
    let mut seen: BTreeMap<String, ()> = BTreeMap::new();
    lists.retain(|(_, codings)| {
        let codes = codings.iter().filter_map(|coding| coding.get("code")?.as_str());
        seen.insert(codes.collect::<Vec<_>>().join(" "), ()).is_none()
    });
    lists
        .into_iter()
        .map(|(fact, codings)| {
            let (id, name) = (id("answers", &fact), name("answers", &fact));
            let title = format!("Answers, as of {}", fact.replace('_', " "));
            let mut set = head(base, guideline, beside, ("ValueSet", &id, &name, &title));
            let concept =
                |coding: &Value| json!({ "code": coding["code"], "display": coding["display"] });
            set["compose"] = json!({ "include": [{
                "system": base.answers(),
                "concept": codings.iter().map(concept).collect::<Vec<_>>(),
            }] });
            set
        })
        .collect()
}

fn collect(from: &Value, depth: usize, lists: &mut Vec<(String, Vec<Value>)>) {
    let items = from.get("item").and_then(Value::as_array).filter(|_| depth < DEPTH_MAX);
    for item in items.into_iter().flatten() {
        let link = item.get("linkId").and_then(Value::as_str).unwrap_or_default();
        let options = item.get("answerOption").and_then(Value::as_array);
        let codings: Vec<Value> = options
            .into_iter()
            .flatten()
            .filter_map(|option| option.get("valueCoding").cloned())
            .collect();
        if !codings.is_empty() && !link.contains('/') {
            lists.push((link.to_string(), codings));
        }
        collect(item, depth + 1, lists);
    }
}
