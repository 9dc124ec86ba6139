//! The only values that are bound to SQL or read from it: text, whole numbers, bytes.
//!
//! Both databases agree about these and about nothing else, so no other type may reach a
//! statement; numbers are always 64 bits wide, because PostgreSQL keeps the width of the first
//! one it sees.

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, Row as _};

/// A value for `$1`, `$2`, ….
#[derive(Clone, Debug)]
pub(crate) enum Val {
    /// A TEXT.
    Text(String),
    /// A BIGINT.
    Int(i64),
    /// A BYTEA.
    Blob(Vec<u8>),
    /// A missing BYTEA: what was erased.
    NoBlob,
}

impl Val {
    pub(crate) fn text(text: &str) -> Val {
        Val::Text(text.to_owned())
    }

    /// Positions and sequences are counted in `u64` and stored in 63 bits.
    pub(crate) fn count(number: u64) -> Val {
        Val::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }

    pub(crate) fn blob(bytes: &[u8]) -> Val {
        Val::Blob(bytes.to_vec())
    }
}

/// One row of an answer; columns are counted from 0.
pub(crate) struct Row(AnyRow);

impl Row {
    pub(crate) fn text(&self, column: usize) -> sqlx::Result<String> {
        self.0.try_get(column)
    }

    pub(crate) fn int(&self, column: usize) -> sqlx::Result<i64> {
        self.0.try_get(column)
    }

    /// A number that is never negative, unless somebody changed the database by hand.
    pub(crate) fn count(&self, column: usize) -> sqlx::Result<u64> {
        u64::try_from(self.int(column)?).map_err(|error| sqlx::Error::Decode(error.into()))
    }

    pub(crate) fn blob(&self, column: usize) -> sqlx::Result<Vec<u8>> {
        self.0.try_get(column)
    }

    pub(crate) fn blob_or_none(&self, column: usize) -> sqlx::Result<Option<Vec<u8>>> {
        self.0.try_get(column)
    }
}

/// Runs a statement; answers how many rows it changed.
pub(crate) async fn execute(
    connection: &mut AnyConnection,
    sql: &'static str,
    values: impl IntoIterator<Item = Val>,
) -> sqlx::Result<u64> {
    Ok(query(sql, values).execute(connection).await?.rows_affected())
}

/// Runs a statement and returns all its rows; the statement bounds how many.
pub(crate) async fn rows(
    connection: &mut AnyConnection,
    sql: &'static str,
    values: impl IntoIterator<Item = Val>,
) -> sqlx::Result<Vec<Row>> {
    Ok(query(sql, values).fetch_all(connection).await?.into_iter().map(Row).collect())
}

/// Runs a statement that answers with at most one row.
pub(crate) async fn row(
    connection: &mut AnyConnection,
    sql: &'static str,
    values: impl IntoIterator<Item = Val>,
) -> sqlx::Result<Option<Row>> {
    Ok(query(sql, values).fetch_optional(connection).await?.map(Row))
}

/// Runs a statement that always answers with one row.
pub(crate) async fn one(
    connection: &mut AnyConnection,
    sql: &'static str,
    values: impl IntoIterator<Item = Val>,
) -> sqlx::Result<Row> {
    row(connection, sql, values).await?.ok_or(sqlx::Error::RowNotFound)
}

fn query(
    sql: &'static str,
    values: impl IntoIterator<Item = Val>,
) -> Query<'static, Any, AnyArguments> {
    values.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Val::Text(text) => query.bind(text),
        Val::Int(number) => query.bind(number),
        Val::Blob(bytes) => query.bind(bytes),
        Val::NoBlob => query.bind(None::<Vec<u8>>),
    })
}
