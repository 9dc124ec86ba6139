//! Pages for patients: plain words, one thing at a time, nothing that needs JavaScript.

pub mod check;
mod frame;
mod qr;

pub use frame::PatientFrame;
