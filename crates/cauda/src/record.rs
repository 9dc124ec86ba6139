//! `cauda record`: the record from outside. Whole, carried away, brought back, and every
//! decision of it made again. No error repeats the address, a name or a finding.

mod audit;
mod backup;
mod erase;
mod export;
mod heads;
mod replay;
mod replayed;
mod restore;
mod retention;
mod subject;
mod verify;

use std::error::Error as _;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use cauda_store::{Options, PublicKey, Record, SignedHead, StoreError};

use crate::args::record::{Place, Record as Arguments, RecordCommand, Signers};
use crate::error::CliError;

/// Runs the command; the number is the exit code.
///
/// # Errors
/// A record, key or file that cannot be used.
pub fn run(args: &Arguments) -> Result<u8, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CliError::Internal(error.to_string()))?;
    runtime.block_on(async {
        match &args.command {
            RecordCommand::Verify(args) => verify::run(args).await,
            RecordCommand::Export(args) => export::run(args).await,
            RecordCommand::Backup(args) => backup::run(args).await,
            RecordCommand::Restore(args) => restore::run(args).await,
            RecordCommand::Replay(args) => replay::run(args).await,
            RecordCommand::Subject(args) => subject::run(args).await,
            RecordCommand::Erase(args) => erase::run(args).await,
            RecordCommand::Retention(args) => retention::run(args).await,
            RecordCommand::Audit(args) => audit::run(args).await,
        }
    })
}

/// A new file that only its owner can read.
fn new_file(path: &std::path::Path) -> Result<std::io::BufWriter<std::fs::File>, CliError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.map(std::io::BufWriter::new)
        .map_err(|error| CliError::Unwritable { path: path.to_path_buf(), why: error.to_string() })
}

/// What the server's part of the record could not do.
fn failed(error: cauda_server::ServerError) -> CliError {
    match error {
        cauda_server::ServerError::Store(error) => refused(error),
        other => CliError::Record { message: other.to_string(), help: None },
    }
}

/// Nobody has that number or id.
fn nobody() -> CliError {
    CliError::Record {
        message: "no patient of this record has that number or id".into(),
        help: Some(
            "look the number up on the arrival page; ids stand in `cauda record retention`".into(),
        ),
    }
}

/// How to open the record at a place; nothing is opened yet.
fn options(place: &Place) -> Result<Options, CliError> {
    let database = &place.database.0;
    if database.is_empty() || (database.contains("://") && !is_postgres(place)) {
        return Err(CliError::Usage {
            message: "--database is neither the path of a file nor postgres://…".into(),
            help: "as in --database record.db, or CAUDA_DATABASE=postgres://USER@HOST/NAME".into(),
        });
    }
    let key = match &place.key {
        Some(key) => key.clone(),
        None if is_postgres(place) => {
            return Err(CliError::Usage {
                message: "a PostgreSQL record needs the file of its key".into(),
                help: "give --key FILE, or set CAUDA_KEY_FILE".into(),
            });
        }
        None => PathBuf::from(format!("{database}.key")),
    };
    Ok(Options::new(database, key))
}

fn is_postgres(place: &Place) -> bool {
    ["postgres:", "postgresql:"].iter().any(|scheme| place.database.0.starts_with(scheme))
}

/// Opens a record that is there; makes and migrates nothing.
async fn existing(place: &Place) -> Result<Record, CliError> {
    Record::open(&options(place)?.existing()).await.map_err(refused)
}

/// The keys that were vouched for.
fn keys(signers: &Signers) -> Result<Vec<PublicKey>, CliError> {
    let read = |text: &String| {
        PublicKey::from_hex(text).ok_or_else(|| CliError::Usage {
            message: "--signed-by is no public key".into(),
            help: "it has 64 hexadecimal digits, as `cauda record verify` prints them".into(),
        })
    };
    signers.signed_by.iter().map(read).collect()
}

/// The last signed head of the record.
async fn last_head(record: &Record) -> Result<Option<SignedHead>, CliError> {
    let mut last: Option<SignedHead> = None;
    // Each page begins past the one before, so this ends.
    while let Some(head) = {
        let after = last.as_ref().map_or(0, |head| head.size);
        record.heads(after).await.map_err(refused)?.pop()
    } {
        last = Some(head);
    }
    Ok(last)
}

/// The key that signed the record last, when it is neither its own nor vouched for.
async fn stranger(record: &Record, vouched: &[PublicKey]) -> Result<Option<String>, CliError> {
    let head = last_head(record).await?;
    let known = |head: &SignedHead| {
        head.key().is_some_and(|key| key == record.public_key() || vouched.contains(&key))
    };
    Ok(head.filter(|head| !known(head)).map(|head| head.public_key))
}

/// Refuses to go on, and to sign, with a key that is not this record's own.
async fn own_key(record: &Record, vouched: &[PublicKey]) -> Result<(), CliError> {
    match stranger(record, vouched).await? {
        None => Ok(()),
        Some(key) => Err(CliError::Record {
            message: "the key is not the one that signed this record".into(),
            help: Some(other_key(&key)),
        }),
    }
}

fn other_key(key: &str) -> String {
    format!(
        "give --key the file of the record's own key; or, if you know from elsewhere that it was \
         signed by {key}, add --signed-by with that key"
    )
}

/// An error of the record with a way to mend it.
fn refused(error: StoreError) -> CliError {
    let help = match &error {
        StoreError::Closed => return CliError::Internal(error.to_string()),
        StoreError::Absent(_) => {
            "check --database or CAUDA_DATABASE; `cauda record restore` makes a record of an export"
        }
        StoreError::Key { .. } => "give --key, or CAUDA_KEY_FILE, the file of the record's own key",
        StoreError::NotEmpty { .. } => {
            "give --database a file that does not exist yet, or an empty database"
        }
        StoreError::Export { .. } => "nothing was written; take another copy of the export",
        StoreError::Damaged { .. } => {
            "`cauda record verify` lists every fault; go back to a backup that verifies"
        }
        StoreError::Gone(_) => "start the database, or check --database or CAUDA_DATABASE",
        StoreError::Full(_) => "free some room, then run this again",
        StoreError::Database { .. } => "check that --database is a record, and who may read it",
        StoreError::Malformed(_) => "as in postgres://USER:PASSWORD@HOST/NAME",
        StoreError::NewerDatabase { .. } | StoreError::MigrationChanged { .. } => {
            "take the version of cauda that the record was last opened with"
        }
        _ => "",
    };
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    CliError::Record { message, help: Some(help.to_owned()).filter(|help| !help.is_empty()) }
}

/// The clock, in microseconds since 1970 UTC.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// `1 event`, `3 events`
fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// How far it is, on standard error, for a person who waits there.
struct Progress {
    shown: bool,
    next: u64,
}

/// Events between two words of progress.
const PROGRESS_EVERY: u64 = 10_000;

impl Progress {
    fn new() -> Progress {
        Progress { shown: std::io::stderr().is_terminal(), next: PROGRESS_EVERY }
    }

    fn tell(&mut self, done: u64, of: Option<u64>) {
        if self.shown && done >= self.next {
            self.next = done + PROGRESS_EVERY;
            let of = of.map_or(String::new(), |of| format!(" of {of}"));
            anstream::eprint!("\r{done}{of} events");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.next > PROGRESS_EVERY {
            anstream::eprint!("\r\u{1b}[K");
        }
    }
}
