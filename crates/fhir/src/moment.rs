//! `date`, `dateTime` and `instant` of FHIR R4: a year, a month, a day or a second.
//!
//! A partial date is a span of time, and a date without an offset could be in any zone, so what a
//! date says is the first and the last second that it may mean. Whoever asks how old a reassuring
//! value is takes the first.

use jiff::Timestamp;
use jiff::civil::Date;

/// Longest text of a date.
const BYTES_MAX: usize = 40;
/// The zones on earth farthest from UTC, in seconds: +14:00 begins a day first, -12:00 ends it last.
const FIRST_ZONE: i64 = 14 * 3_600;
const LAST_ZONE: i64 = 12 * 3_600;
const DAY: i64 = 86_400;

/// When something was, as closely as the text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The first second since 1970 UTC that it may mean.
    pub earliest: i64,
    /// The last one.
    pub latest: i64,
}

impl Moment {
    /// Reads a date. `None` for anything that is none.
    pub fn read(text: &str) -> Option<Moment> {
        if text.len() > BYTES_MAX || !text.is_ascii() {
            return None;
        }
        if text.contains('T') {
            let second = text.parse::<Timestamp>().ok()?.as_second();
            return Some(Moment { earliest: second, latest: second });
        }
        let numbers: Vec<i16> = text.split('-').map(digits).collect::<Option<_>>()?;
        let widths: Vec<usize> = text.split('-').map(str::len).collect();
        let (first, last) = match (numbers[..].as_ref(), widths[..].as_ref()) {
            ([year], [4]) => (day(*year, 1, 1)?, day(*year, 12, 31)?),
            ([year, month], [4, 2]) => {
                let first = day(*year, *month, 1)?;
                (first, first.last_of_month())
            }
            ([year, month, date], [4, 2, 2]) => {
                let day = day(*year, *month, *date)?;
                (day, day)
            }
            _ => return None,
        };
        let earliest = second(first)? - FIRST_ZONE;
        Some(Moment { earliest, latest: second(last)? + DAY - 1 + LAST_ZONE })
    }

    /// Whether the text named a second.
    pub fn is_exact(&self) -> bool {
        self.earliest == self.latest
    }
}

fn digits(part: &str) -> Option<i16> {
    part.bytes().all(|sign| sign.is_ascii_digit()).then(|| part.parse().ok()).flatten()
}

fn day(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()
}

fn second(date: Date) -> Option<i64> {
    let epoch = Date::new(1970, 1, 1).ok()?;
    let days = (date - epoch).get_days();
    Some(i64::from(days) * DAY)
}
