//! `cauda record export`: the record as lines of JSON, in a new file or on standard output.

use std::fs::{self, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use cauda_store::{Exported, Record};

use super::{Progress, count, existing, keys, now, own_key, refused};
use crate::args::record::RecordExport;
use crate::error::CliError;

/// Runs the command; the number is the exit code.
///
/// # Errors
/// A record that cannot be read or is damaged, a file that exists or cannot be written.
pub async fn run(args: &RecordExport) -> Result<u8, CliError> {
    let vouched = keys(&args.signers)?;
    let record = existing(&args.place).await?;
    own_key(&record, &vouched).await?;
    if args.file == Path::new("-") {
        // A reader who goes away has not got the whole of it, so that is an error here.
        write(&record, &mut BufWriter::new(std::io::stdout())).await?;
    } else {
        let exported = to_file(&record, &args.file).await?;
        let events = count(exported.events, "event");
        let (file, root) = (args.file.display(), &exported.head.root);
        crate::out::line(&format!("{events} exported to {file}\nroot {root}"));
    }
    record.close().await;
    Ok(0)
}

/// A new file that only its owner can read; half of one is removed.
async fn to_file(record: &Record, file: &Path) -> Result<Exported, CliError> {
    let unwritable = |error: std::io::Error| CliError::Unwritable {
        path: file.to_path_buf(),
        why: error.to_string(),
    };
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let mut out = BufWriter::new(made.map_err(unwritable)?);
    let done = write(record, &mut out).await;
    let done = done.and_then(|exported| {
        let synced = out.flush().and_then(|()| out.get_ref().sync_all());
        synced.map(|()| exported).map_err(unwritable)
    });
    if done.is_err() {
        drop(fs::remove_file(file));
    }
    done
}

async fn write(record: &Record, out: &mut (dyn Write + Send)) -> Result<Exported, CliError> {
    let mut progress = Progress::new();
    let done = record.export(out, now(), &mut |done, of| progress.tell(done, Some(of))).await;
    done.map_err(refused)
}
