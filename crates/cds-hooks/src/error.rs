//! Why a request or a feedback cannot be read. No text of it holds anything that was sent.

use serde_json::Value;
use thiserror::Error;

use crate::outcome::operation_outcome;

/// Why a body is refused, and where in it.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum RequestError {
    /// The body, or a part of it, has not the shape it must have.
    #[error("{path} must be {what}")]
    Shape {
        /// Where, `context.patientId`.
        path: &'static str,
        /// What belongs there.
        what: &'static str,
    },
    /// Something that must be there is not.
    #[error("{path} is missing; send {what}")]
    Missing {
        /// Where.
        path: &'static str,
        /// What belongs there.
        what: &'static str,
    },
    /// No such service.
    #[error("there is no service of that id; read /cds-services for those there are")]
    NoService,
    /// The service does not answer that hook.
    #[error("this service does not answer that hook; read /cds-services for those it does")]
    NoHook,
    /// The patient of the prefetch is not the patient of the context.
    #[error("prefetch.patient is another patient than context.patientId; open the record again")]
    OtherPatient,
    /// More of something than is read.
    #[error("{path} holds more than {most}; send fewer")]
    TooMany {
        /// Where.
        path: &'static str,
        /// The limit.
        most: usize,
    },
}

impl RequestError {
    /// Where in the body, as a path.
    pub fn path(&self) -> &'static str {
        match self {
            RequestError::Shape { path, .. }
            | RequestError::Missing { path, .. }
            | RequestError::TooMany { path, .. } => path,
            RequestError::NoService => "id",
            RequestError::NoHook => "hook",
            RequestError::OtherPatient => "prefetch.patient",
        }
    }

    /// The code of an issue in FHIR R4.
    pub fn code(&self) -> &'static str {
        match self {
            RequestError::Shape { .. } => "structure",
            RequestError::Missing { .. } => "required",
            RequestError::NoService => "not-found",
            RequestError::NoHook => "not-supported",
            RequestError::OtherPatient => "conflict",
            RequestError::TooMany { .. } => "too-costly",
        }
    }

    /// The status of the answer: 404, 413 or 400.
    pub fn status(&self) -> u16 {
        match self {
            RequestError::NoService => 404,
            RequestError::TooMany { .. } => 413,
            _ => 400,
        }
    }

    /// The answer's body, an `OperationOutcome`.
    pub fn outcome(&self) -> Value {
        operation_outcome(self.code(), &self.to_string(), &[self.path()])
    }
}
