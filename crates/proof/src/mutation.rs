//! The mutation campaign (E11): every small change of pages, facts and
//! vocabulary that a hand could make, and whether anybody would notice.
//!
//! A change is noticed by the checks, by a case, or by a proof. One that is not
//! is put to a solver: if no patient is decided differently it changes nothing
//! and does not count. Otherwise it survives, and the patient who is decided
//! differently is the case that is missing.

mod difference;
mod equivalence;
mod fact_keys;
mod rules;
mod sections;
mod spoken;
mod survivors;
mod tables;
mod timelines;

use cauda_guideline::attestation;
use cauda_guideline::cases::{self, Story};
use cauda_guideline::diagnostic::{Diagnostic, Severity};
use cauda_guideline::facts::{Fact, Role};
use cauda_guideline::page::{Case, case_line, format, parse};
use cauda_guideline::vocabulary::Phrase;
use cauda_guideline::{Folder, Guideline, load, load_changed};

use crate::properties::{ALL, Model, Outcome};
use crate::random::Random;
use crate::solver::Which;

use self::difference::differ_in_words;
use self::spoken::Words;

pub use difference::{Line, differ};
pub use equivalence::{Compared, compare};
pub use survivors::Survivors;

/// Most mutants of one guideline.
pub const MUTANTS_MAX: usize = 100_000;
/// The property about timelines of single facts.
const TIMELINES: &str = "SP13";
/// The property that engine, formula and reference evaluator agree.
const AGREEMENT: &str = "SP12";
/// Lowest share of mutants killed, in hundredths, that a guideline may have.
pub const KILLED_PERCENT_MIN: usize = 95;

/// A guideline with one small change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// Its name, the same at every run: file and what was done.
    pub id: String,
    /// What kind of change, `delete-item`.
    pub operator: &'static str,
    /// The file changed.
    pub file: String,
    /// Its text now.
    pub text: String,
}

impl Mutant {
    /// The folder with the change in it.
    pub fn folder(&self, original: &Folder) -> Folder {
        let mut folder = original.clone();
        folder.files.insert(self.file.clone(), self.text.clone());
        folder
    }
}

/// What came of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A check refuses it: the code of its diagnostic.
    Check(&'static str),
    /// A case or story of this file fails.
    Case(String),
    /// This property does not hold of it.
    Proof(&'static str),
    /// No patient is decided differently.
    Equivalent,
    /// Nobody notices; with the line that would, where one was found.
    Survivor(Option<Line>),
}

impl Fate {
    /// Whether somebody notices.
    pub fn is_killed(&self) -> bool {
        matches!(self, Fate::Check(_) | Fate::Case(_) | Fate::Proof(_))
    }
}

/// The mutants of a guideline and their judge.
pub struct Campaign {
    original: Guideline,
    /// Every case of every page and story, in the grammar of cases.
    patients: Vec<String>,
    stories: Vec<(String, Story)>,
    mutants: Vec<Mutant>,
}

impl Campaign {
    /// Lays out every mutant of a folder that loads.
    ///
    /// # Errors
    /// The faults of the folder.
    pub fn new(folder: &Folder) -> Result<Campaign, Vec<Diagnostic>> {
        let (original, _) = load(folder)?;
        let mutants = mutants(&original);
        let of_pages = original.pages.iter().flat_map(|loaded| patients_of(&loaded.page.cases));
        let stories = cases::stories(&original, &mut Vec::new());
        let of_stories = stories.iter().map(|(_, story)| case_line(&story.case));
        let patients = of_pages.chain(of_stories).collect();
        Ok(Campaign { original, patients, stories, mutants })
    }

    /// The guideline nobody changed.
    pub fn original(&self) -> &Guideline {
        &self.original
    }

    /// Every mutant, in the order of the files.
    pub fn mutants(&self) -> &[Mutant] {
        &self.mutants
    }

    /// A drawn sample of mutants and every mutant of the files named, in their
    /// order. The same seed draws the same.
    pub fn sample(&self, seed: u64, count: usize, files: &[String]) -> Vec<&Mutant> {
        let mut places: Vec<usize> = (0..self.mutants.len()).collect();
        let mut random = Random::new(seed);
        let drawn = count.min(places.len());
        for at in 0..drawn {
            let other = at + random.below((places.len() - at) as u64) as usize;
            places.swap(at, other);
        }
        places.truncate(drawn);
        let named = self.mutants.iter().enumerate();
        places.extend(named.filter(|(_, mutant)| files.contains(&mutant.file)).map(|(at, _)| at));
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(|at| &self.mutants[at]).collect()
    }

    /// What comes of a mutant: checks and cases first, then proofs, and the
    /// solver for what is left.
    pub fn judge(&self, mutant: &Mutant) -> Fate {
        let folder = mutant.folder(&self.original.folder);
        let changed = match load_changed(&folder, &self.original.folder) {
            Err(faults) => return killed_at_load(&faults),
            Ok(changed) => changed,
        };
        if let Some(file) = self.failing_case(mutant, &changed) {
            return Fate::Case(file);
        }
        if let Some(property) = self.broken_property(&changed) {
            return Fate::Proof(property);
        }
        self.alive(mutant, &changed)
    }

    /// The file of the first case that fails, those of the changed page first.
    fn failing_case(&self, mutant: &Mutant, changed: &Guideline) -> Option<String> {
        let mut faults = Vec::new();
        let own = changed.pages.iter().position(|page| page.file() == mutant.file);
        let others = (0..changed.pages.len()).filter(|page| Some(*page) != own);
        let fails_on = |page: usize, faults: &mut Vec<Diagnostic>| {
            cases::run_page(changed, page, faults);
            (!faults.is_empty()).then(|| changed.pages[page].file())
        };
        own.and_then(|page| fails_on(page, &mut faults))
            .or_else(|| self.failing_story(changed))
            .or_else(|| others.into_iter().find_map(|page| fails_on(page, &mut faults)))
    }

    fn failing_story(&self, changed: &Guideline) -> Option<String> {
        let fails = |(file, story): &&(String, Story)| {
            !cases::story_faults(changed, file, story).is_empty()
        };
        self.stories.iter().find(fails).map(|(file, _)| file.clone())
    }

    /// The first property that does not hold.
    fn broken_property(&self, changed: &Guideline) -> Option<&'static str> {
        // How facts resolve depends on them and their thresholds alone.
        let resolves_alike = changed.facts == self.original.facts
            && changed.program.cells == self.original.program.cells;
        let Ok(mut model) = Model::new(changed, &[Which::Batsat]) else { return Some("all") };
        let decides_alike = resolves_alike && changed.program == self.original.program;
        let asked = ALL.iter().filter(|property| match property.id {
            TIMELINES => !resolves_alike,
            AGREEMENT => !decides_alike,
            _ => true,
        });
        let mut checked = asked.map(|property| model.check(property));
        let broken = checked.find(|checked| checked.outcome != Outcome::Holds);
        broken.map(|checked| checked.id)
    }

    /// Whether any patient meets a difference, and which.
    fn alive(&self, mutant: &Mutant, changed: &Guideline) -> Fate {
        let tell = |text: &String| differ(&self.original, changed, text);
        let alike = match compare(&self.original, changed) {
            Compared::Differ(text) => return Fate::Survivor(self.line_for(changed, &text)),
            Compared::Alike => true,
            Compared::Failed(_) => false,
        };
        if mutant.file.starts_with("facts/") {
            let telling = self.telling(changed);
            return match telling.iter().find_map(tell) {
                Some(line) => Fate::Survivor(Some(line)),
                // Nothing but the graph and `resolve` reads a fact.
                None if telling.is_empty() => Fate::Equivalent,
                None => Fate::Survivor(None),
            };
        }
        if mutant.file == attestation::FILE {
            let telling = self.signing();
            let told = telling.iter().find_map(tell);
            return told.map_or(Fate::Equivalent, |line| Fate::Survivor(Some(line)));
        }
        let own = self.original.pages.iter().find(|page| page.file() == mutant.file);
        let of_page = own.map(|loaded| patients_of(&loaded.page.cases)).unwrap_or_default();
        let tell = |text: &String| match alike {
            // The solver found that no page says otherwise of anybody.
            true => differ_in_words(&self.original, changed, text),
            false => differ(&self.original, changed, text),
        };
        if let Some(line) = of_page.iter().find_map(tell) {
            return Fate::Survivor(Some(line));
        }
        let alike = alike && self.says_the_same(changed);
        match spoken::missed(&self.original, changed) {
            Words::Heard if alike => Fate::Equivalent,
            Words::Missed(text) => Fate::Survivor(self.line_for(changed, &text)),
            Words::Heard | Words::Unclear => Fate::Survivor(self.patients.iter().find_map(tell)),
        }
    }

    /// The line for a patient the solver found; a case that is there already
    /// may tell it more shortly.
    fn line_for(&self, changed: &Guideline, text: &str) -> Option<Line> {
        differ(&self.original, changed, text)
            .or_else(|| self.patients.iter().find_map(|text| differ(&self.original, changed, text)))
    }

    /// Patients of whom somebody signed a group as clear.
    fn signing(&self) -> Vec<String> {
        let signed = self.original.attestations.iter().flat_map(|group| {
            Role::ALL
                .map(|role| format!("`{}` signed by {}; all else unknown", group.id, role.id()))
        });
        signed.collect()
    }

    /// Patients who could tell the facts that were changed.
    fn telling(&self, changed: &Guideline) -> Vec<String> {
        let facts = self.original.facts.iter().zip(&changed.facts).enumerate();
        let differing = facts.filter(|(_, (one, other))| {
            let placed = Fact { span: one.span.clone(), ..(*other).clone() };
            **one != placed
        });
        differing
            .flat_map(|(fact, _)| timelines::telling(&self.original, changed, fact, &self.patients))
            .collect()
    }

    /// Whether all else that is read of pages and vocabulary is the same. The
    /// solver compared what the graph reads, and dropped phrases are looked for
    /// on their own.
    fn says_the_same(&self, changed: &Guideline) -> bool {
        let pages = |guideline: &Guideline| -> Vec<String> {
            let pages = guideline.pages.iter().map(|loaded| {
                let mut page = loaded.page.clone();
                (page.when, page.excluded) = (None, None);
                // Nothing acts on these yet.
                page.never.clear();
                // A dropped phrase is looked for on its own.
                page.results.clear();
                page.stuck.clear();
                page.then.retain(|line| {
                    ["concern", "image", "tier", "within"].contains(&line.key.text.as_str())
                });
                format(&page)
            });
            pages.collect()
        };
        let phrases = |guideline: &Guideline| -> Vec<(String, Phrase)> {
            let returns = guideline.vocabulary.ids("return").count() > 0;
            let lists = guideline.vocabulary.lists();
            let entries = lists.flat_map(|(_, entries)| entries).map(|(id, _, phrase)| {
                // Read by the graph and the proofs alone.
                let read = Phrase {
                    urgency: None,
                    reassuring: None,
                    never_with: Vec::new(),
                    conflicts: Vec::new(),
                    facts: Vec::new(),
                    // Whoever leaves gets the return list, once there is one.
                    leaves: phrase.leaves && returns,
                    ..phrase.clone()
                };
                (id.clone(), read)
            });
            entries.collect()
        };
        pages(&self.original) == pages(changed) && phrases(&self.original) == phrases(changed)
    }
}

/// The patients of cases, in the grammar of cases.
fn patients_of(cases: &[Case]) -> Vec<String> {
    let plain = cases.iter().map(|case| Case { asks: Vec::new(), ..case.clone() });
    plain.map(|case| case_line(&case)).collect()
}

fn killed_at_load(faults: &[Diagnostic]) -> Fate {
    let mut errors = faults.iter().filter(|fault| fault.severity == Severity::Error);
    let is_case = |fault: &&Diagnostic| matches!(fault.code, "case-fails" | "bad-case");
    match errors.clone().find(|fault| !is_case(fault)) {
        Some(fault) => Fate::Check(fault.code),
        None => Fate::Case(errors.next().map(|fault| fault.file.clone()).unwrap_or_default()),
    }
}

/// Every mutant of a guideline.
fn mutants(guideline: &Guideline) -> Vec<Mutant> {
    let mut found: Vec<Mutant> = Vec::new();
    for (file, text) in &guideline.folder.files {
        let variants = if file.starts_with("facts/") {
            fact_keys::of_facts(guideline, text)
        } else if file.starts_with("vocabulary/") || file == attestation::FILE {
            fact_keys::of_vocabulary(text)
        } else {
            of_page(guideline, file, text)
        };
        let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem);
        let first = found.len();
        for (operator, what, changed) in variants {
            let same = found[first..].iter().any(|other| other.text == changed);
            if changed == *text || same || found.len() == MUTANTS_MAX {
                continue;
            }
            let id = unique(&found[first..], format!("{stem}: {what}"));
            found.push(Mutant { id, operator, file: file.clone(), text: changed });
        }
    }
    found
}

fn unique(others: &[Mutant], id: String) -> String {
    let taken = |id: &str| others.iter().any(|other| other.id == id);
    let mut found = id.clone();
    let mut count = 2;
    while taken(&found) {
        found = format!("{id} ({count})");
        count += 1;
    }
    found
}

fn of_page(guideline: &Guideline, file: &str, text: &str) -> Vec<rules::Variant<String>> {
    let Some(loaded) = guideline.pages.iter().find(|loaded| loaded.file() == file) else {
        return Vec::new();
    };
    let (page, faults) = parse(file, text);
    if !faults.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (section, rule) in [("When", &page.when), ("Excluded when", &page.excluded)] {
        let Some(rule) = rule else { continue };
        for (operator, what, changed) in rules::of_rule(guideline, loaded.stem(), rule) {
            let mut page = page.clone();
            match section {
                "When" => page.when = Some(changed),
                _ => page.excluded = Some(changed),
            }
            found.push((operator, format!("{section}: {what}"), format(&page)));
        }
    }
    let others = sections::of_sections(guideline, &page);
    found.extend(others.into_iter().map(|(operator, what, page)| (operator, what, format(&page))));
    found
}
