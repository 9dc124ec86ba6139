//! The comparison with other worklist servers: `bench/dicom/run` calls it.
//!
//!     worklist serve COUNT            serves that many entries; prints its address
//!     worklist files COUNT FOLDER     writes the same entries as files for the others
//!     worklist measure ADDRESS CALLED PID SECONDS
//!                                     rows of one association at a time
//!     worklist together ADDRESS CALLED SECONDS
//!                                     the row of four associations at once
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use cauda_dicom::command::{C_FIND_RQ, Command};
use cauda_dicom::dataset::{DataSet, Syntax};
use cauda_dicom::entry::{Code, Entry, Patient, Priority, Procedure, ScheduledStep};
use cauda_dicom::message::write;
use cauda_dicom::negotiate::Service;
use cauda_dicom::query::{Query, Reading};
use cauda_dicom::scu::identifier;
use cauda_dicom::step::PerformedStep;
use cauda_dicom::worklist::{View, Worklist};
use cauda_dicom::{Department, Device, Event, Limits, Listener, Settings, Trouble};
use cauda_dicom::{charset::Charset, wire::pdu_length};
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use dicom_ul::pdu::{AssociationRQ, Pdu, PresentationContextProposed, UserVariableItem, write_pdu};
use jiff::civil::date;

const FAMILIES: [&str; 12] = [
    "SMITH", "JONES", "MEYER", "KIM", "ROSSI", "NOWAK", "GARCIA", "MARTIN", "SILVA", "KHAN",
    "CHEN", "LARSEN",
];

fn entry(number: u32) -> Entry {
    let family = FAMILIES[number as usize % FAMILIES.len()];
    let day = i8::try_from(number / 10 % 10).unwrap() + 1;
    let minute = number * 7 % (24 * 60);
    let (hour, minute) = (i8::try_from(minute / 60).unwrap(), i8::try_from(minute % 60).unwrap());
    Entry {
        id: number.to_string(),
        patient: Patient {
            name: format!("{family}{:02}^ANNA", number % 97),
            id: format!("P{number:07}"),
            birth_date: Some(date(1960, 1, 1)),
            sex: "F".into(),
            ..Patient::default()
        },
        procedure: Procedure {
            accession_number: format!("A{number:07}"),
            id: format!("RP{number:07}"),
            study_instance_uid: format!("1.2.826.0.1.3680043.10.1{number}"),
            description: "MRI lumbar spine".into(),
            priority: Some(Priority::Routine),
            requesting_physician: "WHO^DOCTOR".into(),
            ..Procedure::default()
        },
        step: ScheduledStep {
            id: format!("S{number:07}"),
            station_ae_titles: vec![format!("MR{}", number % 10)],
            modality: "MR".into(),
            start: Some(date(2026, 11, day).at(hour, minute, 0, 0)),
            description: "MRI lumbar spine without contrast".into(),
            performing_physician: "WHO^ELSE".into(),
            protocol_codes: vec![Code {
                value: "LSPINE".into(),
                scheme: "99CAUDA".into(),
                meaning: "Lumbar spine".into(),
            }],
            ..ScheduledStep::default()
        },
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", count] => serve(count.parse().unwrap()),
        ["files", count, folder] => files(count.parse().unwrap(), folder),
        ["measure", address, called, process, seconds] => {
            measure(address, called, process, seconds.parse().unwrap());
        }
        ["together", address, called, seconds] => {
            together(address, called, seconds.parse().unwrap());
        }
        _ => panic!("see the head of this file for what may be asked"),
    }
}

struct Nobody;

#[async_trait]
impl Department for Nobody {
    async fn step(&self, _: &str) -> Result<Option<PerformedStep>, Trouble> {
        Ok(None)
    }

    async fn commit(&self, _: Event) -> Result<(), Trouble> {
        Ok(())
    }
}

#[tokio::main]
async fn serve(count: u32) {
    let worklist = Arc::new(Worklist::new([Charset::Utf8]));
    for number in 0..count {
        worklist.put(&entry(number)).unwrap();
    }
    let settings = Settings {
        ae_title: "MWL".into(),
        devices: vec![Device::scanner("MR1", "scanner 1")],
        limits: Limits { requests: u32::MAX, ..Limits::default() },
        tls: None,
        clock: Arc::new(|| 0),
    };
    let address = "127.0.0.1:0".parse().unwrap();
    let listener = Listener::bind(address, settings, worklist, Arc::new(Nobody)).await.unwrap();
    println!("{}", listener.address());
    listener.run(std::future::pending()).await;
}

/// Every key that an entry has, so that the files hold what the memory holds.
fn files(count: u32, folder: &str) {
    let worklist = Worklist::new([Charset::Utf8]);
    for number in 0..count {
        worklist.put(&entry(number)).unwrap();
    }
    let root: Vec<(Tag, &str)> = cauda_dicom::keys::KEYS
        .iter()
        .filter(|key| key.place == cauda_dicom::keys::Place::Root)
        .map(|key| (key.tag, ""))
        .collect();
    let set = identifier(&root, &[]);
    let query = Query::of(&set, Reading { charset: Charset::Utf8, append_star: false }).unwrap();
    let view = View { charset: Charset::Utf8, only: None, limit: usize::MAX };
    let syntax = dicom_transfer_syntax_registry::entries::EXPLICIT_VR_LITTLE_ENDIAN.erased();
    for item in worklist.find(&query, view).items {
        let mut bytes = Vec::new();
        item.answer(&query, Charset::Utf8, Syntax::Explicit, &mut bytes);
        let object = InMemDicomObject::read_dataset_with_ts(bytes.as_slice(), &syntax).unwrap();
        let meta = FileMetaTableBuilder::new()
            .media_storage_sop_class_uid(Service::Worklist.class())
            .media_storage_sop_instance_uid(format!("1.2.826.0.1.3680043.10.2{}", item.id()))
            .transfer_syntax(Syntax::Explicit.uid());
        let file = object.with_meta(meta).unwrap();
        file.write_to_file(format!("{folder}/{}.wl", item.id())).unwrap();
    }
}

/// A client that counts answers without reading them, so that it costs the server's time nothing.
struct Client {
    stream: TcpStream,
    inbox: Vec<u8>,
    message: u16,
}

impl Client {
    fn open(address: &str, called: &str) -> Client {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        let mut client = Client { stream, inbox: Vec::new(), message: 0 };
        let context = PresentationContextProposed {
            id: 1,
            abstract_syntax: Service::Worklist.class().to_string(),
            transfer_syntaxes: vec![Syntax::Implicit.uid().to_string()],
        };
        let request = Pdu::AssociationRQ(AssociationRQ {
            protocol_version: 1,
            calling_ae_title: "MR1".to_string(),
            called_ae_title: called.to_string(),
            application_context_name: "1.2.840.10008.3.1.1.1".to_string(),
            presentation_contexts: vec![context],
            user_variables: vec![
                UserVariableItem::MaxLength(131_072),
                UserVariableItem::ImplementationClassUID("1.2.826.0.1.3680043.10.3".to_string()),
            ],
        });
        let mut bytes = Vec::new();
        write_pdu(&mut bytes, &request).unwrap();
        client.stream.write_all(&bytes).unwrap();
        assert_eq!(client.pdu()[0], 2, "the association was refused");
        client
    }

    fn pdu(&mut self) -> Vec<u8> {
        loop {
            if let Some(length) = pdu_length(&self.inbox, 1 << 24).unwrap()
                && self.inbox.len() >= length
            {
                return self.inbox.drain(..length).collect();
            }
            let mut chunk = [0; 65_536];
            let count = self.stream.read(&mut chunk).unwrap();
            assert!(count > 0, "the server hung up");
            self.inbox.extend_from_slice(&chunk[..count]);
        }
    }

    /// How many matched, and the final status.
    fn find(&mut self, identifier: &[u8]) -> (usize, u16) {
        self.message = self.message.wrapping_add(1);
        let class = Service::Worklist.class();
        let mut request = Command::request(C_FIND_RQ, self.message, class);
        (request.with_data, request.priority) = (Some(true), Some(0));
        let mut bytes = Vec::new();
        write(&mut bytes, 1, &request, Some(identifier), 16_384);
        self.stream.write_all(&bytes).unwrap();
        let mut matches = 0;
        loop {
            let pdu = self.pdu();
            assert_eq!(pdu[0], 4, "the server ended the association");
            if pdu[11] & 1 == 1 {
                match Command::read(&pdu[12..]).unwrap().status.unwrap() {
                    0xFF00 | 0xFF01 => matches += 1,
                    last => return (matches, last),
                }
            }
        }
    }

    fn release(mut self) {
        self.stream.write_all(&[5, 0, 0, 0, 0, 4, 0, 0, 0, 0]).unwrap();
        assert_eq!(self.pdu()[0], 6);
    }
}

/// Eight keys in the root and seven in the step, some with a value.
fn keys(values: &[(Tag, &str)]) -> Vec<u8> {
    let root = [
        tags::ACCESSION_NUMBER,
        tags::PATIENT_NAME,
        tags::PATIENT_ID,
        tags::PATIENT_BIRTH_DATE,
        tags::PATIENT_SEX,
        tags::STUDY_INSTANCE_UID,
        tags::REQUESTED_PROCEDURE_DESCRIPTION,
        tags::REQUESTED_PROCEDURE_ID,
    ];
    let step = [
        tags::MODALITY,
        tags::SCHEDULED_STATION_AE_TITLE,
        tags::SCHEDULED_PROCEDURE_STEP_START_DATE,
        tags::SCHEDULED_PROCEDURE_STEP_START_TIME,
        tags::SCHEDULED_PERFORMING_PHYSICIAN_NAME,
        tags::SCHEDULED_PROCEDURE_STEP_DESCRIPTION,
        tags::SCHEDULED_PROCEDURE_STEP_ID,
    ];
    let with = |tag: Tag| {
        let value = values.iter().find(|(of, _)| *of == tag);
        (tag, value.map_or("", |(_, value)| *value))
    };
    let set: DataSet = identifier(&root.map(with), &step.map(with));
    let mut bytes = Vec::new();
    set.write(Syntax::Implicit, &mut bytes);
    bytes
}

/// Seconds of processor time, children that have ended included.
fn processor(process: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11..15].iter().map(|field| field.parse::<f64>().unwrap()).sum::<f64>() / 100.0
}

fn resident_mebibytes(process: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

fn measure(address: &str, called: &str, process: &str, seconds: f64) {
    let station = (tags::SCHEDULED_STATION_AE_TITLE, "MR3");
    let (day, time) =
        (tags::SCHEDULED_PROCEDURE_STEP_START_DATE, tags::SCHEDULED_PROCEDURE_STEP_START_TIME);
    let modality = (tags::MODALITY, "MR");
    let patient = keys(&[(tags::PATIENT_ID, "P0000042"), modality]);
    for (name, query) in [
        ("patient ID", patient.clone()),
        ("MR, AE, day", keys(&[modality, station, (day, "20261103")])),
        ("MR, two days", keys(&[modality, (day, "20261103-20261104")])),
        ("name `SMITH1*`", keys(&[modality, (tags::PATIENT_NAME, "SMITH1*")])),
        ("name `*H05^*`", keys(&[modality, (tags::PATIENT_NAME, "*H05^*")])),
    ] {
        let mut client = Client::open(address, called);
        let (matches, _) = client.find(&query);
        let (mut times, begun, used) = (Vec::new(), Instant::now(), processor(process));
        while times.len() < 6 || begun.elapsed().as_secs_f64() < seconds {
            let at = Instant::now();
            client.find(&query);
            times.push(at.elapsed().as_secs_f64() * 1000.0);
        }
        let used = (processor(process) - used) * 1000.0 / times.len() as f64;
        client.release();
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        let (middle, high, least) = (at(0.5), at(0.99), times[0]);
        println!("time | {name} ({matches}) | {middle:.2} | {high:.2} | {least:.2} | {used:.3}");
    }
    let mut times = Vec::new();
    for _ in 0..6 {
        let at = Instant::now();
        let mut client = Client::open(address, called);
        client.find(&patient);
        client.release();
        times.push(at.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    println!("once | {:.1}", times[3]);
    for (name, values) in [
        ("1 Nov 22:00 to 2 Nov 02:00", vec![(day, "20261101-20261102"), (time, "220000-020000")]),
        ("1 Nov 08:00 to 2 Nov 12:00", vec![(day, "20261101-20261102"), (time, "080000-120000")]),
        ("from 9 Nov", vec![(day, "20261109-")]),
        ("until 2 Nov", vec![(day, "-20261102")]),
        ("`smith*`", vec![(tags::PATIENT_NAME, "smith*")]),
        ("`SMITH0?^ANNA`", vec![(tags::PATIENT_NAME, "SMITH0?^ANNA")]),
        ("`SMITH05`", vec![(tags::PATIENT_NAME, "SMITH05")]),
        ("AE title `MR*`", vec![(tags::SCHEDULED_STATION_AE_TITLE, "MR*")]),
        ("patient ID `P00000*`", vec![(tags::PATIENT_ID, "P00000*")]),
        ("accession number", vec![(tags::ACCESSION_NUMBER, "A0000042")]),
        ("day `2026-11-03`", vec![(day, "2026-11-03")]),
    ] {
        let (matches, last) = Client::open(address, called).find(&keys(&values));
        println!("probe | {name} | {matches}, {last:04X}");
    }
    println!("memory | {:.1}", resident_mebibytes(process));
}

fn together(address: &str, called: &str, seconds: f64) {
    let patient = keys(&[(tags::PATIENT_ID, "P0000042"), (tags::MODALITY, "MR")]);
    let begun = Instant::now();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (address, called) = (address.to_string(), called.to_string());
            let patient = patient.clone();
            std::thread::spawn(move || {
                let mut client = Client::open(&address, &called);
                let mut count = 0_u32;
                while begun.elapsed().as_secs_f64() < 2.0 * seconds {
                    client.find(&patient);
                    count += 1;
                }
                client.release();
                count
            })
        })
        .collect();
    let count: u32 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    println!("four | {:.1}", f64::from(count) / begun.elapsed().as_secs_f64());
}
