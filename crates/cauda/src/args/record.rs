//! What `cauda record` takes.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};

const NOTICE: &str = "\
Exit codes: 0 whole, done, or every decision comes out the same; 1 a fault or a difference; 2 usage; \
3 a record, key or file that cannot be used; 4 internal fault.

An address with a password belongs in CAUDA_DATABASE: others on the machine can see a command line.";

/// `cauda record`
#[derive(Debug, Args)]
#[command(after_help = NOTICE)]
pub struct Record {
    /// What to do.
    #[command(subcommand)]
    pub command: RecordCommand,
}

/// The commands of the record.
#[derive(Debug, Subcommand)]
pub enum RecordCommand {
    /// Compute everything anew, and name every fault with its position
    Verify(RecordVerify),
    /// Write the record as lines of JSON that end with a signed head
    Export(RecordExport),
    /// Copy the record: a SQLite file, or an export of a PostgreSQL database
    Backup(RecordBackup),
    /// Read an export into an empty record, all of it or nothing
    Restore(RecordRestore),
    /// Decide every stored decision again, and list what comes out otherwise
    Replay(RecordReplay),
    /// Write everything about one patient, as they may ask for
    Subject(RecordSubject),
    /// Erase one patient; what proves the rest stays
    Erase(RecordErase),
    /// List patients whose time is over, and erase them if told to
    Retention(RecordRetention),
    /// Write who asked for what, as FHIR AuditEvent, a line each
    Audit(RecordAudit),
}

/// An address, which is never printed: it may hold a password.
#[derive(Clone)]
pub struct Address(pub String);

impl FromStr for Address {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Address, Infallible> {
        Ok(Address(text.to_owned()))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Address(…)")
    }
}

/// Where a record and its key are.
#[derive(Debug, Args)]
pub struct Place {
    /// The record: a SQLite file, or postgres://… of a PostgreSQL database
    #[arg(long, value_name = "FILE|ADDRESS", env = "CAUDA_DATABASE", hide_env_values = true)]
    pub database: Address,
    /// The key that signs it; of a SQLite file, FILE.key if this is left out
    #[arg(long, value_name = "FILE", env = "CAUDA_KEY_FILE", hide_env_values = true)]
    pub key: Option<PathBuf>,
}

/// Other keys to believe.
#[derive(Debug, Args)]
pub struct Signers {
    /// A public key that signed this record earlier or elsewhere, as 64 hexadecimal digits
    #[arg(long, value_name = "KEY")]
    pub signed_by: Vec<String>,
}

/// `cauda record verify`
#[derive(Debug, Args)]
pub struct RecordVerify {
    /// Where it is.
    #[command(flatten)]
    pub place: Place,
    /// Heads carried away earlier, a line each, or a whole export: the record must still have
    /// been so then. Their keys are believed
    #[arg(long, value_name = "FILE")]
    pub head: Vec<PathBuf>,
    /// Whom to believe.
    #[command(flatten)]
    pub signers: Signers,
    /// JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// `cauda record export`
#[derive(Debug, Args)]
pub struct RecordExport {
    /// Where it is.
    #[command(flatten)]
    pub place: Place,
    /// The file to make, or `-` for standard output. It holds everything about every patient
    pub file: PathBuf,
    /// Whom to believe.
    #[command(flatten)]
    pub signers: Signers,
}

/// `cauda record backup`
#[derive(Debug, Args)]
pub struct RecordBackup {
    /// Where it is.
    #[command(flatten)]
    pub place: Place,
    /// The file to make, or a folder in which one is made, named by the time
    #[arg(value_name = "DIR|FILE")]
    pub to: PathBuf,
    /// Whom to believe.
    #[command(flatten)]
    pub signers: Signers,
}

/// `cauda record restore`
#[derive(Debug, Args)]
pub struct RecordRestore {
    /// Where it is.
    #[command(flatten)]
    pub place: Place,
    /// The export, or `-` for standard input
    pub file: PathBuf,
    /// Whom to believe.
    #[command(flatten)]
    pub signers: Signers,
}

/// `cauda record replay`
#[derive(Debug, Args)]
pub struct RecordReplay {
    /// Where it is.
    #[command(flatten)]
    pub place: Place,
    /// Another guideline folder; it is proved before it is used
    #[arg(long, value_name = "DIR")]
    pub guideline: Option<PathBuf>,
    /// A site's choices of local policy; the guideline is proved with them
    #[arg(long, value_name = "FILE")]
    pub site: Option<PathBuf>,
    /// Only the visit with this id
    #[arg(long, value_name = "ID")]
    pub visit: Option<String>,
    /// JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// `cauda record subject`
#[derive(Debug, Args)]
pub struct RecordSubject {
    /// Where it is.
    #[command(flatten)]
    pub place: Place,
    /// The patient, by the number of this hospital or the id in the record
    #[arg(long, value_name = "NUMBER|ID")]
    pub patient: String,
    /// The file to make; only its owner can read it
    pub file: PathBuf,
}

/// `cauda record erase`
#[derive(Debug, Args)]
pub struct RecordErase {
    /// Where it is.
    #[command(flatten)]
    pub place: Place,
    /// The patient, by the number of this hospital or the id in the record
    #[arg(long, value_name = "NUMBER|ID")]
    pub patient: String,
    /// Why, for the audit; it must not say anything about the patient
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Who orders it, for the audit
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// Only name, birth, number and ways to reach; the visits stay, of nobody
    #[arg(long)]
    pub identity_only: bool,
    /// Do it; without this it only says what would go
    #[arg(long)]
    pub yes: bool,
    /// Whom to believe.
    #[command(flatten)]
    pub signers: Signers,
}

/// `cauda record retention`
#[derive(Debug, Args)]
pub struct RecordRetention {
    /// Where it is.
    #[command(flatten)]
    pub place: Place,
    /// Years since the last event of a patient
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=200))]
    pub years: u32,
    /// Who orders the erasure, for the audit
    #[arg(long, value_name = "NAME", requires = "yes")]
    pub by: Option<String>,
    /// Erase them; without this they are only listed, by their ids
    #[arg(long, requires = "by")]
    pub yes: bool,
    /// Whom to believe.
    #[command(flatten)]
    pub signers: Signers,
}

/// `cauda record audit`
#[derive(Debug, Args)]
pub struct RecordAudit {
    /// Where it is.
    #[command(flatten)]
    pub place: Place,
    /// First day, 2026-11-01
    #[arg(long, value_name = "DAY", default_value = "0000-00-00")]
    pub from: String,
    /// Last day
    #[arg(long, value_name = "DAY", default_value = "9999-99-99")]
    pub to: String,
    /// The file to make, or `-` for standard output
    pub file: PathBuf,
}
