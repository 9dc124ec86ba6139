//! Pages that are opened inside an EHR: 400 px wide, without cookie, script or navigation of their
//! own. What identifies the session stands in the address, so every link and form carries it.

pub mod app;
pub mod frame;
pub mod source;

pub use frame::EhrFrame;
