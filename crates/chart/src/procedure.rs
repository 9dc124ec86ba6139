//! `Procedure`: what was done, also what was begun and stopped.

use cauda_fhir::Resource;

use crate::chart::Why;
use crate::codes::codes_of;
use crate::gather::{Gather, Says, Told};

use crate::standing::{self, Whose};
use crate::table::{Kind, Table};
use crate::when;

pub(crate) fn read(table: &Table, resource: &Resource<'_>, whose: Whose, gather: &mut Gather<'_>) {
    let codes = codes_of(resource.json().get("code"));
    let rows = table.taking(Kind::Procedure, &codes);
    if rows.is_empty() {
        return gather.count("Procedure");
    }
    let not = match resource.text("status") {
        Some("entered-in-error") => Some(Why::Status),
        Some("not-done" | "preparation" | "on-hold") => Some(Why::NotDone),
        _ => None,
    };
    let when = when::choice(resource, "performed");
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
