//! E8: what a page names under `## Never cleared by` clears nothing. Learning
//! such a value never lowers "at least" and never takes back what the page has
//! raised; and while the other answers could still raise the concern without it,
//! the value does not close it. Why a value may complete an exclusion that waits
//! for nothing else: docs/decisions/0015-never-cleared.md.

use cauda_guideline::Guideline;
use cauda_guideline::decide::{Verdict, decide, decide_with_truths};
use cauda_guideline::facts::{FactIndex, Kind};
use cauda_guideline::page::{Test, TestKind};
use cauda_guideline::program::Cells;
use cauda_guideline::resolve::Patient;
use cauda_guideline::vocabulary::Tier;

use super::unknown_never_reassures::refines_but_for;
use super::{Model, Outcome};
use crate::circuit::Literal;
use crate::counterexample::{Counterexample, shrink_pair, story};
use crate::solver::Found;

/// A line of `## Never cleared by`.
struct Line {
    /// The concern of its page.
    concern: usize,
    /// Id of the page.
    page: String,
    fact: FactIndex,
    /// What reassures.
    cells: Cells,
}

pub(super) fn check(model: &mut Model) -> Outcome {
    for line in lines(model.guideline) {
        let Line { concern, fact, cells, .. } = line;
        let rule = model.guideline.program.concerns[concern].rule;
        let [first, second] = [&model.first, &model.second];
        // The fact is unknown in the first patient and reassures in the second.
        let mut learnt: Vec<Literal> = others(model, fact);
        learnt.push(first.unknown[fact]);
        learnt.extend(reassures(&second.possible[fact], second.unknown[fact], cells));
        let mut questions = vec![(
            [first.places[rule].yes, -second.places[rule].yes],
            learnt.clone(),
            format!("`{}` is raised, and takes it back", line.page),
        )];
        for tier in Tier::ALL.into_iter().skip(1) {
            let at = tier as usize;
            questions.push((
                [first.at_least[at], -second.at_least[at]],
                learnt.clone(),
                "the certain urgency falls".to_string(),
            ));
        }
        // It reassures in the first, who is excluded; the second learns everything
        // else and not this.
        let mut without: Vec<Literal> = others(model, fact);
        without.extend(reassures(&first.possible[fact], first.unknown[fact], cells));
        without.push(second.unknown[fact]);
        questions.push((
            [first.excluded[concern], second.raised[concern]],
            without,
            format!("`{}` is excluded, and without it other answers raise it", line.page),
        ));
        for (question, mut assumed, what) in questions {
            assumed.extend(question);
            match model.find(&assumed) {
                Found::Nothing => {}
                Found::Failed(why) => return Outcome::Failed(why),
                Found::Assignment(values) => return broken(model, &values, &line, what),
            }
        }
    }
    Outcome::Holds
}

fn others(model: &Model, fact: FactIndex) -> Vec<Literal> {
    let facts = model.refines_in.iter().enumerate();
    facts.filter(|(other, _)| *other != fact).map(|(_, literal)| *literal).collect()
}

fn reassures(possible: &[Literal], unknown: Literal, cells: Cells) -> Vec<Literal> {
    let outside = possible.iter().enumerate().filter(|(cell, _)| cells >> cell & 1 == 0);
    outside.map(|(_, literal)| -literal).chain([-unknown]).collect()
}

fn broken(model: &Model, values: &[bool], line: &Line, what: String) -> Outcome {
    let (first, second) = model.patients(values);
    let breaks = |first: &Patient, second: &Patient| breaks(model, line, first, second);
    if !breaks(&first, &second) {
        return Outcome::Failed("formula and engine differ on a patient".into());
    }
    let (first, second) = shrink_pair(model.guideline, &first, &second, &breaks);
    Outcome::Broken(Box::new(Counterexample {
        property: "E8",
        what: format!("`{}` is said never to clear: {what}", model.guideline.facts[line.fact].id),
        first: story(model.guideline, &first),
        second: Some(story(model.guideline, &second)),
    }))
}

fn breaks(model: &Model, line: &Line, first: &Patient, second: &Patient) -> bool {
    let program = &model.guideline.program;
    if !refines_but_for(model, first, second, Some(line.fact)) {
        return false;
    }
    let unknown = |patient: &Patient| {
        patient.cells[line.fact] == program.cells[line.fact].all() && !patient.vague[line.fact]
    };
    let reassured =
        |patient: &Patient| patient.cells[line.fact] & !line.cells == 0 && !unknown(patient);
    let [before, after] = [first, second].map(|patient| decide(program, patient));
    let closed = |verdict: &Verdict| verdict.excluded >> line.concern & 1 == 1;
    let raised = |verdict: &Verdict| verdict.raised >> line.concern & 1 == 1;
    if unknown(first) && reassured(second) {
        let rule = program.concerns[line.concern].rule;
        let holds = |patient: &Patient| decide_with_truths(program, patient).1.is_true(rule);
        return after.at_least < before.at_least || holds(first) && !holds(second);
    }
    reassured(first) && unknown(second) && closed(&before) && raised(&after)
}

fn lines(guideline: &Guideline) -> Vec<Line> {
    let mut found = Vec::new();
    for (index, concern) in guideline.program.concerns.iter().enumerate() {
        let loaded = &guideline.pages[concern.page];
        for never in &loaded.page.never {
            let known = guideline.fact(&never.subject.text);
            if let Some((fact, cells)) =
                known.and_then(|fact| Some((fact, cells(guideline, fact, never)?)))
            {
                found.push(Line { concern: index, page: loaded.id.clone(), fact, cells });
            }
        }
    }
    found
}

/// The cells a line names.
fn cells(guideline: &Guideline, fact: FactIndex, line: &Test) -> Option<Cells> {
    match (&line.kind, &guideline.facts[fact].kind) {
        (TestKind::Is(words), Kind::Named { values, .. }) => {
            let named =
                words.iter().map(|word| values.iter().position(|known| *known == word.text));
            named.map(|cell| cell.map(|cell| 1 << cell)).sum()
        }
        (TestKind::Compares { comparison, number, unit }, Kind::Quantity(quantity)) => {
            let place = quantity.place(&number.text, unit.as_ref().map(|unit| unit.text.as_str()));
            let (least, greatest) = quantity.limits(Some(*comparison), place.ok()?)?;
            Some(guideline.program.cells[fact].between(least, greatest))
        }
        _ => None,
    }
}
