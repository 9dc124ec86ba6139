//! Reading an export into an empty record, all of it or nothing.

use std::collections::HashMap;
use std::io::{BufRead, Read as _};

use sqlx::{AnyConnection, Connection as _};

use crate::event::StoredEvent;
use crate::export::{ExportedEvent, FORMAT, Line};
use crate::head::SignedHead;
use crate::write::{Batch, Stop};
use crate::{BODY_BYTES_MAX, Record, StoreError, Trust};

/// Longest line of an export, in bytes: a body of which every byte is escaped, and the rest.
const LINE_BYTES_MAX: usize = 6 * BODY_BYTES_MAX + 16 * 1024;

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// How many events.
    pub events: u64,
    /// The head that ended the export.
    pub head: SignedHead,
    /// Whether that head is signed with this record's own key or one that was vouched for.
    pub trusted: bool,
}

/// An export being read.
struct Reading<'r> {
    input: &'r mut (dyn BufRead + Send),
    line: u64,
    /// The command whose events are being read: id, first position, how many.
    command: Option<(String, u64, u64)>,
    /// How many events each stream has.
    streams: HashMap<String, u64>,
}

impl Record {
    /// Restores an export into this record, which must be empty, in one transaction. Every event
    /// is checked against its commitment, and all of them against the head that ends the export;
    /// where `trust` names keys, that head must be signed with one of them.
    /// `progress` is told how many events are done. The number of events of every stream is held
    /// in memory.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`], [`StoreError::Export`] with the line that does not fit,
    /// [`StoreError::Io`] when `input` fails, [`StoreError::Full`], [`StoreError::Gone`]. Nothing
    /// is written then.
    pub async fn restore(
        &self,
        input: &mut (dyn BufRead + Send),
        trust: &Trust,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Restored, StoreError> {
        let failed = self.engine().error("restoring the record");
        let mut connection = self.engine().connect().await.map_err(&failed)?;
        let reading = Reading { input, line: 0, command: None, streams: HashMap::new() };
        let head = self.restore_on(&mut connection, reading, trust, progress).await?;
        self.tell(head.size).await;
        drop(connection.close().await);
        let keys = trust.keys.iter().chain([&self.public_key()]).any(|key| head.is_signed_by(key));
        Ok(Restored { events: head.size, head, trusted: keys })
    }

    async fn restore_on(
        &self,
        connection: &mut AnyConnection,
        mut reading: Reading<'_>,
        trust: &Trust,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<SignedHead, StoreError> {
        let failed = self.engine().error("restoring the record");
        let mut transaction =
            connection.begin_with(self.engine().begin()).await.map_err(&failed)?;
        let mut batch = match Batch::open(&mut transaction, 0).await {
            Ok(batch) => batch,
            Err(Stop::Broken(error)) => return Err(failed(error)),
            Err(Stop::Refused(error)) => return Err(error),
        };
        if batch.frontier().size() > 0 {
            return Err(StoreError::NotEmpty { events: batch.frontier().size() });
        }
        let head = reading.all(&mut batch, &failed, progress).await?;
        let vouched = trust.keys.is_empty() || trust.keys.iter().any(|key| head.is_signed_by(key));
        if !vouched {
            return Err(reading.refused("the export is signed with a key nobody vouches for"));
        }
        batch.add_head(&head).await.map_err(&failed)?;
        batch.close(self.engine(), self.key()).await.map_err(&failed)?;
        transaction.commit().await.map_err(&failed)?;
        Ok(head)
    }
}

impl Reading<'_> {
    /// Everything up to the end, whose head must fit what came before it.
    async fn all(
        &mut self,
        batch: &mut Batch<'_>,
        failed: &(impl Fn(sqlx::Error) -> StoreError + Sync),
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<SignedHead, StoreError> {
        if !matches!(self.next()?, Line::Record(FORMAT)) {
            return Err(self.refused("this is no export of a form this program knows"));
        }
        loop {
            match self.next()? {
                Line::Event(event) => {
                    let stored = self.event(event, batch.frontier().size())?;
                    self.command(batch, &stored).await.map_err(failed)??;
                    batch.add(stored).await.map_err(failed)?;
                    if batch.frontier().size().is_multiple_of(1_000) {
                        progress(batch.frontier().size());
                    }
                }
                Line::Head(head) => {
                    let head = self.head(head, batch)?;
                    batch.add_head(&head).await.map_err(failed)?;
                }
                Line::End(head) => {
                    self.finish_command(batch).await.map_err(failed)??;
                    let head = self.head(head, batch)?;
                    let mut rest = [0];
                    return match self.input.read(&mut rest) {
                        Ok(0) => Ok(head),
                        _ => Err(self.refused("something follows after the end")),
                    };
                }
                Line::Record(_) => return Err(self.refused("the export begins twice")),
            }
        }
    }

    /// The next line, which must be there.
    fn next(&mut self) -> Result<Line, StoreError> {
        self.line += 1;
        let mut text = Vec::new();
        let mut limited = (&mut *self.input).take(LINE_BYTES_MAX as u64);
        let read = limited.read_until(b'\n', &mut text);
        read.map_err(|source| StoreError::Io { doing: "reading the export", source })?;
        if text.last() != Some(&b'\n') {
            return Err(self.refused(match text.len() {
                LINE_BYTES_MAX => "the line is too long",
                _ => "the export ends too early",
            }));
        }
        serde_json::from_slice(&text).map_err(|_| self.refused("it is not as an export has it"))
    }

    fn event(&mut self, event: ExportedEvent, position: u64) -> Result<StoredEvent, StoreError> {
        let stored = event.stored();
        let stored = stored.ok_or(self.refused("the body is not the one committed to"))?;
        if stored.event.position != position {
            return Err(self.refused("the event stands at another position"));
        }
        let sequence = self.streams.entry(stored.event.stream.clone()).or_default();
        *sequence += 1;
        match stored.event.sequence == *sequence {
            true => Ok(stored),
            false => Err(self.refused("the event has another number in its stream")),
        }
    }

    fn head(&self, head: SignedHead, batch: &Batch<'_>) -> Result<SignedHead, StoreError> {
        let frontier = batch.frontier();
        if head.size != frontier.size() || head.root_hash() != Some(frontier.root()) {
            return Err(self.refused("the head does not fit the events before it"));
        }
        match head.key().is_some_and(|key| head.is_signed_by(&key)) {
            true => Ok(head),
            false => Err(self.refused("the signature of the head is wrong")),
        }
    }

    /// Counts an event to its command; a command's events stand together.
    async fn command(
        &mut self,
        batch: &mut Batch<'_>,
        stored: &StoredEvent,
    ) -> sqlx::Result<Result<(), StoreError>> {
        let event = &stored.event;
        match &mut self.command {
            Some((id, _, events)) if *id == event.command => *events += 1,
            _ => {
                if let Err(error) = self.finish_command(batch).await? {
                    return Ok(Err(error));
                }
                self.command = Some((event.command.clone(), event.position, 1));
            }
        }
        Ok(Ok(()))
    }

    async fn finish_command(
        &mut self,
        batch: &mut Batch<'_>,
    ) -> sqlx::Result<Result<(), StoreError>> {
        let Some((id, first, events)) = self.command.take() else { return Ok(Ok(())) };
        match batch.add_command(&id, first, events).await? {
            true => Ok(Ok(())),
            false => Ok(Err(self.refused("a command comes twice"))),
        }
    }

    fn refused(&self, what: &'static str) -> StoreError {
        StoreError::Export { line: self.line, what }
    }
}
