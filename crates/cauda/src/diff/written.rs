//! What is written otherwise: pages by section, facts, phrases and sources by
//! their table, each with the lines that changed.

use std::collections::BTreeMap;

use cauda_guideline::page::PageKind;
use cauda_guideline::{Folder, Guideline};
use serde::Serialize;
use similar::{ChangeTag, TextDiff};

/// What became of a page, a section or a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// Only the new version has it.
    Added,
    /// Only the old version has it.
    Removed,
    /// Both have it, with other words.
    Changed,
}

/// A line of a comparison.
#[derive(Debug, Serialize)]
pub struct Line {
    /// `-`, `+`, or a blank for a line of both, shown to find the place.
    pub sign: char,
    /// Its text.
    pub text: String,
}

/// A section of a page, or a whole table.
#[derive(Debug, Serialize)]
pub struct Part {
    /// `When any of`, `Cases`, or what the part is called.
    pub heading: String,
    /// What became of it.
    pub fate: Fate,
    /// Its lines around the changes.
    pub lines: Vec<Line>,
}

/// A page.
#[derive(Debug, Serialize)]
pub struct Page {
    /// `red_flags/cauda_equina.md`
    pub file: String,
    /// Its title, in the new version if it is there.
    pub title: String,
    /// What became of it.
    pub fate: Fate,
    /// Its sections that differ.
    pub sections: Vec<Part>,
}

/// A fact, a phrase or a source.
#[derive(Debug, Serialize)]
pub struct Table {
    /// The file it stands in, in the new version if it is there.
    pub file: String,
    /// Its id.
    pub id: String,
    /// What became of it.
    pub fate: Fate,
    /// Its lines around the changes.
    pub lines: Vec<Line>,
}

/// Everything that is written otherwise.
#[derive(Debug, Serialize)]
pub struct Written {
    /// Pages, in reading order of their folders.
    pub pages: Vec<Page>,
    /// Facts.
    pub facts: Vec<Table>,
    /// Phrases.
    pub phrases: Vec<Table>,
    /// Sources.
    pub sources: Vec<Table>,
    /// The head of the guideline and its whole patients.
    pub others: Vec<Part>,
}

impl Written {
    /// Compares two guidelines as they are written.
    pub fn new(old: &Guideline, new: &Guideline) -> Written {
        let (old_files, new_files) = (&old.folder, &new.folder);
        let others = ["guideline.toml".to_string()].into_iter();
        let cases =
            files(old_files, new_files).into_iter().filter(|path| path.starts_with("cases/"));
        Written {
            pages: pages(old, new),
            facts: tables(old_files, new_files, "facts/"),
            phrases: tables(old_files, new_files, "vocabulary/"),
            sources: tables(old_files, new_files, "sources.toml"),
            others: others
                .chain(cases)
                .filter_map(|path| {
                    let (old, new) = (old_files.files.get(&path), new_files.files.get(&path));
                    part(&path, old.map(String::as_str), new.map(String::as_str))
                })
                .collect(),
        }
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
            && self.facts.is_empty()
            && self.phrases.is_empty()
            && self.sources.is_empty()
            && self.others.is_empty()
    }
}

fn files(old: &Folder, new: &Folder) -> Vec<String> {
    let mut paths: Vec<String> = old.files.keys().chain(new.files.keys()).cloned().collect();
    paths.sort();
    paths.dedup();
    paths
}

fn pages(old: &Guideline, new: &Guideline) -> Vec<Page> {
    let is_page = |path: &String| {
        path.split_once('/').is_some_and(|(folder, _)| PageKind::of_folder(folder).is_some())
    };
    let mut paths: Vec<String> = files(&old.folder, &new.folder);
    paths.retain(is_page);
    // The folders in the order in which a patient meets them.
    let rank =
        |path: &String| path.split_once('/').and_then(|(folder, _)| PageKind::of_folder(folder));
    paths.sort_by_key(rank);
    let text = |guideline: &Guideline, path: &str| guideline.folder.files.get(path).cloned();
    let page = |path: String| {
        let (before, after) = (text(old, &path), text(new, &path));
        if before == after {
            return None;
        }
        let fate = fate(before.as_deref(), after.as_deref());
        let title = after.as_ref().or(before.as_ref()).and_then(|text| text.lines().next());
        let title = title.unwrap_or_default().trim_start_matches("# ").to_string();
        let sections = sections(&before.unwrap_or_default(), &after.unwrap_or_default());
        Some(Page { file: path, title, fate, sections })
    };
    paths.into_iter().filter_map(page).collect()
}

fn fate(old: Option<&str>, new: Option<&str>) -> Fate {
    match (old, new) {
        (None, _) => Fate::Added,
        (_, None) => Fate::Removed,
        _ => Fate::Changed,
    }
}

/// The sections of both, in the order of the new page, that differ.
fn sections(old: &str, new: &str) -> Vec<Part> {
    let (old, new) = (split(old), split(new));
    let mut names: Vec<&String> = new.iter().map(|(name, _)| name).collect();
    names.extend(
        old.iter()
            .map(|(name, _)| name)
            .filter(|name| !new.iter().any(|(other, _)| other == *name)),
    );
    let find = |list: &[(String, String)], name: &str| {
        list.iter().find(|(known, _)| known == name).map(|(_, text)| text.clone())
    };
    let parts = names
        .into_iter()
        .filter_map(|name| part(name, find(&old, name).as_deref(), find(&new, name).as_deref()));
    parts.collect()
}

/// A page's sections by name; `When any of` and `When all of` are one, and the
/// heading is part of its text.
fn split(page: &str) -> Vec<(String, String)> {
    let mut sections: Vec<(String, String)> = Vec::new();
    for line in page.lines() {
        let heading = line.strip_prefix("## ");
        if let Some(heading) =
            heading.or(sections.is_empty().then_some("Title, sources and reason"))
        {
            let name = [" any of", " all of", " at least "]
                .iter()
                .filter_map(|need| heading.find(need))
                .min()
                .map_or(heading, |end| &heading[..end]);
            sections.push((name.to_string(), String::new()));
        }
        if let Some((_, text)) = sections.last_mut() {
            text.push_str(line.strip_prefix("## ").unwrap_or(line));
            text.push('\n');
        }
    }
    for (_, text) in &mut sections {
        text.truncate(text.trim_end().len());
    }
    sections
}

fn part(heading: &str, old: Option<&str>, new: Option<&str>) -> Option<Part> {
    let lines = changes(old.unwrap_or_default(), new.unwrap_or_default());
    let differs = old != new;
    differs.then(|| Part { heading: heading.to_string(), fate: fate(old, new), lines })
}

/// The lines that changed, with one line of both around them.
fn changes(old: &str, new: &str) -> Vec<Line> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let compared = TextDiff::from_slices(&old, &new);
    let mut lines = Vec::new();
    for group in compared.grouped_ops(1) {
        for change in group.iter().flat_map(|piece| compared.iter_changes(piece)) {
            let sign = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            lines.push(Line { sign, text: change.value().to_string() });
        }
    }
    lines.retain(|line| line.sign != ' ' || !line.text.is_empty());
    lines
}

/// Tables by their id, over all files that begin so. Vocabulary ids are of
/// their list, the others of the whole guideline.
fn tables(old: &Folder, new: &Folder, begin: &str) -> Vec<Table> {
    let (old, new) = (read_tables(old, begin), read_tables(new, begin));
    let mut keys: Vec<&(String, String)> = old.keys().chain(new.keys()).collect();
    keys.sort();
    keys.dedup();
    let mut found = Vec::new();
    for key in keys {
        let (before, after) = (old.get(key), new.get(key));
        let text = |side: Option<&(String, String)>| side.map(|(_, text)| text.clone());
        let (before_text, after_text) = (text(before), text(after));
        let file = after.or(before).map(|(file, _)| file.clone()).unwrap_or_default();
        if before_text == after_text {
            continue;
        }
        let lines =
            changes(before_text.as_deref().unwrap_or(""), after_text.as_deref().unwrap_or(""));
        let fate = fate(before_text.as_deref(), after_text.as_deref());
        found.push(Table { file, id: key.1.clone(), fate, lines });
    }
    found
}

type Tables = BTreeMap<(String, String), (String, String)>;

fn read_tables(folder: &Folder, begin: &str) -> Tables {
    let mut tables = Tables::new();
    for (file, text) in folder.files.iter().filter(|(path, _)| path.starts_with(begin)) {
        let list = if begin == "vocabulary/" { file.clone() } else { String::new() };
        let mut at: Option<(String, String)> = None;
        for line in text.lines() {
            let id = line.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            // A table inside a fact (`[fact.codes]`) or a list of them belongs to it.
            let id = id.filter(|id| !id.contains(['.', '[', '"', ',']));
            if let Some(id) = id {
                at = Some((list.clone(), id.to_string()));
                tables.insert((list.clone(), id.to_string()), (file.clone(), String::new()));
            } else if let Some((_, text)) = at.as_ref().and_then(|key| tables.get_mut(key))
                && !line.trim().is_empty()
                && !line.starts_with('#')
            {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    tables
}
