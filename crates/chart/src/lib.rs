//! A patient's chart in FHIR R4 (4.0.1) becomes findings of the guideline, by a closed table.
//!
//! `table.toml` lists every code that is understood, and what it says. What stands in no row says
//! nothing: no match is unknown, never absent. Only a coded answer that has a row can reassure,
//! and only with a status, a time and a subject that leave no doubt; whatever is missing, odd or
//! marked as changing the meaning takes the reassuring side away and leaves the dangerous one.
//!
//! Every finding counts as the EHR's (`Role::Ehr`), a laboratory's result too. Requirement CR8
//! says that EHR data never supersede a person, and `Role::Laboratory` outranks a nurse; a feed
//! that was filed under the wrong patient, or a category that some client forgot, must not. So a
//! laboratory's value raises concern from here, and reassures once somebody enters it.
//!
//! Pure: no file, clock, network, thread or randomness. Freshness and authority are the
//! guideline's own business, in `resolve`.

mod age;
mod allergy;
mod answers;
mod chart;
mod codes;
mod condition;
mod device;
mod document;
mod encounter;
mod error;
mod gather;
mod medicine;
mod observation;
mod patient;
mod procedure;
mod read;
mod standing;
mod table;
mod unlisted;
mod when;

pub use chart::{
    Alarm, Block, Chart, EncounterRead, Found, Ignored, PatientRead, Unlisted, Used, Why,
};
pub use codes::System;
pub use error::TableError;
pub use read::{Call, read, read_about};
pub use table::{CodeRow, Kind, Row, Table};
