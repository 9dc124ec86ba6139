//! Who is let in, within which limits, and what becomes of those who misbehave.

use std::net::IpAddr;

use cauda_dicom::charset::Charset;
use cauda_dicom::command::{C_ECHO_RQ, C_FIND_RQ, Command, status};
use cauda_dicom::dataset::Syntax;
use cauda_dicom::negotiate::Service;
use cauda_dicom::scu::{Association, echo};
use cauda_dicom::worklist::Worklist;
use cauda_dicom::{Device, Host, Notice};
use dicom_dictionary_std::tags;

use crate::house::{entry, identifier, worklist};
use crate::site::{Raw, Site, accepted, bytes_of, caller, request, settings};

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

#[test]
fn a_device_is_read_from_settings() {
    let read = |text: &str| serde_json::from_str::<Device>(text).map_err(|error| error.to_string());
    let device = read(
        r#"{"ae_title": "MR1", "host": "10.1.0.0/16", "scanner": "one", "charset": "ISO_IR 100"}"#,
    )
    .unwrap();
    assert_eq!(device.charset, Charset::Latin1);
    let expect =
        Device { host: device.host, charset: device.charset, ..Device::scanner("MR1", "one") };
    assert_eq!(device, expect);
    for (text, told) in [
        (r#"{"ae_title": "MR1", "scanner": "one"}"#, "missing field `host`"),
        (r#"{"ae_title": "MR1", "host": "x", "scanner": "one"}"#, "a host is `any`, an address"),
        (r#"{"ae_title": "MR1", "host": "any", "charset": "X"}"#, "a character set is one of"),
        (r#"{"ae_title": "MR1", "hosts": "any"}"#, "unknown field `hosts`"),
    ] {
        assert!(read(text).unwrap_err().contains(told), "{text}");
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
