//! What a message does to the board. Everything is done under a command made of the message and
//! its part, so a message that comes again after a crash does the rest and nothing twice.

mod bookings;
mod orders;
mod people;

use std::borrow::Cow;
use std::sync::Arc;

use cauda_hl7::{Body, Code, Inbound, Party, Refused, When};
use cauda_pathway::identity::{Actor, CommandId, Text};
use cauda_scans::Action;
use cauda_store::StoreError;

use super::config::Service;
use super::request;
use crate::scans::{ScanActError, ScanList};
use crate::{ServerError, ids};

/// Numbers of patients that another took the place of.
const MERGED: &str = "hl7_merged";
/// Orders that were cancelled before they came, by sender and number; when that was written, and
/// when it came.
const CANCELLED: &str = "hl7_cancelled";
/// For so long a cancellation waits for its order, in seconds.
const CANCELLED_SECONDS: i64 = 24 * 3_600;
/// When the latest message about an order was written, by the order's id and the sender.
const LATEST: &str = "hl7_latest";
/// Messages that name a patient's numbers, for whoever asks for a patient's data.
pub const RECEIPT_OF: &str = "hl7_of";
/// Most merges that are followed.
const MERGES_MAX: usize = 8;
/// A hold by message counts so long, in seconds; then a person decides.
const HOLD_SECONDS: i64 = 72 * 3_600;

/// The board, as messages change it.
pub struct Board {
    pub(super) list: Arc<ScanList>,
    services: Vec<Service>,
}

/// What was done for one message.
#[derive(Default)]
pub struct Done {
    /// Orders that it was about.
    pub orders: Vec<String>,
    /// To be kept with it: list, key, value.
    pub notes: Vec<(String, String, String)>,
}

/// One message on its way.
struct Message<'a> {
    inbound: &'a Inbound,
    sender: String,
    now: i64,
    parts: usize,
    done: Done,
}

impl Done {
    fn note(&mut self, list: &str, key: &str, value: &str) {
        self.notes.push((list.to_string(), key.to_string(), value.to_string()));
    }
}

impl Message<'_> {
    /// The command of its next step.
    fn command(&mut self) -> Result<CommandId, Refused> {
        self.parts += 1;
        let text = format!("hl7 {} {}", self.inbound.keys.message, self.parts);
        let kept: String = ids::kept(&text).chars().take(40).collect();
        CommandId::new(kept).map_err(|_| later())
    }

    /// When it was written, as closely as it says and not after it came; or else when it came.
    fn at(&self) -> When {
        self.inbound.header.at.map_or(When::second(self.now), |at| at.until(self.now))
    }

    fn from(&self) -> &Party {
        &self.inbound.header.sender
    }

    /// A key of its sender's own.
    fn key(&self, of: &str) -> String {
        let sender: String = ids::kept(&self.sender.to_lowercase()).chars().take(16).collect();
        format!("{sender}/{of}").chars().take(150).collect()
    }
}

impl Board {
    /// The board of a list.
    pub fn new(list: Arc<ScanList>, services: Vec<Service>) -> Board {
        Board { list, services }
    }

    /// Does what a message says.
    ///
    /// # Errors
    /// [`Refused`]: what was done before it stays, and is done once when it comes again.
    pub async fn tell(&self, inbound: &Inbound) -> Result<Done, Refused> {
        let sender = request::name_of(&inbound.header.sender);
        let now = self.list.now();
        let mut message = Message { inbound, sender, now, parts: 0, done: Done::default() };
        match &inbound.body {
            Body::Orders(orders) => self.orders(&mut message, orders).await?,
            Body::Reports(reports) => {
                for report in &reports.reports {
                    self.report(&mut message, reports.patient.as_ref(), report).await?;
                }
            }
            Body::Admission(admission) => self.admission(&mut message, admission).await?,
            Body::Merges(merges) => {
                for merge in merges {
                    self.merge(&mut message, merge).await?;
                }
            }
            Body::Appointment(one) => self.appointment(&mut message, one).await?,
        }
        message.done.orders.sort();
        message.done.orders.dedup();
        Ok(message.done)
    }

    async fn act(
        &self,
        message: &mut Message<'_>,
        id: &str,
        action: Action,
    ) -> Result<(), Refused> {
        let command = message.command()?;
        message.done.orders.push(id.to_string());
        self.list.act(&Actor::system(), id, &command, action).await.map_err(refused)
    }

    async fn note(&self, list: &str, key: &str) -> Result<Option<String>, Refused> {
        let key: String = key.chars().take(150).collect();
        if key.is_empty() {
            return Ok(None);
        }
        let found = self.list.record().note(list, &key).await;
        Ok(found.map_err(|_| later())?.and_then(|note| note.value))
    }
}

fn text(text: &str) -> Result<Text, Refused> {
    let why = "a number or a text of the order is empty, too long, or holds control characters";
    Text::new(text).map_err(|_| never(Code::DataType, why))
}

pub(super) fn never(code: Code, why: &'static str) -> Refused {
    Refused::Never { code, why: Cow::Borrowed(why) }
}

/// The record cannot be reached just now.
pub fn later() -> Refused {
    Refused::Later(Cow::Borrowed("the record cannot be reached; send it again"))
}

fn refused(error: ScanActError) -> Refused {
    match error {
        ScanActError::Refused(why) => Refused::Never {
            code: Code::Internal,
            why: Cow::Owned(format!("the board says: {why}")),
        },
        ScanActError::Visit(_) => never(Code::Internal, "the visit of the order refuses it"),
        ScanActError::Failed(ServerError::Store(StoreError::Taken { .. })) => {
            never(Code::UnknownKey, "an order of this number was here before; give it a new number")
        }
        ScanActError::NoSuchScan => later(),
        ScanActError::Failed(error) => {
            tracing::error!(%error, "an HL7 message was not done");
            later()
        }
    }
}
