//! SP4: no emergency without a listed danger sign, and no scan and no open
//! question when all is clear. The list is the `danger` and `alarm` of the
//! facts, kept apart from the rules, and what a scan has found.

use cauda_guideline::Guideline;
use cauda_guideline::decide::{decide, decide_with_truths};
use cauda_guideline::facts::Danger;
use cauda_guideline::program::Place;
use cauda_guideline::resolve::Patient;
use cauda_guideline::vocabulary::Tier;

use super::{Model, Outcome};
use crate::circuit::Literal;
use crate::encode::Copy;
use crate::single::{all_clear, is_all_clear};

/// Adds "no listed danger sign" and "all clear" for the first patient.
pub(super) fn prepare(model: &mut Model) {
    let program = &model.guideline.program;
    let mut without = Vec::new();
    for fact in 0..program.cells.len() {
        let cells = &program.cells[fact];
        if !Copy::is_entered(program, fact) || cells.count == 1 || !is_listed(model.guideline, fact)
        {
            continue;
        }
        let possible = model.first.possible[fact].iter().enumerate();
        let safe = possible.filter(|(cell, _)| cells.dangerous >> cell & 1 == 0);
        let safe: Vec<Literal> = safe.map(|(_, literal)| *literal).collect();
        without.push(model.circuit.or(&safe));
    }
    // What a scan has found is a sign, too.
    without.extend(found(model.guideline).map(|place| -model.first.places[place].yes));
    model.no_sign = model.circuit.and(&without);
    model.all_clear = all_clear(program, &model.first, &mut model.circuit);
}

/// Places of the results pages that answer a concern: a report of a cause.
fn found(guideline: &Guideline) -> impl Iterator<Item = Place> {
    let reports = guideline.program.reports.iter();
    let answers = reports.filter(|report| {
        guideline.pages[report.page].page.then_phrases("answered").next().is_some()
    });
    answers.map(|report| report.holds)
}

fn is_listed(guideline: &Guideline, fact: usize) -> bool {
    let cells = &guideline.program.cells[fact];
    guideline.facts[fact].danger != Danger::None && cells.dangerous != 0 && cells.assume.is_none()
}

pub(super) fn check(model: &mut Model) -> Outcome {
    let emergency = [model.no_sign, model.first.acted[Tier::Emergency as usize]];
    let breaks = |model: &Model, patient: &Patient| {
        has_no_sign(model.guideline, patient)
            && decide(&model.guideline.program, patient).acted >= Tier::Emergency
    };
    if let Some(outcome) =
        model.ask("SP4", &emergency, &breaks, "an emergency without a listed danger sign".into())
    {
        return outcome;
    }
    for index in 0..model.guideline.program.concerns.len() {
        let page = model.guideline.pages[model.guideline.program.concerns[index].page].id.clone();
        let scan = [model.no_sign, model.first.raised[index]];
        let breaks = |model: &Model, patient: &Patient| {
            let raised = decide(&model.guideline.program, patient).raised >> index & 1 == 1;
            raised && has_no_sign(model.guideline, patient)
        };
        let is_scope = model.guideline.program.concerns[index].tier == Tier::None;
        if !is_scope
            && let Some(outcome) = model.ask(
                "SP4",
                &scan,
                &breaks,
                format!("`{page}` is raised without a listed danger sign"),
            )
        {
            return outcome;
        }
        let closed = [model.all_clear, -model.first.excluded[index]];
        let breaks = |model: &Model, patient: &Patient| {
            let closed = decide(&model.guideline.program, patient).excluded >> index & 1 == 1;
            !closed && is_all_clear(model.guideline, patient)
        };
        if let Some(outcome) = model.ask(
            "SP4",
            &closed,
            &breaks,
            format!("all is clear, and `{page}` is not excluded"),
        ) {
            return outcome;
        }
    }
    Outcome::Holds
}

fn has_no_sign(guideline: &Guideline, patient: &Patient) -> bool {
    let (_, truths) = decide_with_truths(&guideline.program, patient);
    let listed = (0..guideline.facts.len())
        .filter(|fact| is_listed(guideline, *fact) && Copy::is_entered(&guideline.program, *fact))
        .all(|fact| patient.cells[fact] & !guideline.program.cells[fact].dangerous != 0);
    listed && !found(guideline).any(|place| truths.is_true(place))
}
