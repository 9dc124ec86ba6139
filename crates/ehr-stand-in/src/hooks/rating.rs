//! The rating of an order by Argonaut PAMA: extensions of the `ServiceRequest`, and the system
//! actions that bring them, which may change nothing else.

use serde_json::Value;

use crate::fhir::answer::address;

const RATING: &str = "http://fhir.org/argonaut/Extension/pama-rating";
const CONSULTED: &str = "http://fhir.org/argonaut/Extension/pama-rating-qcdsm-consulted";
const CONSULT_ID: &str = "http://fhir.org/argonaut/Extension/pama-rating-consult-id";

/// A rating as the order screen shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rating {
    /// `appropriate`, `not-appropriate` or `no-criteria-apply`.
    pub code: String,
    /// Who was consulted.
    pub consulted: Option<String>,
    /// Under which number.
    pub consult_id: Option<String>,
}

/// The rating that an order carries.
pub(crate) fn of(order: &Value) -> Option<Rating> {
    let extension = |url: &str| {
        let all = order.get("extension")?.as_array()?;
        all.iter().find(|one| one.get("url").and_then(Value::as_str) == Some(url))
    };
    let text = |url: &str, name: &str| {
        Some(extension(url)?.get(name)?.as_str().filter(|text| !text.is_empty())?.to_owned())
    };
    let code = extension(RATING)?.pointer("/valueCodeableConcept/coding/0/code")?.as_str()?;
    Some(Rating {
        code: code.to_owned(),
        consulted: text(CONSULTED, "valueString"),
        consult_id: text(CONSULT_ID, "valueUri"),
    })
}

/// Does the system actions on the drafts; those that want anything but extensions are refused,
/// and what was refused comes back in words.
pub(crate) fn apply(drafts: &mut [Value], actions: &[Value]) -> Vec<String> {
    let mut refused = Vec::new();
    for action in actions {
        let resource = action.get("resource").filter(|one| one.is_object());
        let update = action.get("type").and_then(Value::as_str) == Some("update");
        let (Some(resource), true) = (resource, update) else {
            refused.push("a system action that is no update was refused".to_owned());
            continue;
        };
        let place = address(resource);
        let draft = drafts.iter_mut().find(|draft| address(draft) == place && place.is_some());
        let Some(draft) = draft else {
            refused.push("a system action for no order of this screen was refused".to_owned());
            continue;
        };
        match bare(draft) == bare(resource) {
            true => *draft = resource.clone(),
            false => {
                refused.push("a system action that changes what is ordered was refused".to_owned());
            }
        }
    }
    refused
}

fn bare(resource: &Value) -> Value {
    let mut copy = resource.clone();
    if let Some(map) = copy.as_object_mut() {
        map.remove("extension");
    }
    copy
}
