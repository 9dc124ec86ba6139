//! Orders of a visit, read from it each time: tier, deadline and picture follow every decision.

use cauda_guideline::Guideline;
use cauda_guideline::vocabulary::Tier;
use cauda_pathway::identity::{Actor, StaffRole, Text};
use cauda_pathway::patient::{Patient as Registered, Sex};
use cauda_pathway::visit::{Order, Pending, Visit};
use cauda_queue::{Departure, Reason, State};

use crate::catalogue::Catalogue;
use crate::chip::{Chip, Known, Said};
use crate::request::{About, Deadline, Kind, Numbers, Request, Source};
use crate::scan::Scan;

/// Id on the list of an order of a visit.
pub fn id_of(visit: &str, order: u32) -> String {
    format!("{visit}.{order}")
}

/// Numbers of the orders of a visit that are for an MRI scanner, those that are over as well.
pub fn orders_of(visit: &Visit, catalogue: &Catalogue) -> Vec<u32> {
    let mri = |pending: &&Pending| {
        let order = pending.order.as_ref();
        order.is_some_and(|order| catalogue.get(&order.image).is_some())
    };
    visit.pending.iter().filter(mri).map(|pending| pending.number).collect()
}

/// Puts into a scan what its visit says: the order, readiness from the findings, and how far it is.
/// What people said on the board about readiness stands above what is read from the findings,
/// unless those tell of a danger that no radiologist has released since.
pub fn of_visit(
    scan: &mut Scan,
    visit: &Visit,
    number: u32,
    registered: Option<&Registered>,
    guideline: &Guideline,
    catalogue: &Catalogue,
    now: i64,
) -> Option<()> {
    let pending = visit.result(number)?;
    let order = pending.order.as_ref()?;
    let converted = scan.request.take().map(|request| request.protocol);
    let mut protocol = catalogue.get(&order.image)?.clone();
    if let Some(converted) = converted.filter(|converted| converted.id != protocol.id) {
        protocol = converted;
    }
    let identity = visit.identity.as_ref()?;
    scan.request = Some(Request {
        kind: Kind::BackPain,
        about: about(registered),
        tier: order.tier,
        deadline: Some(Deadline {
            at: order.deadline,
            started_at: pending.at,
            started_by: "the request".to_string(),
        }),
        protocol,
        not_before: order.scheduled.filter(|start| *start > now && order.tier <= Tier::Booked),
        ordered_at: pending.at,
        asked_by: pending.by.id.to_string(),
        telephone: None,
        why: reasons(visit, guideline),
        source: Source::Visit { visit: identity.visit.clone(), order: number },
        numbers: Numbers::default(),
    });
    chips(scan, visit, order, guideline, now);
    life(scan, pending, order);
    Some(())
}

fn about(registered: Option<&Registered>) -> About {
    let person = registered.map(|one| &one.person);
    About {
        name: person.map(|person| person.name.clone()),
        number: person.and_then(|person| Text::new(person.number.clone()?).ok()),
        born: person.and_then(|person| person.born),
        sex: person.map_or(Sex::Unknown, |person| person.sex),
        place: None,
    }
}

fn reasons(visit: &Visit, guideline: &Guideline) -> Option<Text> {
    let raised = visit.answer.as_ref()?.verdict.raised.iter();
    let titles = raised.filter_map(|concern| {
        let page = guideline.pages.iter().find(|page| page.id == concern.page)?;
        Some(page.page.title.as_str())
    });
    let all: Vec<&str> = titles.take(4).collect();
    Text::new(all.join("; ")).ok()
}

fn chips(scan: &mut Scan, visit: &Visit, order: &Order, guideline: &Guideline, now: i64) {
    let patient = cauda_pathway::known(visit, guideline, now).patient();
    let read_as = |known| Said { known, expected_at: None, at: visit.latest, by: Actor::system() };
    for chip in Chip::ALL {
        let Some(read) = chip.of_findings(guideline, &patient) else { continue };
        let stands = scan.chips.get(&chip).is_some_and(|said| {
            read != Known::No || (said.by.role == RELEASES && !is_told_since(visit, chip, said.at))
        });
        if !stands {
            scan.chips.insert(chip, read_as(read));
        }
    }
    if let Some(cleared) = order.cleared {
        let known = if cleared { Known::Yes } else { Known::No };
        // The signature is one item. An implant that nobody was asked about stays unknown.
        scan.chips.insert(Chip::Screening, read_as(known));
    }
}

/// Who releases a patient with an implant (CR27).
pub(crate) const RELEASES: StaffRole = StaffRole::Radiologist;

/// Whether something of it was said after that moment.
fn is_told_since(visit: &Visit, chip: Chip, at: i64) -> bool {
    let about = |fact: &str| chip.facts().contains(&fact);
    visit.findings.iter().any(|one| about(&one.said.fact) && !one.withdrawn && one.said.at > at)
}

/// How far the visit says it is. The board knows which scanner; the visit knows whether it is over.
fn life(scan: &mut Scan, pending: &Pending, order: &Order) {
    if pending.cancelled && !scan.has_left() {
        if let Ok(reason) = Reason::new("cancelled in the visit") {
            let by = pending.by.id.to_string();
            scan.state = State::Left(Departure::Cancelled { by, reason, at: pending.at });
        }
        return;
    }
    match (order.started, order.ended) {
        (_, Some(at)) => scan.state = State::Left(Departure::Scanned { at }),
        (Some(since), None) if scan.on_table().is_none() && !scan.has_left() => {
            // Begun on the visit's page, where nobody says on which scanner.
            let scanner = scan.called().unwrap_or_else(|| "?".into());
            scan.state = State::OnTable { scanner, since };
        }
        _ => {}
    }
    if let Some(report) = &pending.report {
        scan.report = Some(crate::scan::Report {
            at: report.at,
            state: report.state.words().to_string(),
            critical: report.emergency,
        });
    }
}

impl Scan {
    fn called(&self) -> Option<cauda_queue::ScannerId> {
        match &self.state {
            State::Called { scanner }
            | State::Prepared { scanner }
            | State::Sedated { scanner }
            | State::ContrastRunning { scanner } => Some(scanner.clone()),
            _ => None,
        }
    }
}
