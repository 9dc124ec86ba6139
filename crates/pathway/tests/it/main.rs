//! What a nurse, a physician and a reviewer would notice about a visit: its
//! course, its refusals, its tasks, its record. One module a route.
// The crate is pure; its tests read the shipped folder from disk.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

mod at_home;
mod department;
mod limited;
mod lost;
mod patient;
mod properties;
mod record;
mod refusals;
mod scenarios;
mod shipped;
mod views;
