//! A message that was read, as far as the department needs it.

use crate::data_types::masked;
use crate::header::table;
use crate::{Appointment, Flag, Header, Keys, Merge, Order, Patient, Report, Visit, When};

/// A message that was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Inbound {
    /// Its head.
    pub header: Header,
    /// What it says.
    pub body: Body,
    /// What a person or the worklist has to know of it.
    pub flags: Vec<Flag>,
    /// By what it is known again when it comes twice.
    pub keys: Keys,
}

/// What a message says.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// ADT of one patient.
    Admission(Box<Admission>),
    /// ADT A40: numbers that turned out to be one patient.
    Merges(Vec<Merge>),
    /// ORM^O01 and OMI^O23.
    Orders(Box<Orders>),
    /// ORU^R01.
    Reports(Box<Reports>),
    /// SIU.
    Appointment(Box<Appointment>),
}

/// An event of a visit.
#[derive(Clone, PartialEq, Eq)]
pub struct Admission {
    /// What happened.
    pub event: AdmissionEvent,
    /// EVN-6: when it happened.
    pub occurred: Option<When>,
    /// EVN-2: when it was written down.
    pub recorded: Option<When>,
    /// To whom.
    pub patient: Patient,
    /// In which visit.
    pub visit: Option<Visit>,
}

/// The event of an ADT message of one patient, HL7 table 0003.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AdmissionEvent {
    /// `A01`: admitted.
    Admitted,
    /// `A02`: moved to another place.
    Transferred,
    /// `A03`: discharged.
    Discharged,
    /// `A04`: registered, the arrival in an emergency department.
    Registered,
    /// `A08`: something about them was changed.
    Updated,
    /// `A11`: was not admitted or registered after all.
    AdmissionCancelled,
    /// `A12`: was not moved after all.
    TransferCancelled,
    /// `A13`: was not discharged after all.
    DischargeCancelled,
    /// `A31`: something about the person was changed, outside of any visit.
    PersonUpdated,
}

table!(AdmissionEvent, "A01" => Admitted, "A02" => Transferred, "A03" => Discharged,
    "A04" => Registered, "A08" => Updated, "A11" => AdmissionCancelled,
    "A12" => TransferCancelled, "A13" => DischargeCancelled, "A31" => PersonUpdated);

impl Admission {
    /// When it happened, or else when it was written down.
    pub fn at(&self) -> Option<When> {
        self.occurred.or(self.recorded)
    }
}

/// Orders of one patient. The patient is whole even if no ADT came before.
#[derive(Clone, PartialEq, Eq)]
pub struct Orders {
    /// PID; always there when an order is new.
    pub patient: Option<Patient>,
    /// PV1.
    pub visit: Option<Visit>,
    /// At least one.
    pub orders: Vec<Order>,
}

/// Reports of one patient.
#[derive(Clone, PartialEq, Eq)]
pub struct Reports {
    /// PID.
    pub patient: Option<Patient>,
    /// PV1.
    pub visit: Option<Visit>,
    /// At least one.
    pub reports: Vec<Report>,
}

masked!(Inbound, Body, Admission, Orders, Reports);
