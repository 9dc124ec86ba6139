//! Notes made anew from the log: after a restore, and for a record of before there were notes.

use std::collections::BTreeMap;

use cauda_pathway::event::Event;
use cauda_pathway::identity::{PatientId, VisitId};
use cauda_pathway::visit::Visit;
use cauda_store::{NOTES_MAX, Note, Record, StreamName};

use crate::ServerError;
use crate::accounts;
use crate::ehr::consult;
use crate::glass;
use crate::streams::{self, MADE, patient_notes, visit_notes};

/// Version of what the notes say; another one has them made anew.
const VERSION: &str = "1";

/// Makes the notes where they are missing.
///
/// # Errors
/// As the record's.
pub async fn make(record: &Record) -> Result<(), ServerError> {
    let made = record.note(MADE, "version").await?;
    if made.and_then(|note| note.value).as_deref() == Some(VERSION) {
        return Ok(());
    }
    let size = record.size().await?;
    if size > 0 {
        tracing::info!(events = size, "making the lists of open visits and patients anew");
    }
    let (mut from, mut waiting) = (0, Vec::new());
    while from < size {
        let rows = record.log(from, cauda_store::PAGE_MAX).await?;
        let Some(last) = rows.last() else { break };
        from = last.position + 1;
        let mut visits: BTreeMap<String, ()> = BTreeMap::new();
        for row in &rows {
            match row.stream.split_once('/') {
                // Each visit once, by its last event: it is folded whole then.
                Some(("visit", id)) if is_last(record, row).await? => {
                    visits.insert(id.to_string(), ());
                }
                Some(("audit", _)) => waiting.extend(glass::notes(row)?),
                Some(("consult", _)) => waiting.extend(consult::notes(row)?),
                Some(("scan" | "scanner" | "mpps", _)) => {
                    waiting.extend(crate::scans::notes(record, row).await?);
                }
                Some(("message", _)) => waiting.extend(crate::hl7::receipt_notes(row)?),
                Some(("letter", _)) => {
                    waiting.extend(crate::hl7::letter_notes(record, row).await?);
                }
                Some(("told", _)) => waiting.extend(crate::hl7::told_notes(record, row).await?),
                Some(("account", id)) => waiting.extend(accounts::notes(id, row)?),
                Some(("patient", id)) => {
                    let Ok(id) = PatientId::new(id) else { continue };
                    if let Some(patient) = streams::patient(record, &id).await? {
                        waiting.extend(patient_notes(&patient)?);
                    }
                }
                _ => {}
            }
        }
        for id in visits.into_keys() {
            let Ok(id) = VisitId::new(id) else { continue };
            let events: Vec<Event> = streams::all(record, &streams::visit_stream(&id)?).await?;
            let mut visit = Visit::default();
            events.iter().for_each(|event| visit.apply(event));
            waiting.extend(visit_notes(&visit)?);
        }
        for lot in waiting.chunks(NOTES_MAX) {
            record.write_notes(lot.to_vec()).await?;
        }
        waiting.clear();
    }
    let note = Note {
        list: MADE.to_string(),
        key: "version".to_string(),
        stream: StreamName::new("notes/made")?,
        value: Some(VERSION.to_string()),
        sole: false,
    };
    Ok(record.write_notes(vec![note]).await?)
}

async fn is_last(record: &Record, row: &cauda_store::Event) -> Result<bool, ServerError> {
    let stream = StreamName::new(row.stream.clone())?;
    Ok(record.sequence(&stream).await? == row.sequence)
}
