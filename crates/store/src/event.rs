//! Events as the record sees them, and the requests that add them.

use std::fmt;

use crate::merkle::{Hash, leaf_hash};
use crate::{
    APPEND_BYTES_MAX, BODY_BYTES_MAX, EVENTS_MAX, NAME_BYTES_MAX, STREAMS_MAX, StoreError,
};
use sha2::{Digest, Sha256};

/// How many events a stream has; also the number of its latest event, as the first is 1.
pub type Sequence = u64;

/// Bytes of the salt of a commitment.
pub(crate) const SALT_BYTES: usize = 16;

/// The name of a stream, `visit/0197…`: a kind in small letters, a slash, an id.
/// It appears in the record after a patient is erased, so the id must say nothing of anybody.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamName(String);

impl StreamName {
    /// A stream's name; refused unless it is `kind/id` of at most [`NAME_BYTES_MAX`] bytes.
    pub fn new(name: impl Into<String>) -> Result<StreamName, StoreError> {
        let name = name.into();
        let (kind, id) = name.split_once('/').unwrap_or_default();
        let lower = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        if kind.is_empty() || id.is_empty() || !kind.bytes().all(lower) || !is_name(&name) {
            return Err(StoreError::Malformed("a stream's name is kind/id, of at most 200 bytes"));
        }
        Ok(StreamName(name))
    }

    /// The part before the slash.
    pub fn kind(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// What the caller has seen of a stream it appends to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// So many events; 0 for a stream that does not exist yet. Anything else is a conflict.
    Exactly(Sequence),
    /// It does not matter: the events stand by themselves, as in an audit stream.
    Any,
}

/// An event to append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// What happened, `triage_recorded`.
    pub kind: String,
    /// Version of the body's form.
    pub version: u32,
    /// The body, JSON by convention; at most [`BODY_BYTES_MAX`] bytes.
    pub body: String,
}

/// What an append writes to one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamAppend {
    /// The stream.
    pub stream: StreamName,
    /// What the caller has seen of it.
    pub expected: Expected,
    /// Its new events, in order; at least one.
    pub events: Vec<NewEvent>,
}

/// One command's events, written together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// Id of the command. A command that was seen before is answered as then.
    pub command: String,
    /// Who gave it: an account's id, never a patient's name.
    pub actor: String,
    /// When, in microseconds since 1970 UTC, by the caller's clock.
    pub recorded_at: i64,
    /// Each stream at most once, [`STREAMS_MAX`] streams and [`EVENTS_MAX`] events at most, and
    /// [`APPEND_BYTES_MAX`] bytes of bodies.
    pub streams: Vec<StreamAppend>,
}

/// What became of an append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Positions of its events in the log.
    pub positions: std::ops::Range<u64>,
    /// The command had been written before; nothing was written now. Also when the connection
    /// was lost while confirming, and a second look found it written.
    pub already: bool,
}

/// An event of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Place in the whole log, from 0, in the order of commits; also the leaf's index.
    pub position: u64,
    /// The stream it belongs to.
    pub stream: String,
    /// Place in that stream, from 1.
    pub sequence: Sequence,
    /// The command that brought it.
    pub command: String,
    /// What happened.
    pub kind: String,
    /// Version of the body's form.
    pub version: u32,
    /// Who gave the command.
    pub actor: String,
    /// When, in microseconds since 1970 UTC, by the clock of whoever appended.
    pub recorded_at: i64,
    /// The body; `None` once it was erased.
    pub body: Option<String>,
}

/// An event with what only the record itself looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredEvent {
    pub event: Event,
    pub salt: Option<Vec<u8>>,
    pub commitment: Hash,
    pub leaf: Hash,
}

impl StoredEvent {
    /// Whether the body is the one committed to, or was erased together with its salt.
    pub(crate) fn keeps_commitment(&self) -> bool {
        match (&self.salt, &self.event.body) {
            (Some(salt), Some(body)) => commitment(salt, body.as_bytes()) == self.commitment,
            (None, None) => true,
            _ => false,
        }
    }

    /// Whether the row is as it was written, as far as a row by itself can tell.
    pub(crate) fn is_whole(&self) -> bool {
        self.keeps_commitment() && self.leaf == self.leaf_of_row()
    }

    /// The leaf as the rest of the row says it must be.
    pub(crate) fn leaf_of_row(&self) -> Hash {
        leaf(&self.event, &self.commitment)
    }
}

/// The salted hash of a body. Without the salt a short body could be guessed from it, so both
/// are erased together.
pub(crate) fn commitment(salt: &[u8], body: &[u8]) -> Hash {
    let digest = Sha256::new().chain_update(b"cauda-body-1").chain_update(salt).chain_update(body);
    Hash(digest.finalize().into())
}

/// The leaf of an event: everything but the body, and the commitment to the body. Each text
/// stands behind its length, so that no two events give the same bytes.
pub(crate) fn leaf(event: &Event, commitment: &Hash) -> Hash {
    let mut bytes = Vec::with_capacity(512);
    bytes.extend_from_slice(b"cauda-event-1");
    bytes.extend_from_slice(&event.position.to_be_bytes());
    bytes.extend_from_slice(&event.sequence.to_be_bytes());
    bytes.extend_from_slice(&event.recorded_at.to_be_bytes());
    bytes.extend_from_slice(&event.version.to_be_bytes());
    for text in [&event.stream, &event.command, &event.kind, &event.actor] {
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.extend_from_slice(&commitment.0);
    leaf_hash(&bytes)
}

impl Append {
    /// Refuses what no database should be asked to write.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if !is_name(&self.command) {
            return Err(StoreError::Malformed("a command's id has 1 to 200 bytes on one line"));
        }
        if !is_name(&self.actor) {
            return Err(StoreError::Malformed("an actor has 1 to 200 bytes on one line"));
        }
        let streams = self.streams.len();
        if streams == 0 || streams > STREAMS_MAX || self.event_count() > EVENTS_MAX {
            return Err(StoreError::Malformed("an append has 1 to 16 streams and 256 events"));
        }
        for (at, part) in self.streams.iter().enumerate() {
            if self.streams[..at].iter().any(|other| other.stream == part.stream) {
                return Err(StoreError::Malformed("a stream stands twice in one append"));
            }
            if part.events.is_empty() {
                return Err(StoreError::Malformed("a stream of an append has no event"));
            }
        }
        let events = || self.streams.iter().flat_map(|part| &part.events);
        if events().map(|event| event.body.len()).sum::<usize>() > APPEND_BYTES_MAX {
            return Err(StoreError::Malformed("the bodies of an append are larger than 1 MiB"));
        }
        events().try_for_each(NewEvent::check)
    }

    pub(crate) fn event_count(&self) -> usize {
        self.streams.iter().map(|part| part.events.len()).sum()
    }
}

impl NewEvent {
    fn check(&self) -> Result<(), StoreError> {
        if !is_name(&self.kind) {
            return Err(StoreError::Malformed("a kind of event has 1 to 200 bytes on one line"));
        }
        if self.body.len() > BODY_BYTES_MAX {
            return Err(StoreError::Malformed("the body of an event is larger than 64 KiB"));
        }
        Ok(())
    }
}

pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= NAME_BYTES_MAX && !text.chars().any(char::is_control)
}
