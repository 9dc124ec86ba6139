//! Inside an EHR: what it asks, what it is told, and what of that is kept.

pub mod app_sessions;
pub mod consult;
mod inside;
pub mod orders;
pub mod recent;
pub mod situation;
pub mod telling;

pub use inside::{Asked, EhrConfig, Inside, Prepared};
