//! What this program keeps in the record: names of streams, and how events become rows and back.

use cauda_pathway::event::Event;
use cauda_pathway::identity::{PatientId, VisitId};
use cauda_pathway::patient::{Patient, PatientEvent};
use cauda_pathway::visit::Visit;
use cauda_store::{NewEvent, Note, Record, StoreError, StreamName};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ServerError;

/// Visits in which something is still to be done; the value is the patient.
pub const OPEN: &str = "open_visit";
/// Visits of a patient, by patient and visit; the value is the episode.
pub const VISIT_OF: &str = "visit_of";
/// Patients by their number in the hospital.
pub const NUMBER: &str = "patient_number";
/// Accounts by the name they sign in with.
pub const ACCOUNT: &str = "account";
/// Accounts by what is kept of issuer and subject of the identity provider.
pub const PERSON: &str = "account_of_person";
/// Sessions by what is kept of their secret.
pub const SESSION: &str = "session";
/// Whether the notes were ever written from the log.
pub const MADE: &str = "notes";

/// The stream of a visit.
///
/// # Errors
/// Never for an id that was read, as ids are short and plain.
pub fn visit_stream(id: &VisitId) -> Result<StreamName, StoreError> {
    StreamName::new(format!("visit/{id}"))
}

/// The stream of a patient.
///
/// # Errors
/// As [`visit_stream`].
pub fn patient_stream(id: &PatientId) -> Result<StreamName, StoreError> {
    StreamName::new(format!("patient/{id}"))
}

/// An event as a row; its kind is the one word JSON begins with.
///
/// # Errors
/// [`StoreError::Malformed`] when it cannot be written as JSON.
pub fn row(kind: &str, version: u32, event: &impl Serialize) -> Result<NewEvent, StoreError> {
    let body = serde_json::to_string(event);
    let body = body.map_err(|_| StoreError::Malformed("an event cannot be written as JSON"))?;
    Ok(NewEvent { kind: kind.to_string(), version, body })
}

/// Events of a visit as rows.
///
/// # Errors
/// As [`row`].
pub fn visit_rows(events: &[Event]) -> Result<Vec<NewEvent>, StoreError> {
    events.iter().map(|event| row(&kind(event), event.version, event)).collect()
}

fn kind(event: &Event) -> String {
    let kind = serde_json::to_value(event.what.kind());
    kind.ok().and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A row as an event. Nothing once it was erased.
///
/// # Errors
/// [`ServerError::Unreadable`] when a newer program wrote it.
pub fn read<Body: DeserializeOwned>(
    event: &cauda_store::Event,
) -> Result<Option<Body>, ServerError> {
    let Some(body) = &event.body else { return Ok(None) };
    match serde_json::from_str(body) {
        Ok(body) => Ok(Some(body)),
        Err(_) => Err(ServerError::Unreadable(event.position)),
    }
}

/// All events of a stream.
///
/// # Errors
/// As [`Record::stream`], and [`ServerError::Unreadable`].
pub async fn all<Body: DeserializeOwned>(
    record: &Record,
    stream: &StreamName,
) -> Result<Vec<Body>, ServerError> {
    let (mut events, mut after) = (Vec::new(), 0);
    // A visit has at most 10,000 events, so this ends.
    loop {
        let page = record.stream(stream, after).await?;
        let Some(last) = page.last() else { return Ok(events) };
        after = last.sequence;
        for event in &page {
            events.extend(read(event)?);
        }
        if page.len() < cauda_store::PAGE_MAX {
            return Ok(events);
        }
    }
}

/// A patient, unless it was erased.
///
/// # Errors
/// As [`all`].
pub async fn patient(record: &Record, id: &PatientId) -> Result<Option<Patient>, ServerError> {
    let events: Vec<PatientEvent> = all(record, &patient_stream(id)?).await?;
    Ok(Patient::fold(id, &events))
}

/// Whether somebody still has to do something in it, may have to, or is asked at home.
pub fn is_open(visit: &Visit) -> bool {
    visit.phase.is_live() || visit.open_tasks().next().is_some() || visit.at_home.is_on()
}

/// What a visit's notes say after its events.
///
/// # Errors
/// As [`visit_stream`].
pub fn visit_notes(visit: &Visit) -> Result<Vec<Note>, StoreError> {
    let Some(identity) = &visit.identity else { return Ok(Vec::new()) };
    let stream = visit_stream(&identity.visit)?;
    let note = |list: &str, key: String, value: Option<String>| Note {
        list: list.to_string(),
        key,
        stream: stream.clone(),
        value,
        sole: false,
    };
    let of = format!("{}/{}", identity.patient, identity.visit);
    Ok(vec![
        note(
            OPEN,
            identity.visit.to_string(),
            is_open(visit).then(|| identity.patient.to_string()),
        ),
        note(VISIT_OF, of, Some(identity.episode.to_string())),
    ])
}

/// What a patient's notes say.
///
/// # Errors
/// As [`patient_stream`].
pub fn patient_notes(patient: &Patient) -> Result<Vec<Note>, StoreError> {
    let Some(number) = &patient.person.number else { return Ok(Vec::new()) };
    Ok(vec![Note {
        list: NUMBER.to_string(),
        key: number_key(number),
        stream: patient_stream(&patient.id)?,
        value: Some(patient.id.to_string()),
        // Two patients under one number would be taken for each other.
        sole: true,
    }])
}

/// Whether two numbers are one as people write them: 12-3 is not 1-23, though both are looked up
/// under the same key. Capitals and blanks around it make no difference.
pub fn is_same_number(one: &str, other: &str) -> bool {
    one.trim().to_uppercase() == other.trim().to_uppercase()
}

/// How a number is looked up: letters and digits alone, in capitals, so that signs nobody sees
/// make no second patient.
pub fn number_key(number: &str) -> String {
    number.chars().filter(|sign| sign.is_alphanumeric()).collect::<String>().to_uppercase()
}
