//! `OperationOutcome` of FHIR R4 for what went wrong (CDS Hooks 3.0, "Returning OperationOutcome").

use serde_json::{Value, json};

/// An `OperationOutcome` with one issue of severity `error`: its code, a sentence, and the places
/// in the request that it is about. Nothing of the patient belongs in any of them.
pub fn operation_outcome(code: &str, text: &str, places: &[&str]) -> Value {
    let mut issue = json!({
        "severity": "error",
        "code": code,
        "details": { "text": text },
    });
    if !places.is_empty() {
        issue["diagnostics"] = Value::String(places.join(", "));
    }
    json!({ "resourceType": "OperationOutcome", "issue": [issue] })
}
