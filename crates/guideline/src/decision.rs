//! The whole answer for one patient: verdict, reasons, what is missing, what
//! would change it. Built to be read by people and to serialise with a fixed
//! order, so that the same input gives the same bytes.

mod words;
mod writer;

use serde::Serialize;

use crate::decide::State;
use crate::facts::{By, Stage};
use crate::resolve::Reason;
use crate::vocabulary::{FirstStep, Tier};

pub use words::{cells_text, said_text};
pub use writer::explain;

/// Which guideline and engine decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Basis {
    /// `back_pain`
    pub id: String,
    /// `0.1.0`
    pub version: String,
    /// SHA-256 of the guideline's files.
    pub sha256: String,
    /// Draft or signed.
    pub status: String,
    /// Version of the engine.
    pub engine: &'static str,
}

/// The article's classification of the pain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Classification {
    /// Every concern is excluded.
    CommonNonSpecific,
    /// A concern is raised.
    PotentiallyComplicated,
    /// Neither, until more is known.
    CannotDecideYet,
    /// A child, or nobody knows the age.
    OutsideGuideline,
}

impl Classification {
    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Classification::CommonNonSpecific => "common non-specific back pain",
            Classification::PotentiallyComplicated => "potentially complicated",
            Classification::CannotDecideYet => "cannot decide yet",
            Classification::OutsideGuideline => "outside the guideline: adults only",
        }
    }
}

/// The interval of urgency (E5) and what is acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Urgency {
    /// Acted on now.
    pub acted_on: Tier,
    /// If every unknown reassures.
    pub at_least: Tier,
    /// If every unknown is dangerous.
    pub at_most: Tier,
}

/// A phrase of the vocabulary with its wording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Spoken {
    /// Its id.
    pub id: String,
    /// For staff.
    pub staff: String,
    /// For patients.
    pub patient: String,
}

/// One fact with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its id.
    pub fact: String,
    /// Its name for staff.
    pub name: String,
    /// Its value, or why it is unknown.
    pub value: String,
}

/// A concern page and what it makes of the patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConcernAnswer {
    /// Page id, `red_flags/cauda_equina`.
    pub page: String,
    /// Heading of the page.
    pub title: String,
    /// The concern of the vocabulary it belongs to.
    pub concern: String,
    /// Raised, open or excluded.
    pub state: State,
    /// Its urgency.
    pub tier: Tier,
    /// Nothing more can be learnt of it.
    pub stuck: bool,
    /// It settles upward at this tier.
    pub settles_at: Option<Tier>,
    /// A subset-minimal set of facts that raises it.
    pub because: Vec<Shown>,
    /// Other danger signs that its rules look at.
    pub also: Vec<Shown>,
    /// Facts it waits for.
    pub waits_for: Vec<String>,
    /// Sources of the page with what was read of each.
    pub sources: Vec<Cited>,
}

/// A source as cited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cited {
    /// Its id.
    pub id: String,
    /// How well it was read.
    pub read: &'static str,
}

/// A scan the guideline asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Imaging {
    /// Its id and wording.
    #[serde(flatten)]
    pub spoken: Spoken,
    /// `mri`, `ct`, `xray`.
    pub modality: String,
    /// Where.
    pub region: String,
    /// Contrast.
    pub contrast: String,
    /// Expected minutes on the table, least and most.
    pub minutes: Option<[u32; 2]>,
    /// Urgency.
    pub tier: Tier,
    /// Deadline and what starts its clock.
    pub within: Option<String>,
    /// Pages that ask for it.
    pub pages: Vec<String>,
    /// What to do if no scanner is free in time.
    pub no_scanner_in_time: Vec<Spoken>,
    /// What to do if the patient cannot be scanned.
    pub patient_cannot_be_scanned: Vec<Spoken>,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Action {
    /// `first`, `meanwhile`, `do`, `advise`, `call`, `ask`, `if_not_known`.
    pub when: String,
    /// What.
    #[serde(flatten)]
    pub spoken: Spoken,
    /// Pages that say so.
    pub pages: Vec<String>,
}

/// A question that could change the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Its id.
    pub fact: String,
    /// Its name for staff.
    pub name: String,
    /// In words for the patient.
    pub patient: String,
    /// The file of facts it stands in.
    pub group: String,
    /// Why it is unknown.
    pub reason: Reason,
    /// How it is come by.
    pub by: By,
    /// When it is asked.
    pub at: Vec<Stage>,
    /// The highest urgency that waits for it.
    pub could_reach: Tier,
    /// It cannot change urgency or disposition any more, only the details.
    pub detail_only: bool,
}

/// A single different answer and what it would alter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WouldChange {
    /// The fact.
    pub fact: String,
    /// Its name for staff.
    pub name: String,
    /// The other value.
    pub value: String,
    /// Whether the fact is unknown now.
    pub unknown_now: bool,
    /// Urgency acted on then.
    pub acted_on: Tier,
    /// Greatest possible urgency then.
    pub at_most: Tier,
    /// Disposition then.
    pub disposition: Option<String>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// What decided.
    pub guideline: Basis,
    /// The moment decided about.
    pub as_of: Option<String>,
    /// Until when it holds without a new entry.
    pub valid_until: Option<String>,
    /// SHA-256 of the facts used.
    pub facts_sha256: String,
    /// Common, complicated, or not decided.
    pub classification: Classification,
    /// Further answers can change neither urgency nor disposition.
    pub decided: bool,
    /// A fault of the guideline: a clinician has to review it.
    pub clinician_review: bool,
    /// How urgent.
    pub urgency: Urgency,
    /// What is done first.
    pub first_step: FirstStep,
    /// Where the patient goes; `None` is "cannot decide yet".
    pub disposition: Option<Spoken>,
    /// Every concern.
    pub concerns: Vec<ConcernAnswer>,
    /// Scans asked for, the most urgent first.
    pub imaging: Vec<Imaging>,
    /// Why no scan, when none is asked for.
    pub no_imaging_because: Vec<Spoken>,
    /// Danger signs present that raise no concern by themselves.
    pub noted: Vec<Shown>,
    /// What to do, in order.
    pub actions: Vec<Action>,
    /// A subset-minimal set of facts that forces urgency and disposition.
    pub why: Vec<Shown>,
    /// What to ask, in order.
    pub missing: Vec<Missing>,
    /// Asked for, cannot be had.
    pub cannot_be_had: Vec<Shown>,
    /// Unsafe to ask now.
    pub withheld: Vec<String>,
    /// Unknown, and no answer can matter any more.
    pub cannot_matter: Vec<String>,
    /// Single answers that would change it.
    pub would_change: Vec<WouldChange>,
    /// Conflicts, stale and unreliable answers, assumptions.
    pub notes: Vec<String>,
}
