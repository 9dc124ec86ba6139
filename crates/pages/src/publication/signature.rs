//! What a committee signs: every file behind the SHA-256 of the edition.

use std::collections::BTreeSet;

use cauda_guideline::site::{OPTIONS, POLICY_FILE, SITE_FILE};
use maud::{Markup, html};

use super::parts::Parts;
use super::shell::{View, sentence};
use super::site::{Site, chunks_of, numbered};
use super::{patients, sha256, vocabulary, words};

/// Rows for names.
const SIGNATURES: usize = 6;
/// Estimated bytes of the files on one page.
const FILES_BYTES: usize = 64_000;

/// Files of the guideline by the page of the publication that lists them.
pub fn pages<'a>(site: &Site<'a>) -> Vec<(String, Vec<&'a str>)> {
    let guideline = site.guideline;
    let mut paths: Vec<&str> = guideline.folder.files.keys().map(String::as_str).collect();
    // What is of no folder comes first.
    paths.sort_by_key(|path| path.contains('/'));
    let sizes: Vec<usize> = paths.iter().map(|path| 280 + 2 * path.len()).collect();
    let named = |(part, places): (usize, Vec<usize>)| {
        let number = if part == 0 { String::new() } else { format!("_{}", part + 1) };
        let paths = places.into_iter().map(|at| paths[at]).collect();
        (format!("signature{number}.html"), paths)
    };
    chunks_of(&sizes, FILES_BYTES).into_iter().enumerate().map(named).collect()
}

/// A page of them; the first has the lines to sign.
pub fn page(view: View, paths: &[&str], parts: &Parts) -> Markup {
    html! {
        @if parts.at > 0 { p.crumb { a href=(view.href("signature.html")) { "Signature" } } }
        h1 { (parts.titled("Signature")) }
        (parts.links(view))
        @if parts.at == 0 { (to_sign(view)) }
        h2 { "Files of this edition" @if parts.at > 0 { ", continued" } }
        (files(view, paths))
        (parts.links(view))
    }
}

fn to_sign(view: View) -> Markup {
    let guideline = view.site.guideline;
    let count = guideline.folder.files.len();
    html! {
        p { strong { (sentence(&guideline.status)) } }
        p {
            "Who signs has read this edition. The edition is the bytes with this SHA-256 and no "
            "others: " code.hash { (guideline.sha256) } "."
        }
        p {
            "It is made of the " (words::count(count, "file")) " below and of nothing else: in "
            "the order of the alphabet, the length of the path, the path, the length of the text, "
            "the text. So a fact, a phrase, a source or a patient counts as much as a rule."
        }
        p {
            code { "cauda verify DIR" } " shows the first 12 digits for a folder, "
            code { "publication.json" } " has all of them, and " code { "sha256sum FILE" }
            " gives the number of one file."
        }
        table.sign {
            caption { "Signed by" }
            thead {
                tr {
                    th scope="col" { "Name" }
                    th scope="col" { "Role" }
                    th scope="col" { "Date" }
                    th scope="col" { "Signature" }
                }
            }
            tbody {
                @for _ in 0..SIGNATURES { tr { td { } td { } td { } td { } } }
            }
        }
    }
}

fn folder_of(path: &str) -> &str {
    path.split_once('/').map_or("", |(folder, _)| folder)
}

fn files(view: View, paths: &[&str]) -> Markup {
    let guideline = view.site.guideline;
    let shown = Shown::new(view.site);
    html! {
        @for paths in paths.chunk_by(|one, other| folder_of(one) == folder_of(other)) {
            @let folder = paths.first().map_or("", |path| folder_of(path));
            table.pages.stack {
                caption {
                    (title(folder)) ": " (words::count(paths.len(), "file"))
                }
                thead {
                    tr {
                        th scope="col" { "File" }
                        th scope="col" { "SHA-256 of the file" }
                        th scope="col" { "Read by" }
                    }
                }
                tbody {
                    @for path in paths {
                        @let text = guideline.folder.files.get(*path).map_or("", String::as_str);
                        tr {
                            th scope="row" { (shown.name(view, path)) }
                            td { code.hash { (sha256(text)) } }
                            td data-label="Read by" { }
                        }
                    }
                }
            }
        }
    }
}

fn title(folder: &str) -> String {
    match folder {
        "" => "The whole".to_string(),
        "facts" => "Facts".to_string(),
        "vocabulary" => "Phrases".to_string(),
        "cases" => "Whole patients".to_string(),
        OPTIONS => "Options of a site".to_string(),
        folder => words::folder(folder).0,
    }
}

/// Where the files are shown.
struct Shown {
    facts: BTreeSet<String>,
    lists: BTreeSet<String>,
    patients: BTreeSet<String>,
}

impl Shown {
    fn new(site: &Site) -> Shown {
        let lists = site.guideline.vocabulary.lists();
        Shown {
            facts: site.fact_pages().into_iter().map(|part| part.file).collect(),
            lists: lists.map(|(list, _)| list.to_string()).collect(),
            patients: patients::parts(site.guideline).into_iter().map(|part| part.file).collect(),
        }
    }

    /// A file by its path, with the title of the page that shows it.
    fn name(&self, view: View, path: &str) -> Markup {
        let page = view.site.guideline.pages.iter().position(|page| page.file() == path);
        let found = match page {
            Some(page) => return html! { (view.page_link(page)) " " code { (path) } },
            None => self.place(path),
        };
        html! {
            @if let Some((title, file)) = found { a href=(view.href(&file)) { (title) } " " }
            code { (path) }
        }
    }

    /// Title and place of a file that is no page.
    fn place(&self, path: &str) -> Option<(String, String)> {
        let (folder, name) = path.split_once('/').unwrap_or(("", path));
        let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
        let of = |title: &str, file: &str| Some((title.to_string(), file.to_string()));
        match (folder, name) {
            ("", "guideline.toml") => of("Title, edition, status", "index.html"),
            ("", "sources.toml") => of("Sources", "sources/index.html"),
            ("", "attestations.toml") => of("Attestations", "attestations.html"),
            ("", POLICY_FILE) => of("Local policy", "policy.html"),
            ("", SITE_FILE) => of("Choices of the site", "policy.html"),
            ("facts", _) => {
                let file = numbered("facts", stem, 0);
                self.facts.contains(&file).then(|| (words::heading(stem), file))
            }
            ("vocabulary", _) => {
                let known = self.lists.contains(stem);
                known.then(|| (vocabulary::title(stem), numbered("vocabulary", stem, 0)))
            }
            ("cases", _) => {
                let file = numbered("cases", stem, 0);
                self.patients.contains(&file).then(|| (words::heading(stem), file))
            }
            _ => None,
        }
    }
}
