//! The record: append-only events in SQLite or PostgreSQL, with a Merkle tree over them.
//!
//! An event is an opaque row: the stream it belongs to, its number there, its position in the
//! whole log, a kind, a body. What a body means is known to those who write it. [`Record`] is an
//! opened database; [`Append`] is one command's events, written together or not at all; a command
//! sent twice is written once. Positions are dense and in commit order, and they are the leaf
//! indexes of a tree as in RFC 6962, whose heads are signed with a key outside the database.
//!
//! The only place in the project with SQL. `engine.rs` alone knows which database it is.

mod backup;
mod engine;
mod erase;
mod error;
mod event;
mod export;
mod head;
mod live;
pub mod merkle;
mod migrate;
mod notes;
mod read;
mod record;
mod restore;
mod tree;
mod value;
mod verify;
mod write;
mod writer;

pub use backup::BackupKind;
pub use erase::{ERASED_KIND, Erasure};
pub use error::StoreError;
pub use event::{Append, Appended, Event, Expected, NewEvent, Sequence, StreamAppend, StreamName};
pub use export::Exported;
pub use head::{PublicKey, SignedHead, SigningKey};
pub use live::Live;
pub use migrate::SCHEMA_VERSION;
pub use notes::{NOTE_BYTES_MAX, NOTES_MAX, Note};
pub use record::{Options, Record};
pub use restore::Restored;
pub use tree::{ConsistencyProof, InclusionProof};
pub use verify::{Fault, Report, Trust};

/// Largest body of an event, in bytes.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Longest stream name, kind, command id or actor, in bytes.
pub const NAME_BYTES_MAX: usize = 200;
/// Most streams that one append writes to.
pub const STREAMS_MAX: usize = 16;
/// Most events of one append.
pub const EVENTS_MAX: usize = 256;
/// Most bytes of all bodies of one append together.
pub const APPEND_BYTES_MAX: usize = 1024 * 1024;
/// Most events that one read returns.
pub const PAGE_MAX: usize = 1_000;
/// Appends that wait for the writer; the next caller waits for a place.
pub const QUEUE_MAX: usize = 256;
/// Most appends committed together.
pub const GROUP_MAX: usize = 64;
/// A signed head is written whenever the log has grown past a multiple of this.
pub const HEAD_EVERY: u64 = 1_000;
/// Most faults that [`Record::verify`] lists; the rest is counted.
pub const FAULTS_MAX: usize = 1_000;
