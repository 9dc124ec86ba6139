//! From pages to the graph: every name is looked up, every value and constant
//! checked against its fact, every fault told with its place.

mod builder;
mod conditions;

use std::collections::BTreeMap;

use self::builder::{Builder, Late};
use crate::attestation::{self, Unresolved};
use crate::diagnostic::Diagnostic;
use crate::facts::{By, Carries, Danger, Fact, Keep, Kind, Sort};
use crate::guideline::{Folder, Guideline, LoadedPage};
use crate::page::{Comparison, Group, Test, TestKind, parse_test};
use crate::program::plan::{CONDITIONS_MAX, Parts, Plan};
use crate::program::{BuiltIns, CELLS_MAX, CONCERNS_MAX, FactCells, PLACES_MAX, Program, STATES};
use crate::site::Policy;
use crate::vocabulary::{FirstStep, Source, Tier, Vocabulary};

/// A folder that was read but not yet compiled.
pub(crate) struct Draft {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) title: String,
    pub(crate) status: String,
    pub(crate) exceptions: Vec<String>,
    pub(crate) not_noticed_at_home: Vec<String>,
    pub(crate) ambulance: Vec<String>,
    pub(crate) folder: Folder,
    pub(crate) facts: Vec<Fact>,
    pub(crate) pages: Vec<LoadedPage>,
    pub(crate) attestations: Vec<Unresolved>,
    pub(crate) stops: Vec<Stop>,
    pub(crate) policies: Vec<Policy>,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) sources: BTreeMap<String, Source>,
}

/// Compiles a draft; `None` when a fault keeps it from compiling.
pub(crate) fn compile(mut draft: Draft, faults: &mut Vec<Diagnostic>) -> Option<Guideline> {
    let before = faults.len();
    same_id_twice(&draft, faults);
    let built_ins = add_built_ins(&mut draft.facts);
    draft.stops = stops(&draft, faults);
    let cuts = all_cuts(&draft, faults);
    let attestations = attestation::resolve(&draft.attestations, &draft.facts, faults);
    let cells: Vec<FactCells> =
        draft.facts.iter().zip(cuts).map(|(fact, cuts)| FactCells::new(fact, cuts)).collect();
    for (fact, cells) in draft.facts.iter().zip(&cells) {
        if cells.count > CELLS_MAX {
            let message =
                format!("`{}` is compared with more than {} thresholds", fact.id, CELLS_MAX - 1);
            faults.push(Diagnostic::error("too-large", &fact.file(), fact.span.clone(), message));
        }
    }
    if faults.len() > before {
        return None;
    }
    let mut builder = Builder::new(&draft, cells, faults);
    builder.lay_out_facts();
    let concerns = builder.concerns();
    let (steps, rows, row_steps) = builder.dispositions(built_ins);
    let Late { reports, advice, stops, steps: advice_steps } = builder.advice(&row_steps);
    let decisive = builder.decisive(&concerns, &rows);
    let reporting = builder.reporting(&reports);
    let voids = builder.voids(&concerns);
    let Builder { cells, nodes, places, needed, definitions, .. } = builder;
    let widest = places.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
    if nodes.len() > PLACES_MAX || concerns.len() > CONCERNS_MAX || widest > CONDITIONS_MAX {
        let message = format!(
            "more than {PLACES_MAX} conditions, {CONDITIONS_MAX} on one fact, or {CONCERNS_MAX} concerns"
        );
        faults.push(Diagnostic::error("too-large", "", 0..0, message));
    }
    if faults.len() > before {
        return None;
    }
    let plan = Plan::new(&Parts {
        nodes: &nodes,
        places: &places,
        cells: &cells,
        steps: &steps,
        row_steps: &row_steps,
        advice_steps: &advice_steps,
        concerns: &concerns,
    });
    let program = Program {
        cells,
        nodes,
        places,
        needed,
        steps,
        row_steps,
        advice_steps,
        concerns,
        rows,
        reports,
        advice,
        stops,
        decisive,
        reporting,
        voids,
        definitions,
        built_ins,
        plan,
    };
    let ids = draft.facts.iter().enumerate();
    Some(Guideline {
        by_id: ids.map(|(index, fact)| (fact.id.clone(), index)).collect(),
        id: draft.id,
        version: draft.version,
        title: draft.title,
        status: draft.status,
        exceptions: draft.exceptions,
        not_noticed_at_home: draft.not_noticed_at_home,
        ambulance: draft.ambulance,
        sha256: draft.folder.sha256(),
        facts: draft.facts,
        pages: draft.pages,
        attestations,
        policies: draft.policies,
        vocabulary: draft.vocabulary,
        sources: draft.sources,
        program,
        folder: draft.folder,
    })
}

/// A hard stop of an offer, or what keeps a picture waiting: its id and the test as written.
pub(crate) struct Stop {
    pub(crate) phrase: String,
    pub(crate) file: String,
    pub(crate) test: Test,
}

/// Reads the hard stops of every offer and picture.
fn stops(draft: &Draft, faults: &mut Vec<Diagnostic>) -> Vec<Stop> {
    let mut found = Vec::new();
    let lists = draft.vocabulary.lists().filter(|(list, _)| matches!(*list, "offer" | "image"));
    let phrases = lists.flat_map(|(list, entries)| entries.iter().map(move |entry| (list, entry)));
    for (list, (id, span, phrase)) in phrases {
        let file = format!("vocabulary/{list}.toml");
        for text in &phrase.never_with {
            let (test, read) = parse_test(&file, text, 0);
            for fault in read {
                let message = format!("`{id}`: {}", fault.message);
                let told = Diagnostic::error("bad-stop", &file, span.clone(), message);
                faults.push(told.help("write a test as on a page: \"`fact` is value\""));
            }
            let mut test = match test {
                Some(test) if matches!(test.kind, TestKind::Is(_) | TestKind::Compares { .. }) => {
                    test
                }
                _ => continue,
            };
            // Faults are shown where the phrase stands.
            test.span = span.clone();
            test.subject.span = span.clone();
            found.push(Stop { phrase: id.clone(), file: file.clone(), test });
        }
    }
    found
}

fn same_id_twice(draft: &Draft, faults: &mut Vec<Diagnostic>) {
    let mut stems: BTreeMap<&str, &str> = BTreeMap::new();
    for loaded in draft.pages.iter().filter(|page| page.kind.is_concern()) {
        if let Some(other) = stems.insert(loaded.stem(), &loaded.id) {
            let message = format!("`{}` is also the name of {other}.md", loaded.stem());
            let fault = Diagnostic::error("same-id-twice", &loaded.file(), 0..0, message);
            faults.push(
                fault.help("rename one of them: `is suspected` names a page by its last part"),
            );
        }
    }
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for fact in &draft.facts {
        if let Some(group) = seen.insert(&fact.id, &fact.group) {
            let message = format!("`{}` is also a fact of facts/{group}.toml", fact.id);
            let fault =
                Diagnostic::error("same-id-twice", &fact.file(), fact.span.clone(), message);
            faults.push(fault.help("keep one of them"));
        }
    }
}

fn add_built_ins(facts: &mut Vec<Fact>) -> BuiltIns {
    let tiers = Tier::ALL.map(|tier| tier.id().to_string());
    // In rising danger, so that the order of cells is the order of urgency.
    let steps: Vec<String> =
        FirstStep::ALL.iter().rev().map(|step| step.id().to_string()).collect();
    let states = STATES.map(String::from);
    let mut add = |id: &str, values: Vec<String>, staff: &str| {
        facts.push(built_in(id, values, staff));
        facts.len() - 1
    };
    BuiltIns {
        urgency: add("urgency", tiers.to_vec(), "Urgency acted on"),
        first_step: add("first_step", steps, "First step of the leading concern"),
        concerns: add("concerns", states.to_vec(), "State of all concerns together"),
        gate: add("gate", states.to_vec(), "State of the emergencies outside the spine"),
    }
}

fn built_in(id: &str, values: Vec<String>, staff: &str) -> Fact {
    let dangerous = vec![false; values.len()];
    Fact {
        id: id.to_string(),
        group: String::new(),
        span: 0..0,
        kind: Kind::Named { sort: Sort::BuiltIn, values, dangerous, clear: 0, assume: None },
        danger: Danger::None,
        by: By::Derived,
        needed: None,
        asked_at: Vec::new(),
        asked_of: Vec::new(),
        worsening_of: Vec::new(),
        withheld_while: Vec::new(),
        taken_back_by: Vec::new(),
        patient_values: BTreeMap::new(),
        governs: None,
        fresh_seconds: None,
        keep: Keep::Latest,
        carries: Carries::Visit,
        staff: staff.to_string(),
        patient: staff.to_string(),
        sources: Vec::new(),
        codes: Vec::new(),
    }
}

/// Thresholds of every quantity in all pages and hard stops.
fn all_cuts(draft: &Draft, faults: &mut Vec<Diagnostic>) -> Vec<Vec<i64>> {
    let mut cuts = vec![Vec::new(); draft.facts.len()];
    for page in &draft.pages {
        let rules = [&page.page.when, &page.page.excluded];
        let tests = rules.into_iter().flatten().flat_map(Group::tests);
        for test in tests.chain(&page.page.never) {
            cut(draft, &page.file(), test, &mut cuts, faults);
        }
    }
    for stop in &draft.stops {
        cut(draft, &stop.file, &stop.test, &mut cuts, faults);
    }
    cuts
}

/// Adds the threshold of one test to those of its fact.
fn cut(
    draft: &Draft,
    file: &str,
    test: &Test,
    cuts: &mut [Vec<i64>],
    faults: &mut Vec<Diagnostic>,
) {
    let known = draft.facts.iter().position(|fact| fact.id == test.subject.text);
    let (Some(fact), TestKind::Compares { comparison, number, unit }) = (known, &test.kind) else {
        return;
    };
    let Some(quantity) = draft.facts[fact].quantity() else {
        return;
    };
    match quantity.place(&number.text, unit.as_ref().map(|unit| unit.text.as_str())) {
        Ok(place) if place % 2 == 0 => cuts[fact].push(cut_of(*comparison, place)),
        Ok(_) => {
            let message = "not a whole number of steps";
            let fault = Diagnostic::error("off-grid", file, number.span.clone(), message);
            let help = format!("the step of `{}` is {}", test.subject.text, quantity.step);
            faults.push(fault.help(help));
        }
        Err(why) => faults.push(Diagnostic::error("bad-constant", file, number.span.clone(), why)),
    }
}

/// Least place on the upper side of a comparison.
fn cut_of(comparison: Comparison, place: i64) -> i64 {
    match comparison {
        Comparison::AtLeast | Comparison::Below => place,
        Comparison::Above | Comparison::AtMost => place + 1,
    }
}
