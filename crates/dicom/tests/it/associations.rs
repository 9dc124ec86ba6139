//! Who is let in, within which limits, and what becomes of those who misbehave.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use cauda_dicom::command::{C_ECHO_RQ, C_FIND_RQ, Command, status};
use cauda_dicom::dataset::Syntax;
use cauda_dicom::message::write;
use cauda_dicom::negotiate::Service;
use cauda_dicom::scu::{Association, echo};
use cauda_dicom::worklist::Worklist;
use cauda_dicom::{Host, Limits, Notice};
use dicom_dictionary_std::tags;

use crate::house::{entry, identifier, worklist};
use crate::site::{Raw, Site, caller, request, settings};

const ABORT: u8 = 0x07;
const ECHO: &str = "1.2.840.10008.1.1";
const WORKLIST: &str = "1.2.840.10008.5.1.4.31";

#[tokio::test]
async fn an_installer_gets_an_echo() {
    let site = Site::plain().await;
    echo(site.address, &caller("VIEWER", "CAUDA")).await.unwrap();
    assert!(matches!(&site.ward.notices.lock().unwrap()[..], [Notice::Echo(source)]
        if source.ae_title == "VIEWER" && source.scanner == "viewer"));
}

#[tokio::test]
async fn a_wrong_called_or_an_unknown_calling_title_is_refused() {
    let site = Site::plain().await;
    for (calling, called, why) in [
        ("MR1", "CAUDA2", "called AE title not recognized"),
        ("MR9", "CAUDA", "calling AE title not recognized"),
        ("mr1", "CAUDA", "calling AE title not recognized"),
    ] {
        let refused = site.open(calling, called, Syntax::Implicit).await.unwrap_err();
        assert_eq!(refused.to_string(), format!("the association was refused: {why}"));
    }
    let whys: Vec<String> = site
        .ward
        .notices
        .lock()
        .unwrap()
        .iter()
        .map(|notice| match notice {
            Notice::Refused { calling, why, .. } => format!("{calling}: {why}"),
            _ => String::new(),
        })
        .collect();
    assert_eq!(
        whys,
        [
            "`MR1`: it calls `CAUDA2`, and this is CAUDA; correct the called AE title at the device",
            "`MR9`: no device `MR9` is in the settings",
            "`mr1`: no device `mr1` is in the settings",
        ]
    );
}

#[tokio::test]
async fn a_device_is_bound_to_its_host() {
    let mut settings = settings();
    settings.devices[0].host = Host::read("10.0.0.0/8").unwrap();
    settings.devices[1].host = Host::read("127.0.0.1").unwrap();
    let site = Site::start(settings, worklist(1)).await;
    assert!(site.open("MR1", "CAUDA", Syntax::Implicit).await.is_err());
    assert!(site.open("MR2", "CAUDA", Syntax::Implicit).await.is_ok());
}

#[test]
fn hosts_are_addresses_or_networks() {
    for (host, address, holds) in [
        ("any", "192.0.2.1", true),
        ("192.0.2.1", "192.0.2.1", true),
        ("192.0.2.1", "192.0.2.2", false),
        ("10.1.0.0/16", "10.1.255.3", true),
        ("10.1.0.0/16", "10.2.0.3", false),
        ("0.0.0.0/0", "10.2.0.3", true),
        ("10.1.0.0/16", "::ffff:10.1.2.3", true),
        ("2001:db8::/32", "2001:db8:1::1", true),
        ("2001:db8::/32", "2001:db9::1", false),
        ("::/0", "2001:db9::1", true),
        ("::/0", "10.1.2.3", false),
    ] {
        let address: IpAddr = address.parse().unwrap();
        assert_eq!(Host::read(host).unwrap().holds(address), holds, "{host} {address}");
    }
    for wrong in ["", "10.1.0.0/33", "10.1", "::/129", "10.1.0.0/x"] {
        assert!(Host::read(wrong).is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn a_sop_class_that_is_not_offered_is_refused_on_its_own() {
    let site = Site::plain().await;
    let mut raw = site.raw().await;
    let study_root = "1.2.840.10008.5.1.4.1.2.2.1";
    raw.send(&request("MR1", &[(1, study_root), (3, ECHO), (5, "1.2.3")])).await;
    let (kind, bytes) = raw.pdu().await.unwrap();
    assert_eq!(kind, 0x02);
    let header = [&[2, 0][..], &u32::try_from(bytes.len()).unwrap().to_be_bytes()].concat();
    let Ok(Some(dicom_ul::Pdu::AssociationAC(accepted))) =
        dicom_ul::read_pdu([header, bytes].concat().as_slice(), 1 << 16, true)
    else {
        panic!("no acceptance");
    };
    let reasons: Vec<u8> =
        accepted.presentation_contexts.iter().map(|one| one.reason.clone() as u8).collect();
    assert_eq!(reasons, [3, 0, 3]);
    raw.send(&bytes_of(3, &Command::request(C_ECHO_RQ, 1, ECHO), None)).await;
    assert_eq!(raw.pdu().await.unwrap().0, 0x04);
    // What was not accepted cannot be used.
    raw.send(&bytes_of(1, &Command::request(C_FIND_RQ, 2, study_root), None)).await;
    assert_eq!(raw.pdu().await.unwrap().0, ABORT);
}

fn bytes_of(context: u8, command: &Command, data: Option<&[u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes, context, command, data, 16_384);
    bytes
}

#[tokio::test]
async fn a_device_may_use_only_what_the_settings_give_it() {
    let site = Site::plain().await;
    let association = site.call("VIEWER").await;
    assert_eq!(association.services().collect::<Vec<_>>(), [Service::Verification]);
    let association = site.call("MR1").await;
    assert_eq!(association.services().collect::<Vec<_>>(), Service::ALL);
}

#[tokio::test]
async fn an_operation_that_does_not_exist_is_answered() {
    let site = Site::plain().await;
    let mut association = site.call("MR1").await;
    for (field, service) in [(0x0001, Service::Verification), (0x0150, Service::Steps)] {
        let request = association.request(field, service);
        association.send(service, &request, None).await.unwrap();
        let answer = association.receive().await.unwrap().command;
        assert_eq!(answer.status, Some(status::UNRECOGNIZED_OPERATION));
        assert_eq!(answer.responded_to, request.message);
    }
    // A class that is not that of the context.
    let mut request = association.request(C_ECHO_RQ, Service::Verification);
    request.affected_class = Some("1.2.3".into());
    association.send(Service::Verification, &request, None).await.unwrap();
    let answer = association.receive().await.unwrap().command;
    assert_eq!(answer.status, Some(status::CLASS_NOT_SUPPORTED));
    association.release().await.unwrap();
}

#[tokio::test]
async fn a_command_with_nothing_in_it_is_answered() {
    let site = Site::plain().await;
    let mut association = site.call("MR1").await;
    let nothing = Command::default();
    association.send(Service::Steps, &nothing, None).await.unwrap();
    let answer = association.receive().await.unwrap().command;
    assert_eq!(answer.status, Some(status::UNRECOGNIZED_OPERATION));
    let bare = Command { field: Some(C_ECHO_RQ), ..Command::default() };
    association.send(Service::Verification, &bare, None).await.unwrap();
    assert_eq!(association.receive().await.unwrap().command.status, Some(status::SUCCESS));
}

#[tokio::test]
async fn associations_have_a_limit_and_are_told_so() {
    let mut settings = settings();
    settings.limits.associations = 2;
    let site = Site::start(settings, worklist(1)).await;
    let _first = site.call("MR1").await;
    let _second = site.call("MR1").await;
    let refused = site.open("MR2", "CAUDA", Syntax::Implicit).await.unwrap_err();
    assert_eq!(refused.to_string(), "the association was refused: local limit exceeded");
}

#[tokio::test]
async fn one_device_cannot_take_all_places() {
    let mut settings = settings();
    settings.limits.per_device = 1;
    let site = Site::start(settings, worklist(1)).await;
    let first = site.call("MR1").await;
    let refused = site.open("MR1", "CAUDA", Syntax::Implicit).await.unwrap_err();
    assert_eq!(refused.to_string(), "the association was refused: local limit exceeded");
    let mut other = site.call("MR2").await;
    assert_eq!(other.echo().await.unwrap(), status::SUCCESS);
    // A place that was given back is free; the other side closes when it has heard of it.
    first.release().await.unwrap();
    other.release().await.unwrap();
}

#[tokio::test]
async fn a_client_that_keeps_its_socket_after_release_blocks_nobody() {
    let site = Site::plain().await;
    let mut raw = site.raw().await;
    raw.send(&request("MR1", &[(1, ECHO)])).await;
    assert_eq!(raw.pdu().await.unwrap().0, 0x02);
    raw.send(&[0x05, 0, 0, 0, 0, 4, 0, 0, 0, 0]).await;
    assert_eq!(raw.pdu().await.unwrap().0, 0x06);
    echo(site.address, &caller("MR2", "CAUDA")).await.unwrap();
    drop(raw);
}

#[tokio::test]
async fn who_says_nothing_is_shown_out() {
    let mut settings = settings();
    let short = Duration::from_millis(50);
    settings.limits = Limits { hello: short, idle: short, ..settings.limits };
    let site = Site::start(settings, worklist(1)).await;
    let mut silent = site.raw().await;
    assert_eq!(silent.pdu().await, None);
    let mut idle = site.raw().await;
    idle.send(&request("MR1", &[(1, ECHO)])).await;
    assert_eq!(idle.pdu().await.unwrap().0, 0x02);
    assert_eq!(idle.pdu().await.unwrap().0, ABORT);
    assert_eq!(idle.pdu().await, None);
}

#[tokio::test]
async fn one_association_has_a_limited_number_of_requests() {
    let mut settings = settings();
    settings.limits.requests = 3;
    let site = Site::start(settings, worklist(1)).await;
    let mut association = site.call("MR1").await;
    for _ in 0..3 {
        assert_eq!(association.echo().await.unwrap(), status::SUCCESS);
    }
    assert!(association.echo().await.is_err());
}

#[tokio::test]
async fn what_is_no_dicom_is_aborted() {
    let site = Site::plain().await;
    let huge = [0x01, 0, 0xFF, 0xFF, 0xFF, 0xFF];
    let data_first = [0x04, 0, 0, 0, 0, 6, 0, 0, 0, 2, 1, 3];
    for (sent, aborted) in [
        (&b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..], false),
        (&huge, false),
        (&data_first, true),
        (&[0x05, 0, 0, 0, 0, 4, 0, 0, 0, 0], true),
    ] {
        let mut raw = site.raw().await;
        raw.send(sent).await;
        assert_eq!(raw.pdu().await.map(|(kind, _)| kind), aborted.then_some(ABORT));
        assert_eq!(raw.pdu().await, None);
    }
    echo(site.address, &caller("MR1", "CAUDA")).await.unwrap();
}

async fn accepted(site: &Site) -> Raw {
    let mut raw = site.raw().await;
    raw.send(&request("MR1", &[(1, ECHO), (3, WORKLIST)])).await;
    assert_eq!(raw.pdu().await.unwrap().0, 0x02);
    raw
}

#[tokio::test]
async fn a_request_may_arrive_byte_by_byte() {
    let site = Site::plain().await;
    let mut raw = accepted(&site).await;
    for byte in bytes_of(1, &Command::request(C_ECHO_RQ, 1, ECHO), None) {
        raw.send(&[byte]).await;
    }
    assert_eq!(raw.pdu().await.unwrap().0, 0x04);
}

#[tokio::test]
async fn spoilt_messages_end_their_association_and_no_other() {
    let site = Site::plain().await;
    let mut other = site.call("MR2").await;
    for spoilt in [
        // A data set without a command, a response, and a length that lies.
        vec![0x04, 0, 0, 0, 0, 6, 0, 0, 0, 2, 1, 2],
        bytes_of(1, &Command { field: Some(0x8030), ..Command::default() }, None),
        vec![0x04, 0, 0, 0, 0, 6, 0, 0, 0, 99, 1, 3],
        vec![0x99, 0, 0, 0, 0, 1, 0],
    ] {
        let mut raw = accepted(&site).await;
        raw.send(&spoilt).await;
        assert_eq!(raw.pdu().await.unwrap().0, ABORT);
    }
    assert_eq!(other.echo().await.unwrap(), status::SUCCESS);
}

#[tokio::test]
async fn a_cancel_is_honoured_between_responses() {
    let site = Site::plain().await;
    let mut raw = accepted(&site).await;
    let mut data = Vec::new();
    identifier(&[(tags::PATIENT_NAME, "")], &[]).write(Syntax::Implicit, &mut data);
    let find = Command { with_data: Some(true), ..Command::request(C_FIND_RQ, 7, WORKLIST) };
    let cancel = |message| Command {
        field: Some(0x0FFF),
        responded_to: Some(message),
        with_data: Some(false),
        ..Command::default()
    };
    let finds = bytes_of(3, &find, Some(&data));
    // One for another message does nothing.
    raw.send(&[finds.clone(), bytes_of(3, &cancel(6), None)].concat()).await;
    assert_eq!(last_status(&mut raw).await, (100, status::SUCCESS));
    raw.send(&[finds.clone(), bytes_of(3, &cancel(7), None)].concat()).await;
    assert_eq!(last_status(&mut raw).await, (0, status::CANCELLED));
    // One that comes too late does nothing either.
    raw.send(&finds).await;
    assert_eq!(last_status(&mut raw).await, (100, status::SUCCESS));
    raw.send(&bytes_of(3, &cancel(7), None)).await;
    raw.send(&bytes_of(1, &Command::request(C_ECHO_RQ, 8, ECHO), None)).await;
    assert_eq!(last_status(&mut raw).await, (0, status::SUCCESS));
}

/// Matches and the status that ended them.
async fn last_status(raw: &mut Raw) -> (usize, u16) {
    let mut matches = 0;
    loop {
        let (_, bytes) = raw.pdu().await.unwrap();
        if bytes[5] & 1 == 1 {
            let command = Command::read(&bytes[6..]).unwrap();
            match command.status.unwrap() {
                status::PENDING => matches += 1,
                last => return (matches, last),
            }
        }
    }
}

#[tokio::test]
async fn a_cancel_in_the_midst_of_many_ends_them() {
    // More than any buffer between the two holds: 2,000 entries with ten thousand letters each.
    let many = Worklist::new(settings().charsets());
    for number in 0..2000 {
        let mut long = entry(number);
        long.step.comments = "x".repeat(10_000);
        many.put(&long).unwrap();
    }
    let site = Site::start(settings(), many).await;
    let mut association = site.call("MR2").await;
    let comments = tags::COMMENTS_ON_THE_SCHEDULED_PROCEDURE_STEP;
    let mut request = association.request(C_FIND_RQ, Service::Worklist);
    request.with_data = Some(true);
    let set = identifier(&[(tags::PATIENT_NAME, "")], &[(comments, "")]);
    association.send(Service::Worklist, &request, Some(&set)).await.unwrap();
    assert_eq!(association.receive().await.unwrap().command.status, Some(status::PENDING));
    association.cancel().await.unwrap();
    let answers = association.answers().await.unwrap();
    assert_eq!(answers.last.status, Some(status::CANCELLED));
    assert!(answers.matches.len() < 1999, "{}", answers.matches.len());
    association.release().await.unwrap();
}

#[tokio::test]
async fn more_matches_than_the_limit_are_told() {
    let mut settings = settings();
    settings.limits.matches = 30;
    let site = Site::start(settings, worklist(100)).await;
    let mut association = site.call("MR1").await;
    let set = identifier(&[(tags::PATIENT_NAME, "")], &[]);
    let answers = association.find(&set).await.unwrap();
    assert_eq!(answers.matches.len(), 30);
    assert_eq!(answers.last.status, Some(status::OUT_OF_RESOURCES));
    let comment = answers.last.comment.unwrap();
    assert_eq!(comment, "the first 30 matches are returned; narrow the query");
}

#[tokio::test]
async fn an_ill_formed_query_names_its_element_and_the_association_goes_on() {
    let site = Site::plain().await;
    for syntax in [Syntax::Implicit, Syntax::Explicit] {
        let mut association = site.open("MR1", "CAUDA", syntax).await.unwrap();
        let date = tags::SCHEDULED_PROCEDURE_STEP_START_DATE;
        let refused = association.find(&identifier(&[], &[(date, "2026-11-03")])).await.unwrap();
        assert_eq!(refused.last.status, Some(status::IDENTIFIER_MISMATCH));
        assert_eq!(refused.last.offending, [date]);
        assert_eq!(refused.last.comment.as_deref(), Some("SPS start date is not yyyymmdd"));
        let mut broken = association.request(C_FIND_RQ, Service::Worklist);
        broken.with_data = Some(false);
        association.send(Service::Worklist, &broken, None).await.unwrap();
        let answer = association.receive().await.unwrap().command;
        assert_eq!(answer.status, Some(status::IDENTIFIER_MISMATCH));
        let set = identifier(&[(tags::PATIENT_ID, "P0000007")], &[(tags::MODALITY, "MR")]);
        let found = association.find(&set).await.unwrap();
        assert_eq!((found.matches.len(), found.last.status), (1, Some(status::SUCCESS)));
        assert!(!found.warned);
        assert_eq!(found.matches[0].ascii(tags::PATIENT_ID), "P0000007");
    }
}

#[tokio::test]
async fn a_key_that_is_not_supported_makes_matches_warn() {
    let site = Site::plain().await;
    let mut association = site.call("MR1").await;
    let set = identifier(&[(tags::PATIENT_ID, "P0000007"), (tags::ETHNIC_GROUPS, "")], &[]);
    let found = association.find(&set).await.unwrap();
    assert_eq!((found.matches.len(), found.warned), (1, true));
}

#[tokio::test]
async fn a_new_entry_is_in_the_next_answer_and_a_removed_one_is_not() {
    let site = Site::plain().await;
    let mut association = site.call("MR1").await;
    let set = identifier(&[(tags::PATIENT_ID, "P0009999")], &[]);
    assert_eq!(association.find(&set).await.unwrap().matches.len(), 0);
    site.worklist.put(&entry(9999)).unwrap();
    assert_eq!(association.find(&set).await.unwrap().matches.len(), 1);
    site.worklist.remove("order-9999");
    assert_eq!(association.find(&set).await.unwrap().matches.len(), 0);
}

#[tokio::test]
async fn each_device_is_answered_in_its_character_set() {
    let site = Site::start(settings(), Worklist::new(settings().charsets())).await;
    let mut german = entry(1);
    german.patient.name = "MÜLLER^JÜRGEN".into();
    site.worklist.put(&german).unwrap();
    let mut polish = entry(2);
    polish.patient.name = "WAŁĘSA^LECH".into();
    assert_eq!(site.worklist.put(&polish).unwrap().len(), 1);
    let set = identifier(&[(tags::PATIENT_NAME, "")], &[]);
    for (device, term, expect) in [("MR1", "ISO_IR 100", 1), ("MR2", "ISO_IR 192", 2)] {
        let found = site.call(device).await.find(&set).await.unwrap().matches;
        assert_eq!(found.len(), expect);
        assert_eq!(found[0].ascii(tags::SPECIFIC_CHARACTER_SET), term);
    }
    let notices = site.ward.notices.lock().unwrap();
    let hidden: Vec<usize> = notices
        .iter()
        .map(|notice| match notice {
            Notice::Queried { unwritable, .. } => *unwritable,
            _ => 99,
        })
        .collect();
    assert_eq!(hidden, [1, 0]);
}

#[tokio::test]
async fn a_listener_that_stops_ends_its_associations() {
    let site = Site::plain().await;
    let mut association = site.call("MR1").await;
    assert_eq!(association.echo().await.unwrap(), status::SUCCESS);
    let address = site.address;
    site.stop().await;
    assert!(association.echo().await.is_err());
    let caller = caller("MR1", "CAUDA");
    let services = [Service::Verification];
    let gone = Association::open(address, &caller, &services, Syntax::Implicit);
    assert!(gone.await.is_err());
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused() {
    let worklist = Arc::new(Worklist::new(settings().charsets()));
    let check = async |change: fn(&mut cauda_dicom::Settings), expect: &str| {
        let mut changed = settings();
        change(&mut changed);
        let ward = Arc::<crate::site::Ward>::default();
        let address = "127.0.0.1:0".parse().unwrap();
        let bound = cauda_dicom::Listener::bind(address, changed, Arc::clone(&worklist), ward);
        assert_eq!(bound.await.unwrap_err().to_string(), expect);
    };
    check(|all| all.ae_title.clear(), "the own AE title has 1 to 16 letters of ASCII").await;
    check(
        |all| all.devices[1].ae_title = "MR1".into(),
        "the AE title MR1 stands there twice; every device has its own",
    )
    .await;
    check(
        |all| all.devices[1].ae_title = "A TITLE TOO LONG!".into(),
        "device 1: its AE title has 1 to 16 letters of ASCII",
    )
    .await;
    check(
        |all| all.devices[1].charset = cauda_dicom::charset::Charset::Greek,
        "a device uses ISO_IR 126, for which the worklist was not made",
    )
    .await;
    check(|all| all.limits.pdu_bytes = 100, "a PDU has between 4 KiB and 4 MiB").await;
}
