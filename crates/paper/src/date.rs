//! Seconds since 1970 as a day and a time, by the proleptic Gregorian calendar.

use krilla::metadata::DateTime;

const DAY_SECONDS: i64 = 86_400;
/// Days from 1 March of the year 0 to 1 January 1970.
const EPOCH_DAYS: i64 = 719_468;
/// Days of 400 years.
const ERA_DAYS: i64 = 146_097;

/// The moment in UTC, or nothing outside the years 0 to 9999.
pub(crate) fn moment(seconds: i64) -> Option<DateTime> {
    let (year, month, day) = civil(seconds.div_euclid(DAY_SECONDS));
    let year = u16::try_from(year).ok().filter(|year| *year <= 9_999)?;
    let second = seconds.rem_euclid(DAY_SECONDS);
    let moment = DateTime::new(year).month(u8::try_from(month).ok()?).day(u8::try_from(day).ok()?);
    let moment = moment.hour(u8::try_from(second / 3_600).ok()?);
    let moment = moment.minute(u8::try_from(second / 60 % 60).ok()?);
    Some(moment.second(u8::try_from(second % 60).ok()?).utc_offset_hour(0))
}

/// Year, month and day. Years begin in March, so that a leap day is the last of its year.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH_DAYS;
    let era = days.div_euclid(ERA_DAYS);
    let of_era = days.rem_euclid(ERA_DAYS);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (year + era * 400 + later, month, day)
}

#[cfg(test)]
mod tests {
    use super::civil;

    #[test]
    fn days_are_those_of_the_calendar() {
        let check = |days: i64, expect| assert_eq!(civil(days), expect, "{days}");
        check(0, (1970, 1, 1));
        check(-1, (1969, 12, 31));
        check(11_016, (2000, 2, 29));
        check(11_017, (2000, 3, 1));
        check(20_783, (2026, 11, 26));
        check(-719_528, (0, 1, 1));
        check(2_932_896, (9999, 12, 31));
    }
}
