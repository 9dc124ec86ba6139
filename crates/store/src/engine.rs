//! Everything in which SQLite and PostgreSQL differ: how to connect, to begin, to lock the
//! schema, to tell other servers, to clean up after an erasure, and what an error means.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::StoreError;
use crate::error::DatabaseFault;
use crate::value::{Val, execute, one};

/// Connections for reading, beside the one that writes.
const READERS_MAX: u32 = 4;
/// How long a connection may take to come about, in seconds.
const CONNECT_SECONDS: u64 = 5;
/// The channel on which servers tell each other how far the log is.
pub(crate) const CHANNEL: &str = "cauda_record";
/// Any number that no other program would lock: "cauda".
const SCHEMA_LOCK: i64 = 0x0063_6175_6461;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// What an error of the database means for whoever waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No room for more.
    Full,
    /// The connection or the file is lost.
    Gone,
    /// The database is there and says no.
    Refused,
}

/// How to reach one database.
#[derive(Clone)]
pub(crate) struct Engine {
    pub kind: Kind,
    options: AnyConnectOptions,
    /// Where the file is, for SQLite.
    file: Option<PathBuf>,
    /// For tests of a full disk: most pages of a SQLite file, 0 for no limit.
    pages_max: Arc<AtomicU32>,
}

impl Engine {
    /// `postgres://…`, `postgresql://…`, or the path of a SQLite file.
    pub fn new(database: &str, pages_max: Arc<AtomicU32>) -> Result<Engine, StoreError> {
        sqlx::any::install_default_drivers();
        let postgres = database.starts_with("postgres:") || database.starts_with("postgresql:");
        let (kind, file, url) = if postgres {
            (Kind::Postgres, None, database.to_owned())
        } else {
            let file = std::path::absolute(database)
                .map_err(|source| StoreError::Io { doing: "finding the database file", source })?;
            let url = format!("sqlite://{}?mode=rw", percent_encoded(&file));
            (Kind::Sqlite, Some(file), url)
        };
        // The text of a wrong address may hold a password, so it is not repeated.
        let options = AnyConnectOptions::from_str(&url)
            .map_err(|_| StoreError::Malformed("the address of the database is not a valid one"))?
            .disable_statement_logging();
        Ok(Engine { kind, options, file, pages_max })
    }

    /// Makes the SQLite file, readable by its owner only, if there is none.
    pub fn prepare(&self) -> Result<(), StoreError> {
        let Some(file) = &self.file else { return Ok(()) };
        let opened = OpenOptions::new().append(true).create(true).mode(0o600).open(file).map(drop);
        opened.map_err(|source| StoreError::Io { doing: "opening the database file", source })
    }

    /// Looks for the SQLite file, and makes none.
    pub fn find(&self) -> Result<(), StoreError> {
        let missing = self.file.as_ref().is_some_and(|file| !file.is_file());
        if missing { Err(StoreError::Absent("there is no such file")) } else { Ok(()) }
    }

    /// A connection that cannot write, and says at once why it cannot be made.
    pub async fn look(&self) -> sqlx::Result<AnyConnection> {
        let connecting = async {
            let mut connection = self.options.connect().await?;
            sqlx::raw_sql(self.read_only()).execute(&mut connection).await?;
            Ok(connection)
        };
        let limit = Duration::from_secs(CONNECT_SECONDS);
        tokio::time::timeout(limit, connecting).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }

    fn read_only(&self) -> &'static str {
        match self.kind {
            Kind::Sqlite => "PRAGMA query_only = ON",
            Kind::Postgres => "SET default_transaction_read_only = on",
        }
    }

    /// The connection that writes. A commit on it is on the disk when it returns.
    pub async fn connect(&self) -> sqlx::Result<AnyConnection> {
        let connecting = async {
            let mut connection = self.options.connect().await?;
            let settings = match self.kind {
                Kind::Sqlite => {
                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON"
                }
                Kind::Postgres => {
                    "SELECT set_config('synchronous_commit', 'on', false) \
                     WHERE current_setting('synchronous_commit') IN ('off', 'local')"
                }
            };
            sqlx::raw_sql(settings).execute(&mut connection).await?;
            let pages = self.pages_max.load(Ordering::Relaxed);
            if pages > 0 && self.kind == Kind::Sqlite {
                let limit = AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
                sqlx::raw_sql(limit).execute(&mut connection).await?;
            }
            Ok(connection)
        };
        let limit = Duration::from_secs(CONNECT_SECONDS);
        tokio::time::timeout(limit, connecting).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }

    /// Connections that cannot write.
    pub fn readers(&self) -> AnyPool {
        let settings = self.read_only();
        AnyPoolOptions::new()
            .max_connections(READERS_MAX)
            .acquire_timeout(Duration::from_secs(CONNECT_SECONDS))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    sqlx::raw_sql(settings).execute(connection).await?;
                    Ok(())
                })
            })
            .connect_lazy_with(self.options.clone())
    }

    /// Begins a transaction. SQLite takes the lock at once: a transaction that reads before it
    /// writes would fail as soon as two of them meet.
    pub fn begin(&self) -> &'static str {
        match self.kind {
            Kind::Sqlite => "BEGIN IMMEDIATE",
            Kind::Postgres => "BEGIN",
        }
    }

    /// Keeps other servers from changing the schema until the transaction ends.
    pub async fn lock_schema(&self, connection: &mut AnyConnection) -> sqlx::Result<()> {
        if self.kind == Kind::Postgres {
            execute(connection, "SELECT pg_advisory_xact_lock($1)", [Val::Int(SCHEMA_LOCK)])
                .await?;
        }
        Ok(())
    }

    /// Whether there is a table of this name.
    pub fn has_table(&self) -> &'static str {
        match self.kind {
            Kind::Sqlite => "SELECT count(*) FROM sqlite_master WHERE name = $1",
            Kind::Postgres => {
                "SELECT count(*) FROM information_schema.tables \
                 WHERE table_schema = current_schema() AND table_name = $1"
            }
        }
    }

    /// Tells the other servers, once the transaction commits, that the log has this size.
    pub async fn notify(&self, connection: &mut AnyConnection, size: u64) -> sqlx::Result<()> {
        if self.kind == Kind::Postgres {
            let values = [Val::text(CHANNEL), Val::Text(size.to_string())];
            execute(connection, "SELECT pg_notify($1, $2)", values).await?;
        }
        Ok(())
    }

    /// The address to listen at, when other servers may write to the same database.
    pub fn listen_at(&self) -> Option<&str> {
        (self.kind == Kind::Postgres).then(|| self.options.database_url.as_str())
    }

    /// Removes what an erasure left behind in free space. SQLite has overwritten the pages
    /// (`secure_delete`) and now empties its log; PostgreSQL gives the old rows free.
    pub async fn clean_up(&self) -> sqlx::Result<()> {
        let mut connection = self.connect().await?;
        match self.kind {
            Kind::Sqlite => checkpoint(&mut connection).await?,
            Kind::Postgres => {
                sqlx::raw_sql("VACUUM event").execute(&mut connection).await?;
            }
        }
        connection.close().await
    }

    /// Makes sure that what can be read is on the disk, after a commit of which that is not
    /// known. When a sync fails, the kernel may drop what it could not write and still show it,
    /// so SQLite's log is written into the file and synced anew before anything builds on it.
    /// PostgreSQL ends itself then, and recovers.
    pub async fn settle(&self, connection: &mut AnyConnection) -> sqlx::Result<()> {
        match self.kind {
            Kind::Sqlite => checkpoint(connection).await,
            Kind::Postgres => Ok(()),
        }
    }

    /// Copies a SQLite database into an empty file; `None` where that is not possible.
    pub fn copy_statement(&self) -> Option<&'static str> {
        (self.kind == Kind::Sqlite).then_some("VACUUM INTO $1")
    }

    /// What an error means. Codes: sqlite.org/rescode.html; PostgreSQL's appendix A.
    pub fn trouble(&self, error: &sqlx::Error) -> Trouble {
        use sqlx::Error::{Io, PoolClosed, PoolTimedOut, Protocol, Tls, WorkerCrashed};
        match error {
            Io(_) | Tls(_) | Protocol(_) | PoolTimedOut | PoolClosed | WorkerCrashed => {
                Trouble::Gone
            }
            sqlx::Error::Database(database) => {
                let code = database.code().unwrap_or_default();
                match self.kind {
                    Kind::Sqlite => match code.parse::<i32>().map(|code| code & 0xff) {
                        Ok(13) => Trouble::Full,
                        Ok(10 | 14) => Trouble::Gone,
                        _ => Trouble::Refused,
                    },
                    Kind::Postgres => match code.as_ref() {
                        "53100" => Trouble::Full,
                        "53300" | "57P01" | "57P02" | "57P03" => Trouble::Gone,
                        code if code.starts_with("08") => Trouble::Gone,
                        _ => Trouble::Refused,
                    },
                }
            }
            _ => Trouble::Refused,
        }
    }

    /// An error for whoever asked, when nothing was written.
    pub fn error(&self, doing: &'static str) -> impl Fn(sqlx::Error) -> StoreError + use<> {
        let engine = self.clone();
        move |error| engine.error_of(doing, &error)
    }

    pub fn error_of(&self, doing: &'static str, error: &sqlx::Error) -> StoreError {
        let source = fault(error);
        match self.trouble(error) {
            Trouble::Full => StoreError::Full(source),
            Trouble::Gone => StoreError::Gone(source),
            Trouble::Refused => StoreError::Database { doing, source },
        }
    }
}

/// Writes SQLite's log into the file and empties it; it answers 1 when a reader was in the way.
async fn checkpoint(connection: &mut AnyConnection) -> sqlx::Result<()> {
    match one(connection, "PRAGMA wal_checkpoint(TRUNCATE)", []).await?.int(0)? {
        0 => Ok(()),
        _ => Err(sqlx::Error::PoolTimedOut),
    }
}

/// The message of an error without its details, which may repeat a row.
pub(crate) fn fault(error: &sqlx::Error) -> DatabaseFault {
    DatabaseFault(match error {
        sqlx::Error::Database(database) => database.message().to_owned(),
        other => other.to_string(),
    })
}

/// A path as part of an address: all but the plainest bytes as `%20`.
fn percent_encoded(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
    let encode = |byte: &u8| match plain(*byte) {
        true => char::from(*byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    path.as_os_str().as_encoded_bytes().iter().map(encode).collect()
}
