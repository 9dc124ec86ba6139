//! Every fact: its wording, what it can be, who may say it, who reads it.

use cauda_guideline::facts::{Fact, FactIndex, Kind, Quantity, Sort};
use cauda_guideline::units;
use maud::{Markup, html};

use super::parts::{self, Parts};
use super::shell::{View, listed};
use super::site::FactPage;
use super::words;

/// The list of all facts.
pub fn index(view: View) -> Markup {
    html! {
        h1 { "Facts" }
        p {
            "Everything a rule may look at. A fact that nobody has answered is unknown; "
            "unknown is never the same as absent."
        }
        @for part in view.site.fact_pages() {
            h2 { a href=(view.href(&part.file)) { (title(&part)) } }
            table.stack {
                caption { (words::count(part.facts.len(), "fact")) }
                thead {
                    tr {
                        th scope="col" { "Wording for staff" }
                        th scope="col" { "How" }
                        th scope="col" { "Read by" }
                    }
                }
                tbody { @for fact in &part.facts { (row(view, *fact)) } }
            }
        }
    }
}

fn row(view: View, fact: FactIndex) -> Markup {
    let known = &view.site.guideline.facts[fact];
    html! {
        tr {
            th scope="row" { a href=(view.href(&view.site.fact_entry(fact))) { (known.staff) } }
            td { (words::by(known.by)) }
            td data-label="Read by" { (words::count(view.site.readers_of_fact(fact).len(), "page")) }
        }
    }
}

/// Title of a page of facts.
pub fn title(part: &FactPage) -> String {
    let group = match part.group {
        "engine" => "Worked out by the engine".to_string(),
        "derived" => "Worked out by definitions".to_string(),
        group => words::heading(group),
    };
    match parts::name(part.part, part.files.len()) {
        Some(name) => format!("{group}, {name}"),
        None => group,
    }
}

/// Some facts in full.
pub fn page(view: View, part: &FactPage) -> Markup {
    html! {
        p.crumb { a href=(view.href("facts/index.html")) { "Facts" } }
        h1 { (title(part)) }
        @let parts = Parts::of(part.files.iter().map(String::as_str), &part.file);
        (parts.links(view))
        @if part.group == "engine" {
            p {
                "Nobody enters these. The engine works them out from the concerns, "
                "and only pages that come after the concerns look at them."
            }
        }
        @for fact in &part.facts { (entry(view, *fact)) }
        (parts.links(view))
    }
}

fn entry(view: View, fact: FactIndex) -> Markup {
    let known = &view.site.guideline.facts[fact];
    let computed = known.is_computed();
    html! {
        section.entry.keep {
            h2 id=(known.id) { (known.staff) }
            dl {
                (pair("Id", &html! { code { (known.id) } }))
                @if !computed { (pair("For the patient", &html! { (known.patient) })) }
                (values(known))
                @if !computed { (said(known)) }
                (origins(view, fact, known))
                (pair("Read by", &readers(view, fact)))
            }
        }
    }
}

fn pair(name: &str, what: &Markup) -> Markup {
    html! { div { dt { (name) } dd { (what) } } }
}

fn values(fact: &Fact) -> Markup {
    match &fact.kind {
        Kind::Named { sort, values, dangerous, clear, assume } => {
            let shown = |at: &usize| words::plain(values.get(*at).map_or("", String::as_str));
            let dangers: Vec<String> =
                (0..values.len()).filter(|at| dangerous[*at]).map(|at| shown(&at)).collect();
            let all: Vec<String> = (0..values.len()).map(|at| shown(&at)).collect();
            html! {
                (pair("Values", &html! { (all.join(", ")) }))
                @if *sort != Sort::BuiltIn {
                    (pair("Danger", &html! {
                        @if dangers.is_empty() { "no value by itself" }
                        @else { strong { (dangers.join(", ")) } }
                    }))
                    (pair("Clear", &html! { (shown(clear)) }))
                }
                @if let Some(value) = assume {
                    (pair("Until somebody says otherwise", &html! { (shown(value)) }))
                }
            }
        }
        Kind::Quantity(quantity) => measured(fact, quantity),
    }
}

fn measured(fact: &Fact, quantity: &Quantity) -> Markup {
    let text = |place: i64| words::interval(&quantity.text(place), &quantity.unit);
    let others: Vec<&str> = quantity
        .accepts
        .iter()
        .filter(|code| **code != quantity.unit)
        .map(String::as_str)
        .collect();
    html! {
        (pair("Values", &html! { (text(quantity.range.0)) " to " (text(quantity.range.1)) }))
        @if quantity.unit != "1" {
            (pair("Unit", &html! {
                (units::words(&quantity.unit)) ", UCUM " code { (quantity.unit) }
                @if !others.is_empty() { "; also accepted: " code { (others.join(", ")) } }
            }))
        }
        (pair("Danger", &html! {
            (words::danger(fact))
            @if let Some(alarm) = quantity.alarm {
                "; a danger sign by itself from " strong { (text(alarm)) }
            }
        }))
        (pair("Clear", &html! { (text(quantity.clear)) }))
    }
}

fn said(fact: &Fact) -> Markup {
    let stages: Vec<&str> = fact.asked_at.iter().map(|stage| words::stage(*stage)).collect();
    let roles: Vec<&str> = fact.asked_of.iter().map(|role| words::role(*role)).collect();
    html! {
        (pair("How", &html! { (words::by(fact.by)) }))
        (pair("When", &html! { (stages.join(", ")) }))
        (pair("Who may reassure", &html! { (roles.join(", ")) }))
        (pair("A reassuring answer counts", &html! {
            @match fact.fresh_seconds {
                Some(seconds) => { "for " (words::seconds(seconds)) },
                None => "for the whole visit",
            }
        }))
        (pair("Several answers", &html! { (words::keep(fact.keep)) }))
    }
}

fn origins(view: View, fact: FactIndex, known: &Fact) -> Markup {
    let site = view.site;
    let named = |ids: &[String]| -> Vec<Markup> {
        let facts = ids.iter().filter_map(|id| site.guideline.fact(id));
        facts.map(|other| view.fact_link(other)).collect()
    };
    let sources: Vec<Markup> = known.sources.iter().map(|id| view.source_link(id)).collect();
    html! {
        @if let Some(page) = known.needed.as_ref().and_then(|id| site.page(id)) {
            (pair("Needed", &html! { "only when " (view.page_link(page)) " says so" }))
        }
        @if let Some(page) = site.definition_of(fact) {
            (pair("Defined by", &view.page_link(page)))
        }
        @if !known.worsening_of.is_empty() {
            (pair("Present when one of these falls", &listed(&named(&known.worsening_of))))
        }
        @if !known.withheld_while.is_empty() {
            (pair("Not asked while present", &listed(&named(&known.withheld_while))))
        }
        @if let Some(by) = known.governs {
            (pair("Governs", &html! {
                "while it is not clear, reassuring answers that are " (words::by(by))
                " do not count"
            }))
        }
        @if !sources.is_empty() { (pair("Sources", &listed(&sources))) }
        @for code in &known.codes {
            (pair(&code.system, &html! { code { (code.code) } " " (code.display) }))
        }
    }
}

fn readers(view: View, fact: FactIndex) -> Markup {
    let pages: Vec<Markup> =
        view.site.readers_of_fact(fact).iter().map(|page| view.page_link(*page)).collect();
    html! { @if pages.is_empty() { "no page" } @else { (listed(&pages)) } }
}
