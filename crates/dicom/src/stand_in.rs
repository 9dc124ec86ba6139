//! A scanner for demonstrations and tests: takes the next entry, tells that the scan has begun,
//! waits as long as it takes, and tells that it has ended. Speaks to the listener over the wire
//! like any other scanner; the clock and the waiting are the caller's.

use std::collections::VecDeque;
use std::net::SocketAddr;

use async_trait::async_trait;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use jiff::civil::DateTime;

use crate::command::{Command, status};
use crate::dataset::{DataSet, Syntax, Value};
use crate::error::DicomError;
use crate::negotiate::Service;
use crate::scu::{Association, Caller, identifier};
use crate::when::{date_text, time_text};

/// Entries that were scanned and are not taken again while they are still listed.
const MAX_DONE: usize = 256;
/// How often the end of a scan is told again when nobody listens.
const MAX_TRIES: usize = 1_000;

/// Time as the stand-in sees it.
#[async_trait]
pub trait Pace: Send + Sync {
    /// Local time now.
    fn now(&self) -> DateTime;
    /// Waits so many seconds, or as long as a demonstration takes for them.
    async fn wait(&self, seconds: u32);
}

/// How a stand-in is set up.
#[derive(Clone, Debug)]
pub struct StandInSettings {
    /// Where the worklist is.
    pub address: SocketAddr,
    /// Who it is and whom it calls.
    pub caller: Caller,
    /// What it scans, such as `MR`.
    pub modality: String,
    /// Seconds between two looks at an empty worklist.
    pub look_seconds: u32,
    /// The first of the numbers that its UIDs are made of, such as that of a random UUID.
    pub uid_base: u128,
}

/// An entry that was taken.
#[derive(Clone, PartialEq, Eq)]
pub struct Taken {
    answer: DataSet,
    /// Scheduled Procedure Step ID.
    pub step_id: String,
    /// What is to be scanned, in words.
    pub description: String,
}

impl std::fmt::Debug for Taken {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Taken({})", self.step_id)
    }
}

/// A scan that has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// SOP Instance UID of the performed step.
    pub instance: String,
}

/// How a scan ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As planned.
    Completed,
    /// The wrong entry had been chosen.
    WrongEntry,
    /// Broken off for another reason.
    Stopped,
}

/// A scanner that is none.
#[derive(Debug)]
pub struct StandIn {
    settings: StandInSettings,
    count: u128,
    done: VecDeque<String>,
}

impl StandIn {
    /// One that has scanned nobody yet.
    pub fn new(settings: StandInSettings) -> StandIn {
        StandIn { settings, count: 0, done: VecDeque::new() }
    }

    async fn call(&self, service: Service) -> Result<Association, DicomError> {
        let StandInSettings { address, caller, .. } = &self.settings;
        Association::open(*address, caller, &[service], Syntax::Explicit).await
    }

    /// The entry for this scanner that starts first and was not taken yet.
    ///
    /// # Errors
    /// [`DicomError`]
    pub async fn next(&mut self) -> Result<Option<Taken>, DicomError> {
        self.look("", &self.settings.caller.calling).await
    }

    /// The entry of that accession number, for whichever scanner it is planned, as who reads the
    /// number off a request looks for it.
    ///
    /// # Errors
    /// [`DicomError`]
    pub async fn find(&mut self, accession: &str) -> Result<Option<Taken>, DicomError> {
        self.look(accession, "").await
    }

    async fn look(&self, accession: &str, station: &str) -> Result<Option<Taken>, DicomError> {
        let root = [
            tags::PATIENT_NAME,
            tags::PATIENT_ID,
            tags::PATIENT_BIRTH_DATE,
            tags::PATIENT_SEX,
            tags::STUDY_INSTANCE_UID,
            tags::REQUESTED_PROCEDURE_DESCRIPTION,
            tags::REQUESTED_PROCEDURE_ID,
        ];
        let step = [
            (tags::SCHEDULED_STATION_AE_TITLE, station),
            (tags::MODALITY, self.settings.modality.as_str()),
            (tags::SCHEDULED_PROCEDURE_STEP_START_DATE, ""),
            (tags::SCHEDULED_PROCEDURE_STEP_START_TIME, ""),
            (tags::SCHEDULED_PROCEDURE_STEP_ID, ""),
            (tags::SCHEDULED_PROCEDURE_STEP_DESCRIPTION, ""),
            (tags::SCHEDULED_PROTOCOL_CODE_SEQUENCE, ""),
        ];
        let mut wanted = vec![(tags::ACCESSION_NUMBER, accession)];
        wanted.extend(root.map(|tag| (tag, "")));
        let keys = identifier(&wanted, &step);
        let mut association = self.call(Service::Worklist).await?;
        let answers = association.find(&keys).await?;
        association.release().await?;
        let code = answers.last.status.unwrap_or(status::PROCESSING_FAILURE);
        if ![status::SUCCESS, status::OUT_OF_RESOURCES].contains(&code) {
            return Err(DicomError::Rejected(format!("status {code:04X}")));
        }
        let mut waiting: Vec<Taken> = answers.matches.into_iter().map(taken).collect();
        waiting.retain(|taken| !self.done.contains(&taken.step_id));
        Ok(waiting.into_iter().min_by_key(Taken::start))
    }

    /// Tells that the scan of an entry has begun.
    ///
    /// # Errors
    /// [`DicomError`], with a status of failure as [`DicomError::Rejected`]; the entry is not
    /// taken then.
    pub async fn begin(&mut self, taken: &Taken, now: DateTime) -> Result<Running, DicomError> {
        let instance = format!("2.25.{}", self.settings.uid_base.wrapping_add(self.count));
        self.count += 1;
        let set = self.begun(taken, now);
        let mut association = self.call(Service::Steps).await?;
        let answer = association.create(&instance, &set).await?;
        association.release().await?;
        succeeded(&answer)?;
        if self.done.len() >= MAX_DONE {
            self.done.pop_front();
        }
        self.done.push_back(taken.step_id.clone());
        Ok(Running { instance })
    }

    /// Tells that a scan has ended.
    ///
    /// # Errors
    /// [`DicomError`], with a status of failure as [`DicomError::Rejected`].
    pub async fn end(
        &mut self,
        running: &Running,
        ending: Ending,
        now: DateTime,
    ) -> Result<(), DicomError> {
        let mut set = DataSet::new();
        let state = if ending == Ending::Completed { "COMPLETED" } else { "DISCONTINUED" };
        set.text(tags::PERFORMED_PROCEDURE_STEP_STATUS, VR::CS, state);
        set.text(tags::PERFORMED_PROCEDURE_STEP_END_DATE, VR::DA, &date_text(now.date()));
        set.text(tags::PERFORMED_PROCEDURE_STEP_END_TIME, VR::TM, &time_text(now.time()));
        let code = match ending {
            Ending::Completed => None,
            Ending::WrongEntry => Some(("110514", "Incorrect worklist entry selected")),
            Ending::Stopped => Some(("110513", "Discontinued for unspecified reason")),
        };
        if let Some((value, meaning)) = code {
            let mut item = DataSet::new();
            item.text(tags::CODE_VALUE, VR::SH, value);
            item.text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, "DCM");
            item.text(tags::CODE_MEANING, VR::LO, meaning);
            let reasons = tags::PERFORMED_PROCEDURE_STEP_DISCONTINUATION_REASON_CODE_SEQUENCE;
            set.items(reasons, vec![item]);
        }
        let mut series = DataSet::new();
        let uid = format!("{}.1", running.instance);
        series.text(tags::SERIES_INSTANCE_UID, VR::UI, &uid);
        series.text(tags::PROTOCOL_NAME, VR::LO, "stand-in");
        set.items(tags::PERFORMED_SERIES_SEQUENCE, vec![series]);
        let mut association = self.call(Service::Steps).await?;
        let answer = association.set(&running.instance, &set).await?;
        association.release().await?;
        // It is final already when an earlier answer was lost.
        if answer.error_id == Some(status::NO_LONGER_UPDATED) { Ok(()) } else { succeeded(&answer) }
    }

    /// Scans one patient after the other for as long as it is polled. `seconds` says how long an
    /// entry takes.
    pub async fn run(mut self, pace: &dyn Pace, seconds: impl Fn(&Taken) -> u32 + Send + Sync) {
        loop {
            let begun = match self.next().await {
                Ok(Some(taken)) => {
                    let begun = self.begin(&taken, pace.now()).await;
                    begun.map(|running| Some((running, seconds(&taken))))
                }
                Ok(None) => Ok(None),
                Err(error) => Err(error),
            };
            match begun {
                Ok(Some((running, seconds))) => {
                    pace.wait(seconds).await;
                    self.finish(&running, pace).await;
                }
                Ok(None) => pace.wait(self.settings.look_seconds).await,
                Err(error) => {
                    tracing::warn!(scanner = %self.settings.caller.calling, "{error}");
                    pace.wait(self.settings.look_seconds).await;
                }
            }
        }
    }

    /// Tells the end until it is heard.
    async fn finish(&mut self, running: &Running, pace: &dyn Pace) {
        let ended = pace.now();
        for _ in 0..MAX_TRIES {
            match self.end(running, Ending::Completed, ended).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(scanner = %self.settings.caller.calling, "{error}");
                    pace.wait(self.settings.look_seconds).await;
                }
            }
        }
    }

    /// What a scanner copies from the worklist into its step (IHE RAD TF-2, appendix A).
    fn begun(&self, taken: &Taken, now: DateTime) -> DataSet {
        let answer = &taken.answer;
        let steps = answer.sequence(tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE);
        let empty = DataSet::new();
        let step = steps.first().unwrap_or(&empty);
        let mut scheduled = DataSet::new();
        let root = [
            tags::STUDY_INSTANCE_UID,
            tags::ACCESSION_NUMBER,
            tags::REQUESTED_PROCEDURE_ID,
            tags::REQUESTED_PROCEDURE_DESCRIPTION,
        ];
        let of_step = [
            tags::SCHEDULED_PROCEDURE_STEP_ID,
            tags::SCHEDULED_PROCEDURE_STEP_DESCRIPTION,
            tags::SCHEDULED_PROTOCOL_CODE_SEQUENCE,
        ];
        root.iter().for_each(|tag| copy(answer, *tag, &mut scheduled));
        of_step.iter().for_each(|tag| copy(step, *tag, &mut scheduled));
        let mut set = DataSet::new();
        let of_patient = [
            tags::SPECIFIC_CHARACTER_SET,
            tags::PATIENT_NAME,
            tags::PATIENT_ID,
            tags::PATIENT_BIRTH_DATE,
            tags::PATIENT_SEX,
        ];
        of_patient.iter().for_each(|tag| copy(answer, *tag, &mut set));
        set.items(tags::SCHEDULED_STEP_ATTRIBUTES_SEQUENCE, vec![scheduled]);
        copy(step, tags::MODALITY, &mut set);
        let station = &self.settings.caller.calling;
        set.text(tags::PERFORMED_STATION_AE_TITLE, VR::AE, station);
        set.text(tags::PERFORMED_PROCEDURE_STEP_ID, VR::SH, &format!("PPS{}", self.count));
        set.text(tags::PERFORMED_PROCEDURE_STEP_STATUS, VR::CS, "IN PROGRESS");
        set.text(tags::PERFORMED_PROCEDURE_STEP_START_DATE, VR::DA, &date_text(now.date()));
        set.text(tags::PERFORMED_PROCEDURE_STEP_START_TIME, VR::TM, &time_text(now.time()));
        set.text(tags::PERFORMED_PROCEDURE_STEP_DESCRIPTION, VR::LO, "");
        set.items(tags::PERFORMED_SERIES_SEQUENCE, Vec::new());
        if let Some(codes) = step.get(tags::SCHEDULED_PROTOCOL_CODE_SEQUENCE) {
            set.put(tags::PERFORMED_PROTOCOL_CODE_SEQUENCE, VR::SQ, codes.value.clone());
        }
        set
    }
}

impl Taken {
    fn start(&self) -> (String, String, String) {
        let steps = self.answer.sequence(tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE);
        let text = |tag| steps.first().map(|step| step.ascii(tag).to_string()).unwrap_or_default();
        let day = text(tags::SCHEDULED_PROCEDURE_STEP_START_DATE);
        (day, text(tags::SCHEDULED_PROCEDURE_STEP_START_TIME), self.step_id.clone())
    }
}

fn taken(answer: DataSet) -> Taken {
    let steps = answer.sequence(tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE);
    let text = |tag| steps.first().map(|step| step.ascii(tag).to_string()).unwrap_or_default();
    let step_id = text(tags::SCHEDULED_PROCEDURE_STEP_ID);
    let description = text(tags::SCHEDULED_PROCEDURE_STEP_DESCRIPTION);
    Taken { step_id, description, answer }
}

fn copy(from: &DataSet, tag: Tag, to: &mut DataSet) {
    match from.get(tag) {
        Some(element) => to.put(tag, element.vr, element.value.clone()),
        None if crate::dataset::known_vr(tag) == VR::SQ => {}
        None if tag == tags::SPECIFIC_CHARACTER_SET => {}
        None => to.put(tag, crate::dataset::known_vr(tag), Value::Bytes(Vec::new())),
    }
}

fn succeeded(answer: &Command) -> Result<(), DicomError> {
    match answer.status {
        Some(status::SUCCESS) => Ok(()),
        other => {
            let code = other.unwrap_or(status::PROCESSING_FAILURE);
            let comment = answer.comment.as_deref().unwrap_or("no comment");
            Err(DicomError::Rejected(format!("status {code:04X}, {comment}")))
        }
    }
}
