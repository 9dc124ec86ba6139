//! Modality worklist and performed procedure steps for scanners.
//!
//! What a scanner asks (PS3.4 annexes F and K) is answered from an index in memory; what it tells
//! is handed to a [`Department`], which writes it down before the scanner hears of success.

pub mod charset;
pub mod command;
pub mod dataset;
mod error;
pub mod message;
