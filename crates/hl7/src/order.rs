//! Orders: ORC, TQ1, OBR, NTE, OBX, IPC and ZDS (HL7 v2.5.1 chapter 4, IHE RAD-4 and RAD-13).
//!
//! OMI carries the numbers of DICOM in IPC and there alone. ORM has no place for them, so the
//! usual ones are read: accession in OBR-18, procedure in OBR-19, step in OBR-20, Study Instance
//! UID in ZDS-1, station in ORC-18.

use crate::data_types::{Clinician, Coded, EntityId, masked};
use crate::fit::{self, Attribute};
use crate::flag::Odd;
use crate::order_codes::{Control, OrderStatus, Priority};
use crate::structure::{Gather, Segment};
use crate::writing::Line;
use crate::{Code, Delimiters, Reject, When};

/// Most orders of a message.
pub(crate) const ORDERS_MAX: usize = 64;
/// Most steps, observations or notes of an order.
const OF_ONE_MAX: usize = 64;

/// An order.
#[derive(Clone, PartialEq, Eq)]
pub struct Order {
    /// ORC-1: what is wanted.
    pub control: Control,
    /// ORC-2, or OBR-2: the number given by who placed it.
    pub placer: Option<EntityId>,
    /// ORC-3, or OBR-3: the number given by who fills it.
    pub filler: Option<EntityId>,
    /// ORC-4.
    pub group: Option<EntityId>,
    /// ORC-5.
    pub status: Option<OrderStatus>,
    /// TQ1-9, ORC-7 or OBR-27, else OBR-5.
    pub priority: Option<Priority>,
    /// ORC-9.
    pub placed: Option<When>,
    /// TQ1-7, ORC-7, OBR-27 or OBR-36: when it is planned.
    pub start: Option<When>,
    /// ORC-12, or OBR-16.
    pub ordered_by: Option<Clinician>,
    /// ORC-14, or OBR-17: where to call back.
    pub callback: Option<String>,
    /// OBR-4.
    pub service: Option<Coded>,
    /// OBR-13.
    pub clinical_information: Option<String>,
    /// OBR-31, or ORC-16.
    pub reason: Option<Coded>,
    /// OBR-30: how the patient comes, HL7 table 0124.
    pub transport: Option<String>,
    /// NTE-3.
    pub notes: Vec<String>,
    /// OBX: what the sender knows of the patient, such as weight. None told is not none known.
    pub observations: Vec<Observation>,
    /// The steps to perform.
    pub steps: Vec<Step>,
}

/// A step to perform: IPC, or the places of ORM.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// Accession Number.
    pub accession: Option<String>,
    /// Requested Procedure ID.
    pub procedure_id: Option<String>,
    /// Study Instance UID.
    pub study_uid: Option<String>,
    /// Scheduled Procedure Step ID.
    pub step_id: Option<String>,
    /// Modality.
    pub modality: Option<String>,
    /// Protocol code.
    pub protocol: Option<Coded>,
    /// Scheduled Station Name.
    pub station_name: Option<String>,
    /// Scheduled Procedure Step Location.
    pub location: Option<String>,
    /// Scheduled Station AE Title.
    pub station_ae: Option<String>,
}

/// A value that came with an order.
#[derive(Clone, PartialEq, Eq)]
pub struct Observation {
    /// OBX-3.
    pub what: Coded,
    /// OBX-5 as text; of a code, what it means.
    pub value: Option<String>,
    /// OBX-6.
    pub unit: Option<String>,
}

masked!(Order, Step, Observation);

impl Order {
    /// An order with its control code and nothing else.
    pub fn new(control: Control) -> Order {
        Order {
            control,
            placer: None,
            filler: None,
            group: None,
            status: None,
            priority: None,
            placed: None,
            start: None,
            ordered_by: None,
            callback: None,
            service: None,
            clinical_information: None,
            reason: None,
            transport: None,
            notes: Vec::new(),
            observations: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// The first accession number of its steps.
    pub fn accession(&self) -> Option<&str> {
        self.steps.iter().find_map(|step| step.accession.as_deref())
    }

    /// Whether it orders something new.
    pub(crate) fn begins(&self) -> bool {
        matches!(self.control, Control::New | Control::Replacement | Control::Child)
    }

    /// Whether it is wanted no more.
    pub(crate) fn is_taken_back(&self) -> bool {
        matches!(self.control, Control::Cancel | Control::Discontinue)
    }

    /// ORC, which begins an order.
    pub(crate) fn begin(orc: &Segment<'_>, gather: &mut Gather<'_>) -> Result<Order, Reject> {
        let refuse = |code, why| Reject::new(code, Some(orc.place(1)), why);
        let code = orc.text(1);
        let code = code.ok_or_else(|| refuse(Code::RequiredField, "the order has no control"))?;
        let control = Control::read(&code)
            .ok_or_else(|| refuse(Code::Table, "the control of the order is not known"))?;
        let mut order = Order::new(control);
        order.placer = EntityId::read(&orc.parts(2));
        order.filler = EntityId::read(&orc.parts(3));
        order.group = EntityId::read(&orc.parts(4));
        order.status = gather.code(orc, 5, OrderStatus::read);
        order.timed(orc, 7, gather);
        order.placed = gather.time(orc, 9, 1);
        order.ordered_by = Clinician::read(&orc.parts(12));
        order.callback = telephone(orc, 14);
        order.reason = Coded::read(&orc.parts(16));
        Ok(order)
    }

    /// A segment that belongs to the order.
    pub(crate) fn add(
        &mut self,
        segment: &Segment<'_>,
        gather: &mut Gather<'_>,
    ) -> Result<(), Reject> {
        match segment.name() {
            "OBR" => self.described(segment, gather),
            "TQ1" => self.quantity(segment, gather),
            "NTE" => self.note(segment, gather),
            "OBX" => self.observed(segment, gather),
            "IPC" => {
                if self.steps.len() >= OF_ONE_MAX {
                    let why = "the order has more steps than are taken";
                    let place = Some(segment.place(0));
                    return Err(Reject::new(Code::SegmentSequence, place, why));
                }
                let step = Step::read(segment, gather);
                self.steps.push(step);
            }
            _ => {}
        }
        Ok(())
    }

    /// Start and priority as ORC-7 and OBR-27 hold them.
    fn timed(&mut self, segment: &Segment<'_>, field: usize, gather: &mut Gather<'_>) {
        if self.start.is_none() {
            self.start = gather.time(segment, field, 4);
        }
        let priority = segment.parts(field).text(6);
        self.urgent(priority.as_deref(), segment, field, gather);
    }

    fn urgent(
        &mut self,
        code: Option<&str>,
        segment: &Segment<'_>,
        field: usize,
        gather: &mut Gather<'_>,
    ) {
        let Some(code) = code.filter(|_| self.priority.is_none()) else { return };
        self.priority = Priority::read_any(code);
        if self.priority.is_none() {
            gather.flag(segment.place(field), Odd::Code);
        }
    }

    fn quantity(&mut self, tq1: &Segment<'_>, gather: &mut Gather<'_>) {
        if let Some(start) = gather.time(tq1, 7, 1) {
            self.start = Some(start);
        }
        if let Some(priority) = tq1.text(9) {
            self.priority = None;
            self.urgent(Some(&priority), tq1, 9, gather);
        }
    }

    fn described(&mut self, obr: &Segment<'_>, gather: &mut Gather<'_>) {
        self.placer = self.placer.take().or_else(|| EntityId::read(&obr.parts(2)));
        self.filler = self.filler.take().or_else(|| EntityId::read(&obr.parts(3)));
        self.service = Coded::read(&obr.parts(4));
        self.clinical_information = obr.free_text(13);
        self.ordered_by = self.ordered_by.take().or_else(|| Clinician::read(&obr.parts(16)));
        self.callback = self.callback.take().or_else(|| telephone(obr, 17));
        self.transport = obr.text(30);
        self.reason = Coded::read(&obr.parts(31)).or_else(|| self.reason.take());
        self.timed(obr, 27, gather);
        if self.start.is_none() {
            self.start = gather.time(obr, 36, 1);
        }
        let priority = obr.text(5);
        self.urgent(priority.as_deref(), obr, 5, gather);
        let text = self.service.as_ref().and_then(|service| service.text.clone());
        gather.fits(obr.place(4), fit::DESCRIPTION, text.as_deref());
        self.numbers_fit(obr, gather);
    }

    fn numbers_fit(&self, obr: &Segment<'_>, gather: &mut Gather<'_>) {
        let id = |number: &Option<EntityId>| number.as_ref().map(|number| number.id.clone());
        gather.fits(obr.place(2), fit::PLACER_NUMBER, id(&self.placer).as_deref());
        gather.fits(obr.place(3), fit::FILLER_NUMBER, id(&self.filler).as_deref());
    }

    fn note(&mut self, nte: &Segment<'_>, gather: &mut Gather<'_>) {
        let Some(text) = nte.free_text(3) else { return };
        match self.notes.len() < OF_ONE_MAX {
            true => self.notes.push(text),
            false => gather.flag(nte.place(0), Odd::Many),
        }
    }

    fn observed(&mut self, obx: &Segment<'_>, gather: &mut Gather<'_>) {
        let Some(what) = Coded::read(&obx.parts(3)) else { return };
        let unit = obx.text(6);
        let observation = Observation { what, value: value(obx), unit };
        match self.observations.len() < OF_ONE_MAX {
            true => self.observations.push(observation),
            false => gather.flag(obx.place(0), Odd::Many),
        }
    }

    /// The one step of an order that has no IPC.
    pub(crate) fn step_of_orm(
        &mut self,
        orc: &Segment<'_>,
        obr: Option<&Segment<'_>>,
        zds: Option<&Segment<'_>>,
        gather: &mut Gather<'_>,
    ) {
        let mut step = Step::default();
        if let Some(obr) = obr {
            step.accession = part(obr, 18, fit::ACCESSION, gather);
            step.procedure_id = part(obr, 19, fit::PROCEDURE_ID, gather);
            step.step_id = part(obr, 20, fit::STEP_ID, gather);
            step.modality = part(obr, 24, fit::MODALITY, gather);
            step.protocol = self.service.as_ref().and_then(Coded::alternate);
        }
        step.station_ae = part(orc, 18, fit::STATION_AE, gather);
        if let Some(zds) = zds {
            step.study_uid = part(zds, 1, fit::STUDY_UID, gather);
        }
        if step != Step::default() {
            self.steps.push(step);
        }
    }

    /// What an order cannot do without.
    pub(crate) fn check(&self, orc: &Segment<'_>) -> Result<(), Reject> {
        let missing =
            |field, why| Err(Reject::new(Code::RequiredField, Some(orc.place(field)), why));
        let numbered = self.placer.is_some() || self.filler.is_some() || self.accession().is_some();
        if !numbered {
            return missing(2, "the order has no number");
        }
        if self.begins() && self.service.is_none() {
            return missing(0, "the order does not say what is ordered, in OBR-4");
        }
        Ok(())
    }
}

impl Step {
    fn read(ipc: &Segment<'_>, gather: &mut Gather<'_>) -> Step {
        Step {
            accession: part(ipc, 1, fit::ACCESSION, gather),
            procedure_id: part(ipc, 2, fit::PROCEDURE_ID, gather),
            study_uid: part(ipc, 3, fit::STUDY_UID, gather),
            step_id: part(ipc, 4, fit::STEP_ID, gather),
            modality: part(ipc, 5, fit::MODALITY, gather),
            protocol: Coded::read(&ipc.parts(6)),
            station_name: part(ipc, 7, fit::STATION_NAME, gather),
            location: part(ipc, 8, fit::STEP_LOCATION, gather),
            station_ae: part(ipc, 9, fit::STATION_AE, gather),
        }
    }

    pub(crate) fn write(&self, delimiters: Delimiters) -> Line {
        let mut line = Line::new("IPC", delimiters);
        line.option(1, self.accession.as_deref());
        line.option(2, self.procedure_id.as_deref());
        line.option(3, self.study_uid.as_deref());
        line.option(4, self.step_id.as_deref());
        line.option(5, self.modality.as_deref());
        if let Some(protocol) = &self.protocol {
            line.one(6, |out| protocol.write(out));
        }
        line.option(7, self.station_name.as_deref());
        line.option(8, self.location.as_deref());
        line.option(9, self.station_ae.as_deref());
        line
    }
}

fn part(
    segment: &Segment<'_>,
    field: usize,
    attribute: Attribute,
    gather: &mut Gather<'_>,
) -> Option<String> {
    let value = segment.text(field);
    gather.fits(segment.place(field), attribute, value.as_deref());
    value
}

/// A telephone number (XTN): as one text, or in pieces.
fn telephone(segment: &Segment<'_>, field: usize) -> Option<String> {
    let parts = segment.parts(field);
    let pieces: Vec<String> = (5..=7).filter_map(|piece| parts.text(piece)).collect();
    let pieces = (!pieces.is_empty()).then(|| pieces.join(" "));
    parts.text(1).or_else(|| parts.text(12)).or(pieces)
}

/// OBX-5 by its type in OBX-2: a code, a number with its comparator, or text.
fn value(obx: &Segment<'_>) -> Option<String> {
    let parts = obx.parts(5);
    match obx.text(2).as_deref() {
        Some("CE" | "CWE" | "CNE") => parts.text(2).or_else(|| parts.text(1)),
        Some("SN") => {
            let pieces: String = (1..=4).filter_map(|piece| parts.text(piece)).collect();
            (!pieces.is_empty()).then_some(pieces)
        }
        _ => obx.free_text(5),
    }
}
