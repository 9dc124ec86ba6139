//! What a message does to the board. Everything is done under a command made of the message and
//! its part, so a message that comes again after a crash does the rest and nothing twice.

use std::borrow::Cow;
use std::sync::Arc;

use cauda_guideline::vocabulary::Tier;
use cauda_hl7::{
    Admission, AdmissionEvent, Appointment, AppointmentEvent, Body, Code, Control, Critical,
    EntityId, Inbound, Merge, Order, OrderStatus, Orders, Patient, PatientClass, Refused, Report,
    Stage,
};
use cauda_pathway::identity::{Actor, CommandId, Text};
use cauda_scans::{About, Action, Kind, Request, Scan, Source, Will};
use cauda_store::StoreError;

use super::config::Service;
use super::request::{self, Site};
use super::tell::{APPOINTMENT, is_booking};
use crate::scans::{ScanActError, ScanList};
use crate::{ServerError, ids, streams};

/// Numbers of patients that another took the place of.
const MERGED: &str = "hl7_merged";
/// Orders that were cancelled before they came, and when.
const CANCELLED: &str = "hl7_cancelled";
/// When the latest message about an order was written, by the order's id.
const LATEST: &str = "hl7_latest";
/// Messages that name a patient's numbers, for whoever asks for a patient's data.
pub const RECEIPT_OF: &str = "hl7_of";
/// Most merges that are followed.
const MERGES_MAX: usize = 8;
/// A hold by message counts so long, in seconds; then a person decides.
const HOLD_SECONDS: i64 = 72 * 3_600;

/// The board, as messages change it.
pub struct Board {
    list: Arc<ScanList>,
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

    /// When it was written, or else when it came.
    fn at(&self) -> i64 {
        self.inbound.header.at.filter(|at| at.is_exact()).map_or(self.now, |at| at.earliest)
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
            let placer = order.placer.as_ref().or(order.filler.as_ref());
            let Some(placer) = placer.map(request::number) else {
                return Err(never(Code::RequiredField, "the order has no number, ORC-2 or ORC-3"));
            };
            if let Some(known) = self.find_order(order) {
                self.same_patient(&known, orders.patient.as_ref()).await?;
            }
            match order.control {
                Control::New
                | Control::Replacement
                | Control::Child
                | Control::Change
                | Control::Replace
                | Control::ChangedByFiller
                | Control::NumberAssigned => self.put(message, orders, order, &placer).await?,
                Control::Cancel
                | Control::Discontinue
                | Control::CancelledByFiller
                | Control::DiscontinuedByFiller => self.cancel(message, order, &placer).await?,
                Control::Hold => self.hold(message, order, true).await?,
                Control::Release => self.hold(message, order, false).await?,
                Control::StatusChanged | Control::StatusSent => {
                    self.status(message, order, &placer).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// An order that is new, or is wanted otherwise.
    async fn put(
        &self,
        message: &mut Message<'_>,
        orders: &Orders,
        order: &Order,
        placer: &str,
    ) -> Result<(), Refused> {
        // A booking is an order from home; an emergency of the same patient is another order.
        let home = orders.visit.as_ref().and_then(|visit| visit.class).is_some_and(|class| {
            matches!(class, PatientClass::Outpatient | PatientClass::Preadmit)
        });
        let booked = || self.booked(orders.patient.as_ref()).filter(|_| home);
        let known = self.find_order(order).or_else(booked);
        let begins = matches!(order.control, Control::New | Control::Replacement | Control::Child);
        if let Some(known) = known.as_ref().filter(|known| known.has_left()) {
            let scanned = known.times.1.is_some();
            // What is wanted after the scan is another scan, and nobody may miss it.
            let after = known.left_at().is_some_and(|left| message.at() > left);
            let wants = begins || matches!(order.control, Control::Change | Control::Replace);
            if (begins && !scanned) || (wants && after) {
                let why = "an order of this number has left the list; give it a new number";
                return Err(never(Code::UnknownKey, why));
            }
            return Ok(());
        }
        let before = known.as_ref().and_then(|known| known.request.as_ref());
        if before.is_none() && orders.patient.is_none() {
            let why = "the order is not known here, and the message does not say whose it is";
            return Err(never(Code::UnknownKey, why));
        }
        let told = self.whose(orders.patient.as_ref()).await?;
        let about = request::about(told.as_ref(), orders.visit.as_ref(), before.map(|b| &b.about));
        let same =
            |before: &Request| before.about.number.is_none() || before.about.number == about.number;
        if before.is_some_and(|before| !same(before)) {
            let why = "an order of this number is known of another patient";
            return Err(never(Code::UnknownKey, why));
        }
        let of_visit = |before: &Request| matches!(before.source, Source::Visit { .. });
        if before.is_some_and(of_visit) {
            return Ok(());
        }
        // What was written before what is known already changes nothing.
        if let Some(known) = &known
            && self.latest(&known.id).await?.is_some_and(|latest| latest > message.at())
        {
            return Ok(());
        }
        let placer = text(placer)?;
        let site = Site {
            services: &self.services,
            catalogue: self.list.catalogue(),
            guideline: self.list.department().guideline(),
        };
        let from = &message.inbound.header.sender;
        let sender = message.sender.clone();
        let (visit, now) = (orders.visit.as_ref(), message.now);
        let for_it = (placer.clone(), now);
        // Who booked a date for an order that had not come placed none.
        let mut before = before.cloned();
        if let Some(booking) = before.as_mut().filter(|before| is_booking(&before.source)) {
            booking.source = Source::Hl7 { placer: placer.clone() };
            booking.numbers.placed = Some(request::placed(order, from));
        }
        let wanted = request::of_order(&site, order, about, visit, from, before.as_ref(), for_it);
        let id = self.request(message, known.as_ref(), wanted).await?;
        let at = message.at().to_string();
        message.done.note(LATEST, &id, &at);
        if begins && known.is_none() {
            let early = self.note(CANCELLED, placer.as_str()).await?;
            let early = early.and_then(|at| at.parse::<i64>().ok());
            if early.is_some_and(|at| at >= message.at()) {
                let reason = text(&format!("cancelled by {sender} before the order came"))?;
                self.act(message, &id, Action::Cancel { reason }).await?;
            }
        }
        Ok(())
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
        order: &Order,
        placer: &str,
    ) -> Result<(), Refused> {
        let Some(known) = self.find_order(order) else {
            // It came before the order it cancels.
            let key: String = placer.chars().take(150).collect();
            let at = message.at().to_string();
            message.done.note(CANCELLED, &key, &at);
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
        order: &Order,
        holds: bool,
    ) -> Result<(), Refused> {
        let Some(known) = self.find_order(order).filter(|known| !known.has_left()) else {
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
        order: &Order,
        placer: &str,
    ) -> Result<(), Refused> {
        match order.status {
            Some(OrderStatus::Cancelled | OrderStatus::Discontinued) => {
                self.cancel(message, order, placer).await
            }
            Some(OrderStatus::OnHold) => self.hold(message, order, true).await,
            // The end that a scanner did not tell. Of one whose begin is not known either, only a
            // report is believed.
            Some(OrderStatus::Completed) => {
                let Some(known) = self.find_order(order).filter(|it| it.on_table().is_some())
                else {
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
        let accession = report.accession.as_deref();
        let found = self.find(report.placer.as_ref(), report.filler.as_ref(), accession);
        let found = found.or_else(|| self.told_as(report.placer.as_ref()));
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
        for scan in self.of_patient(&number.id) {
            let Some(request) = scan.request.clone() else { continue };
            let mut about =
                request::about(patient.as_ref(), admission.visit.as_ref(), Some(&request.about));
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
        if request.about == about {
            return Ok(());
        }
        let wanted = Request { about, ..request };
        self.act(message, &scan.id, Action::Request(Box::new(wanted))).await
    }

    async fn merge(&self, message: &mut Message<'_>, merge: &Merge) -> Result<(), Refused> {
        let Some(kept) = merge.kept.identifier() else { return Ok(()) };
        for lost in merge.lost.iter().filter(|lost| lost.id != kept.id) {
            let key = streams::number_key(&lost.id);
            if !key.is_empty() && key.len() < 150 {
                message.done.note(MERGED, &key, &kept.id);
                // Both numbers are the patient's, for whoever asks for what is kept.
                let receipt: String = message.inbound.keys.message.chars().take(40).collect();
                for number in [key, streams::number_key(&kept.id)] {
                    message.done.note(RECEIPT_OF, &format!("{number}/{receipt}"), "");
                }
            }
            // Those that left the list as well: their report may still come.
            for scan in self.all_of_patient(&lost.id) {
                let Some(request) = scan.request.clone() else { continue };
                let about = request::about(Some(&merge.kept), None, Some(&request.about));
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
        let known = self
            .find(one.order.as_ref(), None, None)
            .or_else(|| self.of_source(&booking))
            .or_else(|| self.unbooked(patient.as_ref()));
        let start = one.start.filter(|start| start.is_exact()).map(|start| start.earliest);
        let ends = matches!(one.event, AppointmentEvent::Cancelled | AppointmentEvent::NoShow);
        let Some(known) = known else {
            if ends || patient.is_none() || start.is_none() {
                return Ok(());
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
        let wanted = Request { not_before: start.or(request.not_before), ..request };
        self.act(message, &known.id, Action::Request(Box::new(wanted))).await
    }

    /// The patient under the number that counts now.
    async fn whose(&self, patient: Option<&Patient>) -> Result<Option<Patient>, Refused> {
        let Some(mut patient) = patient.cloned() else { return Ok(None) };
        let Some(mut number) = patient.identifier().cloned() else { return Ok(Some(patient)) };
        for _ in 0..MERGES_MAX {
            let Some(kept) = self.note(MERGED, &streams::number_key(&number.id)).await? else {
                break;
            };
            number.id = kept;
        }
        patient.identifiers = vec![number];
        Ok(Some(patient))
    }

    /// A number that was mistyped must not change another patient's order.
    async fn same_patient(&self, scan: &Scan, patient: Option<&Patient>) -> Result<(), Refused> {
        let told = self.whose(patient).await?;
        let told = told.as_ref().and_then(Patient::identifier);
        let known = scan.request.as_ref().and_then(|request| request.about.number.as_ref());
        let (Some(told), Some(known)) = (told, known) else { return Ok(()) };
        if streams::number_key(&told.id) == streams::number_key(known.as_str()) {
            return Ok(());
        }
        Err(never(Code::UnknownKey, "an order of this number is known of another patient"))
    }

    fn find_order(&self, order: &Order) -> Option<Scan> {
        self.find(order.placer.as_ref(), order.filler.as_ref(), order.accession())
    }

    /// The order of one of these numbers.
    fn find(
        &self,
        placer: Option<&EntityId>,
        filler: Option<&EntityId>,
        accession: Option<&str>,
    ) -> Option<Scan> {
        let scans = self.list.scans();
        let (placer, filler) = (placer.map(request::number), filler.map(request::number));
        let of_placer =
            |scan: &&Scan| source_of(scan).is_some_and(|it| Some(it) == placer.as_deref());
        let of_filler = |scan: &&Scan| {
            let known = scan.request.as_ref().and_then(|request| request.numbers.filler.as_ref());
            known.is_some() && known == filler.as_ref()
        };
        let of_accession = |scan: &&Scan| accession.is_some_and(|it| it == scan.accession());
        let found = scans.iter().find(of_placer).or_else(|| scans.iter().find(of_filler));
        found.or_else(|| scans.iter().find(of_accession)).cloned()
    }

    /// An order of ours, by the number under which others were told of it.
    fn told_as(&self, placer: Option<&EntityId>) -> Option<Scan> {
        let number = placer.map(|placer| placer.id.as_str())?;
        let ours = |scan: &Scan| {
            let given = scan.request.as_ref().and_then(|one| one.numbers.accession.as_ref());
            given.is_none() && scan.accession() == number
        };
        self.list.scans().into_iter().find(ours)
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
        let of = self.of_patient(&number.id);
        let mut fitting = of.into_iter().filter(|scan| scan.request.as_ref().is_some_and(&is));
        match (fitting.next(), fitting.next()) {
            (only, None) => only,
            _ => None,
        }
    }

    /// Orders on the list of that patient which are no visit's: a visit knows its patient itself.
    fn of_patient(&self, number: &str) -> Vec<Scan> {
        let all = self.all_of_patient(number);
        all.into_iter().filter(|scan| !scan.has_left()).collect()
    }

    /// The same, and those that left it within a day.
    fn all_of_patient(&self, number: &str) -> Vec<Scan> {
        let key = streams::number_key(number);
        let of = |scan: &Scan| {
            let number = scan.request.as_ref().and_then(|request| request.about.number.as_ref());
            number.is_some_and(|number| streams::number_key(number.as_str()) == key)
        };
        let own = |scan: &Scan| !scan.id.contains('.');
        self.list.scans().into_iter().filter(|scan| own(scan) && of(scan)).collect()
    }

    async fn note(&self, list: &str, key: &str) -> Result<Option<String>, Refused> {
        let key: String = key.chars().take(150).collect();
        if key.is_empty() {
            return Ok(None);
        }
        let found = self.list.record().note(list, &key).await;
        Ok(found.map_err(|_| later())?.and_then(|note| note.value))
    }

    async fn latest(&self, id: &str) -> Result<Option<i64>, Refused> {
        Ok(self.note(LATEST, id).await?.and_then(|at| at.parse().ok()))
    }
}

fn source_of(scan: &Scan) -> Option<&str> {
    match &scan.request.as_ref()?.source {
        Source::Hl7 { placer } => Some(placer.as_str()),
        _ => None,
    }
}

fn text(text: &str) -> Result<Text, Refused> {
    let why = "a number or a text of the order is empty, too long, or holds control characters";
    Text::new(text).map_err(|_| never(Code::DataType, why))
}

fn never(code: Code, why: &'static str) -> Refused {
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
