//! Appointments: SCH, AIS, AIG and AIL of SIU (HL7 v2.5.1 chapter 10). They show the planned
//! load that an emergency displaces.

use crate::data_types::{Coded, EntityId, Location, masked};
use crate::flag::Odd;
use crate::header::table;
use crate::structure::{Gather, Segment};
use crate::writing::Line;
use crate::{Code, Delimiters, Patient, Reject, Visit, When};

/// Most resources of an appointment.
const RESOURCES_MAX: usize = 32;
/// Longest appointment, in minutes: a week.
const MINUTES_MAX: u32 = 10_080;

/// An appointment.
#[derive(Clone, PartialEq, Eq)]
pub struct Appointment {
    /// What became of it.
    pub event: AppointmentEvent,
    /// SCH-1.
    pub placer: Option<EntityId>,
    /// SCH-2.
    pub filler: Option<EntityId>,
    /// SCH-26.
    pub order: Option<EntityId>,
    /// PID; a block without a patient has none.
    pub patient: Option<Patient>,
    /// PV1.
    pub visit: Option<Visit>,
    /// SCH-11, else AIS-4.
    pub start: Option<When>,
    /// SCH-9 with SCH-10, else from SCH-11, else AIS-7 with AIS-8.
    pub minutes: Option<u32>,
    /// SCH-7.
    pub reason: Option<Coded>,
    /// AIS-3.
    pub service: Option<Coded>,
    /// AIG-3, such as the scanner.
    pub resources: Vec<Coded>,
    /// AIL-3.
    pub location: Option<Location>,
    /// SCH-25: the code, HL7 table 0278, as it stands.
    pub status: Option<String>,
}

masked!(Appointment);

/// The event of an SIU message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AppointmentEvent {
    /// `S12`: booked.
    Booked,
    /// `S13`: moved to another time.
    Moved,
    /// `S14`: changed otherwise.
    Changed,
    /// `S15`: cancelled.
    Cancelled,
    /// `S26`: the patient did not come.
    NoShow,
}

table!(AppointmentEvent, "S12" => Booked, "S13" => Moved, "S14" => Changed, "S15" => Cancelled,
    "S26" => NoShow);

impl Appointment {
    /// SCH, which begins it.
    pub(crate) fn begin(
        event: AppointmentEvent,
        sch: &Segment<'_>,
        gather: &mut Gather<'_>,
    ) -> Result<Appointment, Reject> {
        let (placer, filler) = (EntityId::read(&sch.parts(1)), EntityId::read(&sch.parts(2)));
        if placer.is_none() && filler.is_none() {
            let why = "the appointment has no number";
            return Err(Reject::new(Code::RequiredField, Some(sch.place(1)), why));
        }
        let start = gather.time(sch, 11, 4);
        let minutes = minutes(sch, 9, gather).or_else(|| {
            let (start, end) = (start?, gather.time(sch, 11, 5)?);
            let whole = start.is_exact() && end.is_exact();
            let minutes = (end.earliest.checked_sub(start.earliest)?).checked_div(60)?;
            u32::try_from(minutes).ok().filter(|minutes| whole && *minutes <= MINUTES_MAX)
        });
        Ok(Appointment {
            event,
            placer,
            filler,
            order: EntityId::read(&sch.parts(26)),
            patient: None,
            visit: None,
            start,
            minutes,
            reason: Coded::read(&sch.parts(7)),
            service: None,
            resources: Vec::new(),
            location: None,
            status: sch.text(25),
        })
    }

    /// A segment after SCH.
    pub(crate) fn add(
        &mut self,
        segment: &Segment<'_>,
        gather: &mut Gather<'_>,
    ) -> Result<(), Reject> {
        match segment.name() {
            "PID" => self.patient = Some(Patient::read(segment, gather)?),
            "PV1" => self.visit = Some(Visit::read(segment, gather)),
            "AIS" => {
                self.service = self.service.take().or_else(|| Coded::read(&segment.parts(3)));
                if self.start.is_none() {
                    self.start = gather.time(segment, 4, 1);
                }
                self.minutes = self.minutes.or_else(|| minutes(segment, 7, gather));
            }
            "AIG" if self.resources.len() >= RESOURCES_MAX => {
                gather.flag(segment.place(0), Odd::Many);
            }
            "AIG" => self.resources.extend(Coded::read(&segment.parts(3))),
            "AIL" => {
                self.location = self.location.take().or_else(|| Location::read(&segment.parts(3)));
            }
            _ => {}
        }
        Ok(())
    }

    /// What an appointment cannot do without.
    pub(crate) fn check(&self, sch: &Segment<'_>) -> Result<(), Reject> {
        let timed = matches!(self.event, AppointmentEvent::Booked | AppointmentEvent::Moved);
        if timed && self.start.is_none() {
            let why = "the appointment does not say when, in SCH-11 or AIS-4";
            return Err(Reject::new(Code::RequiredField, Some(sch.place(11)), why));
        }
        Ok(())
    }

    pub(crate) fn write(&self, delimiters: Delimiters, zone: &jiff::tz::TimeZone) -> Vec<Line> {
        let start = self.start.and_then(|start| start.write(zone));
        let mut sch = Line::new("SCH", delimiters);
        for (field, id) in [(1, &self.placer), (2, &self.filler), (26, &self.order)] {
            if let Some(id) = id {
                sch.one(field, |out| id.write(out));
            }
        }
        // Why the appointment changed, and who to ask: required, and unknown here.
        sch.set(6, self.event.code().to_string());
        sch.set(16, "SYSTEM".to_string());
        sch.set(20, "SYSTEM".to_string());
        if let Some(reason) = &self.reason {
            sch.one(7, |out| reason.write(out));
        }
        if let Some(minutes) = self.minutes {
            sch.set(9, minutes.to_string());
            sch.set(10, "MIN".to_string());
        }
        sch.one(11, |out| out.text(4, &start));
        sch.option(25, self.status.as_deref());
        let mut lines = vec![sch];
        if let Some(patient) = &self.patient {
            lines.extend(patient.write(delimiters, zone));
        }
        lines.extend(self.visit.as_ref().map(|visit| visit.write(delimiters, zone)));
        let mut rgs = Line::new("RGS", delimiters);
        rgs.set(1, "1".to_string());
        lines.push(rgs);
        if let Some(service) = &self.service {
            let mut ais = Line::new("AIS", delimiters);
            ais.set(1, "1".to_string());
            ais.one(3, |out| service.write(out));
            lines.push(ais);
        }
        for (at, resource) in self.resources.iter().enumerate() {
            let mut aig = Line::new("AIG", delimiters);
            aig.set(1, (at + 1).to_string());
            aig.one(3, |out| resource.write(out));
            aig.set(4, "EQUIPMENT".to_string());
            lines.push(aig);
        }
        if let Some(location) = &self.location {
            let mut ail = Line::new("AIL", delimiters);
            ail.set(1, "1".to_string());
            ail.one(3, |out| location.write(out));
            lines.push(ail);
        }
        lines
    }
}

/// A number in one field, its unit in the next. Without a unit it could be anything.
fn minutes(segment: &Segment<'_>, field: usize, gather: &mut Gather<'_>) -> Option<u32> {
    let text = segment.text(field)?;
    let unit = segment.text(field + 1).unwrap_or_default().to_ascii_lowercase();
    let found = text.parse::<u32>().ok().and_then(|number| match unit.as_str() {
        "min" | "m" | "mins" | "minutes" | "minute" => Some(number),
        "h" | "hr" | "hour" | "hours" => number.checked_mul(60),
        "s" | "sec" | "seconds" => Some(number.div_ceil(60)),
        _ => None,
    });
    let found = found.filter(|minutes| *minutes <= MINUTES_MAX);
    if found.is_none() {
        gather.flag(segment.place(field), Odd::Number);
    }
    found
}
