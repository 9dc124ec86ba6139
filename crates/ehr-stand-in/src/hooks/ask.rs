//! One signed request to the CDS service, and what is kept of it for the traffic page.

use cauda_outbound::{Bytes, Fault, Place};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use crate::StandInError;
use crate::ehr::{Ehr, READ_BYTES_MAX, registration};
use crate::random;
use crate::time;
use crate::traffic::{Exchange, shown, unsigned};

/// Seconds for which the token of one call is good.
const TOKEN_SECONDS: i64 = 60;

/// An answer, or why there is none, with its exchange, which the caller adds to the traffic.
pub(crate) struct Asked {
    pub(crate) exchange: Exchange,
    pub(crate) answer: Result<(u16, Vec<u8>), Missing>,
    /// Whether the answer says that it is JSON.
    pub(crate) says_json: bool,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The time was up.
    Late,
    /// It could not be asked.
    Fault(&'static str),
}

/// The claims of a token for that audience (CDS Hooks 2.0, "Trusting CDS Clients").
pub(crate) fn claims(ehr: &Ehr, audience: &str) -> Result<Value, StandInError> {
    let now = ehr.now();
    Ok(json!({
        "iss": registration(&ehr.base).hook_issuer,
        "aud": audience,
        "exp": now + TOKEN_SECONDS,
        "iat": now,
        "jti": random::uuid()?,
    }))
}

/// A signed token for that audience.
pub(crate) fn token(ehr: &Ehr, audience: &str) -> Result<String, StandInError> {
    let jku = registration(&ehr.base).hook_jwks_url;
    let signed = ehr.hook_key.sign(&claims(ehr, audience)?, &[("jku", &jku)]);
    signed.map_err(|_| StandInError::NoRandom)
}

/// Asks with a body, or without one.
pub(crate) async fn ask(ehr: &Ehr, url: &str, body: Option<&Value>, until: Instant) -> Asked {
    let sent = body.map(Value::to_string).unwrap_or_default();
    let mut exchange = Exchange {
        at: time::instant(ehr.now()),
        asked_by_us: true,
        method: if body.is_some() { "POST" } else { "GET" }.to_owned(),
        url: url.to_owned(),
        request: shown(sent.as_bytes()),
        ..Exchange::default()
    };
    let Ok(token) = token(ehr, url) else {
        let answer = Err(Missing::Fault("the machine gives no random numbers"));
        return Asked { exchange, answer, says_json: false };
    };
    exchange.token = unsigned(&token);
    let asking = exchange_with(ehr, url, body.is_some(), sent, &token);
    let answer = match timeout_at(until, asking).await {
        Ok(answer) => answer,
        Err(_) => Err(Missing::Late),
    };
    let (answer, says_json) = match answer {
        Ok((status, bytes, says_json)) => (Ok((status, bytes)), says_json),
        Err(missing) => (Err(missing), false),
    };
    match &answer {
        Ok((status, bytes)) => {
            exchange.status = Some(*status);
            exchange.response = shown(bytes);
        }
        Err(missing) => exchange.notes.push(missing.text().to_owned()),
    }
    Asked { exchange, answer, says_json }
}

async fn exchange_with(
    ehr: &Ehr,
    url: &str,
    posts: bool,
    body: String,
    token: &str,
) -> Result<(u16, Vec<u8>, bool), Missing> {
    let wrong = Missing::Fault("its address cannot be used; write http://127.0.0.1 or https://");
    let place = Place::read("cauda_base_url", url).map_err(|_| wrong)?;
    let begun = if posts { place.post() } else { place.get() };
    let begun = begun
        .header("authorization", format!("Bearer {token}"))
        .header("accept", "application/json");
    let begun = if posts { begun.header("content-type", "application/json") } else { begun };
    let request = begun.body(Bytes::from(body)).map_err(|_| wrong)?;
    let fault = |fault| match fault {
        Fault::Slow => Missing::Late,
        Fault::Away => Missing::Fault("it cannot be reached"),
        Fault::Large => Missing::Fault("its answer is too large"),
        _ => Missing::Fault("the line to it broke"),
    };
    let answer = ehr.outbound.ask(&place, request).await.map_err(fault)?;
    let said = answer.headers().get("content-type").and_then(|value| value.to_str().ok());
    let says_json = said.is_some_and(|said| said.starts_with("application/json"));
    let status = answer.status();
    let bytes = answer.body(READ_BYTES_MAX).await.map_err(fault)?;
    Ok((status, bytes, says_json))
}

impl Missing {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Missing::Late => "it did not answer in time",
            Missing::Fault(text) => text,
        }
    }
}
