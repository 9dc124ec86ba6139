//! `cauda record audit`: who asked for what, as FHIR AuditEvent.

use std::io::Write as _;
use std::path::Path;

use cauda_pathway::patient::Day;
use cauda_server::audit_events;

use super::{count, existing, failed, new_file};
use crate::args::record::RecordAudit;
use crate::error::CliError;

/// Runs the command; the number is the exit code.
///
/// # Errors
/// A day that is none, a record that cannot be read, a file that cannot be written.
pub async fn run(args: &RecordAudit) -> Result<u8, CliError> {
    for (flag, day) in [("--from", &args.from), ("--to", &args.to)] {
        let is_open = day == "0000-00-00" || day == "9999-99-99";
        if !is_open && Day::read(day).is_err() {
            return Err(CliError::Usage {
                message: format!("{flag} is no day"),
                help: "write it as 2026-11-01".into(),
            });
        }
    }
    let record = existing(&args.place).await?;
    let (from, to) = (args.from.as_str(), args.to.as_str());
    let unwritable = |error: std::io::Error| CliError::Unwritable {
        path: args.file.clone(),
        why: error.to_string(),
    };
    if args.file == Path::new("-") {
        let mut out = std::io::BufWriter::new(std::io::stdout());
        audit_events::write(&record, from, to, &mut out).await.map_err(failed)?;
        out.flush().map_err(unwritable)?;
    } else {
        let mut out = new_file(&args.file)?;
        let written = audit_events::write(&record, from, to, &mut out).await.map_err(failed)?;
        out.flush().and_then(|()| out.get_ref().sync_all()).map_err(unwritable)?;
        let events = count(written, "event");
        crate::out::line(&format!("{events} written to {}", args.file.display()));
    }
    record.close().await;
    Ok(0)
}
