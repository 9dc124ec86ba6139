//! `cauda record subject`: everything about one patient, as they may ask for.

use std::fs;
use std::io::Write as _;

use cauda_server::notes;
use cauda_server::subject;

use super::{count, existing, failed, new_file, nobody};
use crate::args::record::RecordSubject;
use crate::error::CliError;

/// Runs the command; the number is the exit code.
///
/// # Errors
/// A record that cannot be read, a patient nobody knows, a file that cannot be written.
pub async fn run(args: &RecordSubject) -> Result<u8, CliError> {
    let record = existing(&args.place).await?;
    // After a restore the lists of patients are made first.
    notes::make(&record).await.map_err(failed)?;
    let found = subject::find(&record, &args.patient).await.map_err(failed)?;
    let subject = found.ok_or_else(nobody)?;
    let mut out = new_file(&args.file)?;
    let written = subject::hand_out(&record, &subject, &mut out).await.map_err(failed);
    let mut synced = || {
        out.flush().and_then(|()| out.get_ref().sync_all()).map_err(|error| CliError::Unwritable {
            path: args.file.clone(),
            why: error.to_string(),
        })
    };
    if let Err(error) = written.and_then(|()| synced()) {
        drop(fs::remove_file(&args.file));
        return Err(error);
    }
    let visits = count(subject.visits.len() as u64, "visit");
    crate::out::line(&format!("{visits} written to {}", args.file.display()));
    record.close().await;
    Ok(0)
}
