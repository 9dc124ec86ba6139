//! ORU: how final a report is, and whether it is critical.

use cauda_hl7::{Code, Critical, Stage};

use crate::house::{flags, message, refused, reports, taken};

fn report(status: &str, observations: &[(&str, &str)]) -> Vec<u8> {
    let mut lines = vec![
        "PID|||4711".to_string(),
        format!("OBR|1|P1|F1|MRLS^MRI lumbar spine||||||||||||||A1||||20261123050000|||{status}"),
    ];
    for (at, (flag, stage)) in observations.iter().enumerate() {
        lines.push(format!("OBX|{at}|TX|18748-4^Report^LN||text|||{flag}|||{stage}"));
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    message("ORU^R01", &lines)
}

fn check(status: &str, observations: &[&str], expect: Stage) {
    let observations: Vec<(&str, &str)> = observations.iter().map(|stage| ("", *stage)).collect();
    let inbound = taken(&report(status, &observations));
    assert_eq!(reports(&inbound).reports[0].stage, expect, "{status} {observations:?}");
}

#[test]
fn the_less_final_of_what_is_said_counts() {
    check("F", &["F", "F"], Stage::Final);
    check("", &["F"], Stage::Final);
    check("F", &[], Stage::Final);
    check("P", &["F"], Stage::Preliminary);
    check("F", &["P", "F"], Stage::Preliminary);
    check("R", &[], Stage::Preliminary);
    check("C", &["F"], Stage::Corrected);
    check("F", &["C"], Stage::Corrected);
    check("C", &["P"], Stage::Preliminary);
    check("S", &[], Stage::Pending);
    check("F", &["F", "D"], Stage::Corrected);
    check("X", &["F"], Stage::Withdrawn);
    check("", &["W"], Stage::Withdrawn);
    // Nothing said is never final.
    check("", &[], Stage::Unknown);
    check("", &[""], Stage::Unknown);
    check("Q", &[], Stage::Unknown);
    check("F", &["N", "O"], Stage::Final);
}

#[test]
fn a_critical_mark_is_seen_and_its_absence_says_nothing() {
    let critical = |flag: &str| {
        let inbound = taken(&report("F", &[("", "F"), (flag, "F")]));
        reports(&inbound).reports[0].critical
    };
    for flag in ["AA", "HH", "N~LL"] {
        assert_eq!(critical(flag), Critical::Marked, "{flag}");
    }
    for flag in ["", "N", "A"] {
        assert_eq!(critical(flag), Critical::NotMarked, "{flag}");
    }
}

#[test]
fn a_report_names_its_order_and_its_study() {
    let lines = [
        "PID|||4711",
        "ORC|RE|P1^EHR|F1^RIS",
        "OBR|1|||MRLS||||||||||||||A1||||20261123050000|||F",
        "OBX|1|HD|113014^DICOM Study^DCM||1.2.840.1||||||O",
        "OBX|2|TX|18748-4||line one\nline two||||||F",
    ];
    let inbound = taken(&message("ORU^R01", &lines));
    let report = &reports(&inbound).reports[0];
    assert_eq!(report.placer.as_ref().unwrap().id, "P1");
    assert_eq!(report.study_uid.as_deref(), Some("1.2.840.1"));
    assert_eq!((report.accession.as_deref(), report.stage), (Some("A1"), Stage::Final));
    assert!(flags(&inbound).is_empty());
    let nameless = message("ORU^R01", &["PID|||4711", "OBR|1|||MRLS|||||||||||||||||||||F"]);
    assert_eq!(refused(&nameless).code, Code::RequiredField);
}
