//! Reading: a stream's events, the log and its heads, a page at a time. Every row that is read is
//! checked against its commitment and its leaf.

use std::ops::Range;

use sqlx::AnyConnection;

use crate::event::StoredEvent;
use crate::merkle::Hash;
use crate::value::{Row, Val, one, rows};
use crate::verify::signed_head;
use crate::{Event, PAGE_MAX, Record, Sequence, SignedHead, StoreError, StreamName, write};

impl Record {
    /// The events of a stream after number `after`, 0 for all, in order; at most [`PAGE_MAX`].
    /// A stream that does not exist has none.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when the database does not answer, [`StoreError::Damaged`] when a row
    /// is not as it was written.
    pub async fn stream(
        &self,
        stream: &StreamName,
        after: Sequence,
    ) -> Result<Vec<Event>, StoreError> {
        let failed = self.engine().error("reading the record");
        let mut connection = self.readers().acquire().await.map_err(&failed)?;
        let values = [Val::text(stream.as_str()), Val::count(after), Val::count(PAGE_MAX as u64)];
        let found = rows(&mut connection, STREAM, values).await.map_err(&failed)?;
        let found: sqlx::Result<Vec<_>> = found.iter().map(stored).collect();
        events(found.map_err(failed)?)
    }

    /// How many events a stream has.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when the database does not answer.
    pub async fn sequence(&self, stream: &StreamName) -> Result<Sequence, StoreError> {
        let failed = self.engine().error("reading the record");
        let mut connection = self.readers().acquire().await.map_err(&failed)?;
        let values = [Val::text(stream.as_str())];
        let found = one(&mut connection, write::SEQUENCE, values).await.map_err(&failed)?;
        found.count(0).map_err(failed)
    }

    /// The events of the whole log from a position on, in order; at most `limit` of them, and at
    /// most [`PAGE_MAX`].
    ///
    /// # Errors
    /// As [`Record::stream`].
    pub async fn log(&self, from: u64, limit: usize) -> Result<Vec<Event>, StoreError> {
        let failed = self.engine().error("reading the record");
        let mut connection = self.readers().acquire().await.map_err(&failed)?;
        let to = from.saturating_add(limit.min(PAGE_MAX) as u64);
        let page = page(&mut connection, from, to).await.map_err(failed)?;
        events(page)
    }

    /// The events at positions of the log, in order, that stand in streams of these kinds: `visit`
    /// for `visit/1`. At most [`PAGE_MAX`] positions are looked at. Of all other rows nothing is
    /// read but whose they are.
    ///
    /// # Errors
    /// As [`Record::stream`].
    pub async fn log_of(
        &self,
        positions: Range<u64>,
        kinds: [&str; 3],
    ) -> Result<Vec<Event>, StoreError> {
        let failed = self.engine().error("reading the record");
        let mut connection = self.readers().acquire().await.map_err(&failed)?;
        let to = positions.end.min(positions.start.saturating_add(PAGE_MAX as u64));
        let kinds = kinds.map(|kind| Val::Text(format!("{kind}/%")));
        let values = [Val::count(positions.start), Val::count(to)].into_iter().chain(kinds);
        let found = rows(&mut connection, LOG_OF, values).await.map_err(&failed)?;
        let found: sqlx::Result<Vec<_>> = found.iter().map(stored).collect();
        events(found.map_err(failed)?)
    }

    /// The signed heads over more than `after` events, in order, at most [`PAGE_MAX`]; for
    /// carrying them to where this database's owner cannot reach them.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when the database does not answer.
    pub async fn heads(&self, after: u64) -> Result<Vec<SignedHead>, StoreError> {
        let failed = self.engine().error("reading the record");
        let mut connection = self.readers().acquire().await.map_err(&failed)?;
        let values = [Val::count(after), Val::count(PAGE_MAX as u64)];
        let found = rows(&mut connection, HEADS, values).await.map_err(&failed)?;
        found.iter().map(signed_head).collect::<sqlx::Result<_>>().map_err(failed)
    }
}

/// The rows of the log from one position to before another.
pub(crate) async fn page(
    connection: &mut AnyConnection,
    from: u64,
    to: u64,
) -> sqlx::Result<Vec<StoredEvent>> {
    let found = rows(connection, LOG, [Val::count(from), Val::count(to)]).await?;
    found.iter().map(stored).collect()
}

/// What cannot be read as it was written becomes something that does not give its leaf, so a
/// verification can tell where it is.
fn stored(row: &Row) -> sqlx::Result<StoredEvent> {
    let hash = |column| row.blob(column).ok().and_then(|bytes| Hash::from_bytes(&bytes));
    let body = row.blob_or_none(11).unwrap_or_default();
    Ok(StoredEvent {
        event: Event {
            position: row.count(0)?,
            stream: row.text(1).unwrap_or_default(),
            sequence: row.count(2).unwrap_or_default(),
            command: row.text(3).unwrap_or_default(),
            kind: row.text(4).unwrap_or_default(),
            version: row.int(5).ok().and_then(|version| version.try_into().ok()).unwrap_or(0),
            actor: row.text(6).unwrap_or_default(),
            recorded_at: row.int(7).unwrap_or_default(),
            body: body.map(|body| String::from_utf8_lossy(&body).into_owned()),
        },
        commitment: hash(8).unwrap_or(Hash([0; 32])),
        leaf: hash(9).unwrap_or(Hash([0; 32])),
        salt: row.blob_or_none(10).unwrap_or_default(),
    })
}

/// Rows as events; a row that is not as it was written is never passed on.
fn events(rows: Vec<StoredEvent>) -> Result<Vec<Event>, StoreError> {
    let whole = |stored: StoredEvent| match stored.is_whole() {
        true => Ok(stored.event),
        false => {
            let position = stored.event.position;
            Err(StoreError::Damaged { position, what: "the row is not as it was written" })
        }
    };
    rows.into_iter().map(whole).collect()
}

pub(crate) fn hash(bytes: &[u8]) -> sqlx::Result<Hash> {
    Hash::from_bytes(bytes).ok_or_else(|| sqlx::Error::Decode("a hash has 32 bytes".into()))
}

const HEADS: &str = "SELECT size, root, signed_at, public_key, signature FROM signed_head \
    WHERE size > $1 ORDER BY size LIMIT $2";
const STREAM: &str = "SELECT position, stream, sequence, command, kind, version, actor, \
    recorded_at, commitment, leaf, salt, body FROM event \
    WHERE stream = $1 AND sequence > $2 ORDER BY sequence LIMIT $3";
const LOG: &str = "SELECT position, stream, sequence, command, kind, version, actor, \
    recorded_at, commitment, leaf, salt, body FROM event \
    WHERE position >= $1 AND position < $2 ORDER BY position";
const LOG_OF: &str = "SELECT position, stream, sequence, command, kind, version, actor, \
    recorded_at, commitment, leaf, salt, body FROM event \
    WHERE position >= $1 AND position < $2 \
    AND (stream LIKE $3 OR stream LIKE $4 OR stream LIKE $5) ORDER BY position";
