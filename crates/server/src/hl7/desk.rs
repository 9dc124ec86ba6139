//! Takes messages, one after the other: done to the board, kept as taken, then answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use cauda_hl7::{Code, DeadLetter, Desk, Inbound, NotKept, Reading, Refused, Taken};
use cauda_pathway::identity::{Actor, Text};
use cauda_store::{Append, Expected, Note, StreamAppend, StreamName};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, Semaphore};

use super::config::Service;
use super::letters::{Letters, id_of, waits_for};
use super::numbers::seen;
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

/// Most messages after which letters are tried again at the same time. Of more, a person does.
const AFTER_MAX: usize = 64;

/// The desk.
pub struct Taking {
    works: Arc<Works>,
    after: Arc<Semaphore>,
}

/// What it works with.
struct Works {
    list: Arc<ScanList>,
    board: Board,
    letters: Letters,
    reading: Reading,
    /// One message at a time: what one looks up, no other changes meanwhile.
    at_work: Mutex<()>,
    /// There may be letters of earlier versions, which wait for numbers that nobody noted.
    unnumbered: AtomicBool,
}

impl Taking {
    /// For a list, with what codes mean here.
    pub fn new(list: Arc<ScanList>, services: Vec<Service>, reading: Reading) -> Taking {
        let letters = Letters::new(list.record().clone());
        let board = Board::new(list.clone(), services);
        let (at_work, unnumbered) = (Mutex::new(()), AtomicBool::new(true));
        let works = Works { list, board, letters, reading, at_work, unnumbered };
        Taking { works: Arc::new(works), after: Arc::new(Semaphore::new(AFTER_MAX)) }
    }

    /// Messages that were refused.
    pub fn letters(&self) -> &Letters {
        &self.works.letters
    }

    /// Reads a letter again and does what it says, as if it came now.
    ///
    /// # Errors
    /// Why it is refused again.
    pub async fn again(&self, by: &Actor, id: &str, raw: &[u8]) -> Result<(), String> {
        self.works.again(by, id, raw).await
    }

    /// What was refused because its order was not known is tried again once an order came. Who
    /// sent the order has its answer meanwhile.
    fn after(&self, numbers: Vec<String>) {
        let works = self.works.clone();
        let Ok(place) = self.after.clone().try_acquire_owned() else {
            tracing::warn!("too many orders at once: refused HL7 messages are not tried again");
            return;
        };
        drop(tokio::spawn(async move {
            works.waiting_for(&numbers).await;
            drop(place);
        }));
    }
}

impl Works {
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

    async fn waiting_for(&self, numbers: &[String]) {
        let mut ids = self.letters.waiting(numbers).await.unwrap_or_default();
        if self.unnumbered.load(Ordering::Relaxed)
            && let Ok(old) = self.letters.unnumbered().await
        {
            self.unnumbered.store(!old.is_empty(), Ordering::Relaxed);
            ids.extend(old);
        }
        let unknown = Code::UnknownKey.number().to_string();
        for id in ids {
            let Ok(Some(letter)) = self.letters.read(&id).await else { continue };
            if letter.to.is_none() && letter.code.starts_with(&unknown) {
                // What is still refused stays where it is.
                drop(self.again(&Actor::system(), &id, &letter.raw).await);
            }
        }
    }

    /// Reads a letter again and does what it says, as if it came now.
    ///
    /// # Errors
    /// Why it is refused again.
    async fn again(&self, by: &Actor, id: &str, raw: &[u8]) -> Result<(), String> {
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
        let numbers = brought(&message);
        let works = &self.works;
        let taken = works.once(&message).await?;
        // It was refused before and did now.
        let id = id_of(raw);
        if let Ok(reason) = Text::new("taken when it came again")
            && let Err(error) =
                works.letters.close(&Actor::system(), &id, reason, works.list.now()).await
        {
            tracing::warn!(%error, "a refused HL7 message was taken and is still on the list");
        }
        if !numbers.is_empty() {
            self.after(numbers);
        }
        Ok(taken)
    }

    async fn keep(&self, letter: DeadLetter<'_>) -> Result<(), NotKept> {
        let peer: SocketAddr = letter.peer;
        tracing::warn!(%peer, why = letter.why, "an HL7 message was refused");
        let works = &self.works;
        let message = cauda_hl7::read(letter.raw, &works.reading).ok();
        let number = message.as_ref().and_then(number_of);
        let waits = message.filter(|_| letter.code == Code::UnknownKey);
        let waits = waits.as_ref().map(awaited).unwrap_or_default();
        works.letters.keep(&letter, number, waits, works.list.now()).await.map_err(|error| {
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

/// What is kept of the numbers of orders that a message names.
fn ordered(message: &Inbound) -> Vec<String> {
    use cauda_hl7::Body;
    let mut numbers: Vec<&str> = Vec::new();
    match &message.body {
        Body::Orders(orders) => {
            for order in &orders.orders {
                numbers
                    .extend([&order.placer, &order.filler].into_iter().flatten().map(|it| &*it.id));
                numbers.extend(order.accession());
            }
        }
        Body::Reports(reports) => {
            for report in &reports.reports {
                numbers.extend(
                    [&report.placer, &report.filler].into_iter().flatten().map(|it| &*it.id),
                );
                numbers.extend(report.accession.as_deref());
            }
        }
        Body::Appointment(one) => numbers.extend(one.order.as_ref().map(|it| &*it.id)),
        Body::Admission(_) | Body::Merges(_) => {}
    }
    numbers.into_iter().map(|number| waits_for("order", number)).collect()
}

/// The numbers for which letters may have waited, and that a message brings: of orders, or of
/// patients who are one.
fn brought(message: &Inbound) -> Vec<String> {
    use cauda_hl7::Body;
    match &message.body {
        Body::Orders(_) => ordered(message),
        Body::Merges(all) => {
            let lost = all.iter().flat_map(|merge| &merge.lost);
            let kept = all.iter().filter_map(|merge| merge.kept.identifier());
            lost.chain(kept).map(|number| waits_for("patient", &seen(&number.id))).collect()
        }
        _ => Vec::new(),
    }
}

/// The numbers that a message waits for.
fn awaited(message: &Inbound) -> Vec<String> {
    let patient = number_of(message).map(|number| waits_for("patient", &seen(&number)));
    ordered(message).into_iter().chain(patient).collect()
}
