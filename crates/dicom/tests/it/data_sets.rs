//! Data sets: read with limits, and held against `dicom-object`.

use cauda_dicom::DataError;
use cauda_dicom::dataset::{DataSet, MAX_DEPTH, MAX_ELEMENTS, Syntax, Value};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use proptest::prelude::*;

use crate::house::{identifier, keys};

const BOTH: [Syntax; 2] = [Syntax::Implicit, Syntax::Explicit];

fn bytes(set: &DataSet, syntax: Syntax) -> Vec<u8> {
    let mut bytes = Vec::new();
    set.write(syntax, &mut bytes);
    bytes
}

fn sample() -> DataSet {
    identifier(
        &[
            (tags::PATIENT_NAME, "SMITH*"),
            (tags::PATIENT_ID, ""),
            (tags::STUDY_INSTANCE_UID, "1.2"),
        ],
        &[(tags::MODALITY, "MR"), (tags::SCHEDULED_STATION_AE_TITLE, "MR1")],
    )
}

#[test]
fn dicom_object_reads_what_is_written_here() {
    use dicom_dictionary_std::uids::{EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN};
    use dicom_encoding::TransferSyntaxIndex;
    let registry = dicom_transfer_syntax_registry::TransferSyntaxRegistry;
    for (syntax, uid) in
        BOTH.into_iter().zip([IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN])
    {
        let transfer = registry.get(uid).unwrap();
        let sent = bytes(&sample(), syntax);
        let object = InMemDicomObject::read_dataset_with_ts(sent.as_slice(), transfer).unwrap();
        let name = object.element(tags::PATIENT_NAME).unwrap().to_str().unwrap();
        assert_eq!(name, "SMITH*");
        let steps = object.element(tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE).unwrap();
        let step = &steps.items().unwrap()[0];
        assert_eq!(step.element(tags::MODALITY).unwrap().to_str().unwrap(), "MR");
        // And the other way round: what it writes, with undefined lengths, is read here.
        let mut written = Vec::new();
        object.write_dataset_with_ts(&mut written, transfer).unwrap();
        let read = DataSet::read(&written, syntax).unwrap();
        assert_eq!(read.ascii(tags::PATIENT_NAME), "SMITH*");
        let step = &read.sequence(tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE)[0];
        assert_eq!(step.ascii(tags::SCHEDULED_STATION_AE_TITLE), "MR1");
    }
}

#[test]
fn depth_and_number_have_limits() {
    let mut deep = keys(&[(tags::CODE_VALUE, "X")]);
    for _ in 0..MAX_DEPTH {
        let mut outer = DataSet::new();
        outer.items(tags::SCHEDULED_PROTOCOL_CODE_SEQUENCE, vec![deep]);
        deep = outer;
    }
    assert!(DataSet::read(&bytes(&deep, Syntax::Explicit), Syntax::Explicit).is_ok());
    let mut outer = DataSet::new();
    outer.items(tags::SCHEDULED_PROTOCOL_CODE_SEQUENCE, vec![deep]);
    let sent = bytes(&outer, Syntax::Explicit);
    assert_eq!(DataSet::read(&sent, Syntax::Explicit), Err(DataError::Deep));
    // A hundred thousand sequences of undefined length do not exhaust the stack.
    let open = [0x40, 0, 0, 1, 255, 255, 255, 255, 0xFE, 0xFF, 0, 0xE0, 255, 255, 255, 255];
    let sent = open.repeat(100_000);
    assert_eq!(DataSet::read(&sent, Syntax::Implicit), Err(DataError::Deep));
    let mut many = DataSet::new();
    many.items(tags::SCHEDULED_PROTOCOL_CODE_SEQUENCE, vec![DataSet::new(); MAX_ELEMENTS]);
    let sent = bytes(&many, Syntax::Explicit);
    assert_eq!(DataSet::read(&sent, Syntax::Explicit), Err(DataError::Many));
}

#[test]
fn a_length_that_promises_too_much_is_torn_and_reserves_nothing() {
    let huge = [0x10, 0, 0x10, 0, 0xFE, 0xFF, 0xFF, 0xFF, b'X'];
    assert_eq!(DataSet::read(&huge, Syntax::Implicit), Err(DataError::Torn));
}

#[test]
fn group_lengths_are_left_out_and_doubles_refused() {
    let length = [0x10, 0, 0, 0, 4, 0, 0, 0, 8, 0, 0, 0];
    let name = [0x10, 0, 0x10, 0, 2, 0, 0, 0, b'A', b'B'];
    let read = DataSet::read(&[&length[..], &name].concat(), Syntax::Implicit).unwrap();
    assert_eq!(read.elements().len(), 1);
    let twice = DataSet::read(&[name, name].concat(), Syntax::Implicit);
    assert_eq!(twice, Err(DataError::Twice));
}

#[test]
fn a_value_too_long_for_a_short_header_is_sent_whole() {
    let mut set = DataSet::new();
    set.text(tags::PATIENT_NAME, VR::PN, &"x".repeat(70_000));
    let read = DataSet::read(&bytes(&set, Syntax::Explicit), Syntax::Explicit).unwrap();
    assert_eq!(read.bytes(tags::PATIENT_NAME).map(<[u8]>::len), Some(70_000));
}

fn any_set() -> impl Strategy<Value = DataSet> {
    let leaf = proptest::collection::vec(("[A-Z*^ ]{0,20}", 0..6_u16), 0..5).prop_map(|values| {
        let mut set = DataSet::new();
        for (text, at) in values {
            set.text(Tag(0x0010, 0x2000 + at), VR::UN, &text);
        }
        set
    });
    leaf.prop_recursive(4, 32, 4, |inner| {
        proptest::collection::vec(inner, 0..4).prop_map(|items| {
            let mut set = keys(&[(tags::MODALITY, "MR")]);
            set.items(tags::SCHEDULED_PROTOCOL_CODE_SEQUENCE, items);
            set
        })
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(set in any_set()) {
        for syntax in BOTH {
            let sent = bytes(&set, syntax);
            let read = DataSet::read(&sent, syntax).unwrap();
            prop_assert_eq!(bytes(&read, syntax), sent);
            prop_assert_eq!(read.elements().len(), set.elements().len());
        }
    }

    #[test]
    fn no_bytes_panic(sent in proptest::collection::vec(any::<u8>(), 0..300)) {
        for syntax in BOTH {
            let _ = DataSet::read(&sent, syntax);
        }
    }

    #[test]
    fn no_changed_query_panics(at in 0..120_usize, byte in any::<u8>(), cut in 0..120_usize) {
        for syntax in BOTH {
            let mut sent = bytes(&sample(), syntax);
            if let Some(place) = sent.get_mut(at) {
                *place = byte;
            }
            sent.truncate(sent.len() - cut.min(sent.len()) / 4);
            if let Ok(set) = DataSet::read(&sent, syntax) {
                let _ = crate::house::query(&set);
                let _ = set.elements().iter().any(|element| matches!(element.value, Value::Items(_)));
            }
        }
    }
}
