//! Why nothing could be answered. It names neither a patient nor a finding.

use thiserror::Error;

/// What was wrong with what came in.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ServiceError {
    /// The address under which our own codes and forms stand.
    #[error("the base address must begin with https:// or http:// and have no `?`, `#` or blank")]
    Base,
    /// A reference of the wrong type, or none at all.
    #[error("`{field}` must be a reference such as `{example}`")]
    Reference {
        /// Which one.
        field: &'static str,
        /// How it looks.
        example: &'static str,
    },
    /// Something else stands where a `QuestionnaireResponse` belongs.
    #[error("the resource is no QuestionnaireResponse")]
    NoResponse,
    /// The answers were given to questions of other words.
    #[error("the answers belong to another version of the questionnaire; begin a new one")]
    OtherVersion,
    /// The answers are taken back, or were never finished.
    #[error("the response is `{0}`: its answers do not count")]
    DoesNotCount(&'static str),
    /// Nobody can say how old the answers are.
    #[error("the response does not say to the second when it was authored; set `authored`")]
    NoAuthored,
    /// Whose answers they are.
    #[error("the response is about another patient than the request")]
    OtherSubject,
}
