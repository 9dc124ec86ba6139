//! The way to a decision: questions in the engine's order, stage by stage,
//! until further answers can change neither urgency nor disposition.
//!
//! What a clinician settles in one go while all of it is clear counts as one
//! action; every answer that is not clear is an action of its own.

use cauda_guideline::Guideline;
use cauda_guideline::ask::questions;
use cauda_guideline::decide::{Verdict, decide};
use cauda_guideline::facts::{By, FactIndex, Stage};
use cauda_guideline::resolve::{Entries, Said, resolve};

use super::Population;
use super::draw::Person;
use super::visit::{entry, withheld};

/// Stages of a visit to the department.
const STAGES: [Stage; 4] = [Stage::Triage, Stage::Examination, Stage::Results, Stage::Discharge];

/// Which facts are settled together.
#[derive(Clone, Debug)]
pub struct Groups {
    /// By fact, the facts settled with it, itself among them.
    with: Vec<Vec<FactIndex>>,
}

/// What it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interview {
    /// Facts answered.
    pub questions: u32,
    /// Things somebody did: an answer, an examination, a test, or a group settled at once.
    pub actions: u32,
    /// The answer.
    pub verdict: Verdict,
}

impl Groups {
    /// Groups of the model, and for the rest those of one facts file that are
    /// come by in the same way. A test always stands alone.
    pub fn new(guideline: &Guideline, population: &Population) -> Groups {
        let own = &population.asked_together;
        let is_alone = |fact: FactIndex| {
            let known = &guideline.facts[fact];
            known.by == By::Test || known.needed.is_some()
        };
        let with = (0..guideline.facts.len()).map(|fact| {
            if let Some(group) = own.iter().find(|group| group.contains(&fact)) {
                return group.clone();
            }
            if is_alone(fact) {
                return vec![fact];
            }
            let known = &guideline.facts[fact];
            let alike = guideline.entered_facts().filter(|(other, of)| {
                of.group == known.group
                    && of.by == known.by
                    && !is_alone(*other)
                    && !own.iter().any(|group| group.contains(other))
            });
            alike.map(|(other, _)| other).collect()
        });
        Groups { with: with.collect() }
    }
}

/// Asks the patient until it is decided or nothing is left to ask.
pub fn interview(guideline: &Guideline, groups: &Groups, person: &Person) -> Interview {
    let mut asking = Asking {
        guideline,
        person,
        entries: Entries::default(),
        asked: vec![false; guideline.facts.len()],
        withheld: withheld(guideline, person),
        questions: 0,
        actions: 0,
    };
    asking.record();
    let mut stages = STAGES.iter().peekable();
    loop {
        let patient = resolve(guideline, &asking.entries, None).patient();
        let verdict = decide(&guideline.program, &patient);
        let done = |asking: &Asking<'_>| Interview {
            questions: asking.questions,
            actions: asking.actions,
            verdict,
        };
        if verdict.decided {
            return done(&asking);
        }
        // The first question of this stage, else of a later one, else any.
        let next = loop {
            let stage = stages.peek().map(|stage| **stage);
            let open = questions(guideline, &patient, stage).ask;
            let mut open = open.iter().map(|question| question.fact);
            let next = open.find(|fact| !asking.asked[*fact]);
            let here = |fact: FactIndex| {
                stage.is_none_or(|stage| guideline.facts[fact].asked_at.contains(&stage))
            };
            if next.is_none_or(here) || stages.next().is_none() {
                break next;
            }
        };
        let Some(next) = next else { return done(&asking) };
        asking.settle(&groups.with[next]);
    }
}

struct Asking<'a> {
    guideline: &'a Guideline,
    person: &'a Person,
    entries: Entries,
    asked: Vec<bool>,
    withheld: Vec<bool>,
    questions: u32,
    actions: u32,
}

impl Asking<'_> {
    /// What is assumed until somebody says otherwise is never asked; where the
    /// truth is otherwise somebody says so, and that is an action.
    fn record(&mut self) {
        for (fact, known) in self.guideline.entered_facts() {
            if let Some(assumed) = known.assumed() {
                self.asked[fact] = true;
                if self.person.said[fact] != Said::Value(assumed) {
                    self.add(fact);
                    self.actions += 1;
                }
            }
        }
    }

    fn settle(&mut self, group: &[FactIndex]) {
        let mut clear = 0;
        for fact in group {
            let skipped = self.asked[*fact] || self.withheld[*fact];
            self.asked[*fact] = true;
            if skipped {
                continue;
            }
            self.add(*fact);
            if self.is_clear(*fact) { clear += 1 } else { self.actions += 1 }
        }
        self.actions += u32::from(clear > 0);
    }

    fn add(&mut self, fact: FactIndex) {
        self.entries.add(fact, entry(&self.guideline.facts[fact], self.person.said[fact]));
        self.questions += 1;
    }

    /// In the cell of the clear value: nothing to write down.
    fn is_clear(&self, fact: FactIndex) -> bool {
        let cells = &self.guideline.program.cells[fact];
        match self.person.said[fact] {
            Said::Value(value) => value == cells.clear,
            Said::Between(low, high) => cells.between(low, high) == 1 << cells.clear,
            Said::Unknown(_) => false,
        }
    }
}
