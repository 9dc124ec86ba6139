//! Other systems are told of orders by HL7: a reporting system or RIS hears of every order that
//! Cauda has and that it did not itself send, what changes in it, and what becomes of it.

mod kept;
mod message;
mod outbox;
mod receiver;

pub use kept::{TOLD_OF, notes};
pub(in crate::hl7) use message::APPOINTMENT;
pub use message::is_booking;
pub use outbox::{Silent, Telling};
pub use receiver::{Form, Receiver, ReceiverTls, Signs};
