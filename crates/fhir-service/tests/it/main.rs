//! What Cauda answers as a FHIR server: forms, answers, plans, decided visits.
// The crate is pure; its tests read the shipped folder and write examples.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

mod adaptive;
mod answers;
mod decisions;
mod examples;
mod forms;
mod parameters;
mod patients;
mod populated;
