//! What a resource must be before it is kept: the rules of FHIR's JSON, and the elements that R4
//! requires of the types that a department writes. It is stricter than most servers.

use serde_json::{Map, Value};

/// Most bytes of one resource.
const RESOURCE_BYTES_MAX: usize = 262_144;
/// Levels that are walked; the reader lets in no more.
const DEPTH_MAX: usize = 40;

/// The types kept here.
pub(crate) const TYPES: [&str; 40] = [
    "ActivityDefinition",
    "AllergyIntolerance",
    "AuditEvent",
    "CarePlan",
    "ClinicalImpression",
    "Communication",
    "CommunicationRequest",
    "Condition",
    "Coverage",
    "DetectedIssue",
    "Device",
    "DeviceUseStatement",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "FamilyMemberHistory",
    "Flag",
    "GuidanceResponse",
    "ImagingStudy",
    "Immunization",
    "Library",
    "Location",
    "Medication",
    "MedicationAdministration",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Organization",
    "Patient",
    "PlanDefinition",
    "Practitioner",
    "PractitionerRole",
    "Procedure",
    "Provenance",
    "Questionnaire",
    "QuestionnaireResponse",
    "RelatedPerson",
    "RequestGroup",
    "ServiceRequest",
    "Task",
];

/// Elements with a cardinality of at least one. `value[x]` stands for any `value…`.
const REQUIRED: [(&str, &[&str]); 21] = [
    ("AllergyIntolerance", &["patient"]),
    ("AuditEvent", &["type", "recorded", "agent", "source"]),
    ("CarePlan", &["status", "intent", "subject"]),
    ("Communication", &["status"]),
    ("Condition", &["subject"]),
    ("DiagnosticReport", &["status", "code"]),
    ("Encounter", &["status", "class"]),
    ("GuidanceResponse", &["module[x]", "status"]),
    ("MedicationRequest", &["status", "intent", "medication[x]", "subject"]),
    ("MedicationStatement", &["status", "medication[x]", "subject"]),
    ("Observation", &["status", "code"]),
    ("PlanDefinition", &["status"]),
    ("Library", &["status", "type"]),
    ("Procedure", &["status", "subject"]),
    ("Provenance", &["target", "recorded", "agent"]),
    ("Questionnaire", &["status"]),
    ("QuestionnaireResponse", &["status"]),
    ("RequestGroup", &["status", "intent"]),
    ("ServiceRequest", &["status", "intent", "subject"]),
    ("Task", &["status", "intent"]),
    ("DocumentReference", &["status", "content"]),
];

/// Codes of required bindings.
const CODES: [(&str, &str, &[&str]); 9] = [
    ("ServiceRequest", "status", &REQUEST_STATUS),
    ("ServiceRequest", "intent", &REQUEST_INTENT),
    ("ServiceRequest", "priority", &PRIORITY),
    ("CarePlan", "status", &REQUEST_STATUS),
    ("RequestGroup", "status", &REQUEST_STATUS),
    ("RequestGroup", "intent", &REQUEST_INTENT),
    ("Task", "status", &TASK_STATUS),
    ("Observation", "status", &OBSERVATION_STATUS),
    ("QuestionnaireResponse", "status", &RESPONSE_STATUS),
];
const REQUEST_STATUS: [&str; 7] =
    ["draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"];
const REQUEST_INTENT: [&str; 9] = [
    "proposal",
    "plan",
    "directive",
    "order",
    "original-order",
    "reflex-order",
    "filler-order",
    "instance-order",
    "option",
];
const PRIORITY: [&str; 4] = ["routine", "urgent", "asap", "stat"];
const TASK_STATUS: [&str; 12] = [
    "draft",
    "requested",
    "received",
    "accepted",
    "rejected",
    "ready",
    "cancelled",
    "in-progress",
    "on-hold",
    "failed",
    "completed",
    "entered-in-error",
];
const OBSERVATION_STATUS: [&str; 8] = [
    "registered",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "cancelled",
    "entered-in-error",
    "unknown",
];
const RESPONSE_STATUS: [&str; 5] =
    ["in-progress", "completed", "amended", "entered-in-error", "stopped"];

/// Whether a text is an id of FHIR: 1 to 64 letters, digits, `-` and `.`.
pub(crate) fn is_id(text: &str) -> bool {
    let plain = |sign: u8| sign.is_ascii_alphanumeric() || matches!(sign, b'-' | b'.');
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

/// Looks at a resource.
///
/// # Errors
/// The first thing that is wrong, as a sentence without any value of it.
pub(crate) fn check(resource: &Value) -> Result<(), String> {
    let map = resource.as_object().ok_or("a resource is a JSON object")?;
    let kind = map.get("resourceType").and_then(Value::as_str).unwrap_or_default();
    if !TYPES.contains(&kind) {
        return Err("its resourceType is none of those kept here".to_owned());
    }
    if resource.to_string().len() > RESOURCE_BYTES_MAX {
        return Err(format!("it is larger than {RESOURCE_BYTES_MAX} bytes"));
    }
    if map.get("id").is_some_and(|id| !id.as_str().is_some_and(is_id)) {
        return Err("its id is not 1 to 64 letters, digits, - or .".to_owned());
    }
    filled(resource, "", 0)?;
    let required = REQUIRED.iter().find(|(of, _)| *of == kind).map_or(&[][..], |(_, all)| all);
    if let Some(missing) = required.iter().find(|name| !has(map, name)) {
        return Err(format!("{kind}.{missing} is required"));
    }
    let wrong = CODES.iter().find(|(of, name, codes)| {
        let said = map.get(*name).map(|value| value.as_str().unwrap_or_default());
        *of == kind && said.is_some_and(|said| !codes.contains(&said))
    });
    wrong.map_or(Ok(()), |(_, name, _)| Err(format!("{kind}.{name} is no code of its value set")))
}

fn has(map: &Map<String, Value>, name: &str) -> bool {
    match name.strip_suffix("[x]") {
        Some(stem) => map.keys().any(|key| {
            key.strip_prefix(stem).is_some_and(|rest| rest.starts_with(|c: char| c.is_uppercase()))
        }),
        None => map.contains_key(name),
    }
}

/// Nothing in FHIR's JSON is empty or `null`, except for gaps in a list of primitives.
fn filled(value: &Value, at: &str, depth: usize) -> Result<(), String> {
    if depth > DEPTH_MAX {
        return Err("it is too deep".to_owned());
    }
    let empty = |what: &str| Err(format!("{} is {what}", at.trim_start_matches('.')));
    match value {
        Value::Null => empty("null"),
        Value::String(text) if text.trim().is_empty() => empty("an empty text"),
        Value::Array(list) if list.is_empty() => empty("an empty list"),
        Value::Object(map) if map.is_empty() => empty("an empty object"),
        Value::Array(list) => {
            let whole = list.iter().filter(|one| !one.is_null());
            whole.clone().next().map_or_else(|| empty("a list of nothing"), |_| Ok(()))?;
            whole.into_iter().try_for_each(|one| filled(one, at, depth + 1))
        }
        Value::Object(map) => {
            map.iter().try_for_each(|(name, one)| filled(one, &format!("{at}.{name}"), depth + 1))
        }
        _ => Ok(()),
    }
}

/// Every text under a name `reference`, with its place for change.
pub(crate) fn references(value: &mut Value, see: &mut dyn FnMut(&mut String)) {
    match value {
        Value::Object(map) => {
            for (name, one) in map.iter_mut() {
                match one {
                    Value::String(text) if name == "reference" => see(text),
                    one => references(one, see),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|one| references(one, see)),
        _ => {}
    }
}
