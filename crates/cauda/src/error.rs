//! What can go wrong for the person at the keyboard, and the exit code it gives.

use std::path::PathBuf;

use cauda_guideline::visit::VisitError;
use thiserror::Error;

/// Why a command did not do its work.
#[derive(Debug, Error)]
pub enum CliError {
    /// A file could not be read.
    #[error("cannot read {path}: {why}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// A file could not be written.
    #[error("cannot write {path}: {why}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// A visit was refused.
    #[error("{fault}")]
    Visit {
        /// Why.
        fault: Box<VisitError>,
        /// The name of the input.
        name: String,
        /// Its text.
        text: String,
    },
    /// A value on the command line was refused.
    #[error("{message}")]
    Argument {
        /// What is wrong.
        message: String,
        /// How to mend it.
        help: String,
    },
    /// The command line does not say enough.
    #[error("{message}")]
    Usage {
        /// What is missing.
        message: String,
        /// How to mend it.
        help: String,
    },
    /// A record cannot be used as it was asked for.
    #[error("{message}")]
    Record {
        /// What is wrong.
        message: String,
        /// How to mend it.
        help: Option<String>,
    },
    /// A guideline was refused; its faults were already shown.
    #[error("the guideline in {0} is refused")]
    Guideline(PathBuf),
    /// A fault of the program.
    #[error("internal fault: {0}; please report it")]
    Internal(String),
}

impl CliError {
    /// The exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            CliError::Usage { .. } => 2,
            CliError::Internal(_) => 4,
            _ => 3,
        }
    }
}
