//! Answers given while the history was not reliable (CR7).

use super::{Entries, Entry, Said, authority};
use crate::facts::{By, Fact};
use crate::guideline::Guideline;

/// Times at which answers were not reliable.
pub(super) struct Governor {
    kind: Option<By>,
    /// From each time on, whether answers are in doubt; in order of time.
    doubted: Vec<(Option<i64>, bool)>,
}

/// Reads who found the history reliable or not, and when. Only somebody of the
/// same or a higher authority takes a doubt back, and nobody in advance.
pub(super) fn governor(guideline: &Guideline, entries: &Entries, as_of: Option<i64>) -> Governor {
    let found = guideline.facts.iter().enumerate().find(|(_, fact)| fact.governs.is_some());
    let Some((index, fact)) = found else {
        return Governor { kind: None, doubted: Vec::new() };
    };
    let clear = guideline.program.cells[index].clear;
    let given = entries.by_fact.get(&index).map_or(&[][..], Vec::as_slice);
    let mut told: Vec<&Entry> = given
        .iter()
        .filter(|entry| !entry.entered_in_error && matches!(entry.said, Said::Value(_)))
        .filter(|entry| entry.said != Said::Value(clear) || fact.asked_of.contains(&entry.by))
        .filter(|entry| !matches!((entry.at, as_of), (Some(at), Some(now)) if at > now))
        .collect();
    told.sort_by_key(|entry| (entry.at.or(as_of), entry.said != Said::Value(clear)));
    let mut doubter: Option<u8> = None;
    let doubted = told.into_iter().map(|entry| {
        let rank = authority(fact, entry.by);
        if entry.said != Said::Value(clear) {
            doubter = Some(doubter.map_or(rank, |doubter| doubter.max(rank)));
        } else if doubter.is_some_and(|doubter| rank >= doubter) {
            doubter = None;
        }
        (entry.at.or(as_of), doubter.is_some())
    });
    Governor { kind: fact.governs, doubted: doubted.collect() }
}

impl Governor {
    /// Whether an answer about `fact` given at that time is in doubt. Before the
    /// first word on reliability, that word counts.
    pub(super) fn doubts(&self, fact: &Fact, at: Option<i64>) -> bool {
        if self.kind != Some(fact.by) || fact.governs.is_some() {
            return false;
        }
        let in_force = self.doubted.iter().rev().find(|(from, _)| *from <= at);
        in_force.or(self.doubted.first()).is_some_and(|(_, doubted)| *doubted)
    }
}
