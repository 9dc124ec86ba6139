//! The staff pages: what is known of a visit in, markup out. Every form works without
//! JavaScript; class names and their markup stand in `assets/staff/specimen.html`.

pub mod accounts;
pub mod arrival;
pub mod assets;
pub mod at_home;
pub mod body_map;
pub mod decision;
pub mod downtime;
pub mod examination;
pub mod findings;
pub mod follow_up;
pub mod for_patient;
pub mod frame;
pub mod glass;
pub mod handover;
pub mod languages;
pub mod letter;
pub mod merge;
pub mod message;
pub mod mri;
pub mod paper;
pub mod results;
pub mod sign_in;
pub mod tasks;
pub mod timeline;
pub mod triage;
pub mod verdict;
pub mod waiting;

pub use frame::{Calendar, Frame, InVisit, Sending, Tab, Who};
