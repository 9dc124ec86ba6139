//! The guideline as FHIR R4 knowledge artifacts (4.0.1, "Clinical Reasoning"):
//! the library, the plan, the activities it may ask for, the answers and forms.
//!
//! INVARIANT: nothing is said that the guideline does not say: no code, source or
//! date comes from here, and a guideline that nobody signed is a draft.

mod activity;
mod ids;
mod library;
mod plan;
mod terms;
mod words;

use std::collections::BTreeMap;

use cauda_fhir_service::{Base, Form, code_systems, questionnaire};
use cauda_guideline::Guideline;
use serde_json::{Value, json};

use crate::cql;
use crate::error::KnowledgeError;
pub use ids::activity_url;

/// Most bytes of one artifact.
pub const ARTIFACT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What the guideline's folder does not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beside<'a> {
    /// The library as ELM in JSON, from a translator; it goes in beside the CQL.
    pub elm: Option<&'a str>,
    /// The day the guideline was signed, `2027-01-31`; `None` while nobody has.
    pub signed_on: Option<&'a str>,
}

/// Every artifact, by its file, `PlanDefinition-back-pain.json`.
///
/// # Errors
/// A page that cannot be written as CQL, two artifacts of one id, or one beyond
/// [`ARTIFACT_BYTES_MAX`].
pub fn artifacts(
    base: &Base,
    guideline: &Guideline,
    beside: Beside,
) -> Result<BTreeMap<String, String>, KnowledgeError> {
    let text = cql::library(guideline)?;
    let mut made =
        vec![library::library(base, guideline, &text, beside), plan::plan(base, guideline, beside)];
    made.extend(activity::activities(base, guideline, beside)?);
    made.extend(code_systems(base, guideline));
    let forms = Form::all();
    let forms: Vec<Value> = forms.iter().map(|form| questionnaire(base, guideline, form)).collect();
    made.extend(terms::value_sets(base, guideline, beside, &forms));
    made.extend(forms);
    let mut files = BTreeMap::new();
    for resource in made {
        let word = |key: &str| resource.get(key).and_then(Value::as_str).unwrap_or_default();
        let file = format!("{}-{}.json", word("resourceType"), word("id"));
        let text = format!("{resource:#}\n");
        if text.len() > ARTIFACT_BYTES_MAX {
            return Err(KnowledgeError::TooLarge { file, bytes: text.len() });
        }
        let (id, second) = (file.clone(), word("title").to_string());
        if files.insert(file, text).is_some() {
            return Err(KnowledgeError::SameId { id, first: second.clone(), second });
        }
    }
    Ok(files)
}

/// What every artifact begins with.
fn head(
    base: &Base,
    guideline: &Guideline,
    beside: Beside,
    (kind, id, name, title): (&str, &str, &str, &str),
) -> Value {
    let draft = is_draft(guideline);
    let mut resource = json!({
        "resourceType": kind,
        "id": id,
        "url": format!("{}/{kind}/{id}", base.url()),
        "version": cauda_fhir_service::version(guideline),
        "name": name,
        "title": title,
        "status": if draft { "draft" } else { "active" },
        "experimental": draft,
    });
    if let Some(day) = beside.signed_on.filter(|_| !draft) {
        resource["approvalDate"] = json!(day);
    }
    resource
}

/// Whether nobody has signed it yet.
fn is_draft(guideline: &Guideline) -> bool {
    guideline.status.starts_with("draft")
}

/// The address of the library with its version.
fn library_canonical(base: &Base, guideline: &Guideline) -> String {
    let name = cql::library_name(guideline);
    format!("{}/Library/{name}|{}", base.url(), cauda_fhir_service::version(guideline))
}
