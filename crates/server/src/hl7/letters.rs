//! Messages that were refused: kept whole, for a person to look at, to try again or to close.

use cauda_hl7::{DeadLetter, Verdict};
use cauda_pathway::identity::{Actor, Text};
use cauda_store::{Append, Expected, NewEvent, Note, Record, StreamAppend, StreamName};
use serde::{Deserialize, Serialize};

use crate::{ServerError, ids, streams};

/// Version of the form of a letter.
const VERSION: u32 = 1;
/// Letters that nobody has closed, by the moment they came first.
const OPEN_LETTER: &str = "open_letter";
/// Letters by the patient's number, for whoever asks for a patient's data.
pub const LETTER_OF: &str = "letter_of";
/// Bytes of a part; in hexadecimal they are half an event.
const PART_BYTES: usize = 15_000;
/// Most bytes that are kept; more than any message that is read.
const KEPT_BYTES_MAX: usize = 400_000;
/// Most letters that are listed.
const LISTED_MAX: usize = 200;

/// What happened to a letter.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Event {
    /// It was refused. What it says follows in parts.
    Refused {
        version: u32,
        at: i64,
        peer: String,
        sender: String,
        kind: String,
        control_id: String,
        comes_again: bool,
        code: String,
        place: Option<String>,
        why: String,
        bytes: usize,
        /// Of a message of ours: to whom, and about what.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<To>,
    },
    /// A part of its bytes, in hexadecimal: it may be in any character set, or in none.
    Part { hex: String },
    /// Somebody closed it, or it was taken after all.
    Closed { at: i64, by: Actor, reason: Text },
}

/// A message of ours: to which receiver, about which order, the how-many-th; no number if it could
/// not be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct To {
    /// The receiver's name in the settings.
    pub receiver: String,
    /// The order on the board.
    pub order: String,
    /// The how-many-th message about it.
    pub number: Option<u32>,
}

/// A message that was refused, about to be kept.
pub struct Refusal<'a> {
    /// Its id.
    pub id: String,
    /// From where it came, or where it went.
    pub peer: String,
    /// Application and facility that sent it.
    pub sender: String,
    /// `ORM^O01`
    pub kind: String,
    /// Its control id.
    pub control_id: String,
    /// Its sender was asked to send it again.
    pub comes_again: bool,
    /// The kind of error.
    pub code: String,
    /// Where in the message.
    pub place: Option<String>,
    /// Why.
    pub why: String,
    /// Its bytes.
    pub raw: &'a [u8],
    /// Of a message of ours, what it was.
    pub to: Option<To>,
    /// By what it is found for who asks for a patient's data.
    pub of: Vec<String>,
}

/// What is to be done about a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Life {
    /// Somebody has to look.
    Open,
    /// Done with, when, by whom, and why.
    Closed(i64, Actor, String),
}

/// A message that was refused.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Its id.
    pub id: String,
    /// When it came last.
    pub at: i64,
    /// How often it came.
    pub times: usize,
    /// From where.
    pub peer: String,
    /// Application and facility that sent it.
    pub sender: String,
    /// `ORM^O01`
    pub kind: String,
    /// Its control id.
    pub control_id: String,
    /// Its sender was asked to send it again.
    pub comes_again: bool,
    /// The kind of error.
    pub code: String,
    /// Where in the message, `ORC[1]-2`.
    pub place: Option<String>,
    /// Why it was refused.
    pub why: String,
    /// Its bytes, as far as they were kept.
    pub raw: Vec<u8>,
    /// Bytes it had.
    pub bytes: usize,
    /// Whether somebody has to look.
    pub life: Life,
    /// Of a message of ours, what it was.
    pub to: Option<To>,
}

/// The letters of a record.
pub struct Letters {
    record: Record,
}

/// The id of a letter: of these very bytes.
pub fn id_of(raw: &[u8]) -> String {
    ids::kept_bytes(raw).chars().take(32).collect()
}

fn stream_of(id: &str) -> Result<StreamName, ServerError> {
    Ok(StreamName::new(format!("letter/{id}"))?)
}

impl Letters {
    /// Of a record.
    pub fn new(record: Record) -> Letters {
        Letters { record }
    }

    /// Keeps a message that was refused. The same bytes are one letter, however often they come.
    ///
    /// # Errors
    /// As the record's.
    pub async fn keep(
        &self,
        letter: &DeadLetter<'_>,
        number: Option<String>,
        now: i64,
    ) -> Result<(), ServerError> {
        let header = letter.header;
        let name = |party: Option<&cauda_hl7::Designator>| {
            party.and_then(|party| party.name()).unwrap_or_default().to_string()
        };
        let sender = header.map(|header| {
            let (application, facility) =
                (name(header.sender.application.as_ref()), name(header.sender.facility.as_ref()));
            if facility.is_empty() { application } else { format!("{application}, {facility}") }
        });
        let refusal = Refusal {
            id: id_of(letter.raw),
            peer: letter.peer.ip().to_string(),
            sender: sender.unwrap_or_default(),
            kind: header.map_or(String::new(), |it| format!("{}^{}", it.kind.0, it.kind.1)),
            control_id: header.map_or(String::new(), |it| it.control_id.clone()),
            comes_again: letter.verdict == Verdict::Later,
            code: format!("{} {}", letter.code.number(), letter.code.text()),
            place: letter.place.map(|place| place.to_string()),
            why: letter.why.to_string(),
            raw: letter.raw,
            to: None,
            of: number.map(|number| streams::number_key(&number)).into_iter().collect(),
        };
        self.put(refusal, now).await
    }

    /// Keeps a message that was refused, theirs or ours. Those of one id are one letter.
    ///
    /// # Errors
    /// As the record's.
    pub async fn put(&self, refusal: Refusal<'_>, now: i64) -> Result<(), ServerError> {
        let id = refusal.id;
        let stream = stream_of(&id)?;
        let before = self.read(&id).await?;
        let open = before.as_ref().is_some_and(|before| before.life == Life::Open);
        // A sender that tries again all night is one letter, told once for the same reason.
        if open && before.as_ref().is_some_and(|before| before.why == refusal.why) {
            return Ok(());
        }
        let kept = refusal.raw.get(..KEPT_BYTES_MAX).unwrap_or(refusal.raw);
        let told = Event::Refused {
            version: VERSION,
            at: now,
            peer: short(refusal.peer),
            sender: short(refusal.sender),
            kind: short(refusal.kind),
            control_id: short(refusal.control_id),
            comes_again: refusal.comes_again,
            code: refusal.code,
            place: refusal.place,
            why: refusal.why,
            bytes: refusal.raw.len(),
            to: refusal.to,
        };
        let mut events: Vec<NewEvent> = vec![streams::row("letter", VERSION, &told)?];
        if before.is_none() {
            for part in kept.chunks(PART_BYTES) {
                let hex = part.iter().map(|byte| format!("{byte:02x}")).collect();
                events.push(streams::row("letter", VERSION, &Event::Part { hex })?);
            }
        }
        let note = |list: &str, key: String, value: Option<String>| Note {
            list: list.to_string(),
            key,
            stream: stream.clone(),
            value,
            sole: false,
        };
        let mut notes = vec![note(OPEN_LETTER, id.clone(), Some(now.to_string()))];
        for key in refusal.of.iter().filter(|key| !key.is_empty() && key.len() < 100) {
            notes.push(note(LETTER_OF, format!("{key}/{id}"), Some(String::new())));
        }
        self.append(&Actor::system(), &stream, events, notes, now).await
    }

    /// Closes a letter. One that is closed, or that there is not, stays as it is.
    ///
    /// # Errors
    /// As the record's.
    pub async fn close(
        &self,
        by: &Actor,
        id: &str,
        reason: Text,
        now: i64,
    ) -> Result<(), ServerError> {
        if self.record.note(OPEN_LETTER, id).await?.is_none_or(|note| note.value.is_none()) {
            return Ok(());
        }
        let stream = stream_of(id)?;
        let event = Event::Closed { at: now, by: by.clone(), reason };
        let note = Note {
            list: OPEN_LETTER.to_string(),
            key: id.to_string(),
            stream: stream.clone(),
            value: None,
            sole: false,
        };
        let events = vec![streams::row("letter", VERSION, &event)?];
        self.append(by, &stream, events, vec![note], now).await
    }

    async fn append(
        &self,
        by: &Actor,
        stream: &StreamName,
        events: Vec<NewEvent>,
        notes: Vec<Note>,
        now: i64,
    ) -> Result<(), ServerError> {
        let sequence = self.record.sequence(stream).await?;
        let append = Append {
            command: format!("{stream}-{sequence}"),
            actor: by.id.to_string(),
            recorded_at: now.saturating_mul(1_000_000),
            streams: vec![StreamAppend {
                stream: stream.clone(),
                expected: Expected::Exactly(sequence),
                events,
            }],
        };
        self.record.append_noting(append, notes).await?;
        Ok(())
    }

    /// Letters that nobody has closed, the latest first.
    ///
    /// # Errors
    /// As the record's.
    pub async fn open(&self) -> Result<Vec<Letter>, ServerError> {
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.record.notes(OPEN_LETTER, &after).await?;
            let Some(last) = page.last() else { break };
            after = last.key.clone();
            for note in &page {
                found.extend(self.read(&note.key).await?);
            }
            if found.len() >= LISTED_MAX {
                break;
            }
        }
        found.sort_by_key(|letter| std::cmp::Reverse(letter.at));
        Ok(found)
    }

    /// How many nobody has closed, up to the most that are listed.
    ///
    /// # Errors
    /// As the record's.
    pub async fn count(&self) -> Result<usize, ServerError> {
        Ok(self.record.notes(OPEN_LETTER, "").await?.len().min(LISTED_MAX))
    }

    /// A letter; nothing if there is none, or it was erased.
    ///
    /// # Errors
    /// As the record's.
    pub async fn read(&self, id: &str) -> Result<Option<Letter>, ServerError> {
        let events: Vec<Event> = streams::all(&self.record, &stream_of(id)?).await?;
        let mut letter: Option<Letter> = None;
        for event in events {
            match (event, &mut letter) {
                (Event::Refused { at, why, code, place, comes_again, to, .. }, Some(letter)) => {
                    letter.times += 1;
                    letter.to = to;
                    (letter.at, letter.why, letter.code) = (at, why, code);
                    (letter.place, letter.comes_again) = (place, comes_again);
                    letter.life = Life::Open;
                }
                (
                    Event::Refused {
                        at,
                        peer,
                        sender,
                        kind,
                        control_id,
                        comes_again,
                        code,
                        place,
                        why,
                        bytes,
                        to,
                        ..
                    },
                    none,
                ) => {
                    *none = Some(Letter {
                        id: id.to_string(),
                        at,
                        times: 1,
                        peer,
                        sender,
                        kind,
                        control_id,
                        comes_again,
                        code,
                        place,
                        why,
                        raw: Vec::new(),
                        bytes,
                        life: Life::Open,
                        to,
                    });
                }
                (Event::Part { hex }, Some(letter)) => letter.raw.extend(bytes_of(&hex)),
                (Event::Closed { at, by, reason }, Some(letter)) => {
                    letter.life = Life::Closed(at, by, reason.as_str().to_string());
                }
                (_, None) => {}
            }
        }
        Ok(letter)
    }
}

/// What a row of the log adds to the notes, for making them anew: that a letter is open, or is not.
/// Whose it is, is not known without reading it.
///
/// # Errors
/// As the record's.
pub async fn notes(record: &Record, row: &cauda_store::Event) -> Result<Vec<Note>, ServerError> {
    let Some(("letter", id)) = row.stream.split_once('/') else { return Ok(Vec::new()) };
    let letters = Letters::new(record.clone());
    let Some(letter) = letters.read(id).await? else { return Ok(Vec::new()) };
    let open = (letter.life == Life::Open).then(|| letter.at.to_string());
    let stream = StreamName::new(row.stream.clone())?;
    let key = id.to_string();
    Ok(vec![Note { list: OPEN_LETTER.to_string(), key, stream, value: open, sole: false }])
}

fn short(text: String) -> String {
    text.chars().filter(|sign| !sign.is_control()).take(120).collect()
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks_exact(2);
    let pairs = pairs.filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}
