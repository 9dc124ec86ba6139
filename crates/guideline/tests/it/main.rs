//! What an author, a nurse and a reviewer would notice about the guideline
//! crate: pages, entries, answers, explanations. One module a route.
#![allow(clippy::unwrap_used, missing_docs)]

mod corpus;
mod decide;
mod edits;
mod pages;
mod resolve;
mod shipped;
mod stories;
mod visit;
