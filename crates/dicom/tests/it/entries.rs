//! What does not fit is refused with a sentence, and never cut.

use cauda_dicom::EntryError;
use cauda_dicom::entry::Entry;
use cauda_dicom::worklist::Worklist;
use dicom_dictionary_std::tags;

use crate::house::{count, entry};

fn check(change: impl FnOnce(&mut Entry), expect: Option<&str>) {
    let worklist = Worklist::new([]);
    let mut changed = entry(1);
    change(&mut changed);
    let told = worklist.put(&changed).err().map(|error| error.to_string());
    assert_eq!(told.as_deref(), expect);
    assert_eq!(worklist.len(), usize::from(expect.is_none()));
}

#[test]
fn values_longer_than_their_kind_are_refused() {
    let long = |field: &str, limit: usize| {
        format!("{field} has more than {limit} characters; shorten it at its source")
    };
    let number = |length: usize| "7".repeat(length);
    check(|entry| entry.procedure.accession_number = number(16), None);
    let told = long("AccessionNumber", 16);
    check(|entry| entry.procedure.accession_number = number(17), Some(&told));
    let told = long("ScheduledProcedureStepID", 16);
    check(|entry| entry.step.id = number(17), Some(&told));
    let told = long("RequestedProcedureID", 16);
    check(|entry| entry.procedure.id = number(17), Some(&told));
    check(|entry| entry.patient.id = number(64), None);
    check(|entry| entry.patient.id = number(65), Some(&long("PatientID", 64)));
    let told = long("ScheduledStationAETitle", 16);
    check(|entry| entry.step.station_ae_titles = vec![number(17)], Some(&told));
    // Letters count, not bytes; a name has three groups of 64.
    let name = format!("{0}={0}={0}", "ü".repeat(64));
    check(|entry| entry.patient.name = name, None);
    check(|entry| entry.patient.name = "ü".repeat(65), Some(&long("PatientName", 64)));
}

#[test]
fn what_every_scanner_needs_must_be_there() {
    let missing =
        |field: &str| Some(format!("{field} is missing; a scanner refuses an entry without it"));
    let told = missing("StudyInstanceUID");
    check(|entry| entry.procedure.study_instance_uid.clear(), told.as_deref());
    check(|entry| entry.patient.name.clear(), missing("PatientName").as_deref());
    check(|entry| entry.patient.id = "  ".into(), missing("PatientID").as_deref());
    let told = missing("ScheduledStationAETitle");
    check(|entry| entry.step.station_ae_titles.clear(), told.as_deref());
    check(|entry| entry.step.start = None, missing("ScheduledProcedureStepStartDate").as_deref());
    let told = missing("RequestedProcedureDescription");
    check(|entry| entry.procedure.description.clear(), told.as_deref());
    check(|entry| entry.step.description.clear(), None);
}

#[test]
fn what_would_be_read_otherwise_is_refused() {
    let told = "PatientID has a backslash, which would make two values of it";
    check(|entry| entry.patient.id = "A\\B".into(), Some(told));
    check(|entry| entry.patient.id = "A\nB".into(), Some("PatientID has a control character"));
    let told = "StudyInstanceUID is not well-formed for its kind of value";
    check(|entry| entry.procedure.study_instance_uid = "1.02.3".into(), Some(told));
    let told = "Modality is not well-formed for its kind of value";
    check(|entry| entry.step.modality = "mr".into(), Some(told));
    let told = "PatientSex is none of M, F, O; leave it empty if unknown";
    check(|entry| entry.patient.sex = "W".into(), Some(told));
    check(|entry| entry.patient.weight_kilograms = Some(72.5), None);
    let told = "PatientWeight is not between 0 and 1000 kilograms";
    check(|entry| entry.patient.weight_kilograms = Some(f64::NAN), Some(told));
    let told = "PatientSize is not between 0 and 3 metres";
    check(|entry| entry.patient.size_metres = Some(172.0), Some(told));
    check(|entry| entry.step.comments = "two\nlines \\ one".into(), None);
}

#[test]
fn an_entry_that_is_refused_leaves_the_old_one() {
    let worklist = Worklist::new([]);
    worklist.put(&entry(1)).unwrap();
    let mut spoilt = entry(1);
    spoilt.patient.id = "7".repeat(65);
    assert!(matches!(worklist.put(&spoilt), Err(EntryError::TooLong { .. })));
    assert_eq!(count(&worklist, &[(tags::PATIENT_ID, "P0000001")], &[]), 1);
}

#[test]
fn an_entry_is_replaced_and_removed_from_every_index() {
    let worklist = Worklist::new([]);
    worklist.put(&entry(1)).unwrap();
    let mut moved = entry(1);
    moved.patient.id = "OTHER".into();
    moved.patient.name = "OTHER".into();
    moved.procedure.accession_number = "OTHER".into();
    moved.procedure.study_instance_uid = "1.9".into();
    moved.step.station_ae_titles = vec!["MR2".into(), "MR3".into()];
    worklist.put(&moved).unwrap();
    assert_eq!(worklist.len(), 1);
    let root = |tag, value| count(&worklist, &[(tag, value)], &[]);
    let step = |tag, value| count(&worklist, &[], &[(tag, value)]);
    assert_eq!(root(tags::PATIENT_ID, "P0000001") + root(tags::PATIENT_NAME, "TEST*"), 0);
    assert_eq!(root(tags::ACCESSION_NUMBER, "A0000001"), 0);
    assert_eq!(step(tags::SCHEDULED_STATION_AE_TITLE, "MR1"), 0);
    assert_eq!(step(tags::SCHEDULED_STATION_AE_TITLE, "MR2"), 1);
    assert_eq!(step(tags::SCHEDULED_STATION_AE_TITLE, "MR3"), 1);
    assert!(worklist.remove("order-1"));
    assert!(!worklist.remove("order-1"));
    assert_eq!(step(tags::MODALITY, "MR") + root(tags::PATIENT_NAME, ""), 0);
    assert!(worklist.is_empty());
}

#[test]
fn nothing_of_a_patient_is_in_what_is_logged() {
    let entry = entry(1);
    let worklist = Worklist::new([]);
    worklist.put(&entry).unwrap();
    let logged = format!("{entry:?} {worklist:?}");
    assert!(!logged.contains("TEST") && !logged.contains("P0000001"), "{logged}");
}
