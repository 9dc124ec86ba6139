//! Named values over time: every word in force is kept with its author, and
//! only somebody who may take it back does.

use super::reliability::Governor;
use super::{Entry, Finding, Reason, Said, Until, authority, nothing};
use crate::facts::{Danger, Fact, Keep, Role};

/// What somebody said that nobody took back.
#[derive(Clone, Copy)]
struct Claim {
    /// The value, or why it could not be told.
    said: Result<usize, Reason>,
    at: Option<i64>,
    by: Role,
}

/// What an entry counts as.
enum Trust {
    /// A value, or an honest "could not be told".
    Counts(Result<usize, Reason>),
    /// A reassuring value that does not count, and why.
    Doubtful(Reason),
    /// Nothing was said.
    Nothing,
}

pub(super) fn named(
    fact: &Fact,
    dangerous: &[bool],
    given: &[Entry],
    governor: &Governor,
    until: &mut Until,
) -> Finding {
    let mut claims: Vec<Claim> = Vec::new();
    let mut doubtful = None;
    for entry in given {
        match trust(fact, dangerous, entry, governor, until) {
            Trust::Counts(said) => {
                let said = match (said, fact.assumed()) {
                    // Could not be told: what is assumed stays, now on somebody's word.
                    (Err(_), Some(value)) => Ok(value),
                    (said, _) => said,
                };
                let claim = Claim { said, at: entry.at, by: entry.by };
                claims.retain(|earlier| !takes_back(fact, dangerous, &claim, earlier));
                claims.push(claim);
            }
            Trust::Doubtful(reason) => doubtful = Some((reason, entry.at, entry.by)),
            Trust::Nothing => {}
        }
    }
    if claims.is_empty() {
        let Some((reason, at, by)) = doubtful else { return nothing(fact) };
        let said = fact.assumed().map_or(Said::Unknown(reason), Said::Value);
        return Finding { said, at, by: Some(by), ..nothing(fact) };
    }
    in_force(fact, dangerous, &claims, until)
}

/// What an entry counts as: a reassuring value may not count at all.
fn trust(
    fact: &Fact,
    dangerous: &[bool],
    entry: &Entry,
    governor: &Governor,
    until: &mut Until,
) -> Trust {
    let value = match entry.said {
        Said::Value(value) => value,
        Said::Unknown(Reason::NotAsked) | Said::Between(..) => return Trust::Nothing,
        Said::Unknown(reason) => return Trust::Counts(Err(reason)),
    };
    if dangerous[value] {
        return Trust::Counts(Ok(value));
    }
    if !fact.asked_of.is_empty() && !fact.asked_of.contains(&entry.by) {
        return Trust::Doubtful(Reason::NotSettledByRole);
    }
    if governor.doubts(fact, entry.at.or(until.as_of)) {
        return Trust::Doubtful(Reason::Unreliable);
    }
    if until.is_future(entry.at) {
        return Trust::Doubtful(Reason::FutureDated);
    }
    Trust::Counts(Ok(value))
}

/// Whether `later` takes `earlier` back (E3, CR8).
fn takes_back(fact: &Fact, dangerous: &[bool], later: &Claim, earlier: &Claim) -> bool {
    let outranked = authority(fact, later.by) >= authority(fact, earlier.by);
    match (earlier.said, later.said) {
        _ if fact.danger == Danger::None => outranked && later.said.is_ok(),
        // The same again: the newer one stands for both.
        (Ok(old), Ok(new)) if new == old => later.by == earlier.by,
        (Ok(_), Ok(_)) if fact.keep == Keep::Latest => outranked,
        (Ok(old), Ok(new)) => {
            let less = new < old;
            let over_another = matches!(earlier.by, Role::Patient | Role::Nurse | Role::Ehr);
            less && later.by == Role::Physician && over_another
        }
        // What reassured can no longer be told.
        (Ok(old), Err(_)) => outranked && !dangerous[old],
        (Err(_), _) => outranked,
    }
}

/// The claim that counts: the most dangerous, unless the highest authority
/// could not tell; and whether it is still fresh.
fn in_force(fact: &Fact, dangerous: &[bool], claims: &[Claim], until: &mut Until) -> Finding {
    let rank = |claim: &&Claim| authority(fact, claim.by);
    let values = || claims.iter().filter(|claim| claim.said.is_ok());
    let unknown = claims.iter().filter(|claim| claim.said.is_err()).max_by_key(rank);
    let counts = match fact.danger {
        Danger::None => values().max_by_key(rank),
        _ => values().max_by_key(|claim| claim.said.unwrap_or(0)),
    };
    let highest = values().map(|claim| authority(fact, claim.by)).max();
    let finding = |said: Said, claim: &Claim| Finding {
        said,
        at: claim.at,
        by: Some(claim.by),
        conflict: values().any(|other| other.said != claim.said),
        ..nothing(fact)
    };
    let Some((claim, Ok(value))) = counts.map(|claim| (claim, claim.said)) else {
        return unknown.map_or_else(|| nothing(fact), |claim| said_unknown(fact, claim));
    };
    if dangerous[value] {
        return finding(Said::Value(value), claim);
    }
    if let Some(unknown) = unknown
        && highest.is_none_or(|highest| rank(&unknown) >= highest)
        && fact.danger != Danger::None
    {
        return said_unknown(fact, unknown);
    }
    let newest = values().map(|claim| claim.at.or(until.as_of)).max().flatten();
    let mut found = finding(Said::Value(value), claim);
    if until.is_stale(newest, fact.fresh_seconds) {
        found.said = fact.assumed().map_or(Said::Unknown(Reason::Stale), Said::Value);
    }
    found
}

fn said_unknown(fact: &Fact, claim: &Claim) -> Finding {
    let reason = claim.said.err().unwrap_or(Reason::NotKnown);
    Finding { said: Said::Unknown(reason), at: claim.at, by: Some(claim.by), ..nothing(fact) }
}
