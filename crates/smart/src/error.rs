//! What can go wrong. No text of it holds a token, a code, a secret, a patient or a subject, and
//! nothing that an EHR or a browser sent is repeated.

use std::fmt;
use std::path::PathBuf;

use cauda_jose::JoseError;
use cauda_outbound::{Fault, OutboundError};
use thiserror::Error;

/// Why there is no launch, or no token.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SmartError {
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
    /// The EHR that wants to open us is none of the settings.
    #[error("this EHR is not registered here; register its FHIR base address as iss")]
    UnknownIss,
    /// The value `launch` is none.
    #[error("the launch value of the EHR cannot be used; open it again from the EHR")]
    LaunchValue,
    /// The settings of this EHR do not allow a frame that keeps nothing, or nothing opened it.
    #[error(
        "this launch may not go on in a frame that keeps nothing; set framed for this EHR, and \
         open it from the EHR"
    )]
    Unframed,
    /// The query that came back is none.
    #[error("what the browser brought back from the EHR cannot be read")]
    Query,
    /// No launch of that state is under way: it was finished before, or never began here.
    #[error("no such launch is under way here; open it again from the EHR")]
    Unsolicited,
    /// It took longer than what was kept is good.
    #[error("the launch took too long; open it again from the EHR")]
    Late,
    /// It was begun by another browser, or in another way.
    #[error("this answer belongs to a launch of another browser; open it again from the EHR")]
    OtherBrowser,
    /// The answer does not say that it is of this EHR (RFC 9207).
    #[error("this answer is of another authorization server, or does not say whose it is")]
    MixedUp,
    /// The EHR does not let us in.
    #[error("the EHR refused the launch: {0}")]
    Refused(Refusal),
    /// The EHR gave no answer.
    #[error("{part} of the EHR: {fault}")]
    Unreachable {
        /// Of what.
        part: Part,
        /// Why.
        fault: Fault,
    },
    /// Its name leads only to addresses that the settings do not allow, such as private ones.
    #[error(
        "{part} of the EHR has a private address; set private_addresses if it stands in the house"
    )]
    PrivateAddress {
        /// Of what.
        part: Part,
    },
    /// The EHR answered with a status that is none of success.
    #[error("{part} of the EHR answered {status}")]
    Status {
        /// What was asked.
        part: Part,
        /// The status.
        status: u16,
    },
    /// A document of the EHR cannot be used.
    #[error("{part} of the EHR: {what}")]
    Document {
        /// Which.
        part: Part,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The EHR does not take the code: it was used, is too old or is no code of it.
    #[error("the EHR does not take the code; open it again from the EHR")]
    CodeRefused,
    /// The EHR does not take the client.
    #[error("the EHR refuses this client; look at client_id, at its key and our published key set")]
    ClientRefused,
    /// The EHR does not give these scopes.
    #[error("the EHR does not give these scopes; compare scopes with what it has registered")]
    ScopeRefused,
    /// The ID token is refused.
    #[error("the ID token is refused: {0}")]
    Token(#[from] TokenFault),
    /// The EHR does not say whose chart is open.
    #[error("the EHR names no patient; open a chart first")]
    NoPatient,
    /// What is open in the EHR is not what the link was made for.
    #[error("{0}")]
    Mismatch(#[from] Mismatch),
}

/// How a launch differs from what the link that opened it was made for.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
pub enum Mismatch {
    /// Another patient.
    #[error("the chart open in the EHR is of another patient than this link; open the right chart")]
    Patient,
    /// Another encounter of the patient.
    #[error("the EHR has another visit open than this link is of; open the right visit")]
    Encounter,
    /// The EHR does not say which encounter is open, and the link is of one.
    #[error("the EHR does not say which visit is open, so this link cannot be used")]
    EncounterUnknown,
}

/// What an authorization server says instead of a code: RFC 6749 section 4.1.2.1, OpenID Connect
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
    /// `invalid_scope`.
    #[error("it does not give these scopes; compare scopes with what it has registered")]
    Scope,
    /// `invalid_request`, `unauthorized_client`, `unsupported_response_type` and the like: the
    /// settings and the EHR disagree.
    #[error("it does not take the request; compare its settings of this client with ours")]
    Request,
    /// Anything else.
    #[error("for a reason of its own")]
    Other,
}

/// What is asked of an EHR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The document below `.well-known/smart-configuration`.
    Discovery,
    /// The JSON Web Key Set.
    Keys,
    /// The token endpoint.
    Token,
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Part::Discovery => "the SMART configuration",
            Part::Keys => "the key set",
            Part::Token => "the token endpoint",
        })
    }
}

/// What is wrong with an ID token: OpenID Connect Core section 3.1.3.7.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
pub enum TokenFault {
    /// `openid` was granted, and no ID token came.
    #[error("there is none, though openid was granted")]
    Missing,
    /// It is no JSON Web Signature in compact form, a claim is missing, or it is too large.
    #[error("it has not the form of one")]
    Malformed,
    /// It is a token of another type.
    #[error("it is a token of another type")]
    Type,
    /// Its algorithm is none of ours, or is not that of its key.
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
    /// It was issued in the future, or before this launch began.
    #[error("it was issued at another time; compare the clocks")]
    IssuedAt,
    /// It is not yet good.
    #[error("it is not yet good; compare the clocks")]
    NotYet,
    /// It belongs to another launch.
    #[error("it belongs to another launch")]
    Nonce,
    /// Its subject is none.
    #[error("its subject is none")]
    Subject,
}

impl From<OutboundError> for SmartError {
    fn from(error: OutboundError) -> SmartError {
        match error {
            OutboundError::Setting { name, what } => SmartError::Setting { name, what },
            OutboundError::File { path, what } => SmartError::File { path, what },
        }
    }
}

impl From<JoseError> for TokenFault {
    fn from(error: JoseError) -> TokenFault {
        match error {
            JoseError::Algorithm => TokenFault::Algorithm,
            JoseError::UnknownKey => TokenFault::UnknownKey,
            JoseError::Signature => TokenFault::Signature,
            _ => TokenFault::Malformed,
        }
    }
}
