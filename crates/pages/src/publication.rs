//! The guideline as a publication that a committee can read, compare and sign:
//! static pages, one style sheet, no script, nothing from elsewhere.

mod attestations;
mod case_table;
mod changes;
mod facts;
mod front;
mod lines;
mod lists;
mod options;
mod parts;
mod patients;
mod policy;
mod proofs;
mod rule;
mod shell;
mod signature;
mod site;
mod source_attributes;
mod sources;
mod vocabulary;
pub(crate) mod words;

use std::collections::BTreeMap;

use cauda_guideline::Guideline;
use maud::Markup;
use serde::Serialize;
use sha2::{Digest, Sha256};

pub use changes::{Changes, Direction, Kind, Piece};
use parts::Parts;
pub use proofs::Proofs;
use shell::View;
use site::Site;
pub(crate) use site::tests;

use crate::chart;
use crate::source_attributes::source_attributes_json;

/// Most bytes of one page.
pub const PAGE_BYTES_MAX: usize = 80_000;
/// Most files of a publication.
pub const FILES_MAX: usize = 4_000;
/// The file that says what was published, by which a later run knows its own.
pub const MANIFEST: &str = "publication.json";

const STYLE: &str = include_str!("publication/style.css");

/// All files by their path inside the publication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publication {
    /// Path, with `/` between its parts, to text.
    pub files: BTreeMap<String, String>,
}

/// A publication beyond its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// The file, or empty for the number of files.
    pub file: String,
    /// Its bytes, or the number of files.
    pub found: usize,
}

#[derive(Serialize)]
struct Manifest<'a> {
    made_by: &'static str,
    guideline: &'a str,
    version: &'a str,
    guideline_sha256: &'a str,
    proved: bool,
    files: BTreeMap<&'a str, String>,
}

/// Lays out a guideline as files, with what changed since an older edition.
///
/// # Errors
/// A page larger than [`PAGE_BYTES_MAX`], or more files than [`FILES_MAX`].
pub fn publication(
    guideline: &Guideline,
    proofs: &Proofs,
    changes: Option<&Changes>,
) -> Result<Publication, TooLarge> {
    let site = Site::new(guideline, proofs, changes);
    let mut files = BTreeMap::from([
        ("style.css".to_string(), style(guideline)),
        ("source-attributes.json".to_string(), source_attributes_json(guideline)),
    ]);
    let mut add = |file: &str, title: &str, main: &dyn Fn(View) -> Markup| {
        let view = View { site: &site, file };
        files.insert(file.to_string(), shell::page(view, title, &main(view)));
    };
    add("index.html", &guideline.title, &front::index);
    add("overview.html", "Overview", &front::overview);
    add("proofs.html", "Proofs", &proofs::page);
    add("policy.html", "Local policy", &policy::page);
    add("attestations.html", "Attestations", &attestations::page);
    add("source_attributes.html", "Source attributes", &source_attributes::page);
    add_rules(&site, &mut add);
    add_facts(&site, &mut add);
    add_sources(&site, &mut add);
    add_signature(&site, &mut add);
    add_changes(&site, &mut add);
    add_phrases(&site, &mut add);
    add_options(&site, &mut add);
    let parts = patients::parts(guideline);
    add("cases/index.html", "Patients", &|view| patients::index(view, &parts));
    for part in &parts {
        add(&part.file, &part.titled(), &|view| patients::page(view, part));
    }
    let manifest = manifest(&site, &files);
    files.insert(MANIFEST.to_string(), manifest);
    within_limits(Publication { files })
}

type Add<'a> = dyn FnMut(&str, &str, &dyn Fn(View) -> Markup) + 'a;

fn add_rules(site: &Site, add: &mut Add) {
    for (at, loaded) in site.guideline.pages.iter().enumerate() {
        let (title, file) = (&loaded.page.title, site.page_href(at));
        let view = View { site, file: &file };
        let whole = shell::page(view, title, &rule::page(view, at, &[]));
        let own = match whole.len() > PAGE_BYTES_MAX {
            true => case_table::own_files(site, at),
            false => Vec::new(),
        };
        add(&file, title, &|view| rule::page(view, at, &own));
        for (file, places) in &own {
            let parts = Parts::of(own.iter().map(|(file, _)| file.as_str()), file);
            let title = parts.titled(&format!("Cases: {title}"));
            add(file, &title, &|view| rule::case_page(view, at, places, &parts));
        }
    }
}

fn add_sources(site: &Site, add: &mut Add) {
    let files = sources::pages(site);
    add("sources/index.html", "Sources", &|view| sources::index(view, &files));
    for (file, ids) in &files {
        let parts = Parts::of(files.iter().map(|(file, _)| file.as_str()), file);
        let title = parts.titled("Sources");
        add(file, &title, &|view| sources::page(view, ids, &parts));
    }
}

fn add_facts(site: &Site, add: &mut Add) {
    add("facts/index.html", "Facts", &facts::index);
    for part in site.fact_pages() {
        add(&part.file, &facts::title(&part), &|view| facts::page(view, &part));
    }
}

fn add_signature(site: &Site, add: &mut Add) {
    let files = signature::pages(site);
    for (file, paths) in &files {
        let parts = Parts::of(files.iter().map(|(file, _)| file.as_str()), file);
        add(file, &parts.titled("Signature"), &|view| signature::page(view, paths, &parts));
    }
}

fn add_changes(site: &Site, add: &mut Add) {
    let files = changes::pages(site);
    for (file, shown) in &files {
        let parts = Parts::of(files.iter().map(|(file, _)| file.as_str()), file);
        add(file, &parts.titled("Changes"), &|view| changes::page(view, shown, &parts));
    }
}

fn add_phrases(site: &Site, add: &mut Add) {
    add("vocabulary/index.html", "Phrases", &vocabulary::index);
    for (list, entries) in site.guideline.vocabulary.lists() {
        let files = site.list_pages(list);
        for (file, places) in &files {
            let parts = Parts::of(files.iter().map(|(file, _)| file.as_str()), file);
            let title = parts.titled(&vocabulary::title(list));
            let (file, places) = (file.clone(), *places);
            add(&file, &title, &|view| vocabulary::page(view, list, entries, places));
        }
    }
}

fn add_options(site: &Site, add: &mut Add) {
    for option in &options::all(site.guideline) {
        let files = options::files(site.guideline, option);
        let moved = files.iter().map(|(file, _, at)| (*at, file.clone())).collect();
        let with = Site::new(option.guideline(), site.proofs, site.changes);
        let with = with.among(site).with_moved(moved);
        for (file, title, at) in files {
            add(&file, &title, &|_| option.page(&with, &file, at));
        }
        for part in with.fact_pages().iter().filter(|part| option.asks(part.group)) {
            add(&part.file, &facts::title(part), &|_| option.facts(&with, part));
        }
    }
}

fn manifest(site: &Site, files: &BTreeMap<String, String>) -> String {
    let guideline = site.guideline;
    let manifest = Manifest {
        made_by: "cauda publish",
        guideline: &guideline.id,
        version: &guideline.version,
        guideline_sha256: &guideline.sha256,
        proved: site.proofs.all_hold(),
        files: files.iter().map(|(file, text)| (file.as_str(), sha256(text))).collect(),
    };
    serde_json::to_string_pretty(&manifest).map_or(String::new(), |text| text + "\n")
}

fn within_limits(made: Publication) -> Result<Publication, TooLarge> {
    if made.files.len() > FILES_MAX {
        return Err(TooLarge { file: String::new(), found: made.files.len() });
    }
    let pages = made.files.iter().filter(|(file, _)| file.ends_with(".html"));
    match pages.into_iter().find(|(_, text)| text.len() > PAGE_BYTES_MAX) {
        Some((file, text)) => Err(TooLarge { file: file.clone(), found: text.len() }),
        None => Ok(made),
    }
}

/// The style sheet of an edition: on paper every sheet names it.
fn style(guideline: &Guideline) -> String {
    let short = guideline.sha256.get(..12).unwrap_or(&guideline.sha256);
    let edition = quoted(&format!("{}, edition {}, {short}", guideline.title, guideline.version));
    format!(
        "{STYLE}{}\n@page {{\n  @bottom-left {{ content: \"{edition}\"; }}\n  \
         @bottom-right {{ content: \"Sheet \" counter(page) \" of \" counter(pages); }}\n}}\n",
        chart::style()
    )
}

/// A text inside the quotes of a style sheet: what is no plain letter, digit or
/// blank becomes its number.
fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || " .,-".contains(letter);
    let parts = text.chars().map(|letter| match plain(letter) {
        true => letter.to_string(),
        false => format!("\\{:x} ", u32::from(letter)),
    });
    parts.collect()
}

/// SHA-256 of a text, as lower-case hexadecimal.
fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
