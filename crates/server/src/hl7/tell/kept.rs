//! What a receiver was told of an order, as the record keeps it: each message whole before it is
//! sent, and what became of it. After a crash the very same bytes go out again.

use std::collections::VecDeque;

use cauda_pathway::identity::Actor;
use cauda_store::{Note, Record, StreamName};
use serde::{Deserialize, Serialize};

use super::message::{Last, Stage, Step};
use crate::{ServerError, ids, streams};

/// Version of the form of what was told.
pub const VERSION: u32 = 1;
/// Most bytes of a message; in hexadecimal they are two thirds of an event.
pub const MESSAGE_BYTES_MAX: usize = 20_000;
/// Orders of which a receiver has still to be told something, by receiver and order.
pub const TOLD_OPEN: &str = "told_open";
/// What was told of a patient, by the number there or by the order, for whoever asks for a
/// patient's data.
pub const TOLD_OF: &str = "told_of";
/// Characters of a control id: 80 bits, in the 20 characters of MSH-10.
const CONTROL_ID_CHARACTERS: usize = 20;

/// What happened.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A message is to be sent.
    Queued(Queued),
    /// Something was to be told, and cannot be written: a person has to look.
    Unwritable {
        version: u32,
        at: i64,
        step: Step,
        content: String,
        start: Option<i64>,
        of: Vec<String>,
        why: String,
    },
    /// The receiver took a message, or a person has to look at it.
    Settled { at: i64, number: u32, taken: bool },
    /// A person wants it sent again as it is.
    Again { at: i64, by: Actor },
    /// A person wants told what was not taken, as it is now.
    Anew { at: i64, by: Actor },
    /// It came to its end, and nothing of it was ever taken: there is nothing to take back.
    Over { at: i64 },
}

/// A message on its way.
#[derive(Clone, Serialize, Deserialize)]
pub struct Queued {
    /// Version of its form.
    pub version: u32,
    /// When it was written.
    pub at: i64,
    /// The how-many-th about this order, from 1.
    pub number: u32,
    /// What it tells.
    pub step: Step,
    /// What was kept of the content.
    pub content: String,
    /// Not before when.
    pub start: Option<i64>,
    /// The patient's number and the order, as they are looked for.
    pub of: Vec<String>,
    /// Its bytes in hexadecimal.
    pub message: String,
}

/// What a receiver was told of an order.
#[derive(Clone, Default)]
pub struct Told {
    /// Events of its stream.
    pub events: u64,
    /// As of the latest message, sent or not.
    pub last: Option<Last>,
    /// As of the latest message that was taken.
    taken: Option<Last>,
    /// Messages that were written so far.
    pub number: u32,
    /// Those that wait, the oldest first.
    pub waiting: VecDeque<Queued>,
    /// The latest of all.
    latest: Option<Queued>,
    /// Keys by which a patient's data is looked for.
    of: Vec<String>,
}

impl Told {
    /// Takes an event.
    pub fn apply(&mut self, event: Event) {
        self.events += 1;
        match event {
            Event::Queued(queued) => {
                self.number = queued.number;
                self.last = Some(self.after(queued.step, &queued.content, queued.start));
                self.of.extend(queued.of.clone());
                self.latest = Some(queued.clone());
                self.waiting.push_back(queued);
            }
            Event::Unwritable { step, content, start, of, .. } => {
                self.last = Some(self.after(step, &content, start));
                self.of.extend(of);
                self.latest = None;
            }
            Event::Settled { number, taken, .. } => {
                let at = self.waiting.iter().position(|one| one.number == number);
                let settled = at.and_then(|at| self.waiting.remove(at));
                if let Some(one) = settled.filter(|_| taken) {
                    let before = self.taken.as_ref().map(|taken| taken.stage);
                    let stage = one.step.stage(before);
                    self.taken = Some(Last { stage, content: one.content, start: one.start });
                }
            }
            Event::Again { .. } => self.waiting.extend(self.latest.clone()),
            Event::Anew { .. } => self.last = self.taken.clone(),
            Event::Over { .. } => {
                if let Some(last) = &mut self.last {
                    last.stage = Stage::Gone;
                }
            }
        }
        self.of.sort();
        self.of.dedup();
    }

    fn after(&self, step: Step, content: &str, start: Option<i64>) -> Last {
        let stage = step.stage(self.last.as_ref().map(|last| last.stage));
        Last { stage, content: content.to_string(), start }
    }

    /// Whether the receiver knows nothing of the order: all that was told of it was refused.
    pub fn is_unheard(&self) -> bool {
        self.taken.is_none() && self.waiting.is_empty()
    }

    /// Whether the message of that number is the latest that was written.
    pub fn is_latest(&self, number: u32) -> bool {
        self.latest.as_ref().is_some_and(|latest| latest.number == number)
    }

    /// Whether there is nothing more to tell, as far as is known.
    pub fn is_over(&self) -> bool {
        let last = self.last.as_ref().is_none_or(|last: &Last| last.stage.is_last());
        last && self.waiting.is_empty()
    }

    /// What the notes say of it: whether it is open, and whose it is.
    pub fn notes(&self, receiver: &str, order: &str, stream: &StreamName) -> Vec<Note> {
        let note = |list: &str, key: String, value: Option<String>| Note {
            list: list.to_string(),
            key,
            stream: stream.clone(),
            value,
            sole: false,
        };
        let open = (!self.is_over()).then(String::new);
        let mut notes = vec![note(TOLD_OPEN, format!("{receiver}/{order}"), open)];
        for key in self.of.iter().filter(|key| !key.is_empty() && key.len() < 100) {
            let key = format!("{key}/{order}.{receiver}");
            notes.push(note(TOLD_OF, key, Some(String::new())));
        }
        notes
    }
}

impl Queued {
    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        bytes_of(&self.message)
    }
}

/// The stream of what a receiver was told of an order.
///
/// # Errors
/// Never for a receiver and an order of ours, whose names are short and plain.
pub fn stream_of(receiver: &str, order: &str) -> Result<StreamName, ServerError> {
    Ok(StreamName::new(format!("told/{order}.{receiver}"))?)
}

/// What a receiver was told of an order so far.
///
/// # Errors
/// As the record's.
pub async fn read(record: &Record, receiver: &str, order: &str) -> Result<Told, ServerError> {
    let stream = stream_of(receiver, order)?;
    let mut told = Told::default();
    let events: Vec<Event> = streams::all(record, &stream).await?;
    events.into_iter().for_each(|event| told.apply(event));
    // Of what was erased nothing is told any more, and what comes next has its place behind it.
    told.events = record.sequence(&stream).await?;
    Ok(told)
}

/// The control id of a message: the same whenever it is sent, and no other's.
pub fn control_id(receiver: &str, order: &str, number: u32) -> String {
    let all = ids::kept(&format!("told {receiver} {order} {number}"));
    all.chars().take(CONTROL_ID_CHARACTERS).collect()
}

/// What a row of the log adds to the notes, for making them anew.
///
/// # Errors
/// As the record's.
pub async fn notes(record: &Record, row: &cauda_store::Event) -> Result<Vec<Note>, ServerError> {
    let stream = StreamName::new(row.stream.clone())?;
    let of = row.stream.split_once('/').and_then(|(_, of)| of.rsplit_once('.'));
    let Some((order, receiver)) = of else { return Ok(Vec::new()) };
    if record.sequence(&stream).await? != row.sequence {
        return Ok(Vec::new());
    }
    Ok(read(record, receiver, order).await?.notes(receiver, order, &stream))
}

/// Bytes as hexadecimal digits.
pub fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hexadecimal digits as bytes.
pub fn bytes_of(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks_exact(2);
    let pairs = pairs.filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}
