//! Instants as FHIR writes them, and dates as spans of seconds (FHIR R4, `date` search).

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Longest text of a date.
const BYTES_MAX: usize = 40;

/// A second since 1970 as `2026-11-26T09:15:00Z`.
pub(crate) fn instant(second: i64) -> String {
    Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// The day of a second, in UTC.
pub(crate) fn day(second: i64) -> String {
    instant(second).chars().take(10).collect()
}

/// The first and the last second that a date may mean; days are those of UTC here.
pub(crate) fn span(text: &str) -> Option<(i64, i64)> {
    if text.len() > BYTES_MAX || !text.is_ascii() {
        return None;
    }
    if text.contains('T') {
        let second = text.parse::<Timestamp>().ok()?.as_second();
        return Some((second, second));
    }
    let parts: Vec<&str> = text.split('-').collect();
    let number = |at: usize, width: usize| {
        let part = parts.get(at).filter(|part| part.len() == width)?;
        part.bytes().all(|sign| sign.is_ascii_digit()).then(|| part.parse::<i16>().ok())?
    };
    let year = number(0, 4)?;
    let (first, last) = match parts.len() {
        1 => (date(year, 1, 1)?, date(year, 12, 31)?),
        2 => {
            let first = date(year, number(1, 2)?, 1)?;
            (first, first.last_of_month())
        }
        3 => {
            let day = date(year, number(1, 2)?, number(2, 2)?)?;
            (day, day)
        }
        _ => return None,
    };
    Some((midnight(first)?, midnight(last)? + 86_399))
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn midnight(date: Date) -> Option<i64> {
    Some(TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?.as_second())
}

/// Whole years from a date of birth to a second, if the date says so much.
pub(crate) fn age(born: &str, now: i64) -> Option<i64> {
    let now: Date = day(now).parse().ok()?;
    let (first, _) = span(born)?;
    let born: Date = day(first).parse().ok()?;
    let before = (now.month(), now.day()) < (born.month(), born.day());
    Some(i64::from(now.year()) - i64::from(born.year()) - i64::from(before))
}
