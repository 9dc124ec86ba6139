//! What goes out with a hook.

use std::time::Duration;

use cauda_ehr_stand_in::{Outcome, PrefetchFault};
use cauda_jose::{Keys, Token};
use serde_json::{Value, json};

use crate::client::{get, send};
use crate::office::{NOW, Office, happening};

const ADVICE: &str = "/cds-services/advice";

async fn call(office: &Office, hook: &str) -> Value {
    let answers = office.ehr.call(&happening(hook, "infection")).await.unwrap();
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].complaints, Vec::<String>::new());
    office.service.seen(ADVICE).pop().unwrap().body
}

#[tokio::test]
async fn every_call_is_signed_for_its_address() {
    let office = Office::open().await;
    call(&office, "order-select").await;
    office.ehr.feedback("advice", "card-1", &Outcome::Accepted(vec!["s".to_owned()])).await;
    let set = get(&office.ehr.registration().hook_jwks_url).await.body;
    let keys = Keys::read(set.as_bytes()).unwrap();
    let mut ids = Vec::new();
    for path in ["/cds-services", ADVICE, "/cds-services/advice/feedback"] {
        let seen = office.service.seen(path).pop().unwrap();
        assert_eq!(seen.method, if path == "/cds-services" { "GET" } else { "POST" });
        let token = Token::read(seen.authorization.strip_prefix("Bearer ").unwrap()).unwrap();
        assert_eq!(token.header.algorithm.name(), "ES384");
        assert_eq!(token.header.typ.as_deref(), Some("JWT"));
        assert_eq!(token.header.jku, Some(office.ehr.registration().hook_jwks_url));
        let claims = token.verify(&keys).unwrap();
        assert_eq!(claims["iss"], office.ehr.registration().hook_issuer);
        assert_eq!(claims["aud"], format!("{}{path}", office.service.origin));
        assert_eq!((&claims["iat"], &claims["exp"]), (&NOW.into(), &(NOW + 60).into()));
        ids.push(claims["jti"].as_str().unwrap().to_owned());
    }
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn the_context_is_that_of_its_hook() {
    let office = Office::open().await;
    let select = call(&office, "order-select").await;
    assert_eq!(select["hook"], "order-select");
    assert_eq!(select["hookInstance"].as_str().unwrap().len(), 36);
    let context = &select["context"];
    assert_eq!(context["userId"], "Practitioner/dr-lind");
    assert_eq!(context["patientId"], "infection");
    assert_eq!(context["encounterId"], "infection-visit");
    assert_eq!(context["selections"], json!(["ServiceRequest/draft-1"]));
    assert_eq!(context["draftOrders"]["type"], "collection");
    assert_eq!(context["draftOrders"]["entry"][0]["resource"]["id"], "draft-1");
    let sign = call(&office, "order-sign").await;
    assert!(sign["context"].get("selections").is_none());
    assert_ne!(sign["hookInstance"], select["hookInstance"]);
    let leave = call(&office, "encounter-discharge").await;
    assert!(leave["context"].get("draftOrders").is_none());
}

#[tokio::test]
async fn the_token_that_goes_along_reads_this_patient_alone() {
    let office = Office::open().await;
    let body = call(&office, "order-select").await;
    assert_eq!(body["fhirServer"], office.at("/fhir"));
    let access = &body["fhirAuthorization"];
    assert_eq!(access["token_type"], "Bearer");
    assert_eq!(access["scope"], "patient/*.rs");
    assert_eq!((&access["subject"], &access["patient"]), (&"app".into(), &"infection".into()));
    let bearer = format!("Bearer {}", access["access_token"].as_str().unwrap());
    for (path, status) in [("/fhir/Patient/infection", 200), ("/fhir/Patient/fall", 403)] {
        let reply = send("GET", &office.at(path), &[("Authorization", &bearer)], "").await;
        assert_eq!(reply.status, status);
    }
}

#[tokio::test]
async fn templates_are_filled_or_left_out() {
    let office = Office::open().await;
    let body = call(&office, "order-select").await;
    let data = body["prefetch"].as_object().unwrap();
    assert_eq!(data["patient"]["id"], "infection");
    assert_eq!(data["visit"]["id"], "infection-visit");
    assert_eq!(data["who"]["id"], "dr-lind");
    assert_eq!(data["values"]["total"], 2);
    assert_eq!(data["problems"]["total"], 4);
    assert_eq!(data["wrong"]["resourceType"], "OperationOutcome");
    assert_eq!(data["nobody"], Value::Null);
    assert!(!data.contains_key("never"));
}

#[tokio::test]
async fn each_prefetched_value_can_fail() {
    let office = Office::open().await;
    office.ehr.faults(|faults| {
        faults.prefetch.insert("patient".to_owned(), PrefetchFault::Null);
        faults.prefetch.insert("visit".to_owned(), PrefetchFault::Absent);
        faults.prefetch.insert("*".to_owned(), PrefetchFault::Outcome);
        faults.no_access = true;
        faults.empty_coding = true;
    });
    let body = call(&office, "order-select").await;
    let data = body["prefetch"].as_object().unwrap();
    assert_eq!(data["patient"], Value::Null);
    assert!(!data.contains_key("visit"));
    assert_eq!(data["values"]["resourceType"], "OperationOutcome");
    assert!(body.get("fhirServer").is_none() && body.get("fhirAuthorization").is_none());
    let bundle = &body["context"]["draftOrders"];
    assert!(bundle.get("type").is_none());
    assert_eq!(bundle["entry"][0]["resource"]["code"], json!({"coding": [{}]}));
    assert_eq!(bundle["entry"][0]["resource"]["reasonCode"], json!([]));
    office.ehr.faults(|faults| {
        faults.prefetch.clear();
        faults.page_size = Some(1);
    });
    let body = call(&office, "order-select").await;
    let links = body["prefetch"]["problems"]["link"].as_array().unwrap().clone();
    assert!(links.iter().any(|link| link["relation"] == "next"));
}

#[tokio::test]
async fn nobody_waits_for_a_service_that_is_silent() {
    let office = Office::with(Duration::from_millis(50)).await;
    office.service.falls_silent();
    let answers = office.ehr.call(&happening("order-select", "infection")).await;
    // Under load discovery itself may be too late.
    let said = match answers {
        Ok(answers) => answers[0].missing.clone().unwrap(),
        Err(error) => error.to_string(),
    };
    assert!(said.contains("no advice in time"), "{said}");
}

#[tokio::test]
async fn a_service_that_needs_data_says_so() {
    let office = Office::open().await;
    office.service.status(412);
    office.service.answers(|_| {
        json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error",
            "code": "required", "details": {"text": "the patient is missing"}}]})
    });
    let answers = office.ehr.call(&happening("order-select", "infection")).await.unwrap();
    assert_eq!(answers[0].status, Some(412));
    let said = answers[0].missing.clone().unwrap();
    assert_eq!(said, "no advice: the service answered 412: the patient is missing");
}

#[tokio::test]
async fn a_discovery_that_is_none_gives_no_advice() {
    let office = Office::open().await;
    office.service.discovers(json!({"services": []}));
    let answers = office.ehr.call(&happening("order-select", "infection")).await.unwrap();
    assert!(answers.is_empty());
    office.pass(30);
    office.service.discovers(json!({"resourceType": "OperationOutcome"}));
    let error = office.ehr.call(&happening("order-select", "infection")).await.unwrap_err();
    assert!(error.to_string().contains("its discovery has no list of services"), "{error}");
}

#[tokio::test]
async fn tokens_are_masked_in_the_traffic() {
    let office = Office::open().await;
    let body = call(&office, "order-select").await;
    let secret = body["fhirAuthorization"]["access_token"].as_str().unwrap();
    let shown = get(&office.at("/traffic")).await.body;
    let seen = office.service.seen(ADVICE).pop().unwrap();
    let signature = seen.authorization.rsplit('.').next().unwrap().to_owned();
    assert!(shown.contains("(masked)") && shown.contains("hookInstance"));
    assert!(!shown.contains(secret) && !shown.contains(&signature));
    assert!(office.ehr.traffic().len() >= 2);
}
