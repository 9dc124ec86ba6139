//! No slip of a finger changes a rule without being seen.
//!
//! Every single edit at every place of every page is tried. Each edited page
//! must be refused, or mean what it meant before. A page that loads and means
//! something else is a silent change; there must be none.
//!
//! Stages, the cheap ones first: does it parse into its own canonical form,
//! does it mean something else, are all its names known, does the folder load.
//! The stage of names repeats what `load` checks, so a drawn sample of what it
//! refuses goes through `load` as well; `CAUDA_LONG=1` sends all of it.
//!
//! Loading the folder is dear, and cases are nine tenths of the text and change
//! no rule: a short run tries one in [`RULE_SHARDS`] of the edits of rules and one in
//! [`SHARDS`] of those of cases, and loads one in [`LOAD_SHARDS`] of the open ones;
//! `CAUDA_SHARD` says which.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use cauda_guideline::facts::Kind;
use cauda_guideline::page::{Group, Item, Line, Page, Saying, Test, TestKind, format, parse};
use cauda_guideline::vocabulary::{RESULT_KEYS, STUCK_KEYS, THEN_KEYS};

use crate::shipped::{Dice, folder, guideline, load_with, pages};

/// How many edits refused for an unknown name are also loaded in a short run.
const SAMPLE: usize = 60;

/// A short run takes one in so many of the edits of cases.
const SHARDS: usize = 10;

/// A short run takes one in so many of the edits of rules.
const RULE_SHARDS: usize = 3;

/// A short run loads the folder for one in so many of the open edits.
const LOAD_SHARDS: usize = 10;

/// Which of the edits a short run takes; `None` is all of them.
fn shard() -> Option<usize> {
    if std::env::var_os("CAUDA_LONG").is_some() {
        return None;
    }
    let shard = std::env::var("CAUDA_SHARD").unwrap_or_default();
    Some(shard.parse::<usize>().unwrap_or(0) % SHARDS)
}

/// One edit: these bytes are replaced by that text.
#[derive(Clone, Debug)]
struct Edit {
    place: Range<usize>,
    text: String,
}

impl Edit {
    fn new(place: Range<usize>, text: impl Into<String>) -> Edit {
        Edit { place, text: text.into() }
    }

    fn apply(&self, page: &str) -> String {
        let mut edited = String::with_capacity(page.len() + self.text.len());
        edited.push_str(&page[..self.place.start]);
        edited.push_str(&self.text);
        edited.push_str(&page[self.place.end..]);
        edited
    }

    fn moved(&self, from: usize, to: usize) -> Edit {
        let shift = |at: usize| at - from + to;
        Edit::new(shift(self.place.start)..shift(self.place.end), self.text.clone())
    }
}

/// An edit of a page, printed with the line it stands in.
struct Shown<'a>(&'a str, &'a str, &'a Edit);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shown(file, page, edit) = self;
        let line = page[..edit.place.start].matches('\n').count();
        let text = page.lines().nth(line).unwrap_or_default();
        let old = &page[edit.place.clone()];
        write!(out, "{file}:{} `{text}`: {old:?} becomes {:?}", line + 1, edit.text)
    }
}

/// Every edit of the campaign.
fn edits(page: &str) -> Vec<Edit> {
    let mut found = Vec::new();
    for (at, sign) in page.char_indices() {
        let here = at..at + sign.len_utf8();
        let next = page[here.end..].chars().next();
        found.push(Edit::new(here.clone(), ""));
        found.push(Edit::new(at..at, sign.to_string()));
        for inserted in [" ", "\n", "  ", "\t", "\u{a0}", "-", "0", "`"] {
            found.push(Edit::new(at..at, inserted));
        }
        if let Some(next) = next.filter(|next| *next != sign) {
            found.push(Edit::new(at..here.end + next.len_utf8(), format!("{next}{sign}")));
        }
        let other = match sign {
            '0'..='9' => char::from(b'0' + (sign as u8 - b'0' + 1) % 10).to_string(),
            '≥' => ">".to_string(),
            '>' => "≥".to_string(),
            '≤' => "<".to_string(),
            '<' => "≤".to_string(),
            _ => String::new(),
        };
        if !other.is_empty() {
            found.push(Edit::new(here.clone(), other));
        }
        found.push(Edit::new(here, " "));
    }
    let mut at = 0;
    for line in page.split_inclusive('\n') {
        let end = at + line.len();
        let blanks = line.len() - line.trim_start_matches(' ').len();
        for removed in 1..=blanks {
            found.push(Edit::new(at..at + removed, ""));
        }
        for added in 1..=4 {
            found.push(Edit::new(at..at, " ".repeat(added)));
        }
        let next_blanks = page[end..].len() - page[end..].trim_start_matches(' ').len();
        for joint in ["", " "] {
            found.push(Edit::new(end - 1..end, joint));
            found.push(Edit::new(end - 1..end + next_blanks, joint));
        }
        found.push(Edit::new(end..end, "\n"));
        found.push(Edit::new(end..end, "  \n"));
        at = end;
    }
    found
}

/// The page in its canonical form without what people only read. `0200` and
/// `200.0` are the same number.
fn meaning(page: &Page) -> String {
    let mut page = page.clone();
    for group in [&mut page.when, &mut page.excluded].into_iter().flatten() {
        plain_numbers(group);
    }
    page.never.iter_mut().for_each(plain_number);
    page.title.clear();
    page.why.clear();
    page.sources.clear();
    page.reviewed = None;
    page.cases.clear();
    format(&page)
}

fn plain_numbers(group: &mut Group) {
    for item in &mut group.items {
        match item {
            Item::Test(test) => plain_number(test),
            Item::Group(group) => plain_numbers(group),
        }
    }
}

fn plain_number(test: &mut Test) {
    if let TestKind::Compares { number, .. } = &mut test.kind {
        let (whole, part) = number.text.split_once('.').unwrap_or((&number.text, ""));
        let is_plain = format!("{whole}{part}").bytes().all(|byte| byte.is_ascii_digit());
        if is_plain {
            number.text =
                format!("{}.{}", whole.trim_start_matches('0'), part.trim_end_matches('0'));
        }
    }
}

/// A page whose only purpose is to hold cases.
const ABOVE_CASES: &str = "# T\n\nSources: s.\n\nWhy.\n\n## When any of\n- `f` is v\n\n## Cases\n";

/// Where the first case of a page begins; its end, where it has none.
fn cases_of(page: &str) -> usize {
    page.find("\n## Cases\n").map_or(page.len(), |at| at + "\n## Cases\n".len())
}

/// The part of a page an edit can reach, so that the rest is not read a
/// million times: cases are one line each and reach no other section, and a
/// section above them reaches no case but the first. The part comes with the
/// edit moved into it.
fn reach(page: &str, edit: &Edit) -> (String, Edit) {
    let cases = cases_of(page);
    let line_end = |from: usize| page[from..].find('\n').map_or(page.len(), |at| from + at + 1);
    if edit.place.start < cases + 1 {
        let end = line_end(line_end(cases).max(edit.place.end));
        return (page[..end].to_string(), edit.clone());
    }
    let line_start = page[..edit.place.start].rfind('\n').map_or(0, |at| at + 1);
    let start = page[..line_start - 1].rfind('\n').map_or(cases, |at| at + 1).max(cases);
    let end = line_end(line_end(edit.place.end));
    (format!("{ABOVE_CASES}{}", &page[start..end]), edit.moved(start, ABOVE_CASES.len()))
}

/// Words that stand in the folder, by what they name.
struct Names {
    facts: BTreeSet<String>,
    values: BTreeSet<String>,
    concerns: BTreeSet<String>,
    units: BTreeSet<String>,
    sources: BTreeSet<String>,
    phrases: BTreeSet<(String, String)>,
}

impl Names {
    fn of_shipped() -> Names {
        let guideline = guideline();
        let mut names = Names {
            facts: guideline.facts.iter().map(|fact| fact.id.clone()).collect(),
            values: BTreeSet::new(),
            concerns: BTreeSet::new(),
            units: BTreeSet::new(),
            sources: guideline.sources.keys().cloned().collect(),
            phrases: BTreeSet::new(),
        };
        names.sources.insert("local policy".to_string());
        for fact in &guideline.facts {
            match &fact.kind {
                Kind::Named { values, .. } => names.values.extend(values.iter().cloned()),
                Kind::Quantity(quantity) => names.units.extend(quantity.accepts.iter().cloned()),
            }
        }
        for page in guideline.pages.iter().filter(|page| page.kind.is_concern()) {
            names.concerns.insert(page.stem().to_string());
        }
        for keys in [THEN_KEYS, STUCK_KEYS, RESULT_KEYS] {
            for (key, list) in keys {
                for id in guideline.vocabulary.ids(list) {
                    names.phrases.insert((key.to_string(), id.to_string()));
                }
            }
        }
        names
    }

    fn know(&self, page: &Page) -> bool {
        let rules = [&page.when, &page.excluded].into_iter().flatten();
        rules.into_iter().all(|group| self.know_group(group))
            && page.never.iter().all(|test| self.know_test(test))
            && [&page.stuck, &page.then, &page.results]
                .into_iter()
                .flatten()
                .all(|line| self.know_line(line))
    }

    fn know_group(&self, group: &Group) -> bool {
        group.items.iter().all(|item| match item {
            Item::Test(test) => self.know_test(test),
            Item::Group(group) => self.know_group(group),
        })
    }

    fn know_test(&self, test: &Test) -> bool {
        let subject = &test.subject.text;
        let known = match &test.kind {
            TestKind::Is(values) => {
                self.facts.contains(subject)
                    && values.iter().all(|value| self.values.contains(&value.text))
            }
            TestKind::Compares { unit, .. } => {
                self.facts.contains(subject)
                    && unit.as_ref().is_none_or(|unit| self.units.contains(&unit.text))
            }
            TestKind::Suspected | TestKind::Excluded => self.concerns.contains(subject),
        };
        known && test.notes.iter().all(|note| self.sources.contains(&note.text))
    }

    fn know_line(&self, line: &Line) -> bool {
        match &line.saying {
            Saying::Phrases(words) => words
                .iter()
                .all(|word| self.phrases.contains(&(line.key.text.clone(), word.text.clone()))),
            Saying::Within { .. } => line.key.text == "within",
        }
    }
}

/// Whether an edit stands under `## Never cleared by`.
fn in_never(page: &str, edit: &Edit) -> bool {
    let sections = page[..edit.place.start].rsplit_once("\n## ");
    sections.is_some_and(|(_, section)| section.starts_with("Never cleared by\n"))
}

/// What one edit came to, as far as the cheap stages can tell.
enum Stage {
    Refused,
    SameMeaning,
    UnknownName,
    Open,
}

fn stage(file: &str, page: &str, before: &str, names: &Names, edit: &Edit) -> Stage {
    let (part, edit) = reach(page, edit);
    let edited = edit.apply(&part);
    let (parsed, faults) = parse(file, &edited);
    if !faults.is_empty() || format(&parsed) != edited {
        return Stage::Refused;
    }
    let before_part = part.starts_with(ABOVE_CASES).then(|| meaning(&parse(file, &part).0));
    if meaning(&parsed) == before_part.as_deref().unwrap_or(before) {
        return Stage::SameMeaning;
    }
    if names.know(&parsed) { Stage::Open } else { Stage::UnknownName }
}

#[derive(Default)]
struct Counts {
    edits: AtomicUsize,
    refused: AtomicUsize,
    same: AtomicUsize,
    unknown_name: AtomicUsize,
    open: AtomicUsize,
}

/// Work shared by the threads of a campaign.
fn in_parallel<T: Sync>(items: &[T], work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(item);
                }
            });
        }
    });
}

#[test]
fn no_single_edit_changes_a_rule_without_being_seen() {
    let names = Names::of_shipped();
    let counts = Counts::default();
    let shard = shard();
    let survivors: Mutex<Vec<(&str, &str, Edit, bool)>> = Mutex::new(Vec::new());
    in_parallel(&pages(), |(file, page)| {
        let before = meaning(&parse(file, page).0);
        let cases = cases_of(page);
        for (at, edit) in edits(page).into_iter().enumerate() {
            let shards = if edit.place.start > cases { SHARDS } else { RULE_SHARDS };
            if shard.is_some_and(|shard| at % shards != shard % shards) {
                continue;
            }
            counts.edits.fetch_add(1, Ordering::Relaxed);
            let (count, kept) = match stage(file, page, &before, &names, &edit) {
                Stage::Refused => (&counts.refused, None),
                Stage::SameMeaning => (&counts.same, None),
                Stage::UnknownName => (&counts.unknown_name, Some(false)),
                Stage::Open => (&counts.open, Some(true)),
            };
            count.fetch_add(1, Ordering::Relaxed);
            if let Some(open) = kept {
                survivors.lock().unwrap().push((*file, *page, edit, open));
            }
        }
    });
    let mut survivors = survivors.into_inner().unwrap();
    survivors.sort_by_key(|(file, _, edit, _)| {
        (*file, edit.place.start, edit.place.end, edit.text.clone())
    });
    let (mut to_load, unknown): (Vec<_>, Vec<_>) =
        survivors.into_iter().partition(|(.., open)| *open);
    if let Some(shard) = shard {
        let mut at = 0..;
        to_load.retain(|_| at.next().is_some_and(|at| at % LOAD_SHARDS == shard % LOAD_SHARDS));
        let mut dice = Dice(2026);
        to_load.extend((0..SAMPLE).map(|_| unknown[dice.below(unknown.len())].clone()));
        // `## Never cleared by` is a few lines only and no case tests it.
        let mut never = unknown;
        never.retain(|(_, page, edit, _)| in_never(page, edit));
        to_load.extend((0..SAMPLE).map(|_| never[dice.below(never.len())].clone()));
    } else {
        to_load.extend(unknown);
    }
    let silent: Mutex<Vec<String>> = Mutex::new(Vec::new());
    in_parallel(&to_load, |(file, page, edit, _)| {
        if load_with(file, &edit.apply(page)).is_ok() {
            silent.lock().unwrap().push(Shown(file, page, edit).to_string());
        }
    });
    let mut silent = silent.into_inner().unwrap();
    silent.sort();
    println!(
        "{} edits of {} pages: {} refused, {} with the same meaning, {} with an unknown name, {} open; \
         {} loaded, {} silent changes",
        counts.edits.into_inner(),
        pages().len(),
        counts.refused.into_inner(),
        counts.same.into_inner(),
        counts.unknown_name.into_inner(),
        counts.open.into_inner(),
        to_load.len(),
        silent.len()
    );
    assert!(silent.is_empty(), "silent changes:\n{}", silent.join("\n"));
}

#[test]
fn the_campaign_would_notice_a_changed_number() {
    let file = "definitions/fever.md";
    let page = &folder().files[file];
    let before = meaning(&parse(file, page).0);
    let at = page.find("38.0 Cel (local").unwrap() + 3;
    let edit = Edit::new(at..at + 1, "1");
    let stage = stage(file, page, &before, &Names::of_shipped(), &edit);
    assert!(matches!(stage, Stage::Open));
}

#[test]
fn an_edit_is_judged_in_its_part_as_in_the_whole_page() {
    for (file, page) in pages() {
        let mut dice = Dice(7);
        let all = edits(page);
        for _ in 0..60 {
            let edit = &all[dice.below(all.len())];
            let (part, moved) = reach(page, edit);
            let judge = |before: &str, after: String| {
                let (parsed, faults) = parse(file, &after);
                let refused = !faults.is_empty() || format(&parsed) != after;
                (refused, refused || meaning(&parsed) == meaning(&parse(file, before).0))
            };
            let (whole, short) = (judge(page, edit.apply(page)), judge(&part, moved.apply(&part)));
            assert_eq!(whole, short, "{}", Shown(file, page, edit));
        }
    }
}
