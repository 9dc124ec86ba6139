//! A decision as the record keeps it: what the engine answered, about which
//! facts, by which guideline, so that a replay can compare it bit for bit.

use cauda_guideline::vocabulary::Tier;
use serde::{Deserialize, Serialize};

use crate::skeleton::VerdictClass;
use crate::wire;

/// Which guideline and engine answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// `back_pain`
    pub guideline: String,
    /// `0.1.0`
    pub version: String,
    /// SHA-256 of the guideline's files.
    pub sha256: String,
    /// Version of the engine.
    pub engine: String,
}

/// A scan the guideline asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Id of the vocabulary, `mri_whole_spine`.
    pub image: String,
    /// `mri`, `ct`, `xray`.
    pub modality: String,
    /// How urgent (CR1).
    pub tier: Tier,
    /// Deadline and what starts its clock, `4 hours of the request`.
    pub within: Option<String>,
    /// Lesser images it answers too.
    pub covers: Vec<String>,
}

/// A concern that is raised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raised {
    /// Page id, `red_flags/cauda_equina`.
    pub page: String,
    /// How urgent.
    pub tier: Tier,
}

/// What the verdict says; two decisions with the same verdict differ only in
/// facts and time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// Its class, for the course of the visit.
    pub class: VerdictClass,
    /// Where the patient goes; nothing is "cannot decide yet" (CR2).
    pub disposition: Option<String>,
    /// Further answers can change neither urgency nor disposition.
    pub decided: bool,
    /// The guideline is for this patient: an adult of known age (CR14).
    pub in_scope: bool,
    /// A clinician has to review it: the guideline contradicts itself, or an
    /// entry cannot be read.
    pub clinician_review: bool,
    /// Answers did not count, because the history is not reliable: ask again (CR7).
    pub ask_again: bool,
    /// Urgency acted on.
    pub acted_on: Tier,
    /// If every unknown reassures.
    pub at_least: Tier,
    /// If every unknown is dangerous.
    pub at_most: Tier,
    /// Concerns raised, in the order of the guideline.
    pub raised: Vec<Raised>,
    /// Scans asked for, the most urgent first.
    pub imaging: Vec<Asked>,
    /// Ids of what is to be done and whom to call.
    pub actions: Vec<String>,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// What decided.
    pub basis: Basis,
    /// The moment decided about.
    #[serde(with = "wire::instant")]
    pub as_of: i64,
    /// Last second at which it holds without a new entry.
    #[serde(with = "wire::maybe_instant")]
    pub valid_until: Option<i64>,
    /// SHA-256 of the facts used.
    pub facts_sha256: String,
    /// What it says.
    pub verdict: Verdict,
    /// Facts whose entries this guideline cannot read; they reassure nobody.
    pub unreadable: Vec<String>,
}

/// What the verdict was before, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// Where the patient went.
    pub disposition: Option<String>,
    /// Urgency acted on.
    pub acted_on: Tier,
    /// Pages of the concerns raised.
    pub raised: Vec<String>,
}

impl Answer {
    /// The short form of it.
    pub fn in_short(&self) -> Before {
        Before {
            disposition: self.verdict.disposition.clone(),
            acted_on: self.verdict.acted_on,
            raised: self.verdict.raised.iter().map(|raised| raised.page.clone()).collect(),
        }
    }

    /// Whether an action or call of that id is asked for.
    pub fn says(&self, phrase: &str) -> bool {
        self.verdict.actions.iter().any(|action| action == phrase)
    }
}
