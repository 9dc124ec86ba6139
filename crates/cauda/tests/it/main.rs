//! The command line as a person meets it: what is typed, what is printed, and
//! the exit code.
#![allow(clippy::unwrap_used, missing_docs)]

mod assess;
mod check;
mod conformance;
mod deploy;
mod dicom;
mod diff;
mod doctor;
mod facts;
mod generated;
mod hazards;
mod inside_ehr;
mod interview;
mod lines;
mod manual;
mod mutate;
mod output;
mod population;
mod publish;
mod record;
mod refused;
mod run;
mod serving;
mod settings;
mod tour;
mod verify;
