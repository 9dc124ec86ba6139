//! What can go wrong on our side. No text of it holds anything of a patient.

use std::path::PathBuf;

use cauda_outbound::OutboundError;
use thiserror::Error;

/// An error of settings, files, or a message of ours.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Hl7Error {
    /// A message cannot be written without losing something.
    #[error("the message cannot be written: {0}")]
    Unwritable(&'static str),
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
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on: {kind}; is another program there?")]
    Listen {
        /// Which.
        address: std::net::SocketAddr,
        /// What the system says.
        kind: std::io::ErrorKind,
    },
}

impl From<OutboundError> for Hl7Error {
    fn from(error: OutboundError) -> Hl7Error {
        match error {
            OutboundError::Setting { name, what } => Hl7Error::Setting { name, what },
            OutboundError::File { path, what } => Hl7Error::File { path, what },
        }
    }
}
