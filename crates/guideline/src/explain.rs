//! Why: a subset-minimal set of facts that forces the answer (E9).

use crate::decide::{Verdict, decide};
use crate::facts::FactIndex;
use crate::program::Program;
use crate::resolve::Patient;

/// Facts that together force urgency and disposition: with only these known
/// the answer is the same, and without any one of them it is not. Facts are
/// dropped in their fixed order, from the last to the first.
pub fn forcing_facts(program: &Program, patient: &Patient) -> Vec<FactIndex> {
    let answer = decide(program, patient);
    let mut kept = patient.clone();
    let mut facts: Vec<FactIndex> =
        (0..program.cells.len()).filter(|fact| is_known(program, patient, *fact)).collect();
    facts.retain(|fact| {
        // A fact no page looks at forces nothing.
        if program.places[*fact].is_empty() {
            kept.cells[*fact] = unknown(program, *fact);
        }
        !program.places[*fact].is_empty()
    });
    // Assumed values and tests done without need make the answer rise and fall
    // with a fact, so what was needed at first may not be after the next is gone.
    loop {
        let before = facts.len();
        for at in (0..facts.len()).rev() {
            let fact = facts[at];
            let known = std::mem::replace(&mut kept.cells[fact], unknown(program, fact));
            if same(&answer, &decide(program, &kept)) {
                facts.remove(at);
            } else {
                kept.cells[fact] = known;
            }
        }
        if facts.len() == before {
            return facts;
        }
    }
}

fn unknown(program: &Program, fact: FactIndex) -> u16 {
    match program.cells[fact].assume {
        Some(cell) => 1 << cell,
        None => program.cells[fact].all(),
    }
}

fn is_known(program: &Program, patient: &Patient, fact: FactIndex) -> bool {
    patient.cells[fact] != unknown(program, fact)
}

fn same(answer: &Verdict, other: &Verdict) -> bool {
    answer.acted == other.acted && answer.row == other.row && answer.decided == other.decided
}
