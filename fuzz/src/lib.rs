//! What is tried with any bytes: one function each, which panics where a promise is broken.
//!
//! `fuzz_targets` hands them to libFuzzer (`cargo +nightly fuzz run hook`); `mutate` feeds them with
//! edits of the seeds on the stable compiler, for as long as it is told. Each says whether it read
//! the bytes as what they should be, so that `mutate` goes on from those.

mod asking;
mod chart;
mod chart_law;
mod claims;
mod dice;
mod forms;
mod guideline;
mod hook;
mod launch;
mod line;
mod messages;
mod mutator;
mod scanner;
mod shipped;

pub use asking::asking;
pub use chart::chart;
pub use chart_law::chart_law;
pub use claims::{claims, key_set, right_token, token};
pub use dice::Dice;
pub use forms::forms;
pub use guideline::{event, facts, page, visit};
pub use hook::hook;
pub use launch::launch;
pub use messages::{address, feedback, sign_on};
pub use mutator::mutated;
pub use scanner::{dicom_command, dicom_identifier, dicom_pdu, hl7_frame, hl7_message};
pub use shipped::root;

/// Tries some bytes; whether they were read as what they should be.
pub type Target = fn(&[u8]) -> bool;

/// All of them, by name. The seeds of each stand in `corpus-seeds/<name>`.
pub const TARGETS: [(&str, Target); 21] = [
    ("address", address),
    ("asking", asking),
    ("chart", chart),
    ("chart_law", chart_law),
    ("claims", claims),
    ("dicom_command", dicom_command),
    ("dicom_identifier", dicom_identifier),
    ("dicom_pdu", dicom_pdu),
    ("event", event),
    ("facts", facts),
    ("feedback", feedback),
    ("forms", forms),
    ("hl7_frame", hl7_frame),
    ("hl7_message", hl7_message),
    ("hook", hook),
    ("key_set", key_set),
    ("launch", launch),
    ("page", page),
    ("sign_on", sign_on),
    ("token", token),
    ("visit", visit),
];

/// The moment at which everything happens: 2026-11-26 12:00:00 UTC.
const NOW: i64 = 1_795_694_400;

/// Bytes as text, where they are one.
fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}
