//! Orders of a visit, read from it each time: tier, deadline and picture follow every decision.

use cauda_guideline::Guideline;
use cauda_guideline::vocabulary::Tier;
use cauda_pathway::clocks::TaskKind;
use cauda_pathway::event::{LimitedImages, ReportState};
use cauda_pathway::identity::{Actor, StaffRole, TEXT_MAX, Text};
use cauda_pathway::limited::{is_never_limited, is_unread};
use cauda_pathway::patient::{Patient as Registered, Sex};
use cauda_pathway::table::Phase;
use cauda_pathway::tasks::{Task, TaskState};
use cauda_pathway::visit::{Order, Pending, Visit};
use cauda_queue::{Departure, Override, Reason, State, Will};

use crate::catalogue::{Catalogue, Protocol};
use crate::chip::{Chip, Known, Said};
use crate::reason;
use crate::request::{About, Deadline, Kind, Numbers, Request, Source};
use crate::scan::{ReportDue, Scan};

/// In place of a scanner's id, while nobody said on which scanner a scan runs.
pub const UNPLACED: &str = "?";

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
    // Registration tells where a patient is by a message about the order.
    let place = scan.request.take().and_then(|request| request.about.place);
    scan.ordered = Some(order.image.clone());
    let protocol = protocol(scan, order, catalogue)?;
    let identity = visit.identity.as_ref()?;
    scan.request = Some(Request {
        kind: Kind::BackPain,
        about: About { place, ..about(registered) },
        tier: order.tier,
        deadline: Some(Deadline {
            at: order.deadline,
            started_at: pending.at,
            started_by: "the request".to_string(),
        }),
        protocol,
        not_before: order.scheduled.filter(|start| *start > now && order.tier <= Tier::Booked),
        ordered_at: pending.at,
        // The name is an account's; whoever knows accounts puts it here.
        asked_by: pending.by.role.words().to_string(),
        telephone: None,
        why: reasons(visit, guideline),
        source: Source::Visit { visit: identity.visit.clone(), order: number },
        numbers: Numbers::default(),
    });
    chips(scan, visit, order, guideline, now);
    life(scan, pending, order);
    gone(scan, visit, order, now);
    reading(scan, visit, pending, guideline, catalogue, now);
    Some(())
}

/// What is scanned: as the visit says, else as people chose on the board before visits were told.
fn protocol(scan: &Scan, order: &Order, catalogue: &Catalogue) -> Option<Protocol> {
    let chosen = scan.chosen.as_ref();
    let ordered = catalogue.get(&order.image)?;
    let protocol = match &order.scanned_as {
        Some(id) => catalogue.get(id).or(chosen.filter(|chosen| chosen.id == *id)),
        None => chosen,
    };
    Some(protocol.unwrap_or(ordered).clone())
}

/// Limited pictures, and the report that is awaited.
fn reading(
    scan: &mut Scan,
    visit: &Visit,
    pending: &Pending,
    guideline: &Guideline,
    catalogue: &Catalogue,
    now: i64,
) {
    let order = pending.order.as_ref();
    scan.limited = order.and_then(|order| Some((order.limited?, order.limited_words.clone())));
    scan.forced = order.and_then(|order| order.forced.clone());
    scan.despite = order.and_then(|order| order.despite.clone()).or(scan.despite.take());
    scan.unread = is_unread(pending, guideline);
    let awaits = |task: &&Task| task.kind == TaskKind::Report && task.about == Some(pending.number);
    scan.visit_report = visit.open_tasks().find(awaits).map(|task| ReportDue {
        due: task.due,
        holder: task.holder,
        named: task.named.clone().filter(|named| *named != Actor::system().id),
        task: Some(task.number),
    });
    let limited = scan.request.as_ref().is_some_and(|request| request.protocol.limited);
    scan.never_limited = limited && !scan.has_left() && is_never_limited(visit, guideline, now);
    // Tier and protocol follow each new decision (CR27).
    if scan.never_limited
        && let Some(whole) = catalogue.whole_of(scan).cloned()
        && let Some(request) = &mut scan.request
    {
        request.protocol = whole;
    }
}

/// Of a patient who has left, the order is held (CR22); one who is on the way to another hospital is
/// scanned there; nobody scans the dead.
fn gone(scan: &mut Scan, visit: &Visit, order: &Order, now: i64) {
    if scan.has_left() || scan.on_table().is_some() {
        return;
    }
    let at = visit.phase_since;
    match visit.phase {
        Phase::InTransfer | Phase::Transferred => {
            let site = visit.transfer.site.as_ref();
            let site = site.map_or("another hospital", Text::as_str).to_string();
            scan.state = State::Left(Departure::Transferred { site, at });
        }
        Phase::Died => scan.state = State::Left(Departure::Discharged { at }),
        _ if order.held => {
            let reason = "the patient has left; the order waits for whoever calls back";
            scan.overrides.push(Override {
                will: Will::Hold,
                reason: Reason::new(reason).ok(),
                by: "the visit".to_string(),
                at,
                until: now + HELD_SECONDS,
            });
        }
        _ => {}
    }
}

/// A hold that a visit says is said again at every look.
const HELD_SECONDS: i64 = 12 * 3_600;

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

/// Titles of the concerns that are raised, the most urgent first.
fn reasons(visit: &Visit, guideline: &Guideline) -> Option<Text> {
    let mut raised: Vec<_> = visit.answer.as_ref()?.verdict.raised.iter().collect();
    raised.sort_by_key(|concern| std::cmp::Reverse(concern.tier));
    let titles = raised.into_iter().filter_map(|concern| {
        let page = guideline.pages.iter().find(|page| page.id == concern.page)?;
        Some(page.page.title.as_str())
    });
    Text::new(reason::joined(titles, TEXT_MAX)).ok()
}

fn chips(scan: &mut Scan, visit: &Visit, order: &Order, guideline: &Guideline, now: i64) {
    let patient = cauda_pathway::known(visit, guideline, now).patient();
    let read_as = |known| Said { known, expected_at: None, at: visit.latest, by: Actor::system() };
    scan.found.clear();
    for chip in Chip::ALL {
        scan.found.extend(chip.found(guideline, &patient).map(|found| (chip, found)));
        let Some(read) = chip.of_findings(guideline, &patient) else { continue };
        let stands = scan.chips.get(&chip).is_some_and(|said| {
            read != Known::No || (said.by.role == RELEASES && !is_told_since(visit, chip, said.at))
        });
        if !stands {
            scan.chips.insert(chip, read_as(read));
        }
    }
    // Pain relief is a task of the visit; what somebody says of it on the board stands above it.
    let relief = visit.tasks.iter().rev().find(|task| task.kind == TaskKind::PainRelief);
    let relief = relief.filter(|task| task.state != TaskState::Closed);
    if let Some(task) = relief.filter(|_| !scan.chips.contains_key(&Chip::PainRelief)) {
        let known = if task.state == TaskState::Done { Known::Yes } else { Known::No };
        scan.chips.insert(Chip::PainRelief, read_as(known));
    }
    if let Some(cleared) = order.cleared {
        let known = if cleared { Known::Yes } else { Known::No };
        // The signature is one item. An implant that nobody was asked about stays unknown.
        scan.chips.insert(Chip::Screening, read_as(known));
        let words = order.screened.as_ref().filter(|_| !cleared);
        scan.found.extend(words.map(|words| (Chip::Screening, words.as_str().to_string())));
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
    scan.times.0 = scan.times.0.or(order.started);
    // A last report that was read, or one of a scan that nobody told of, says that there was one.
    let extends = order.limited.is_some_and(LimitedImages::extends);
    let last = pending.report.as_ref().filter(|it| it.state != ReportState::Preliminary);
    let untold = scan.times.1.is_none() && order.started.is_none() && !extends;
    if let Some(report) = last
        && order.ended.is_none()
        && (pending.acknowledged || untold)
    {
        scan.state = State::Left(Departure::Scanned { at: report.at });
        report_of(scan, pending);
        return;
    }
    match (order.started, order.ended) {
        // Stopped on the visit's page, or over too early: it waits again.
        (None, None)
            if matches!(
                scan.state,
                State::OnTable { .. } | State::Left(Departure::Scanned { .. })
            ) =>
        {
            (scan.state, scan.incomplete) = (State::Waiting, true);
        }
        (_, Some(at)) => {
            scan.times.1 = scan.times.1.or(Some(at));
            scan.state = State::Left(Departure::Scanned { at });
        }
        (Some(since), None) if scan.on_table().is_none() && !scan.has_left() => {
            // Begun on the visit's page, where nobody says on which scanner.
            let scanner = scan.called().unwrap_or_else(|| UNPLACED.into());
            scan.state = State::OnTable { scanner, since };
        }
        _ => {}
    }
    report_of(scan, pending);
}

fn report_of(scan: &mut Scan, pending: &Pending) {
    if let Some(report) = &pending.report {
        let state = match report.state {
            // As other systems call it.
            ReportState::Amended => "corrected",
            state => state.words(),
        };
        scan.report = Some(crate::scan::Report {
            at: report.at,
            state: state.to_string(),
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
