//! Who a patient is: name, birth, number. A stream of its own beside the visits,
//! so that it can be erased by itself and no event of a visit names anybody.

use cauda_guideline::time;
use serde::{Deserialize, Serialize};

use crate::closed_list::closed_list;
use crate::identity::{Actor, PatientId, Text};
use crate::refusal::{Refusal, Why};
use crate::wire;

/// Version of the form of a patient's event. 2 brought the way to write to a patient.
pub const VERSION: u32 = 2;
/// Most characters of a name or a number.
pub const NAME_MAX: usize = 120;

closed_list! {
    /// Administrative sex, as the registration has it.
    Sex {
        Female = "female",
        Male = "male",
        Other = "other",
        Unknown = "not known",
    }
}

/// A calendar day, `1981-03-04`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day {
    /// Year.
    pub year: i16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
}

impl Day {
    /// Reads `1981-03-04`.
    ///
    /// # Errors
    /// One sentence.
    pub fn read(text: &str) -> Result<Day, String> {
        let wrong = || "this is no date; write year-month-day, 1981-03-04".to_string();
        let mut parts = text.trim().splitn(3, '-');
        let mut part = || parts.next().and_then(|part| part.parse::<i16>().ok());
        let (Some(year), Some(month), Some(day)) = (part(), part(), part()) else {
            return Err(wrong());
        };
        let last = match month {
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return Err(wrong()),
        };
        if !(1850..=9998).contains(&year) || !(1..=last).contains(&day) {
            return Err(wrong());
        }
        Ok(Day { year, month: month as u8, day: day as u8 })
    }

    /// Whole years from this day to that one; nothing if it lies before.
    pub fn years_to(self, other: Day) -> Option<u16> {
        let years = other.year - self.year;
        let before = (other.month, other.day) < (self.month, self.day);
        u16::try_from(years - i16::from(before)).ok()
    }

    /// `04-Mar-1981`, which nobody reads wrongly.
    pub fn words(self) -> String {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let month = MONTHS.get(usize::from(self.month.saturating_sub(1))).unwrap_or(&"?");
        format!("{:02}-{month}-{}", self.day, self.year)
    }
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Day, String> {
        Day::read(&text)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> String {
        format!("{:04}-{:02}-{:02}", day.year, day.month, day.day)
    }
}

/// What is known of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// As it is called out, family name last.
    pub name: Text,
    /// Day of birth, if it is known.
    pub born: Option<Day>,
    /// Sex.
    pub sex: Sex,
    /// Number in this hospital, if there is one.
    pub number: Option<String>,
    /// Allergies as told; nothing is "not asked".
    pub allergies: Option<Text>,
    /// The telephone on which the patient is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telephone: Option<String>,
    /// Where the patient agreed to be written to: an e-mail address or a mobile telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write_to: Option<String>,
}

impl Person {
    /// Refuses a name or a number that does not fit.
    ///
    /// # Errors
    /// One sentence.
    pub fn check(&self) -> Result<(), Refusal> {
        let fits = |text: &str| {
            let count = text.chars().count();
            (1..=NAME_MAX).contains(&count) && !text.chars().any(char::is_control)
        };
        if !fits(self.name.as_str()) {
            let message = format!("the name has 1 to {NAME_MAX} characters on one line");
            return Err(Refusal::new(Why::TooLarge, message));
        }
        if !self.telephone.as_deref().is_none_or(fits) || !self.write_to.as_deref().is_none_or(fits)
        {
            let message = format!("a way to reach the patient has 1 to {NAME_MAX} characters");
            return Err(Refusal::new(Why::TooLarge, message));
        }
        match self.number.as_deref().is_none_or(fits) {
            true => Ok(()),
            false => {
                let message = format!("the number has 1 to {NAME_MAX} characters on one line");
                Err(Refusal::new(Why::TooLarge, message))
            }
        }
    }
}

/// What happened to a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PatientWhat {
    /// Registered, or registered anew with what was corrected.
    Registered {
        /// The person.
        person: Person,
    },
}

/// One event of a patient's stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatientEvent {
    /// Version of its form.
    pub version: u32,
    /// When it was recorded.
    #[serde(with = "wire::instant")]
    pub at: i64,
    /// Who did it.
    pub by: Actor,
    /// What happened.
    pub what: PatientWhat,
}

/// A registered patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patient {
    /// Its id.
    pub id: PatientId,
    /// The person, as it was said last.
    pub person: Person,
}

impl Patient {
    /// The patient after its events; nothing without a registration, as after an erasure.
    pub fn fold(id: &PatientId, events: &[PatientEvent]) -> Option<Patient> {
        let PatientWhat::Registered { person } = &events.last()?.what;
        Some(Patient { id: id.clone(), person: person.clone() })
    }

    /// Age in whole years on that day, if the birth is known.
    pub fn age_on(&self, second: i64) -> Option<u16> {
        let today = Day::read(time::write(second).get(..10)?).ok()?;
        self.person.born?.years_to(today)
    }
}
