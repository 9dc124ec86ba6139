//! What appointments do to the board.

use cauda_hl7::{Appointment, AppointmentEvent, Code, Control, Order, Patient, Refused};
use cauda_scans::{Action, Kind, Request, Scan};

use super::{Board, Message, never, text};
use crate::hl7::numbers::{Named, sent_by, source_of, unsaid};
use crate::hl7::request::{self, Site};
use crate::hl7::tell::{APPOINTMENT, is_booking};

impl Board {
    pub(super) async fn appointment(
        &self,
        message: &mut Message<'_>,
        one: &Appointment,
    ) -> Result<(), Refused> {
        let booking = one.filler.as_ref().or(one.placer.as_ref()).map(request::number);
        let booking = format!("{APPOINTMENT}{}", booking.unwrap_or_default());
        let patient = self.whose(one.patient.as_ref()).await?;
        let known = self.find(&Named {
            placer: one.order.as_ref(),
            filler: None,
            accession: None,
            sender: message.from(),
            patient: one.patient.as_ref(),
        })?;
        let known = known.or_else(|| self.of_source(&booking));
        if let Some(known) = &known {
            self.same_patient(known, one.patient.as_ref()).await?;
            if one.patient.is_none() && !sent_by(known, message.from()) {
                return Err(unsaid());
            }
        }
        let known = known.or_else(|| self.unbooked(patient.as_ref()));
        // A day is a date: from its first moment here.
        let start = one.start.and_then(|start| start.from_day());
        let ends = matches!(one.event, AppointmentEvent::Cancelled | AppointmentEvent::NoShow);
        let Some(known) = known else {
            if ends || patient.is_none() {
                return Ok(());
            }
            if start.is_none() {
                return Err(undated());
            }
            let mut order = Order::new(Control::New);
            (order.service, order.start) = (one.service.clone(), one.start);
            let placer = one.order.as_ref().map(request::number).unwrap_or(booking);
            let site = Site {
                services: &self.services,
                catalogue: self.list.catalogue(),
                guideline: self.list.department().guideline(),
            };
            let about = request::about(patient.as_ref(), one.visit.as_ref(), None);
            let (from, now) = (&message.inbound.header.sender, message.now);
            let for_it = (text(&placer)?, now);
            let visit = one.visit.as_ref();
            let mut wanted = request::of_order(&site, &order, about, visit, from, None, for_it);
            wanted.numbers.patient_authority = request::patient_authority(patient.as_ref(), None);
            wanted.kind = Kind::Outpatient;
            (wanted.tier, wanted.deadline) = (Kind::Outpatient.tier(), None);
            wanted.not_before = start;
            self.request(message, None, wanted).await?;
            return Ok(());
        };
        let Some(request) = known.request.clone().filter(|_| !known.has_left()) else {
            return Ok(());
        };
        if request.kind != Kind::Outpatient {
            return Ok(());
        }
        let words = match one.event {
            AppointmentEvent::NoShow => "did not come to the appointment",
            _ => "the appointment was cancelled",
        };
        if ends && is_booking(&request.source) {
            return self.act(message, &known.id, Action::Cancel { reason: text(words)? }).await;
        }
        if ends {
            let action = self.held(message, words)?;
            return self.act(message, &known.id, action).await;
        }
        if one.start.is_some() && start.is_none() {
            return Err(undated());
        }
        // Whoever is urgent waits for no date.
        let dated = request.tier == Kind::Outpatient.tier();
        let not_before = start.filter(|_| dated).or(request.not_before);
        let wanted = Request { not_before, ..request };
        self.act(message, &known.id, Action::Request(Box::new(wanted))).await
    }

    pub(super) fn of_source(&self, placer: &str) -> Option<Scan> {
        self.list.scans().into_iter().find(|scan| source_of(scan) == Some(placer))
    }

    /// An appointment of the patient that no order came for yet.
    pub(super) fn booked(&self, patient: Option<&Patient>) -> Option<Scan> {
        self.only(patient, |request| is_booking(&request.source))
    }

    /// An order of the patient that has no appointment yet.
    pub(super) fn unbooked(&self, patient: Option<&Patient>) -> Option<Scan> {
        self.only(patient, |request| {
            request.kind == Kind::Outpatient && request.not_before.is_none()
        })
    }

    /// The order of a patient of which that is so, if there is one alone.
    pub(super) fn only(
        &self,
        patient: Option<&Patient>,
        is: impl Fn(&Request) -> bool,
    ) -> Option<Scan> {
        let number = patient?.identifier()?;
        let of = self.of_patient(&number.id, number.authority.as_ref());
        let mut fitting = of.into_iter().filter(|scan| scan.request.as_ref().is_some_and(&is));
        match (fitting.next(), fitting.next()) {
            (only, None) => only,
            _ => None,
        }
    }
}

pub(super) fn undated() -> Refused {
    never(Code::RequiredField, "the appointment does not say on which day, in SCH-11 or AIS-4")
}
