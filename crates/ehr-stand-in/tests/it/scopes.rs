//! Which patient a written resource is of, when it says so only by what it is about.

use serde_json::{Value, json};

use crate::office::Office;

fn provenance(target: &str) -> Value {
    json!({"resourceType": "Provenance", "target": [{"reference": target}],
        "recorded": "2026-11-26T09:15:00Z", "agent": [{"who": {"display": "Cauda"}}]})
}

#[tokio::test]
async fn a_provenance_is_of_the_patient_of_its_target() {
    let office = Office::open().await;
    let (scope, one) = ("patient/Provenance.cr", Some("fall"));
    for (target, status) in [
        ("Condition/fall-problem-0", 201),
        ("Condition/cancer-problem-0", 403),
        ("Condition/nothing", 422),
    ] {
        let body = provenance(target).to_string();
        let reply = office.fhir_of(scope, one, "POST", "/Provenance", &body).await;
        assert_eq!(reply.status, status, "{target}: {}", reply.body);
    }
}

#[tokio::test]
async fn a_write_needs_its_own_letter() {
    let office = Office::open().await;
    let body = json!({"resourceType": "ServiceRequest", "id": "x", "status": "active",
        "intent": "order", "subject": {"reference": "Patient/fall"}})
    .to_string();
    for (scope, method, path, status) in [
        ("patient/ServiceRequest.ruds", "POST", "/ServiceRequest", 403),
        ("patient/ServiceRequest.c", "POST", "/ServiceRequest", 201),
        ("patient/ServiceRequest.c", "PUT", "/ServiceRequest/x", 403),
        ("patient/ServiceRequest.u", "PUT", "/ServiceRequest/x", 201),
        ("patient/ServiceRequest.cru", "DELETE", "/ServiceRequest/x", 403),
        ("patient/ServiceRequest.d", "DELETE", "/ServiceRequest/x", 204),
    ] {
        let body = if method == "DELETE" { "" } else { &body };
        let reply = office.fhir_of(scope, Some("fall"), method, path, body).await;
        assert_eq!(reply.status, status, "{scope} {method}: {}", reply.body);
    }
}
