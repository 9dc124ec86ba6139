//! Synthetic days of a department, because no public corpus of an emergency department's
//! radiology has orders, bookings and reports that belong together.
//!
//! # What a day is
//!
//! So many orders on so many scanners, told by four systems: `SYNREG` registers patients (ADT),
//! `SYNEHR` orders (OMI^O23 of version 2.5.1, or ORM^O01 of 2.3.1), `SYNBOOK` books outpatients
//! (SIU), `SYNRIS` reports (ORU). All are of the facility `GENERAL`.
//!
//! | who | what is told of them |
//! |---|---|
//! | an emergency | A04, NW, perhaps XO; two reports; A03, or A01 if something critical is found |
//! | an inpatient | A01, NW, a final report |
//! | an outpatient | S12, NW, perhaps S13; A04 before the slot; a final report; A03 |
//! | who does not come | S12, NW; S26 and CA |
//!
//! Some orders are cancelled (CA), some scans are discontinued (OD from the RIS), some reports
//! corrected. Some emergencies come unknown, under a temporary number, and are merged (A40) into
//! their own one while the order is open. Between order and report lies the scan: when, on which
//! scanner, under which number of the patient, and whether its MPPS gets lost, in [`Day::scans`].
//! Scanners take whoever is ready, the most urgent first, one after the other.
//!
//! # What goes wrong
//!
//! By settings: messages that come twice (the same bytes, or the same content under a new control
//! id), orders that come before the arrival of their patient, and messages that come late. `at`
//! is when a message is delivered; MSH-7 stays when it was written.
//!
//! # What holds
//!
//! The same seed and settings give the same bytes. Every message reads back through
//! [`crate::read()`] as what it was written from. Every order of [`Day::orders`] ends in one
//! [`Fate`]. Control ids, accessions, steps and Study Instance UIDs are unique within a day, and
//! the first three carry its date. No name, number or finding is of a person: names are words for
//! an example with a number behind them, and identifiers begin with `SYN`.

mod draw;
mod people;
mod plan;
mod told;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::day::draw::Draw;
use crate::day::plan::Case;
use crate::day::told::{FACILITY, Numbers, System, Teller};
use crate::{Body, Charset, Header, Hl7Error, PatientClass};

/// Most orders of a day.
pub const DAY_ORDERS_MAX: usize = 2_000;
/// Most scanners.
const SCANNERS_MAX: usize = 16;

/// What a day is like.
#[derive(Clone, Debug)]
pub struct DaySettings {
    /// Its first second since 1970 UTC.
    pub start: i64,
    /// The zone of the times in its messages.
    pub zone: TimeZone,
    /// How many orders, up to [`DAY_ORDERS_MAX`].
    pub orders: usize,
    /// The AE titles of its scanners, 1 to 16.
    pub scanners: Vec<String>,
    /// How orders are told.
    pub form: Form,
    /// The character set of its messages; in ASCII all names are plain.
    pub charset: Charset,
    /// How many of a thousand orders are for outpatients.
    pub outpatients_per_mille: u16,
    /// How many are for inpatients; all others are emergencies.
    pub inpatients_per_mille: u16,
    /// How many orders are cancelled.
    pub cancelled_per_mille: u16,
    /// How many emergencies come unknown and are merged.
    pub merged_per_mille: u16,
    /// How many messages come twice.
    pub duplicated_per_mille: u16,
    /// How many come ten minutes to two hours late.
    pub late_per_mille: u16,
    /// How many orders come before the arrival of their patient.
    pub early_orders_per_mille: u16,
    /// How many beginnings, and how many ends, of a scan are lost.
    pub lost_mpps_per_mille: u16,
}

/// How orders are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// OMI^O23, version 2.5.1.
    Omi,
    /// ORM^O01, version 2.3.1, like all else but bookings.
    Orm,
}

impl DaySettings {
    /// A hundred orders on two scanners, in UTF-8, with a little of everything that goes wrong.
    pub fn new(start: i64, zone: TimeZone) -> DaySettings {
        DaySettings {
            start,
            zone,
            orders: 100,
            scanners: vec!["MR1".to_string(), "MR2".to_string()],
            form: Form::Omi,
            charset: Charset::utf8(),
            outpatients_per_mille: 350,
            inpatients_per_mille: 150,
            cancelled_per_mille: 60,
            merged_per_mille: 60,
            duplicated_per_mille: 30,
            late_per_mille: 20,
            early_orders_per_mille: 60,
            lost_mpps_per_mille: 20,
        }
    }

    /// The same without anything that goes wrong on the way.
    pub fn undisturbed(self) -> DaySettings {
        DaySettings {
            duplicated_per_mille: 0,
            late_per_mille: 0,
            early_orders_per_mille: 0,
            lost_mpps_per_mille: 0,
            ..self
        }
    }

    fn year(&self) -> i16 {
        let at = Timestamp::from_second(self.start).unwrap_or(Timestamp::UNIX_EPOCH);
        self.zone.to_datetime(at).year()
    }

    /// Days since 1970.
    fn day_number(&self) -> i64 {
        self.start.div_euclid(86_400)
    }

    fn check(&self) -> Result<(), Hl7Error> {
        let wrong = |name, what| Err(Hl7Error::Setting { name, what });
        if self.orders > DAY_ORDERS_MAX {
            return wrong("orders", "a day has at most 2000 orders");
        }
        if !(1..=SCANNERS_MAX).contains(&self.scanners.len()) {
            return wrong("scanners", "a department has 1 to 16 scanners");
        }
        if !(0..=250_000_000_000).contains(&self.start) {
            return wrong("start", "a day lies between 1970 and 9892");
        }
        Ok(())
    }
}

/// A day.
#[derive(Clone, PartialEq, Eq)]
pub struct Day {
    /// What is delivered, in this order.
    pub messages: Vec<Timed>,
    /// What the scanners do, in the order of their beginnings.
    pub scans: Vec<Scan>,
    /// Every order and what becomes of it.
    pub orders: Vec<Ordered>,
}

/// A message and when it is delivered.
#[derive(Clone, PartialEq, Eq)]
pub struct Timed {
    /// When, in seconds since 1970 UTC.
    pub at: i64,
    /// The message, without a frame.
    pub message: Vec<u8>,
    /// What went wrong on its way.
    pub trouble: Trouble,
}

/// What went wrong on the way of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// Nothing.
    None,
    /// The same bytes came before.
    Duplicate,
    /// The same content came before, under another control id.
    SentAgain,
    /// It comes later than it was written.
    Late,
    /// It tells of an arrival, and the order of that patient came before it.
    AfterItsOrder,
}

/// A scan, as the scanner would tell of it by MPPS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Accession Number.
    pub accession: String,
    /// Scheduled Procedure Step ID.
    pub step_id: String,
    /// Study Instance UID.
    pub study_uid: String,
    /// The number of the patient at its beginning.
    pub patient_id: String,
    /// AE title of the scanner.
    pub scanner: String,
    /// When it begins.
    pub started: i64,
    /// When it ends.
    pub ended: i64,
    /// Whether it was discontinued, rather than completed.
    pub discontinued: bool,
    /// Its N-CREATE gets lost.
    pub start_lost: bool,
    /// Its N-SET gets lost.
    pub end_lost: bool,
}

/// An order and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered {
    /// ORC-2.
    pub placer: String,
    /// Its accession number.
    pub accession: String,
    /// The number of its patient in the end.
    pub patient_id: String,
    /// Whose order it is.
    pub class: PatientClass,
    /// When it was placed.
    pub ordered: i64,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// Scanned, and reported for good.
    Reported,
    /// The scan was begun and not completed.
    Discontinued,
    /// Cancelled.
    Cancelled,
    /// The patient did not come.
    NoShow,
}

/// The applications of a day, and their facility: who has to be allowed to send.
pub fn day_senders() -> [(&'static str, &'static str); 4] {
    [System::Register, System::Ordering, System::Booking, System::Reporting]
        .map(|system| (system.name(), FACILITY))
}

/// A message as it was written.
struct Sent {
    at: i64,
    message: Vec<u8>,
    header: Header,
    body: Body,
}

/// The day of that seed.
///
/// # Errors
/// [`Hl7Error::Setting`] for settings of no day; [`Hl7Error::Unwritable`] for a scanner that has no
/// AE title.
pub fn day(seed: u64, settings: &DaySettings) -> Result<Day, Hl7Error> {
    settings.check()?;
    let mut draw = Draw::new(seed);
    let cases = plan::plan(&mut draw, settings);
    let mut teller = Teller::new(settings);
    let (mut scans, mut orders) = (Vec::new(), Vec::new());
    for case in &cases {
        let numbers = Numbers::of(case, settings, seed);
        teller.case(&mut draw, case, &numbers)?;
        scans.extend(scan(&mut draw, case, &numbers, settings));
        orders.push(ordered(case, numbers));
    }
    scans.sort_by_key(|scan| (scan.started, scan.accession.clone()));
    let messages = deliver(&mut draw, teller)?;
    Ok(Day { messages, scans, orders })
}

fn scan(draw: &mut Draw, case: &Case, numbers: &Numbers, settings: &DaySettings) -> Option<Scan> {
    let (scanner, started, ended) = case.scan?;
    Some(Scan {
        accession: numbers.accession.clone(),
        step_id: numbers.step_id.clone(),
        study_uid: numbers.study_uid.clone(),
        patient_id: number(case.known_at(started)),
        scanner: settings.scanners.get(scanner)?.clone(),
        started,
        ended,
        discontinued: case.discontinued,
        start_lost: draw.often(settings.lost_mpps_per_mille),
        end_lost: draw.often(settings.lost_mpps_per_mille),
    })
}

fn ordered(case: &Case, numbers: Numbers) -> Ordered {
    let fate = match case.scan {
        _ if case.cancelled.is_some() => Fate::Cancelled,
        _ if case.absent => Fate::NoShow,
        Some(_) if case.discontinued => Fate::Discontinued,
        _ => Fate::Reported,
    };
    Ordered {
        placer: numbers.placer,
        accession: numbers.accession,
        patient_id: number(&case.patient),
        class: case.class,
        ordered: case.ordered,
        fate,
    }
}

fn number(patient: &crate::Patient) -> String {
    patient.identifier().map(|one| one.id.clone()).unwrap_or_default()
}

/// Puts the messages in the order of their delivery, and disturbs it.
fn deliver(draw: &mut Draw, mut teller: Teller<'_>) -> Result<Vec<Timed>, Hl7Error> {
    let settings = teller.settings;
    let written = std::mem::take(&mut teller.messages);
    let mut messages = Vec::with_capacity(written.len());
    // An order that is to come before an arrival is not late besides.
    let mut early = false;
    for (index, sent) in written.iter().enumerate() {
        let (mut at, mut trouble) = (sent.at, Trouble::None);
        let order = written.get(index + 1).filter(|next| {
            // Who is not known yet has a number that is soon lost.
            let known = |admission: &crate::Admission| admission.patient.born.is_some();
            matches!(&sent.body, Body::Admission(admission) if known(admission))
                && matches!(next.body, Body::Orders(_))
        });
        let was_early = std::mem::take(&mut early);
        if let Some(order) = order.filter(|order| order.at > at) {
            if draw.often(settings.early_orders_per_mille) {
                (at, trouble) = (order.at + draw.between(20, 300), Trouble::AfterItsOrder);
                early = true;
            }
        } else if draw.often(settings.late_per_mille) && !was_early {
            (at, trouble) = (at + draw.minutes(10, 120), Trouble::Late);
        }
        messages.push(Timed { at, message: sent.message.clone(), trouble });
        if draw.often(settings.duplicated_per_mille) {
            let later = at + draw.between(5, 300);
            if draw.often(500) {
                let message = sent.message.clone();
                messages.push(Timed { at: later, message, trouble: Trouble::Duplicate });
            } else {
                teller.again(sent, later)?;
            }
        }
    }
    let again = teller.messages.into_iter();
    messages.extend(again.map(|sent| Timed {
        at: sent.at,
        message: sent.message,
        trouble: Trouble::SentAgain,
    }));
    // A stable sort: what was written first comes first within a second.
    messages.sort_by_key(|timed| timed.at);
    Ok(messages)
}
