//! Scanners of a demonstration: invented orders beside the patients of the department, and two
//! stand-ins that read the worklist and tell what they do, over DICOM like any scanner.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cauda_dicom::Device;
use cauda_dicom::scu::Caller;
use cauda_dicom::stand_in::{Pace, StandIn, StandInSettings};
use cauda_pathway::identity::{Actor, ActorId, CommandId, StaffRole, Text};
use cauda_pathway::patient::{Day, Sex};
use cauda_queue::{Choice, State, next};
use cauda_scans::{
    About, Action, Chip, Deadline, Kind, Known, Numbers, Protocol, Request, Reserved, Scan,
    ScannerSettings, Source, Step,
};

use super::config::{DicomConfig, ScannersConfig, TransferSite};
use super::list::ScanList;
use crate::hl7::Hl7Config;
use crate::web::LocalTime;
use crate::{ServerError, ids};

/// What a scan takes in a demonstration, in seconds.
const SCAN_SECONDS: u32 = 90;
/// How often somebody looks whether the next patient can be called, in seconds.
const LOOK_SECONDS: u64 = 15;
/// So many others wait at least.
const OTHERS: usize = 4;
/// The AE title of the worklist.
const TITLE: &str = "CAUDA";

/// Family and given name, birth year, what for, protocol, place, why. All invented.
type Invented = (&'static str, i16, Kind, &'static str, &'static str, &'static str);

/// Minutes of the day at which half an hour is kept for emergencies.
const RESERVED: [u32; 6] = [0, 240, 480, 720, 960, 1_200];

fn reserved(from_minute: u32) -> Reserved {
    Reserved { from_minute, minutes: 30, release_minutes: 60 }
}

const INVENTED: [Invented; 10] = [
    ("Weber, Hanna", 1951, Kind::Stroke, "brain_stroke", "Resus 1", "weak right arm since 07:40"),
    ("Ito, Kenji", 1968, Kind::Inpatient, "abdomen", "Ward 3", "mass in the liver"),
    ("Silva, Rita", 1987, Kind::Outpatient, "knee", "waiting room", "locks after a twist"),
    ("Novak, Petr", 1975, Kind::Emergency, "brain", "Bay 9", "first seizure"),
    ("Haddad, Lina", 1990, Kind::Outpatient, "brain", "waiting room", "headache for a year"),
    ("Berg, Olaf", 1944, Kind::Inpatient, "bile_ducts", "Ward 5", "stones, jaundice"),
    (
        "Nagy, Eva",
        1962,
        Kind::Trauma,
        "spine_injury",
        "Resus 2",
        "fell from a ladder, cannot move legs",
    ),
    ("Costa, Joao", 1958, Kind::Inpatient, "abdomen", "Ward 1", "fever after an operation"),
    ("Kim, Soo", 1999, Kind::Outpatient, "knee", "waiting room", "swollen after football"),
    ("Petit, Anne", 1971, Kind::Inpatient, "brain", "Ward 2", "double vision"),
];

/// The settings of a demonstration.
pub fn config(listen: SocketAddr, messages: SocketAddr) -> ScannersConfig {
    let scanner = |id: &str, name: &str, tesla: f32| ScannerSettings {
        id: id.to_string(),
        name: name.to_string(),
        ae_title: id.to_uppercase(),
        tesla,
        coils: ["spine", "head", "body", "knee"].map(String::from).into(),
        coil_minutes: 5,
        contrast_minutes: 5,
        turnover_minutes: 5,
        // Short ones, some hours apart, so that one is always in sight.
        reserved: if id == "mr2" { RESERVED.map(reserved).into() } else { Vec::new() },
    };
    let protocol = |id: &str, name: &str, minutes: [u32; 2], coil: &str, contrast: bool| Protocol {
        id: id.to_string(),
        name: name.to_string(),
        minutes,
        coil: Some(coil.to_string()),
        contrast,
        limited: false,
    };
    ScannersConfig {
        scanners: vec![scanner("mr1", "MR 1", 1.5), scanner("mr2", "MR 2", 3.0)],
        protocols: vec![
            protocol("brain_stroke", "MRI brain for stroke", [15, 25], "head", false),
            protocol("brain", "MRI brain", [25, 40], "head", false),
            protocol("spine_injury", "MRI spine after injury", [30, 45], "spine", false),
            protocol("abdomen", "MRI abdomen with contrast", [35, 50], "body", true),
            protocol("bile_ducts", "MRI bile ducts", [20, 35], "body", false),
            protocol("knee", "MRI knee", [20, 30], "knee", false),
        ],
        sites: vec![TransferSite {
            name: "North Hospital".to_string(),
            telephone: "+1 202 555 0177".to_string(),
            minutes: 70,
        }],
        dicom: Some(DicomConfig {
            listen,
            ae_title: TITLE.to_string(),
            devices: vec![Device::scanner("MR1", "mr1"), Device::scanner("MR2", "mr2")],
            address_file: None,
            tls: None,
        }),
        hl7: Some(hl7(messages)),
        receivers: Vec::new(),
        services: Vec::new(),
    }
}

/// What the demonstration takes by HL7: synthetic days, from this machine.
fn hl7(listen: SocketAddr) -> Hl7Config {
    let here = ["127.0.0.1", "::1"];
    let hosts: Vec<_> =
        here.iter().filter_map(|it| cauda_hl7::Hosts::read("hosts", it).ok()).collect();
    let partner = |(application, facility): (&str, &str)| cauda_hl7::Partner {
        application: application.to_string(),
        facility: Some(facility.to_string()),
        hosts: hosts.clone(),
    };
    Hl7Config {
        listen,
        address_file: None,
        partners: cauda_hl7::day::day_senders().into_iter().map(partner).collect(),
        processing: cauda_hl7::Processing::Production,
        ignored: Vec::new(),
        tls: None,
    }
}

/// Orders at the start.
///
/// # Errors
/// As the record's.
pub async fn fill(list: &ScanList) -> Result<(), ServerError> {
    let own = |scan: &Scan| scan.request.as_ref().is_some_and(|one| one.kind == Kind::BackPain);
    if list.scans().iter().any(|scan| !own(scan)) {
        return Ok(());
    }
    for at in 0..OTHERS + 1 {
        order(list, at).await;
    }
    Ok(())
}

async fn order(list: &ScanList, at: usize) {
    let Some((name, year, kind, protocol, place, why)) = INVENTED.get(at % INVENTED.len()).copied()
    else {
        return;
    };
    let (Some(by), Some(protocol)) = (coordinator(), list.catalogue().get(protocol)) else {
        return;
    };
    let now = list.now();
    let hours = match kind {
        Kind::Stroke | Kind::Trauma => 1,
        Kind::Emergency => 4,
        _ => 24,
    };
    let text = |text: &str| Text::new(text).ok();
    let request = Request {
        kind,
        about: About {
            name: text(name),
            number: text(&format!("X-{}", 2_000 + at)),
            born: Day::read(&format!("{year}-05-17")).ok(),
            sex: if at.is_multiple_of(2) { Sex::Female } else { Sex::Male },
            place: text(place),
        },
        tier: kind.tier(),
        deadline: (kind != Kind::Outpatient).then(|| Deadline {
            at: now + hours * 3_600,
            started_at: now,
            started_by: "the request".to_string(),
        }),
        protocol: protocol.clone(),
        not_before: None,
        ordered_at: now,
        asked_by: "a ward".to_string(),
        telephone: text("4711"),
        why: text(why),
        source: Source::Board,
        numbers: Numbers::default(),
    };
    let Some(command) = command() else { return };
    let Ok(id) = list.request(&by, &command, request).await else { return };
    // Some are ready, some are not.
    let ready = if at % 3 == 2 { 0 } else { Chip::ALL.len() };
    for chip in Chip::ALL.into_iter().take(ready) {
        let answer = Action::Answer { chip, known: Known::Yes, expected_at: None, words: None };
        if let Some(command) = command_of(&id, chip.id()) {
            drop(list.act(&by, &id, &command, answer).await);
        }
    }
}

fn coordinator() -> Option<Actor> {
    Some(Actor { id: ActorId::new("demonstration").ok()?, role: StaffRole::MriCoordinator })
}

fn command() -> Option<CommandId> {
    CommandId::new(ids::new_id()).ok()
}

fn command_of(id: &str, what: &str) -> Option<CommandId> {
    let kept: String = ids::kept(&format!("{id} {what}")).chars().take(40).collect();
    CommandId::new(kept).ok()
}

/// Calls the next patients of the invented wards, and orders for new ones; the department's own
/// patients are left to whoever tries the board.
pub async fn ward(list: Arc<ScanList>) {
    let Some(by) = coordinator() else { return };
    let mut looks = tokio::time::interval(Duration::from_secs(LOOK_SECONDS));
    let mut at = OTHERS + 1;
    loop {
        looks.tick().await;
        let scans = list.scans();
        let queue = list.queue_of(&scans);
        for scanner in &queue.scanners {
            let Choice::Take { entry, .. } = next(&queue, &scanner.id) else { continue };
            let Some(scan) = scans.iter().find(|scan| scan.id == entry.as_str()) else { continue };
            let own = scan.request.as_ref().is_some_and(|one| one.kind == Kind::BackPain);
            if own || !matches!(scan.state, State::Waiting) {
                continue;
            }
            for step in [Step::Called, Step::Prepared] {
                let bring = Action::Bring { step, scanner: scanner.id.as_str().to_string() };
                let Some(command) = command() else { return };
                drop(list.act(&by, &scan.id, &command, bring).await);
            }
        }
        let others = scans.iter().filter(|scan| {
            let own = scan.request.as_ref().is_some_and(|one| one.kind == Kind::BackPain);
            !own && !scan.has_left()
        });
        if others.count() < OTHERS {
            order(&list, at).await;
            at += 1;
        }
    }
}

/// Time of the stand-ins.
struct Clocks(LocalTime, Arc<ScanList>);

#[async_trait]
impl Pace for Clocks {
    fn now(&self) -> jiff::civil::DateTime {
        self.0.civil(self.1.now())
    }

    async fn wait(&self, seconds: u32) {
        tokio::time::sleep(Duration::from_secs(u64::from(seconds))).await;
    }
}

/// A scanner that scans whoever was prepared for it.
pub async fn scanner(list: Arc<ScanList>, local: LocalTime, address: SocketAddr, title: String) {
    let pace = Clocks(local, list.clone());
    let base = uuid::Uuid::now_v7().as_u128();
    let mut stand_in = StandIn::new(StandInSettings {
        address,
        caller: Caller {
            calling: title,
            called: TITLE.to_string(),
            time: Duration::from_secs(10),
            tls: None,
        },
        modality: "MR".to_string(),
        look_seconds: 5,
        uid_base: base,
    });
    loop {
        let taken = stand_in.next().await.ok().flatten().filter(|taken| {
            let scans = list.scans();
            let scan = scans.iter().find(|scan| scan.step_id() == taken.step_id);
            scan.is_some_and(|scan| {
                matches!(
                    scan.state,
                    State::Prepared { .. } | State::Sedated { .. } | State::ContrastRunning { .. }
                )
            })
        });
        let Some(taken) = taken else {
            pace.wait(5).await;
            continue;
        };
        let Ok(running) = stand_in.begin(&taken, pace.now()).await else {
            pace.wait(5).await;
            continue;
        };
        pace.wait(SCAN_SECONDS).await;
        while stand_in
            .end(&running, cauda_dicom::stand_in::Ending::Completed, pace.now())
            .await
            .is_err()
        {
            pace.wait(5).await;
        }
    }
}
