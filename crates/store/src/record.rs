//! An opened record: what the rest of the program holds.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AnyPool, Connection as _};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;

use crate::engine::Engine;
use crate::erase::ERASED_KIND;
use crate::head::{PublicKey, SignedHead, SigningKey};
use crate::live::{self, Live};
use crate::migrate::{is_current, migrate};
use crate::notes::{self, Note};
use crate::writer::{Answer, Done, Job, Work, Writer};
use crate::{Append, Appended, Erasure, QUEUE_MAX, SCHEMA_VERSION, StoreError, write};

/// Where a record is, and its key. Not printable, as an address may hold a password.
#[derive(Clone)]
pub struct Options {
    database: String,
    key_file: PathBuf,
    schema_version: i64,
    existing: bool,
    pages_max: Arc<AtomicU32>,
}

impl Options {
    /// `database` is `postgres://…` or the path of a SQLite file, made if there is none; the
    /// signing key stands in `key_file`, made if there is none.
    pub fn new(database: impl Into<String>, key_file: impl Into<PathBuf>) -> Options {
        Options {
            database: database.into(),
            key_file: key_file.into(),
            schema_version: SCHEMA_VERSION,
            existing: false,
            pages_max: Arc::default(),
        }
    }

    /// Opens only what is there: makes no database, table or key, and migrates nothing. Until
    /// something is written, the database is only read.
    pub fn existing(mut self) -> Options {
        self.existing = true;
        self
    }

    /// For tests of migrations: makes an empty database only up to this version.
    #[doc(hidden)]
    pub fn only_to_version(mut self, version: i64) -> Options {
        self.schema_version = version;
        self
    }

    /// For tests of a full disk: most pages of a SQLite file from the next connection on, 0 for
    /// no limit. Clones share it.
    #[doc(hidden)]
    pub fn limit_pages(&self, pages: u32) {
        self.pages_max.store(pages, Ordering::Relaxed);
    }
}

/// An opened record. Cloning it is cheap; all clones share one writer.
#[derive(Clone)]
pub struct Record {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    readers: AnyPool,
    queue: mpsc::Sender<Job>,
    size: watch::Receiver<u64>,
    key: Arc<SigningKey>,
    listener: Option<AbortHandle>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }
}

impl Record {
    /// Opens a record, and makes or migrates it where needed. Must be called in a tokio runtime
    /// with its timer and I/O, which the writer then runs on.
    ///
    /// # Errors
    /// [`StoreError::NewerDatabase`] when a newer program has migrated it,
    /// [`StoreError::MigrationChanged`] when it was made by other migrations,
    /// [`StoreError::Key`] when the key cannot be used, [`StoreError::Gone`] when the database
    /// does not answer. With [`Options::existing`] also [`StoreError::Absent`] and
    /// [`StoreError::OlderDatabase`].
    pub async fn open(options: &Options) -> Result<Record, StoreError> {
        let engine = Engine::new(&options.database, options.pages_max.clone())?;
        let opening = engine.error("opening the record");
        let (key, connection) = if options.existing {
            engine.find()?;
            let mut looking = engine.look().await.map_err(opening)?;
            is_current(&engine, &mut looking).await?;
            drop(looking.close().await);
            (SigningKey::existing(&options.key_file)?, None)
        } else {
            let key = SigningKey::open(&options.key_file)?;
            engine.prepare()?;
            let mut connection = engine.connect().await.map_err(opening)?;
            migrate(&engine, &mut connection, options.schema_version).await?;
            (key, Some(connection))
        };
        let key = Arc::new(key);
        let readers = engine.readers();
        let reading = engine.error("reading the record");
        let (size, size_receiver) = watch::channel(live::size(&readers).await.map_err(reading)?);
        let listener = engine.listen_at().map(|address| {
            let listening = live::listen(address.to_owned(), readers.clone(), size.clone());
            tokio::spawn(listening).abort_handle()
        });
        let (queue, queue_receiver) = mpsc::channel(QUEUE_MAX);
        let writer = Writer {
            engine: engine.clone(),
            key: key.clone(),
            queue: queue_receiver,
            size,
            connection,
            confirming: false,
            suspect: false,
        };
        tokio::spawn(writer.run());
        let inner = Inner { engine, readers, queue, size: size_receiver, key, listener };
        Ok(Record { inner: Arc::new(inner) })
    }

    /// Writes a command's events, all or none, and answers once they are on the disk. A command
    /// that was written before is answered with where it stands, and writes nothing. Who stops
    /// waiting does not stop the writing.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a stream is not as the command expects,
    /// [`StoreError::Malformed`] when it breaks a limit, [`StoreError::Full`],
    /// [`StoreError::Gone`]; then nothing was written. After [`StoreError::OutcomeUnknown`] the
    /// same command may be sent again, or looked for with [`Record::find`].
    pub async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        self.append_noting(append, Vec::new()).await
    }

    /// As [`Record::append`], and writes notes in the same transaction. A command that was
    /// written before writes no notes either.
    ///
    /// # Errors
    /// As [`Record::append`].
    pub async fn append_noting(
        &self,
        append: Append,
        notes: Vec<Note>,
    ) -> Result<Appended, StoreError> {
        append.check()?;
        notes::check(&notes)?;
        let mut events = append.streams.iter().flat_map(|part| &part.events);
        if events.any(|event| event.kind == ERASED_KIND) {
            return Err(StoreError::Malformed("only an erasure says that something was erased"));
        }
        self.appended(Work::Append(append, notes)).await
    }

    /// Erases the bodies of a stream and notes that in an audit stream, in one transaction. The
    /// commitments stay, so the tree does. What is left of them in free space is cleaned up then;
    /// where that fails, the next erasure does it. Backups and exports keep what they have.
    ///
    /// # Errors
    /// As [`Record::append`], and [`StoreError::Malformed`] when there is nothing to erase.
    pub async fn erase(&self, erasure: Erasure) -> Result<Appended, StoreError> {
        erasure.check()?;
        let erased = self.appended(Work::Erase(erasure)).await?;
        self.inner.engine.clean_up().await.ok();
        Ok(erased)
    }

    /// A secret for that purpose, the same for every server with this key, and one that nobody can
    /// work out from the database: the SHA-256 of a signature that is never shown.
    pub fn secret(&self, purpose: &str) -> [u8; 32] {
        self.inner.key.secret(purpose)
    }

    /// Signs the log as it is now. `at` is in microseconds since 1970 UTC.
    ///
    /// # Errors
    /// As [`Record::append`].
    pub async fn sign_head(&self, at: i64) -> Result<SignedHead, StoreError> {
        match self.ask(Work::Sign { at }).await? {
            Done::Signed(head) => Ok(head),
            Done::Appended(_) | Done::Noted => Err(StoreError::Closed),
        }
    }

    /// Writes notes anew, all or none, as when they are made from the log.
    ///
    /// # Errors
    /// As [`Record::append`].
    pub async fn write_notes(&self, notes: Vec<Note>) -> Result<(), StoreError> {
        notes::check(&notes)?;
        self.ask(Work::Note(notes)).await.map(drop)
    }

    /// Where a command stands, if it was written.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when the database does not answer.
    pub async fn find(&self, command: &str) -> Result<Option<Appended>, StoreError> {
        let failed = self.inner.engine.error("reading the record");
        let mut connection = self.inner.readers.acquire().await.map_err(&failed)?;
        write::find(&mut connection, command).await.map_err(&failed)
    }

    /// How many events the log has, as the database says now.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when the database does not answer.
    pub async fn size(&self) -> Result<u64, StoreError> {
        let failed = self.inner.engine.error("reading the record");
        live::size(&self.inner.readers).await.map_err(failed)
    }

    /// The positions from `next` on, as they come, by whichever server.
    pub fn watch(&self, next: u64) -> Live {
        Live::new(self.inner.size.clone(), next)
    }

    /// The key by which this record's heads can be checked.
    pub fn public_key(&self) -> PublicKey {
        self.inner.key.public()
    }

    /// Writes what waits, then closes. Later appends are answered with [`StoreError::Closed`].
    pub async fn close(&self) {
        let (reply, stopped) = oneshot::channel();
        if self.inner.queue.send(Job::Stop(reply)).await.is_ok() {
            drop(stopped.await);
        }
        if let Some(listener) = &self.inner.listener {
            listener.abort();
        }
        self.inner.readers.close().await;
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    pub(crate) fn readers(&self) -> &AnyPool {
        &self.inner.readers
    }

    pub(crate) fn key(&self) -> &SigningKey {
        &self.inner.key
    }

    /// Has the readers that watch told of a log that grew without the writer.
    pub(crate) async fn tell(&self, size: u64) {
        drop(self.inner.queue.send(Job::Tell(size)).await);
    }

    /// The version of the schema, for tests.
    #[doc(hidden)]
    pub async fn schema_version(&self) -> Result<i64, StoreError> {
        let failed = self.inner.engine.error("reading the record");
        let mut connection = self.inner.readers.acquire().await.map_err(&failed)?;
        crate::migrate::version(&mut connection).await.map_err(&failed)
    }

    async fn appended(&self, work: Work) -> Result<Appended, StoreError> {
        match self.ask(work).await? {
            Done::Appended(appended) => Ok(appended),
            Done::Signed(_) | Done::Noted => Err(StoreError::Closed),
        }
    }

    async fn ask(&self, work: Work) -> Answer {
        let (reply, answer) = oneshot::channel();
        let sent = self.inner.queue.send(Job::Write(work, reply)).await;
        sent.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}
