//! SIU: what is booked on a scanner.

use cauda_hl7::{AppointmentEvent, Code};

use crate::house::{appointment, flags, message, refused, second, taken};

fn booking(event: &str, sch: &str) -> Vec<u8> {
    let lines = [
        sch,
        "PID|||4711",
        "PV1||O",
        "RGS|1",
        "AIS|1||MRKN^MRI knee|20261123090000|||40|MIN",
        "AIG|1||MR1^Scanner one",
        "AIL|1||RAD^MR SUITE",
    ];
    message(&format!("SIU^{event}"), &lines)
}

#[test]
fn a_booking_has_time_length_and_scanner() {
    let bytes = booking(
        "S12",
        "SCH|B1^EHR|A1^RIS|||||ROUTINE^Routine||30|min|^^^20261123083000||||||||||||||Booked|P1",
    );
    let inbound = taken(&bytes);
    let found = appointment(&inbound);
    assert_eq!(found.event, AppointmentEvent::Booked);
    assert_eq!(found.filler.as_ref().unwrap().id, "A1");
    assert_eq!(found.order.as_ref().unwrap().id, "P1");
    assert_eq!(found.start.unwrap().earliest, second("2026-11-23T07:30:00Z"));
    assert_eq!(found.minutes, Some(30));
    assert_eq!(found.resources[0].code.as_deref(), Some("MR1"));
    assert_eq!(found.service.as_ref().unwrap().code.as_deref(), Some("MRKN"));
    assert_eq!(found.patient.as_ref().unwrap().identifier().unwrap().id, "4711");
}

#[test]
fn time_and_length_may_stand_elsewhere() {
    let inbound = taken(&booking("S13", "SCH|B1"));
    let found = appointment(&inbound);
    assert_eq!(found.event, AppointmentEvent::Moved);
    assert_eq!(found.start.unwrap().earliest, second("2026-11-23T08:00:00Z"));
    assert_eq!(found.minutes, Some(40));
    let inbound = taken(&booking("S14", "SCH|B1||||||||||^^^20261123083000^20261123091500"));
    assert_eq!(appointment(&inbound).minutes, Some(45));
}

#[test]
fn a_length_without_a_unit_is_not_guessed() {
    let lines = ["SCH|B1||||||||30||^^^20261123083000"];
    let inbound = taken(&message("SIU^S12", &lines));
    assert_eq!(appointment(&inbound).minutes, None);
    assert!(flags(&inbound)[0].starts_with("SCH-9: it is no number with a unit"));
    assert!(appointment(&inbound).patient.is_none(), "a block has no patient");
}

#[test]
fn a_cancelled_one_needs_no_time_and_a_new_one_does() {
    let inbound = taken(&message("SIU^S15", &["SCH|B1"]));
    assert_eq!(appointment(&inbound).event, AppointmentEvent::Cancelled);
    assert_eq!(refused(&message("SIU^S12", &["SCH|B1"])).code, Code::RequiredField);
    assert_eq!(refused(&message("SIU^S12", &["SCH|"])).code, Code::RequiredField);
    assert_eq!(refused(&message("SIU^S99", &["SCH|B1"])).code, Code::EventCode);
}
