//! CDS Hooks, row by row of the requirements, and over whatever JSON and patients there may be.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

mod codes;
mod discovery;
mod feedback;
mod lessons;
mod musts;
mod properties;
mod rating;
mod request;
mod rows_cards;
mod rows_discovery;
mod rows_suggestions;
mod sense;
mod silence;
mod snapshots;
mod suggestions;
mod world;
