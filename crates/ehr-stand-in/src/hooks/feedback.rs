//! The service is told what became of its card (CDS Hooks 2.0, "Feedback").

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::ehr::Ehr;
use crate::hooks::ask;
use crate::time;

/// What a clinician did with a card.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// These suggestions were taken, by their ids.
    Accepted(Vec<String>),
    /// It was set aside, with a coded reason and a comment where somebody gave them.
    Overridden {
        /// One of the card's reasons: a Coding.
        reason: Option<Value>,
        /// In own words.
        comment: Option<String>,
    },
}

/// Tells the service; its status comes back, or `None` when it gave no answer.
pub(crate) async fn send(ehr: &Ehr, service: &str, card: &str, outcome: &Outcome) -> Option<u16> {
    let mut item = json!({"card": card, "outcomeTimestamp": time::instant(ehr.now())});
    match outcome {
        Outcome::Accepted(ids) => {
            item["outcome"] = "accepted".into();
            let all: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
            item["acceptedSuggestions"] = all.into();
        }
        Outcome::Overridden { reason, comment } => {
            item["outcome"] = "overridden".into();
            let mut why = json!({});
            if let Some(reason) = reason {
                why["reason"] = reason.clone();
            }
            if let Some(comment) = comment {
                why["userComment"] = comment.as_str().into();
            }
            if reason.is_some() || comment.is_some() {
                item["overrideReason"] = why;
            }
        }
    }
    let url = format!("{}/cds-services/{service}/feedback", ehr.service);
    let until = Instant::now() + ehr.patience;
    let mut asked = ask::ask(ehr, &url, Some(&json!({"feedback": [item]})), until).await;
    let status = asked.answer.as_ref().ok().map(|(status, _)| *status);
    if status.is_some_and(|status| status != 200) {
        asked.exchange.notes.push("feedback is answered with 200".to_owned());
    }
    ehr.traffic().add(asked.exchange);
    status
}
