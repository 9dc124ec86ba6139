//! What an EHR says of itself: `.well-known/smart-configuration`, SMART App Launch 2.2.

use cauda_jose::json;
use serde::Deserialize;

use crate::address::Address;
use crate::settings::Checked;
use crate::{Part, SmartError};

/// Most bytes of the document.
pub(crate) const DISCOVERY_BYTES_MAX: usize = 131_072;

/// What is used of the document.
pub(crate) struct Discovery {
    /// Where browsers go; a backend service needs none.
    pub(crate) authorization: Option<String>,
    /// Where a code, or a client, gets a token.
    pub(crate) token: Address,
    /// What it calls itself in its answers (RFC 9207).
    pub(crate) issuer: Option<String>,
    /// Who signs ID tokens and with which keys, where the EHR does.
    pub(crate) people: Option<People>,
    /// Each of its answers says whose it is (RFC 9207).
    pub(crate) names_itself: bool,
}

/// OpenID Connect of an EHR.
pub(crate) struct People {
    pub(crate) issuer: String,
    pub(crate) keys: Address,
}

#[derive(Deserialize)]
struct Written {
    authorization_endpoint: Option<String>,
    token_endpoint: String,
    issuer: Option<String>,
    jwks_uri: Option<String>,
    code_challenge_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_signing_alg_values_supported: Option<Vec<String>>,
    authorization_response_iss_parameter_supported: Option<bool>,
}

impl Discovery {
    /// Reads the document and compares it with the settings.
    ///
    /// # Errors
    /// [`SmartError::Document`].
    pub(crate) fn read(bytes: &[u8], settings: &Checked) -> Result<Discovery, SmartError> {
        let written: Written =
            json::read(bytes).ok_or_else(|| wrong("it is no SMART configuration in JSON"))?;
        let lacks = |list: &Option<Vec<String>>, what: &str| {
            list.as_ref().is_some_and(|list| !list.iter().any(|one| one == what))
        };
        if let Some(key) = &settings.key {
            if lacks(&written.token_endpoint_auth_methods_supported, "private_key_jwt") {
                return Err(wrong("it does not take private_key_jwt"));
            }
            let announced = &written.token_endpoint_auth_signing_alg_values_supported;
            if lacks(announced, key.algorithm().name()) {
                return Err(wrong(
                    "it does not take the algorithm of our key; use the other one \
                    of ES384 and RS384",
                ));
            }
        }
        let authorization = match written.authorization_endpoint {
            // SMART wants the list, so that one without it offers no PKCE.
            Some(url) => match &written.code_challenge_methods_supported {
                Some(methods) if methods.iter().any(|one| one == "S256") => {
                    Some(endpoint(&url, settings)?.url)
                }
                _ => return Err(wrong("it does not offer PKCE with S256")),
            },
            None => None,
        };
        let issuer = written.issuer;
        if let Some(issuer) = &issuer {
            endpoint(issuer, settings)?;
        }
        let people = match (&issuer, written.jwks_uri) {
            (Some(issuer), Some(keys)) => {
                Some(People { issuer: issuer.clone(), keys: endpoint(&keys, settings)? })
            }
            _ if settings.asked.has("openid") => {
                return Err(wrong("it names no issuer and jwks_uri, which openid needs"));
            }
            _ => None,
        };
        let token = endpoint(&written.token_endpoint, settings)?;
        let names_itself = written.authorization_response_iss_parameter_supported == Some(true);
        Ok(Discovery { authorization, token, issuer, people, names_itself })
    }

    /// Where browsers go.
    pub(crate) fn authorization(&self) -> Result<&str, SmartError> {
        self.authorization.as_deref().ok_or_else(|| wrong("it names no authorization_endpoint"))
    }
}

fn wrong(what: &'static str) -> SmartError {
    SmartError::Document { part: Part::Discovery, what }
}

const FOREIGN: &str = "an endpoint is no https address of the origin of iss; list its origin in \
    the setting origins if it is right";

/// An endpoint on the origin of the base or on one that the settings list; nothing else is asked.
fn endpoint(url: &str, settings: &Checked) -> Result<Address, SmartError> {
    let known =
        |one: &Address| settings.origins.iter().any(|own| own.place.same_origin(&one.place));
    Address::read("endpoint", url).ok().filter(known).ok_or_else(|| wrong(FOREIGN))
}
