//! Progression, derived from two examinations (CR5).

use super::{Entries, Entry, Said};
use crate::facts::{Fact, Role};
use crate::guideline::Guideline;

/// Falls between two examinations of the same thing (CR5): the later one must
/// be lower for certain, so a grade limited by pain is not a fall.
pub(super) fn worsening(guideline: &Guideline, fact: &Fact, entries: &Entries) -> Vec<Entry> {
    let Some(present) = fact.value_index("present") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for source in &fact.worsening_of {
        let Some(given) = guideline.fact(source).and_then(|index| entries.by_fact.get(&index))
        else {
            continue;
        };
        let mut timed: Vec<(i64, i64, i64, Role)> = given
            .iter()
            .filter(|entry| !entry.entered_in_error)
            .filter_map(|entry| match entry.said {
                Said::Between(low, high) => Some((entry.at?, low, high, entry.by)),
                _ => None,
            })
            .collect();
        timed.sort_by_key(|(at, ..)| *at);
        let mut best = i64::MIN;
        let mut at_best_time = i64::MIN;
        for (at, low, high, by) in timed {
            if high < best && at > at_best_time {
                found.push(Entry {
                    said: Said::Value(present),
                    at: Some(at),
                    by,
                    entered_in_error: false,
                });
            }
            if low > best {
                (best, at_best_time) = (low, at);
            }
        }
    }
    found
}
