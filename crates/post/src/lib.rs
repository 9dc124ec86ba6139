//! Messages that leave the department: SMTP and webhook.
//!
//! Nothing here waits, keeps or chooses: the server's outbox says what is sent, to whom and when,
//! gives a [`Message`] to a [`Channel`], and writes down the [`Outcome`].

mod address;
mod channel;
mod error;
mod line;
mod mail;
mod message;
mod smtp;
pub mod trying;
mod webhook;

pub use address::{Address, Email, Telephone};
pub use channel::{Channel, Clock};
pub use error::{Fault, PostError};
pub use message::Message;
pub use smtp::{Encryption, Smtp, SmtpSettings};
pub use trying::{Outcome, Quiet};
pub use webhook::{Webhook, WebhookSettings};
