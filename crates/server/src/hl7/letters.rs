//! Messages that were refused: kept whole, for a person to look at, to try again or to close.

use cauda_hl7::{DeadLetter, Verdict};
use cauda_pathway::identity::{Actor, Text};
use cauda_store::{Append, Expected, NewEvent, Note, Record, StreamAppend, StreamName};
use serde::{Deserialize, Serialize};

use crate::{ServerError, ids, streams};

/// Version of the form of a letter.
const VERSION: u32 = 1;
/// Letters that nobody has closed, by their id; the value is the [`Head`], or of earlier versions
/// only when it came.
const OPEN_LETTER: &str = "open_letter";
/// Letters that wait for an order or a patient, by what is kept of its number and the letter's id.
const WAITS: &str = "letter_waits";
/// Letters by the patient's number, for whoever asks for a patient's data.
pub const LETTER_OF: &str = "letter_of";
/// Bytes of a part; in hexadecimal they are half an event.
const PART_BYTES: usize = 15_000;
/// Most bytes that are kept; more than any message that is read.
const KEPT_BYTES_MAX: usize = 400_000;
/// Most letters that are listed.
const LISTED_MAX: usize = 200;
/// Most letters whose heads are looked through.
const LOOKED_MAX: usize = 10_000;
/// Most bytes of letters that nobody has closed, of one sender or one host; of more, only the heads
/// are kept.
pub const OPEN_BYTES_MAX: usize = 8_000_000;
/// Most numbers that a letter waits for.
const WAITS_MAX: usize = 64;
/// Most letters that are tried again for one message.
const AGAIN_MAX: usize = 64;
/// Most characters of a reason in a head.
const WHY_MAX: usize = 300;

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
        to: Option<Box<To>>,
        /// Of one that waits for an order or a patient, what is kept of the numbers.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        waits: Vec<String>,
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
    /// The numbers it waits for, as [`waits_for`] keeps them.
    pub waits: Vec<String>,
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
    /// What is kept of the numbers it waits for.
    pub waits: Vec<String>,
}

/// What a list says of a letter that nobody has closed, without reading it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
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
    /// Where in the message.
    pub place: Option<String>,
    /// Why it was refused.
    pub why: String,
    /// Its sender was asked to send it again.
    pub comes_again: bool,
    /// Of a message of ours, to whom.
    pub to: Option<String>,
    /// Bytes it had.
    pub bytes: usize,
    /// Bytes of it that were kept.
    pub kept: usize,
}

/// Letters that nobody has closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// The newest, with their ids, the newest first.
    pub heads: Vec<(String, Head)>,
    /// How many there are besides.
    pub more: usize,
    /// Senders of which so much lies open that no more is kept whole.
    pub full: Vec<String>,
}

impl Head {
    fn of(letter: &Letter) -> Head {
        Head {
            at: letter.at,
            times: letter.times,
            peer: letter.peer.clone(),
            sender: letter.sender.clone(),
            kind: letter.kind.clone(),
            place: letter.place.clone(),
            why: letter.why.chars().take(WHY_MAX).collect(),
            comes_again: letter.comes_again,
            to: letter.to.as_ref().map(|to| to.receiver.clone()),
            bytes: letter.bytes,
            kept: letter.raw.len(),
        }
    }

    fn read(value: &str) -> Option<Head> {
        serde_json::from_str(value).ok()
    }
}

/// What is kept of a number that a letter waits for.
pub fn waits_for(what: &str, number: &str) -> String {
    ids::kept(&format!("{what} {number}")).chars().take(32).collect()
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
        waits: Vec<String>,
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
            waits,
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
        // A sender that tries again all night is one letter, told once for the same reason.
        let reason: String = refusal.why.chars().take(WHY_MAX).collect();
        let open = self.record.note(OPEN_LETTER, &id).await?.and_then(|note| note.value);
        if open.as_deref().and_then(Head::read).is_some_and(|head| head.why == reason) {
            return Ok(());
        }
        let before = self.read(&id).await?;
        if open.is_some() && before.as_ref().is_some_and(|before| before.why == refusal.why) {
            return Ok(());
        }
        let (peer, sender) = (short(refusal.peer), short(refusal.sender));
        let raw = refusal.raw.get(..KEPT_BYTES_MAX).unwrap_or(refusal.raw);
        let fits = refusal.to.is_some() || self.fits(&peer, &sender, raw.len()).await?;
        let there = before.as_ref().map_or(0, |before| before.raw.len());
        let raw = if fits && there == 0 { raw } else { &[] };
        let waits: Vec<String> = refusal.waits.into_iter().take(WAITS_MAX).collect();
        let head = Head {
            at: now,
            times: before.as_ref().map_or(0, |before| before.times) + 1,
            peer,
            sender,
            kind: short(refusal.kind),
            place: refusal.place,
            why: reason,
            comes_again: refusal.comes_again,
            to: refusal.to.as_ref().map(|to| to.receiver.clone()),
            bytes: refusal.raw.len(),
            kept: there.max(raw.len()),
        };
        let told = Event::Refused {
            version: VERSION,
            at: now,
            peer: head.peer.clone(),
            sender: head.sender.clone(),
            kind: head.kind.clone(),
            control_id: short(refusal.control_id),
            comes_again: refusal.comes_again,
            code: refusal.code,
            place: head.place.clone(),
            why: refusal.why,
            bytes: refusal.raw.len(),
            to: refusal.to.map(Box::new),
            waits: waits.clone(),
        };
        let mut events: Vec<NewEvent> = vec![streams::row("letter", VERSION, &told)?];
        for part in raw.chunks(PART_BYTES) {
            let hex = part.iter().map(|byte| format!("{byte:02x}")).collect();
            events.push(streams::row("letter", VERSION, &Event::Part { hex })?);
        }
        let mut notes = opened(&id, &stream, Some(&head), &waits)?;
        for key in refusal.of.iter().filter(|key| !key.is_empty() && key.len() < 100) {
            notes.push(note(LETTER_OF, format!("{key}/{id}"), &stream, Some(String::new())));
        }
        self.append(&Actor::system(), &stream, events, notes, now).await
    }

    /// Whether so many more bytes of a sender are kept.
    async fn fits(&self, peer: &str, sender: &str, bytes: usize) -> Result<bool, ServerError> {
        let heads = self.heads().await?;
        let of = |head: &&Head| head.to.is_none() && (head.peer == peer || head.sender == sender);
        let kept: usize = heads.iter().map(|(_, head)| head).filter(of).map(|head| head.kept).sum();
        Ok(kept.saturating_add(bytes) <= OPEN_BYTES_MAX)
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
        let waits = self.read(id).await?.map(|letter| letter.waits).unwrap_or_default();
        let notes = opened(id, &stream, None, &waits)?;
        let events = vec![streams::row("letter", VERSION, &event)?];
        self.append(by, &stream, events, notes, now).await
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

    /// Letters that nobody has closed: what is said of the newest, and how many more there are.
    ///
    /// # Errors
    /// As the record's.
    pub async fn open(&self) -> Result<Open, ServerError> {
        let mut heads = self.heads().await?;
        let cut =
            heads.iter().map(|(_, head)| head).filter(|head| head.kept == 0 && head.bytes > 0);
        let mut full: Vec<String> = cut.map(|head| head.sender.clone()).collect();
        full.sort();
        full.dedup();
        heads.sort_by_key(|(_, head)| std::cmp::Reverse(head.at));
        let more = heads.len().saturating_sub(LISTED_MAX);
        heads.truncate(LISTED_MAX);
        Ok(Open { heads, more, full })
    }

    /// The heads of those that nobody has closed, by id; of earlier versions they are read.
    async fn heads(&self) -> Result<Vec<(String, Head)>, ServerError> {
        let (mut found, mut after) = (Vec::new(), String::new());
        while found.len() < LOOKED_MAX {
            let page = self.record.notes(OPEN_LETTER, &after).await?;
            let Some(last) = page.last() else { break };
            after = last.key.clone();
            for note in page {
                let head = note.value.as_deref().and_then(Head::read);
                let head = match head {
                    Some(head) => Some(head),
                    None => self.read(&note.key).await?.as_ref().map(Head::of),
                };
                found.extend(head.map(|head| (note.key, head)));
            }
        }
        Ok(found)
    }

    /// The letters that wait for one of these numbers.
    ///
    /// # Errors
    /// As the record's.
    pub async fn waiting(&self, numbers: &[String]) -> Result<Vec<String>, ServerError> {
        let mut found: Vec<String> = Vec::new();
        for number in numbers {
            let begin = format!("{number}/");
            let page = self.record.notes(WAITS, &begin).await?;
            let of = page.iter().filter_map(|note| note.key.strip_prefix(&begin));
            found.extend(of.map(str::to_string));
        }
        found.sort();
        found.dedup();
        found.truncate(AGAIN_MAX);
        Ok(found)
    }

    /// Letters of earlier versions, of which nobody noted for which numbers they wait.
    ///
    /// # Errors
    /// As the record's.
    pub async fn unnumbered(&self) -> Result<Vec<String>, ServerError> {
        let page = self.record.notes(OPEN_LETTER, "").await?;
        let old = |note: &Note| note.value.as_deref().and_then(Head::read).is_none();
        Ok(page.into_iter().filter(old).map(|note| note.key).take(LISTED_MAX).collect())
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
                (
                    Event::Refused { at, why, code, place, comes_again, to, waits, .. },
                    Some(letter),
                ) => {
                    letter.times += 1;
                    (letter.to, letter.waits) = (to.map(|to| *to), waits);
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
                        waits,
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
                        to: to.map(|to| *to),
                        waits,
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
    let head = (letter.life == Life::Open).then(|| Head::of(&letter));
    let stream = StreamName::new(row.stream.clone())?;
    opened(id, &stream, head.as_ref(), &letter.waits)
}

fn note(list: &str, key: String, stream: &StreamName, value: Option<String>) -> Note {
    Note { list: list.to_string(), key, stream: stream.clone(), value, sole: false }
}

/// The notes of a letter that is open, or of one that is so no more.
fn opened(
    id: &str,
    stream: &StreamName,
    head: Option<&Head>,
    waits: &[String],
) -> Result<Vec<Note>, ServerError> {
    let unwritable = |_| cauda_store::StoreError::Malformed("a head cannot be written as JSON");
    let value = head.map(serde_json::to_string).transpose().map_err(unwritable)?;
    let waiting = head.map(|_| String::new());
    let mut notes = vec![note(OPEN_LETTER, id.to_string(), stream, value)];
    let waits = waits.iter().take(WAITS_MAX);
    notes.extend(waits.map(|it| note(WAITS, format!("{it}/{id}"), stream, waiting.clone())));
    Ok(notes)
}

fn short(text: String) -> String {
    text.chars().filter(|sign| !sign.is_control()).take(120).collect()
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks_exact(2);
    let pairs = pairs.filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}
