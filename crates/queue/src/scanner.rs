//! A scanner, what it can do, and when.

use std::collections::BTreeSet;

use crate::entry::{MINUTES_MAX, Protocol};
use crate::names::{EntryId, ScannerId};
use crate::tier::Tier;

/// A scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanner {
    /// Which.
    pub id: ScannerId,
    /// Its name on the board.
    pub name: String,
    /// Field in tenths of a tesla.
    pub field: u16,
    /// Coils there are for it.
    pub coils: BTreeSet<String>,
    /// What else it can do, such as `anaesthesia`.
    pub capabilities: BTreeSet<String>,
    /// When it is staffed.
    pub hours: Hours,
    /// That it is out of order.
    pub down: Option<Down>,
    /// What runs now.
    pub running: Option<Running>,
    /// Since when nothing runs; look-ahead holds are counted from here.
    pub free_since: Option<i64>,
    /// The coil on the table.
    pub coil: Option<String>,
    /// The last scan had contrast, so the injector is set up.
    pub contrast: bool,
    /// Minutes to change the coil.
    pub coil_minutes: u32,
    /// Minutes to set up contrast.
    pub contrast_minutes: u32,
    /// Minutes between any two patients.
    pub turnover_minutes: u32,
    /// Time kept free for some tiers.
    pub gaps: Vec<Gap>,
}

/// When a scanner is staffed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hours {
    /// Day and night.
    Always,
    /// Only then.
    Open(Vec<Span>),
}

/// From an instant to just before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First second.
    pub from: i64,
    /// First second after.
    pub to: i64,
}

/// Out of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Down {
    /// Since when.
    pub since: i64,
    /// Until when, if anybody knows.
    pub until: Option<i64>,
}

/// A scan that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Of which order; nothing for a scan without one.
    pub entry: Option<EntryId>,
    /// Since when.
    pub since: i64,
    /// When half of such scans are over.
    pub end_p50: i64,
    /// When nine of ten are over.
    pub end_p90: i64,
}

/// Time kept free for the urgent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// First second.
    pub from: i64,
    /// First second after.
    pub to: i64,
    /// The least urgent tier it is for.
    pub least: Tier,
    /// So many minutes before its start it is everybody's.
    pub release_minutes: u32,
}

impl Gap {
    /// When it becomes everybody's.
    pub fn released_at(&self) -> i64 {
        self.from.saturating_sub(i64::from(self.release_minutes) * 60)
    }
}

/// Whether a scan may start on a scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    Open,
    /// Not before then; nothing when no end is known.
    Shut(Option<i64>),
}

impl Scanner {
    /// Whether it can do that protocol at all.
    pub fn suits(&self, protocol: &Protocol) -> bool {
        protocol.field_least.is_none_or(|least| self.field >= least)
            && protocol.field_most.is_none_or(|most| self.field <= most)
            && protocol.coil.as_ref().is_none_or(|coil| self.coils.contains(coil))
            && protocol.needs.is_subset(&self.capabilities)
    }

    /// Whether it works and is staffed.
    pub(crate) fn door(&self, at: i64) -> Door {
        if let Some(down) = self.down
            && at >= down.since
            && down.until.is_none_or(|until| at < until)
        {
            return Door::Shut(down.until);
        }
        let Hours::Open(spans) = &self.hours else { return Door::Open };
        if spans.iter().any(|span| span.from <= at && at < span.to) {
            return Door::Open;
        }
        Door::Shut(spans.iter().map(|span| span.from).filter(|from| *from > at).min())
    }

    /// When it closes after an instant at which it is open.
    fn closes(&self, at: i64) -> Option<i64> {
        let Hours::Open(spans) = &self.hours else { return None };
        // Shifts that meet or overlap are one.
        let mut end = at;
        for _ in spans {
            let longer = spans.iter().filter(|span| span.from <= end && span.to > end);
            let Some(to) = longer.map(|span| span.to).max() else { break };
            end = to;
        }
        Some(end)
    }

    /// Whether a scan of that tier and length may start at an instant at which it is open.
    /// Emergencies may run over the end of the shift; gaps give way to their tiers.
    pub(crate) fn lets(&self, tier: Tier, at: i64, seconds: i64) -> Door {
        let end = at.saturating_add(seconds);
        if tier < Tier::Emergency
            && let Some(closes) = self.closes(at)
            && end > closes
        {
            let later = match &self.hours {
                Hours::Always => None,
                Hours::Open(spans) => {
                    spans.iter().map(|it| it.from).filter(|it| *it > closes).min()
                }
            };
            return Door::Shut(later);
        }
        for gap in &self.gaps {
            let meets = at < gap.to && end > gap.from;
            if tier < gap.least && meets && at < gap.released_at() {
                return Door::Shut(Some(gap.released_at()));
            }
        }
        Door::Open
    }

    /// Seconds to make it fit for a protocol, from a coil and a contrast state.
    pub(crate) fn change(&self, protocol: &Protocol, coil: Option<&str>, contrast: bool) -> i64 {
        let mut minutes = 0;
        if let Some(needed) = protocol.coil.as_deref()
            && coil != Some(needed)
        {
            minutes += i64::from(self.coil_minutes.min(MINUTES_MAX));
        }
        if protocol.contrast && !contrast {
            minutes += i64::from(self.contrast_minutes.min(MINUTES_MAX));
        }
        minutes * 60
    }

    pub(crate) fn turnover(&self) -> i64 {
        i64::from(self.turnover_minutes.min(MINUTES_MAX)) * 60
    }
}
