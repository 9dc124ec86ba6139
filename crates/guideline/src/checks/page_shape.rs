//! `page-shape`, `too-few-cases`: each kind of page has its sections, and
//! enough cases of each outcome.

use crate::diagnostic::Diagnostic;
use crate::guideline::Guideline;
use crate::guideline::LoadedPage;
use crate::page::{Expect, Group, PageKind};

/// Fewest cases of a page.
const CASES_MIN: usize = 4;

pub(super) fn check(guideline: &Guideline, faults: &mut Vec<Diagnostic>) {
    for loaded in &guideline.pages {
        sections(loaded, faults);
        cases(guideline, loaded, faults);
    }
}

fn sections(loaded: &LoadedPage, faults: &mut Vec<Diagnostic>) {
    let page = &loaded.page;
    let mut need = |has: bool, what: &str, help: &str| {
        if !has {
            faults.push(
                Diagnostic::error("page-shape", &loaded.file(), 0..0, what.to_string()).help(help),
            );
        }
    };
    let needed = page.needed == (loaded.kind == PageKind::Test);
    need(
        needed,
        "the wrong heading for this folder",
        "`## Needed when` in tests/, `## When` elsewhere",
    );
    let concern = loaded.kind.is_concern();
    let then = !page.then.is_empty() || loaded.kind == PageKind::Definition;
    need(then, "the page does not say what to do", "add `## Then`");
    let only_concerns = page.excluded.is_none()
        && page.results.is_empty()
        && page.never.is_empty()
        && page.stuck.is_empty();
    need(concern || only_concerns, "a section that belongs to concern pages", "delete it");
}

fn cases(guideline: &Guideline, loaded: &LoadedPage, faults: &mut Vec<Diagnostic>) {
    let cases = &loaded.page.cases;
    let missing = [Expect::Fires, Expect::DoesNotFire, Expect::CannotTell]
        .into_iter()
        .filter(|expect| !cases.iter().any(|case| case.expect == *expect))
        // A rule over the engine's own answers or over assumed values is never unknown.
        .filter(|expect| {
            let certain = loaded.kind.is_late() || is_certain(guideline, loaded);
            !(certain && *expect == Expect::CannotTell)
        })
        .map(Expect::words)
        .collect::<Vec<_>>();
    if cases.len() < CASES_MIN || !missing.is_empty() {
        let lacks = if missing.is_empty() {
            String::new()
        } else {
            format!(", none that {}", missing.join(" or "))
        };
        let message = format!("the page has {} cases{lacks}", cases.len());
        let fault = Diagnostic::error("too-few-cases", &loaded.file(), 0..0, message);
        faults.push(fault.help("write four or more: fires, does not fire, cannot tell"));
    }
}

/// Whether the page looks only at facts that have a value until somebody says
/// otherwise, such as reports.
fn is_certain(guideline: &Guideline, loaded: &LoadedPage) -> bool {
    let tests = loaded.page.when.as_ref().map(Group::tests).unwrap_or_default();
    tests.iter().all(|test| {
        let fact = guideline.fact(&test.subject.text);
        fact.is_some_and(|fact| guideline.facts[fact].assumed().is_some())
    })
}
