//! What a message does to the board. Everything is done under a command made of the message and
//! its part, so a message that comes again after a crash does the rest and nothing twice.

use std::borrow::Cow;
use std::sync::Arc;

use cauda_guideline::vocabulary::Tier;
use cauda_hl7::{
    Admission, AdmissionEvent, Appointment, AppointmentEvent, Body, Code, Control, Critical,
    Designator, Identifier, Inbound, Merge, Order, OrderStatus, Orders, Party, Patient,
    PatientClass, Refused, Report, Stage, When,
};
use cauda_pathway::identity::{Actor, CommandId, Text};
use cauda_scans::{About, Action, Kind, Placed, Request, Scan, Source, Will};
use cauda_store::StoreError;

use super::config::Service;
use super::numbers::{
    Authority, Named, authority, contradicts, differ, is_patient, seen, sent_by, source_of, unsaid,
};
use super::request::{self, Site};
use super::tell::{APPOINTMENT, is_booking};
use crate::scans::{ScanActError, ScanList};
use crate::{ServerError, ids, streams};

/// Numbers of patients that another took the place of.
const MERGED: &str = "hl7_merged";
/// Orders that were cancelled before they came, by sender and number; when that was written, and
/// when it came.
const CANCELLED: &str = "hl7_cancelled";
/// For so long a cancellation waits for its order, in seconds.
const CANCELLED_SECONDS: i64 = 24 * 3_600;
/// When the latest message about an order was written, by the order's id and the sender.
const LATEST: &str = "hl7_latest";
/// Messages that name a patient's numbers, for whoever asks for a patient's data.
pub const RECEIPT_OF: &str = "hl7_of";
/// Most merges that are followed.
const MERGES_MAX: usize = 8;
/// A hold by message counts so long, in seconds; then a person decides.
const HOLD_SECONDS: i64 = 72 * 3_600;

/// The board, as messages change it.
pub struct Board {
    pub(super) list: Arc<ScanList>,
    services: Vec<Service>,
}

/// What was done for one message.
#[derive(Default)]
pub struct Done {
    /// Orders that it was about.
    pub orders: Vec<String>,
    /// To be kept with it: list, key, value.
    pub notes: Vec<(String, String, String)>,
}

/// One message on its way.
struct Message<'a> {
    inbound: &'a Inbound,
    sender: String,
    now: i64,
    parts: usize,
    done: Done,
}

impl Done {
    fn note(&mut self, list: &str, key: &str, value: &str) {
        self.notes.push((list.to_string(), key.to_string(), value.to_string()));
    }
}

impl Message<'_> {
    /// The command of its next step.
    fn command(&mut self) -> Result<CommandId, Refused> {
        self.parts += 1;
        let text = format!("hl7 {} {}", self.inbound.keys.message, self.parts);
        let kept: String = ids::kept(&text).chars().take(40).collect();
        CommandId::new(kept).map_err(|_| later())
    }

    /// When it was written, as closely as it says and not after it came; or else when it came.
    fn at(&self) -> When {
        self.inbound.header.at.map_or(When::second(self.now), |at| at.until(self.now))
    }

    fn from(&self) -> &Party {
        &self.inbound.header.sender
    }

    /// A key of its sender's own.
    fn key(&self, of: &str) -> String {
        let sender: String = ids::kept(&self.sender.to_lowercase()).chars().take(16).collect();
        format!("{sender}/{of}").chars().take(150).collect()
    }
}

impl Board {
    /// The board of a list.
    pub fn new(list: Arc<ScanList>, services: Vec<Service>) -> Board {
        Board { list, services }
    }

    /// Does what a message says.
    ///
    /// # Errors
    /// [`Refused`]: what was done before it stays, and is done once when it comes again.
    pub async fn tell(&self, inbound: &Inbound) -> Result<Done, Refused> {
        let sender = request::name_of(&inbound.header.sender);
        let now = self.list.now();
        let mut message = Message { inbound, sender, now, parts: 0, done: Done::default() };
        match &inbound.body {
            Body::Orders(orders) => self.orders(&mut message, orders).await?,
            Body::Reports(reports) => {
                for report in &reports.reports {
                    self.report(&mut message, reports.patient.as_ref(), report).await?;
                }
            }
            Body::Admission(admission) => self.admission(&mut message, admission).await?,
            Body::Merges(merges) => {
                for merge in merges {
                    self.merge(&mut message, merge).await?;
                }
            }
            Body::Appointment(one) => self.appointment(&mut message, one).await?,
        }
        message.done.orders.sort();
        message.done.orders.dedup();
        Ok(message.done)
    }

    async fn act(
        &self,
        message: &mut Message<'_>,
        id: &str,
        action: Action,
    ) -> Result<(), Refused> {
        let command = message.command()?;
        message.done.orders.push(id.to_string());
        self.list.act(&Actor::system(), id, &command, action).await.map_err(refused)
    }

    async fn orders(&self, message: &mut Message<'_>, orders: &Orders) -> Result<(), Refused> {
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
    async fn known(
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
    async fn put(
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
    fn wanted(
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
    async fn is_old(&self, message: &Message<'_>, id: &str) -> Result<bool, Refused> {
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
    async fn is_cancelled(&self, message: &Message<'_>, order: &Order) -> Result<bool, Refused> {
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

    async fn request(
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

    async fn cancel(
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

    async fn hold(
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

    fn held(&self, message: &Message<'_>, reason: &str) -> Result<Action, Refused> {
        let until = message.now + HOLD_SECONDS;
        Ok(Action::Will { will: Will::Hold, reason: Some(text(reason)?), until })
    }

    async fn status(
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

    async fn report(
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

    async fn admission(
        &self,
        message: &mut Message<'_>,
        admission: &Admission,
    ) -> Result<(), Refused> {
        let patient = self.whose(Some(&admission.patient)).await?;
        let Some(number) = patient.as_ref().and_then(Patient::identifier) else { return Ok(()) };
        let at = admission.at().map_or(message.now, |at| at.earliest);
        let about_now = |request: &Request| {
            request::about(patient.as_ref(), admission.visit.as_ref(), Some(&request.about))
        };
        let scans = self.of_patient(&number.id, number.authority.as_ref());
        let other = |request: &Request| contradicts(&request.about, &about_now(request));
        if scans.iter().filter_map(|scan| scan.request.as_ref()).any(other) {
            return Err(another());
        }
        for scan in scans {
            let Some(mut request) = scan.request.clone() else { continue };
            let mut about = about_now(&request);
            request.numbers.patient_authority =
                request::patient_authority(patient.as_ref(), Some(&request));
            let urgent = matches!(request.tier, Tier::Immediate | Tier::Emergency);
            let gone = match admission.event {
                AdmissionEvent::Discharged if request.ordered_at > at => continue,
                // Who comes from home for a scan is discharged in between.
                AdmissionEvent::Discharged if request.kind == Kind::Outpatient => continue,
                // No message takes an emergency off the list: a person looks.
                AdmissionEvent::Discharged if urgent || scan.on_table().is_some() => {
                    Some("discharged, says registration")
                }
                AdmissionEvent::Discharged => {
                    self.act(message, &scan.id, Action::Discharge).await?;
                    continue;
                }
                AdmissionEvent::AdmissionCancelled => Some("not registered after all"),
                _ => None,
            };
            if let Some(gone) = gone {
                about.place = Some(text(gone)?);
            }
            self.become_of(message, &scan, request, about).await?;
        }
        Ok(())
    }

    async fn become_of(
        &self,
        message: &mut Message<'_>,
        scan: &Scan,
        request: Request,
        about: About,
    ) -> Result<(), Refused> {
        let wanted = Request { about, ..request };
        if scan.request.as_ref() == Some(&wanted) {
            return Ok(());
        }
        self.act(message, &scan.id, Action::Request(Box::new(wanted))).await
    }

    async fn merge(&self, message: &mut Message<'_>, merge: &Merge) -> Result<(), Refused> {
        let Some(kept) = merge.kept.identifier() else { return Ok(()) };
        let gave = kept.authority.as_ref();
        let same = |lost: &&Identifier| {
            let authorities = (lost.authority.as_ref().map(authority), gave.map(authority));
            lost.id == kept.id && !differ(authorities.0.as_ref(), authorities.1.as_ref())
        };
        for lost in merge.lost.iter().filter(|lost| !same(lost)) {
            let key = merged_key(&lost.id, lost.authority.as_ref());
            if !seen(&lost.id).is_empty() && key.len() < 150 {
                let gave = gave.and_then(|gave| gave.name()).unwrap_or_default();
                message.done.note(MERGED, &key, &format!("{}\n{gave}", kept.id));
                // Both numbers are the patient's, for whoever asks for what is kept.
                let receipt: String = message.inbound.keys.message.chars().take(40).collect();
                for number in [streams::number_key(&lost.id), streams::number_key(&kept.id)] {
                    message.done.note(RECEIPT_OF, &format!("{number}/{receipt}"), "");
                }
            }
            // Those that left the list as well: their report may still come.
            for scan in self.all_of_patient(&lost.id, lost.authority.as_ref()) {
                let Some(mut request) = scan.request.clone() else { continue };
                let about = request::about(Some(&merge.kept), None, Some(&request.about));
                request.numbers.patient_authority = gave.map(authority);
                self.become_of(message, &scan, request, about).await?;
            }
        }
        Ok(())
    }

    async fn appointment(
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

    /// The patient under the number that counts now.
    async fn whose(&self, patient: Option<&Patient>) -> Result<Option<Patient>, Refused> {
        let Some(mut patient) = patient.cloned() else { return Ok(None) };
        let Some(mut number) = patient.identifier().cloned() else { return Ok(Some(patient)) };
        for _ in 0..MERGES_MAX {
            let Some(kept) = self.merged(&number).await? else { break };
            number = kept;
        }
        patient.identifiers = vec![number];
        Ok(Some(patient))
    }

    /// The number that took the place of one.
    async fn merged(&self, lost: &Identifier) -> Result<Option<Identifier>, Refused> {
        let gave = lost.authority.as_ref();
        let keys = [merged_key(&lost.id, gave), merged_key(&lost.id, None)];
        // As earlier versions noted it.
        for key in keys.into_iter().chain([streams::number_key(&lost.id)]) {
            let Some(kept) = self.note(MERGED, &key).await? else { continue };
            let (id, gave) = kept.split_once('\n').unwrap_or((&kept, ""));
            let gave = (!gave.is_empty()).then(|| Designator::named(gave));
            let authority = gave.or_else(|| lost.authority.clone());
            return Ok(Some(Identifier { id: id.to_string(), authority, ..lost.clone() }));
        }
        Ok(None)
    }

    /// A number that was mistyped must not change another patient's order.
    async fn same_patient(&self, scan: &Scan, patient: Option<&Patient>) -> Result<(), Refused> {
        let told = self.whose(patient).await?;
        let told = told.as_ref().and_then(Patient::identifier);
        let known = scan.request.as_ref().and_then(|request| request.about.number.as_ref());
        let (Some(told), Some(_)) = (told, known) else { return Ok(()) };
        match is_patient(scan, &told.id, told.authority.as_ref().map(authority).as_ref()) {
            true => Ok(()),
            false => {
                Err(never(Code::UnknownKey, "an order of this number is known of another patient"))
            }
        }
    }

    fn of_source(&self, placer: &str) -> Option<Scan> {
        self.list.scans().into_iter().find(|scan| source_of(scan) == Some(placer))
    }

    /// An appointment of the patient that no order came for yet.
    fn booked(&self, patient: Option<&Patient>) -> Option<Scan> {
        self.only(patient, |request| is_booking(&request.source))
    }

    /// An order of the patient that has no appointment yet.
    fn unbooked(&self, patient: Option<&Patient>) -> Option<Scan> {
        self.only(patient, |request| {
            request.kind == Kind::Outpatient && request.not_before.is_none()
        })
    }

    /// The order of a patient of which that is so, if there is one alone.
    fn only(&self, patient: Option<&Patient>, is: impl Fn(&Request) -> bool) -> Option<Scan> {
        let number = patient?.identifier()?;
        let of = self.of_patient(&number.id, number.authority.as_ref());
        let mut fitting = of.into_iter().filter(|scan| scan.request.as_ref().is_some_and(&is));
        match (fitting.next(), fitting.next()) {
            (only, None) => only,
            _ => None,
        }
    }

    /// Orders on the list of that patient which are no visit's: a visit knows its patient itself.
    fn of_patient(&self, number: &str, gave: Option<&Designator>) -> Vec<Scan> {
        let all = self.all_of_patient(number, gave);
        all.into_iter().filter(|scan| !scan.has_left()).collect()
    }

    /// The same, and those that left it within a day.
    fn all_of_patient(&self, number: &str, gave: Option<&Designator>) -> Vec<Scan> {
        let gave: Option<Authority> = gave.map(authority);
        let own = |scan: &Scan| !scan.id.contains('.');
        let of = |scan: &Scan| own(scan) && is_patient(scan, number, gave.as_ref());
        self.list.scans().into_iter().filter(of).collect()
    }

    async fn note(&self, list: &str, key: &str) -> Result<Option<String>, Refused> {
        let key: String = key.chars().take(150).collect();
        if key.is_empty() {
            return Ok(None);
        }
        let found = self.list.record().note(list, &key).await;
        Ok(found.map_err(|_| later())?.and_then(|note| note.value))
    }
}

/// Under what the number that took the place of one is noted.
fn merged_key(number: &str, gave: Option<&Designator>) -> String {
    format!("={}@{}", seen(number), gave.and_then(|gave| gave.name()).unwrap_or_default())
}

/// The name and the birth date are another's.
fn another() -> Refused {
    let why = "family name and birth date are both others than the board knows under this number";
    never(Code::Internal, why)
}

fn undated() -> Refused {
    never(Code::RequiredField, "the appointment does not say on which day, in SCH-11 or AIS-4")
}

fn text(text: &str) -> Result<Text, Refused> {
    let why = "a number or a text of the order is empty, too long, or holds control characters";
    Text::new(text).map_err(|_| never(Code::DataType, why))
}

pub(super) fn never(code: Code, why: &'static str) -> Refused {
    Refused::Never { code, why: Cow::Borrowed(why) }
}

/// The record cannot be reached just now.
pub fn later() -> Refused {
    Refused::Later(Cow::Borrowed("the record cannot be reached; send it again"))
}

fn refused(error: ScanActError) -> Refused {
    match error {
        ScanActError::Refused(why) => Refused::Never {
            code: Code::Internal,
            why: Cow::Owned(format!("the board says: {why}")),
        },
        ScanActError::Visit(_) => never(Code::Internal, "the visit of the order refuses it"),
        ScanActError::Failed(ServerError::Store(StoreError::Taken { .. })) => {
            never(Code::UnknownKey, "an order of this number was here before; give it a new number")
        }
        ScanActError::NoSuchScan => later(),
        ScanActError::Failed(error) => {
            tracing::error!(%error, "an HL7 message was not done");
            later()
        }
    }
}
