//! The facts a guideline may ask about: what each can be, which way danger
//! lies, who may say it, and how long a reassuring answer lasts.
//!
//! Written in TOML, `facts/<group>.toml`; the table's name is the fact's id.

mod read;

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::decimal::{Decimal, Rational};
use crate::page::Comparison;
use crate::units;

pub use read::is_id;
pub(crate) use read::{read, tables};

/// Largest number of facts of a guideline.
pub const FACTS_MAX: usize = 400;
/// Most values of a choice.
pub const VALUES_MAX: usize = 12;

/// Place of a fact in its guideline.
pub type FactIndex = usize;

/// What a fact can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Named values in rising danger: findings, choices, derived facts.
    Named {
        /// `finding`, `choice` or `derived`.
        sort: Sort,
        /// The values, least dangerous first.
        values: Vec<String>,
        /// Which of them are danger signs.
        dangerous: Vec<bool>,
        /// The value of "all else clear".
        clear: usize,
        /// The value it has until somebody says otherwise.
        assume: Option<usize>,
    },
    /// A number on a grid.
    Quantity(Quantity),
}

/// Which kind of named fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Present or absent.
    Finding,
    /// New, longstanding or absent.
    FindingWithOnset,
    /// One of several values.
    Choice,
    /// Defined by a page.
    Derived,
    /// Worked out by the engine, for disposition pages.
    BuiltIn,
}

/// A quantity or duration. Values are places on the grid, doubled: even for a
/// grid point, odd for strictly between two points (see [`Rational::doubled_floor`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// UCUM unit of rules and storage.
    pub unit: String,
    /// Units accepted, converted exactly.
    pub accepts: Vec<String>,
    /// The grid.
    pub step: Rational,
    /// Least and greatest place accepted.
    pub range: (i64, i64),
    /// Place of the clear value.
    pub clear: i64,
    /// From this place on, in the direction of danger, a danger sign.
    pub alarm: Option<i64>,
    /// Whether it grows while time passes.
    pub is_duration: bool,
}

/// Which way danger lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Danger {
    /// Later values or higher numbers are more dangerous.
    Rising,
    /// Lower numbers are more dangerous.
    Falling,
    /// Neither: the fact only modifies.
    None,
}

/// How a fact is come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// Told by the patient.
    Ask,
    /// Seen by an examiner.
    Examine,
    /// A vital sign.
    Measure,
    /// A test.
    Test,
    /// From the record.
    Record,
    /// Worked out.
    Derived,
}

/// A point of the visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// At the triage desk.
    Triage,
    /// The physician's examination.
    Examination,
    /// Results are back.
    Results,
    /// Before going home.
    Discharge,
    /// Weeks later.
    FollowUp,
}

/// Who says something, in rising authority (CR8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// An electronic record; never supersedes a person.
    Ehr,
    /// The patient or a carer.
    Patient,
    /// A nurse.
    Nurse,
    /// The laboratory.
    Laboratory,
    /// A physician.
    Physician,
}

impl Role {
    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Role::Ehr => "the EHR",
            Role::Patient => "the patient",
            Role::Nurse => "a nurse",
            Role::Laboratory => "the laboratory",
            Role::Physician => "a physician",
        }
    }

    /// All, in rising authority.
    pub const ALL: [Role; 5] =
        [Role::Ehr, Role::Patient, Role::Nurse, Role::Laboratory, Role::Physician];

    /// Its id in pages and JSON.
    pub fn id(self) -> &'static str {
        match self {
            Role::Ehr => "ehr",
            Role::Patient => "patient",
            Role::Nurse => "nurse",
            Role::Laboratory => "laboratory",
            Role::Physician => "physician",
        }
    }

    /// The role with that id.
    pub fn of_id(id: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.id() == id)
    }
}

/// Which of several entries counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// The most dangerous.
    Worst,
    /// The last one measured.
    Latest,
}

/// How long an entry is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Carries {
    /// This visit.
    Visit,
    /// The whole episode.
    Episode,
}

/// A code of a terminology with its display.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// `LOINC`.
    pub system: String,
    /// The code.
    pub code: String,
    /// Its display in that terminology.
    pub display: String,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its id.
    pub id: String,
    /// The file it stands in, without folder and ending.
    pub group: String,
    /// Where its id stands in that file.
    pub span: Range<usize>,
    /// What it can be.
    pub kind: Kind,
    /// Which way danger lies.
    pub danger: Danger,
    /// How it is come by.
    pub by: By,
    /// The page that says when this test is needed.
    pub needed: Option<String>,
    /// When it is asked.
    pub asked_at: Vec<Stage>,
    /// Who may say it.
    pub asked_of: Vec<Role>,
    /// Facts whose fall between two examinations makes this one present.
    pub worsening_of: Vec<String>,
    /// Never asked while one of these facts is present, because asking is unsafe.
    pub withheld_while: Vec<String>,
    /// A danger sign of one of these facts, entered later, takes it back to its assumed value.
    pub taken_back_by: Vec<String>,
    /// Reassuring answers of this kind do not count while this fact is not clear.
    pub governs: Option<By>,
    /// Seconds after which a reassuring value no longer counts.
    pub fresh_seconds: Option<i64>,
    /// Which entry counts.
    pub keep: Keep,
    /// How long it is carried.
    pub carries: Carries,
    /// For staff.
    pub staff: String,
    /// For patients.
    pub patient: String,
    /// Of a choice: its values as patients are offered them.
    pub patient_values: BTreeMap<String, String>,
    /// Ids of sources.
    pub sources: Vec<String>,
    /// Codes.
    pub codes: Vec<Code>,
}

impl Fact {
    /// Path of the file it stands in.
    pub fn file(&self) -> String {
        format!("facts/{}.toml", self.group)
    }

    /// Index of a named value.
    pub fn value_index(&self, name: &str) -> Option<usize> {
        match &self.kind {
            Kind::Named { values, .. } => values.iter().position(|value| value == name),
            Kind::Quantity(_) => None,
        }
    }

    /// The value it has until somebody says otherwise.
    pub fn assumed(&self) -> Option<usize> {
        match &self.kind {
            Kind::Named { assume, .. } => *assume,
            Kind::Quantity(_) => None,
        }
    }

    /// Whether a page or the engine works it out.
    pub fn is_computed(&self) -> bool {
        matches!(&self.kind, Kind::Named { sort: Sort::Derived | Sort::BuiltIn, .. })
    }

    /// The quantity, if it is one.
    pub fn quantity(&self) -> Option<&Quantity> {
        match &self.kind {
            Kind::Quantity(quantity) => Some(quantity),
            Kind::Named { .. } => None,
        }
    }
}

impl Quantity {
    /// Place of `number unit` on the grid, or why it is refused.
    pub fn place(&self, number: &str, unit: Option<&str>) -> Result<i64, String> {
        if number.len() > 40 || unit.is_some_and(|unit| unit.len() > 40) {
            return Err("this is not a number with its unit".to_string());
        }
        let Some(decimal) = Decimal::parse(number) else {
            let comma = if number.contains(',') { "; write a decimal point" } else { "" };
            return Err(format!("`{number}` is not a plain number{comma}"));
        };
        let unit = match unit {
            Some(unit) => unit,
            None if self.unit == "1" => "1",
            None => {
                return Err(format!(
                    "a unit is needed: write `{number} {}`{}",
                    self.unit,
                    self.other_units()
                ));
            }
        };
        if !self.accepts.iter().any(|accepted| accepted == unit) {
            let meant = match units::meant_by(unit) {
                Some(code) if self.accepts.iter().any(|accepted| accepted == code) => {
                    format!("; the UCUM code is `{code}`")
                }
                _ => format!("; write `{}`{}", self.unit, self.other_units()),
            };
            return Err(format!("`{unit}` is not a unit of this quantity{meant}"));
        }
        let place = units::convert(decimal.rational(), unit, &self.unit)
            .and_then(|value| value.over(self.step))
            .and_then(Rational::doubled_floor)
            .ok_or_else(|| format!("`{number} {unit}` is too long to be exact"))?;
        if place < self.range.0 || place > self.range.1 {
            return Err(format!(
                "`{number} {unit}` is outside the possible range, {} to {}",
                self.text(self.range.0),
                self.text(self.range.1)
            ));
        }
        Ok(place)
    }

    /// Least and greatest place of a value known only by a comparison; `None`
    /// when nothing in the range satisfies it.
    pub fn limits(&self, comparison: Option<Comparison>, place: i64) -> Option<(i64, i64)> {
        let (low, high) = self.range;
        // An odd place stands for anything between two steps, so it stays possible.
        let beside = i64::from(place % 2 == 0);
        let (least, greatest) = match comparison {
            None => (place, place),
            Some(Comparison::AtLeast) => (place, high),
            Some(Comparison::Above) => (place + beside, high),
            Some(Comparison::AtMost) => (low, place),
            Some(Comparison::Below) => (low, place - beside),
        };
        (least <= greatest && least >= low && greatest <= high).then_some((least, greatest))
    }

    fn other_units(&self) -> String {
        let others: Vec<String> = self
            .accepts
            .iter()
            .filter(|accepted| **accepted != self.unit)
            .map(|accepted| format!(" or `{accepted}`"))
            .collect();
        others.concat()
    }

    /// A place on the grid as people read it, with its unit.
    pub fn text(&self, place: i64) -> String {
        let number = self.number(place);
        if self.unit == "1" { number } else { format!("{number} {}", self.unit) }
    }

    fn number(&self, place: i64) -> String {
        let grid = Rational::new(i128::from(place.div_euclid(2)), 1);
        let value =
            grid.times(self.step).map_or_else(|| "?".to_string(), |value| value.to_string());
        if place % 2 == 0 { value } else { format!("just over {value}") }
    }

    /// An interval of places as people read it.
    pub fn interval_text(&self, least: i64, greatest: i64) -> String {
        match (least <= self.range.0, greatest >= self.range.1) {
            _ if least == greatest => self.text(least),
            // Between two thresholds only whole steps are of interest.
            (false, false) if least % 2 != 0 && least < greatest => {
                self.interval_text(least + 1, greatest)
            }
            (false, false) if greatest % 2 != 0 && least < greatest => {
                self.interval_text(least, greatest - 1)
            }
            (true, false) if greatest % 2 != 0 => format!("< {}", self.text(greatest + 1)),
            (true, false) => format!("≤ {}", self.text(greatest)),
            (false, true) if least % 2 != 0 => format!("> {}", self.text(least - 1)),
            (false, true) => format!("≥ {}", self.text(least)),
            _ => format!("{} to {}", self.number(least), self.text(greatest)),
        }
    }
}
