//! An EHR to try Cauda with, written against the standards and not against Cauda: a FHIR R4 server
//! (4.0.1), a SMART App Launch 2 authorization server, and an order screen that calls CDS Hooks
//! 2.0.
//!
//! It is no EHR. Its patients are invented, it knows nobody who signs in, it keeps everything in
//! memory, and it listens on this machine alone. What it does it does strictly: whatever is not of
//! the standard is refused, or noted on its traffic page.
//!
//! [`StandIn::bind`] takes an address, whose [`Registration`] is then given to Cauda;
//! [`StandIn::run`] lets it work. Tests hold the [`Running`] and make [`Faults`].

mod config;
mod ehr;
mod error;
mod faults;
mod fhir;
mod hooks;
mod imaging;
mod orders;
mod random;
mod samples;
mod screen;
mod smart;
mod stand_in;
mod time;
mod traffic;

pub use config::{Client, ClientKeys, Clock, Config, PATIENCE, Registration};
pub use error::StandInError;
pub use faults::{Faults, Gate, PrefetchFault};
pub use hooks::call::{Answered, Happening};
pub use hooks::card::{Card, Link, Suggestion};
pub use hooks::feedback::Outcome;
pub use smart::grants::LaunchContext;
pub use stand_in::{Running, Signer, StandIn};
pub use traffic::Exchange;
