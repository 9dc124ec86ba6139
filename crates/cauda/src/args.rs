//! What the command line takes.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

const NOTICE: &str =
    "Not a certified medical device. The guideline is a draft that nobody has signed yet. \
The clinician decides.

Exit codes: 0 decided or clean; 1 cannot decide yet, faults found, or a property failed; 2 usage; \
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
    /// List every fact the guideline may ask about
    Facts(Facts),
    /// Check a guideline folder: form, names, sources, cases
    Check(Check),
    /// Write the pages of a folder in their canonical form
    Fmt(Fmt),
    /// Prove the safety properties of a guideline
    Verify(Verify),
    /// A tour: eight patients from the article, each decided and explained
    Demo(Demo),
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
    /// Where in the visit the patient is; its questions come first
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
    /// Ask a second solver every question, too
    #[arg(long)]
    pub second_solver: bool,
    /// Random patients that the engine and the reference evaluator compare
    #[arg(long, default_value_t = 2_000, value_name = "N")]
    pub patients: u64,
    /// Seed of the random patients
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Write the receipt to this file if everything holds
    #[arg(long, value_name = "FILE")]
    pub write_receipt: Option<PathBuf>,
    /// JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// `cauda demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Only the patient with this number
    #[arg(value_parser = clap::value_parser!(u8).range(1..=8))]
    pub patient: Option<u8>,
}
