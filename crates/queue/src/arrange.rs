//! The whole order of those who wait: by key, then as people moved them, within the groups.

use crate::department::Department;
use crate::entry::Entry;
use crate::names::EntryId;
use crate::overriding::{Override, Will};
use crate::rank;

/// Indexes of the waiting entries in their order at an instant, changeovers apart.
pub(crate) fn order(department: &Department, at: i64) -> Vec<usize> {
    order_by(department, at, |_| 0)
}

/// The same, with the seconds that making a scanner fit takes for each entry.
pub(crate) fn order_by(
    department: &Department,
    at: i64,
    change: impl Fn(&Entry) -> i64,
) -> Vec<usize> {
    let settings = &department.settings;
    let waiting = department.entries.iter().enumerate().filter(|(_, entry)| entry.waits());
    let mut keyed: Vec<Place<'_>> = waiting
        .map(|(ix, entry)| Place {
            held: entry.held(at).is_some(),
            key: rank::key(entry, settings, at, change(entry)),
            id: &entry.id,
            ix,
        })
        .collect();
    keyed.sort();
    for (id, made) in moves(department, at) {
        carry_out(&mut keyed, id, &made.will);
    }
    // INVARIANT: no move carries anybody past an immediate or a prepared patient, or a held one
    // back into the line.
    keyed.sort_by_key(|place| (place.held, place.key.group));
    keyed.into_iter().map(|place| place.ix).collect()
}

/// Whether any move counts at an instant.
pub(crate) fn moved(entry: &Entry, at: i64) -> bool {
    entry.overrides.iter().any(|one| one.moves() && one.counts(at))
}

/// The move of an entry that counts: the newest.
pub(crate) fn newest(entry: &Entry, at: i64) -> Option<&Override> {
    let all = entry.overrides.iter().filter(|one| one.moves() && one.counts(at));
    // Of two made in one second, the one written down later.
    all.max_by_key(|one| one.at)
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place<'a> {
    held: bool,
    key: rank::Key,
    id: &'a EntryId,
    ix: usize,
}

/// Moves in the order they are carried out: relative ones as they were made, then locks from the
/// front, so that a lock is where it says.
fn moves(department: &Department, at: i64) -> Vec<(&EntryId, &Override)> {
    let waiting = department.entries.iter().filter(|entry| entry.waits());
    let made = waiting.filter_map(|entry| Some((&entry.id, newest(entry, at)?)));
    let mut all: Vec<(&EntryId, &Override)> = made.collect();
    all.sort_by_key(|(id, one)| {
        let lock = match one.will {
            Will::Place(place) => place.max(1),
            _ => 0,
        };
        (lock, one.at, *id)
    });
    all
}

fn carry_out(line: &mut Vec<Place<'_>>, id: &EntryId, will: &Will) {
    let Some(from) = line.iter().position(|place| place.id == id) else { return };
    let moving = line.remove(from);
    let find = |other: &EntryId| line.iter().position(|place| place.id == other);
    let to = match will {
        Will::First => 0,
        Will::Last => line.len(),
        // The other one has left: the move has nothing to hold on to.
        Will::Before(other) => find(other).unwrap_or(from),
        Will::After(other) => find(other).map_or(from, |ix| ix + 1),
        Will::Place(place) => usize::try_from(place.saturating_sub(1)).unwrap_or(usize::MAX),
        Will::Only(_) | Will::Hold | Will::Tier(_) => from,
    };
    line.insert(to.min(line.len()), moving);
}
