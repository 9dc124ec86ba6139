//! `cauda record backup`: a copy in a new file. The key is not in it.

use std::path::{Path, PathBuf};

use cauda_guideline::time;
use cauda_store::BackupKind;

use super::{Progress, existing, is_postgres, keys, now, own_key, refused};
use crate::args::record::RecordBackup;
use crate::error::CliError;

/// Runs the command; the number is the exit code.
///
/// # Errors
/// A record that cannot be read, a file that exists or cannot be written.
pub async fn run(args: &RecordBackup) -> Result<u8, CliError> {
    let vouched = keys(&args.signers)?;
    let record = existing(&args.place).await?;
    own_key(&record, &vouched).await?;
    let at = now();
    let file = named(&args.to, at, if is_postgres(&args.place) { "jsonl" } else { "db" });
    if file.exists() {
        let why = "it exists already; name a new file, or a folder".to_string();
        return Err(CliError::Unwritable { path: file, why });
    }
    let mut progress = Progress::new();
    let copied = record.backup(&file, at, &mut |done, of| progress.tell(done, Some(of))).await;
    drop(progress);
    let kind = copied.map_err(refused)?;
    record.close().await;
    let file = file.display();
    crate::out::line(&match kind {
        BackupKind::Sqlite => format!(
            "backup written to {file}\n\
             check it: cauda record verify --database {file} --key KEY_FILE"
        ),
        BackupKind::Export => format!(
            "export written to {file}\n\
             bring it back: cauda record restore --database EMPTY --key KEY_FILE {file}"
        ),
    });
    Ok(0)
}

/// The file itself, or one in a folder: `record-20261125T001500Z.db`.
fn named(to: &Path, at: i64, ending: &str) -> PathBuf {
    if !to.is_dir() {
        return to.to_path_buf();
    }
    let time: String =
        time::write(at / 1_000_000).chars().filter(|sign| !"-:".contains(*sign)).collect();
    to.join(format!("record-{time}.{ending}"))
}
