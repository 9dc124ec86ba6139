//! Who calls.

/// An EHR that has proved who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Our id of it.
    pub tenant: String,
    /// Which of its issuers signed.
    pub issuer: String,
    /// Number of the token, which its issuer gives once.
    pub jti: String,
}
