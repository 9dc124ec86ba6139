//! The frame around every page: edition and hash, the way through, the notice.

use maud::{DOCTYPE, Markup, html};

use super::site::Site;

/// The chapters, in the order of the bar.
const CHAPTERS: [(&str, &str); 11] = [
    ("index.html", "Contents"),
    ("overview.html", "Overview"),
    ("facts/index.html", "Facts"),
    ("vocabulary/index.html", "Phrases"),
    ("attestations.html", "Attestations"),
    ("policy.html", "Local policy"),
    ("sources/index.html", "Sources"),
    ("cases/index.html", "Patients"),
    ("proofs.html", "Proofs"),
    ("source_attributes.html", "Attributes"),
    ("signature.html", "Signature"),
];

/// One page of the site while it is drawn.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The site.
    pub site: &'a Site<'a>,
    /// The page's own file.
    pub file: &'a str,
}

impl View<'_> {
    /// A link from this page to a file of the site.
    pub fn href(&self, target: &str) -> String {
        let own = target.strip_prefix(self.file);
        match own.filter(|rest| rest.starts_with('#')) {
            Some(anchor) => anchor.to_string(),
            None => format!("{}{target}", "../".repeat(self.file.matches('/').count())),
        }
    }

    /// A link to a guideline page, in its own words.
    pub fn page_link(&self, page: usize) -> Markup {
        let title = &self.site.guideline.pages[page].page.title;
        html! { a href=(self.href(&self.site.page_href(page))) { (title) } }
    }

    /// A link to a fact, in its own words.
    pub fn fact_link(&self, fact: usize) -> Markup {
        let known = &self.site.guideline.facts[fact];
        html! { a href=(self.href(&self.site.fact_href(fact))) { (known.staff) } }
    }

    /// A link to a source, by its id.
    pub fn source_link(&self, id: &str) -> Markup {
        html! { a href=(self.href(&super::sources::href(self.site, id))) { (id) } }
    }
}

/// A whole page.
pub fn page(view: View, title: &str, main: &Markup) -> String {
    let guideline = view.site.guideline;
    let short = guideline.sha256.get(..12).unwrap_or(&guideline.sha256);
    let whole = if view.file == "index.html" {
        guideline.title.clone()
    } else {
        format!("{title} · {}", guideline.title)
    };
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (whole) }
                link rel="icon" href="data:,";
                link rel="stylesheet" href=(view.href("style.css"));
            }
            body {
                a.skip href="#main" { "Skip to the page" }
                header {
                    p.edition {
                        strong { (guideline.title) }
                        " Edition " (guideline.version) ", "
                        code { (short) } ". "
                        span.status { (sentence(&guideline.status)) }
                    }
                    nav aria-label="Chapters" {
                        ul {
                            @for (file, name) in CHAPTERS {
                                li { (chapter(view, file, name)) }
                            }
                            @if view.site.changes.is_some() {
                                li { (chapter(view, "changes.html", "Changes")) }
                            }
                        }
                    }
                }
                main #main tabindex="-1" {
                    (not_proved(view))
                    (main)
                }
                footer {
                    p {
                        (guideline.title) ", edition " (guideline.version)
                        ". SHA-256 of the guideline: " code { (guideline.sha256) } "."
                    }
                    p { "A clinician decides. This publication is no certified medical device." }
                }
            }
        }
    };
    markup.into_string()
}

fn chapter(view: View, file: &str, name: &str) -> Markup {
    let current = (view.file == file).then_some("page");
    html! { a href=(view.href(file)) aria-current=[current] { (name) } }
}

/// Said on every page of a guideline that may not be used.
fn not_proved(view: View) -> Markup {
    html! {
        @if !view.site.proofs.all_hold() {
            p.warning {
                strong { "Not proved. " }
                "This guideline may not be used: a safety property does not hold. "
                a href=(view.href("proofs.html")) { "See the proofs." }
            }
        }
    }
}

/// A text with a capital.
pub fn heading(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// A text with a capital and a full stop.
pub fn sentence(text: &str) -> String {
    let begun = heading(text);
    if begun.is_empty() {
        return begun;
    }
    if begun.ends_with(['.', '?', '!']) { begun } else { format!("{begun}.") }
}

/// Things one after the other, with commas.
pub fn listed(items: &[Markup]) -> Markup {
    html! {
        @for (at, item) in items.iter().enumerate() {
            @if at > 0 { ", " }
            (item)
        }
    }
}
