//! One guideline laid out as a site: which file holds what, and who uses whom.

use std::collections::{BTreeMap, BTreeSet};

use cauda_guideline::Guideline;
use cauda_guideline::LoadedPage;
use cauda_guideline::facts::{Fact, FactIndex, Kind, Sort};
use cauda_guideline::page::{Line, Page, Saying, Test, TestKind};
use cauda_guideline::vocabulary::{RESULT_KEYS, STUCK_KEYS, THEN_KEYS};

use super::{Changes, Proofs};

/// Estimated bytes of one page of facts or phrases, well under the most a page
/// may have.
const CHUNK_BYTES: usize = 50_000;

/// A guideline, its proofs, and where everything stands.
pub struct Site<'a> {
    /// The guideline.
    pub guideline: &'a Guideline,
    /// What was proved of it.
    pub proofs: &'a Proofs,
    /// The comparison with an older edition, if one was asked for.
    pub changes: Option<&'a Changes>,
    /// By fact: the file its entry stands in.
    fact_files: Vec<String>,
    /// By fact: the pages that read it, in page order.
    fact_readers: Vec<Vec<usize>>,
    /// By page: the pages that read it.
    page_readers: Vec<BTreeSet<usize>>,
    /// By source: the pages that cite it.
    cited: BTreeMap<&'a str, BTreeSet<usize>>,
    /// Pages that stand elsewhere than their id says: those of an option.
    moved: BTreeMap<usize, String>,
    /// By source: the file it stands in.
    source_files: BTreeMap<String, String>,
    /// By list and phrase: the pages that say it.
    said: BTreeMap<(&'a str, &'a str), BTreeSet<usize>>,
    /// By list: the phrases of each of its files.
    lists: BTreeMap<&'a str, Vec<Vec<usize>>>,
}

/// Some facts of a group.
pub struct FactPage<'a> {
    /// The file they stand in.
    pub file: String,
    /// The group.
    pub group: &'a str,
    /// Which part of the group, from 0.
    pub part: usize,
    /// The files of all its parts.
    pub files: Vec<String>,
    /// The facts.
    pub facts: Vec<FactIndex>,
}

impl<'a> Site<'a> {
    /// Looks through a guideline.
    pub fn new(
        guideline: &'a Guideline,
        proofs: &'a Proofs,
        changes: Option<&'a Changes>,
    ) -> Site<'a> {
        let mut site = Site {
            guideline,
            proofs,
            changes,
            fact_files: vec![String::new(); guideline.facts.len()],
            fact_readers: vec![Vec::new(); guideline.facts.len()],
            page_readers: vec![BTreeSet::new(); guideline.pages.len()],
            cited: BTreeMap::new(),
            source_files: BTreeMap::new(),
            moved: BTreeMap::new(),
            said: BTreeMap::new(),
            lists: BTreeMap::new(),
        };
        for at in 0..guideline.pages.len() {
            site.look_at(at);
        }
        for part in site.fact_pages() {
            for fact in part.facts {
                site.fact_files[fact] = part.file.clone();
            }
        }
        for (name, sources) in super::sources::pages(&site) {
            site.source_files.extend(sources.into_iter().map(|id| (id, name.clone())));
        }
        site.lay_out_lists();
        site
    }

    /// The same with some pages in files of their own.
    pub fn with_moved(mut self, moved: BTreeMap<usize, String>) -> Site<'a> {
        self.moved = moved;
        self
    }

    /// Pages of an option stand among those of the guideline, so what both have is linked to where
    /// the guideline has it, however the option alone would spread it.
    pub fn among(mut self, base: &Site<'a>) -> Site<'a> {
        for (id, file) in &base.source_files {
            self.source_files.insert(id.clone(), file.clone());
        }
        for (index, fact) in self.guideline.facts.iter().enumerate() {
            if let Some(known) = base.guideline.fact(&fact.id) {
                self.fact_files[index].clone_from(&base.fact_files[known]);
            }
        }
        for (list, files) in &mut self.lists {
            let same = self.guideline.vocabulary.ids(list).eq(base.guideline.vocabulary.ids(list));
            if let Some(known) = base.lists.get(list).filter(|_| same) {
                files.clone_from(known);
            }
        }
        self
    }

    fn look_at(&mut self, at: usize) {
        let guideline = self.guideline;
        let page = &guideline.pages[at].page;
        for test in tests(page) {
            let subject = test.subject.text.as_str();
            match test.kind {
                TestKind::Suspected | TestKind::Excluded => {
                    if let Some(other) = self.concern_page(subject) {
                        self.page_readers[other].insert(at);
                    }
                }
                _ => {
                    if let Some(fact) = guideline.fact(subject) {
                        if !self.fact_readers[fact].contains(&at) {
                            self.fact_readers[fact].push(at);
                        }
                        if let Some(definition) = self.definition_of(fact) {
                            self.page_readers[definition].insert(at);
                        }
                    }
                }
            }
        }
        for source in cited_by(page) {
            self.cited.entry(source).or_default().insert(at);
        }
        for (list, phrase) in phrases_of(page) {
            self.said.entry((list, phrase)).or_default().insert(at);
        }
    }

    fn lay_out_lists(&mut self) {
        let guideline = self.guideline;
        for (list, entries) in guideline.vocabulary.lists() {
            let weights = entries.iter().map(|(id, _, phrase)| {
                let users = self.pages_saying(list, id).count();
                let links =
                    users + phrase.conflicts.len() + phrase.facts.len() + phrase.sources.len();
                900 + phrase.staff.len()
                    + phrase.patient.len()
                    + links * 110
                    + phrase.never_with.len() * 320
            });
            self.lists.insert(list, chunks(&weights.collect::<Vec<_>>()));
        }
    }

    /// Facts by the file their entries stand in.
    pub fn fact_pages(&self) -> Vec<FactPage<'a>> {
        let guideline = self.guideline;
        let mut groups: Vec<(&str, Vec<FactIndex>)> = Vec::new();
        for (index, fact) in guideline.facts.iter().enumerate() {
            let group = group_of(fact);
            match groups.iter_mut().find(|(known, _)| *known == group) {
                Some((_, facts)) => facts.push(index),
                None => groups.push((group, vec![index])),
            }
        }
        let mut pages = Vec::new();
        for (group, facts) in groups {
            let weights: Vec<usize> = facts.iter().map(|fact| self.weight(*fact)).collect();
            let chunks = chunks(&weights);
            let files: Vec<String> =
                (0..chunks.len()).map(|part| numbered("facts", group, part)).collect();
            for (part, chunk) in chunks.into_iter().enumerate() {
                let facts = chunk.into_iter().map(|at| facts[at]).collect();
                let (file, files) = (files[part].clone(), files.clone());
                pages.push(FactPage { file, group, part, files, facts });
            }
        }
        pages
    }

    fn weight(&self, fact: FactIndex) -> usize {
        let known = &self.guideline.facts[fact];
        let uses = self.fact_readers[fact].len() + known.worsening_of.len() + known.sources.len();
        2_200 + uses * 110
    }

    /// Where a fact is described; a derived fact by its own page.
    pub fn fact_href(&self, fact: FactIndex) -> String {
        match self.definition_of(fact) {
            Some(page) => self.page_href(page),
            None => self.fact_entry(fact),
        }
    }

    /// Where a fact's entry stands.
    pub fn fact_entry(&self, fact: FactIndex) -> String {
        format!("{}#{}", self.fact_files[fact], self.guideline.facts[fact].id)
    }

    /// The file of a page.
    pub fn page_href(&self, page: usize) -> String {
        let own = || format!("{}.html", safe(&self.guideline.pages[page].id));
        self.moved.get(&page).cloned().unwrap_or_else(own)
    }

    /// Where a phrase stands.
    pub fn phrase_href(&self, list: &str, id: &str) -> String {
        let place = self.guideline.vocabulary.ids(list).position(|known| known == id).unwrap_or(0);
        let parts = self.lists.get(list).map_or(&[][..], Vec::as_slice);
        let part = parts.iter().position(|part| part.contains(&place)).unwrap_or(0);
        format!("{}#{id}", numbered("vocabulary", list, part))
    }

    /// The files of a list, each with the places of its phrases.
    pub fn list_pages(&self, list: &str) -> Vec<(String, &[usize])> {
        let parts = self.lists.get(list).map_or(&[][..], Vec::as_slice);
        let named = |(part, places): (usize, &'_ Vec<usize>)| {
            (numbered("vocabulary", list, part), places.len(), part)
        };
        let names: Vec<_> = parts.iter().enumerate().map(named).collect();
        names.into_iter().map(|(name, _, part)| (name, parts[part].as_slice())).collect()
    }

    /// The file a source stands in.
    pub fn source_file(&self, id: &str) -> &str {
        self.source_files.get(id).map_or("sources/index.html", String::as_str)
    }

    /// The page of the derived fact.
    pub fn definition_of(&self, fact: FactIndex) -> Option<usize> {
        let known = &self.guideline.facts[fact];
        let is_derived = matches!(&known.kind, Kind::Named { sort: Sort::Derived, .. });
        let id = format!("definitions/{}", known.id);
        is_derived.then(|| self.page(&id)).flatten()
    }

    /// The page with that id.
    pub fn page(&self, id: &str) -> Option<usize> {
        self.guideline.pages.iter().position(|page| page.id == id)
    }

    /// The concern page that `is suspected` names.
    pub fn concern_page(&self, stem: &str) -> Option<usize> {
        let named = |page: &LoadedPage| page.kind.is_concern() && page.stem() == stem;
        self.guideline.pages.iter().position(named)
    }

    /// Pages that look at a fact.
    pub fn readers_of_fact(&self, fact: FactIndex) -> &[usize] {
        &self.fact_readers[fact]
    }

    /// Pages that look at what a page says.
    pub fn readers_of_page(&self, page: usize) -> impl Iterator<Item = usize> {
        self.page_readers[page].iter().copied()
    }

    /// Pages that cite a source.
    pub fn citing(&self, source: &str) -> impl Iterator<Item = usize> {
        self.cited.get(source).into_iter().flatten().copied()
    }

    /// How many facts, phrases, attestations and choices rest on a source.
    pub fn resting(&self, source: &str) -> usize {
        let guideline = self.guideline;
        let phrases = guideline.vocabulary.lists().flat_map(|(_, entries)| entries);
        let lists = guideline.facts.iter().map(|fact| &fact.sources);
        let lists = lists.chain(phrases.map(|(.., phrase)| &phrase.sources));
        let lists = lists.chain(guideline.attestations.iter().map(|known| &known.sources));
        let lists = lists.chain(guideline.policies.iter().map(|known| &known.sources));
        lists.filter(|sources| sources.iter().any(|known| known == source)).count()
    }

    /// Pages that say a phrase.
    pub fn pages_saying(&self, list: &str, id: &str) -> impl Iterator<Item = usize> {
        let found = self.said.iter().find(|((l, i), _)| *l == list && *i == id);
        found.into_iter().flat_map(|(_, pages)| pages).copied()
    }
}

/// Name of the part of a folder's file, the first without a number. `index` is
/// the folder's own list.
pub fn numbered(folder: &str, name: &str, part: usize) -> String {
    let name = safe(name);
    let mark = if name == "index" { "_" } else { "" };
    match part {
        0 => format!("{folder}/{name}{mark}.html"),
        part => format!("{folder}/{name}{mark}_{}.html", part + 1),
    }
}

/// A name that means the same in a path and in a link: what is no plain letter,
/// digit or one of `_-./` becomes its number.
pub fn safe(name: &str) -> String {
    let plain = |letter: &char| letter.is_ascii_alphanumeric() || "_-./".contains(*letter);
    let parts = name.chars().map(|letter| match plain(&letter) {
        true => letter.to_string(),
        false => format!("-{:x}-", u32::from(letter)),
    });
    parts.collect()
}

/// The group a fact is shown under.
fn group_of(fact: &Fact) -> &str {
    if fact.group.is_empty() { "engine" } else { &fact.group }
}

/// All tests of a page's rules.
pub fn tests(page: &Page) -> Vec<&Test> {
    let rules = [&page.when, &page.excluded].into_iter().flatten();
    rules.flat_map(|rule| rule.tests()).chain(&page.never).collect()
}

/// Sources a page cites, under its title and beside its numbers.
fn cited_by(page: &Page) -> impl Iterator<Item = &str> {
    let notes = tests(page).into_iter().flat_map(|test| &test.notes);
    let notes = notes.map(|note| note.text.as_str()).filter(|note| *note != "local policy");
    page.sources.iter().map(|source| source.text.as_str()).chain(notes)
}

/// List and id of every phrase a page says.
fn phrases_of(page: &Page) -> Vec<(&'static str, &str)> {
    let sections =
        [(&page.then, THEN_KEYS), (&page.stuck, STUCK_KEYS), (&page.results, RESULT_KEYS)];
    let mut found = Vec::new();
    for (lines, keys) in sections {
        for line in lines {
            let Saying::Phrases(words) = &line.saying else { continue };
            let list = list_of(line, keys);
            found.extend(words.iter().map(|word| (list, word.text.as_str())));
        }
    }
    found
}

/// The list a line's phrases are of.
pub fn list_of(line: &Line, keys: &'static [(&'static str, &'static str)]) -> &'static str {
    keys.iter().find(|(key, _)| *key == line.key.text).map_or("", |(_, list)| list)
}

/// Splits things of these sizes into runs of at most [`CHUNK_BYTES`] each.
pub fn chunks(sizes: &[usize]) -> Vec<Vec<usize>> {
    chunks_of(sizes, CHUNK_BYTES)
}

/// The same with another most.
pub fn chunks_of(sizes: &[usize], most: usize) -> Vec<Vec<usize>> {
    let mut parts: Vec<Vec<usize>> = vec![Vec::new()];
    let mut sum = 0;
    for (at, size) in sizes.iter().enumerate() {
        if sum + size > most && sum > 0 {
            parts.push(Vec::new());
            sum = 0;
        }
        sum += size;
        if let Some(part) = parts.last_mut() {
            part.push(at);
        }
    }
    parts
}
