//! The closed table: which code of which system says what of which fact.
//!
//! It is data, `table.toml`, and is checked against the guideline it is used with. A row can only
//! say something dangerous, unless it is an answer in codes (`[[coded]]`): a diagnosis, a medicine
//! or a device in a chart tells what a patient has, and never what he has not. And it says the
//! worst its fact can be, for a lesser value would rule out what this record does not know.

use std::collections::{BTreeMap, BTreeSet};

use cauda_guideline::Guideline;
use cauda_guideline::facts::{Danger, Fact, Kind as FactKind};
use serde::Deserialize;

use crate::codes::{Code, Pattern, System, matching};
use crate::error::TableError;

/// Longest table in bytes.
const BYTES_MAX: usize = 512 * 1024;
/// Most rows of it.
const ROWS_MAX: usize = 1_000;
/// The table that comes with this crate.
const SHIPPED: &str = include_str!("../table.toml");
/// Seconds of a day.
const DAY: i64 = 86_400;

/// What kind of resource a row reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `Observation` with a quantity.
    Measured,
    /// `Observation` with an answer in codes.
    Coded,
    /// `Condition`.
    Condition,
    /// `MedicationRequest` and `MedicationStatement`.
    Medicine,
    /// `AllergyIntolerance`.
    Allergy,
    /// `Procedure`.
    Procedure,
    /// `Device`.
    Device,
    /// `Encounter`, by its reason.
    Encounter,
    /// `Condition` that no finding can say.
    Alarm,
}

impl Kind {
    /// All of them, in the order of the file.
    pub const ALL: [Kind; 9] = [
        Kind::Measured,
        Kind::Coded,
        Kind::Condition,
        Kind::Medicine,
        Kind::Allergy,
        Kind::Procedure,
        Kind::Device,
        Kind::Encounter,
        Kind::Alarm,
    ];

    /// Its part of the file.
    pub fn section(self) -> &'static str {
        match self {
            Kind::Measured => "measured",
            Kind::Coded => "coded",
            Kind::Condition => "condition",
            Kind::Medicine => "medicine",
            Kind::Allergy => "allergy",
            Kind::Procedure => "procedure",
            Kind::Device => "device",
            Kind::Encounter => "encounter",
            Kind::Alarm => "alarm",
        }
    }
}

/// A code of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRow {
    /// Its systems: one, or both editions of ICD-10.
    pub systems: Vec<System>,
    /// `8310-5`, `M46.2` with all below it, `C00-C97`.
    pub code: String,
    /// Codes below it that do not count.
    pub except: Vec<String>,
    /// Its name in that system.
    pub display: String,
    /// Of an answer in codes: the value.
    pub value: Option<String>,
    patterns: Vec<(System, Pattern)>,
    excepted: Vec<Pattern>,
}

impl CodeRow {
    /// Whether a code of that system falls under it.
    pub fn takes(&self, system: System, code: &str) -> bool {
        self.patterns.iter().any(|(of, pattern)| *of == system && pattern.takes(code))
            && !self.excepted.iter().any(|pattern| pattern.takes(code))
    }
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The fact; empty for an alarm.
    pub fact: String,
    /// The value, where the row alone says it.
    pub value: String,
    /// What is over counts as well.
    pub ever: bool,
    /// Seconds it looks back.
    pub within: Option<i64>,
    /// Days it looks back.
    pub within_days: Option<i64>,
    /// UCUM units that are accepted.
    pub units: Vec<String>,
    /// The fact counts in the one unit accepted, without naming it.
    pub bare: bool,
    /// Its codes.
    pub codes: Vec<CodeRow>,
    /// The answers, of a row of answers in codes.
    pub answers: Vec<CodeRow>,
    /// Why its value is not the worst that its fact can be.
    pub not_worst: Option<String>,
    /// What a reader should know.
    pub note: Option<String>,
}

/// Places of the rows that may take a code, by the code; where a code stands for all below it, by
/// its first letter.
type Index = BTreeMap<(Kind, System), BTreeMap<String, Vec<usize>>>;

/// The table, for one guideline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    rows: Vec<(Kind, Row)>,
    index: Index,
    left_out: Vec<String>,
}

impl Table {
    /// The table that comes with this crate, for that guideline.
    ///
    /// # Errors
    /// [`TableError`]: a row that the guideline cannot take.
    pub fn shipped(guideline: &Guideline) -> Result<Table, TableError> {
        Table::of(SHIPPED, guideline)
    }

    /// A table as TOML, for that guideline. Rows of facts that it has not got are left out.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn of(text: &str, guideline: &Guideline) -> Result<Table, TableError> {
        if text.len() > BYTES_MAX {
            return Err(TableError::Form(format!("it is larger than {BYTES_MAX} bytes")));
        }
        let written: Written =
            toml::from_str(text).map_err(|error| TableError::Form(error.message().to_owned()))?;
        let mut table = Table { rows: Vec::new(), index: Index::new(), left_out: Vec::new() };
        for (kind, written) in written.rows() {
            if kind != Kind::Alarm && guideline.fact(&written.fact).is_none() {
                table.left_out.push(format!("{}: {}", kind.section(), written.fact));
                continue;
            }
            let fact = guideline.fact(&written.fact).map(|index| &guideline.facts[index]);
            let name = written.fact.clone();
            let row = row(kind, written, fact).map_err(|why| TableError::Row {
                section: kind.section(),
                fact: name,
                why,
            })?;
            table.rows.push((kind, row));
        }
        if table.rows.len() > ROWS_MAX {
            return Err(TableError::Form(format!("it has more than {ROWS_MAX} rows")));
        }
        table.check_twice()?;
        table.index = table.indexed();
        Ok(table)
    }

    fn indexed(&self) -> Index {
        let mut index = Index::new();
        for (place, (kind, row)) in self.rows.iter().enumerate() {
            for code in &row.codes {
                for system in &code.systems {
                    let of = index.entry((*kind, *system)).or_default();
                    let places = of.entry(system.shelf(&code.code).to_owned()).or_default();
                    if places.last() != Some(&place) {
                        places.push(place);
                    }
                }
            }
        }
        index
    }

    /// The rows of one kind that take one of the codes, in the order of the file, each with the
    /// first of its codes that does.
    pub(crate) fn taking(&self, kind: Kind, codes: &[Code<'_>]) -> Vec<(&Row, &CodeRow)> {
        let shelves = codes
            .iter()
            .filter_map(|(system, code)| self.index.get(&(kind, *system))?.get(system.shelf(code)));
        let mut places: Vec<usize> = shelves.flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        let rows = places.into_iter().map(|place| &self.rows[place].1);
        rows.filter_map(|row| Some((row, matching(&row.codes, codes)?))).collect()
    }

    /// The rows of one kind.
    pub fn rows(&self, kind: Kind) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |(of, _)| *of == kind).map(|(_, row)| row)
    }

    /// Rows whose fact the guideline has not got, `condition: known_cancer`.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// A code may say one thing of a fact only.
    fn check_twice(&self) -> Result<(), TableError> {
        let mut seen = BTreeSet::new();
        for (kind, row) in &self.rows {
            for code in &row.codes {
                for system in &code.systems {
                    if !seen.insert((*kind, *system, &code.code, &row.fact, &row.value)) {
                        return Err(TableError::Row {
                            section: kind.section(),
                            fact: row.fact.clone(),
                            why: format!("`{}` stands twice; leave one out", code.code),
                        });
                    }
                }
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    measured: Vec<WrittenRow>,
    #[serde(default)]
    coded: Vec<WrittenRow>,
    #[serde(default)]
    condition: Vec<WrittenRow>,
    #[serde(default)]
    medicine: Vec<WrittenRow>,
    #[serde(default)]
    allergy: Vec<WrittenRow>,
    #[serde(default)]
    procedure: Vec<WrittenRow>,
    #[serde(default)]
    device: Vec<WrittenRow>,
    #[serde(default)]
    encounter: Vec<WrittenRow>,
    #[serde(default)]
    alarm: Vec<WrittenRow>,
}

impl Written {
    fn rows(self) -> impl Iterator<Item = (Kind, WrittenRow)> {
        let lists = [
            self.measured,
            self.coded,
            self.condition,
            self.medicine,
            self.allergy,
            self.procedure,
            self.device,
            self.encounter,
            self.alarm,
        ];
        let kinds = Kind::ALL.into_iter().zip(lists);
        kinds.flat_map(|(kind, rows)| rows.into_iter().map(move |row| (kind, row)))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRow {
    #[serde(default)]
    fact: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    ever: bool,
    within_days: Option<i64>,
    #[serde(default)]
    units: Vec<String>,
    #[serde(default)]
    bare: bool,
    codes: Vec<WrittenCode>,
    #[serde(default)]
    answers: Vec<WrittenCode>,
    not_worst: Option<String>,
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCode {
    icd: Option<String>,
    icd_cm: Option<String>,
    loinc: Option<String>,
    snomed: Option<String>,
    rxnorm: Option<String>,
    atc: Option<String>,
    display: String,
    #[serde(default)]
    except: Vec<String>,
    value: Option<String>,
}

fn code_row(written: WrittenCode) -> Result<CodeRow, String> {
    let named = [
        (written.icd, vec![System::Icd10Cm, System::Icd10]),
        (written.icd_cm, vec![System::Icd10Cm]),
        (written.loinc, vec![System::Loinc]),
        (written.snomed, vec![System::Snomed]),
        (written.rxnorm, vec![System::RxNorm]),
        (written.atc, vec![System::Atc]),
    ];
    let mut named = named.into_iter().filter_map(|(code, systems)| Some((code?, systems)));
    let (Some((code, systems)), None) = (named.next(), named.next()) else {
        return Err("a code names one system: icd, icd_cm, loinc, snomed, rxnorm or atc".into());
    };
    let wrong = || format!("`{code}` is no code of {}", systems[0].words());
    let read = |system: &System, text: &str| Pattern::read(*system, text);
    let patterns: Option<Vec<_>> =
        systems.iter().map(|system| Some((*system, read(system, &code)?))).collect();
    let excepted: Option<Vec<_>> =
        written.except.iter().map(|text| read(&systems[0], text)).collect();
    let (Some(patterns), Some(excepted)) = (patterns, excepted) else { return Err(wrong()) };
    if written.display.trim().is_empty() {
        return Err(format!("`{code}` has no display; write its name in its system"));
    }
    Ok(CodeRow {
        systems,
        code,
        except: written.except,
        display: written.display,
        value: written.value,
        patterns,
        excepted,
    })
}

fn row(kind: Kind, written: WrittenRow, fact: Option<&Fact>) -> Result<Row, String> {
    let codes = written.codes.into_iter().map(code_row).collect::<Result<Vec<_>, _>>()?;
    let answers = written.answers.into_iter().map(code_row).collect::<Result<Vec<_>, _>>()?;
    if codes.is_empty() {
        return Err("it has no codes".into());
    }
    if written.within_days.is_some_and(|days| !(1..=36_500).contains(&days)) {
        return Err("`within_days` is 1 to 36500".into());
    }
    let row = Row {
        fact: written.fact,
        value: written.value,
        ever: written.ever,
        within: written.within_days.map(|days| days * DAY),
        within_days: written.within_days,
        units: written.units,
        bare: written.bare,
        codes,
        answers,
        not_worst: written.not_worst,
        note: written.note,
    };
    match fact {
        None => Ok(row),
        Some(fact) if fact.is_computed() => {
            Err("this fact is worked out; name the findings it is made of".into())
        }
        Some(fact) if fact.danger == Danger::None => {
            Err("this fact has no dangerous side, so a chart may not say it".into())
        }
        Some(fact) => fits(kind, &row, fact).map(|()| row),
    }
}

/// Whether the fact can be what the row says.
fn fits(kind: Kind, row: &Row, fact: &Fact) -> Result<(), String> {
    match (&fact.kind, kind) {
        (FactKind::Quantity(quantity), Kind::Measured) => {
            let accepted = |unit: &String| match row.bare {
                true => quantity.unit == "1",
                false => quantity.accepts.contains(unit),
            };
            if row.units.is_empty() || !row.units.iter().all(accepted) {
                return Err("its units are none that the fact accepts".into());
            }
            match row.bare && row.units.len() != 1 {
                true => Err("a row whose unit is left out has one unit".into()),
                false => Ok(()),
            }
        }
        (FactKind::Named { .. }, Kind::Measured) | (FactKind::Quantity(_), _) => {
            Err("its fact is of another kind".into())
        }
        (FactKind::Named { .. }, Kind::Coded) => {
            let known = |answer: &CodeRow| {
                answer.value.as_ref().is_some_and(|value| fact.value_index(value).is_some())
            };
            match !row.answers.is_empty() && row.answers.iter().all(known) {
                true => Ok(()),
                false => Err("it needs answers, each with a value of its fact".into()),
            }
        }
        (FactKind::Named { dangerous, .. }, _) => {
            let place = fact.value_index(&row.value);
            let is_worst = place == dangerous.len().checked_sub(1);
            match place.and_then(|place| dangerous.get(place)) {
                Some(true) if is_worst || row.not_worst.is_some() => Ok(()),
                Some(true) => {
                    Err(format!("`{}` rules out what is worse; say why in `not_worst`", row.value))
                }
                Some(false) => Err(format!("`{}` reassures; only an answer may", row.value)),
                None => Err(format!("`{}` is none of its values", row.value)),
            }
        }
    }
}
