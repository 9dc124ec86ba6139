//! What people and scanners do, checked: by the queue's rules, and by who may.

use cauda_pathway::event::LimitedImages;
use cauda_pathway::identity::{Actor, StaffRole, Text};
use cauda_queue::{Department, Departure, Event as Queued, MINUTES_MAX, State};

use crate::catalogue::Protocol;
use crate::chip::{Chip, Known};
use crate::error::ScanError;
use crate::event::{Step, What, Will};
use crate::of_visit::{RELEASES, UNPLACED};
use crate::request::Request;
use crate::scan::{Report, Scan, wanted};

/// How far a scanner's clock may be away, in seconds.
const CLOCKS_APART_MAX: i64 = 12 * 3_600;
/// How far ahead somebody says when an item will be in order, in seconds.
const EXPECTED_SECONDS_MAX: i64 = 12 * 3_600;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Order, or order otherwise.
    Request(Box<Request>),
    /// Answer an item of readiness.
    Answer {
        /// Which.
        chip: Chip,
        /// How it stands.
        known: Known,
        /// When it will be in order.
        expected_at: Option<i64>,
        /// What is said with it.
        words: Option<Text>,
    },
    /// Say when an item of readiness will be in order.
    Expect {
        /// Which.
        chip: Chip,
        /// When; nothing takes back what was said.
        at: Option<i64>,
    },
    /// Say what the pictures of a limited protocol show, while the patient lies on the table.
    ReadLimited {
        /// What.
        shows: LimitedImages,
        /// By what every deficit is explained.
        words: Option<Text>,
        /// What it is extended to, as [`crate::Catalogue::whole_of`] says.
        whole: Option<Box<Protocol>>,
    },
    /// Report it: from now on it is this person's.
    TakeReport,
    /// Decide about its place.
    Will {
        /// What.
        will: Will,
        /// Why.
        reason: Option<Text>,
        /// Until when.
        until: i64,
    },
    /// Let the program order it again.
    Free,
    /// Bring the patient a step nearer.
    Bring {
        /// How far.
        step: Step,
        /// To which scanner.
        scanner: String,
    },
    /// Send back to wait.
    Return {
        /// Why.
        reason: Option<Text>,
    },
    /// Begin the scan.
    Start {
        /// Where.
        scanner: String,
        /// When, as the scanner says.
        began: i64,
        /// Its performed procedure step.
        performed: Option<String>,
        /// Why it began although something stands in the way, where a person says that it did.
        despite: Option<Text>,
    },
    /// End it.
    End {
        /// When, as the scanner says.
        ended: i64,
        /// Whether the pictures suffice.
        complete: bool,
        /// Its performed procedure step.
        performed: Option<String>,
    },
    /// It was another patient.
    WrongEntry {
        /// The performed procedure step.
        performed: String,
    },
    /// Another protocol.
    Convert {
        /// It.
        protocol: Box<Protocol>,
        /// Why, where it shows less.
        reason: Option<Text>,
    },
    /// No longer wanted.
    Cancel {
        /// Why.
        reason: Text,
    },
    /// Scanned elsewhere.
    Transfer {
        /// Where.
        site: Text,
        /// Its telephone.
        telephone: Text,
        /// Who accepted.
        accepted_by: Text,
    },
    /// It waits for the morning.
    AcceptWait {
        /// The consultant who says so.
        consultant: Text,
        /// Why.
        reason: Text,
    },
    /// The patient left the hospital.
    Discharge,
    /// A report came.
    Report {
        /// Preliminary, final, corrected.
        state: String,
        /// Somebody must read it at once.
        critical: bool,
        /// It is final, or corrected after it was.
        is_final: bool,
    },
}

/// What follows; nothing when it is so already.
///
/// # Errors
/// [`ScanError`], one sentence for whoever asked; nothing happened.
pub fn handle(
    scan: &Scan,
    department: &Department,
    action: Action,
    by: &Actor,
    now: i64,
) -> Result<Vec<What>, ScanError> {
    let id = || scan.id.as_str().into();
    let tries = |event: Queued| department.clone().apply(now, event);
    let what = match action {
        Action::Request(request) => {
            // Whose it was can turn out otherwise afterwards; nothing else of it changes.
            let about_alone = scan.request.as_ref().is_some_and(|before| {
                Request { about: request.about.clone(), ..before.clone() } == *request
            });
            if scan.has_left() && !about_alone {
                return Err(ScanError::Gone);
            }
            if scan.request.as_ref() == Some(&request) {
                return Ok(Vec::new());
            }
            What::Requested { request }
        }
        Action::Answer { chip, known, expected_at, words } => {
            check_answer(scan, chip, known, words.as_ref(), by)?;
            if scan.chips.get(&chip).is_some_and(|said| {
                said.known == known && said.expected_at == expected_at && words.is_none()
            }) {
                return Ok(Vec::new());
            }
            What::Answered { chip, known, expected_at, words }
        }
        Action::Expect { chip, at } => {
            check_expected(scan, chip, at, now)?;
            if scan.expected.get(&chip).copied() == at {
                return Ok(Vec::new());
            }
            What::Expected { chip, at }
        }
        Action::ReadLimited { shows, words, whole } => {
            return read_limited(scan, shows, words, whole, by, now);
        }
        Action::TakeReport => {
            let due = scan.report_due(now).ok_or_else(|| {
                ScanError::NotNow("no report is awaited; there is nothing to take".into())
            })?;
            if !by.role.is_physician() {
                return Err(ScanError::NotYours { who: "a radiologist or another physician" });
            }
            if due.named.as_ref() == Some(&by.id) {
                return Ok(Vec::new());
            }
            What::ReportTaken {}
        }
        Action::Will { will, reason, until } => {
            let words = reason.as_ref().map(Text::as_str);
            let who = by.id.as_str();
            department.decide(&id(), wanted(&will), who, words, until)?;
            What::Willed { will, reason, until }
        }
        Action::Free if scan.overrides.is_empty() => return Ok(Vec::new()),
        Action::Free => What::Freed,
        Action::Bring { step, scanner } => {
            let to = || scanner.as_str().into();
            tries(match step {
                Step::Called => Queued::Called { id: id(), scanner: to() },
                Step::Prepared => Queued::Prepared { id: id(), scanner: to() },
                Step::Sedated => Queued::Sedated { id: id(), scanner: to() },
                Step::ContrastRunning => Queued::ContrastStarted { id: id(), scanner: to() },
            })?;
            if scan.known(Chip::Screening) == Known::No {
                return Err(ScanError::NotNow(NOT_SAFE.into()));
            }
            let hard = [Chip::Implants, Chip::EyeMetal];
            if hard.iter().any(|chip| scan.known(*chip) == Known::No) {
                let message = "an implant or metal stands in the way; a radiologist releases it";
                return Err(ScanError::NotNow(message.into()));
            }
            What::Brought { step, scanner }
        }
        Action::Return { .. } if matches!(scan.state, cauda_queue::State::Waiting) => {
            return Ok(Vec::new());
        }
        Action::Return { reason } => {
            tries(Queued::Returned { id: id() })?;
            What::Returned { reason }
        }
        Action::Start { scanner, began, performed, despite } => {
            return started(scan, department, Begun { scanner, began, performed, despite }, now);
        }
        Action::End { ended, complete, performed } => {
            if scan.has_left() {
                return Ok(Vec::new());
            }
            if scan.on_table().is_none() {
                return Err(ScanError::NotBegun);
            }
            What::Ended { ended: plausible(ended, now), complete, performed }
        }
        Action::WrongEntry { performed } => What::WrongEntry { performed },
        Action::Convert { protocol, reason } => {
            let before = scan.request.as_ref().map(|request| &request.protocol);
            if before.is_some_and(|before| *before == *protocol) {
                return Ok(Vec::new());
            }
            let less = before.is_some_and(|before| !before.limited && protocol.limited);
            if protocol.limited && scan.never_limited {
                return Err(never_limited());
            }
            if less && reason.is_none() {
                return Err(ScanError::Reason);
            }
            What::Converted { protocol, reason }
        }
        Action::Cancel { reason } => {
            let (who, words) = (by.id.to_string(), reason.as_str().to_string());
            tries(Queued::Cancelled { id: id(), by: who, reason: words })?;
            What::Cancelled { reason }
        }
        Action::Transfer { site, telephone, accepted_by } => {
            tries(Queued::Transferred { id: id(), site: site.as_str().into() })?;
            What::Transferred { site, telephone, accepted_by }
        }
        Action::AcceptWait { consultant, reason } => What::WaitAccepted { consultant, reason },
        Action::Discharge => {
            tries(Queued::Discharged { id: id() })?;
            What::Discharged
        }
        Action::Report { state, critical, is_final } => {
            return Ok(reported(scan, state, critical, is_final, now));
        }
    };
    Ok(vec![what])
}

fn never_limited() -> ScanError {
    let message = "the guideline says whole spine and never a limited protocol for this patient";
    ScanError::NotNow(message.into())
}

/// Pictures of a limited protocol are extended if they show something, if nobody could read them,
/// and if they are clear while a deficit is not explained (CR27). What they already took on the
/// table is part of the whole, and the time until somebody read them is added.
fn read_limited(
    scan: &Scan,
    shows: LimitedImages,
    words: Option<Text>,
    whole: Option<Box<Protocol>>,
    by: &Actor,
    now: i64,
) -> Result<Vec<What>, ScanError> {
    if scan.limited.as_ref().is_some_and(|(known, _)| *known == shows) {
        return Ok(Vec::new());
    }
    let limited = scan.request.as_ref().filter(|request| request.protocol.limited);
    let Some(limited) = limited.map(|request| &request.protocol) else {
        let message = "this scan is not a limited one; write its report instead";
        return Err(ScanError::NotNow(message.into()));
    };
    let scanned = matches!(scan.state, State::Left(Departure::Scanned { .. }));
    if scan.on_table().is_none() && !scanned {
        return Err(ScanError::NotBegun);
    }
    if !shows.extends() {
        if !by.role.is_physician() {
            return Err(ScanError::NotYours { who: "a radiologist or another physician" });
        }
        if words.is_none() {
            return Err(ScanError::Reason);
        }
        let minutes = limited.minutes;
        return Ok(vec![What::LimitedRead { shows, words, whole: None, minutes }]);
    }
    let taken = scan.on_table().map_or(0, |(_, since)| (now - since).max(0) / 60);
    let taken = u32::try_from(taken).unwrap_or(u32::MAX);
    let minutes = whole.as_ref().map_or(limited.minutes, |whole| {
        let longer = |whole: u32, limited: u32| {
            whole.max(taken.saturating_add(whole.saturating_sub(limited)).min(MINUTES_MAX))
        };
        let ([least, most], [few, many]) = (whole.minutes, limited.minutes);
        [longer(least, few), longer(most, many)]
    });
    Ok(vec![What::LimitedRead { shows, words, whole, minutes }])
}

/// What is in order is awaited no more, and a time is ahead and near.
fn check_expected(scan: &Scan, chip: Chip, at: Option<i64>, now: i64) -> Result<(), ScanError> {
    if scan.has_left() {
        return Err(ScanError::Gone);
    }
    let Some(at) = at else { return Ok(()) };
    if scan.known(chip) == Known::Yes {
        let message = format!("\"{}\" is answered with yes already", chip.words());
        return Err(ScanError::NotNow(message));
    }
    if at <= now || at > now + EXPECTED_SECONDS_MAX {
        let message = "a time from now on and within 12 hours is needed; write hours and minutes";
        return Err(ScanError::NotNow(message.into()));
    }
    Ok(())
}

/// A report. A final one of an order whose scan was never told of, or never seen to end, says that
/// there was one: the order leaves the list by it. An earlier one says no more than that there is a
/// report.
fn reported(scan: &Scan, state: String, critical: bool, is_final: bool, now: i64) -> Vec<What> {
    let known = scan.report.as_ref();
    // In a visit a physician may have called it an emergency where the message does not.
    let same =
        |known: &Report| known.critical == critical || (known.critical && !scan.is_of_board());
    if known.is_some_and(|known| known.state == state && same(known)) {
        return Vec::new();
    }
    let mut what = Vec::new();
    if is_final && !scan.has_left() {
        what.push(What::Ended { ended: now, complete: true, performed: None });
    }
    what.push(What::Reported { state, critical });
    what
}

/// What is said where the screening found that the scan is not safe.
const NOT_SAFE: &str = "screened: not safe to scan; a radiologist or another physician clears it \
                        with a reason";

impl Scan {
    /// What stands in the way of everybody, first of all: nobody is begun by hand while it is not
    /// answered with yes (CR27). The board and the visit's page ask the same.
    pub fn in_the_way(&self) -> Option<Chip> {
        let hard = [Chip::Screening, Chip::Implants, Chip::EyeMetal];
        hard.into_iter().find(|chip| self.known(*chip) != Known::Yes)
    }

    /// The same in words, for whoever wants to begin.
    pub fn in_the_way_words(&self) -> Option<String> {
        let chip = self.in_the_way()?;
        Some(match (chip, self.known(chip)) {
            (Chip::Screening, Known::No) => NOT_SAFE.to_string(),
            (Chip::Implants | Chip::EyeMetal, Known::No) => {
                "an implant or metal stands in the way; a radiologist releases it".to_string()
            }
            _ => format!(
                "\"{}\" is not answered with yes; answer it, or have a radiologist release it",
                chip.words()
            ),
        })
    }
}

/// A scan that begins.
struct Begun {
    scanner: String,
    began: i64,
    performed: Option<String>,
    despite: Option<Text>,
}

/// What a scanner says that it does is so, whatever the board thought of it: a patient who lies in
/// it is on its table. A step that is told twice happened once.
fn started(
    scan: &Scan,
    department: &Department,
    begun: Begun,
    now: i64,
) -> Result<Vec<What>, ScanError> {
    let Begun { scanner, began, performed, despite } = begun;
    let known = performed.as_ref().is_some_and(|one| scan.performed.contains(one));
    // Begun where nobody said on which scanner: that is said now.
    let placed = scan.on_table().is_some_and(|(on, _)| on.as_str() != UNPLACED);
    if known || (performed.is_none() && placed) {
        return Ok(Vec::new());
    }
    // By hand nobody is begun on whom something is open that stops everybody (CR27). That somebody
    // lies in the scanner all the same is written down with its reason.
    if performed.is_none() && !department.scanners.iter().any(|one| one.id.as_str() == scanner) {
        return Err(ScanError::NotNow("there is no such scanner; choose one of the list".into()));
    }
    let open = scan.in_the_way_words().filter(|_| scan.on_table().is_none());
    let despite = despite.filter(|_| open.is_some());
    if performed.is_none() && despite.is_none() && scan.on_table().is_none() {
        if let Some(message) = open {
            return Err(ScanError::NotNow(message));
        }
        let event =
            Queued::Started { id: scan.id.as_str().into(), scanner: scanner.as_str().into() };
        department.clone().apply(now, event)?;
    }
    // The scanner alone says nothing of a reason.
    let unsaid = open.and_then(|open| Text::new(format!("told by the scanner: {open}")).ok());
    let despite = despite.or(unsaid.filter(|_| performed.is_some()));
    let began = match scan.on_table() {
        Some((_, since)) if performed.is_none() => since,
        _ => plausible(began, now),
    };
    Ok(vec![What::Started { scanner, began, performed, despite }])
}

/// A time that a scanner says, unless its clock is plainly wrong.
fn plausible(at: i64, now: i64) -> i64 {
    if (at - now).abs() > CLOCKS_APART_MAX { now } else { at.min(now) }
}

/// An implant that is there or that nobody knows is released by a radiologist with a reason; the
/// list is signed by somebody of the scanner, a nurse or a physician.
fn check_answer(
    scan: &Scan,
    chip: Chip,
    known: Known,
    words: Option<&Text>,
    by: &Actor,
) -> Result<(), ScanError> {
    let releases = matches!(chip, Chip::Implants | Chip::EyeMetal)
        && known == Known::Yes
        && scan.known(chip) != Known::Yes
        // What nobody was asked yet is asked; what is there, or what somebody could not find out, is
        // released.
        && scan.chips.get(&chip).is_some_and(|said| {
            said.known == Known::No || said.by.role != StaffRole::System
        });
    if releases && by.role != RELEASES {
        return Err(ScanError::NotYours { who: "a radiologist" });
    }
    if releases && words.is_none() {
        return Err(ScanError::Reason);
    }
    let signs = chip == Chip::Screening && known == Known::Yes;
    // Nor is it forgotten: not known is no way round.
    let takes_back = chip == Chip::Screening && known != Known::No;
    if takes_back && scan.known(chip) == Known::No {
        if !by.role.is_physician() {
            return Err(ScanError::NotYours { who: "a radiologist or another physician" });
        }
        if words.is_none() {
            return Err(ScanError::Reason);
        }
    }
    if signs && matches!(by.role, StaffRole::Clerk | StaffRole::FollowUpNurse) {
        return Err(ScanError::NotYours { who: "a nurse, a radiographer or a physician" });
    }
    Ok(())
}
