//! Only what was asked is returned, and all of it.

use cauda_dicom::dataset::{DataSet, Value};
use cauda_dicom::keys::{KEYS, Place, Return};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use crate::house::{answers, entry, identifier, keys, vr, worklist};

fn tags_of(set: &DataSet) -> Vec<Tag> {
    set.elements().iter().map(|element| element.tag).collect()
}

#[test]
fn nothing_is_returned_that_was_not_asked() {
    let worklist = worklist(3);
    let set = identifier(&[(tags::PATIENT_NAME, "")], &[(tags::MODALITY, "MR")]);
    for answer in answers(&worklist, &set) {
        let steps = tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE;
        assert_eq!(tags_of(&answer), [tags::PATIENT_NAME, steps]);
        assert_eq!(tags_of(&answer.sequence(steps)[0]), [tags::MODALITY]);
    }
}

#[test]
fn every_key_of_the_table_is_answered_by_its_type() {
    let worklist = worklist(1);
    for key in KEYS.iter().filter(|key| matches!(key.place, Place::Root | Place::Step)) {
        let mut asked = DataSet::new();
        let empty = match vr(key.tag) {
            VR::SQ => Value::Items(Vec::new()),
            _ => Value::Bytes(Vec::new()),
        };
        asked.put(key.tag, vr(key.tag), empty);
        let steps = tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE;
        let mut set = asked.clone();
        if key.place == Place::Step {
            set = DataSet::new();
            set.items(steps, vec![asked]);
        }
        let answer = answers(&worklist, &set).remove(0);
        let at = if key.place == Place::Step { &answer.sequence(steps)[0] } else { &answer };
        let filled = at.get(key.tag).map(|element| match &element.value {
            Value::Bytes(bytes) => !bytes.is_empty(),
            Value::Items(items) => !items.is_empty(),
        });
        match key.returned {
            Return::Always => assert_eq!(filled, Some(true), "{}", key.tag),
            Return::IfKnown => assert_ne!(filled, Some(false), "{}", key.tag),
            Return::Empty => assert!(filled.is_some(), "{}", key.tag),
        }
    }
}

#[test]
fn an_empty_sequence_or_item_returns_all_of_it() {
    let worklist = worklist(1);
    let steps = tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE;
    for items in [vec![], vec![DataSet::new()]] {
        let mut set = keys(&[(tags::PATIENT_NAME, "")]);
        set.items(steps, items);
        let answer = answers(&worklist, &set).remove(0);
        let step = &answer.sequence(steps)[0];
        assert_eq!(step.ascii(tags::SCHEDULED_PROCEDURE_STEP_ID), "S0000000");
        let codes = step.sequence(tags::SCHEDULED_PROTOCOL_CODE_SEQUENCE);
        assert_eq!(codes[0].ascii(tags::CODE_MEANING), "Limited cauda equina protocol");
    }
}

#[test]
fn of_a_code_only_what_was_asked_is_returned() {
    let worklist = worklist(1);
    let steps = tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE;
    let codes = tags::SCHEDULED_PROTOCOL_CODE_SEQUENCE;
    let mut step = DataSet::new();
    step.items(codes, vec![keys(&[(tags::CODE_VALUE, ""), (tags::CODING_SCHEME_VERSION, "")])]);
    let mut set = DataSet::new();
    set.items(steps, vec![step]);
    let answer = answers(&worklist, &set).remove(0);
    let code = &answer.sequence(steps)[0].sequence(codes)[0];
    assert_eq!(tags_of(code), [tags::CODE_VALUE, tags::CODING_SCHEME_VERSION]);
    assert_eq!(code.ascii(tags::CODE_VALUE), "CES1");
}

#[test]
fn a_study_keeps_its_uid_over_queries() {
    let worklist = worklist(0);
    worklist.put(&entry(1)).unwrap();
    let set = identifier(&[(tags::STUDY_INSTANCE_UID, "")], &[]);
    let uid =
        |set: &DataSet| answers(&worklist, set)[0].ascii(tags::STUDY_INSTANCE_UID).to_string();
    let first = uid(&set);
    worklist.put(&entry(1)).unwrap();
    assert_eq!(uid(&set), first);
    assert!(!first.is_empty());
}

#[test]
fn unknown_pregnancy_is_never_written_as_not_pregnant() {
    let worklist = worklist(0);
    let mut unknown = entry(1);
    unknown.patient.pregnancy = Some(cauda_dicom::entry::Pregnancy::Unknown);
    worklist.put(&unknown).unwrap();
    let set = identifier(&[(tags::PREGNANCY_STATUS, "")], &[]);
    assert_eq!(answers(&worklist, &set)[0].bytes(tags::PREGNANCY_STATUS), Some(&[4, 0][..]));
}
