//! The worklist in memory: entries coded once, found by index, answered as asked.
//!
//! The record is the truth; this is its copy for scanners, filled anew at every start.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock};

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::charset::Charset;
use crate::coded::{Coded, Item};
use crate::entry::Entry;
use crate::error::EntryError;
use crate::query::{Query, Test};
use crate::values::name;
use crate::when::Moment;

/// Entries that are kept; a large hospital plans a few thousand a week.
pub const MAX_ENTRIES: usize = 50_000;

/// An entry that a device of this character set does not get, because a letter is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwritable {
    /// The set.
    pub charset: Charset,
    /// Keyword of the first value that cannot be written.
    pub field: &'static str,
}

impl std::fmt::Display for Unwritable {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (field, term) = (self.field, self.charset.term());
        write!(out, "{field} has a letter that {term} has not; scanners of that set do not get it")
    }
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The character set of the device.
    pub charset: Charset,
    /// Only steps that are scheduled on this AE title.
    pub only: Option<&'a str>,
    /// Matches that are returned at most, those that start first.
    pub limit: usize,
}

/// What a query has found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The matches, the earliest start first.
    pub items: Vec<Arc<Item>>,
    /// Matches that the device's character set cannot hold.
    pub unwritable: usize,
    /// Whether there were more than the limit.
    pub more: bool,
}

/// The worklist in memory.
#[derive(Debug)]
pub struct Worklist {
    charsets: Vec<Charset>,
    inner: RwLock<Index>,
}

type Slot = u32;
type Slots = BTreeSet<(Moment, Slot)>;

#[derive(Default)]
struct Index {
    slots: Vec<Option<Arc<Item>>>,
    free: Vec<Slot>,
    ids: HashMap<Box<str>, Slot>,
    patients: HashMap<Box<str>, Vec<Slot>>,
    accessions: HashMap<Box<str>, Vec<Slot>>,
    studies: HashMap<Box<str>, Vec<Slot>>,
    names: BTreeMap<Box<str>, Vec<Slot>>,
    stations: HashMap<Box<str>, Slots>,
    modalities: HashMap<Box<str>, Slots>,
    starts: Slots,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Index({} entries)", self.ids.len())
    }
}

impl Worklist {
    /// An empty worklist for devices of these character sets.
    pub fn new(charsets: impl IntoIterator<Item = Charset>) -> Worklist {
        let mut charsets: Vec<Charset> = charsets.into_iter().collect();
        charsets.sort();
        charsets.dedup();
        Worklist { charsets, inner: RwLock::default() }
    }

    /// Whether entries are coded for this set.
    pub fn covers(&self, charset: Charset) -> bool {
        charset == Charset::Utf8 || self.charsets.contains(&charset)
    }

    /// Takes an entry in, in place of one with the same id. From the return on every query sees
    /// it. Tells the character sets that cannot hold it: a person must know that those scanners
    /// do not get the entry.
    ///
    /// # Errors
    /// [`EntryError`]; an entry of that id stays as it was.
    pub fn put(&self, entry: &Entry) -> Result<Vec<Unwritable>, EntryError> {
        let set = entry.data_set()?;
        let mut unwritable = Vec::new();
        let item = Item::new(entry, &set, &self.charsets, |charset, tag: Tag| {
            unwritable.push(Unwritable { charset, field: name(tag) });
        })?;
        let mut index = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        index.put(item)?;
        Ok(unwritable)
    }

    /// Takes an entry out; whether it was there.
    pub fn remove(&self, id: &str) -> bool {
        let mut index = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        index.remove(id)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).ids.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What matches a query, as of now.
    pub fn find(&self, query: &Query, view: View<'_>) -> Found {
        let index = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let names_status = query.names_status();
        let mut found = Found::default();
        index.candidates(query, &mut |item: &Arc<Item>| {
            let listed = (names_status || item.waiting)
                && view.only.is_none_or(|title| item.is_on(title))
                && item.matches(query);
            if listed && item.is_writable(view.charset) {
                found.items.push(Arc::clone(item));
            } else if listed {
                found.unwritable += 1;
            }
        });
        drop(index);
        found.items.sort_unstable_by_key(|item| (item.start, item.slot));
        found.items.dedup_by_key(|item| item.slot);
        found.more = found.items.len() > view.limit;
        found.items.truncate(view.limit);
        found
    }
}

impl Index {
    fn put(&mut self, mut item: Item) -> Result<(), EntryError> {
        if !self.ids.contains_key(&item.id) && self.ids.len() >= MAX_ENTRIES {
            return Err(EntryError::Full);
        }
        let id = item.id.clone();
        self.remove(&id);
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.slots.push(None);
                u32::try_from(self.slots.len() - 1).map_err(|_| EntryError::Full)?
            }
        };
        item.slot = slot;
        let item = Arc::new(item);
        self.link(&item);
        self.ids.insert(id, slot);
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = Some(item);
        }
        Ok(())
    }

    fn link(&mut self, item: &Item) {
        let (slot, timed) = (item.slot, (item.start, item.slot));
        let root = &item.utf8;
        let texts = [
            (&mut self.patients, tags::PATIENT_ID),
            (&mut self.accessions, tags::ACCESSION_NUMBER),
            (&mut self.studies, tags::STUDY_INSTANCE_UID),
        ];
        for (map, tag) in texts {
            if let Some(text) = root.text(tag) {
                map.entry(text.into()).or_default().push(slot);
            }
        }
        for name in &item.names {
            self.names.entry(name.as_str().into()).or_default().push(slot);
        }
        for station in &item.stations {
            self.stations.entry(station.clone()).or_default().insert(timed);
        }
        self.modalities.entry(item.modality.clone()).or_default().insert(timed);
        self.starts.insert(timed);
    }

    fn remove(&mut self, id: &str) -> bool {
        let Some(slot) = self.ids.remove(id) else { return false };
        let Some(item) = self.slots.get_mut(slot as usize).and_then(Option::take) else {
            return false;
        };
        let timed = (item.start, slot);
        let texts = [
            (&mut self.patients, tags::PATIENT_ID),
            (&mut self.accessions, tags::ACCESSION_NUMBER),
            (&mut self.studies, tags::STUDY_INSTANCE_UID),
        ];
        for (map, tag) in texts {
            let Some(text) = item.utf8.text(tag) else { continue };
            if let Some(slots) = map.get_mut(text) {
                slots.retain(|known| *known != slot);
                if slots.is_empty() {
                    map.remove(text);
                }
            }
        }
        for name in &item.names {
            let Some(slots) = self.names.get_mut(name.as_str()) else { continue };
            slots.retain(|known| *known != slot);
            if slots.is_empty() {
                self.names.remove(name.as_str());
            }
        }
        for station in &item.stations {
            unlink(&mut self.stations, station, timed);
        }
        unlink(&mut self.modalities, &item.modality, timed);
        self.starts.remove(&timed);
        self.free.push(slot);
        true
    }

    fn visit<'a>(
        &self,
        slots: impl IntoIterator<Item = &'a Slot>,
        each: &mut dyn FnMut(&Arc<Item>),
    ) {
        for slot in slots {
            if let Some(Some(item)) = self.slots.get(*slot as usize) {
                each(item);
            }
        }
    }

    /// Visits every entry that may match, by the narrowest index there is.
    fn candidates(&self, query: &Query, each: &mut dyn FnMut(&Arc<Item>)) {
        if let Some(id) = Query::exact(&query.root, tags::PATIENT_ID) {
            return self.visit(self.patients.get(id).into_iter().flatten(), each);
        }
        if let Some(number) = Query::exact(&query.root, tags::ACCESSION_NUMBER) {
            return self.visit(self.accessions.get(number).into_iter().flatten(), each);
        }
        for condition in &query.root {
            match &condition.test {
                Test::Uids(uids) if condition.tag == tags::STUDY_INSTANCE_UID => {
                    let slots = uids.iter().filter_map(|uid| self.studies.get(uid.as_str()));
                    return self.visit(slots.flatten(), each);
                }
                Test::Name(groups) if condition.tag == tags::PATIENT_NAME => {
                    // Of several groups every one must match, so that one of them finds all.
                    let Some(pattern) = groups.iter().flatten().next() else { continue };
                    let prefix = pattern.prefix();
                    let bounds = (Bound::Included(prefix), Bound::Unbounded);
                    let named = self.names.range::<str, _>(bounds);
                    let named = named.take_while(|(name, _)| name.starts_with(prefix));
                    let named = named.filter(|(name, _)| pattern.matches(name));
                    return self.visit(named.flat_map(|(_, slots)| slots), each);
                }
                _ => {}
            }
        }
        let empty = Slots::new();
        let station = Query::exact(&query.step, tags::SCHEDULED_STATION_AE_TITLE);
        let modality = Query::exact(&query.step, tags::MODALITY);
        let timed = match (station, modality) {
            (Some(title), _) => self.stations.get(title).unwrap_or(&empty),
            (None, Some(kind)) => self.modalities.get(kind).unwrap_or(&empty),
            (None, None) => &self.starts,
        };
        let window = &query.window;
        if window.is_open() {
            return self.visit(timed.iter().map(|(_, slot)| slot), each);
        }
        let from = (window.from.unwrap_or((0, 0)), 0);
        let to = (window.to.unwrap_or((u32::MAX, 0)), u32::MAX);
        if from <= to {
            self.visit(timed.range(from..=to).map(|(_, slot)| slot), each);
        }
    }
}

fn unlink(map: &mut HashMap<Box<str>, Slots>, key: &str, timed: (Moment, Slot)) {
    if let Some(slots) = map.get_mut(key) {
        slots.remove(&timed);
        if slots.is_empty() {
            map.remove(key);
        }
    }
}

impl Item {
    /// Whether the step is scheduled on this AE title.
    pub(crate) fn is_on(&self, title: &str) -> bool {
        self.stations.iter().any(|station| **station == *title)
    }

    fn matches(&self, query: &Query) -> bool {
        let root: &Coded = &self.utf8;
        query.window.holds(self.start)
            && query.root.iter().all(|condition| match &condition.test {
                Test::Name(groups) if condition.tag == tags::PATIENT_NAME => {
                    crate::coded::name_matches(groups, &self.names)
                }
                _ => root.root().holds(root, condition),
            })
            && root
                .step()
                .is_some_and(|step| query.step.iter().all(|condition| step.holds(root, condition)))
    }
}
