//! An OpenID provider for one test, as honest as its [`Manner`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::signer::{Signer, compact};

pub const DISCOVERY: &str = "/realm/.well-known/openid-configuration";
pub const KEYS: &str = "/realm/keys";
pub const TOKEN: &str = "/realm/token";
/// What no error and no `Debug` may show.
pub const SECRET: &str = "canary-secret with a blank & a sign+";
pub const SUBJECT: &str = "canary-subject";
pub const NAME: &str = "Dr. Canary Name";
pub const GROUP: &str = "canary-group";
pub const CODE: &str = "canary-code";

type Edit = Box<dyn Fn(&mut Value) + Send>;
type Answer = Arc<dyn Fn() -> Response + Send + Sync>;

/// How it behaves.
pub struct Manner {
    pub discovery: Edit,
    pub keys: Edit,
    pub header: Edit,
    pub claims: Edit,
    /// The ID token once it is signed.
    pub token: Box<dyn Fn(String) -> String + Send>,
    /// What stands around it.
    pub tokens: Edit,
    /// Answers given instead, by their path.
    pub instead: HashMap<&'static str, Answer>,
    pub signer: Signer,
    pub published: Vec<Signer>,
    /// The client has a secret.
    pub confidential: bool,
    pub checks_pkce: bool,
    pub names_itself: bool,
    pub now: i64,
    /// Paths asked for, and ID tokens given.
    pub asked: Vec<String>,
    pub given: Vec<String>,
    grants: HashMap<String, HashMap<String, String>>,
    origin: String,
}

impl Manner {
    fn honest(origin: &str, now: i64) -> Manner {
        let signer = Signer::ecdsa("ES256", "one");
        let edit = || Box::new(|_: &mut Value| {}) as Edit;
        Manner {
            discovery: edit(),
            keys: edit(),
            header: edit(),
            claims: edit(),
            token: Box::new(|token| token),
            tokens: edit(),
            instead: HashMap::new(),
            published: vec![signer.clone()],
            signer,
            confidential: true,
            checks_pkce: true,
            names_itself: true,
            now,
            asked: Vec::new(),
            given: Vec::new(),
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

    /// Signs with that key and shows it.
    pub fn signs_with(&mut self, signer: Signer) {
        self.published = vec![signer.clone()];
        self.signer = signer;
    }

    /// How often a path was asked for.
    pub fn times(&self, path: &str) -> usize {
        self.asked.iter().filter(|asked| *asked == path).count()
    }

    fn discovery(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.origin);
        let mut document = json!({
            "issuer": at("/realm"),
            "authorization_endpoint": at("/realm/authorize?tenant=1"),
            "token_endpoint": at(TOKEN),
            "jwks_uri": at(KEYS),
            "response_types_supported": ["code", "id_token"],
            "id_token_signing_alg_values_supported": ["RS256", "RS384", "ES256", "ES384", "HS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "authorization_response_iss_parameter_supported": self.names_itself,
            "userinfo_endpoint": "http://elsewhere.example.org/never",
        });
        (self.discovery)(&mut document);
        document
    }

    fn exchange(&mut self, headers: &HeaderMap, body: &[u8]) -> Response {
        let failed = |status: StatusCode, error: &str| {
            let said = json!({"error": error, "error_description": format!("{NAME} {SECRET}")});
            (status, said.to_string()).into_response()
        };
        let form = pairs(body);
        let basic = headers.get("authorization").map(|value| value.to_str().unwrap().to_string());
        let right = match self.confidential {
            true => {
                let secret: String = form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
                let pair = STANDARD.encode(format!("cauda-client:{secret}"));
                basic == Some(format!("Basic {pair}")) && !form.contains_key("client_id")
            }
            false => basic.is_none() && form["client_id"] == "cauda-client",
        };
        if !right {
            return failed(StatusCode::UNAUTHORIZED, "invalid_client");
        }
        // A code is good once.
        let Some(grant) = self.grants.remove(&form["code"]) else {
            return failed(StatusCode::BAD_REQUEST, "invalid_grant");
        };
        let challenge = digest(&SHA256, form["code_verifier"].as_bytes());
        let proved = URL_SAFE_NO_PAD.encode(challenge) == grant["code_challenge"];
        if self.checks_pkce && !proved || form["redirect_uri"] != grant["redirect_uri"] {
            return failed(StatusCode::BAD_REQUEST, "invalid_grant");
        }
        assert_eq!(form["grant_type"], "authorization_code");
        let token = self.id_token(&grant["nonce"]);
        self.given.push(token.clone());
        let mut tokens =
            json!({"access_token": "canary-access", "token_type": "Bearer", "id_token": token});
        (self.tokens)(&mut tokens);
        tokens.to_string().into_response()
    }

    fn id_token(&self, nonce: &str) -> String {
        let mut header = json!({"alg": self.signer.alg, "kid": self.signer.kid, "typ": "JWT"});
        let mut claims = json!({
            "iss": format!("{}/realm", self.origin),
            "sub": SUBJECT,
            "aud": "cauda-client",
            "exp": self.now + 300,
            "iat": self.now,
            "nonce": nonce,
            "name": NAME,
            "groups": ["everybody", GROUP],
            "acr": "strong",
        });
        (self.header)(&mut header);
        (self.claims)(&mut claims);
        let (header, claims) = (header.to_string(), claims.to_string());
        let sign = |text: &str| self.signer.sign(text);
        (self.token)(compact(header.as_bytes(), claims.as_bytes(), sign))
    }
}

/// Shared with its server.
#[derive(Clone)]
pub struct Issuer {
    pub origin: String,
    manner: Arc<Mutex<Manner>>,
}

impl Issuer {
    pub async fn start(now: i64) -> Issuer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (issuer, app) = Issuer::at(origin, now);
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        issuer
    }

    /// One that somebody else serves under that origin.
    pub fn at(origin: String, now: i64) -> (Issuer, Router) {
        let manner = Arc::new(Mutex::new(Manner::honest(&origin, now)));
        let issuer = Issuer { origin, manner };
        (issuer.clone(), Router::new().fallback(answer).with_state(issuer))
    }

    pub fn name(&self) -> String {
        format!("{}/realm", self.origin)
    }

    pub fn manner(&self) -> MutexGuard<'_, Manner> {
        self.manner.lock().unwrap()
    }

    /// What a browser brings back that was sent to that address and signed in there.
    pub fn authorize(&self, url: &str) -> String {
        let (place, query) = url.split_once('?').unwrap();
        assert_eq!(place, format!("{}/realm/authorize", self.origin));
        let asked = pairs(query.as_bytes());
        assert_eq!(asked["tenant"], "1");
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], "cauda-client");
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        for secret in ["state", "nonce", "code_challenge"] {
            assert_eq!(asked[secret].len(), 43, "{secret}");
        }
        let mut manner = self.manner();
        let code = format!("{CODE}-{}", manner.grants.len());
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("code", &code).append_pair("state", &asked["state"]);
        query.append_pair("session_state", "x");
        if manner.names_itself {
            query.append_pair("iss", &self.name());
        }
        manner.grants.insert(code, asked);
        query.finish()
    }
}

async fn answer(
    State(issuer): State<Issuer>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut manner = issuer.manner();
    manner.asked.push(uri.path().to_string());
    if let Some(instead) = manner.instead.get(uri.path()) {
        return instead();
    }
    match uri.path() {
        DISCOVERY => manner.discovery().to_string().into_response(),
        KEYS => {
            let keys: Vec<Value> = manner.published.iter().map(Signer::jwk).collect();
            let mut set = json!({"keys": keys});
            (manner.keys)(&mut set);
            set.to_string().into_response()
        }
        TOKEN => manner.exchange(&headers, &body),
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
