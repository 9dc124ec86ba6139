//! What a hospital's other systems tell by HL7 v2: orders, reports, admissions, appointments. Each
//! message is done to the board, kept as taken, and only then answered; what is refused is kept for
//! a person. Other systems are told of the orders in turn.

mod config;
mod desk;
mod letters;
mod numbers;
mod request;
mod tell;
mod told;

pub use config::{Hl7Config, Service};
pub use desk::{Taking, notes as receipt_notes};
pub use letters::{
    Head, LETTER_OF, Letter, Letters, Life, OPEN_BYTES_MAX, Open, To, notes as letter_notes,
};
pub(crate) use request::tier as tier_of;
pub use tell::{Form, Receiver, ReceiverTls, Signs, Silent, TOLD_OF, Telling, notes as told_notes};
pub use told::RECEIPT_OF;
