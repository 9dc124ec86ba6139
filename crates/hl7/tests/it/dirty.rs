//! What real feeds do: line ends, blank lines, broken segments, batches, floods of fields.

use cauda_hl7::{Code, DELIMITERS_MAX, SEGMENTS_MAX, read};

use crate::house::{admission, message, orders, reading, refused, taken};

fn lines(end: &str) -> Vec<u8> {
    let lines = [
        r"MSH|^~\&|REGISTER|GENERAL|CAUDA|ED|2026||ADT^A04|C1|P|2.3.1",
        "EVN|A04|2026",
        "PID|||4711||SMITHSON^ANNA",
        "PV1||E",
    ];
    lines.join(end).into_bytes()
}

#[test]
fn every_end_of_line_is_one() {
    let keys = |end| taken(&lines(end)).keys;
    let usual = keys("\r");
    for end in ["\n", "\r\n", "\r\n\r\n", "\r\r"] {
        assert_eq!(keys(end), usual, "{end:?}");
    }
    let mark = [b"\xef\xbb\xbf\r\n".as_slice(), &lines("\r")].concat();
    assert_eq!(taken(&mark).keys, usual);
}

#[test]
fn a_line_feed_inside_of_a_text_is_a_line_of_it() {
    let bytes = message("ORM^O01", &["PID|||1", "ORC|NW|7", "OBR|1|7||MR", "NTE|1||one\ntwo|x"]);
    let inbound = taken(&bytes);
    assert_eq!(orders(&inbound).orders[0].notes, ["one\ntwo"]);
    // Anywhere else it means that the message is broken, and nothing is guessed.
    let reject = refused(&message("ADT^A04", &["PID|||1||SMITH\nSON^ANNA"]));
    assert_eq!(reject.code, Code::SegmentSequence);
    assert!(reject.why.contains("one of its lines is no segment"));
    assert_eq!(reject.header, None);
}

#[test]
fn unknown_and_local_segments_do_no_harm() {
    let bytes = message("ADT^A04", &["ZZZ|a|b", "PID|||4711", "Z1Z", "ARV|x", "UAC|^~&"]);
    assert_eq!(admission(&taken(&bytes)).patient.identifier().unwrap().id, "4711");
    let reject = refused(&message("ADT^A04", &["PI|||4711"]));
    assert_eq!(reject.code, Code::SegmentSequence);
}

#[test]
fn batches_and_second_messages_are_refused() {
    let one = String::from_utf8(lines("\r")).unwrap();
    for bytes in [format!("FHS|^~\\&\r{one}"), format!("BHS|^~\\&\r{one}"), format!("{one}\r{one}")]
    {
        assert_eq!(refused(bytes.as_bytes()).code, Code::SegmentSequence);
    }
}

#[test]
fn versions_before_and_after_are_refused_with_their_number() {
    for version in ["2.2", "2.6", "2.8.2", "3", ""] {
        let text = format!(r"MSH|^~\&|A|B|C|D|2026||ADT^A04|C1|P|{version}{}", "\rPID|||1");
        let reject = refused(text.as_bytes());
        assert_eq!(reject.code.number(), 203, "{version}");
        assert_eq!(reject.header.unwrap().control_id, "C1");
    }
    for version in ["2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.5^DEU"] {
        let text = format!(r"MSH|^~\&|A|B|C|D|2026||ADT^A04|C1|P|{version}{}", "\rPID|||1");
        taken(text.as_bytes());
    }
    // The fifth encoding character of later versions shifts no field.
    let text = "MSH|^~\\&#|A|B|C|D|2026||ADT^A04|C1|P|2.5\rPID|||1";
    assert_eq!(taken(text.as_bytes()).header.control_id, "C1");
}

#[test]
fn floods_end_at_a_limit() {
    let many = "ZZZ|a\r".repeat(SEGMENTS_MAX);
    assert!(refused(&message("ADT^A04", &["PID|||1", &many])).why.contains("more segments"));
    let wide = format!("PID|{}", "|".repeat(DELIMITERS_MAX));
    assert!(refused(&message("ADT^A04", &[&wide])).why.contains("more fields"));
    let large = vec![b'x'; 2_000_000];
    assert!(refused(&large).why.contains("larger"));
}

#[test]
fn no_message_and_other_messages_are_refused() {
    for bytes in [&b""[..], b"hello", b"\xff\xfeM\0S\0H\0", b"<xml/>"] {
        assert!(read(bytes, &reading()).is_err());
    }
    assert_eq!(refused(&message("MDM^T02", &["PID|||1"])).code, Code::MessageType);
    assert_eq!(refused(&message("ORM^O02", &["PID|||1"])).code, Code::EventCode);
    let headless = "MSH|^~\\&|A|B|C|D|2026||ADT^A04||P|2.5\rPID|||1";
    assert_eq!(refused(headless.as_bytes()).code, Code::RequiredField);
}

#[test]
fn nothing_of_a_patient_is_in_what_is_printed() {
    let bytes = message(
        "ORM^O01",
        &["PID|||4711||SMITHSON^ANNA||19850403", "ORC|NW|P1", "OBR|1|||MR|||||||||tingling"],
    );
    let inbound = taken(&bytes);
    let printed = format!("{inbound:?} {:?} {:?}", inbound.body, orders(&inbound).patient);
    let broken = message("ADT^A04", &["PID|||||SMITHSON^ANNA||19850403"]);
    let printed = format!("{printed} {:?}", refused(&broken));
    for secret in ["SMITHSON", "ANNA", "4711", "1985", "tingling"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[test]
fn keys_know_a_message_again() {
    let order = |control: &str, extra: &str| {
        let text = format!(
            "MSH|^~\\&|A|B|C|D|2026||ORM^O01|{control}|P|2.5\rPID|||1{extra}\rORC|NW|P1\r\
             OBR|1|||MR|||||||||a b\r"
        );
        taken(text.as_bytes()).keys
    };
    let first = order("C1", "");
    assert_eq!(order("C1", ""), first);
    assert_eq!(order("C1", "||"), first, "empty fields say nothing");
    let again = order("C2", "");
    assert_ne!(again.message, first.message);
    assert_eq!(again.content, first.content);
    assert_ne!(order("C2", "||SMITHSON").content, first.content);
    // Other delimiters, the same content.
    let other = "MSH$*@!%$A$B$C$D$2026$$ORM*O01$C1$P$2.5\nPID$$$1\nORC$NW$P1\n\
        OBR$1$$$MR$$$$$$$$$a b\n";
    assert_eq!(taken(other.as_bytes()).keys, first);
    assert_eq!(first.message.len(), 64);
}
