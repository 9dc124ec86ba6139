//! A department's worklist for the tests, and queries for it.

use cauda_dicom::charset::Charset;
use cauda_dicom::dataset::{DataSet, Syntax};
use cauda_dicom::entry::{Code, Entry, Patient, Priority, Procedure, ScheduledStep};
use cauda_dicom::query::{Query, QueryError, Reading};
use cauda_dicom::worklist::{View, Worklist};
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags};
use jiff::civil::{DateTime, date};

/// An entry with everything that is obligatory and little else.
pub fn entry(number: u32) -> Entry {
    Entry {
        id: format!("order-{number}"),
        patient: Patient {
            name: format!("TEST^NUMBER{number:05}"),
            id: format!("P{number:07}"),
            sex: "F".into(),
            ..Patient::default()
        },
        procedure: Procedure {
            accession_number: format!("A{number:07}"),
            id: format!("RP{number:07}"),
            study_instance_uid: format!("1.2.826.0.1.3680043.10.1{number}"),
            description: "MRI lumbar spine".into(),
            priority: Some(Priority::Stat),
            ..Procedure::default()
        },
        step: ScheduledStep {
            id: format!("S{number:07}"),
            station_ae_titles: vec!["MR1".into()],
            modality: "MR".into(),
            start: Some(date(2026, 11, 3).at(8, 30, 0, 0)),
            description: "cauda equina, limited".into(),
            protocol_codes: vec![Code {
                value: "CES1".into(),
                scheme: "99CAUDA".into(),
                meaning: "Limited cauda equina protocol".into(),
            }],
            ..ScheduledStep::default()
        },
    }
}

/// The families of the baseline data.
const FAMILIES: [&str; 12] = [
    "SMITH", "JONES", "MEYER", "KIM", "ROSSI", "NOWAK", "GARCIA", "MARTIN", "SILVA", "KHAN",
    "CHEN", "LARSEN",
];

/// Entries such as the measured peers had: names from twelve families, ten scanners, ten days.
pub fn baseline(number: u32) -> Entry {
    let mut entry = entry(number);
    let family = FAMILIES[number as usize % FAMILIES.len()];
    entry.patient.name = format!("{family}{:02}^ANNA", number % 97);
    entry.step.station_ae_titles = vec![format!("MR{}", number % 10)];
    entry.step.start = Some(baseline_start(number));
    entry
}

/// When the entry of this number starts.
pub fn baseline_start(number: u32) -> DateTime {
    let day = i8::try_from(number / 10 % 10).unwrap() + 1;
    let minute = number * 7 % (24 * 60);
    let (hour, minute) = (i8::try_from(minute / 60).unwrap(), i8::try_from(minute % 60).unwrap());
    date(2026, 11, day).at(hour, minute, 0, 0)
}

/// A worklist with the first so many entries of the baseline.
pub fn worklist(count: u32) -> Worklist {
    let worklist = Worklist::new([Charset::Latin1, Charset::Utf8]);
    for number in 0..count {
        assert_eq!(worklist.put(&baseline(number)).unwrap(), []);
    }
    worklist
}

/// The kind of value of a tag.
pub fn vr(tag: Tag) -> VR {
    StandardDataDictionary.by_tag(tag).unwrap().vr().relaxed()
}

/// A data set of these keys.
pub fn keys(keys: &[(Tag, &str)]) -> DataSet {
    let mut set = DataSet::new();
    for (tag, value) in keys {
        set.text(*tag, vr(*tag), value);
    }
    set
}

/// An identifier of keys in the root and keys in the step.
pub fn identifier(root: &[(Tag, &str)], step: &[(Tag, &str)]) -> DataSet {
    let mut set = keys(root);
    set.items(tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE, vec![keys(step)]);
    set
}

/// How a scanner that understands UTF-8 is read.
pub const READING: Reading = Reading { charset: Charset::Utf8, append_star: false };

/// Everything a scanner that understands UTF-8 may see.
pub const VIEW: View<'static> = View { charset: Charset::Utf8, only: None, limit: 100_000 };

/// The query of an identifier, by way of its bytes.
pub fn query(set: &DataSet) -> Result<Query, QueryError> {
    let mut bytes = Vec::new();
    set.write(Syntax::Explicit, &mut bytes);
    Query::read(&bytes, Syntax::Explicit, READING)
}

/// How many entries match.
pub fn count(worklist: &Worklist, root: &[(Tag, &str)], step: &[(Tag, &str)]) -> usize {
    worklist.find(&query(&identifier(root, step)).unwrap(), VIEW).items.len()
}

/// The answers to an identifier as data sets.
pub fn answers(worklist: &Worklist, set: &DataSet) -> Vec<DataSet> {
    let query = query(set).unwrap();
    let mut answers = Vec::new();
    for item in worklist.find(&query, VIEW).items {
        let mut bytes = Vec::new();
        assert!(item.answer(&query, Charset::Utf8, Syntax::Implicit, &mut bytes));
        answers.push(DataSet::read(&bytes, Syntax::Implicit).unwrap());
    }
    answers
}
