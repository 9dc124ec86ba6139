//! Limits, and what becomes of those who do not keep to them or send what is no DICOM.

use std::sync::Arc;
use std::time::Duration;

use cauda_dicom::command::{C_ECHO_RQ, Command, status};
use cauda_dicom::dataset::Syntax;
use cauda_dicom::scu::echo;
use cauda_dicom::worklist::Worklist;
use dicom_dictionary_std::tags;

use crate::house::{identifier, worklist};
use crate::site::{Site, accepted, bytes_of, caller, request, settings};

const ABORT: u8 = 0x07;
const ECHO: &str = "1.2.840.10008.1.1";

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
    let short = Duration::from_millis(50);
    let mut hello = settings();
    hello.limits.hello = short;
    let site = Site::start(hello, worklist(1)).await;
    let mut silent = site.raw().await;
    assert_eq!(silent.pdu().await, None);
    let mut idle = settings();
    idle.limits.idle = short;
    let site = Site::start(idle, worklist(1)).await;
    let mut raw = site.raw().await;
    raw.send(&request("MR1", &[(1, ECHO)])).await;
    assert_eq!(raw.pdu().await.unwrap().0, 0x02);
    assert_eq!(raw.pdu().await.unwrap().0, ABORT);
    assert_eq!(raw.pdu().await, None);
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
