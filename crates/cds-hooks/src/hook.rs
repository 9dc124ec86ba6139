//! The hooks that are answered, and the two services they belong to.
//!
//! Imaging orders have one id for `order-select` and `order-sign`, so that the later answer takes
//! the place of the earlier one (R210, R211). Everything else of a visit has the other id.

use serde::Serialize;

/// Id of the service for orders.
pub const IMAGING: &str = "back-pain-imaging";
/// Id of the service for the rest of the visit.
pub const VISIT: &str = "back-pain";

/// A hook that is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hook {
    /// An order was chosen.
    OrderSelect,
    /// Orders are about to be signed.
    OrderSign,
    /// A patient's record was opened.
    PatientView,
    /// A visit begins.
    EncounterStart,
    /// A visit ends.
    EncounterDischarge,
}

/// A service, an id under `cds-services`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Service {
    /// [`IMAGING`]
    Imaging,
    /// [`VISIT`]
    Visit,
}

impl Hook {
    /// All, in the order of discovery.
    pub const ALL: [Hook; 5] = [
        Hook::OrderSelect,
        Hook::OrderSign,
        Hook::EncounterDischarge,
        Hook::PatientView,
        Hook::EncounterStart,
    ];
    /// Those offered unless a site says otherwise: at an order and at discharge (CR26).
    pub const DEFAULT: [Hook; 3] = [Hook::OrderSelect, Hook::OrderSign, Hook::EncounterDischarge];

    /// Its name, `order-select`.
    pub fn name(self) -> &'static str {
        match self {
            Hook::OrderSelect => "order-select",
            Hook::OrderSign => "order-sign",
            Hook::PatientView => "patient-view",
            Hook::EncounterStart => "encounter-start",
            Hook::EncounterDischarge => "encounter-discharge",
        }
    }

    /// The hook of that name.
    pub fn of_name(name: &str) -> Option<Hook> {
        Hook::ALL.into_iter().find(|hook| hook.name() == name)
    }

    /// The service that answers it.
    pub fn service(self) -> Service {
        if self.is_order() { Service::Imaging } else { Service::Visit }
    }

    /// Whether it brings draft orders.
    pub fn is_order(self) -> bool {
        matches!(self, Hook::OrderSelect | Hook::OrderSign)
    }

    /// Fields its context must have, and those it may have, all of them primitive.
    pub fn context_fields(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Hook::EncounterStart | Hook::EncounterDischarge => {
                (&["userId", "patientId", "encounterId"], &[])
            }
            Hook::OrderSelect | Hook::OrderSign | Hook::PatientView => {
                (&["userId", "patientId"], &["encounterId"])
            }
        }
    }

    /// Version of the hook that is understood, where the library of hooks was read.
    pub fn version(self) -> Option<&'static str> {
        match self {
            Hook::OrderSelect | Hook::OrderSign | Hook::PatientView => Some("1.0"),
            Hook::EncounterStart | Hook::EncounterDischarge => None,
        }
    }
}

impl Service {
    /// Its id.
    pub fn id(self) -> &'static str {
        match self {
            Service::Imaging => IMAGING,
            Service::Visit => VISIT,
        }
    }

    /// The service of that id.
    pub fn of_id(id: &str) -> Option<Service> {
        [Service::Imaging, Service::Visit].into_iter().find(|service| service.id() == id)
    }
}
