//! One unknown patient and the solvers, for properties about a single patient:
//! each builds the questions it needs into a circuit of its own.

use cauda_guideline::Guideline;
use cauda_guideline::program::Program;
use cauda_guideline::resolve::Patient;

use crate::circuit::{Circuit, Literal};
use crate::counterexample::{Counterexample, shrink, story};
use crate::encode::Copy;
use crate::properties::Outcome;
use crate::solver::{Found, Solver, Which, agreed};

/// One unknown patient, before the questions are known.
#[derive(Debug)]
pub struct Draft<'a> {
    /// The guideline.
    pub guideline: &'a Guideline,
    /// Everything so far.
    pub circuit: Circuit,
    /// The patient.
    pub copy: Copy,
}

impl<'a> Draft<'a> {
    /// A patient of whom nothing is said.
    pub fn new(guideline: &'a Guideline) -> Draft<'a> {
        let mut circuit = Circuit::default();
        let copy = Copy::new(&guideline.program, &mut circuit);
        Draft { guideline, circuit, copy }
    }

    /// Hands the circuit to the solvers.
    ///
    /// # Errors
    /// What a solver said.
    pub fn finish(self, which: &[Which]) -> Result<Single<'a>, String> {
        let mut solvers = Vec::new();
        for which in which {
            solvers.push(Solver::new(*which, &self.circuit)?);
        }
        let Draft { guideline, circuit, copy } = self;
        Ok(Single { guideline, circuit, copy, solvers, questions: 0 })
    }

    /// Exactly one value is possible of this fact, or its test is not indicated.
    pub fn is_known(&mut self, fact: usize) -> Literal {
        let possible = self.copy.possible[fact].clone();
        let mut values = vec![self.copy.not_indicated[fact]];
        for cell in 0..possible.len() {
            let others = (0..possible.len()).filter(|other| *other != cell);
            let others: Vec<Literal> = others.map(|other| -possible[other]).collect();
            values.push(self.circuit.and(&others));
        }
        self.circuit.or(&values)
    }

    /// Every entered fact is at its clear value, or a test not done.
    pub fn all_clear(&mut self) -> Literal {
        all_clear(&self.guideline.program, &self.copy, &mut self.circuit)
    }
}

/// Every entered fact of a patient is at its clear value, or a test not done.
pub fn all_clear(program: &Program, copy: &Copy, circuit: &mut Circuit) -> Literal {
    let mut clear = Vec::new();
    for fact in 0..program.cells.len() {
        let cells = &program.cells[fact];
        if !Copy::is_entered(program, fact) || cells.count == 1 {
            continue;
        }
        let others = copy.possible[fact].iter().enumerate();
        let others = others.filter(|(cell, _)| *cell != cells.clear);
        let others: Vec<Literal> = others.map(|(_, literal)| -literal).collect();
        let at_clear = circuit.and(&others);
        let not_done = if program.needed[fact].is_some() { copy.unknown[fact] } else { -1 };
        clear.push(circuit.or(&[at_clear, not_done]));
    }
    circuit.and(&clear)
}

/// The same of a patient at hand.
pub fn is_all_clear(guideline: &Guideline, patient: &Patient) -> bool {
    guideline.entered_facts().all(|(fact, _)| {
        let cells = &guideline.program.cells[fact];
        let not_done = guideline.program.needed[fact].is_some()
            && patient.cells[fact] == cells.all()
            && !patient.vague[fact];
        patient.cells[fact] == 1 << cells.clear || not_done
    })
}

/// One unknown patient who may be asked about.
pub struct Single<'a> {
    /// The guideline.
    pub guideline: &'a Guideline,
    /// Everything as clauses.
    pub circuit: Circuit,
    /// The patient.
    pub copy: Copy,
    /// Questions put to the solvers.
    pub questions: u64,
    solvers: Vec<Solver>,
}

impl Single<'_> {
    /// Asks every solver; they have to agree.
    pub fn find(&mut self, assumptions: &[Literal]) -> Found {
        self.questions += 1;
        agreed(&mut self.solvers, &self.circuit, assumptions)
    }

    /// Asks for a patient that breaks a property, and tells of them shrunk.
    pub fn ask(
        &mut self,
        property: &'static str,
        question: &[Literal],
        breaks: &dyn Fn(&Guideline, &Patient) -> bool,
        what: String,
    ) -> Option<Outcome> {
        let values = match self.find(question) {
            Found::Nothing => return None,
            Found::Failed(why) => return Some(Outcome::Failed(why)),
            Found::Assignment(values) => values,
        };
        let patient = self.copy.patient(&values);
        if !breaks(self.guideline, &patient) {
            return Some(Outcome::Failed("formula and engine differ on a patient".into()));
        }
        let still = |patient: &Patient| breaks(self.guideline, patient);
        let small = shrink(self.guideline, &patient, &still);
        let first = story(self.guideline, &small);
        Some(Outcome::Broken(Box::new(Counterexample { property, what, first, second: None })))
    }
}
