//! The timeline: every event, who, when, and the verdict then.

use cauda_guideline::vocabulary::Tier;

use crate::event::{Event, What};
use crate::identity::Actor;
use crate::table::{EventKind, Phase};
use crate::visit::Visit;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineRow {
    /// Place in the stream, from 0.
    pub event: usize,
    /// When, in seconds.
    pub at: i64,
    /// Who.
    pub by: Actor,
    /// What kind.
    pub kind: EventKind,
    /// What happened, whole.
    pub what: What,
    /// Where the visit was after it.
    pub phase: Phase,
    /// Urgency then.
    pub tier: Tier,
    /// Disposition then.
    pub disposition: Option<String>,
    /// Numbers of the findings it brought.
    pub findings: Vec<u32>,
}

/// Every event in order, with the state it left.
pub fn timeline(events: &[Event]) -> Vec<TimelineRow> {
    let mut visit = Visit::default();
    let rows = events.iter().enumerate().map(|(place, event)| {
        let before = visit.findings.len();
        visit.apply(event);
        let answer = visit.answer.as_ref();
        TimelineRow {
            event: place,
            at: event.at,
            by: event.by.clone(),
            kind: event.what.kind(),
            what: event.what.clone(),
            phase: visit.phase,
            tier: visit.tier(),
            disposition: answer.and_then(|answer| answer.verdict.disposition.clone()),
            findings: visit.findings[before..].iter().map(|finding| finding.number).collect(),
        }
    });
    rows.collect()
}
