//! From pages to the graph: every name is looked up, every value and constant
//! checked against its fact, every fault told with its place.

mod builder;
mod conditions;

use std::collections::BTreeMap;

use self::builder::Builder;
use crate::diagnostic::Diagnostic;
use crate::facts::{By, Carries, Danger, Fact, Keep, Kind, Sort};
use crate::guideline::{Folder, Guideline, LoadedPage};
use crate::page::{Comparison, Group, Test, TestKind};
use crate::program::plan::{Parts, Plan};
use crate::program::{BuiltIns, CELLS_MAX, CONCERNS_MAX, FactCells, PLACES_MAX, Program, STATES};
use crate::vocabulary::{FirstStep, Source, Tier, Vocabulary};

/// A folder that was read but not yet compiled.
pub(crate) struct Draft {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) title: String,
    pub(crate) status: String,
    pub(crate) exceptions: Vec<String>,
    pub(crate) folder: Folder,
    pub(crate) facts: Vec<Fact>,
    pub(crate) pages: Vec<LoadedPage>,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) sources: BTreeMap<String, Source>,
}

/// Compiles a draft; `None` when a fault keeps it from compiling.
pub(crate) fn compile(mut draft: Draft, faults: &mut Vec<Diagnostic>) -> Option<Guideline> {
    let before = faults.len();
    same_id_twice(&draft, faults);
    let built_ins = add_built_ins(&mut draft.facts);
    let cuts = all_cuts(&draft, faults);
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
    let Builder { cells, nodes, places, needed, definitions, .. } = builder;
    if nodes.len() > PLACES_MAX || concerns.len() > CONCERNS_MAX {
        let message = format!("more than {PLACES_MAX} conditions or {CONCERNS_MAX} concerns");
        faults.push(Diagnostic::error("too-large", "", 0..0, message));
    }
    if faults.len() > before {
        return None;
    }
    let clear: Vec<usize> = cells.iter().map(|cells| cells.clear).collect();
    let plan = Plan::new(&Parts {
        nodes: &nodes,
        places: &places,
        clear: &clear,
        steps: &steps,
        row_steps: &row_steps,
        concerns: &concerns,
    });
    let program = Program {
        cells,
        nodes,
        places,
        needed,
        steps,
        row_steps,
        concerns,
        rows,
        definitions,
        built_ins,
        plan,
    };
    Some(Guideline {
        id: draft.id,
        version: draft.version,
        title: draft.title,
        status: draft.status,
        exceptions: draft.exceptions,
        sha256: draft.folder.sha256(),
        facts: draft.facts,
        pages: draft.pages,
        vocabulary: draft.vocabulary,
        sources: draft.sources,
        program,
        folder: draft.folder,
    })
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

/// Thresholds of every quantity in all pages.
fn all_cuts(draft: &Draft, faults: &mut Vec<Diagnostic>) -> Vec<Vec<i64>> {
    let mut cuts = vec![Vec::new(); draft.facts.len()];
    for page in &draft.pages {
        let file = page.file();
        let rules = [&page.page.when, &page.page.excluded];
        let mut tests: Vec<&Test> = rules.into_iter().flatten().flat_map(Group::tests).collect();
        tests.extend(&page.page.never);
        for test in tests {
            let Some(fact) = draft.facts.iter().position(|fact| fact.id == test.subject.text)
            else {
                continue;
            };
            let TestKind::Compares { comparison, number, unit } = &test.kind else {
                continue;
            };
            let Some(quantity) = draft.facts[fact].quantity() else {
                continue;
            };
            match quantity.place(&number.text, unit.as_ref().map(|unit| unit.text.as_str())) {
                Ok(place) if place % 2 == 0 => cuts[fact].push(cut_of(*comparison, place)),
                Ok(_) => {
                    let fault = Diagnostic::error(
                        "off-grid",
                        &file,
                        number.span.clone(),
                        "not a whole number of steps",
                    );
                    faults.push(
                        fault.help(format!(
                            "the step of `{}` is {}",
                            test.subject.text, quantity.step
                        )),
                    );
                }
                Err(why) => {
                    faults.push(Diagnostic::error("bad-constant", &file, number.span.clone(), why))
                }
            }
        }
    }
    cuts
}

/// Least place on the upper side of a comparison.
fn cut_of(comparison: Comparison, place: i64) -> i64 {
    match comparison {
        Comparison::AtLeast | Comparison::Below => place,
        Comparison::Above | Comparison::AtMost => place + 1,
    }
}
