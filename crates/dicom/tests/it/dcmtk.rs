//! DCMTK's `echoscu` and `findscu` as scanners, with the items and queries that DCMTK ships.

use std::path::Path;

use cauda_dicom::entry::{Entry, Patient, Procedure, ScheduledStep};
use cauda_dicom::worklist::Worklist;
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::{InMemDicomObject, open_file};

use crate::house::{entry, worklist};
use crate::programs::dcmtk;
use crate::site::{Site, settings};

const EXAMPLES: &str = "/usr/share/doc/dcmtk/examples";

/// `findscu` in worklist mode as this device, with more arguments.
async fn findscu(site: &Site, calling: &str, more: &[&str]) -> (bool, String) {
    let port = site.address.port().to_string();
    let mut arguments: Vec<String> =
        ["-v", "-W", "-aet", calling, "-aec", "CAUDA"].map(String::from).to_vec();
    arguments.extend(more.iter().map(|more| (*more).to_string()));
    arguments.extend(["127.0.0.1".to_string(), port]);
    dcmtk("findscu", arguments).await
}

fn pending(output: &str) -> usize {
    output.lines().filter(|line| line.contains("(Pending")).count()
}

#[tokio::test]
async fn echoscu_is_answered() {
    let site = Site::plain().await;
    let port = site.address.port().to_string();
    for (called, expect) in [("CAUDA", true), ("OTHER", false)] {
        let arguments = ["-v", "-aet", "MR1", "-aec", called, "127.0.0.1", &port];
        let (done, output) = dcmtk("echoscu", arguments.map(String::from).to_vec()).await;
        assert_eq!(done, expect, "{output}");
    }
}

async fn dumped(dump: &Path, to: &Path) -> InMemDicomObject {
    let text = |path: &Path| path.to_str().unwrap().to_string();
    let (done, output) = dcmtk("dump2dcm", vec!["-q".into(), text(dump), text(to)]).await;
    assert!(done, "{output}");
    let object = open_file(to).unwrap();
    object.into_inner()
}

/// One of the items that DCMTK ships as an entry.
fn sample(number: usize, object: &InMemDicomObject) -> Entry {
    let text = |object: &InMemDicomObject, tag: Tag| {
        let element = object.element_opt(tag).unwrap();
        element.map_or(String::new(), |element| element.to_str().unwrap().trim().to_string())
    };
    let root = |tag| text(object, tag);
    let steps = object.element(tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE).unwrap();
    let item = &steps.items().unwrap()[0];
    let step = |tag| text(item, tag);
    let (day, time) = (
        step(tags::SCHEDULED_PROCEDURE_STEP_START_DATE),
        step(tags::SCHEDULED_PROCEDURE_STEP_START_TIME),
    );
    let start = format!("{day}T{time}").parse().unwrap();
    let stations = step(tags::SCHEDULED_STATION_AE_TITLE);
    Entry {
        id: format!("sample-{number}"),
        patient: Patient {
            name: root(tags::PATIENT_NAME),
            id: root(tags::PATIENT_ID),
            sex: root(tags::PATIENT_SEX),
            ..Patient::default()
        },
        procedure: Procedure {
            accession_number: root(tags::ACCESSION_NUMBER),
            id: root(tags::REQUESTED_PROCEDURE_ID),
            study_instance_uid: root(tags::STUDY_INSTANCE_UID),
            description: root(tags::REQUESTED_PROCEDURE_DESCRIPTION),
            ..Procedure::default()
        },
        step: ScheduledStep {
            id: step(tags::SCHEDULED_PROCEDURE_STEP_ID),
            station_ae_titles: stations.split('\\').map(String::from).collect(),
            station_name: step(tags::SCHEDULED_STATION_NAME),
            modality: step(tags::MODALITY),
            start: Some(start),
            description: step(tags::SCHEDULED_PROCEDURE_STEP_DESCRIPTION),
            ..ScheduledStep::default()
        },
    }
}

#[tokio::test]
async fn the_queries_that_dcmtk_ships_find_what_its_own_server_finds() {
    let place = tempfile::tempdir().unwrap();
    let items = Worklist::new(settings().charsets());
    for number in 1..=10 {
        let dump = format!("{EXAMPLES}/wlistdb/OFFIS/wklist{number}.dump");
        let object = dumped(Path::new(&dump), &place.path().join("item.dcm")).await;
        items.put(&sample(number, &object)).unwrap();
    }
    let site = Site::start(settings(), items).await;
    // What wlmscpfs 3.6.7 answers to the same items.
    let expect = [10, 10, 0, 10, 0, 6, 0, 0, 0, 0, 10, 10, 0];
    for (number, expect) in expect.into_iter().enumerate() {
        let dump = format!("{EXAMPLES}/wlistqry/wlistqry{number}.dump");
        let query = place.path().join(format!("query{number}.dcm"));
        dumped(Path::new(&dump), &query).await;
        let query = query.to_str().unwrap();
        // `findscu` takes the file behind the address.
        let port = site.address.port().to_string();
        let arguments = ["-v", "-W", "-aet", "MR1", "-aec", "CAUDA", "127.0.0.1", &port, query];
        let (done, output) = dcmtk("findscu", arguments.map(String::from).to_vec()).await;
        assert!(done, "{number}: {output}");
        assert_eq!(pending(&output), expect, "{number}: {output}");
    }
    for (key, expect) in [
        ("ScheduledProcedureStepSequence[0].Modality=CT", 4),
        ("ScheduledProcedureStepSequence[0].ScheduledStationAETitle=NN77", 2),
        ("ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate=19960101-", 6),
        ("PatientName=HAYDN*", 3),
        ("PatientID=MWA484763", 2),
        ("RequestedProcedureID=RP472", 1),
    ] {
        let (done, output) = findscu(&site, "MR1", &["-k", "PatientName", "-k", key]).await;
        assert_eq!((done, pending(&output)), (true, expect), "{key}: {output}");
    }
}

#[tokio::test]
async fn findscu_reads_what_it_asked_for_in_every_transfer_syntax() {
    let place = tempfile::tempdir().unwrap();
    let umlauts = Worklist::new(settings().charsets());
    let mut german = entry(1);
    german.patient.name = "MÜLLER^JÜRGEN".into();
    umlauts.put(&german).unwrap();
    let site = Site::start(settings(), umlauts).await;
    for (at, more) in [&["-xi"][..], &["-xe"], &["-xb"], &[], &["-pdu", "4096"]].iter().enumerate()
    {
        let to = place.path().join(at.to_string());
        std::fs::create_dir(&to).unwrap();
        let mut arguments = vec!["-X", "-od", to.to_str().unwrap(), "-k", "PatientName=muller*"];
        arguments.extend(["-k", "StudyInstanceUID", "-k", "ScheduledProcedureStepSequence"]);
        arguments.extend(*more);
        let (done, output) = findscu(&site, "MR1", &arguments).await;
        assert!(done, "{more:?} {output}");
        assert_eq!(pending(&output), 1, "{more:?} {output}");
        let answer = open_file(to.join("rsp0001.dcm")).unwrap();
        let text = |tag: Tag| answer.element(tag).unwrap().to_str().unwrap().trim().to_string();
        assert_eq!(text(tags::PATIENT_NAME), "MÜLLER^JÜRGEN");
        assert_eq!(text(tags::SPECIFIC_CHARACTER_SET), "ISO_IR 100");
        let steps = answer.element(tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE).unwrap();
        let codes = steps.items().unwrap()[0].element(tags::SCHEDULED_PROTOCOL_CODE_SEQUENCE);
        let code = codes.unwrap().items().unwrap()[0].element(tags::CODE_VALUE).unwrap();
        assert_eq!(code.to_str().unwrap().trim(), "CES1");
    }
}

#[tokio::test]
async fn findscu_is_told_what_is_ill_formed() {
    let site = Site::plain().await;
    let key = "ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate=2026-11-03";
    let (_, output) = findscu(&site, "MR1", &["-d", "-k", key]).await;
    assert!(output.contains("a900") || output.contains("A900"), "{output}");
    assert!(output.contains("SPS start date is not yyyymmdd"), "{output}");
    assert!(output.contains("(0040,0002)"), "{output}");
}

#[tokio::test]
async fn findscu_may_cancel() {
    let many = Worklist::new(settings().charsets());
    for number in 0..1500 {
        let mut long = entry(number);
        long.step.comments = "x".repeat(10_000);
        many.put(&long).unwrap();
    }
    let site = Site::start(settings(), many).await;
    let more = ["--cancel", "3", "-k", "PatientName", "-k", "ScheduledProcedureStepSequence"];
    let (_, output) = findscu(&site, "MR2", &more).await;
    assert!(output.contains("Cancel"), "no cancel among {} responses", pending(&output));
    assert!(pending(&output) < 1500, "{}", pending(&output));
}

#[tokio::test]
async fn a_query_for_images_on_the_same_port_is_refused_and_does_no_harm() {
    let site = Site::start(settings(), worklist(5)).await;
    let port = site.address.port().to_string();
    let arguments = [
        "-v",
        "-S",
        "-aet",
        "MR1",
        "-aec",
        "CAUDA",
        "-k",
        "QueryRetrieveLevel=STUDY",
        "127.0.0.1",
        &port,
    ];
    let (done, output) = dcmtk("findscu", arguments.map(String::from).to_vec()).await;
    assert!(!done);
    assert!(output.contains("No Acceptable Presentation Contexts"), "{output}");
    let (done, output) = findscu(&site, "MR1", &["-k", "PatientName"]).await;
    assert_eq!((done, pending(&output)), (true, 5), "{output}");
}
