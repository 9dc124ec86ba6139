//! A stand-in with a service beside it and a client that is registered.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cauda_ehr_stand_in::{Client, ClientKeys, Config, Happening, PATIENCE, Running, StandIn};
use cauda_jose::{SigningKey, key_set};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::client::{Reply, form, query, send};
use crate::service::Service;

/// 2026-11-26T09:15:00Z
pub const NOW: i64 = 1_795_684_500;
pub const VERIFIER: &str = "abcdefghijklmnopqrstuvwxyz0123456789-._~ABCDEFG";
pub const STATE: &str = "a-state-that-nobody-guesses";
pub const SCOPES: &str = "launch launch/patient openid fhirUser patient/*.rs user/Patient.r \
                          patient/Task.cru system/*.rs";

pub struct Office {
    pub ehr: Running,
    pub service: Service,
    pub key: SigningKey,
    clock: Arc<AtomicI64>,
    assertions: AtomicUsize,
}

impl Office {
    pub async fn open() -> Office {
        Office::with(PATIENCE).await
    }

    pub async fn with(patience: Duration) -> Office {
        let service = Service::start().await;
        let key = SigningKey::generate_es384().unwrap();
        service.publishes(key_set([&key]));
        let clock = Arc::new(AtomicI64::new(NOW));
        let hand = clock.clone();
        let client = Client {
            id: "app".to_owned(),
            name: "Cauda".to_owned(),
            keys: ClientKeys::Url(format!("{}/keys", service.origin)),
            redirect_uris: vec![format!("{}/back?x=1", service.origin)],
            launch_urls: vec![format!("{}/launch", service.origin)],
            scopes: SCOPES.to_owned(),
        };
        let config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            cauda_base_url: service.origin.clone(),
            clients: vec![client],
            hook_client_id: "app".to_owned(),
            hook_scopes: "patient/*.rs".to_owned(),
            clock: Arc::new(move || hand.load(Ordering::SeqCst)),
            patience,
            samples: true,
        };
        let ehr = StandIn::start(config).await.unwrap();
        Office { ehr, service, key, clock, assertions: AtomicUsize::new(0) }
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.ehr.base_url())
    }

    /// A request to the FHIR server with a token of these scopes.
    pub async fn fhir(&self, scope: &str, method: &str, path: &str, body: &str) -> Reply {
        self.fhir_of(scope, None, method, path, body).await
    }

    pub async fn fhir_of(
        &self,
        scope: &str,
        patient: Option<&str>,
        method: &str,
        path: &str,
        body: &str,
    ) -> Reply {
        let token = self.ehr.access_token(scope, patient).unwrap();
        let bearer = format!("Bearer {token}");
        let kind = match path.ends_with("_search") {
            true => "application/x-www-form-urlencoded",
            false => "application/fhir+json",
        };
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", kind)];
        send(method, &self.at(&format!("/fhir{path}")), &headers, body).await
    }

    /// An assertion of the client, with changed claims.
    pub fn assertion(&self, change: impl FnOnce(&mut Value)) -> String {
        let number = self.assertions.fetch_add(1, Ordering::SeqCst);
        let now = self.clock.load(Ordering::SeqCst);
        let mut claims = json!({
            "iss": "app", "sub": "app", "aud": self.at("/auth/token"),
            "exp": now + 300, "iat": now, "jti": format!("assertion-{number}"),
        });
        change(&mut claims);
        self.key.sign(&claims, &[]).unwrap()
    }

    /// A request for a token with these pairs and an assertion.
    pub async fn token(&self, assertion: &str, pairs: &[(&str, &str)]) -> Reply {
        let mut all = vec![
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
        ];
        all.extend(pairs);
        let kind = ("Content-Type", "application/x-www-form-urlencoded");
        send("POST", &self.at("/auth/token"), &[kind], &form(&all)).await
    }

    /// The pairs of an honest authorization for a launch.
    pub fn asks(&self, launch: Option<&str>, scope: &str) -> Vec<(String, String)> {
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
        let uri = format!("{}/back?x=1", self.service.origin);
        let aud = self.at("/fhir");
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", "app"),
            ("redirect_uri", &uri),
            ("scope", scope),
            ("state", STATE),
            ("nonce", "a-nonce"),
            ("aud", &aud),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        pairs.extend(launch.map(|launch| ("launch", launch)));
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    pub async fn authorize(&self, pairs: &[(String, String)]) -> Reply {
        let pairs: Vec<(&str, &str)> =
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        send("GET", &self.at(&format!("/auth/authorize?{}", form(&pairs))), &[], "").await
    }

    /// A launch for a patient, as the app receives it.
    pub fn launch(&self, patient: &str, app_context: Option<&str>) -> String {
        let context = cauda_ehr_stand_in::LaunchContext {
            client_id: "app".to_owned(),
            patient: patient.to_owned(),
            encounter: Some(format!("{patient}-visit")),
            app_context: app_context.map(str::to_owned),
            need_patient_banner: true,
        };
        let url = self.ehr.launch(&format!("{}/launch", self.service.origin), context).unwrap();
        assert_eq!(query(&url, "iss").unwrap(), self.at("/fhir"));
        query(&url, "launch").unwrap()
    }
}

/// A hook of a patient with one draft.
pub fn happening(hook: &str, patient: &str) -> Happening {
    Happening {
        hook: hook.to_owned(),
        patient: patient.to_owned(),
        encounter: Some(format!("{patient}-visit")),
        drafts: vec![json!({
            "resourceType": "ServiceRequest", "id": "draft-1", "status": "draft",
            "intent": "order", "subject": {"reference": format!("Patient/{patient}")},
            "code": {"coding": [{"system": "http://loinc.org", "code": "30679-5"}]},
        })],
        selections: vec![],
    }
}
