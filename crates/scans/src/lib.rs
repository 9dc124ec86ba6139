//! The scan list: orders of every kind, from the request to the report.
//!
//! Pure: no file, clock, network, thread or randomness. An order of a visit is the visit's: it is
//! read from there each time ([`of_visit`]), so that it follows every new decision. What else is
//! ordered (stroke, trauma, wards, outpatients) is a [`Request`] of its own. What people and
//! scanners do about either is an [`Event`]; a [`Scan`] is the fold of both, and an entry of the
//! queue ([`cauda_queue`]) that orders them.

mod act;
mod catalogue;
mod chip;
mod error;
mod event;
mod identifiers;
mod of_visit;
mod reason;
mod request;
mod scan;
mod site;

pub use act::{Action, handle};
pub use catalogue::{Catalogue, PROTOCOLS_MAX, Protocol};
pub use cauda_pathway::event::LimitedImages;
pub use chip::{Chip, Known, Said};
pub use error::ScanError;
pub use event::{Event, Step, VERSION, What, Will};
pub use identifiers::{accession, step_id, study_uid};
pub use of_visit::{UNPLACED, id_of, of_visit, orders_of};
pub use reason::{fitting, joined};
pub use request::{About, Deadline, Kind, Numbers, Placed, Request, Source};
pub use scan::{Report, ReportDue, Scan};
pub use site::{Reserved, ScannerSettings, ScannerWhat, SiteEvent, scanners};
