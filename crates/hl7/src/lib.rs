//! HL7 v2.3 to 2.5.1 over MLLP: admissions, orders, reports, appointments.
//!
//! Bytes become frames in [`mllp`], a frame becomes a typed message in [`read()`], a typed message
//! becomes bytes in [`write()`]. It does not know the record: what was read is handed to a desk
//! that commits it, and only then is the sender answered.
//!
//! ```ignore
//! let partner = Partner { application, facility, hosts: vec![Hosts::read("hl7-host", "10.1.0.0/16")?] };
//! let settings = Settings::new(vec![partner], Reading::new(zone), clock);
//! let listener = Listener::bind(address, settings, desk).await?;
//! tokio::spawn(listener.serve(stop));
//!
//! let header = Header::new(Party::named("CAUDA", "ED"), receiver, now, &control_id).omi();
//! let message = write(&header, &Body::Orders(Box::new(orders)), &zone)?;
//! match sender.send(&message).await?.verdict { Verdict::Taken => … }
//! ```
//!
//! What a message does not say is `None`, and so is an explicit null, `""`. What does not fit DICOM is kept whole and flagged.
//! Nothing of a patient is in an error, and `Debug` of what holds a patient shows none of it.

mod acknowledge;
mod appointment;
mod back_off;
mod charset;
mod conversation;
mod data_types;
pub mod day;
mod delimiters;
mod desk;
mod error;
mod fit;
mod flag;
mod header;
mod inbound;
mod keys;
mod listener;
pub mod mllp;
mod order;
mod order_codes;
mod partners;
mod patient;
mod read;
mod report;
mod sender;
mod structure;
mod tls;
mod when;
mod write;
mod writing;

pub use acknowledge::{Acknowledgement, Answer, Verdict, answer};
pub use appointment::{Appointment, AppointmentEvent};
pub use back_off::{WAIT_SECONDS_MAX, wait_seconds};
pub use cauda_outbound::{Fault, Trust};
pub use charset::{Charset, Encoding};
pub use data_types::{Clinician, Coded, Designator, EntityId, Identifier, Location, PersonName};
pub use delimiters::Delimiters;
pub use desk::{DeadLetter, Desk, NotKept, Refused, Taken};
pub use error::Hl7Error;
pub use fit::is_uid;
pub use flag::{Code, Flag, Odd, Place, Reject};
pub use header::{Acknowledge, Header, Party, Processing, Version, Wanted};
pub use inbound::{Admission, AdmissionEvent, Body, Inbound, Orders, Reports};
pub use keys::Keys;
pub use listener::{Clock, Limits, Listener, Settings};
pub use order::{Observation, Order, Step};
pub use order_codes::{Control, OrderStatus, Priority};
pub use partners::{Hosts, Partner};
pub use patient::{Merge, Patient, PatientClass, Sex, Visit};
pub use read::{Reading, read, read_header};
pub use report::{Critical, Report, Stage};
pub use sender::{Sender, SenderSettings, Sent};
pub use structure::{DELIMITERS_MAX, SEGMENTS_MAX};
pub use tls::server_tls;
pub use when::{PartialDate, Precision, When};
pub use write::{CONTROL_ID_CHARACTERS_MAX, write};
