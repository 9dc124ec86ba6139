//! Pages for patients: plain words, one thing at a time, nothing that needs JavaScript.

pub mod check;
mod frame;
mod qr;
mod sheet;

pub use frame::PatientFrame;
pub use sheet::Sheet;
