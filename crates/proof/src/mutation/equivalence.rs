//! Is there any patient whom two guidelines decide differently? Both graphs
//! become one circuit over one unknown patient, and a solver is asked.

use cauda_guideline::Guideline;
use cauda_guideline::facts::{Fact, Kind};
use cauda_guideline::program::{CELLS_MAX, Cells, Place};
use cauda_guideline::resolve::Patient;
use cauda_guideline::vocabulary::Tier;

use super::difference::differs_in_verdict;
use crate::circuit::{Circuit, FALSE, Literal, TRUE};
use crate::counterexample::{case_text, shrink};
use crate::encode::{Copy, Rails};
use crate::solver::{Found, Solver, Which};

/// What the solver says of two guidelines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// No patient is decided differently.
    Alike,
    /// This one is, in the grammar of cases.
    Differ(String),
    /// It could not be decided.
    Failed(String),
}

/// Asks whether any patient is decided differently: urgency, disposition,
/// first step, concerns, what settles, which tests are needed and which advice holds.
pub fn compare(original: &Guideline, mutant: &Guideline) -> Compared {
    let same_grid = original.facts.iter().zip(&mutant.facts).all(|(one, other)| {
        let grid = |fact: &Fact| fact.quantity().map(|number| (number.step, number.unit.clone()));
        one.id == other.id && grid(one) == grid(other)
    });
    if !same_grid {
        return Compared::Failed("the numbers of the two lie on different grids".into());
    }
    if same_graph(original, mutant) {
        return Compared::Alike;
    }
    let Some(shared) = Shared::new(original, mutant) else {
        return Compared::Failed("more thresholds together than a fact may have".into());
    };
    let mut circuit = Circuit::default();
    let first = Copy::new(&original.program, &mut circuit);
    let second = Copy::new(&mutant.program, &mut circuit);
    let unknown_patient = shared.link(&mut circuit, [(original, &first), (mutant, &second)]);
    let pairs = pairs([(original, &first), (mutant, &second)], &mut circuit);
    let differences: Vec<Literal> =
        pairs.into_iter().map(|(one, other)| differ(&mut circuit, one, other)).collect();
    let any = circuit.or(&differences);
    if any == FALSE {
        return Compared::Alike;
    }
    let found =
        Solver::new(Which::Batsat, &circuit).map(|mut solver| solver.find(&circuit, &[any]));
    match found {
        Err(why) | Ok(Found::Failed(why)) => Compared::Failed(why),
        Ok(Found::Nothing) => Compared::Alike,
        Ok(Found::Assignment(values)) => {
            let patient = unknown_patient.patient(&values);
            let breaks = |patient: &Patient| {
                let pair = (shared.as_seen(original, patient), shared.as_seen(mutant, patient));
                differs_in_verdict(original, mutant, (&pair.0, &pair.1))
            };
            if !breaks(&patient) {
                return Compared::Failed("formula and engine differ on a patient".into());
            }
            let small = shrink(&shared.refined, &patient, &breaks);
            Compared::Differ(case_text(&shared.refined, &small))
        }
    }
}

/// Whether both decide with the very same graph, so that nothing is left to
/// ask. Hard stops of offers are for the proofs alone, and nothing reads the
/// urgency of a disposition.
pub(super) fn same_graph(original: &Guideline, mutant: &Guideline) -> bool {
    let read = |guideline: &Guideline| {
        let mut program = guideline.program.clone();
        program.stops.clear();
        for row in &mut program.rows {
            row.urgency = Tier::None;
        }
        program
    };
    let names = |guideline: &Guideline| -> Vec<String> {
        guideline.facts.iter().map(|fact| format!("{} {:?}", fact.id, fact.kind)).collect()
    };
    read(original) == read(mutant) && names(original) == names(mutant)
}

fn differ(circuit: &mut Circuit, one: Literal, other: Literal) -> Literal {
    let left = circuit.and(&[one, -other]);
    let right = circuit.and(&[-one, other]);
    circuit.or(&[left, right])
}

/// Everything that has to agree.
fn pairs(sides: [(&Guideline, &Copy); 2], circuit: &mut Circuit) -> Vec<(Literal, Literal)> {
    let [(original, first), (mutant, second)] = sides;
    let mut pairs = vec![(first.decided, second.decided)];
    let lists = [
        (&first.raised, &second.raised),
        (&first.excluded, &second.excluded),
        (&first.stuck, &second.stuck),
        (&first.settled, &second.settled),
    ];
    for (one, other) in lists {
        pairs.extend(one.iter().copied().zip(other.iter().copied()));
    }
    for at in 0..first.at_least.len() {
        pairs.push((first.at_least[at], second.at_least[at]));
        pairs.push((first.at_most[at], second.at_most[at]));
        pairs.push((first.acted[at], second.acted[at]));
        pairs.push((first.first_step[at], second.first_step[at]));
    }
    let mut ways: Vec<&str> = Vec::new();
    for guideline in [original, mutant] {
        ways.extend(guideline.program.rows.iter().map(|row| row.go.as_str()));
    }
    ways.sort_unstable();
    ways.dedup();
    for go in ways {
        let [one, other] = sides.map(|(guideline, copy)| {
            let rows = guideline.program.rows.iter().zip(&copy.stands);
            let there: Vec<Literal> =
                rows.filter(|(row, _)| row.go == go).map(|(_, stands)| *stands).collect();
            circuit.or(&there)
        });
        pairs.push((one, other));
    }
    let holds = |(guideline, copy): (&Guideline, &Copy)| -> Vec<Rails> {
        let program = &guideline.program;
        let advice = program.reports.iter().chain(&program.advice).map(|page| page.holds);
        let answered = program.concerns.iter().filter_map(|concern| concern.answered);
        advice.chain(answered).map(|place| copy.places[place]).collect()
    };
    for (one, other) in holds(sides[0]).into_iter().zip(holds(sides[1])) {
        pairs.extend([(one.yes, other.yes), (one.no, other.no)]);
    }
    let needed = |(guideline, copy): (&Guideline, &Copy), fact: usize| -> Rails {
        let place: Option<Place> = guideline.program.needed[fact];
        place.map_or(Rails { yes: TRUE, no: FALSE }, |place| copy.places[place])
    };
    for fact in 0..original.facts.len() {
        let [one, other] = sides.map(|side| needed(side, fact));
        pairs.extend([(one.yes, other.yes), (one.no, other.no)]);
    }
    pairs
}

/// The patient both guidelines look at: cells fine enough for each.
struct Shared {
    /// The original with the thresholds of both.
    refined: Guideline,
}

/// Variables of the shared patient.
struct Unknown {
    /// By fact and fine cell: may be there.
    possible: Vec<Vec<Literal>>,
    /// By fact: nobody asked, or nobody could tell.
    nothing: Vec<Literal>,
    /// By fact: asked for, cannot be had.
    cannot: Vec<Literal>,
}

impl Shared {
    fn new(original: &Guideline, mutant: &Guideline) -> Option<Shared> {
        let mut refined = original.clone();
        for fact in 0..original.facts.len() {
            // What each of them assumes of an answer nobody gave is its own affair.
            refined.program.cells[fact].assume = None;
            let Kind::Quantity(quantity) = &original.facts[fact].kind else { continue };
            let cells = &mut refined.program.cells[fact];
            cells.cuts.extend(&mutant.program.cells[fact].cuts);
            cells.cuts.retain(|cut| *cut > quantity.range.0 && *cut <= quantity.range.1);
            cells.cuts.sort_unstable();
            cells.cuts.dedup();
            cells.count = cells.cuts.len() + 1;
            cells.clear = cells.cell_of(quantity.clear);
            if cells.count > CELLS_MAX {
                return None;
            }
        }
        Some(Shared { refined })
    }

    /// The cell of `guideline` a fine cell of `fact` lies in.
    fn cell_in(&self, guideline: &Guideline, fact: usize, fine: usize) -> Option<usize> {
        match (&self.refined.facts[fact].kind, &guideline.facts[fact].kind) {
            (Kind::Named { values, .. }, _) => guideline.facts[fact].value_index(&values[fine]),
            (Kind::Quantity(quantity), _) => {
                let place = match fine {
                    0 => quantity.range.0,
                    _ => self.refined.program.cells[fact].cuts[fine - 1],
                };
                Some(guideline.program.cells[fact].cell_of(place))
            }
        }
    }

    /// The fine cells of `fact` that lie in a cell of `guideline`.
    fn inside(&self, guideline: &Guideline, fact: usize, cell: usize) -> Vec<usize> {
        let fine = 0..self.refined.program.cells[fact].count;
        fine.filter(|fine| self.cell_in(guideline, fact, *fine) == Some(cell)).collect()
    }

    /// Ties both copies to one patient.
    fn link(&self, circuit: &mut Circuit, sides: [(&Guideline, &Copy); 2]) -> Unknown {
        let facts = self.refined.facts.len();
        let mut unknown = Unknown {
            possible: Vec::with_capacity(facts),
            nothing: Vec::new(),
            cannot: Vec::new(),
        };
        for fact in 0..facts {
            let count = self.refined.program.cells[fact].count;
            let entered = Copy::is_entered(&self.refined.program, fact) && count > 1;
            if !entered {
                unknown.possible.push(vec![TRUE; count]);
                unknown.nothing.push(TRUE);
                unknown.cannot.push(FALSE);
                continue;
            }
            let possible: Vec<Literal> = (0..count).map(|_| circuit.variable()).collect();
            let (nothing, cannot) = (circuit.variable(), circuit.variable());
            circuit.require(possible.clone());
            circuit.require(vec![-cannot, nothing]);
            for literal in &possible {
                circuit.require(vec![-nothing, *literal]);
            }
            self.shape(circuit, fact, &possible, nothing);
            for (guideline, copy) in sides {
                self.tie(circuit, fact, (guideline, copy), (&possible, nothing, cannot));
            }
            unknown.possible.push(possible);
            unknown.nothing.push(nothing);
            unknown.cannot.push(cannot);
        }
        unknown
    }

    /// A quantity is an interval; a named fact is one value or nothing.
    fn shape(&self, circuit: &mut Circuit, fact: usize, possible: &[Literal], nothing: Literal) {
        let quantity = self.refined.facts[fact].quantity().is_some();
        for left in 0..possible.len() {
            for right in left + 1..possible.len() {
                let both = [-possible[left], -possible[right]];
                if quantity {
                    for between in &possible[left + 1..right] {
                        circuit.require(vec![both[0], both[1], *between]);
                    }
                } else {
                    circuit.require(vec![both[0], both[1], nothing]);
                }
            }
        }
    }

    fn tie(
        &self,
        circuit: &mut Circuit,
        fact: usize,
        (guideline, copy): (&Guideline, &Copy),
        (possible, nothing, cannot): (&[Literal], Literal, Literal),
    ) {
        let cells = &guideline.program.cells[fact];
        if cells.count == 1 {
            return;
        }
        for cell in 0..cells.count {
            let inside = self.inside(guideline, fact, cell);
            let inside: Vec<Literal> = inside.into_iter().map(|fine| possible[fine]).collect();
            let told = circuit.or(&inside);
            let wanted = match cells.assume {
                Some(assumed) if assumed == cell => circuit.or(&[nothing, told]),
                Some(_) => circuit.and(&[-nothing, told]),
                None => told,
            };
            let own = copy.possible[fact][cell];
            circuit.require(vec![-own, wanted]);
            circuit.require(vec![own, -wanted]);
        }
        if cells.assume.is_none() {
            let unknown = copy.unknown[fact];
            circuit.require(vec![-unknown, nothing]);
            circuit.require(vec![unknown, -nothing]);
            let own = copy.cannot_be_had[fact];
            circuit.require(vec![-own, cannot]);
            circuit.require(vec![own, -cannot]);
        }
    }

    /// The shared patient as one of the guidelines reads it.
    fn as_seen(&self, guideline: &Guideline, patient: &Patient) -> Patient {
        let mut seen = Patient::unknown(guideline);
        for fact in 0..self.refined.facts.len() {
            let fine = &self.refined.program.cells[fact];
            if patient.cells[fact] == fine.all() && !patient.vague[fact] {
                let assumed = guideline.program.cells[fact].assume.is_some();
                seen.cannot_be_had[fact] = patient.cannot_be_had[fact] && !assumed;
                continue;
            }
            let held = (0..fine.count).filter(|cell| patient.cells[fact] >> cell & 1 == 1);
            let cells: Cells = held
                .filter_map(|cell| self.cell_in(guideline, fact, cell))
                .fold(0, |cells, cell| cells | 1 << cell);
            let known = &guideline.program.cells[fact];
            seen.cells[fact] = cells;
            seen.vague[fact] = known.count > 1 && cells == known.all();
        }
        seen
    }
}

impl Unknown {
    fn patient(&self, values: &[bool]) -> Patient {
        let held = |literal: &Literal| crate::circuit::value_of(values, *literal);
        let cells = self.possible.iter().map(|possible| {
            let held = possible.iter().enumerate().filter(|(_, literal)| held(literal));
            held.fold(0, |cells: Cells, (cell, _)| cells | 1 << cell)
        });
        let cells: Vec<Cells> = cells.collect();
        let vague = (0..cells.len()).map(|fact| {
            let every = self.possible[fact].iter().all(held);
            every && !held(&self.nothing[fact])
        });
        Patient {
            vague: vague.collect(),
            cannot_be_had: self.cannot.iter().map(held).collect(),
            cells,
        }
    }
}
