//! Who asks for a token: `private_key_jwt` (SMART App Launch 2, "Client Authentication:
//! Asymmetric"; RFC 7523).

use std::time::Duration;

use cauda_jose::{Algorithm, Keys, Token};
use cauda_outbound::{Bytes, Place};
use serde_json::Value;

use crate::config::{Client, ClientKeys};
use crate::ehr::Ehr;
use crate::smart::token::Failed;

/// What `client_assertion_type` must be.
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion may be good, and how far clocks may be apart, in seconds.
const LIFE_SECONDS_MAX: i64 = 300;
const SKEW_SECONDS: i64 = 5;
/// Most bytes of the id of an assertion.
const JTI_BYTES_MAX: usize = 256;
/// How long a key set may take.
const KEYS_TIMEOUT: Duration = Duration::from_secs(5);

/// The client that proved itself.
pub(crate) async fn client(ehr: &Ehr, form: &[(String, String)]) -> Result<Client, Failed> {
    let value = |name: &str| form.iter().find(|(of, _)| of == name).map(|(_, value)| value);
    if value("client_assertion_type").map(String::as_str) != Some(TYPE) {
        return Err(Failed::client("client_assertion_type is not jwt-bearer"));
    }
    let text = value("client_assertion").ok_or(Failed::client("client_assertion is missing"))?;
    let token = Token::read(text).map_err(|_| Failed::client("the assertion is no such token"))?;
    let claimed = token.unverified().unwrap_or_default();
    let issuer = claimed.get("iss").and_then(Value::as_str).unwrap_or_default();
    let client = ehr.client(issuer).ok_or(Failed::client("iss is no registered client"))?;
    if value("client_id").is_some_and(|id| *id != client.id) {
        return Err(Failed::client("client_id is not iss"));
    }
    header(&token, client)?;
    let keys = keys(ehr, client).await?;
    let verified = token.verify(&keys);
    let claims = verified.map_err(|_| Failed::client("no registered key signed the assertion"))?;
    check(ehr, client, &claims)?;
    Ok(client.clone())
}

fn header(token: &Token, client: &Client) -> Result<(), Failed> {
    let header = &token.header;
    if !matches!(header.algorithm, Algorithm::Es384 | Algorithm::Rs384) {
        return Err(Failed::client("alg is neither ES384 nor RS384"));
    }
    if header.kid.is_none() {
        return Err(Failed::client("the header has no kid"));
    }
    if header.typ.as_deref() != Some("JWT") {
        return Err(Failed::client("typ is not JWT"));
    }
    match (&header.jku, &client.keys) {
        (None, _) => Ok(()),
        (Some(jku), ClientKeys::Url(url)) if jku == url => Ok(()),
        _ => Err(Failed::client("jku is not the registered key set")),
    }
}

fn check(ehr: &Ehr, client: &Client, claims: &Value) -> Result<(), Failed> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if (text("iss"), text("sub")) != (&client.id, &client.id) {
        return Err(Failed::client("iss and sub are not both the client_id"));
    }
    let url = ehr.token_url();
    let ours = match claims.get("aud") {
        Some(Value::String(one)) => *one == url,
        Some(Value::Array(all)) => all.iter().any(|one| one.as_str() == Some(&url)),
        _ => false,
    };
    if !ours {
        return Err(Failed::client("aud is not the address of the token endpoint"));
    }
    let now = ehr.now();
    let second = |name: &str| claims.get(name).and_then(Value::as_i64);
    let until = second("exp").ok_or(Failed::client("exp is missing"))?;
    if until <= now - SKEW_SECONDS || until > now + LIFE_SECONDS_MAX + SKEW_SECONDS {
        return Err(Failed::client("exp has passed, or is more than five minutes ahead"));
    }
    if ["nbf", "iat"].iter().filter_map(|name| second(name)).any(|at| at > now + SKEW_SECONDS) {
        return Err(Failed::client("nbf or iat is ahead"));
    }
    let id = text("jti");
    if id.is_empty() || id.len() > JTI_BYTES_MAX {
        return Err(Failed::client("jti is missing or too long"));
    }
    match ehr.grants().first_time(&client.id, id, until + SKEW_SECONDS, now) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failed::client("jti was used before")),
        Err(_) => Err(Failed::server()),
    }
}

/// The client's keys, asked anew each time so that a change of keys works at once.
async fn keys(ehr: &Ehr, client: &Client) -> Result<Keys, Failed> {
    let unusable = Failed::client("the registered key set cannot be read");
    let bytes = match &client.keys {
        ClientKeys::Set(set) => set.to_string().into_bytes(),
        ClientKeys::Url(url) => {
            let place = Place::read("jwks_url", url).map_err(|_| unusable)?;
            let request = place.get().header("accept", "application/json").body(Bytes::new());
            let request = request.map_err(|_| unusable)?;
            let asking = async {
                let answer = ehr.outbound.ask(&place, request).await.ok()?;
                let good = answer.status() == 200;
                answer.body(cauda_jose::KEYS_BYTES_MAX).await.ok().filter(|_| good)
            };
            let asked = tokio::time::timeout(KEYS_TIMEOUT, asking).await;
            asked.ok().flatten().ok_or(unusable)?
        }
    };
    Keys::read(&bytes).map_err(|_| unusable)
}
