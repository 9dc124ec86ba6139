//! Keys of ours: what they sign is believed, and nothing private of them is shown.

use cauda_jose::{JoseError, SigningKey, Token, key_set};
use serde_json::json;

use crate::{P256, P384, RSA, keys_of};

#[test]
fn what_is_signed_is_believed() {
    let made = SigningKey::generate_es384().unwrap();
    let kept = SigningKey::new_es384_pem().unwrap();
    assert!(kept.lines().all(|line| line.len() <= 64));
    let read = |pem| SigningKey::read(pem).unwrap();
    for key in [made, read(&kept), read(P384), read(P256), read(RSA)] {
        let claims = json!({"iss": "cauda", "aud": ["a", "b"], "exp": 7});
        let jku = "https://cauda.example.org/keys";
        let more = [("jku", jku), ("alg", "none"), ("kid", "other")];
        let text = key.sign(&claims, &more).unwrap();
        let token = Token::read(&text).unwrap();
        assert_eq!(token.header.algorithm, key.algorithm());
        assert_eq!(token.header.kid.as_deref(), Some(key.kid()));
        assert_eq!(token.header.jku.as_deref(), Some(jku));
        assert_eq!(token.header.typ.as_deref(), Some("JWT"));
        assert_eq!(token.unverified().unwrap(), claims);
        assert_eq!(token.verify(&keys_of(&key)).unwrap(), claims);
    }
}

#[test]
fn a_key_set_shows_public_members_alone() {
    let keys = [SigningKey::read(RSA).unwrap(), SigningKey::read(P384).unwrap()];
    let set = key_set(&keys);
    let all = set["keys"].as_array().unwrap();
    assert_eq!(all.len(), 2);
    for key in all {
        for name in key.as_object().unwrap().keys() {
            let public = ["kty", "kid", "alg", "use", "crv", "x", "y", "n", "e"];
            assert!(public.contains(&name.as_str()), "{name}");
        }
    }
    assert_ne!(keys[0].kid(), keys[1].kid());
}

#[test]
fn a_key_shows_nothing_of_itself() {
    for pem in [RSA, P384, P256] {
        let key = SigningKey::read(pem).unwrap();
        let shown = format!("{key:?}");
        assert!(shown.contains(key.kid()) && shown.len() < 100, "{shown}");
        let text = key.sign(&json!({"secret": "canary"}), &[]).unwrap();
        let token = Token::read(&text).unwrap();
        assert!(!format!("{token:?} {:?}", token.header).contains(&text[..20]));
    }
}

#[test]
fn files_that_hold_no_usable_key() {
    let halved = P384.replace("MIG2", "");
    let doubled = format!("{P384}{P384}");
    for (what, pem) in [
        ("nothing", String::new()),
        ("another form", P384.replace("PRIVATE KEY", "EC PRIVATE KEY")),
        ("encrypted", P384.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")),
        ("a certificate", P384.replace("PRIVATE KEY", "CERTIFICATE")),
        ("cut", P384[..200].to_string()),
        ("cut inside", halved),
        ("two keys", doubled),
        ("no base64", P384.replace("MIG2", "M!G2")),
        ("large", P384.to_string() + &" ".repeat(20_000)),
    ] {
        let error = SigningKey::read(&pem).unwrap_err();
        assert!(matches!(error, JoseError::PrivateKey(_)), "{what}: {error:?}");
        assert!(!error.to_string().contains("MIG2"));
    }
}
