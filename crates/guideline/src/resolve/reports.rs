//! A scan closes a concern only if it began after the last danger sign (CR18),
//! and a release holds only until a danger is told that it did not know.

use super::{Entries, Finding, Said, with_cells};
use crate::facts::FactIndex;
use crate::guideline::Guideline;

/// Takes back every closing report after which a danger sign of its concern was
/// entered, and says of which facts that is so. The time of a report is when
/// the scan began.
pub(super) fn take_back(
    guideline: &Guideline,
    entries: &Entries,
    as_of: Option<i64>,
    by_fact: &mut [Finding],
) -> Vec<FactIndex> {
    let mut taken = Vec::new();
    for void in &guideline.program.voids {
        let report = by_fact[void.report];
        let closing = report.cells & !void.closing == 0;
        let assumed = guideline.facts[void.report].assumed();
        let (true, Some(assumed), Some(begun)) = (closing, assumed, report.at.or(as_of)) else {
            continue;
        };
        if report.said == Said::Value(assumed) {
            continue;
        }
        let later = void.signs.iter().any(|sign| is_danger_after(guideline, *sign, entries, begun));
        if later {
            let back = Finding { said: Said::Value(assumed), conflict: false, ..report };
            by_fact[void.report] = with_cells(guideline, void.report, back);
            taken.push(void.report);
        }
    }
    taken.sort_unstable();
    taken.dedup();
    taken
}

fn is_danger_after(guideline: &Guideline, sign: FactIndex, entries: &Entries, begun: i64) -> bool {
    let cells = &guideline.program.cells[sign];
    let given = entries.by_fact.get(&sign).into_iter().flatten();
    let mut later = given
        .filter(|entry| !entry.entered_in_error)
        .filter(|entry| entry.at.is_some_and(|at| at > begun));
    later.any(|entry| match entry.said {
        Said::Value(value) => cells.dangerous >> value & 1 == 1,
        Said::Between(low, high) => cells.between(low, high) & !cells.dangerous == 0,
        Said::Unknown(_) => false,
    })
}
