//! The list as scanners read it: each order that waits, with the scanner and the time the queue
//! plans for it. Made anew at each change, and put into the index only where it differs.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use cauda_dicom::entry::{Entry, Patient, Pregnancy, Priority, Procedure, ScheduledStep, Status};
use cauda_dicom::worklist::Worklist;
use cauda_guideline::vocabulary::Tier;
use cauda_pathway::patient::Sex;
use cauda_queue::{Planned, State, plan};
use cauda_scans::{Chip, Known, Request, Scan, fitting};
use tokio::sync::broadcast::error::RecvError;

use super::list::ScanList;
use crate::web::LocalTime;

/// How often plans are made anew without a change, in seconds: time alone moves them.
const ANEW_SECONDS: u64 = 60;

/// Most characters of a long text and of a short one (PS3.5 table 6.2-1, LO and SH).
const LONG: usize = 64;
const SHORT: usize = 16;

/// Orders that no scanner can be shown, and why, by their ids.
pub type Faults = Arc<RwLock<BTreeMap<String, String>>>;

/// Keeps an index as the list is, until the record is closed.
pub async fn keep_current(
    list: Arc<ScanList>,
    worklist: Arc<Worklist>,
    local: LocalTime,
    faults: Faults,
) {
    let mut changes = list.department().changes();
    let mut shown: BTreeMap<String, Entry> = BTreeMap::new();
    let mut minutes = tokio::time::interval(Duration::from_secs(ANEW_SECONDS));
    loop {
        bring(&list, &worklist, &local, &mut shown, &faults);
        tokio::select! {
            _ = minutes.tick() => {}
            change = changes.recv() => {
                if matches!(change, Err(RecvError::Closed)) {
                    return;
                }
                // What came together is brought together.
                while changes.try_recv().is_ok() {}
            }
        }
    }
}

fn bring(
    list: &ScanList,
    worklist: &Worklist,
    local: &LocalTime,
    shown: &mut BTreeMap<String, Entry>,
    faults: &Faults,
) {
    let scans = list.scans();
    let planned = plan(&list.queue_of(&scans));
    let planned: BTreeMap<&str, &Planned> =
        planned.entries.iter().map(|one| (one.id.as_str(), one)).collect();
    let wanted = scans.iter().filter(|scan| !scan.has_left()).filter_map(|scan| {
        let entry = entry(list, scan, planned.get(scan.id.as_str()).copied(), local)?;
        Some((scan.id.clone(), entry))
    });
    let wanted: BTreeMap<String, Entry> = wanted.collect();
    for gone in shown.keys().filter(|id| !wanted.contains_key(*id)) {
        worklist.remove(gone);
    }
    let mut told = BTreeMap::new();
    for (id, entry) in &wanted {
        if shown.get(id) == Some(entry) {
            continue;
        }
        match worklist.put(entry) {
            Ok(unwritable) if unwritable.is_empty() => {}
            Ok(_) => {
                let text = "a scanner has no letters for a text of it; enter it there by hand";
                told.insert(id.clone(), text.to_string());
            }
            Err(error) => {
                worklist.remove(id);
                told.insert(id.clone(), error.to_string());
            }
        }
    }
    if let Ok(mut faults) = faults.write() {
        faults.retain(|id, _| wanted.contains_key(id) && shown.get(id) == wanted.get(id));
        faults.extend(told);
    }
    *shown = wanted;
}

/// An order as a scanner reads it.
fn entry(
    list: &ScanList,
    scan: &Scan,
    planned: Option<&Planned>,
    local: &LocalTime,
) -> Option<Entry> {
    let request = scan.request.as_ref()?;
    let scanners = &list.config().scanners;
    let on = planned.and_then(|planned| planned.scanner.as_ref());
    // Begun on the visit's page nobody says where, and then every scanner shows it.
    let on = on.filter(|on| scanners.iter().any(|one| one.id == on.as_str()));
    let titles = scanners
        .iter()
        .filter(|one| on.is_none_or(|on| on.as_str() == one.id))
        .map(|one| one.ae_title.clone());
    let begins = planned.and_then(|planned| planned.predicted).map(|when| when.start_p50);
    let begins = begins.or(request.not_before).unwrap_or(request.ordered_at);
    // Whole minutes, so that a plan that moves by seconds moves nothing at the scanner.
    let start = local.civil(begins - begins.rem_euclid(60));
    let text = |text: &Option<cauda_pathway::identity::Text>| {
        text.as_ref().map(|text| text.as_str().to_string()).unwrap_or_default()
    };
    let accession = scan.accession();
    Some(Entry {
        id: scan.id.clone(),
        patient: patient(scan, request, &accession),
        procedure: Procedure {
            accession_number: accession.clone(),
            id: accession,
            study_instance_uid: scan.study_uid(),
            description: fitting(&request.protocol.name, LONG),
            priority: Some(priority(request.tier)),
            // Whatever is said of it keeps nobody out of the list; the whole text is on the board.
            reason: fitting(&text(&request.why), LONG),
            requesting_physician: dicom_name(&fitting(&request.asked_by, LONG)),
            ..Procedure::default()
        },
        step: ScheduledStep {
            id: scan.step_id(),
            station_ae_titles: titles.collect(),
            modality: "MR".to_string(),
            start: Some(start),
            description: fitting(&request.protocol.name, LONG),
            location: fitting(&text(&request.about.place), SHORT),
            contrast_agent: if request.protocol.contrast { "contrast" } else { "" }.to_string(),
            status: status(&scan.state),
            ..ScheduledStep::default()
        },
    })
}

fn patient(scan: &Scan, request: &Request, accession: &str) -> Patient {
    let about = &request.about;
    let name = about.name.as_ref().map_or("", |name| name.as_str());
    let pregnancy = match (about.sex, scan.known(Chip::Pregnancy)) {
        (Sex::Male, _) => None,
        (_, Known::Yes) => Some(Pregnancy::Not),
        (_, Known::No) => Some(Pregnancy::Possible),
        (_, Known::Unknown) => Some(Pregnancy::Unknown),
    };
    let alert = match scan.known(Chip::Implants) {
        Known::Yes => "",
        Known::No => "implant: see the screening",
        Known::Unknown => "implants not known",
    };
    Patient {
        name: dicom_name(name),
        // Who has no number here is told apart by the order.
        id: about.number.as_ref().map_or(accession, |number| number.as_str()).to_string(),
        birth_date: about.born.and_then(|day| {
            let month = i8::try_from(day.month).ok()?;
            jiff::civil::Date::new(day.year, month, i8::try_from(day.day).ok()?).ok()
        }),
        sex: match about.sex {
            Sex::Male => "M",
            Sex::Female => "F",
            Sex::Other => "O",
            Sex::Unknown => "",
        }
        .to_string(),
        medical_alerts: alert.to_string(),
        pregnancy,
        location: about.place.as_ref().map_or(String::new(), |place| fitting(place.as_str(), LONG)),
        ..Patient::default()
    }
}

/// `Meier, Ada` as `Meier^Ada`.
fn dicom_name(name: &str) -> String {
    match name.split_once(',') {
        Some((family, given)) => format!("{}^{}", family.trim(), given.trim()),
        None => name.trim().to_string(),
    }
}

fn priority(tier: Tier) -> Priority {
    match tier {
        Tier::Immediate | Tier::Emergency => Priority::Stat,
        Tier::Urgent => Priority::High,
        _ => Priority::Routine,
    }
}

fn status(state: &State) -> Status {
    match state {
        State::Waiting | State::Called { .. } => Status::Scheduled,
        State::Prepared { .. } => Status::Arrived,
        State::Sedated { .. } | State::ContrastRunning { .. } => Status::Ready,
        State::OnTable { .. } => Status::Started,
        State::Left(_) => Status::Departed,
    }
}
