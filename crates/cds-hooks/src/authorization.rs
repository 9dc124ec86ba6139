//! The token that a client gives for its FHIR server: in memory, as short as possible, never shown.

use std::fmt;

use serde_json::Value;

use crate::error::RequestError;

/// Longest token that is read, in bytes.
const TOKEN_MAX: usize = 16 * 1024;
/// Longest scope that is read, in bytes.
const SCOPE_MAX: usize = 8 * 1024;

/// A text that nobody sees by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text, for the one header it belongs in.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

/// `fhirAuthorization`
#[derive(Clone, PartialEq, Eq)]
pub struct Authorization {
    /// `access_token`
    pub token: Secret,
    /// `expires_in`, in seconds from now.
    pub expires_in_seconds: Option<u64>,
    /// `scope`
    pub scope: Option<String>,
    /// `patient`: the token is good for this patient only.
    pub patient: Option<String>,
}

impl fmt::Debug for Authorization {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Authorization");
        shown.field("token", &self.token);
        shown.field("expires_in_seconds", &self.expires_in_seconds).finish_non_exhaustive()
    }
}

impl Authorization {
    /// Reads `fhirAuthorization`. Of its fields only the token has to be there; a client that
    /// leaves out the others still gets its advice.
    ///
    /// # Errors
    /// It is no object, has no token, or is no bearer token.
    pub(crate) fn read(value: &Value) -> Result<Authorization, RequestError> {
        if !value.is_object() {
            let what = "an object with access_token, token_type, expires_in, scope and subject";
            return Err(RequestError::Shape { path: "fhirAuthorization", what });
        }
        let text = |field: &str| value.get(field).and_then(Value::as_str);
        let token =
            text("access_token").filter(|token| is_token(token)).ok_or(RequestError::Missing {
                path: "fhirAuthorization.access_token",
                what: "the token",
            })?;
        if text("token_type").is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            let path = "fhirAuthorization.token_type";
            return Err(RequestError::Shape { path, what: "Bearer" });
        }
        let short = |text: &str| (!text.is_empty() && text.len() <= SCOPE_MAX).then(|| text.into());
        Ok(Authorization {
            token: Secret(token.to_string()),
            expires_in_seconds: value.get("expires_in").and_then(Value::as_u64),
            scope: text("scope").and_then(short),
            patient: text("patient").and_then(short),
        })
    }
}

/// Whether it can stand in a header: printable ASCII without blanks.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.len() <= TOKEN_MAX && text.bytes().all(|sign| sign.is_ascii_graphic())
}
