//! Deadlines that are predicted to be missed, and the changes that may avoid it.

use std::cmp::Reverse;
use std::fmt;

use crate::department::Department;
use crate::forecast::Forecast;
use crate::names::{EntryId, ScannerId};
use crate::search::Search;

/// A deadline that is missed if nothing changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Whose.
    pub id: EntryId,
    /// How likely.
    pub likelihood: Likelihood,
    /// Minutes by which the median prediction misses it; nothing without a prediction.
    pub late_minutes: Option<i64>,
    /// The smallest change that avoids it; looked for when the breach is likely.
    pub change: Option<Change>,
    /// Less urgent orders that become late by that change.
    pub makes_late: Vec<EntryId>,
}

/// How likely a breach is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likelihood {
    /// If scans take as long as one of ten does.
    Possible,
    /// If scans take their median time, or no start can be said.
    Likely,
}

/// A change that avoids a breach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Have it ready by then.
    ReadyBy {
        /// When.
        by: i64,
        /// What is missing.
        items: Vec<String>,
    },
    /// Let it go to that scanner, which a call or a person's decision keeps it from.
    OtherScanner {
        /// Which.
        scanner: ScannerId,
    },
    /// Use the limited protocol.
    Shorter {
        /// Its name.
        protocol: String,
    },
    /// Let it change places with another: lock each at the place of the other.
    Swap {
        /// With which.
        with: EntryId,
    },
    /// Release a reserved gap now.
    Release {
        /// Of which scanner.
        scanner: ScannerId,
        /// The gap's first second.
        from: i64,
    },
    /// Staff a scanner outside its hours.
    Staff {
        /// Which.
        scanner: ScannerId,
    },
    /// End the hold of a person.
    EndHold,
    /// No single change is enough; these together are.
    Together {
        /// Which.
        changes: Vec<Change>,
    },
    /// Nothing here meets the deadline, but by making another as urgent late: transfer now; the
    /// clock runs on.
    TransferNow,
    /// The deadline cannot be met any more, here or elsewhere.
    TooLate,
    /// Too many are late to look for all: look at this one by hand.
    Unsearched,
}

impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::ReadyBy { items, .. } => write!(out, "get ready in time: {}", items.join(", ")),
            Change::OtherScanner { scanner } => write!(out, "let it go to {scanner}"),
            Change::Shorter { protocol } => write!(out, "use the limited protocol {protocol}"),
            Change::Swap { with } => write!(out, "change places with {with}"),
            Change::Release { scanner, .. } => write!(out, "release the reserved gap of {scanner}"),
            Change::Staff { scanner } => write!(out, "staff {scanner} outside its hours"),
            Change::Together { changes } => {
                let all: Vec<String> = changes.iter().map(Change::to_string).collect();
                out.write_str(&all.join(", and "))
            }
            Change::EndHold => out.write_str("end the hold"),
            Change::TransferNow => out.write_str("transfer now: no slot here meets the deadline"),
            Change::TooLate => {
                out.write_str("too late to meet it: whatever is soonest, here or away")
            }
            Change::Unsearched => out.write_str("too many are late to search; decide by hand"),
        }
    }
}

/// Looks for breaches among those who wait, in their order.
pub(crate) fn breaches(
    department: &Department,
    ready: &[i64],
    base: &Forecast,
    order: &[usize],
) -> Vec<Breach> {
    let mut found: Vec<(usize, Breach)> =
        order.iter().filter_map(|ix| Some((*ix, breach(department, base, *ix)?))).collect();
    // Of those in the order, the urgent first, so that the searches are spent on them.
    found.sort_by_key(|(ix, breach)| {
        let tier = department.entries.get(*ix).map(|entry| entry.tier_at(department.now));
        Reverse((breach.likelihood, tier))
    });
    let mut search = Search::new(department, ready, base);
    for (ix, breach) in &mut found {
        if breach.likelihood == Likelihood::Likely {
            let (change, late) = search.change(*ix);
            (breach.change, breach.makes_late) = (Some(change), late);
        }
    }
    found.into_iter().map(|(_, breach)| breach).collect()
}

fn breach(department: &Department, base: &Forecast, ix: usize) -> Option<Breach> {
    let entry = department.entries.get(ix)?;
    let deadline = entry.deadline.as_ref()?.at;
    let slot = base.slots.get(ix)?;
    let hours = i64::from(department.settings.horizon_hours);
    let horizon = department.now.saturating_add(hours.saturating_mul(3600));
    let (likelihood, late_minutes) = match slot {
        Some(slot) if slot.end > deadline => {
            let late = slot.end.saturating_sub(deadline).saturating_add(59).div_euclid(60);
            (Likelihood::Likely, Some(late))
        }
        Some(slot) if slot.end_p90 > deadline => (Likelihood::Possible, None),
        None if deadline < horizon => (Likelihood::Likely, None),
        _ => return None,
    };
    let (id, change, makes_late) = (entry.id.clone(), None, Vec::new());
    Some(Breach { id, likelihood, late_minutes, change, makes_late })
}
