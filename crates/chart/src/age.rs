//! Completed years of age from a date of birth that may be a year or a month only (E10, CR14).
//!
//! Nobody says in which zone a birthday counts, so a day may begin 14 hours early or end 12 hours
//! late. Where the age could be either of two, or more, only the lower end is told.

use jiff::Span;
use jiff::civil::Date;

/// Hours ahead of UTC and behind it at the ends of the earth.
const FIRST_ZONE: i64 = 14;
const LAST_ZONE: i64 = -12;
/// Seconds of an hour and of a day.
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// The least and the greatest age that a date of birth may mean. `None` if it is none, or is still
/// to come.
pub(crate) fn years(birth: &str, now: i64) -> Option<(i16, i16)> {
    let (first, last) = days(birth)?;
    let least = completed(last, today(now, LAST_ZONE)?);
    let greatest = completed(first, today(now, FIRST_ZONE)?);
    (greatest >= 0).then(|| (least.max(0), greatest))
}

/// The day that many hours ahead of UTC.
fn today(now: i64, hours: i64) -> Option<Date> {
    let days = now.checked_add(hours * HOUR)?.div_euclid(DAY);
    Date::new(1970, 1, 1).ok()?.checked_add(Span::new().try_days(days).ok()?).ok()
}

fn completed(birth: Date, today: Date) -> i16 {
    let is_before = (today.month(), today.day()) < (birth.month(), birth.day());
    today.year() - birth.year() - i16::from(is_before)
}

/// First and last day of `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
fn days(text: &str) -> Option<(Date, Date)> {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |part: &str, width: usize| -> Option<i16> {
        let plain = part.len() == width && part.bytes().all(|sign| sign.is_ascii_digit());
        plain.then(|| part.parse().ok()).flatten()
    };
    let day = |year: i16, month: i16, day: i16| {
        Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()
    };
    match parts[..] {
        [year] => {
            let year = number(year, 4)?;
            Some((day(year, 1, 1)?, day(year, 12, 31)?))
        }
        [year, month] => {
            let first = day(number(year, 4)?, number(month, 2)?, 1)?;
            Some((first, first.last_of_month()))
        }
        [year, month, date] => {
            let one = day(number(year, 4)?, number(month, 2)?, number(date, 2)?)?;
            Some((one, one))
        }
        _ => None,
    }
}
