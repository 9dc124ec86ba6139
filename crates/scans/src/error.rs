//! What the scan list refuses. No text of it holds a name, a number or a finding.

use cauda_queue::QueueError;
use thiserror::Error;

/// Why something was not done.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ScanError {
    /// The queue's own rules.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Only some may.
    #[error("only {who} may do this; ask one")]
    NotYours {
        /// Who may.
        who: &'static str,
    },
    /// It has left the list.
    #[error("this order has left the list; order the scan anew")]
    Gone,
    /// It is not on a table.
    #[error("this scan has not begun; begin it first")]
    NotBegun,
    /// A reason is missing.
    #[error("this is less than was ordered, so it needs a reason; write one sentence")]
    Reason,
    /// Something is in the way.
    #[error("{0}")]
    NotNow(String),
    /// A text or number does not fit.
    #[error("{what} does not fit: {why}")]
    Malformed {
        /// Which.
        what: &'static str,
        /// Why.
        why: String,
    },
}
