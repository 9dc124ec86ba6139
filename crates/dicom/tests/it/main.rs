//! The worklist and the performed steps, alone and against the clients that radiology uses: DCMTK
//! and pynetdicom. A machine without them fails; `tests/dicom/install` makes them.
#![allow(clippy::unwrap_used, missing_docs)]

mod associations;
mod charsets;
mod closed_loop;
mod commands;
mod conformance;
mod data_sets;
mod dcmtk;
mod encrypted;
mod entries;
mod house;
mod limits;
mod matching;
mod messages;
mod probes;
mod programs;
mod projection;
mod pynetdicom;
mod site;
mod stand_in;
mod steps;
