//! The authorization server of an EHR for one test: it checks all that SMART wants of an app, and
//! is as honest as its [`Manner`].

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cauda_jose::{Keys, SigningKey, Token};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub const DISCOVERY: &str = "/fhir/.well-known/smart-configuration";
pub const KEYS: &str = "/auth/keys";
pub const TOKEN: &str = "/auth/token";
pub const CLIENT: &str = "cauda-client";
pub const BACK: &str = "https://cauda.example.org/smart/back";
/// What no error and no `Debug` may show.
pub const CODE: &str = "canary-code";
pub const ACCESS: &str = "canary-access";
pub const PATIENT: &str = "canary-patient";
pub const ENCOUNTER: &str = "canary-encounter";
pub const SUBJECT: &str = "canary-subject";
pub const LAUNCH: &str = "canary-launch & more";

type Edit = Box<dyn Fn(&mut Value) + Send>;
type Answer = Arc<dyn Fn() -> Response + Send + Sync>;

/// How it behaves.
pub struct Manner {
    pub discovery: Edit,
    pub claims: Edit,
    /// The ID token once it is signed.
    pub id_token: Box<dyn Fn(String) -> String + Send>,
    /// What stands around it.
    pub tokens: Edit,
    /// Answers given instead, by their path.
    pub instead: HashMap<&'static str, Answer>,
    pub signer: Arc<SigningKey>,
    pub published: Vec<Arc<SigningKey>>,
    /// The key set of a client that has one.
    pub client_keys: Option<String>,
    pub names_itself: bool,
    pub expires_in: i64,
    pub now: i64,
    /// Paths asked for, ID tokens and assertions seen.
    pub asked: Vec<String>,
    pub given: Vec<String>,
    pub assertions: Vec<String>,
    jtis: HashSet<String>,
    grants: HashMap<String, HashMap<String, String>>,
    origin: String,
}

impl Manner {
    fn honest(origin: &str, now: i64) -> Manner {
        let signer = Arc::new(SigningKey::generate_es384().unwrap());
        let edit = || Box::new(|_: &mut Value| {}) as Edit;
        Manner {
            discovery: edit(),
            claims: edit(),
            id_token: Box::new(|token| token),
            tokens: edit(),
            instead: HashMap::new(),
            published: vec![signer.clone()],
            signer,
            client_keys: None,
            names_itself: false,
            expires_in: 300,
            now,
            asked: Vec::new(),
            given: Vec::new(),
            assertions: Vec::new(),
            jtis: HashSet::new(),
            grants: HashMap::new(),
            origin: origin.to_string(),
        }
    }

    /// Answers like that under a path.
    pub fn answers(
        &mut self,
        path: &'static str,
        answer: impl Fn() -> Response + Send + Sync + 'static,
    ) {
        self.instead.insert(path, Arc::new(answer));
    }

    /// Answers with that text under a path.
    pub fn says(&mut self, path: &'static str, text: impl Into<String>) {
        let text = text.into();
        self.answers(path, move || text.clone().into_response());
    }

    /// How often a path was asked for.
    pub fn times(&self, path: &str) -> usize {
        self.asked.iter().filter(|asked| *asked == path).count()
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    fn discovery(&self) -> Value {
        let mut document = json!({
            "issuer": self.at("/auth"),
            "jwks_uri": self.at(KEYS),
            "authorization_endpoint": self.at("/auth/authorize?tenant=1"),
            "token_endpoint": self.at(TOKEN),
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "capabilities": ["launch-ehr", "launch-standalone", "sso-openid-connect"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
            "authorization_response_iss_parameter_supported": self.names_itself,
            "introspection_endpoint": "http://elsewhere.example.org/never",
        });
        (self.discovery)(&mut document);
        document
    }

    /// Whether the client is who it says: SMART's "Asymmetric Authentication" for servers.
    fn authenticates(&mut self, form: &HashMap<String, String>) -> bool {
        let Some(keys) = &self.client_keys else {
            return form.get("client_id").is_some_and(|id| id == CLIENT)
                && !form.contains_key("client_assertion");
        };
        let assertion = &form["client_assertion"];
        self.assertions.push(assertion.clone());
        let token = Token::read(assertion).unwrap();
        assert_eq!(token.header.typ.as_deref(), Some("JWT"));
        assert!(token.header.kid.is_some());
        assert!(matches!(token.header.algorithm.name(), "ES384" | "RS384"));
        let Ok(claims) = token.verify(&Keys::read(keys.as_bytes()).unwrap()) else { return false };
        let until = claims["exp"].as_i64().unwrap();
        assert_eq!(form["client_assertion_type"].rsplit(':').next(), Some("jwt-bearer"));
        assert!(until > self.now && until <= self.now + 300);
        assert_eq!(claims["iss"], CLIENT);
        assert_eq!(claims["sub"], CLIENT);
        assert_eq!(claims["aud"], self.at(TOKEN));
        assert!(claims["jti"].as_str().unwrap().len() >= 22);
        self.jtis.insert(claims["jti"].to_string())
    }

    fn exchange(&mut self, body: &[u8]) -> Response {
        let failed = |status: StatusCode, error: &str| {
            let said = json!({"error": error, "error_description": format!("{CODE} {PATIENT}")});
            (status, said.to_string()).into_response()
        };
        let form = pairs(body);
        if !self.authenticates(&form) {
            return failed(StatusCode::UNAUTHORIZED, "invalid_client");
        }
        let mut tokens = json!({"access_token": ACCESS, "token_type": "Bearer",
            "expires_in": self.expires_in, "refresh_token": "canary-refresh"});
        if form["grant_type"] == "client_credentials" {
            tokens["scope"] = json!(form["scope"]);
            tokens["access_token"] = json!(format!("{ACCESS}-{}", self.times(TOKEN)));
            (self.tokens)(&mut tokens);
            return tokens.to_string().into_response();
        }
        assert_eq!(form["grant_type"], "authorization_code");
        // A code is good once.
        let Some(grant) = self.grants.remove(&form["code"]) else {
            return failed(StatusCode::BAD_REQUEST, "invalid_grant");
        };
        let proved = URL_SAFE_NO_PAD.encode(digest(&SHA256, form["code_verifier"].as_bytes()));
        if proved != grant["code_challenge"] || form["redirect_uri"] != grant["redirect_uri"] {
            return failed(StatusCode::BAD_REQUEST, "invalid_grant");
        }
        tokens["scope"] = json!(grant["scope"]);
        tokens["patient"] = json!(PATIENT);
        if grant.contains_key("launch") {
            tokens["encounter"] = json!(ENCOUNTER);
            tokens["appContext"] = json!("canary-context");
            tokens["need_patient_banner"] = json!(false);
        }
        if let Some(nonce) = grant.get("nonce") {
            let token = self.id_token(nonce);
            self.given.push(token.clone());
            tokens["id_token"] = json!(token);
        }
        (self.tokens)(&mut tokens);
        tokens.to_string().into_response()
    }

    fn id_token(&self, nonce: &str) -> String {
        let mut claims = json!({
            "iss": self.at("/auth"),
            "sub": SUBJECT,
            "aud": CLIENT,
            "exp": self.now + 300,
            "iat": self.now,
            "nonce": nonce,
            "fhirUser": self.at("/fhir/Practitioner/canary-doctor"),
        });
        (self.claims)(&mut claims);
        (self.id_token)(self.signer.sign(&claims, &[]).unwrap())
    }
}

/// Shared with its server.
#[derive(Clone)]
pub struct Ehr {
    pub origin: String,
    manner: Arc<Mutex<Manner>>,
}

impl Ehr {
    pub async fn start(now: i64) -> Ehr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (ehr, app) = Ehr::at(origin, now);
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        ehr
    }

    /// One that somebody else serves under that origin.
    pub fn at(origin: String, now: i64) -> (Ehr, Router) {
        let manner = Arc::new(Mutex::new(Manner::honest(&origin, now)));
        let ehr = Ehr { origin, manner };
        (ehr.clone(), Router::new().fallback(answer).with_state(ehr))
    }

    pub fn iss(&self) -> String {
        format!("{}/fhir", self.origin)
    }

    pub fn manner(&self) -> MutexGuard<'_, Manner> {
        self.manner.lock().unwrap()
    }

    /// What a browser brings back that was sent to that address: SMART's "Obtain authorization
    /// code", as a strict server reads it.
    pub fn authorize(&self, url: &str) -> String {
        let (place, query) = url.split_once('?').unwrap();
        assert_eq!(place, format!("{}/auth/authorize", self.origin));
        let asked = pairs(query.as_bytes());
        assert_eq!(asked["tenant"], "1");
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["redirect_uri"], BACK);
        assert_eq!(asked["aud"], self.iss());
        assert_eq!(asked["code_challenge_method"], "S256");
        for secret in ["state", "code_challenge"] {
            assert_eq!(asked[secret].len(), 43, "{secret}");
        }
        let has = |word: &str| asked["scope"].split(' ').any(|scope| scope == word);
        assert_eq!(has("openid"), asked.contains_key("nonce"));
        match asked.get("launch") {
            Some(launch) => assert!(launch == LAUNCH && has("launch") && !has("launch/patient")),
            None => assert!(has("launch/patient") && !has("launch")),
        }
        let mut manner = self.manner();
        let code = format!("{CODE}-{}", manner.grants.len());
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("code", &code).append_pair("state", &asked["state"]);
        query.append_pair("session_state", "x");
        if manner.names_itself {
            query.append_pair("iss", &manner.at("/auth"));
        }
        manner.grants.insert(code, asked);
        query.finish()
    }
}

async fn answer(State(ehr): State<Ehr>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let mut manner = ehr.manner();
    assert!(!headers.contains_key("cookie") && !headers.contains_key("authorization"));
    manner.asked.push(uri.path().to_string());
    if let Some(instead) = manner.instead.get(uri.path()) {
        return instead();
    }
    match uri.path() {
        DISCOVERY => manner.discovery().to_string().into_response(),
        KEYS => {
            let keys: Vec<_> = manner.published.iter().map(|key| key.public_jwk()).collect();
            json!({"keys": keys}).to_string().into_response()
        }
        TOKEN => manner.exchange(&body),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Names and values; no name twice.
pub fn pairs(form: &[u8]) -> HashMap<String, String> {
    let mut found = HashMap::new();
    for (name, value) in form_urlencoded::parse(form) {
        assert!(found.insert(name.to_string(), value.to_string()).is_none(), "{name} comes twice");
    }
    found
}
