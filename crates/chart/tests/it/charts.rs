//! The chart as a whole: who the patient is, which keys came, the limits, and the engine's answer.

use cauda_chart::{Block, Call, Why, read, read_about};
use cauda_fhir::{ENTRIES_MAX, Supplied};
use cauda_guideline::decision::explain;
use cauda_guideline::facts::Role;
use cauda_guideline::resolve::resolve;
use cauda_guideline::visit;
use serde_json::{Value, json};

use crate::shipped::{NOW, bundle, chart_of, guideline, patient, table};

fn temperature(id: &str, value: f64) -> Value {
    json!({
        "resourceType": "Observation", "id": id, "status": "final",
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "8310-5"}]},
        "effectiveDateTime": "2026-11-26T08:30:00Z",
        "valueQuantity": {"value": value, "system": "http://unitsofmeasure.org", "code": "Cel"},
    })
}

#[test]
fn the_patient_is_read() {
    let whole = json!({
        "resourceType": "Patient", "id": "p1", "birthDate": "1971-03-02", "gender": "female",
        "identifier": [{"system": "urn:mrn", "value": "42"}, {"value": "no system"}],
        "name": [{"use": "nickname", "text": "N"},
                 {"use": "official", "family": "Roe", "given": ["Ann", "B"]}],
    });
    let patient = chart_of(&whole).patient.unwrap();
    assert_eq!(patient.id, "p1");
    assert_eq!(patient.name.as_deref(), Some("Ann B Roe"));
    assert_eq!(patient.identifiers, [("urn:mrn".to_owned(), "42".to_owned())]);
    assert_eq!(patient.gender.as_deref(), Some("female"));
    assert!(!patient.deceased);
}

#[test]
fn the_four_states_of_a_key_are_told_apart() {
    let patient = patient();
    let outcome = json!({"resourceType": "OperationOutcome"});
    let partial = json!({
        "resourceType": "Bundle", "entry": [],
        "link": [{"relation": "next", "url": "https://ehr.example/page2"}],
    });
    let supplied = [
        ("patient", Supplied::of(Some(&patient))),
        ("conditions", Supplied::of(None)),
        ("devices", Supplied::of(Some(&Value::Null))),
        ("vitals", Supplied::of(Some(&outcome))),
        ("labs", Supplied::of(Some(&partial))),
    ];
    let chart = read(table(), guideline(), &supplied, NOW);
    assert_eq!(chart.absent, ["conditions"]);
    assert_eq!(chart.failed, ["vitals"]);
    assert_eq!(chart.partial, ["labs"]);
    assert_eq!(chart.findings.len(), 1);
}

#[test]
fn without_a_patient_or_with_two_nothing_reassures_and_dangers_count() {
    let alone = chart_of(&bundle(vec![temperature("o1", 38.4)]));
    assert_eq!(alone.blocks, [Block::NoPatient]);
    assert_eq!(alone.findings[0].value, ">=38.4 Cel");
    let mut other = patient();
    other["id"] = json!("p2");
    let two = bundle(vec![patient(), other, temperature("o1", 38.4)]);
    let both = chart_of(&two);
    assert_eq!(both.blocks, [Block::SeveralPatients]);
    assert!(both.patient.is_none());
    assert_eq!(both.findings[0].value, ">=38.4 Cel");
    // The call names the patient, so it is sure.
    let call = Call { patient: Some("p1"), now: NOW, ..Call::default() };
    let supplied = [("chart", Supplied::of(Some(&two)))];
    let named = read_about(table(), guideline(), &call, &supplied);
    assert!(named.may_reassure());
    assert_eq!(named.findings.len(), 2);
    let call = Call { patient: Some("p3"), now: NOW, ..Call::default() };
    let strange = read_about(table(), guideline(), &call, &supplied);
    assert_eq!(strange.blocks, [Block::NoPatient]);
    assert!(strange.findings.is_empty());
    assert_eq!(strange.ignored[0].why, Why::AnotherSubject);
}

#[test]
fn a_dead_or_replaced_patient_is_flagged_and_not_reassured() {
    let not_pregnant = json!({
        "resourceType": "Observation", "id": "o2", "status": "final",
        "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2026-11-26T08:30:00Z",
        "code": {"coding": [{"system": "http://loinc.org", "code": "82810-3"}]},
        "valueCodeableConcept": {
            "coding": [{"system": "http://loinc.org", "code": "LA26683-5"}],
        },
    });
    for (field, value, block) in [
        ("deceasedBoolean", json!(true), Block::Deceased),
        ("deceasedDateTime", json!("2026-11-01"), Block::Deceased),
        ("link", json!([{"type": "replaced-by", "other": {}}]), Block::Replaced),
    ] {
        let mut patient = patient();
        patient[field] = value;
        let whole = bundle(vec![patient, not_pregnant.clone(), temperature("o1", 38.4)]);
        let chart = chart_of(&whole);
        assert_eq!(chart.blocks, [block]);
        let facts: Vec<&str> = chart.findings.iter().map(|found| found.fact.as_str()).collect();
        assert_eq!(facts, ["age", "temperature"]);
        assert!(chart.ignored.iter().any(|ignored| ignored.why == Why::PatientInDoubt));
    }
    let mut alive = patient();
    alive["deceasedBoolean"] = json!(false);
    assert!(chart_of(&bundle(vec![alive])).may_reassure());
}

#[test]
fn the_encounter_of_the_call_is_no_repeat_visit() {
    let encounter = |id: &str, status: &str, start: &str| {
        json!({
            "resourceType": "Encounter", "id": id, "status": status,
            "class": {"code": "EMER"}, "subject": {"reference": "Patient/p1"},
            "period": {"start": start, "end": start},
            "reasonCode": [{"coding": [{
                "system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M54.50",
            }]}],
        })
    };
    let now = encounter("e2", "in-progress", "2026-11-26T07:00:00Z");
    let repeat = |whole: &Value| {
        let chart = chart_of(whole);
        (chart.findings.iter().any(|found| found.fact == "repeat_visit"), chart.encounter)
    };
    let (is_repeat, visit) = repeat(&bundle(vec![patient(), now.clone()]));
    assert!(!is_repeat);
    assert_eq!(visit.unwrap().class.as_deref(), Some("EMER"));
    let before = encounter("e1", "finished", "2026-11-15T07:00:00Z");
    assert!(repeat(&bundle(vec![patient(), now.clone(), before])).0);
    let long_ago = encounter("e1", "finished", "2026-01-15T07:00:00Z");
    assert!(!repeat(&bundle(vec![patient(), now.clone(), long_ago])).0);
    for status in ["cancelled", "planned", "entered-in-error"] {
        let not = encounter("e1", status, "2026-11-15T07:00:00Z");
        assert!(!repeat(&bundle(vec![patient(), now.clone(), not])).0);
    }
}

#[test]
fn what_is_not_known_is_counted_and_not_listed() {
    let unknown = json!({
        "resourceType": "Condition", "id": "c9", "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "urn:x", "code": "SECRET"}], "text": "SECRET"},
    });
    let strange = json!({"resourceType": "Coverage", "id": "z"});
    let chart = chart_of(&bundle(vec![patient(), unknown.clone(), unknown, strange]));
    assert_eq!(chart.unknown["Condition"], 2);
    assert_eq!(chart.unknown["other"], 1);
    assert!(chart.ignored.is_empty());
}

#[test]
fn limits_keep_the_most_dangerous() {
    let all = (0..1_900).map(|at| {
        let value = f64::from(300 + at % 140) / 10.0;
        temperature(&format!("o{at}"), value)
    });
    let chart = chart_of(&bundle(std::iter::once(patient()).chain(all).collect()));
    let temperatures: Vec<&str> = chart
        .findings
        .iter()
        .filter(|found| found.fact == "temperature")
        .map(|found| found.value.as_str())
        .collect();
    assert_eq!(temperatures.len(), 100);
    assert_eq!(temperatures[0], "43.9 Cel");
    assert_eq!(chart.used.len(), 500);
    assert!(chart.dropped > 1_000);
    let many = (0..ENTRIES_MAX + 5).map(|at| temperature(&format!("o{at}"), 37.0)).collect();
    assert_eq!(chart_of(&bundle(many)).partial, ["chart"]);
}

#[test]
fn what_a_chart_says_is_what_a_visit_in_json_says() {
    let chart = chart_of(&bundle(vec![patient(), temperature("o1", 38.4)]));
    let entries = chart.entries(guideline());
    let text = json!({"findings": chart.findings_json()}).to_string();
    assert_eq!(visit::read(guideline(), &text).unwrap().entries, entries);
    assert!(entries.by_fact.values().flatten().all(|entry| entry.by == Role::Ehr));
}

#[test]
fn the_engine_raises_an_infection_from_a_chart_and_sends_nobody_home() {
    let drugs = json!({
        "resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "5758002"}]},
        "onsetDateTime": "2026-11-01",
    });
    let chart = chart_of(&bundle(vec![patient(), drugs, temperature("o1", 38.9)]));
    let findings = resolve(guideline(), &chart.entries(guideline()), Some(NOW));
    let fever = guideline().fact("temperature").unwrap();
    assert_eq!(findings.by_fact[fever].by, Some(Role::Ehr));
    let decision = explain(guideline(), &findings, None);
    assert!(
        decision.disposition.is_none()
            || decision
                .concerns
                .iter()
                .any(|concern| { concern.state == cauda_guideline::decide::State::Raised })
    );
}
