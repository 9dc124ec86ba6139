//! ID tokens that are refused: OpenID Connect Core section 3.1.3.7, RFC 8725.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cauda_sign_on::TokenFault::{self, *};
use cauda_sign_on::{Part, SignOnError};
use ring::hmac;
use serde_json::{Value, json};

use crate::desk::{Desk, NOON, refused};
use crate::issuer::{KEYS, Manner};
use crate::signer::{Signer, compact};

/// A claim that is another one, or, as null, none.
async fn claim(name: &'static str, value: Value, expect: TokenFault) {
    let spoil = |manner: &mut Manner| {
        let value = value.clone();
        manner.claims = Box::new(move |claims| match &value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        });
    };
    refused(&format!("{name}: {value}"), spoil, expect).await;
}

async fn header(name: &'static str, value: Value, expect: TokenFault) {
    let spoil = |manner: &mut Manner| {
        let value = value.clone();
        manner.header = Box::new(move |header| header[name] = value.clone());
    };
    refused(&format!("{name}: {value}"), spoil, expect).await;
}

/// What is done to a token after it was signed.
type Change = fn(String) -> String;

async fn changed(what: &str, change: Change, expect: TokenFault) {
    refused(what, |manner| manner.token = Box::new(change), expect).await;
}

#[tokio::test]
async fn a_token_of_or_for_somebody_else() {
    for iss in [json!(null), json!(""), json!("https://evil.example.org"), json!(7)] {
        claim("iss", iss, Issuer).await;
    }
    let alike: [Change; 3] =
        [|name| name + "/", |name| name.to_uppercase(), |name| name.replace("/realm", "")];
    for change in alike {
        refused(
            "an issuer alike",
            |manner| {
                manner.claims = Box::new(move |claims| {
                    claims["iss"] = json!(change(claims["iss"].as_str().unwrap().to_string()));
                });
            },
            Issuer,
        )
        .await;
    }
    for aud in [
        json!(null),
        json!("other"),
        json!("cauda-client2"),
        json!("Cauda-Client"),
        json!("cauda-client "),
        json!([]),
        json!(["other"]),
        json!(["cauda-client", 7]),
        json!({"cauda-client": true}),
        json!(vec!["cauda-client"; 17]),
    ] {
        claim("aud", aud, Audience).await;
    }
    claim("aud", json!(["cauda-client", "other"]), AuthorizedParty).await;
    for azp in [json!("other"), json!(["cauda-client"]), json!("")] {
        claim("azp", azp, AuthorizedParty).await;
    }
}

#[tokio::test]
async fn a_token_of_another_time() {
    for exp in [json!(NOON - 60), json!(0), json!(-1), json!(NOON as f64 - 60.5)] {
        claim("exp", exp, Expired).await;
    }
    for iat in [json!(NOON + 61), json!(NOON - 61), json!(0), json!(1e300), json!(i64::MIN)] {
        claim("iat", iat, IssuedAt).await;
    }
    claim("nbf", json!(NOON + 61), NotYet).await;
    for name in ["exp", "iat"] {
        claim(name, json!(null), Malformed).await;
        claim(name, json!("2026-11-23"), Malformed).await;
        claim(name, json!([NOON]), Malformed).await;
    }
    claim("nbf", json!("soon"), Malformed).await;
}

#[tokio::test]
async fn a_token_of_another_sign_in() {
    for nonce in [json!(null), json!(""), json!("another"), json!(["a"]), json!(7)] {
        claim("nonce", nonce, Nonce).await;
    }
}

#[tokio::test]
async fn an_algorithm_that_is_none_of_ours() {
    for alg in ["none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "PS256", "PS384"] {
        header("alg", json!(alg), Algorithm).await;
    }
    for alg in ["RS512", "RS1", "ES512", "ES256K", "EdDSA", "es256", "ES256 ", "ES384", "RS256"] {
        header("alg", json!(alg), Algorithm).await;
    }
    changed(
        "none, and no signature",
        |token| {
            let payload = token.split('.').nth(1).unwrap();
            format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#))
        },
        Algorithm,
    )
    .await;
    // Announced are others, so a key that fits signs all the same in no allowed way.
    refused(
        "not announced",
        |manner| {
            manner.discovery = Box::new(|document| {
                document["id_token_signing_alg_values_supported"] = json!(["RS256"]);
            });
        },
        Algorithm,
    )
    .await;
}

#[tokio::test]
async fn an_hmac_with_a_public_key() {
    let rsa = Signer::rsa("RS256", "one", false);
    let modulus = rsa.jwk()["n"].as_str().unwrap().to_string();
    let secrets = [
        rsa.jwk().to_string().into_bytes(),
        modulus.clone().into_bytes(),
        URL_SAFE_NO_PAD.decode(modulus).unwrap(),
    ];
    for secret in secrets {
        refused(
            "HMAC",
            |manner| {
                manner.signs_with(rsa.clone());
                let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
                manner.token = Box::new(move |token| {
                    let payload = token.split('.').nth(1).unwrap();
                    let payload = URL_SAFE_NO_PAD.decode(payload).unwrap();
                    let header = br#"{"alg":"HS256","kid":"one"}"#;
                    compact(header, &payload, |text| {
                        hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
                    })
                });
            },
            Algorithm,
        )
        .await;
    }
}

#[tokio::test]
async fn a_key_that_is_not_the_one() {
    header("kid", json!("unknown"), UnknownKey).await;
    header("kid", json!(""), UnknownKey).await;
    refused(
        "swapped, of one curve",
        |manner| manner.signer = Signer::ecdsa("ES256", "one"),
        Signature,
    )
    .await;
    refused(
        "swapped, of RSA",
        |manner| {
            manner.signs_with(Signer::rsa("RS256", "one", false));
            manner.signer = Signer::rsa("RS256", "one", true);
        },
        Signature,
    )
    .await;
    refused(
        "the id of a key of another kind",
        |manner| {
            manner.published.push(Signer::rsa("RS256", "two", false));
            manner.signer = Signer::rsa("RS256", "one", false);
        },
        Algorithm,
    )
    .await;
    refused(
        "RS384 with a key for RS256",
        |manner| {
            manner.signs_with(Signer::rsa("RS256", "one", false));
            manner.signer = Signer::rsa("RS384", "one", false);
        },
        Algorithm,
    )
    .await;
    refused(
        "two keys of one id",
        |manner| {
            manner.published.push(Signer::ecdsa("ES256", "one"));
        },
        UnknownKey,
    )
    .await;
    refused(
        "no id, and two keys",
        |manner| {
            manner.published.push(Signer::ecdsa("ES256", "two"));
            manner.header = Box::new(|header| *header = json!({"alg": "ES256"}));
        },
        UnknownKey,
    )
    .await;
    let twice = Desk::new().await;
    twice.issuer.manner().header = Box::new(|header| header["kid"] = json!("unknown"));
    let provider = twice.provider();
    for _ in 0..5 {
        twice.sign_in(&provider).await.unwrap_err();
    }
    // Read for the first of them, and not again at once.
    assert_eq!(twice.issuer.manner().times(KEYS), 1);
}

#[tokio::test]
async fn a_key_that_the_token_brings_itself() {
    let own = || Signer::ecdsa("ES256", "one");
    refused(
        "jwk",
        |manner| {
            manner.signer = own();
            let jwk = manner.signer.jwk();
            manner.header = Box::new(move |header| header["jwk"] = jwk.clone());
        },
        Signature,
    )
    .await;
    let desk = Desk::new().await;
    let elsewhere = Desk::new().await;
    let jku = format!("{}{KEYS}", elsewhere.issuer.origin);
    desk.issuer.manner().signer = own();
    desk.issuer.manner().header = Box::new(move |header| {
        header["jku"] = json!(jku);
        header["x5u"] = json!(jku);
    });
    let error = desk.sign_in(&desk.provider()).await.unwrap_err();
    assert_eq!(error, Signature.into());
    assert!(elsewhere.issuer.manner().asked.is_empty());
}

#[tokio::test]
async fn a_signature_that_is_none() {
    fn signed(token: &str, signature: &[u8]) -> String {
        let (text, _) = token.rsplit_once('.').unwrap();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
    changed("empty", |token| signed(&token, b""), Signature).await;
    changed("zeros", |token| signed(&token, &[0; 64]), Signature).await;
    changed("short", |token| signed(&token, &[1; 63]), Signature).await;
    changed(
        "longer",
        |token| {
            let (_, signature) = token.rsplit_once('.').unwrap();
            let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
            signature.push(0);
            signed(&token, &signature)
        },
        Signature,
    )
    .await;
    changed(
        "of another token",
        |token| {
            let payload = URL_SAFE_NO_PAD.encode(r#"{"sub":"somebody else"}"#);
            let parts: Vec<&str> = token.split('.').collect();
            format!("{}.{payload}.{}", parts[0], parts[2])
        },
        Signature,
    )
    .await;
}

#[tokio::test]
async fn a_token_of_another_form() {
    for typ in ["at+jwt", "logout+jwt", "application/at+jwt", "JWE", ""] {
        header("typ", json!(typ), Type).await;
    }
    header("crit", json!(["b64"]), Malformed).await;
    header("crit", json!([]), Malformed).await;
    header("alg", json!(7), Malformed).await;
    header("kid", json!(["one"]), Malformed).await;
    let forms: [(&str, Change); 11] = [
        ("empty", |_| String::new()),
        ("dots", |_| "..".to_string()),
        ("one part", |token| token.split('.').next().unwrap().to_string()),
        ("two parts", |token| token.rsplit_once('.').unwrap().0.to_string()),
        ("four parts", |token| token + ".AA"),
        ("a part ahead", |token| format!("AA.{token}")),
        ("padded", |token| token + "="),
        ("a blank behind", |token| token + " "),
        ("another alphabet", |token| token.replacen("eyJ", "+yJ", 1)),
        ("too large", |token| format!("{token}{}", "A".repeat(65_536))),
        ("a header that is no JSON", |token| format!("AAAA{token}")),
    ];
    for (what, change) in forms {
        changed(what, change, Malformed).await;
    }
}

#[tokio::test]
async fn a_payload_that_is_no_object() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(60), "]".repeat(60));
    let payloads =
        [b"".to_vec(), b"[]".to_vec(), b"{".to_vec(), b"{\"a\":\"\xff\"}".to_vec(), deep.into()];
    for payload in payloads {
        let what = String::from_utf8_lossy(&payload).to_string();
        refused(
            &what,
            |manner| {
                let (signer, payload) = (manner.signer.clone(), payload.clone());
                let header = br#"{"alg":"ES256","kid":"one"}"#;
                manner.token =
                    Box::new(move |_| compact(header, &payload, |text| signer.sign(text)));
            },
            Malformed,
        )
        .await;
    }
}

#[tokio::test]
async fn an_answer_without_an_id_token() {
    let what = "it gave no ID token of a bearer";
    let expect = SignOnError::Document { part: Part::Token, what };
    let changes: [fn(&mut Value); 4] = [
        |tokens| drop(tokens.as_object_mut().unwrap().remove("id_token")),
        |tokens| tokens["id_token"] = json!(7),
        |tokens| tokens["token_type"] = json!("mac"),
        |tokens| drop(tokens.as_object_mut().unwrap().remove("token_type")),
    ];
    for change in changes {
        refused("answer", |manner| manner.tokens = Box::new(change), expect.clone()).await;
    }
}
