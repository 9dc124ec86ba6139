//! What is clinical judgement: every number marked `(local policy)`, the ranges
//! a site may choose in, and the options it may turn on.

use cauda_guideline::page::Test;
use cauda_guideline::site::{Choice, Policy, SITE_FILE};
use maud::{Markup, html};

use super::shell::{View, listed};
use super::{lists, options, site, words};

/// All of it.
pub fn page(view: View) -> Markup {
    let guideline = view.site.guideline;
    html! {
        h1 { "Local policy" }
        p {
            "These numbers have no source that settles them. They are clinical judgement, and a "
            "department may want another one. A site chooses inside the range given here; its "
            "choice is part of the SHA-256 and is proved with the guideline."
        }
        (chosen(view))
        @if !guideline.policies.is_empty() {
            h2 { "What a site may choose" }
            @for policy in &guideline.policies { (entry(view, policy)) }
        }
        h2 { "Every number marked local policy" }
        (marked(view))
    }
}

/// The choices of a site, when this publication is of them.
fn chosen(view: View) -> Markup {
    html! {
        @if let Some(text) = view.site.guideline.folder.files.get(SITE_FILE) {
            h2 { "Chosen here" }
            p { "This publication is of the guideline with these choices of a site." }
            pre tabindex="0" { (text) }
        }
    }
}

fn entry(view: View, policy: &Policy) -> Markup {
    let site = view.site;
    let sources: Vec<Markup> = policy.sources.iter().map(|id| view.source_link(id)).collect();
    html! {
        section.entry.keep {
            h3 id=(policy.id) { (policy.what) }
            dl {
                div { dt { "Id" } dd { code { (policy.id) } } }
                @match &policy.choice {
                    Choice::Number { pages, facts, value, range } => {
                        @let pages = pages.iter().filter_map(|id| site.page(id));
                        @let pages: Vec<Markup> = pages.map(|at| view.page_link(at)).collect();
                        @let facts = facts.iter().filter_map(|id| site.guideline.fact(id));
                        @let facts: Vec<usize> = facts.collect();
                        @let unit = unit(view, &facts);
                        @let links: Vec<Markup> =
                            facts.iter().map(|fact| view.fact_link(*fact)).collect();
                        div { dt { "In this edition" } dd { strong {
                            (words::quantity(value, Some(unit)))
                        } } }
                        div { dt { "A site may choose" } dd {
                            (range[0]) " to " (words::quantity(&range[1], Some(unit)))
                        } }
                        div { dt { "Facts" } dd { (listed(&links)) } }
                        div { dt { "Pages" } dd { (listed(&pages)) } }
                    }
                    Choice::Option => {
                        div { dt { "An option" } dd { "Off until a site turns it on." } }
                        @let links = options::links(view, &policy.id);
                        div { dt { "Its pages" } dd { (listed(&links)) } }
                    }
                }
                div { dt { "Why" } dd { (policy.why) } }
                @if !sources.is_empty() { div { dt { "Sources" } dd { (listed(&sources)) } } }
            }
        }
    }
}

fn unit<'a>(view: View<'a>, facts: &[usize]) -> &'a str {
    let known = facts.first().and_then(|fact| view.site.guideline.facts[*fact].quantity());
    known.map_or("1", |quantity| quantity.unit.as_str())
}

/// Every marked test by page.
fn marked(view: View) -> Markup {
    let is_local = |test: &&Test| test.notes.iter().any(|note| note.text == "local policy");
    let pages = view.site.guideline.pages.iter().enumerate();
    let marked: Vec<(usize, Vec<&Test>)> = pages
        .map(|(at, loaded)| (at, site::tests(&loaded.page).into_iter().filter(is_local).collect()))
        .filter(|(_, tests): &(usize, Vec<&Test>)| !tests.is_empty())
        .collect();
    html! {
        @for (at, tests) in &marked {
            h3 { (view.page_link(*at)) }
            ul.rule { @for test in tests { li { (lists::line(view, test)) } } }
        }
        @if marked.is_empty() { p { "No page marks a number so." } }
    }
}
