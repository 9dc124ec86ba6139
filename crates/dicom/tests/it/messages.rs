//! Fragments are put together by context, with limits.

use cauda_dicom::command::{C_ECHO_RQ, C_FIND_RQ, Command};
use cauda_dicom::message::{Assembler, MAX_DATA, Message, write};
use cauda_dicom::{CommandError, MessageError};
use dicom_ul::pdu::{PDataValueType, Pdu, read_pdu};
use proptest::prelude::*;

fn find(with_data: bool) -> Command {
    let find = Command::request(C_FIND_RQ, 1, "1.2.840.10008.5.1.4.31");
    Command { with_data: Some(with_data), ..find }
}

/// Sends a message through PDUs of this size and puts it together again.
fn through(message: &Message, size: u32) -> Option<Message> {
    let mut out = Vec::new();
    write(&mut out, message.context, &message.command, message.data.as_deref(), size);
    let (mut assembler, mut rest) = (Assembler::default(), out.as_slice());
    while let Ok(Some(Pdu::PData { data })) = read_pdu(&mut rest, 1 << 20, true) {
        for value in data {
            assert!(value.data.len() + 6 <= size.max(128) as usize, "{}", value.data.len());
            let of_command = value.value_type == PDataValueType::Command;
            let (context, last) = (value.presentation_context_id, value.is_last);
            if let Some(whole) = assembler.push(context, of_command, last, &value.data).unwrap() {
                assert!(rest.is_empty());
                return Some(whole);
            }
        }
    }
    None
}

#[test]
fn fragments_of_two_contexts_are_not_mixed() {
    let mut assembler = Assembler::default();
    assert_eq!(assembler.push(1, true, false, &[]), Ok(None));
    assert_eq!(assembler.push(3, true, true, &[]), Err(MessageError::Mixed));
}

#[test]
fn a_data_set_without_a_command_is_out_of_order() {
    let mut assembler = Assembler::default();
    assert_eq!(assembler.push(1, false, true, &[]), Err(MessageError::Order));
    let mut assembler = Assembler::default();
    assert_eq!(assembler.push(1, true, true, &find(true).write()), Ok(None));
    assert_eq!(assembler.push(1, true, true, &find(true).write()), Err(MessageError::Order));
}

#[test]
fn both_parts_have_a_limit() {
    let mut assembler = Assembler::default();
    let mut refused = Ok(None);
    for _ in 0..17 {
        refused = assembler.push(1, true, false, &[0; 1024]);
    }
    assert_eq!(refused, Err(MessageError::Command(CommandError::Large)));
    let mut assembler = Assembler::default();
    assembler.push(1, true, true, &find(true).write()).unwrap();
    assembler.push(1, false, false, &vec![0; MAX_DATA]).unwrap();
    assert!(!format!("{assembler:?}").contains("[0, 0"));
    assert_eq!(assembler.push(1, false, false, &[0]), Err(MessageError::Large));
}

#[test]
fn messages_follow_one_another() {
    let mut assembler = Assembler::default();
    for context in [1, 3, 1] {
        let echo = Command::request(C_ECHO_RQ, 1, "1.2.840.10008.1.1");
        let message = assembler.push(context, true, true, &echo.write()).unwrap().unwrap();
        assert_eq!((message.context, message.command), (context, echo));
    }
}

proptest! {
    #[test]
    fn any_size_of_fragment_carries_any_message(
        data in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..3000)),
        size in 0..2000_u32,
    ) {
        let size = if size == 0 { 16_384 } else { size };
        let message = Message { context: 5, command: find(data.is_some()), data };
        prop_assert_eq!(through(&message, size), Some(message));
    }

    #[test]
    fn no_changed_request_panics(
        changes in proptest::collection::vec((0..400_usize, any::<u8>()), 1..4),
    ) {
        let mut bytes = crate::site::request("MR1", &[(1, "1.2.840.10008.1.1"), (3, "1.2.3")]);
        let length = bytes.len();
        for (at, byte) in changes {
            // The header stays, so that the inside is read.
            bytes[6 + at % (length - 6)] = byte;
        }
        if let Ok(dicom_ul::Pdu::AssociationRQ(request)) = cauda_dicom::wire::pdu(&bytes) {
            let host = "127.0.0.1".parse().unwrap();
            let _ = cauda_dicom::negotiate::negotiate(&request, host, &crate::site::settings());
        }
    }

    #[test]
    fn no_pdu_panics(mut bytes in proptest::collection::vec(any::<u8>(), 6..600), kind in 0..9_u8) {
        // Headers that fit, so that the inside is read as well.
        let length = u32::try_from(bytes.len() - 6).unwrap().to_be_bytes();
        bytes[0] = kind;
        bytes[2..6].copy_from_slice(&length);
        let _ = read_pdu(bytes.as_slice(), 1 << 16, true);
    }
}
