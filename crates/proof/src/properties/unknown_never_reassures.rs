//! SP3: unknown-safe. While a reassuring disposition stands, no answer to what
//! is still unknown makes the patient urgent; the interval of urgency holds
//! whatever is learnt; and an emergency stays one.

use cauda_guideline::decide::{Verdict, decide, decide_with_truths};
use cauda_guideline::page::PageKind;
use cauda_guideline::resolve::Patient;
use cauda_guideline::vocabulary::Tier;

use super::{Model, Outcome};
use crate::circuit::Literal;
use crate::counterexample::{Counterexample, shrink_pair, story};
use crate::solver::Found;

type Breaks<'a> = dyn Fn(&Model, &Verdict, &Verdict) -> bool + 'a;

pub(super) fn check(model: &mut Model) -> Outcome {
    for row in 0..model.guideline.program.rows.len() {
        // The vocabulary's word that a disposition does not reassure is not taken:
        // whoever is sent anywhere without urgency is reassured, unless out of scope.
        let reassuring = model.guideline.program.rows[row].reassuring;
        let mut question =
            vec![model.first.stands[row], model.second.at_least[Tier::Urgent as usize]];
        if !reassuring {
            question.push(-model.first.acted[Tier::Urgent as usize]);
            question.extend(scope(model).map(|index| -model.first.raised[index]));
        }
        let breaks = move |model: &Model, before: &Verdict, after: &Verdict| {
            let reassured = reassuring
                || before.acted < Tier::Urgent
                    && scope(model).all(|index| before.raised >> index & 1 == 0);
            before.row == Some(row) && reassured && after.at_least >= Tier::Urgent
        };
        let go = model.guideline.program.rows[row].go.clone();
        if let Some(outcome) =
            ask(model, &question, &breaks, format!("`{go}` stands, and an answer makes it urgent"))
        {
            return outcome;
        }
    }
    for tier in Tier::ALL.into_iter().skip(1) {
        let at = tier as usize;
        let above = [-model.first.at_most[at], model.second.at_least[at]];
        let breaks = move |_: &Model, before: &Verdict, after: &Verdict| {
            before.at_most < tier && after.at_least >= tier
        };
        if let Some(outcome) = ask(model, &above, &breaks, "an answer leads above `at most`".into())
        {
            return outcome;
        }
        let below = [model.first.at_least[at], -model.second.at_least[at]];
        let breaks = move |_: &Model, before: &Verdict, after: &Verdict| {
            before.at_least >= tier && after.at_least < tier
        };
        if let Some(outcome) =
            ask(model, &below, &breaks, "an answer leads below `at least`".into())
        {
            return outcome;
        }
    }
    Outcome::Holds
}

/// Concerns that say who the guideline is for.
fn scope<'a>(model: &'a Model) -> impl Iterator<Item = usize> + 'a {
    let concerns = model.guideline.program.concerns.iter().enumerate();
    concerns.filter(|(_, concern)| concern.kind == PageKind::Scope).map(|(index, _)| index)
}

fn ask(model: &mut Model, question: &[Literal], breaks: &Breaks, what: String) -> Option<Outcome> {
    let mut assumed = vec![model.refines];
    assumed.extend(question);
    match model.find(&assumed) {
        Found::Nothing => None,
        Found::Failed(why) => Some(Outcome::Failed(why)),
        Found::Assignment(values) => {
            let (first, second) = model.patients(&values);
            let both = |first: &Patient, second: &Patient| {
                let before = decide(&model.guideline.program, first);
                let after = decide(&model.guideline.program, second);
                breaks(model, &before, &after) && refines(model, first, second)
            };
            if !both(&first, &second) {
                return Some(Outcome::Failed("formula and engine differ on a patient".into()));
            }
            let (first, second) = shrink_pair(model.guideline, &first, &second, &both);
            Some(Outcome::Broken(Box::new(Counterexample {
                property: "SP3",
                what,
                first: story(model.guideline, &first),
                second: Some(story(model.guideline, &second)),
            })))
        }
    }
}

/// Whether the second patient is the first with indicated unknowns filled in.
fn refines(model: &Model, first: &Patient, second: &Patient) -> bool {
    refines_but_for(model, first, second, None)
}

/// The same, but for one fact that may change otherwise.
pub(super) fn refines_but_for(
    model: &Model,
    first: &Patient,
    second: &Patient,
    exempt: Option<usize>,
) -> bool {
    let program = &model.guideline.program;
    let (_, truths) = decide_with_truths(program, first);
    (0..program.cells.len()).all(|fact| {
        let (from, to) = (first.cells[fact], second.cells[fact]);
        let all = program.cells[fact].all();
        let unknown = |patient: &Patient| patient.cells[fact] == all && !patient.vague[fact];
        let skipped =
            unknown(first) && program.needed[fact].is_some_and(|needed| truths.is_false(needed));
        exempt == Some(fact)
            || to & !from == 0
                && (!skipped || unknown(second))
                && (unknown(first) || !unknown(second))
    })
}
