//! Pages for patients: plain words, one thing at a time, nothing that needs JavaScript.

pub mod check;
mod frame;
pub mod home;
pub mod qr;
mod sheet;
pub mod waiting;

pub use cauda_paper::PageSize;
pub use frame::{About, PatientFrame};
pub use sheet::Sheet;
