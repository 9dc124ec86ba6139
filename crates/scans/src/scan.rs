//! One order as it stands: the request, and what happened to it since.

use std::collections::BTreeMap;

use cauda_guideline::vocabulary::Tier;
use cauda_pathway::clocks::TaskKind;
use cauda_pathway::event::{LimitedImages, TaskNumber};
use cauda_pathway::identity::{Actor, ActorId, StaffRole, Text};
use cauda_queue::{
    Blocks, Deadline, Departure, Entry, Item, Override, Protocol as Queued, Reason, ScannerId,
    State, Will as Wanted,
};

use crate::catalogue::Protocol;
use crate::chip::{Chip, Known, Said};
use crate::event::{Event, Step, What, Will};
use crate::identifiers;
use crate::of_visit::UNPLACED;
use crate::request::{Numbers, Request, Source};

/// For so long after its time what somebody expected is late, and then counts no more: the time that
/// the queue assumes where nobody said any.
const EXPECTATION_SECONDS: i64 = 3_600;

/// The last report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// When it came.
    pub at: i64,
    /// Preliminary, final, corrected.
    pub state: String,
    /// Somebody must read it at once.
    pub critical: bool,
}

impl Report {
    /// Whether it is the last word, so far.
    pub fn is_final(&self) -> bool {
        matches!(self.state.as_str(), "final" | "corrected" | "amended")
    }

    /// Whether it is one of a scan that ended then: a preliminary one of pictures that were read on
    /// the table is not, nor one that was withdrawn.
    fn counts(&self, ended: i64) -> bool {
        self.is_final() || (self.at >= ended && self.state != "withdrawn")
    }
}

/// A report that is awaited (CR20: within an hour of the end of the scan).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportDue {
    /// By when.
    pub due: i64,
    /// Whose it is now.
    pub holder: StaffRole,
    /// Which person, where one is named.
    pub named: Option<ActorId>,
    /// The task of the visit, of an order of one.
    pub task: Option<TaskNumber>,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Its id.
    pub id: String,
    /// What was ordered; nothing before the order of a visit is read.
    pub request: Option<Request>,
    /// The protocol that was ordered, by its id, where people chose another one since.
    pub ordered: Option<String>,
    /// The protocol that people chose in place of the one ordered.
    pub chosen: Option<Protocol>,
    /// What is known of readiness.
    pub chips: BTreeMap<Chip, Said>,
    /// When an item that is not in order will be, as somebody expects.
    pub expected: BTreeMap<Chip, i64>,
    /// What people decided about its place.
    pub overrides: Vec<Override>,
    /// How far it is.
    pub state: State,
    /// The scanner it was begun on last.
    pub scanner: Option<String>,
    /// When it began and ended.
    pub times: (Option<i64>, Option<i64>),
    /// Performed procedure steps of the scanner that are about it.
    pub performed: Vec<String>,
    /// Why it began although something stood in the way.
    pub despite: Option<Text>,
    /// Of a visit: what was found that is in the way, by the items it belongs to.
    pub found: BTreeMap<Chip, String>,
    /// Of a visit: when a new sign made a whole picture of a limited one, and which sign.
    pub forced: Option<(i64, Text)>,
    /// The pictures did not suffice.
    pub incomplete: bool,
    /// A consultant accepted a late start.
    pub wait_accepted: Option<(Text, Text)>,
    /// What the pictures of a limited protocol showed, and what was said with it.
    pub limited: Option<(LimitedImages, Option<Text>)>,
    /// Minutes on the table once a limited protocol was extended.
    pub extended: Option<[u32; 2]>,
    /// The guideline says of this patient: never a limited protocol.
    pub never_limited: bool,
    /// Limited pictures of a visit's scan that is over, and that nobody read.
    pub unread: bool,
    /// The last report.
    pub report: Option<Report>,
    /// Who said that they report it.
    pub reporter: Option<ActorId>,
    /// The report that a visit awaits.
    pub visit_report: Option<ReportDue>,
    /// Whom the latest step is of.
    pub last: Option<(i64, Actor)>,
    /// How many events it has.
    pub events: usize,
}

impl Scan {
    /// An order of which nothing happened yet.
    pub fn new(id: &str) -> Scan {
        Scan {
            id: id.to_string(),
            request: None,
            ordered: None,
            chosen: None,
            chips: BTreeMap::new(),
            expected: BTreeMap::new(),
            overrides: Vec::new(),
            state: State::Waiting,
            scanner: None,
            times: (None, None),
            performed: Vec::new(),
            despite: None,
            found: BTreeMap::new(),
            forced: None,
            incomplete: false,
            wait_accepted: None,
            limited: None,
            extended: None,
            never_limited: false,
            unread: false,
            report: None,
            reporter: None,
            visit_report: None,
            last: None,
            events: 0,
        }
    }

    /// Takes an event.
    pub fn apply(&mut self, event: &Event) {
        self.events += 1;
        self.last = Some((event.at, event.by.clone()));
        match &event.what {
            What::Requested { request } => {
                let other = |one: &Request| one.protocol.id != request.protocol.id;
                // Ordered as something else: what was chosen in place of the first order is over.
                if self.request.as_ref().is_some_and(other) {
                    (self.ordered, self.chosen) = (None, None);
                }
                self.request = Some((**request).clone());
            }
            What::Answered { chip, known, expected_at, .. } => {
                let (at, by) = (event.at, event.by.clone());
                let said = Said { known: *known, expected_at: *expected_at, at, by };
                self.chips.insert(*chip, said);
                self.expected.remove(chip);
                self.expected.extend(expected_at.map(|at| (*chip, at)));
            }
            What::Expected { chip, at } => {
                self.expected.remove(chip);
                self.expected.extend(at.map(|at| (*chip, at)));
            }
            What::Willed { will, reason, until } => {
                self.overrides.retain(|one| one.counts(event.at));
                self.overrides.push(Override {
                    will: wanted(will),
                    reason: reason.as_ref().and_then(|words| Reason::new(words.as_str()).ok()),
                    by: event.by.id.to_string(),
                    at: event.at,
                    until: *until,
                });
            }
            What::Freed => self.overrides.clear(),
            What::Brought { step, scanner } => self.state = brought(*step, scanner),
            What::Returned { .. } => self.state = State::Waiting,
            What::Started { scanner, began, performed, despite } => {
                self.performed.extend(performed.clone());
                self.despite.clone_from(despite);
                self.times = (Some(*began), None);
                // What earlier pictures showed says nothing about the new ones.
                (self.limited, self.extended) = (None, None);
                self.scanner = Some(scanner.clone());
                self.state = State::OnTable { scanner: scanner.as_str().into(), since: *began };
            }
            What::Ended { ended, complete, .. } => {
                self.times.1 = Some(*ended);
                self.incomplete = !complete;
                self.state = match complete {
                    true => State::Left(Departure::Scanned { at: *ended }),
                    false => State::Waiting,
                };
            }
            What::WrongEntry { performed } => {
                self.performed.retain(|one| one != performed);
                if self.performed.is_empty() {
                    (self.state, self.times) = (State::Waiting, (None, None));
                }
            }
            What::Converted { protocol, .. } => self.choose(protocol),
            What::LimitedRead { shows, words, whole, minutes } => {
                self.limited = Some((*shows, words.clone()));
                let Some(whole) = whole else { return };
                self.choose(whole);
                self.extended = Some(*minutes);
                // The patient has left the table, and the rest is still to be scanned.
                if matches!(self.state, State::Left(Departure::Scanned { .. })) {
                    (self.state, self.incomplete) = (State::Waiting, true);
                }
            }
            What::ReportTaken {} => self.reporter = Some(event.by.id.clone()),
            What::Cancelled { reason } => {
                let by = event.by.id.to_string();
                if let Ok(reason) = Reason::new(reason.as_str()) {
                    self.state = State::Left(Departure::Cancelled { by, reason, at: event.at });
                }
            }
            What::Transferred { site, .. } => {
                let site = site.as_str().to_string();
                self.state = State::Left(Departure::Transferred { site, at: event.at });
            }
            What::WaitAccepted { consultant, reason } => {
                self.wait_accepted = Some((consultant.clone(), reason.clone()));
            }
            What::Discharged => self.state = State::Left(Departure::Discharged { at: event.at }),
            What::Reported { state, critical } => {
                let (at, critical) = (event.at, *critical);
                self.report = Some(Report { at, state: state.clone(), critical });
            }
        }
    }

    /// Another protocol than was ordered. An order of a visit is not in the events.
    fn choose(&mut self, protocol: &Protocol) {
        self.chosen = Some(protocol.clone());
        if let Some(request) = &mut self.request {
            self.ordered.get_or_insert_with(|| request.protocol.id.clone());
            request.protocol = protocol.clone();
        }
    }

    /// Whether a limited protocol is over and nobody said what its pictures show, or it asks for
    /// more and nobody knows what (CR27).
    pub fn is_unread(&self) -> bool {
        let limited = self.request.as_ref().is_some_and(|request| request.protocol.limited);
        let answered = self.limited.as_ref().is_some_and(|(shows, _)| !shows.extends());
        let read = answered || self.report.as_ref().is_some_and(Report::is_final);
        let scanned = matches!(self.state, State::Left(Departure::Scanned { .. }));
        self.unread || (self.is_of_board() && scanned && limited && !read)
    }

    /// Whether it is on the board alone, and no visit's.
    pub fn is_of_board(&self) -> bool {
        let source = self.request.as_ref().map(|request| &request.source);
        !matches!(source, Some(Source::Visit { .. }))
    }

    /// By when its report is there: within the time of [`TaskKind::Report`] of the end of an
    /// emergency, or of a scan of a visit.
    pub fn report_by(&self) -> Option<i64> {
        let urgent = self.request.as_ref().is_some_and(|one| one.tier >= Tier::Emergency);
        let State::Left(Departure::Scanned { at }) = &self.state else { return None };
        let minutes = TaskKind::Report.clock().due;
        (urgent || !self.is_of_board()).then(|| at.saturating_add(minutes * 60))
    }

    /// The report that is awaited, and whose it is.
    pub fn report_due(&self, now: i64) -> Option<ReportDue> {
        if !self.is_of_board() {
            return self.visit_report.clone();
        }
        let due = self.report_by()?;
        let ended = self.left_at()?;
        let there = self.report.as_ref().is_some_and(|report| report.counts(ended));
        let clock = TaskKind::Report.clock();
        let late = now >= ended.saturating_add(clock.escalates * 60);
        let holder = if late { clock.to } else { clock.owner };
        let named = self.reporter.clone();
        (!there).then_some(ReportDue { due, holder, named, task: None })
    }

    /// Whether somebody still has to read something of it, although it left the list.
    pub fn is_watched(&self, now: i64) -> bool {
        self.is_unread() || self.report_due(now).is_some()
    }

    /// Whether it runs, and nobody said on which scanner.
    pub fn is_unplaced(&self) -> bool {
        self.on_table().is_some_and(|(on, _)| on.as_str() == UNPLACED)
    }

    /// Whether limited pictures that were read as explained can still be read otherwise: until the
    /// scan is reported (CR27).
    pub fn may_still_extend(&self) -> bool {
        let limited = self.request.as_ref().is_some_and(|request| request.protocol.limited);
        let explained = self.limited.as_ref().is_some_and(|(shows, _)| !shows.extends());
        limited && explained && !self.report.as_ref().is_some_and(Report::is_final)
    }

    /// The Accession Number that scanner and reports know it by.
    pub fn accession(&self) -> String {
        self.given(|numbers| numbers.accession.as_ref())
            .unwrap_or_else(|| identifiers::accession(&self.id))
    }

    /// Its Scheduled Procedure Step ID.
    pub fn step_id(&self) -> String {
        self.given(|numbers| numbers.step_id.as_ref())
            .unwrap_or_else(|| identifiers::step_id(&self.id))
    }

    /// Its Study Instance UID.
    pub fn study_uid(&self) -> String {
        self.given(|numbers| numbers.study_uid.as_ref())
            .unwrap_or_else(|| identifiers::study_uid(&self.id))
    }

    fn given(&self, which: impl Fn(&Numbers) -> Option<&String>) -> Option<String> {
        self.request.as_ref().and_then(|request| which(&request.numbers)).cloned()
    }

    /// Whether it has left the list.
    pub fn has_left(&self) -> bool {
        matches!(self.state, State::Left(_))
    }

    /// When it left the list.
    pub fn left_at(&self) -> Option<i64> {
        match &self.state {
            State::Left(Departure::Scanned { at })
            | State::Left(Departure::Cancelled { at, .. })
            | State::Left(Departure::Transferred { at, .. })
            | State::Left(Departure::Discharged { at }) => Some(*at),
            _ => None,
        }
    }

    /// Where it is on a table, and since when.
    pub fn on_table(&self) -> Option<(&ScannerId, i64)> {
        match &self.state {
            State::OnTable { scanner, since } => Some((scanner, *since)),
            _ => None,
        }
    }

    /// How an item of readiness stands.
    pub fn known(&self, chip: Chip) -> Known {
        self.chips.get(&chip).map_or(Known::Unknown, |said| said.known)
    }

    /// As the queue takes it; nothing while it is not known what was ordered.
    pub fn entry(&self, now: i64) -> Option<Entry> {
        let request = self.request.as_ref()?;
        let extended = self.extended.filter(|_| self.on_table().is_some());
        let [least, most] = extended.unwrap_or(request.protocol.minutes);
        Some(Entry {
            id: self.id.as_str().into(),
            tier: tier(request.tier),
            deadline: request.deadline.as_ref().map(|deadline| Deadline {
                // The queue counts to the end of a scan, the guideline to its begin.
                at: deadline.at.saturating_add(i64::from(least) * 60),
                started_at: deadline.started_at,
                started_by: deadline.started_by.clone(),
            }),
            protocol: Queued {
                name: request.protocol.name.clone(),
                minutes_p50: least.midpoint(most),
                minutes_p90: most,
                coil: request.protocol.coil.clone(),
                contrast: request.protocol.contrast,
                ..Queued::default()
            },
            readiness: self.items(request.protocol.contrast, now),
            state: self.state.clone(),
            ordered_at: request.ordered_at,
            not_before: request.not_before,
            place_now: request.about.place.as_ref().map_or(String::new(), |it| it.as_str().into()),
            overrides: self.overrides.clone(),
        })
    }

    fn items(&self, contrast: bool, now: i64) -> Vec<Item> {
        let asked = Chip::ALL.into_iter().filter(|chip| chip.is_asked(contrast));
        asked
            .map(|chip| {
                let known = self.known(chip);
                let expected_at = self.expected.get(&chip).copied();
                // What is only shown keeps a patient from the scanner while somebody says that it
                // takes until then; once that is long over, nobody says so any more.
                let awaited = |at: i64| now.saturating_sub(at) < EXPECTATION_SECONDS;
                let blocks = match chip.blocks(known) {
                    Blocks::Nobody if expected_at.is_some_and(awaited) => Blocks::Everybody,
                    blocks => blocks,
                };
                let (name, answer) = (chip.words().to_string(), known.answer());
                Item { name, answer, blocks, expected_at }
            })
            .collect()
    }
}

fn brought(step: Step, scanner: &str) -> State {
    let scanner = scanner.into();
    match step {
        Step::Called => State::Called { scanner },
        Step::Prepared => State::Prepared { scanner },
        Step::Sedated => State::Sedated { scanner },
        Step::ContrastRunning => State::ContrastRunning { scanner },
    }
}

/// A person's will as the queue takes it.
pub(crate) fn wanted(will: &Will) -> Wanted {
    match will {
        Will::First => Wanted::First,
        Will::Last => Wanted::Last,
        Will::Before(id) => Wanted::Before(id.as_str().into()),
        Will::After(id) => Wanted::After(id.as_str().into()),
        Will::Place(place) => Wanted::Place(*place),
        Will::Only(scanner) => Wanted::Only(scanner.as_str().into()),
        Will::Hold => Wanted::Hold,
        Will::Tier(one) => Wanted::Tier(tier(*one)),
    }
}

/// A tier of the guideline as the queue takes it; what has no deadline waits with outpatients.
pub(crate) fn tier(tier: Tier) -> cauda_queue::Tier {
    cauda_queue::Tier::of_id(tier.id()).unwrap_or(cauda_queue::Tier::Outpatient)
}
