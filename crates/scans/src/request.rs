//! What is ordered, for whom, by when.

use cauda_guideline::vocabulary::Tier;
use cauda_pathway::identity::{Text, VisitId};
use cauda_pathway::patient::{Day, Sex};
use cauda_pathway::wire;
use serde::{Deserialize, Serialize};

use crate::catalogue::Protocol;

/// What an order is for. The tier follows from it, or from the decision of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Back pain, decided in a visit of the department.
    BackPain,
    /// A stroke.
    Stroke,
    /// Severe injury.
    Trauma,
    /// Another emergency.
    Emergency,
    /// A patient of a ward.
    Inpatient,
    /// A patient who comes from home.
    Outpatient,
}

impl Kind {
    /// Those that are entered on the board.
    pub const ENTERED: [Kind; 5] =
        [Kind::Stroke, Kind::Trauma, Kind::Emergency, Kind::Inpatient, Kind::Outpatient];

    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Kind::BackPain => "back pain",
            Kind::Stroke => "stroke",
            Kind::Trauma => "severe injury",
            Kind::Emergency => "other emergency",
            Kind::Inpatient => "inpatient",
            Kind::Outpatient => "outpatient",
        }
    }

    /// Its id in forms and settings.
    pub fn id(self) -> &'static str {
        match self {
            Kind::BackPain => "back_pain",
            Kind::Stroke => "stroke",
            Kind::Trauma => "trauma",
            Kind::Emergency => "emergency",
            Kind::Inpatient => "inpatient",
            Kind::Outpatient => "outpatient",
        }
    }

    /// The kind with that id.
    pub fn of_id(id: &str) -> Option<Kind> {
        Kind::ENTERED.into_iter().chain([Kind::BackPain]).find(|kind| kind.id() == id)
    }

    /// How urgent an order of this kind is. Of back pain the decision says it.
    pub fn tier(self) -> Tier {
        match self {
            Kind::Stroke | Kind::Trauma => Tier::Immediate,
            Kind::Emergency => Tier::Emergency,
            Kind::Inpatient | Kind::BackPain => Tier::Urgent,
            Kind::Outpatient => Tier::Outpatient,
        }
    }
}

/// Whom it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The name, `Meier, Ada`; nothing once it was erased.
    pub name: Option<Text>,
    /// The number in the hospital.
    pub number: Option<Text>,
    /// Date of birth.
    pub born: Option<Day>,
    /// Sex.
    pub sex: Sex,
    /// Ward, bay or bed.
    pub place: Option<Text>,
}

/// By when, and what started the clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// When the scan begins at the latest.
    #[serde(with = "wire::instant")]
    pub at: i64,
    /// When the clock started.
    #[serde(with = "wire::instant")]
    pub started_at: i64,
    /// What started it, `the request`.
    pub started_by: String,
}

/// Where an order came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Entered on the board.
    Board,
    /// The order of that number in a visit.
    Visit {
        /// Which visit.
        visit: VisitId,
        /// Which of its orders.
        order: u32,
    },
    /// An HL7 message: the placer's number, or the filler's.
    Hl7 {
        /// The number of whoever ordered.
        placer: Text,
    },
    /// A FHIR ServiceRequest of a registered EHR.
    Fhir {
        /// The EHR.
        tenant: Text,
        /// `ServiceRequest/12`.
        reference: Text,
        /// The system of the code it was ordered by, where the code has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        coding: Option<Text>,
    },
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// What for.
    pub kind: Kind,
    /// For whom.
    pub about: About,
    /// How urgent.
    pub tier: Tier,
    /// By when.
    pub deadline: Option<Deadline>,
    /// What is scanned.
    pub protocol: Protocol,
    /// No earlier than this, as an outpatient's appointment.
    #[serde(with = "wire::maybe_instant")]
    pub not_before: Option<i64>,
    /// When it was ordered.
    #[serde(with = "wire::instant")]
    pub ordered_at: i64,
    /// Who ordered.
    pub asked_by: String,
    /// How to reach who ordered.
    pub telephone: Option<Text>,
    /// Why, in a few words.
    pub why: Option<Text>,
    /// Where it came from.
    pub source: Source,
    /// Numbers that whoever ordered gave it; where there are none, ours count.
    #[serde(default, skip_serializing_if = "Numbers::is_empty")]
    pub numbers: Numbers,
}

/// Numbers of an order that another system gave it. Each is as DICOM takes it, or is not here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Numbers {
    /// The number given by who fills the order, as reports name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filler: Option<String>,
    /// The code of what was ordered: a protocol that people chose stands until another is ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Accession Number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accession: Option<String>,
    /// Scheduled Procedure Step ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_id: Option<String>,
    /// Study Instance UID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub study_uid: Option<String>,
    /// Who placed it, and under which number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed: Option<Placed>,
    /// Who gave the patient's number: a name agreed on, a name that is unique everywhere, and its
    /// kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient_authority: Option<[Option<String>; 3]>,
}

/// By whom and under which number an order was placed: it is not told to the same system, and
/// others know it by that number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placed {
    /// The application that sent it.
    pub application: String,
    /// Its facility.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facility: Option<String>,
    /// The placer's number, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Who gave that number: a name agreed on, a name that is unique everywhere, and its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<[Option<String>; 3]>,
}

impl Numbers {
    /// Whether none was given.
    pub fn is_empty(&self) -> bool {
        *self == Numbers::default()
    }
}
