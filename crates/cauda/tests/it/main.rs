//! The command line as a person meets it: what is typed, what is printed, and
//! the exit code.
#![allow(clippy::unwrap_used, missing_docs)]

mod assess;
mod check;
mod demo;
mod facts;
mod generated;
mod manual;
mod output;
mod refused;
mod run;
mod verify;
