//! The worklist and the performed steps, alone and against the clients that radiology uses: DCMTK
//! and pynetdicom. A machine without them fails; `tests/dicom/install` makes them.
#![allow(clippy::unwrap_used, missing_docs)]

mod associations;
mod charsets;
mod commands;
mod data_sets;
mod encrypted;
mod entries;
mod house;
mod matching;
mod messages;
mod probes;
mod projection;
mod site;
mod steps;
