//! Messages of all kinds, frames, answers and lines, and a sender that others wrote. A machine
//! without that sender fails; `tests/peer/install` makes it.
#![allow(clippy::unwrap_used, missing_docs)]

mod admissions;
mod answers;
mod appointments;
mod characters;
mod days;
mod dirty;
mod encrypted;
mod frames;
mod house;
mod listening;
mod orders;
mod peer;
mod reports;
mod round_trip;
mod sending;
