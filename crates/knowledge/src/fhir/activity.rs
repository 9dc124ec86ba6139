//! What pages may ask for, a phrase an `ActivityDefinition`: a picture is a
//! `ServiceRequest`, everything else a `Task`. Both are proposals.

use cauda_fhir_service::Base;
use cauda_guideline::Guideline;
use cauda_guideline::vocabulary::Phrase;
use serde_json::{Value, json};

use super::ids::{id, name};
use super::words::{citations, codings, put};
use super::{Beside, head, library_canonical};
use crate::error::KnowledgeError;

/// Lists of the vocabulary whose phrases are something to do.
pub(super) const LISTS: [&str; 6] = ["image", "action", "call", "refer", "offer", "scan"];

pub(super) fn activities(
    base: &Base,
    guideline: &Guideline,
    beside: Beside,
) -> Result<Vec<Value>, KnowledgeError> {
    let mut made: Vec<(String, String, Value)> = Vec::new();
    for (list, entries) in guideline.vocabulary.lists().filter(|(list, _)| LISTS.contains(list)) {
        for (entry, _, phrase) in entries {
            let (id, of) = (id(list, entry), format!("{list}/{entry}"));
            if let Some((_, first, _)) = made.iter().find(|(known, ..)| *known == id) {
                let first = first.clone();
                return Err(KnowledgeError::SameId { id, first, second: of });
            }
            let about = ("ActivityDefinition", id.as_str(), &*name(list, entry), &*phrase.staff);
            let resource = activity(head(base, guideline, beside, about), guideline, list, phrase);
            made.push((id.clone(), of, with_library(resource, base, guideline)));
        }
    }
    Ok(made.into_iter().map(|(.., resource)| resource).collect())
}

fn activity(mut resource: Value, guideline: &Guideline, list: &str, phrase: &Phrase) -> Value {
    let is_image = list == "image";
    resource["kind"] = json!(if is_image { "ServiceRequest" } else { "Task" });
    resource["intent"] = json!("proposal");
    let mut code = json!({ "text": phrase.staff });
    put(&mut code, "coding", codings(&phrase.codes));
    resource["code"] = code;
    let said = [
        ("Region", &phrase.region),
        ("Contrast", &phrase.contrast),
        ("At least", &phrase.protocol),
        ("Cannot show", &phrase.limits),
        ("Within", &phrase.within),
    ];
    let said: Vec<String> = said
        .iter()
        .filter_map(|(what, words)| Some(format!("{what}: {}.", words.as_ref()?)))
        .collect();
    if !said.is_empty() {
        resource["description"] = json!(said.join(" "));
    }
    put(
        &mut resource,
        "relatedArtifact",
        citations(guideline, phrase.sources.iter().map(String::as_str)),
    );
    resource
}

fn with_library(mut resource: Value, base: &Base, guideline: &Guideline) -> Value {
    resource["library"] = json!([library_canonical(base, guideline)]);
    resource
}
