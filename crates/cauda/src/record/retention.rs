//! `cauda record retention`: patients whose time is over.

use cauda_server::notes;
use cauda_server::subject::{self, Extent};

use super::{count, existing, failed, keys, now, own_key};
use crate::args::record::RecordRetention;
use crate::error::CliError;

const YEAR_MICROS: i64 = 31_557_600_000_000;

/// Runs the command; the number is the exit code.
///
/// # Errors
/// A record that cannot be used.
pub async fn run(args: &RecordRetention) -> Result<u8, CliError> {
    let record = existing(&args.place).await?;
    // After a restore the lists of patients are made first.
    notes::make(&record).await.map_err(failed)?;
    own_key(&record, &keys(&args.signers)?).await?;
    let before = now() - i64::from(args.years) * YEAR_MICROS;
    let old = subject::untouched_since(&record, before).await.map_err(failed)?;
    for subject in &old {
        crate::out::line(subject.name());
    }
    let patients = count(old.len() as u64, "patient");
    match &args.by {
        Some(by) if args.yes => {
            let reason = format!("retention of {} years is over", args.years);
            for subject in &old {
                let extent = Extent::Everything;
                subject::erase(&record, subject, extent, &reason, by, now())
                    .await
                    .map_err(failed)?;
            }
            crate::out::line(&format!("{patients} erased"));
        }
        _ => crate::out::line(&format!("{patients}; add --yes and --by to erase them")),
    }
    record.close().await;
    Ok(0)
}
