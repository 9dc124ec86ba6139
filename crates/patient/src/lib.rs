//! What patients are asked and told.
//!
//! The self-check asks at home what a nurse would ask at the door, by the same guideline and
//! engine, and says where to go: `topic` holds the pages of questions, `answers` what was said,
//! `outcome` where it leads, `code` how the answers get to the nurse, `vignette` how well it does.
//!
//! Pure: no file, clock, network, thread or randomness; time is an argument. Nothing clinical is
//! decided here: urgency, scans and words come from the guideline.

mod answers;
mod bits;
pub mod code;
mod outcome;
mod topic;
pub mod vignette;

pub use answers::{Answers, UNSURE};
pub use outcome::{Level, Mri, Outcome, outcome};
pub use topic::{Topic, is_asked, options};
