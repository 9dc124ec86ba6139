//! A SMART App Launch 2 authorization server: launches, codes, tokens and what they allow.

pub(crate) mod assertion;
pub(crate) mod authorize;
pub(crate) mod grants;
pub(crate) mod routes;
pub(crate) mod scope;
pub(crate) mod token;
pub(crate) mod well_known;
