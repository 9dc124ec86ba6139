//! Performed procedure steps: what a scanner tells of a scan (PS3.4 annex F). Pure: what is known
//! and what is told make what is known next, or a refusal.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::charset::Charset;
use crate::command::status;
use crate::dataset::DataSet;
use crate::entry::{Code, MAX_CODES};
use crate::values::{is_uid, name};
use crate::when::civil;

/// Scheduled steps that one performed step may name.
pub const MAX_SCHEDULED: usize = 64;
/// Code 110514 of the DICOM vocabulary, context group 9300.
const WRONG_ENTRY: &str = "110514";
/// What is said when a final step is changed (PS3.4 §F.7.2.2.2).
pub(crate) const NO_LONGER: &str = "Performed Procedure Step Object may no longer be updated";

/// Where a performed step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// On the scanner.
    InProgress,
    /// Done. Nothing of it changes any more.
    Completed,
    /// Broken off. Nothing of it changes any more.
    Discontinued,
}

/// The scheduled step that a performed step belongs to, as the scanner copied it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    /// Study Instance UID.
    pub study_instance_uid: String,
    /// Accession number; may be empty.
    pub accession_number: String,
    /// Requested Procedure ID; may be empty.
    pub procedure_id: String,
    /// Scheduled Procedure Step ID; empty when the scan was not planned.
    pub step_id: String,
}

// Numbers of orders lead to patients: none of them may reach a log.
impl std::fmt::Debug for Scheduled {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(if self.is_named() { "Scheduled" } else { "Scheduled(none)" })
    }
}

impl Scheduled {
    /// Whether it names an order at all.
    pub fn is_named(&self) -> bool {
        let Scheduled { accession_number, procedure_id, step_id, .. } = self;
        !(accession_number.is_empty() && procedure_id.is_empty() && step_id.is_empty())
    }
}

/// A performed step as far as it has been told. The department keeps it, as JSON or otherwise,
/// and gives it back after a restart.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerformedStep {
    /// The SOP Instance UID that the scanner chose.
    pub instance: String,
    /// Where it stands.
    pub state: State,
    /// What it belongs to: several when one scan serves several orders, none named when the scan
    /// was not planned.
    pub scheduled: Vec<Scheduled>,
    /// The patient's number.
    pub patient_id: String,
    /// The patient's name as the scanner has it.
    pub patient_name: String,
    /// AE title of the scanner.
    pub station_ae_title: String,
    /// Such as `MR`.
    pub modality: String,
    /// Performed Procedure Step ID.
    pub id: String,
    /// In words.
    pub description: String,
    /// What was performed, as codes.
    pub protocol_codes: Vec<Code>,
    /// By the scanner's clock, in local time.
    #[serde(with = "as_text")]
    pub started: DateTime,
    /// By the scanner's clock; `None` when it did not say.
    #[serde(with = "as_text_if_known", default)]
    pub ended: Option<DateTime>,
    /// How many series it told of.
    pub series: usize,
    /// Why it was broken off.
    pub reason: Option<Code>,
}

// Names and numbers: nothing of a step but its state may reach a log.
impl std::fmt::Debug for PerformedStep {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "PerformedStep({:?})", self.state)
    }
}

/// Why a message about a step is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status of the response.
    pub status: u16,
    /// Error ID, where the standard has one.
    pub error_id: Option<u16>,
    /// The fault in words, without the value.
    pub comment: String,
}

fn refuse(status: u16, comment: impl Into<String>) -> Refusal {
    Refusal { status, error_id: None, comment: comment.into() }
}

impl PerformedStep {
    /// A step that begins, as told by N-CREATE.
    ///
    /// # Errors
    /// [`Refusal`] for a bad UID (0x0117), an attribute that is missing (0x0120) or has no value
    /// (0x0121), an invalid value (0x0106).
    pub fn create(
        instance: &str,
        set: &DataSet,
        device: Charset,
    ) -> Result<PerformedStep, Refusal> {
        if !is_uid(instance) {
            return Err(refuse(status::INVALID_INSTANCE, "Affected SOP Instance UID is no UID"));
        }
        let charset = charset(set, device);
        let text = |tag| text(set, tag, charset);
        let must = |tag| must(set, tag, charset);
        if must(tags::PERFORMED_PROCEDURE_STEP_STATUS)? != "IN PROGRESS" {
            return Err(invalid(tags::PERFORMED_PROCEDURE_STEP_STATUS));
        }
        let started = time(
            set,
            tags::PERFORMED_PROCEDURE_STEP_START_DATE,
            tags::PERFORMED_PROCEDURE_STEP_START_TIME,
        )?;
        must(tags::PERFORMED_PROCEDURE_STEP_START_DATE)?;
        must(tags::PERFORMED_PROCEDURE_STEP_START_TIME)?;
        Ok(PerformedStep {
            instance: instance.to_string(),
            state: State::InProgress,
            scheduled: scheduled(set, charset)?,
            patient_id: text(tags::PATIENT_ID),
            patient_name: text(tags::PATIENT_NAME),
            station_ae_title: must(tags::PERFORMED_STATION_AE_TITLE)?,
            modality: must(tags::MODALITY)?,
            id: must(tags::PERFORMED_PROCEDURE_STEP_ID)?,
            description: text(tags::PERFORMED_PROCEDURE_STEP_DESCRIPTION),
            protocol_codes: codes(set, tags::PERFORMED_PROTOCOL_CODE_SEQUENCE, charset),
            started: started.ok_or_else(|| invalid(tags::PERFORMED_PROCEDURE_STEP_START_DATE))?,
            ended: None,
            series: set.sequence(tags::PERFORMED_SERIES_SEQUENCE).len(),
            reason: None,
        })
    }

    /// The step after N-SET. What may not be changed, such as the patient, stays as it was.
    ///
    /// # Errors
    /// [`Refusal`] when the step is final (0x0110 with error ID 0xA710) or a value is invalid
    /// (0x0106); nothing is changed then.
    pub fn set(&self, set: &DataSet, device: Charset) -> Result<PerformedStep, Refusal> {
        if self.state != State::InProgress {
            return Err(Refusal {
                error_id: Some(status::NO_LONGER_UPDATED),
                ..refuse(status::PROCESSING_FAILURE, NO_LONGER)
            });
        }
        let charset = charset(set, device);
        let mut next = self.clone();
        next.state = match text(set, tags::PERFORMED_PROCEDURE_STEP_STATUS, charset).as_str() {
            "" | "IN PROGRESS" => State::InProgress,
            "COMPLETED" => State::Completed,
            "DISCONTINUED" => State::Discontinued,
            _ => return Err(invalid(tags::PERFORMED_PROCEDURE_STEP_STATUS)),
        };
        let ended = time(
            set,
            tags::PERFORMED_PROCEDURE_STEP_END_DATE,
            tags::PERFORMED_PROCEDURE_STEP_END_TIME,
        )?;
        next.ended = ended.or(next.ended);
        let description = text(set, tags::PERFORMED_PROCEDURE_STEP_DESCRIPTION, charset);
        if !description.is_empty() {
            next.description = description;
        }
        let performed = codes(set, tags::PERFORMED_PROTOCOL_CODE_SEQUENCE, charset);
        if !performed.is_empty() {
            next.protocol_codes = performed;
        }
        let series = set.sequence(tags::PERFORMED_SERIES_SEQUENCE).len();
        next.series = next.series.max(series);
        let reasons = tags::PERFORMED_PROCEDURE_STEP_DISCONTINUATION_REASON_CODE_SEQUENCE;
        if let Some(reason) = codes(set, reasons, charset).into_iter().next() {
            next.reason = Some(reason);
        }
        Ok(next)
    }

    /// Whether the scan was not planned: it names no order.
    pub fn is_unscheduled(&self) -> bool {
        !self.scheduled.iter().any(Scheduled::is_named)
    }

    /// Whether it was broken off because the wrong entry had been chosen: nobody was scanned for
    /// that order, and its patient is still waiting.
    pub fn is_wrong_entry(&self) -> bool {
        self.state == State::Discontinued
            && self
                .reason
                .as_ref()
                .is_some_and(|reason| reason.scheme == "DCM" && reason.value == WRONG_ENTRY)
    }
}

/// Where an order stands, seen from all performed steps that name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has been scanned for it, or only by choosing the wrong entry.
    Waiting,
    /// On a scanner.
    Running,
    /// Scanned: at least one step completed and none is running.
    Done,
    /// Broken off, and not by mistake: a person decides how to go on.
    Stopped,
}

/// Where an order stands after these steps, those that name it being told by `names`. One scan
/// may serve several orders, and one order may take several scans.
pub fn standing<'a>(
    steps: impl IntoIterator<Item = &'a PerformedStep>,
    names: impl Fn(&Scheduled) -> bool,
) -> Standing {
    let mut standing = Standing::Waiting;
    for step in steps {
        if !step.scheduled.iter().any(&names) || step.is_wrong_entry() {
            continue;
        }
        standing = match (standing, step.state) {
            (Standing::Running, _) | (_, State::InProgress) => Standing::Running,
            (Standing::Done, _) | (_, State::Completed) => Standing::Done,
            (_, State::Discontinued) => Standing::Stopped,
        };
    }
    standing
}

fn charset(set: &DataSet, device: Charset) -> Charset {
    match set.ascii(tags::SPECIFIC_CHARACTER_SET) {
        "" => device,
        term => Charset::of(term).unwrap_or(device),
    }
}

fn text(set: &DataSet, tag: Tag, charset: Charset) -> String {
    let text = charset.decode(set.bytes(tag).unwrap_or_default());
    // Longer than any of these values may be; a scanner that sends more has a fault.
    text.trim_matches([' ', '\0']).chars().filter(|letter| !letter.is_control()).take(324).collect()
}

fn must(set: &DataSet, tag: Tag, charset: Charset) -> Result<String, Refusal> {
    if set.get(tag).is_none() {
        return Err(refuse(status::MISSING_ATTRIBUTE, format!("{} is missing", name(tag))));
    }
    match text(set, tag, charset) {
        text if text.is_empty() => {
            Err(refuse(status::MISSING_VALUE, format!("{} has no value", name(tag))))
        }
        text => Ok(text),
    }
}

fn invalid(tag: Tag) -> Refusal {
    refuse(status::INVALID_VALUE, format!("{} is invalid", name(tag)))
}

/// Both parts of a time; `None` when one has no value.
fn time(set: &DataSet, date: Tag, time: Tag) -> Result<Option<DateTime>, Refusal> {
    match (set.ascii(date), set.ascii(time)) {
        ("", _) | (_, "") => Ok(None),
        (day, hour) => civil(day, hour).map(Some).ok_or_else(|| invalid(date)),
    }
}

fn scheduled(set: &DataSet, charset: Charset) -> Result<Vec<Scheduled>, Refusal> {
    let tag = tags::SCHEDULED_STEP_ATTRIBUTES_SEQUENCE;
    if set.get(tag).is_none() {
        return Err(refuse(status::MISSING_ATTRIBUTE, format!("{} is missing", name(tag))));
    }
    let items = set.sequence(tag);
    if items.len() > MAX_SCHEDULED {
        return Err(invalid(tag));
    }
    let of = |item: &DataSet| Scheduled {
        study_instance_uid: text(item, tags::STUDY_INSTANCE_UID, charset),
        accession_number: text(item, tags::ACCESSION_NUMBER, charset),
        procedure_id: text(item, tags::REQUESTED_PROCEDURE_ID, charset),
        step_id: text(item, tags::SCHEDULED_PROCEDURE_STEP_ID, charset),
    };
    Ok(items.iter().map(of).collect())
}

fn codes(set: &DataSet, tag: Tag, charset: Charset) -> Vec<Code> {
    let of = |item: &DataSet| Code {
        value: text(item, tags::CODE_VALUE, charset),
        scheme: text(item, tags::CODING_SCHEME_DESIGNATOR, charset),
        meaning: text(item, tags::CODE_MEANING, charset),
    };
    set.sequence(tag).iter().take(MAX_CODES).map(of).collect()
}

/// A time as the text that it prints.
mod as_text {
    use jiff::civil::DateTime;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &DateTime, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(time)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<DateTime, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|_| D::Error::custom("this is not a local time"))
    }
}

/// The same for a time that may not be known.
mod as_text_if_known {
    use jiff::civil::DateTime;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        time: &Option<DateTime>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => super::as_text::serialize(time, to),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<DateTime>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        let read = text.map(|text| text.parse());
        read.transpose().map_err(|_| D::Error::custom("this is not a local time"))
    }
}
