//! Every phrase a page may use, with both wordings.

use cauda_guideline::page::parse_test;
use cauda_guideline::vocabulary::{Entry, Phrase, Tier};
use maud::{Markup, html};

use super::lines::minutes;
use super::parts::{self, Parts};
use super::shell::{View, listed};
use super::{lists, words};

/// Title of a list.
pub fn title(list: &str) -> String {
    let title = match list {
        "action" => "What to do",
        "call" => "Whom to call",
        "concern" => "Concerns",
        "disposition" => "Where the patient goes",
        "fallback" => "When there is no scan",
        "image" => "Scans",
        "offer" => "Offers",
        "reason" => "Reasons for no scan",
        "refer" => "Referrals",
        "result" => "After the scan",
        "return" => "When to come back",
        "scan" => "Safety of the scanner",
        "tier" => "Urgency",
        other => return words::heading(other),
    };
    title.to_string()
}

/// The lists.
pub fn index(view: View) -> Markup {
    html! {
        h1 { "Phrases" }
        p {
            "Pages say only these phrases. Each has one wording for staff and one for patients, "
            "so that a screen, an order and a letter say the same."
        }
        @for (list, entries) in view.site.guideline.vocabulary.lists() {
            @let files = view.site.list_pages(list);
            @for (part, (file, places)) in files.iter().enumerate() {
                h2 {
                    a href=(view.href(file)) {
                        (title(list))
                        @if let Some(name) = parts::name(part, files.len()) { ", " (name) }
                    }
                }
                (contents(view, list, entries, places))
            }
        }
    }
}

/// The phrases of a part, each with the way to it.
fn contents(view: View, list: &str, entries: &[Entry], places: &[usize]) -> Markup {
    let phrases = ordered(list, entries, places);
    let phrases = phrases.into_iter().filter_map(|place| entries.get(place));
    html! {
        ul.contents {
            @for (id, _, phrase) in phrases {
                li { a href=(view.href(&view.site.phrase_href(list, id))) { (phrase.staff) } }
            }
        }
    }
}

/// Some phrases of a list.
pub fn page(view: View, list: &str, entries: &[Entry], places: &[usize]) -> Markup {
    html! {
        p.crumb { a href=(view.href("vocabulary/index.html")) { "Phrases" } }
        @let files = view.site.list_pages(list);
        @let parts = Parts::of(files.iter().map(|(file, _)| file.as_str()), view.file);
        h1 { (parts.titled(&title(list))) }
        (parts.links(view))
        @if list == "tier" {
            p { "Most urgent first. The urgency of a patient is the highest of all concerns." }
        }
        @for place in ordered(list, entries, places) {
            @if let Some((id, _, phrase)) = entries.get(place) { (entry(view, list, id, phrase)) }
        }
        (parts.links(view))
    }
}

/// Tiers go by urgency; other lists as they are written.
fn ordered(list: &str, entries: &[Entry], places: &[usize]) -> Vec<usize> {
    let mut places = places.to_vec();
    if list == "tier" {
        let rank = |place: &usize| entries.get(*place).and_then(|(id, ..)| Tier::of_id(id));
        places.sort_by_key(|place| std::cmp::Reverse(rank(place)));
    }
    places
}

fn entry(view: View, list: &str, id: &str, phrase: &Phrase) -> Markup {
    let pages: Vec<Markup> =
        view.site.pages_saying(list, id).map(|page| view.page_link(page)).collect();
    html! {
        section.entry.keep {
            h2 id=(id) { (phrase.staff) }
            dl {
                (pair("Id", &html! { code { (id) } }))
                (pair("For the patient", &html! { (phrase.patient) }))
                (more(view, phrase))
                (pair("Said by", &html! {
                    @if pages.is_empty() { "no page" } @else { (listed(&pages)) }
                }))
            }
        }
    }
}

fn pair(name: &str, what: &Markup) -> Markup {
    html! { div { dt { (name) } dd { (what) } } }
}

/// What only some lists have.
fn more(view: View, phrase: &Phrase) -> Markup {
    let text = |name: &str, what: &Option<String>| {
        html! { @if let Some(what) = what { (pair(name, &html! { (words::plain(what)) })) } }
    };
    let yes = |name: &str, holds: bool| {
        html! { @if holds { (pair(name, &html! { "yes" })) } }
    };
    let sources: Vec<Markup> = phrase.sources.iter().map(|id| view.source_link(id)).collect();
    html! {
        (text("Deadline", &phrase.deadline.as_deref().map(words::deadline)))
        (text("Modality", &phrase.modality))
        (text("Region", &phrase.region))
        (text("Contrast", &phrase.contrast))
        (text("Protocol", &phrase.protocol))
        (text("Limits", &phrase.limits))
        @if let Some(span) = phrase.minutes {
            (pair("Time on the scanner", &html! { (minutes(span)) }))
        }
        @if let Some(tier) = phrase.urgency {
            (pair("Urgency", &super::rule::tier_mark(view, tier)))
        }
        @if let Some(reassuring) = phrase.reassuring {
            (pair("Tells the patient that no emergency was found", &html! {
                @if reassuring { "yes" } @else { "no" }
            }))
        }
        (yes("The patient leaves the hospital", phrase.leaves))
        (yes("No MRI until it is resolved", phrase.blocks))
        (text("How soon", &phrase.within))
        (text("One only of the group", &phrase.group))
        @if !phrase.covers.is_empty() {
            (pair("Answers also", &phrases(view, &phrase.covers)))
        }
        @if !phrase.facts.is_empty() { (pair("Stands for", &facts(view, phrase))) }
        @if restricts(phrase) { (pair("Hard stops", &restrictions(view, phrase))) }
        @if !sources.is_empty() { (pair("Sources", &listed(&sources))) }
        @for code in &phrase.codes {
            (pair(&code.system, &html! { code { (code.code) } " " (code.display) }))
        }
    }
}

fn facts(view: View, phrase: &Phrase) -> Markup {
    let known = phrase.facts.iter().filter_map(|id| view.site.guideline.fact(id));
    let links: Vec<Markup> = known.map(|fact| view.fact_link(fact)).collect();
    listed(&links)
}

/// Phrases of whichever list has them, in words.
fn phrases(view: View, ids: &[String]) -> Markup {
    let vocabulary = &view.site.guideline.vocabulary;
    let links: Vec<Markup> = ids
        .iter()
        .map(|id| {
            let mut lists = vocabulary.lists().map(|(list, _)| list);
            match lists.find_map(|list| Some((list, vocabulary.get(list, id)?))) {
                Some((list, known)) => html! {
                    a href=(view.href(&view.site.phrase_href(list, id))) { (known.staff) }
                },
                None => html! { code { (id) } },
            }
        })
        .collect();
    listed(&links)
}

/// Whether a phrase has hard stops or conflicts.
pub fn restricts(phrase: &Phrase) -> bool {
    !phrase.never_with.is_empty() || !phrase.conflicts.is_empty()
}

/// What bars a phrase: states of the patient, and other phrases.
pub fn restrictions(view: View, phrase: &Phrase) -> Markup {
    html! {
        @if !phrase.never_with.is_empty() {
            @if phrase.modality.is_some() {
                p { "Held by a word on the scanner while one of these is so:" }
            } @else {
                p { "Never while one of these is so, or might be so:" }
            }
            ul.rule {
                @for text in &phrase.never_with {
                    li {
                        @match parse_test("vocabulary", text, 0).0 {
                            Some(test) => (lists::line(view, &test)),
                            None => (text),
                        }
                    }
                }
            }
        }
        @if !phrase.conflicts.is_empty() {
            p { "Never ordered together with: " (phrases(view, &phrase.conflicts)) "." }
        }
    }
}
