//! What can go wrong. No text of it holds a patient's name, number or finding.

use thiserror::Error;

/// Why bytes are no data set that is read here.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum DataError {
    /// An element or item ends before its length says so, or after.
    #[error("the data set is torn: a length does not fit what follows")]
    Torn,
    /// More elements than [`crate::dataset::MAX_ELEMENTS`].
    #[error("the data set has too many elements")]
    Many,
    /// Deeper than [`crate::dataset::MAX_DEPTH`].
    #[error("the data set has sequences nested too deep")]
    Deep,
    /// An item or end mark where none belongs.
    #[error("the data set has an item or an end mark out of place")]
    Misplaced,
    /// A kind of value that the standard does not have.
    #[error("the data set has an element of an unknown kind")]
    Kind,
    /// The same tag twice.
    #[error("the data set has the same element twice")]
    Twice,
}

/// Why bytes are no command set.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum CommandError {
    /// Larger than [`crate::command::MAX_COMMAND`].
    #[error("the command set is too large")]
    Large,
    /// More elements than [`crate::command::MAX_FIELDS`].
    #[error("the command set has too many elements")]
    Many,
    /// An element ends after the command set.
    #[error("the command set is torn: an element is longer than what follows")]
    Torn,
    /// An element of another group than 0000.
    #[error("the command set has an element that belongs to a data set")]
    Group,
}

/// Why what came over the line is no DICOM message. The association is aborted.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum MessageError {
    /// A fragment of another presentation context in the midst of a message.
    #[error("two messages are mixed on one association")]
    Mixed,
    /// A fragment of a data set where a command is due, or the reverse.
    #[error("a fragment is out of order")]
    Order,
    /// A presentation context that was not accepted.
    #[error("a message uses a presentation context that was not accepted")]
    Context,
    /// A data set larger than [`crate::message::MAX_DATA`].
    #[error("a data set exceeds the limit of this listener")]
    Large,
    /// The command set.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// Why an entry is not taken into the worklist.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EntryError {
    /// The entry's own name is empty or too long.
    #[error("the entry has no id, or one longer than 128 bytes")]
    Id,
    /// A value that every entry needs.
    #[error("{field} is missing; a scanner refuses an entry without it")]
    Missing {
        /// Which.
        field: &'static str,
    },
    /// A value longer than its kind allows. It is not cut: it would be another value.
    #[error("{field} has more than {limit} characters; shorten it at its source")]
    TooLong {
        /// Which.
        field: &'static str,
        /// What is allowed.
        limit: usize,
    },
    /// A value that its kind does not allow.
    #[error("{field} {what}")]
    Ill {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        what: &'static str,
    },
    /// More entries than [`crate::worklist::MAX_ENTRIES`].
    #[error("the worklist is full; remove what has been scanned")]
    Full,
}

/// What an operator or a caller is told.
#[derive(Debug, Error)]
pub enum DicomError {
    /// A setting cannot be used.
    #[error("{0}")]
    Setting(String),
    /// The port cannot be listened at.
    #[error("cannot listen for scanners at {address}")]
    Listen {
        /// Where.
        address: std::net::SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The line.
    #[error("the line to the other side broke")]
    Line(#[from] std::io::Error),
    /// The other side did not answer in time.
    #[error("the other side did not answer in time")]
    Slow,
    /// It hung up.
    #[error("the other side hung up")]
    Closed,
    /// It aborted the association.
    #[error("the other side aborted the association")]
    Aborted,
    /// It refused the association.
    #[error("the association was refused: {0}")]
    Rejected(String),
    /// It does not offer the service that was asked for.
    #[error("the other side does not offer {0}")]
    NotOffered(&'static str),
    /// A PDU longer than is taken.
    #[error("a PDU exceeds the limit of {0} bytes")]
    LargePdu(u32),
    /// What came is no PDU, or none that may come now.
    #[error("the other side sent what is no PDU, or none that may come now")]
    Pdu,
    /// What came is no message.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// A data set that came is none.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A limit of this listener.
    #[error("{0}")]
    Limit(&'static str),
}
