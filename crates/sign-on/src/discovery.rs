//! What a provider says of itself: OpenID Connect Discovery 1.0.

use cauda_jose::{Algorithm, json};
use cauda_outbound::Place;
use serde::Deserialize;

use crate::settings::Checked;
use crate::{Part, SignOnError};

/// Most bytes of a discovery document.
pub(crate) const DISCOVERY_BYTES_MAX: usize = 131_072;

/// What is used of the document.
pub(crate) struct Discovery {
    /// Where browsers go.
    pub(crate) authorization: String,
    /// Where a code becomes an ID token.
    pub(crate) token: Place,
    /// Where the keys are.
    pub(crate) keys: Place,
    /// Algorithms it announces, of those allowed.
    pub(crate) algorithms: Vec<Algorithm>,
    /// Each of its answers says whose it is (RFC 9207).
    pub(crate) names_itself: bool,
}

#[derive(Deserialize)]
struct Written {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    response_types_supported: Option<Vec<String>>,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    authorization_response_iss_parameter_supported: Option<bool>,
}

impl Discovery {
    /// Reads the document and compares it with the settings.
    ///
    /// # Errors
    /// [`SignOnError::Document`].
    pub(crate) fn read(bytes: &[u8], settings: &Checked) -> Result<Discovery, SignOnError> {
        let wrong = |what| SignOnError::Document { part: Part::Discovery, what };
        let written: Written =
            json::read(bytes).ok_or_else(|| wrong("it is no discovery document in JSON"))?;
        if written.issuer != settings.issuer {
            return Err(wrong("its issuer is not exactly the one of the settings"));
        }
        let lacks = |list: &Option<Vec<String>>, what: &str| {
            list.as_ref().is_some_and(|list| !list.iter().any(|one| one == what))
        };
        if lacks(&written.response_types_supported, "code") {
            return Err(wrong("it does not offer the code flow"));
        }
        if lacks(&written.code_challenge_methods_supported, "S256") {
            return Err(wrong("it does not offer PKCE with S256"));
        }
        // A public client authenticates by nothing, which many providers allow and few announce.
        let methods = &written.token_endpoint_auth_methods_supported;
        if settings.secret.is_some() && lacks(methods, "client_secret_basic") {
            return Err(wrong("it does not take client_secret_basic"));
        }
        let announced = &written.id_token_signing_alg_values_supported;
        let announces = |one: &Algorithm| !lacks(announced, one.name());
        let algorithms: Vec<Algorithm> = Algorithm::ALL.into_iter().filter(announces).collect();
        if algorithms.is_empty() {
            return Err(wrong("it signs with none of RS256, RS384, ES256 and ES384"));
        }
        let endpoint = |url: &str| endpoint(url, settings).ok_or_else(|| wrong(FOREIGN));
        endpoint(&written.authorization_endpoint)?;
        Ok(Discovery {
            token: endpoint(&written.token_endpoint)?,
            keys: endpoint(&written.jwks_uri)?,
            authorization: written.authorization_endpoint,
            algorithms,
            names_itself: written.authorization_response_iss_parameter_supported == Some(true),
        })
    }
}

const FOREIGN: &str = "an endpoint is no https address of the issuer's origin; list its origin in \
    the setting origins if it is right";

/// An endpoint on the issuer's origin or on one that the settings list; nothing else is asked.
fn endpoint(url: &str, settings: &Checked) -> Option<Place> {
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let place = Place::read("endpoint", url).ok()?;
    settings.origins.iter().any(|origin| origin.same_origin(&place)).then_some(place)
}
