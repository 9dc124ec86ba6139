//! What happens on the day, before any message of it: who is there when, what is ordered, what
//! becomes of it, and when which scanner does it.

use super::DaySettings;
use super::draw::Draw;
use super::people::{self, EMERGENCY, Exam, INPATIENT, OUTPATIENT};
use crate::{Patient, PatientClass, Priority, Visit};

/// First and last second of booked slots, from the beginning of the day.
const SLOTS: (i64, i64) = (7 * 3_600, 19 * 3_600);
/// Between two slots of one scanner.
const SLOT_SECONDS: i64 = 1_800;
/// Between two patients on one scanner.
const TURNOVER_SECONDS: i64 = 240;
/// Arrivals of emergencies, by hour, of a hundred.
const ARRIVALS: [i64; 24] =
    [3, 2, 2, 1, 1, 2, 2, 3, 5, 6, 7, 7, 6, 6, 6, 6, 5, 5, 5, 5, 5, 4, 3, 3];

/// One order with its patient.
pub(super) struct Case {
    pub(super) number: usize,
    pub(super) class: PatientClass,
    pub(super) exam: Exam,
    pub(super) priority: Priority,
    pub(super) patient: Patient,
    /// Who they were until they were known, and when that was.
    pub(super) unknown: Option<(Patient, i64)>,
    pub(super) visit: Visit,
    /// The booked slot, and the one before it was moved.
    pub(super) slot: Option<i64>,
    pub(super) moved_from: Option<i64>,
    pub(super) arrives: i64,
    pub(super) ordered: i64,
    pub(super) changed: Option<i64>,
    pub(super) cancelled: Option<i64>,
    /// Did not come.
    pub(super) absent: bool,
    pub(super) discontinued: bool,
    pub(super) ready: i64,
    pub(super) minutes: i64,
    /// When and where, if it came to a scan.
    pub(super) scan: Option<(usize, i64, i64)>,
}

/// The whole plan, scans included.
pub(super) fn plan(draw: &mut Draw, settings: &DaySettings) -> Vec<Case> {
    let mut cases: Vec<Case> =
        (1..=settings.orders).map(|number| case(draw, settings, number)).collect();
    scan(&mut cases, settings);
    cases
}

fn case(draw: &mut Draw, settings: &DaySettings, number: usize) -> Case {
    let (class, exam, priority) = kind(draw, settings);
    let begin = settings.start;
    let booked = (class == PatientClass::Outpatient).then(|| begin + slot(draw));
    let arrives = match (class, booked) {
        (_, Some(slot)) => slot - draw.minutes(10, 35),
        (PatientClass::Emergency, _) => begin + arrival(draw),
        _ => begin + draw.minutes(5, 240),
    };
    let ordered = match booked {
        Some(_) => begin + draw.minutes(1, 300),
        None => arrives + draw.minutes(8, 90),
    };
    let ready = match booked {
        Some(slot) => slot,
        None => ordered + draw.minutes(12, 60),
    };
    let moved = booked.is_some() && draw.often(60);
    let person = people::patient(draw, number, settings.charset.encoding, settings.year());
    let emergency = class == PatientClass::Emergency;
    let unknown = (emergency && draw.often(settings.merged_per_mille))
        .then(|| (people::unknown(&person, number), arrives + draw.minutes(20, 150)));
    Case {
        number,
        class,
        exam,
        priority,
        unknown,
        visit: people::visit(draw, class, number, arrives),
        patient: person,
        slot: booked,
        moved_from: booked.filter(|_| moved).map(|slot| slot - SLOT_SECONDS),
        arrives,
        ordered,
        changed: draw.often(50).then(|| ordered + draw.minutes(3, 10)),
        cancelled: draw.often(settings.cancelled_per_mille).then(|| ordered + draw.minutes(4, 11)),
        absent: booked.is_some() && draw.often(40),
        discontinued: draw.often(20),
        ready,
        minutes: draw.between(exam.minutes.0, exam.minutes.1),
        scan: None,
    }
}

fn kind(draw: &mut Draw, settings: &DaySettings) -> (PatientClass, Exam, Priority) {
    let drawn = draw.between(0, 999);
    let outpatients = i64::from(settings.outpatients_per_mille);
    let inpatients = outpatients + i64::from(settings.inpatients_per_mille);
    let (class, exams): (_, &[Exam]) = if drawn < outpatients {
        (PatientClass::Outpatient, &OUTPATIENT)
    } else if drawn < inpatients {
        (PatientClass::Inpatient, &INPATIENT)
    } else {
        (PatientClass::Emergency, &EMERGENCY)
    };
    let exam = draw.one(exams).copied().unwrap_or(EMERGENCY[0]);
    let priority = match class {
        PatientClass::Emergency if exam.critical_per_mille >= 120 => Priority::Stat,
        PatientClass::Emergency => Priority::Asap,
        _ => Priority::Routine,
    };
    (class, exam, priority)
}

/// Seconds from the beginning of the day, more by day than by night.
fn arrival(draw: &mut Draw) -> i64 {
    let mut drawn = draw.between(0, ARRIVALS.iter().sum::<i64>() - 1);
    for (hour, weight) in (0_i64..).zip(ARRIVALS) {
        if drawn < weight {
            return hour * 3_600 + draw.between(0, 3_599);
        }
        drawn -= weight;
    }
    0
}

fn slot(draw: &mut Draw) -> i64 {
    let slots = (SLOTS.1 - SLOTS.0) / SLOT_SECONDS;
    SLOTS.0 + draw.between(0, slots - 1) * SLOT_SECONDS
}

/// Puts cases on scanners: whoever is ready, the most urgent first, never interrupted.
fn scan(cases: &mut [Case], settings: &DaySettings) {
    let mut free = vec![settings.start; settings.scanners.len()];
    let mut waiting: Vec<usize> = (0..cases.len())
        .filter(|at| cases.get(*at).is_some_and(|case| case.cancelled.is_none() && !case.absent))
        .collect();
    while !waiting.is_empty() {
        let Some((scanner, at)) = free.iter().copied().enumerate().min_by_key(|(_, at)| *at) else {
            return;
        };
        let ready = |index: &usize| cases.get(*index).map_or(i64::MAX, |case| case.ready);
        let soonest = waiting.iter().map(ready).min().unwrap_or(at);
        let now = at.max(soonest);
        let rank = |index: &usize| {
            cases.get(*index).map_or((9, i64::MAX), |case| (rank(case.priority), case.ready))
        };
        let next = waiting.iter().enumerate().filter(|(_, index)| ready(index) <= now);
        let Some(place) = next.min_by_key(|(_, index)| rank(index)).map(|(place, _)| place) else {
            return;
        };
        let index = waiting.remove(place);
        if let Some(case) = cases.get_mut(index) {
            let whole = case.minutes * 60;
            let seconds = if case.discontinued { whole / 3 } else { whole };
            case.scan = Some((scanner, now, now + seconds));
            if let Some(free) = free.get_mut(scanner) {
                *free = now + seconds + TURNOVER_SECONDS;
            }
        }
    }
}

fn rank(priority: Priority) -> u8 {
    match priority {
        Priority::Stat => 0,
        Priority::Asap => 1,
        _ => 2,
    }
}
