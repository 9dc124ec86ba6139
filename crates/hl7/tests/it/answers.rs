//! ACK: what became of a message, said in the mode and the encoding of its sender.

use cauda_hl7::{Acknowledgement, Answer, Code, Place, Verdict, answer, read_header};

use crate::house::{reading, refused, second, taken, zone};

fn head(version: &str, accept: &str, application: &str) -> Vec<u8> {
    format!(
        "MSH|^~\\&|REGISTER^1.2^ISO|GENERAL|CAUDA|ED|2026||ADT^A04|C\\F\\1|P|{version}|||\
         {accept}|{application}\rPID|||1\r"
    )
    .into_bytes()
}

fn reply(bytes: &[u8], verdict: Verdict) -> Option<String> {
    let header = read_header(bytes, &reading());
    let zone = zone();
    let place = Some(Place { segment: ['P', 'I', 'D'], number: 1, field: 3 });
    let said = Answer {
        verdict,
        why: "the patient has no number",
        code: Some(Code::RequiredField),
        place,
        now: second("2026-11-23T02:10:00Z"),
        zone: &zone,
        control_id: "A1",
    };
    answer(header.as_ref(), &said).map(|bytes| String::from_utf8(bytes).unwrap())
}

#[test]
fn the_original_mode_answers_always() {
    let text = reply(&head("2.5", "", ""), Verdict::Taken).unwrap();
    assert_eq!(
        text,
        "MSH|^~\\&|CAUDA|ED|REGISTER^1.2^ISO|GENERAL|20261123031000+0100||ACK^A04^ACK|A1|P|2.5\r\
         MSA|AA|C\\F\\1\r"
    );
    let text = reply(&head("2.5.1", "", ""), Verdict::Never).unwrap();
    assert!(text.contains("\rMSA|AR|C\\F\\1|the patient has no number\r"), "{text}");
    let err = "\rERR||PID^1^3|101^Required field missing^HL70357|E||||the patient has no number\r";
    assert!(text.ends_with(err), "{text}");
    let text = reply(&head("2.3", "", ""), Verdict::Later).unwrap();
    assert!(text.contains("|ACK^A04|A1|P|2.3\rMSA|AE|"), "{text}");
    assert!(text.ends_with("\rERR|PID^1^3^101&Required field missing&HL70357\r"), "{text}");
}

#[test]
fn the_enhanced_mode_answers_as_it_is_asked() {
    let check = |accept, application, verdict, expect: Option<&str>| {
        let text = reply(&head("2.5", accept, application), verdict);
        let found = text.as_deref().and_then(|text| text.split("\rMSA|").nth(1)?.get(..2));
        assert_eq!(found, expect, "{accept} {application} {verdict:?}");
    };
    check("AL", "NE", Verdict::Taken, Some("CA"));
    check("AL", "NE", Verdict::Later, Some("CE"));
    check("AL", "AL", Verdict::Never, Some("CR"));
    check("NE", "AL", Verdict::Taken, Some("AA"));
    check("NE", "AL", Verdict::Never, Some("AR"));
    check("ER", "NE", Verdict::Taken, None);
    check("ER", "NE", Verdict::Never, Some("CR"));
    check("SU", "", Verdict::Taken, Some("CA"));
    check("NE", "NE", Verdict::Never, None);
}

#[test]
fn an_answer_keeps_delimiters_and_characters() {
    let bytes = b"MSH#*@!%#PR\xdcFER#G#CAUDA#ED#2026##ADT*A04#C1#P#2.5######8859/1\rPID###1\r";
    let header = taken(bytes).header;
    let zone = zone();
    let said = Answer {
        verdict: Verdict::Taken,
        why: "",
        code: None,
        place: None,
        now: 0,
        zone: &zone,
        control_id: "A1",
    };
    let reply = answer(Some(&header), &said).unwrap();
    assert!(reply.starts_with(b"MSH#*@!%#CAUDA#ED#PR\xdcFER#G#"), "{reply:?}");
    let found = Acknowledgement::read(&reply).unwrap();
    assert_eq!((found.verdict, found.answers.as_deref()), (Verdict::Taken, Some("C1")));
}

#[test]
fn what_is_no_message_gets_an_answer_to_nothing() {
    assert!(refused(b"hello").header.is_none());
    let text = reply(b"hello", Verdict::Never).unwrap();
    assert!(text.contains("\rMSA|AR||"), "{text}");
    assert_eq!(Acknowledgement::read(text.as_bytes()).unwrap().answers, None);
}

#[test]
fn answers_of_others_are_read() {
    let check = |lines: &str, expect: Option<(Verdict, Option<&str>, Option<&str>)>| {
        let text = format!("MSH|^~\\&|RIS|G|CAUDA|ED|2026||ACK|9|P|2.4\r{lines}");
        let found = Acknowledgement::read(text.as_bytes());
        let found = found.map(|found| (found.verdict, found.answers, found.why));
        let expect = expect.map(|(verdict, answers, why)| {
            (verdict, answers.map(str::to_string), why.map(str::to_string))
        });
        assert_eq!(found, expect, "{lines}");
    };
    check("MSA|AA|C1", Some((Verdict::Taken, Some("C1"), None)));
    check("MSA|CA|C1\r", Some((Verdict::Taken, Some("C1"), None)));
    check("MSA|AE|C1|busy", Some((Verdict::Later, Some("C1"), Some("busy"))));
    check(
        "MSA|AR|C1\rERR|||204^Unknown key",
        Some((Verdict::Never, Some("C1"), Some("Unknown key"))),
    );
    check(
        "MSA|CR|C1\rERR|PID^1^3^101&Required",
        Some((Verdict::Never, Some("C1"), Some("Required"))),
    );
    check("MSA|AA", Some((Verdict::Taken, None, None)));
    check("MSA|ZZ|C1", None);
    check("PID|||1", None);
    assert!(Acknowledgement::read(b"\x06").is_none());
}
