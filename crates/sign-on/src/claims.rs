//! What the claims of an ID token must say: OpenID Connect Core section 3.1.3.7.

use serde_json::Value;
use subtle::ConstantTimeEq as _;

use crate::TokenFault;
use crate::kept::Trip;
use crate::settings::Checked;

/// How far two clocks may be apart, in seconds.
const SKEW_SECONDS: i64 = 60;
/// Most clients that a token is for.
const AUDIENCES_MAX: usize = 16;

/// Checks that a signed token is of this issuer, for this client, of now and of this sign-in.
pub(crate) fn check(
    claims: &Value,
    settings: &Checked,
    trip: &Trip,
    now: i64,
) -> Result<(), TokenFault> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(&settings.issuer) {
        return Err(TokenFault::Issuer);
    }
    audience(claims, &settings.client_id)?;
    times(claims, trip.began(), now)?;
    let nonce = text("nonce").unwrap_or_default();
    if !bool::from(nonce.as_bytes().ct_eq(trip.nonce().as_bytes())) {
        return Err(TokenFault::Nonce);
    }
    if let Some(required) = &settings.required_acr
        && !text("acr").is_some_and(|acr| required.iter().any(|one| one == acr))
    {
        return Err(TokenFault::Acr);
    }
    Ok(())
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
    // The code was given for this sign-in, so no token for it is older.
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
