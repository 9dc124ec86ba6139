//! What the token endpoint may answer.

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use cauda_smart::{Part, SmartError};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::desk::{Desk, NOON, refused};
use crate::ehr::{Manner, TOKEN};

/// Puts that into the answer.
fn with(name: &'static str, value: Value) -> impl Fn(&mut Manner) {
    move |manner| {
        let value = value.clone();
        manner.tokens = Box::new(move |tokens| tokens[name] = value.clone());
    }
}

fn wrong(what: &'static str) -> SmartError {
    SmartError::Document { part: Part::Token, what }
}

#[tokio::test]
async fn no_patient_is_no_launch() {
    refused("null", with("patient", json!(null)), SmartError::NoPatient).await;
    let odd = wrong("its patient is no logical id");
    for value in
        [json!(""), json!(7), json!("a/b"), json!(".."), json!(["x"]), json!("x".repeat(65))]
    {
        refused("odd", with("patient", value), odd.clone()).await;
    }
    let spoil = |manner: &mut Manner| {
        manner.tokens = Box::new(|tokens| drop(tokens.as_object_mut().unwrap().remove("patient")));
    };
    refused("missing", spoil, SmartError::NoPatient).await;
}

#[tokio::test]
async fn what_is_odd_is_never_taken_for_nothing() {
    let encounter = wrong("its encounter is no logical id");
    for value in [json!(""), json!(7), json!({"id": "x"}), json!("canary canary")] {
        refused("encounter", with("encounter", value), encounter.clone()).await;
    }
    let context = wrong("its appContext is no text of at most 8192 bytes");
    for value in [json!({"canary": 1}), json!("x".repeat(8_193))] {
        refused("appContext", with("appContext", value), context.clone()).await;
    }
    let context = wrong("its fhirContext is no list of at most 64 resources");
    for value in [json!("canary"), json!(vec![json!({}); 65])] {
        refused("fhirContext", with("fhirContext", value), context.clone()).await;
    }
}

#[tokio::test]
async fn the_banner_is_shown_unless_the_ehr_says_no() {
    for (value, expect) in
        [(json!(true), true), (json!(false), false), (json!(null), true), (json!("false"), true)]
    {
        let desk = Desk::new().await;
        with("need_patient_banner", value)(&mut desk.ehr.manner());
        let launched = desk.launch(&desk.launches()).await.unwrap();
        assert_eq!(launched.need_patient_banner, expect);
    }
}

#[tokio::test]
async fn a_token_is_a_bearers_with_what_was_granted() {
    let bearer = wrong("it gave no access token of a bearer");
    for (name, value) in [
        ("token_type", json!("canary")),
        ("token_type", json!(null)),
        ("access_token", json!(null)),
        ("access_token", json!(7)),
    ] {
        refused(name, with(name, value), bearer.clone()).await;
    }
    let header = wrong("its access token fits into no header");
    for value in ["", "canary canary", "canary\r\nX: y", "canäry", "canary,x", &"x".repeat(12_289)]
    {
        refused("token", with("access_token", json!(value)), header.clone()).await;
    }
    let scope = wrong("it does not say what it granted");
    refused("scope", with("scope", json!(null)), scope).await;
    let desk = Desk::new().await;
    with("token_type", json!("bearer"))(&mut desk.ehr.manner());
    desk.launch(&desk.launches()).await.unwrap();
}

#[tokio::test]
async fn a_token_ends_when_it_says_and_soon_if_it_does_not() {
    for (value, expect) in
        [(json!(60), 60), (json!("60"), 60), (json!(null), 300), (json!(i64::MAX), 43_200)]
    {
        let desk = Desk::new().await;
        with("expires_in", value)(&mut desk.ehr.manner());
        let launched = desk.launch(&desk.launches()).await.unwrap();
        assert_eq!(launched.expires_at, NOON + expect);
    }
    let odd = wrong("its expires_in is no number of seconds");
    for value in [json!(0), json!(-1), json!("canary"), json!([1]), json!(1e300)] {
        refused("expires_in", with("expires_in", value), odd.clone()).await;
    }
}

#[tokio::test]
async fn an_error_is_not_repeated() {
    for (status, error, expect) in [
        (400, "invalid_grant", SmartError::CodeRefused),
        (401, "invalid_client", SmartError::ClientRefused),
        (400, "unauthorized_client", SmartError::ClientRefused),
        (400, "invalid_scope", SmartError::ScopeRefused),
        (400, "canary", SmartError::Status { part: Part::Token, status: 400 }),
        (500, "", SmartError::Status { part: Part::Token, status: 500 }),
        (201, "", SmartError::Status { part: Part::Token, status: 201 }),
    ] {
        let said = json!({"error": error, "error_description": "canary-code"}).to_string();
        let spoil = |manner: &mut Manner| {
            let said = said.clone();
            let status = StatusCode::from_u16(status).unwrap();
            manner.answers(TOKEN, move || (status, said.clone()).into_response());
        };
        refused(error, spoil, expect).await;
    }
}

#[test]
fn no_answer_is_too_odd() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let desk = runtime.block_on(Desk::new());
    let launches = desk.launches();
    let config = Config { cases: 64, ..Config::default() };
    let part = prop_oneof![
        Just("access_token"),
        Just("token_type"),
        Just("expires_in"),
        Just("scope"),
        Just("patient"),
        Just("encounter"),
        Just("id_token"),
        Just("fhirContext"),
        Just("appContext"),
    ];
    let value = prop_oneof![
        Just(json!(null)),
        Just(json!([[], {}])),
        Just(json!({"reference": {}})),
        any::<i64>().prop_map(|number| json!(number)),
        ".{0,40}".prop_map(|text| json!(text)),
    ];
    let run = TestRunner::new(config).run(&(part, value), |(name, value)| {
        desk.ehr.manner().tokens = Box::new(move |tokens| tokens[name] = value.clone());
        match runtime.block_on(desk.launch(&launches)) {
            Ok(launched) => desk.is_silent(&launched),
            Err(error) => desk.is_silent((error.to_string(), &error)),
        }
        Ok(())
    });
    run.unwrap();
}
