//! What a client is asked to send along, and what has to be fetched because it did not.
//!
//! The templates hold to what CDS Hooks 2.0 lets every client resolve (R55 to R59): a read, or a
//! search by reference and token with `_count` and `_sort`, with tokens that are primitive fields
//! at the root of the context. A client without an encounter leaves that key out.

use cauda_fhir::Supplied;
use serde_json::Value;

use crate::outcome::operation_outcome;
use crate::request::{Context, HookRequest};

/// Most codes of observations that are asked for.
pub(crate) const CODES_MAX: usize = 60;

/// The keys, and the query of each. `observations` goes on with its codes.
pub const KEYS: [(&str, &str); 10] = [
    ("patient", "Patient/{{context.patientId}}"),
    ("encounter", "Encounter/{{context.encounterId}}"),
    ("conditions", "Condition?patient={{context.patientId}}&_sort=-recorded-date&_count=100"),
    ("observations", "Observation?patient={{context.patientId}}&_sort=-date&_count=100"),
    ("medications", "MedicationRequest?patient={{context.patientId}}&_sort=-authoredon&_count=100"),
    ("allergies", "AllergyIntolerance?patient={{context.patientId}}&_count=50"),
    ("procedures", "Procedure?patient={{context.patientId}}&_sort=-date&_count=50"),
    ("orders", "ServiceRequest?patient={{context.patientId}}&_sort=-authored&_count=50"),
    ("statements", "MedicationStatement?patient={{context.patientId}}&_count=100"),
    ("devices", "Device?patient={{context.patientId}}&_count=50"),
];

/// Data that did not come, and the query that would fetch it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingData {
    /// The key of the prefetch.
    pub key: &'static str,
    /// A query relative to the base of the FHIR server; `None` when the context lacks its token.
    pub query: Option<String>,
    /// Whether the client tried and failed, and did not only leave it out.
    pub failed: bool,
}

/// The templates with the codes of the observations that are wanted, at most 60 of them.
pub fn templates(observations: &[String]) -> Vec<(&'static str, String)> {
    let mut codes: Vec<&str> =
        observations.iter().map(String::as_str).filter(|code| is_code(code)).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.truncate(CODES_MAX);
    let full = |(key, query): (&'static str, &str)| {
        let query = if key == "observations" && !codes.is_empty() {
            query.replace("&_sort", &format!("&code={}&_sort", codes.join(",")))
        } else {
            query.to_string()
        };
        (key, query)
    };
    KEYS.into_iter().map(full).collect()
}

/// What of the prefetch is missing or failed. A key with `null` was asked for: it is not missing,
/// and it does not say that the patient has not got something.
pub(crate) fn missing(request: &HookRequest, observations: &[String]) -> Vec<MissingData> {
    let templates = templates(observations).into_iter();
    let open = templates.filter_map(|(key, template)| {
        let supplied = request.supplied(key);
        let failed = matches!(supplied, Supplied::Failed);
        let open = failed || matches!(supplied, Supplied::Absent);
        open.then(|| MissingData { key, query: resolve(&template, &request.context), failed })
    });
    open.collect()
}

fn resolve(template: &str, context: &Context) -> Option<String> {
    let mut query = template.replace("{{context.patientId}}", context.patient);
    if query.contains("{{context.encounterId}}") {
        query = query.replace("{{context.encounterId}}", context.encounter?);
    }
    (!query.contains("{{")).then_some(query)
}

/// The body of a 412: not even the patient is known, and nothing may be fetched (R54).
pub fn precondition_failed(missing: &[MissingData]) -> Value {
    let keys: Vec<String> = missing.iter().map(|data| format!("prefetch.{}", data.key)).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let text = "nothing is known of the patient; send prefetch.patient, or fhirServer with \
                fhirAuthorization";
    operation_outcome("required", text, &keys)
}

/// Whether a code can stand in a query as it is.
pub(crate) fn is_code(text: &str) -> bool {
    let plain = |sign: u8| sign.is_ascii_alphanumeric() || matches!(sign, b'-' | b'.');
    (1..=32).contains(&text.len()) && text.bytes().all(plain)
}
