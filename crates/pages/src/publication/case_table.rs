//! The cases of a page as tables, over as many pages as they need.

use cauda_guideline::cases::{outcome, patient_of};
use cauda_guideline::page::{Case, Expect};
use maud::{Markup, html};

use super::shell::View;
use super::site::{Site, chunks};
use super::words;

/// Estimated bytes of a row that names no fact.
const ROW_BYTES: usize = 260;

/// Files for the cases of a page that is too large with them.
pub fn own_files(site: &Site, page: usize) -> Vec<(String, Vec<usize>)> {
    let cases = &site.guideline.pages[page].page.cases;
    let sizes: Vec<usize> =
        cases.iter().map(|case| ROW_BYTES + 90 * (case.settings.len() + case.asks.len())).collect();
    let stem = site.page_href(page);
    let stem = stem.trim_end_matches(".html");
    let named = |(part, places): (usize, Vec<usize>)| {
        let number = if part == 0 { String::new() } else { format!("_{}", part + 1) };
        (format!("{stem}.cases{number}.html"), places)
    };
    chunks(&sizes).into_iter().enumerate().map(named).collect()
}

/// How many cases of a page come out as the page says; all of them, or the
/// guideline would not have been read.
pub fn holding(site: &Site, page: usize) -> usize {
    let guideline = site.guideline;
    let loaded = &guideline.pages[page];
    let holds = |case: &&Case| {
        patient_of(guideline, &loaded.file(), case)
            .is_ok_and(|patient| outcome(guideline, page, &patient) == case.expect)
    };
    loaded.page.cases.iter().filter(holds).count()
}

/// Some of a page's cases.
pub fn table<'a>(
    view: View,
    caption: &str,
    cases: impl Iterator<Item = &'a Case> + Clone,
) -> Markup {
    let asks = cases.clone().any(|case| !case.asks.is_empty());
    html! {
        table.cases.stack {
            caption { (caption) }
            thead {
                tr {
                    th scope="col" { "The page" }
                    th scope="col" { "for a patient with" }
                    th scope="col" { "All else" }
                    @if asks { th scope="col" { "Asks for" } }
                }
            }
            tbody {
                @for case in cases {
                    tr {
                        th scope="row" { (expected(case.expect)) }
                        td { (settings(view, case)) }
                        td data-label="All else" { (words::all_else(case.all_else)) }
                        @if asks { td data-label="Asks for" { (asked(view, case)) } }
                    }
                }
            }
        }
    }
}

fn expected(expect: Expect) -> Markup {
    let class = match expect {
        Expect::Fires => "fires",
        Expect::DoesNotFire => "silent",
        Expect::CannotTell => "unsure",
    };
    html! { span class=(class) { (expect.words()) } }
}

/// The facts a case names, one after the other.
pub fn settings(view: View, case: &Case) -> Markup {
    html! {
        @for (at, setting) in case.settings.iter().enumerate() {
            @if at > 0 { "; " }
            (staff(view, &setting.fact.text)) ": " strong { (words::given(setting)) }
        }
        @if case.settings.is_empty() { "no fact named" }
    }
}

fn asked(view: View, case: &Case) -> Markup {
    let names: Vec<&str> = case.asks.iter().map(|word| staff(view, &word.text)).collect();
    html! { (names.join("; ")) }
}

/// The wording of a fact, or of an attestation that a case says was signed.
pub fn staff<'a>(view: View<'a>, id: &'a str) -> &'a str {
    let guideline = view.site.guideline;
    let mut attestations = guideline.attestations.iter();
    let signed = || attestations.find(|known| known.id == id).map(|known| known.staff.as_str());
    let fact = guideline.fact(id).map(|fact| guideline.facts[fact].staff.as_str());
    fact.or_else(signed).unwrap_or(id)
}
