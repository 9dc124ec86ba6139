//! Times and dates (HL7 v2.5.1 section 2.A.77): from a year to a part of a second, with a zone
//! or without one.
//!
//! A partial time is a span, and so is an hour that a clock goes through twice in autumn.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// Longest text of a time: `20261123031000.1234+0100`.
const TEXT_BYTES_MAX: usize = 24;

/// How closely a time was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// A year.
    Year,
    /// A month.
    Month,
    /// A day.
    Day,
    /// An hour.
    Hour,
    /// A minute.
    Minute,
    /// A second; parts of it are dropped.
    Second,
}

/// When something was or will be, as closely as the message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct When {
    /// The first second since 1970 UTC that it may mean.
    pub earliest: i64,
    /// The last one.
    pub latest: i64,
    /// How closely it was said.
    pub precision: Precision,
}

/// A date of birth, as closely as it is known.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartialDate {
    /// The year.
    pub year: i16,
    /// The month, 1 to 12.
    pub month: Option<i8>,
    /// The day of the month; never without a month.
    pub day: Option<i8>,
}

crate::data_types::masked!(PartialDate);

impl When {
    /// A second.
    pub fn second(second: i64) -> When {
        When { earliest: second, latest: second, precision: Precision::Second }
    }

    /// Reads `20261123`, `202611230310`, `20261123031000.5+0100`. Without an offset of its own it
    /// is a time of that zone. Nothing for what is no time.
    pub fn read(text: &str, zone: &TimeZone) -> Option<When> {
        let (digits, offset) = parts(text)?;
        let (first, last, precision) = span(digits)?;
        let zone = offset.map_or_else(|| zone.clone(), TimeZone::fixed);
        let earliest = zone.to_ambiguous_timestamp(first).earlier().ok()?.as_second();
        let latest = zone.to_ambiguous_timestamp(last).later().ok()?.as_second();
        // A clock put forward leaves out the times between; both ends stay in order.
        Some(When { earliest, latest: latest.max(earliest), precision })
    }

    /// Whether it names one second.
    pub fn is_exact(&self) -> bool {
        self.earliest == self.latest
    }

    /// Its first second, of a time that says the day at least.
    pub fn from_day(&self) -> Option<i64> {
        (self.precision >= Precision::Day).then_some(self.earliest)
    }

    /// Whether all of it lies before the other: as closely as both are said. What is said by the
    /// same minute, or within a day that is all the other says, is not older.
    pub fn is_before(&self, other: &When) -> bool {
        self.latest < other.earliest
    }

    /// The same, and no later than that second: a clock that is fast says nothing of what follows.
    pub fn until(&self, second: i64) -> When {
        let (earliest, latest) = (self.earliest.min(second), self.latest.min(second));
        When { earliest, latest, precision: self.precision }
    }

    /// As HL7 writes it in that zone: with its offset from the hour on, without one for a day.
    pub(crate) fn write(&self, zone: &TimeZone) -> Option<String> {
        let at = Timestamp::from_second(self.earliest).ok()?;
        let local = zone.to_datetime(at);
        let year = u16::try_from(local.year()).ok().filter(|year| (1..=9_999).contains(year))?;
        let rest = [local.month(), local.day(), local.hour(), local.minute(), local.second()];
        let parts = match self.precision {
            Precision::Year => 0,
            Precision::Month => 1,
            Precision::Day => 2,
            Precision::Hour => 3,
            Precision::Minute => 4,
            Precision::Second => 5,
        };
        let mut text = format!("{year:04}");
        text.extend(rest.iter().take(parts).map(|part| format!("{part:02}")));
        if self.precision >= Precision::Hour {
            let minutes = zone.to_offset(at).seconds() / 60;
            let sign = if minutes < 0 { '-' } else { '+' };
            let minutes = minutes.abs();
            text.push_str(&format!("{sign}{:02}{:02}", minutes / 60, minutes % 60));
        }
        Some(text)
    }
}

impl PartialDate {
    /// Reads the date at the beginning of a time. Nothing for what is none.
    pub fn read(text: &str) -> Option<PartialDate> {
        let (digits, _) = parts(text)?;
        let (first, _, precision) = span(digits)?;
        Some(PartialDate {
            year: first.year(),
            month: (precision >= Precision::Month).then(|| first.month()),
            day: (precision >= Precision::Day).then(|| first.day()),
        })
    }

    /// As HL7 writes it.
    pub(crate) fn write(&self) -> String {
        let mut text = format!("{:04}", self.year);
        for part in [self.month, self.month.and(self.day)].into_iter().flatten() {
            text.push_str(&format!("{part:02}"));
        }
        text
    }
}

/// Digits and offset. An offset stands after a day at least, so that no hyphen of another way to
/// write a date is taken for one.
fn parts(text: &str) -> Option<(&str, Option<Offset>)> {
    let text = text.trim();
    if text.len() > TEXT_BYTES_MAX || !text.is_ascii() {
        return None;
    }
    match text.find(['+', '-']) {
        Some(at) if at < 8 => None,
        Some(at) => Some((text.get(..at)?, Some(offset(text.get(at..)?)?))),
        None => Some((text, None)),
    }
}

/// The first and the last second of what the digits name, and how many they are.
fn span(text: &str) -> Option<(DateTime, DateTime, Precision)> {
    let (digits, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let numeric = |part: &str| !part.is_empty() && part.bytes().all(|sign| sign.is_ascii_digit());
    if !numeric(digits) || !numeric(fraction) || (text.contains('.') && digits.len() != 14) {
        return None;
    }
    let part = |from: usize| digits.get(from..from.checked_add(2)?)?.parse::<i8>().ok();
    let year: i16 = digits.get(..4)?.parse().ok()?;
    let (month, day) = (part(4), part(6));
    let (hour, minute, second) = (part(8), part(10), part(12));
    let precision = match digits.len() {
        4 => Precision::Year,
        6 => Precision::Month,
        8 => Precision::Day,
        10 => Precision::Hour,
        12 => Precision::Minute,
        14 => Precision::Second,
        _ => return None,
    };
    let first = Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).ok()?;
    let last = match precision {
        Precision::Year => first.last_of_year(),
        Precision::Month => first.last_of_month(),
        _ => first,
    };
    let begin = |part: Option<i8>| part.unwrap_or(0);
    let from = first.at_checked(begin(hour), begin(minute), begin(second))?;
    let to = last.at_checked(hour.unwrap_or(23), minute.unwrap_or(59), second.unwrap_or(59))?;
    Some((from, to, precision))
}

trait AtChecked {
    fn at_checked(self, hour: i8, minute: i8, second: i8) -> Option<DateTime>;
}

impl AtChecked for Date {
    fn at_checked(self, hour: i8, minute: i8, second: i8) -> Option<DateTime> {
        DateTime::new(self.year(), self.month(), self.day(), hour, minute, second, 0).ok()
    }
}

fn offset(text: &str) -> Option<Offset> {
    let (sign, digits) = text.split_at_checked(1)?;
    if digits.len() != 4 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..)?.parse().ok()?;
    if hours > 14 || minutes > 59 {
        return None;
    }
    let seconds = (hours * 60 + minutes) * 60;
    Offset::from_seconds(if sign == "-" { -seconds } else { seconds }).ok()
}
