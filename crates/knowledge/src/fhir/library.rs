//! The CQL library as a `Library`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cauda_fhir_service::Base;
use cauda_guideline::Guideline;
use cauda_guideline::facts::Kind;
use serde_json::{Value, json};

use super::words::{citations, put};
use super::{Beside, head};
use crate::cql::{CANNOT_BE_HAD, define_of, library_name, parameter};

/// What the library answers for all pages together, with the type of each.
const ANSWERS: [(&str, &str); 8] = [
    ("at least", "string"),
    ("at most", "string"),
    ("urgency", "string"),
    ("first_step", "string"),
    ("disposition", "string"),
    ("conflict", "boolean"),
    ("in scope", "boolean"),
    ("decided", "boolean"),
];

pub(super) fn library(base: &Base, guideline: &Guideline, cql: &str, beside: Beside) -> Value {
    let name = library_name(guideline);
    let about = (("Library"), name.as_str(), name.as_str(), guideline.title.as_str());
    let mut library = head(base, guideline, beside, about);
    library["type"] = json!({ "coding": [{
        "system": "http://terminology.hl7.org/CodeSystem/library-type",
        "code": "logic-library",
    }] });
    library["description"] = json!(format!(
        "The guideline as CQL 1.5. {}. Made from the pages with SHA-256 {}. Unknown is null and \
         never false. The clinician decides.",
        guideline.status, guideline.sha256
    ));
    let ids = guideline.sources.keys().map(String::as_str);
    put(&mut library, "relatedArtifact", citations(guideline, ids));
    library["parameter"] = Value::Array(parameters(guideline));
    let content = |kind: &str, text: &str| json!({ "contentType": kind, "data": BASE64_STANDARD.encode(text) });
    let mut contents = vec![content("text/cql", cql)];
    contents.extend(beside.elm.map(|elm| content("application/elm+json", elm)));
    library["content"] = Value::Array(contents);
    library
}

fn parameters(guideline: &Guideline) -> Vec<Value> {
    let given = |name: &str, max: &str, kind: &str, words: &str| {
        json!({
            "name": name,
            "use": "in",
            "min": 0,
            "max": max,
            "documentation": words,
            "type": kind,
        })
    };
    let answer = |name: &str, kind: &str| json!({ "name": name, "use": "out", "min": 0, "max": "1", "type": kind });
    let mut all: Vec<Value> = Vec::new();
    for (_, fact) in guideline.entered_facts() {
        let (kind, told) = match &fact.kind {
            Kind::Named { values, .. } => ("string", values.join(", ")),
            Kind::Quantity(of) => ("Range", format!("in {}", of.unit)),
        };
        all.push(given(&parameter(fact), "1", kind, &format!("{}: {told}", fact.staff)));
    }
    let told = "Facts asked for that cannot be had, as facts/<name>";
    all.push(given(CANNOT_BE_HAD, "*", "string", told));
    all.extend(ANSWERS.iter().map(|(name, kind)| answer(name, kind)));
    for loaded in &guideline.pages {
        match loaded.kind.is_concern() {
            true => all.push(answer(&define_of(&loaded.id, "state"), "string")),
            false => all.push(answer(&loaded.id, "boolean")),
        }
    }
    all
}
