//! Registered EHRs against servers of our own, on free ports, and one trap that nobody may reach.
#![allow(clippy::unwrap_used, missing_docs)]

mod any_text;
mod asking;
mod calls;
mod desk;
mod escapes;
mod key_sets;
mod networks;
mod replays;
mod server;
mod settings;
