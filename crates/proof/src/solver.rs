//! Two SAT solvers behind one question: is there an assignment?

use std::collections::BTreeSet;

use rustsat::solvers::{Solve, SolveIncremental, SolverResult};
use rustsat::types::{Clause, Lit, TernaryVal};
use varisat::ExtendFormula;

use crate::circuit::{Circuit, Literal};

/// What a solver found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// No assignment exists.
    Nothing,
    /// Values by variable; place 0 is unused.
    Assignment(Vec<bool>),
    /// The solver gave up or failed.
    Failed(String),
}

/// Which solver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// batsat, through rustsat.
    Batsat,
    /// varisat, the second opinion.
    Varisat,
}

/// A solver fed with one circuit and asked many questions about it.
pub enum Solver {
    /// batsat
    Batsat(Box<rustsat_batsat::BasicSolver>),
    /// varisat
    Varisat(Box<varisat::Solver<'static>>),
}

impl Solver {
    /// Feeds all clauses of a circuit.
    ///
    /// # Errors
    /// What the solver said.
    pub fn new(which: Which, circuit: &Circuit) -> Result<Solver, String> {
        match which {
            Which::Batsat => {
                let mut solver = rustsat_batsat::BasicSolver::default();
                for clause in circuit.clauses() {
                    let clause: Clause =
                        clause.iter().map(|literal| batsat_literal(*literal)).collect();
                    solver.add_clause(clause).map_err(|error| error.to_string())?;
                }
                Ok(Solver::Batsat(Box::new(solver)))
            }
            Which::Varisat => {
                let mut solver = varisat::Solver::new();
                for clause in circuit.clauses() {
                    let clause: Vec<varisat::Lit> = clause
                        .iter()
                        .map(|literal| varisat::Lit::from_dimacs(*literal as isize))
                        .collect();
                    solver.add_clause(&clause);
                }
                Ok(Solver::Varisat(Box::new(solver)))
            }
        }
    }

    /// Looks for an assignment in which all `assumptions` hold.
    pub fn find(&mut self, circuit: &Circuit, assumptions: &[Literal]) -> Found {
        match self {
            Solver::Batsat(solver) => {
                let assumed: Vec<Lit> =
                    assumptions.iter().map(|literal| batsat_literal(*literal)).collect();
                match solver.solve_assumps(&assumed) {
                    Ok(SolverResult::Unsat) => Found::Nothing,
                    Ok(SolverResult::Sat) => {
                        let values = (0..=circuit.variables()).map(|variable| {
                            variable > 0
                                && matches!(
                                    solver.lit_val(batsat_literal(variable as i32)),
                                    Ok(TernaryVal::True)
                                )
                        });
                        Found::Assignment(values.collect())
                    }
                    Ok(SolverResult::Interrupted) => {
                        Found::Failed("the solver was interrupted".into())
                    }
                    Err(error) => Found::Failed(error.to_string()),
                }
            }
            Solver::Varisat(solver) => {
                let assumed: Vec<varisat::Lit> = assumptions
                    .iter()
                    .map(|literal| varisat::Lit::from_dimacs(*literal as isize))
                    .collect();
                solver.assume(&assumed);
                match solver.solve() {
                    Ok(false) => Found::Nothing,
                    Ok(true) => {
                        let model: BTreeSet<isize> = solver
                            .model()
                            .unwrap_or_default()
                            .into_iter()
                            .map(varisat::Lit::to_dimacs)
                            .collect();
                        Found::Assignment(
                            (0..=circuit.variables())
                                .map(|variable| model.contains(&(variable as isize)))
                                .collect(),
                        )
                    }
                    Err(error) => Found::Failed(error.to_string()),
                }
            }
        }
    }
}

fn batsat_literal(literal: Literal) -> Lit {
    let index = literal.unsigned_abs() - 1;
    if literal > 0 { Lit::positive(index) } else { Lit::negative(index) }
}

/// Asks every solver; they have to agree.
pub fn agreed(solvers: &mut [Solver], circuit: &Circuit, assumptions: &[Literal]) -> Found {
    let mut answers = solvers.iter_mut().map(|solver| solver.find(circuit, assumptions));
    let Some(first) = answers.next() else {
        return Found::Failed("no solver".into());
    };
    for other in answers {
        if std::mem::discriminant(&other) != std::mem::discriminant(&first) {
            return Found::Failed("two solvers disagree".into());
        }
    }
    first
}
