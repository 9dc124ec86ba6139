//! The schema: a list of texts that are run once each, in order, in one transaction.
//!
//! A database remembers the hash of every text it was made with. One made by a newer program is
//! refused, because this one would not know what it must not break.

use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, Connection as _};

use crate::StoreError;
use crate::engine::Engine;
use crate::value::{Val, execute, one, row, rows};

/// Version of the schema of this program.
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// Migration 1 first. A text that was released is never changed: a new one is added.
const MIGRATIONS: &[&str] =
    &[include_str!("../migrations/0001_record.sql"), include_str!("../migrations/0002_notes.sql")];

/// Brings the database to version `to`, or leaves it as it is.
pub(crate) async fn migrate(
    engine: &Engine,
    connection: &mut AnyConnection,
    to: i64,
) -> Result<(), StoreError> {
    let failed = engine.error("migrating the record");
    let mut transaction = connection.begin_with(engine.begin()).await.map_err(&failed)?;
    engine.lock_schema(&mut transaction).await.map_err(&failed)?;
    let done = applied(engine, &mut transaction).await.map_err(&failed)?;
    is_known(&done)?;
    for (version, sql) in (1..=to).zip(MIGRATIONS).skip(done.len()) {
        sqlx::raw_sql(*sql).execute(&mut *transaction).await.map_err(&failed)?;
        let values = [Val::Int(version), Val::Blob(checksum_of(sql))];
        execute(&mut transaction, RECORD, values).await.map_err(&failed)?;
    }
    transaction.commit().await.map_err(&failed)
}

/// Refuses a database that is not of this version, without changing it.
pub(crate) async fn is_current(
    engine: &Engine,
    connection: &mut AnyConnection,
) -> Result<(), StoreError> {
    let failed = engine.error("opening the record");
    if !is_begun(engine, connection).await.map_err(&failed)? {
        return Err(StoreError::Absent("the database holds no record"));
    }
    let done = list(connection).await.map_err(&failed)?;
    is_known(&done)?;
    match done.last().map_or(0, |last| last.0) {
        0 => Err(StoreError::Absent("the database holds no record")),
        SCHEMA_VERSION => Ok(()),
        found => Err(StoreError::OlderDatabase { found, known: SCHEMA_VERSION }),
    }
}

/// Refuses migrations that are not of this program.
fn is_known(done: &[(i64, Vec<u8>)]) -> Result<(), StoreError> {
    for (at, (version, checksum)) in done.iter().enumerate() {
        match MIGRATIONS.get(at) {
            None => {
                let found = done.last().map_or(0, |last| last.0);
                return Err(StoreError::NewerDatabase { found, known: SCHEMA_VERSION });
            }
            Some(sql) if *checksum != checksum_of(sql) => {
                return Err(StoreError::MigrationChanged { version: *version });
            }
            Some(_) => {}
        }
    }
    Ok(())
}

async fn is_begun(engine: &Engine, connection: &mut AnyConnection) -> sqlx::Result<bool> {
    let found = one(connection, engine.has_table(), [Val::text("schema_migration")]).await?;
    Ok(found.int(0)? > 0)
}

/// Which migrations the database has, in order; an empty one is made ready for them.
async fn applied(
    engine: &Engine,
    connection: &mut AnyConnection,
) -> sqlx::Result<Vec<(i64, Vec<u8>)>> {
    if !is_begun(engine, connection).await? {
        execute(connection, CREATE, []).await?;
        return Ok(Vec::new());
    }
    list(connection).await
}

async fn list(connection: &mut AnyConnection) -> sqlx::Result<Vec<(i64, Vec<u8>)>> {
    let found = rows(connection, LIST, []).await?;
    found.iter().map(|row| Ok((row.int(0)?, row.blob(1)?))).collect()
}

/// The version of the database; 0 for an empty one.
pub(crate) async fn version(connection: &mut AnyConnection) -> sqlx::Result<i64> {
    row(connection, "SELECT coalesce(max(version), 0) FROM schema_migration", [])
        .await?
        .map_or(Ok(0), |row| row.int(0))
}

fn checksum_of(sql: &str) -> Vec<u8> {
    Sha256::digest(sql.as_bytes()).to_vec()
}

const CREATE: &str = "CREATE TABLE schema_migration \
    (version BIGINT NOT NULL PRIMARY KEY, checksum BYTEA NOT NULL)";
const LIST: &str = "SELECT version, checksum FROM schema_migration ORDER BY version";
const RECORD: &str = "INSERT INTO schema_migration (version, checksum) VALUES ($1, $2)";
