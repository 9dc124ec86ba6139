//! Looking at a patient whose visit is over: with a reason, which somebody reviews.
//!
//! Whoever is treated here now is looked at freely, and so is a visit in which something is open.
//! Nothing of this holds up care: the reason is one choice, and the page opens at once.

use cauda_guideline::time;
use cauda_pathway::identity::{Actor, VisitId};
use cauda_store::{Append, Expected, Note, Record, StreamAppend, StreamName};
use serde::{Deserialize, Serialize};

use crate::{ServerError, ids, streams};

/// The list of what nobody has reviewed yet.
const LIST: &str = "glass";
/// Kinds of rows in the audit.
pub(crate) const BROKEN: &str = "glass_broken";
pub(crate) const REVIEWED: &str = "glass_reviewed";
/// Seconds after the end of a visit during which it is looked at freely.
pub const FREE_SECONDS: i64 = 86_400;
/// Seconds for which a reason holds, in one session.
pub const HOLDS_SECONDS: i64 = 3_600;
/// Most that are listed.
const LISTED_MAX: usize = 200;

/// Why somebody looks, by id and in words.
pub const REASONS: [(&str, &str); 5] = [
    ("came-back", "the patient called or came back"),
    ("asked", "another clinician or the patient asks about it"),
    ("quality", "quality, teaching or a review of cases"),
    ("complaint", "a complaint or a legal matter"),
    ("other", "another reason, in own words"),
];

/// Somebody looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Its id.
    #[serde(default)]
    pub id: String,
    /// When, in seconds since 1970 UTC.
    pub at: i64,
    /// Who, by account.
    pub actor: String,
    /// As what.
    pub role: String,
    /// At which visit.
    pub visit: String,
    /// Why.
    pub reason: String,
    /// In own words.
    pub words: Option<String>,
}

/// Notes that somebody looks, before they do.
///
/// # Errors
/// As the record's: then nobody looks.
pub async fn broken(
    record: &Record,
    by: &Actor,
    visit: &VisitId,
    reason: &str,
    words: Option<String>,
    at_micros: i64,
) -> Result<(), ServerError> {
    let look = Look {
        id: ids::new_id(),
        at: at_micros.div_euclid(1_000_000),
        actor: by.id.to_string(),
        role: by.role.words().to_string(),
        visit: visit.to_string(),
        reason: reason.to_string(),
        words,
    };
    write(record, BROKEN, &look, by.id.as_str(), at_micros, Some(note_value(&look)?)).await
}

/// Notes that somebody has looked at a look and has no question left.
///
/// # Errors
/// As the record's.
pub async fn reviewed(
    record: &Record,
    look: &Look,
    by: &str,
    at_micros: i64,
) -> Result<(), ServerError> {
    write(record, REVIEWED, look, by, at_micros, None).await
}

/// What nobody has reviewed yet, oldest first.
///
/// # Errors
/// As the record's.
pub async fn open(record: &Record) -> Result<Vec<Look>, ServerError> {
    let notes = record.notes(LIST, "").await?;
    let looks = notes.into_iter().filter_map(|note| serde_json::from_str(&note.value?).ok());
    Ok(looks.take(LISTED_MAX).collect())
}

async fn write(
    record: &Record,
    kind: &str,
    look: &Look,
    actor: &str,
    at_micros: i64,
    value: Option<String>,
) -> Result<(), ServerError> {
    let day = time::write(at_micros.div_euclid(1_000_000));
    let stream = StreamName::new(format!("audit/{}", day.get(..10).unwrap_or("day")))?;
    let append = Append {
        command: ids::new_id(),
        actor: actor.to_string(),
        recorded_at: at_micros,
        streams: vec![StreamAppend {
            stream: stream.clone(),
            expected: Expected::Any,
            events: vec![streams::row(kind, 1, look)?],
        }],
    };
    record.append_noting(append, vec![note(look, stream, value)]).await?;
    Ok(())
}

fn note_value(look: &Look) -> Result<String, ServerError> {
    let text = serde_json::to_string(look);
    Ok(text.map_err(|_| cauda_store::StoreError::Malformed("a look cannot be written as JSON"))?)
}

fn note(look: &Look, stream: StreamName, value: Option<String>) -> Note {
    Note { list: LIST.to_string(), key: look.id.clone(), stream, value, sole: false }
}

/// The note a row of the audit leads to, when notes are made anew.
pub(crate) fn notes(row: &cauda_store::Event) -> Result<Option<Note>, ServerError> {
    let is_broken = row.kind == BROKEN;
    if !is_broken && row.kind != REVIEWED {
        return Ok(None);
    }
    let Some(look) = streams::read::<Look>(row)? else { return Ok(None) };
    let value = if is_broken { Some(note_value(&look)?) } else { None };
    Ok(Some(note(&look, StreamName::new(row.stream.clone())?, value)))
}
