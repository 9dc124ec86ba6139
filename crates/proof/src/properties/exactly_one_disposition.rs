//! SP1: total and exclusive. Never two dispositions; if none stands, a concern
//! is open or a disposition waits for an answer; and no page is raised and
//! excluded by its own rules at once.

use cauda_guideline::decide::decide_with_truths;
use cauda_guideline::resolve::Patient;

use super::{Model, Outcome};
use crate::circuit::Literal;

/// Adds "this concern is not open" for every concern.
pub(super) fn prepare(model: &mut Model) {
    for index in 0..model.first.raised.len() {
        let closed = model.circuit.or(&[model.first.raised[index], model.first.excluded[index]]);
        model.closed.push(closed);
    }
}

pub(super) fn check(model: &mut Model) -> Outcome {
    let rows = model.guideline.program.rows.len();
    for left in 0..rows {
        for right in left + 1..rows {
            let question = [model.first.chosen[left], model.first.chosen[right]];
            let breaks = |model: &Model, patient: &Patient| {
                let (_, truths) = decide_with_truths(&model.guideline.program, patient);
                let chosen = |row: usize| truths.is_true(model.guideline.program.rows[row].chosen);
                chosen(left) && chosen(right)
            };
            let names = [left, right].map(|row| model.guideline.program.rows[row].go.clone());
            let what = format!("both `{}` and `{}` match", names[0], names[1]);
            if let Some(outcome) = model.ask("SP1", &question, &breaks, what) {
                return outcome;
            }
        }
    }
    if let Some(outcome) = somewhere_to_go(model) {
        return outcome;
    }
    for index in 0..model.guideline.program.concerns.len() {
        let concern = &model.guideline.program.concerns[index];
        let page = model.guideline.pages[concern.page].id.clone();
        let question = [model.first.raised[index], model.first.places[concern.excluded].yes];
        let breaks = |model: &Model, patient: &Patient| {
            let (_, truths) = decide_with_truths(&model.guideline.program, patient);
            let concern = &model.guideline.program.concerns[index];
            truths.is_true(concern.raised) && truths.is_true(concern.excluded)
        };
        let what = format!("`{page}` is raised and excluded at once");
        if let Some(outcome) = model.ask("SP1", &question, &breaks, what) {
            return outcome;
        }
    }
    Outcome::Holds
}

/// No disposition, no open concern, and nothing a disposition waits for.
fn somewhere_to_go(model: &mut Model) -> Option<Outcome> {
    let mut question: Vec<Literal> = model.first.stands.iter().map(|row| -row).collect();
    question
        .extend(model.guideline.program.rows.iter().map(|row| model.first.places[row.chosen].no));
    let breaks = |model: &Model, patient: &Patient| {
        let (verdict, truths) = decide_with_truths(&model.guideline.program, patient);
        let nowhere = model.guideline.program.rows.iter().all(|row| truths.is_false(row.chosen));
        let open = (0..model.guideline.program.concerns.len())
            .any(|index| verdict.state(index) == cauda_guideline::decide::State::Open);
        nowhere && !open
    };
    question.extend(&model.closed);
    let what = "no disposition matches, and nothing is left to ask".into();
    model.ask("SP1", &question, &breaks, what)
}
