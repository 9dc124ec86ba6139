//! Modality worklist and performed procedure steps for scanners.
//!
//! What a scanner asks (PS3.4 annexes F and K) is answered from an index in memory; what it tells
//! is handed to a [`Department`], which writes it down before the scanner hears of success.

pub mod charset;
mod coded;
pub mod command;
pub mod dataset;
pub mod entry;
mod error;
pub mod keys;
pub mod message;
mod names;
pub mod query;
mod when;
pub mod worklist;

pub use coded::Item;
pub use error::{CommandError, DataError, EntryError, MessageError};
