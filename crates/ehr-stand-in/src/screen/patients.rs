//! Who is here.

use maud::{Markup, html};
use serde_json::Value;

use crate::ehr::Ehr;
use crate::fhir::store::Store;
use crate::samples;
use crate::time;

/// Most patients of the list.
const PATIENTS_MAX: usize = 500;

/// The list.
pub(crate) fn page(ehr: &Ehr) -> Markup {
    let store = ehr.store();
    let now = ehr.now();
    html! {
        h1 { "Patients in the emergency department" }
        table.list {
            thead { tr { th scope="col" { "Name" } th scope="col" { "Age" }
                th scope="col" { "Number" } th scope="col" { "Came with" } } }
            tbody {
                @for patient in store.all("Patient").take(PATIENTS_MAX) {
                    @let id = id(patient);
                    tr {
                        td { a href={ "/patients/" (id) } { (name(patient)) } }
                        td { (age(patient, now)) }
                        td { (number(patient)) }
                        td { (came(&store, id)) }
                    }
                }
            }
        }
    }
}

/// Who it is, above everything about them.
pub(crate) fn banner(ehr: &Ehr, patient: &Value) -> Markup {
    let gender = patient.get("gender").and_then(Value::as_str).unwrap_or("sex not recorded");
    let born = patient.get("birthDate").and_then(Value::as_str).unwrap_or("not recorded");
    html! {
        p.banner {
            b { (name(patient)) } " · " (gender) " · " (age(patient, ehr.now())) " · born " (born)
            " · " (number(patient))
        }
    }
}

pub(crate) fn id(resource: &Value) -> &str {
    resource.get("id").and_then(Value::as_str).unwrap_or_default()
}

/// Family name first.
pub(crate) fn name(patient: &Value) -> String {
    let part = |path: &str| patient.pointer(path).and_then(Value::as_str);
    let parts = (part("/name/0/family"), part("/name/0/given/0"));
    match parts {
        (Some(family), Some(given)) => format!("{family}, {given}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => part("/name/0/text").unwrap_or("without a name").to_owned(),
    }
}

fn age(patient: &Value, now: i64) -> String {
    let born = patient.get("birthDate").and_then(Value::as_str);
    let years = born.and_then(|born| time::age(born, now));
    years.map_or("age not recorded".to_owned(), |years| format!("{years} years"))
}

fn number(patient: &Value) -> &str {
    patient.pointer("/identifier/0/value").and_then(Value::as_str).unwrap_or("no number")
}

pub(crate) fn came(store: &Store, patient: &str) -> String {
    let visit = samples::open_visit(store, patient);
    let visit = visit.and_then(|id| store.get("Encounter", &id).ok());
    let text = visit.and_then(|visit| visit.pointer("/reasonCode/0/text")?.as_str());
    text.unwrap_or("no visit").to_owned()
}
