//! What orders, their changes and their reports do to the board.

use cauda_hl7::{
    Code, Control, Critical, Order, OrderStatus, Orders, Patient, PatientClass, Refused, Report,
    Stage, When,
};
use cauda_pathway::identity::Actor;
use cauda_scans::{About, Action, Placed, Request, Scan, Source, Will};

use super::people::another;
use super::{
    Board, CANCELLED, CANCELLED_SECONDS, HOLD_SECONDS, LATEST, Message, never, refused, text,
};
use crate::hl7::numbers::{Named, contradicts};
use crate::hl7::request::{self, Site};
use crate::hl7::tell::is_booking;

impl Board {
    pub(super) async fn orders(
        &self,
        message: &mut Message<'_>,
        orders: &Orders,
    ) -> Result<(), Refused> {
        for order in &orders.orders {
            let modalities = || order.steps.iter().filter_map(|step| step.modality.as_deref());
            // Another modality's order on the same line is none of the board's.
            if modalities().next().is_some() && !modalities().any(|one| one == "MR") {
                continue;
            }
            let patient = orders.patient.as_ref();
            let placer = order.placer.as_ref().or(order.filler.as_ref());
            let Some(placer) = placer.map(request::number) else {
                return Err(never(Code::RequiredField, "the order has no number, ORC-2 or ORC-3"));
            };
            match order.control {
                Control::New
                | Control::Replacement
                | Control::Child
                | Control::Change
                | Control::Replace
                | Control::ChangedByFiller
                | Control::NumberAssigned => self.put(message, orders, order).await?,
                Control::Cancel
                | Control::Discontinue
                | Control::CancelledByFiller
                | Control::DiscontinuedByFiller => {
                    self.cancel(message, patient, order, &placer).await?
                }
                Control::Hold => self.hold(message, patient, order, true).await?,
                Control::Release => self.hold(message, patient, order, false).await?,
                Control::StatusChanged | Control::StatusSent => {
                    self.status(message, patient, order, &placer).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The order that a message is about, if the board knows it; of the same patient.
    pub(super) async fn known(
        &self,
        message: &Message<'_>,
        patient: Option<&Patient>,
        order: &Order,
    ) -> Result<Option<Scan>, Refused> {
        let found = self.find(&Named::of(order, message.from(), patient))?;
        if let Some(found) = &found {
            self.same_patient(found, patient).await?;
            self.may_change(found, order, &Named::of(order, message.from(), patient))?;
        }
        Ok(found)
    }

    /// An order that is new, or is wanted otherwise.
    pub(super) async fn put(
        &self,
        message: &mut Message<'_>,
        orders: &Orders,
        order: &Order,
    ) -> Result<(), Refused> {
        let patient = orders.patient.as_ref();
        let begins = matches!(order.control, Control::New | Control::Replacement | Control::Child);
        let known = match begins {
            true => self.find_begun(&Named::of(order, message.from(), patient))?,
            false => self.known(message, patient, order).await?,
        };
        if let Some(known) = &known {
            self.same_patient(known, patient).await?;
        }
        // A booking is an order from home; an emergency of the same patient is another order.
        let home = orders.visit.as_ref().and_then(|visit| visit.class).is_some_and(|class| {
            matches!(class, PatientClass::Outpatient | PatientClass::Preadmit)
        });
        let booked = || self.booked(patient).filter(|_| home);
        let known = known.or_else(booked);
        if let Some(known) = known.as_ref().filter(|known| known.has_left()) {
            let scanned = known.times.1.is_some();
            // What is wanted after the scan is another scan, and nobody may miss it.
            let after = known.left_at().is_some_and(|left| message.at().latest > left);
            let wants = begins || matches!(order.control, Control::Change | Control::Replace);
            if (begins && !scanned) || (wants && after) {
                let why = "an order of this number has left the list; give it a new number";
                return Err(never(Code::UnknownKey, why));
            }
            return Ok(());
        }
        let before = known.as_ref().and_then(|known| known.request.as_ref());
        let told_of = !begins && self.is_told(message.from());
        if before.is_none() && order.control == Control::NumberAssigned && told_of {
            // A number for what the board never told it of orders nothing.
            return Ok(());
        }
        if before.is_none() && (patient.is_none() || told_of) {
            let why = match told_of {
                true => "the order is not known here, and who was told of it orders none by this",
                false => "the order is not known here, and the message does not say whose it is",
            };
            return Err(never(Code::UnknownKey, why));
        }
        let told = self.whose(patient).await?;
        let about = request::about(told.as_ref(), orders.visit.as_ref(), before.map(|b| &b.about));
        if before.is_some_and(|before| contradicts(&before.about, &about)) {
            return Err(another());
        }
        let of_visit = |before: &Request| matches!(before.source, Source::Visit { .. });
        if before.is_some_and(of_visit) {
            return Ok(());
        }
        let wanted = self.wanted(message, orders, order, told.as_ref(), about, before)?;
        // What was written before what is known already changes nothing, but nobody may miss that
        // it was more urgent.
        if let Some(known) = &known
            && self.is_old(message, &known.id).await?
        {
            return match before.is_some_and(|before| wanted.tier > before.tier) {
                true => Err(never(
                    Code::Internal,
                    "it is older than what is known of the order, and asks for more",
                )),
                false => Ok(()),
            };
        }
        let id = self.request(message, known.as_ref(), wanted).await?;
        let (key, at) = (message.key(&id), message.at());
        message.done.note(LATEST, &key, &format!("{} {}", at.earliest, at.latest));
        if begins && known.is_none() && self.is_cancelled(message, order).await? {
            let sender = &message.sender;
            let reason = text(&format!("cancelled by {sender} before the order came"))?;
            self.act(message, &id, Action::Cancel { reason }).await?;
        }
        Ok(())
    }

    /// An order as it is wanted now.
    pub(super) fn wanted(
        &self,
        message: &Message<'_>,
        orders: &Orders,
        order: &Order,
        told: Option<&Patient>,
        about: About,
        before: Option<&Request>,
    ) -> Result<Request, Refused> {
        let site = Site {
            services: &self.services,
            catalogue: self.list.catalogue(),
            guideline: self.list.department().guideline(),
        };
        let (from, visit) = (message.from(), orders.visit.as_ref());
        let placer = order.placer.as_ref().or(order.filler.as_ref());
        let placer = placer.map(|placer| self.number_kept(placer, from)).unwrap_or_default();
        let placer = text(&placer)?;
        // Who booked a date for an order that had not come placed none.
        let mut before = before.cloned();
        if let Some(booking) = before.as_mut().filter(|before| is_booking(&before.source)) {
            booking.source = Source::Hl7 { placer: placer.clone() };
            booking.numbers.placed = Some(request::placed(order, from));
        }
        let nobody = |placed: &Placed| placed.number.is_none() && order.placer.is_some();
        let begins = matches!(order.control, Control::New | Control::Replacement | Control::Child);
        if let Some(booking) = before.as_mut().filter(|before| {
            let of_hl7 = matches!(before.source, Source::Hl7 { .. });
            begins && of_hl7 && before.numbers.placed.as_ref().is_some_and(nobody)
        }) {
            booking.numbers.placed = Some(request::placed(order, from));
        }
        let (before, for_it) = (before.as_ref(), (placer, message.now));
        let mut wanted = request::of_order(&site, order, about, visit, from, before, for_it);
        wanted.numbers.patient_authority = request::patient_authority(told, before);
        Ok(wanted)
    }

    /// Whether what its sender said last of that order was written later.
    pub(super) async fn is_old(&self, message: &Message<'_>, id: &str) -> Result<bool, Refused> {
        let latest = self.note(LATEST, &message.key(id)).await?;
        let latest = latest.and_then(|latest| {
            let (earliest, latest) = latest.split_once(' ')?;
            let (earliest, latest) = (earliest.parse().ok()?, latest.parse().ok()?);
            Some(When { earliest, latest, ..When::second(earliest) })
        });
        // A clock that was fast once says nothing of what follows.
        let latest = latest.filter(|latest| latest.earliest <= message.now);
        Ok(latest.is_some_and(|latest| message.at().is_before(&latest)))
    }

    /// Whether the sender took an order back before it came, today.
    pub(super) async fn is_cancelled(
        &self,
        message: &Message<'_>,
        order: &Order,
    ) -> Result<bool, Refused> {
        let placer = order.placer.as_ref().or(order.filler.as_ref()).map(request::number);
        let early = self.note(CANCELLED, &message.key(&placer.unwrap_or_default())).await?;
        let early = early.and_then(|early| {
            let (written, came) = early.split_once(' ')?;
            Some((written.parse::<i64>().ok()?, came.parse::<i64>().ok()?))
        });
        Ok(early.is_some_and(|(written, came)| {
            written >= message.at().earliest && message.now - came < CANCELLED_SECONDS
        }))
    }

    pub(super) async fn request(
        &self,
        message: &mut Message<'_>,
        known: Option<&Scan>,
        wanted: Request,
    ) -> Result<String, Refused> {
        if let Some(known) = known {
            self.act(message, &known.id, Action::Request(Box::new(wanted))).await?;
            return Ok(known.id.clone());
        }
        let command = message.command()?;
        let id = self.list.request(&Actor::system(), &command, wanted).await.map_err(refused)?;
        message.done.orders.push(id.clone());
        Ok(id)
    }

    pub(super) async fn cancel(
        &self,
        message: &mut Message<'_>,
        patient: Option<&Patient>,
        order: &Order,
        placer: &str,
    ) -> Result<(), Refused> {
        let Some(known) = self.known(message, patient, order).await? else {
            // It came before the order it cancels.
            let (key, at, now) = (message.key(placer), message.at().latest, message.now);
            message.done.note(CANCELLED, &key, &format!("{at} {now}"));
            return Ok(());
        };
        if known.has_left() {
            return Ok(());
        }
        let why = order.reason.as_ref().and_then(request::words_of);
        let reason = match why {
            Some(why) => format!("cancelled by {}: {why}", message.sender),
            None => format!("cancelled by {}", message.sender),
        };
        self.act(message, &known.id, Action::Cancel { reason: text(&reason)? }).await
    }

    pub(super) async fn hold(
        &self,
        message: &mut Message<'_>,
        patient: Option<&Patient>,
        order: &Order,
        holds: bool,
    ) -> Result<(), Refused> {
        let known = self.known(message, patient, order).await?;
        let Some(known) = known.filter(|known| !known.has_left()) else {
            return Ok(());
        };
        let action = match holds {
            true => self.held(message, &format!("held by {}", message.sender))?,
            false => Action::Free,
        };
        self.act(message, &known.id, action).await
    }

    pub(super) fn held(&self, message: &Message<'_>, reason: &str) -> Result<Action, Refused> {
        let until = message.now + HOLD_SECONDS;
        Ok(Action::Will { will: Will::Hold, reason: Some(text(reason)?), until })
    }

    pub(super) async fn status(
        &self,
        message: &mut Message<'_>,
        patient: Option<&Patient>,
        order: &Order,
        placer: &str,
    ) -> Result<(), Refused> {
        match order.status {
            Some(OrderStatus::Cancelled | OrderStatus::Discontinued) => {
                self.cancel(message, patient, order, placer).await
            }
            Some(OrderStatus::OnHold) => self.hold(message, patient, order, true).await,
            // The end that a scanner did not tell. Of one whose begin is not known either, only a
            // report is believed.
            Some(OrderStatus::Completed) => {
                let known = self.known(message, patient, order).await?;
                let Some(known) = known.filter(|known| known.on_table().is_some()) else {
                    return Ok(());
                };
                let end = Action::End { ended: message.now, complete: true, performed: None };
                self.act(message, &known.id, end).await
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn report(
        &self,
        message: &mut Message<'_>,
        patient: Option<&Patient>,
        report: &Report,
    ) -> Result<(), Refused> {
        let found = self.find(&Named {
            placer: report.placer.as_ref(),
            filler: report.filler.as_ref(),
            accession: report.accession.as_deref(),
            sender: message.from(),
            patient,
        })?;
        let critical = report.critical == Critical::Marked;
        let Some(found) = found else {
            // Reports of all modalities come on one line.
            return match critical {
                true => Err(never(
                    Code::UnknownKey,
                    "a report with a critical finding, of an order that the board does not know",
                )),
                false => Ok(()),
            };
        };
        self.same_patient(&found, patient).await?;
        let (state, is_final) = match report.stage {
            Stage::Pending => return Ok(()),
            Stage::Unknown => ("of a state that it does not say", false),
            Stage::Preliminary => ("preliminary", false),
            Stage::Final => ("final", true),
            Stage::Corrected => ("corrected", true),
            Stage::Withdrawn => ("withdrawn", false),
        };
        let was_final = |state: &str| state == "final" || state == "corrected";
        let overtaken = found.report.as_ref().is_some_and(|known| was_final(&known.state));
        if overtaken && report.stage == Stage::Preliminary {
            return Ok(());
        }
        let of_visit = found.id.contains('.');
        if of_visit && is_final && found.on_table().is_some() {
            let end = Action::End { ended: message.now, complete: true, performed: None };
            self.act(message, &found.id, end).await?;
        }
        let is_final = is_final && !of_visit;
        let action = Action::Report { state: state.to_string(), critical, is_final };
        self.act(message, &found.id, action).await
    }
}
