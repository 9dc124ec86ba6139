//! Local time of the department.

use cauda_pages::staff::Calendar;
use cauda_pathway::patient::Day;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::ServerError;
use crate::clock::Clock;

/// A time zone.
#[derive(Clone, Debug)]
pub struct LocalTime(TimeZone);

impl LocalTime {
    /// The zone.
    pub fn zone(&self) -> &TimeZone {
        &self.0
    }

    /// The zone of that IANA name.
    ///
    /// # Errors
    /// [`ServerError::TimeZone`].
    pub fn new(name: &str) -> Result<LocalTime, ServerError> {
        if name == "UTC" {
            return Ok(LocalTime(TimeZone::UTC));
        }
        let zone = TimeZone::get(name).map_err(|_| ServerError::TimeZone(name.to_string()))?;
        Ok(LocalTime(zone))
    }

    /// The next moment at which a clock on the wall shows `08:00`.
    pub fn next(&self, text: &str, now: i64) -> Option<i64> {
        let (hours, minutes) = text.split_once(':')?;
        let (hours, minutes): (i8, i8) = (hours.parse().ok()?, minutes.parse().ok()?);
        let today = Timestamp::from_second(now).ok()?.to_zoned_datetime(self.0.clone()).date();
        let time = jiff::civil::Time::new(hours, minutes, 0, 0).ok()?;
        let at = |date: jiff::civil::Date| {
            let there = date.to_datetime(time).to_zoned_datetime(self.0.clone()).ok()?;
            Some(there.timestamp().as_second())
        };
        at(today).filter(|at| *at >= now).or_else(|| at(today.tomorrow().ok()?))
    }

    /// The last moment at which a clock on the wall showed `09:15`.
    pub fn last(&self, text: &str, now: i64) -> Option<i64> {
        let next = self.next(text, now)?;
        if next == now {
            return Some(now);
        }
        let yesterday = self.next(text, now - 86_400)?;
        (yesterday <= now).then_some(yesterday)
    }

    /// Minutes since midnight there.
    pub fn minute_of_day(&self, second: i64) -> u16 {
        let at = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
        let there = at.to_zoned_datetime(self.0.clone()).time();
        u16::try_from(i32::from(there.hour()) * 60 + i32::from(there.minute())).unwrap_or(0)
    }

    /// The moment at which a clock on the wall shows `09:30` on that day.
    pub fn on(&self, day: Day, text: &str) -> Option<i64> {
        let (hours, minutes) = text.split_once(':')?;
        let time = jiff::civil::Time::new(hours.parse().ok()?, minutes.parse().ok()?, 0, 0).ok()?;
        let month = i8::try_from(day.month).ok()?;
        let date = jiff::civil::Date::new(day.year, month, i8::try_from(day.day).ok()?).ok()?;
        let there = date.to_datetime(time).to_zoned_datetime(self.0.clone()).ok()?;
        Some(there.timestamp().as_second())
    }

    /// What clocks on the wall show then.
    pub fn civil(&self, second: i64) -> jiff::civil::DateTime {
        let at = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
        at.to_zoned_datetime(self.0.clone()).datetime()
    }

    /// The calendar of a page that is made at this moment.
    pub fn now(&self, clock: &Clock) -> Now {
        self.at(clock.now())
    }

    /// The calendar of a page about another moment.
    pub fn at(&self, now: i64) -> Now {
        Now { zone: self.0.clone(), now }
    }
}

/// A moment in its zone.
#[derive(Clone, Debug)]
pub struct Now {
    zone: TimeZone,
    now: i64,
}

impl Now {
    fn format(&self, second: i64, format: &str) -> String {
        let at = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
        at.to_zoned_datetime(self.zone.clone()).strftime(format).to_string()
    }
}

impl Calendar for Now {
    fn clock(&self, second: i64) -> String {
        match self.day(second) == self.day(self.now) {
            true => self.format(second, "%H:%M"),
            false => self.format(second, "%d-%b %H:%M"),
        }
    }

    fn time(&self, second: i64) -> String {
        self.format(second, "%H:%M")
    }

    fn day(&self, second: i64) -> String {
        self.format(second, "%d-%b-%Y")
    }

    fn iso(&self, second: i64) -> String {
        self.format(second, "%Y-%m-%dT%H:%M:%S%:z")
    }

    fn now(&self) -> i64 {
        self.now
    }
}
