//! What a browser brings back: the authorization response, OpenID Connect Core section 3.1.2.5.

use std::fmt;

use crate::{Refusal, SignOnError};

/// Most bytes of the query.
const QUERY_BYTES_MAX: usize = 8_192;
/// Most parameters of it.
const PARAMETERS_MAX: usize = 32;
/// Most bytes of a code.
const CODE_BYTES_MAX: usize = 4_096;

/// The query of the redirect address, as it came.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AuthorizationResponse {
    /// The code.
    pub code: Option<String>,
    /// The state.
    pub state: Option<String>,
    /// What is said instead of a code.
    pub error: Option<String>,
    /// Whose answer it is (RFC 9207).
    pub iss: Option<String>,
}

impl AuthorizationResponse {
    /// Reads the query of an address, without its `?`. Parameters that are not known are ignored,
    /// and none that is may come twice (RFC 6749 section 3.1).
    ///
    /// # Errors
    /// [`SignOnError::Query`].
    pub fn read(query: &str) -> Result<AuthorizationResponse, SignOnError> {
        if query.len() > QUERY_BYTES_MAX {
            return Err(SignOnError::Query);
        }
        let mut response = AuthorizationResponse::default();
        for (at, (name, value)) in form_urlencoded::parse(query.as_bytes()).enumerate() {
            let field = match &*name {
                "code" => &mut response.code,
                "state" => &mut response.state,
                "error" => &mut response.error,
                "iss" => &mut response.iss,
                _ => continue,
            };
            if at >= PARAMETERS_MAX || field.is_some() {
                return Err(SignOnError::Query);
            }
            *field = Some(value.into_owned());
        }
        Ok(response)
    }

    /// The code, or why there is none.
    pub(crate) fn outcome(&self) -> Result<&str, SignOnError> {
        match (&self.code, &self.error) {
            (None, Some(error)) => Err(SignOnError::Refused(refusal(error))),
            (Some(code), None) if (1..=CODE_BYTES_MAX).contains(&code.len()) => Ok(code),
            _ => Err(SignOnError::Query),
        }
    }
}

/// It holds a code, so nothing of it is shown.
impl fmt::Debug for AuthorizationResponse {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("authorization response")
    }
}

fn refusal(error: &str) -> Refusal {
    match error {
        "access_denied" => Refusal::AccessDenied,
        "login_required"
        | "interaction_required"
        | "consent_required"
        | "account_selection_required" => Refusal::Interaction,
        "temporarily_unavailable" | "server_error" => Refusal::Away,
        "invalid_request"
        | "invalid_scope"
        | "invalid_target"
        | "request_not_supported"
        | "unauthorized_client"
        | "unsupported_response_type"
        | "unmet_authentication_requirements" => Refusal::Request,
        _ => Refusal::Other,
    }
}
