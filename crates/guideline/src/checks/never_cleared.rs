//! `never-cleared`: each line of `## Never cleared by` is a reassuring test of
//! a fact, with a constant the page itself uses.

use crate::diagnostic::Diagnostic;
use crate::guideline::Guideline;
use crate::page::{Group, Test, TestKind};

pub(super) fn check(guideline: &Guideline, faults: &mut Vec<Diagnostic>) {
    for loaded in &guideline.pages {
        let page = &loaded.page;
        let rules = [&page.when, &page.excluded];
        let tests: Vec<&Test> = rules.into_iter().flatten().flat_map(Group::tests).collect();
        for never in &page.never {
            let file = loaded.file();
            let Some(_) = guideline.fact(&never.subject.text) else {
                let message = format!("no fact is called `{}`", never.subject.text);
                faults.push(Diagnostic::error(
                    "never-cleared",
                    &file,
                    never.subject.span.clone(),
                    message,
                ));
                continue;
            };
            let TestKind::Compares { number, .. } = &never.kind else {
                continue;
            };
            let same_constant = tests.iter().any(|test| match &test.kind {
                TestKind::Compares { number: other, .. } => {
                    test.subject.text == never.subject.text && other.text == number.text
                }
                _ => false,
            });
            if !same_constant {
                let fault = Diagnostic::error(
                    "never-cleared",
                    &file,
                    number.span.clone(),
                    "the rules of this page do not use this constant",
                );
                faults.push(fault.help("write the constant of `## When` or `## Excluded when`"));
            }
        }
    }
}
