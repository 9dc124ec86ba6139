//! What every test has at hand: an EHR, a trap, a clock, a key and the names that were looked up.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cauda_ehr::{Caller, FhirClient, Gate, Mode, Parts, Refused, Registry, Secret, Settings};
use cauda_jose::{SigningKey, key_set};
use cauda_outbound::Names;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::server::{Answer, Server};

/// 2026-11-26 12:00:00 UTC.
pub const NOON: i64 = 1_795_694_400;
pub const ISSUER: &str = "https://ehr.example.org/cds";
pub const AUD: &str = "https://cauda.example.org/cds-services/back-pain";
/// The EHR that has a name, in the same registry.
pub const NAMED: &str = "named";
pub const TOKEN: &str = "canary-access-token";
const RSA: &str = include_str!("../../../jose/tests/it/keys/test_only_rsa.pem");

pub struct Desk {
    pub ehr: Server,
    /// Where every name that is no number leads.
    pub trap: Server,
    pub hand: Arc<AtomicI64>,
    pub key: SigningKey,
    pub rsa: SigningKey,
    pub looked_up: Arc<Mutex<Vec<String>>>,
    jti: AtomicI64,
}

pub fn secret() -> Secret {
    Secret::read(TOKEN).unwrap()
}

pub fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

impl Desk {
    pub async fn new() -> Desk {
        let desk = Desk {
            ehr: Server::start().await,
            trap: Server::start().await,
            hand: Arc::new(AtomicI64::new(NOON)),
            key: SigningKey::generate_es384().unwrap(),
            rsa: SigningKey::read(RSA).unwrap(),
            looked_up: Arc::default(),
            jti: AtomicI64::new(0),
        };
        desk.publishes(&[&desk.key, &desk.rsa]);
        desk
    }

    /// The EHR shows these keys, and has nothing else.
    pub fn publishes(&self, keys: &[&SigningKey]) {
        let set = key_set(keys.iter().copied()).to_string();
        self.ehr.answers(move |asked| match asked.path.as_str() {
            "/keys" => Answer::Whole(200, set.clone()),
            _ => Answer::Whole(404, String::new()),
        });
    }

    /// The one on this machine, and one with a name.
    pub fn settings(&self) -> Vec<Settings> {
        let origin = self.ehr.origin();
        vec![
            settings("here", ISSUER, &format!("{origin}/fhir/r4"), &format!("{origin}/keys")),
            settings(
                NAMED,
                "https://named.example.org",
                "https://ehr.example.org/fhir/r4",
                "https://ehr.example.org/keys",
            ),
        ]
    }

    pub fn registry(&self) -> Registry {
        self.open(&self.settings())
    }

    pub fn open(&self, all: &[Settings]) -> Registry {
        Registry::open(all, Mode::Production, self.parts()).unwrap()
    }

    pub fn parts(&self) -> Parts {
        let hand = self.hand.clone();
        let mut parts = Parts::new(Arc::new(move || hand.load(Ordering::SeqCst)));
        parts.names = Some(self.names());
        // Nothing here hangs unless a test says so, and a busy machine may be slow.
        parts.patience = Duration::from_secs(20);
        parts
    }

    /// Numbers lead to themselves, names into the trap; all are written down.
    fn names(&self) -> Names {
        let (looked_up, trap) = (self.looked_up.clone(), self.trap.port);
        Arc::new(move |host, port| {
            looked_up.lock().unwrap().push(format!("{host} {port}"));
            let found = match host.parse::<IpAddr>() {
                Ok(number) => SocketAddr::new(number, port),
                Err(_) => SocketAddr::new([127, 0, 0, 1].into(), trap),
            };
            Box::pin(async move { Ok(vec![found]) })
        })
    }

    pub fn pass(&self, seconds: i64) {
        self.hand.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn now(&self) -> i64 {
        self.hand.load(Ordering::SeqCst)
    }

    /// Right claims, with a `jti` of their own.
    pub fn claims(&self) -> Value {
        let jti = self.jti.fetch_add(1, Ordering::SeqCst);
        json!({
            "iss": ISSUER,
            "aud": AUD,
            "iat": self.now(),
            "exp": self.now() + 300,
            "jti": format!("canary-jti-{jti}"),
        })
    }

    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.key.sign(&self.claims(), &[]).unwrap())
    }

    pub fn gate(&self) -> Gate {
        Gate::of(&self.registry())
    }

    pub fn client(&self) -> FhirClient {
        let base = format!("{}/fhir/r4", self.ehr.origin());
        self.gate().fhir("here", &base, Some(&secret()), soon()).unwrap()
    }

    /// Nothing but the registered numbers was looked up, and nobody came into the trap.
    pub fn nobody_escaped(&self, what: &str) {
        let own = format!("127.0.0.1 {}", self.ehr.port);
        let looked_up = self.looked_up.lock().unwrap();
        assert!(looked_up.iter().all(|one| *one == own), "{what}: {looked_up:?}");
        assert_eq!(self.trap.lines(), 0, "{what}");
    }
}

pub async fn call(registry: &Registry, authorization: &str) -> Result<Caller, Refused> {
    registry.authenticate(Some(authorization), AUD).await
}

/// The usual settings of an EHR in the house.
pub fn settings(tenant: &str, issuer: &str, fhir_base: &str, jku: &str) -> Settings {
    let text = format!(
        "name = \"EHR\"\ntenant = \"{tenant}\"\nissuers = [\"{issuer}\"]\n\
         fhir_base = \"{fhir_base}\"\njku = \"{jku}\"\nprivate_addresses = true\n"
    );
    toml::from_str(&text).unwrap()
}
