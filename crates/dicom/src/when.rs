//! Dates, times and ranges of them as queries write them (PS3.5 §6.2, PS3.4 §C.2.2.2.5).

use jiff::civil::{Date, DateTime, Time};

/// Microseconds of a day.
pub(crate) const DAY: u64 = 24 * 3600 * 1_000_000;

/// A day as `yyyymmdd` and microseconds since its midnight, in the department's local time.
pub(crate) type Moment = (u32, u64);

/// The first and the last that are meant; `None` is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span<T> {
    pub(crate) from: Option<T>,
    pub(crate) to: Option<T>,
    /// Written with a hyphen.
    pub(crate) range: bool,
}

impl<T: PartialOrd> Span<T> {
    pub(crate) fn holds(&self, value: &T) -> bool {
        self.from.as_ref().is_none_or(|from| from <= value)
            && self.to.as_ref().is_none_or(|to| value <= to)
    }
}

/// `yyyymmdd`, `yyyymmdd-`, `-yyyymmdd` or both; `None` when it is ill-formed.
pub(crate) fn dates(text: &str) -> Option<Span<u32>> {
    span(text, |day| date(day).map(|day| (day, day)))
}

/// `hh[mm[ss[.ffffff]]]` or a range. What is left out stands for all of that hour or minute.
pub(crate) fn times(text: &str) -> Option<Span<u64>> {
    span(text, time)
}

fn span<T: Copy>(text: &str, one: impl Fn(&str) -> Option<(T, T)>) -> Option<Span<T>> {
    match text.split_once('-') {
        None => one(text).map(|(from, to)| Span { from: Some(from), to: Some(to), range: false }),
        Some((from, to)) => {
            let (from, to) = (from.trim(), to.trim());
            let bound = |text: &str| match text {
                "" => Some(None),
                text => one(text).map(Some),
            };
            let (from, to) = (bound(from)?, bound(to)?);
            if from.is_none() && to.is_none() {
                return None;
            }
            let (from, to) = (from.map(|(first, _)| first), to.map(|(_, last)| last));
            Some(Span { from, to, range: true })
        }
    }
}

/// The day as `yyyymmdd`.
pub(crate) fn date(text: &str) -> Option<u32> {
    let number = digits(text, 8)?;
    let year = i16::try_from(number / 10_000).ok()?;
    let month = i8::try_from(number / 100 % 100).ok()?;
    let day = i8::try_from(number % 100).ok()?;
    Date::new(year, month, day).ok().map(|_| number)
}

/// The first and the last microsecond of the day that a time of this precision means.
pub(crate) fn time(text: &str) -> Option<(u64, u64)> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if whole.len() == 6 => (whole, Some(fraction)),
        Some(_) => return None,
        None => (text, None),
    };
    if ![2, 4, 6].contains(&whole.len()) {
        return None;
    }
    let part = |at: usize| match whole.get(at..at + 2) {
        Some(two) => digits(two, 2).map(u64::from),
        None => Some(0),
    };
    let (hour, minute, second) = (part(0)?, part(2)?, part(4)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // A leap second counts as the one before it.
    let from = (hour * 3600 + minute * 60 + second.min(59)) * 1_000_000;
    match (whole.len(), fraction) {
        (2, _) => Some((from, from + 3_600_000_000 - 1)),
        (4, _) => Some((from, from + 60_000_000 - 1)),
        (_, None) => Some((from, from + 1_000_000 - 1)),
        (_, Some(fraction)) => {
            let count = fraction.len();
            if !(1..=6).contains(&count) {
                return None;
            }
            let step = 10_u64.pow(6 - u32::try_from(count).ok()?);
            let from = from + u64::from(digits(fraction, count)?) * step;
            Some((from, from + step - 1))
        }
    }
}

fn digits(text: &str, count: usize) -> Option<u32> {
    let all = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}

/// A date as (`yyyymmdd`, microseconds).
pub(crate) fn moment(at: DateTime) -> Moment {
    let number = |part: i8| u64::try_from(part).unwrap_or(0);
    let seconds = number(at.hour()) * 3600 + number(at.minute()) * 60 + number(at.second());
    let micros = u64::try_from(at.subsec_nanosecond() / 1000).unwrap_or(0);
    (day(at.date()), seconds * 1_000_000 + micros)
}

/// A day as `yyyymmdd`.
pub(crate) fn day(date: Date) -> u32 {
    let number = |part: i16| u32::try_from(part).unwrap_or(0);
    number(date.year()) * 10_000 + number(date.month().into()) * 100 + number(date.day().into())
}

/// The civil time that a date and a time element stand for.
pub(crate) fn civil(date_text: &str, time_text: &str) -> Option<DateTime> {
    let number = date(date_text)?;
    let (micros, _) = time(time_text)?;
    let day = Date::new(
        i16::try_from(number / 10_000).ok()?,
        i8::try_from(number / 100 % 100).ok()?,
        i8::try_from(number % 100).ok()?,
    );
    let second = micros / 1_000_000;
    let time = Time::new(
        i8::try_from(second / 3600).ok()?,
        i8::try_from(second / 60 % 60).ok()?,
        i8::try_from(second % 60).ok()?,
        i32::try_from(micros % 1_000_000 * 1000).ok()?,
    );
    Some(day.ok()?.to_datetime(time.ok()?))
}

/// `yyyymmdd`.
pub(crate) fn date_text(date: Date) -> String {
    format!("{:08}", day(date))
}

/// `hhmmss`.
pub(crate) fn time_text(time: Time) -> String {
    format!("{:02}{:02}{:02}", time.hour(), time.minute(), time.second())
}
