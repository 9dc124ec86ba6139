//! `never-cleared`: each line of `## Never cleared by` is a reassuring test of
//! a fact, with a constant the page itself uses, parted on the same side.

use crate::diagnostic::Diagnostic;
use crate::facts::{Danger, Fact, Kind};
use crate::guideline::Guideline;
use crate::page::{Comparison, Group, Test, TestKind};

pub(super) fn check(guideline: &Guideline, faults: &mut Vec<Diagnostic>) {
    for loaded in &guideline.pages {
        let page = &loaded.page;
        let rules = [&page.when, &page.excluded];
        let tests: Vec<&Test> = rules.into_iter().flatten().flat_map(Group::tests).collect();
        for never in &page.never {
            let file = loaded.file();
            let Some(fact) = guideline.fact(&never.subject.text) else {
                let message = format!("no fact is called `{}`", never.subject.text);
                faults.push(Diagnostic::error(
                    "never-cleared",
                    &file,
                    never.subject.span.clone(),
                    message,
                ));
                continue;
            };
            if !reassures(&guideline.facts[fact], &never.kind) {
                let message = format!("this does not reassure about `{}`", never.subject.text);
                let fault = Diagnostic::error("never-cleared", &file, never.span.clone(), message);
                faults
                    .push(fault.help("write safe values, or the reassuring side of the constant"));
                continue;
            }
            let TestKind::Compares { comparison, number, .. } = &never.kind else {
                continue;
            };
            let same_constant = tests.iter().any(|test| match &test.kind {
                TestKind::Compares { comparison: sign, number: other, .. } => {
                    test.subject.text == never.subject.text
                        && other.text == number.text
                        && (sign == comparison || *sign == complement(*comparison))
                }
                _ => false,
            });
            if !same_constant {
                let fault = Diagnostic::error(
                    "never-cleared",
                    &file,
                    number.span.clone(),
                    "the rules of this page do not part the numbers here",
                );
                faults.push(
                    fault.help("write the constant of `## When` or `## Excluded when`, and its sign or the contrary"),
                );
            }
        }
    }
}

/// The sign that holds of every other number.
fn complement(sign: Comparison) -> Comparison {
    match sign {
        Comparison::AtLeast => Comparison::Below,
        Comparison::Below => Comparison::AtLeast,
        Comparison::Above => Comparison::AtMost,
        Comparison::AtMost => Comparison::Above,
    }
}

/// Whether a test names known values of the fact, and safe ones only.
fn reassures(fact: &Fact, test: &TestKind) -> bool {
    match (test, &fact.kind) {
        (TestKind::Is(words), Kind::Named { values, dangerous, .. }) => words.iter().all(|word| {
            let found = values.iter().position(|value| *value == word.text);
            found.is_some_and(|at| !dangerous[at])
        }),
        (TestKind::Compares { comparison, number, unit }, Kind::Quantity(quantity)) => {
            let unit = unit.as_ref().map(|unit| unit.text.as_str());
            let Ok(place) = quantity.place(&number.text, unit) else { return false };
            let alarm = quantity.alarm;
            match (comparison, fact.danger) {
                (Comparison::AtMost, Danger::Rising) => alarm.is_none_or(|alarm| place < alarm),
                (Comparison::Below, Danger::Rising) => alarm.is_none_or(|alarm| place <= alarm),
                (Comparison::AtLeast, Danger::Falling) => alarm.is_none_or(|alarm| place > alarm),
                (Comparison::Above, Danger::Falling) => alarm.is_none_or(|alarm| place >= alarm),
                _ => fact.danger == Danger::None,
            }
        }
        _ => false,
    }
}
