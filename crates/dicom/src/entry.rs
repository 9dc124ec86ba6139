//! One entry of the worklist as the department gives it, and its way into a data set.
//!
//! A value that does not fit is refused, never cut: a cut accession number is another order.

use dicom_core::VR;
use dicom_dictionary_std::tags;
use jiff::civil::{Date, DateTime};

use crate::dataset::{DataSet, Value};
use crate::error::EntryError;
use crate::values::{codes, ill, may, missing, must};
use crate::when::{date_text, time_text};

/// Characters of an [`Entry::id`].
pub const MAX_ID: usize = 128;
/// Scanners that one step may be scheduled on.
pub const MAX_STATIONS: usize = 16;
/// Codes of one sequence.
pub const MAX_CODES: usize = 16;

/// A code of a procedure or a protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Code {
    /// Code Value, up to 16 characters.
    pub value: String,
    /// Coding Scheme Designator, such as `SCT` or `99CAUDA`.
    pub scheme: String,
    /// Code Meaning.
    pub meaning: String,
}

/// How urgent the requested procedure is (PS3.3 C.4-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// At once.
    Stat,
    /// High.
    High,
    /// Routine.
    Routine,
    /// Medium.
    Medium,
    /// Low.
    Low,
}

/// Pregnancy as DICOM counts it (0010,21C0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pregnancy {
    /// Not pregnant.
    Not,
    /// Possibly pregnant.
    Possible,
    /// Definitely pregnant.
    Definite,
    /// Not known; never written as not pregnant.
    Unknown,
}

/// Where a scheduled step stands (PS3.3 C.4-10 and what departments have added).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Planned.
    #[default]
    Scheduled,
    /// The patient is there.
    Arrived,
    /// The patient is prepared.
    Ready,
    /// On the scanner. Returned only when the query asks for this status.
    Started,
    /// The patient has left. Returned only when the query asks for this status.
    Departed,
}

impl Status {
    /// Its defined term.
    pub fn term(self) -> &'static str {
        match self {
            Status::Scheduled => "SCHEDULED",
            Status::Arrived => "ARRIVED",
            Status::Ready => "READY",
            Status::Started => "STARTED",
            Status::Departed => "DEPARTED",
        }
    }

    /// Whether a query that names no status gets the step.
    pub fn is_waiting(self) -> bool {
        matches!(self, Status::Scheduled | Status::Arrived | Status::Ready)
    }
}

/// The patient. Empty texts are sent as empty values.
#[derive(Clone, Default, PartialEq)]
pub struct Patient {
    /// `Family^Given^Middle^Prefix^Suffix`, up to 64 characters; further groups after `=`.
    pub name: String,
    /// Up to 64 characters.
    pub id: String,
    /// Who gave the number.
    pub issuer: String,
    /// Birth date.
    pub birth_date: Option<Date>,
    /// `M`, `F`, `O` or empty when it is not known.
    pub sex: String,
    /// Metres.
    pub size_metres: Option<f64>,
    /// Kilograms.
    pub weight_kilograms: Option<f64>,
    /// Such as an implant.
    pub medical_alerts: String,
    /// Allergies.
    pub allergies: String,
    /// Pregnancy; `None` when it does not apply.
    pub pregnancy: Option<Pregnancy>,
    /// What the radiographer should know beyond the reason.
    pub history: String,
    /// Special needs.
    pub special_needs: String,
    /// State of the patient, such as `unconscious`.
    pub state: String,
    /// Who may see the data.
    pub confidentiality: String,
    /// Number of the admission or encounter.
    pub admission_id: String,
    /// Where the patient is now.
    pub location: String,
}

/// The requested procedure.
#[derive(Clone, Default, PartialEq)]
pub struct Procedure {
    /// Accession number, up to 16 characters.
    pub accession_number: String,
    /// Requested Procedure ID, up to 16 characters.
    pub id: String,
    /// The UID of the study; the same at every query.
    pub study_instance_uid: String,
    /// In words; this or a code must be there.
    pub description: String,
    /// As codes.
    pub codes: Vec<Code>,
    /// How urgent.
    pub priority: Option<Priority>,
    /// Why.
    pub reason: String,
    /// Who ordered it, as a person's name.
    pub requesting_physician: String,
    /// The department that ordered it.
    pub requesting_service: String,
    /// Who sent the patient, as a person's name.
    pub referring_physician: String,
    /// How the patient comes.
    pub transport: String,
    /// Comments.
    pub comments: String,
}

/// The scheduled procedure step.
#[derive(Clone, Default, PartialEq)]
pub struct ScheduledStep {
    /// Scheduled Procedure Step ID, up to 16 characters.
    pub id: String,
    /// AE titles of the scanners that may take it, at least one.
    pub station_ae_titles: Vec<String>,
    /// Name of the scanner, up to 16 characters.
    pub station_name: String,
    /// Such as `MR`.
    pub modality: String,
    /// Planned start in the department's local time.
    pub start: Option<DateTime>,
    /// In words; this or a protocol code must be there.
    pub description: String,
    /// The protocol as codes.
    pub protocol_codes: Vec<Code>,
    /// Who performs it, as a person's name.
    pub performing_physician: String,
    /// The room, up to 16 characters.
    pub location: String,
    /// Medication before the scan.
    pub pre_medication: String,
    /// Contrast agent, empty for none.
    pub contrast_agent: String,
    /// Where it stands.
    pub status: Status,
    /// Comments.
    pub comments: String,
}

/// One entry of the worklist.
#[derive(Clone, Default, PartialEq)]
pub struct Entry {
    /// The department's own name for it; never sent.
    pub id: String,
    /// The patient.
    pub patient: Patient,
    /// The requested procedure.
    pub procedure: Procedure,
    /// The scheduled step.
    pub step: ScheduledStep,
}

// Names and findings: nothing of an entry may reach a log.
impl std::fmt::Debug for Entry {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Entry")
    }
}

impl Entry {
    /// The entry as a data set with texts in UTF-8, every value checked.
    ///
    /// # Errors
    /// [`EntryError`] for a value that is missing, too long or not allowed.
    pub(crate) fn data_set(&self) -> Result<DataSet, EntryError> {
        if self.id.is_empty() || self.id.len() > MAX_ID {
            return Err(EntryError::Id);
        }
        let mut set = DataSet::new();
        self.write_patient(&mut set)?;
        self.write_procedure(&mut set)?;
        set.items(tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE, vec![self.step.item()?]);
        Ok(set)
    }

    fn write_patient(&self, set: &mut DataSet) -> Result<(), EntryError> {
        let patient = &self.patient;
        must(set, tags::PATIENT_NAME, &patient.name)?;
        must(set, tags::PATIENT_ID, &patient.id)?;
        may(set, tags::ISSUER_OF_PATIENT_ID, &patient.issuer)?;
        may(set, tags::PATIENT_BIRTH_DATE, &patient.birth_date.map(date_text).unwrap_or_default())?;
        if !["", "M", "F", "O"].contains(&patient.sex.as_str()) {
            return Err(ill(tags::PATIENT_SEX, "is none of M, F, O; leave it empty if unknown"));
        }
        may(set, tags::PATIENT_SEX, &patient.sex)?;
        if let Some(size) = patient.size_metres {
            if !(size > 0.0 && size < 3.0) {
                return Err(ill(tags::PATIENT_SIZE, "is not between 0 and 3 metres"));
            }
            may(set, tags::PATIENT_SIZE, &decimal(size))?;
        }
        if let Some(weight) = patient.weight_kilograms {
            if !(weight > 0.0 && weight < 1000.0) {
                return Err(ill(tags::PATIENT_WEIGHT, "is not between 0 and 1000 kilograms"));
            }
            may(set, tags::PATIENT_WEIGHT, &decimal(weight))?;
        }
        may(set, tags::ADDITIONAL_PATIENT_HISTORY, &patient.history)?;
        may(set, tags::MEDICAL_ALERTS, &patient.medical_alerts)?;
        may(set, tags::ALLERGIES, &patient.allergies)?;
        if let Some(pregnancy) = patient.pregnancy {
            let number: u16 = match pregnancy {
                Pregnancy::Not => 1,
                Pregnancy::Possible => 2,
                Pregnancy::Definite => 3,
                Pregnancy::Unknown => 4,
            };
            let value = Value::Bytes(number.to_le_bytes().to_vec());
            set.put(tags::PREGNANCY_STATUS, VR::US, value);
        }
        may(set, tags::SPECIAL_NEEDS, &patient.special_needs)?;
        may(set, tags::PATIENT_STATE, &patient.state)?;
        let confidentiality = tags::CONFIDENTIALITY_CONSTRAINT_ON_PATIENT_DATA_DESCRIPTION;
        may(set, confidentiality, &patient.confidentiality)?;
        may(set, tags::ADMISSION_ID, &patient.admission_id)?;
        may(set, tags::CURRENT_PATIENT_LOCATION, &patient.location)
    }

    fn write_procedure(&self, set: &mut DataSet) -> Result<(), EntryError> {
        let procedure = &self.procedure;
        may(set, tags::ACCESSION_NUMBER, &procedure.accession_number)?;
        must(set, tags::REQUESTED_PROCEDURE_ID, &procedure.id)?;
        must(set, tags::STUDY_INSTANCE_UID, &procedure.study_instance_uid)?;
        if procedure.description.trim().is_empty() && procedure.codes.is_empty() {
            return Err(missing(tags::REQUESTED_PROCEDURE_DESCRIPTION));
        }
        may(set, tags::REQUESTED_PROCEDURE_DESCRIPTION, &procedure.description)?;
        codes(set, tags::REQUESTED_PROCEDURE_CODE_SEQUENCE, &procedure.codes)?;
        let priority = procedure.priority.map_or("", |priority| match priority {
            Priority::Stat => "STAT",
            Priority::High => "HIGH",
            Priority::Routine => "ROUTINE",
            Priority::Medium => "MEDIUM",
            Priority::Low => "LOW",
        });
        may(set, tags::REQUESTED_PROCEDURE_PRIORITY, priority)?;
        may(set, tags::REASON_FOR_THE_REQUESTED_PROCEDURE, &procedure.reason)?;
        may(set, tags::REQUESTING_PHYSICIAN, &procedure.requesting_physician)?;
        may(set, tags::REQUESTING_SERVICE, &procedure.requesting_service)?;
        may(set, tags::REFERRING_PHYSICIAN_NAME, &procedure.referring_physician)?;
        may(set, tags::PATIENT_TRANSPORT_ARRANGEMENTS, &procedure.transport)?;
        may(set, tags::REQUESTED_PROCEDURE_COMMENTS, &procedure.comments)
    }
}

/// Three decimals, as fit into a decimal string.
fn decimal(number: f64) -> String {
    format!("{}", (number * 1000.0).round() / 1000.0)
}

impl ScheduledStep {
    fn item(&self) -> Result<DataSet, EntryError> {
        let set = &mut DataSet::new();
        must(set, tags::SCHEDULED_PROCEDURE_STEP_ID, &self.id)?;
        let stations = tags::SCHEDULED_STATION_AE_TITLE;
        if self.station_ae_titles.len() > MAX_STATIONS {
            return Err(ill(stations, "names more scanners than one step may have"));
        }
        for title in &self.station_ae_titles {
            must(set, stations, title)?;
        }
        let all: Vec<&str> = self.station_ae_titles.iter().map(|title| title.trim()).collect();
        if all.is_empty() {
            return Err(missing(stations));
        }
        set.text(stations, VR::AE, &all.join("\\"));
        may(set, tags::SCHEDULED_STATION_NAME, &self.station_name)?;
        must(set, tags::MODALITY, &self.modality)?;
        let start = self.start.ok_or(missing(tags::SCHEDULED_PROCEDURE_STEP_START_DATE))?;
        must(set, tags::SCHEDULED_PROCEDURE_STEP_START_DATE, &date_text(start.date()))?;
        must(set, tags::SCHEDULED_PROCEDURE_STEP_START_TIME, &time_text(start.time()))?;
        if self.description.trim().is_empty() && self.protocol_codes.is_empty() {
            return Err(missing(tags::SCHEDULED_PROCEDURE_STEP_DESCRIPTION));
        }
        may(set, tags::SCHEDULED_PROCEDURE_STEP_DESCRIPTION, &self.description)?;
        codes(set, tags::SCHEDULED_PROTOCOL_CODE_SEQUENCE, &self.protocol_codes)?;
        may(set, tags::SCHEDULED_PERFORMING_PHYSICIAN_NAME, &self.performing_physician)?;
        may(set, tags::SCHEDULED_PROCEDURE_STEP_LOCATION, &self.location)?;
        may(set, tags::PRE_MEDICATION, &self.pre_medication)?;
        may(set, tags::REQUESTED_CONTRAST_AGENT, &self.contrast_agent)?;
        may(set, tags::SCHEDULED_PROCEDURE_STEP_STATUS, self.status.term())?;
        may(set, tags::COMMENTS_ON_THE_SCHEDULED_PROCEDURE_STEP, &self.comments)?;
        Ok(std::mem::take(set))
    }
}
