//! What can go wrong. No text of it holds a token, a code, a secret, a name or a subject, and
//! nothing that a provider or a browser sent is repeated.

use std::fmt;
use std::path::PathBuf;

use cauda_jose::JoseError;
use cauda_outbound::{Fault, OutboundError};
use thiserror::Error;

/// Why nobody is signed in.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SignOnError {
    /// A setting cannot be used.
    #[error("{name}: {what}")]
    Setting {
        /// Which.
        name: &'static str,
        /// What is wrong, and how to mend it.
        what: &'static str,
    },
    /// A file cannot be used.
    #[error("{path}: {what}")]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong, and how to mend it.
        what: &'static str,
    },
    /// The machine gives no random numbers.
    #[error("this machine gives no random numbers")]
    NoRandom,
    /// The query that came back is none.
    #[error("what the browser brought back from the identity provider cannot be read")]
    Query,
    /// Nothing was kept for this browser, or it is not what was given out.
    #[error("this browser has begun no sign-in here; begin again")]
    Unsolicited,
    /// It took longer than what was kept is good.
    #[error("signing in took too long; begin again")]
    Late,
    /// It was finished, or tried, once before.
    #[error("this sign-in was used before; begin again")]
    Used,
    /// The state is another one.
    #[error("this answer belongs to another sign-in; begin again")]
    State,
    /// The answer does not say that it is of this provider (RFC 9207).
    #[error("this answer is of another identity provider, or does not say whose it is")]
    MixedUp,
    /// The provider signs nobody in.
    #[error("the identity provider signed nobody in: {0}")]
    Refused(Refusal),
    /// The provider gave no answer.
    #[error("{part} of the identity provider: {fault}")]
    Unreachable {
        /// Of what.
        part: Part,
        /// Why.
        fault: Fault,
    },
    /// The provider answered with a status that is none of success.
    #[error("{part} of the identity provider answered {status}")]
    Status {
        /// What was asked.
        part: Part,
        /// The status.
        status: u16,
    },
    /// A document of the provider cannot be used.
    #[error("{part} of the identity provider: {what}")]
    Document {
        /// Which.
        part: Part,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The provider does not take the code: it was used, is too old or is no code of it.
    #[error("the identity provider does not take the code; begin again")]
    CodeRefused,
    /// The provider does not take the client.
    #[error("the identity provider refuses this client; look at client_id and its secret")]
    ClientRefused,
    /// The ID token is refused.
    #[error("the ID token is refused: {0}")]
    Token(#[from] TokenFault),
    /// The person is known to the provider and has no role here.
    #[error("the identity provider names no role that may sign in here")]
    NoRole,
    /// The provider tells no name.
    #[error("the ID token holds no usable name; let the provider put the name claim into it")]
    NoName,
}

/// What a provider says instead of signing somebody in: RFC 6749 section 4.1.2.1, OpenID Connect
/// Core section 3.1.2.6.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// `access_denied`.
    #[error("access was denied")]
    AccessDenied,
    /// `login_required`, `interaction_required`, `consent_required`, `account_selection_required`.
    #[error("it wants to ask the person first")]
    Interaction,
    /// `temporarily_unavailable`, `server_error`.
    #[error("it is not available just now")]
    Away,
    /// `invalid_request`, `invalid_scope`, `unauthorized_client`, `unsupported_response_type`,
    /// `unmet_authentication_requirements` and the like: the settings and the provider disagree.
    #[error("it does not take the request; compare its settings of this client with ours")]
    Request,
    /// Anything else.
    #[error("for a reason of its own")]
    Other,
}

/// What is asked of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The discovery document.
    Discovery,
    /// The JSON Web Key Set.
    Keys,
    /// The token endpoint.
    Token,
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Part::Discovery => "the discovery document",
            Part::Keys => "the key set",
            Part::Token => "the token endpoint",
        })
    }
}

/// What is wrong with an ID token: OpenID Connect Core section 3.1.3.7.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
pub enum TokenFault {
    /// It is no JSON Web Signature in compact form, a claim is missing, or it is too large.
    #[error("it has not the form of one")]
    Malformed,
    /// It is a token of another type.
    #[error("it is a token of another type")]
    Type,
    /// Its algorithm is none of ours, is not announced, or is not that of its key.
    #[error("its algorithm is not allowed")]
    Algorithm,
    /// No key, or more than one, fits it.
    #[error("its key is not known")]
    UnknownKey,
    /// Its signature is wrong.
    #[error("its signature is wrong")]
    Signature,
    /// It is of another issuer.
    #[error("it is of another issuer")]
    Issuer,
    /// It is for another client.
    #[error("it is for another client")]
    Audience,
    /// Another client asked for it.
    #[error("another client asked for it")]
    AuthorizedParty,
    /// It is over.
    #[error("it has expired; compare the clocks")]
    Expired,
    /// It was issued in the future, or before this sign-in began.
    #[error("it was issued at another time; compare the clocks")]
    IssuedAt,
    /// It is not yet good.
    #[error("it is not yet good; compare the clocks")]
    NotYet,
    /// It belongs to another sign-in.
    #[error("it belongs to another sign-in")]
    Nonce,
    /// The person did not sign in as strongly as is required.
    #[error("the person has not signed in as strongly as required_acr asks")]
    Acr,
    /// Its subject is none.
    #[error("its subject is none")]
    Subject,
}

impl From<OutboundError> for SignOnError {
    fn from(error: OutboundError) -> SignOnError {
        match error {
            OutboundError::Setting { name, what } => SignOnError::Setting { name, what },
            OutboundError::File { path, what } => SignOnError::File { path, what },
        }
    }
}

impl From<JoseError> for SignOnError {
    fn from(error: JoseError) -> SignOnError {
        let fault = match error {
            JoseError::Malformed | JoseError::Header(_) => TokenFault::Malformed,
            JoseError::Algorithm => TokenFault::Algorithm,
            JoseError::UnknownKey => TokenFault::UnknownKey,
            JoseError::Signature => TokenFault::Signature,
            JoseError::Shown => {
                let what = "a key of it shows its private half; that key has to be taken back";
                return SignOnError::Document { part: Part::Keys, what };
            }
            JoseError::KeySet(what) => return SignOnError::Document { part: Part::Keys, what },
            // Nothing is signed here.
            JoseError::PrivateKey(_) | JoseError::NoRandom => return SignOnError::NoRandom,
        };
        SignOnError::Token(fault)
    }
}
