//! SP11: no condition is unknown while every way of filling in the unknowns
//! agrees; else the form asks useless questions (E7).
//!
//! Strong Kleene logic is exact where, in one condition, the lines about each
//! fact say ever less of the same thing: their sets of values are nested, once
//! a "no" is turned around. Where that does not hold, decision diagrams fill in
//! every unknown and compare.
//!
//! Pages that only advise, and definitions that only they read, are left out: what they wait for is shown beside them
//! and keeps nobody from a decision.

use std::collections::{BTreeMap, BTreeSet};

use cauda_guideline::Guideline;
use cauda_guideline::facts::FactIndex;
use cauda_guideline::program::{Cells, Node, Place, Program};
use cauda_guideline::resolve::Patient;

use super::{Model, Outcome};
use crate::counterexample::{Counterexample, story};
use crate::encode::Copy;
use crate::exactness::{State, inexact};

pub(super) fn check(model: &mut Model) -> Outcome {
    let guideline = model.guideline;
    let mut tried = BTreeSet::new();
    for (page, section, place) in conditions(guideline, false) {
        model.questions += 1;
        let doubtful = doubtful(&guideline.program, place);
        if !tried.insert(place) || doubtful.is_empty() {
            continue;
        }
        for said in [true, false] {
            model.questions += 1;
            match inexact(&guideline.program, place, &doubtful, said) {
                Ok(None) => {}
                Ok(Some(state)) => {
                    let answer = if said { "holds" } else { "does not hold" };
                    let what = format!(
                        "`## {section}` of `{page}` {answer} whatever is answered, and is unknown"
                    );
                    return broken(guideline, &state, what);
                }
                Err(why) => return Outcome::Failed(format!("`## {section}` of `{page}`: {why}")),
            }
        }
    }
    Outcome::Holds
}

fn broken(guideline: &Guideline, state: &State, what: String) -> Outcome {
    let mut patient = Patient::clear(guideline);
    for (fact, cells) in state {
        patient.cells[*fact] = *cells;
    }
    let first = story(guideline, &patient);
    Outcome::Broken(Box::new(Counterexample { property: "SP11", what, first, second: None }))
}

/// Every rule of every page, with its place; those that are read once all
/// concerns are decided on request.
pub(super) fn conditions(guideline: &Guideline, late: bool) -> Vec<(String, &'static str, Place)> {
    let program = &guideline.program;
    let mut found = Vec::new();
    for concern in &program.concerns {
        let loaded = &guideline.pages[concern.page];
        found.push((loaded.id.clone(), "When", concern.rule));
        if loaded.page.excluded.is_some() {
            found.push((loaded.id.clone(), "Excluded when", concern.excluded));
        }
    }
    let definitions = program.definitions.iter().enumerate();
    let definitions = definitions.filter(|(fact, _)| late || program.decisive[*fact]);
    for (fact, place) in definitions {
        let page = format!("definitions/{}", guideline.facts[fact].id);
        found.extend(place.map(|place| (page, "When", place)));
    }
    let mut tests = BTreeSet::new();
    for (fact, needed) in program.needed.iter().enumerate() {
        if let (Some(place), Some(page)) = (needed, &guideline.facts[fact].needed)
            && tests.insert(page.clone())
        {
            found.push((page.clone(), "Needed when", *place));
        }
    }
    for row in program.rows.iter().filter(|_| late) {
        found.push((guideline.pages[row.page].id.clone(), "When", row.chosen));
    }
    let advice = program.advice.iter().filter(|_| late);
    for advice in advice.chain(&program.reports) {
        found.push((guideline.pages[advice.page].id.clone(), "When", advice.holds));
    }
    found
}

/// Facts whose lines in one condition are not nested.
fn doubtful(program: &Program, place: Place) -> Vec<FactIndex> {
    let mut walk = Walk { program, seen: BTreeSet::new(), sets: BTreeMap::new() };
    walk.place(place, true);
    let within = |left: &Cells, right: &Cells| left & right == *left;
    let nested = |left: &Cells, right: &Cells| within(left, right) || within(right, left);
    let is_nested = |sets: &BTreeSet<Cells>| {
        sets.iter().all(|left| sets.iter().all(|right| nested(left, right)))
    };
    walk.sets.into_iter().filter(|(_, sets)| !is_nested(sets)).map(|(fact, _)| fact).collect()
}

/// The values for which each line about a fact speaks for the condition.
struct Walk<'a> {
    program: &'a Program,
    seen: BTreeSet<(Place, bool)>,
    sets: BTreeMap<FactIndex, BTreeSet<Cells>>,
}

impl Walk<'_> {
    fn place(&mut self, place: Place, speaks_for: bool) {
        if !self.seen.insert((place, speaks_for)) {
            return;
        }
        match &self.program.nodes[place] {
            Node::Fact { fact, cells } => {
                let known = &self.program.cells[*fact];
                // What always has one value cannot be unknown.
                if !Copy::is_entered(self.program, *fact) || known.assume.is_some() {
                    return;
                }
                let set = if speaks_for { *cells } else { known.all() & !cells };
                self.sets.entry(*fact).or_default().insert(set);
                if let Some(needed) = self.program.needed[*fact] {
                    // Not needed counts as clear: being needed speaks against the
                    // condition where clear speaks for it.
                    self.place(needed, set >> known.clear & 1 == 0);
                }
            }
            Node::Not(child) => self.place(*child, !speaks_for),
            inner => {
                for child in inner.children() {
                    self.place(*child, speaks_for);
                }
            }
        }
    }
}
