//! Command sets: what is written is read again, and nothing that is read panics.

use cauda_dicom::CommandError;
use cauda_dicom::command::{
    C_CANCEL_RQ, C_ECHO_RQ, C_FIND_RQ, Command, MAX_COMMAND, N_CREATE_RQ, N_SET_RQ, status,
};
use dicom_dictionary_std::tags;
use proptest::prelude::*;

#[test]
fn every_field_is_read_as_it_was_written() {
    let request = Command {
        requested_class: Some("1.2.3".into()),
        affected_instance: Some("1.2.3.4".into()),
        requested_instance: Some("1.2.3.4.5".into()),
        priority: Some(2),
        responded_to: Some(9),
        status: Some(status::IDENTIFIER_MISMATCH),
        error_id: Some(7),
        offending: vec![tags::MODALITY, tags::PATIENT_ID],
        with_data: Some(true),
        ..Command::request(C_FIND_RQ, 12, "1.2.840.10008.5.1.4.31")
    }
    .because("SPS start date is not yyyymmdd");
    assert_eq!(Command::read(&request.write()), Ok(request));
}

#[test]
fn a_response_repeats_the_message_and_names_the_instance() {
    let create = Command {
        affected_instance: Some("1.2.9".into()),
        ..Command::request(N_CREATE_RQ, 3, "1.2.840.10008.3.1.2.3.3")
    };
    let response = create.response(status::SUCCESS);
    assert_eq!(response.field, Some(0x8140));
    assert_eq!(response.responded_to, Some(3));
    assert_eq!(response.affected_instance.as_deref(), Some("1.2.9"));
    let set = Command {
        field: Some(N_SET_RQ),
        message: Some(4),
        requested_class: Some("1.2.840.10008.3.1.2.3.3".into()),
        requested_instance: Some("1.2.9".into()),
        ..Command::default()
    };
    let response = set.response(status::NO_SUCH_INSTANCE);
    assert_eq!(response.affected_instance.as_deref(), Some("1.2.9"));
    assert_eq!(response.affected_class.as_deref(), Some("1.2.840.10008.3.1.2.3.3"));
    assert_eq!(response.status, Some(0x0112));
}

#[test]
fn missing_fields_and_fields_of_a_wrong_length_read_as_none() {
    assert_eq!(Command::read(&[]), Ok(Command::default()));
    // (0000,0110) with four bytes instead of two.
    let odd = [0, 0, 0x10, 0x01, 4, 0, 0, 0, 1, 2, 3, 4];
    assert_eq!(Command::read(&odd), Ok(Command::default()));
    let empty = Command::read(&[]).unwrap();
    assert_eq!(empty.response(status::UNRECOGNIZED_OPERATION).responded_to, Some(0));
}

#[test]
fn what_is_no_command_set_is_refused() {
    assert_eq!(Command::read(&[0, 0, 0]), Err(CommandError::Torn));
    assert_eq!(Command::read(&[0, 0, 0x10, 1, 255, 255, 255, 255]), Err(CommandError::Torn));
    assert_eq!(Command::read(&[8, 0, 0x10, 1, 0, 0, 0, 0]), Err(CommandError::Group));
    assert_eq!(Command::read(&vec![0; MAX_COMMAND + 1]), Err(CommandError::Large));
    assert_eq!(Command::read(&[0; 8 * 65]), Err(CommandError::Many));
}

#[test]
fn a_comment_is_ascii_and_fits_the_standard() {
    let command = Command::request(C_ECHO_RQ, 1, "1.2").because(&"ü long ".repeat(40));
    let comment = command.comment.unwrap();
    assert!(comment.is_ascii());
    assert_eq!(comment.len(), 64);
}

#[test]
fn a_cancel_has_neither_class_nor_data() {
    let cancel = Command {
        field: Some(C_CANCEL_RQ),
        responded_to: Some(5),
        with_data: Some(false),
        ..Command::default()
    };
    assert_eq!(Command::read(&cancel.write()), Ok(cancel));
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Command::read(&bytes);
    }

    #[test]
    fn no_torn_or_changed_command_panics(
        cut in 0..200_usize, at in 0..200_usize, byte in any::<u8>(),
    ) {
        let mut bytes = Command::request(C_FIND_RQ, 12, "1.2.840.10008.5.1.4.31").write();
        bytes.truncate(cut);
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        if let Ok(command) = Command::read(&bytes) {
            prop_assert_eq!(Command::read(&command.write()).map(|read| read.field), Ok(command.field));
        }
    }
}
