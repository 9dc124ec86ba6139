//! The guideline as CQL and FHIR: whole, the same bytes each time, and, through
//! tests/cql, the same answer for every patient.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

mod artifacts;
mod comparison;
mod entering;
mod fixture;
mod library;
mod patients;
mod shipped;
