//! An entry coded once for each character set: its values in one block of bytes, its elements as
//! places in it. An answer copies the values that were asked for and writes headers around them.

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use crate::charset::Charset;
use crate::dataset::{DataSet, Syntax, Value, write_element, write_item, write_sequence};
use crate::entry::Entry;
use crate::error::EntryError;
use crate::keys::Return;
use crate::names::{Pattern, groups};
use crate::query::{Asked, Condition, Inner, Query, Test};
use crate::when::{Moment, moment};

/// An element: its value is `start..end` of the block, or its items.
#[derive(Clone)]
struct Part {
    tag: Tag,
    vr: VR,
    start: u32,
    end: u32,
    items: Option<Box<[Parts]>>,
}

/// The elements of a data set in ascending order.
#[derive(Clone)]
pub(crate) struct Parts(Box<[Part]>);

/// A data set in one character set.
#[derive(Clone)]
pub(crate) struct Coded {
    bytes: Box<[u8]>,
    root: Parts,
}

/// An entry as the index keeps it.
pub struct Item {
    pub(crate) id: Box<str>,
    pub(crate) slot: u32,
    pub(crate) start: Moment,
    pub(crate) stations: Box<[Box<str>]>,
    pub(crate) modality: Box<str>,
    /// The groups of the patient's name as they are compared.
    pub(crate) names: Box<[String]>,
    pub(crate) waiting: bool,
    pub(crate) utf8: Coded,
    ascii: bool,
    /// In the other sets; `None` where a letter is missing.
    others: Box<[(Charset, Option<Coded>)]>,
}

impl std::fmt::Debug for Item {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Item({})", self.slot)
    }
}

impl Item {
    /// Codes an entry; `unwritable` hears of every set that cannot hold it and the element.
    pub(crate) fn new(
        entry: &Entry,
        set: &DataSet,
        charsets: &[Charset],
        mut unwritable: impl FnMut(Charset, Tag),
    ) -> Result<Item, EntryError> {
        let utf8 = Coded::new(set, Charset::Utf8).map_err(|_| EntryError::Id)?;
        let ascii = utf8.bytes.is_ascii();
        let mut others = Vec::new();
        if !ascii {
            for charset in charsets.iter().filter(|set| **set != Charset::Utf8) {
                let coded = Coded::new(set, *charset);
                if let Err(tag) = coded {
                    unwritable(*charset, tag);
                }
                others.push((*charset, coded.ok()));
            }
        }
        let step = &entry.step;
        Ok(Item {
            id: entry.id.as_str().into(),
            slot: 0,
            start: step.start.map(moment).unwrap_or_default(),
            stations: step.station_ae_titles.iter().map(|title| title.trim().into()).collect(),
            modality: step.modality.trim().into(),
            names: groups(&entry.patient.name).into(),
            waiting: step.status.is_waiting(),
            utf8,
            ascii,
            others: others.into(),
        })
    }

    /// The department's own name for the entry.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn is_writable(&self, charset: Charset) -> bool {
        self.coded(charset).is_some()
    }

    fn coded(&self, charset: Charset) -> Option<&Coded> {
        if self.ascii || charset == Charset::Utf8 {
            return Some(&self.utf8);
        }
        self.others.iter().find(|(set, _)| *set == charset).and_then(|(_, coded)| coded.as_ref())
    }

    /// Appends the answer to a query; whether the set of the device can hold it.
    pub fn answer(
        &self,
        query: &Query,
        charset: Charset,
        syntax: Syntax,
        out: &mut Vec<u8>,
    ) -> bool {
        let Some(coded) = self.coded(charset) else { return false };
        if !self.ascii {
            let (tag, term) = (tags::SPECIFIC_CHARACTER_SET, charset.term());
            write_element(out, syntax, tag, VR::CS, term.as_bytes());
        }
        coded.root.answer(&coded.bytes, &query.asked, syntax, out);
        true
    }
}

impl Coded {
    fn new(set: &DataSet, charset: Charset) -> Result<Coded, Tag> {
        let mut bytes = Vec::with_capacity(512);
        let root = Parts::new(set, charset, &mut bytes)?;
        Ok(Coded { bytes: bytes.into(), root })
    }

    pub(crate) fn root(&self) -> &Parts {
        &self.root
    }

    /// The item of the Scheduled Procedure Step Sequence.
    pub(crate) fn step(&self) -> Option<&Parts> {
        self.root.get(tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE)?.items.as_deref()?.first()
    }

    /// A value of the root as text.
    pub(crate) fn text(&self, tag: Tag) -> Option<&str> {
        text(&self.bytes, self.root.get(tag)?)
    }
}

impl Parts {
    fn new(set: &DataSet, charset: Charset, bytes: &mut Vec<u8>) -> Result<Parts, Tag> {
        let mut parts = Vec::with_capacity(set.elements().len());
        for element in set.elements() {
            let (tag, vr) = (element.tag, element.vr);
            let start = at(bytes);
            let items = match &element.value {
                Value::Bytes(value) => {
                    append(bytes, value, vr, charset).ok_or(tag)?;
                    None
                }
                Value::Items(items) => {
                    let coded = items.iter().map(|item| Parts::new(item, charset, bytes));
                    Some(coded.collect::<Result<Box<[Parts]>, Tag>>()?)
                }
            };
            parts.push(Part { tag, vr, start, end: at(bytes), items });
        }
        Ok(Parts(parts.into()))
    }

    fn get(&self, tag: Tag) -> Option<&Part> {
        let at = self.0.binary_search_by_key(&tag, |part| part.tag).ok()?;
        self.0.get(at)
    }

    /// Whether the values, which are UTF-8, meet a condition. A value that is not there meets none.
    pub(crate) fn holds(&self, coded: &Coded, condition: &Condition) -> bool {
        let Some(part) = self.get(condition.tag) else { return false };
        match &condition.test {
            Test::Within(conditions) => part
                .items
                .iter()
                .flatten()
                .any(|item| conditions.iter().all(|condition| item.holds(coded, condition))),
            test => text(&coded.bytes, part).is_some_and(|text| {
                if part.vr == VR::LT {
                    return value_holds(test, text);
                }
                text.split('\\').any(|value| value_holds(test, value))
            }),
        }
    }

    fn answer(&self, bytes: &[u8], asked: &[Asked], syntax: Syntax, out: &mut Vec<u8>) {
        for key in asked {
            match (self.get(key.tag), &key.inner) {
                (Some(part), Some(Inner::Some(within))) => {
                    write_sequence(out, syntax, key.tag, |out| {
                        for item in part.items.iter().flatten() {
                            write_item(out, |out| item.answer(bytes, within, syntax, out));
                        }
                    });
                }
                (Some(part), _) => part.write(bytes, syntax, out),
                (None, _) if key.returned == Return::IfKnown => {}
                (None, Some(_)) => write_sequence(out, syntax, key.tag, |_| {}),
                (None, None) => write_element(out, syntax, key.tag, key.vr, &[]),
            }
        }
    }
}

impl Part {
    fn write(&self, bytes: &[u8], syntax: Syntax, out: &mut Vec<u8>) {
        match &self.items {
            None => write_element(out, syntax, self.tag, self.vr, slice(bytes, self)),
            Some(items) => write_sequence(out, syntax, self.tag, |out| {
                for item in items {
                    write_item(out, |out| {
                        for part in &item.0 {
                            part.write(bytes, syntax, out);
                        }
                    });
                }
            }),
        }
    }
}

fn at(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

fn slice<'a>(bytes: &'a [u8], part: &Part) -> &'a [u8] {
    bytes.get(part.start as usize..part.end as usize).unwrap_or_default()
}

fn text<'a>(bytes: &'a [u8], part: &Part) -> Option<&'a str> {
    if part.items.is_some() { None } else { std::str::from_utf8(slice(bytes, part)).ok() }
}

fn append(bytes: &mut Vec<u8>, value: &[u8], vr: VR, charset: Charset) -> Option<()> {
    let is_text = matches!(vr, VR::SH | VR::LO | VR::ST | VR::LT | VR::PN | VR::UC | VR::UT);
    if charset == Charset::Utf8 || !is_text {
        bytes.extend_from_slice(value);
        return Some(());
    }
    bytes.extend_from_slice(&charset.encode(std::str::from_utf8(value).ok()?)?);
    Some(())
}

fn value_holds(test: &Test, value: &str) -> bool {
    match test {
        Test::Text(pattern) => pattern.matches(value),
        Test::Name(patterns) => name_matches(patterns, &groups(value)),
        Test::Uids(uids) => uids.iter().any(|uid| uid == value),
        Test::Days(days) => crate::when::date(value).is_some_and(|day| days.holds(&day)),
        Test::Within(_) => false,
    }
}

/// One group matches any group of the name; several match theirs.
pub(crate) fn name_matches(patterns: &[Option<Pattern>], names: &[String]) -> bool {
    match patterns {
        [Some(pattern)] => names.iter().any(|name| pattern.matches(name)),
        patterns => patterns.iter().enumerate().all(|(at, pattern)| {
            pattern
                .as_ref()
                .is_none_or(|pattern| names.get(at).is_some_and(|name| pattern.matches(name)))
        }),
    }
}
