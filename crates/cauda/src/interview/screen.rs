//! What is asked next: one question, a group that one signature answers, or
//! several questions in one line, each with a key of its own.

use std::collections::BTreeSet;

use cauda_guideline::Guideline;
use cauda_guideline::decision::Decision;
use cauda_guideline::facts::{By, Fact, FactIndex, Kind, Role, Sort, Stage};
use cauda_guideline::vocabulary::Tier;

/// Most questions of one line.
pub const SLOTS_MAX: usize = 6;

/// Vital signs in the order charts have them, by their LOINC codes; those
/// without one come last.
const CHART: [&str; 4] = ["8310-5", "8867-4", "9279-1", "8480-6"];

/// What is asked at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Screen {
    /// A group of facts that may be signed as clear.
    Group {
        /// Place of the attestation in the guideline.
        attestation: usize,
        /// Facts of it that are still missing.
        facts: Vec<FactIndex>,
    },
    /// Several questions, each answered with its own key in one line.
    Line(Vec<Slot>),
    /// One fact.
    One(FactIndex),
}

/// One of the questions of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// A group of facts that may be signed as clear.
    Signed(usize, Vec<FactIndex>),
    /// One fact.
    Fact(FactIndex),
}

/// Who is asked, and what was put off.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Who answers.
    pub role: Role,
    /// Where in the visit the patient is.
    pub stage: Option<Stage>,
    /// Nothing beyond that stage is asked.
    pub only_stage: bool,
    /// Facts put off for later.
    pub later: Vec<FactIndex>,
    /// Groups that are asked one by one, or were signed already.
    pub refused: Vec<usize>,
    /// Facts of which something was entered: no signature covers them.
    pub said: BTreeSet<FactIndex>,
}

impl Asked {
    /// Whether this person answers it, here.
    pub fn takes(&self, fact: &Fact) -> bool {
        let here = self.stage.is_none_or(|stage| fact.asked_at.contains(&stage));
        let mine = fact.asked_of.is_empty() || fact.asked_of.contains(&self.role);
        mine && (here || !self.only_stage)
    }

    /// Facts a signature of the group would say are clear.
    pub fn cleared_by(&self, guideline: &Guideline, attestation: usize) -> usize {
        let covers = guideline.attestations[attestation].covers.iter();
        covers.filter(|fact| !self.said.contains(fact)).count()
    }
}

/// Facts that could still change urgency or disposition, in the order to ask:
/// whether the guideline is for this patient at all comes first.
pub fn deciding(guideline: &Guideline, decision: &Decision) -> Vec<FactIndex> {
    let missing = decision.missing.iter().filter(|missing| !missing.detail_only);
    let mut open: Vec<FactIndex> =
        missing.filter_map(|missing| guideline.fact(&missing.fact)).collect();
    let scope = guideline.program.concerns.iter().filter(|concern| concern.tier == Tier::None);
    let scope: Vec<FactIndex> = scope.flat_map(|concern| concern.facts.iter().copied()).collect();
    open.sort_by_key(|fact| !scope.contains(fact));
    open
}

/// The next screen, or nothing when no answer this person may give can matter.
pub fn next(guideline: &Guideline, decision: &Decision, asked: &Asked) -> Option<Screen> {
    let mut open = deciding(guideline, decision);
    open.retain(|fact| !asked.later.contains(fact) && asked.takes(&guideline.facts[*fact]));
    let first = *open.first()?;
    let next = Next { guideline, decision, asked, open };
    let widest = next.groups().filter(|(_, facts)| facts.contains(&first));
    let widest = widest.max_by_key(|(_, facts)| facts.len());
    let together = match &widest {
        Some((attestation, _)) => match next.measured_before(*attestation) {
            Some(vital) => next.line(vital),
            None => next.topics(*attestation),
        },
        None => next.line(first),
    };
    Some(match widest {
        _ if together.len() > 1 => Screen::Line(together),
        Some((attestation, facts)) if facts.len() > 1 => Screen::Group { attestation, facts },
        _ => Screen::One(first),
    })
}

struct Next<'a> {
    guideline: &'a Guideline,
    decision: &'a Decision,
    asked: &'a Asked,
    open: Vec<FactIndex>,
}

impl Next<'_> {
    /// Groups this person may sign now, with the facts of each that are missing.
    fn groups(&self) -> impl Iterator<Item = (usize, Vec<FactIndex>)> {
        let signable = self.guideline.attestations.iter().enumerate().filter(|(at, group)| {
            let here = self.asked.stage.is_none_or(|stage| group.at.contains(&stage));
            let here = here || !self.asked.only_stage;
            here && group.of.contains(&self.asked.role) && !self.asked.refused.contains(at)
        });
        signable.filter_map(|(at, group)| {
            let missing = group.covers.iter().copied().filter(|fact| self.open.contains(fact));
            let missing: Vec<FactIndex> = missing.collect();
            (!missing.is_empty()).then_some((at, missing))
        })
    }

    /// A vital sign to measure before a group is signed that judges them.
    fn measured_before(&self, attestation: usize) -> Option<FactIndex> {
        let facts = &self.guideline.facts;
        let covers = &self.guideline.attestations[attestation].covers;
        let judges = covers.iter().any(|fact| facts[*fact].by == By::Measure);
        let is_vital = |fact: &&FactIndex| {
            sort_of_line(&facts[**fact]) == Some(LineSort::VitalSign)
                && facts[**fact].needed.is_none()
        };
        self.open.iter().find(is_vital).filter(|_| judges).copied()
    }

    /// The file all facts of a group stand in, if it is one.
    fn topic(&self, attestation: usize) -> Option<&str> {
        let covers = &self.guideline.attestations[attestation].covers;
        let mut files = covers.iter().map(|fact| self.guideline.facts[*fact].group.as_str());
        let first = files.next()?;
        files.all(|file| file == first).then_some(first)
    }

    /// Groups out of one file of facts, such as bladder, bowel, saddle and
    /// sexual feeling: on one screen, and each signed by a key of its own (CR6).
    fn topics(&self, attestation: usize) -> Vec<Slot> {
        let Some(file) = self.topic(attestation) else { return Vec::new() };
        let same = self.groups().filter(|(at, _)| self.topic(*at) == Some(file));
        same.take(SLOTS_MAX).map(|(at, facts)| Slot::Signed(at, facts)).collect()
    }

    /// Vital signs, or what is settled before going home, in one line.
    fn line(&self, first: FactIndex) -> Vec<Slot> {
        let facts = &self.guideline.facts;
        let Some(sort) = sort_of_line(&facts[first]) else { return Vec::new() };
        let mut same = self.open.clone();
        if sort == LineSort::VitalSign {
            same.extend(self.other_vital_signs());
        }
        same.retain(|fact| {
            let fact = &facts[*fact];
            sort_of_line(fact) == Some(sort) && fact.asked_at == facts[first].asked_at
        });
        same.sort_by_key(|fact| {
            let has = |code: &&str| facts[*fact].codes.iter().any(|known| known.code == **code);
            CHART.iter().position(has).unwrap_or(CHART.len())
        });
        same.into_iter().take(SLOTS_MAX).map(Slot::Fact).collect()
    }

    /// Vital signs are taken together: those that cannot matter yet are written
    /// down with those that can, so that the line is the same for every patient.
    fn other_vital_signs(&self) -> Vec<FactIndex> {
        let details = self.decision.missing.iter().filter(|missing| missing.detail_only);
        let ids = details.map(|missing| &missing.fact).chain(&self.decision.cannot_matter);
        let mut others: Vec<FactIndex> = ids.filter_map(|id| self.guideline.fact(id)).collect();
        others.retain(|index| {
            let fact = &self.guideline.facts[*index];
            fact.needed.is_none() && self.asked.takes(fact) && !self.asked.later.contains(index)
        });
        others
    }
}

/// Questions that go into one line with others of their sort.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LineSort {
    VitalSign,
    BeforeHome,
}

fn sort_of_line(fact: &Fact) -> Option<LineSort> {
    match &fact.kind {
        Kind::Quantity(_) if fact.by == By::Measure => Some(LineSort::VitalSign),
        Kind::Named { sort: Sort::Finding, .. } if fact.asked_at == [Stage::Discharge] => {
            Some(LineSort::BeforeHome)
        }
        _ => None,
    }
}

impl Screen {
    /// Facts it asks about.
    pub fn facts(&self) -> Vec<FactIndex> {
        match self {
            Screen::Group { facts, .. } => facts.clone(),
            Screen::Line(slots) => slots.iter().flat_map(Slot::facts).copied().collect(),
            Screen::One(fact) => vec![*fact],
        }
    }
}

impl Slot {
    /// Facts it asks about.
    pub fn facts(&self) -> &[FactIndex] {
        match self {
            Slot::Signed(_, facts) => facts,
            Slot::Fact(fact) => std::slice::from_ref(fact),
        }
    }
}
