//! The EHRs a department has registered: whose calls are believed, and what they are asked.
//!
//! [`Registry::authenticate`] says which EHR calls, by the signed token of its call (CDS Hooks
//! 2.0, "Trusting CDS Clients"). [`Gate::fhir`] is the only way to an EHR's FHIR server. Of the
//! addresses a call brings none is ever asked: each is taken apart and compared with the
//! registered one, and what is asked is built of the registered one alone.

mod address;
mod breaker;
mod caller;
mod claims;
mod error;
mod fhir_client;
mod gate;
mod key_cache;
mod question;
mod registry;
mod replays;
mod secret;
mod settings;
mod tenant;

pub use address::Address;
pub use caller::Caller;
pub use error::{EhrError, Failed, GateError, Refused};
pub use fhir_client::{FhirClient, Found};
pub use gate::Gate;
pub use question::Question;
pub use registry::{Clock, Parts, Registry};
pub use replays::{Replays, ReplaysInMemory};
pub use secret::Secret;
pub use settings::{Mode, Settings};
pub use tenant::Tenant;
