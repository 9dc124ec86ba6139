//! `POST /cds-services/{id}/feedback`: what became of cards (R148).
//!
//! Several items, repeats and a later change of mind are all legal: an item is kept beside those
//! before it, and the same one twice is kept once, by its [`FeedbackItem::key`]. Overriding
//! without a reason is taken as it is.

use std::fmt;

use cauda_fhir::Moment;
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::card::Coding;
use crate::error::RequestError;

/// Most items of a feedback.
pub const ITEMS_MAX: usize = 200;
/// Most characters of a comment; what is longer is cut, and says so.
pub const COMMENT_MAX: usize = 2_000;
/// Most suggestions that an item names.
const SUGGESTIONS_MAX: usize = 20;
/// Longest id of a card or a suggestion, in bytes.
const ID_MAX: usize = 128;
/// Longest part of a coding, in characters.
const CODING_MAX: usize = 300;

/// Feedback, read whole or refused whole.
pub type Feedback = Vec<FeedbackItem>;

/// What became of one card.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct FeedbackItem {
    /// UUID of the card.
    pub card: String,
    /// What was done.
    pub outcome: Outcome,
    /// `outcomeTimestamp`, as it came.
    pub at: String,
    /// The same in seconds since 1970 UTC.
    pub at_second: i64,
}

/// What was done with a card.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Suggestions were accepted, by their UUIDs.
    Accepted(Vec<String>),
    /// It was put aside, with a reason or without.
    Overridden(Option<OverrideReason>),
}

/// Why a card was put aside.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct OverrideReason {
    /// The reason chosen.
    pub reason: Option<Coding>,
    /// What was written. A patient may be named in it.
    pub comment: Option<String>,
    /// The comment was longer than what is kept.
    pub comment_cut: bool,
}

impl fmt::Debug for FeedbackItem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            Outcome::Accepted(_) => "accepted",
            Outcome::Overridden(_) => "overridden",
        };
        let mut shown = formatter.debug_struct("FeedbackItem");
        shown.field("card", &self.card).field("outcome", &outcome).finish_non_exhaustive()
    }
}

impl FeedbackItem {
    /// The same for the same item, to keep a repeat only once: card, outcome and time.
    pub fn key(&self) -> String {
        let mut hash = Sha256::new();
        let outcome = match self.outcome {
            Outcome::Accepted(_) => "accepted",
            Outcome::Overridden(_) => "overridden",
        };
        for part in [self.card.as_str(), outcome, &self.at_second.to_string(), &self.at] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Reads a body.
///
/// # Errors
/// It is not feedback, or one of its items lacks what it must have; nothing of it is taken then.
pub fn read_feedback(body: &Value) -> Result<Feedback, RequestError> {
    let items = body
        .get("feedback")
        .filter(|items| !items.is_null())
        .ok_or(RequestError::Missing { path: "feedback", what: "a list of outcomes" })?;
    let items = items.as_array().ok_or(RequestError::Shape { path: "feedback", what: "a list" })?;
    if items.len() > ITEMS_MAX {
        return Err(RequestError::TooMany { path: "feedback", most: ITEMS_MAX });
    }
    items.iter().map(item).collect()
}

fn item(value: &Value) -> Result<FeedbackItem, RequestError> {
    let item =
        value.as_object().ok_or(RequestError::Shape { path: "feedback[]", what: "an object" })?;
    let card = short(item, "card", ID_MAX)
        .ok_or(RequestError::Missing { path: "feedback[].card", what: "the uuid of the card" })?;
    let path = "feedback[].outcomeTimestamp";
    let at = short(item, "outcomeTimestamp", 64)
        .ok_or(RequestError::Missing { path, what: "when it was done" })?;
    let moment = Moment::read(at).filter(|_| at.contains('T'));
    let moment = moment.ok_or(RequestError::Shape { path, what: "a time with its zone" })?;
    let outcome = match short(item, "outcome", 32) {
        Some("accepted") => Outcome::Accepted(accepted(item)?),
        Some("overridden") => Outcome::Overridden(overridden(item)?),
        _ => {
            let path = "feedback[].outcome";
            return Err(RequestError::Shape { path, what: "accepted or overridden" });
        }
    };
    let (card, at) = (card.to_string(), at.to_string());
    Ok(FeedbackItem { card, outcome, at, at_second: moment.earliest })
}

fn accepted(item: &Map<String, Value>) -> Result<Vec<String>, RequestError> {
    let path = "feedback[].acceptedSuggestions";
    let list = item.get("acceptedSuggestions").and_then(Value::as_array);
    let list = list
        .filter(|list| !list.is_empty())
        .ok_or(RequestError::Missing { path, what: "the suggestions that were accepted" })?;
    if list.len() > SUGGESTIONS_MAX {
        return Err(RequestError::TooMany { path, most: SUGGESTIONS_MAX });
    }
    let ids = list.iter().map(|suggestion| {
        let id = suggestion.as_object().and_then(|fields| short(fields, "id", ID_MAX));
        id.map(str::to_string)
            .ok_or(RequestError::Shape { path, what: "objects with the id of a suggestion" })
    });
    ids.collect()
}

fn overridden(item: &Map<String, Value>) -> Result<Option<OverrideReason>, RequestError> {
    let path = "feedback[].overrideReason";
    let Some(value) = item.get("overrideReason").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let given = value.as_object().ok_or(RequestError::Shape { path, what: "an object" })?;
    let reason = given.get("reason").and_then(Value::as_object).and_then(coding);
    let written = given.get("userComment").and_then(Value::as_str).map(str::trim);
    let written = written.filter(|text| !text.is_empty());
    let comment_cut = written.is_some_and(|text| text.chars().count() > COMMENT_MAX);
    let comment = written.map(|text| text.chars().take(COMMENT_MAX).collect());
    let said = reason.is_some() || written.is_some();
    Ok(said.then_some(OverrideReason { reason, comment, comment_cut }))
}

fn coding(fields: &Map<String, Value>) -> Option<Coding> {
    let part = |field: &str| {
        let text = fields.get(field).and_then(Value::as_str).unwrap_or_default();
        text.chars().take(CODING_MAX).collect::<String>()
    };
    let code = part("code");
    (!code.is_empty()).then(|| Coding { system: part("system"), code, display: part("display") })
}

fn short<'a>(fields: &'a Map<String, Value>, field: &str, most: usize) -> Option<&'a str> {
    let text = fields.get(field)?.as_str().map(str::trim)?;
    (!text.is_empty() && text.len() <= most).then_some(text)
}
