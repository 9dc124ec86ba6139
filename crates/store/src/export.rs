//! The record as text: one JSON object a line, events in order, heads where they were signed.
//!
//! ```text
//! {"record":1}
//! {"event":{"position":0,"stream":"visit/1",…,"body":"{…}"}}
//! {"head":{"size":1000,…}}
//! {"end":{"size":1234,"root":"…","signed_at":…,"public_key":"…","signature":"…"}}
//! ```
//!
//! A body is a JSON string that holds the exact text, so that it keeps its commitment.

use std::io::Write;

use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;

use crate::event::StoredEvent;
use crate::head::SignedHead;
use crate::merkle::{Frontier, Hash, hex, unhex};
use crate::read::page;
use crate::value::{Val, rows};
use crate::verify::{HEADS, signed_head};
use crate::{Event, PAGE_MAX, Record, StoreError, live};

/// The form of an export.
pub(crate) const FORMAT: u32 = 1;

/// A line of an export.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    Record(u32),
    Event(ExportedEvent),
    Head(SignedHead),
    End(SignedHead),
}

/// An event of an export: all that its leaf is made of.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportedEvent {
    position: u64,
    stream: String,
    sequence: u64,
    command: String,
    kind: String,
    version: u32,
    actor: String,
    recorded_at: i64,
    commitment: String,
    salt: Option<String>,
    body: Option<String>,
}

/// What was exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// How many events.
    pub events: u64,
    /// The signed head that ends the export.
    pub head: SignedHead,
}

impl Record {
    /// Writes the record as it is now. `at` is the time of the head that ends it, in
    /// microseconds since 1970 UTC; `progress` is told how many events are done and how many
    /// there are. A page of events is held in memory at once.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] at the first event that does not give its leaf, and at the end
    /// when the leaves do not give the stored tree; [`StoreError::Io`] when `out` fails;
    /// [`StoreError::Gone`] when the database does not answer.
    pub async fn export(
        &self,
        out: &mut (dyn Write + Send),
        at: i64,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<Exported, StoreError> {
        let failed = self.engine().error("exporting the record");
        let size = live::size(self.readers()).await.map_err(&failed)?;
        let mut connection = self.readers().acquire().await.map_err(&failed)?;
        write(out, &Line::Record(FORMAT))?;
        let mut frontier = Frontier::default();
        // A head stands right after the last event it speaks of.
        heads(&mut connection, -1, 0).await.map_err(&failed)?.try_for_each(|h| write(out, &h))?;
        while frontier.size() < size {
            let from = frontier.size();
            let to = size.min(from + PAGE_MAX as u64);
            let found = heads(&mut connection, from.cast_signed(), to).await.map_err(&failed)?;
            let mut heads = found.peekable();
            for stored in page(&mut connection, from, to).await.map_err(&failed)? {
                frontier.push(whole(&stored, frontier.size())?, |_| ());
                write(out, &Line::Event(ExportedEvent::new(stored)))?;
                if let Some(head) = heads.next_if(|head| head.size() == frontier.size()) {
                    write(out, &head)?;
                }
            }
            if frontier.size() != to {
                let position = frontier.size();
                return Err(StoreError::Damaged { position, what: "the event is missing" });
            }
            progress(to, size);
        }
        drop(connection);
        if self.root(size).await? != frontier.root() {
            let what = "the leaves do not give the stored tree";
            return Err(StoreError::Damaged { position: size, what });
        }
        let head = self.key().sign(size, frontier.root(), at);
        write(out, &Line::End(head.clone()))?;
        out.flush().map_err(|source| StoreError::Io { doing: "writing the export", source })?;
        Ok(Exported { events: size, head })
    }
}

/// The heads whose size is past one number and not past another.
async fn heads(
    connection: &mut AnyConnection,
    after: i64,
    to: u64,
) -> sqlx::Result<impl Iterator<Item = Line> + use<>> {
    let found = rows(connection, HEADS, [Val::Int(after), Val::count(to)]).await?;
    let heads = found.iter().map(|row| Ok(Line::Head(signed_head(row)?)));
    Ok(heads.collect::<sqlx::Result<Vec<_>>>()?.into_iter())
}

fn whole(stored: &StoredEvent, position: u64) -> Result<Hash, StoreError> {
    if stored.event.position != position || !stored.is_whole() {
        return Err(StoreError::Damaged { position, what: "the row does not give its leaf" });
    }
    Ok(stored.leaf)
}

fn write(out: &mut (dyn Write + Send), line: &Line) -> Result<(), StoreError> {
    let io = |source| StoreError::Io { doing: "writing the export", source };
    let mut text = serde_json::to_vec(line).map_err(|error| io(error.into()))?;
    text.push(b'\n');
    out.write_all(&text).map_err(io)
}

impl Line {
    /// The size of a head; 0 for anything else.
    fn size(&self) -> u64 {
        match self {
            Line::Head(head) | Line::End(head) => head.size,
            _ => 0,
        }
    }
}

impl ExportedEvent {
    fn new(stored: StoredEvent) -> ExportedEvent {
        let StoredEvent { event, salt, commitment, leaf: _ } = stored;
        ExportedEvent {
            position: event.position,
            stream: event.stream,
            sequence: event.sequence,
            command: event.command,
            kind: event.kind,
            version: event.version,
            actor: event.actor,
            recorded_at: event.recorded_at,
            commitment: commitment.to_string(),
            salt: salt.as_deref().map(hex),
            body: event.body,
        }
    }

    /// The event with its leaf; `None` when it does not keep its own commitment.
    pub(crate) fn stored(self) -> Option<StoredEvent> {
        let event = Event {
            position: self.position,
            stream: self.stream,
            sequence: self.sequence,
            command: self.command,
            kind: self.kind,
            version: self.version,
            actor: self.actor,
            recorded_at: self.recorded_at,
            body: self.body,
        };
        let salt = match self.salt {
            Some(salt) => Some(unhex(&salt)?),
            None => None,
        };
        let commitment = Hash::from_hex(&self.commitment)?;
        let mut stored = StoredEvent { event, salt, commitment, leaf: Hash([0; 32]) };
        stored.leaf = stored.leaf_of_row();
        stored.keeps_commitment().then_some(stored)
    }
}
