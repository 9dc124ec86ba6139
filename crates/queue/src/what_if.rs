//! Who moves if one more comes now.

use std::collections::BTreeMap;

use crate::department::Department;
use crate::entry::Entry;
use crate::forecast;
use crate::names::EntryId;

/// An order whose predicted start changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Which.
    pub id: EntryId,
    /// Its start without the new one; nothing when it had none.
    pub from: Option<i64>,
    /// Its start with the new one; nothing when it has none any more.
    pub to: Option<i64>,
    /// Minutes later; negative when earlier, zero when there is no start to compare.
    pub minutes: i64,
}

/// Who moves if `entry` comes now: the new one first, then who moves furthest. An order with the
/// same id is replaced, which answers what happens if a patient gets worse.
pub fn what_if(department: &Department, entry: &Entry) -> Vec<Moved> {
    let before = starts(department);
    let mut with = department.clone();
    with.entries.retain(|one| one.id != entry.id);
    with.entries.push(entry.clone());
    let after = starts(&with);
    let mut moved: Vec<Moved> = after
        .iter()
        .filter_map(|(id, to)| {
            let from = before.get(id).copied().flatten();
            let later = to.zip(from).map_or(0, |(to, from)| to.saturating_sub(from));
            let minutes = later.saturating_add(later.signum() * 59) / 60;
            let moves = from != *to || *id == entry.id;
            moves.then(|| Moved { id: id.clone(), from, to: *to, minutes })
        })
        .collect();
    moved.sort_by(|one, other| {
        let key = |it: &Moved| (it.id != entry.id, it.to.is_some(), -it.minutes);
        key(one).cmp(&key(other)).then_with(|| one.id.cmp(&other.id))
    });
    moved
}

fn starts(department: &Department) -> BTreeMap<EntryId, Option<i64>> {
    let slots = forecast::forecast(department, &forecast::ready(department)).slots;
    let both = department.entries.iter().zip(slots);
    let waiting = both.filter(|(entry, _)| entry.waits());
    waiting.map(|(entry, slot)| (entry.id.clone(), slot.map(|slot| slot.start))).collect()
}
