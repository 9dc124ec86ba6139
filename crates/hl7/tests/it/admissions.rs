//! ADT: who came, moved, left, and who turned out to be one patient.

use cauda_hl7::{AdmissionEvent, Body, Code, PatientClass, Sex};

use crate::house::{admission, flags, message, refused, taken};

const PID: &str = "PID|1|OLD1|4711^^^GENERAL^MR~99^^^STATE^NH\
    ||SMITHSON&VAN^ANNA^B^^DR^^L~MISS^A^^^^^N\
    ||19850403|F||||||||||ACC9^^^GENERAL";

#[test]
fn an_arrival_names_patient_and_place() {
    let bytes = message(
        "ADT^A04^ADT_A01",
        &[
            "EVN||20261123031500||||20261123030500",
            PID,
            "PV1|1|E|ED^ROOM 3^B^GENERAL^^^MAIN^2||||||||||||||||V77^^^GENERAL^VN",
            "PV2|||back pain",
            "AL1|1|DA|70618^PENICILLIN^RXNORM",
            "ZPV|anything",
        ],
    );
    let inbound = taken(&bytes);
    let admission = admission(&inbound);
    assert_eq!(admission.event, AdmissionEvent::Registered);
    assert_eq!(admission.at().unwrap().earliest, crate::house::second("2026-11-23T02:05:00Z"));
    let patient = &admission.patient;
    assert_eq!(patient.identifier().unwrap().id, "4711");
    assert_eq!(patient.identifiers.len(), 2);
    assert_eq!(patient.identifier_of("STATE").unwrap().id, "99");
    assert!(patient.identifier_of("ELSEWHERE").is_none());
    let name = patient.name.clone().unwrap();
    assert_eq!(name.dicom(), "SMITHSON^ANNA^B^DR");
    let born = patient.born.unwrap();
    assert_eq!((born.year, born.month, born.day), (1985, Some(4), Some(3)));
    assert_eq!(patient.sex, Some(Sex::Female));
    assert_eq!(patient.allergies[0].text.as_deref(), Some("PENICILLIN"));
    let visit = admission.visit.as_ref().unwrap();
    assert_eq!(visit.class, Some(PatientClass::Emergency));
    assert_eq!(visit.location.as_ref().unwrap().bed.as_deref(), Some("B"));
    assert_eq!(visit.number.as_ref().unwrap().id, "V77");
    assert!(flags(&inbound).is_empty());
}

#[test]
fn every_event_is_told_apart() {
    for (code, event) in [
        ("A01", AdmissionEvent::Admitted),
        ("A02", AdmissionEvent::Transferred),
        ("A03", AdmissionEvent::Discharged),
        ("A08", AdmissionEvent::Updated),
        ("A11", AdmissionEvent::AdmissionCancelled),
        ("A13", AdmissionEvent::DischargeCancelled),
    ] {
        let inbound = taken(&message(&format!("ADT^{code}"), &["EVN||2026", PID]));
        assert_eq!(admission(&inbound).event, event);
    }
    // Version 2.3 may leave the event to EVN.
    let inbound = taken(&message("ADT", &["EVN|A03|2026", PID]));
    assert_eq!(admission(&inbound).event, AdmissionEvent::Discharged);
    assert_eq!(refused(&message("ADT^A99", &[PID])).code, Code::EventCode);
}

#[test]
fn what_is_not_said_is_not_there() {
    let inbound = taken(&message("ADT^A04", &["PID|||1"]));
    let admission = admission(&inbound);
    let patient = &admission.patient;
    assert!(patient.name.is_none() && patient.born.is_none() && patient.sex.is_none());
    assert!(patient.died.is_none() && admission.visit.is_none() && admission.at().is_none());
    // An unknown code or time is not said either, and somebody is told.
    let inbound = taken(&message("ADT^A04", &["EVN||yesterday", "PID|||1||||1985-04-03|X"]));
    let told = flags(&inbound);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].starts_with("EVN-2: it is no time"), "{told:?}");
    assert!(told[1].starts_with("PID-7: ") && told[2].starts_with("PID-8: "), "{told:?}");
}

#[test]
fn a_partial_date_of_birth_is_no_whole_one() {
    let inbound = taken(&message("ADT^A04", &["PID|||1||||198504"]));
    let born = admission(&inbound).patient.born.unwrap();
    assert_eq!((born.month, born.day), (Some(4), None));
}

#[test]
fn an_old_message_has_its_number_in_pid_2() {
    let inbound = taken(&message("ADT^A04", &["PID||4711"]));
    assert_eq!(admission(&inbound).patient.identifier().unwrap().id, "4711");
    let reject = refused(&message("ADT^A04", &["PID|||||SMITHSON^ANNA"]));
    assert_eq!(
        (reject.code, reject.to_string().as_str()),
        (Code::RequiredField, "PID-3: the patient has no number")
    );
}

#[test]
fn a_merge_names_both_numbers() {
    let bytes = message(
        "ADT^A40^ADT_A39",
        &[
            "EVN||20261123031500",
            "PID|||4711^^^GENERAL^MR||SMITHSON^ANNA",
            "PD1|||x",
            "MRG|TEMP5^^^GENERAL^MR~TEMP6^^^GENERAL^MR",
            "PID|||4712^^^GENERAL^MR",
            "MRG|TEMP7^^^GENERAL^MR",
        ],
    );
    let inbound = taken(&bytes);
    let Body::Merges(merges) = &inbound.body else { panic!("this is no merge") };
    assert_eq!(merges.len(), 2);
    assert_eq!(merges[0].kept.identifier().unwrap().id, "4711");
    let lost: Vec<&str> = merges[0].lost.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(lost, ["TEMP5", "TEMP6"]);
}

#[test]
fn a_merge_that_is_none_is_refused() {
    let check = |lines: &[&str], code| assert_eq!(refused(&message("ADT^A40", lines)).code, code);
    check(&["PID|||1"], Code::SegmentSequence);
    check(&["MRG|2", "PID|||1"], Code::SegmentSequence);
    check(&["PID|||1", "MRG|"], Code::RequiredField);
    check(&["PID|||1", "MRG|1"], Code::DataType);
    check(&["PID|||1", "PID|||2", "MRG|3"], Code::SegmentSequence);
}

#[test]
fn a_number_too_long_for_dicom_is_kept_whole_and_flagged() {
    let long = "9".repeat(65);
    let inbound = taken(&message("ADT^A04", &[&format!("PID|||{long}||A\\E\\B^C")]));
    assert_eq!(admission(&inbound).patient.identifier().unwrap().id, long);
    let told = flags(&inbound);
    assert!(told[0].contains("more than the 64 characters"), "{told:?}");
    assert!(told[1].starts_with("PID-5: it holds a character"), "{told:?}");
}
