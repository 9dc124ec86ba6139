//! `Device`: an implant, of which the chart says that it is there and not whether it may be scanned.
//!
//! One that is no longer active counts too: leads left behind are as bad as the device.

use cauda_fhir::Resource;

use crate::chart::Why;
use crate::codes::codes_of;
use crate::gather::{Gather, Says, Told};

use crate::standing::{self, Whose};
use crate::table::{Kind, Table};
use crate::when::When;

pub(crate) fn read(table: &Table, resource: &Resource<'_>, whose: Whose, gather: &mut Gather<'_>) {
    let codes = codes_of(resource.json().get("type"));
    let rows = table.taking(Kind::Device, &codes);
    if rows.is_empty() {
        return gather.count("Device");
    }
    let wrong = resource.text("status") == Some("entered-in-error");
    let doubt = standing::doubt(resource, whose);
    for (row, code) in rows {
        let (fact, says, label) = (&row.fact, Says::Named(&row.value), &code.display);
        if wrong {
            gather.ignore(resource, Some(label), Why::Status);
            continue;
        }
        let (when, within) = (When::default(), row.within);
        gather.tell(resource, Told { fact, says, when, within, doubt, label });
    }
}
