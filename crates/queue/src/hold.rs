//! Whether a scanner stays free for an immediate patient who is expected within minutes.
//!
//! Weighed is the minutes of waiting on both ways, each counted by its tier. Going on costs the
//! immediate patient the rest of the scan begun; staying free costs the one who would have gone
//! the gap and the immediate scan, and everybody else who is ready the gap. The scanner stays
//! free only if that is a gain, never longer than the cap, and never for a patient on whose
//! place a person decided, who is prepared, or whose emergency would miss its deadline by it.

use crate::arrange;
use crate::choose::{Fit, Gate, Look, Picked};
use crate::entry::Entry;
use crate::rank;
use crate::scanner::Scanner;
use crate::tier::Tier;

/// The hold, or the short scan that fits in before, or nothing: go on.
pub(crate) fn weigh<G: Fn(usize, &Entry) -> Gate, F: Fn(&Scanner) -> i64>(
    look: &Look<'_, G, F>,
    best: (usize, i64),
    immediate: (usize, i64),
) -> Option<Picked> {
    let (ix, change) = best;
    let (coming_ix, expected) = immediate;
    let entry = look.department.entries.get(ix)?;
    let coming = look.department.entries.get(coming_ix)?;
    let settings = &look.department.settings;
    let tier = entry.tier_at(look.at);
    if tier == Tier::Immediate || entry.committed() || arrange::newest(entry, look.at).is_some() {
        return None;
    }
    let own = change.saturating_add(entry.protocol.seconds_p50());
    let theirs = coming.protocol.seconds_p50();
    let elsewhere = look.elsewhere(coming).unwrap_or(i64::MAX);
    let begun = look.at.saturating_add(own).saturating_add(look.table.scanner.turnover());
    let saved = begun.min(elsewhere).saturating_sub(expected);
    if saved <= 0 {
        return None;
    }
    let latest = rank::latest_start(entry, settings, look.at);
    let after = expected.saturating_add(theirs);
    if tier == Tier::Emergency && latest >= look.at && latest < after {
        return None;
    }
    let weight = |tier: Tier| i64::from(tier.of(&settings.looking.weight));
    let reliable = i64::from(settings.looking.reliability_percent.min(100));
    let gain = saved.saturating_mul(weight(Tier::Immediate)).saturating_mul(reliable);
    let gap = expected.saturating_sub(look.at);
    let put_off = after.min(look.elsewhere(entry).unwrap_or(i64::MAX)).saturating_sub(look.at);
    let mut cost = weight(tier).saturating_mul(put_off);
    for (other_ix, other) in look.department.entries.iter().enumerate() {
        if other_ix != ix && matches!(look.fit(other_ix, other), Fit::Now { .. }) {
            cost = cost.saturating_add(weight(other.tier_at(look.at)).saturating_mul(gap));
        }
    }
    if gain <= cost.saturating_mul(100) {
        return None;
    }
    Some(match fitting(look, expected) {
        Some((ix, change)) => Picked::Take { ix, change, before: Some(expected) },
        None => Picked::Hold { ix: coming_ix, until: expected },
    })
}

/// The best who is surely done before the immediate patient comes.
fn fitting<G: Fn(usize, &Entry) -> Gate, F: Fn(&Scanner) -> i64>(
    look: &Look<'_, G, F>,
    expected: i64,
) -> Option<(usize, i64)> {
    let settings = &look.department.settings;
    let room = expected.saturating_sub(look.at).saturating_sub(look.table.scanner.turnover());
    let all = look.department.entries.iter().enumerate().filter_map(|(ix, entry)| {
        let Fit::Now { change } = look.fit(ix, entry) else { return None };
        let fits = change.saturating_add(entry.protocol.seconds_p90()) <= room;
        fits.then(|| (rank::key(entry, settings, look.at, change), &entry.id, ix, change))
    });
    all.min().map(|(_, _, ix, change)| (ix, change))
}
