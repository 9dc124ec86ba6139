//! Any bytes as what an EHR says in a SMART launch: its configuration, its token, its key set, what
//! an ID token claims, and the query that a browser comes back with.

use std::sync::OnceLock;

use cauda_jose::{SigningKey, key_set};
use cauda_smart::{Launched, Launches, Settings, Shown, SmartError, Tie};
use ring::rand::SystemRandom;
use serde_json::{Value, json};

use crate::line::{Line, wait};
use crate::{NOW, text};

const RSA: &str = include_str!("../../crates/jose/tests/it/keys/test_only_rsa.pem");
const CLIENT: &str = "cauda";
const DISCOVERY: &str = "/fhir/.well-known/smart-configuration";

/// What the EHR answers this time.
struct Ehr<'a> {
    line: &'a Line,
    configuration: Vec<u8>,
    token: Option<Vec<u8>>,
    keys: Vec<u8>,
    claims: Option<Value>,
    query: Option<String>,
}

fn key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::read(RSA).expect("a key of the tests"))
}

/// The first byte says what the rest is; everything else of the launch is right.
pub fn launch(data: &[u8]) -> bool {
    let Some((which, rest)) = data.split_first() else { return false };
    let line = Line::begun();
    let at = |path: &str| format!("{}{path}", line.origin);
    let configuration = json!({
        "issuer": at("/auth"), "jwks_uri": at("/keys"), "token_endpoint": at("/token"),
        "authorization_endpoint": at("/authorize"), "code_challenge_methods_supported": ["S256"],
    });
    let mut ehr = Ehr {
        line,
        configuration: configuration.to_string().into_bytes(),
        token: None,
        keys: key_set([key()]).to_string().into_bytes(),
        claims: None,
        query: None,
    };
    let origin = |bytes: &[u8]| text(bytes).map(|text| text.replace("ORIGIN", &line.origin));
    match which % 5 {
        0 => match origin(rest) {
            Some(text) => ehr.configuration = text.into_bytes(),
            None => ehr.configuration = rest.to_vec(),
        },
        1 => ehr.token = Some(rest.to_vec()),
        2 => ehr.keys = rest.to_vec(),
        3 => match origin(rest).and_then(|text| cauda_fhir::read(text.as_bytes()).ok()) {
            Some(claims) => ehr.claims = Some(claims),
            None => return false,
        },
        _ => match text(rest) {
            Some(text) => ehr.query = Some(text.to_string()),
            None => return false,
        },
    }
    match wait(ehr.opened()) {
        Ok(launched) => {
            check(&launched, line);
            true
        }
        Err(error) => {
            assert!(format!("{error} {error:?}").len() < 600, "{error}");
            false
        }
    }
}

impl Ehr<'_> {
    async fn opened(&self) -> Result<Launched, SmartError> {
        let iss = format!("{}/fhir", self.line.origin);
        let mut settings = Settings::new("ehr", &iss, CLIENT, "https://cauda.example.org/back");
        settings.private_addresses = true;
        let launches = Launches::open(&[settings])?;
        self.line.says(&[(DISCOVERY, 200, &self.configuration)]);
        let random = SystemRandom::new();
        let begun = launches.begin(&iss, Some("xyz"), Tie::Handle, &random, NOW).await?;
        assert!(begun.redirect_to.starts_with(&self.line.origin), "{}", begun.redirect_to);
        let query = begun.redirect_to.split_once('?').map_or("", |(_, query)| query);
        let of = |name: &str| {
            let pair = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
            pair.unwrap_or_default().to_string()
        };
        let (nonce, state) = (of("nonce"), begun.state.reveal().to_string());
        let claims = self.claims(&nonce);
        let id_token = key().sign(&claims, &[]).unwrap_or_default();
        let right = match &self.token {
            Some(sent) => String::from_utf8_lossy(sent).replace("ID_TOKEN", &id_token),
            None => json!({
                "access_token": "canary", "token_type": "Bearer", "expires_in": 300,
                "patient": "p1", "scope": "openid fhirUser patient/Observation.rs",
                "id_token": id_token,
            })
            .to_string(),
        };
        self.line.says(&[
            (DISCOVERY, 200, &self.configuration),
            ("/token", 200, right.as_bytes()),
            ("/keys", 200, &self.keys),
        ]);
        let query = match &self.query {
            Some(query) => query.replace("STATE", &state),
            None => format!("code=abc&state={state}"),
        };
        let handle = begun.handle.as_ref().map_or("", |handle| handle.reveal());
        let launched = launches.finish(&query, Shown::Handle(handle), &random, NOW).await?;
        if launched.subject.is_some() {
            let is = |name: &str, value: &str| claims[name] == value;
            assert!(is("iss", &format!("{}/auth", self.line.origin)), "{claims}");
            assert!(is("nonce", &nonce), "{claims}");
            let aud = &claims["aud"];
            let for_us = aud == CLIENT
                || aud.as_array().is_some_and(|all| all.iter().any(|one| one == CLIENT));
            assert!(for_us, "{claims}");
            assert!(
                claims["exp"].as_f64().is_some_and(|ends| ends + 60.0 >= NOW as f64),
                "{claims}"
            );
        }
        let again = launches.finish(&query, Shown::Handle(handle), &random, NOW).await;
        assert!(again.is_err(), "a launch ends twice");
        Ok(launched)
    }

    fn claims(&self, nonce: &str) -> Value {
        let right = json!({
            "iss": format!("{}/auth", self.line.origin), "aud": CLIENT, "sub": "somebody",
            "exp": NOW + 300, "iat": NOW, "nonce": nonce, "fhirUser": "Practitioner/12",
        });
        match &self.claims {
            None => right,
            Some(claims) => {
                let text = claims.to_string().replace("NONCE", nonce);
                serde_json::from_str(&text).unwrap_or(right)
            }
        }
    }
}

fn check(launched: &Launched, line: &Line) {
    let is_id = |text: &str| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
            && text.bytes().any(|byte| byte != b'.')
    };
    assert!(is_id(&launched.patient));
    assert!(launched.encounter.as_deref().is_none_or(is_id));
    assert!(launched.user.as_ref().is_none_or(|user| is_id(&user.id)));
    assert_eq!(launched.iss, format!("{}/fhir", line.origin));
    assert!(launched.expires_at > NOW);
    // Nothing of it is shown but whose it is; a token may be as short as any letter of that.
    assert_eq!(format!("{launched:?}"), format!("launch of {}", launched.tenant));
    // Nothing was asked for that writes.
    assert!(!launched.granted.may_write("ServiceRequest"));
}
