//! One transaction that writes: locks the head of the log, appends, moves the head.
//!
//! INVARIANT: the first statement locks the one row of `log_head`, so transactions follow each
//! other, positions are dense and in the order of commits, and no reader ever passes a position
//! that is still to come.

use std::collections::HashMap;
use std::sync::LazyLock;

use ring::rand::{SecureRandom as _, SystemRandom};
use sqlx::AnyConnection;

use crate::engine::Engine;
use crate::erase::{ERASED_KIND, Erasure};
use crate::event::{Event, SALT_BYTES, StoredEvent, commitment, leaf};
use crate::head::{SignedHead, SigningKey};
use crate::merkle::{Frontier, Hash, Node};
use crate::notes::{self, Note};
use crate::tree::STORED_LEVEL;
use crate::value::{Val, execute, one, row};
use crate::{
    Append, Appended, Expected, HEAD_EVERY, NewEvent, StoreError, StreamAppend, StreamName,
};

/// Why a part of a transaction was not done.
pub(crate) enum Stop {
    /// Nothing of it was written; the transaction goes on.
    Refused(StoreError),
    /// The database failed; the transaction is lost.
    Broken(sqlx::Error),
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Stop {
        Stop::Broken(error)
    }
}

/// An open transaction that holds the lock.
pub(crate) struct Batch<'t> {
    connection: &'t mut AnyConnection,
    frontier: Frontier,
    began_with: u64,
    /// The latest time anybody gave, for the head.
    recorded_at: i64,
    sign: bool,
    changed: bool,
    /// Events that are not with the database yet, at most [`ROWS`].
    waiting: Vec<StoredEvent>,
    /// How many events the streams have that were appended to.
    ends: HashMap<StreamName, u64>,
}

impl Batch<'_> {
    /// Takes the lock. `hoped` is how many events may come at most.
    pub async fn open(connection: &mut AnyConnection, hoped: usize) -> Result<Batch<'_>, Stop> {
        let hoped = hoped as u64;
        let head = one(connection, LOCK, [Val::count(hoped)]).await?;
        let size = head.count(0)?.saturating_sub(hoped);
        let frontier =
            frontier(size, &head.blob_or_none(1)?.unwrap_or_default()).map_err(Stop::Refused)?;
        let began_with = size;
        let (recorded_at, sign, changed) = (0, false, false);
        let (waiting, ends) = (Vec::with_capacity(ROWS), HashMap::new());
        Ok(Batch { connection, frontier, began_with, recorded_at, sign, changed, waiting, ends })
    }

    /// Whether there is anything to commit.
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    /// Appends a command's events, unless a stream is not as expected, a key is somebody else's,
    /// or the command was seen.
    /// Its notes are written with it, and not again when it was seen.
    pub async fn append(&mut self, append: &Append, notes: &[Note]) -> Result<Appended, Stop> {
        let mut ends = Vec::with_capacity(append.streams.len());
        for part in &append.streams {
            let actual = self.sequence(&part.stream).await?;
            if let Some(conflict) = conflict(part, actual) {
                let seen = self.seen(&append.command).await?;
                return seen.ok_or(Stop::Refused(conflict));
            }
            ends.push(actual);
        }
        if let Some(list) = notes::taken(self.connection, notes).await? {
            let seen = self.seen(&append.command).await?;
            return seen.ok_or(Stop::Refused(StoreError::Taken { list }));
        }
        let first = self.frontier.size();
        let events = append.event_count() as u64;
        let values = [Val::text(&append.command), Val::count(first), Val::count(events)];
        if execute(self.connection, INSERT_COMMAND, values).await? == 0 {
            let seen = self.seen(&append.command).await?;
            return seen.ok_or(Stop::Broken(sqlx::Error::RowNotFound));
        }
        for (part, end) in append.streams.iter().zip(ends) {
            for (sequence, event) in (end + 1..).zip(&part.events) {
                self.event(append, &part.stream, sequence, event).await?;
            }
            self.ends.insert(part.stream.clone(), end + part.events.len() as u64);
        }
        self.note(notes).await?;
        Ok(Appended { positions: first..first + events, already: false })
    }

    /// Writes notes, with events or without.
    pub async fn note(&mut self, written: &[Note]) -> Result<(), Stop> {
        self.changed |= !written.is_empty();
        Ok(notes::write(self.connection, written).await?)
    }

    /// Removes bodies and salts of a stream and says so in the audit stream.
    pub async fn erase(&mut self, erasure: &Erasure) -> Result<Appended, Stop> {
        if let Some(seen) = self.seen(&erasure.command).await? {
            return Ok(seen);
        }
        self.flush().await?;
        let events = execute(self.connection, ERASE, [Val::text(erasure.stream.as_str())]).await?;
        if events == 0 {
            return Err(Stop::Refused(StoreError::Malformed("the stream has nothing to erase")));
        }
        notes::erase(self.connection, &erasure.stream).await?;
        let event =
            NewEvent { kind: ERASED_KIND.to_owned(), version: 1, body: erasure.body(events) };
        let part = StreamAppend {
            stream: erasure.audit.clone(),
            expected: Expected::Any,
            events: vec![event],
        };
        let append = Append {
            command: erasure.command.clone(),
            actor: erasure.actor.clone(),
            recorded_at: erasure.recorded_at,
            streams: vec![part],
        };
        // INVARIANT: this is not refused, as the command is new and nothing is expected; so no
        // erasure is without its audit event.
        self.append(&append, &[]).await
    }

    /// Has a head signed when the transaction closes.
    pub fn sign(&mut self, at: i64) {
        self.recorded_at = self.recorded_at.max(at);
        self.sign = true;
        self.changed = true;
    }

    /// Moves the head. What remains is to commit.
    pub async fn close(
        mut self,
        engine: &Engine,
        key: &SigningKey,
    ) -> sqlx::Result<(u64, Option<SignedHead>)> {
        self.flush().await?;
        let size = self.frontier.size();
        let values = [Val::count(size), Val::Blob(peaks(&self.frontier))];
        execute(self.connection, MOVE, values).await?;
        let mut head = None;
        if self.sign || size / HEAD_EVERY > self.began_with / HEAD_EVERY {
            let signed = key.sign(size, self.frontier.root(), self.recorded_at);
            insert_head(self.connection, &signed).await?;
            head = Some(signed);
        }
        if size > self.began_with {
            engine.notify(self.connection, size).await?;
        }
        Ok((size, head))
    }

    /// Adds an event as it was stored elsewhere, for a restore.
    pub async fn add(&mut self, stored: StoredEvent) -> sqlx::Result<()> {
        let leaf = stored.leaf;
        self.waiting.push(stored);
        if self.waiting.len() == ROWS {
            self.flush().await?;
        }
        self.grow(leaf).await
    }

    /// Adds a command as it was known elsewhere, for a restore.
    pub async fn add_command(&mut self, id: &str, first: u64, events: u64) -> sqlx::Result<bool> {
        let values = [Val::text(id), Val::count(first), Val::count(events)];
        Ok(execute(self.connection, INSERT_COMMAND, values).await? == 1)
    }

    /// Adds a head as it was signed elsewhere, for a restore.
    pub async fn add_head(&mut self, head: &SignedHead) -> sqlx::Result<()> {
        insert_head(self.connection, head).await
    }

    pub fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    async fn event(
        &mut self,
        append: &Append,
        stream: &StreamName,
        sequence: u64,
        new: &NewEvent,
    ) -> Result<(), Stop> {
        let mut salt = vec![0; SALT_BYTES];
        let random = SystemRandom::new().fill(&mut salt);
        random.map_err(|_| Stop::Broken(sqlx::Error::Protocol("no random numbers".to_owned())))?;
        let commitment = commitment(&salt, new.body.as_bytes());
        let event = Event {
            position: self.frontier.size(),
            stream: stream.to_string(),
            sequence,
            command: append.command.clone(),
            kind: new.kind.clone(),
            version: new.version,
            actor: append.actor.clone(),
            recorded_at: append.recorded_at,
            body: Some(new.body.clone()),
        };
        let leaf = leaf(&event, &commitment);
        self.recorded_at = self.recorded_at.max(append.recorded_at);
        Ok(self.add(StoredEvent { event, salt: Some(salt), commitment, leaf }).await?)
    }

    /// Hands the waiting events to the database: a full lot in one statement, others singly, so
    /// that there are only two statements to prepare.
    async fn flush(&mut self) -> sqlx::Result<()> {
        if self.waiting.len() == ROWS {
            let values = self.waiting.drain(..).flat_map(values);
            execute(self.connection, &INSERT_ROWS, values).await?;
        }
        for stored in self.waiting.drain(..) {
            execute(self.connection, INSERT_EVENT, values(stored)).await?;
        }
        Ok(())
    }

    async fn grow(&mut self, leaf: Hash) -> sqlx::Result<()> {
        let mut finished = Vec::new();
        self.frontier.push(leaf, |node| finished.push(node));
        self.changed = true;
        for Node { level, index, hash } in finished {
            if level >= STORED_LEVEL {
                let ends = (index + 1) << level;
                let values = [Val::count(ends), Val::count(u64::from(level)), Val::blob(&hash.0)];
                execute(self.connection, INSERT_NODE, values).await?;
            }
        }
        Ok(())
    }

    async fn sequence(&mut self, stream: &StreamName) -> sqlx::Result<u64> {
        if let Some(end) = self.ends.get(stream) {
            return Ok(*end);
        }
        one(self.connection, SEQUENCE, [Val::text(stream.as_str())]).await?.count(0)
    }

    async fn seen(&mut self, command: &str) -> Result<Option<Appended>, Stop> {
        Ok(find(self.connection, command).await?)
    }
}

/// What became of a command, if it was ever written.
pub(crate) async fn find(
    connection: &mut AnyConnection,
    command: &str,
) -> sqlx::Result<Option<Appended>> {
    let Some(row) = row(connection, FIND_COMMAND, [Val::text(command)]).await? else {
        return Ok(None);
    };
    let (first, events) = (row.count(0)?, row.count(1)?);
    Ok(Some(Appended { positions: first..first + events, already: true }))
}

/// The tree's right edge as it is stored.
pub(crate) fn frontier(size: u64, peaks: &[u8]) -> Result<Frontier, StoreError> {
    let peaks = peaks.chunks(32).map(Hash::from_bytes).collect::<Option<Vec<_>>>();
    let what = "the head of the log does not fit its size";
    let damaged = StoreError::Damaged { position: size, what };
    peaks.and_then(|peaks| Frontier::new(size, peaks)).ok_or(damaged)
}

fn peaks(frontier: &Frontier) -> Vec<u8> {
    frontier.peaks().iter().flat_map(|hash| hash.0).collect()
}

fn conflict(part: &StreamAppend, actual: u64) -> Option<StoreError> {
    match part.expected {
        Expected::Exactly(expected) if expected != actual => Some(StoreError::Conflict {
            stream_kind: part.stream.kind().to_owned(),
            expected,
            actual,
        }),
        _ => None,
    }
}

/// An event in the order of the columns of [`INSERT_EVENT`].
fn values(stored: StoredEvent) -> [Val; COLUMNS] {
    let StoredEvent { event, salt, commitment, leaf } = stored;
    [
        Val::count(event.position),
        Val::Text(event.stream),
        Val::count(event.sequence),
        Val::Text(event.command),
        Val::Text(event.kind),
        Val::count(u64::from(event.version)),
        Val::Text(event.actor),
        Val::Int(event.recorded_at),
        Val::blob(&commitment.0),
        Val::blob(&leaf.0),
        salt.map_or(Val::NoBlob, Val::Blob),
        event.body.map_or(Val::NoBlob, |body| Val::Blob(body.into_bytes())),
    ]
}

async fn insert_head(connection: &mut AnyConnection, head: &SignedHead) -> sqlx::Result<()> {
    let blob = |text: &str| Val::Blob(crate::merkle::unhex(text).unwrap_or_default());
    let values = [
        Val::count(head.size),
        blob(&head.root),
        Val::Int(head.signed_at),
        blob(&head.public_key),
        blob(&head.signature),
    ];
    execute(connection, INSERT_HEAD, values).await.map(drop)
}

const LOCK: &str = "UPDATE log_head SET size = size + $1 WHERE id = 1 RETURNING size, peaks";
const MOVE: &str = "UPDATE log_head SET size = $1, peaks = $2 WHERE id = 1";
pub(crate) const SEQUENCE: &str = "SELECT coalesce(max(sequence), 0) FROM event WHERE stream = $1";
const FIND_COMMAND: &str = "SELECT first, events FROM command WHERE id = $1";
const INSERT_COMMAND: &str = "INSERT INTO command (id, first, events) VALUES ($1, $2, $3) \
    ON CONFLICT (id) DO NOTHING";
const INSERT_EVENT: &str = "INSERT INTO event (position, stream, sequence, command, kind, \
    version, actor, recorded_at, commitment, leaf, salt, body) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const COLUMNS: usize = 12;
/// Events that one statement inserts.
const ROWS: usize = 16;
/// [`INSERT_EVENT`] with as many rows; nothing but numbers is added to it.
static INSERT_ROWS: LazyLock<String> = LazyLock::new(|| {
    let row = |row: usize| {
        let places = (1..=COLUMNS).map(|column| format!("${}", row * COLUMNS + column));
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    let (insert, _) = INSERT_EVENT.split_once("VALUES").unwrap_or_default();
    format!("{insert}VALUES {}", (0..ROWS).map(row).collect::<Vec<_>>().join(", "))
});
const INSERT_NODE: &str = "INSERT INTO tree_node (ends, level, hash) VALUES ($1, $2, $3)";
const INSERT_HEAD: &str = "INSERT INTO signed_head (size, root, signed_at, public_key, \
    signature) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (size) DO NOTHING";
const ERASE: &str =
    "UPDATE event SET body = NULL, salt = NULL WHERE stream = $1 AND body IS NOT NULL";
