//! A worklist query read from its identifier: what to match and what to return (PS3.4 annex K).

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use crate::charset::Charset;
use crate::command::status;
use crate::dataset::{DataSet, Element, Syntax, Value, known_vr};
use crate::keys::{self, Matching, Place, Return};
use crate::names::{Pattern, fold};
use crate::values::name;
use crate::when::{DAY, Moment, Span, dates, times};

/// Bytes of one identifier; real ones have about one thousand.
pub const MAX_IDENTIFIER: usize = 64 * 1024;
/// UIDs of one list.
pub const MAX_UIDS: usize = 256;
/// Remarks that one query may cause.
const MAX_NOTES: usize = 8;

/// How a device's queries are read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// The set of the device, for text beyond ASCII that declares none.
    pub charset: Charset,
    /// Whether a name without wildcards is taken as the beginning of one.
    pub append_star: bool,
}

/// Why a query is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// The status of the response.
    pub status: u16,
    /// The elements at fault.
    pub offending: Vec<Tag>,
    /// The fault in words, without the value.
    pub comment: String,
}

/// What is returned of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Inner {
    All,
    Some(Vec<Asked>),
}

/// A key that is returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) tag: Tag,
    pub(crate) vr: VR,
    pub(crate) returned: Return,
    pub(crate) inner: Option<Inner>,
}

#[derive(Clone)]
pub(crate) enum Test {
    Text(Pattern),
    /// The component groups; of one group any may match.
    Name(Vec<Option<Pattern>>),
    Uids(Vec<String>),
    Days(Span<u32>),
    Within(Vec<Condition>),
}

#[derive(Clone)]
pub(crate) struct Condition {
    pub(crate) tag: Tag,
    pub(crate) test: Test,
}

/// When the step must start. Two ranges are one interval (PS3.4 §K.2.2.1.1): from the first day's
/// first time to the last day's last time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    pub(crate) from: Option<Moment>,
    pub(crate) to: Option<Moment>,
    time: Option<Span<u64>>,
}

impl Window {
    fn of(days: Option<Span<u32>>, time: Option<Span<u64>>) -> Window {
        let Some(days) = days else { return Window { time, ..Window::default() } };
        let apart =
            Window { from: days.from.map(|day| (day, 0)), to: days.to.map(|day| (day, DAY)), time };
        let Some(time) = time.filter(|time| time.range && days.range) else { return apart };
        // A bound of the time belongs to a bound of the days; without one they are two ranges.
        if time.from.is_some() && days.from.is_none() || time.to.is_some() && days.to.is_none() {
            return apart;
        }
        Window {
            from: days.from.map(|day| (day, time.from.unwrap_or(0))),
            to: days.to.map(|day| (day, time.to.unwrap_or(DAY))),
            time: None,
        }
    }

    pub(crate) fn holds(&self, start: Moment) -> bool {
        self.from.is_none_or(|from| from <= start)
            && self.to.is_none_or(|to| start <= to)
            && self.time.as_ref().is_none_or(|time| time.holds(&start.1))
    }

    pub(crate) fn is_open(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }
}

/// A query that can be answered.
#[derive(Clone)]
pub struct Query {
    pub(crate) asked: Vec<Asked>,
    pub(crate) root: Vec<Condition>,
    pub(crate) step: Vec<Condition>,
    pub(crate) window: Window,
    warned: bool,
    notes: Vec<String>,
}

// A query holds the name that was typed: nothing of it may reach a log.
impl std::fmt::Debug for Query {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Query({} keys)", self.asked.len())
    }
}

impl Query {
    /// Reads an identifier.
    ///
    /// # Errors
    /// [`QueryError`] with the status that tells the scanner what is wrong.
    pub fn read(bytes: &[u8], syntax: Syntax, reading: Reading) -> Result<Query, QueryError> {
        let unread = |comment: String| {
            let (status, offending) = (status::UNABLE_TO_PROCESS, Vec::new());
            QueryError { status, offending, comment }
        };
        if bytes.len() > MAX_IDENTIFIER {
            return Err(unread("the identifier is too large".to_string()));
        }
        let set = DataSet::read(bytes, syntax).map_err(|error| unread(error.to_string()))?;
        Query::of(&set, reading)
    }

    /// The same of a data set.
    ///
    /// # Errors
    /// [`QueryError`] with the status that tells the scanner what is wrong.
    pub fn of(set: &DataSet, reading: Reading) -> Result<Query, QueryError> {
        let mut reader = Reader::new(set, reading);
        let mut root = Vec::new();
        let asked = reader.keys(set, Place::Root, &mut root)?;
        if asked.is_empty() && !reader.warned {
            return Err(mismatch(&[], "the identifier has no keys"));
        }
        let Reader { step, days, time, warned, notes, .. } = reader;
        Ok(Query { asked, root, step, window: Window::of(days, time), warned, notes })
    }

    /// Whether a key was given that is not supported, so that matches are pending with 0xFF01.
    pub fn is_warned(&self) -> bool {
        self.warned
    }

    /// What an installer should know about this query, in words and without its values.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The whole value that this key must have, if the query gives one without wildcards.
    pub(crate) fn exact(conditions: &[Condition], tag: Tag) -> Option<&str> {
        conditions.iter().find(|condition| condition.tag == tag).and_then(|condition| {
            match &condition.test {
                Test::Text(pattern) => pattern.exact(),
                _ => None,
            }
        })
    }

    /// Whether the query names a status of the step.
    pub(crate) fn names_status(&self) -> bool {
        let status = tags::SCHEDULED_PROCEDURE_STEP_STATUS;
        self.step.iter().any(|condition| condition.tag == status)
    }
}

struct Reader {
    charset: Option<Charset>,
    reading: Reading,
    step: Vec<Condition>,
    days: Option<Span<u32>>,
    time: Option<Span<u64>>,
    warned: bool,
    notes: Vec<String>,
}

impl Reader {
    fn new(set: &DataSet, reading: Reading) -> Reader {
        let term = set.ascii(tags::SPECIFIC_CHARACTER_SET);
        let charset = if term.is_empty() { None } else { Charset::of(term) };
        let (step, days, time, notes) = (Vec::new(), None, None, Vec::new());
        Reader { charset, reading, step, days, time, warned: false, notes }
    }

    fn note(&mut self, note: String) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(note);
        }
    }

    fn keys(
        &mut self,
        set: &DataSet,
        place: Place,
        conditions: &mut Vec<Condition>,
    ) -> Result<Vec<Asked>, QueryError> {
        let mut asked = Vec::new();
        for element in set.elements() {
            let tag = element.tag;
            if place == Place::Root && is_beside(tag) {
                continue;
            }
            let Some(key) = keys::find(place, tag) else {
                self.unsupported(place, tag);
                continue;
            };
            let mut answer = Asked { tag, vr: known_vr(tag), returned: key.returned, inner: None };
            match (&element.value, key.matching) {
                (Value::Items(items), Matching::Sequence) => {
                    answer.inner = Some(self.sequence(tag, items, conditions)?);
                }
                (Value::Bytes(bytes), Matching::Sequence) if bytes.is_empty() => {
                    answer.inner = Some(Inner::All);
                }
                (Value::Bytes(bytes), matching) if matching != Matching::Sequence => {
                    self.value(place, element, bytes, matching, conditions)?;
                }
                _ => {
                    return Err(mismatch(
                        &[tag],
                        "a sequence and a value were taken for each other",
                    ));
                }
            }
            asked.push(answer);
        }
        Ok(asked)
    }

    fn sequence(
        &mut self,
        tag: Tag,
        items: &[DataSet],
        conditions: &mut Vec<Condition>,
    ) -> Result<Inner, QueryError> {
        let item = match items {
            [] => return Ok(Inner::All),
            [item] if item.elements().is_empty() => return Ok(Inner::All),
            [item] => item,
            _ => return Err(mismatch(&[tag], "a sequence in a query has one item")),
        };
        let mut within = Vec::new();
        let place = keys::within(tag);
        let asked = self.keys(item, place, &mut within)?;
        match place {
            Place::Step => self.step = within,
            Place::Reference if !within.is_empty() => {
                // None are kept, so that none could be compared.
                self.warned = true;
            }
            _ if within.is_empty() => {}
            _ => conditions.push(Condition { tag, test: Test::Within(within) }),
        }
        Ok(Inner::Some(asked))
    }

    fn unsupported(&mut self, place: Place, tag: Tag) {
        self.warned = true;
        if place == Place::Root && keys::find(Place::Step, tag).is_some() {
            self.note(format!(
                "{} stands beside the Scheduled Procedure Step Sequence and is not regarded; it \
                 belongs into its item",
                name(tag)
            ));
        }
    }

    fn value(
        &mut self,
        place: Place,
        element: &Element,
        bytes: &[u8],
        matching: Matching,
        conditions: &mut Vec<Condition>,
    ) -> Result<(), QueryError> {
        let tag = element.tag;
        let text = self.text(bytes);
        let text = text.trim_matches([' ', '\0']);
        // `*` alone is universal for every key: no station and no patient is called that.
        if text.is_empty() || text.chars().all(|letter| letter == '*') {
            return Ok(());
        }
        if matching != Matching::Uid && text.contains('\\') && known_vr(tag) != VR::LT {
            return Err(mismatch(&[tag], &format!("{} has more than one value", name(tag))));
        }
        let test = match matching {
            Matching::Single => Test::Text(Pattern::literal(text)),
            Matching::Text => Test::Text(Pattern::new(text.to_string())),
            Matching::Name => match self.name(text) {
                groups if groups.iter().all(Option::is_none) => return Ok(()),
                groups => Test::Name(groups),
            },
            Matching::Uid => {
                let uids: Vec<String> =
                    text.split('\\').map(|uid| uid.trim_matches([' ', '\0']).to_string()).collect();
                if uids.len() > MAX_UIDS {
                    return Err(mismatch(&[tag], &format!("{} lists too many", name(tag))));
                }
                Test::Uids(uids)
            }
            Matching::Date => {
                let days = dates(text).ok_or_else(|| ill_formed(tag, "yyyymmdd"))?;
                if place == Place::Step {
                    self.days = Some(days);
                    return Ok(());
                }
                Test::Days(days)
            }
            Matching::Time => {
                self.time = Some(times(text).ok_or_else(|| ill_formed(tag, "hhmmss"))?);
                return Ok(());
            }
            Matching::No | Matching::Sequence => {
                self.warned = true;
                return Ok(());
            }
        };
        conditions.push(Condition { tag, test });
        Ok(())
    }

    fn text(&self, bytes: &[u8]) -> String {
        match (self.charset, std::str::from_utf8(bytes)) {
            (Some(charset), _) => charset.decode(bytes),
            (None, Ok(text)) => text.to_string(),
            (None, Err(_)) => self.reading.charset.decode(bytes),
        }
    }

    fn name(&self, text: &str) -> Vec<Option<Pattern>> {
        text.split('=')
            .take(3)
            .map(|group| {
                let mut folded = fold(group);
                if folded.is_empty() || folded.chars().all(|letter| letter == '*') {
                    return None;
                }
                if self.reading.append_star && !folded.contains(['*', '?']) {
                    folded.push('*');
                }
                Some(Pattern::new(folded))
            })
            .collect()
    }
}

/// Elements that are no keys: the character set, and a level that worklist queries do not have
/// but some scanners send.
fn is_beside(tag: Tag) -> bool {
    [tags::SPECIFIC_CHARACTER_SET, tags::QUERY_RETRIEVE_LEVEL].contains(&tag)
}

fn mismatch(offending: &[Tag], comment: &str) -> QueryError {
    QueryError {
        status: status::IDENTIFIER_MISMATCH,
        offending: offending.to_vec(),
        comment: comment.to_string(),
    }
}

fn ill_formed(tag: Tag, form: &str) -> QueryError {
    mismatch(&[tag], &format!("{} is not {form}", short(tag)))
}

/// A keyword that leaves room for the rest of an Error Comment.
fn short(tag: Tag) -> &'static str {
    match tag {
        tags::SCHEDULED_PROCEDURE_STEP_START_DATE => "SPS start date",
        tags::SCHEDULED_PROCEDURE_STEP_START_TIME => "SPS start time",
        other => name(other),
    }
}
