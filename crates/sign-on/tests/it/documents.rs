//! Documents of a provider that are refused, and places that are never asked.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use cauda_outbound::Fault;
use cauda_sign_on::{Part, SignOnError};
use serde_json::{Value, json};

use crate::desk::{Desk, Numbers, refused};
use crate::issuer::{DISCOVERY, KEYS, Manner, TOKEN};
use crate::signer::Signer;

async fn is_document(what: &str, part: Part, spoil: impl Fn(&mut Manner)) {
    let desk = Desk::new().await;
    spoil(&mut desk.issuer.manner());
    let error = desk.sign_in(&desk.provider()).await.expect_err(what);
    let right = matches!(error, SignOnError::Document { part: found, .. } if found == part);
    assert!(right, "{what}: {error:?}");
    desk.is_silent(&error);
}

#[tokio::test]
async fn a_document_that_is_none() {
    let deep = format!("{{\"keys\":{}{}}}", "[".repeat(100_000), "]".repeat(20_000));
    let texts = ["", "<html></html>", "null", "[]", "{", "{}", "\u{feff}{}", "{\"keys\":7}", &deep];
    for (path, part) in [(DISCOVERY, Part::Discovery), (KEYS, Part::Keys), (TOKEN, Part::Token)] {
        for text in texts {
            is_document(text, part, |manner| manner.says(path, text)).await;
        }
    }
}

#[tokio::test]
async fn a_document_that_is_huge() {
    for (path, part) in [(DISCOVERY, Part::Discovery), (KEYS, Part::Keys), (TOKEN, Part::Token)] {
        let expect = SignOnError::Unreachable { part, fault: Fault::Large };
        let large = " ".repeat(262_145);
        refused(path, |manner| manner.says(path, large.clone()), expect).await;
        // With no length told, and without an end.
        let expect = SignOnError::Unreachable { part, fault: Fault::Large };
        let endless = || {
            let chunk = || Ok::<_, std::convert::Infallible>([b' '; 8_192].to_vec());
            Body::from_stream(futures_util::stream::repeat_with(chunk)).into_response()
        };
        refused(path, |manner| manner.answers(path, endless), expect).await;
        // A head of many lines.
        let expect = SignOnError::Unreachable { part, fault: Fault::Nonsense };
        let head = || {
            let mut response = "{}".into_response();
            for at in 0..200 {
                let name = axum::http::HeaderName::try_from(format!("x-{at}")).unwrap();
                response.headers_mut().insert(name, "x".parse().unwrap());
            }
            response
        };
        refused(path, |manner| manner.answers(path, head), expect).await;
    }
}

#[tokio::test]
async fn a_redirect_or_another_status() {
    for (path, part) in [(DISCOVERY, Part::Discovery), (KEYS, Part::Keys), (TOKEN, Part::Token)] {
        for status in [201, 204, 301, 302, 303, 307, 308, 401, 403, 404, 429, 500, 503] {
            let desk = Desk::new().await;
            let elsewhere = Desk::new().await;
            let location = format!("{}{path}", elsewhere.issuer.origin);
            desk.issuer.manner().answers(path, move || {
                let status = StatusCode::from_u16(status).unwrap();
                (status, [("location", location.clone())], "canary").into_response()
            });
            let error = desk.sign_in(&desk.provider()).await.unwrap_err();
            assert_eq!(error, SignOnError::Status { part, status });
            assert!(elsewhere.issuer.manner().asked.is_empty());
        }
    }
}

#[tokio::test]
async fn a_discovery_document_of_somebody_else() {
    for name in
        [json!("https://evil.example.org/realm"), json!(""), json!(null), json!("/realm"), json!(7)]
    {
        is_document("issuer", Part::Discovery, |manner| {
            let name = name.clone();
            manner.discovery = Box::new(move |document| document["issuer"] = name.clone());
        })
        .await;
    }
    let changes: [fn(&str) -> String; 3] = [
        |name| format!("{name}/"),
        |name| name.to_uppercase(),
        |name| name.replace("http://", "https://"),
    ];
    for change in changes {
        is_document("issuer", Part::Discovery, |manner| {
            manner.discovery = Box::new(move |document| {
                document["issuer"] = json!(change(document["issuer"].as_str().unwrap()));
            });
        })
        .await;
    }
    is_document("two issuers", Part::Discovery, |manner| {
        manner.says(DISCOVERY, r#"{"issuer":"a","issuer":"b"}"#);
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_that_is_foreign() {
    let elsewhere = Desk::new().await;
    let foreign = elsewhere.issuer.origin.clone();
    for endpoint in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        let desk = Desk::new().await;
        let own = desk.issuer.origin.strip_prefix("http://").unwrap();
        for url in [
            format!("{foreign}/realm/x"),
            "https://evil.example.org/".to_string(),
            "http://evil.example.org/".to_string(),
            "http://169.254.169.254/latest/meta-data/".to_string(),
            "http://localhost/".to_string(),
            format!("https://{own}/realm/x"),
            format!("http://{own}@evil.example.org/"),
            format!("http://evil.example.org@{own}/"),
            format!("http://{own}.evil.example.org/"),
            format!("http://{own}0/"),
            format!("http://{own}/realm#x"),
            format!("http://{own}/a b"),
            format!("http://{own}/\u{fc}"),
            format!("http://{own}/\r\nx: y"),
            "//127.0.0.1/".to_string(),
            "/realm/x".to_string(),
            "file:///etc/passwd".to_string(),
            "javascript:alert(1)".to_string(),
            String::new(),
            format!("http://{own}/{}", "x".repeat(3_000)),
        ] {
            let place = url.clone();
            desk.issuer.manner().discovery =
                Box::new(move |document| document[endpoint] = json!(place));
            let error = desk.provider().begin(&Numbers::new()).await.unwrap_err();
            let expect = matches!(error, SignOnError::Document { part: Part::Discovery, .. });
            assert!(expect, "{endpoint} {url}: {error:?}");
        }
        assert!(desk.issuer.manner().asked.iter().all(|asked| asked == DISCOVERY));
    }
    assert!(elsewhere.issuer.manner().asked.is_empty());
}

#[tokio::test]
async fn an_origin_that_the_settings_list_is_asked() {
    let desk = Desk::new().await;
    let elsewhere = Desk::new().await;
    let signer = desk.issuer.manner().signer.clone();
    elsewhere.issuer.manner().signs_with(signer);
    let jwks = format!("{}{KEYS}", elsewhere.issuer.origin);
    desk.issuer.manner().discovery = Box::new(move |document| document["jwks_uri"] = json!(jwks));
    let mut settings = desk.settings();
    settings.origins = vec![elsewhere.issuer.origin.clone()];
    desk.sign_in(&desk.open(&settings)).await.unwrap();
    assert_eq!(elsewhere.issuer.manner().asked, [KEYS]);
}

#[tokio::test]
async fn a_provider_that_cannot_do_what_is_needed() {
    let lists = [
        ("response_types_supported", json!(["id_token", "code id_token"])),
        ("code_challenge_methods_supported", json!(["plain"])),
        ("id_token_signing_alg_values_supported", json!(["HS256", "none", "PS256"])),
        ("token_endpoint_auth_methods_supported", json!(["private_key_jwt"])),
    ];
    for (name, list) in lists {
        is_document(name, Part::Discovery, |manner| {
            let list = list.clone();
            manner.discovery = Box::new(move |document| document[name] = list.clone());
        })
        .await;
    }
}

#[tokio::test]
async fn a_key_set_that_cannot_be_used() {
    let of = |keys: Vec<Value>| json!({"keys": keys}).to_string();
    let key = Signer::ecdsa("ES256", "one").jwk();
    let with = |name: &str, value: Value| {
        let mut key = key.clone();
        key[name] = value;
        of(vec![key])
    };
    let small = json!({"kty": "EC", "kid": "x"});
    for (what, set) in [
        ("1,000 keys", of(vec![small.clone(); 1_000])),
        ("101 keys", of(vec![key.clone(); 101])),
        ("none", of(Vec::new())),
        ("a secret", of(vec![json!({"kty": "oct", "k": "AAAA", "alg": "HS256", "kid": "one"})])),
        ("for encryption", with("use", json!("enc"))),
        ("for encryption by its operations", with("key_ops", json!(["encrypt"]))),
        ("another algorithm", with("alg", json!("HS256"))),
        ("another curve", with("crv", json!("secp256k1"))),
        ("a short point", with("x", json!("AAAA"))),
        ("no number", with("y", json!("="))),
        ("a long id", with("kid", json!("k".repeat(257)))),
        ("a huge modulus", of(vec![json!({"kty": "RSA", "e": "AQAB", "n": "_".repeat(2_000)})])),
        ("a modulus of zero", of(vec![json!({"kty": "RSA", "e": "AQAB", "n": "AAAA"})])),
        ("no object", of(vec![json!("key")])),
    ] {
        is_document(what, Part::Keys, |manner| manner.says(KEYS, set.clone())).await;
    }
    // A whole list of real ones is over the limit of bytes or of keys, too.
    let many = of(vec![Signer::rsa("RS256", "one", false).jwk(); 1_000]);
    let expect = SignOnError::Unreachable { part: Part::Keys, fault: Fault::Large };
    refused("1,000 RSA keys", |manner| manner.says(KEYS, many.clone()), expect).await;
    // No point of the curve, and an RSA key of 528 bits: nothing is signed with them.
    let zeros = "A".repeat(43);
    let mut off = key.clone();
    (off["x"], off["y"]) = (json!(zeros), json!(zeros));
    let fault = cauda_sign_on::TokenFault::Signature;
    refused("off the curve", |manner| manner.says(KEYS, of(vec![off.clone()])), fault).await;
    let weak = json!({"kty": "RSA", "kid": "one", "e": "AQAB", "n": "_".repeat(88)});
    refused(
        "a weak key",
        |manner| {
            manner.signer = Signer::rsa("RS256", "one", false);
            manner.says(KEYS, of(vec![weak.clone()]));
        },
        fault,
    )
    .await;
}

#[tokio::test]
async fn what_the_token_endpoint_says_is_not_repeated() {
    let said = |error: &str| json!({"error": error, "error_description": "canary"}).to_string();
    for (error, expect) in [
        ("invalid_grant", SignOnError::CodeRefused),
        ("invalid_client", SignOnError::ClientRefused),
        ("unauthorized_client", SignOnError::ClientRefused),
        ("canary", SignOnError::Status { part: Part::Token, status: 400 }),
    ] {
        let body = said(error);
        refused(
            error,
            |manner| {
                let body = body.clone();
                manner.answers(TOKEN, move || {
                    (StatusCode::BAD_REQUEST, body.clone()).into_response()
                });
            },
            expect,
        )
        .await;
    }
}

#[tokio::test]
async fn a_client_with_the_wrong_secret() {
    let desk = Desk::new().await;
    let mut settings = desk.settings();
    settings.client_secret = Some(desk.write("wrong", "canary-other", 0o600));
    let error = desk.sign_in(&desk.open(&settings)).await.unwrap_err();
    assert_eq!(error, SignOnError::ClientRefused);
    desk.is_silent(&error);
}
