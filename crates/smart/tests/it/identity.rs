//! ID tokens, honest and forged.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cauda_jose::SigningKey;
use cauda_smart::{Part, SmartError, TokenFault};
use serde_json::{Value, json};

use crate::desk::{Desk, NOON, refused};
use crate::ehr::{CLIENT, KEYS, Manner};
use crate::launching::RSA;

fn claim(name: &'static str, value: Value) -> impl Fn(&mut Manner) {
    move |manner| {
        let value = value.clone();
        manner.claims = Box::new(move |claims| claims[name] = value.clone());
    }
}

#[tokio::test]
async fn a_token_of_something_else_is_refused() {
    for (name, value, expect) in [
        ("iss", json!("https://elsewhere.example.org"), TokenFault::Issuer),
        ("iss", json!(null), TokenFault::Issuer),
        ("aud", json!("another"), TokenFault::Audience),
        ("aud", json!(["another"]), TokenFault::Audience),
        ("aud", json!(null), TokenFault::Audience),
        ("aud", json!(vec![CLIENT; 17]), TokenFault::Audience),
        ("aud", json!([CLIENT, "another"]), TokenFault::AuthorizedParty),
        ("azp", json!("another"), TokenFault::AuthorizedParty),
        ("nonce", json!("canary"), TokenFault::Nonce),
        ("nonce", json!(null), TokenFault::Nonce),
        ("exp", json!(NOON - 60), TokenFault::Expired),
        ("exp", json!(null), TokenFault::Malformed),
        ("iat", json!(NOON - 61), TokenFault::IssuedAt),
        ("iat", json!(NOON + 61), TokenFault::IssuedAt),
        ("nbf", json!(NOON + 61), TokenFault::NotYet),
        ("sub", json!(""), TokenFault::Subject),
        ("sub", json!("x".repeat(256)), TokenFault::Subject),
        ("sub", json!(null), TokenFault::Subject),
    ] {
        refused(name, claim(name, value), expect).await;
    }
}

#[tokio::test]
async fn the_clocks_may_be_a_minute_apart() {
    for (name, second) in
        [("exp", NOON - 59), ("iat", NOON + 60), ("iat", NOON - 60), ("nbf", NOON + 60)]
    {
        let desk = Desk::new().await;
        claim(name, json!(second))(&mut desk.ehr.manner());
        desk.launch(&desk.launches()).await.unwrap();
    }
}

#[tokio::test]
async fn a_token_that_nobody_signed_is_refused() {
    let forged = |header: Value, keep: bool| {
        move |manner: &mut Manner| {
            let header = URL_SAFE_NO_PAD.encode(header.to_string());
            manner.id_token = Box::new(move |token| {
                let parts: Vec<&str> = token.split('.').collect();
                let signature = if keep { parts[2] } else { "" };
                format!("{header}.{}.{signature}", parts[1])
            });
        }
    };
    let none = json!({"alg": "none"});
    refused("none", forged(none.clone(), false), TokenFault::Algorithm).await;
    refused("none", forged(none, true), TokenFault::Algorithm).await;
    refused("hmac", forged(json!({"alg": "HS384"}), true), TokenFault::Algorithm).await;
    refused("empty", forged(json!({"alg": "ES384"}), false), TokenFault::Signature).await;
    refused("header", forged(json!({"alg": "ES384"}), true), TokenFault::Signature).await;
    let typ = json!({"alg": "ES384", "typ": "at+jwt"});
    refused("type", forged(typ, true), TokenFault::Type).await;
    let crit = json!({"alg": "ES384", "crit": ["x"]});
    refused("crit", forged(crit, true), TokenFault::Malformed).await;
    let form = |manner: &mut Manner| manner.id_token = Box::new(|_| "canary".to_string());
    refused("form", form, TokenFault::Malformed).await;
    let gone = |manner: &mut Manner| {
        manner.tokens = Box::new(|tokens| tokens["id_token"] = json!(null));
    };
    refused("gone", gone, TokenFault::Missing).await;
    let stranger = |manner: &mut Manner| {
        manner.signer = Arc::new(SigningKey::generate_es384().unwrap());
    };
    refused("stranger", stranger, TokenFault::UnknownKey).await;
}

#[tokio::test]
async fn a_token_is_signed_by_ecdsa_or_rsa() {
    let desk = Desk::new().await;
    let signer = Arc::new(SigningKey::read(RSA).unwrap());
    desk.ehr.manner().published.push(signer.clone());
    desk.ehr.manner().signer = signer;
    desk.launch(&desk.launches()).await.unwrap();
}

#[tokio::test]
async fn a_new_key_is_read_at_once_and_not_over_and_over() {
    let desk = Desk::new().await;
    let launches = desk.launches();
    desk.launch(&launches).await.unwrap();
    desk.pass(60);
    let next = Arc::new(SigningKey::generate_es384().unwrap());
    desk.ehr.manner().published.push(next.clone());
    desk.ehr.manner().signer = next;
    desk.launch(&launches).await.unwrap();
    assert_eq!(desk.ehr.manner().times(KEYS), 2);
    desk.ehr.manner().signer = Arc::new(SigningKey::generate_es384().unwrap());
    for _ in 0..3 {
        let error = desk.launch(&launches).await.unwrap_err();
        assert_eq!(error, TokenFault::UnknownKey.into());
    }
    assert_eq!(desk.ehr.manner().times(KEYS), 2);
}

#[tokio::test]
async fn a_user_elsewhere_is_nobody_here() {
    let desk = Desk::new().await;
    for user in ["https://elsewhere.example.org/fhir/Practitioner/1", "Organization/1"] {
        claim("fhirUser", json!(user))(&mut desk.ehr.manner());
        let launched = desk.launch(&desk.launches()).await.unwrap();
        assert_eq!(launched.user, None);
        assert!(launched.subject.is_some());
    }
}

#[tokio::test]
async fn without_openid_nobody_is_asked_for_keys() {
    let desk = Desk::new().await;
    let mut settings = desk.settings();
    settings.scopes = "patient/Observation.rs".to_string();
    desk.ehr.manner().discovery = Box::new(|one| one["jwks_uri"] = json!(null));
    desk.ehr.manner().names_itself = true;
    let launches = desk.open(&settings);
    let launched = desk.launch(&launches).await.unwrap();
    assert_eq!(launched.subject, None);
    assert_eq!(desk.ehr.manner().times(KEYS), 0);
    let part = Part::Discovery;
    let what = "it names no issuer and jwks_uri, which openid needs";
    let error = desk.launch(&desk.launches()).await.unwrap_err();
    assert_eq!(error, SmartError::Document { part, what });
}
