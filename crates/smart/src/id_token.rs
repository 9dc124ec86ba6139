//! Who opened us, as the EHR signed it: OpenID Connect Core section 3.1.3.7, and the claim
//! `fhirUser` of SMART App Launch 2.2.

use cauda_jose::{JoseError, Token};
use serde_json::Value;
use subtle::ConstantTimeEq as _;
use tokio::time::Instant;

use crate::discovery::{Discovery, People};
use crate::ehr::{Ehr, KEYS_AGAIN_SECONDS, KEYS_SECONDS};
use crate::kept::Trip;
use crate::launched::FhirUser;
use crate::{SmartError, TokenFault};

/// How far two clocks may be apart, in seconds.
const SKEW_SECONDS: i64 = 60;
/// Most clients that a token is for.
const AUDIENCES_MAX: usize = 16;
/// Most bytes of a subject, OpenID Connect Core section 2.
const SUBJECT_BYTES_MAX: usize = 255;
/// The type that a header may name.
const TYPE: &str = "JWT";

/// Who opened us.
pub(crate) struct Person {
    pub(crate) subject: String,
    pub(crate) user: Option<FhirUser>,
}

/// Checks a token and what it claims.
pub(crate) async fn person(
    ehr: &Ehr,
    discovery: &Discovery,
    token: Option<&str>,
    trip: &Trip,
    now: i64,
    deadline: Instant,
) -> Result<Person, SmartError> {
    let people = discovery.people.as_ref().ok_or(TokenFault::Issuer)?;
    let token = Token::read(token.ok_or(TokenFault::Missing)?).map_err(TokenFault::from)?;
    if token.header.typ.as_ref().is_some_and(|typ| !typ.eq_ignore_ascii_case(TYPE)) {
        return Err(TokenFault::Type.into());
    }
    let keys = ehr.keys(people, KEYS_SECONDS, now, deadline).await?;
    let claims = match token.verify(&keys) {
        Err(JoseError::UnknownKey) => {
            let newer = ehr.keys(people, KEYS_AGAIN_SECONDS, now, deadline).await?;
            token.verify(&newer)
        }
        found => found,
    };
    let claims = claims.map_err(TokenFault::from)?;
    check(&claims, people, &ehr.settings.client_id, trip, now)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let subject = text("sub").filter(|subject| {
        let ascii = subject.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        ascii && (1..=SUBJECT_BYTES_MAX).contains(&subject.len())
    });
    let user = text("fhirUser").and_then(|user| FhirUser::read(user, &ehr.settings.iss));
    Ok(Person { subject: subject.ok_or(TokenFault::Subject)?.to_string(), user })
}

/// That a signed token is of this issuer, for this client, of now and of this launch.
fn check(
    claims: &Value,
    people: &People,
    client_id: &str,
    trip: &Trip,
    now: i64,
) -> Result<(), TokenFault> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(&people.issuer) {
        return Err(TokenFault::Issuer);
    }
    audience(claims, client_id)?;
    times(claims, trip.began(), now)?;
    let nonce = text("nonce").unwrap_or_default();
    match bool::from(nonce.as_bytes().ct_eq(trip.nonce.as_bytes())) {
        true => Ok(()),
        false => Err(TokenFault::Nonce),
    }
}

fn audience(claims: &Value, client_id: &str) -> Result<(), TokenFault> {
    let client = Value::from(client_id);
    let several = match claims.get("aud") {
        Some(one) if *one == client => false,
        Some(Value::Array(all)) => {
            let texts = all.iter().all(Value::is_string) && all.len() <= AUDIENCES_MAX;
            if !texts || !all.contains(&client) {
                return Err(TokenFault::Audience);
            }
            all.len() > 1
        }
        _ => return Err(TokenFault::Audience),
    };
    match claims.get("azp") {
        None if several => Err(TokenFault::AuthorizedParty),
        Some(party) if *party != client => Err(TokenFault::AuthorizedParty),
        _ => Ok(()),
    }
}

fn times(claims: &Value, began: i64, now: i64) -> Result<(), TokenFault> {
    let until = second(claims, "exp")?.ok_or(TokenFault::Malformed)?;
    if until.saturating_add(SKEW_SECONDS) <= now {
        return Err(TokenFault::Expired);
    }
    let issued = second(claims, "iat")?.ok_or(TokenFault::Malformed)?;
    // The code was given for this launch, so no token for it is older.
    let window = began.saturating_sub(SKEW_SECONDS)..=now.saturating_add(SKEW_SECONDS);
    if !window.contains(&issued) {
        return Err(TokenFault::IssuedAt);
    }
    match second(claims, "nbf")? {
        Some(from) if from > now.saturating_add(SKEW_SECONDS) => Err(TokenFault::NotYet),
        _ => Ok(()),
    }
}

/// A NumericDate, RFC 7519 section 2, in whole seconds.
fn second(claims: &Value, name: &str) -> Result<Option<i64>, TokenFault> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    // A float beyond the range of seconds becomes the end of that range.
    let whole = value.as_i64().or_else(|| value.as_f64().map(|second| second.floor() as i64));
    whole.map(Some).ok_or(TokenFault::Malformed)
}
