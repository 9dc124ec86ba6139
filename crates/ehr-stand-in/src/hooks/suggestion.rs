//! A suggestion is taken: its actions are done on the drafts, all or none (CDS Hooks 2.0,
//! "Action": processed like a FHIR transaction).

use serde_json::Value;

use crate::fhir::answer::address;
use crate::fhir::valid;

/// Most drafts of one order screen.
const DRAFTS_MAX: usize = 20;

/// The drafts after the actions. New ones get the next id.
///
/// # Errors
/// Why nothing was done.
pub(crate) fn apply(
    drafts: &[Value],
    actions: &[Value],
    patient: &str,
    new_id: &mut dyn FnMut() -> String,
) -> Result<Vec<Value>, String> {
    let mut after = drafts.to_vec();
    for action in actions {
        let resource = || {
            let resource = action.get("resource").filter(|one| one.is_object());
            resource.cloned().ok_or("an action has no resource")
        };
        match action.get("type").and_then(Value::as_str) {
            Some("create") => {
                let mut made = resource()?;
                made["id"] = new_id().into();
                fit(&made, patient)?;
                after.push(made);
            }
            Some("update") => {
                let changed = resource()?;
                fit(&changed, patient)?;
                let place = address(&changed);
                let at = after.iter().position(|draft| address(draft) == place);
                let at = at.ok_or("an action changes what is no draft of this screen")?;
                after[at] = changed;
            }
            Some("delete") => {
                let id = action.get("resourceId").and_then(Value::as_str).unwrap_or_default();
                let at = after.iter().position(|draft| {
                    let named = draft.get("id").and_then(Value::as_str) == Some(id);
                    named || address(draft).as_deref() == Some(id)
                });
                after.remove(at.ok_or("an action deletes what is no draft of this screen")?);
            }
            _ => return Err("an action has no known type".to_owned()),
        }
    }
    match after.len() <= DRAFTS_MAX {
        true => Ok(after),
        false => Err("there are too many orders on this screen".to_owned()),
    }
}

fn fit(resource: &Value, patient: &str) -> Result<(), String> {
    valid::check(resource).map_err(|why| format!("an action's resource is not valid: {why}"))?;
    let whose = ["subject", "patient", "for"].iter().find_map(|name| {
        resource.get(*name).and_then(|one| one.get("reference")).and_then(Value::as_str)
    });
    match whose {
        Some(whose) if whose.rsplit_once('/').is_some_and(|(_, id)| id == patient) => Ok(()),
        _ => Err("an action's resource is not about this patient".to_owned()),
    }
}
