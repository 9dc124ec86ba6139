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

#[test]
fn a_patient_of_another_server_is_another_patient_whatever_the_id() {
    let hospital = Hospital::open();
    let base = hospital.ehr.registration().fhir_base;
    let other = base.replacen("/fhir", "/other", 1);
    let apply = |subject: &str| {
        let asked = parameters(json!([
            {"name": "subject", "valueReference": {"reference": subject}},
            {"name": "data", "resource": adult("p1")},
        ]));
        hospital.post("/fhir/PlanDefinition/$apply", &asked)
    };
    let url = {
        let token = format!("Bearer {}", hospital.token("/fhir/Questionnaire"));
        let all = hospital.get("/fhir/Questionnaire", &[("authorization", &token)]);
        all.body["entry"][0]["fullUrl"].as_str().unwrap().to_string()
    };
    let populate = |subject: &str, existing: Option<&str>| {
        let mut list = vec![
            json!({"name": "questionnaire", "valueUri": url}),
            json!({"name": "subject", "valueReference": {"reference": subject}}),
        ];
        list.extend(existing.map(|existing| {
            json!({"name": "questionnaire-response", "resource": {
                "resourceType": "QuestionnaireResponse", "status": "in-progress",
                "questionnaire": url, "subject": {"reference": existing}}})
        }));
        hospital.post("/fhir/Questionnaire/$populate", &parameters(list.into()))
    };
    let extract = |subject: &str| {
        let response = json!({"resourceType": "QuestionnaireResponse", "status": "completed",
            "questionnaire": url, "authored": "2026-11-26T08:50:00Z",
            "subject": {"reference": subject}});
        let list = json!([{"name": "questionnaire-response", "resource": response}]);
        hospital.post("/fhir/QuestionnaireResponse/$extract", &parameters(list))
    };
    let next = |subject: &str| {
        let begin = json!({"resourceType": "QuestionnaireResponse", "status": "in-progress",
            "subject": {"reference": subject}});
        let list = json!([{"name": "questionnaire-response", "resource": begin}]);
        hospital.post("/fhir/Questionnaire/$next-question", &parameters(list))
    };
    for own in ["Patient/p1".to_string(), format!("{base}/Patient/p1")] {
        for answer in [apply(&own), populate(&own, Some("Patient/p1")), extract(&own), next(&own)] {
            assert_eq!(answer.status, 200, "{own}: {}", answer.text);
        }
        // It is written as our caller's own, whichever way it was named.
        assert_eq!(apply(&own).body["subject"]["reference"], "Patient/p1");
    }
    for foreign in [
        "https://other.example.org/fhir/Patient/p1".to_string(),
        format!("{other}/Patient/p1"),
        format!("{base}/more/Patient/p1"),
        "more/Patient/p1".to_string(),
        "/Patient/p1".to_string(),
    ] {
        for answer in [
            apply(&foreign),
            populate(&foreign, None),
            populate("Patient/p1", Some(&foreign)),
            extract(&foreign),
            next(&foreign),
        ] {
            assert_eq!(answer.status, 422, "{foreign}: {}", answer.text);
            assert!(answer.text.contains("another server"), "{foreign}: {}", answer.text);
        }
    }
}

#[test]
fn whatever_is_wrong_below_the_addresses_of_programs_is_answered_in_json() {
    let hospital = Hospital::open();
    let plain = crate::house::House::empty();
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build();
    let agent: ureq::Agent = agent.into();
    let asked = |at: String| {
        let mut answer = agent.get(&at).header("accept", "text/html").call().unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_string();
        let text = answer.body_mut().read_to_string().unwrap();
        let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{at}: {text}"));
        assert_eq!(body["resourceType"], "OperationOutcome", "{at}");
        (answer.status().as_u16(), kind, answer.headers().get("allow").is_some())
    };
    for house in [&hospital.house, &plain] {
        for (path, status, kind) in [
            ("/cds-services/back-pain-imaging", 405, "application/json"),
            ("/cds-services/back-pain-imaging/feedback", 405, "application/json"),
            ("/cds-services/back-pain-imaging/more/of/it", 404, "application/json"),
            ("/cds-services/", 404, "application/json"),
            ("/fhir", 404, "application/fhir+json"),
            ("/fhir/Patient/1", 404, "application/fhir+json"),
            ("/fhir/PlanDefinition/$apply", 405, "application/fhir+json"),
        ] {
            let (was, of, allow) = asked(format!("{}{path}", house.address()));
            assert_eq!(was, status, "{path}");
            assert!(of.starts_with(kind), "{path}: {of}");
            assert_eq!(allow, status == 405, "{path} says which methods it takes");
        }
    }
    // A script of a registered page may read it; people still get a page.
    let origin = hospital.ehr.registration().hook_issuer;
    let answer = hospital.get("/cds-services/x/y", &[("origin", &origin)]);
    assert_eq!(answer.header("access-control-allow-origin"), Some(origin.as_str()));
    let page = hospital.get("/fhirs", &[]);
    assert_eq!(page.status, 404);
    assert!(page.header("content-type").unwrap().starts_with("text/html"), "{}", page.text);
}
