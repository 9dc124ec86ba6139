//! Something to do, as a `Task` of FHIR R4 with an owner.

use cauda_guideline::decision::{Action, Decision};
use cauda_guideline::time;
use serde_json::{Value, json};

use crate::about::{check, reference};
use crate::{About, ServiceError, priority_of_decision};

/// Who has to do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner<'a> {
    /// A person, a role or a team of the EHR, `Practitioner/9`.
    Known(&'a str),
    /// A kind of person in words, `a nurse`.
    Words(&'a str),
}

/// One action as a task that is asked for; `until` is when it has to be done, in seconds since
/// 1970 UTC, `focus` what it is done to.
///
/// # Errors
/// [`ServiceError::Reference`] for an owner that cannot own a task.
pub fn task(
    about: &About,
    decision: &Decision,
    action: &Action,
    owner: Owner,
    until: Option<i64>,
    focus: Option<&str>,
) -> Result<Value, ServiceError> {
    let mut resource = json!({
        "resourceType": "Task",
        "status": "requested",
        "intent": "proposal",
        "priority": priority_of_decision(decision),
        "code": { "text": action.spoken.staff },
        "description": action.spoken.staff,
        "for": reference(about.subject()),
        "authoredOn": about.moment(),
    });
    if let Some(encounter) = about.encounter() {
        resource["encounter"] = reference(encounter);
    }
    let requesters = ["Practitioner", "PractitionerRole", "Patient", "RelatedPerson"];
    about.put_author(&mut resource, "requester", &requesters);
    match owner {
        Owner::Known(owner) => {
            let kinds = ["Practitioner", "PractitionerRole", "CareTeam", "Organization"];
            check(owner, &kinds, "owner", "Practitioner/9")?;
            resource["owner"] = reference(owner);
        }
        Owner::Words(words) => resource["performerType"] = json!([{ "text": words }]),
    }
    if let Some(until) = until {
        resource["restriction"] = json!({ "period": { "end": time::write(until) } });
    }
    if let Some(focus) = focus {
        resource["focus"] = reference(focus);
    }
    Ok(resource)
}
