//! What the stand-in has to be told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

/// Seconds since 1970 UTC.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// How long the order screen waits for one answer before it goes on without.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// The settings of a stand-in.
#[derive(Clone)]
pub struct Config {
    /// Where to listen, of this machine alone; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The base of the CDS service, before `/cds-services`: `http://127.0.0.1:7070`, without a
    /// slash at its end. Its origin may stand in the frame in which apps open.
    pub cauda_base_url: String,
    /// The apps that may ask for tokens.
    pub clients: Vec<Client>,
    /// The `client_id` in whose name access tokens are handed out with a hook.
    pub hook_client_id: String,
    /// The scopes of such a token, SMART App Launch 2: `patient/Condition.rs …`.
    pub hook_scopes: String,
    /// Where the time comes from.
    pub clock: Clock,
    /// How long one call may take; [`PATIENCE`] for people.
    pub patience: Duration,
    /// Whether the sample patients are in it.
    pub samples: bool,
}

/// An app that is registered: a confidential client with a key, SMART App Launch 2.
#[derive(Clone)]
pub struct Client {
    /// Its `client_id`.
    pub id: String,
    /// Its name on screens.
    pub name: String,
    /// Where its public keys are.
    pub keys: ClientKeys,
    /// The addresses that an authorization may return to, compared byte by byte.
    pub redirect_uris: Vec<String>,
    /// The addresses that it is launched at; a card's SMART link must be one of them.
    pub launch_urls: Vec<String>,
    /// The most that it may be granted, separated by spaces: `launch openid patient/*.rs`.
    pub scopes: String,
}

/// Public keys of a client.
#[derive(Clone)]
pub enum ClientKeys {
    /// A key set at an address.
    Url(String),
    /// A key set, given at registration.
    Set(Value),
}

/// What a CDS service and app have to be told of this EHR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// `iss` of the token on each hook.
    pub hook_issuer: String,
    /// `jku` of that token: where its key set is.
    pub hook_jwks_url: String,
    /// The FHIR server; `iss` of a SMART launch and `aud` of an authorization.
    pub fhir_base: String,
    /// `iss` of an ID token.
    pub openid_issuer: String,
    /// Where codes become tokens; `aud` of a client's assertion.
    pub token_url: String,
    /// `system` of the identifiers by which the samples know patients.
    pub patient_number_system: String,
    /// `system` of the identifiers of visits.
    pub visit_number_system: String,
}
