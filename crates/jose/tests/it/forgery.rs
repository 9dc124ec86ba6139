//! Tokens that are not believed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cauda_jose::{JoseError, Keys, SigningKey, TOKEN_BYTES_MAX, Token, json, key_set};
use proptest::prelude::*;
use ring::hmac;
use serde_json::json;

use crate::{P256, P384, RSA, keys_of};

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn verify(text: &str, keys: &Keys) -> Result<serde_json::Value, JoseError> {
    Token::read(text)?.verify(keys)
}

#[test]
fn every_byte_counts() {
    for pem in [P384, P256, RSA] {
        let key = SigningKey::read(pem).unwrap();
        let keys = keys_of(&key);
        let text = key.sign(&json!({"iss": "cauda"}), &[]).unwrap();
        verify(&text, &keys).unwrap();
        for at in 0..text.len() {
            for flip in [1, 2, 4, 8, 16, 32, 64] {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= flip;
                let Ok(changed) = String::from_utf8(bytes) else { continue };
                assert!(verify(&changed, &keys).is_err(), "at {at}, bits {flip}");
            }
            assert!(verify(&text[..at], &keys).is_err(), "cut at {at}");
        }
        for more in [".", "=", "A", "AA", " ", "\n", ".A"] {
            assert!(verify(&format!("{text}{more}"), &keys).is_err(), "{more}");
            assert!(verify(&format!("{more}{text}"), &keys).is_err(), "{more}");
        }
    }
}

#[test]
fn algorithms_without_a_name() {
    let keys = keys_of(&SigningKey::read(RSA).unwrap());
    let payload = encode(r#"{"iss":"cauda"}"#);
    for alg in [
        "none", "None", "NONE", "nOnE", "", " ", "HS256", "HS384", "HS512", "PS256", "PS384",
        "PS512", "RS512", "RS1", "ES512", "ES256K", "EdDSA", "es384", "rs384", "RS384 ", "RS384\0",
    ] {
        let header = encode(json!({"alg": alg}).to_string());
        for signature in ["", "AAAA"] {
            let text = format!("{header}.{payload}.{signature}");
            assert_eq!(verify(&text, &keys), Err(JoseError::Algorithm), "{alg:?}");
        }
    }
    // The public key as the secret of an HMAC.
    let key = SigningKey::read(RSA).unwrap();
    let modulus = key.public_jwk()["n"].as_str().unwrap();
    let secrets = [
        key.public_jwk().to_string().into_bytes(),
        modulus.as_bytes().to_vec(),
        URL_SAFE_NO_PAD.decode(modulus).unwrap(),
    ];
    for secret in secrets {
        let signed = format!("{}.{payload}", encode(r#"{"alg":"HS256"}"#));
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), signed.as_bytes());
        let text = format!("{signed}.{}", encode(mac));
        assert_eq!(verify(&text, &keys), Err(JoseError::Algorithm));
    }
}

#[test]
fn a_key_of_another_algorithm() {
    let all = [P384, P256, RSA].map(|pem| SigningKey::read(pem).unwrap());
    let set = Keys::read(key_set(&all).to_string().as_bytes()).unwrap();
    for signer in &all {
        for named in &all {
            let header = json!({"alg": signer.algorithm().name(), "kid": named.kid()});
            let signed = signer.sign(&json!({}), &[]).unwrap();
            let (_, rest) = signed.split_once('.').unwrap();
            let text = format!("{}.{rest}", encode(header.to_string()));
            let expect = match signer.kid() == named.kid() {
                true => JoseError::Signature,
                false => JoseError::Algorithm,
            };
            assert_eq!(verify(&text, &set), Err(expect));
        }
    }
    // RS256 asked of a key that is published for RS384.
    let text = format!("{}.{}.AAAA", encode(r#"{"alg":"RS256"}"#), encode("{}"));
    assert_eq!(verify(&text, &set), Err(JoseError::UnknownKey));
}

#[test]
fn a_key_that_is_not_the_one() {
    let (own, other) =
        (SigningKey::generate_es384().unwrap(), SigningKey::generate_es384().unwrap());
    let text = own.sign(&json!({}), &[]).unwrap();
    assert_eq!(verify(&text, &keys_of(&other)), Err(JoseError::UnknownKey));
    // Published under the id of the other.
    let mut swapped = other.public_jwk().clone();
    swapped["kid"] = json!(own.kid());
    let set = json!({"keys": [swapped]}).to_string();
    assert_eq!(verify(&text, &Keys::read(set.as_bytes()).unwrap()), Err(JoseError::Signature));
    let set = json!({"keys": [swapped, own.public_jwk()]}).to_string();
    assert_eq!(verify(&text, &Keys::read(set.as_bytes()).unwrap()), Err(JoseError::UnknownKey));
    // One that the token brings itself is not looked at.
    let signed = other.sign(&json!({}), &[("jwk", "x"), ("x5u", "https://evil.example")]).unwrap();
    assert_eq!(verify(&signed, &keys_of(&own)), Err(JoseError::UnknownKey));
}

#[test]
fn no_form_of_a_token() {
    let huge = format!("{}.e30.", encode(r#"{"alg":"ES384"}"#)) + &"A".repeat(TOKEN_BYTES_MAX);
    let deep = format!("{{\"alg\":\"ES384\",\"x\":{}1{}}}", "[".repeat(99), "]".repeat(99));
    let of = |header: &str| format!("{}.e30.AAAA", encode(header));
    for text in [
        String::new(),
        ".".to_string(),
        "..".to_string(),
        "...".to_string(),
        "a.b".to_string(),
        huge,
        of(&deep),
        of("[]"),
        of("null"),
        of(r#"{"alg":"ES384","alg":"RS384"}"#),
    ] {
        assert_eq!(Token::read(&text).map(|_| ()), Err(JoseError::Malformed), "{text:.60}");
    }
    for (header, name) in [
        ("{}", "alg"),
        (r#"{"alg":7}"#, "alg"),
        (r#"{"alg":"ES384","crit":["exp"]}"#, "crit"),
        (r#"{"alg":"ES384","kid":7}"#, "kid"),
        (r#"{"alg":"ES384","typ":{}}"#, "typ"),
        (r#"{"alg":"ES384","jku":["https://a"]}"#, "jku"),
    ] {
        let read = Token::read(&of(header)).map(|_| ());
        assert_eq!(read, Err(JoseError::Header(name)), "{header}");
    }
    let key = SigningKey::generate_es384().unwrap();
    for claims in [json!([]), json!("text"), json!(null)] {
        let text = key.sign(&claims, &[]).unwrap();
        assert_eq!(verify(&text, &keys_of(&key)), Err(JoseError::Malformed));
    }
}

#[test]
fn key_sets_that_cannot_be_used() {
    let large = format!("{{\"keys\":[]{}}}", " ".repeat(300_000));
    let oct = r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#;
    let mut private = SigningKey::read(P384).unwrap().public_jwk().clone();
    private["d"] = json!("AAAA");
    let own = SigningKey::read(RSA).unwrap();
    let private = json!({"keys": [own.public_jwk(), private]}).to_string();
    for set in ["", "[]", "{}", r#"{"keys":[]}"#, r#"{"keys":{}}"#, oct, &large, &private] {
        assert!(
            matches!(Keys::read(set.as_bytes()), Err(JoseError::KeySet(_) | JoseError::Shown)),
            "{set:.40}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_text_is_read_without_a_panic(text in any::<String>(), parts in "[A-Za-z0-9_.-]{0,80}") {
        let keys = keys_of(&SigningKey::read(P384).unwrap());
        prop_assert!(verify(&text, &keys).is_err());
        prop_assert!(verify(&parts, &keys).is_err());
        let joined = [&encode(&text), ".", &parts].concat();
        prop_assert!(verify(&joined, &keys).is_err());
        drop(Keys::read(text.as_bytes()));
        prop_assert!(SigningKey::read(&text).is_err());
        drop(json::read::<serde_json::Value>(text.as_bytes()));
    }
}
