//! One guideline page as a committee reads it.

use cauda_guideline::LoadedPage;
use cauda_guideline::facts::Fact;
use cauda_guideline::page::{Group, PageKind};
use cauda_guideline::program::{Advice, Place};
use cauda_guideline::vocabulary::{RESULT_KEYS, STUCK_KEYS, THEN_KEYS, Tier};
use maud::{Markup, html};

use super::parts::Parts;
use super::shell::{View, listed, sentence};
use super::{case_table, lines, lists, sha256, vocabulary, words};
use crate::chart::{self, rule::Goal};

/// A file of cases and the places of the cases in it.
pub type CaseFiles = [(String, Vec<usize>)];

/// Everything a page says; `own` are the files of its cases, none when they
/// stand on the page itself.
pub fn page(view: View, at: usize, own: &CaseFiles) -> Markup {
    let loaded = &view.site.guideline.pages[at];
    let page = &loaded.page;
    let (folder, _) = words::folder(loaded.kind.folder());
    html! {
        p.crumb {
            a href=(view.href(&format!("index.html#{}", loaded.kind.folder()))) { (folder) }
        }
        h1 { (page.title) }
        (summary(view, at))
        h2 { "Why" }
        (why(&page.why))
        @if loaded.kind.is_advice() {
            p {
                "This page changes neither urgency nor disposition. It stands only when its rule "
                "is certainly true; while an answer is missing it waits and says what to ask."
            }
        }
        @if let Some(when) = &page.when { (when_section(view, at, when)) }
        (excluded(view, at))
        (reports(view, at))
        @if !page.stuck.is_empty() {
            h2 { "If it cannot be known" }
            (lines::table(view, "When what is missing cannot be had", &page.stuck, STUCK_KEYS))
        }
        h2 { "Then" }
        (lines::table(view, "What this page asks for", &page.then, THEN_KEYS))
        (stops(view, loaded))
        @if !page.results.is_empty() {
            h2 { "After the scan" }
            (lines::table(view, "What follows from each result", &page.results, RESULT_KEYS))
        }
        @if !page.never.is_empty() {
            h2 { "Never cleared by" }
            p { "None of these, by itself, lowers the urgency or excludes the concern." }
            (lists::tests(view, &page.never))
        }
        (reading(view, at))
        h2 #sources { "Sources" }
        (sources(view, loaded))
        (cases(view, at, own))
    }
}

fn summary(view: View, at: usize) -> Markup {
    let loaded = &view.site.guideline.pages[at];
    let file = loaded.file();
    let text = view.site.guideline.folder.files.get(&file).map_or("", String::as_str);
    html! {
        dl.summary {
            @if let Some(tier) = tier_of(loaded) {
                div { dt { "Urgency" } dd { (tier_mark(view, tier)) } }
            }
            div { dt { "File" } dd { code { (file) } } }
            @if let Some(date) = &loaded.page.reviewed {
                div { dt { "Reviewed" } dd { (date.text) } }
            }
            @if let Some(changes) = view.site.changes
                && let Some(piece) = changes.written.iter().find(|piece| piece.file == file)
            {
                div { dt { "Changes" } dd {
                    strong { (sentence(piece.fate)) } " "
                    a href=(view.href("changes.html")) { "Since edition " (changes.old_version) }
                } }
            }
            div { dt { "SHA-256 of the file" } dd { code.hash { (sha256(text)) } } }
        }
    }
}

/// The tier a concern page names.
pub fn tier_of(page: &LoadedPage) -> Option<Tier> {
    page.page.then_phrases("tier").next().and_then(|word| Tier::of_id(&word.text))
}

/// A tier as a mark with its words.
pub fn tier_mark(view: View, tier: Tier) -> Markup {
    let phrase = view.site.guideline.vocabulary.get("tier", tier.id());
    let text = phrase.map_or(words::heading(tier.id()), |phrase| phrase.staff.clone());
    html! { span class=(format!("tier tier-{}", tier.id())) { (text) } }
}

/// Sentences, a paragraph between empty lines.
pub fn why(text: &str) -> Markup {
    html! { @for paragraph in text.split("\n\n") { p { (paragraph) } } }
}

/// Hard stops of what the page offers, and what is never ordered with it.
fn stops(view: View, page: &LoadedPage) -> Markup {
    let vocabulary = &view.site.guideline.vocabulary;
    let mut said = Vec::new();
    for line in &page.page.then {
        let list = super::site::list_of(line, THEN_KEYS);
        for word in page.page.then_phrases(&line.key.text) {
            let phrase = vocabulary.get(list, &word.text);
            said.extend(phrase.filter(|known| vocabulary::restricts(known)));
        }
    }
    html! {
        @for phrase in said {
            section.keep {
                h3 { "Hard stops: " (phrase.staff) }
                (vocabulary::restrictions(view, phrase))
            }
        }
    }
}

fn when_section(view: View, at: usize, when: &Group) -> Markup {
    let loaded = &view.site.guideline.pages[at];
    let needed = if loaded.page.needed { "Needed when " } else { "When " };
    html! {
        section.keep {
            h2 { (needed) (words::need(when.need)) }
            (lists::group(view, when))
        }
        (drawn(view, at, false))
    }
}

fn excluded(view: View, at: usize) -> Markup {
    let loaded = &view.site.guideline.pages[at];
    html! {
        @if let Some(rule) = &loaded.page.excluded {
            section.keep {
                h2 { "Excluded when " (words::need(rule.need)) }
                p { "It counts only while the concern is not raised." }
                (lists::group(view, rule))
            }
            (drawn(view, at, true))
        } @else if loaded.kind.is_concern() {
            h2 { "Excluded when" }
            p { "The rule above is certainly false." }
        }
    }
}

/// Where a page's rule stands in the compiled graph, and what excludes it.
fn places(view: View, at: usize) -> Option<(Place, Option<Place>)> {
    let guideline = view.site.guideline;
    let program = &guideline.program;
    let loaded = &guideline.pages[at];
    if let Some(concern) = program.concerns.iter().find(|concern| concern.page == at) {
        return Some((concern.raised, Some(concern.excluded)));
    }
    if let Some(row) = program.rows.iter().find(|row| row.page == at) {
        return Some((row.chosen, None));
    }
    let place = match loaded.kind {
        PageKind::Definition => program.definitions[guideline.fact(loaded.stem())?],
        PageKind::Test => {
            let tested = |fact: &Fact| fact.needed.as_deref() == Some(loaded.id.as_str());
            program.needed[guideline.facts.iter().position(tested)?]
        }
        _ => {
            let mut late = program.reports.iter().chain(&program.advice);
            late.find(|advice| advice.page == at).map(|advice| advice.holds)
        }
    };
    place.map(|place| (place, None))
}

fn drawn(view: View, at: usize, excluded: bool) -> Markup {
    let guideline = view.site.guideline;
    let loaded = &guideline.pages[at];
    let Some((rule, closing)) = places(view, at) else { return html! {} };
    let Some(place) = (if excluded { closing } else { Some(rule) }) else { return html! {} };
    let (plain, bold) = outcome(view, loaded, excluded);
    let title = format!("{}, {}", loaded.page.title, if excluded { "excluded" } else { "rule" });
    let goal = Goal { title: &title, plain: &plain, bold: &bold };
    let id = if excluded { "chart-excluded" } else { "chart-rule" };
    html! {
        @match chart::rule::chart(guideline, &loaded.page, place, &goal) {
            Some(chart) => {
                figure {
                    (chart::draw(&chart, id))
                    figcaption { (caption(view, at, excluded)) }
                }
            }
            None => p { "The chart would be too large to read; the list above says the same." }
        }
    }
}

/// What a chart draws: the list above it, and what reports add to that.
fn caption(view: View, at: usize, excluded: bool) -> Markup {
    let closing = reports_with(view, at, "closes");
    html! {
        @if closing.is_empty() {
            "The same rule, drawn from the graph that the program runs. "
        } @else {
            "Drawn from the graph that the program runs. The whole frames are the list above. "
            strong { "Added in broken frames" } ", and not in the list: "
            (listed(&closing)) ", "
            @if closing.len() == 1 { "a report. " } @else { "reports. " }
            @if excluded { "It excludes the concern, too" }
            @else { "While it stands, the concern is not raised" }
            "; see " a href="#reports" { "what a report changes" } ". "
        }
        "A double frame is something another page says."
    }
}

/// What the last box of a chart says.
fn outcome(view: View, page: &LoadedPage, excluded: bool) -> (String, String) {
    let vocabulary = &view.site.guideline.vocabulary;
    let first = |key: &str, list: &str| {
        let word = page.page.then_phrases(key).next()?;
        vocabulary.get(list, &word.text).map(|phrase| phrase.staff.clone())
    };
    let concern = first("concern", "concern").unwrap_or_else(|| page.page.title.clone());
    if excluded {
        return (concern, "Excluded".to_string());
    }
    match page.kind {
        kind if kind.is_concern() => {
            let tier = first("tier", "tier").unwrap_or_default();
            let image = first("image", "image");
            (concern, image.map_or(tier.clone(), |image| format!("{tier}. {image}")))
        }
        PageKind::Definition => (page.page.title.clone(), "present".to_string()),
        _ => {
            let said = page.page.then.iter().find_map(|line| {
                let said = first(&line.key.text, super::site::list_of(line, THEN_KEYS))?;
                Some((words::heading(&line.key.text), said))
            });
            said.unwrap_or_else(|| (String::new(), page.page.title.clone()))
        }
    }
}

/// Links to the reports whose line of that key names the concern of a page.
fn reports_with(view: View, at: usize, key: &str) -> Vec<Markup> {
    let guideline = view.site.guideline;
    let concern = guideline.pages[at].page.then_phrases("concern").next();
    let named = |report: &&Advice| {
        let page = &guideline.pages[report.page].page;
        page.then_phrases(key).any(|word| concern.is_some_and(|own| own.text == word.text))
    };
    let found = guideline.program.reports.iter().filter(named);
    found.map(|report| view.page_link(report.page)).collect()
}

/// Reports that close or answer the concern of a page, and the page they are
/// read with (CR17, CR18).
fn reports(view: View, at: usize) -> Markup {
    let closing = reports_with(view, at, "closes");
    let answering = reports_with(view, at, "answered");
    if closing.is_empty() && answering.is_empty() {
        return html! {};
    }
    html! {
        h2 #reports { "What a report changes" }
        @if !closing.is_empty() {
            p {
                "Only this closes the concern while its rule holds: " (listed(&closing)) ". "
                "A danger sign entered after the scan began takes the report back."
            }
        }
        @if !answering.is_empty() {
            p {
                "This answers it, so that another team comes first and no further scan: "
                (listed(&answering)) "."
            }
        }
    }
}

/// What the page reads, and who reads the page.
fn reading(view: View, at: usize) -> Markup {
    let site = view.site;
    let guideline = site.guideline;
    let mut facts: Vec<usize> = Vec::new();
    for test in super::site::tests(&guideline.pages[at].page) {
        facts.extend(guideline.fact(&test.subject.text).filter(|fact| !facts.contains(fact)));
    }
    let facts: Vec<Markup> = facts.into_iter().map(|fact| view.fact_link(fact)).collect();
    let readers: Vec<Markup> = site.readers_of_page(at).map(|page| view.page_link(page)).collect();
    let tested: Vec<Markup> = guideline
        .facts
        .iter()
        .enumerate()
        .filter(|(_, fact)| fact.needed.as_deref() == Some(guideline.pages[at].id.as_str()))
        .map(|(fact, _)| view.fact_link(fact))
        .collect();
    html! {
        h2 { "What it reads and who reads it" }
        @if !facts.is_empty() { p { "It reads: " (listed(&facts)) "." } }
        @if !tested.is_empty() { p { "It says when this is needed: " (listed(&tested)) "." } }
        @if readers.is_empty() {
            p { "No other page names this one." }
        } @else {
            p { "Pages that name it: " (listed(&readers)) "." }
        }
    }
}

fn sources(view: View, loaded: &LoadedPage) -> Markup {
    let known = &view.site.guideline.sources;
    html! {
        ul {
            @for word in &loaded.page.sources {
                li {
                    (view.source_link(&word.text))
                    @if let Some(source) = known.get(&word.text) {
                        ": " (sentence(&source.title)) " " (super::sources::read_mark(source.read))
                    }
                }
            }
        }
    }
}

fn cases(view: View, at: usize, own: &CaseFiles) -> Markup {
    let loaded = &view.site.guideline.pages[at];
    let cases = &loaded.page.cases;
    let holding = case_table::holding(view.site, at);
    html! {
        h2 #cases { "Cases" }
        p {
            "A case is a patient and what this page makes of them. "
            (holding) " of " (words::count(cases.len(), "case")) " come out as written. "
            @if holding < cases.len() {
                "They were written for the edition without the choices of a site. "
            }
            "Clear means: every fact that is not named has its reassuring value."
        }
        @if own.is_empty() && !cases.is_empty() {
            (case_table::table(view, "Cases of this page", cases.iter()))
        } @else if !own.is_empty() {
            ul {
                @for (part, (file, places)) in own.iter().enumerate() {
                    li {
                        a href=(view.href(file)) {
                            "All cases"
                            @if own.len() > 1 { ", part " (part + 1) " of " (own.len()) }
                        }
                        " (" (places.len()) ")"
                    }
                }
            }
        }
    }
}

/// The cases of a page that stand on a page of their own.
pub fn case_page(view: View, at: usize, places: &[usize], parts: &Parts) -> Markup {
    let loaded = &view.site.guideline.pages[at];
    let cases = places.iter().map(|place| &loaded.page.cases[*place]);
    html! {
        p.crumb { a href=(view.href(&view.site.page_href(at))) { (loaded.page.title) } }
        h1 { (parts.titled(&format!("Cases: {}", loaded.page.title))) }
        (parts.links(view))
        p { "Each line is a patient and what the page makes of them." }
        (case_table::table(view, "Cases", cases))
        (parts.links(view))
    }
}
