//! `Condition`: a diagnosis that stands, or that once stood where its row says that counts.

use cauda_fhir::Resource;

use crate::chart::Why;
use crate::codes::codes_of;
use crate::gather::{Gather, Says, Told};

use crate::standing::{self, Whose, says_only};
use crate::table::{Kind, Table};
use crate::unlisted;
use crate::when::{self, When};

/// Code systems of its two states in R4.
const VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";

pub(crate) fn read(table: &Table, resource: &Resource<'_>, whose: Whose, gather: &mut Gather<'_>) {
    let codes = codes_of(resource.json().get("code"));
    let matched = |kind: Kind| table.taking(kind, &codes);
    let (rows, alarms) = (matched(Kind::Condition), matched(Kind::Alarm));
    let refuted =
        says_only(resource, "verificationStatus", VERIFICATION, &["refuted", "entered-in-error"]);
    let over =
        says_only(resource, "clinicalStatus", CLINICAL, &["inactive", "remission", "resolved"]);
    if rows.is_empty() && alarms.is_empty() {
        return match refuted || over {
            true => gather.count("Condition"),
            false => unlisted::read(resource, gather),
        };
    }
    let every = || rows.iter().chain(&alarms);
    if refuted {
        for (_, code) in every() {
            gather.ignore(resource, Some(&code.display), Why::Refuted);
        }
        return;
    }
    let began = when::choice(resource, "onset").and(when::date(resource, "recordedDate"));
    let ended = when::choice(resource, "abatement");
    let doubt = standing::doubt(resource, whose);
    for (row, code) in rows {
        if over && !row.ever && row.within.is_none() {
            gather.ignore(resource, Some(&code.display), Why::Past);
            continue;
        }
        // What is over was still so at its end.
        let when = if over && ended != When::default() { ended } else { began };
        let (fact, says, label) = (&row.fact, Says::Named(&row.value), &code.display);
        gather.tell(resource, Told { fact, says, when, within: row.within, doubt, label });
    }
    for (_, code) in alarms {
        match over {
            true => gather.ignore(resource, Some(&code.display), Why::Past),
            false => gather.alarm(resource, &code.display),
        }
    }
}
