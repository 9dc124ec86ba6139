//! Launches from an EHR of our own, on a free port, that can be told to misbehave; and from the
//! stand-in, which was written by itself.
#![allow(clippy::unwrap_used, missing_docs)]

mod answers;
mod backend;
mod desk;
mod documents;
mod ehr;
mod identity;
mod launching;
mod returning;
mod settings;
mod stand_in;
mod wire;
