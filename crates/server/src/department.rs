//! The department as it is now: the open visits in memory, always as the record has them.
//!
//! Whoever wrote an event, this server or another on the same database, it comes in here by the
//! log, in the order of the log. A command is answered once its own events have come round, so
//! the page that follows shows them.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use cauda_guideline::Guideline;
use cauda_pathway::command::{Action, Command};
use cauda_pathway::event::Event;
use cauda_pathway::identity::{Actor, CommandId, Identity, PatientId, VisitId};
use cauda_pathway::patient::{Patient, PatientEvent, PatientWhat, Person, VERSION};
use cauda_pathway::refusal::Refusal;
use cauda_pathway::views::Unasked;
use cauda_pathway::visit::Visit;
use cauda_pathway::{fold, handle};
use cauda_store::{Append, Expected, Record, StoreError, StreamAppend};
use thiserror::Error;
use tokio::sync::{broadcast, watch};

use crate::clock::Clock;
use crate::following::{Follower, follow};
use crate::streams::{
    self, OPEN, is_open, patient_notes, patient_stream, visit_notes, visit_rows, visit_stream,
};
use crate::{ServerError, ids};

/// How often a command is worked out again because somebody else was first.
const TRIES_MAX: usize = 16;
/// Changes a slow reader may be behind before it is told to look at everything.
const CHANGES_MAX: usize = 1_024;
/// How long a command waits for its own events to come round, in seconds.
const ROUND_SECONDS: u64 = 10;

/// A visit with its patient, as of one position of the log.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The visit.
    pub visit: Visit,
    /// The patient; nothing once it was erased.
    pub patient: Option<Arc<Patient>>,
    /// Position of an event of it that this program cannot read.
    pub unreadable: Option<u64>,
}

/// A visit changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Size of the log with it.
    pub position: u64,
    /// Which visit.
    pub visit: String,
}

/// Why a command was not carried out.
#[derive(Debug, Error)]
pub enum ActError {
    /// It was refused; the sentence is for the screen and never for a log.
    #[error("refused")]
    Refused(Refusal),
    /// There is no such visit.
    #[error("there is no such visit")]
    NoSuchVisit,
    /// The record did not take it: the visit as it would be, for the screen, and why.
    #[error("not saved: {error}")]
    NotSaved {
        /// What it would be.
        would_be: Box<Entry>,
        /// Why it was not saved.
        error: StoreError,
    },
    /// Anything else.
    #[error(transparent)]
    Failed(#[from] ServerError),
}

impl From<StoreError> for ActError {
    fn from(error: StoreError) -> ActError {
        ActError::Failed(error.into())
    }
}

/// The department.
pub struct Department {
    guideline: Arc<Guideline>,
    record: Record,
    clock: Clock,
    visits: RwLock<BTreeMap<VisitId, Arc<Entry>>>,
    unasked: RwLock<BTreeMap<VisitId, Arc<Unasked>>>,
    applied: watch::Sender<u64>,
    changes: broadcast::Sender<Change>,
}

impl Department {
    /// The department of a record. The notes must have been made.
    ///
    /// # Errors
    /// As the record's.
    pub async fn open(
        guideline: Arc<Guideline>,
        record: Record,
        clock: Clock,
    ) -> Result<Arc<Department>, ServerError> {
        let size = record.size().await?;
        let department = Department {
            guideline,
            record,
            clock,
            visits: RwLock::default(),
            unasked: RwLock::default(),
            applied: watch::Sender::new(size),
            changes: broadcast::Sender::new(CHANGES_MAX),
        };
        let mut after = String::new();
        loop {
            let page = department.record.notes(OPEN, &after).await?;
            let Some(last) = page.last() else { break };
            after = last.key.clone();
            for note in &page {
                if let Ok(id) = VisitId::new(note.key.clone()) {
                    department.refresh(&id).await?;
                }
            }
        }
        Ok(Arc::new(department))
    }

    /// The guideline everything is decided by.
    pub fn guideline(&self) -> &Guideline {
        &self.guideline
    }

    /// The record.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Seconds since 1970 UTC.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Size of the log that the visits in memory stand at.
    pub fn position(&self) -> u64 {
        *self.applied.borrow()
    }

    /// Changes as they come, from now on.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Tells who looks on that something beside the visits changed.
    pub fn announce(&self, position: u64, what: &str) {
        // Nobody listening is no fault.
        drop(self.changes.send(Change { position, visit: what.to_string() }));
    }

    /// All open visits, oldest first.
    pub fn open_visits(&self) -> Vec<Arc<Entry>> {
        self.visits.read().map(|visits| visits.values().cloned().collect()).unwrap_or_default()
    }

    /// What nobody asked in a visit yet, from memory while nothing changed.
    pub fn unasked(&self, id: &VisitId, visit: &Visit) -> Arc<Unasked> {
        let now = self.now();
        let kept = self.unasked.read().ok().and_then(|all| all.get(id).cloned());
        if let Some(kept) = kept.filter(|kept| kept.holds(visit, now)) {
            return kept;
        }
        let anew = Arc::new(Unasked::of(visit, &self.guideline, now));
        if let (Ok(visits), Ok(mut all)) = (self.visits.read(), self.unasked.write()) {
            // Those of visits that are over go when they are as many as the open ones.
            if all.len() > 2 * visits.len() {
                all.retain(|id, _| visits.contains_key(id));
            }
            all.insert(id.clone(), anew.clone());
        }
        anew
    }

    /// A visit, open or long over.
    ///
    /// # Errors
    /// [`ActError::NoSuchVisit`], and as the record's.
    pub async fn entry(&self, id: &VisitId) -> Result<Arc<Entry>, ActError> {
        let known = self.visits.read().ok().and_then(|visits| visits.get(id).cloned());
        match known {
            Some(entry) => Ok(entry),
            None => self.load(id).await?.map(Arc::new).ok_or(ActError::NoSuchVisit),
        }
    }

    /// The events of a visit, in order.
    ///
    /// # Errors
    /// As the record's.
    pub async fn events(&self, id: &VisitId) -> Result<Vec<Event>, ServerError> {
        streams::all(&self.record, &visit_stream(id)?).await
    }

    /// Ids of the visits a patient has had, oldest first.
    ///
    /// # Errors
    /// As the record's.
    pub async fn visits_of(&self, patient: &PatientId) -> Result<Vec<VisitId>, ServerError> {
        let prefix = format!("{patient}/");
        let notes = self.record.notes(streams::VISIT_OF, &prefix).await?;
        let of = notes.iter().map_while(|note| note.key.strip_prefix(&prefix));
        Ok(of.filter_map(|id| VisitId::new(id).ok()).collect())
    }

    /// The patient with that number.
    ///
    /// # Errors
    /// As the record's.
    pub async fn patient_of_number(&self, number: &str) -> Result<Option<Patient>, ServerError> {
        let key = streams::number_key(number);
        let note = match key.is_empty() || key.len() > cauda_store::NAME_BYTES_MAX {
            true => None,
            false => self.record.note(streams::NUMBER, &key).await?,
        };
        let id = note.and_then(|note| note.value).and_then(|id| PatientId::new(id).ok());
        match id {
            Some(id) => streams::patient(&self.record, &id).await,
            None => Ok(None),
        }
    }

    /// Carries a command out: worked out on the visit as it is, written, and once it has come
    /// round, the visit with it. Sent twice, it is carried out once.
    ///
    /// # Errors
    /// [`ActError`]; only after [`ActError::NotSaved`] with an unknown outcome it may have been
    /// written, and sending it again tells.
    pub async fn act(
        &self,
        by: &Actor,
        id: &VisitId,
        command: &CommandId,
        action: Action,
    ) -> Result<Arc<Entry>, ActError> {
        let command = Command { id: command.clone(), by: by.clone(), action };
        let mut entry = self.entry(id).await?;
        for _ in 0..TRIES_MAX {
            let events = handle(&entry.visit, &command, self.now(), &self.guideline);
            let events = events.map_err(ActError::Refused)?;
            if events.is_empty() {
                return Ok(entry);
            }
            let mut after = entry.visit.clone();
            events.iter().for_each(|event| after.apply(event));
            let part = StreamAppend {
                stream: visit_stream(id)?,
                expected: Expected::Exactly(entry.visit.events as u64),
                events: visit_rows(&events)?,
            };
            let written = self.write(by, &command.id, vec![part], visit_notes(&after)?).await;
            match written {
                Ok(()) => return self.entry(id).await,
                Err(StoreError::Conflict { .. }) => {
                    entry = self.refresh(id).await?.ok_or(ActError::NoSuchVisit)?;
                }
                Err(error) => {
                    let patient = entry.patient.clone();
                    let would_be = Box::new(Entry { visit: after, patient, unreadable: None });
                    return Err(ActError::NotSaved { would_be, error });
                }
            }
        }
        Err(StoreError::Closed.into())
    }

    /// Registers a patient, or corrects the registration. Where the way to write to the patient is
    /// another one, links of these visits that went the old way end in the same step.
    ///
    /// # Errors
    /// [`ActError::Refused`] when it does not fit, and as the record's.
    pub async fn register(
        &self,
        by: &Actor,
        command: &CommandId,
        patient: Patient,
        new_way: &[VisitId],
    ) -> Result<(), ActError> {
        patient.person.check().map_err(ActError::Refused)?;
        for _ in 0..TRIES_MAX {
            let stream = patient_stream(&patient.id)?;
            // Counted before it is read: what comes in between is a conflict.
            let expected = Expected::Exactly(self.record.sequence(&stream).await?);
            let known: Vec<PatientEvent> = streams::all(&self.record, &stream).await?;
            let mut part = self.registration(by, &patient.id, patient.person.clone())?;
            part.expected = expected;
            let mut notes = Vec::new();
            // The number it had is nobody's any more.
            if let Some(known) = Patient::fold(&patient.id, &known) {
                let old = patient_notes(&known)?.into_iter();
                notes.extend(old.map(|note| cauda_store::Note { value: None, ..note }));
            }
            notes.extend(patient_notes(&patient)?);
            let mut parts = vec![part];
            for id in new_way {
                let entry = self.refresh(id).await?.ok_or(ActError::NoSuchVisit)?;
                let action = Action::CorrectContact;
                let correcting = Command { id: command.clone(), by: by.clone(), action };
                // Of a visit that takes no such event there is no link that is still good.
                let events = handle(&entry.visit, &correcting, self.now(), &self.guideline);
                let Ok(events) = events else { continue };
                let mut after = entry.visit.clone();
                events.iter().for_each(|event| after.apply(event));
                notes.extend(visit_notes(&after)?);
                if !events.is_empty() {
                    parts.push(StreamAppend {
                        stream: visit_stream(id)?,
                        expected: Expected::Exactly(entry.visit.events as u64),
                        events: visit_rows(&events)?,
                    });
                }
            }
            match self.write(by, command, parts, notes).await {
                // Somebody else corrected it meanwhile: what that gave up is given up.
                Err(StoreError::Conflict { .. }) => {}
                written => return Ok(written?),
            }
        }
        Err(StoreError::Closed.into())
    }

    /// A patient arrives, registered in the same transaction where `person` is given. A return
    /// brings along what the earlier visit left open, which notes the return.
    ///
    /// # Errors
    /// As [`Department::act`].
    pub async fn arrive(
        &self,
        by: &Actor,
        command: &CommandId,
        arrival: Arrival,
    ) -> Result<Arc<Entry>, ActError> {
        for _ in 0..TRIES_MAX {
            match self.arrive_once(by, command, arrival.clone()).await {
                // Somebody wrote in the earlier visit meanwhile.
                Err(ActError::Failed(ServerError::Store(StoreError::Conflict { .. }))) => {
                    if let Some(earlier) = &arrival.returns_from {
                        self.refresh(earlier).await?;
                    }
                }
                arrived => return arrived,
            }
        }
        Err(StoreError::Closed.into())
    }

    async fn arrive_once(
        &self,
        by: &Actor,
        command: &CommandId,
        arrival: Arrival,
    ) -> Result<Arc<Entry>, ActError> {
        let Arrival { patient, person, visit: id, returns_from } = arrival;
        let (mut parts, mut notes) = (Vec::new(), Vec::new());
        if let Some(person) = person {
            person.check().map_err(ActError::Refused)?;
            parts.push(self.registration(by, &patient, person.clone())?);
            notes.extend(patient_notes(&Patient { id: patient.clone(), person })?);
        }
        let earlier = match &returns_from {
            Some(earlier) => Some(self.entry(earlier).await?),
            None => None,
        };
        let known = earlier.as_ref().and_then(|entry| entry.visit.identity.clone());
        // A return brings its own dangers along, and nobody else's.
        if known.as_ref().is_some_and(|identity| identity.patient != patient) {
            return Err(ActError::NoSuchVisit);
        }
        let episode = match known {
            Some(identity) => identity.episode,
            None => cauda_pathway::identity::EpisodeId::new(ids::new_id())
                .map_err(|_| StoreError::Malformed("an id does not fit"))?,
        };
        let returning =
            earlier.as_ref().and_then(|e| cauda_pathway::carried(&e.visit, &self.guideline));
        let identity = Identity { patient, episode, visit: id.clone() };
        let action = Action::Arrive { identity, returning };
        let arriving = Command { id: command.clone(), by: by.clone(), action };
        let now = self.now();
        let events = handle(&Visit::default(), &arriving, now, &self.guideline);
        let events = events.map_err(ActError::Refused)?;
        notes.extend(visit_notes(&fold(&events))?);
        parts.push(StreamAppend {
            stream: visit_stream(&id)?,
            expected: Expected::Exactly(0),
            events: visit_rows(&events)?,
        });
        if let (Some(entry), Some(earlier)) = (&earlier, &returns_from) {
            let action = Action::NoteReturn { visit: id.clone() };
            let noting = Command { id: command.clone(), by: by.clone(), action };
            let events = handle(&entry.visit, &noting, now, &self.guideline);
            let events = events.map_err(ActError::Refused)?;
            let mut after = entry.visit.clone();
            events.iter().for_each(|event| after.apply(event));
            notes.extend(visit_notes(&after)?);
            if !events.is_empty() {
                parts.push(StreamAppend {
                    stream: visit_stream(earlier)?,
                    expected: Expected::Exactly(entry.visit.events as u64),
                    events: visit_rows(&events)?,
                });
            }
        }
        self.write(by, command, parts, notes).await?;
        self.entry(&id).await
    }

    /// A visit turns out to be another one: both are written in one transaction, and what was
    /// found, is to be asked and is to be reached goes along.
    ///
    /// # Errors
    /// As [`Department::act`].
    pub async fn merge(
        &self,
        by: &Actor,
        command: &CommandId,
        from: &VisitId,
        into: &VisitId,
    ) -> Result<(), ActError> {
        for _ in 0..TRIES_MAX {
            let (one, other) = (self.entry(from).await?, self.entry(into).await?);
            let carried = cauda_pathway::carried(&one.visit, &self.guideline);
            let carried = carried.ok_or(ActError::NoSuchVisit)?;
            let steps = [
                (from, &one, Action::MergeInto { visit: into.clone() }),
                (into, &other, Action::TakeOver { carried }),
            ];
            let (mut parts, mut notes) = (Vec::new(), Vec::new());
            for (id, entry, action) in steps {
                let step = Command { id: command.clone(), by: by.clone(), action };
                let events = handle(&entry.visit, &step, self.now(), &self.guideline);
                let events = events.map_err(ActError::Refused)?;
                let mut after = entry.visit.clone();
                events.iter().for_each(|event| after.apply(event));
                notes.extend(visit_notes(&after)?);
                if !events.is_empty() {
                    parts.push(StreamAppend {
                        stream: visit_stream(id)?,
                        expected: Expected::Exactly(entry.visit.events as u64),
                        events: visit_rows(&events)?,
                    });
                }
            }
            if parts.is_empty() {
                return Ok(());
            }
            match self.write(by, command, parts, notes).await {
                Err(StoreError::Conflict { .. }) => {
                    self.refresh(from).await?;
                    self.refresh(into).await?;
                }
                written => return Ok(written?),
            }
        }
        Err(StoreError::Closed.into())
    }

    fn registration(
        &self,
        by: &Actor,
        patient: &PatientId,
        person: Person,
    ) -> Result<StreamAppend, StoreError> {
        let what = PatientWhat::Registered { person };
        let event = PatientEvent { version: VERSION, at: self.now(), by: by.clone(), what };
        Ok(StreamAppend {
            stream: patient_stream(patient)?,
            expected: Expected::Any,
            events: vec![streams::row("registered", VERSION, &event)?],
        })
    }

    async fn write(
        &self,
        by: &Actor,
        command: &CommandId,
        streams: Vec<StreamAppend>,
        notes: Vec<cauda_store::Note>,
    ) -> Result<(), StoreError> {
        let append = Append {
            command: command.to_string(),
            actor: by.id.to_string(),
            recorded_at: self.clock.micros(),
            streams,
        };
        let written = self.record.append_noting(append, notes).await?;
        self.until(written.positions.end).await;
        Ok(())
    }

    /// Waits until the log has come round up to that size; not for ever, as a page that shows
    /// the state before is better than none.
    async fn until(&self, size: u64) {
        let mut applied = self.applied.subscribe();
        let round = applied.wait_for(|position| *position >= size);
        drop(tokio::time::timeout(Duration::from_secs(ROUND_SECONDS), round).await);
    }

    /// Reads a visit anew, and keeps it if it is open.
    async fn refresh(&self, id: &VisitId) -> Result<Option<Arc<Entry>>, ServerError> {
        let entry = self.load(id).await?.map(Arc::new);
        if let Ok(mut visits) = self.visits.write() {
            match &entry {
                // What came in meanwhile is not taken back.
                Some(entry) if is_kept(entry) => {
                    let known = visits.get(id).map_or(0, |known| known.visit.events);
                    if entry.visit.events >= known {
                        visits.insert(id.clone(), entry.clone());
                    }
                }
                // What came in meanwhile may have opened it again.
                Some(entry)
                    if visits.get(id).is_some_and(|k| k.visit.events > entry.visit.events) => {}
                _ => drop(visits.remove(id)),
            }
        }
        Ok(entry)
    }

    async fn load(&self, id: &VisitId) -> Result<Option<Entry>, ServerError> {
        let (mut visit, mut unreadable) = (Visit::default(), None);
        let mut after = 0;
        loop {
            let page = self.record.stream(&visit_stream(id)?, after).await?;
            for row in &page {
                after = row.sequence;
                match streams::read::<Event>(row) {
                    Ok(Some(event)) => visit.apply(&event),
                    Ok(None) => {}
                    Err(_) => unreadable = Some(row.position),
                }
            }
            if page.len() < cauda_store::PAGE_MAX {
                break;
            }
        }
        if after == 0 {
            return Ok(None);
        }
        // Rows that cannot be read count all the same, so that nothing is written over them.
        visit.events = usize::try_from(after).unwrap_or(usize::MAX);
        let patient = match &visit.identity {
            Some(identity) => {
                streams::patient(&self.record, &identity.patient).await?.map(Arc::new)
            }
            None => None,
        };
        Ok(Some(Entry { visit, patient, unreadable }))
    }

    /// Takes the log in as it grows, until the record is closed.
    pub async fn follow(self: Arc<Department>) {
        follow(&*self).await;
    }

    /// Applies the next event of a visit in memory; whether that was possible.
    fn apply(&self, id: &str, row: &cauda_store::Event) -> bool {
        let Ok(id) = VisitId::new(id) else { return true };
        let Ok(mut visits) = self.visits.write() else { return false };
        let Some(entry) = visits.get_mut(&id) else { return false };
        let known = entry.visit.events as u64;
        if row.sequence <= known {
            return true;
        }
        let Ok(Some(event)) = streams::read::<Event>(row) else { return false };
        if row.sequence != known + 1 {
            return false;
        }
        Arc::make_mut(entry).visit.apply(&event);
        if !is_kept(entry) {
            visits.remove(&id);
        }
        true
    }

    async fn anew(&self, id: &str) -> Result<(), ServerError> {
        match VisitId::new(id) {
            Ok(id) => self.refresh(&id).await.map(drop),
            Err(_) => Ok(()),
        }
    }

    /// What was erased goes from memory as well, so that nobody is written to any more.
    async fn erased(&self, row: &cauda_store::Event) -> Result<(), ServerError> {
        let body = streams::read::<serde_json::Value>(row)?.unwrap_or_default();
        match body["stream"].as_str().and_then(|stream| stream.split_once('/')) {
            Some(("visit", id)) => self.anew(id).await,
            Some(("patient", id)) => self.patient_changed(id).await,
            _ => Ok(()),
        }
    }

    async fn patient_changed(&self, id: &str) -> Result<(), ServerError> {
        let Ok(id) = PatientId::new(id) else { return Ok(()) };
        let patient = streams::patient(&self.record, &id).await?.map(Arc::new);
        let Ok(mut visits) = self.visits.write() else { return Ok(()) };
        for entry in visits.values_mut() {
            if entry.visit.identity.as_ref().is_some_and(|identity| identity.patient == id) {
                Arc::make_mut(entry).patient = patient.clone();
            }
        }
        Ok(())
    }
}

impl Follower for Department {
    const KINDS: [&'static str; 3] = ["visit", "patient", "audit"];

    fn record(&self) -> &Record {
        &self.record
    }

    fn applied(&self) -> &watch::Sender<u64> {
        &self.applied
    }

    async fn take(&self, rows: &[cauda_store::Event]) -> Result<(), ServerError> {
        let mut changed: BTreeMap<&str, u64> = BTreeMap::new();
        for row in rows {
            match row.stream.split_once('/') {
                Some(("visit", id)) => {
                    changed.insert(id, row.position + 1);
                    if !self.apply(id, row) {
                        self.anew(id).await?;
                    }
                }
                Some(("patient", id)) => self.patient_changed(id).await?,
                Some(("audit", _)) if row.kind == cauda_store::ERASED_KIND => {
                    self.erased(row).await?;
                }
                _ => {}
            }
        }
        for (visit, position) in changed {
            // Nobody listening is no fault.
            drop(self.changes.send(Change { position, visit: visit.to_string() }));
        }
        Ok(())
    }
}

/// A patient comes in.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Who.
    pub patient: PatientId,
    /// To be registered with it.
    pub person: Option<Person>,
    /// Id of the new visit.
    pub visit: VisitId,
    /// The earlier visit it is a return from.
    pub returns_from: Option<VisitId>,
}

fn is_kept(entry: &Entry) -> bool {
    is_open(&entry.visit) || entry.unreadable.is_some()
}
