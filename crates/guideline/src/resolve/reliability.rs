//! Answers given while the history was not reliable (CR7).

use super::{Entries, Said};
use crate::facts::{By, Fact};
use crate::guideline::Guideline;

/// Times at which answers were not reliable.
pub(super) struct Governor {
    kind: Option<By>,
    clear: usize,
    /// Time and value, in order of time.
    values: Vec<(Option<i64>, usize)>,
}

pub(super) fn governor(guideline: &Guideline, entries: &Entries) -> Governor {
    let found = guideline.facts.iter().enumerate().find(|(_, fact)| fact.governs.is_some());
    let Some((index, fact)) = found else {
        return Governor { kind: None, clear: 0, values: Vec::new() };
    };
    let given = entries.by_fact.get(&index).map_or(&[][..], Vec::as_slice);
    let mut values: Vec<(Option<i64>, usize)> = given
        .iter()
        .filter(|entry| !entry.entered_in_error)
        .filter_map(|entry| match entry.said {
            Said::Value(value) => Some((entry.at, value)),
            _ => None,
        })
        .collect();
    values.sort_by_key(|(at, _)| at.unwrap_or(i64::MAX));
    let clear = guideline.program.cells[index].clear;
    Governor { kind: fact.governs, clear, values }
}

impl Governor {
    pub(super) fn doubts(&self, fact: &Fact, at: Option<i64>) -> bool {
        if self.kind != Some(fact.by) || fact.governs.is_some() {
            return false;
        }
        let at = at.unwrap_or(i64::MAX);
        let in_force = self.values.iter().rev().find(|(time, _)| time.unwrap_or(i64::MAX) <= at);
        in_force.or(self.values.first()).is_some_and(|(_, value)| *value != self.clear)
    }
}
