//! What is printed, as independent programs read it.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod breaks;
mod letters;
mod limits;
mod papers;
mod poppler;
mod random;
mod same;
mod structure;
