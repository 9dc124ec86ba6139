//! The chart of a patient, with the form that orders imaging.

use maud::{Markup, html};
use serde_json::Value;

use crate::ehr::Ehr;
use crate::fhir::store::Store;
use crate::imaging::{CHOICES, REASONS};
use crate::screen::{order, patients};

/// Most rows of a list.
const ROWS_MAX: usize = 200;
/// Hooks without an order, with what their buttons say.
pub(crate) const HOOKS: [(&str, &str); 3] = [
    ("patient-view", "Open the chart (patient-view)"),
    ("encounter-start", "Begin the visit (encounter-start)"),
    ("encounter-discharge", "Discharge (encounter-discharge)"),
];
/// What a chart shows: title, type, where the words are, where the date is.
const LISTS: [(&str, &str, &[&str], &str); 8] = [
    ("Problems", "Condition", &["/code"], "/onsetDateTime"),
    ("Values", "Observation", &["/code"], "/effectiveDateTime"),
    ("Medicines", "MedicationStatement", &["/medicationCodeableConcept"], ""),
    ("Prescriptions", "MedicationRequest", &["/medicationCodeableConcept"], "/authoredOn"),
    ("Allergies", "AllergyIntolerance", &["/code"], "/recordedDate"),
    ("Procedures", "Procedure", &["/code"], "/performedDateTime"),
    ("Tasks", "Task", &["/code"], "/authoredOn"),
    ("Care plans", "CarePlan", &["/category/0"], "/period/start"),
];

/// The chart.
pub(crate) fn page(ehr: &Ehr, patient: &Value) -> Markup {
    let store = ehr.store();
    let id = patients::id(patient);
    html! {
        (patients::banner(ehr, patient))
        h1 { (patients::came(&store, id)) }
        div.columns {
            div {
                @for list in LISTS { (rows(&store, id, list)) }
                (orders(&store, id))
            }
            div {
                (form(id))
                (hooks(id))
                (apps(ehr, id))
            }
        }
    }
}

fn rows(
    store: &Store,
    id: &str,
    (title, kind, places, date): (&str, &str, &[&str], &str),
) -> Markup {
    let all: Vec<&Value> =
        store.all(kind).filter(|one| store.is_of(one, id)).take(ROWS_MAX).collect();
    html! {
        @if !all.is_empty() {
            section {
                h2 { (title) }
                ul.rows {
                    @for one in all {
                        li {
                            b { (named(one, places)) }
                            @if let Some(value) = value(one) { " " (value) }
                            @if let Some(date) = one.pointer(date).and_then(Value::as_str) {
                                @if !date.is_empty() { small { " " (day_and_time(date)) } }
                            }
                            @if let Some(status) = state(one) { small { " " (status) } }
                        }
                    }
                }
            }
        }
    }
}

fn named(resource: &Value, places: &[&str]) -> String {
    let found = places.iter().find_map(|at| words(resource.pointer(at)?));
    found.unwrap_or_else(|| "without words".to_owned())
}

fn orders(store: &Store, id: &str) -> Markup {
    let all: Vec<&Value> =
        store.all("ServiceRequest").filter(|one| store.is_of(one, id)).take(ROWS_MAX).collect();
    html! {
        section {
            h2 { "Orders" }
            @if all.is_empty() { p { "None." } }
            @for one in all { (order::request(one)) }
        }
    }
}

fn form(id: &str) -> Markup {
    html! {
        form.box method="post" action={ "/patients/" (id) "/orders" } {
            h2 { "Order imaging" }
            fieldset {
                legend { "Examination" }
                @for (at, choice) in CHOICES.iter().enumerate() {
                    label.choice {
                        input type="radio" name="choice" value=(choice.key) required
                            checked[at == 0];
                        " " (choice.label)
                    }
                }
            }
            label for="reason" { "Reason" }
            select #reason name="reason" {
                option value="" { "not coded" }
                @for reason in &REASONS {
                    option value=(reason.code) { (reason.label) " (" (reason.code) ")" }
                }
            }
            button { "Choose" }
        }
    }
}

fn hooks(id: &str) -> Markup {
    html! {
        form.box method="post" action={ "/patients/" (id) "/hooks" } {
            h2 { "Visit" }
            @for (hook, words) in HOOKS { button.quiet name="hook" value=(hook) { (words) } }
        }
    }
}

fn apps(ehr: &Ehr, id: &str) -> Markup {
    let all = ehr.clients.iter().flat_map(|client| {
        client.launch_urls.iter().map(move |url| (client.id.as_str(), &client.name, url))
    });
    let query = |client: &str, url: &str| {
        let pairs = [("patient", id), ("client", client), ("url", url)];
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    };
    html! {
        section.box {
            h2 { "Apps" }
            ul.rows {
                @for (client, name, url) in all {
                    li { a href={ "/app?" (query(client, url)) } { "Open " (name) } }
                }
            }
        }
    }
}

/// `2026-11-26 08:45` of `2026-11-26T08:45:00Z`, in UTC as it stands there.
pub(crate) fn day_and_time(text: &str) -> String {
    match text.split_once('T') {
        Some((day, time)) => format!("{day} {}", time.get(..5).unwrap_or(time)),
        None => text.to_owned(),
    }
}

/// The words of a concept, or else its first code.
pub(crate) fn words(concept: &Value) -> Option<String> {
    let text = |at: &str| concept.pointer(at).and_then(Value::as_str);
    let found = text("/text").or(text("/coding/0/display")).or(text("/coding/0/code"));
    found.map(str::to_owned)
}

fn value(resource: &Value) -> Option<String> {
    if let Some(quantity) = resource.get("valueQuantity") {
        let unit = quantity.get("unit").and_then(Value::as_str).unwrap_or_default();
        let number = quantity.get("value")?;
        let sign = quantity.get("comparator").and_then(Value::as_str).unwrap_or_default();
        return Some(format!("{sign}{number} {unit}"));
    }
    words(resource.get("valueCodeableConcept")?)
}

fn state(resource: &Value) -> Option<String> {
    let sure = resource.pointer("/verificationStatus/coding/0/code").and_then(Value::as_str);
    let status = resource.get("status").and_then(Value::as_str);
    sure.or(status).filter(|said| !["confirmed", "final"].contains(said)).map(str::to_owned)
}
