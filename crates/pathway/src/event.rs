//! What happened in a visit, as the record keeps it for years.
//!
//! JSON: `{"version":1,"at":…,"by":{"id":…,"role":…},"command":…,"what":{kind:{…}}}`.
//! Unknown fields and kinds are refused, not skipped: a field this program does
//! not know may be the danger sign, and a fold without it would reassure. A
//! change of the form raises [`VERSION`]; readers keep reading every older one.
//! Nothing is edited: a correction is an event of its own.

use cauda_guideline::facts::Role;
use cauda_guideline::vocabulary::Tier;
use serde::{Deserialize, Serialize};

use crate::check_in::{DangerTold, Planned};
use crate::closed_list::closed_list;
use crate::identity::{Actor, ActorId, CommandId, Text, VisitId};
use crate::wire;

pub use crate::what::What;

/// Version of the form of an event. 2 brought the time at home: check-ins, what was released to the
/// patient, links; 3 brought the picture that is taken in place of the one ordered. Streams of
/// earlier versions read as before.
pub const VERSION: u32 = 3;

/// Number of an order, test or report inside its visit, from 1.
pub type ResultNumber = u32;
/// Number of a task inside its visit, from 1.
pub type TaskNumber = u32;
/// Number of a finding inside its visit, from 1.
pub type FindingNumber = u32;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Version of its form.
    #[serde(deserialize_with = "known_version")]
    pub version: u32,
    /// When it was recorded.
    #[serde(with = "wire::instant")]
    pub at: i64,
    /// Who did it; what the program worked out is the system's.
    pub by: Actor,
    /// The command it came from.
    pub command: CommandId,
    /// What happened.
    pub what: What,
}

/// A version this program can read; a newer one would be read in part.
fn known_version<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let version = u32::deserialize(from)?;
    if (1..=VERSION).contains(&version) {
        return Ok(version);
    }
    let message = format!("an event of version {version}; this program reads 1 to {VERSION}");
    Err(serde::de::Error::custom(message))
}

/// What one person said of one fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingSaid {
    /// Id of the fact.
    pub fact: String,
    /// The value as the guideline reads it: `new`, `38.4 Cel`, `declined`.
    pub value: String,
    /// Who said it, which is not always who wrote it down.
    pub said_by: Role,
    /// When it was so.
    #[serde(with = "wire::instant")]
    pub at: i64,
    /// Power was held back by pain (CR5).
    pub limited_by_pain: bool,
}

closed_list! {
    /// Why less is done than the guideline asks.
    LessReason {
        PatientDeclines = "the patient declines, with capacity",
        AlreadyScanned = "scanned already for this episode",
        OtherCauseFound = "another cause explains the signs",
        ScannerUnsafe = "the scanner is not safe for this patient",
        SpecialistAdvice = "a specialist advises otherwise",
        PalliativeGoals = "goals of care",
        CannotBeReached = "cannot be reached here in time; arranged elsewhere",
        ClinicalJudgement = "clinical judgement, in own words",
    }
}

/// A coded reason with the clinician's own words; the event says who.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Less {
    /// The code.
    pub reason: LessReason,
    /// In own words.
    pub words: Text,
}

closed_list! {
    /// How far a report is (CR17).
    ReportState {
        Preliminary = "preliminary",
        Final = "final",
        Amended = "amended",
    }
}

closed_list! {
    /// What the pictures of a limited protocol show while the patient lies on the table (CR27).
    LimitedImages {
        Compression = "compression seen",
        ClearUnexplained = "no compression, and a deficit is not explained",
        NotReadable = "not readable",
        ClearExplained = "no compression, and every deficit is explained",
    }
}

impl LimitedImages {
    /// Whether the scan is extended. What nobody could read counts as unexplained.
    pub const fn extends(self) -> bool {
        !matches!(self, LimitedImages::ClearExplained)
    }
}

closed_list! {
    /// Whether a patient can decide to leave (CR22).
    Capacity {
        Present = "has capacity",
        Lacking = "lacks capacity",
        NotAssessed = "capacity not assessed",
    }
}

/// What was done when a patient left (CR22).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaving {
    /// Capacity.
    pub capacity: Capacity,
    /// What was explained.
    pub explained: Option<Text>,
    /// The warning card was given.
    pub card_given: bool,
    /// Who calls back.
    pub call_back: Option<ActorId>,
}

/// What a return or a merge brings along from another visit (CR22).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// The other visit.
    pub from: VisitId,
    /// Urgency that was open there; it stands here until a physician examined.
    pub tier: Tier,
    /// Pages of the concerns that were raised there.
    pub raised: Vec<String>,
    /// Danger signs, and what belongs to the episode, as they were said.
    pub findings: Vec<FindingSaid>,
    /// Images whose order was held there.
    pub held: Vec<String>,
    /// When the episode began.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "wire::maybe_instant")]
    pub began: Option<i64>,
    /// Check-ins that are still ahead or not answered there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub check_ins: Vec<Planned>,
    /// The patient was to be reached there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub to_reach: bool,
    /// A danger sign told at home there; it stands until a physician examined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub danger: Option<DangerTold>,
}
