//! What a browser brings back: the authorization response, RFC 6749 section 4.1.2.

use zeroize::Zeroizing;

use crate::{Refusal, SmartError};

/// Most bytes of the query.
const QUERY_BYTES_MAX: usize = 8_192;
/// Most parameters of it.
const PARAMETERS_MAX: usize = 32;
/// Most bytes of a code.
const CODE_BYTES_MAX: usize = 4_096;

/// The query of the redirect address, taken apart; nothing of it is believed.
#[derive(Default)]
pub(crate) struct AuthorizationResponse {
    code: Option<Zeroizing<String>>,
    pub(crate) state: Option<Zeroizing<String>>,
    error: Option<Zeroizing<String>>,
    /// Whose answer it is (RFC 9207).
    pub(crate) iss: Option<Zeroizing<String>>,
}

impl AuthorizationResponse {
    /// Reads a query without its `?`. Parameters that are not known are ignored, and none that is
    /// may come twice (RFC 6749 section 3.1).
    ///
    /// # Errors
    /// [`SmartError::Query`].
    pub(crate) fn read(query: &str) -> Result<AuthorizationResponse, SmartError> {
        if query.len() > QUERY_BYTES_MAX {
            return Err(SmartError::Query);
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
                return Err(SmartError::Query);
            }
            *field = Some(Zeroizing::new(value.into_owned()));
        }
        Ok(response)
    }

    /// The code, or why there is none.
    pub(crate) fn outcome(&self) -> Result<&str, SmartError> {
        match (&self.code, &self.error) {
            (None, Some(error)) => Err(SmartError::Refused(refusal(error))),
            (Some(code), None) if (1..=CODE_BYTES_MAX).contains(&code.len()) => Ok(code),
            _ => Err(SmartError::Query),
        }
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
        "invalid_scope" => Refusal::Scope,
        "invalid_request"
        | "invalid_target"
        | "request_not_supported"
        | "unauthorized_client"
        | "unsupported_response_type"
        | "unmet_authentication_requirements" => Refusal::Request,
        _ => Refusal::Other,
    }
}
