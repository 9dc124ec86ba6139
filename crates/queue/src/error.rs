//! What the queue refuses. No text of it holds an id, a name or a reason a person gave.

use thiserror::Error;

/// Why something was not done.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum QueueError {
    /// Less care, later or not at all, needs a reason.
    #[error("this gives less or later care, so it needs a reason; write one sentence")]
    NoReason,
    /// Who decided it is missing.
    #[error("nobody is named for this; give the name or number of the person who decides")]
    Nobody,
    /// A text is too long.
    #[error("a text has more than {limit} characters; shorten it")]
    TooLong {
        /// The most it may have.
        limit: usize,
    },
    /// It would count no longer, or for too long.
    #[error("a move counts from now for at most {hours} hours; give an end within that time")]
    Until {
        /// The longest.
        hours: u32,
    },
    /// No such order.
    #[error("there is no such order in this queue")]
    UnknownEntry,
    /// No such scanner.
    #[error("there is no such scanner in this department")]
    UnknownScanner,
    /// The order is there already.
    #[error("an order with this id is in the queue already")]
    Twice,
    /// The order has left the queue.
    #[error("this order has left the queue; place a new one")]
    Left,
    /// The scan is running, and no scan is interrupted here.
    #[error("the scan of this order is running; end or return it first")]
    OnTable,
    /// The scan is not running.
    #[error("no scan of this order is running")]
    NotOnTable,
    /// Another scan runs on that scanner.
    #[error("another scan is running on this scanner; end or return that one first")]
    Busy,
    /// An order can be put neither before nor after itself.
    #[error("an order cannot be moved before or after itself; name another one")]
    Itself,
    /// A limit is reached.
    #[error("there are {limit} {what} already, the most there may be; remove one first")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The most.
        limit: usize,
    },
}
