//! Numbers with their units and comparators, and when something was.

use cauda_chart::Why;
use serde_json::{Value, json};

use crate::shipped::{NOW, bundle, chart_of, pair, patient, refused, said};

const UCUM: &str = "http://unitsofmeasure.org";

fn observed(loinc: &str, quantity: Value) -> Value {
    json!({
        "resourceType": "Observation", "id": "o1", "status": "final",
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
        "effectiveDateTime": "2026-11-26T08:30:00Z", "valueQuantity": quantity,
    })
}

fn crp(quantity: Value) -> Value {
    observed("1988-5", quantity)
}

fn at(resource: Value) -> Option<i64> {
    let chart = chart_of(&bundle(vec![patient(), resource]));
    chart.findings.into_iter().find(|found| found.fact != "age").map(|found| found.at)
}

fn on(resource: Value, date: &str) -> Value {
    let mut resource = resource;
    resource["effectiveDateTime"] = json!(date);
    resource
}

#[test]
fn a_unit_is_a_code_of_ucum_that_the_fact_accepts() {
    let read = |quantity: Value| said(crp(quantity));
    assert_eq!(
        read(json!({"value": 6.4, "system": UCUM, "code": "mg/dL"})),
        vec![pair("c_reactive_protein", "6.4 mg/dL")]
    );
    let written = read(json!({"value": 64, "unit": "mg/L"}));
    assert_eq!(written, vec![pair("c_reactive_protein", "64 mg/L")]);
    let coded = read(json!({"value": 64, "code": "mg/L"}));
    assert_eq!(coded, vec![pair("c_reactive_protein", "64 mg/L")]);
    for quantity in [
        json!({"value": 64}),
        json!({"value": 64, "unit": "mg/l"}),
        json!({"value": 64, "unit": "mg/L", "system": "urn:x", "code": "mg/L"}),
        json!({"value": 64, "unit": "mg/L", "system": UCUM, "code": "g/L"}),
        json!({"value": 64, "unit": "milligrams per litre"}),
        json!({"value": 64, "system": UCUM, "code": "MG/L"}),
    ] {
        assert_eq!(refused(crp(quantity.clone())), [Why::Unit], "{quantity}");
    }
}

#[test]
fn a_number_is_read_exactly_or_not_at_all() {
    for quantity in [
        json!({"value": "64", "unit": "mg/L"}),
        json!({"value": -1, "unit": "mg/L"}),
        json!({"value": 100_000, "unit": "mg/L"}),
        json!({"value": 1e-9, "unit": "mg/L"}),
        json!({"value": null, "unit": "mg/L"}),
        json!({"value": 64, "unit": "mg/L", "comparator": "~"}),
        json!({"value": 64, "unit": "mg/L", "comparator": null}),
        json!({"value": 64, "unit": "mg/L", "comparator": ""}),
    ] {
        assert_eq!(refused(crp(quantity.clone())), [Why::NotReadable], "{quantity}");
    }
    let fahrenheit = observed("8310-5", json!({"value": 101.3, "system": UCUM, "code": "[degF]"}));
    assert_eq!(said(fahrenheit), vec![pair("temperature", "101.3 [degF]")]);
    // Degrees Fahrenheit under the code of Celsius are outside what is possible.
    let mixed = observed("8310-5", json!({"value": 101.3, "system": UCUM, "code": "Cel"}));
    assert_eq!(refused(mixed), [Why::NotReadable]);
}

#[test]
fn a_comparator_becomes_an_interval() {
    let read = |comparator: &str, status: &str| {
        let quantity = json!({
            "value": 10, "comparator": comparator, "system": UCUM, "code": "mg/L",
        });
        let mut resource = crp(quantity);
        resource["status"] = json!(status);
        (said(resource.clone()), refused(resource))
    };
    let fact = |value: &str| vec![pair("c_reactive_protein", value)];
    for (comparator, value) in
        [(">", ">10 mg/L"), (">=", ">=10 mg/L"), ("<", "<10 mg/L"), ("<=", "<=10 mg/L")]
    {
        assert_eq!(read(comparator, "final"), (fact(value), vec![]));
    }
    // In doubt the dangerous side is left, if there is one.
    assert_eq!(read(">", "preliminary"), (fact(">10 mg/L"), vec![]));
    assert_eq!(read("<", "preliminary"), (vec![], vec![Why::OnlyReassuring]));
    let pressure = |comparator: &str| {
        let quantity = json!({
            "value": 90, "comparator": comparator, "system": UCUM, "code": "mm[Hg]",
        });
        let mut resource = observed("8480-6", quantity);
        resource["status"] = json!("preliminary");
        said(resource)
    };
    assert_eq!(pressure("<"), vec![pair("systolic_pressure", "<90 mm[Hg]")]);
    assert_eq!(pressure(">"), vec![]);
}

#[test]
fn a_share_in_percent_is_read_as_the_fact_counts_it() {
    let read = |quantity: Value| said(observed("59408-5", quantity));
    let ninety = vec![pair("oxygen_saturation", "90")];
    assert_eq!(read(json!({"value": 90, "system": UCUM, "code": "%"})), ninety);
    assert_eq!(read(json!({"value": 0.9, "system": UCUM, "code": "1"})), vec![]);
    assert_eq!(read(json!({"value": 90})), vec![]);
}

#[test]
fn a_vital_sign_of_another_visit_is_too_old_and_one_without_a_time_counts_now() {
    let hot = observed("8310-5", json!({"value": 39.2, "system": UCUM, "code": "Cel"}));
    assert_eq!(refused(on(hot.clone(), "2026-11-20T08:00:00Z")), [Why::TooOld]);
    assert_eq!(refused(on(hot.clone(), "2024")), [Why::TooOld]);
    let mut timeless = hot.clone();
    timeless.as_object_mut().unwrap().remove("effectiveDateTime");
    assert_eq!(said(timeless.clone()), vec![pair("temperature", ">=39.2 Cel")]);
    assert_eq!(at(timeless), Some(NOW));
    assert_eq!(at(on(hot.clone(), "2026-11-26T08:30:00Z")), Some(NOW - 1_800));
    // A day may mean any second of it: the danger is as new as it may be.
    assert_eq!(said(on(hot.clone(), "2026-11-26")), vec![pair("temperature", ">=39.2 Cel")]);
    assert_eq!(at(on(hot, "2026-11-26")), Some(NOW));
}

#[test]
fn a_danger_to_come_counts_now() {
    let hot = observed("8310-5", json!({"value": 39.2, "system": UCUM, "code": "Cel"}));
    assert_eq!(at(on(hot.clone(), "2026-11-27T08:00:00Z")), Some(NOW));
    assert_eq!(at(on(hot, "2030-01-01")), Some(NOW));
}

fn told(field: &str, time: Value) -> Value {
    let mut resource = json!({
        "resourceType": "Observation", "id": "o2", "status": "final",
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "82810-3"}]},
        "valueCodeableConcept": {
            "coding": [{"system": "http://loinc.org", "code": "LA26683-5"}],
        },
    });
    resource[field] = time;
    resource
}

#[test]
fn a_reassuring_answer_is_as_old_as_it_may_be() {
    let second = told("effectiveDateTime", json!("2026-11-26T08:30:00Z"));
    assert_eq!(at(second), Some(NOW - 1_800));
    let day = told("effectiveDateTime", json!("2026-11-25"));
    assert_eq!(at(day), Some(NOW - 9 * 3_600 - 86_400 - 14 * 3_600));
    let span = json!({"start": "2026-11-25T08:00:00Z", "end": "2026-11-26T08:00:00Z"});
    assert_eq!(at(told("effectivePeriod", span)), Some(NOW - 25 * 3_600));
    let ahead = told("effectiveDateTime", json!("2026-11-26T09:04:00Z"));
    assert_eq!(at(ahead), Some(NOW));
}

#[test]
fn a_reassuring_answer_without_a_time_or_of_the_future_does_not_count() {
    assert_eq!(refused(told("issued", json!("2026-11-26T08:30:00Z"))), [Why::NoTime]);
    let end = json!({"end": "2026-11-26T08:00:00Z"});
    assert_eq!(refused(told("effectivePeriod", end)), [Why::NoTime]);
    let later = told("effectiveDateTime", json!("2026-11-26T09:06:00Z"));
    assert_eq!(refused(later), [Why::Future]);
    let old = told("effectiveDateTime", json!("2026-09-26T09:06:00Z"));
    assert_eq!(refused(old), [Why::TooOld]);
    let odd = told("effectiveDateTime", json!("yesterday"));
    assert_eq!(refused(odd), [Why::NoTime]);
}

fn infection(onset: Option<&str>, abated: Option<&str>, status: &str) -> Value {
    let mut resource = json!({
        "resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"},
        "clinicalStatus": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": status,
        }]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "J18.9"}]},
    });
    if let Some(onset) = onset {
        resource["onsetDateTime"] = json!(onset);
    }
    if let Some(abated) = abated {
        resource["abatementDateTime"] = json!(abated);
    }
    resource
}

#[test]
fn an_infection_counts_for_three_months_after_it_was_last_there() {
    let present = vec![pair("recent_infection", "present")];
    assert_eq!(said(infection(Some("2026-10-01"), None, "active")), present);
    assert_eq!(said(infection(Some("2026-10-01"), None, "resolved")), present);
    assert_eq!(said(infection(Some("2026-07-01"), Some("2026-10-01"), "resolved")), present);
    assert_eq!(refused(infection(Some("2025"), Some("2026-01"), "resolved")), [Why::TooOld]);
    assert_eq!(refused(infection(Some("2019-10-01"), None, "active")), [Why::TooOld]);
    assert_eq!(said(infection(None, None, "active")), present);
    assert_eq!(at(infection(None, None, "active")), Some(NOW));
}

#[test]
fn a_slow_infection_counts_as_long_as_it_is_active() {
    let mut slow = infection(Some("2025-10-01"), None, "active");
    slow["code"]["coding"][0]["code"] = json!("M86.9");
    assert_eq!(said(slow.clone()), vec![pair("recent_infection", "present")]);
    slow["clinicalStatus"]["coding"][0]["code"] = json!("resolved");
    assert_eq!(refused(slow), [Why::Past]);
}
