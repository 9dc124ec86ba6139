//! The shipped rules once more, read naively: two orders, who goes first.

use cauda_queue::{Entry, State, Tier};

use crate::department::{MINUTE, NOW};

const DAY: i64 = 24 * 60 * MINUTE;

/// By the first rule that tells them apart.
pub fn goes_before(one: &Entry, other: &Entry) -> bool {
    // Immediate first, then the prepared; of these contrast, sedated, prepared.
    let immediate = |it: &Entry| it.tier == Tier::Immediate;
    if immediate(one) != immediate(other) {
        return immediate(one);
    }
    if commitment(one) != commitment(other) {
        return commitment(one) < commitment(other);
    }
    if protected(one) != protected(other) {
        return protected(one);
    }
    if band(one) != band(other) {
        return band(one) > band(other);
    }
    let called = |it: &Entry| matches!(it.state, State::Called { .. });
    if called(one) != called(other) {
        return called(one);
    }
    // A quarter of an hour of slack or wait is no difference, until nothing else is.
    let quarter = 15 * MINUTE;
    let order = |it: &Entry| {
        let (slack, since) = (latest(it), since(it));
        (slack.div_euclid(quarter), since.div_euclid(quarter), slack, since, it.id.clone())
    };
    order(one) < order(other)
}

fn commitment(it: &Entry) -> u8 {
    match it.state {
        State::ContrastRunning { .. } => 0,
        State::Sedated { .. } => 1,
        State::Prepared { .. } => 2,
        _ => 3,
    }
}

fn since(it: &Entry) -> i64 {
    it.not_before.map_or(it.ordered_at, |date| date.max(it.ordered_at))
}

fn latest(it: &Entry) -> i64 {
    let window = match it.tier {
        Tier::Outpatient => 42 * DAY,
        Tier::Booked => 7 * DAY,
        Tier::Urgent => DAY,
        Tier::Emergency => DAY / 6,
        Tier::Immediate => 30 * MINUTE,
    };
    let due = it.deadline.as_ref().map_or(since(it) + window, |deadline| deadline.at);
    due - i64::from(it.protocol.minutes_p50) * MINUTE
}

fn protected(it: &Entry) -> bool {
    it.tier >= Tier::Emergency && latest(it) - NOW <= 60 * MINUTE
}

/// Hundreds of points, as if by hand: emergencies at four, and nobody else above.
fn band(it: &Entry) -> i64 {
    let waited = (NOW - since(it)).max(0);
    match it.tier {
        Tier::Outpatient => (1 + waited / (20 * DAY)).min(4),
        Tier::Booked => (2 + waited / (5 * DAY)).min(4),
        Tier::Urgent => (3 + waited / DAY).min(4),
        Tier::Emergency | Tier::Immediate => 4,
    }
}
