//! What can go wrong. No text of it holds a token, a key or anything received.

use thiserror::Error;

/// Why a token, a key set or a key cannot be used.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
pub enum JoseError {
    /// It is no JSON Web Signature in compact form, or it is too large.
    #[error("the token has not the form of one")]
    Malformed,
    /// A parameter of its header is missing or of another form.
    #[error("the header of the token: {0} is missing or has another form")]
    Header(&'static str),
    /// Its algorithm has no name here, or is not that of its key.
    #[error("the algorithm of the token is not allowed")]
    Algorithm,
    /// No key, or more than one, fits it.
    #[error("the key of the token is not known")]
    UnknownKey,
    /// Its signature is wrong.
    #[error("the signature of the token is wrong")]
    Signature,
    /// A key set cannot be used.
    #[error("{0}")]
    KeySet(&'static str),
    /// A key set shows the private half of a key: whoever read it can sign.
    #[error("a key of it shows its private half; that key has to be taken back")]
    Shown,
    /// A private key cannot be used.
    #[error("{0}")]
    PrivateKey(&'static str),
    /// The machine gives no random numbers.
    #[error("this machine gives no random numbers")]
    NoRandom,
}
