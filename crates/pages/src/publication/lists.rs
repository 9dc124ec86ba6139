//! Rules as nested lists, in the words of the facts.

use cauda_guideline::page::{Group, Item, Test, TestKind, Word};
use maud::{Markup, html};

use super::shell::{View, listed};
use super::words;

/// The items of a rule.
pub fn group(view: View, group: &Group) -> Markup {
    html! {
        ul.rule {
            @for item in &group.items {
                @match item {
                    Item::Test(test) => li { (line(view, test)) },
                    Item::Group(inner) => li {
                        span.need { (words::need(inner.need)) }
                        (self::group(view, inner))
                    },
                }
            }
        }
    }
}

/// Tests under a heading of their own.
pub fn tests(view: View, tests: &[Test]) -> Markup {
    html! { ul.rule { @for test in tests { li { (line(view, test)) } } } }
}

/// One test: wording, what is asked of it, its id, its notes.
pub fn line(view: View, test: &Test) -> Markup {
    html! {
        (subject(view, test)) ": " strong { (words::asked(test)) } " "
        code { (test.subject.text) }
        (notes(view, &test.notes))
    }
}

fn subject(view: View, test: &Test) -> Markup {
    let (site, id) = (view.site, test.subject.text.as_str());
    match test.kind {
        TestKind::Suspected | TestKind::Excluded => match site.concern_page(id) {
            Some(page) => view.page_link(page),
            None => html! { (words::heading(id)) },
        },
        _ => match site.guideline.fact(id) {
            Some(fact) => view.fact_link(fact),
            None => html! { (words::heading(id)) },
        },
    }
}

fn notes(view: View, notes: &[Word]) -> Markup {
    let shown: Vec<Markup> = notes
        .iter()
        .map(|note| match note.text.as_str() {
            "local policy" => html! {
                a.local href=(view.href("policy.html")) { "local policy" }
            },
            source => view.source_link(source),
        })
        .collect();
    html! { @if !shown.is_empty() { " (" (listed(&shown)) ")" } }
}
