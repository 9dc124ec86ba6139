//! From bytes to a typed message, or the reason why it will never do.

use jiff::tz::TimeZone;

use crate::charset::Mismatch;
use crate::flag::{Odd, Place};
use crate::inbound::{Admission, AdmissionEvent, Body, Inbound, Orders, Reports};
use crate::order::ORDERS_MAX;
use crate::report::REPORTS_MAX;
use crate::structure::{Gather, Segment, Text};
use crate::{
    Appointment, AppointmentEvent, Code, Header, Keys, Merge, Order, Patient, Reject, Report, Visit,
};

/// How a site's messages are to be understood.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The zone of times that name none.
    pub zone: TimeZone,
    /// Codes of OBX-8 that mean critical.
    pub critical: Vec<String>,
}

impl Reading {
    /// With the codes of HL7 table 0078 that mean very abnormal, or beyond a panic limit.
    pub fn new(zone: TimeZone) -> Reading {
        Reading { zone, critical: ["AA", "HH", "LL"].map(str::to_string).to_vec() }
    }
}

/// Reads one message, without a frame.
///
/// # Errors
/// [`Reject`]: nothing can be made of it, now or later. It holds the header as far as there was
/// one, for the answer.
pub fn read(bytes: &[u8], reading: &Reading) -> Result<Inbound, Reject> {
    let text = Text::read(bytes)?;
    let message = text.parse()?;
    let segments = text.segments(&message);
    let mut gather = Gather { zone: &reading.zone, critical: &reading.critical, flags: Vec::new() };
    let Some(msh) = segments.first() else {
        return Err(Reject::new(Code::SegmentSequence, None, "a message begins with MSH"));
    };
    let header = Header::read(msh, &text, &mut gather);
    let read = check(msh, &header, &text, &mut gather)
        .and_then(|()| body(&header, &segments, &mut gather));
    match read {
        Ok(body) => {
            let keys = Keys::of(&header, &segments);
            Ok(Inbound { header, body, flags: gather.flags, keys })
        }
        Err(reject) => Err(reject.with(&header)),
    }
}

/// The head of a message, whatever it says; nothing if it has none.
pub fn read_header(bytes: &[u8], reading: &Reading) -> Option<Header> {
    let text = Text::read(bytes).ok()?;
    let message = text.parse().ok()?;
    let segments = text.segments(&message);
    let mut gather = Gather { zone: &reading.zone, critical: &reading.critical, flags: Vec::new() };
    Some(Header::read(segments.first()?, &text, &mut gather))
}

fn check(
    msh: &Segment<'_>,
    header: &Header,
    text: &Text,
    gather: &mut Gather<'_>,
) -> Result<(), Reject> {
    let refuse = |code, field, why| Err(Reject::new(code, Some(msh.place(field)), why));
    match text.mismatch {
        Some(Mismatch::Unsupported) => {
            let why = "its character set is not read; send UNICODE UTF-8 or 8859/1";
            return refuse(Code::Table, 18, why);
        }
        Some(Mismatch::NotAsDeclared) => gather.flag(msh.place(18), Odd::Charset),
        None => {}
    }
    if header.control_id.is_empty() {
        return refuse(Code::RequiredField, 10, "the message has no control id");
    }
    if header.version.is_none() {
        return refuse(Code::Version, 12, "only versions 2.3 to 2.5.1 are read");
    }
    Ok(())
}

fn body(
    header: &Header,
    segments: &[Segment<'_>],
    gather: &mut Gather<'_>,
) -> Result<Body, Reject> {
    let (kind, mut event) = (header.kind.0.as_str(), header.kind.1.clone());
    if kind == "ADT" && event.is_empty() {
        event = find(segments, "EVN").and_then(|evn| evn.text(1)).unwrap_or_default();
    }
    match (kind, event.as_str()) {
        ("ADT", "A40") => merges(segments, gather),
        ("ADT", event) => match AdmissionEvent::read(event) {
            Some(event) => admission(event, segments, gather),
            None => Err(unknown_event()),
        },
        ("ORM", "O01" | "") | ("OMI", "O23" | "") => orders(segments, gather),
        ("ORU", "R01" | "") => reports(segments, gather),
        ("SIU", event) => match AppointmentEvent::read(event) {
            Some(event) => appointment(event, segments, gather),
            None => Err(unknown_event()),
        },
        ("ORM" | "OMI" | "ORU", _) => Err(unknown_event()),
        _ => {
            let why = "this kind of message is not taken; ADT, ORM, OMI, ORU and SIU are";
            Err(Reject::new(Code::MessageType, Some(Place::new("MSH", 1, 9)), why))
        }
    }
}

fn unknown_event() -> Reject {
    let why = "this event is not taken";
    Reject::new(Code::EventCode, Some(Place::new("MSH", 1, 9)), why)
}

fn missing(name: &str, why: &'static str) -> Reject {
    Reject::new(Code::SegmentSequence, Some(Place::new(name, 1, 0)), why)
}

fn find<'s, 'm>(segments: &'s [Segment<'m>], name: &str) -> Option<&'s Segment<'m>> {
    segments.iter().find(|segment| segment.name() == name)
}

/// PID with its AL1, and PV1.
fn who(
    segments: &[Segment<'_>],
    gather: &mut Gather<'_>,
) -> Result<(Option<Patient>, Option<Visit>), Reject> {
    let mut people = segments.iter().filter(|segment| segment.name() == "PID");
    let patient = people.next().map(|pid| Patient::read(pid, gather)).transpose()?;
    if let Some(second) = people.next() {
        let why = "there is a second patient; send one in a message";
        return Err(Reject::new(Code::SegmentSequence, Some(second.place(0)), why));
    }
    let patient = patient.map(|mut patient| {
        for al1 in segments.iter().filter(|segment| segment.name() == "AL1") {
            patient.allergic(al1, gather);
        }
        patient
    });
    let visit = find(segments, "PV1").map(|pv1| Visit::read(pv1, gather));
    Ok((patient, visit))
}

fn admission(
    event: AdmissionEvent,
    segments: &[Segment<'_>],
    gather: &mut Gather<'_>,
) -> Result<Body, Reject> {
    let evn = find(segments, "EVN");
    let recorded = evn.and_then(|evn| gather.time(evn, 2, 1));
    let occurred = evn.and_then(|evn| gather.time(evn, 6, 1));
    let (patient, visit) = who(segments, gather)?;
    let patient = patient.ok_or_else(|| missing("PID", "the message names no patient"))?;
    Ok(Body::Admission(Box::new(Admission { event, occurred, recorded, patient, visit })))
}

fn merges(segments: &[Segment<'_>], gather: &mut Gather<'_>) -> Result<Body, Reject> {
    let mut merges = Vec::new();
    let mut kept: Option<Patient> = None;
    for segment in segments {
        match segment.name() {
            "PID" => match kept.replace(Patient::read(segment, gather)?) {
                None => {}
                Some(_) => return Err(missing("MRG", "a patient is merged with nobody")),
            },
            "MRG" => {
                let why = "the number that is lost stands before the patient who is kept";
                let kept = kept.take().ok_or_else(|| missing("PID", why))?;
                merges.push(Merge::read(kept, segment, gather)?);
            }
            _ => {}
        }
    }
    if kept.is_some() || merges.is_empty() {
        return Err(missing("MRG", "a merge names a patient, in PID, and a lost number, in MRG"));
    }
    Ok(Body::Merges(merges))
}

fn orders(segments: &[Segment<'_>], gather: &mut Gather<'_>) -> Result<Body, Reject> {
    let (patient, visit) = who(segments, gather)?;
    let mut orders = Vec::new();
    let begins: Vec<usize> = positions(segments, "ORC");
    if begins.len() > ORDERS_MAX {
        return Err(missing("ORC", "there are more orders in the message than are taken"));
    }
    for (at, begin) in begins.iter().enumerate() {
        let end = begins.get(at + 1).copied().unwrap_or(segments.len());
        orders.push(order(segments.get(*begin..end).unwrap_or_default(), gather)?);
    }
    if orders.is_empty() {
        return Err(missing("ORC", "the message holds no order"));
    }
    if patient.is_none() && orders.iter().any(Order::begins) {
        return Err(missing("PID", "the message orders something and names no patient"));
    }
    Ok(Body::Orders(Box::new(Orders { patient, visit, orders })))
}

/// From an ORC to the next.
fn order(segments: &[Segment<'_>], gather: &mut Gather<'_>) -> Result<Order, Reject> {
    let Some((orc, rest)) = segments.split_first() else {
        return Err(missing("ORC", "the message holds no order"));
    };
    let mut order = Order::begin(orc, gather)?;
    let mut described = rest.iter().filter(|segment| segment.name() == "OBR");
    let obr = described.next();
    if let Some(second) = described.next() {
        let why = "every OBR needs an ORC of its own";
        return Err(Reject::new(Code::SegmentSequence, Some(second.place(0)), why));
    }
    for segment in rest {
        order.add(segment, gather)?;
    }
    if find(rest, "IPC").is_none() {
        order.step_of_orm(orc, obr, find(rest, "ZDS"), gather);
    }
    order.check(orc)?;
    Ok(order)
}

fn reports(segments: &[Segment<'_>], gather: &mut Gather<'_>) -> Result<Body, Reject> {
    let (patient, visit) = who(segments, gather)?;
    let begins = positions(segments, "OBR");
    if begins.len() > REPORTS_MAX {
        return Err(missing("OBR", "there are more reports in the message than are taken"));
    }
    let mut reports = Vec::new();
    for (at, begin) in begins.iter().enumerate() {
        let end = begins.get(at + 1).copied().unwrap_or(segments.len());
        let Some((obr, rest)) = segments.get(*begin..end).and_then(<[_]>::split_first) else {
            continue;
        };
        let before = begin.checked_sub(1).and_then(|before| segments.get(before));
        let orc = before.filter(|segment| segment.name() == "ORC");
        let mut report = Report::begin(obr, orc, gather);
        for obx in rest.iter().filter(|segment| segment.name() == "OBX") {
            report.observe(obx, gather);
        }
        report.check(obr)?;
        reports.push(report);
    }
    if reports.is_empty() {
        return Err(missing("OBR", "the message holds no report"));
    }
    Ok(Body::Reports(Box::new(Reports { patient, visit, reports })))
}

fn appointment(
    event: AppointmentEvent,
    segments: &[Segment<'_>],
    gather: &mut Gather<'_>,
) -> Result<Body, Reject> {
    let sch = find(segments, "SCH");
    let sch = sch.ok_or_else(|| missing("SCH", "the message holds no appointment"))?;
    let mut appointment = Appointment::begin(event, sch, gather)?;
    for segment in segments {
        appointment.add(segment, gather)?;
    }
    appointment.check(sch)?;
    Ok(Body::Appointment(Box::new(appointment)))
}

fn positions(segments: &[Segment<'_>], name: &str) -> Vec<usize> {
    let found = segments.iter().enumerate().filter(|(_, segment)| segment.name() == name);
    found.map(|(at, _)| at).collect()
}
