//! Reading a call: strict about whom, liberal about the rest, and silent about what it held.

use cauda_cds_hooks::{Hook, HookRequest, IMAGING, RequestError, VISIT};
use serde_json::{Value, json};

use crate::world::{
    CPT, INSTANCE, LOINC, Scene, bundle, call, codes, lumbar_mri, lumbar_xray, request_of, saddle,
};

fn read(body: &Value) -> Result<HookRequest<'_>, RequestError> {
    HookRequest::read(body, IMAGING, codes())
}

fn refused(change: impl FnOnce(&mut Value)) -> RequestError {
    let mut body = call(Hook::OrderSelect, &[lumbar_mri()]);
    change(&mut body);
    read(&body).unwrap_err()
}

#[test]
fn a_whole_call_is_read() {
    let body = call(Hook::OrderSelect, &[lumbar_mri()]);
    let request = read(&body).unwrap();
    assert_eq!((request.hook, request.instance.as_str()), (Hook::OrderSelect, INSTANCE));
    assert_eq!((request.context.patient, request.context.encounter), ("p1", Some("e1")));
    let order = &request.context.orders[0];
    assert!(order.selected && order.counts());
    assert_eq!(order.ordered.as_ref().unwrap().image, Some("mri_lumbar"));
    assert_eq!(order.reference.as_deref(), Some("ServiceRequest/mri"));
}

#[test]
fn each_required_field_is_named_when_it_is_missing_or_null() {
    for field in ["userId", "patientId", "selections", "draftOrders"] {
        let path = format!("context.{field}");
        let gone = refused(|body| drop(body["context"].as_object_mut().unwrap().remove(field)));
        assert_eq!(gone.path(), path);
        let null = refused(|body| body["context"][field] = Value::Null);
        assert_eq!((null.path(), null.code(), null.status()), (path.as_str(), "required", 400));
    }
    for field in ["hook", "hookInstance", "context"] {
        assert_eq!(refused(|body| body[field] = Value::Null).path(), field);
    }
    let discharge = call(Hook::EncounterDischarge, &[]);
    assert!(HookRequest::read(&discharge, VISIT, codes()).is_ok());
    let mut discharge = discharge;
    discharge["context"]["encounterId"] = Value::Null;
    let error = HookRequest::read(&discharge, VISIT, codes()).unwrap_err();
    assert_eq!(error.path(), "context.encounterId");
}

#[test]
fn the_encounter_is_optional_where_the_hook_says_so() {
    let mut body = call(Hook::OrderSign, &[]);
    body["context"].as_object_mut().unwrap().remove("encounterId");
    let request = read(&body).unwrap();
    let missing = request.missing(&[]);
    let encounter = missing.iter().find(|data| data.key == "encounter").unwrap();
    assert_eq!(encounter.query, None, "a query without its id is not made up");
}

#[test]
fn services_answer_their_own_hooks_only() {
    let body = call(Hook::OrderSign, &[]);
    assert_eq!(HookRequest::read(&body, "other", codes()).unwrap_err(), RequestError::NoService);
    assert_eq!(HookRequest::read(&body, VISIT, codes()).unwrap_err(), RequestError::NoHook);
    assert_eq!(RequestError::NoService.status(), 404);
}

#[test]
fn an_instance_is_a_uuid_and_ids_are_ids() {
    assert_eq!(refused(|body| body["hookInstance"] = "1234".into()).path(), "hookInstance");
    for id in ["../Patient", "p1?x=1", "p1&patient=2", "", " ", "p 1", &"x".repeat(65)] {
        assert_eq!(
            refused(|body| body["context"]["patientId"] = id.into()).path(),
            "context.patientId"
        );
    }
    let mut body = call(Hook::OrderSign, &[]);
    body["context"]["patientId"] = "Patient/p1".into();
    assert_eq!(read(&body).unwrap().context.patient, "p1");
}

#[test]
fn the_patient_sent_along_is_the_one_of_the_context() {
    let mut body = call(Hook::OrderSign, &[]);
    body["prefetch"] = json!({ "patient": { "resourceType": "Patient", "id": "p2" } });
    assert_eq!(read(&body).unwrap_err(), RequestError::OtherPatient);
    body["prefetch"] =
        json!({ "patient": bundle(&[json!({ "resourceType": "Patient", "id": "p2" })]) });
    assert_eq!(read(&body).unwrap_err(), RequestError::OtherPatient);
    body["prefetch"] = json!({ "patient": { "resourceType": "Patient" } });
    assert!(read(&body).is_ok());
}

#[test]
fn an_order_of_another_patient_is_not_advised_on() {
    let order = request_of("x", CPT, "72148", json!({ "subject": { "reference": "Patient/p2" } }));
    let body = call(Hook::OrderSign, &[order]);
    let request = read(&body).unwrap();
    assert!(request.context.orders[0].other_patient && !request.context.orders[0].counts());
}

#[test]
fn a_token_needs_its_server_and_is_never_shown() {
    let token = "very-secret-token";
    let authorization = json!({ "access_token": token, "token_type": "Bearer", "expires_in": 300 });
    let error = refused(|body| body["fhirAuthorization"] = authorization.clone());
    assert_eq!(error.path(), "fhirServer");
    let mut body = call(Hook::OrderSign, &[]);
    body["fhirServer"] = "https://ehr.example/fhir".into();
    body["fhirAuthorization"] = authorization;
    let mut request = read(&body).unwrap();
    let taken = request.clone().take_authorization().unwrap();
    assert_eq!((taken.token.reveal(), taken.expires_in_seconds), (token, Some(300)));
    for shown in [format!("{request:?}"), format!("{taken:?}")] {
        assert!(!shown.contains(token) && !shown.contains("p1"), "{shown}");
    }
    request.take_authorization();
    for token in ["", "two words", "line\nbreak"] {
        body["fhirAuthorization"]["access_token"] = token.into();
        let error = read(&body).unwrap_err();
        assert_eq!(error.path(), "fhirAuthorization.access_token");
        assert!(token.is_empty() || !error.to_string().contains(token));
    }
    for server in ["file:///etc", "ehr.example", "https://ehr .example"] {
        body["fhirServer"] = server.into();
        assert_eq!(read(&body).unwrap_err().path(), "fhirServer");
    }
}

#[test]
fn only_selected_orders_are_advised_on_while_selecting() {
    let chosen = lumbar_mri();
    let other = request_of("other", CPT, "72131", json!({}));
    let mut body = call(Hook::OrderSelect, &[chosen, other]);
    body["context"]["selections"] = json!(["ServiceRequest/mri"]);
    let request = read(&body).unwrap();
    let selected: Vec<bool> = request.context.orders.iter().map(|one| one.selected).collect();
    assert_eq!(selected, [true, false]);
    body["hook"] = "order-sign".into();
    assert!(read(&body).unwrap().context.orders.iter().all(|one| one.selected));
}

#[test]
fn too_many_orders_are_refused_and_none_is_overlooked() {
    let orders = vec![lumbar_mri(); 201];
    let error = refused(|body| body["context"]["draftOrders"] = bundle(&orders));
    assert_eq!((error.path(), error.status()), ("context.draftOrders", 413));
}

#[test]
fn an_error_says_where_and_nothing_of_what_was_sent() {
    let error = refused(|body| body["context"]["patientId"] = "Jane Doe".into());
    let outcome = error.outcome();
    assert_eq!(outcome["issue"][0]["diagnostics"], "context.patientId");
    assert_eq!(outcome["issue"][0]["severity"], "error");
    assert!(!outcome.to_string().contains("Jane"));
}

#[test]
fn an_order_placed_before_in_this_encounter_answers_a_danger() {
    let placed = |encounter: &str, status: &str| {
        let more = json!({
            "status": status,
            "priority": "stat",
            "encounter": { "reference": format!("Encounter/{encounter}") },
        });
        let mut body = call(Hook::OrderSign, &[lumbar_xray()]);
        body["prefetch"] = json!({ "orders": bundle(&[request_of("p", LOINC, "30679-5", more)]) });
        let request = read(&body).unwrap();
        let orders = request.orders(codes(), None);
        let answer = Scene::order(saddle(), &[]).answer(&orders);
        assert!(answer.system_actions.is_empty(), "an order that was placed is not rated");
        answer.cards.is_empty()
    };
    assert!(placed("e1", "active"));
    assert!(!placed("e0", "active"), "an order of another visit answers nothing");
    assert!(!placed("e1", "completed") && !placed("e1", "draft"));
}
