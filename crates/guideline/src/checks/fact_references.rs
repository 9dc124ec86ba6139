//! `bad-fact`, `unused-fact`: facts name each other correctly, and every fact
//! is looked at by some page.

use crate::diagnostic::Diagnostic;
use crate::facts::{Danger, Fact, Kind, Sort};
use crate::guideline::Guideline;
use crate::page::{Group, PageKind};

pub(super) fn check(guideline: &Guideline, faults: &mut Vec<Diagnostic>) {
    let guards: Vec<&str> =
        guideline.facts.iter().flat_map(|fact| &fact.withheld_while).map(String::as_str).collect();
    for id in &guideline.not_noticed_at_home {
        if guideline.fact(id).is_none() {
            let message = format!("`not_noticed_at_home` names `{id}`, which is no fact");
            let fault = Diagnostic::error("unknown-fact", "guideline.toml", 0..0, message);
            faults.push(fault.help("correct the name, or take it out"));
        }
    }
    for id in &guideline.ambulance {
        let dangerous = |index: usize| guideline.program.cells[index].dangerous != 0;
        if !guideline.fact(id).is_some_and(dangerous) {
            let message = format!("`ambulance` names `{id}`, which can never be dangerous");
            let fault = Diagnostic::error("unknown-fact", "guideline.toml", 0..0, message);
            faults.push(fault.help("correct the name, or take it out"));
        }
    }
    for (index, fact) in guideline.facts.iter().enumerate() {
        let looked_at = !guideline.program.places[index].is_empty();
        let listed = guideline.exceptions.contains(&fact.id);
        if fact.danger == Danger::None && !fact.is_computed() && looked_at && !listed {
            let message =
                format!("`{}` has no direction of danger and is no signed exception", fact.id);
            let fault =
                Diagnostic::error("unsigned-exception", &fact.file(), fact.span.clone(), message);
            faults.push(
                fault.help("give it a direction, or list it under `exceptions` in guideline.toml"),
            );
        }
        for source in &fact.worsening_of {
            let is_quantity = guideline
                .fact(source)
                .is_some_and(|index| guideline.facts[index].quantity().is_some());
            if !is_quantity {
                faults.push(bad(
                    fact,
                    format!("`worsening_of` names `{source}`, which is not a quantity"),
                ));
            }
        }
        for guard in &fact.withheld_while {
            let found = guideline.fact(guard);
            if found.and_then(|index| guideline.facts[index].value_index("present")).is_none() {
                let message =
                    format!("`withheld_while` names `{guard}`, which can never be present");
                faults.push(bad(fact, message));
            }
        }
        for sign in &fact.taken_back_by {
            let dangerous = |index: usize| guideline.program.cells[index].dangerous != 0;
            if !guideline.fact(sign).is_some_and(dangerous) {
                let message =
                    format!("`taken_back_by` names `{sign}`, which can never be dangerous");
                faults.push(bad(fact, message));
            }
        }
        if let Some(page) = &fact.needed
            && !exists_page(guideline, page)
        {
            faults.push(bad(fact, format!("`needed` names `{page}`, which is not a page")));
        }
        let derived = matches!(fact.kind, Kind::Named { sort: Sort::Derived, .. });
        let used = match derived {
            true => guideline.program.definitions[index].is_some(),
            false => !guideline.program.places[index].is_empty(),
        };
        let built_in = matches!(fact.kind, Kind::Named { sort: Sort::BuiltIn, .. });
        let guard = guards.contains(&fact.id.as_str());
        if !used && !built_in && !guard {
            let message = format!("no page looks at `{}`", fact.id);
            let file = fact.file();
            let is_danger = guideline.program.cells[index].dangerous != 0;
            faults.push(match is_danger {
                // A danger sign that nobody acts on reads as if somebody did.
                true => Diagnostic::error("unused-fact", &file, fact.span.clone(), message)
                    .help("use it in a page, or delete it"),
                false => Diagnostic::warning("unused-fact", &file, fact.span.clone(), message),
            });
        }
    }
}

/// `report-unknown`: a results page looks only at facts that are never unknown,
/// so that a report closes a concern for certain or not at all.
pub(super) fn check_reports(guideline: &Guideline, faults: &mut Vec<Diagnostic>) {
    for loaded in guideline.pages.iter().filter(|page| page.kind == PageKind::Result) {
        for test in loaded.page.when.as_ref().map(Group::tests).unwrap_or_default() {
            let fact = guideline.fact(&test.subject.text);
            let certain = fact.is_some_and(|fact| guideline.facts[fact].assumed().is_some());
            if !certain {
                let message = format!("`{}` may be unknown", test.subject.text);
                let span = test.subject.span.clone();
                let fault = Diagnostic::error("report-unknown", &loaded.file(), span, message);
                faults.push(
                    fault.help("a report has a value until somebody says otherwise: `assume`"),
                );
            }
        }
    }
}

fn exists_page(guideline: &Guideline, id: &str) -> bool {
    guideline.pages.iter().any(|page| page.id == id)
}

fn bad(fact: &Fact, message: String) -> Diagnostic {
    Diagnostic::error("bad-fact", &fact.file(), fact.span.clone(), message).help("mend the name")
}
