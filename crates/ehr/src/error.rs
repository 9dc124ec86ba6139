//! What can go wrong. No text of it holds a token, a claim, a patient or anything received.

use std::path::PathBuf;

use cauda_fhir::ReadError;
use cauda_jose::JoseError;
use cauda_outbound::{Fault, OutboundError};
use thiserror::Error;

/// Why an EHR cannot be registered, or its keys cannot be had.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EhrError {
    /// A setting of an EHR cannot be used.
    #[error("EHR {tenant}: {name}: {what}")]
    Setting {
        /// Of which EHR: its id, or its place in the list.
        tenant: String,
        /// Which.
        name: &'static str,
        /// What is wrong, and how to mend it.
        what: &'static str,
    },
    /// A file of an EHR cannot be used.
    #[error("EHR {tenant}: {path}: {what}")]
    File {
        /// Of which EHR.
        tenant: String,
        /// Which.
        path: PathBuf,
        /// What is wrong, and how to mend it.
        what: &'static str,
    },
    /// The key set of an EHR does not come.
    #[error("EHR {tenant}: its key set: {fault}")]
    Unreachable {
        /// Which EHR.
        tenant: String,
        /// Why.
        fault: Fault,
    },
    /// The key set of an EHR comes with a status that is none of success.
    #[error("EHR {tenant}: its key set comes with status {status}; look at jku")]
    Status {
        /// Which EHR.
        tenant: String,
        /// The status.
        status: u16,
    },
    /// The key set of an EHR cannot be used.
    #[error("EHR {tenant}: its key set: {what}")]
    Keys {
        /// Which EHR.
        tenant: String,
        /// What is wrong with it.
        what: JoseError,
    },
}

impl EhrError {
    pub(crate) fn of(tenant: &str, error: OutboundError) -> EhrError {
        let tenant = tenant.to_string();
        match error {
            OutboundError::Setting { name, what } => EhrError::Setting { tenant, name, what },
            OutboundError::File { path, what } => EhrError::File { tenant, path, what },
        }
    }
}

/// Why a call is not believed. For the log alone: whoever calls is told the same of all of them,
/// 401 and nothing more.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
pub enum Refused {
    /// There is no token.
    #[error("the call brings no bearer token")]
    NoToken,
    /// It has not the form of a token.
    #[error("its token has not the form of one: three parts in base64url, JSON inside, 16 KiB")]
    Malformed,
    /// A parameter of its header is missing or of another form.
    #[error("the header of its token: {0} is missing or has another form")]
    Header(&'static str),
    /// A claim is missing or of another form.
    #[error("the claim {0} of its token is missing or has another form")]
    Claim(&'static str),
    /// It ends when it was issued, or before.
    #[error("its token ends before it begins; compare exp with iat")]
    Backwards,
    /// Its type is not `JWT`.
    #[error("its token is not of the type JWT (typ)")]
    Type,
    /// It is not signed by ES384 or RS384, or its key is for another algorithm.
    #[error("its token is not signed by ES384 or RS384 (alg), or not as its key is meant for")]
    Algorithm,
    /// It names no key.
    #[error("its token names no key (kid)")]
    NoKeyId,
    /// Its issuer is not registered.
    #[error("the issuer of its token is not registered; compare iss with issuers")]
    Issuer,
    /// Its tenant is not that of the registered EHR.
    #[error("its token names a tenant that is not registered; compare tenant with tenant_claim")]
    Tenant,
    /// Its key set is at an address that is not registered.
    #[error("its token names a key set that is not registered; compare jku")]
    KeySetAddress,
    /// It is meant for another address.
    #[error("its token is for another address; aud must be exactly the address called")]
    Audience,
    /// It has expired.
    #[error("its token has expired (exp); compare the clocks")]
    Expired,
    /// It is not yet good, or was issued in the future.
    #[error("its token is not yet good (iat, nbf); compare the clocks")]
    NotYet,
    /// It is good for longer than the EHR may make it.
    #[error("its token is good for too long; compare exp - iat with token_seconds")]
    TooLong,
    /// The EHR's key set cannot be had, now or for too long a time.
    #[error("the key set of its EHR cannot be had")]
    NoKeys,
    /// Its key is not in the EHR's key set.
    #[error("its key (kid) is not, or twice, in the key set of its EHR")]
    UnknownKey,
    /// Its signature is wrong.
    #[error("the signature of its token is wrong")]
    Signature,
    /// It was used before, or no further one can be remembered.
    #[error("its token was used before (jti), or more came than are remembered")]
    Replayed,
}

impl From<JoseError> for Refused {
    fn from(error: JoseError) -> Refused {
        match error {
            JoseError::Algorithm => Refused::Algorithm,
            JoseError::UnknownKey => Refused::UnknownKey,
            JoseError::Signature => Refused::Signature,
            JoseError::KeySet(_) | JoseError::PrivateKey(_) | JoseError::NoRandom => {
                Refused::NoKeys
            }
            JoseError::Header(name) => Refused::Header(name),
            JoseError::Malformed | JoseError::Shown => Refused::Malformed,
        }
    }
}

/// Why an EHR's FHIR server is not asked at all. The call goes on with what it brought itself.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
pub enum GateError {
    /// No EHR of that id is registered.
    #[error("no EHR of that id is registered")]
    UnknownTenant,
    /// The call names another FHIR server than the one registered.
    #[error("the call names another FHIR server than fhir_base")]
    OtherServer,
}

/// Why a question to an EHR's FHIR server has no answer. None of these means that nothing is
/// there.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Failed {
    /// It cannot be asked in FHIR.
    #[error("this is no question that is asked here")]
    Question,
    /// The server failed several times in a row and is left alone for a while.
    #[error("the FHIR server has failed again and again, and is left alone for a while")]
    LeftAlone,
    /// No answer came.
    #[error("the FHIR server: {0}")]
    Fault(#[from] Fault),
    /// It answered with another status than 200.
    #[error("the FHIR server answered {0}")]
    Status(u16),
    /// What came is no JSON that is read here.
    #[error("the answer of the FHIR server: {0}")]
    Json(#[from] ReadError),
    /// What came is not the resource asked for, or no Bundle of a search.
    #[error("the FHIR server answered with another resource than was asked for")]
    OtherResource,
    /// A page of a search says that something went wrong.
    #[error("the FHIR server says that its answer is not whole")]
    Outcome,
    /// There are more pages or entries than are read.
    #[error("the FHIR server has more pages or entries than are read")]
    TooMany,
    /// The link to a further page leads elsewhere.
    #[error("the FHIR server names a further page that is not its own")]
    OtherServer,
}
