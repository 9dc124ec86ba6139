//! All single changes: what one different answer would alter. They go through
//! the batch lanes, 256 at a time.

use crate::batch::{Answers, Batch, LANES, Patients};
use crate::facts::FactIndex;
use crate::program::Program;
use crate::resolve::Patient;
use crate::vocabulary::Tier;

/// One answer that would alter urgency or disposition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The fact.
    pub fact: FactIndex,
    /// The cell it would be in.
    pub cell: usize,
    /// Urgency acted on then.
    pub acted: Tier,
    /// Urgency if every unknown is dangerous, then.
    pub at_most: Tier,
    /// Disposition then.
    pub row: Option<usize>,
}

/// Every single change that alters the urgency acted on, the greatest possible
/// urgency or the disposition, in the order of facts and cells.
pub fn single_changes(program: &Program, patient: &Patient) -> Vec<Change> {
    let built_ins = program.built_ins;
    let computed = [built_ins.urgency, built_ins.first_step, built_ins.concerns, built_ins.gate];
    let mut tries: Vec<(FactIndex, usize)> = Vec::new();
    for (fact, cells) in program.cells.iter().enumerate() {
        // A report is not an answer that somebody could give now.
        let may_matter = program.decisive[fact] && !program.reporting[fact];
        if program.places[fact].is_empty() || computed.contains(&fact) || !may_matter {
            continue;
        }
        tries.extend(
            (0..cells.count)
                .filter(|cell| patient.cells[fact] != 1 << cell)
                .map(|cell| (fact, cell)),
        );
    }
    let mut batch = Batch::new(program);
    let mut found = Vec::new();
    for chunk in tries.chunks(LANES - 1) {
        let mut patients = everybody(program, patient);
        for (lane, (fact, cell)) in chunk.iter().enumerate() {
            patients.set_cells(lane + 1, *fact, 1 << cell);
        }
        let answers = batch.decide(&patients);
        let same = key(&answers, 0);
        for (lane, (fact, cell)) in chunk.iter().enumerate() {
            let (acted, at_most, row) = key(&answers, lane + 1);
            if (acted, at_most, row) != same {
                found.push(Change { fact: *fact, cell: *cell, acted, at_most, row });
            }
        }
    }
    found
}

fn key(answers: &Answers, lane: usize) -> (Tier, Tier, Option<usize>) {
    (Answers::tier(&answers.acted, lane), Answers::tier(&answers.at_most, lane), answers.row(lane))
}

/// The same patient in every lane.
fn everybody(program: &Program, patient: &Patient) -> Patients {
    let mut patients = Patients::unknown(program);
    patients.fill(patient);
    patients
}
