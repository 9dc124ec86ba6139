//! A site in central Europe, and messages typed by hand for it.

use cauda_hl7::{Admission, Appointment, Body, Inbound, Orders, Reading, Reject, Reports, read};
use jiff::tz::TimeZone;

/// Central Europe without a database of zones.
pub fn zone() -> TimeZone {
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
}

pub fn reading() -> Reading {
    Reading::new(zone())
}

/// A message of 2.5 with a usual head; the lines after it as given.
pub fn message(kind: &str, lines: &[&str]) -> Vec<u8> {
    let head = format!(r"MSH|^~\&|REGISTER|GENERAL|CAUDA|ED|20261123031000+0100||{kind}|C1|P|2.5");
    let mut text = head;
    for line in lines {
        text.push('\r');
        text.push_str(line);
    }
    text.push('\r');
    text.into_bytes()
}

pub fn taken(bytes: &[u8]) -> Inbound {
    read(bytes, &reading()).unwrap()
}

pub fn refused(bytes: &[u8]) -> Reject {
    match read(bytes, &reading()) {
        Ok(_) => panic!("it was taken"),
        Err(reject) => reject,
    }
}

pub fn admission(inbound: &Inbound) -> &Admission {
    match &inbound.body {
        Body::Admission(found) => found,
        _ => panic!("this is no admission"),
    }
}

pub fn orders(inbound: &Inbound) -> &Orders {
    match &inbound.body {
        Body::Orders(found) => found,
        _ => panic!("these are no orders"),
    }
}

pub fn reports(inbound: &Inbound) -> &Reports {
    match &inbound.body {
        Body::Reports(found) => found,
        _ => panic!("these are no reports"),
    }
}

pub fn appointment(inbound: &Inbound) -> &Appointment {
    match &inbound.body {
        Body::Appointment(found) => found,
        _ => panic!("this is no appointment"),
    }
}

/// What was flagged, as a person reads it.
pub fn flags(inbound: &Inbound) -> Vec<String> {
    inbound.flags.iter().map(|flag| format!("{}: {}", flag.place, flag.odd)).collect()
}

/// A second since 1970 of a time with a zone.
pub fn second(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_second()
}
