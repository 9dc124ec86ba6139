//! A chart becomes findings: every row, every status, and what leaving something out may do.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

mod ages;
mod charts;
mod document;
mod laws;
mod left_out;
mod paths;
mod rows;
mod shipped;
mod silence;
mod status;
mod tables;
mod times;
mod unlisted;
