//! SP6: every page can hold and can fail to, every concern is somewhere the only
//! one of its urgency, and every line of every rule makes the difference for
//! somebody: leaving it out would answer a patient otherwise. A threshold that
//! no line needs is dead.

use std::collections::{BTreeMap, BTreeSet};

use cauda_guideline::Guideline;
use cauda_guideline::cases::patient_of;
use cauda_guideline::decision::cells_text;
use cauda_guideline::program::{Concern, Node, Place, Program};
use cauda_guideline::resolve::Patient;
use cauda_guideline::vocabulary::Tier;

use super::unknown_only_when_it_matters::conditions;
use super::{Model, Outcome};
use crate::circuit::{FALSE, Literal, TRUE};
use crate::encode::{Rails, node};
use crate::single::Draft;
use crate::solver::Found;

/// Something a patient should exist for.
struct Wanted {
    literal: Literal,
    /// What is wrong if nobody does.
    otherwise: String,
}

pub(super) fn check(model: &mut Model) -> Outcome {
    let guideline = model.guideline;
    let mut draft = Draft::new(guideline);
    let mut wanted = pages(&draft);
    wanted.extend(alone(&mut draft));
    let rules = conditions(guideline, true);
    let roots: BTreeSet<Place> = rules.iter().map(|(_, _, place)| *place).collect();
    for (page, section, root) in &rules {
        let mut lines = Lines { roots: &roots, found: Vec::new() };
        lines.under(&guideline.program, &[*root]);
        for (path, child) in lines.found {
            let differs = differs(&mut draft, &path, child);
            let settles = settles_by_it(&mut draft, *root, child);
            wanted.push(Wanted {
                literal: draft.circuit.or(&[differs, settles]),
                otherwise: format!(
                    "`{page}`: leaving out {} under `## {section}` changes nobody's answer",
                    described(guideline, child)
                ),
            });
        }
    }
    seen_by_cases(&draft, &mut wanted);
    let mut single = match draft.finish(&model.which) {
        Ok(single) => single,
        Err(why) => return Outcome::Failed(why),
    };
    let mut dead = Vec::new();
    // Each patient found shows many of the rest, too.
    while let Some(next) = wanted.pop() {
        match single.find(&[next.literal]) {
            Found::Nothing => dead.push(next.otherwise),
            Found::Failed(why) => return Outcome::Failed(why),
            Found::Assignment(values) => {
                wanted.retain(|other| !crate::circuit::value_of(&values, other.literal));
            }
        }
    }
    model.questions += single.questions;
    dead.sort();
    if dead.is_empty() { Outcome::Holds } else { Outcome::Refuted(dead) }
}

/// Leaves what no patient of the guideline's own cases shows: most is.
fn seen_by_cases(draft: &Draft, wanted: &mut Vec<Wanted>) {
    let program = &draft.guideline.program;
    for patients in case_patients(draft.guideline).chunks(64) {
        let mut inputs: BTreeMap<Literal, u64> = BTreeMap::new();
        for (at, patient) in patients.iter().enumerate() {
            for (literal, value) in draft.copy.inputs(program, patient) {
                *inputs.entry(literal).or_default() |= u64::from(value) << at;
            }
        }
        let values = draft.circuit.evaluate_each(&inputs);
        let some: u64 = if patients.len() == 64 { u64::MAX } else { (1 << patients.len()) - 1 };
        wanted.retain(|wanted| {
            let held = values[wanted.literal.unsigned_abs() as usize];
            let held = if wanted.literal > 0 { held } else { !held };
            held & some == 0
        });
    }
}

fn case_patients(guideline: &Guideline) -> Vec<Patient> {
    let pages = guideline.pages.iter();
    let cases = pages.flat_map(|loaded| loaded.page.cases.iter().map(move |case| (loaded, case)));
    cases.filter_map(|(loaded, case)| patient_of(guideline, &loaded.file(), case).ok()).collect()
}

/// Every page holds for somebody, and not for everybody.
fn pages(draft: &Draft) -> Vec<Wanted> {
    let (guideline, copy) = (draft.guideline, &draft.copy);
    let program = &guideline.program;
    let mut wanted = Vec::new();
    let mut want = |literal: Literal, otherwise: String| wanted.push(Wanted { literal, otherwise });
    for (row, stands) in program.rows.iter().zip(&copy.stands) {
        let page = &guideline.pages[row.page].id;
        want(*stands, format!("`{page}`: nobody goes there"));
    }
    for (index, concern) in program.concerns.iter().enumerate() {
        let page = &guideline.pages[concern.page].id;
        want(copy.raised[index], format!("`{page}`: raised in nobody"));
        want(copy.excluded[index], format!("`{page}`: excluded in nobody"));
    }
    for (page, section, place) in conditions(guideline, true) {
        let rails = copy.places[place];
        want(rails.yes, format!("`{page}`: `## {section}` holds for nobody"));
        want(rails.no, format!("`{page}`: `## {section}` holds for everybody"));
    }
    wanted
}

/// Every concern page is somewhere the only one raised at its tier or above; a
/// page of the same concern may be raised with it, because the gravest speaks.
fn alone(draft: &mut Draft) -> Vec<Wanted> {
    let guideline = draft.guideline;
    let concerns = &guideline.program.concerns;
    let named = |page: usize| {
        let words = guideline.pages[page].page.then_phrases("concern").next();
        words.map(|word| word.text.as_str())
    };
    let mut wanted = Vec::new();
    for (index, concern) in concerns.iter().enumerate() {
        if concern.tier == Tier::None {
            continue;
        }
        let mut literals = vec![draft.copy.raised[index]];
        for (other, rival) in concerns.iter().enumerate() {
            let same = named(rival.page) == named(concern.page) && named(rival.page).is_some();
            if other != index && !same && rival.tier >= concern.tier {
                literals.push(-draft.copy.raised[other]);
            }
        }
        wanted.push(Wanted {
            literal: draft.circuit.and(&literals),
            otherwise: format!(
                "`{}`: another page of its tier or above is always raised with it",
                guideline.pages[concern.page].id
            ),
        });
    }
    wanted
}

/// The lines of one rule: each with the places from the rule down to its list.
struct Lines<'a> {
    /// Rules of pages; a line that names another page ends there.
    roots: &'a BTreeSet<Place>,
    found: Vec<(Vec<Place>, Place)>,
}

impl Lines<'_> {
    fn under(&mut self, program: &Program, path: &[Place]) {
        let Some(list) = path.last() else { return };
        if !is_list(&program.nodes[*list]) {
            return;
        }
        for child in program.nodes[*list].children() {
            if is_list(&program.nodes[*child]) && !self.roots.contains(child) {
                let mut deeper = path.to_vec();
                deeper.push(*child);
                self.under(program, &deeper);
            } else {
                self.found.push((path.to_vec(), *child));
            }
        }
    }
}

fn is_list(node: &Node) -> bool {
    matches!(node, Node::All(_) | Node::Any(_) | Node::AtLeast(..))
}

/// Leaving the line out changes whether the rule holds.
fn differs(draft: &mut Draft, path: &[Place], child: Place) -> Literal {
    let program = &draft.guideline.program;
    let (Some(root), Some(list)) = (path.first(), path.last()) else { return FALSE };
    // Left out of `all of` it counts as true, of `any of` as false.
    let left_out = match program.nodes[*list] {
        Node::All(_) => Rails { yes: TRUE, no: FALSE },
        _ => Rails { yes: FALSE, no: TRUE },
    };
    let (mut replaced, mut rails) = (child, left_out);
    for list in path.iter().rev() {
        let children = program.nodes[*list].children().iter();
        let children: Vec<Rails> = children
            .map(|place| if *place == replaced { rails } else { draft.copy.places[*place] })
            .collect();
        rails = node(&mut draft.circuit, &program.nodes[*list], &children);
        replaced = *list;
    }
    let own = draft.copy.places[*root];
    let gained = draft.circuit.and(&[rails.yes, own.no]);
    let lost = draft.circuit.and(&[rails.no, own.yes]);
    draft.circuit.or(&[gained, lost])
}

/// The line is the only related sign by which its concern settles (CR6).
fn settles_by_it(draft: &mut Draft, root: Place, line: Place) -> Literal {
    let concerns = draft.guideline.program.concerns.iter().enumerate();
    let mut found = Vec::new();
    for (index, concern) in concerns.filter(|(_, concern)| concern.rule == root) {
        if concern.signs.contains(&line) {
            let others = concern.signs.iter().filter(|sign| **sign != line);
            let mut literals: Vec<Literal> =
                others.map(|sign| -draft.copy.places[*sign].yes).collect();
            literals.push(draft.copy.settled[index]);
            found.push(literals);
        }
    }
    let found: Vec<Literal> = found.iter().map(|all| draft.circuit.and(all)).collect();
    draft.circuit.or(&found)
}

fn described(guideline: &Guideline, place: Place) -> String {
    let program = &guideline.program;
    let named = |place: Place| {
        let fact = program.definitions.iter().position(|known| *known == Some(place))?;
        Some(guideline.facts[fact].id.clone())
    };
    let page = |is_it: &dyn Fn(&Concern) -> bool| {
        let concern = program.concerns.iter().find(|concern| is_it(concern))?;
        Some(guideline.pages[concern.page].stem().to_string())
    };
    let said = match &program.nodes[place] {
        Node::Fact { fact, cells } => {
            let id = &guideline.facts[*fact].id;
            Some(format!("`{id}` is {}", cells_text(guideline, *fact, *cells)))
        }
        Node::Not(child) => named(*child).map(|id| format!("`{id}` is absent")),
        _ => named(place).map(|id| format!("`{id}` is present")),
    };
    said.or_else(|| {
        page(&|concern| concern.raised == place).map(|page| format!("`{page}` is suspected"))
    })
    .or_else(|| {
        page(&|concern| concern.excluded == place).map(|page| format!("`{page}` is excluded"))
    })
    .unwrap_or_else(|| "a line about another page".to_string())
}
