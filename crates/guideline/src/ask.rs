//! What to ask next: the unknown facts that could still change the answer, the
//! most urgent first, and those that cannot.
//!
//! A condition that is true or false under strong Kleene logic stays so
//! whatever else is learnt, so only facts under undetermined conditions can
//! matter. The list may hold a fact that turns out not to matter; it never
//! leaves out one that does.

use std::cell::RefCell;

use crate::decide::{State, Truths, Verdict, decide_with_truths};
use crate::facts::{By, FactIndex, Stage};
use crate::guideline::Guideline;
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
    let tests = Tests::new(guideline);
    questions_of(guideline, patient, (&verdict, &truths, &tests), stage)
}

/// The same of a patient who is decided already.
pub(crate) fn questions_of(
    guideline: &Guideline,
    patient: &Patient,
    (verdict, truths, tests): (&Verdict, &Truths, &Tests),
    stage: Option<Stage>,
) -> Questions {
    let mut search = Search::new(guideline, patient, truths, tests);
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
    undetermined_facts_of(guideline, patient, &truths, &Tests::new(guideline), places)
}

/// The same of a patient who is decided already.
pub(crate) fn undetermined_facts_of(
    guideline: &Guideline,
    patient: &Patient,
    truths: &Truths,
    tests: &Tests,
    places: &[Place],
) -> Vec<FactIndex> {
    let mut search = Search::new(guideline, patient, truths, tests);
    for place in places {
        search.visit(*place, (Tier::None, false));
    }
    (0..guideline.facts.len()).filter(|fact| search.found[*fact].is_some()).collect()
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

/// Which tests are to be asked for, of one patient, as far as anybody wanted to know: each is
/// worked out once, however many conditions it stands under.
pub(crate) struct Tests(RefCell<Vec<Option<bool>>>);

impl Tests {
    /// None of them yet.
    pub(crate) fn new(guideline: &Guideline) -> Tests {
        Tests(RefCell::new(vec![None; guideline.facts.len()]))
    }

    fn known(&self, fact: FactIndex) -> Option<bool> {
        self.0.borrow().get(fact).copied().flatten()
    }

    fn keep(&self, fact: FactIndex, is_indicated: bool) {
        if let Some(place) = self.0.borrow_mut().get_mut(fact) {
            *place = Some(is_indicated);
        }
    }
}

/// Whether a fact is to be asked for: no test, a test that is needed, or one of
/// which nobody can say whether it is needed (CR6: "yes or unknown").
pub(crate) fn is_indicated(
    guideline: &Guideline,
    patient: &Patient,
    truths: &Truths,
    tests: &Tests,
    fact: FactIndex,
) -> bool {
    let Some(needed) = guideline.program.needed[fact] else { return true };
    if truths.is_true(needed) || truths.is_false(needed) {
        return truths.is_true(needed);
    }
    if let Some(known) = tests.known(fact) {
        return known;
    }
    let mut search = Search::new(guideline, patient, truths, tests);
    search.visit(needed, (Tier::None, false));
    let mut waiting = search.found.iter().enumerate().filter(|(_, why)| why.is_some());
    let indicated = waiting.all(|(fact, _)| patient.cannot_be_had[fact]);
    tests.keep(fact, indicated);
    indicated
}

struct Search<'a> {
    guideline: &'a Guideline,
    truths: &'a Truths,
    patient: &'a Patient,
    tests: &'a Tests,
    found: Vec<Option<(Tier, bool)>>,
    /// The round in which a node was seen last.
    seen: Vec<u32>,
    round: u32,
}

impl<'a> Search<'a> {
    fn new(
        guideline: &'a Guideline,
        patient: &'a Patient,
        truths: &'a Truths,
        tests: &'a Tests,
    ) -> Search<'a> {
        Search {
            guideline,
            truths,
            patient,
            tests,
            found: vec![None; guideline.facts.len()],
            seen: vec![0; guideline.program.nodes.len()],
            round: 1,
        }
    }

    fn concerns(&mut self, verdict: &Verdict) {
        let program = &self.guideline.program;
        let mut open: Vec<(bool, usize)> = Vec::new();
        for (index, concern) in program.concerns.iter().enumerate() {
            if verdict.state(index) == State::Open {
                // A scope page has no urgency of its own, but its answer decides.
                let decides = concern.tier > verdict.at_least
                    || concern.tier == Tier::None
                    || (!verdict.decided
                        && concern.tier == verdict.at_least
                        && verdict.step_of(index, concern) < verdict.first_step);
                open.push((!decides, index));
            }
        }
        for (detail_only, index) in open {
            let concern = &program.concerns[index];
            self.round += 1;
            for place in [concern.raised, concern.excluded] {
                self.visit(place, (concern.tier, detail_only));
            }
            // What cannot be had settles the concern only once the rest of it
            // is answered (E5), so the rest is asked even where it decides nothing.
            let is_open = |fact: &&FactIndex| !self.truths.is_answered(**fact);
            let open: Vec<FactIndex> = concern.facts.iter().filter(is_open).copied().collect();
            let can_settle = concern.settle.is_some()
                && open.iter().any(|fact| self.patient.cannot_be_had[*fact]);
            for fact in open.into_iter().filter(|_| can_settle) {
                if is_indicated(self.guideline, self.patient, self.truths, self.tests, fact) {
                    self.note(fact, (concern.tier, detail_only));
                }
            }
        }
    }

    fn rows(&mut self, verdict: &Verdict) {
        if verdict.row.is_some() {
            return;
        }
        for row in &self.guideline.program.rows {
            self.round += 1;
            self.visit(row.chosen, (Tier::None, false));
        }
    }

    fn visit(&mut self, place: Place, why: (Tier, bool)) {
        if self.truths.is_true(place)
            || self.truths.is_false(place)
            || std::mem::replace(&mut self.seen[place], self.round) == self.round
        {
            return;
        }
        let program = &self.guideline.program;
        if let Node::Fact { fact, .. } = program.nodes[place] {
            // Whether the test is needed comes before the test.
            if self.truths.is_answered(fact)
                || is_indicated(self.guideline, self.patient, self.truths, self.tests, fact)
            {
                self.note(fact, why);
            } else if let Some(needed) = program.needed[fact] {
                self.visit(needed, why);
            }
            return;
        }
        for child in program.nodes[place].children() {
            self.visit(*child, why);
        }
    }

    fn note(&mut self, fact: FactIndex, why: (Tier, bool)) {
        let known = self.patient.cells[fact].count_ones() == 1;
        let better =
            self.found[fact].is_none_or(|(tier, detail)| (!why.1, why.0) > (!detail, tier));
        if !known && better {
            self.found[fact] = Some(why);
        }
    }
}
