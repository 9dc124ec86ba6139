//! What can go wrong. No text of it holds a path of an address, a secret or anything received.

use std::path::PathBuf;

use thiserror::Error;

/// A setting or a file that cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum OutboundError {
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
}

/// Why another machine gave no answer.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Name not found, or nobody answers.
    #[error("it cannot be reached")]
    Away,
    /// Its name leads to addresses that are not to be reached.
    #[error("its name leads to an address that may not be reached, such as a private one")]
    Forbidden,
    /// The time was up.
    #[error("it did not answer in time")]
    Slow,
    /// The line broke.
    #[error("the line broke")]
    Cut,
    /// No encrypted line came about.
    #[error("no encrypted line came about; look at its certificate and at the authority trusted")]
    Encryption,
    /// What came back is no HTTP.
    #[error("its answer cannot be understood")]
    Nonsense,
    /// More came back than is read.
    #[error("its answer is too large")]
    Large,
}
