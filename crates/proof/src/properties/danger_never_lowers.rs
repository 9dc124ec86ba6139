//! SP2: monotone. Proved for both ends of the interval of urgency: raising what
//! each fact is at least never lowers "at least", raising what it may be at
//! most (unknown instead of absent) never lowers "at most". Facts without a
//! direction of danger, such as a physician's attribution of a fever, are equal
//! on both sides: they are the only exceptions.

use cauda_guideline::decide::{Verdict, decide};
use cauda_guideline::facts::Danger;
use cauda_guideline::program::Cells;
use cauda_guideline::resolve::Patient;
use cauda_guideline::vocabulary::Tier;

use super::{Model, Outcome};
use crate::counterexample::{Counterexample, shrink_pair, story};
use crate::solver::Found;

pub(super) fn check(model: &mut Model) -> Outcome {
    for tier in Tier::ALL.into_iter().skip(1).rev() {
        for at_most in [false, true] {
            let (relation, first, second) = match at_most {
                false => (model.least_rises, &model.first.at_least, &model.second.at_least),
                true => (model.most_rises, &model.first.at_most, &model.second.at_most),
            };
            let question = [relation, first[tier as usize], -second[tier as usize]];
            match model.find(&question) {
                Found::Nothing => {}
                Found::Failed(why) => return Outcome::Failed(why),
                Found::Assignment(values) => return broken(model, &values, at_most),
            }
        }
    }
    Outcome::Holds
}

fn broken(model: &Model, values: &[bool], at_most: bool) -> Outcome {
    let (first, second) = model.patients(values);
    let breaks = |first: &Patient, second: &Patient| {
        let bound = |verdict: Verdict| {
            if at_most { verdict.at_most } else { verdict.at_least }
        };
        let before = bound(decide(&model.guideline.program, first));
        let after = bound(decide(&model.guideline.program, second));
        after < before && rises(model, first, second, at_most)
    };
    if !breaks(&first, &second) {
        return Outcome::Failed("formula and engine differ on a patient".into());
    }
    let (first, second) = shrink_pair(model.guideline, &first, &second, &breaks);
    let bound = if at_most { "the greatest possible" } else { "the certain" };
    Outcome::Broken(Box::new(Counterexample {
        property: "SP2",
        what: format!("the second patient is in more danger, and {bound} urgency is lower"),
        first: story(model.guideline, &first),
        second: Some(story(model.guideline, &second)),
    }))
}

/// Whether the second patient is fact by fact at least as much in danger.
fn rises(model: &Model, first: &Patient, second: &Patient, at_most: bool) -> bool {
    (0..model.guideline.facts.len()).all(|fact| {
        let (from, to) = (first.cells[fact], second.cells[fact]);
        let cells = &model.guideline.program.cells[fact];
        if model.guideline.facts[fact].danger == Danger::None {
            return from == to;
        }
        let order: Vec<usize> = cells.by_danger().collect();
        let place = |set: Cells, last: bool| {
            let mut at = order
                .iter()
                .enumerate()
                .filter(|(_, cell)| set >> **cell & 1 == 1)
                .map(|(at, _)| at);
            if last { at.next_back() } else { at.next() }
        };
        let taken_back = model.guideline.facts[fact].needed.is_some()
            && to == cells.all()
            && !second.vague[fact]
            && (from != to || first.vague[fact])
            && place(from, true) > place(1 << cells.clear, true);
        place(to, at_most) >= place(from, at_most) && !(at_most && taken_back)
    })
}
