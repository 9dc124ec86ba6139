//! Calls that are believed, and those that are not (CDS Hooks 2.0, "Trusting CDS Clients").

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cauda_ehr::Refused;
use cauda_jose::SigningKey;
use ring::hmac;
use serde_json::{Value, json};

use crate::desk::{AUD, Desk, ISSUER, NOON, call, settings};

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[tokio::test]
async fn an_ehr_is_believed_by_both_algorithms() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    // The first call fetches the keys, so it cannot be answered at once.
    assert_eq!(registry.authenticate_now(Some(&desk.bearer()), AUD), Ok(None));
    let jku = format!("{}/keys", desk.ehr.origin());
    for key in [&desk.key, &desk.rsa] {
        let token = key.sign(&desk.claims(), &[("jku", &jku)]).unwrap();
        let caller = call(&registry, &format!("bearer {token}")).await.unwrap();
        assert_eq!((caller.tenant.as_str(), caller.issuer.as_str()), ("here", ISSUER));
        assert_eq!(registry.tenant("here").unwrap().id(), "here");
    }
    let at_once = registry.authenticate_now(Some(&desk.bearer()), AUD).unwrap();
    assert_eq!(at_once.unwrap().tenant, "here");
    assert_eq!(desk.ehr.paths(), ["/keys"]);
    desk.nobody_escaped("honest calls");
}

#[tokio::test]
async fn what_an_honest_ehr_may_write_otherwise_is_taken() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    for (name, value) in [
        ("aud", json!([AUD])),
        ("aud", json!(["https://other.example.org", AUD])),
        ("tenant", json!("here")),
        ("nbf", json!(NOON - 300)),
        ("nbf", json!(NOON + 60)),
        ("iat", json!(NOON + 60)),
        ("exp", json!(NOON as f64 + 200.5)),
        ("exp", json!(NOON + 1)),
        ("sub", json!("something")),
    ] {
        let mut claims = desk.claims();
        claims[name] = value.clone();
        let token = desk.key.sign(&claims, &[]).unwrap();
        let caller = call(&registry, &format!("Bearer {token}")).await;
        assert!(caller.is_ok(), "{name} {value}: {caller:?}");
    }
    // A minute of difference between the clocks, in both directions.
    let token = format!("Bearer {}", desk.key.sign(&desk.claims(), &[]).unwrap());
    desk.pass(-60);
    call(&registry, &token).await.unwrap();
    desk.pass(60);
    let token = desk.bearer();
    desk.pass(359);
    call(&registry, &token).await.unwrap();
    let token = desk.bearer();
    desk.pass(360);
    assert_eq!(call(&registry, &token).await, Err(Refused::Expired));
}

/// A claim that is another one, or, as null, none.
const CLAIMS: &[(&str, &str, Refused)] = &[
    ("iss", "null", Refused::Claim("iss")),
    ("iss", "7", Refused::Claim("iss")),
    ("iss", r#"["https://ehr.example.org/cds"]"#, Refused::Claim("iss")),
    ("iss", r#""""#, Refused::Issuer),
    ("iss", r#""https://ehr.example.org/cds/""#, Refused::Issuer),
    ("iss", r#""https://ehr.example.org/CDS""#, Refused::Issuer),
    ("iss", r#""https://ehr.example.org/cds ""#, Refused::Issuer),
    ("iss", r#""http://ehr.example.org/cds""#, Refused::Issuer),
    ("iss", r#""https://sandbox.cds-hooks.org""#, Refused::Issuer),
    // Registered, and of the other EHR, which has other keys.
    ("iss", r#""https://named.example.org""#, Refused::NoKeys),
    ("tenant", r#""other""#, Refused::Tenant),
    ("tenant", r#""named""#, Refused::Tenant),
    ("tenant", r#""""#, Refused::Tenant),
    ("tenant", "7", Refused::Tenant),
    ("tenant", r#"["here"]"#, Refused::Tenant),
    ("aud", "null", Refused::Claim("aud")),
    ("aud", "7", Refused::Claim("aud")),
    ("aud", "{}", Refused::Claim("aud")),
    ("aud", "[]", Refused::Audience),
    ("aud", r#""https://cauda.example.org/cds-services/back-pain/""#, Refused::Audience),
    ("aud", r#""https://cauda.example.org/cds-services/back-pain/feedback""#, Refused::Audience),
    ("aud", r#""https://cauda.example.org/cds-services""#, Refused::Audience),
    ("aud", r#""https://CAUDA.example.org/cds-services/back-pain""#, Refused::Audience),
    ("aud", r#""http://cauda.example.org/cds-services/back-pain""#, Refused::Audience),
    ("aud", r#""https://cauda.example.org:443/cds-services/back-pain""#, Refused::Audience),
    ("aud", r#""https://cauda.example.org/cds-services/back-pain?x""#, Refused::Audience),
    ("aud", r#"["https://cauda.example.org/cds-services/back-pain", 7]"#, Refused::Audience),
    ("exp", "null", Refused::Claim("exp")),
    ("exp", r#""2026-11-26""#, Refused::Claim("exp")),
    ("exp", "1795694340", Refused::Expired),
    ("exp", "0", Refused::Expired),
    ("exp", "-1", Refused::Expired),
    ("exp", "1795694400", Refused::Backwards),
    ("exp", "1795694701", Refused::TooLong),
    ("exp", "1e300", Refused::TooLong),
    ("exp", "9223372036854775807", Refused::TooLong),
    ("iat", "null", Refused::Claim("iat")),
    ("iat", "[1795694400]", Refused::Claim("iat")),
    ("iat", "1795694461", Refused::NotYet),
    ("iat", "0", Refused::TooLong),
    ("iat", "-9223372036854775808", Refused::TooLong),
    ("nbf", "1795694461", Refused::NotYet),
    ("nbf", r#""soon""#, Refused::Claim("nbf")),
    ("jti", "null", Refused::Claim("jti")),
    ("jti", "7", Refused::Claim("jti")),
    ("jti", r#""""#, Refused::Claim("jti")),
];

#[tokio::test]
async fn claims_that_are_refused() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    for (name, value, expect) in CLAIMS {
        let value: Value = serde_json::from_str(value).unwrap();
        let mut claims = desk.claims();
        match &value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(*name)),
            value => claims[*name] = value.clone(),
        }
        let token = desk.key.sign(&claims, &[]).unwrap();
        let refused = call(&registry, &format!("Bearer {token}")).await.unwrap_err();
        assert_eq!(refused, *expect, "{name}: {value}");
        is_silent(&refused);
    }
    let long = "j".repeat(513);
    let mut claims = desk.claims();
    claims["jti"] = json!(long);
    let token = format!("Bearer {}", desk.key.sign(&claims, &[]).unwrap());
    assert_eq!(call(&registry, &token).await, Err(Refused::Claim("jti")));
    claims["jti"] = json!("x");
    claims["aud"] = json!(vec![AUD; 17]);
    let token = format!("Bearer {}", desk.key.sign(&claims, &[]).unwrap());
    assert_eq!(call(&registry, &token).await, Err(Refused::Audience));
    assert_eq!(desk.trap.lines(), 0);
}

/// Nothing of a token is in what is logged.
fn is_silent(refused: &Refused) {
    for text in [refused.to_string(), format!("{refused:?}")] {
        assert!(!text.contains("canary") && !text.contains("ehr.example.org"), "{text}");
    }
}

#[tokio::test]
async fn tokens_that_are_refused() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    let other = SigningKey::generate_es384().unwrap();
    let good = || desk.key.sign(&desk.claims(), &[]).unwrap();
    let claims = desk.claims().to_string();
    // A header of any kind, over the signature of another token.
    let headed = |header: Value| {
        let good = good();
        let (_, rest) = good.split_once('.').unwrap();
        format!("{}.{rest}", encode(header.to_string()))
    };
    let kid = desk.key.kid();
    let with = |alg: &str| headed(json!({"alg": alg, "kid": kid, "typ": "JWT"}));
    let named = |more: &[(&str, &str)]| desk.key.sign(&desk.claims(), more).unwrap();
    let jwk = desk.rsa.public_jwk().to_string();
    let hmac = {
        let header = json!({"alg": "HS256", "kid": desk.rsa.kid(), "typ": "JWT"});
        let signed = format!("{}.{}", encode(header.to_string()), encode(&claims));
        let key = hmac::Key::new(hmac::HMAC_SHA256, jwk.as_bytes());
        format!("{signed}.{}", encode(hmac::sign(&key, signed.as_bytes())))
    };
    let unsigned = format!("{}.{}.", encode(r#"{"alg":"none","typ":"JWT"}"#), encode(&claims));
    let swapped = {
        let (one, two) = (good(), good());
        let (head, _) = one.rsplit_once('.').unwrap();
        format!("{head}.{}", two.rsplit_once('.').unwrap().1)
    };
    let vectors = [
        (unsigned, Refused::Algorithm),
        (hmac, Refused::Algorithm),
        (swapped, Refused::Signature),
        (other.sign(&desk.claims(), &[]).unwrap(), Refused::UnknownKey),
        (with("RS384"), Refused::Algorithm),
        (headed(json!({"alg": "ES384", "typ": "JWT"})), Refused::NoKeyId),
        (headed(json!({"alg": "ES384", "kid": kid})), Refused::Type),
        (headed(json!({"alg": "ES384", "kid": "", "typ": "JWT"})), Refused::UnknownKey),
        (headed(json!({"alg": "ES384", "kid": 7, "typ": "JWT"})), Refused::Header("kid")),
        (headed(json!({"alg": "ES384", "kid": kid, "typ": 7})), Refused::Header("typ")),
        (headed(json!({"alg": "ES384", "kid": kid, "jku": ["canary"]})), Refused::Header("jku")),
        (headed(json!({"alg": 384, "kid": kid, "typ": "JWT"})), Refused::Header("alg")),
        (headed(json!({"kid": kid, "typ": "JWT"})), Refused::Header("alg")),
        (
            headed(json!({"alg": "ES384", "kid": kid, "typ": "JWT", "crit": ["b64"]})),
            Refused::Header("crit"),
        ),
        (headed(json!({"alg": "ES384", "kid": kid, "typ": "JWT", "x": 1})), Refused::Signature),
        (named(&[("typ", "at+jwt")]), Refused::Type),
        (named(&[("typ", "")]), Refused::Type),
        (named(&[("jku", "https://evil.example.org/keys")]), Refused::KeySetAddress),
        (named(&[("jku", "")]), Refused::KeySetAddress),
        (format!("{}.", good()), Refused::Malformed),
        (format!("{}A", good()), Refused::Malformed),
        (good().replace('.', ".."), Refused::Malformed),
        (good()[..good().len() - 4].to_string(), Refused::Signature),
        (String::new(), Refused::Malformed),
        ("..".to_string(), Refused::Malformed),
        ("a.b.c".to_string(), Refused::Malformed),
        (format!(" {}", good()), Refused::Malformed),
        (format!("{} ", good()), Refused::Malformed),
        (format!("{}{}", good(), "A".repeat(20_000)), Refused::Malformed),
    ];
    for (at, (token, expect)) in vectors.into_iter().enumerate() {
        let refused = call(&registry, &format!("Bearer {token}")).await.unwrap_err();
        assert_eq!(refused, expect, "vector {at}");
        is_silent(&refused);
        // At once it is no other answer, unless keys would have to be fetched.
        let at_once = registry.authenticate_now(Some(&format!("Bearer {token}")), AUD);
        assert!(!matches!(at_once, Ok(Some(_))), "vector {at}");
    }
    desk.nobody_escaped("tokens");
}

#[tokio::test]
async fn algorithms_and_claims_that_are_none() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    let token = |alg: &str, claims: &str| {
        let header = json!({"alg": alg, "kid": desk.key.kid(), "typ": "JWT"});
        format!("Bearer {}.{}.AAAA", encode(header.to_string()), encode(claims))
    };
    let claims = desk.claims().to_string();
    for alg in [
        "none", "None", "HS256", "HS384", "HS512", "RS256", "ES256", "RS512", "PS384", "EdDSA",
        "es384", "ES384 ", "",
    ] {
        let refused = call(&registry, &token(alg, &claims)).await;
        assert_eq!(refused, Err(Refused::Algorithm), "{alg:?}");
    }
    for claims in ["", "null", "[]", "{", "\"text\""] {
        let refused = call(&registry, &token("ES384", claims)).await;
        assert_eq!(refused, Err(Refused::Malformed), "{claims}");
    }
    for claims in ["{}", "{\"iss\":7}", "{\"iss\":null}"] {
        let refused = call(&registry, &token("ES384", claims)).await;
        assert_eq!(refused, Err(Refused::Claim("iss")), "{claims}");
    }
    assert!(desk.ehr.asked().is_empty());
}

#[tokio::test]
async fn headers_that_hold_no_token() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    let token = desk.key.sign(&desk.claims(), &[]).unwrap();
    assert_eq!(registry.authenticate(None, AUD).await, Err(Refused::NoToken));
    for header in ["", "Bearer", "Basic YTpi", &token, &format!("Bearer\t{token}")] {
        assert_eq!(call(&registry, header).await, Err(Refused::NoToken), "{header}");
    }
    for header in [format!("Bearer  {token}"), format!("Bearer {token},{token}")] {
        assert_eq!(call(&registry, &header).await, Err(Refused::Malformed));
    }
    // Whoever sets it up sees why, of what came in the name of an EHR.
    assert_eq!(registry.tenant("here").unwrap().last_refused(), None);
    // Another address than the one called, whatever the token says.
    let bearer = format!("Bearer {token}");
    let other = format!("{AUD}/feedback");
    assert_eq!(registry.authenticate(Some(&bearer), &other).await, Err(Refused::Audience));
    let last = registry.tenant("here").unwrap().last_refused();
    assert_eq!(last, Some((NOON, Refused::Audience)));
    assert!(desk.ehr.asked().is_empty());
}

#[tokio::test]
async fn every_byte_of_a_token_counts() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    call(&registry, &desk.bearer()).await.unwrap();
    for key in [&desk.key, &desk.rsa] {
        let token = key.sign(&desk.claims(), &[]).unwrap();
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] ^= 1;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            assert!(call(&registry, &format!("Bearer {changed}")).await.is_err(), "at {at}");
        }
        call(&registry, &format!("Bearer {token}")).await.unwrap();
    }
}

#[tokio::test]
async fn two_ehrs_of_one_issuer_are_told_apart_by_the_tenant_they_name() {
    let desk = Desk::new().await;
    let origin = desk.ehr.origin();
    let of =
        |tenant| settings(tenant, ISSUER, &format!("{origin}/{tenant}"), &format!("{origin}/keys"));
    let mut second = of("second");
    second.tenant_claim = Some("2.16.840.1".to_string());
    let registry = desk.open(&[of("first"), second]);
    for (claim, expect) in [
        (json!("first"), Ok("first")),
        (json!("2.16.840.1"), Ok("second")),
        (json!("second"), Err(Refused::Tenant)),
        (json!(null), Err(Refused::Tenant)),
    ] {
        let mut claims = desk.claims();
        claims["tenant"] = claim.clone();
        let token = desk.key.sign(&claims, &[]).unwrap();
        let caller = call(&registry, &format!("Bearer {token}")).await;
        assert_eq!(caller.as_ref().map(|one| one.tenant.as_str()).map_err(|one| *one), expect);
    }
    // None named is none found out.
    let token = desk.bearer();
    assert_eq!(call(&registry, &token).await, Err(Refused::Tenant));
}

#[tokio::test]
async fn a_longer_token_is_taken_where_the_settings_say_so() {
    let desk = Desk::new().await;
    let mut all = desk.settings();
    all[0].token_seconds = Some(900);
    let registry = desk.open(&all);
    for (seconds, expect) in [(900, None), (901, Some(Refused::TooLong))] {
        let mut claims = desk.claims();
        claims["exp"] = json!(NOON + seconds);
        let token = desk.key.sign(&claims, &[]).unwrap();
        assert_eq!(call(&registry, &format!("Bearer {token}")).await.err(), expect);
    }
}
