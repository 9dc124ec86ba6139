//! A consultation: what an EHR asked about one encounter, what it was told, what became of that.
//!
//! Its stream is one encounter of one EHR, else one patient and day. Its name is a keyed hash of
//! these, so it tells nothing of anybody and cannot be guessed; it is the handle too, which a card's
//! link carries into the SMART app.

use std::collections::BTreeSet;

use cauda_cds_hooks::{Earlier, Indicator, Kind, ShownCard};
use cauda_guideline::facts::Role;
use cauda_pathway::answer::Answer;
use cauda_pathway::event::FindingSaid;
use cauda_pathway::identity::{ActorId, VisitId};
use cauda_pathway::visit::Signature;
use cauda_store::{Append, Expected, NewEvent, Note, Record, StoreError, StreamAppend, StreamName};
use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::{ServerError, ids, streams};

/// Version of the events' form.
pub const VERSION: u32 = 1;
/// Feedback on one card that is kept: whoever sends more changes nothing by it.
pub const FEEDBACK_MAX: usize = 100;
/// Findings of one event, so that it stays under the record's limit of a body.
const FINDINGS_MAX: usize = 200;
/// Events of a consultation that are read.
const EVENTS_MAX: u64 = 10_000;
/// Digits of a handle: 160 bits.
const HANDLE_DIGITS: usize = 40;
/// Kinds of rows that are long.
const ASKED: &str = "consult_asked";
const CHART_READ: &str = "chart_read";
/// Consultations by the uuid of a card.
pub const CARD: &str = "consult_card";
/// Consultations by whom they are about, the number in the hospital or EHR and id there together,
/// and their handle.
pub const CONSULT_OF: &str = "consult_of";

/// Which consultation: an encounter, else a patient's day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The EHR.
    pub tenant: &'a str,
    /// Id of the patient there.
    pub patient: &'a str,
    /// Id of the encounter there.
    pub encounter: Option<&'a str>,
    /// The day, `2026-11-26`, for a call without an encounter.
    pub day: &'a str,
}

/// The opaque name of a consultation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Handle(String);

impl Handle {
    /// Reads what came back with a launch. Nothing for what cannot be a handle.
    pub fn read(text: &str) -> Option<Handle> {
        let digit = |sign: u8| sign.is_ascii_digit() || (b'a'..=b'f').contains(&sign);
        let fits = text.len() == HANDLE_DIGITS && text.bytes().all(digit);
        fits.then(|| Handle(text.to_string()))
    }

    /// As it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its stream.
    ///
    /// # Errors
    /// Never for a handle that was read or made.
    pub fn stream(&self) -> Result<StreamName, StoreError> {
        StreamName::new(format!("consult/{}", self.0))
    }
}

/// Makes handles.
#[derive(Clone)]
pub struct Handles {
    key: hmac::Key,
}

impl Handles {
    /// With that secret.
    pub fn new(secret: [u8; 32]) -> Handles {
        Handles { key: hmac::Key::new(hmac::HMAC_SHA256, &secret) }
    }

    /// The handle of a place: always the same.
    pub fn give(&self, place: &Place<'_>) -> Handle {
        let last = match place.encounter {
            // With the patient, as some EHRs number encounters within a patient.
            Some(encounter) => ["encounter", encounter, place.patient],
            None => ["day", place.patient, place.day],
        };
        // Lengths in front, so that no two places are written alike.
        let parts = [place.tenant].into_iter().chain(last);
        let text: String = parts.map(|part| format!("{}:{part}", part.len())).collect();
        let tag = hmac::sign(&self.key, text.as_bytes());
        let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Handle(digits.chars().take(HANDLE_DIGITS).collect())
    }
}

/// A card that was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Its uuid.
    pub uuid: String,
    /// What it was about.
    pub kind: Kind,
    /// `info`, `warning`, `critical`.
    pub indicator: String,
    /// Its heading.
    pub summary: String,
    /// The order it was about, `ServiceRequest/123`.
    pub order: Option<String>,
    /// Uuids and labels of its suggestions.
    pub suggestions: Vec<(String, String)>,
}

impl From<ShownCard> for Shown {
    fn from(card: ShownCard) -> Shown {
        let ShownCard { uuid, kind, summary, indicator, order, suggestions } = card;
        let indicator = match indicator {
            Indicator::Info => "info",
            Indicator::Warning => "warning",
            Indicator::Critical => "critical",
        };
        Shown { uuid, kind, indicator: indicator.to_string(), summary, order, suggestions }
    }
}

/// A call of a hook, and what it was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// When, in seconds since 1970 UTC.
    pub at: i64,
    /// `order-select`
    pub hook: String,
    /// The call's own id.
    pub instance: String,
    /// The EHR.
    pub tenant: String,
    /// Id of the patient there.
    pub patient: String,
    /// The patient's number in the hospital, where the EHR says it.
    pub number: Option<String>,
    /// Id of the encounter there.
    pub encounter: Option<String>,
    /// Who works there, `Practitioner/12`.
    pub user: String,
    /// Ids of the orders and the images they were taken for.
    pub orders: Vec<(String, Option<String>)>,
    /// SHA-256 of the findings read of the chart, which stand in an event before.
    pub chart: String,
    /// The department's own visit that was looked at, and how many events it had.
    pub visit: Option<(VisitId, u64)>,
    /// The answer.
    pub answer: Box<Answer>,
    /// Cards; none is silence.
    pub shown: Vec<Shown>,
    /// Orders that were rated, and how.
    pub rated: Vec<(String, String)>,
}

/// What became of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// When it came in.
    pub at: i64,
    /// The card.
    pub card: String,
    /// `accepted`, `overridden`.
    pub outcome: String,
    /// Suggestions that were taken.
    pub accepted: Vec<String>,
    /// System and code of the reason against it.
    pub reason: Option<(String, String)>,
    /// What the clinician wrote.
    pub comment: Option<String>,
    /// When it happened, as the EHR says.
    pub happened: String,
}

/// What somebody answered in the app that a card opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// When.
    pub at: i64,
    /// Who, `Practitioner/12`.
    pub user: String,
    /// As what.
    pub as_role: Role,
    /// What.
    pub findings: Vec<FindingSaid>,
    /// Groups signed as clear, by their ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signed: Vec<String>,
}

/// The app was opened in the EHR.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// When.
    pub at: i64,
    /// The EHR.
    pub tenant: String,
    /// Id of the patient there.
    pub patient: String,
    /// The patient's number in the hospital, where the EHR says it.
    pub number: Option<String>,
    /// Id of the encounter there.
    pub encounter: Option<String>,
    /// Who opened it, `Practitioner/12`.
    pub user: String,
}

/// What happened in a consultation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// Findings of the chart, once for each reading that differs; of a long one a part.
    ChartRead(ChartReading),
    /// A call and its answer.
    Asked(Box<Asked>),
    /// What became of a card.
    Feedback(Feedback),
    /// The app was opened.
    Opened(Opened),
    /// Answers given in the app.
    Told(Told),
    /// The decision was written into the EHR.
    WrittenBack {
        /// When.
        at: i64,
        /// By whom.
        user: String,
        /// SHA-256 of the facts it stands on.
        facts_sha256: String,
    },
}

impl Event {
    fn kind(&self) -> &'static str {
        match self {
            Event::ChartRead(_) => CHART_READ,
            Event::Asked(_) => ASKED,
            Event::Feedback(_) => "card_feedback",
            Event::Opened(_) => "app_opened",
            Event::Told(_) => "consult_told",
            Event::WrittenBack { .. } => "written_back",
        }
    }
}

/// One reading of the chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartReading {
    /// SHA-256 of all its findings.
    pub sha256: String,
    /// What it said.
    pub findings: Vec<FindingSaid>,
    /// Where each stands, `Observation/7`; empty where it has no id, or was read before this was
    /// kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Resources read before that the EHR has taken back: entered in error, refuted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken_back: Vec<String>,
    /// Everything that was asked for came; otherwise what was read before still counts.
    #[serde(default)]
    pub whole: bool,
}

/// What is read back of an earlier call. The answer that stands beside it in the record is many
/// times as long, and nobody needs it for the next one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Past {
    /// The EHR.
    pub tenant: String,
    /// Id of the patient there.
    pub patient: String,
    /// The patient's number in the hospital, where the EHR said it.
    pub number: Option<String>,
    /// Id of the encounter there.
    pub encounter: Option<String>,
    /// The facts the answer stood on.
    pub answer: OnFacts,
    /// Cards; none is silence.
    pub shown: Vec<Shown>,
}

/// The facts of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OnFacts {
    /// Their SHA-256.
    pub facts_sha256: String,
}

impl From<Asked> for Past {
    fn from(asked: Asked) -> Past {
        let Asked { tenant, patient, number, encounter, answer, shown, .. } = asked;
        let answer = OnFacts { facts_sha256: answer.facts_sha256 };
        Past { tenant, patient, number, encounter, answer, shown }
    }
}

/// An event as far as the next call needs it.
enum Read {
    Past(Past),
    Other(Event),
}

impl Read {
    /// The kind of the row says what the body is, so that no long body is read twice.
    fn of(row: &cauda_store::Event) -> Result<Option<Read>, ServerError> {
        Ok(match row.kind.as_str() {
            ASKED => streams::read(row)?.map(Read::Past),
            CHART_READ => streams::read(row)?.map(Event::ChartRead).map(Read::Other),
            _ => streams::read(row)?.map(Read::Other),
        })
    }
}

impl From<Event> for Read {
    fn from(event: Event) -> Read {
        match event {
            Event::Asked(asked) => Read::Past((*asked).into()),
            event => Read::Other(event),
        }
    }
}

/// What a call brought of the chart.
pub struct Brought {
    /// Its findings.
    pub findings: Vec<FindingSaid>,
    /// Where each stands; empty where it has no id.
    pub resources: Vec<String>,
    /// Resources that say of themselves that they do not hold.
    pub taken_back: Vec<String>,
    /// Everything that was asked for came.
    pub whole: bool,
}

impl Brought {
    /// Resources of which this call says the latest.
    fn latest(&self) -> BTreeSet<&str> {
        let all = self.resources.iter().chain(&self.taken_back);
        all.map(String::as_str).filter(|one| !one.is_empty()).collect()
    }
}

/// A consultation as it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Consult {
    /// Every call, oldest first.
    pub asked: Vec<Past>,
    /// What became of cards.
    pub feedback: Vec<Feedback>,
    /// Each opening of the app.
    pub opened: Vec<Opened>,
    /// What was answered in the app.
    pub told: Vec<Told>,
    /// Readings of the chart, the latest last.
    pub charts: Vec<ChartReading>,
    /// There is more than is read, so what is missing may be a danger.
    pub cut: bool,
    /// Facts of the decisions that were written back.
    pub written: BTreeSet<String>,
}

impl Consult {
    /// What these events come to, in their order.
    pub fn fold(events: impl IntoIterator<Item = Event>) -> Consult {
        let mut consult = Consult::default();
        events.into_iter().for_each(|event| consult.add(event.into()));
        consult
    }

    fn add(&mut self, read: Read) {
        match read {
            Read::Past(asked) => self.asked.push(asked),
            Read::Other(Event::Asked(asked)) => self.asked.push((*asked).into()),
            Read::Other(Event::ChartRead(reading)) => self.add_reading(reading),
            Read::Other(Event::Feedback(feedback)) if self.has(&feedback) => {}
            Read::Other(Event::Feedback(feedback)) => self.feedback.push(feedback),
            Read::Other(Event::Opened(opened)) => self.opened.push(opened),
            Read::Other(Event::Told(told)) => self.told.push(told),
            Read::Other(Event::WrittenBack { facts_sha256, .. }) => {
                self.written.insert(facts_sha256);
            }
        }
    }

    fn add_reading(&mut self, mut reading: ChartReading) {
        reading.resources.resize(reading.findings.len(), String::new());
        match self.charts.last_mut() {
            Some(last) if last.sha256 == reading.sha256 && last.whole == reading.whole => {
                last.findings.extend(reading.findings);
                last.resources.extend(reading.resources);
                last.taken_back.extend(reading.taken_back);
            }
            _ => self.charts.push(reading),
        }
    }

    /// Whether the same was said of that card before (idempotent by card, outcome and time).
    pub fn has(&self, feedback: &Feedback) -> bool {
        let key = |one: &Feedback| (one.card.clone(), one.outcome.clone(), one.happened.clone());
        self.feedback.iter().any(|known| key(known) == key(feedback))
    }

    /// EHR, patient and encounter it is about.
    pub fn about(&self) -> Option<(&str, &str, Option<&str>)> {
        let asked = self.asked.last()?;
        Some((&asked.tenant, &asked.patient, asked.encounter.as_deref()))
    }

    /// The patient's number in the hospital, as it was said last.
    pub fn number(&self) -> Option<&str> {
        let opened = self.opened.iter().rev().find_map(|one| one.number.as_deref());
        opened.or_else(|| self.asked.iter().rev().find_map(|one| one.number.as_deref()))
    }

    /// The chart as it was read last, and whatever was read before as far back as the last reading
    /// to which everything came: what an EHR does not send this time is not gone. A resource that
    /// came again, or that the EHR took back, counts as it was said last.
    pub fn chart(&self) -> Vec<FindingSaid> {
        self.chart_before(BTreeSet::new())
    }

    /// The same beside what a call brings.
    pub fn chart_beside(&self, brought: &Brought) -> Vec<FindingSaid> {
        self.chart_before(brought.latest())
    }

    fn chart_before<'a>(&'a self, mut latest: BTreeSet<&'a str>) -> Vec<FindingSaid> {
        let mut all: Vec<FindingSaid> = Vec::new();
        for reading in self.charts.iter().rev() {
            for (said, from) in reading.findings.iter().zip(&reading.resources) {
                if !latest.contains(from.as_str()) && !all.contains(said) {
                    all.push(said.clone());
                }
            }
            let told = reading.resources.iter().chain(&reading.taken_back);
            latest.extend(told.map(String::as_str).filter(|one| !one.is_empty()));
            if reading.whole {
                break;
            }
        }
        all
    }

    /// The cards so far, for the rule of one an encounter (CR26).
    pub fn earlier(&self) -> Vec<Earlier> {
        let answered: BTreeSet<&str> = self.feedback.iter().map(|one| one.card.as_str()).collect();
        let cards = self.asked.iter().flat_map(|asked| {
            asked.shown.iter().map(move |shown| (shown, &asked.answer.facts_sha256))
        });
        let earlier = |(shown, facts): (&Shown, &String)| Earlier {
            kind: shown.kind,
            order: shown.order.clone(),
            facts_sha256: facts.clone(),
            answered: answered.contains(shown.uuid.as_str()),
        };
        cards.map(earlier).collect()
    }

    /// Everything answered in the app.
    pub fn said(&self) -> impl Iterator<Item = &FindingSaid> {
        self.told.iter().flat_map(|told| &told.findings)
    }

    /// Groups signed in the app. Of somebody whose name is none of the record's nothing counts.
    pub fn signatures(&self) -> impl Iterator<Item = Signature> {
        self.told.iter().flat_map(|told| {
            let by = staff_id(&told.user);
            told.signed.iter().filter_map(move |attestation| {
                Some(Signature {
                    attestation: attestation.clone(),
                    said_by: told.as_role,
                    at: told.at,
                    signed: by.clone()?,
                    withdrawn: false,
                })
            })
        })
    }

    /// Whether anybody answered or signed anything in the app.
    pub fn was_answered(&self) -> bool {
        self.told.iter().any(|told| !told.findings.is_empty() || !told.signed.is_empty())
    }
}

/// Longest id of a member of staff.
const STAFF_ID_MAX: usize = 60;

/// An EHR's user as the record names members of staff.
pub fn staff_id(user: &str) -> Option<ActorId> {
    let plain = |sign: char| if sign.is_ascii_alphanumeric() || sign == '-' { sign } else { '.' };
    let id: String = user.chars().map(plain).take(STAFF_ID_MAX).collect();
    ActorId::new(id).ok()
}

/// Most resources of a call that are noted as taken back.
const TAKEN_BACK_MAX: usize = 100;

/// SHA-256 of findings.
pub fn hash(findings: &[FindingSaid]) -> String {
    ids::kept(&serde_json::to_string(findings).unwrap_or_default())
}

/// The events of a reading of the chart, unless the consultation has the same already. `known` is
/// that with whatever else counts in it.
pub fn chart_events(
    consult: &Consult,
    known: &Consult,
    sha256: &str,
    brought: &Brought,
) -> Vec<Event> {
    let Brought { findings, resources, whole, .. } = brought;
    // Of what was never read nobody has to know that it was taken back.
    let known: BTreeSet<&String> =
        known.charts.iter().flat_map(|reading| &reading.resources).collect();
    let mut taken_back: Vec<String> =
        brought.taken_back.iter().filter(|one| known.contains(one)).cloned().collect();
    taken_back.truncate(TAKEN_BACK_MAX);
    let same = |last: &ChartReading| {
        let told = taken_back.iter().all(|one| last.taken_back.contains(one));
        last.sha256 == sha256 && last.whole == *whole && told
    };
    if consult.charts.last().is_some_and(same) {
        return Vec::new();
    }
    let part = |(findings, resources): (&[FindingSaid], &[String])| {
        Event::ChartRead(ChartReading {
            sha256: sha256.to_string(),
            findings: findings.to_vec(),
            resources: resources.to_vec(),
            taken_back: taken_back.clone(),
            whole: *whole,
        })
    };
    match findings.is_empty() {
        true => vec![part((&[], &[]))],
        false => {
            findings.chunks(FINDINGS_MAX).zip(resources.chunks(FINDINGS_MAX)).map(part).collect()
        }
    }
}

/// Reads a consultation; an empty one if there is none. Of a very long one the latest events are
/// read, and it says so: what was told before may be a danger.
///
/// # Errors
/// As the record's.
pub async fn read(record: &Record, handle: &Handle) -> Result<Consult, ServerError> {
    let stream = handle.stream()?;
    let count = record.sequence(&stream).await?;
    let mut after = count.saturating_sub(EVENTS_MAX);
    let mut consult = Consult { cut: count > EVENTS_MAX, ..Consult::default() };
    while after < count {
        let page = record.stream(&stream, after).await?;
        let Some(last) = page.last() else { break };
        after = last.sequence;
        for row in &page {
            Read::of(row)?.into_iter().for_each(|read| consult.add(read));
        }
    }
    Ok(consult)
}

/// Writes what happened; the same command twice writes it once. Whether it had been written before.
///
/// # Errors
/// As the record's.
pub async fn write(
    record: &Record,
    handle: &Handle,
    command: String,
    at_micros: i64,
    events: &[Event],
) -> Result<bool, ServerError> {
    let stream = handle.stream()?;
    let rows: Result<Vec<NewEvent>, StoreError> =
        events.iter().map(|event| streams::row(event.kind(), VERSION, event)).collect();
    let append = Append {
        command,
        actor: "ehr".to_string(),
        recorded_at: at_micros,
        streams: vec![StreamAppend {
            stream: stream.clone(),
            expected: Expected::Any,
            events: rows?,
        }],
    };
    let notes = events.iter().flat_map(|event| notes_of(event, &stream, handle)).collect();
    Ok(record.append_noting(append, notes).await?.already)
}

/// The key of a patient of an EHR: ids there are what they are, letter by letter.
pub fn there(tenant: &str, patient: &str) -> String {
    format!("ehr:{tenant}:{patient}")
}

/// What the notes say after an event: which cards were shown, and whom it is about.
fn notes_of(event: &Event, stream: &StreamName, handle: &Handle) -> Vec<Note> {
    let (tenant, patient, number, shown) = match event {
        Event::Asked(one) => (&one.tenant, &one.patient, &one.number, one.shown.as_slice()),
        Event::Opened(one) => (&one.tenant, &one.patient, &one.number, [].as_slice()),
        _ => return Vec::new(),
    };
    let note = |list: &str, key: String| Note {
        list: list.to_string(),
        key,
        stream: stream.clone(),
        value: Some(handle.as_str().to_string()),
        sole: false,
    };
    let there = there(tenant, patient);
    let number = number.as_deref().map(streams::number_key);
    let about = [Some(there), number].into_iter().flatten().filter(|key| !key.is_empty());
    let about = about.map(|key| note(CONSULT_OF, format!("{key}/{}", handle.as_str())));
    let cards = shown.iter().map(|shown| note(CARD, shown.uuid.clone()));
    about.chain(cards).filter(|note| note.key.len() <= cauda_store::NAME_BYTES_MAX).collect()
}

/// What a row of the log adds to the notes, for making them anew.
///
/// # Errors
/// As [`streams::read`].
pub fn notes(row: &cauda_store::Event) -> Result<Vec<Note>, ServerError> {
    let handle = row.stream.strip_prefix("consult/").and_then(Handle::read);
    let (Some(handle), Some(event)) = (handle, streams::read::<Event>(row)?) else {
        return Ok(Vec::new());
    };
    Ok(notes_of(&event, &handle.stream()?, &handle))
}

/// Consultations about whoever has that key, as [`streams::number_key`] has it.
///
/// # Errors
/// As the record's.
pub async fn about(record: &Record, key: &str) -> Result<Vec<Handle>, ServerError> {
    let prefix = format!("{key}/");
    if key.is_empty() || prefix.len() + HANDLE_DIGITS > cauda_store::NAME_BYTES_MAX {
        return Ok(Vec::new());
    }
    let (mut handles, mut after) = (Vec::new(), prefix.clone());
    loop {
        let notes = record.notes(CONSULT_OF, &after).await?;
        let of: Vec<_> = notes.iter().map_while(|note| note.key.strip_prefix(&prefix)).collect();
        handles.extend(of.iter().filter_map(|handle| Handle::read(handle)));
        match notes.last().filter(|_| of.len() == notes.len() && !notes.is_empty()) {
            Some(last) => after = last.key.clone(),
            None => return Ok(handles),
        }
    }
}

/// Whether anything of a consultation is left, and when it was last written, in microseconds.
///
/// # Errors
/// As the record's.
pub async fn latest(record: &Record, handle: &Handle) -> Result<Option<i64>, ServerError> {
    let stream = handle.stream()?;
    let count = record.sequence(&stream).await?;
    let rows = record.stream(&stream, count.saturating_sub(1)).await?;
    Ok(rows.first().filter(|row| row.body.is_some()).map(|row| row.recorded_at))
}

/// The consultation a card was shown in.
///
/// # Errors
/// As the record's.
pub async fn of_card(record: &Record, uuid: &str) -> Result<Option<Handle>, ServerError> {
    if uuid.is_empty() || uuid.len() > cauda_store::NAME_BYTES_MAX {
        return Ok(None);
    }
    let note = record.note(CARD, uuid).await?;
    Ok(note.and_then(|note| note.value).and_then(|value| Handle::read(&value)))
}
