//! The messages that tell of a case, by four systems: who registers, who orders, who books and
//! who reports.

use super::draw::Draw;
use super::plan::Case;
use super::{DaySettings, Form, Sent};
use crate::inbound::{Admission, Orders, Reports};
use crate::{
    AdmissionEvent, Appointment, AppointmentEvent, Body, Coded, Control, Critical, EntityId,
    Header, Hl7Error, Merge, Observation, Order, Party, Patient, PatientClass, Report, Stage, Step,
    Version, When, write,
};

/// The facility of all four.
pub(super) const FACILITY: &str = "GENERAL";

/// Who sends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum System {
    Register,
    Ordering,
    Booking,
    Reporting,
}

impl System {
    pub(super) fn name(self) -> &'static str {
        match self {
            System::Register => "SYNREG",
            System::Ordering => "SYNEHR",
            System::Booking => "SYNBOOK",
            System::Reporting => "SYNRIS",
        }
    }

    fn letter(self) -> char {
        match self {
            System::Register => 'R',
            System::Ordering => 'E',
            System::Booking => 'B',
            System::Reporting => 'I',
        }
    }
}

/// Writes messages and numbers them.
pub(super) struct Teller<'s> {
    pub(super) settings: &'s DaySettings,
    pub(super) messages: Vec<Sent>,
    number: usize,
}

/// The numbers of one case.
pub(super) struct Numbers {
    pub(super) placer: String,
    pub(super) accession: String,
    pub(super) step_id: String,
    pub(super) study_uid: String,
}

impl Numbers {
    pub(super) fn of(case: &Case, settings: &DaySettings, seed: u64) -> Numbers {
        let (day, number) = (settings.day_number(), case.number);
        let mut draw = Draw::new(seed ^ u64::try_from(number).unwrap_or(0).rotate_left(32));
        // A UUID as a number, with its version and variant (RFC 9562).
        let bits = (u128::from(draw.next()) << 64) | u128::from(draw.next());
        let bits = bits & !(0xf << 76) | (4 << 76);
        let bits = bits & !(3 << 62) | (2 << 62);
        Numbers {
            placer: format!("SYNP{day}-{number:04}"),
            accession: format!("SYNA{day}{number:04}"),
            step_id: format!("SYNS{day}{number:04}"),
            study_uid: format!("2.25.{bits}"),
        }
    }

    fn placer(&self) -> Option<EntityId> {
        Some(EntityId { id: self.placer.clone(), authority: None })
    }
}

impl<'s> Teller<'s> {
    pub(super) fn new(settings: &'s DaySettings) -> Teller<'s> {
        Teller { settings, messages: Vec::new(), number: 0 }
    }

    fn header(&mut self, system: System, at: i64) -> Header {
        self.number += 1;
        let (day, number) = (self.settings.day_number(), self.number);
        let control_id = format!("{}{day}{number:06}", system.letter());
        let sender = Party::named(system.name(), FACILITY);
        let header = Header::new(sender, Party::named("CAUDA", "ED"), at, &control_id);
        let header = Header { charset: self.settings.charset.clone(), ..header };
        match self.settings.form {
            Form::Omi => header.omi(),
            // Before 2.4 a booking could not name its order.
            Form::Orm if system == System::Booking => header.orm(),
            Form::Orm => Header { version: Some(Version::V2_3_1), ..header.orm() },
        }
    }

    fn tell(&mut self, system: System, at: i64, body: Body) -> Result<(), Hl7Error> {
        let header = self.header(system, at);
        self.write(at, &header, &body)
    }

    fn write(&mut self, at: i64, header: &Header, body: &Body) -> Result<(), Hl7Error> {
        let message = write(header, body, &self.settings.zone)?;
        let (header, body) = (header.clone(), body.clone());
        self.messages.push(Sent { at, message, header, body });
        Ok(())
    }

    /// Again, as a person would: under a new control id.
    pub(super) fn again(&mut self, sent: &Sent, at: i64) -> Result<(), Hl7Error> {
        self.number += 1;
        let (day, number) = (self.settings.day_number(), self.number);
        let control_id = format!("Z{day}{number:06}");
        let at_time = Some(When::second(at));
        let header = Header { control_id, at: at_time, ..sent.header.clone() };
        self.write(at, &header, &sent.body)
    }

    /// All messages of a case.
    pub(super) fn case(
        &mut self,
        draw: &mut Draw,
        case: &Case,
        numbers: &Numbers,
    ) -> Result<(), Hl7Error> {
        self.booking(case, numbers)?;
        if !case.absent {
            let event = match case.class {
                PatientClass::Inpatient => AdmissionEvent::Admitted,
                _ => AdmissionEvent::Registered,
            };
            if case.cancelled.is_none() || case.class != PatientClass::Outpatient {
                self.admission(case, event, case.arrives)?;
            }
        }
        self.ordering(draw, case, numbers)?;
        if let Some((patient, at)) = &case.unknown {
            let merge = Merge { kept: bare(&case.patient), lost: patient.identifiers.clone() };
            self.tell(System::Register, *at, Body::Merges(vec![merge]))?;
            self.admission(case, AdmissionEvent::Updated, at + 20)?;
        }
        let stays = case.class == PatientClass::Inpatient;
        match (case.scan, case.cancelled) {
            (Some((_, _, ended)), _) if case.discontinued => {
                let order = self.order(case, numbers, Control::DiscontinuedByFiller);
                self.orders(System::Reporting, case, ended + 120, order)?;
                let leaves = ended + draw.minutes(30, 120);
                if stays {
                    Ok(())
                } else {
                    self.admission(case, AdmissionEvent::Discharged, leaves)
                }
            }
            (Some((_, _, ended)), _) => self.reporting(draw, case, numbers, ended),
            (None, Some(at)) if case.class == PatientClass::Emergency => {
                let leaves = at + draw.minutes(160, 240);
                self.admission(case, AdmissionEvent::Discharged, leaves)
            }
            _ => Ok(()),
        }
    }

    fn admission(&mut self, case: &Case, event: AdmissionEvent, at: i64) -> Result<(), Hl7Error> {
        let patient = case.known_at(at).clone();
        let occurred = Some(When::second(at));
        let visit = Some(case.visit.clone());
        let admission = Admission { event, occurred, recorded: occurred, patient, visit };
        self.tell(System::Register, at, Body::Admission(Box::new(admission)))
    }

    fn booking(&mut self, case: &Case, numbers: &Numbers) -> Result<(), Hl7Error> {
        let Some(slot) = case.slot else { return Ok(()) };
        let begin = self.settings.start;
        let booked = case.ordered - 30;
        let first = case.moved_from.unwrap_or(slot);
        self.appointment(case, numbers, AppointmentEvent::Booked, booked.max(begin), first)?;
        if case.moved_from.is_some() {
            self.appointment(case, numbers, AppointmentEvent::Moved, case.ordered + 60, slot)?;
        }
        if let Some(at) = case.cancelled {
            self.appointment(case, numbers, AppointmentEvent::Cancelled, at + 5, slot)?;
        } else if case.absent {
            self.appointment(case, numbers, AppointmentEvent::NoShow, slot + 1_200, slot)?;
        }
        Ok(())
    }

    fn appointment(
        &mut self,
        case: &Case,
        numbers: &Numbers,
        event: AppointmentEvent,
        at: i64,
        slot: i64,
    ) -> Result<(), Hl7Error> {
        let id = |id: String| Some(EntityId { id, authority: None });
        let scanners = &self.settings.scanners;
        let scanner = scanners.get(case.number.checked_rem(scanners.len()).unwrap_or(0)).cloned();
        let resource = Coded { code: scanner, ..Coded::default() };
        let appointment = Appointment {
            event,
            placer: id(format!("SYNB{}{:04}", self.settings.day_number(), case.number)),
            filler: None,
            order: numbers.placer(),
            patient: Some(bare(&case.patient)),
            visit: None,
            start: Some(When::second(slot)),
            minutes: u32::try_from(case.minutes).ok(),
            reason: None,
            service: Some(case.exam.coded()),
            resources: vec![resource],
            location: None,
            status: None,
        };
        self.tell(System::Booking, at, Body::Appointment(Box::new(appointment)))
    }

    fn ordering(
        &mut self,
        draw: &mut Draw,
        case: &Case,
        numbers: &Numbers,
    ) -> Result<(), Hl7Error> {
        let mut order = self.order(case, numbers, Control::New);
        if draw.often(700) {
            order.observations.push(weight(draw));
        }
        self.orders(System::Ordering, case, case.ordered, order.clone())?;
        let gone = |at: i64| case.cancelled.is_some_and(|cancelled| cancelled <= at);
        if let Some(at) = case.changed.filter(|at| !gone(*at)) {
            let change = Order {
                control: Control::Change,
                transport: Some("CART".to_string()),
                notes: vec!["The patient cannot walk.".to_string()],
                ..order
            };
            self.orders(System::Ordering, case, at, change)?;
        }
        if let Some(at) = case.cancelled {
            let cancel = self.order(case, numbers, Control::Cancel);
            self.orders(System::Ordering, case, at, cancel)?;
        } else if let (true, Some(slot)) = (case.absent, case.slot) {
            let cancel = self.order(case, numbers, Control::Cancel);
            self.orders(System::Ordering, case, slot + 1_260, cancel)?;
        }
        Ok(())
    }

    fn order(&self, case: &Case, numbers: &Numbers, control: Control) -> Order {
        let text = |text: &str| Some(text.to_string());
        let step = Step {
            accession: Some(numbers.accession.clone()),
            procedure_id: Some(numbers.accession.replace("SYNA", "SYNQ")),
            study_uid: Some(numbers.study_uid.clone()),
            step_id: Some(numbers.step_id.clone()),
            modality: text("MR"),
            ..Step::default()
        };
        Order {
            placer: numbers.placer(),
            priority: Some(case.priority),
            placed: Some(When::second(case.ordered)),
            start: case.slot.map(When::second),
            service: Some(case.exam.coded()),
            clinical_information: text(case.exam.reason),
            steps: vec![step],
            ..Order::new(control)
        }
    }

    fn orders(
        &mut self,
        system: System,
        case: &Case,
        at: i64,
        order: Order,
    ) -> Result<(), Hl7Error> {
        let patient = Some(case.known_at(at).clone());
        let orders = Orders { patient, visit: Some(case.visit.clone()), orders: vec![order] };
        self.tell(system, at, Body::Orders(Box::new(orders)))
    }

    fn reporting(
        &mut self,
        draw: &mut Draw,
        case: &Case,
        numbers: &Numbers,
        ended: i64,
    ) -> Result<(), Hl7Error> {
        let critical = draw.often(case.exam.critical_per_mille);
        let preliminary = ended + draw.minutes(6, 30);
        let last = preliminary + draw.minutes(15, 150);
        let emergency = case.class == PatientClass::Emergency;
        if emergency {
            self.report(case, numbers, preliminary, Stage::Preliminary, critical)?;
        }
        self.report(case, numbers, last, Stage::Final, critical)?;
        let corrected = draw.often(30).then(|| last + draw.minutes(10, 90));
        if let Some(at) = corrected {
            self.report(case, numbers, at, Stage::Corrected, true)?;
        }
        let leaves = corrected.unwrap_or(last) + draw.minutes(10, 120);
        match case.class {
            PatientClass::Inpatient => Ok(()),
            // What is critical stays in the house.
            PatientClass::Emergency if critical || corrected.is_some() => {
                self.admission(case, AdmissionEvent::Admitted, leaves)
            }
            _ => self.admission(case, AdmissionEvent::Discharged, leaves),
        }
    }

    fn report(
        &mut self,
        case: &Case,
        numbers: &Numbers,
        at: i64,
        stage: Stage,
        critical: bool,
    ) -> Result<(), Hl7Error> {
        let report = Report {
            placer: numbers.placer(),
            filler: None,
            accession: Some(numbers.accession.clone()),
            study_uid: Some(numbers.study_uid.clone()),
            service: Some(case.exam.coded()),
            at: Some(When::second(at)),
            stage,
            critical: if critical { Critical::Marked } else { Critical::NotMarked },
        };
        let patient = Some(bare(case.known_at(at)));
        let reports = Reports { patient, visit: None, reports: vec![report] };
        self.tell(System::Reporting, at, Body::Reports(Box::new(reports)))
    }
}

impl Case {
    /// The patient as the house knows them then.
    pub(super) fn known_at(&self, at: i64) -> &Patient {
        match &self.unknown {
            Some((unknown, until)) if at < *until => unknown,
            _ => &self.patient,
        }
    }
}

/// Merges, bookings and reports have no place for allergies.
fn bare(patient: &Patient) -> Patient {
    Patient { allergies: Vec::new(), ..patient.clone() }
}

fn weight(draw: &mut Draw) -> Observation {
    let text = |text: &str| Some(text.to_string());
    Observation {
        what: Coded {
            code: text("29463-7"),
            text: text("Body weight"),
            system: text("LN"),
            ..Coded::default()
        },
        value: Some(draw.between(48, 118).to_string()),
        unit: text("kg"),
    }
}
