//! The first page, and the overview of the whole.

use cauda_guideline::page::PageKind;
use cauda_guideline::vocabulary::{FirstStep, Tier};
use maud::{Markup, html};

use super::rule::{tier_mark, tier_of};
use super::shell::{View, listed, sentence};
use super::words;
use crate::chart::{self, overview};

/// The first page.
pub fn index(view: View) -> Markup {
    let guideline = view.site.guideline;
    html! {
        h1 { (guideline.title) }
        dl.summary {
            div { dt { "Edition" } dd { (guideline.version) } }
            div { dt { "Status" } dd { strong { (sentence(&guideline.status)) } } }
            div { dt { "SHA-256" } dd { code.hash { (guideline.sha256) } } }
            div { dt { "Proofs" } dd { (proved(view)) } }
            div { dt { "Compared" } dd { (compared(view)) } }
        }
        (how_to_read(view))
        (urgency(view))
        h2 { "Pages" }
        @for kind in PageKind::ALL { (folder(view, kind)) }
    }
}

fn compared(view: View) -> Markup {
    html! {
        @match view.site.changes {
            Some(changes) => {
                "with edition " (changes.old_version) ": "
                a href=(view.href("changes.html")) { (changes.verdict) }
            }
            None => {
                "with no older edition: " code { "cauda publish OUT_DIR --since OLD_DIR" }
                " shows what changed"
            }
        }
    }
}

fn proved(view: View) -> Markup {
    let proofs = view.site.proofs;
    let (held, all) = proofs.counted();
    html! {
        a href=(view.href("proofs.html")) {
            @if proofs.all_hold() { "every safety property holds" }
            @else { "a safety property does not hold" }
        }
        ": " (held) " of " (all) ". "
        a href=(view.href("proofs.html#not-proved")) { "Not proved" }
        ": that an edition is never less urgent than the one before it, and the ceilings on how "
        "many patients are scanned, which a model judges outside the proofs."
    }
}

fn how_to_read(view: View) -> Markup {
    let link = |file: &str, text: &str| html! { a href=(view.href(file)) { (text) } };
    html! {
        h2 { "How to read it" }
        ul {
            li { "Each page is one rule. Its words are the rule that the program runs." }
            li { strong { "When" } " true raises the concern. " strong { "Excluded when" }
                " true excludes it. Anything else leaves it open, and an open concern is never "
                "home." }
            li { "Unknown is never absent. A reassuring answer goes stale; a danger sign stays." }
            li { strong { "New" } " means begun or changed with this episode. Not knowing when "
                "counts as new." }
            li { strong { "Local policy" } " marks a number that is clinical judgement: "
                (link("policy.html", "all of them")) "." }
            li { strong { "Unverified" } " marks a source that nobody has read for this edition: "
                (link("sources/index.html", "sources")) "." }
            li { "Start with the " (link("overview.html", "overview")) ", then the emergencies, "
                "the concerns of the spine, and last where the patient goes." }
            li { "To sign, see " (link("signature.html", "the page to sign")) "." }
        }
    }
}

fn urgency(view: View) -> Markup {
    let vocabulary = &view.site.guideline.vocabulary;
    let steps: Vec<String> = FirstStep::ALL.iter().map(|step| words::plain(step.id())).collect();
    html! {
        h2 #urgency { "The order of urgency" }
        table {
            caption { "Most urgent first; the highest of all concerns counts" }
            thead {
                tr {
                    th scope="col" { "Urgency" }
                    th scope="col" { "Deadline" }
                    th scope="col" { "For the patient" }
                }
            }
            tbody {
                @for tier in Tier::ALL.into_iter().rev() {
                    @if let Some(phrase) = vocabulary.get("tier", tier.id()) {
                        tr {
                            th scope="row" { (tier_mark(view, tier)) }
                            td { (phrase.deadline.as_deref().map_or("none".to_string(), words::deadline)) }
                            td { (phrase.patient) }
                        }
                    }
                }
            }
        }
        p { "Between concerns of one urgency, the first step goes in this order: "
            (steps.join(", ")) "." }
    }
}

fn folder(view: View, kind: PageKind) -> Markup {
    let site = view.site;
    let pages: Vec<usize> = (0..site.guideline.pages.len())
        .filter(|at| site.guideline.pages[*at].kind == kind)
        .collect();
    let (title, says) = words::folder(kind.folder());
    html! {
        @if !pages.is_empty() {
            h3 id=(kind.folder()) { (title) }
            p { (says) }
            table {
                caption { (words::count(pages.len(), "page")) " in " code { (kind.folder()) "/" } }
                thead {
                    tr {
                        th scope="col" { "Page" }
                        @if kind.is_concern() { th scope="col" { "Urgency" } }
                        th scope="col" { "Cases" }
                    }
                }
                tbody {
                    @for at in &pages {
                        @let loaded = &site.guideline.pages[*at];
                        tr {
                            th scope="row" { (view.page_link(*at)) }
                            @if kind.is_concern() {
                                td {
                                    @if let Some(tier) = tier_of(loaded) {
                                        (tier_mark(view, tier))
                                    }
                                }
                            }
                            td { (loaded.page.cases.len()) }
                        }
                    }
                }
            }
        }
    }
}

/// The whole as a chart, and the same as a table.
pub fn overview(view: View) -> Markup {
    let guideline = view.site.guideline;
    let paths = overview::paths(guideline);
    html! {
        h1 { "Overview" }
        p {
            "All concerns are looked at for every patient, and the most urgent one leads. "
            "An emergency outside the spine leads first and switches nothing off. "
            "While a concern is open, the program says what to ask and nobody is sent home."
        }
        figure {
            (chart::draw(&overview::chart(guideline, &paths), "chart-overview"))
            figcaption {
                "A whole arrow to the right: it goes there. A broken arrow: it may go there, "
                "depending on other answers. The table below says the same."
            }
        }
        table.stack {
            caption { "The same in words" }
            thead {
                tr {
                    th scope="col" { "What leads" }
                    th scope="col" { "Pages" }
                    th scope="col" { "Where the patient goes" }
                }
            }
            tbody { @for path in &paths { (way(view, path)) } }
        }
    }
}

fn way(view: View, path: &overview::Path) -> Markup {
    let pages: Vec<Markup> = path.pages.iter().map(|page| view.page_link(*page)).collect();
    let goes: Vec<Markup> = path
        .goes
        .iter()
        .map(|(page, sure)| {
            html! { (view.page_link(*page)) @if !sure { " (depends)" } }
        })
        .collect();
    let (place, lead) = path.words();
    html! {
        tr {
            th scope="row" { (place) ": " (lead) }
            td data-label="Pages" { @if pages.is_empty() { "none" } @else { (listed(&pages)) } }
            td data-label="Goes to" { @if goes.is_empty() { "none" } @else { (listed(&goes)) } }
        }
    }
}
