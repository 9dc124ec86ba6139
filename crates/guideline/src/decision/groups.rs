//! Which groups one signature could still answer (CR6), and what has to be asked alone.

use super::{Decision, Missing};
use crate::attestation::Attestation;
use crate::guideline::Guideline;
use crate::resolve::Reason;

/// A group that somebody could sign, with what it would answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenGroup<'a> {
    /// The group.
    pub attestation: &'a Attestation,
    /// Its questions that could still change the answer, in the order to ask them.
    pub open: Vec<&'a Missing>,
}

/// Groups with a question in them that could change the answer and that nobody was asked yet: a
/// signature takes back no "I do not know". In the guideline's order.
pub fn open_groups<'a>(guideline: &'a Guideline, decision: &'a Decision) -> Vec<OpenGroup<'a>> {
    let groups = guideline.attestations.iter().map(|attestation| {
        let open = matters(decision).filter(|missing| covers(guideline, attestation, missing));
        OpenGroup { attestation, open: open.collect() }
    });
    groups.filter(|group| !group.open.is_empty()).collect()
}

/// Questions that could change the answer and that no signature answers, in the order to ask them.
pub fn asked_alone<'a>(guideline: &Guideline, decision: &'a Decision) -> Vec<&'a Missing> {
    let in_a_group = |missing: &&Missing| {
        let mut groups = guideline.attestations.iter();
        groups.any(|attestation| covers(guideline, attestation, missing))
    };
    matters(decision).filter(|missing| !in_a_group(missing)).collect()
}

fn matters(decision: &Decision) -> impl Iterator<Item = &Missing> {
    decision.missing.iter().filter(|missing| !missing.detail_only)
}

fn covers(guideline: &Guideline, attestation: &Attestation, missing: &Missing) -> bool {
    let mut facts = attestation.covers.iter().map(|fact| &guideline.facts[*fact]);
    missing.reason == Reason::NotAsked && facts.any(|fact| fact.id == missing.fact)
}
