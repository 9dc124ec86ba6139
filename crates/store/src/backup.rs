//! Backups: a copy of the SQLite file, or an export where there is no file to copy.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use sqlx::Connection as _;

use crate::value::{Val, execute};
use crate::{Record, StoreError};

/// What a backup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupKind {
    /// A SQLite file: open it as a record.
    Sqlite,
    /// An export: restore it into an empty record.
    Export,
}

impl Record {
    /// Copies the record as it is now to a new file that only its owner can read. The signing
    /// key is not in it. `at` is the time of an export's head, in microseconds since 1970 UTC.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the file exists or cannot be written, [`StoreError::Full`],
    /// [`StoreError::Gone`], and what [`Record::export`] tells.
    pub async fn backup(
        &self,
        file: &Path,
        at: i64,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<BackupKind, StoreError> {
        let io = |source| StoreError::Io { doing: "writing the backup", source };
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
        let made = made.map_err(io)?;
        let copied = self.copy(made, file, at, progress).await;
        if copied.is_err() {
            // Half a backup is none.
            drop(fs::remove_file(file));
        }
        copied
    }

    async fn copy(
        &self,
        made: File,
        file: &Path,
        at: i64,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<BackupKind, StoreError> {
        let io = |source| StoreError::Io { doing: "writing the backup", source };
        let failed = self.engine().error("backing up the record");
        let Some(statement) = self.engine().copy_statement() else {
            let mut out = BufWriter::new(made);
            self.export(&mut out, at, progress).await?;
            out.flush().and_then(|()| out.get_ref().sync_all()).map_err(io)?;
            return Ok(BackupKind::Export);
        };
        let path = file.to_str().ok_or(StoreError::Malformed("the path is not valid UTF-8"))?;
        let mut connection = self.engine().connect().await.map_err(&failed)?;
        execute(&mut connection, statement, [Val::text(path)]).await.map_err(&failed)?;
        drop(connection.close().await);
        File::open(file).and_then(|copy| copy.sync_all()).map_err(io)?;
        Ok(BackupKind::Sqlite)
    }
}
