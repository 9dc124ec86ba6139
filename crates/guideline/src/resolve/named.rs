//! Named values over time: who supersedes whom, and what goes stale.

use super::reliability::Governor;
use super::{Entry, Finding, Reason, Said, Until, authority, nothing, supersedes};
use crate::facts::{Danger, Fact};

pub(super) fn named(
    fact: &Fact,
    dangerous: &[bool],
    given: &[Entry],
    governor: &Governor,
    until: &mut Until,
) -> Finding {
    let mut current = nothing(fact);
    for entry in given {
        let said = match (trusted(fact, dangerous, entry, governor, until), fact.assumed()) {
            // Asked without avail: what is assumed stays, now on somebody's word.
            (Said::Unknown(_), Some(value)) => Said::Value(value),
            (said, _) => said,
        };
        let newer = Finding {
            said,
            cells: 0,
            at: entry.at,
            by: Some(entry.by),
            conflict: current.conflict,
            ..nothing(fact)
        };
        let Some(by) = current.by else {
            current = newer;
            continue;
        };
        let replaces = supersedes(fact, (entry.by, entry.at), (by, current.at));
        match (current.said, said) {
            (Said::Value(old), Said::Value(new)) if new == old => {
                // Said again: fresh from now on.
                current.at = entry.at;
                current.by = Some(by.max(entry.by));
            }
            (Said::Value(old), Said::Value(new)) => {
                let worse = fact.danger != Danger::None && new > old;
                if worse || replaces {
                    current = newer;
                } else {
                    current.conflict = true;
                }
            }
            (Said::Value(old), Said::Unknown(reason)) => {
                let reassured = fact.danger != Danger::None && !dangerous[old];
                if reassured
                    && reason != Reason::NotAsked
                    && authority(fact, entry.by) >= authority(fact, by)
                {
                    current = newer;
                }
            }
            (Said::Unknown(Reason::NotAsked), _) => current = newer,
            (Said::Unknown(_), Said::Value(new)) => {
                if dangerous[new] || authority(fact, entry.by) >= authority(fact, by) {
                    current = newer;
                }
            }
            (Said::Unknown(_), _) => current = newer,
            (Said::Between(..), _) | (_, Said::Between(..)) => {}
        }
    }
    if let (Said::Value(value), Some(_)) = (current.said, current.by)
        && !dangerous[value]
        && until.is_stale(current.at, fact.fresh_seconds)
    {
        current.said = match fact.assumed() {
            Some(value) => Said::Value(value),
            None => Said::Unknown(Reason::Stale),
        };
    }
    current
}

/// What an entry counts as: a reassuring value may not count at all.
fn trusted(
    fact: &Fact,
    dangerous: &[bool],
    entry: &Entry,
    governor: &Governor,
    until: &Until,
) -> Said {
    let Said::Value(value) = entry.said else {
        return entry.said;
    };
    if dangerous[value] {
        return entry.said;
    }
    if !fact.asked_of.is_empty() && !fact.asked_of.contains(&entry.by) {
        return Said::Unknown(Reason::NotSettledByRole);
    }
    if governor.doubts(fact, entry.at) {
        return Said::Unknown(Reason::Unreliable);
    }
    if until.is_future(entry.at) {
        return Said::Unknown(Reason::FutureDated);
    }
    entry.said
}
