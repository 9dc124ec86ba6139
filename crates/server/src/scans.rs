//! The scanners: what is ordered for them, what they are told, what they tell.

mod config;
mod deadline;
pub mod demo;
mod list;
mod steps;
mod worklist;

pub use config::{DicomConfig, ScannersConfig, TransferSite};
pub use deadline::deadline;
pub use list::{ScanActError, ScanList, notes, of_number, of_order};
pub use steps::{STEP_OF, Steps};
pub use worklist::{Faults, keep_current};
