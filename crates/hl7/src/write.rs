//! From a typed message to bytes. What is written is read again before it is given out: a value
//! that would not arrive as it is, is refused.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::header::{Acknowledge, Party, Processing, Version};
use crate::inbound::{Admission, Body, Orders, Reports};
use crate::read::{Reading, read};
use crate::writing::Line;
use crate::{Charset, Delimiters, Header, Hl7Error, Merge, Order, Patient, Visit, When};

/// Most characters of MSH-10, versions 2.3 to 2.5.1.
pub const CONTROL_ID_CHARACTERS_MAX: usize = 20;

impl Header {
    /// The head of a message of ours: version 2.5.1, for production, in UTF-8. Its kind is that
    /// of the body, except for orders; see [`Header::omi`] and [`Header::orm`].
    pub fn new(sender: Party, receiver: Party, at: i64, control_id: &str) -> Header {
        Header {
            delimiters: Delimiters::USUAL,
            sender,
            receiver,
            at: Some(When::second(at)),
            kind: (String::new(), String::new()),
            control_id: control_id.to_string(),
            processing: Some(Processing::Production),
            version: Some(Version::V2_5_1),
            acknowledge: Acknowledge::default(),
            charset: Charset::utf8(),
        }
    }

    /// Writes orders as OMI^O23, which has a place for every number of DICOM.
    pub fn omi(mut self) -> Header {
        self.kind = ("OMI".to_string(), "O23".to_string());
        self
    }

    /// Writes orders as ORM^O01, one step each.
    pub fn orm(mut self) -> Header {
        self.kind = ("ORM".to_string(), "O01".to_string());
        self
    }
}

/// Writes a message, without a frame. Times are written in that zone.
///
/// # Errors
/// [`Hl7Error::Unwritable`] when a value would not arrive as it is.
pub fn write(header: &Header, body: &Body, zone: &TimeZone) -> Result<Vec<u8>, Hl7Error> {
    let header = with_kind(header, body)?;
    let version = header.version.ok_or(Hl7Error::Unwritable("its header has no version"))?;
    let characters = header.control_id.chars().count();
    if !(1..=CONTROL_ID_CHARACTERS_MAX).contains(&characters) {
        return Err(Hl7Error::Unwritable("its control id needs 1 to 20 characters"));
    }
    let structure = (version >= Version::V2_4).then(|| structure(&header)).flatten();
    let mut lines = vec![header.write(structure, zone)];
    let delimiters = header.delimiters;
    match body {
        Body::Admission(admission) => lines.extend(self::admission(admission, &header, zone)),
        Body::Merges(merges) => lines.extend(self::merges(merges, &header, zone)),
        Body::Orders(orders) => lines.extend(self::orders(orders, &header, version, zone)?),
        Body::Reports(reports) => lines.extend(self::reports(reports, delimiters, zone)),
        Body::Appointment(appointment) => lines.extend(appointment.write(delimiters, zone)),
    }
    let text: String = lines.into_iter().map(Line::finish).collect();
    let bytes = header.charset.encoding.encode(&text);
    let why = "a character of it is not in the character set of the receiver";
    let bytes = bytes.ok_or(Hl7Error::Unwritable(why))?;
    let back = read(&bytes, &Reading::new(zone.clone()));
    let lost = Hl7Error::Unwritable("one of its values would not arrive as it is");
    let back = back.map_err(|reject| Hl7Error::Unwritable(reject.why))?;
    if back.body != *body || !alike(&back.header, &header) {
        return Err(lost);
    }
    Ok(bytes)
}

/// Equal but for what an encoding is called when all of it is ASCII.
fn alike(read: &Header, written: &Header) -> bool {
    let mut read = read.clone();
    read.charset.encoding = written.charset.encoding;
    read == *written
}

fn with_kind(header: &Header, body: &Body) -> Result<Header, Hl7Error> {
    let mut header = header.clone();
    let kind = match body {
        Body::Admission(admission) => ("ADT", admission.event.code()),
        Body::Merges(_) => ("ADT", "A40"),
        Body::Reports(_) => ("ORU", "R01"),
        Body::Appointment(appointment) => ("SIU", appointment.event.code()),
        Body::Orders(_) if header.kind.0 == "ORM" => ("ORM", "O01"),
        Body::Orders(_) if header.kind.0 == "OMI" => ("OMI", "O23"),
        Body::Orders(_) => {
            return Err(Hl7Error::Unwritable("orders are written as OMI or ORM; say which"));
        }
    };
    header.kind = (kind.0.to_string(), kind.1.to_string());
    Ok(header)
}

/// MSH-9.3, HL7 table 0354.
fn structure(header: &Header) -> Option<&'static str> {
    match (header.kind.0.as_str(), header.kind.1.as_str()) {
        ("ADT", "A01" | "A04" | "A08" | "A13") => Some("ADT_A01"),
        ("ADT", "A02") => Some("ADT_A02"),
        ("ADT", "A03") => Some("ADT_A03"),
        ("ADT", "A31") => Some("ADT_A05"),
        ("ADT", "A11") => Some("ADT_A09"),
        ("ADT", "A12") => Some("ADT_A12"),
        ("ADT", "A40") => Some("ADT_A39"),
        ("ORM", _) => Some("ORM_O01"),
        ("OMI", _) => Some("OMI_O23"),
        ("ORU", _) => Some("ORU_R01"),
        ("SIU", _) => Some("SIU_S12"),
        _ => None,
    }
}

fn event(header: &Header, recorded: Option<When>, occurred: Option<When>, zone: &TimeZone) -> Line {
    let mut line = Line::new("EVN", header.delimiters);
    // EVN-1 went out of use with 2.5.
    if header.version < Some(Version::V2_5) {
        line.text(1, &header.kind.1);
    }
    line.option(2, recorded.and_then(|at| at.write(zone)).as_deref());
    line.option(6, occurred.and_then(|at| at.write(zone)).as_deref());
    line
}

fn who(
    patient: Option<&Patient>,
    visit: Option<&Visit>,
    delimiters: Delimiters,
    zone: &TimeZone,
) -> Vec<Line> {
    let mut lines = patient.map(|patient| patient.write(delimiters, zone)).unwrap_or_default();
    let visit = visit.map(|visit| visit.write(delimiters, zone));
    // Allergies stand after the visit.
    let at = lines.len().min(1);
    lines.splice(at..at, visit);
    lines
}

fn admission(admission: &Admission, header: &Header, zone: &TimeZone) -> Vec<Line> {
    let mut lines = vec![event(header, admission.recorded, admission.occurred, zone)];
    let visit = admission.visit.as_ref();
    lines.extend(who(Some(&admission.patient), visit, header.delimiters, zone));
    lines
}

fn merges(merges: &[Merge], header: &Header, zone: &TimeZone) -> Vec<Line> {
    let mut lines = vec![event(header, header.at, None, zone)];
    for merge in merges {
        lines.extend(merge.kept.write(header.delimiters, zone));
        lines.push(merge.write(header.delimiters));
    }
    lines
}

fn reports(reports: &Reports, delimiters: Delimiters, zone: &TimeZone) -> Vec<Line> {
    let mut lines = who(reports.patient.as_ref(), reports.visit.as_ref(), delimiters, zone);
    for (at, report) in reports.reports.iter().enumerate() {
        lines.extend(report.write(at + 1, delimiters, zone));
    }
    lines
}

fn orders(
    orders: &Orders,
    header: &Header,
    version: Version,
    zone: &TimeZone,
) -> Result<Vec<Line>, Hl7Error> {
    let omi = header.kind.0 == "OMI";
    if omi && version < Version::V2_5 {
        return Err(Hl7Error::Unwritable("OMI began with version 2.5; send ORM"));
    }
    let (patient, visit) = (orders.patient.as_ref(), orders.visit.as_ref());
    let mut lines = who(patient, visit, header.delimiters, zone);
    for (at, order) in orders.orders.iter().enumerate() {
        if !omi && order.steps.len() > 1 {
            return Err(Hl7Error::Unwritable("ORM has room for one step; send OMI"));
        }
        lines.extend(order.write(at + 1, omi, header.delimiters, zone));
    }
    Ok(lines)
}

impl Order {
    fn write(
        &self,
        number: usize,
        omi: bool,
        delimiters: Delimiters,
        zone: &TimeZone,
    ) -> Vec<Line> {
        let mut lines = vec![self.orc(omi, delimiters, zone)];
        let start = self.start.and_then(|start| start.write(zone));
        let priority = self.priority.map(crate::Priority::code);
        let mut tq1 = Line::new("TQ1", delimiters);
        if omi && (start.is_some() || priority.is_some()) {
            tq1.set(1, "1".to_string());
            tq1.option(7, start.as_deref());
            tq1.option(9, priority);
            lines.push(tq1);
        }
        lines.push(self.obr(number, omi, delimiters, zone));
        for (at, note) in self.notes.iter().enumerate() {
            let mut nte = Line::new("NTE", delimiters);
            nte.set(1, (at + 1).to_string());
            nte.text(3, note);
            lines.push(nte);
        }
        for (at, observation) in self.observations.iter().enumerate() {
            let mut obx = Line::new("OBX", delimiters);
            obx.set(1, (at + 1).to_string());
            obx.set(2, "ST".to_string());
            obx.one(3, |out| observation.what.write(out));
            // Required up to 2.3.1.
            obx.set(4, "1".to_string());
            obx.option(5, observation.value.as_deref());
            obx.option(6, observation.unit.as_deref());
            obx.set(11, "F".to_string());
            lines.push(obx);
        }
        if omi {
            lines.extend(self.steps.iter().map(|step| step.write(delimiters)));
        } else if let Some(uid) = self.steps.first().and_then(|step| step.study_uid.as_ref()) {
            let mut zds = Line::new("ZDS", delimiters);
            zds.one(1, |out| {
                out.plain(1, uid);
                out.plain(3, "Application");
                out.plain(4, "DICOM");
            });
            lines.push(zds);
        }
        lines
    }

    fn orc(&self, omi: bool, delimiters: Delimiters, zone: &TimeZone) -> Line {
        let mut orc = Line::new("ORC", delimiters);
        orc.set(1, self.control.code().to_string());
        for (field, id) in [(2, &self.placer), (3, &self.filler), (4, &self.group)] {
            if let Some(id) = id {
                orc.one(field, |out| id.write(out));
            }
        }
        orc.option(5, self.status.map(crate::OrderStatus::code));
        if !omi {
            self.timing(&mut orc, 7, zone);
        }
        orc.option(9, self.placed.and_then(|at| at.write(zone)).as_deref());
        if let Some(by) = &self.ordered_by {
            orc.one(12, |out| by.write(out));
        }
        orc.option(14, self.callback.as_deref());
        // Why it is taken back is looked for here; what it was for, in OBR-31.
        if let Some(reason) = self.reason.as_ref().filter(|_| self.is_taken_back()) {
            orc.one(16, |out| reason.write(out));
        }
        if !omi {
            let title = self.steps.first().and_then(|step| step.station_ae.as_deref());
            orc.option(18, title);
        }
        orc
    }

    /// Quantity and timing as versions before 2.5 have it.
    fn timing(&self, line: &mut Line, field: usize, zone: &TimeZone) {
        let start = self.start.and_then(|start| start.write(zone));
        line.one(field, |out| {
            out.text(4, &start);
            out.text(6, &self.priority.map(|priority| priority.code().to_string()));
        });
    }

    fn obr(&self, number: usize, omi: bool, delimiters: Delimiters, zone: &TimeZone) -> Line {
        let mut obr = Line::new("OBR", delimiters);
        obr.set(1, number.to_string());
        for (field, id) in [(2, &self.placer), (3, &self.filler)] {
            if let Some(id) = id {
                obr.one(field, |out| id.write(out));
            }
        }
        if let Some(service) = &self.service {
            obr.one(4, |out| service.write(out));
        }
        obr.option(13, self.clinical_information.as_deref());
        if let Some(by) = &self.ordered_by {
            obr.one(16, |out| by.write(out));
        }
        obr.option(17, self.callback.as_deref());
        if let Some(step) = self.steps.first().filter(|_| !omi) {
            obr.option(18, step.accession.as_deref());
            obr.option(19, step.procedure_id.as_deref());
            obr.option(20, step.step_id.as_deref());
            obr.option(24, step.modality.as_deref());
        }
        if !omi {
            self.timing(&mut obr, 27, zone);
        }
        obr.option(30, self.transport.as_deref());
        if let Some(reason) = &self.reason {
            obr.one(31, |out| reason.write(out));
        }
        obr
    }
}

/// A second as HL7 writes it in that zone.
pub(crate) fn second(at: i64, zone: &TimeZone) -> Option<String> {
    Timestamp::from_second(at).ok()?;
    When::second(at).write(zone)
}
