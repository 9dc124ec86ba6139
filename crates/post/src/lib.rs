//! Messages that leave the department: SMTP and webhook.

mod address;
mod error;
mod message;
pub mod trying;

pub use address::{Address, Email, Telephone};
pub use error::{Fault, PostError};
pub use message::Message;
pub use trying::{Outcome, Quiet};
