//! One order as it stands: the request, and what happened to it since.

use std::collections::BTreeMap;

use cauda_guideline::vocabulary::Tier;
use cauda_pathway::identity::{Actor, Text};
use cauda_queue::{
    Deadline, Departure, Entry, Item, Override, Protocol, Reason, ScannerId, State, Will as Wanted,
};

use crate::chip::{Chip, Known, Said};
use crate::event::{Event, Step, What, Will};
use crate::identifiers;
use crate::request::{Numbers, Request};

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

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Its id.
    pub id: String,
    /// What was ordered; nothing before the order of a visit is read.
    pub request: Option<Request>,
    /// What is known of readiness.
    pub chips: BTreeMap<Chip, Said>,
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
    /// The pictures did not suffice.
    pub incomplete: bool,
    /// A consultant accepted a late start.
    pub wait_accepted: Option<(Text, Text)>,
    /// The last report.
    pub report: Option<Report>,
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
            chips: BTreeMap::new(),
            overrides: Vec::new(),
            state: State::Waiting,
            scanner: None,
            times: (None, None),
            performed: Vec::new(),
            incomplete: false,
            wait_accepted: None,
            report: None,
            last: None,
            events: 0,
        }
    }

    /// Takes an event.
    pub fn apply(&mut self, event: &Event) {
        self.events += 1;
        self.last = Some((event.at, event.by.clone()));
        match &event.what {
            What::Requested { request } => self.request = Some((**request).clone()),
            What::Answered { chip, known, expected_at, .. } => {
                let (at, by) = (event.at, event.by.clone());
                let said = Said { known: *known, expected_at: *expected_at, at, by };
                self.chips.insert(*chip, said);
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
            What::Started { scanner, began, performed } => {
                self.performed.extend(performed.clone());
                self.times = (Some(*began), None);
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
            What::Converted { protocol, .. } => {
                if let Some(request) = &mut self.request {
                    request.protocol = (**protocol).clone();
                }
            }
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
    pub fn entry(&self) -> Option<Entry> {
        let request = self.request.as_ref()?;
        let [least, most] = request.protocol.minutes;
        Some(Entry {
            id: self.id.as_str().into(),
            tier: tier(request.tier),
            deadline: request.deadline.as_ref().map(|deadline| Deadline {
                // The queue counts to the end of a scan, the guideline to its begin.
                at: deadline.at.saturating_add(i64::from(least) * 60),
                started_at: deadline.started_at,
                started_by: deadline.started_by.clone(),
            }),
            protocol: Protocol {
                name: request.protocol.name.clone(),
                minutes_p50: least.midpoint(most),
                minutes_p90: most,
                coil: request.protocol.coil.clone(),
                contrast: request.protocol.contrast,
                ..Protocol::default()
            },
            readiness: self.items(request.protocol.contrast),
            state: self.state.clone(),
            ordered_at: request.ordered_at,
            not_before: request.not_before,
            place_now: request.about.place.as_ref().map_or(String::new(), |it| it.as_str().into()),
            overrides: self.overrides.clone(),
        })
    }

    fn items(&self, contrast: bool) -> Vec<Item> {
        let asked = Chip::ALL.into_iter().filter(|chip| chip.is_asked(contrast));
        asked
            .map(|chip| {
                let known = self.known(chip);
                Item {
                    name: chip.words().to_string(),
                    answer: known.answer(),
                    blocks: chip.blocks(known),
                    expected_at: self.chips.get(&chip).and_then(|said| said.expected_at),
                }
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
