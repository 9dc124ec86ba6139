//! `MedicationRequest` and `MedicationStatement`: a medicine the patient has, or had lately.

use std::collections::BTreeMap;

use cauda_fhir::{Reference, Resource};
use serde_json::Value;

use crate::chart::Why;
use crate::codes::{Code, codes_of};
use crate::gather::{Gather, Says, Told};

use crate::standing::{self, Whose};
use crate::table::{Kind, Table};
use crate::when::{self, When};

/// Most ingredients of a medication that are looked at.
const INGREDIENTS_MAX: usize = 100;

/// The `Medication` resources that came, by id.
pub(crate) type Medications<'a> = BTreeMap<&'a str, Resource<'a>>;

/// What a status says.
enum Taken {
    Now,
    Before,
    No(Why),
}

pub(crate) fn read(
    table: &Table,
    resource: &Resource<'_>,
    whose: Whose,
    medications: &Medications<'_>,
    gather: &mut Gather<'_>,
) {
    let is_request = resource.kind() == "MedicationRequest";
    let codes = of_medicine(resource, medications);
    let rows = table.taking(Kind::Medicine, &codes);
    if rows.is_empty() {
        return gather.count(if is_request { "MedicationRequest" } else { "MedicationStatement" });
    }
    let taken = if is_request { requested(resource) } else { stated(resource) };
    let (began, ended) = match is_request {
        true => (when::date(resource, "authoredOn"), validity(resource)),
        false => {
            let effective = when::choice(resource, "effective");
            (effective.and(when::date(resource, "dateAsserted")), effective)
        }
    };
    let doubt = standing::doubt(resource, whose);
    for (row, code) in rows {
        let label = &code.display;
        let when = match (&taken, row.within) {
            (Taken::Now, _) => began,
            // When it was stopped nobody says; that it ended when its time was over is the best guess.
            (Taken::Before, Some(_)) if ended != When::default() => ended,
            (Taken::Before, Some(_)) => began,
            (Taken::Before, None) => {
                gather.ignore(resource, Some(label), Why::Past);
                continue;
            }
            (Taken::No(why), _) => {
                gather.ignore(resource, Some(label), *why);
                continue;
            }
        };
        // What is taken now counts however long ago it was begun.
        let within = row.within.filter(|_| matches!(taken, Taken::Before));
        let (fact, says) = (&row.fact, Says::Named(&row.value));
        gather.tell(resource, Told { fact, says, when, within, doubt, label });
    }
}

/// A request without a status, or with one that is not known, may be in force.
fn requested(resource: &Resource<'_>) -> Taken {
    if resource.json().get("doNotPerform") == Some(&Value::Bool(true)) {
        return Taken::No(Why::NotDone);
    }
    match (resource.text("status"), resource.text("intent")) {
        (Some("cancelled" | "entered-in-error" | "draft"), _) => Taken::No(Why::Status),
        (_, Some("proposal" | "plan" | "option")) => Taken::No(Why::NotDone),
        (Some("completed" | "stopped"), _) => Taken::Before,
        _ => Taken::Now,
    }
}

fn stated(resource: &Resource<'_>) -> Taken {
    match resource.text("status") {
        Some("entered-in-error") => Taken::No(Why::Status),
        Some("not-taken") => Taken::No(Why::NotDone),
        Some("completed" | "stopped") => Taken::Before,
        _ => Taken::Now,
    }
}

/// Until when a request was meant to last.
fn validity(resource: &Resource<'_>) -> When {
    let dispense = resource.field("dispenseRequest");
    let period = when::period(dispense.and_then(|dispense| dispense.get("validityPeriod")));
    if period.latest.is_some() { period } else { When::default() }
}

/// The codings of the medicine, told here, in a contained resource or in one that came along.
fn of_medicine<'a>(resource: &Resource<'a>, medications: &Medications<'a>) -> Vec<Code<'a>> {
    let mut all = codes_of(resource.json().get("medicationCodeableConcept"));
    let Some(reference) = resource.field("medicationReference") else { return all };
    let address = reference.get("reference").and_then(Value::as_str).unwrap_or_default();
    let medication = match address.strip_prefix('#') {
        Some(id) => {
            let mut contained = resource.list("contained").into_iter();
            contained.find(|inner| inner.get("id").and_then(Value::as_str) == Some(id))
        }
        None => Reference::read(reference)
            .filter(|reference| reference.kind == "Medication")
            .and_then(|reference| medications.get(reference.id))
            .map(Resource::json),
    };
    let Some(medication) = medication else { return all };
    all.extend(codes_of(medication.get("code")));
    let ingredients = medication.get("ingredient").and_then(Value::as_array);
    for ingredient in ingredients.into_iter().flatten().take(INGREDIENTS_MAX) {
        all.extend(codes_of(ingredient.get("itemCodeableConcept")));
    }
    all
}
