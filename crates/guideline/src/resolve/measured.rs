//! Quantities over time: intervals whose dangerous end stays and whose
//! reassuring end expires.

use super::reliability::Governor;
use super::{Entry, Finding, Reason, Said, Until, authority, nothing, supersedes};
use crate::decimal::Rational;
use crate::facts::{Danger, Fact, Keep, Quantity, Role};
use crate::units;

/// A quantity seen from danger: a higher bound is more dangerous.
#[derive(Clone, Copy)]
struct Bounds {
    least: i64,
    most: i64,
}

pub(super) fn measured(
    fact: &Fact,
    quantity: &Quantity,
    cuts: &[i64],
    given: &[Entry],
    governor: &Governor,
    until: &mut Until,
) -> Finding {
    let top = seen_from_danger(fact.danger, quantity.range.0, quantity.range.1).most;
    let mut current: Option<(Bounds, Finding)> = None;
    // Somebody of this authority could not tell: nobody below settles it.
    let mut doubt: Option<(u8, Reason)> = None;
    let mut unknown = nothing(fact);
    for entry in given {
        let authority = authority(fact, entry.by);
        let (low, high) = match entry.said {
            Said::Between(low, high) => {
                grown(fact, quantity, cuts, (low, high), entry.at.or(until.as_of), until)
            }
            Said::Unknown(reason) => {
                unknown = Finding { said: entry.said, at: entry.at, by: Some(entry.by), ..unknown };
                if reason != Reason::NotAsked && doubt.is_none_or(|(before, _)| authority >= before)
                {
                    doubt = Some((authority, reason));
                    current = current.map(|(bounds, finding)| match finding.by {
                        Some(by) if authority >= super::authority(fact, by) => (
                            Bounds { most: top, ..bounds },
                            Finding { partly: Some(reason), ..finding },
                        ),
                        _ => (bounds, finding),
                    });
                }
                continue;
            }
            Said::Value(_) => continue,
        };
        let mut partly = None;
        let mut bounds = seen_from_danger(fact.danger, low, high);
        doubt = doubt.filter(|(before, _)| authority < *before);
        if let Some((_, reason)) = doubt {
            (bounds.most, partly) = (top, Some(reason));
        } else if !fact.asked_of.contains(&entry.by) {
            (bounds.most, partly) = (top, Some(Reason::NotSettledByRole));
        } else if governor.doubts(fact, entry.at) {
            (bounds.most, partly) = (top, Some(Reason::Unreliable));
        } else if until.is_future(entry.at) {
            (bounds.most, partly) = (top, Some(Reason::FutureDated));
        }
        let finding =
            Finding { said: entry.said, at: entry.at, by: Some(entry.by), partly, ..nothing(fact) };
        current = Some(match current {
            None => (bounds, finding),
            Some((_, before))
                if supersedes(
                    fact,
                    (entry.by, entry.at),
                    (before.by.unwrap_or(Role::Ehr), before.at),
                ) =>
            {
                (bounds, finding)
            }
            Some((kept, before)) => {
                // Somebody of lower authority never replaces what was measured
                // last; they only leave more possible.
                let joined = Bounds {
                    least: match fact.keep {
                        Keep::Latest => kept.least,
                        Keep::Worst => kept.least.max(bounds.least),
                    },
                    most: kept.most.max(bounds.most),
                };
                (joined, Finding { partly: before.partly.or(partly), ..finding })
            }
        });
    }
    let Some((mut bounds, mut finding)) = current else {
        return unknown;
    };
    if until.is_stale(finding.at, fact.fresh_seconds) {
        bounds.most = top;
        finding.partly = Some(Reason::Stale);
    }
    let (low, high) = match fact.danger {
        Danger::Falling => (-bounds.most, -bounds.least),
        _ => (bounds.least, bounds.most),
    };
    finding.said = Said::Between(low, high);
    if (low, high) == quantity.range {
        finding.said = Said::Unknown(finding.partly.unwrap_or(Reason::NotKnown));
    }
    finding
}

fn seen_from_danger(danger: Danger, low: i64, high: i64) -> Bounds {
    match danger {
        Danger::Falling => Bounds { least: -high, most: -low },
        _ => Bounds { least: low, most: high },
    }
}

/// A duration whose danger lies in its length grows by the time since it was
/// told. One whose danger lies in being short stays as told: time never reassures.
fn grown(
    fact: &Fact,
    quantity: &Quantity,
    cuts: &[i64],
    (low, high): (i64, i64),
    at: Option<i64>,
    until: &mut Until,
) -> (i64, i64) {
    let grows = quantity.is_duration && fact.danger == Danger::Rising;
    let (true, Some(now), Some(at)) = (grows, until.as_of, at) else { return (low, high) };
    let Some(step_seconds) =
        units::seconds(&quantity.unit).and_then(|unit| unit.times(quantity.step))
    else {
        return (low, high);
    };
    let grown_at = |second: i64| -> (i64, i64) {
        let elapsed = Rational::new(i128::from(second.saturating_sub(at).max(0)), 1);
        let steps = elapsed.over(step_seconds).and_then(Rational::doubled_floor).unwrap_or(0);
        // Two parts of a step add up to anything below two steps, so the sum of two
        // odd places is only known to lie between the places around it.
        let carry = i64::from(low % 2 != 0 && steps % 2 != 0);
        let carry_high = i64::from(high % 2 != 0 && steps % 2 != 0);
        (
            low.saturating_add(steps - carry).min(quantity.range.1),
            high.saturating_add(steps + carry_high).min(quantity.range.1),
        )
    };
    // Last second before the next threshold is reached, found by halving: which
    // of open and closed ends meet here is for `grown_at` alone to know.
    let crossing = |from: i64, end: fn((i64, i64)) -> i64| -> Option<i64> {
        let next = cuts.iter().find(|cut| **cut > end(grown_at(now)))?;
        let steps = Rational::new(i128::from(next - from + 4), 2);
        let seconds = steps.times(step_seconds)?.doubled_floor()?.div_euclid(2);
        let (mut before, mut after) = (now, at.saturating_add(seconds).max(now + 1));
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            if end(grown_at(middle)) < *next { before = middle } else { after = middle }
        }
        Some(before)
    };
    for second in
        [crossing(low, |ends| ends.0), crossing(high, |ends| ends.1)].into_iter().flatten()
    {
        until.note(second);
    }
    grown_at(now)
}
