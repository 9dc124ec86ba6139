//! Whether a resource stands: its status, whom it is about, and whether something in it may change
//! what the rest means.

use cauda_fhir::{Reference, Resource};
use serde_json::Value;

use crate::chart::Why;

/// Deepest level that is looked through for marks.
const DEPTH_MAX: usize = 40;
/// Elements that may change the meaning of everything beside them (FHIR R4, "Extensibility" and
/// "Resource"). The name alone counts, whatever stands under it.
const MARKS: [&str; 2] = ["modifierExtension", "implicitRules"];

/// Whose a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The patient's.
    Patients,
    /// It does not say, or not in a way that can be checked.
    Unsaid,
    /// Somebody else's.
    Others,
}

/// Whose a resource is, by one of its fields.
pub(crate) fn whose(value: Option<&Value>, patient: Option<&str>) -> Whose {
    let Some(reference) = value.and_then(Reference::read) else { return Whose::Unsaid };
    match patient {
        _ if reference.kind != "Patient" => Whose::Others,
        Some(id) if id != reference.id => Whose::Others,
        Some(_) if is_relative(value) => Whose::Patients,
        // The same id at an address that is not known to be this server's.
        _ => Whose::Unsaid,
    }
}

fn is_relative(value: Option<&Value>) -> bool {
    let text = value.and_then(|value| value.get("reference")).and_then(Value::as_str);
    text.is_some_and(|text| text.trim().starts_with("Patient/") && !text.contains("://"))
}

/// What takes the reassuring side away from a resource before its status is looked at.
pub(crate) fn doubt(resource: &Resource<'_>, whose: Whose) -> Option<Why> {
    match whose {
        Whose::Patients if is_marked(resource.json(), 0) => Some(Why::MeaningMayBeChanged),
        Whose::Patients => None,
        Whose::Unsaid | Whose::Others => Some(Why::SubjectNotSaid),
    }
}

/// Whether an element that may change the meaning stands anywhere in it.
pub(crate) fn is_marked(value: &Value, depth: usize) -> bool {
    match value {
        _ if depth > DEPTH_MAX => true,
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| MARKS.contains(&name.as_str()) || is_marked(value, depth + 1)),
        Value::Array(list) => list.iter().any(|value| is_marked(value, depth + 1)),
        _ => false,
    }
}

/// Whether a status in codes says one of `said`, and nothing else, in its own system.
pub(crate) fn says_only(resource: &Resource<'_>, field: &str, system: &str, said: &[&str]) -> bool {
    let codings = resource.codings(field);
    let only = |code: &str, of: &str| of == system && said.contains(&code);
    !codings.is_empty() && codings.iter().all(|coding| only(coding.code, coding.system))
}
