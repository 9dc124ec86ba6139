//! Quantities over time: intervals whose dangerous end stays and whose
//! reassuring end expires.

use super::reliability::Governor;
use super::{Entry, Finding, Reason, Said, Until, authority, nothing};
use crate::decimal::Rational;
use crate::facts::{By, Danger, Fact, Keep, Quantity, Role};
use crate::units;

/// A quantity seen from danger: a higher bound is more dangerous.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Bounds {
    least: i64,
    most: i64,
}

/// What somebody measured that nobody took back.
#[derive(Clone, Copy)]
struct Claim {
    bounds: Bounds,
    at: Option<i64>,
    by: Role,
}

/// Who could not tell, and why.
type Doubt = (u8, Reason, Option<i64>, Role);

pub(super) fn measured(
    fact: &Fact,
    quantity: &Quantity,
    cuts: &[i64],
    given: &[Entry],
    governor: &Governor,
    until: &mut Until,
) -> Finding {
    let top = seen_from_danger(fact.danger, quantity.range.0, quantity.range.1).most;
    let mut claims: Vec<Claim> = Vec::new();
    // Measured, but its reassuring side does not count, and why.
    let mut doubtful: Vec<(Claim, Reason)> = Vec::new();
    let mut doubt: Option<Doubt> = None;
    for entry in given {
        let rank = authority(fact, entry.by);
        let (low, high) = match entry.said {
            Said::Between(low, high) if (low, high) != quantity.range => {
                grown(fact, quantity, cuts, (low, high), entry.at.or(until.as_of), until)
            }
            Said::Between(..) => (quantity.range.0, quantity.range.1),
            Said::Unknown(Reason::NotAsked) | Said::Value(_) => continue,
            Said::Unknown(reason) => {
                if doubt.is_none_or(|(before, ..)| rank >= before) {
                    doubt = Some((rank, reason, entry.at, entry.by));
                }
                // What reassured can no longer be told; a danger stays.
                for claim in &mut claims {
                    if rank >= authority(fact, claim.by) {
                        doubtful.push((*claim, reason));
                    }
                }
                claims.retain(|claim| rank < authority(fact, claim.by));
                continue;
            }
        };
        let bounds = seen_from_danger(fact.danger, low, high);
        let claim = Claim { bounds, at: entry.at, by: entry.by };
        if let Some(reason) = why_doubtful(fact, entry, governor, until) {
            doubtful.push((claim, reason));
            continue;
        }
        doubt = doubt.filter(|(before, ..)| rank < *before);
        claims.retain(|earlier| !takes_back(fact, &claim, earlier));
        doubtful.retain(|(earlier, _)| !takes_back(fact, &claim, earlier));
        claims.push(claim);
    }
    in_force(fact, quantity, top, &claims, &doubtful, doubt, until)
}

fn why_doubtful(
    fact: &Fact,
    entry: &Entry,
    governor: &Governor,
    until: &mut Until,
) -> Option<Reason> {
    if !fact.asked_of.contains(&entry.by) {
        return Some(Reason::NotSettledByRole);
    }
    if governor.doubts(fact, entry.at.or(until.as_of)) {
        return Some(Reason::Unreliable);
    }
    until.is_future(entry.at).then_some(Reason::FutureDated)
}

/// Whether `later` takes `earlier` back: it lies below it for certain, and its
/// author may (E3, CR8).
fn takes_back(fact: &Fact, later: &Claim, earlier: &Claim) -> bool {
    let same = later.by == earlier.by && later.bounds == earlier.bounds;
    let below = later.bounds.most < earlier.bounds.least;
    let may = match fact.keep {
        Keep::Latest => authority(fact, later.by) >= authority(fact, earlier.by),
        Keep::Worst => {
            later.by == Role::Physician
                && matches!(earlier.by, Role::Patient | Role::Nurse | Role::Ehr)
                && !matches!(fact.by, By::Measure | By::Test)
        }
    };
    // Measured again, higher: the lower value is of the past.
    let above = fact.keep == Keep::Latest && later.bounds.least > earlier.bounds.most;
    same || (may && (below || above))
}

fn in_force(
    fact: &Fact,
    quantity: &Quantity,
    top: i64,
    claims: &[Claim],
    doubtful: &[(Claim, Reason)],
    doubt: Option<Doubt>,
    until: &mut Until,
) -> Finding {
    let every = claims.iter().chain(doubtful.iter().map(|(claim, _)| claim));
    let author = every.clone().map(|claim| authority(fact, claim.by)).max();
    // Of what is measured again, a lower authority never settles anything: it
    // leaves more possible. Of the rest, a danger counts whoever tells it.
    let counts = |claim: &&Claim| match (fact.keep, author) {
        (Keep::Latest, Some(author)) => authority(fact, claim.by) == author,
        _ => true,
    };
    let reach = every.clone().map(|claim| claim.bounds.least).max();
    let Some(least) = every.clone().filter(counts).map(|claim| claim.bounds.least).max() else {
        return doubt.map_or_else(
            || nothing(fact),
            |(_, reason, at, by)| Finding {
                said: Said::Unknown(reason),
                at,
                by: Some(by),
                ..nothing(fact)
            },
        );
    };
    let newest = every.max_by_key(|claim| claim.at.or(until.as_of));
    let (at, by) = newest.map_or((None, None), |claim| (claim.at, Some(claim.by)));
    let fresh_at = claims.iter().map(|claim| claim.at.or(until.as_of)).max().flatten();
    let highest = claims.iter().map(|claim| authority(fact, claim.by)).max();
    let outranked = doubt.filter(|(rank, ..)| highest.is_none_or(|highest| *rank > highest));
    let mut partly = outranked.map(|(_, reason, ..)| reason);
    if claims.is_empty() {
        partly = partly.or(doubtful.last().map(|(_, reason)| *reason));
    } else if until.is_stale(fresh_at, fact.fresh_seconds) {
        partly = partly.or(Some(Reason::Stale));
    }
    let most = match partly {
        Some(_) => top,
        None => claims
            .iter()
            .map(|claim| claim.bounds.most)
            .max()
            .unwrap_or(top)
            .max(reach.unwrap_or(least)),
    };
    let (low, high) = match fact.danger {
        Danger::Falling => (-most, -least),
        _ => (least, most),
    };
    let conflict = claims.iter().any(|claim| claim.bounds.most < least);
    let said = match (low, high) == quantity.range {
        true => Said::Unknown(partly.unwrap_or(Reason::NotKnown)),
        false => Said::Between(low, high),
    };
    Finding { said, at, by, conflict, partly, ..nothing(fact) }
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
        let steps = elapsed
            .over(step_seconds)
            .and_then(Rational::doubled_floor)
            .unwrap_or(quantity.range.1);
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
