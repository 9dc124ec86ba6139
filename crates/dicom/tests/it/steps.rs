//! Performed steps over the wire: statuses, final states, several orders, restart, a record that
//! fails.

use std::sync::atomic::Ordering;
use std::time::Duration;

use cauda_dicom::Happening;
use cauda_dicom::charset::Charset;
use cauda_dicom::command::{Command, N_CREATE_RQ, N_SET_RQ, status};
use cauda_dicom::dataset::DataSet;
use cauda_dicom::negotiate::Service;
use cauda_dicom::step::{PerformedStep, Standing, State, standing};
use dicom_dictionary_std::tags;
use jiff::civil::date;

use crate::house::keys;
use crate::site::{NOW, Site, settings};

const UID: &str = "1.2.826.0.1.3680043.10.5.1";

/// N-CREATE for these scheduled steps.
fn begun(steps: &[&str]) -> DataSet {
    let mut set = keys(&[
        (tags::SPECIFIC_CHARACTER_SET, "ISO_IR 192"),
        (tags::MODALITY, "MR"),
        (tags::PATIENT_NAME, "MÜLLER^JÜRGEN"),
        (tags::PATIENT_ID, "P0000001"),
        (tags::PERFORMED_STATION_AE_TITLE, "MR1"),
        (tags::PERFORMED_PROCEDURE_STEP_START_DATE, "20261103"),
        (tags::PERFORMED_PROCEDURE_STEP_START_TIME, "084500.5"),
        (tags::PERFORMED_PROCEDURE_STEP_STATUS, "IN PROGRESS"),
        (tags::PERFORMED_PROCEDURE_STEP_ID, "PPS1"),
    ]);
    let item = |step: &&str| {
        keys(&[
            (tags::STUDY_INSTANCE_UID, "1.2.3"),
            (tags::ACCESSION_NUMBER, if step.is_empty() { "" } else { "A1" }),
            (tags::REQUESTED_PROCEDURE_ID, if step.is_empty() { "" } else { "RP1" }),
            (tags::SCHEDULED_PROCEDURE_STEP_ID, step),
        ])
    };
    set.items(tags::SCHEDULED_STEP_ATTRIBUTES_SEQUENCE, steps.iter().map(item).collect());
    set
}

fn to(state: &str) -> DataSet {
    keys(&[
        (tags::PERFORMED_PROCEDURE_STEP_STATUS, state),
        (tags::PERFORMED_PROCEDURE_STEP_END_DATE, "20261103"),
        (tags::PERFORMED_PROCEDURE_STEP_END_TIME, "0905"),
    ])
}

fn discontinued(code: &str) -> DataSet {
    let mut set = to("DISCONTINUED");
    let reason = keys(&[(tags::CODE_VALUE, code), (tags::CODING_SCHEME_DESIGNATOR, "DCM")]);
    let reasons = tags::PERFORMED_PROCEDURE_STEP_DISCONTINUATION_REASON_CODE_SEQUENCE;
    set.items(reasons, vec![reason]);
    set
}

fn told(answer: &Command) -> (u16, &str) {
    (answer.status.unwrap(), answer.comment.as_deref().unwrap_or_default())
}

#[tokio::test]
async fn a_scan_begins_goes_on_and_ends() {
    let site = Site::plain().await;
    let mut scanner = site.call("MR1").await;
    assert_eq!(told(&scanner.create(UID, &begun(&["S1"])).await.unwrap()), (0, ""));
    assert_eq!(told(&scanner.set(UID, &to("IN PROGRESS")).await.unwrap()), (0, ""));
    let answer = scanner.set(UID, &to("COMPLETED")).await.unwrap();
    assert_eq!((told(&answer), answer.affected_instance.as_deref()), ((0, ""), Some(UID)));
    let events = site.ward.events.lock().unwrap();
    let happenings: Vec<Happening> = events.iter().map(|event| event.happening).collect();
    assert_eq!(happenings, [Happening::Started, Happening::Updated, Happening::Ended]);
    let last = events.last().unwrap();
    assert_eq!((last.received, last.source.scanner.as_str()), (NOW, "scanner 1"));
    let step = &last.step;
    assert_eq!(step.patient_name, "MÜLLER^JÜRGEN");
    assert_eq!(step.started, date(2026, 11, 3).at(8, 45, 0, 500_000_000));
    assert_eq!(step.ended, Some(date(2026, 11, 3).at(9, 5, 0, 0)));
    assert_eq!(step.scheduled[0].step_id, "S1");
    assert!(!format!("{events:?}").contains("MÜLLER"));
}

#[tokio::test]
async fn nothing_changes_after_the_end() {
    for end in [to("COMPLETED"), discontinued("110513")] {
        let site = Site::plain().await;
        let mut scanner = site.call("MR1").await;
        scanner.create(UID, &begun(&["S1"])).await.unwrap();
        scanner.set(UID, &end).await.unwrap();
        for again in [to("IN PROGRESS"), to("COMPLETED"), discontinued("110514")] {
            let answer = scanner.set(UID, &again).await.unwrap();
            assert_eq!(
                told(&answer),
                (0x0110, "Performed Procedure Step Object may no longer be updated")
            );
            assert_eq!(answer.error_id, Some(0xA710));
        }
        assert_eq!(site.ward.events.lock().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn doubles_and_strangers_are_refused() {
    let site = Site::plain().await;
    let mut scanner = site.call("MR1").await;
    let answer = scanner.set(UID, &to("COMPLETED")).await.unwrap();
    assert_eq!(answer.status, Some(status::NO_SUCH_INSTANCE));
    scanner.create(UID, &begun(&["S1"])).await.unwrap();
    let answer = site.call("MR2").await.create(UID, &begun(&["S1"])).await.unwrap();
    assert_eq!(answer.status, Some(status::DUPLICATE_INSTANCE));
    for no_uid in ["", "not a uid", "1.02"] {
        let answer = scanner.create(no_uid, &begun(&["S1"])).await.unwrap();
        assert_eq!(answer.status, Some(status::INVALID_INSTANCE), "{no_uid}");
        let answer = scanner.set(no_uid, &to("COMPLETED")).await.unwrap();
        assert_eq!(answer.status, Some(status::NO_SUCH_INSTANCE), "{no_uid}");
    }
    assert_eq!(site.ward.events.lock().unwrap().len(), 1);
}

#[test]
fn what_a_step_needs_must_be_there() {
    let without = |tag| {
        let mut set = DataSet::new();
        for element in begun(&["S1"]).elements().iter().filter(|element| element.tag != tag) {
            set.put(element.tag, element.vr, element.value.clone());
        }
        set
    };
    for (tag, comment) in [
        (tags::PERFORMED_PROCEDURE_STEP_STATUS, "PerformedProcedureStepStatus is missing"),
        (tags::PERFORMED_PROCEDURE_STEP_START_DATE, "PerformedProcedureStepStartDate is missing"),
        (tags::PERFORMED_PROCEDURE_STEP_START_TIME, "PerformedProcedureStepStartTime is missing"),
        (tags::PERFORMED_PROCEDURE_STEP_ID, "PerformedProcedureStepID is missing"),
        (tags::PERFORMED_STATION_AE_TITLE, "PerformedStationAETitle is missing"),
        (tags::MODALITY, "Modality is missing"),
        (tags::SCHEDULED_STEP_ATTRIBUTES_SEQUENCE, "ScheduledStepAttributesSequence is missing"),
    ] {
        let refused = PerformedStep::create(UID, &without(tag), Charset::Utf8).unwrap_err();
        assert_eq!((refused.status, refused.comment.as_str()), (0x0120, comment));
        let mut empty = begun(&["S1"]);
        if tag != tags::SCHEDULED_STEP_ATTRIBUTES_SEQUENCE {
            empty.text(tag, crate::house::vr(tag), "");
            let refused = PerformedStep::create(UID, &empty, Charset::Utf8).unwrap_err();
            assert_eq!(refused.status, 0x0121, "{comment}");
        }
    }
    // What may be unknown may also be missing.
    for tag in [tags::PATIENT_ID, tags::PATIENT_NAME, tags::SPECIFIC_CHARACTER_SET] {
        assert!(PerformedStep::create(UID, &without(tag), Charset::Utf8).is_ok());
    }
}

#[test]
fn values_that_are_invalid_are_refused() {
    let with = |tag, value: &str| {
        let mut set = begun(&["S1"]);
        set.text(tag, crate::house::vr(tag), value);
        PerformedStep::create(UID, &set, Charset::Utf8).map_err(|refused| refused.status)
    };
    for state in ["COMPLETED", "DISCONTINUED", "SCHEDULED", "in progress"] {
        assert_eq!(with(tags::PERFORMED_PROCEDURE_STEP_STATUS, state), Err(0x0106), "{state}");
    }
    assert_eq!(with(tags::PERFORMED_PROCEDURE_STEP_START_DATE, "20261301"), Err(0x0106));
    assert_eq!(with(tags::PERFORMED_PROCEDURE_STEP_START_TIME, "8:45"), Err(0x0106));
    let step = with(tags::MODALITY, "MR").unwrap();
    for spoilt in [to("DONE"), to("SCHEDULED")] {
        assert_eq!(step.set(&spoilt, Charset::Utf8).unwrap_err().status, 0x0106);
    }
}

#[tokio::test]
async fn a_command_without_its_fields_is_answered_and_not_crashed_on() {
    let site = Site::plain().await;
    let mut scanner = site.call("MR1").await;
    for (field, expect) in [(N_CREATE_RQ, 0x0117), (N_SET_RQ, 0x0112)] {
        let bare = Command { field: Some(field), with_data: Some(true), ..Command::default() };
        scanner.send(Service::Steps, &bare, Some(&begun(&["S1"]))).await.unwrap();
        let answer = scanner.receive().await.unwrap().command;
        assert_eq!((answer.status, answer.responded_to), (Some(expect), Some(0)));
    }
    // Without a data set.
    let mut bare = scanner.request(N_CREATE_RQ, Service::Steps);
    bare.affected_instance = Some(UID.into());
    scanner.send(Service::Steps, &bare, None).await.unwrap();
    let answer = scanner.receive().await.unwrap().command;
    assert_eq!(answer.status, Some(status::MISSING_ATTRIBUTE));
    assert!(site.ward.events.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_cannot_be_written_down_has_not_happened() {
    let site = Site::plain().await;
    let mut scanner = site.call("MR1").await;
    site.ward.broken.store(true, Ordering::SeqCst);
    let answer = scanner.create(UID, &begun(&["S1"])).await.unwrap();
    assert_eq!(told(&answer), (0x0110, "it could not be written down; send it again"));
    assert!(site.ward.steps.lock().unwrap().is_empty());
    site.ward.broken.store(false, Ordering::SeqCst);
    assert_eq!(scanner.create(UID, &begun(&["S1"])).await.unwrap().status, Some(0));
    site.ward.broken.store(true, Ordering::SeqCst);
    assert_eq!(scanner.set(UID, &to("COMPLETED")).await.unwrap().status, Some(0x0110));
    site.ward.broken.store(false, Ordering::SeqCst);
    assert_eq!(scanner.set(UID, &to("COMPLETED")).await.unwrap().status, Some(0));
    assert_eq!(site.ward.happenings(), [Happening::Started, Happening::Ended]);
}

#[tokio::test]
async fn a_department_that_does_not_answer_holds_nobody_up_for_long() {
    let mut impatient = settings();
    impatient.limits.commit = Duration::from_millis(50);
    let site = Site::start(impatient, crate::house::worklist(1)).await;
    site.ward.stuck.store(true, Ordering::SeqCst);
    let answer = site.call("MR1").await.create(UID, &begun(&["S1"])).await.unwrap();
    assert_eq!(answer.status, Some(status::PROCESSING_FAILURE));
    let (worklist, ward) = site.stop().await;
    ward.stuck.store(false, Ordering::SeqCst);
    let site = Site::with(settings(), worklist, ward).await;
    let answer = site.call("MR1").await.create(UID, &begun(&["S1"])).await.unwrap();
    assert_eq!(answer.status, Some(0));
}

#[tokio::test]
async fn a_scan_that_began_before_a_restart_ends_after_it() {
    let site = Site::plain().await;
    site.call("MR1").await.create(UID, &begun(&["S1"])).await.unwrap();
    let (worklist, ward) = site.stop().await;
    let site = Site::with(settings(), worklist, ward).await;
    let mut scanner = site.call("MR1").await;
    assert_eq!(scanner.create(UID, &begun(&["S1"])).await.unwrap().status, Some(0x0111));
    assert_eq!(scanner.set(UID, &to("COMPLETED")).await.unwrap().status, Some(0));
    assert_eq!(scanner.set(UID, &to("COMPLETED")).await.unwrap().status, Some(0x0110));
}

#[tokio::test]
async fn of_two_that_create_the_same_step_at_once_one_succeeds() {
    let site = Site::plain().await;
    let (mut first, mut second) = (site.call("MR1").await, site.call("MR2").await);
    let set = begun(&["S1"]);
    let (one, two) = tokio::join!(first.create(UID, &set), second.create(UID, &set));
    let mut codes = [one.unwrap().status.unwrap(), two.unwrap().status.unwrap()];
    codes.sort_unstable();
    assert_eq!(codes, [0, status::DUPLICATE_INSTANCE]);
    assert_eq!(site.ward.happenings(), [Happening::Started]);
}

#[tokio::test]
async fn the_wrong_entry_brings_its_patient_back() {
    let site = Site::plain().await;
    let mut scanner = site.call("MR1").await;
    scanner.create(UID, &begun(&["S1"])).await.unwrap();
    scanner.set(UID, &discontinued("110514")).await.unwrap();
    let other = "1.2.826.0.1.3680043.10.5.2";
    scanner.create(other, &begun(&["S2"])).await.unwrap();
    scanner.set(other, &discontinued("110513")).await.unwrap();
    let broken_off = |wrong_entry| Happening::Discontinued { wrong_entry };
    assert_eq!(
        site.ward.happenings(),
        [Happening::Started, broken_off(true), Happening::Started, broken_off(false)]
    );
    let steps = site.ward.steps.lock().unwrap();
    let of = |id: &str| standing(steps.values(), |scheduled| scheduled.step_id == id);
    assert_eq!(
        (of("S1"), of("S2"), of("S3")),
        (Standing::Waiting, Standing::Stopped, Standing::Waiting)
    );
}

#[tokio::test]
async fn one_scan_may_serve_several_orders() {
    let site = Site::plain().await;
    let mut scanner = site.call("MR1").await;
    scanner.create(UID, &begun(&["S1", "S2"])).await.unwrap();
    let of = |id: &str| {
        standing(site.ward.steps.lock().unwrap().values(), |scheduled| scheduled.step_id == id)
    };
    assert_eq!((of("S1"), of("S2")), (Standing::Running, Standing::Running));
    scanner.set(UID, &to("COMPLETED")).await.unwrap();
    assert_eq!((of("S1"), of("S2"), of("S3")), (Standing::Done, Standing::Done, Standing::Waiting));
}

#[test]
fn one_order_may_take_several_scans() {
    let step = |state| {
        let step = PerformedStep::create(UID, &begun(&["S1"]), Charset::Utf8).unwrap();
        match state {
            State::InProgress => step,
            State::Completed => step.set(&to("COMPLETED"), Charset::Utf8).unwrap(),
            State::Discontinued => step.set(&discontinued("110513"), Charset::Utf8).unwrap(),
        }
    };
    let check = |states: &[State], expect| {
        let steps: Vec<PerformedStep> = states.iter().map(|state| step(*state)).collect();
        assert_eq!(standing(&steps, |scheduled| scheduled.step_id == "S1"), expect, "{states:?}");
        assert_eq!(standing(steps.iter().rev(), |scheduled| scheduled.step_id == "S1"), expect);
    };
    use State::{Completed, Discontinued, InProgress};
    check(&[], Standing::Waiting);
    check(&[Completed, InProgress], Standing::Running);
    check(&[Completed, Completed], Standing::Done);
    check(&[Discontinued, Completed], Standing::Done);
    check(&[Discontinued, InProgress], Standing::Running);
    check(&[Discontinued, Discontinued], Standing::Stopped);
}

#[test]
fn an_unscheduled_scan_is_taken_all_the_same() {
    for items in [&[""][..], &[]] {
        let step = PerformedStep::create(UID, &begun(items), Charset::Utf8).unwrap();
        assert!(step.is_unscheduled());
        assert_eq!(step.patient_id, "P0000001");
    }
    let planned = PerformedStep::create(UID, &begun(&["S1"]), Charset::Utf8).unwrap();
    assert!(!planned.is_unscheduled());
}

#[tokio::test]
async fn a_scanner_whose_clock_is_wrong_is_believed_and_dated_by_ours() {
    let site = Site::plain().await;
    let mut scanner = site.call("MR1").await;
    let mut skewed = begun(&["S1"]);
    skewed.text(tags::PERFORMED_PROCEDURE_STEP_START_DATE, dicom_core::VR::DA, "19700101");
    assert_eq!(scanner.create(UID, &skewed).await.unwrap().status, Some(0));
    let events = site.ward.events.lock().unwrap();
    assert_eq!(events[0].step.started, date(1970, 1, 1).at(8, 45, 0, 500_000_000));
    assert_eq!(events[0].received, NOW);
}

#[tokio::test]
async fn a_step_may_name_ten_thousand_images() {
    let site = Site::plain().await;
    let mut scanner = site.call("MR1").await;
    scanner.create(UID, &begun(&["S1"])).await.unwrap();
    let image = |number: u32| {
        keys(&[
            (tags::REFERENCED_SOP_CLASS_UID, "1.2.840.10008.5.1.4.1.1.4"),
            (tags::REFERENCED_SOP_INSTANCE_UID, &format!("1.2.826.0.1.3680043.10.5.9.{number}")),
        ])
    };
    let mut series = keys(&[(tags::SERIES_INSTANCE_UID, "1.2.826.0.1.3680043.10.5.9")]);
    series.items(tags::REFERENCED_IMAGE_SEQUENCE, (1..=10_000).map(image).collect());
    let mut end = to("COMPLETED");
    end.items(tags::PERFORMED_SERIES_SEQUENCE, vec![series]);
    assert_eq!(told(&scanner.set(UID, &end).await.unwrap()), (0, ""));
}

#[test]
fn an_end_without_a_time_is_an_end() {
    let step = PerformedStep::create(UID, &begun(&["S1"]), Charset::Utf8).unwrap();
    let bare = keys(&[(tags::PERFORMED_PROCEDURE_STEP_STATUS, "COMPLETED")]);
    let ended = step.set(&bare, Charset::Utf8).unwrap();
    assert_eq!((ended.state, ended.ended), (State::Completed, None));
}

#[test]
fn a_step_is_kept_as_json_and_is_the_same_after_it() {
    let begun = PerformedStep::create(UID, &begun(&["S1", ""]), Charset::Utf8).unwrap();
    let ended = begun.set(&discontinued("110514"), Charset::Utf8).unwrap();
    for step in [begun, ended] {
        let kept = serde_json::to_string(&step).unwrap();
        assert_eq!(serde_json::from_str::<PerformedStep>(&kept).unwrap(), step);
    }
    // As the first version wrote it: what is in a record stays readable.
    let kept = r#"{"instance":"1.2.3","state":"in_progress","scheduled":[{"study_instance_uid":
        "1.2","accession_number":"A1","procedure_id":"RP1","step_id":"S1"}],"patient_id":"P1",
        "patient_name":"TEST","station_ae_title":"MR1","modality":"MR","id":"PPS1","description":
        "","protocol_codes":[{"value":"CES1","scheme":"99CAUDA","meaning":"Limited"}],"started":
        "2026-11-03T08:45:00.5","ended":null,"series":0,"reason":null}"#;
    let step: PerformedStep = serde_json::from_str(kept).unwrap();
    assert_eq!(step.started, date(2026, 11, 3).at(8, 45, 0, 500_000_000));
    assert_eq!((step.state, step.ended), (State::InProgress, None));
}

#[test]
fn what_may_not_be_changed_stays() {
    let step = PerformedStep::create(UID, &begun(&["S1"]), Charset::Utf8).unwrap();
    let mut other = begun(&["S9"]);
    other.text(tags::PATIENT_ID, dicom_core::VR::LO, "OTHER");
    let next = step.set(&other, Charset::Utf8).unwrap();
    assert_eq!((&next.patient_id, &next.scheduled), (&step.patient_id, &step.scheduled));
}
