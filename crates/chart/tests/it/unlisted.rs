//! What the chart says and no row knows is kept by its name, so that a clinician can see it.

use serde_json::{Value, json};

use crate::shipped::{bundle, chart_of, patient};

const ICD: &str = "http://hl7.org/fhir/sid/icd-10-cm";

fn condition(id: &str, code: Value, more: Value) -> Value {
    let mut one = json!({
        "resourceType": "Condition", "id": id, "subject": {"reference": "Patient/p1"},
        "clinicalStatus": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active",
        }]},
        "code": code,
    });
    for (field, value) in more.as_object().unwrap() {
        one[field] = value.clone();
    }
    one
}

fn icd(id: &str, code: &str, display: &str, more: Value) -> Value {
    let coding = json!({"system": ICD, "code": code, "display": display});
    condition(id, json!({ "coding": [coding] }), more)
}

fn labels(conditions: Vec<Value>) -> Vec<String> {
    let all = [patient()].into_iter().chain(conditions).collect();
    chart_of(&bundle(all)).unlisted.into_iter().map(|one| one.label).collect()
}

#[test]
fn what_no_row_knows_is_named_and_what_may_matter_comes_first() {
    let named = labels(vec![
        icd("c1", "F41.1", "Generalized anxiety disorder", json!({"recordedDate": "2026-11-26"})),
        icd("c2", "G82.20", "Paraplegia, unspecified", json!({"recordedDate": "2020-01-01"})),
        icd("c3", "R20.0", "Anesthesia of skin", json!({"recordedDate": "2026-11-25"})),
        condition("c4", json!({"text": "left foot\n slaps when he walks"}), json!({})),
        icd("c5", "R29.898", "Other symptoms and signs", json!({"recordedDate": "2026-11-24"})),
    ]);
    let expected = [
        "Anesthesia of skin",
        "Other symptoms and signs",
        "Paraplegia, unspecified",
        "left foot slaps when he walks",
        "Generalized anxiety disorder",
    ];
    assert_eq!(named, expected);
}

#[test]
fn what_is_over_refuted_or_known_to_a_row_is_not_among_them() {
    let state = |field: &str, system: &str, code: &str| {
        let system = format!("http://terminology.hl7.org/CodeSystem/{system}");
        json!({ field: {"coding": [{"system": system, "code": code}]} })
    };
    let named = labels(vec![
        icd(
            "c1",
            "G82.20",
            "Paraplegia",
            state("clinicalStatus", "condition-clinical", "resolved"),
        ),
        icd(
            "c2",
            "G82.20",
            "Paraplegia",
            state("verificationStatus", "condition-ver-status", "refuted"),
        ),
        icd("c3", "G82.20", "Paraplegia", json!({"abatementDateTime": "2026-11-01"})),
        icd("c4", "C50.911", "Breast cancer", json!({})),
        icd("c5", "G83.4", "Cauda equina syndrome", json!({})),
        condition("c6", json!({}), json!({})),
    ]);
    assert!(named.is_empty(), "{named:?}");
}

#[test]
fn the_pain_itself_is_not_listed_and_other_words_beside_its_code_are() {
    let named = labels(vec![
        icd("c1", "M54.50", "Low back pain, unspecified", json!({})),
        condition("c2", json!({"text": "Low back pain"}), json!({})),
        icd("c4", "M54.6", "Pain in thoracic spine", json!({})),
        condition(
            "c3",
            json!({"text": "Low back pain, foot drop on the left",
                "coding": [{"system": ICD, "code": "M54.50", "display": "Low back pain"}]}),
            json!({}),
        ),
    ]);
    assert_eq!(named, ["Low back pain, foot drop on the left"]);
}

#[test]
fn a_name_is_short_and_the_same_one_stands_once() {
    let long = "x ".repeat(200);
    let named = labels(vec![
        condition("c1", json!({ "text": long }), json!({})),
        icd("c2", "R20.2", "Paresthesia of skin", json!({})),
        icd("c3", "R20.2", "Paresthesia of skin", json!({})),
    ]);
    assert_eq!(named.len(), 2);
    assert!(named.iter().all(|label| label.chars().count() <= 80));
}

#[test]
fn a_foot_that_drops_is_a_weak_leg_and_one_without_a_side_is_listed() {
    let weak = |code: &str, onset: &str| {
        let foot = icd("c1", code, "Foot drop", json!({"onsetDateTime": onset}));
        let chart = chart_of(&bundle(vec![patient(), foot]));
        let found = chart.findings.iter().find(|found| found.fact.starts_with("leg_weakness"));
        (found.map(|found| format!("{} {}", found.fact, found.value)), chart.unlisted.len())
    };
    assert_eq!(weak("M21.371", "2026-11-24"), (Some("leg_weakness_right new".into()), 0));
    assert_eq!(weak("M21.372", "2026-11-24"), (Some("leg_weakness_left new".into()), 0));
    assert_eq!(weak("M21.379", "2026-11-24"), (None, 1));
    assert_eq!(weak("M21.371", "2019-01-01"), (None, 0), "too long ago, and told so");
}
