//! What other systems and scanners send: HL7 in its frames, and DICOM.

use cauda_dicom::charset::Charset;
use cauda_dicom::command::Command;
use cauda_dicom::dataset::{DataSet, Syntax};
use cauda_dicom::query::{Query, Reading as Asking};
use cauda_dicom::wire;
use cauda_hl7::mllp::{Decoder, Found, frame};
use cauda_hl7::{Reading, read, read_header, write};
use jiff::tz::TimeZone;

/// Most bytes of a frame, so that a small input can be too large.
const FRAME_MAX: usize = 512;
const PDU_MAX: u32 = 65_536;

/// Any bytes as a line of messages: the same frames however they come in pieces, none too large,
/// and each comes out of its own frame as it is.
pub fn hl7_frame(data: &[u8]) -> bool {
    let whole = frames(&[data]);
    let (first, second) = data.split_at(data.len() / 2);
    assert!(whole == frames(&[first, second]), "pieces make other frames");
    let single: Vec<&[u8]> = data.chunks(1).collect();
    assert!(whole == frames(&single), "single bytes make other frames");
    let mut read = false;
    for found in whole {
        let Found::Frame(message) = found else { continue };
        assert!(message.len() <= FRAME_MAX);
        assert!(frames(&[&frame(&message)]) == [Found::Frame(message)]);
        read = true;
    }
    read
}

fn frames(pieces: &[&[u8]]) -> Vec<Found> {
    let mut decoder = Decoder::new(FRAME_MAX);
    let mut found = Vec::new();
    for piece in pieces {
        let mut rest = *piece;
        while let Some(one) = decoder.next(&mut rest) {
            found.push(one);
        }
    }
    found
}

/// Any bytes as a message: refused with its reason, or read, and what can be written of it is read
/// as the same.
pub fn hl7_message(data: &[u8]) -> bool {
    let reading = Reading::new(TimeZone::UTC);
    let _ = read_header(data, &reading);
    let Ok(message) = read(data, &reading) else { return false };
    assert_eq!(message.keys.message.len(), 64);
    if let Ok(written) = write(&message.header, &message.body, &TimeZone::UTC) {
        let back = read(&written, &reading).expect("it was written");
        assert!(back.body == message.body, "it is another message once written");
    }
    true
}

/// Any bytes as a PDU: as long as its head says, within the limit, or refused.
pub fn dicom_pdu(data: &[u8]) -> bool {
    let Ok(Some(length)) = wire::pdu_length(data, PDU_MAX) else { return false };
    assert!(length <= PDU_MAX as usize + 6);
    data.get(..length).is_some_and(|pdu| wire::pdu(pdu).is_ok())
}

/// Any bytes as a command set: refused, or written and read again the same.
pub fn dicom_command(data: &[u8]) -> bool {
    let Ok(command) = Command::read(data) else { return false };
    if let Ok(once) = Command::read(&command.write()) {
        assert_eq!(Command::read(&once.write()).as_ref(), Ok(&once));
    }
    true
}

fn again(set: &DataSet, syntax: Syntax) -> Result<DataSet, cauda_dicom::DataError> {
    let mut written = Vec::new();
    set.write(syntax, &mut written);
    DataSet::read(&written, syntax)
}

/// Any bytes as the identifier of a query, in both syntaxes: refused with a status, or read; a data
/// set that was read is written and read again the same.
pub fn dicom_identifier(data: &[u8]) -> bool {
    let mut read = false;
    for syntax in [Syntax::Explicit, Syntax::Implicit] {
        for charset in [Charset::Ascii, Charset::Latin1] {
            for append_star in [false, true] {
                let query = Query::read(data, syntax, Asking { charset, append_star });
                if let Err(error) = &query {
                    assert_ne!(error.status, 0, "refused as a success");
                }
                read |= query.is_ok();
            }
        }
        if let Ok(set) = DataSet::read(data, syntax) {
            // An odd length is padded, once.
            let Ok(once) = again(&set, syntax) else { panic!("it is no data set once written") };
            let twice = again(&once, syntax);
            assert!(twice.is_ok_and(|twice| twice == once), "it is another one once written");
        }
    }
    read
}
