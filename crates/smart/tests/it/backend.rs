//! Tokens for ourselves, and the keys that we publish.

use cauda_jose::SigningKey;
use cauda_smart::{Action, Backend, KeySet, Part, Reach, SmartError};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::desk::{Desk, NOON};
use crate::ehr::TOKEN;
use crate::launching::RSA;

const SCOPES: &str = "system/Observation.rs system/AuditEvent.c";

#[tokio::test]
async fn a_token_is_kept_until_shortly_before_its_end() {
    let desk = Desk::new().await;
    let backend = Backend::open(&desk.keyed_es384(), SCOPES).unwrap();
    let first = backend.token(&desk.numbers, NOON).await.unwrap();
    assert_eq!(first.expires_at, NOON + 300);
    assert_eq!(first.granted.reach(Action::Create, "AuditEvent"), Reach::All);
    assert!(first.granted.may_search("Observation") && !first.granted.may_read("AuditEvent"));
    desk.is_silent((&first, &first.token, first.token.to_string(), &backend));
    desk.pass(239);
    let same = backend.token(&desk.numbers, desk.now()).await.unwrap();
    assert_eq!(same.token.reveal(), first.token.reveal());
    desk.pass(1);
    let next = backend.token(&desk.numbers, desk.now()).await.unwrap();
    assert_ne!(next.token.reveal(), first.token.reveal());
    // A clock that was set back keeps none for ever.
    desk.pass(-10_000);
    backend.token(&desk.numbers, desk.now()).await.unwrap();
    assert_eq!(desk.ehr.manner().times(TOKEN), 3);
}

#[tokio::test]
async fn a_short_token_is_used_for_most_of_its_life() {
    let desk = Desk::new().await;
    desk.ehr.manner().expires_in = 10;
    let backend = Backend::open(&desk.keyed_es384(), SCOPES).unwrap();
    for (passes, times) in [(0, 1), (7, 1), (1, 2)] {
        desk.pass(passes);
        backend.token(&desk.numbers, desk.now()).await.unwrap();
        assert_eq!(desk.ehr.manner().times(TOKEN), times);
    }
}

#[tokio::test]
async fn one_asks_and_the_others_wait() {
    let desk = Desk::new().await;
    let backend = Backend::open(&desk.keyed(RSA), SCOPES).unwrap();
    let all = join_all((0..20).map(|_| backend.token(&desk.numbers, NOON))).await;
    let first = all[0].as_ref().unwrap().token.reveal();
    assert!(all.iter().all(|token| token.as_ref().unwrap().token.reveal() == first));
    assert_eq!(desk.ehr.manner().times(TOKEN), 1);
}

#[tokio::test]
async fn a_token_that_the_ehr_takes_back_is_forgotten() {
    let desk = Desk::new().await;
    let backend = Backend::open(&desk.keyed_es384(), SCOPES).unwrap();
    let first = backend.token(&desk.numbers, NOON).await.unwrap();
    backend.forget(&first).await.unwrap();
    let second = backend.token(&desk.numbers, NOON).await.unwrap();
    // Whoever still holds the first one takes away nothing of the second.
    backend.forget(&first).await.unwrap();
    let same = backend.token(&desk.numbers, NOON).await.unwrap();
    assert_eq!(same.token.reveal(), second.token.reveal());
    assert_eq!(desk.ehr.manner().times(TOKEN), 2);
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let desk = Desk::new().await;
    let backend = Backend::open(&desk.keyed_es384(), SCOPES).unwrap();
    let keys = desk.ehr.manner().client_keys.take();
    let other = SigningKey::generate_es384().unwrap();
    desk.ehr.manner().client_keys = Some(json!({"keys": [other.public_jwk()]}).to_string());
    let error = backend.token(&desk.numbers, NOON).await.unwrap_err();
    assert_eq!(error, SmartError::ClientRefused);
    desk.is_silent((error.to_string(), &error));
    desk.ehr.manner().client_keys = keys;
    backend.token(&desk.numbers, NOON).await.unwrap();
    // Less than was asked for is less; a token without scopes is for nothing.
    desk.ehr.manner().tokens = Box::new(|tokens| tokens["scope"] = json!("system/Observation.r"));
    desk.pass(300);
    let token = backend.token(&desk.numbers, desk.now()).await.unwrap();
    assert!(token.granted.may_read("Observation") && !token.granted.may_search("Observation"));
    desk.ehr.manner().tokens = Box::new(|tokens| tokens["scope"] = json!(null));
    desk.pass(300);
    let error = backend.token(&desk.numbers, desk.now()).await.unwrap_err();
    let what = "it does not say what it granted";
    assert_eq!(error, SmartError::Document { part: Part::Token, what });
}

#[tokio::test]
async fn a_backend_has_a_key_and_scopes_of_the_system() {
    let desk = Desk::new().await;
    let settings = desk.keyed_es384();
    for scopes in ["", "patient/Observation.rs", "system/Observation.rs user/Patient.r", "openid"] {
        let error = Backend::open(&settings, scopes).unwrap_err();
        assert!(matches!(error, SmartError::Setting { name: "scopes", .. }), "{scopes}");
    }
    let error = Backend::open(&desk.settings(), SCOPES).unwrap_err();
    assert!(matches!(error, SmartError::Setting { name: "key", .. }));
}

#[tokio::test]
async fn public_halves_are_published_each_once() {
    let desk = Desk::new().await;
    let mut first = desk.keyed_es384();
    first.further_keys = vec![desk.write("next.pem", RSA, 0o600)];
    let second = first.clone();
    let published = KeySet::read(&[first, second, desk.settings()]).unwrap();
    assert_eq!(published.cache_control, "public, max-age=3600");
    let set: Value = serde_json::from_str(&published.json).unwrap();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    assert_eq!([&keys[0]["alg"], &keys[1]["alg"]], ["ES384", "RS384"]);
    assert_ne!(keys[0]["kid"], keys[1]["kid"]);
    for key in keys {
        let names: Vec<_> = key.as_object().unwrap().keys().collect();
        for private in ["d", "p", "q", "dp", "dq", "qi", "k", "oth"] {
            assert!(!names.iter().any(|name| *name == private), "{private}");
        }
    }
}
