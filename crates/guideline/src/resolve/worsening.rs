//! Progression, derived from two examinations (CR5).

use super::{Entries, Entry, Said};
use crate::facts::{Fact, Role};
use crate::guideline::Guideline;

/// Falls between two examinations of the same thing (CR5): the later one must
/// be lower for certain, so a grade limited by pain is not a fall.
pub(super) fn worsening(
    guideline: &Guideline,
    fact: &Fact,
    entries: &Entries,
    as_of: Option<i64>,
) -> Vec<Entry> {
    let Some(present) = fact.value_index("present") else { return Vec::new() };
    let mut found = Vec::new();
    for source in &fact.worsening_of {
        let given = guideline.fact(source).and_then(|index| entries.by_fact.get(&index));
        let standing = given.into_iter().flatten().filter(|entry| !entry.entered_in_error);
        let examined: Vec<(i64, i64, i64, Role)> = standing
            .filter_map(|entry| match entry.said {
                Said::Between(low, high) => Some((entry.at.or(as_of)?, low, high, entry.by)),
                _ => None,
            })
            .collect();
        for (at, _, high, by) in &examined {
            if examined.iter().any(|(before, low, ..)| before < at && high < low) {
                let said = Said::Value(present);
                found.push(Entry { said, at: Some(*at), by: *by, entered_in_error: false });
            }
        }
    }
    found
}
