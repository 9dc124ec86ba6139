//! Values in words.

use crate::facts::{Fact, FactIndex, Kind};
use crate::guideline::Guideline;
use crate::program::Cells;
use crate::resolve::{Finding, Said};

/// What is known of a fact, in words.
pub fn said_text(fact: &Fact, finding: &Finding) -> String {
    match (finding.said, &fact.kind) {
        (Said::Value(value), Kind::Named { values, .. }) => {
            values.get(value).map_or(String::new(), |value| value.replace('_', " "))
        }
        (Said::Between(least, greatest), Kind::Quantity(quantity)) => {
            quantity.interval_text(least, greatest)
        }
        (Said::Unknown(reason), _) => reason.words().to_string(),
        _ => String::new(),
    }
}

/// A set of cells of a fact, in words.
pub fn cells_text(guideline: &Guideline, index: FactIndex, cells: Cells) -> String {
    let known = &guideline.program.cells[index];
    if cells == known.all() {
        return "unknown".to_string();
    }
    match &guideline.facts[index].kind {
        Kind::Named { values, .. } => {
            let names = values.iter().enumerate().filter(|(cell, _)| cells >> cell & 1 == 1);
            names.map(|(_, name)| name.replace('_', " ")).collect::<Vec<_>>().join(" or ")
        }
        Kind::Quantity(quantity) => {
            let first = cells.trailing_zeros() as usize;
            let last = (15 - cells.leading_zeros()) as usize;
            let least = if first == 0 { quantity.range.0 } else { known.cuts[first - 1] };
            let greatest = known.cuts.get(last).map_or(quantity.range.1, |cut| cut - 1);
            quantity.interval_text(least, greatest)
        }
    }
}
