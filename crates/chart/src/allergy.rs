//! `AllergyIntolerance`: what the patient must not get. "No known allergies" says nothing here.

use cauda_fhir::Resource;

use crate::chart::Why;
use crate::codes::codes_of;
use crate::gather::{Gather, Says, Told};

use crate::standing::{self, Whose, says_only};
use crate::table::{Kind, Table};
use crate::when;

/// Code systems of its two states in R4.
const VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";
const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";
/// Most reactions that are looked at.
const REACTIONS_MAX: usize = 100;

pub(crate) fn read(table: &Table, resource: &Resource<'_>, whose: Whose, gather: &mut Gather<'_>) {
    let mut all = codes_of(resource.json().get("code"));
    for reaction in resource.list("reaction").into_iter().take(REACTIONS_MAX) {
        all.extend(codes_of(reaction.get("substance")));
    }
    let rows = table.taking(Kind::Allergy, &all);
    if rows.is_empty() {
        return gather.count("AllergyIntolerance");
    }
    let refuted = ["refuted", "entered-in-error"];
    let refuted = says_only(resource, "verificationStatus", VERIFICATION, &refuted);
    let over = says_only(resource, "clinicalStatus", CLINICAL, &["inactive", "resolved"]);
    let when = when::choice(resource, "onset").and(when::date(resource, "recordedDate"));
    let doubt = standing::doubt(resource, whose);
    for (row, code) in rows {
        let (fact, says, label) = (&row.fact, Says::Named(&row.value), &code.display);
        match () {
            () if refuted => gather.ignore(resource, Some(label), Why::Refuted),
            () if over && !row.ever => gather.ignore(resource, Some(label), Why::Past),
            () => {
                gather.tell(resource, Told { fact, says, when, within: row.within, doubt, label });
            }
        }
    }
}
