//! Notes: what a caller wants to find without reading the log, such as which visits are open.
//!
//! A note is derived from events and written in the transaction of those events, so it is never
//! ahead of them or behind. It is no evidence: the tree does not cover it, an export leaves it
//! out, and whoever wrote it can write it anew from the log.

use sqlx::AnyConnection;

use crate::event::is_name;
use crate::value::{Row, Val, execute, row, rows};
use crate::{PAGE_MAX, Record, StoreError, StreamName};

/// Most notes of one append, or of one rewriting.
pub const NOTES_MAX: usize = 256;
/// Longest value of a note, in bytes.
pub const NOTE_BYTES_MAX: usize = 4 * 1024;

/// A note: the value that stands under a key of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Which list, `open_visit`.
    pub list: String,
    /// The key in it; one value a key.
    pub key: String,
    /// The stream it tells of; it goes when that is erased.
    pub stream: StreamName,
    /// The value; nothing takes the note away.
    pub value: Option<String>,
    /// The key is one stream's alone: with events, it is refused while another stream's note
    /// stands under it.
    pub sole: bool,
}

impl Note {
    fn check(&self) -> Result<(), StoreError> {
        if !is_name(&self.list) || !is_name(&self.key) {
            return Err(StoreError::Malformed("list and key of a note have 1 to 200 bytes"));
        }
        match self.value.as_ref().is_some_and(|value| value.len() > NOTE_BYTES_MAX) {
            true => Err(StoreError::Malformed("the value of a note is larger than 4 KiB")),
            false => Ok(()),
        }
    }
}

/// Refuses what no database should be asked to write.
pub(crate) fn check(notes: &[Note]) -> Result<(), StoreError> {
    if notes.len() > NOTES_MAX {
        return Err(StoreError::Malformed("more than 256 notes at once"));
    }
    notes.iter().try_for_each(Note::check)
}

/// Writes notes in order, so that the last of a key stands.
pub(crate) async fn write(connection: &mut AnyConnection, notes: &[Note]) -> sqlx::Result<()> {
    for note in notes {
        let (list, key) = (Val::text(&note.list), Val::text(&note.key));
        match &note.value {
            Some(value) => {
                let values = [list, key, Val::text(note.stream.as_str()), Val::text(value)];
                execute(connection, PUT, values).await?;
            }
            None => {
                // Only one's own: another stream may have the key by now.
                let stream = Val::text(note.stream.as_str());
                execute(connection, TAKE, [list, key, stream]).await?;
            }
        }
    }
    Ok(())
}

/// The list of the first key that belongs to another stream.
pub(crate) async fn taken(
    connection: &mut AnyConnection,
    notes: &[Note],
) -> sqlx::Result<Option<String>> {
    for note in notes.iter().filter(|note| note.sole && note.value.is_some()) {
        let values = [Val::text(&note.list), Val::text(&note.key)];
        if let Some(row) = row(connection, GET, values).await?
            && row.text(1)? != note.stream.as_str()
        {
            return Ok(Some(note.list.clone()));
        }
    }
    Ok(None)
}

/// Takes away what tells of an erased stream.
pub(crate) async fn erase(connection: &mut AnyConnection, stream: &StreamName) -> sqlx::Result<()> {
    execute(connection, ERASE, [Val::text(stream.as_str())]).await.map(drop)
}

impl Record {
    /// The notes of a list whose keys follow `after`, by key; at most [`PAGE_MAX`].
    ///
    /// # Errors
    /// [`StoreError::Gone`] when the database does not answer.
    pub async fn notes(&self, list: &str, after: &str) -> Result<Vec<Note>, StoreError> {
        let failed = self.engine().error("reading the record");
        let mut connection = self.readers().acquire().await.map_err(&failed)?;
        let values = [Val::text(list), Val::text(after), Val::count(PAGE_MAX as u64)];
        let found = rows(&mut connection, LIST, values).await.map_err(&failed)?;
        found.iter().map(|row| note(list, row).map_err(&failed)?).collect()
    }

    /// The note of that key, if there is one.
    ///
    /// # Errors
    /// As [`Record::notes`].
    pub async fn note(&self, list: &str, key: &str) -> Result<Option<Note>, StoreError> {
        let failed = self.engine().error("reading the record");
        let mut connection = self.readers().acquire().await.map_err(&failed)?;
        let values = [Val::text(list), Val::text(key)];
        let found = row(&mut connection, GET, values).await.map_err(&failed)?;
        found.map(|row| note(list, &row).map_err(&failed)?).transpose()
    }
}

fn note(list: &str, row: &Row) -> sqlx::Result<Result<Note, StoreError>> {
    let (key, stream, value) = (row.text(0)?, row.text(1)?, row.text(2)?);
    Ok(StreamName::new(stream).map(|stream| Note {
        list: list.to_owned(),
        key,
        stream,
        value: Some(value),
        sole: false,
    }))
}

const PUT: &str = "INSERT INTO note (list, key, stream, value) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (list, key) DO UPDATE SET stream = excluded.stream, value = excluded.value";
const TAKE: &str = "DELETE FROM note WHERE list = $1 AND key = $2 AND stream = $3";
const ERASE: &str = "DELETE FROM note WHERE stream = $1";
const LIST: &str = "SELECT key, stream, value FROM note WHERE list = $1 AND key > $2 \
    ORDER BY key LIMIT $3";
const GET: &str = "SELECT key, stream, value FROM note WHERE list = $1 AND key = $2";
