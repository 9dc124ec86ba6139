//! Takes messages, one after the other: done to the board, kept as taken, then answered.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use cauda_hl7::{Code, DeadLetter, Desk, Inbound, NotKept, Reading, Refused, Taken};
use cauda_pathway::identity::{Actor, Text};
use cauda_store::{Append, Expected, Note, StreamAppend, StreamName};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::config::Service;
use super::letters::{Letters, id_of};
use super::told::{Board, Done, later};
use crate::scans::ScanList;
use crate::{ServerError, streams};

/// Version of the form of a message that was taken.
const VERSION: u32 = 1;

/// A message that was taken, as the record keeps it: nothing of a patient but which orders it was
/// about.
#[derive(Serialize, Deserialize)]
struct Receipt {
    version: u32,
    at: i64,
    kind: String,
    content: String,
    orders: Vec<String>,
    /// What is to be found again: list, key, value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<(String, String, String)>,
}

/// The desk.
pub struct Taking {
    list: Arc<ScanList>,
    board: Board,
    letters: Letters,
    reading: Reading,
    /// One message at a time: what one looks up, no other changes meanwhile.
    at_work: Mutex<()>,
}

impl Taking {
    /// For a list, with what codes mean here.
    pub fn new(list: Arc<ScanList>, services: Vec<Service>, reading: Reading) -> Taking {
        let letters = Letters::new(list.record().clone());
        let board = Board::new(list.clone(), services);
        Taking { list, board, letters, reading, at_work: Mutex::new(()) }
    }

    /// Messages that were refused.
    pub fn letters(&self) -> &Letters {
        &self.letters
    }

    async fn once(&self, message: &Inbound) -> Result<Taken, Refused> {
        let _alone = self.at_work.lock().await;
        let key: String = message.keys.message.chars().take(40).collect();
        let stream = StreamName::new(format!("message/{key}")).map_err(|_| later())?;
        let record = self.list.record();
        if record.sequence(&stream).await.map_err(|_| later())? > 0 {
            return Ok(Taken::Before);
        }
        let done = self.board.tell(message).await?;
        self.receive(message, &stream, &key, &done).await.map_err(|error| {
            tracing::error!(%error, "an HL7 message was not kept");
            later()
        })?;
        Ok(Taken::Now)
    }

    async fn receive(
        &self,
        message: &Inbound,
        stream: &StreamName,
        key: &str,
        done: &Done,
    ) -> Result<(), ServerError> {
        let now = self.list.now();
        let (kind, event) = &message.header.kind;
        let receipt = Receipt {
            version: VERSION,
            at: now,
            kind: format!("{kind}^{event}"),
            content: message.keys.content.clone(),
            orders: done.orders.clone(),
            notes: done.notes.clone(),
        };
        let append = Append {
            command: format!("hl7-{key}"),
            actor: Actor::system().id.to_string(),
            recorded_at: now.saturating_mul(1_000_000),
            streams: vec![StreamAppend {
                stream: stream.clone(),
                expected: Expected::Any,
                events: vec![streams::row("message", VERSION, &receipt)?],
            }],
        };
        self.list.record().append_noting(append, notes_of(&done.notes, stream)).await?;
        Ok(())
    }

    /// What was refused because its order was not known is tried again once an order came.
    async fn waiting_for_orders(&self) {
        let Ok(open) = self.letters.open().await else { return };
        let unknown = Code::UnknownKey.number().to_string();
        for letter in open.iter().filter(|letter| letter.code.starts_with(&unknown)) {
            // What is still refused stays where it is.
            drop(self.again(&Actor::system(), &letter.id, &letter.raw).await);
        }
    }

    /// Reads a letter again and does what it says, as if it came now.
    ///
    /// # Errors
    /// Why it is refused again.
    pub async fn again(&self, by: &Actor, id: &str, raw: &[u8]) -> Result<(), String> {
        let message = cauda_hl7::read(raw, &self.reading).map_err(|reject| reject.to_string())?;
        match self.once(&message).await {
            Ok(_) => {}
            Err(Refused::Later(why) | Refused::Never { why, .. }) => return Err(why.into_owned()),
        }
        let reason = Text::new("taken when it was tried again").map_err(|why| why.to_string())?;
        self.letters.close(by, id, reason, self.list.now()).await.map_err(|error| error.to_string())
    }
}

#[async_trait]
impl Desk for Taking {
    async fn take(&self, message: Inbound, raw: &[u8]) -> Result<Taken, Refused> {
        let is_order =
            matches!(message.body, cauda_hl7::Body::Orders(_) | cauda_hl7::Body::Merges(_));
        let taken = self.once(&message).await?;
        // It was refused before and did now.
        let id = id_of(raw);
        if let Ok(reason) = Text::new("taken when it came again")
            && let Err(error) =
                self.letters.close(&Actor::system(), &id, reason, self.list.now()).await
        {
            tracing::warn!(%error, "a refused HL7 message was taken and is still on the list");
        }
        if is_order {
            self.waiting_for_orders().await;
        }
        Ok(taken)
    }

    async fn keep(&self, letter: DeadLetter<'_>) -> Result<(), NotKept> {
        let peer: SocketAddr = letter.peer;
        tracing::warn!(%peer, why = letter.why, "an HL7 message was refused");
        let number = cauda_hl7::read(letter.raw, &self.reading).ok().and_then(|it| number_of(&it));
        self.letters.keep(&letter, number, self.list.now()).await.map_err(|error| {
            tracing::error!(%error, "a refused HL7 message could not be kept");
            NotKept
        })
    }
}

/// What a message adds to the notes, for making them anew.
///
/// # Errors
/// [`ServerError::Unreadable`] when a newer program wrote it.
pub fn notes(row: &cauda_store::Event) -> Result<Vec<Note>, ServerError> {
    let Some(receipt) = streams::read::<Receipt>(row)? else { return Ok(Vec::new()) };
    Ok(notes_of(&receipt.notes, &StreamName::new(row.stream.clone())?))
}

fn notes_of(all: &[(String, String, String)], stream: &StreamName) -> Vec<Note> {
    let note = |(list, key, value): &(String, String, String)| Note {
        list: list.clone(),
        key: key.clone(),
        stream: stream.clone(),
        value: Some(value.clone()),
        sole: false,
    };
    all.iter().map(note).collect()
}

/// The number of the patient a message is about.
fn number_of(message: &Inbound) -> Option<String> {
    use cauda_hl7::Body;
    let patient = match &message.body {
        Body::Admission(one) => Some(&one.patient),
        Body::Merges(all) => all.first().map(|merge| &merge.kept),
        Body::Orders(orders) => orders.patient.as_ref(),
        Body::Reports(reports) => reports.patient.as_ref(),
        Body::Appointment(one) => one.patient.as_ref(),
    };
    patient?.identifier().map(|number| number.id.clone())
}
