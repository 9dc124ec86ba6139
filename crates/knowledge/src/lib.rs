//! The guideline in the standards of others: CQL and FHIR knowledge artifacts. Pure.
//!
//! A guideline goes in, files come out, path to text. `tests/cql` of the
//! repository translates the library with the translator of the CQL project,
//! runs it in an engine that shares no code with ours, and compares every
//! patient's answer.

pub mod cql;
pub mod error;
pub mod fhir;
pub mod inputs;

pub use cauda_fhir_service::Base;
pub use error::KnowledgeError;

/// Base of the canonical addresses of a guideline that no site has made its own.
pub const BASE: &str = "https://cauda.example/fhir";
