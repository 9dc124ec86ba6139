//! Characters arrive as they were meant, or it is said that they did not.

use cauda_hl7::{Code, Delimiters, Encoding, Reading, read};

use crate::house::{admission, flags, message, reading, refused, taken, zone};

/// An arrival with this name, in these bytes, with this in MSH-18.
fn arrival(declared: &str, name: &[u8]) -> Vec<u8> {
    let head = format!(
        r"MSH|^~\&|REGISTER|GENERAL|CAUDA|ED|20261123031000||ADT^A04|C1|P|2.5||||||{declared}"
    );
    [head.as_bytes(), b"\rPID|||1||", name, b"^ANNA\r"].concat()
}

fn check(declared: &str, name: &[u8], expect: &str) {
    let inbound = taken(&arrival(declared, name));
    let family = admission(&inbound).patient.name.clone().unwrap().family;
    assert_eq!(family.as_deref(), Some(expect), "declared as {declared:?}");
}

#[test]
fn each_set_is_read_as_declared_and_undeclared_text_is_tried() {
    check("UNICODE UTF-8", "MÜLLER".as_bytes(), "MÜLLER");
    check("8859/1", b"M\xdcLLER", "MÜLLER");
    check("8859/15", b"\xa4URO", "€URO");
    check("ASCII", b"SMITH", "SMITH");
    check("", b"M\xdcLLER", "MÜLLER");
    check("", "MÜLLER".as_bytes(), "MÜLLER");
    check("", "ΠΑΠΑΔΟΠΟΥΛΟΣ".as_bytes(), "ΠΑΠΑΔΟΠΟΥΛΟΣ");
}

#[test]
fn a_set_that_is_not_what_was_declared_is_flagged_and_nothing_is_lost() {
    for (declared, name) in [("ASCII", &b"M\xdcLLER"[..]), ("UNICODE UTF-8", b"M\xdcLLER")] {
        check(declared, name, "MÜLLER");
        let inbound = taken(&arrival(declared, name));
        assert!(flags(&inbound)[0].starts_with("MSH-18: its bytes are not"), "{declared}");
    }
}

#[test]
fn an_unread_set_is_refused_unless_all_of_it_is_ascii() {
    let reject = refused(&arrival("ISO IR87", b"\x1b$B;3\xc4"));
    assert_eq!(reject.code, Code::Table);
    assert_eq!(reject.header.unwrap().control_id, "C1");
    check("8859/5", b"SMITH", "SMITH");
}

#[test]
fn escape_sequences_become_what_they_stand_for() {
    let text = |field: &str| {
        let bytes =
            message("ORM^O01", &["PID|||1", "ORC|NW|7", &format!("OBR|1|7||MR|||||||||{field}")]);
        let inbound = taken(&bytes);
        let orders = crate::house::orders(&inbound).orders.clone();
        orders[0].clinical_information.clone()
    };
    let check = |field, expect: &str| assert_eq!(text(field).as_deref(), Some(expect), "{field}");
    check(r"a\F\b\S\c\T\d\R\e\E\f", r"a|b^c&d~e\f");
    check(r"one\.br\two", "one\ntwo");
    check(r"one~two", "one\ntwo");
    check(r"\X41\\X0A\", "A\n");
    check(r"\H\new\N\ weakness", "new weakness");
    // What is no escape sequence stays as it stands, and so do delimiters that nobody escaped.
    check(r"C:\path and \Zlocal\", r"C:\path and \Zlocal\");
    check("pain & weakness ^ both legs", "pain & weakness ^ both legs");
    check(r"\X4\", r"\X4\");
    assert_eq!(text("\"\""), None, "an explicit null says nothing");
}

#[test]
fn escaped_bytes_are_of_the_set_of_the_message() {
    check("UNICODE UTF-8", br"M\XC39C\LLER", "MÜLLER");
    check("8859/1", br"M\XDC\LLER", "MÜLLER");
}

#[test]
fn other_delimiters_are_read() {
    let bytes = b"MSH#*@!%#REGISTER#GENERAL#CAUDA#ED#20261123031000##ADT*A04#C1#P#2.5\r\
        PID###1***MAIN%1.2.3%ISO*MR@2##O!F!NEILL|^*ANNA\r";
    let inbound = taken(bytes);
    let patient = &admission(&inbound).patient;
    assert_eq!(patient.identifiers.len(), 2);
    let authority = patient.identifiers[0].authority.clone().unwrap();
    assert_eq!(authority.universal_id.as_deref(), Some("1.2.3"));
    assert_eq!(patient.name.clone().unwrap().family.as_deref(), Some("O#NEILL|^"));
}

#[test]
fn delimiters_that_cannot_tell_apart_are_refused() {
    for head in [r"MSH|||\&|", r"MSH|^^\&|", "MSHa^~b&a", "MSH|^~", "MSH", "MSH\r\r\r\r\r"] {
        assert!(read(head.as_bytes(), &reading()).is_err(), "{head:?}");
    }
    assert_eq!(Delimiters::new(*br"|^~\&"), Some(Delimiters::USUAL));
    assert_eq!(Delimiters::new(*b"|^~^&"), None);
}

#[test]
fn no_character_is_made_up() {
    assert_eq!(Encoding::Latin1.encode("ő"), None);
    assert_eq!(Encoding::Latin9.encode("€¤"), None);
    assert_eq!(Encoding::Latin9.encode("€").as_deref(), Some(&b"\xa4"[..]));
    assert_eq!(Encoding::Ascii.encode("ü"), None);
    for encoding in [Encoding::Latin1, Encoding::Latin9] {
        let all: Vec<u8> = (0..=255).collect();
        let text = encoding.decode(&all).into_owned();
        assert_eq!(encoding.encode(&text).as_deref(), Some(&all[..]));
    }
}

#[test]
fn a_time_is_a_span_of_its_own_zone_or_that_of_the_site() {
    use cauda_hl7::When;
    let check = |text: &str, expect: Option<(&str, &str)>| {
        let found = When::read(text, &zone()).map(|when| (when.earliest, when.latest));
        let expect =
            expect.map(|(first, last)| (crate::house::second(first), crate::house::second(last)));
        assert_eq!(found, expect, "{text}");
    };
    check("20261123031000", Some(("2026-11-23T02:10:00Z", "2026-11-23T02:10:00Z")));
    check("20261123031000.123-0500", Some(("2026-11-23T08:10:00Z", "2026-11-23T08:10:00Z")));
    check("202611230310", Some(("2026-11-23T02:10:00Z", "2026-11-23T02:10:59Z")));
    check("2026112303", Some(("2026-11-23T02:00:00Z", "2026-11-23T02:59:59Z")));
    check("20260701", Some(("2026-06-30T22:00:00Z", "2026-07-01T21:59:59Z")));
    check("202602", Some(("2026-01-31T23:00:00Z", "2026-02-28T22:59:59Z")));
    check("2026", Some(("2025-12-31T23:00:00Z", "2026-12-31T22:59:59Z")));
    // The clock goes through this hour twice.
    check("20261025023000", Some(("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z")));
    for none in ["", "26", "2026-11-23", "20261323", "20260230", "20261123240000", "2026112", "x"] {
        check(none, None);
    }
    let elsewhere = Reading::new(jiff::tz::TimeZone::UTC);
    let bytes = message("ADT^A04", &["EVN||202611230310", "PID|||1"]);
    let at = |reading| {
        let inbound = read(&bytes, reading).unwrap();
        admission(&inbound).at().unwrap().earliest
    };
    assert_eq!(at(&elsewhere) - at(&reading()), 3_600);
}
