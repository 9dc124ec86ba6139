//! What can go wrong with the record, for operators. No variant carries a body, and nothing of
//! the database's own error but its message: PostgreSQL's details repeat whole rows.

use std::path::PathBuf;

use thiserror::Error;

/// An error of the record.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Somebody else appended to the stream first. Nothing was written.
    #[error("a {stream_kind} stream has {actual} events, and {expected} were expected")]
    Conflict {
        /// The part of the stream's name before the slash.
        stream_kind: String,
        /// How many events the caller had seen.
        expected: u64,
        /// How many there are.
        actual: u64,
    },
    /// The key of a note that is one stream's alone belongs to another. Nothing was written.
    #[error("somebody else has this key of the list {list}")]
    Taken {
        /// Which list.
        list: String,
    },
    /// The request cannot be written as it is. Nothing was written.
    #[error("refused: {0}")]
    Malformed(&'static str),
    /// The disk of the database is full. Nothing was written.
    #[error("the disk of the record is full, and nothing was written")]
    Full(#[source] DatabaseFault),
    /// The database cannot be reached. Nothing was written.
    #[error("the database of the record cannot be reached")]
    Gone(#[source] DatabaseFault),
    /// The database went away while it was asked to confirm. Sending the same command again is
    /// safe, and tells.
    #[error("the database went away while confirming; send the same command again")]
    OutcomeUnknown(#[source] DatabaseFault),
    /// Any other refusal of the database. Nothing was written.
    #[error("the database refused {doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// The database's message.
        source: DatabaseFault,
    },
    /// There is no record where one was expected. Nothing was made.
    #[error("there is no record: {0}")]
    Absent(&'static str),
    /// The record was made by an older program, and was not to be migrated.
    #[error(
        "the record has schema version {found}, and this program reads version {known}: \
         open it once with the program that writes it"
    )]
    OlderDatabase {
        /// Version of the database.
        found: i64,
        /// Version of this program.
        known: i64,
    },
    /// A newer program has been here.
    #[error(
        "the record has schema version {found}, and this program knows versions up to {known}: \
         use the newer program"
    )]
    NewerDatabase {
        /// Version of the database.
        found: i64,
        /// Newest version of this program.
        known: i64,
    },
    /// The database was made with another text of a migration than the one in this program.
    #[error("migration {version} of the record is not the one this program has")]
    MigrationChanged {
        /// Which migration.
        version: i64,
    },
    /// A row does not fit the rest.
    #[error("the record is damaged at position {position}: {what}")]
    Damaged {
        /// Position in the log.
        position: u64,
        /// What does not fit.
        what: &'static str,
    },
    /// The signing key is not usable.
    #[error("the signing key {path}: {what}")]
    Key {
        /// The key file.
        path: PathBuf,
        /// What is wrong, and how to mend it.
        what: &'static str,
    },
    /// A restore needs an empty record.
    #[error("the record already has {events} events; restore into an empty one")]
    NotEmpty {
        /// How many events there are.
        events: u64,
    },
    /// An export cannot be restored. Nothing was written.
    #[error("line {line} of the export: {what}")]
    Export {
        /// Line, from 1.
        line: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A file or stream failed.
    #[error("while {doing}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The system's error.
        source: std::io::Error,
    },
    /// The record was closed.
    #[error("the record is closed")]
    Closed,
}

/// The message of a database, without its details.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct DatabaseFault(pub(crate) String);
