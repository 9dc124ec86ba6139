//! `cauda record restore`: an export into an empty record, all of it or nothing.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use cauda_store::{Record, StoreError, Trust};

use super::{Progress, count, keys, options, refused};
use crate::args::record::RecordRestore;
use crate::error::CliError;

/// Runs the command; the number is the exit code.
///
/// # Errors
/// An export that cannot be read or does not fit together, a record that is not empty.
pub async fn run(args: &RecordRestore) -> Result<u8, CliError> {
    let trust = Trust { keys: keys(&args.signers)?, heads: Vec::new() };
    let mut input = input(&args.file)?;
    let options = options(&args.place)?;
    // One that is there is not given a new key, which would be made beside it.
    let record = match Record::open(&options.clone().existing()).await {
        Err(StoreError::Absent(_)) => Record::open(&options).await,
        found => found,
    };
    let record = record.map_err(refused)?;
    let mut progress = Progress::new();
    let done = record.restore(&mut *input, &trust, &mut |done| progress.tell(done, None)).await;
    drop(progress);
    let own = record.public_key();
    record.close().await;
    let done = done.map_err(refused)?;
    let (events, head) = (count(done.events, "event"), &done.head);
    crate::out::line(&format!("{events} restored\nroot {}", head.root));
    if head.key() != Some(own) {
        anstream::eprintln!(
            "the export is signed by {0}, not by this record's own key\n  \
             help: if you know that key, verify with --signed-by {0}",
            head.public_key
        );
    }
    Ok(0)
}

fn input(file: &Path) -> Result<Box<dyn BufRead + Send>, CliError> {
    if file == Path::new("-") {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let unreadable = |why: String| CliError::Unreadable { path: file.to_path_buf(), why };
    let opened = File::open(file).map_err(|error| unreadable(error.to_string()))?;
    match opened.metadata().is_ok_and(|found| found.is_dir()) {
        true => Err(unreadable("it is a folder; name the export in it".to_string())),
        false => Ok(Box::new(BufReader::new(opened))),
    }
}
