//! What a receiver is told of an order: what changed since it was told last, and each change as a
//! message. Pure: the same order gives the same messages.

use cauda_guideline::vocabulary::Tier;
use cauda_hl7::{
    Body, Clinician, Coded, Control, Designator, EntityId, Hl7Error, Identifier, Location, Odd,
    Order, OrderStatus, Orders, PartialDate, Patient, PatientClass, PersonName, Priority, Reading,
    Sex as Told, Step as Performed, Visit, When, read, write,
};
use cauda_pathway::patient::Sex;
use cauda_queue::{Departure, Will};
use cauda_scans::{Kind, Request, Scan, ScannerSettings, Source};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::receiver::Receiver;
use crate::hl7::Service;
use crate::ids;

/// An appointment without an order goes by this word and its number.
pub(in crate::hl7) const APPOINTMENT: &str = "appointment ";
/// The code system of a code that two sides agreed on (HL7 table 0396).
const LOCAL: &str = "L";
/// Field of OBR with what is ordered in words. They are no number that the scanner needs, so their
/// length refuses nothing.
const SERVICE: (&str, usize) = ("OBR", 4);

/// How long the begin of a scan waits for the board to say on which scanner, in seconds.
const BOARD_SECONDS: i64 = 10;

/// Whether an order is only a date that waits for its order.
pub fn is_booking(source: &Source) -> bool {
    matches!(source, Source::Hl7 { placer } if placer.as_str().starts_with(APPOINTMENT))
}

/// How far an order is, as far as others are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It waits.
    Waiting,
    /// The scan has begun.
    OnTable,
    /// The scan is over.
    Done,
    /// No longer wanted.
    Gone,
}

impl Stage {
    /// Whether nothing more is expected.
    pub fn is_last(self) -> bool {
        matches!(self, Stage::Done | Stage::Gone)
    }
}

/// What was told last: how far it was, and what was kept of its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last {
    /// How far.
    pub stage: Stage,
    /// The SHA-256 of what was ordered of whom.
    pub content: String,
    /// Not before when.
    pub start: Option<i64>,
}

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// NW
    New,
    /// XO
    Change,
    /// SC, in process.
    Begun,
    /// SC, scheduled again.
    Back,
    /// SC, completed.
    Ended,
    /// CA
    Cancel,
}

impl Step {
    /// How far the order is after it.
    pub fn stage(self, before: Option<Stage>) -> Stage {
        match self {
            Step::New | Step::Back => Stage::Waiting,
            Step::Change => before.unwrap_or(Stage::Waiting),
            Step::Begun => Stage::OnTable,
            Step::Ended => Stage::Done,
            Step::Cancel => Stage::Gone,
        }
    }

    /// ORC-1 and ORC-5.
    fn codes(self) -> (Control, Option<OrderStatus>) {
        match self {
            Step::New => (Control::New, None),
            Step::Change => (Control::Change, None),
            Step::Begun => (Control::StatusChanged, Some(OrderStatus::InProcess)),
            Step::Back => (Control::StatusChanged, Some(OrderStatus::Scheduled)),
            Step::Ended => (Control::StatusChanged, Some(OrderStatus::Completed)),
            Step::Cancel => (Control::Cancel, Some(OrderStatus::Cancelled)),
        }
    }
}

/// An order as others are told of it now.
pub struct Now<'a> {
    /// It.
    pub scan: &'a Scan,
    /// What was ordered.
    pub request: &'a Request,
    /// How far it is.
    pub stage: Stage,
    /// Why it is no longer wanted.
    pub reason: Option<String>,
    /// How urgent, where a person decided otherwise than the order.
    tier: Tier,
    /// The SHA-256 of what was ordered of whom.
    pub content: String,
}

impl<'a> Now<'a> {
    /// An order at that moment; nothing while it is not known what was ordered. `over` says that
    /// the visit of it ended without a scan.
    pub fn of(scan: &'a Scan, now: i64, over: bool) -> Option<Now<'a>> {
        let request = scan.request.as_ref()?;
        let (stage, reason) = match &scan.state {
            // The visit knows of a begin first; on which scanner, the board says a moment later.
            cauda_queue::State::OnTable { since, .. }
                if scan.scanner.is_none() && now - since < BOARD_SECONDS =>
            {
                (Stage::Waiting, None)
            }
            cauda_queue::State::OnTable { .. } => (Stage::OnTable, None),
            cauda_queue::State::Left(Departure::Scanned { .. }) => (Stage::Done, None),
            cauda_queue::State::Left(Departure::Cancelled { reason, .. }) => {
                (Stage::Gone, Some(reason.as_str().to_string()))
            }
            cauda_queue::State::Left(Departure::Transferred { site, .. }) => {
                (Stage::Gone, Some(format!("transferred to {site}")))
            }
            cauda_queue::State::Left(Departure::Discharged { .. }) => {
                (Stage::Gone, Some("discharged".to_string()))
            }
            _ if over => (Stage::Gone, Some("the visit is over".to_string())),
            _ => (Stage::Waiting, None),
        };
        let tier = tier(scan, request, now);
        let shown = Request { tier, deadline: None, not_before: None, ..request.clone() };
        let text = serde_json::to_string(&(&shown, scan.accession(), scan.step_id())).ok()?;
        Some(Now { scan, request, stage, reason, tier, content: ids::kept(&text) })
    }

    /// What is still to be told to who was told that last.
    pub fn steps(&self, last: Option<&Last>, now: i64) -> Vec<Step> {
        let began = self.scan.times.0.is_some();
        let Some(last) = last else {
            return match self.stage {
                Stage::Waiting => vec![Step::New],
                Stage::OnTable => vec![Step::New, Step::Begun],
                Stage::Done if began => vec![Step::New, Step::Begun, Step::Ended],
                Stage::Done => vec![Step::New, Step::Ended],
                // It came and went before anybody was told.
                Stage::Gone => Vec::new(),
            };
        };
        let mut steps = Vec::new();
        let back = last.stage == Stage::Gone && self.stage != Stage::Gone;
        if back {
            steps.push(Step::New);
        } else if self.differs(last, now) && self.stage != Stage::Gone {
            steps.push(Step::Change);
        }
        let stage = if back { Stage::Waiting } else { last.stage };
        match (stage, self.stage) {
            (before, now) if before == now => {}
            (_, Stage::Waiting) => steps.push(Step::Back),
            (_, Stage::OnTable) => steps.push(Step::Begun),
            (Stage::Waiting, Stage::Done) if began => steps.extend([Step::Begun, Step::Ended]),
            (_, Stage::Done) => steps.push(Step::Ended),
            (_, Stage::Gone) => steps.push(Step::Cancel),
        }
        steps
    }

    /// Whether something of it changed. That a date has passed is no change.
    fn differs(&self, last: &Last, now: i64) -> bool {
        let start = self.request.not_before;
        let moved = start != last.start && (start.is_some() || last.start > Some(now));
        last.content != self.content || moved
    }

    /// The message of a step, and what a person reads of it where it cannot be sent.
    ///
    /// # Errors
    /// [`Hl7Error::Unwritable`] when something of it would be lost, or does not fit the scanner.
    pub fn message(&self, of: &Message<'_>, step: Step) -> Result<Vec<u8>, Hl7Error> {
        let header = of.receiver.header(of.at, of.control_id);
        let body = Body::Orders(Box::new(self.orders(of, step)));
        let bytes = write(&header, &body, of.zone)?;
        let back = read(&bytes, &Reading::new(of.zone.clone()));
        let back = back.map_err(|reject| Hl7Error::Unwritable(reject.why))?;
        let odd = back.flags.iter().find(|flag| !is_words(flag));
        match odd.map(|flag| flag.odd) {
            None => Ok(bytes),
            Some(Odd::TooLong { .. }) => {
                Err(Hl7Error::Unwritable("a number or a name of it is longer than DICOM allows"))
            }
            Some(_) => Err(Hl7Error::Unwritable("a number or a name of it does not fit DICOM")),
        }
    }

    fn orders(&self, of: &Message<'_>, step: Step) -> Orders {
        Orders {
            patient: Some(self.patient(of.receiver)),
            visit: Some(Visit {
                class: Some(class(self.request.kind)),
                location: self.request.about.place.as_ref().map(|place| Location {
                    point_of_care: Some(place.as_str().to_string()),
                    ..Location::default()
                }),
                ..Visit::default()
            }),
            orders: vec![self.order(of, step)],
        }
    }

    fn patient(&self, receiver: &Receiver) -> Patient {
        let about = &self.request.about;
        // Who has no number here is told apart by the order, as at the scanner.
        let (id, authority, kind) = match &about.number {
            Some(number) => {
                let authority = receiver.authority.as_deref().map(Designator::named);
                (number.as_str().to_string(), authority, Some("MR".to_string()))
            }
            None => (self.scan.accession(), None, None),
        };
        Patient {
            identifiers: vec![Identifier { id, authority, kind }],
            name: about.name.as_ref().map(|name| person(name.as_str())),
            born: about.born.and_then(|born| {
                Some(PartialDate {
                    year: born.year,
                    month: Some(i8::try_from(born.month).ok()?),
                    day: Some(i8::try_from(born.day).ok()?),
                })
            }),
            sex: Some(match about.sex {
                Sex::Female => Told::Female,
                Sex::Male => Told::Male,
                Sex::Other => Told::Other,
                Sex::Unknown => Told::Unknown,
            }),
            ..Patient::default()
        }
    }

    fn order(&self, of: &Message<'_>, step: Step) -> Order {
        let (request, scan) = (self.request, self.scan);
        let (control, status) = step.codes();
        let accession = scan.accession();
        let at = match step {
            Step::New => request.ordered_at,
            Step::Begun => scan.times.0.unwrap_or(of.at),
            Step::Ended => scan.times.1.or(scan.left_at()).unwrap_or(of.at),
            _ => of.at,
        };
        let begun = matches!(step, Step::Begun | Step::Ended);
        let on = scan.scanner.as_deref().filter(|_| begun);
        let title = of.scanners.iter().find(|one| Some(one.id.as_str()) == on);
        let text = |text: &Option<cauda_pathway::identity::Text>| {
            text.as_ref().map(|text| text.as_str().to_string())
        };
        let reason = self.reason.clone().filter(|_| step == Step::Cancel);
        Order {
            status,
            placer: Some(self.placer(of.receiver)),
            priority: Some(match self.tier {
                Tier::Immediate | Tier::Emergency => Priority::Stat,
                Tier::Urgent => Priority::Asap,
                _ => Priority::Routine,
            }),
            placed: Some(When::second(at)),
            start: request.not_before.map(When::second),
            ordered_by: Some(Clinician { id: None, name: person(&request.asked_by) }),
            callback: text(&request.telephone),
            service: Some(self.service(of.services)),
            clinical_information: text(&request.why),
            reason: reason.map(|text| Coded { text: Some(text), ..Coded::default() }),
            steps: vec![Performed {
                procedure_id: Some(accession.clone()),
                accession: Some(accession),
                study_uid: Some(scan.study_uid()),
                step_id: Some(scan.step_id()),
                modality: Some("MR".to_string()),
                station_ae: title.map(|scanner| scanner.ae_title.clone()),
                ..Performed::default()
            }],
            ..Order::new(control)
        }
    }

    /// The placer's own number, or of an order of ours its accession number.
    fn placer(&self, receiver: &Receiver) -> EntityId {
        let placed = self.request.numbers.placed.as_ref();
        match placed.and_then(|placed| Some((placed.number.clone()?, placed))) {
            Some((id, placed)) => EntityId {
                id,
                authority: placed.authority.clone().map(
                    |[namespace, universal_id, universal_id_type]| Designator {
                        namespace,
                        universal_id,
                        universal_id_type,
                    },
                ),
            },
            None => EntityId {
                id: self.scan.accession(),
                authority: Some(Designator::named(&receiver.sender.0)),
            },
        }
    }

    /// The code that orders name it by, or the protocol's id.
    fn service(&self, services: &[Service]) -> Coded {
        let protocol = &self.request.protocol;
        let ordered = self.request.numbers.service.as_deref();
        let of = |one: &&Service| one.protocol == protocol.id;
        let known = services.iter().find(|one| of(one) && Some(one.code.as_str()) == ordered);
        let known = known.or_else(|| services.iter().find(of));
        Coded {
            code: Some(known.map_or(protocol.id.clone(), |service| service.code.clone())),
            text: Some(protocol.name.clone()),
            system: Some(LOCAL.to_string()),
            ..Coded::default()
        }
    }
}

/// What a message is written with.
pub struct Message<'a> {
    /// To whom.
    pub receiver: &'a Receiver,
    /// What codes mean here.
    pub services: &'a [Service],
    /// Whose names in DICOM are told.
    pub scanners: &'a [ScannerSettings],
    /// When.
    pub at: i64,
    /// Under which control id.
    pub control_id: &'a str,
    /// In which zone.
    pub zone: &'a TimeZone,
}

fn is_words(flag: &cauda_hl7::Flag) -> bool {
    (flag.place.name().as_str(), flag.place.field) == SERVICE
}

/// A tier that a person chose, while it counts; else the one of the order.
fn tier(scan: &Scan, request: &Request, now: i64) -> Tier {
    let chosen = scan.overrides.iter().rev().filter(|one| one.counts(now));
    let mut chosen = chosen.filter_map(|one| match &one.will {
        Will::Tier(tier) => Tier::of_id(tier.id()),
        _ => None,
    });
    chosen.next().unwrap_or(request.tier)
}

fn class(kind: Kind) -> PatientClass {
    match kind {
        Kind::Inpatient => PatientClass::Inpatient,
        Kind::Outpatient => PatientClass::Outpatient,
        Kind::BackPain | Kind::Stroke | Kind::Trauma | Kind::Emergency => PatientClass::Emergency,
    }
}

/// `Meier, Ada` in its parts.
fn person(name: &str) -> PersonName {
    let part = |text: &str| Some(text.trim().to_string()).filter(|text| !text.is_empty());
    match name.split_once(',') {
        Some((family, given)) => {
            PersonName { family: part(family), given: part(given), ..PersonName::default() }
        }
        None => PersonName { family: part(name), ..PersonName::default() },
    }
}
