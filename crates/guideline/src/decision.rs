//! The whole answer for one patient: verdict, reasons, what is missing, what
//! would change it. Built to be read by people and to serialise with a fixed
//! order, so that the same input gives the same bytes.

mod advice;
mod assumed;
mod groups;
mod imaging;
mod words;
mod writer;

use serde::Serialize;

use crate::decide::State;
use crate::facts::{By, Stage};
use crate::resolve::Reason;
use crate::vocabulary::{FirstStep, Tier};

pub use groups::{OpenGroup, asked_alone, open_groups};
pub use words::{cells_text, said_text};
pub use writer::{explain, told};

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
    /// Screened as a group, by one signature (CR6).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub screened_as_group: bool,
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
    /// Facts nobody said, whose assumed "new" its title would claim (CR4).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assumed_new: Vec<String>,
    /// What is said instead of the title, where the title claims more than was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said_less: Option<String>,
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
    /// The least sequences.
    pub protocol: Option<String>,
    /// What it cannot show.
    pub limits: Option<String>,
    /// Lesser images that it answers too.
    pub covers: Vec<String>,
    /// Why it must not be done as it stands; the fallback applies.
    pub held_by: Vec<Spoken>,
    /// Facts the scanner must know before the patient lies down. They delay the
    /// scan, never the request.
    pub ask_before: Vec<Shown>,
}

/// What a page that only advises makes of the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AdviceState {
    /// Its rule holds for certain.
    Given,
    /// It waits for answers.
    Waits,
    /// Its rule does not hold.
    NotGiven,
}

/// A page that only advises: treatment, scanner, follow-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Advised {
    /// Page id, `treatment/ibuprofen`.
    pub page: String,
    /// Heading of the page.
    pub title: String,
    /// Whether it is given.
    pub state: AdviceState,
    /// What it says, each line under its key.
    pub says: Vec<AdvisedLine>,
    /// Of advice that is not given: known facts against it that are not clear.
    pub because: Vec<Shown>,
    /// Of advice that waits: facts it waits for.
    pub waits_for: Vec<Shown>,
    /// Sources of the page with what was read of each.
    pub sources: Vec<Cited>,
}

/// One phrase of advice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AdvisedLine {
    /// `offer`, `scan`, `refer`, `image`, `do`, `advise`, `call`.
    pub key: String,
    /// How soon, of a referral.
    pub within: Option<String>,
    /// What.
    #[serde(flatten)]
    pub spoken: Spoken,
}

/// What the report of a scan means for a concern (CR17).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reported {
    /// The results page.
    pub page: String,
    /// Its heading.
    pub title: String,
    /// The concern of the vocabulary.
    pub concern: String,
    /// The row of `## After the scan`.
    pub row: String,
    /// Whether it closes the concern.
    pub closes: bool,
    /// What to do now.
    pub says: Vec<AdvisedLine>,
}

/// A group of facts somebody signed as clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signed {
    /// Its id.
    pub attestation: String,
    /// What was attested.
    pub staff: String,
    /// Facts that are clear by it.
    pub covers: Vec<String>,
    /// Facts of the group of which something else was said: they stay as they are.
    pub not_covered: Vec<Shown>,
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

/// The part of the answer that is acted on: scans, and what is said and done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Concerns of the vocabulary that are raised, in reading order.
    pub suspects: Vec<String>,
    /// Scans asked for, the most urgent first.
    pub imaging: Vec<Imaging>,
    /// Why no scan, when none is asked for.
    pub no_imaging_because: Vec<Spoken>,
    /// What to do, in order.
    pub actions: Vec<Action>,
    /// What the reports so far mean.
    pub results: Vec<Reported>,
    /// Advice that is given: treatment, the scanner, follow-up.
    pub advice: Vec<Advised>,
    /// When to come back at once, for a patient who leaves.
    pub return_list: Vec<Spoken>,
}

impl Told {
    /// Ids of the scans, in their order.
    pub fn scans(&self) -> Vec<String> {
        self.imaging.iter().map(|image| image.spoken.id.clone()).collect()
    }

    /// Ids of the scans that must not be done as they stand, in their order.
    pub fn held(&self) -> Vec<String> {
        let held = self.imaging.iter().filter(|image| !image.held_by.is_empty());
        held.map(|image| image.spoken.id.clone()).collect()
    }

    /// Ids of every phrase but the scans.
    pub fn phrases(&self) -> Vec<String> {
        let fallbacks = self.imaging.iter().flat_map(|image| {
            image.no_scanner_in_time.iter().chain(&image.patient_cannot_be_scanned)
        });
        let actions = self.actions.iter().map(|action| &action.spoken);
        let held = self.imaging.iter().flat_map(|image| &image.held_by);
        let reported = self.results.iter().flat_map(|report| &report.says);
        let advised = self.advice.iter().flat_map(|advice| &advice.says);
        let spoken = actions
            .chain(&self.no_imaging_because)
            .chain(fallbacks)
            .chain(held)
            .chain(reported.chain(advised).map(|line| &line.spoken))
            .chain(&self.return_list);
        spoken.map(|spoken| spoken.id.clone()).collect()
    }
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
    /// What the reports so far mean.
    pub results: Vec<Reported>,
    /// Treatment that may be offered, that waits for answers, that may not.
    pub treatment: Vec<Advised>,
    /// What the scanner must know or do.
    pub scanner: Vec<Advised>,
    /// What happens after the visit.
    pub follow_up: Vec<Advised>,
    /// When to come back at once, for a patient who leaves.
    pub return_list: Vec<Spoken>,
    /// Groups signed as clear.
    pub signed: Vec<Signed>,
    /// Where the patient goes if a senior physician signs for what cannot be
    /// known (CR6).
    pub if_senior_signs: Option<Spoken>,
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
