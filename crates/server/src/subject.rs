//! What the record holds of one patient: found, handed out, erased. For whoever keeps the record,
//! with the server stopped or, on PostgreSQL, running.

use std::collections::BTreeSet;
use std::io::Write;

use cauda_pathway::event::Event;
use cauda_pathway::identity::{PatientId, VisitId};
use cauda_pathway::patient::{Patient, PatientEvent};
use cauda_pathway::visit::Visit;
use cauda_store::{Erasure, Record, StreamName};
use serde_json::json;

use crate::ServerError;
use crate::ehr::consult::{self, Handle};
use crate::streams::{self, NUMBER, VISIT_OF, is_open, number_key, patient_stream, visit_stream};

/// Orders of one visit that are looked for.
const ORDERS_MAX: u32 = 30;

/// A patient, the visits, and what an EHR asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The patient; nobody of whom only an EHR asked.
    pub patient: Option<PatientId>,
    /// The visits, oldest first.
    pub visits: Vec<VisitId>,
    /// Consultations of EHRs.
    pub consults: Vec<Handle>,
    /// Orders for scanners, and what scanners told of this patient.
    pub scans: Vec<StreamName>,
}

impl Subject {
    /// How it is called on the screen: its id here, or that it has none.
    pub fn name(&self) -> &str {
        self.patient.as_ref().map_or("of an EHR alone", PatientId::as_str)
    }
}

/// The patient with that number of the hospital, with that id of the record, or with that id in an
/// EHR, written after the EHR's tenant id and a space.
///
/// # Errors
/// As the record's.
pub async fn find(record: &Record, who: &str) -> Result<Option<Subject>, ServerError> {
    let key = number_key(who);
    let note = match key.is_empty() || key.len() > cauda_store::NAME_BYTES_MAX {
        true => None,
        false => record.note(NUMBER, &key).await?,
    };
    let id = note.and_then(|note| note.value).unwrap_or_else(|| who.trim().to_string());
    let mut consults = consult::about(record, &key).await?;
    if let Some((tenant, patient)) = who.trim().split_once(' ') {
        let there = consult::there(tenant, patient.trim());
        consults.extend(consult::about(record, &there).await?);
    }
    let mut subject = Subject { consults, ..Subject::default() };
    if let Ok(patient) = PatientId::new(id) {
        subject.visits = visits(record, &patient).await?;
        let registered = record.sequence(&patient_stream(&patient)?).await? > 0;
        subject.consults.extend(by_number(record, &patient).await?);
        subject.consults.sort();
        subject.consults.dedup();
        subject.scans = scans_of_visits(record, &subject.visits).await?;
        subject.patient = (registered || !subject.visits.is_empty()).then_some(patient);
    }
    subject.scans.extend(crate::scans::of_number(record, who).await?);
    let somebody = |found: &Subject| {
        found.patient.is_some() || !found.consults.is_empty() || !found.scans.is_empty()
    };
    Ok(Some(subject).filter(somebody))
}

/// What the board has of the orders of these visits.
async fn scans_of_visits(
    record: &Record,
    visits: &[VisitId],
) -> Result<Vec<StreamName>, ServerError> {
    let mut found = Vec::new();
    for visit in visits {
        for order in 1..=ORDERS_MAX {
            let stream =
                StreamName::new(format!("scan/{}", cauda_scans::id_of(visit.as_str(), order)))?;
            if record.sequence(&stream).await? > 0 {
                found.push(stream);
            }
            let order = cauda_scans::id_of(visit.as_str(), order);
            found.extend(crate::scans::of_order(record, &order).await?);
        }
    }
    Ok(found)
}

/// Consultations about a patient, by the number in the hospital.
async fn by_number(record: &Record, patient: &PatientId) -> Result<Vec<Handle>, ServerError> {
    let known = streams::patient(record, patient).await?;
    match known.and_then(|known| known.person.number) {
        Some(number) => consult::about(record, &number_key(&number)).await,
        None => Ok(Vec::new()),
    }
}

async fn visits(record: &Record, patient: &PatientId) -> Result<Vec<VisitId>, ServerError> {
    let prefix = format!("{patient}/");
    let (mut visits, mut after) = (Vec::new(), prefix.clone());
    loop {
        let notes = record.notes(VISIT_OF, &after).await?;
        let of: Vec<_> = notes.iter().map_while(|note| note.key.strip_prefix(&prefix)).collect();
        visits.extend(of.iter().filter_map(|id| VisitId::new(*id).ok()));
        match notes.last().filter(|_| of.len() == notes.len() && !notes.is_empty()) {
            Some(last) => after = last.key.clone(),
            None => return Ok(visits),
        }
    }
}

/// Visits in which something is still to be done; a patient with one is not erased.
///
/// # Errors
/// As the record's.
pub async fn open(record: &Record, subject: &Subject) -> Result<Vec<VisitId>, ServerError> {
    let mut open = Vec::new();
    for id in &subject.visits {
        let events: Vec<Event> = streams::all(record, &visit_stream(id)?).await?;
        let mut visit = Visit::default();
        events.iter().for_each(|event| visit.apply(event));
        if is_open(&visit) {
            open.push(id.clone());
        }
    }
    Ok(open)
}

/// Everything about one patient as one JSON document: registration, every event of every visit,
/// and who asked for what of these visits.
///
/// # Errors
/// As the record's, and of the writer.
pub async fn hand_out(
    record: &Record,
    subject: &Subject,
    out: &mut (dyn Write + Send),
) -> Result<(), ServerError> {
    let (mut registrations, mut person) = (Vec::<PatientEvent>::new(), None);
    if let Some(patient) = &subject.patient {
        registrations = streams::all(record, &patient_stream(patient)?).await?;
        person = Patient::fold(patient, &registrations).map(|patient| patient.person);
    }
    let mut visits = Vec::new();
    for id in &subject.visits {
        let events: Vec<Event> = streams::all(record, &visit_stream(id)?).await?;
        visits.push(json!({ "visit": id.as_str(), "events": events }));
    }
    let mut consults = Vec::new();
    for handle in &subject.consults {
        let events: Vec<consult::Event> = streams::all(record, &handle.stream()?).await?;
        consults.push(json!({ "consultation": handle.as_str(), "events": events }));
    }
    let mut scans = Vec::new();
    for stream in &subject.scans {
        let events: Vec<serde_json::Value> = streams::all(record, stream).await?;
        scans.push(json!({ "stream": stream.as_str(), "events": events }));
    }
    let document = json!({
        "patient": subject.patient.as_ref().map(PatientId::as_str),
        "person": person,
        "registrations": registrations,
        "visits": visits,
        "asked_by_ehr": consults,
        "scans": scans,
        "asked_for": asked_for(record, subject).await?,
    });
    let text = serde_json::to_string_pretty(&document)
        .map_err(|_| cauda_store::StoreError::Malformed("a subject cannot be written as JSON"))?;
    writeln!(out, "{text}").map_err(|error| ServerError::File {
        path: "the file".into(),
        what: format!("it cannot be written: {error}"),
    })
}

/// Audit notes about the visits of a patient.
async fn asked_for(
    record: &Record,
    subject: &Subject,
) -> Result<Vec<serde_json::Value>, ServerError> {
    let of: BTreeSet<&str> = subject.visits.iter().map(VisitId::as_str).collect();
    let mut found = Vec::new();
    let (mut from, size) = (0, record.size().await?);
    while from < size {
        let rows = record.log(from, cauda_store::PAGE_MAX).await?;
        let Some(last) = rows.last() else { break };
        from = last.position + 1;
        for row in rows.iter().filter(|row| row.stream.starts_with("audit/")) {
            let Ok(Some(note)) = streams::read::<serde_json::Value>(row) else { continue };
            if note["visit"].as_str().is_some_and(|visit| of.contains(visit)) {
                found.push(note);
            }
        }
    }
    Ok(found)
}

/// What an erasure takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Name, birth, number, ways to reach: the visits stay, of nobody.
    Identity,
    /// The visits as well.
    Everything,
}

/// Takes the bodies of a patient's streams, each with a note in the audit. What was erased before
/// is passed over. The number of streams.
///
/// # Errors
/// As the record's; what was erased until then stays erased, and the same again goes on.
pub async fn erase(
    record: &Record,
    subject: &Subject,
    extent: Extent,
    reason: &str,
    actor: &str,
    at_micros: i64,
) -> Result<usize, ServerError> {
    let mut wanted = Vec::new();
    if let Some(patient) = &subject.patient {
        wanted.push(patient_stream(patient)?);
    }
    if extent == Extent::Everything {
        for id in &subject.visits {
            wanted.push(visit_stream(id)?);
        }
    }
    // They name the patient, so they go with the identity.
    wanted.extend(subject.scans.iter().cloned());
    // They name the patient by the id of the EHR, so they go with the identity.
    for handle in &subject.consults {
        wanted.push(handle.stream()?);
    }
    let day = cauda_guideline::time::write(at_micros.div_euclid(1_000_000));
    let audit = StreamName::new(format!("audit/{}", day.get(..10).unwrap_or("day")))?;
    let mut erased = 0;
    for stream in wanted {
        if !has_bodies(record, &stream).await? {
            continue;
        }
        let erasure = Erasure {
            command: format!("erase-{}", crate::ids::new_id()),
            stream,
            reason: reason.to_string(),
            audit: audit.clone(),
            actor: actor.to_string(),
            recorded_at: at_micros,
        };
        record.erase(erasure).await?;
        erased += 1;
    }
    Ok(erased)
}

async fn has_bodies(record: &Record, stream: &StreamName) -> Result<bool, ServerError> {
    let mut after = 0;
    loop {
        let page = record.stream(stream, after).await?;
        if page.iter().any(|row| row.body.is_some()) {
            return Ok(true);
        }
        match page.last().filter(|_| page.len() == cauda_store::PAGE_MAX) {
            Some(last) => after = last.sequence,
            None => return Ok(false),
        }
    }
}

/// Patients of whom nothing was recorded since that moment and nothing is open, in microseconds
/// since 1970 UTC: those a retention period has passed for.
///
/// # Errors
/// As the record's.
pub async fn untouched_since(record: &Record, micros: i64) -> Result<Vec<Subject>, ServerError> {
    let mut patients: Vec<(PatientId, Vec<VisitId>)> = Vec::new();
    let mut after = String::new();
    loop {
        let notes = record.notes(VISIT_OF, &after).await?;
        let Some(last) = notes.last() else { break };
        after = last.key.clone();
        for note in &notes {
            let Some((patient, visit)) = note.key.split_once('/') else { continue };
            let (Ok(patient), Ok(visit)) = (PatientId::new(patient), VisitId::new(visit)) else {
                continue;
            };
            match patients.last_mut().filter(|(known, _)| *known == patient) {
                Some((_, visits)) => visits.push(visit),
                None => patients.push((patient, vec![visit])),
            }
        }
    }
    let mut old = Vec::new();
    for (patient, visits) in patients {
        let mut wanted = vec![patient_stream(&patient)?];
        for id in &visits {
            wanted.push(visit_stream(id)?);
        }
        let consults = by_number(record, &patient).await?;
        let mut scans = scans_of_visits(record, &visits).await?;
        let known = streams::patient(record, &patient).await?;
        if let Some(number) = known.and_then(|known| known.person.number) {
            scans.extend(crate::scans::of_number(record, &number).await?);
        }
        wanted.extend(scans.iter().cloned());
        for handle in &consults {
            wanted.push(handle.stream()?);
        }
        let (mut newest, mut is_left) = (i64::MIN, false);
        for stream in &wanted {
            let count = record.sequence(stream).await?;
            if let Some(row) = record.stream(stream, count.saturating_sub(1)).await?.first() {
                newest = newest.max(row.recorded_at);
                is_left |= row.body.is_some();
            }
        }
        let subject = Subject { patient: Some(patient), visits, consults, scans };
        if is_left && newest < micros && open(record, &subject).await?.is_empty() {
            old.push(subject);
        }
    }
    old.extend(only_asked_about(record, micros).await?);
    Ok(old)
}

/// Whom only EHRs asked about, and not since that moment.
async fn only_asked_about(record: &Record, micros: i64) -> Result<Vec<Subject>, ServerError> {
    let (mut old, mut after) = (BTreeSet::new(), String::new());
    loop {
        let notes = record.notes(consult::CONSULT_OF, &after).await?;
        let Some(last) = notes.last() else { break };
        after = last.key.clone();
        for note in &notes {
            let Some((who, handle)) = note.key.split_once('/') else { continue };
            let Some(handle) = Handle::read(handle) else { continue };
            // Whoever is a patient here is found among them.
            let is_patient = record.note(NUMBER, who).await?.is_some_and(|n| n.value.is_some());
            let latest = consult::latest(record, &handle).await?;
            if !is_patient && latest.is_some_and(|latest| latest < micros) {
                old.insert(handle);
            }
        }
    }
    let subject = |handle| Subject { consults: vec![handle], ..Subject::default() };
    Ok(old.into_iter().map(subject).collect())
}
