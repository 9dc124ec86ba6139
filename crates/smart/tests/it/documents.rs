//! What an EHR says of itself, and whom we ask.

use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::IntoResponse as _;
use cauda_smart::{Part, SmartError, Tie};
use futures_util::FutureExt as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::desk::{Desk, NOON, refused};
use crate::ehr::{DISCOVERY, KEYS, LAUNCH, TOKEN};

fn document(part: Part, what: &'static str) -> SmartError {
    SmartError::Document { part, what }
}

const FOREIGN: &str = "an endpoint is no https address of the origin of iss; list its origin in \
    the setting origins if it is right";

#[tokio::test]
async fn nobody_is_asked_who_is_not_registered() {
    // Whoever asked would leave a connection here.
    let recorder = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = recorder.local_addr().unwrap().port();
    let desk = Desk::new().await;
    let launches = desk.launches();
    let own = desk.ehr.iss();
    let host = desk.ehr.origin.strip_prefix("http://").unwrap();
    let not_own = [
        format!("http://127.0.0.1:{port}/fhir"),
        format!("http://{host}@127.0.0.1:{port}/fhir"),
        format!("http://127.0.0.1:{port}/fhir#{own}"),
        format!("{own}/.."),
        format!("{own}?x=http://127.0.0.1:{port}"),
        format!("{own}2"),
        own.replace("127.0.0.1", "localhost"),
        own.replace("http", "https"),
        own.replace("/fhir", ""),
        "file:///etc/passwd".to_string(),
        String::new(),
        "x".repeat(100_000),
    ];
    for iss in not_own {
        let begun = launches.begin(&iss, Some(LAUNCH), Tie::Handle, &desk.numbers, NOON).await;
        assert_eq!(begun.unwrap_err(), SmartError::UnknownIss, "{iss}");
        assert_eq!(launches.check(&iss).await.unwrap_err(), SmartError::UnknownIss);
        assert!(!launches.is_registered(&iss));
    }
    assert!(launches.is_registered(&own));
    assert!(recorder.accept().now_or_never().is_none());
    assert!(desk.ehr.manner().asked.is_empty());
}

#[tokio::test]
async fn a_launch_value_has_its_size() {
    let desk = Desk::new().await;
    let launches = desk.launches();
    for launch in ["", &"x".repeat(4_097)] {
        let iss = desk.ehr.iss();
        let begun = launches.begin(&iss, Some(launch), Tie::Handle, &desk.numbers, NOON).await;
        assert_eq!(begun.unwrap_err(), SmartError::LaunchValue);
    }
    assert!(desk.ehr.manner().asked.is_empty());
}

#[tokio::test]
async fn an_ehr_that_cannot_do_pkce_is_refused() {
    let no_pkce = document(Part::Discovery, "it does not offer PKCE with S256");
    for methods in [json!(null), json!([]), json!(["plain"]), json!(["s256"])] {
        let spoil = |manner: &mut crate::ehr::Manner| {
            let methods = methods.clone();
            manner.discovery =
                Box::new(move |one| one["code_challenge_methods_supported"] = methods.clone());
        };
        refused("PKCE", spoil, no_pkce.clone()).await;
    }
}

#[tokio::test]
async fn an_endpoint_stands_where_the_settings_allow_it() {
    let names = ["authorization_endpoint", "token_endpoint", "jwks_uri", "issuer"];
    for name in names {
        for url in [
            "https://elsewhere.example.org/canary",
            "http://elsewhere.example.org/canary",
            "http://127.0.0.1:1/canary",
            "javascript:canary",
            "//elsewhere.example.org",
            "",
        ] {
            let spoil = |manner: &mut crate::ehr::Manner| {
                manner.discovery = Box::new(move |one| one[name] = json!(url));
            };
            refused(name, spoil, document(Part::Discovery, FOREIGN)).await;
        }
    }
    // On an origin that the settings list it may stand.
    let (desk, other) = (Desk::new().await, Desk::new().await);
    let place = format!("{}{KEYS}", other.ehr.origin);
    other.ehr.manner().published = desk.ehr.manner().published.clone();
    desk.ehr.manner().discovery = Box::new(move |one| one["jwks_uri"] = json!(place));
    let mut settings = desk.settings();
    settings.origins = vec![other.ehr.origin.clone()];
    desk.launch(&desk.open(&settings)).await.unwrap();
    assert_eq!(other.ehr.manner().asked, [KEYS]);
}

#[tokio::test]
async fn a_configuration_must_fit_the_settings() {
    let desk = Desk::new().await;
    let launches = desk.open(&desk.keyed_es384());
    let edits: [(&str, Value, &str); 3] = [
        (
            "token_endpoint_auth_methods_supported",
            json!(["client_secret_basic"]),
            "it does not take private_key_jwt",
        ),
        (
            "token_endpoint_auth_signing_alg_values_supported",
            json!(["RS384"]),
            "it does not take the algorithm of our key; use the other one of ES384 and RS384",
        ),
        ("jwks_uri", json!(null), "it names no issuer and jwks_uri, which openid needs"),
    ];
    for (name, value, what) in edits {
        desk.ehr.manner().discovery = Box::new(move |one| one[name] = value.clone());
        let error = desk.launch(&launches).await.unwrap_err();
        assert_eq!(error, document(Part::Discovery, what));
    }
    // Not kept, so it is right as soon as the EHR is.
    desk.ehr.manner().discovery = Box::new(|_| {});
    desk.launch(&launches).await.unwrap();
    launches.check(&desk.ehr.iss()).await.unwrap();
}

#[tokio::test]
async fn a_document_that_is_none_is_refused() {
    let what = "it is no SMART configuration in JSON";
    for text in ["", "canary", "[]", "{}", "null", &"[".repeat(100_000)] {
        let spoil = |manner: &mut crate::ehr::Manner| manner.says(DISCOVERY, text);
        refused("text", spoil, document(Part::Discovery, what)).await;
    }
    let what = "it holds no key that signs with RS256, RS384, ES256 or ES384, or too many";
    for text in ["canary", r#"{"keys":[]}"#, r#"{"keys":[{"kty":"oct","k":"canary"}]}"#] {
        let spoil = |manner: &mut crate::ehr::Manner| manner.says(KEYS, text);
        refused("keys", spoil, document(Part::Keys, what)).await;
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    for (path, part) in [(DISCOVERY, Part::Discovery), (KEYS, Part::Keys), (TOKEN, Part::Token)] {
        let other = Desk::new().await;
        let place = format!("{}{path}", other.ehr.origin);
        let spoil = |manner: &mut crate::ehr::Manner| {
            let place = place.clone();
            manner.answers(path, move || {
                (StatusCode::FOUND, [(LOCATION, place.clone())]).into_response()
            });
        };
        refused("redirect", spoil, SmartError::Status { part, status: 302 }).await;
        assert!(other.ehr.manner().asked.is_empty());
    }
}

#[tokio::test]
async fn a_private_address_is_asked_only_if_the_settings_say_so() {
    let desk = Desk::new().await;
    let mut settings = desk.settings();
    settings.private_addresses = false;
    let error = desk.launch(&desk.open(&settings)).await.unwrap_err();
    assert_eq!(error, SmartError::PrivateAddress { part: Part::Discovery });
    assert!(desk.ehr.manner().asked.is_empty());
}
