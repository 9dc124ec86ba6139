//! Sources and codes as FHIR writes them.

use cauda_guideline::Guideline;
use cauda_guideline::facts::Code;
use serde_json::{Value, json};

/// System of LOINC.
const LOINC: &str = "http://loinc.org";

/// The sources with these ids, each once, and how far each was read.
pub(super) fn citations<'a>(
    guideline: &Guideline,
    ids: impl IntoIterator<Item = &'a str>,
) -> Vec<Value> {
    let mut seen: Vec<&str> = Vec::new();
    for id in ids {
        if !seen.contains(&id) {
            seen.push(id);
        }
    }
    let listed = seen.into_iter().filter_map(|id| Some((id, guideline.sources.get(id)?)));
    listed
        .map(|(id, source)| {
            let year = source.year.map(|year| year.to_string());
            let parts = [source.authors.clone(), Some(source.title.clone()), year];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            json!({
                "type": "citation",
                "label": id,
                "display": source.title,
                "citation": format!(
                    "{}. How far it was read: {}.",
                    parts.join(". "),
                    source.read.words()
                ),
            })
        })
        .collect()
}

/// Codes of terminologies whose address is known for sure.
pub(super) fn codings(codes: &[Code]) -> Vec<Value> {
    let known = codes.iter().filter(|code| code.system == "LOINC");
    known
        .map(|code| json!({ "system": LOINC, "code": code.code, "display": code.display }))
        .collect()
}

/// Puts a list into a resource; FHIR has no empty lists.
pub(super) fn put(resource: &mut Value, key: &str, list: Vec<Value>) {
    if !list.is_empty() {
        resource[key] = Value::Array(list);
    }
}
