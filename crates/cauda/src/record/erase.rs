//! `cauda record erase`: one patient goes, and the tree of the rest stays.

use cauda_server::notes;
use cauda_server::subject::{self, Extent};

use super::{count, existing, failed, keys, nobody, now, own_key};
use crate::args::record::RecordErase;
use crate::error::CliError;

/// Runs the command; the number is the exit code.
///
/// # Errors
/// A record that cannot be used, a patient nobody knows or of whom something is open.
pub async fn run(args: &RecordErase) -> Result<u8, CliError> {
    let record = existing(&args.place).await?;
    // After a restore the lists of patients are made first.
    notes::make(&record).await.map_err(failed)?;
    own_key(&record, &keys(&args.signers)?).await?;
    let found = subject::find(&record, &args.patient).await.map_err(failed)?;
    let subject = found.ok_or_else(nobody)?;
    let open = subject::open(&record, &subject).await.map_err(failed)?;
    if !open.is_empty() {
        return Err(CliError::Record {
            message: "something is still to be done in a visit of this patient".into(),
            help: Some("close its tasks and stop its check-ins first; then erase".into()),
        });
    }
    let extent = if args.identity_only { Extent::Identity } else { Extent::Everything };
    let visits = count(subject.visits.len() as u64, "visit");
    let what = match extent {
        Extent::Identity => {
            format!("name, birth, number and ways to reach; {visits} would stay, of nobody")
        }
        Extent::Everything => format!("the registration and {visits}"),
    };
    if !args.yes {
        crate::out::line(&format!(
            "This would erase {what}. Add --yes to do it; it cannot be undone."
        ));
        record.close().await;
        return Ok(0);
    }
    let erased = subject::erase(&record, &subject, extent, &args.reason, &args.by, now()).await;
    let erased = count(erased.map_err(failed)? as u64, "stream");
    crate::out::line(&format!("{erased} erased. Backups and exports made before still hold them."));
    record.close().await;
    Ok(0)
}
