//! `QuestionnaireResponse/$extract` (SDC, "Observation-based extraction"): a transaction with one
//! Observation for each answer, none for a question that was passed over.

use cauda_fhir::{Reference, Resource};
use cauda_guideline::{Guideline, time};
use serde_json::{Value, json};

use crate::about::reference;
use crate::answer::given;
use crate::answered::{authored, response_of};
use crate::id::{urn, uuid};
use crate::observation::{begin, put_value};
use crate::{
    About, Answered, Issue, ServiceError, findings_of_response, operation_outcome, provenance,
};

/// What was taken out of a response.
#[derive(Clone, Debug, PartialEq)]
pub struct Extracted {
    /// A `Bundle` of type transaction; `None` when no answer was read, for an empty transaction
    /// is nothing to send.
    pub bundle: Option<Value>,
    /// An `OperationOutcome`: what was not read.
    pub issues: Value,
}

/// The answers of a finished response as Observations, with their Provenance. Doing it twice
/// writes nothing twice: each Observation carries an identifier made of response, question and
/// answer, and is created only where there is none of it.
///
/// # Errors
/// As [`findings_of_response`]; [`ServiceError::OtherSubject`] for a response about another
/// patient, [`ServiceError::DoesNotCount`] for one that is still in progress.
pub fn extract(
    about: &About,
    guideline: &Guideline,
    response: &Value,
) -> Result<Extracted, ServiceError> {
    let resource = response_of(response)?;
    crate::populate::same_subject(about, &resource)?;
    if resource.text("status") == Some("in-progress") {
        return Err(ServiceError::DoesNotCount("in-progress"));
    }
    let read = findings_of_response(about.base(), guideline, response)?;
    let issued = authored(&resource).ok_or(ServiceError::NoAuthored)?;
    let whole = serde_json::to_string(response).unwrap_or_default();
    // Without an id the response goes along, so that the Observations can point at it.
    let (of, goes_along) = match resource.id() {
        Some(id) => (format!("QuestionnaireResponse/{id}"), false),
        None => (urn(&[about.subject(), &whole]), true),
    };
    let from = From { about, guideline, resource: &resource, of: &of, issued };
    let mut issues: Vec<Issue> = read.issues.clone();
    let mut entries = Vec::new();
    let mut targets = Vec::new();
    for answer in &read.answered {
        match from.observation(answer) {
            Some((url, entry)) if !targets.contains(&url) => {
                targets.push(url);
                entries.push(entry);
            }
            Some(_) => {}
            None => issues.push(Issue::warning("value", "an answer cannot be written exactly")),
        }
    }
    let issues = operation_outcome(&issues);
    if entries.is_empty() {
        return Ok(Extracted { bundle: None, issues });
    }
    if goes_along {
        let key = uuid(&[about.subject(), &whole]);
        let identifier = json!({ "system": about.base().identifiers(), "value": key });
        let mut copy = response.clone();
        copy["identifier"] = identifier;
        entries.insert(0, entry(about, &of, copy, &key));
    }
    let key = uuid(&[about.subject(), &of, "Provenance", &whole]);
    let mut made = provenance(about, guideline, &targets, std::slice::from_ref(&of));
    tag(about, &mut made, &key);
    entries.push(entry(about, &format!("urn:uuid:{key}"), made, &key));
    let bundle = json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries });
    Ok(Extracted { bundle: Some(bundle), issues })
}

struct From<'a> {
    about: &'a About<'a>,
    guideline: &'a Guideline,
    resource: &'a Resource<'a>,
    of: &'a str,
    issued: i64,
}

impl From<'_> {
    /// One answer as an entry, with its address inside the Bundle.
    fn observation(&self, answer: &Answered) -> Option<(String, Value)> {
        let about = self.about;
        let fact = &self.guideline.facts[self.guideline.fact(&answer.fact)?];
        let given = given(about.base(), fact, &answer.value)?;
        let key = uuid(&[about.subject(), self.of, &answer.fact, &answer.value]);
        let mut observation = begin(about, about.base(), fact);
        put_value(&mut observation, given);
        observation["identifier"] = json!([{ "system": about.base().identifiers(), "value": key }]);
        observation["effectiveDateTime"] = json!(time::write(answer.at));
        observation["issued"] = json!(time::write(self.issued));
        if observation.get("encounter").is_none()
            && let Some(encounter) = self.resource.field("encounter")
        {
            observation["encounter"] = encounter.clone();
        }
        // Whoever filled in the form did not see what came from the record.
        let author = self.resource.field("author").filter(|_| answer.source.is_none());
        if let Some(author) = author {
            observation["performer"] = json!([author]);
        }
        let mut from = vec![reference(self.of)];
        let is_observation =
            |source: &&str| Reference::parse(source).is_some_and(|to| to.kind == "Observation");
        from.extend(answer.source.as_deref().filter(is_observation).map(reference));
        observation["derivedFrom"] = json!(from);
        let url = format!("urn:uuid:{key}");
        Some((url.clone(), entry(about, &url, observation, &key)))
    }
}

/// An entry that creates a resource unless there is one with that key.
pub(crate) fn entry(about: &About, url: &str, resource: Value, key: &str) -> Value {
    let kind = resource["resourceType"].as_str().unwrap_or_default().to_owned();
    // A Provenance has no identifier to search for, so it carries its key as a tag.
    let by = if kind == "Provenance" { "_tag" } else { "identifier" };
    json!({
        "fullUrl": url,
        "resource": resource,
        "request": {
            "method": "POST",
            "url": kind,
            "ifNoneExist": format!("{by}={}|{key}", about.base().identifiers()),
        },
    })
}

/// Tags a resource with its key.
pub(crate) fn tag(about: &About, resource: &mut Value, key: &str) {
    resource["meta"] = json!({ "tag": [{ "system": about.base().identifiers(), "code": key }] });
}
