//! What an author, a nurse and a reviewer would notice about the guideline
//! crate: pages, entries, answers, explanations. One module a route.
// The crate is pure; its tests read the shipped folder and the corpus from disk.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

mod corpus;
mod decide;
mod disagreements;
mod edits;
mod pages;
mod reading;
mod resolve;
mod shipped;
mod site;
mod stories;
mod timed;
mod visit;
