//! How a guideline reads a state: which cells of which of its facts each value
//! stands for, and in which order its facts are best written in bits.

use biodivine_lib_bdd::Bdd;
use cauda_guideline::Guideline;
use cauda_guideline::facts::FactIndex;
use cauda_guideline::program::{Cells, Concern, Node, Place, Program};
use cauda_guideline::resolve::Patient;

use crate::circuit::{Literal, TRUE};
use crate::diagram::{DiagramError, NODES_MAX};
use crate::encode::Copy;
use crate::space::Space;

/// What one value of an axis says of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The cells the fact may be in.
    pub cells: Cells,
    /// It was asked for and cannot be had.
    pub cannot_be_had: bool,
}

impl Meaning {
    /// Every value of a fact: its cells, then, unless a value is assumed, not
    /// asked and not to be had.
    pub fn all_of(program: &Program, fact: FactIndex) -> Vec<Meaning> {
        let cells = &program.cells[fact];
        let known = (0..cells.count).map(|cell| Meaning { cells: 1 << cell, cannot_be_had: false });
        let unknown = [Meaning::not_asked(program, fact), Meaning::not_to_be_had(program, fact)];
        known.chain(unknown.into_iter().filter(|_| cells.assume.is_none())).collect()
    }

    /// Nobody asked.
    pub fn not_asked(program: &Program, fact: FactIndex) -> Meaning {
        let cells = &program.cells[fact];
        let possible = cells.assume.map_or(cells.all(), |cell| 1 << cell);
        Meaning { cells: possible, cannot_be_had: false }
    }

    /// Asked, and there is no answer.
    pub fn not_to_be_had(program: &Program, fact: FactIndex) -> Meaning {
        let not_asked = Meaning::not_asked(program, fact);
        Meaning { cannot_be_had: program.cells[fact].assume.is_none(), ..not_asked }
    }
}

/// The axis of each fact of a guideline and what its values say.
#[derive(Clone, Debug)]
pub struct Reading {
    by_fact: Vec<Option<(usize, Vec<Meaning>)>>,
}

impl Reading {
    /// No fact has an axis: nothing is ever asked.
    pub fn new(program: &Program) -> Reading {
        Reading { by_fact: vec![None; program.cells.len()] }
    }

    /// Gives a fact its axis, with a meaning for each of its values.
    pub fn set(&mut self, fact: FactIndex, axis: usize, meanings: Vec<Meaning>) {
        self.by_fact[fact] = Some((axis, meanings));
    }

    /// What a value of a fact's axis says of it.
    pub fn meanings(&self, fact: FactIndex) -> Option<&[Meaning]> {
        self.by_fact[fact].as_ref().map(|(_, meanings)| meanings.as_slice())
    }

    /// What the inputs of a patient's circuit stand for.
    pub fn inputs(&self, program: &Program, copy: &Copy, space: &Space) -> Vec<(Literal, Bdd)> {
        let mut inputs = Vec::new();
        for (fact, possible) in copy.possible.iter().enumerate() {
            if !Copy::is_entered(program, fact) || possible.len() == 1 {
                continue;
            }
            let holds = |wanted: &dyn Fn(&Meaning) -> bool| match &self.by_fact[fact] {
                Some((axis, meanings)) => space.one_of(*axis, &|value| wanted(&meanings[value])),
                None => space.constant(wanted(&Meaning::not_asked(program, fact))),
            };
            for (cell, literal) in possible.iter().enumerate() {
                inputs.push((*literal, holds(&|meaning| meaning.cells >> cell & 1 == 1)));
            }
            // A state names one cell, so no answer in it is vague.
            for (literal, diagram) in [
                (copy.vague[fact], space.constant(false)),
                (copy.cannot_be_had[fact], holds(&|meaning| meaning.cannot_be_had)),
            ] {
                if literal.abs() != TRUE {
                    inputs.push((literal, diagram));
                }
            }
        }
        inputs
    }

    /// The patient of a state, given as the value of every axis.
    pub fn patient(&self, guideline: &Guideline, state: &[usize]) -> Patient {
        let mut patient = Patient::unknown(guideline);
        for (fact, reading) in self.by_fact.iter().enumerate() {
            if let Some((axis, meanings)) = reading {
                let meaning = meanings[state[*axis]];
                patient.cells[fact] = meaning.cells;
                patient.cannot_be_had[fact] = meaning.cannot_be_had;
            }
        }
        patient
    }
}

/// An order of the facts. It decides how large diagrams are: facts of one page
/// have to stand together, and which page comes first may cost a factor of
/// thirty, so several orders are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As the concern pages use them, the last page first.
    PagesBackwards,
    /// The last page first, and only states before any scan has a report: what
    /// is left when the reports make too many.
    BeforeReports,
    /// The same, and only states in which everything is known: what is left when
    /// a guideline has too many pages that share their facts.
    KnownOnly,
}

impl Order {
    /// What to try, with the most nodes to spend on each try.
    pub const TRIES: [(Order, usize); 3] = [
        (Order::PagesBackwards, NODES_MAX / 16),
        (Order::BeforeReports, NODES_MAX / 2),
        (Order::KnownOnly, NODES_MAX),
    ];

    /// Whether the states of this order may leave a fact unknown.
    pub fn has_unknowns(self) -> bool {
        self != Order::KnownOnly
    }

    /// Whether its states may hold a report of a scan.
    pub fn has_reports(self) -> bool {
        self == Order::PagesBackwards
    }

    /// Tries the orders until one needs few enough nodes.
    ///
    /// # Errors
    /// What the last try said, or the first that no other order can mend.
    pub fn first_that_fits<T>(
        mut build: impl FnMut(Order, usize) -> Result<T, DiagramError>,
    ) -> Result<T, DiagramError> {
        for (order, nodes) in Order::TRIES {
            match build(order, nodes) {
                Err(DiagramError::TooLarge) => {}
                other => return other,
            }
        }
        Err(DiagramError::TooLarge)
    }
}

/// The entered facts a rule looks at, in an order.
pub fn order(program: &Program, order: Order) -> Vec<FactIndex> {
    let mut walk = Walk { program, seen: vec![false; program.nodes.len()], found: Vec::new() };
    let mut concerns: Vec<&Concern> = program.concerns.iter().collect();
    concerns.reverse();
    for concern in concerns {
        walk.place(concern.raised);
        walk.place(concern.excluded);
    }
    for row in &program.rows {
        walk.place(row.chosen);
    }
    let mut found = walk.found;
    // Whatever urgency or disposition depends on otherwise.
    for fact in 0..program.cells.len() {
        if program.decisive[fact] && !found.contains(&fact) {
            found.push(fact);
        }
    }
    found.retain(|fact| order.has_reports() || !program.reporting[*fact]);
    found.retain(|fact| Copy::is_entered(program, *fact) && program.cells[*fact].count > 1);
    found
}

struct Walk<'a> {
    program: &'a Program,
    seen: Vec<bool>,
    found: Vec<FactIndex>,
}

impl Walk<'_> {
    fn place(&mut self, place: Place) {
        if std::mem::replace(&mut self.seen[place], true) {
            return;
        }
        if let Node::Fact { fact, .. } = self.program.nodes[place] {
            if !self.found.contains(&fact) {
                self.found.push(fact);
            }
            if let Some(needed) = self.program.needed[fact] {
                self.place(needed);
            }
        }
        for child in self.program.nodes[place].children() {
            self.place(*child);
        }
    }
}
