//! Cauda asked as a FHIR server.

use serde_json::{Value, json};

use crate::ehr::{Hospital, adult};

fn parameters(list: Value) -> Value {
    json!({ "resourceType": "Parameters", "parameter": list })
}

#[test]
fn it_says_what_it_can_and_lets_nobody_else_in() {
    let hospital = Hospital::open();
    let can = hospital.get("/fhir/metadata", &[]);
    assert_eq!(can.body["resourceType"], "CapabilityStatement");
    assert_eq!(can.body["fhirVersion"], "4.0.1");
    assert_eq!(hospital.get("/fhir/Questionnaire", &[]).status, 401);
    for path in ["/fhir/Questionnaire/$populate", "/fhir/PlanDefinition/$apply"] {
        let refused = hospital.post_text(path, "{}", "x", &[]);
        assert_eq!(refused.status, 401);
        let odd = hospital.post(path, &json!({}));
        assert_eq!(
            (odd.status, odd.body["resourceType"].as_str()),
            (422, Some("OperationOutcome"))
        );
    }
}

#[test]
fn forms_are_found_read_and_filled_in() {
    let hospital = Hospital::open();
    let token = format!("Bearer {}", hospital.token("/fhir/Questionnaire"));
    let all = hospital.get("/fhir/Questionnaire", &[("authorization", &token)]);
    let entry = &all.body["entry"][0];
    let url = entry["fullUrl"].as_str().unwrap();
    assert!(url.starts_with(&hospital.at("/fhir/Questionnaire/")), "{url}");
    let id = entry["resource"]["id"].as_str().unwrap();
    let path = format!("/fhir/Questionnaire/{id}");
    let token = format!("Bearer {}", hospital.token(&path));
    let one = hospital.get(&path, &[("authorization", &token)]);
    assert_eq!(one.body["resourceType"], "Questionnaire");
    let fever = json!({"resourceType": "Observation", "id": "o1", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8310-5"}]},
        "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2026-11-26T08:50:00Z",
        "valueQuantity": {"value": 38.9, "unit": "Cel", "system": "http://unitsofmeasure.org", "code": "Cel"}});
    let asked = parameters(json!([
        {"name": "questionnaire", "valueUri": url},
        {"name": "subject", "valueReference": {"reference": "Patient/p1"}},
        {"name": "data", "resource": adult("p1")},
        {"name": "data", "resource": fever},
    ]));
    let filled = hospital.post("/fhir/Questionnaire/$populate", &asked);
    assert_eq!(filled.status, 200, "{}", filled.text);
    let response = &filled.body["parameter"][0]["resource"];
    assert_eq!(response["resourceType"], "QuestionnaireResponse");
    assert!(
        filled.text.contains("38.9") && filled.text.contains("Observation/o1"),
        "{}",
        filled.text
    );
    assert!(!filled.text.contains("\"valueBoolean\":false"));
}

#[test]
fn questions_come_one_after_the_other_and_answers_become_observations() {
    let hospital = Hospital::open();
    let path = "/fhir/Questionnaire/$next-question";
    let begin = json!({"resourceType": "QuestionnaireResponse", "status": "in-progress",
        "subject": {"reference": "Patient/p1"}});
    let asked = parameters(json!([{"name": "questionnaire-response", "resource": begin}]));
    let first = hospital.post(path, &asked);
    assert_eq!(first.status, 200, "{}", first.text);
    let response = &first.body["parameter"][0]["resource"];
    assert_eq!(response["status"], "in-progress");
    assert!(response["contained"][0]["item"].as_array().is_some_and(|items| !items.is_empty()));
}

#[test]
fn the_plan_of_an_undecided_patient_says_what_is_missing() {
    let hospital = Hospital::open();
    let asked = parameters(json!([
        {"name": "subject", "valueString": "Patient/p1"},
        {"name": "data", "resource": adult("p1")},
    ]));
    let plan = hospital.post("/fhir/PlanDefinition/$apply", &asked);
    assert_eq!(
        (plan.status, plan.body["resourceType"].as_str()),
        (200, Some("CarePlan")),
        "{}",
        plan.text
    );
    let path = "/fhir/PlanDefinition/$apply";
    let token = hospital.token(path);
    let guidance = hospital.post_text(
        &format!("{path}?return=GuidanceResponse"),
        &asked.to_string(),
        &token,
        &[],
    );
    assert_eq!(guidance.body["status"], "data-required", "{}", guidance.text);
    let other = parameters(json!([
        {"name": "planDefinition", "valueUri": "https://other.example/PlanDefinition/x"},
        {"name": "subject", "valueString": "Patient/p1"},
    ]));
    assert_eq!(hospital.post(path, &other).status, 404);
}
