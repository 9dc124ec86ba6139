//! The stand-in as it is started, and what a test may do with it while it runs.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{HOST, HeaderMap, ORIGIN};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{any, get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cauda_outbound::Place;
use ring::hmac;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::config::{ClientKeys, Config, Registration};
use crate::ehr::{self, Ehr, READ_BYTES_MAX};
use crate::faults::Faults;
use crate::hooks::ask;
use crate::hooks::call::{self, Answered, Happening};
use crate::hooks::feedback::{self, Outcome};
use crate::screen::{app, frame};
use crate::smart::grants::{LaunchContext, TOKEN_SECONDS};
use crate::smart::scope::Access;
use crate::traffic::Exchange;
use crate::{StandInError, fhir, samples, screen, smart};

/// An address that is taken for a stand-in, before it is told where the CDS service is.
pub struct StandIn {
    listener: TcpListener,
    address: SocketAddr,
}

/// A stand-in at work. It ends when this is dropped.
pub struct Running {
    ehr: Ehr,
    address: SocketAddr,
    task: JoinHandle<()>,
}

/// Who signs a token that a test wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer {
    /// The key whose public half is published.
    Ours,
    /// A key that nobody publishes.
    Stranger,
    /// Nobody: `alg` is `none`, and there is no signature.
    Nobody,
    /// HMAC with the text of the published key set as its secret: `alg` is `HS384`.
    Hmac,
}

impl StandIn {
    /// Takes an address of this machine, so that its [`Registration`] is known before it starts.
    ///
    /// # Errors
    /// [`StandInError::Public`], [`StandInError::Listen`].
    pub async fn bind(listen: SocketAddr) -> Result<StandIn, StandInError> {
        if !listen.ip().is_loopback() {
            return Err(StandInError::Public(listen));
        }
        let failed = |source| StandInError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(StandIn { listener, address })
    }

    /// What a CDS service and app have to be told of it.
    pub fn registration(&self) -> Registration {
        ehr::registration(&base(self.address))
    }

    /// Binds the address of the settings and begins to answer.
    ///
    /// # Errors
    /// As [`StandIn::bind`] and [`StandIn::run`].
    pub async fn start(config: Config) -> Result<Running, StandInError> {
        StandIn::bind(config.listen).await?.run(config)
    }

    /// Begins to answer; `listen` of the settings is not looked at.
    ///
    /// # Errors
    /// [`StandInError::Setting`], [`StandInError::NoRandom`], [`StandInError::Resource`].
    pub fn run(self, config: Config) -> Result<Running, StandInError> {
        let StandIn { listener, address } = self;
        check(&config)?;
        let with_samples = config.samples;
        let ehr = Ehr::new(config, base(address))?;
        if !with_samples {
            let now = ehr.now();
            samples::put(&mut ehr.store(), samples::clinician(), now)?;
        }
        let router = router(ehr.clone());
        let task = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Ok(Running { ehr, address, task })
    }
}

fn check(config: &Config) -> Result<(), StandInError> {
    let wrong = |name, what| StandInError::Setting { name, what };
    let url = &config.cauda_base_url;
    if url.ends_with('/') || Place::read("cauda_base_url", url).is_err() {
        let what = "write http://127.0.0.1:port or https://, without a slash at its end";
        return Err(wrong("cauda_base_url", what));
    }
    for (at, client) in config.clients.iter().enumerate() {
        if config.clients[..at].iter().any(|other| other.id == client.id) {
            return Err(wrong("clients", "a client_id stands twice"));
        }
        let keys = match &client.keys {
            ClientKeys::Url(url) => Some(url),
            ClientKeys::Set(_) => None,
        };
        let mut urls = client.redirect_uris.iter().chain(&client.launch_urls).chain(keys);
        if urls.any(|url| Place::read("clients", url).is_err()) {
            return Err(wrong("clients", "an address is neither https:// nor of this machine"));
        }
    }
    Ok(())
}

fn base(address: SocketAddr) -> String {
    format!("http://{address}")
}

fn router(ehr: Ehr) -> Router {
    use screen::routes as pages;
    use smart::routes as auth;
    Router::new()
        .route("/", get(pages::list))
        .route("/about", get(pages::about))
        .route("/traffic", get(pages::seen))
        .route("/style.css", get(pages::style))
        .route("/app", get(pages::patient_app))
        .route("/patients/{id}", get(pages::patient))
        .route("/patients/{id}/orders", post(pages::choose))
        .route("/patients/{id}/hooks", post(pages::hook))
        .route("/orders/{number}", get(pages::order))
        .route("/orders/{number}/accept", post(pages::accept))
        .route("/orders/{number}/override", post(pages::set_aside))
        .route("/orders/{number}/sign", post(pages::sign))
        .route("/orders/{number}/app", get(pages::card_app))
        .route("/auth/authorize", get(auth::authorize))
        .route("/auth/token", post(auth::token))
        .route("/auth/jwks.json", get(auth::openid_keys))
        .route("/auth/.well-known/openid-configuration", get(auth::openid))
        .route("/cds-client/jwks.json", get(auth::hook_keys))
        .route("/fhir", any(fhir::routes::fhir))
        .route("/fhir/", any(fhir::routes::fhir))
        .route("/fhir/{*path}", any(fhir::routes::fhir))
        .fallback(pages::nothing)
        .layer(DefaultBodyLimit::max(READ_BYTES_MAX))
        .layer(from_fn_with_state(ehr.clone(), own))
        .with_state(ehr)
}

/// Only whoever means this server is answered: a page from elsewhere can make a browser ask
/// 127.0.0.1 under another name, or send a form from its own origin.
async fn own(State(ehr): State<Ehr>, request: Request, next: Next) -> Response {
    let Ok(_place) = ehr.places.try_acquire() else {
        return frame::refused(StatusCode::SERVICE_UNAVAILABLE, "Too many requests at once");
    };
    let posts = request.method() == Method::POST;
    match is_own(&ehr.base, request.headers(), posts) {
        true => next.run(request).await,
        false => {
            let why = format!("Open {} instead: this request came from elsewhere", ehr.base);
            frame::refused(StatusCode::FORBIDDEN, &why)
        }
    }
}

fn is_own(base: &str, headers: &HeaderMap, posts: bool) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let ours = text(HOST).is_some_and(|host| base.strip_prefix("http://") == Some(host));
    let from = headers.get(ORIGIN).is_none_or(|origin| origin == base);
    ours && (from || !posts)
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its pages are: `http://127.0.0.1:1234`.
    pub fn base_url(&self) -> String {
        self.ehr.base.clone()
    }

    /// What a CDS service and app have to be told of it.
    pub fn registration(&self) -> Registration {
        ehr::registration(&self.ehr.base)
    }

    /// Waits for its end, which comes when it is stopped.
    pub async fn ended(&mut self) {
        drop((&mut self.task).await);
    }

    /// Keeps a resource under its id; without one it gets one. `Type/id` comes back. A reference
    /// may lead nowhere here, as a test may want it.
    ///
    /// # Errors
    /// [`StandInError::Resource`].
    pub fn add(&self, mut resource: Value) -> Result<String, StandInError> {
        let mut store = self.ehr.store();
        if resource.is_object() && resource.get("id").is_none() {
            resource["id"] = store.new_id().into();
        }
        let kept = samples::put(&mut store, resource, self.ehr.now())?;
        fhir::answer::address(&kept).ok_or(StandInError::Resource("it has no id".to_owned()))
    }

    /// Deletes a resource, as somebody else might.
    pub fn remove(&self, kind: &str, id: &str) {
        self.ehr.store().delete(kind, id);
    }

    /// All resources of a type, by id.
    pub fn stored(&self, kind: &str) -> Vec<Value> {
        self.ehr.store().all(kind).cloned().collect()
    }

    /// Changes the faults at work.
    pub fn faults(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.ehr.faults());
    }

    /// Fires a hook as a screen does.
    ///
    /// # Errors
    /// [`StandInError::Service`] when discovery fails, [`StandInError::Unknown`] of a patient.
    pub async fn call(&self, happening: &Happening) -> Result<Vec<Answered>, StandInError> {
        let known = self.ehr.store().get("Patient", &happening.patient).is_ok();
        if !known {
            return Err(StandInError::Unknown("patient"));
        }
        call::fire(&self.ehr, happening).await.map_err(StandInError::Service)
    }

    /// Tells a service what became of a card; its status comes back.
    pub async fn feedback(&self, service: &str, card: &str, outcome: &Outcome) -> Option<u16> {
        feedback::send(&self.ehr, service, card, outcome).await
    }

    /// A token as it goes with a hook to that address. The claims can be changed before they are
    /// signed; the header gets `jku` as published, or the one given.
    ///
    /// # Errors
    /// [`StandInError::NoRandom`].
    pub fn jwt(
        &self,
        audience: &str,
        signer: Signer,
        jku: Option<&str>,
        change: impl FnOnce(&mut Value),
    ) -> Result<String, StandInError> {
        let mut claims = ask::claims(&self.ehr, audience)?;
        change(&mut claims);
        let published = self.registration().hook_jwks_url;
        let jku = jku.unwrap_or(&published);
        let key = match signer {
            Signer::Ours => &self.ehr.hook_key,
            Signer::Stranger => &self.ehr.stranger_key,
            Signer::Nobody => return Ok(self.forged("none", jku, &claims)),
            Signer::Hmac => return Ok(self.forged("HS384", jku, &claims)),
        };
        key.sign(&claims, &[("jku", jku)]).map_err(|_| StandInError::NoRandom)
    }

    /// A token as a forger makes one who has read what is published.
    fn forged(&self, algorithm: &str, jku: &str, claims: &Value) -> String {
        let kid = self.ehr.hook_key.kid();
        let header = json!({"alg": algorithm, "kid": kid, "typ": "JWT", "jku": jku});
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(claims));
        if algorithm == "none" {
            return signed + ".";
        }
        let set = cauda_jose::key_set([&self.ehr.hook_key]).to_string();
        let signature =
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA384, set.as_bytes()), signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The address at which an app is launched, with a launch context behind it.
    ///
    /// # Errors
    /// [`StandInError::Unknown`], [`StandInError::Full`], [`StandInError::NoRandom`].
    pub fn launch(&self, url: &str, context: LaunchContext) -> Result<String, StandInError> {
        if self.ehr.client(&context.client_id).is_none() {
            return Err(StandInError::Unknown("client"));
        }
        if self.ehr.store().get("Patient", &context.patient).is_err() {
            return Err(StandInError::Unknown("patient"));
        }
        let launch = self.ehr.grants().launch(context, self.ehr.now())?;
        Ok(app::address(&self.ehr, url, &launch))
    }

    /// An access token with these scopes, for a patient or without one.
    ///
    /// # Errors
    /// [`StandInError::Full`], [`StandInError::NoRandom`].
    pub fn access_token(&self, scope: &str, patient: Option<&str>) -> Result<String, StandInError> {
        let now = self.ehr.now();
        let access = Access::new(scope, patient, now + TOKEN_SECONDS);
        self.ehr.grants().token(access, now)
    }

    /// The last exchanges, the newest last.
    pub fn traffic(&self) -> Vec<Exchange> {
        self.ehr.traffic().all()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}
