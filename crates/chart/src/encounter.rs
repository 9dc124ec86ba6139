//! `Encounter`: the one of the call, and earlier ones for the same pain.

use cauda_fhir::{Moment, Resource};
use serde_json::Value;

use crate::chart::{EncounterRead, Why};
use crate::codes::codes_of;
use crate::gather::{Gather, Says, Told};

use crate::standing::{self, Whose};
use crate::table::{Kind, Table};
use crate::when;

/// Longest code of a class that is kept, in bytes.
const CLASS_MAX: usize = 20;

/// What it is, for the encounter of the call.
pub(crate) fn current(resource: &Resource<'_>) -> Option<EncounterRead> {
    let text = |value: Option<&Value>, field: &str| {
        value.and_then(|value| value.get(field)).and_then(Value::as_str).map(str::to_owned)
    };
    let start = text(resource.field("period"), "start");
    Some(EncounterRead {
        id: resource.id()?.to_owned(),
        class: text(resource.field("class"), "code").filter(|code| code.len() <= CLASS_MAX),
        start: start.and_then(|start| Moment::read(&start)).map(|moment| moment.earliest),
    })
}

/// Whether it goes on, by its own status.
pub(crate) fn goes_on(resource: &Resource<'_>) -> bool {
    let status = resource.text("status");
    matches!(status, Some("arrived" | "triaged" | "in-progress" | "onleave"))
}

/// An earlier one, by its reason.
pub(crate) fn read(table: &Table, resource: &Resource<'_>, whose: Whose, gather: &mut Gather<'_>) {
    let reasons = resource.list("reasonCode").into_iter();
    let codes: Vec<_> = reasons.flat_map(|reason| codes_of(Some(reason))).collect();
    let rows = table.taking(Kind::Encounter, &codes);
    if rows.is_empty() {
        return gather.count("Encounter");
    }
    let not = match resource.text("status") {
        Some("entered-in-error" | "cancelled") => Some(Why::Status),
        Some("planned") => Some(Why::NotDone),
        _ => None,
    };
    let when = when::period(resource.field("period"));
    let doubt = standing::doubt(resource, whose);
    for (row, code) in rows {
        let (fact, says, label) = (&row.fact, Says::Named(&row.value), &code.display);
        match not {
            Some(why) => gather.ignore(resource, Some(label), why),
            None => {
                gather.tell(resource, Told { fact, says, when, within: row.within, doubt, label });
            }
        }
    }
}
