//! What to ask next: the unknown facts that could still change the answer, the
//! most urgent first, and those that cannot.
//!
//! A condition that is true or false under strong Kleene logic stays so
//! whatever else is learnt, so only facts under undetermined conditions can
//! matter. The list may hold a fact that turns out not to matter; it never
//! leaves out one that does.

use std::cell::RefCell;

use crate::decide::{State, Truths, Verdict, bits, decide_with_truths};
use crate::facts::{By, FactIndex, Stage};
use crate::guideline::Guideline;
use crate::program::plan::FACT_WORDS;
use crate::program::{Node, Place};
use crate::resolve::Patient;
use crate::vocabulary::Tier;

/// A question that could change the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// The fact.
    pub fact: FactIndex,
    /// The highest urgency a concern has that waits for it.
    pub could_reach: Tier,
    /// It cannot raise the urgency any more, but could change what is scanned or where the patient goes.
    pub detail_only: bool,
}

/// What is missing and what is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Questions {
    /// In the order to ask.
    pub ask: Vec<Question>,
    /// Asked for, cannot be had.
    pub cannot_be_had: Vec<FactIndex>,
    /// Unsafe to ask now.
    pub withheld: Vec<FactIndex>,
    /// Unknown, and no answer can matter any more.
    pub cannot_matter: Vec<FactIndex>,
}

/// Questions about `patient`; with a stage, those that belong there come first.
pub fn questions(guideline: &Guideline, patient: &Patient, stage: Option<Stage>) -> Questions {
    let (verdict, truths) = decide_with_truths(&guideline.program, patient);
    questions_of(&Waits::new(guideline, patient, &truths), &verdict, stage)
}

/// The same of a patient who is decided already.
pub(crate) fn questions_of(
    waits: &Waits<'_>,
    verdict: &Verdict,
    stage: Option<Stage>,
) -> Questions {
    let Waits { guideline, patient, truths, .. } = *waits;
    let mut search = Search { waits, found: vec![None; guideline.facts.len()] };
    search.concerns(verdict);
    search.rows(verdict);
    let found = search.found;
    let mut questions = Questions::default();
    for (fact, known) in guideline.entered_facts() {
        let possible = patient.cells[fact].count_ones();
        // Known for certain, or a test that is not indicated; what is known only
        // in part is asked again while it matters.
        let settled = truths.is_answered(fact) && (possible == 1 || found[fact].is_none());
        // What only advice looks at is asked where the advice is given.
        if settled || known.assumed().is_some() || !guideline.program.decisive[fact] {
            continue;
        }
        match found[fact] {
            // Nobody knows yet whether this test is needed, and done anyway it counts (E2).
            None if guideline.program.needed[fact]
                .is_some_and(|place| !truths.is_true(place) && !truths.is_false(place)) => {}
            None => questions.cannot_matter.push(fact),
            Some(_) if patient.cannot_be_had[fact] => questions.cannot_be_had.push(fact),
            Some(_) if is_withheld(guideline, patient, truths, fact) => {
                questions.withheld.push(fact);
            }
            Some((could_reach, detail_only)) => {
                questions.ask.push(Question { fact, could_reach, detail_only })
            }
        }
    }
    questions.ask.sort_by_key(|question| {
        let fact = &guideline.facts[question.fact];
        let elsewhere = stage.is_some_and(|stage| !fact.asked_at.contains(&stage));
        (
            elsewhere,
            question.detail_only,
            std::cmp::Reverse(question.could_reach),
            effort(fact.by),
            question.fact,
        )
    });
    questions
}

/// Facts that could still turn concern or definition at `places` one way or the other.
pub fn undetermined_facts(
    guideline: &Guideline,
    patient: &Patient,
    places: &[Place],
) -> Vec<FactIndex> {
    let (_, truths) = decide_with_truths(&guideline.program, patient);
    Waits::new(guideline, patient, &truths).undetermined(places)
}

fn effort(by: By) -> u8 {
    match by {
        By::Ask => 0,
        By::Record => 1,
        By::Measure => 2,
        By::Examine => 3,
        By::Test | By::Derived => 4,
    }
}

/// Whether asking is unsafe for this patient (CR13): a guard that is entered is
/// present, or one that is worked out is not known to be absent.
pub fn is_withheld(
    guideline: &Guideline,
    patient: &Patient,
    truths: &Truths,
    fact: FactIndex,
) -> bool {
    let guards = guideline.facts[fact].withheld_while.iter();
    guards.filter_map(|id| guideline.fact(id)).any(|guard| {
        if let Some(definition) = guideline.program.definitions[guard] {
            return !truths.is_false(definition);
        }
        let present = guideline.facts[guard].value_index("present");
        present.is_some_and(|present| patient.cells[guard] == 1 << present)
    })
}

/// A set of facts, bit `n` for fact `n`.
type FactSet = [u64; FACT_WORDS];

const NO_FACT: FactSet = [0; FACT_WORDS];

/// What every place of the graph still waits for, of one patient: each is worked out once, when
/// somebody asks, however many conditions it stands under.
pub(crate) struct Waits<'a> {
    guideline: &'a Guideline,
    patient: &'a Patient,
    truths: &'a Truths,
    by_place: RefCell<Vec<Option<FactSet>>>,
}

impl<'a> Waits<'a> {
    /// Of a patient who is decided already.
    pub(crate) fn new(
        guideline: &'a Guideline,
        patient: &'a Patient,
        truths: &'a Truths,
    ) -> Waits<'a> {
        let by_place = RefCell::new(vec![None; guideline.program.nodes.len()]);
        Waits { guideline, patient, truths, by_place }
    }

    /// Facts that could still turn one of the places one way or the other.
    pub(crate) fn undetermined(&self, places: &[Place]) -> Vec<FactIndex> {
        let mut set = NO_FACT;
        places.iter().for_each(|place| add(&mut set, &self.of(*place)));
        facts_of(&set).collect()
    }

    /// Whether a fact is to be asked for: no test, a test that is needed, or one of
    /// which nobody can say whether it is needed (CR6: "yes or unknown").
    pub(crate) fn is_indicated(&self, fact: FactIndex) -> bool {
        let Some(needed) = self.guideline.program.needed[fact] else { return true };
        if self.truths.is_true(needed) || self.truths.is_false(needed) {
            return self.truths.is_true(needed);
        }
        facts_of(&self.of(needed)).all(|fact| self.patient.cannot_be_had[fact])
    }

    fn of(&self, place: Place) -> FactSet {
        if self.truths.is_true(place) || self.truths.is_false(place) {
            return NO_FACT;
        }
        if let Some(known) = self.by_place.borrow()[place] {
            return known;
        }
        let program = &self.guideline.program;
        let mut set = NO_FACT;
        match program.nodes[place] {
            Node::Fact { fact, .. } => {
                // Whether the test is needed comes before the test.
                if self.truths.is_answered(fact) || self.is_indicated(fact) {
                    let known = self.patient.cells[fact].count_ones() == 1;
                    set[fact / 64] |= u64::from(!known) << (fact % 64);
                } else if let Some(needed) = program.needed[fact] {
                    set = self.of(needed);
                }
            }
            _ => {
                for child in program.nodes[place].children() {
                    add(&mut set, &self.of(*child));
                }
            }
        }
        self.by_place.borrow_mut()[place] = Some(set);
        set
    }
}

fn add(set: &mut FactSet, more: &FactSet) {
    set.iter_mut().zip(more).for_each(|(word, more)| *word |= more);
}

fn facts_of(set: &FactSet) -> impl Iterator<Item = FactIndex> {
    let words = set.iter().enumerate();
    words.flat_map(|(at, word)| bits(*word).map(move |bit| at * 64 + bit))
}

/// Gathers who waits for each fact, and how urgent that is.
struct Search<'a> {
    waits: &'a Waits<'a>,
    found: Vec<Option<(Tier, bool)>>,
}

impl Search<'_> {
    fn concerns(&mut self, verdict: &Verdict) {
        let Waits { guideline, patient, truths, .. } = *self.waits;
        for (index, concern) in guideline.program.concerns.iter().enumerate() {
            if verdict.state(index) != State::Open {
                continue;
            }
            // A scope page has no urgency of its own, but its answer decides.
            let decides = concern.tier > verdict.at_least
                || concern.tier == Tier::None
                || (!verdict.decided
                    && concern.tier == verdict.at_least
                    && verdict.step_of(index, concern) < verdict.first_step);
            let why = (concern.tier, !decides);
            for place in [concern.raised, concern.excluded] {
                self.note_all(place, why);
            }
            // What cannot be had settles the concern only once the rest of it
            // is answered (E5), so the rest is asked even where it decides nothing.
            let open = || concern.facts.iter().filter(|fact| !truths.is_answered(**fact));
            let can_settle =
                concern.settle.is_some() && open().any(|fact| patient.cannot_be_had[*fact]);
            for fact in open().filter(|fact| can_settle && self.waits.is_indicated(**fact)) {
                if patient.cells[*fact].count_ones() != 1 {
                    note(&mut self.found[*fact], why);
                }
            }
        }
    }

    fn rows(&mut self, verdict: &Verdict) {
        if verdict.row.is_some() {
            return;
        }
        for row in &self.waits.guideline.program.rows {
            self.note_all(row.chosen, (Tier::None, false));
        }
    }

    fn note_all(&mut self, place: Place, why: (Tier, bool)) {
        for fact in facts_of(&self.waits.of(place)) {
            note(&mut self.found[fact], why);
        }
    }
}

fn note(found: &mut Option<(Tier, bool)>, why: (Tier, bool)) {
    if found.is_none_or(|(tier, detail)| (!why.1, why.0) > (!detail, tier)) {
        *found = Some(why);
    }
}
