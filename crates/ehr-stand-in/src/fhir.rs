//! A FHIR R4 server (4.0.1) in memory, behind SMART access tokens.

pub(crate) mod answer;
pub(crate) mod bundle;
pub(crate) mod capability;
pub(crate) mod parameters;
pub(crate) mod routes;
pub(crate) mod search;
pub(crate) mod store;
pub(crate) mod transaction;
pub(crate) mod valid;
