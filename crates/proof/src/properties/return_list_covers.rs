//! CR25: a patient who leaves is told when to come back. Let anything begin at
//! home that a patient can notice and that no line of the return list names:
//! it never makes an emergency. What cannot begin at home, an operation or the
//! history of an illness, stays as it was.

use cauda_guideline::Guideline;
use cauda_guideline::decide::decide;
use cauda_guideline::facts::{Carries, Danger, Role};
use cauda_guideline::resolve::Patient;
use cauda_guideline::vocabulary::Tier;

use super::{Model, Outcome};
use crate::circuit::Literal;
use crate::counterexample::{Counterexample, shrink_pair, story};
use crate::encode::Copy;
use crate::solver::Found;

pub(super) fn check(model: &mut Model) -> Outcome {
    let unnamed: Vec<bool> =
        (0..model.guideline.facts.len()).map(|fact| is_unnamed(model.guideline, fact)).collect();
    let same = model.same_in.iter().zip(&unnamed).filter(|(_, unnamed)| !**unnamed);
    let same: Vec<Literal> = same.map(|(literal, _)| *literal).collect();
    for row in leaving(model.guideline) {
        let mut question = same.clone();
        question.extend([model.first.stands[row], model.second.at_least[Tier::Emergency as usize]]);
        match model.find(&question) {
            Found::Nothing => {}
            Found::Failed(why) => return Outcome::Failed(why),
            Found::Assignment(values) => return broken(model, &values, row, &unnamed),
        }
    }
    Outcome::Holds
}

/// Dispositions after which the patient leaves.
fn leaving(guideline: &Guideline) -> Vec<usize> {
    let leaves =
        |go: &str| guideline.vocabulary.get("disposition", go).is_some_and(|phrase| phrase.leaves);
    let rows = guideline.program.rows.iter().enumerate();
    rows.filter(|(_, row)| leaves(&row.go)).map(|(index, _)| index).collect()
}

/// Whether a patient can notice the fact at home, and no line names it.
fn is_unnamed(guideline: &Guideline, index: usize) -> bool {
    let fact = &guideline.facts[index];
    let named = guideline.vocabulary.ids("return").any(|id| {
        let phrase = guideline.vocabulary.get("return", id);
        phrase.is_some_and(|phrase| phrase.facts.contains(&fact.id))
    });
    let noticed = fact.asked_of.contains(&Role::Patient)
        && fact.carries == Carries::Visit
        && fact.danger != Danger::None
        && !guideline.not_noticed_at_home.contains(&fact.id);
    Copy::is_entered(&guideline.program, index) && noticed && !named
}

fn broken(model: &Model, values: &[bool], row: usize, unnamed: &[bool]) -> Outcome {
    let (first, second) = model.patients(values);
    let breaks = |first: &Patient, second: &Patient| {
        let same = (0..unnamed.len()).all(|fact| {
            let alike = first.cells[fact] == second.cells[fact]
                && first.vague[fact] == second.vague[fact]
                && first.cannot_be_had[fact] == second.cannot_be_had[fact];
            unnamed[fact] || alike
        });
        let left = decide(&model.guideline.program, first).row == Some(row);
        same && left && decide(&model.guideline.program, second).at_least >= Tier::Emergency
    };
    if !breaks(&first, &second) {
        return Outcome::Failed("formula and engine differ on a patient".into());
    }
    let (first, second) = shrink_pair(model.guideline, &first, &second, &breaks);
    Outcome::Broken(Box::new(Counterexample {
        property: "CR25",
        what: "the first patient leaves, the second has an emergency of which no line of the \
               return list tells"
            .to_string(),
        first: story(model.guideline, &first),
        second: Some(story(model.guideline, &second)),
    }))
}
