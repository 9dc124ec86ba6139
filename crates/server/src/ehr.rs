//! Inside an EHR: what it asks, what it is told, and what of that is kept.

pub mod consult;
pub mod situation;
