//! Modality worklist and performed procedure steps for scanners.
//!
//! What a scanner asks (PS3.4 annexes F and K) is answered from an index in memory; what it tells
//! is handed to a [`Department`], which writes it down before the scanner hears of success.

pub mod charset;
mod coded;
pub mod command;
pub mod conformance;
pub mod dataset;
pub mod department;
pub mod entry;
mod error;
pub mod keys;
mod listener;
pub mod message;
mod names;
pub mod negotiate;
pub mod query;
pub mod scu;
mod session;
pub mod settings;
pub mod stand_in;
pub mod step;
mod values;
mod when;
pub mod wire;
pub mod worklist;

pub use coded::Item;
pub use department::{Department, Event, Happening, Notice, Source, Trouble};
pub use error::{CommandError, DataError, DicomError, EntryError, MessageError};
pub use listener::Listener;
pub use settings::{Clock, Device, Host, Limits, Settings};
