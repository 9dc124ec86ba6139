//! An answer of the FHIR server: a resource with its status, or an `OperationOutcome`.

use serde_json::{Value, json};

/// Why something was not done: HTTP status, code of `issue-type`, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) text: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str, text: impl Into<String>) -> Refusal {
        Refusal { status, code, text: text.into() }
    }

    pub(crate) fn outcome(&self) -> Value {
        outcome(self.code, &self.text)
    }
}

/// An answer before it is bytes.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `None` is an answer without a body.
    pub(crate) body: Option<Value>,
    /// Path below the base of what was made.
    pub(crate) location: Option<String>,
    pub(crate) version: Option<String>,
}

impl Answer {
    pub(crate) fn ok(body: Value) -> Answer {
        let version = version(&body);
        Answer { status: 200, body: Some(body), location: None, version }
    }

    pub(crate) fn made(body: Value) -> Answer {
        let location = address(&body).zip(version(&body));
        let location = location.map(|(place, version)| format!("{place}/_history/{version}"));
        Answer { status: 201, location, ..Answer::ok(body) }
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Answer {
        let body = Some(refusal.outcome());
        Answer { status: refusal.status, body, location: None, version: None }
    }
}

/// An `OperationOutcome` with one error.
pub(crate) fn outcome(code: &str, text: &str) -> Value {
    json!({
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": code, "details": {"text": text}}],
    })
}

/// `Type/id` of a resource that has both.
pub(crate) fn address(resource: &Value) -> Option<String> {
    let text = |name: &str| resource.get(name).and_then(Value::as_str);
    Some(format!("{}/{}", text("resourceType")?, text("id")?))
}

/// The version of a resource.
pub(crate) fn version(resource: &Value) -> Option<String> {
    Some(resource.pointer("/meta/versionId")?.as_str()?.to_owned())
}
