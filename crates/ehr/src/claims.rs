//! What the claims of a call's token must say: CDS Hooks 2.0, "Trusting CDS Clients".

use serde_json::Value;

use crate::{Refused, Tenant};

/// How far two clocks may be apart, in seconds.
pub(crate) const SKEW_SECONDS: i64 = 60;
/// Most addresses that a token is for.
const AUDIENCES_MAX: usize = 16;
/// Most bytes of a `jti`.
const JTI_BYTES_MAX: usize = 512;

/// What is used of the claims, once they are found right.
pub(crate) struct Claims {
    pub(crate) jti: String,
    /// The last second at which the token is good, with what clocks may be apart.
    pub(crate) until: i64,
}

impl Claims {
    /// Checks that a token is of that EHR, for this address and of now.
    pub(crate) fn check(
        claims: &Value,
        tenant: &Tenant,
        address: &str,
        now: i64,
    ) -> Result<Claims, Refused> {
        audience(claims, address)?;
        let until = times(claims, tenant.token_seconds(), now)?;
        let jti = claims.get("jti").and_then(Value::as_str);
        let jti = jti.filter(|jti| (1..=JTI_BYTES_MAX).contains(&jti.len()));
        Ok(Claims { jti: jti.ok_or(Refused::Claim("jti"))?.to_string(), until })
    }
}

/// One text, or a list of which one is exactly that address.
fn audience(claims: &Value, address: &str) -> Result<(), Refused> {
    let right = match claims.get("aud") {
        Some(Value::String(one)) => one == address,
        Some(Value::Array(all)) => {
            let texts = all.iter().all(Value::is_string) && all.len() <= AUDIENCES_MAX;
            texts && all.iter().any(|one| one == address)
        }
        Some(_) | None => return Err(Refused::Claim("aud")),
    };
    if right { Ok(()) } else { Err(Refused::Audience) }
}

fn times(claims: &Value, seconds_max: i64, now: i64) -> Result<i64, Refused> {
    let ends = second(claims, "exp")?.ok_or(Refused::Claim("exp"))?;
    let issued = second(claims, "iat")?.ok_or(Refused::Claim("iat"))?;
    let until = ends.saturating_add(SKEW_SECONDS);
    if until <= now {
        return Err(Refused::Expired);
    }
    let soon = now.saturating_add(SKEW_SECONDS);
    if issued > soon || second(claims, "nbf")?.is_some_and(|from| from > soon) {
        return Err(Refused::NotYet);
    }
    match ends.saturating_sub(issued) {
        ..=0 => Err(Refused::Backwards),
        good if good > seconds_max => Err(Refused::TooLong),
        _ => Ok(until),
    }
}

/// A NumericDate, RFC 7519 section 2, in whole seconds.
fn second(claims: &Value, name: &'static str) -> Result<Option<i64>, Refused> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    // A float beyond the range of seconds becomes the end of that range.
    let whole = value.as_i64().or_else(|| value.as_f64().map(|second| second.floor() as i64));
    whole.map(Some).ok_or(Refused::Claim(name))
}
