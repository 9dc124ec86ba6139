//! Every source: how far it was read, what it says, who cites it. The first page
//! lists them all, the parts tell of each.

use cauda_guideline::vocabulary::{Read, Source};
use maud::{Markup, html};

use super::parts::{self, Parts};
use super::shell::{View, listed};
use super::site::{Site, chunks, safe};
use super::words;

/// Sources by the file they stand in.
pub fn pages(site: &Site) -> Vec<(String, Vec<String>)> {
    let ids: Vec<&String> = site.guideline.sources.keys().collect();
    let sizes: Vec<usize> =
        ids.iter().map(|id| 900 + (site.citing(id).count() + site.resting(id)) * 110).collect();
    let named = |(part, places): (usize, Vec<usize>)| {
        let file = format!("sources/part_{}.html", part + 1);
        (file, places.into_iter().map(|at| ids[at].clone()).collect())
    };
    if ids.is_empty() {
        return Vec::new();
    }
    chunks(&sizes).into_iter().enumerate().map(named).collect()
}

/// Where a source stands.
pub fn href(site: &Site, id: &str) -> String {
    let file = site.source_file(id);
    format!("{file}#{}", safe(id))
}

/// How far a source was read, as a mark.
pub fn read_mark(read: Read) -> Markup {
    let class = if read == Read::Unverified { "unverified" } else { "read" };
    html! { span class=(class) { (read.words()) } }
}

/// What the marks mean.
fn meaning(read: Read) -> &'static str {
    match read {
        Read::Source => "the source itself was read",
        Read::Abstract => "only its abstract was read",
        Read::SecondHand => "a page that reports it was read, not the source",
        Read::Unverified => "nobody has read it for this edition; a clinician has to confirm it",
    }
}

/// Sources by the file they stand in, as [`pages`] lays them out.
pub type Files = [(String, Vec<String>)];

/// All sources, a line each.
pub fn index(view: View, files: &Files) -> Markup {
    html! {
        h1 { "Sources" }
        p { "Every page cites a source. Each source says how far it was read." }
        (how_far(view))
        @for (part, (file, ids)) in files.iter().enumerate() {
            h2 {
                a href=(view.href(file)) {
                    "Sources"
                    @if let Some(name) = parts::name(part, files.len()) { ", " (name) }
                }
            }
            (list(view, ids))
        }
    }
}

fn how_far(view: View) -> Markup {
    let known = &view.site.guideline.sources;
    let kinds = [Read::Source, Read::Abstract, Read::SecondHand, Read::Unverified];
    html! {
        table {
            caption { "How far the sources were read" }
            thead {
                tr {
                    th scope="col" { "Mark" }
                    th scope="col" { "Meaning" }
                    th scope="col" { "Sources" }
                }
            }
            tbody {
                @for kind in kinds {
                    tr {
                        th scope="row" { (read_mark(kind)) }
                        td { (meaning(kind)) }
                        td { (known.values().filter(|source| source.read == kind).count()) }
                    }
                }
            }
        }
    }
}

fn list(view: View, ids: &[String]) -> Markup {
    let known = &view.site.guideline.sources;
    let sources = ids.iter().filter_map(|id| Some((id, known.get(id)?)));
    html! {
        table.stack {
            caption { (words::count(ids.len(), "source")) }
            thead {
                tr {
                    th scope="col" { "Source" }
                    th scope="col" { "Year" }
                    th scope="col" { "Read" }
                    th scope="col" { "Cited by" }
                }
            }
            tbody {
                @for (id, source) in sources {
                    tr {
                        th scope="row" {
                            a href=(view.href(&href(view.site, id))) { (source.title) }
                            " " code { (id) }
                        }
                        td { @if let Some(year) = source.year { (year) } }
                        td { (read_mark(source.read)) }
                        td data-label="Cited by" { (words::count(view.site.citing(id).count(), "page")) }
                    }
                }
            }
        }
    }
}

/// Some of the sources.
pub fn page(view: View, ids: &[String], parts: &Parts) -> Markup {
    let known = &view.site.guideline.sources;
    html! {
        p.crumb { a href=(view.href("sources/index.html")) { "Sources" } }
        h1 { (parts.titled("Sources")) }
        (parts.links(view))
        @for id in ids {
            @if let Some(source) = known.get(id) { (entry(view, id, source)) }
        }
        (parts.links(view))
    }
}

fn entry(view: View, id: &str, source: &Source) -> Markup {
    let citing: Vec<Markup> = view.site.citing(id).map(|page| view.page_link(page)).collect();
    html! {
        section.entry.keep {
            h2 id=(safe(id)) { (source.title) }
            p {
                @if let Some(authors) = &source.authors { (authors) ", " }
                @if let Some(year) = source.year { (year) ", " }
                (words::plain(&source.kind)) ". " code { (id) } " " (read_mark(source.read))
            }
            p { (source.says) }
            @if !citing.is_empty() {
                p { "Cited by " (words::count(citing.len(), "page")) ": " (listed(&citing)) "." }
            }
            @let others = others(view, id);
            @if !others.is_empty() { p { "Also behind: " (listed(&others)) "." } }
            @if citing.is_empty() && others.is_empty() { p { "Nothing cites it." } }
        }
    }
}

/// Facts, phrases, attestations and choices of a site that rest on a source.
fn others(view: View, id: &str) -> Vec<Markup> {
    let guideline = view.site.guideline;
    let has = |sources: &[String]| sources.iter().any(|source| source == id);
    let mut found = Vec::new();
    for (at, fact) in guideline.facts.iter().enumerate().filter(|(_, fact)| has(&fact.sources)) {
        let href = view.href(&view.site.fact_entry(at));
        found.push(html! { a href=(href) { (fact.staff) } });
    }
    for (list, entries) in guideline.vocabulary.lists() {
        for (phrase, _, known) in entries.iter().filter(|(.., known)| has(&known.sources)) {
            let href = view.href(&view.site.phrase_href(list, phrase));
            found.push(html! { a href=(href) { (known.staff) } });
        }
    }
    for attestation in guideline.attestations.iter().filter(|known| has(&known.sources)) {
        let href = view.href(&format!("attestations.html#{}", attestation.id));
        found.push(html! { a href=(href) { (attestation.staff) } });
    }
    for policy in guideline.policies.iter().filter(|known| has(&known.sources)) {
        let href = view.href(&format!("policy.html#{}", policy.id));
        found.push(html! { a href=(href) { (policy.what) } });
    }
    found
}
