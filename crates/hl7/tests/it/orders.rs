//! ORM and OMI: what is wanted of the scanner.

use cauda_hl7::{Code, Control, OrderStatus, Priority};

use crate::house::{flags, message, orders, refused, second, taken};

const PID: &str = "PID|||4711^^^GENERAL^MR||SMITHSON^ANNA||19850403|F";

fn omi() -> Vec<u8> {
    message(
        "OMI^O23^OMI_O23",
        &[
            PID,
            "PV1||E|ED^3",
            "ORC|NW|P1^EHR||G1|||||20261123025500|||77^LEE^SAM||555 1234",
            "TQ1|1||||||20261123040000||S^Stat",
            "OBR|1|P1^EHR||MRLS^MRI lumbar spine^LOCAL|||||||||numb between the legs\\.br\\new \
                 today|||||ACC-OBR|RP-OBR|SPS-OBR||||CT||||||CART|I^suspected cauda equina",
            "NTE|1||call first",
            "OBX|1|NM|29463-7^Weight^LN||82|kg|||||F",
            "IPC|A1|RP1|1.2.840.1|S1|MR|LUMB^limited^LOCAL|SCANNER ONE|MR SUITE|MR1",
            "IPC|A1|RP1|1.2.840.1|S2|MR|WHOLE^whole spine^LOCAL|||MR1",
        ],
    )
}

#[test]
fn an_omi_has_its_numbers_in_ipc_and_not_in_obr() {
    let inbound = taken(&omi());
    let found = orders(&inbound);
    let order = &found.orders[0];
    assert_eq!(order.control, Control::New);
    assert_eq!(order.placer.as_ref().unwrap().id, "P1");
    assert_eq!(order.priority, Some(Priority::Stat));
    assert_eq!(order.start.unwrap().earliest, second("2026-11-23T03:00:00Z"));
    assert_eq!(order.placed.unwrap().earliest, second("2026-11-23T01:55:00Z"));
    assert_eq!(order.callback.as_deref(), Some("555 1234"));
    assert_eq!(order.service.as_ref().unwrap().code.as_deref(), Some("MRLS"));
    let information = order.clinical_information.as_deref();
    assert_eq!(information, Some("numb between the legs\nnew today"));
    assert_eq!(order.transport.as_deref(), Some("CART"));
    assert_eq!(order.notes, ["call first"]);
    assert_eq!(order.observations[0].value.as_deref(), Some("82"));
    assert_eq!(order.observations[0].unit.as_deref(), Some("kg"));
    let step = &order.steps[0];
    assert_eq!(step.accession.as_deref(), Some("A1"));
    assert_eq!(step.procedure_id.as_deref(), Some("RP1"));
    assert_eq!(step.study_uid.as_deref(), Some("1.2.840.1"));
    assert_eq!(step.step_id.as_deref(), Some("S1"));
    assert_eq!(step.modality.as_deref(), Some("MR"));
    assert_eq!(step.station_ae.as_deref(), Some("MR1"));
    assert_eq!(order.steps[1].step_id.as_deref(), Some("S2"));
    assert_eq!(order.steps[1].station_name, None);
    assert!(flags(&inbound).is_empty(), "{:?}", flags(&inbound));
    // The order came before any arrival: its patient is whole.
    assert_eq!(found.patient.as_ref().unwrap().identifier().unwrap().id, "4711");
}

#[test]
fn an_orm_has_them_where_sites_put_them() {
    let bytes = message(
        "ORM^O01",
        &[
            PID,
            "ORC|NW|P1^EHR|F1^RIS||||^^^20261123040000^^A||202611230255|||||||||MR2",
            "OBR|1|P1^EHR|F1^RIS|MRLS^MRI lumbar spine^LOCAL^LUMB^limited^LOCAL\
                ||||||||||||||A1|RP1|S1||||MR|||^^^20261123040000^^A",
            "ZDS|1.2.840.1^Application^DICOM",
        ],
    );
    let inbound = taken(&bytes);
    let order = &orders(&inbound).orders[0];
    assert_eq!(order.priority, Some(Priority::Asap));
    assert_eq!(order.accession(), Some("A1"));
    let step = &order.steps[0];
    assert_eq!(step.procedure_id.as_deref(), Some("RP1"));
    assert_eq!(step.step_id.as_deref(), Some("S1"));
    assert_eq!(step.modality.as_deref(), Some("MR"));
    assert_eq!(step.station_ae.as_deref(), Some("MR2"));
    assert_eq!(step.study_uid.as_deref(), Some("1.2.840.1"));
    assert_eq!(step.protocol.as_ref().unwrap().code.as_deref(), Some("LUMB"));
    assert_eq!(order.placed.unwrap().latest - order.placed.unwrap().earliest, 59);
}

#[test]
fn every_control_is_told_apart_and_an_unknown_one_is_refused() {
    for (code, control) in [
        ("CA", Control::Cancel),
        ("XO", Control::Change),
        ("DC", Control::Discontinue),
        ("OC", Control::CancelledByFiller),
        ("UA", Control::UnableToAccept),
        ("HD", Control::Hold),
    ] {
        let inbound = taken(&message("ORM^O01", &[PID, &format!("ORC|{code}|P1")]));
        assert_eq!(orders(&inbound).orders[0].control, control);
    }
    let inbound = taken(&message("ORM^O01", &["ORC|SC|P1|||CM"]));
    assert_eq!(orders(&inbound).orders[0].status, Some(OrderStatus::Completed));
    assert_eq!(refused(&message("ORM^O01", &[PID, "ORC|QQ|P1"])).code, Code::Table);
}

#[test]
fn an_order_that_says_too_little_is_refused() {
    let check = |lines: &[&str], why: &str| {
        let reject = refused(&message("ORM^O01", lines));
        assert!(reject.to_string().contains(why), "{reject}");
    };
    check(&[PID], "holds no order");
    check(&[PID, "ORC||P1", "OBR|1|||MR"], "ORC-1: the order has no control");
    check(&[PID, "ORC|NW", "OBR|1|||MR"], "ORC-2: the order has no number");
    check(&[PID, "ORC|NW|P1"], "does not say what is ordered");
    check(&["ORC|NW|P1", "OBR|1|||MR"], "names no patient");
    check(&[PID, "ORC|NW|P1", "OBR|1|||MR", "OBR|2|||CT"], "every OBR needs an ORC");
    check(&[PID, "PID|||2", "ORC|CA|P1"], "a second patient");
}

#[test]
fn several_orders_in_one_message_are_several() {
    let lines = [PID, "ORC|NW|P1", "OBR|1|||MR", "ZDS|1.2", "ORC|CA|P2", "ORC|NW|P3", "OBR|1|||MR"];
    let inbound = taken(&message("ORM^O01", &lines));
    let found = &orders(&inbound).orders;
    let numbers: Vec<&str> =
        found.iter().map(|order| order.placer.as_ref().unwrap().id.as_str()).collect();
    assert_eq!(numbers, ["P1", "P2", "P3"]);
    assert_eq!(found[0].steps[0].study_uid.as_deref(), Some("1.2"));
    assert!(found[1].steps.is_empty() && found[2].steps.is_empty());
}

#[test]
fn what_does_not_fit_dicom_is_kept_whole_and_flagged() {
    let lines = [
        PID,
        "ORC|NW|P1",
        "OBR|1|||MR",
        "IPC|ACCESSION-OF-SEVENTEEN|RP1|1.02.x|S\\E\\1|mr|||A ROOM WITH A LONG NAME|MR\\E\\1",
    ];
    let inbound = taken(&message("OMI^O23", &lines));
    let step = &orders(&inbound).orders[0].steps[0];
    assert_eq!(step.accession.as_deref(), Some("ACCESSION-OF-SEVENTEEN"));
    assert_eq!(step.study_uid.as_deref(), Some("1.02.x"));
    let told = flags(&inbound);
    let places: Vec<&str> = told.iter().map(|told| told.split(':').next().unwrap()).collect();
    assert_eq!(places, ["IPC-1", "IPC-3", "IPC-4", "IPC-5", "IPC-8", "IPC-9"], "{told:?}");
    assert!(told[0].contains("more than the 16 characters that DICOM allows for Accession Number"));
}

#[test]
fn values_and_telephones_are_read_by_their_types() {
    let lines = [
        PID,
        "ORC|NW|P1||||||||||||^WPN^PH^^49^30^1234567",
        "OBR|1|||MR",
        "OBX|1|CWE|82810-3^Pregnancy status^LN||LA15173-0^Pregnant^LN||||||F",
        "OBX|2|SN|33914-3^eGFR^LN||>^60|mL/min|||||F",
        "OBX|3|ST|X^Other||a & b||||||F",
    ];
    let inbound = taken(&message("ORM^O01", &lines));
    let order = &orders(&inbound).orders[0];
    assert_eq!(order.callback.as_deref(), Some("49 30 1234567"));
    let values: Vec<&str> =
        order.observations.iter().map(|one| one.value.as_deref().unwrap()).collect();
    assert_eq!(values, ["Pregnant", ">60", "a & b"]);
}

#[test]
fn unsaid_urgency_is_not_routine() {
    let inbound = taken(&message("ORM^O01", &[PID, "ORC|NW|P1", "OBR|1|||MR"]));
    assert_eq!(orders(&inbound).orders[0].priority, None);
    let inbound = taken(&message("ORM^O01", &[PID, "ORC|NW|P1", "OBR|1|||MR|STAT"]));
    assert_eq!(orders(&inbound).orders[0].priority, Some(Priority::Stat));
    let inbound = taken(&message("ORM^O01", &[PID, "ORC|NW|P1", "OBR|1|||MR|QUICK"]));
    assert_eq!(orders(&inbound).orders[0].priority, None);
    assert!(flags(&inbound)[0].starts_with("OBR-5: its code"));
}
