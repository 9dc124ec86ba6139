//! What the command line takes.

pub mod record;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

const NOTICE: &str =
    "Not a certified medical device. The guideline is a draft that nobody has signed yet. \
The clinician decides.

Exit codes: 0 decided or clean; 1 cannot decide yet, faults found, a property failed, or an edit \
that nobody would notice; 2 usage; \
3 unreadable or refused input; 4 internal fault.";

/// Back pain in the emergency department: MRI now, another scan, or none, and what next?
#[derive(Debug, Parser)]
#[command(name = "cauda", version, after_help = NOTICE, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Decide one patient and say why
    Assess(Assess),
    /// Ask in the terminal, best question first, and save the visit
    Interview(Interview),
    /// List every fact the guideline may ask about
    Facts(Facts),
    /// Check a guideline folder: form, names, sources, cases
    Check(Check),
    /// Write the pages of a folder in their canonical form
    Fmt(Fmt),
    /// Prove the safety properties of a guideline
    Verify(Verify),
    /// Compare two versions of a guideline: what is written, and who is answered, otherwise
    Diff(Diff),
    /// Write the guideline as pages to read, compare and sign
    Publish(Publish),
    /// Which small edits of a guideline would nobody notice?
    Mutate(Mutate),
    /// The record of all visits: verify, export, back up, restore, decide again
    Record(record::Record),
    /// Serve a department: the record, the staff pages
    Serve(Serve),
    /// Look whether `serve` would work with these settings, and say what to mend; nothing is changed
    Doctor(Serve),
    /// Serve a department of invented patients, to try everything
    Demo(Demo),
    /// A tour: eight patients from the article, each decided and explained
    Tour(Tour),
    /// Make invented data to try with
    #[command(subcommand)]
    Generate(Generate),
    /// Print a completion script for a shell
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Write the manual pages into a folder
    Man {
        /// The folder; it must exist.
        dir: PathBuf,
    },
}

/// Where in the visit the patient is.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum At {
    /// At the triage desk.
    Triage,
    /// At the physician's examination.
    Examination,
    /// When results are back.
    Results,
    /// Before going home.
    Discharge,
    /// Weeks later.
    FollowUp,
}

/// `cauda assess`
#[derive(Debug, Args)]
pub struct Assess {
    /// A visit as JSON, or `-` to read it from standard input
    #[arg(required_unless_present = "case")]
    pub file: Option<PathBuf>,
    /// A patient in the words of a page: '`saddle_numbness` new; all else clear'
    #[arg(long, conflicts_with = "file", value_name = "TEXT")]
    pub case: Option<String>,
    /// Another guideline folder; it is proved before it is used
    #[arg(long, value_name = "DIR")]
    pub guideline: Option<PathBuf>,
    /// A site's choices of local policy; the guideline is proved with them
    #[arg(long, value_name = "FILE")]
    pub site: Option<PathBuf>,
    /// Where in the visit the patient is; its questions come first. A nurse is at triage
    #[arg(long, value_enum)]
    pub at: Option<At>,
    /// Add or change one finding: --set temperature='38.4 Cel'
    #[arg(long, value_name = "FACT=VALUE", conflicts_with = "case")]
    pub set: Vec<String>,
    /// Every question and every change, not only the first few
    #[arg(long)]
    pub all: bool,
    /// JSON instead of a page
    #[arg(long)]
    pub json: bool,
}

/// Who answers.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Who {
    /// The patient or a carer.
    Patient,
    /// A nurse.
    Nurse,
    /// A physician.
    Physician,
}

impl Who {
    /// As a visit writes it.
    pub fn id(self) -> &'static str {
        match self {
            Who::Patient => "patient",
            Who::Nurse => "nurse",
            Who::Physician => "physician",
        }
    }
}

/// `cauda interview`
#[derive(Debug, Args)]
pub struct Interview {
    /// The visit to begin or to go on with; saved after every answer
    pub file: Option<PathBuf>,
    /// Who answers
    #[arg(long = "as", value_enum, default_value_t = Who::Physician, value_name = "ROLE")]
    pub role: Who,
    /// Name or staff number under what is signed as a group
    #[arg(long, value_name = "NAME")]
    pub signed: Option<String>,
    /// Another guideline folder; it is proved before it is used
    #[arg(long, value_name = "DIR")]
    pub guideline: Option<PathBuf>,
    /// A site's choices of local policy; the guideline is proved with them
    #[arg(long, value_name = "FILE")]
    pub site: Option<PathBuf>,
    /// Where in the visit the patient is; its questions come first. A nurse is at triage
    #[arg(long, value_enum)]
    pub at: Option<At>,
    /// The moment every answer is given, instead of the clock
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
}

/// `cauda facts`
#[derive(Debug, Args)]
pub struct Facts {
    /// Only facts whose id, group or wording holds this word
    pub word: Option<String>,
    /// Another guideline folder
    #[arg(long, value_name = "DIR")]
    pub guideline: Option<PathBuf>,
    /// JSON instead of a table
    #[arg(long)]
    pub json: bool,
}

/// `cauda check`
#[derive(Debug, Args)]
pub struct Check {
    /// The guideline folder
    pub dir: PathBuf,
    /// A site's choices of local policy, checked in the guideline
    #[arg(long, value_name = "FILE")]
    pub site: Option<PathBuf>,
    /// JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// `cauda fmt`
#[derive(Debug, Args)]
pub struct Fmt {
    /// The guideline folder
    pub dir: PathBuf,
    /// Only say which pages differ
    #[arg(long)]
    pub check: bool,
}

/// `cauda verify`
#[derive(Debug, Args)]
pub struct Verify {
    /// The guideline folder; without it, the one inside the program
    pub dir: Option<PathBuf>,
    /// A site's choices of local policy, proved with the guideline
    #[arg(long, value_name = "FILE", conflicts_with = "write_receipt")]
    pub site: Option<PathBuf>,
    /// Ask a second solver every question, too
    #[arg(long)]
    pub second_solver: bool,
    /// Random patients that the engine and the reference evaluator compare
    #[arg(long, default_value_t = 2_000, value_name = "N")]
    pub patients: u64,
    /// Seed of the random patients
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Count the states a patient can be in: the share that gets each answer
    #[arg(long)]
    pub shares: bool,
    /// Prove SP8, too: never less urgent than this older edition, but for DIR.lowered.toml
    #[arg(long, value_name = "OLD_DIR", conflicts_with = "population")]
    pub against: Option<PathBuf>,
    /// Write the receipt to this file if everything holds
    #[arg(long, value_name = "FILE")]
    pub write_receipt: Option<PathBuf>,
    /// Instead, take N generated patients through the guideline and compare with its ceilings
    #[arg(
        long,
        value_name = "N",
        num_args = 0..=1,
        default_missing_value = "100000",
        value_parser = clap::value_parser!(u64).range(1..=10_000_000),
        conflicts_with_all = ["second_solver", "patients", "write_receipt"]
    )]
    pub population: Option<u64>,
    /// The model of the patients; without it DIR.population.toml, else the one inside the program
    #[arg(long, value_name = "FILE", requires = "population")]
    pub model: Option<PathBuf>,
    /// Scale the danger signs of everybody else to this percentage: how much hangs on them?
    #[arg(
        long,
        value_name = "PERCENT",
        default_value_t = 100,
        value_parser = clap::value_parser!(u32).range(0..=1000),
        requires = "population"
    )]
    pub noise: u32,
    /// Only print every number of the model and where it is from
    #[arg(long, requires = "population")]
    pub numbers: bool,
    /// JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// `cauda mutate`
#[derive(Debug, Args)]
pub struct Mutate {
    /// The guideline folder
    pub dir: PathBuf,
    /// A site's choices of local policy; the pages of its options are changed, too
    #[arg(long, value_name = "FILE")]
    pub site: Option<PathBuf>,
    /// How many changes to draw
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub sample: usize,
    /// Seed of the draw
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Also every change of these files: red_flags/cauda_equina,facts/bladder
    #[arg(long, value_delimiter = ',', value_name = "PAGES")]
    pub pages: Vec<String>,
    /// Every change of every file
    #[arg(long)]
    pub all: bool,
    /// Only the lines that are missing, ready to be read and pasted
    #[arg(long, conflicts_with = "json")]
    pub lines: bool,
    /// JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// `cauda diff`
#[derive(Debug, Args)]
#[command(
    override_usage = "cauda diff [OPTIONS] [OLD] NEW",
    after_help = "Exit codes: 0 every patient is answered as before; 1 some are not; 2 usage; \
3 unreadable, or too large to compare; 4 internal fault."
)]
pub struct Diff {
    /// The folders of the old and the new version; `-`, or leaving out OLD, is
    /// the guideline inside the program
    #[arg(num_args = 1..=2, required = true, value_name = "OLD NEW")]
    pub folders: Vec<PathBuf>,
    /// Every kind of change, not only the first few
    #[arg(long)]
    pub all: bool,
    /// JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// `cauda publish`
#[derive(Debug, Args)]
pub struct Publish {
    /// The folder to write; new, empty, or an earlier publication
    #[arg(value_name = "OUT_DIR")]
    pub out: PathBuf,
    /// Another guideline folder
    #[arg(long, value_name = "DIR")]
    pub guideline: Option<PathBuf>,
    /// A site's choices of local policy, published and proved with the guideline
    #[arg(long, value_name = "FILE")]
    pub site: Option<PathBuf>,
    /// Compare with this older edition: what is written, and who is answered, otherwise
    #[arg(long, value_name = "OLD_DIR")]
    pub since: Option<PathBuf>,
    /// Add the guideline as a library of the Clinical Quality Language, in cql/
    #[arg(long)]
    pub cql: bool,
    /// Add it as FHIR R4 knowledge artifacts, in fhir/, under a site's own address:
    /// --fhir=https://ed.example.org/fhir
    #[arg(long, value_name = "BASE", num_args = 0..=1, require_equals = true,
          default_missing_value = cauda_knowledge::BASE)]
    pub fhir: Option<String>,
}

/// `cauda serve`. Every flag may stand in the environment or in the file of `--config` instead; a
/// flag counts before the environment, and that before the file.
#[derive(Debug, Args)]
pub struct Serve {
    /// A TOML file with these settings, `listen = "127.0.0.1:7070"`
    #[arg(long, value_name = "FILE", env = "CAUDA_CONFIG")]
    pub config: Option<PathBuf>,
    /// Address and port; port 0 takes any free one [default: 127.0.0.1:7070]
    #[arg(long, value_name = "ADDRESS:PORT", env = "CAUDA_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// A file the address is written to once the server answers
    #[arg(long, value_name = "FILE", env = "CAUDA_ADDRESS_FILE")]
    pub address_file: Option<PathBuf>,
    /// `postgres://…`, or a SQLite file, made if there is none [default: cauda.sqlite]
    #[arg(long, value_name = "DATABASE", env = "CAUDA_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// The key that signs the record, made if there is none [default: beside the SQLite file]
    #[arg(long, value_name = "FILE", env = "CAUDA_KEY_FILE")]
    pub key: Option<PathBuf>,
    /// A proxy in front encrypts the way to the pages
    #[arg(long, env = "CAUDA_BEHIND_PROXY")]
    pub behind_proxy: bool,
    /// Certificate chain, in PEM
    #[arg(long, value_name = "FILE", env = "CAUDA_TLS_CERTIFICATE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// Its private key, in PEM
    #[arg(long, value_name = "FILE", env = "CAUDA_TLS_KEY", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
    /// Minutes without a request after which a person signs in again [default: 15]
    #[arg(long, value_name = "MINUTES", env = "CAUDA_IDLE_MINUTES", value_parser = clap::value_parser!(u32).range(1..=720))]
    pub idle_minutes: Option<u32>,
    /// Time zone of the department, `Europe/Berlin` [default: UTC]
    #[arg(long, value_name = "ZONE", env = "CAUDA_TIME_ZONE")]
    pub time_zone: Option<String>,
    /// Name of the department, shown on every page
    #[arg(long, value_name = "NAME", env = "CAUDA_DEPARTMENT")]
    pub department: Option<String>,
    /// Patients may check at home where to go, at /check, without an account; it may be a device by law
    #[arg(long, env = "CAUDA_SELF_CHECK")]
    pub self_check: bool,
    /// Whom patients call when every minute counts, `112`
    #[arg(long, value_name = "NUMBER", env = "CAUDA_EMERGENCY_NUMBER")]
    pub emergency_number: Option<String>,
    /// The telephone of the department, shown to patients at home
    #[arg(long, value_name = "NUMBER", env = "CAUDA_TELEPHONE")]
    pub telephone: Option<String>,
    /// Where patients reach this server, `https://ed.example.org`: gives each of them a link to
    /// what happens next and to the check-ins at home; without it nobody gets one
    #[arg(long, value_name = "URL", env = "CAUDA_PATIENT_URL")]
    pub patient_url: Option<String>,
    /// Address and port at which scanners find the worklist; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS:PORT", env = "CAUDA_DICOM_LISTEN")]
    pub dicom_listen: Option<SocketAddr>,
    /// A file that address is written to
    #[arg(long, value_name = "FILE", env = "CAUDA_DICOM_ADDRESS_FILE")]
    pub dicom_address_file: Option<PathBuf>,
    /// Address and port at which other systems send HL7; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS:PORT", env = "CAUDA_HL7_LISTEN")]
    pub hl7_listen: Option<SocketAddr>,
    /// A file that address is written to
    #[arg(long, value_name = "FILE", env = "CAUDA_HL7_ADDRESS_FILE")]
    pub hl7_address_file: Option<PathBuf>,
    /// Another guideline folder, proved at the start
    #[arg(long, value_name = "DIR", env = "CAUDA_GUIDELINE")]
    pub guideline: Option<PathBuf>,
    /// The choices of a site
    #[arg(long, value_name = "FILE", env = "CAUDA_SITE")]
    pub site: Option<PathBuf>,
    /// Translations that the department has had checked and signed; docs/languages.md says how
    #[arg(long, value_name = "FILE", env = "CAUDA_WORDS")]
    pub words: Option<PathBuf>,
}

/// `cauda demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Address and port; port 0 takes any free one [default: 127.0.0.1:7070, or a free port]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// A file the address is written to once the server answers
    #[arg(long, value_name = "FILE")]
    pub address_file: Option<PathBuf>,
    /// Start an EHR beside it, with an order screen that shows the cards
    #[arg(long)]
    pub ehr: bool,
    /// Address and port of the worklist for scanners [default: a free port]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub dicom_listen: Option<SocketAddr>,
    /// Address and port at which it takes HL7 of this machine [default: a free port]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub hl7_listen: Option<SocketAddr>,
}

/// `cauda generate`
#[derive(Debug, Subcommand)]
pub enum Generate {
    /// A day of HL7 messages: arrivals, orders, bookings, reports that belong together
    Hl7Day(Hl7Day),
    /// A key pair of an EHR that is none, to call Cauda with: docs/ehr.md, "Try it on one machine"
    EhrKey(EhrKey),
    /// A call of an EHR, signed with such a key, about an invented patient, for curl to send
    EhrCall(EhrCall),
}

/// `cauda generate ehr-key`
#[derive(Debug, Args)]
pub struct EhrKey {
    /// The folder for key.pem, which its owner alone can read, and keys.json, its public half
    #[arg(value_name = "DIR")]
    pub out: PathBuf,
}

/// `cauda generate ehr-call`
#[derive(Debug, Args)]
pub struct EhrCall {
    /// The private key, as `generate ehr-key` made it or any in PKCS #8
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The address that is called: `url` of the settings, and the path
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// What the token says in `iss`: one of `issuers`
    #[arg(long, value_name = "TEXT", default_value = "https://ehr.example.org")]
    pub issuer: String,
    /// The folder for authorization.txt, which its owner alone can read, and body.json; what an
    /// earlier call left there is replaced
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// `cauda generate hl7-day`
#[derive(Debug, Args)]
pub struct Hl7Day {
    /// The same seed makes the same day
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many orders, up to 2000
    #[arg(long, default_value_t = 100)]
    pub orders: usize,
    /// The day, in UTC [default: today]
    #[arg(long, value_name = "YEAR-MONTH-DAY")]
    pub day: Option<String>,
    /// Orders as ORM^O01 of version 2.3.1 instead of OMI^O23
    #[arg(long)]
    pub orm: bool,
    /// Nothing is lost, late or told twice
    #[arg(long)]
    pub undisturbed: bool,
    /// An empty folder for one file a message, and day.json with what becomes of each order
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Send all of it to whoever listens there, by MLLP, one after the other
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub send: Option<String>,
}

/// `cauda tour`
#[derive(Debug, Args)]
pub struct Tour {
    /// Only the patient with this number
    #[arg(value_parser = clap::value_parser!(u8).range(1..=8))]
    pub patient: Option<u8>,
}
