//! The key by which those who wait are compared: tier, protection, band of accumulated priority,
//! slack, wait, changeover. Pure arithmetic on whole numbers, so equal input gives equal order.

use std::cmp::Reverse;

use crate::entry::{Entry, State};
use crate::settings::{Settings, Within};
use crate::tier::Tier;

/// One point, in the unit of [`points`].
pub(crate) const POINT: i64 = 86_400;

/// The groups that nothing but the rules themselves mixes: not a move, not age.
pub(crate) const IMMEDIATE: u8 = 0;
const COMMITTED: u8 = 1;
const OTHERS: u8 = 2;

/// A key: the smallest goes first. INVARIANT: without a decision or an override, no part of a
/// waiting entry's key grows with time, so its priority never falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub group: u8,
    commitment: u8,
    unprotected: bool,
    band: Reverse<i64>,
    uncalled: bool,
    urgency: i64,
    since: i64,
    change: i64,
    urgency_exact: i64,
    since_exact: i64,
}

/// The latest second at which a scan of median length must start to be done by the deadline, or
/// by the end of the tier's window where there is no deadline.
pub fn latest_start(entry: &Entry, settings: &Settings, at: i64) -> i64 {
    due(entry, settings, at).saturating_sub(entry.protocol.seconds_p50())
}

/// Accumulated priority at an instant, in 86,400ths of a point.
pub fn points(entry: &Entry, settings: &Settings, at: i64) -> i64 {
    let tier = entry.tier_at(at);
    let waited = at.saturating_sub(since(entry)).max(0);
    let grown = i64::from(tier.of(&settings.ageing.per_day)).saturating_mul(waited);
    let base = i64::from(tier.of(&settings.ageing.base)) * POINT;
    let top = settings.ageing.top.map_or(i64::MAX, |top| i64::from(top) * POINT);
    base.saturating_add(grown).min(top.max(base))
}

/// The band those points are in.
pub(crate) fn band(points: i64, settings: &Settings) -> i64 {
    match settings.ageing.band {
        0 => points,
        wide => points.div_euclid(i64::from(wide) * POINT),
    }
}

/// Whether an emergency has so little slack that nobody of a lower tier passes it.
pub(crate) fn protected(entry: &Entry, settings: &Settings, at: i64) -> bool {
    let Some(minutes) = settings.protect_minutes else { return false };
    entry.tier_at(at) >= Tier::Emergency
        && latest_start(entry, settings, at).saturating_sub(i64::from(minutes) * 60) <= at
}

/// The key of an entry, where making the scanner fit for it takes `change` seconds.
pub(crate) fn key(entry: &Entry, settings: &Settings, at: i64, change: i64) -> Key {
    let tier = entry.tier_at(at);
    let commitment = match entry.state {
        State::ContrastRunning { .. } => 0,
        State::Sedated { .. } => 1,
        State::Prepared { .. } => 2,
        _ => 3,
    };
    let group = match (tier, commitment) {
        (Tier::Immediate, _) => IMMEDIATE,
        (_, 0..=2) => COMMITTED,
        _ => OTHERS,
    };
    let urgency = match settings.within {
        Within::LeastSlack => latest_start(entry, settings, at),
        Within::EarliestDeadline => due(entry, settings, at),
        Within::LongestWait => 0,
    };
    let grain = (i64::from(settings.grain_minutes) * 60).max(1);
    Key {
        group,
        commitment,
        unprotected: !protected(entry, settings, at),
        band: Reverse(band(points(entry, settings, at), settings)),
        uncalled: !matches!(entry.state, State::Called { .. }),
        urgency: urgency.div_euclid(grain),
        since: since(entry).div_euclid(grain),
        change,
        urgency_exact: urgency,
        since_exact: since(entry),
    }
}

/// Since when it waits: the order, or its date where that is later.
fn since(entry: &Entry) -> i64 {
    entry.ordered_at.max(entry.not_before.unwrap_or(i64::MIN))
}

fn due(entry: &Entry, settings: &Settings, at: i64) -> i64 {
    match &entry.deadline {
        Some(deadline) => deadline.at,
        None => since(entry).saturating_add(settings.window(entry.tier_at(at))),
    }
}
