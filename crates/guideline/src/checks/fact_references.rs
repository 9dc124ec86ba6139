//! `bad-fact`, `unused-fact`: facts name each other correctly, and every fact
//! is looked at by some page.

use crate::diagnostic::Diagnostic;
use crate::facts::{Fact, Kind, Sort};
use crate::guideline::Guideline;

pub(super) fn check(guideline: &Guideline, faults: &mut Vec<Diagnostic>) {
    let guards: Vec<&str> =
        guideline.facts.iter().filter_map(|fact| fact.withheld_while.as_deref()).collect();
    for (index, fact) in guideline.facts.iter().enumerate() {
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
        if let Some(guard) = &fact.withheld_while
            && guideline
                .fact(guard)
                .and_then(|index| guideline.facts[index].value_index("present"))
                .is_none()
        {
            faults.push(bad(
                fact,
                format!("`withheld_while` names `{guard}`, which can never be present"),
            ));
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
            faults.push(Diagnostic::warning(
                "unused-fact",
                &fact.file(),
                fact.span.clone(),
                message,
            ));
        }
    }
}

fn exists_page(guideline: &Guideline, id: &str) -> bool {
    guideline.pages.iter().any(|page| page.id == id)
}

fn bad(fact: &Fact, message: String) -> Diagnostic {
    Diagnostic::error("bad-fact", &fact.file(), fact.span.clone(), message).help("mend the name")
}
