//! What a chart said: findings, what they rest on, and what was left aside with the reason.
//!
//! What a patient has, and his name, is in none of the `Debug` texts here.

use std::collections::BTreeMap;
use std::fmt;

use cauda_guideline::facts::Role;
use cauda_guideline::resolve::{Entries, Entry};
use cauda_guideline::visit::read_value;
use cauda_guideline::{Guideline, time};
use serde_json::{Map, Value, json};

/// One finding, as the EHR says it.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// Its fact.
    pub fact: String,
    /// Its value as `read_value` takes it: `present`, `38.4 Cel`, `>=38.4 Cel`.
    pub value: String,
    /// When, in seconds since 1970 UTC; never after the moment of the reading.
    pub at: i64,
    /// Where it stands, `Observation/123`.
    pub resource: String,
}

/// Something that was used.
#[derive(Clone, PartialEq, Eq)]
pub struct Used {
    /// Where it stands, `Observation/123`.
    pub resource: String,
    /// The display of the row it fell under.
    pub label: String,
    /// The fact it says something of.
    pub fact: String,
    /// What it says.
    pub value: String,
    /// What was measured, `38.9 Cel`, where `value` is only its dangerous side, `>=38.9 Cel`.
    pub measured: Option<String>,
    /// When, in seconds since 1970 UTC.
    pub at: i64,
    /// Why only its dangerous side counts, if that is so.
    pub only_danger: Option<Why>,
}

/// Something that a row matched and that was not used.
#[derive(Clone, PartialEq, Eq)]
pub struct Ignored {
    /// Where it stands, `Observation/123`.
    pub resource: String,
    /// The display of the row, if it came as far as one.
    pub label: Option<String>,
    /// Why.
    pub why: Why,
}

/// A diagnosis that a clinician must see and that no finding of the guideline can say.
#[derive(Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Where it stands, `Condition/123`.
    pub resource: String,
    /// The display of its row.
    pub label: String,
}

/// A diagnosis that stands in the chart and that no row knows: it says nothing to the guideline.
#[derive(Clone, PartialEq, Eq)]
pub struct Unlisted {
    /// Where it stands, `Condition/123`.
    pub resource: String,
    /// Its name as the EHR has it, at most 80 characters.
    pub label: String,
    /// When it was recorded, in seconds since 1970 UTC.
    pub at: Option<i64>,
    /// It may stand for something the guideline looks for.
    pub may_matter: bool,
}

/// The patient as the chart has him.
#[derive(Clone, PartialEq, Eq)]
pub struct PatientRead {
    /// Id at the EHR's server.
    pub id: String,
    /// System and value of each identifier.
    pub identifiers: Vec<(String, String)>,
    /// Name for people.
    pub name: Option<String>,
    /// Date of birth as it is written.
    pub birth: Option<String>,
    /// `male`, `female`, `other`, `unknown`.
    pub gender: Option<String>,
    /// Recorded as dead.
    pub deceased: bool,
}

/// The encounter of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncounterRead {
    /// Id at the EHR's server.
    pub id: String,
    /// Code of its class, `EMER`.
    pub class: Option<String>,
    /// When it began, in seconds since 1970 UTC.
    pub start: Option<i64>,
}

/// Why something was not used, or only its dangerous side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Its status says that it does not hold.
    Status,
    /// It has no status, or not a final one.
    StatusNotFinal,
    /// It was refuted, or entered in error.
    Refuted,
    /// It is over, and its row is about now.
    Past,
    /// It is older than its row looks back.
    TooOld,
    /// It is about somebody else.
    AnotherSubject,
    /// It does not say whom it is about in a way that can be checked.
    SubjectNotSaid,
    /// An element of it may change what the rest means.
    MeaningMayBeChanged,
    /// It says that there is no value.
    NoValue,
    /// Its value is in no unit that is accepted.
    Unit,
    /// Its value cannot be read, or lies outside what is possible.
    NotReadable,
    /// Its answer is none that a row knows.
    AnswerNotKnown,
    /// Its codes say different things.
    Contradictory,
    /// It has no time.
    NoTime,
    /// Its time is to come.
    Future,
    /// It reassures, and something else about it is in doubt.
    OnlyReassuring,
    /// It answers another questionnaire, or another version of it.
    AnotherQuestionnaire,
    /// It says what not to do, or what might be done.
    NotDone,
    /// The patient is recorded as dead, or it is not sure who the patient is.
    PatientInDoubt,
}

impl Why {
    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Why::Status => "its status says that it does not hold",
            Why::StatusNotFinal => "it has no final status",
            Why::Refuted => "refuted, or entered in error",
            Why::Past => "it is over",
            Why::TooOld => "too long ago",
            Why::AnotherSubject => "it is about somebody else",
            Why::SubjectNotSaid => "it does not say whom it is about",
            Why::MeaningMayBeChanged => "an element of it may change its meaning",
            Why::NoValue => "it has no value",
            Why::Unit => "its unit is not accepted",
            Why::NotReadable => "its value cannot be read, or is outside the possible range",
            Why::AnswerNotKnown => "its answer is not known here",
            Why::Contradictory => "its codes contradict each other",
            Why::NoTime => "it has no time",
            Why::Future => "it is dated in the future",
            Why::OnlyReassuring => "it would only reassure, and is in doubt",
            Why::AnotherQuestionnaire => "it answers another questionnaire or version",
            Why::NotDone => "it was not done, or is only proposed",
            Why::PatientInDoubt => "the patient is recorded as dead, or is in doubt",
        }
    }
}

/// Why nothing that rests on this chart may reassure, whatever the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Block {
    /// No patient came, or another than the one asked for.
    NoPatient,
    /// More than one patient came.
    SeveralPatients,
    /// The patient is recorded as dead.
    Deceased,
    /// The patient's record was replaced by another one.
    Replaced,
    /// A diagnosis stands in the chart that a clinician must see first.
    Alarm,
}

impl Block {
    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Block::NoPatient => "the chart does not say who the patient is",
            Block::SeveralPatients => "the chart holds more than one patient",
            Block::Deceased => "the patient is recorded as dead",
            Block::Replaced => "the patient's record was replaced by another one",
            Block::Alarm => "the chart holds a diagnosis that a clinician must see first",
        }
    }
}

/// What a chart said.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Chart {
    /// The patient, if it is sure who that is.
    pub patient: Option<PatientRead>,
    /// The encounter of the call.
    pub encounter: Option<EncounterRead>,
    /// Findings, by fact.
    pub findings: Vec<Found>,
    /// Diagnoses that no finding can say.
    pub alarms: Vec<Alarm>,
    /// Diagnoses that no row knows, those that may matter first.
    pub unlisted: Vec<Unlisted>,
    /// Why nothing that rests on this chart may reassure.
    pub blocks: Vec<Block>,
    /// What was used.
    pub used: Vec<Used>,
    /// What was not.
    pub ignored: Vec<Ignored>,
    /// Resources without a code of the table, in number, by type.
    pub unknown: BTreeMap<&'static str, usize>,
    /// How many findings, uses and refusals went over the limits, and are not listed.
    pub dropped: usize,
    /// Keys whose asking failed.
    pub failed: Vec<String>,
    /// Keys that were not supplied.
    pub absent: Vec<String>,
    /// Keys of which only a part came.
    pub partial: Vec<String>,
}

impl Chart {
    /// The findings as entries of the EHR.
    pub fn entries(&self, guideline: &Guideline) -> Entries {
        let mut entries = Entries::default();
        for found in &self.findings {
            let Some(index) = guideline.fact(&found.fact) else { continue };
            let Ok(said) = read_value(&guideline.facts[index], &found.value) else { continue };
            let at = Some(found.at);
            entries.add(index, Entry { said, at, by: Role::Ehr, entered_in_error: false });
        }
        entries
    }

    /// The findings as the `findings` of a visit in JSON.
    pub fn findings_json(&self) -> Value {
        let mut facts: Map<String, Value> = Map::new();
        for found in &self.findings {
            let at = time::write(found.at);
            let entry = json!({"value": found.value, "at": at, "by": Role::Ehr.id()});
            let list = facts.entry(found.fact.clone()).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(list) = list {
                list.push(entry);
            }
        }
        Value::Object(facts)
    }

    /// Whether a verdict that rests on this chart may reassure at all.
    pub fn may_reassure(&self) -> bool {
        self.blocks.is_empty()
    }
}

impl fmt::Debug for Chart {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Chart")
            .field("findings", &self.findings.len())
            .field("alarms", &self.alarms.len())
            .field("used", &self.used.len())
            .field("ignored", &self.ignored.len())
            .field("dropped", &self.dropped)
            .finish_non_exhaustive()
    }
}

macro_rules! silent {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}

silent!(Found, Used, Ignored, Alarm, Unlisted, PatientRead);
