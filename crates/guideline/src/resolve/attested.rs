//! Facts screened as a group (CR6): an attestation says "clear" only where
//! nothing else was said. It takes no danger back, and no honest "I do not
//! know" or "declined" either.

use super::{Attested, Entries, Entry, Said};
use crate::attestation::Attestation;
use crate::facts::{FactIndex, Kind};
use crate::guideline::Guideline;
use crate::program::Cells;
use crate::resolve::Reason;

/// Entries that attestations make for a fact, each with its attestation.
pub(super) fn entries_of(
    guideline: &Guideline,
    index: FactIndex,
    entries: &Entries,
) -> Vec<(usize, Entry)> {
    let covering = entries.attested.iter().filter(|attested| {
        let known = guideline.attestations.get(attested.attestation);
        known.is_some_and(|known| counts(known, attested) && known.covers.contains(&index))
    });
    let mut covering = covering.peekable();
    if covering.peek().is_none() || is_contradicted(guideline, index, entries) {
        return Vec::new();
    }
    let said = clear(guideline, index);
    let made = |attested: &Attested| Entry {
        said,
        at: attested.at,
        by: attested.by,
        entered_in_error: false,
    };
    covering.map(|attested| (attested.attestation, made(attested))).collect()
}

/// Whether the signature stands: not taken back, and of somebody who may sign.
pub(super) fn counts(known: &Attestation, attested: &Attested) -> bool {
    !attested.entered_in_error && known.of.contains(&attested.by)
}

/// Whether somebody said anything but "clear" of the fact.
pub(crate) fn is_contradicted(guideline: &Guideline, index: FactIndex, entries: &Entries) -> bool {
    let given = entries.by_fact.get(&index).map_or(&[][..], Vec::as_slice);
    let standing = given.iter().filter(|entry| !entry.entered_in_error);
    standing.filter(|entry| entry.said != Said::Unknown(Reason::NotAsked)).any(|entry| {
        let cells = cells_of(guideline, index, entry.said);
        cells & !reassuring(guideline, index) != 0
    })
}

/// Cells on the safe side of every danger sign; without listed danger signs,
/// the clear one.
fn reassuring(guideline: &Guideline, index: FactIndex) -> Cells {
    let cells = &guideline.program.cells[index];
    match cells.dangerous {
        0 => 1 << cells.clear,
        dangerous => cells.all() & !dangerous,
    }
}

fn cells_of(guideline: &Guideline, index: FactIndex, said: Said) -> Cells {
    let cells = &guideline.program.cells[index];
    match said {
        Said::Value(value) => 1 << value,
        Said::Between(low, high) => cells.between(low, high),
        Said::Unknown(_) => Cells::MAX,
    }
}

fn clear(guideline: &Guideline, index: FactIndex) -> Said {
    match &guideline.facts[index].kind {
        Kind::Named { clear, .. } => Said::Value(*clear),
        Kind::Quantity(quantity) => Said::Between(quantity.clear, quantity.clear),
    }
}
