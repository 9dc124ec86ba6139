//! Why: a subset-minimal set of facts that forces the answer (E9).

use crate::batch::{Answers, Batch, LANES, Patients};
use crate::decide::{Verdict, decide};
use crate::facts::FactIndex;
use crate::program::Program;
use crate::resolve::Patient;

/// Facts that together force urgency and disposition: with only these known
/// the answer is the same, and without any one of them it is not. Facts are
/// dropped in their fixed order, from the last to the first, of those that
/// could go by themselves.
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
    let mut batch = Batch::new(program);
    // Assumed values and tests done without need make the answer rise and fall
    // with a fact, so what was needed at first may not be after the next is gone.
    loop {
        let free = droppable(program, &mut batch, &answer, &kept, &facts);
        let before = facts.len();
        for fact in free.into_iter().rev() {
            let known = std::mem::replace(&mut kept.cells[fact], unknown(program, fact));
            if same(&answer, &decide(program, &kept)) {
                facts.retain(|other| *other != fact);
            } else {
                kept.cells[fact] = known;
            }
        }
        if facts.len() == before {
            return facts;
        }
    }
}

/// Those without which, each alone, the answer is the same. All at once, through
/// the lanes of the batch.
fn droppable(
    program: &Program,
    batch: &mut Batch,
    answer: &Verdict,
    kept: &Patient,
    facts: &[FactIndex],
) -> Vec<FactIndex> {
    let mut free = Vec::new();
    for chunk in facts.chunks(LANES) {
        let mut patients = Patients::unknown(program);
        patients.fill(kept);
        for (lane, fact) in chunk.iter().enumerate() {
            patients.set_cells(lane, *fact, unknown(program, *fact));
        }
        let answers = batch.decide(&patients);
        let same = |lane: usize| {
            Answers::tier(&answers.acted, lane) == answer.acted
                && answers.row(lane) == answer.row
                && answers.is_decided(lane) == answer.decided
        };
        free.extend(chunk.iter().enumerate().filter(|(lane, _)| same(*lane)).map(|(_, fact)| fact));
    }
    free
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
