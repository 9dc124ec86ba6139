//! People who sign in.

use std::collections::HashSet;

use cauda_sign_on::{AuthorizationResponse, SignOnError};
use serde_json::json;

use crate::desk::{Desk, NOON, Numbers};
use crate::issuer::{CODE, DISCOVERY, GROUP, KEYS, NAME, SUBJECT, TOKEN, pairs};
use crate::signer::Signer;

#[tokio::test]
async fn a_person_arrives_by_both_kinds_of_client_and_every_algorithm() {
    let signers = [
        Signer::rsa("RS256", "a", false),
        Signer::rsa("RS384", "b", true),
        Signer::ecdsa("ES256", "c"),
        Signer::ecdsa("ES384", "d"),
    ];
    for signer in signers {
        for confidential in [true, false] {
            let desk = Desk::new().await;
            desk.issuer.manner().signs_with(signer.clone());
            desk.issuer.manner().confidential = confidential;
            let mut settings = desk.settings();
            settings.client_secret = settings.client_secret.filter(|_| confidential);
            let person = desk.sign_in(&desk.open(&settings)).await.unwrap();
            assert_eq!(person.subject, SUBJECT);
            assert_eq!(person.issuer, desk.issuer.name());
            assert_eq!(person.name, NAME);
            assert_eq!(person.roles, ["physician"]);
            assert_eq!(desk.issuer.manner().asked, [DISCOVERY, TOKEN, KEYS]);
        }
    }
}

#[tokio::test]
async fn the_clocks_may_be_a_minute_apart() {
    for (claim, second) in
        [("exp", NOON - 59), ("iat", NOON + 60), ("iat", NOON - 60), ("nbf", NOON + 60)]
    {
        let desk = Desk::new().await;
        desk.issuer.manner().claims = Box::new(move |claims| claims[claim] = json!(second));
        desk.sign_in(&desk.provider()).await.unwrap();
        // The same as a number with a fraction, which RFC 7519 allows.
        desk.issuer.manner().claims = Box::new(move |claims| claims[claim] = json!(second as f64));
        desk.sign_in(&desk.provider()).await.unwrap();
    }
}

#[tokio::test]
async fn what_an_honest_provider_may_write_otherwise_is_taken() {
    let desk = Desk::new().await;
    let provider = desk.provider();
    let several = json!(["other", "cauda-client"]);
    desk.issuer.manner().claims = Box::new(move |claims| {
        claims["aud"] = several.clone();
        claims["azp"] = json!("cauda-client");
    });
    desk.sign_in(&provider).await.unwrap();
    desk.issuer.manner().claims = Box::new(|claims| claims["aud"] = json!(["cauda-client"]));
    desk.sign_in(&provider).await.unwrap();
    // No type, and no id of the key where one key alone fits.
    desk.issuer.manner().header = Box::new(|header| *header = json!({"alg": "ES256"}));
    desk.sign_in(&provider).await.unwrap();
    // Announces little, and does not say whose its answers are.
    let little = Desk::new().await;
    little.issuer.manner().names_itself = false;
    little.issuer.manner().discovery = Box::new(|document| {
        let document = document.as_object_mut().unwrap();
        document.retain(|name, _| !name.ends_with("_supported"));
    });
    little.issuer.manner().keys = Box::new(|set| {
        let key = set["keys"][0].as_object_mut().unwrap();
        key.retain(|name, _| !["use", "alg", "kid"].contains(&name.as_str()));
        let other = json!({"kty": "OKP", "crv": "Ed25519", "kid": "x", "x": "AA"});
        set["keys"].as_array_mut().unwrap().push(other);
    });
    little.issuer.manner().header = Box::new(|header| *header = json!({"alg": "ES256"}));
    little.sign_in(&little.provider()).await.unwrap();
}

#[tokio::test]
async fn documents_are_read_once_and_then_anew() {
    let desk = Desk::new().await;
    let provider = desk.provider();
    let numbers = Numbers::new();
    let twenty = (0..20).map(|_| provider.begin(&numbers));
    let begun = futures_util::future::try_join_all(twenty).await.unwrap();
    assert_eq!(desk.issuer.manner().times(DISCOVERY), 1);
    let states: HashSet<&String> = begun.iter().map(|begun| &begun.state).collect();
    let kept: HashSet<&String> = begun.iter().map(|begun| &begun.kept).collect();
    assert_eq!((states.len(), kept.len()), (20, 20));
    for (seconds, discovery, keys) in [(0, 1, 1), (899, 1, 1), (1, 1, 2), (2_700, 2, 3)] {
        desk.pass(seconds);
        desk.sign_in(&provider).await.unwrap();
        let manner = desk.issuer.manner();
        assert_eq!((manner.times(DISCOVERY), manner.times(KEYS)), (discovery, keys), "{seconds}");
    }
}

#[tokio::test]
async fn what_is_kept_shows_nothing_and_serves_servers_that_share_a_secret() {
    let desk = Desk::new().await;
    let begun = desk.provider().begin(&Numbers::new()).await.unwrap();
    let asked = pairs(begun.url.split_once('?').unwrap().1.as_bytes());
    assert_eq!(asked["state"], begun.state);
    assert!(begun.kept.len() < 256 && !begun.kept.contains(&begun.state));
    let answer = AuthorizationResponse::read(&desk.issuer.authorize(&begun.url)).unwrap();
    let person = desk.sign_in(&desk.provider()).await.unwrap();
    let shown = format!("{begun:?} {answer:?} {person:?} {:?}", desk.provider());
    for hidden in [&begun.state, &begun.kept, &begun.url, SUBJECT, NAME, CODE, "physician", GROUP] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    // Another server has not sealed it.
    let other = desk.provider().finish(&begun.kept, &answer).await;
    assert_eq!(other, Err(SignOnError::Unsolicited));
    // Unless they share the secret.
    let mut settings = desk.settings();
    settings.seal_secret = Some(desk.write("seal", &"seal ".repeat(7), 0o640));
    let (one, two) = (desk.open(&settings), desk.open(&settings));
    let begun = one.begin(&Numbers::new()).await.unwrap();
    let answer = AuthorizationResponse::read(&desk.issuer.authorize(&begun.url)).unwrap();
    two.finish(&begun.kept, &answer).await.unwrap();
}

#[tokio::test]
async fn a_doctor_sees_whether_it_would_work() {
    let desk = Desk::new().await;
    let provider = desk.provider();
    provider.check().await.unwrap();
    assert_eq!(desk.issuer.manner().asked, [DISCOVERY, KEYS]);
    desk.issuer.manner().published.clear();
    assert!(matches!(provider.check().await, Err(SignOnError::Document { .. })));
}
