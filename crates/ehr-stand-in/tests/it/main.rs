//! The stand-in against a small CDS service of the test's own, over real HTTP.
#![allow(clippy::unwrap_used, missing_docs)]

mod cards;
mod client;
mod fhir;
mod hooks;
mod launch;
mod office;
mod orders;
mod pages;
mod scopes;
mod service;
mod tokens;
mod writing;
