//! Signed tokens of EHRs, what they claim, and key sets.

use std::fs;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use cauda_ehr::{Mode, Parts, Registry, Replays, Settings};
use cauda_jose::{Algorithm, Keys, SigningKey, Token, key_set as keys_of};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::line::wait;
use crate::{NOW, text};

const ISSUER: &str = "https://ehr.example.org/cds";
const ADDRESS: &str = "https://cauda.example.org/cds-services/back-pain";
const RSA: &str = include_str!("../../crates/jose/tests/it/keys/test_only_rsa.pem");
/// Longest that a token may be good, and how far clocks may be apart, in seconds.
const GOOD_SECONDS: i64 = 300;
const SKEW_SECONDS: i64 = 60;

/// Remembers nothing of one input at the next one.
struct Fresh(AtomicU64);

impl Replays for Fresh {
    fn first_time(&self, _: &str, _: &str, until: i64, now: i64) -> bool {
        assert!(until >= now, "a token that has ended came this far");
        self.0.fetch_add(1, Ordering::SeqCst);
        true
    }
}

struct Desk {
    key: SigningKey,
    keys: Keys,
    registry: Registry,
    /// One whose tokens each come once.
    strict: Registry,
}

fn desk() -> &'static Desk {
    static DESK: OnceLock<Desk> = OnceLock::new();
    DESK.get_or_init(|| {
        let key = SigningKey::read(RSA).expect("a key of the tests");
        let set = keys_of([&key]).to_string();
        let file = std::env::temp_dir().join(format!("cauda-fuzz-{}.json", std::process::id()));
        fs::write(&file, &set).expect("a place for a key set");
        let registry = |replays: Option<Arc<dyn Replays>>| {
            let settings: Settings = serde_json::from_value(json!({
                "name": "EHR", "tenant": "ehr", "fhir_base": "https://ehr.example.org/fhir",
                "issuers": [ISSUER], "jku": "https://ehr.example.org/keys", "keys": file,
            }))
            .expect("settings");
            let mut parts = Parts::new(Arc::new(|| NOW));
            if let Some(replays) = replays {
                parts.replays = replays;
            }
            let registry = Registry::open(&[settings], Mode::Production, parts);
            let registry = registry.expect("it opens");
            for (tenant, checked) in wait(registry.check()) {
                checked.unwrap_or_else(|error| panic!("{tenant}: {error}"));
            }
            registry
        };
        let fresh: Arc<dyn Replays> = Arc::new(Fresh(AtomicU64::new(0)));
        let (loose, strict) = (registry(Some(fresh)), registry(None));
        drop(fs::remove_file(&file));
        let keys = Keys::read(set.as_bytes()).expect("its own form");
        Desk { key, keys, registry: loose, strict }
    })
}

fn passes(registry: &Registry, bearer: &str, address: &str) -> bool {
    matches!(registry.authenticate_now(Some(bearer), address), Ok(Some(_)))
}

/// Any text as a token: nobody is believed who has not the key. A seed may be right, and then only
/// its own bytes are.
pub fn token(data: &[u8]) -> bool {
    let Some(text) = text(data) else { return false };
    let desk = desk();
    let right = desk.key.sign(&right_claims(), &[]).expect("it signs");
    let signed = right.rsplit_once('.').map_or("", |(signed, _)| signed);
    let is_right = text == right;
    if passes(&desk.registry, &format!("Bearer {text}"), ADDRESS) {
        assert!(is_right, "a token that nobody signed is believed");
    }
    let Ok(token) = Token::read(text) else { return false };
    assert!(token.header.algorithm.name() != "none");
    assert!(!format!("{token:?} {:?}", token.header).contains(text));
    if token.verify(&desk.keys).is_ok() {
        assert!(text.starts_with(signed), "a signature fits what was not signed");
    }
    true
}

/// The one token that is right, which no file can hold.
pub fn right_token() -> Vec<u8> {
    desk().key.sign(&right_claims(), &[]).expect("it signs").into_bytes()
}

fn right_claims() -> Value {
    json!({"iss": ISSUER, "aud": ADDRESS, "iat": NOW, "exp": NOW + 300, "jti": "canary"})
}

/// Any JSON as the claims of a token that is rightly signed: believed only if they say, read by
/// itself here, that it is of this EHR, for this address and of now; and once.
pub fn claims(data: &[u8]) -> bool {
    let Ok(claims) = cauda_fhir::read(data) else { return false };
    let desk = desk();
    let Ok(token) = desk.key.sign(&claims, &[]) else { return false };
    let bearer = format!("Bearer {token}");
    if !passes(&desk.registry, &bearer, ADDRESS) {
        return false;
    }
    assert!(is_right(&claims), "{claims} is believed");
    assert!(!passes(&desk.registry, &bearer, &format!("{ADDRESS}/feedback")) || aud(&claims) > 1);
    let first = passes(&desk.strict, &bearer, ADDRESS);
    assert!(!passes(&desk.strict, &bearer, ADDRESS), "a token is good twice, {first}");
    true
}

fn aud(claims: &Value) -> usize {
    claims["aud"].as_array().map_or(1, Vec::len)
}

/// The rules once more, written otherwise.
fn is_right(claims: &Value) -> bool {
    let second = |name: &str| claims[name].as_f64().map(f64::floor);
    let (Some(ends), Some(issued)) = (second("exp"), second("iat")) else { return false };
    let now = NOW as f64;
    let skew = SKEW_SECONDS as f64;
    let begins = claims.get("nbf").is_none_or(|_| second("nbf").is_some_and(|at| at <= now + skew));
    let aud = match &claims["aud"] {
        Value::String(one) => one == ADDRESS,
        Value::Array(all) => all.iter().any(|one| one == ADDRESS),
        _ => false,
    };
    let tenant = claims.get("tenant").is_none_or(|tenant| tenant == "ehr");
    let jti = claims["jti"].as_str().is_some_and(|jti| !jti.is_empty());
    let times = ends + skew > now
        && issued <= now + skew
        && ends > issued
        && ends - issued <= GOOD_SECONDS as f64;
    claims["iss"] == ISSUER && aud && tenant && jti && times && begins
}

/// Any bytes as a key set: refused, or of public keys alone, each found by its id and way.
pub fn key_set(data: &[u8]) -> bool {
    let Ok(keys) = Keys::read(data) else { return false };
    // What is passed over may hold bytes that are no text.
    let Ok(value) = serde_json::from_slice::<Value>(data) else { return true };
    let written = value["keys"].as_array().expect("it was read");
    assert!(written.iter().all(|key| key.get("d").is_none()), "a private key is taken");
    for key in written {
        for algorithm in Algorithm::ALL {
            let kid = key["kid"].as_str();
            if let Ok(found) = keys.find(algorithm, kid) {
                assert!(found.fits(algorithm));
                assert!(!found.signed(algorithm, b"text", b"signature"));
                assert!(!found.signed(algorithm, b"text", &[0; 96]));
                assert!(!found.signed(algorithm, b"text", &[0; 64]));
            }
        }
        let _ = cauda_jose::thumbprint(key);
    }
    assert!(format!("{keys:?}").len() < 40);
    true
}
