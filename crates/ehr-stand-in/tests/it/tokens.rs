//! Who gets a token from the authorization server by its key alone.

use std::collections::HashSet;

use cauda_ehr_stand_in::Signer;
use cauda_jose::{Keys, SigningKey, Token};
use serde_json::{Value, json};

use crate::client::{get, send};
use crate::office::{NOW, Office};

const BACKEND: [(&str, &str); 2] =
    [("grant_type", "client_credentials"), ("scope", "system/Observation.rs system/Task.c")];

#[tokio::test]
async fn a_client_proves_itself_by_its_key() {
    let office = Office::open().await;
    let reply = office.token(&office.assertion(|_| {}), &BACKEND).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let token = reply.json();
    assert_eq!(token["token_type"], "Bearer");
    assert_eq!(token["expires_in"], 300);
    // Task.c is not registered, so it is not granted.
    assert_eq!(token["scope"], "system/Observation.rs");
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    for (path, status) in [("/fhir/Observation?patient=fall", 200), ("/fhir/Patient/fall", 403)] {
        let reply = send("GET", &office.at(path), &[("Authorization", &bearer)], "").await;
        assert_eq!(reply.status, status, "{path}");
    }
}

#[tokio::test]
async fn a_wrong_assertion_gets_nothing() {
    let office = Office::open().await;
    type Change = Box<dyn FnOnce(&mut Value)>;
    let set = |name: &'static str, value: Value| -> Change {
        Box::new(move |claims: &mut Value| claims[name] = value)
    };
    let without = |name: &'static str| -> Change {
        Box::new(move |claims: &mut Value| drop(claims.as_object_mut().unwrap().remove(name)))
    };
    for (change, what) in [
        (set("iss", json!("other")), "iss"),
        (set("sub", json!("other")), "sub"),
        (set("aud", json!(office.at("/auth"))), "aud"),
        (set("exp", json!(NOW + 400)), "exp ahead"),
        (set("exp", json!(NOW - 10)), "exp passed"),
        (set("iat", json!(NOW + 60)), "iat"),
        (set("jti", json!("")), "jti"),
        (without("jti"), "jti missing"),
        (without("exp"), "exp missing"),
    ] {
        let reply = office.token(&office.assertion(change), &BACKEND).await;
        assert_eq!(reply.status, 401, "{what}");
        assert_eq!(reply.json()["error"], "invalid_client", "{what}");
    }
    let stranger = SigningKey::generate_es384().unwrap();
    let claims = json!({"iss": "app", "sub": "app", "aud": office.at("/auth/token"),
        "exp": NOW + 100, "jti": "x"});
    let forged = stranger.sign(&claims, &[]).unwrap();
    assert_eq!(office.token(&forged, &BACKEND).await.status, 401);
    let elsewhere = office.key.sign(&claims, &[("jku", "https://elsewhere.example.org/")]).unwrap();
    assert_eq!(office.token(&elsewhere, &BACKEND).await.status, 401);
}

#[tokio::test]
async fn an_assertion_is_good_once() {
    let office = Office::open().await;
    let assertion = office.assertion(|_| {});
    assert_eq!(office.token(&assertion, &BACKEND).await.status, 200);
    assert_eq!(office.token(&assertion, &BACKEND).await.json()["error"], "invalid_client");
}

#[tokio::test]
async fn a_backend_gets_system_scopes_alone() {
    let office = Office::open().await;
    let pairs = [("grant_type", "client_credentials"), ("scope", "patient/*.rs openid")];
    let reply = office.token(&office.assertion(|_| {}), &pairs).await;
    assert_eq!((reply.status, &reply.json()["error"]), (400, &"invalid_scope".into()));
    let pairs = [("grant_type", "password"), ("scope", "system/*.rs")];
    let reply = office.token(&office.assertion(|_| {}), &pairs).await;
    assert_eq!(reply.json()["error"], "unsupported_grant_type");
}

#[tokio::test]
async fn the_keys_are_published_and_private_ones_are_not() {
    let office = Office::open().await;
    for path in ["/cds-client/jwks.json", "/auth/jwks.json"] {
        let set = get(&office.at(path)).await.json();
        let keys = set["keys"].as_array().unwrap();
        assert_eq!(keys.len(), 1);
        assert!(keys.iter().all(|key| key.get("d").is_none() && key["alg"] == "ES384"));
    }
}

#[tokio::test]
async fn a_test_can_have_any_token_of_a_hook() {
    let office = Office::open().await;
    let set = get(&office.ehr.registration().hook_jwks_url).await.body;
    let keys = Keys::read(set.as_bytes()).unwrap();
    let make = |signer| office.ehr.jwt("http://a", signer, None, |claims| claims["x"] = 1.into());
    let (ours, stranger) = (make(Signer::Ours).unwrap(), make(Signer::Stranger).unwrap());
    let claims = Token::read(&ours).unwrap().verify(&keys).unwrap();
    assert_eq!((&claims["aud"], &claims["x"]), (&"http://a".into(), &1.into()));
    assert!(Token::read(&stranger).unwrap().verify(&keys).is_err());
    for signer in [Signer::Nobody, Signer::Hmac] {
        assert!(Token::read(&make(signer).unwrap()).is_err());
    }
    let ids: HashSet<String> = (0..3)
        .map(|_| {
            let token = make(Signer::Ours).unwrap();
            let claims = Token::read(&token).unwrap().verify(&keys).unwrap();
            claims["jti"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(ids.len(), 3);
}
