//! The facts a guideline may ask about: what each can be, which way danger
//! lies, who may say it, and how long a reassuring answer lasts.
//!
//! Written in TOML, `facts/<group>.toml`; the table's name is the fact's id.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::decimal::{Decimal, Rational};
use crate::diagnostic::{Diagnostic, nearest};
use crate::units;

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
    /// Never asked while this fact is present, because asking is unsafe.
    pub withheld_while: Option<String>,
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
    /// Ids of sources.
    pub sources: Vec<String>,
    /// Codes.
    pub codes: Vec<Code>,
}

impl Fact {
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
        let value = grid.times(self.step).map_or_else(|| "?".to_string(), |value| value.to_string());
        if place % 2 == 0 { value } else { format!("just over {value}") }
    }

    /// An interval of places as people read it.
    pub fn interval_text(&self, least: i64, greatest: i64) -> String {
        match (least <= self.range.0, greatest >= self.range.1) {
            _ if least == greatest => self.text(least),
            // Between two thresholds only whole steps are of interest.
            (false, false) if least % 2 != 0 && least < greatest => self.interval_text(least + 1, greatest),
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    kind: Spanned<String>,
    #[serde(default)]
    onset: bool,
    values: Option<Vec<String>>,
    unit: Option<Spanned<String>>,
    accepts: Option<Vec<String>>,
    step: Option<Spanned<String>>,
    range: Option<Spanned<[String; 2]>>,
    danger: Spanned<RawDanger>,
    alarm: Option<Spanned<String>>,
    clear: Spanned<String>,
    assume: Option<Spanned<String>>,
    #[serde(default)]
    worsening_of: Vec<String>,
    by: Option<By>,
    needed: Option<String>,
    asked: Option<RawAsked>,
    withheld_while: Option<String>,
    governs: Option<By>,
    fresh: Option<Spanned<String>>,
    keep: Option<Keep>,
    carries: Option<Carries>,
    staff: String,
    patient: String,
    #[serde(default)]
    sources: Vec<String>,
    #[serde(default)]
    codes: Vec<Code>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawDanger {
    Word(String),
    Values(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAsked {
    at: Vec<Stage>,
    of: Vec<Role>,
}

/// Reads one file of facts; faults go to `faults`.
pub fn read(file: &str, source: &str, faults: &mut Vec<Diagnostic>) -> Vec<Fact> {
    let group = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".toml").to_string();
    let tables = match tables::<Raw>(file, source, faults) {
        Some(tables) => tables,
        None => return Vec::new(),
    };
    let mut facts = Vec::new();
    for (id, span, raw) in tables {
        if !is_id(&id) {
            let fault = Diagnostic::error("bad-id", file, span.clone(), format!("`{id}` is not an id"));
            faults.push(fault.help("use lower-case letters, digits and `_`, beginning with a letter"));
        }
        match fact(&id, &group, span, raw) {
            Ok(fact) => facts.push(fact),
            Err((span, message, help)) => {
                faults
                    .push(Diagnostic::error("bad-fact", file, span, format!("`{id}`: {message}")).help(help));
            }
        }
    }
    facts
}

/// Tables of a TOML file in their order, each with its id's place.
pub(crate) fn tables<T: for<'de> Deserialize<'de>>(
    file: &str,
    source: &str,
    faults: &mut Vec<Diagnostic>,
) -> Option<Vec<(String, Range<usize>, T)>> {
    // Each table is read on its own, so that one fault does not hide the next.
    let table: toml::Table = match toml::from_str(source) {
        Ok(table) => table,
        Err(error) => {
            faults.push(toml_fault(file, 0, &error));
            return None;
        }
    };
    let starts: Vec<(usize, &str)> = table_headers(source);
    let mut found = Vec::new();
    for (at, (start, id)) in starts.iter().enumerate() {
        let end = starts.get(at + 1).map_or(source.len(), |(next, _)| *next);
        let body_start = start + source[*start..].find('\n').map_or(0, |newline| newline + 1);
        let span = start + 1..start + 1 + id.len();
        match toml::from_str::<T>(&source[body_start.min(end)..end]) {
            Ok(raw) => found.push((id.to_string(), span, raw)),
            Err(error) => faults.push(toml_fault(file, body_start, &error)),
        }
    }
    if found.len() < table.len() && faults.is_empty() {
        let fault = Diagnostic::error("bad-toml", file, 0..0, "only plain `[id]` tables may stand here");
        faults.push(fault.help("move every key under a `[id]` heading"));
    }
    Some(found)
}

fn table_headers(source: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    let mut found = Vec::new();
    for line in source.split_inclusive('\n') {
        let text = line.trim_end();
        let id = text.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(id, _)| id);
        if let Some(id) = id {
            found.push((at, id));
        }
        at += line.len();
    }
    found
}

fn toml_fault(file: &str, offset: usize, error: &toml::de::Error) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    let message = error.message().lines().next().unwrap_or("not TOML").to_string();
    Diagnostic::error("bad-toml", file, span.start + offset..span.end + offset, message)
        .help("see the facts beside it for the keys and their order")
}

/// Whether `id` is lower snake case.
pub fn is_id(id: &str) -> bool {
    id.starts_with(|sign: char| sign.is_ascii_lowercase())
        && id.len() <= 60
        && id.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_')
}

type Refusal = (Range<usize>, String, String);

fn fact(id: &str, group: &str, span: Range<usize>, raw: Raw) -> Result<Fact, Refusal> {
    let refuse = |message: &str, help: &str| (span.clone(), message.to_string(), help.to_string());
    let (kind, danger) = match raw.kind.get_ref().as_str() {
        "finding" => named(Sort::Finding, &span, &raw)?,
        "choice" => named(Sort::Choice, &span, &raw)?,
        "derived" => named(Sort::Derived, &span, &raw)?,
        "quantity" => quantity(false, &span, &raw)?,
        "duration" => quantity(true, &span, &raw)?,
        other => {
            let known = ["finding", "choice", "quantity", "duration", "derived"];
            let guess = nearest(other, known).unwrap_or("finding");
            return Err(refuse(&format!("`{other}` is not a kind"), &format!("write `{guess}`")));
        }
    };
    let derived = matches!(kind, Kind::Named { sort: Sort::Derived, .. });
    let by = match raw.by {
        Some(by) => by,
        None if derived => By::Derived,
        None => {
            return Err(refuse("`by` is missing", "ask, examine, measure, test or record"));
        }
    };
    let (asked_at, asked_of) = match raw.asked {
        Some(asked) if !asked.at.is_empty() && !asked.of.is_empty() => (asked.at, asked.of),
        None if derived => (Vec::new(), Vec::new()),
        _ => {
            return Err(refuse("`asked` is missing", "`asked = { at = [\"triage\"], of = [\"nurse\"] }`"));
        }
    };
    let fresh_seconds =
        match &raw.fresh {
            None => None,
            Some(text) => Some(whole_seconds(text.get_ref()).ok_or_else(|| {
                refuse("`fresh` is not a length of time", "write a number and a unit: `2 h`")
            })?),
        };
    if !raw.worsening_of.is_empty() && !matches!(kind, Kind::Named { sort: Sort::Finding, .. }) {
        return Err(refuse("`worsening_of` belongs to a finding", "remove it or change the kind"));
    }
    if raw.staff.trim().is_empty() || raw.patient.trim().is_empty() {
        return Err(refuse("wording is missing", "fill in `staff` and `patient`"));
    }
    Ok(Fact {
        id: id.to_string(),
        group: group.to_string(),
        span,
        kind,
        danger,
        by,
        needed: raw.needed,
        asked_at,
        asked_of,
        worsening_of: raw.worsening_of,
        withheld_while: raw.withheld_while,
        governs: raw.governs,
        fresh_seconds,
        keep: raw.keep.unwrap_or(Keep::Worst),
        carries: raw.carries.unwrap_or(Carries::Visit),
        staff: raw.staff,
        patient: raw.patient,
        sources: raw.sources,
        codes: raw.codes,
    })
}

fn named(sort: Sort, span: &Range<usize>, raw: &Raw) -> Result<(Kind, Danger), Refusal> {
    let refuse = |message: String, help: &str| (span.clone(), message, help.to_string());
    let sort = if sort == Sort::Finding && raw.onset { Sort::FindingWithOnset } else { sort };
    let mut values: Vec<String> = match (sort, &raw.values) {
        (Sort::Choice, Some(values)) => values.clone(),
        (Sort::Choice, None) => {
            return Err(refuse("`values` is missing".into(), "list them in rising danger"));
        }
        (_, Some(_)) => return Err(refuse("`values` belongs to a choice".into(), "remove it")),
        (Sort::FindingWithOnset, None) => ["absent", "longstanding", "new"].map(String::from).to_vec(),
        _ => ["absent", "present"].map(String::from).to_vec(),
    };
    if values.len() < 2 || values.len() > VALUES_MAX {
        return Err(refuse(format!("{} values", values.len()), "a choice has 2 to 12 values"));
    }
    let reserved = ["present", "absent", "unknown", "declined", "unable", "not", "or"];
    if sort == Sort::Choice
        && let Some(bad) = values.iter().find(|value| reserved.contains(&value.as_str()) || !is_id(value))
    {
        return Err(refuse(
            format!("`{bad}` cannot be a value of a choice"),
            "`present` and `absent` belong to findings",
        ));
    }
    let listed: &[String] = match raw.danger.get_ref() {
        RawDanger::Values(listed) => listed,
        RawDanger::Word(word) if word == "none" => &[],
        RawDanger::Word(word) => {
            return Err(refuse(
                format!("`danger = \"{word}\"` does not fit"),
                "list the dangerous values, or `none`",
            ));
        }
    };
    if listed == ["absent"] {
        values.reverse();
    }
    let find = |name: &str| {
        values.iter().position(|value| value == name).ok_or_else(|| {
            refuse(format!("`{name}` is not one of its values"), &format!("use {}", values.join(", ")))
        })
    };
    let mut dangerous = vec![false; values.len()];
    for name in listed {
        dangerous[find(name)?] = true;
    }
    let first = dangerous.iter().position(|danger| *danger);
    if first.is_some_and(|first| dangerous[first..].contains(&false)) {
        return Err(refuse(
            "a dangerous value stands before a safe one".into(),
            "list `values` in rising danger",
        ));
    }
    let danger = if listed.is_empty() { Danger::None } else { Danger::Rising };
    let clear = find(raw.clear.get_ref())?;
    let assume = raw.assume.as_ref().map(|name| find(name.get_ref())).transpose()?;
    if assume.is_none() && dangerous[clear] {
        return Err(refuse(
            "the clear value is a dangerous one".into(),
            "choose a value that is not in `danger`",
        ));
    }
    Ok((Kind::Named { sort, values, dangerous, clear, assume }, danger))
}

fn quantity(is_duration: bool, span: &Range<usize>, raw: &Raw) -> Result<(Kind, Danger), Refusal> {
    let refuse = |message: String, help: &str| (span.clone(), message, help.to_string());
    let (Some(unit), Some(step), Some(range)) = (&raw.unit, &raw.step, &raw.range) else {
        return Err(refuse("`unit`, `step` or `range` is missing".into(), "a quantity needs all three"));
    };
    if raw.assume.is_some() || raw.values.is_some() || raw.onset {
        return Err(refuse("`assume`, `values` and `onset` do not fit a quantity".into(), "remove them"));
    }
    let unit = unit.get_ref().clone();
    let accepts = raw.accepts.clone().unwrap_or_else(|| vec![unit.clone()]);
    if let Some(bad) = accepts.iter().chain([&unit]).find(|unit| !units::is_known(unit)) {
        return Err(refuse(format!("`{bad}` is not a known UCUM unit"), "see crates/guideline/src/units.rs"));
    }
    if !accepts.contains(&unit) {
        return Err(refuse("`accepts` lacks the unit itself".into(), "add it"));
    }
    let step = Decimal::parse(step.get_ref())
        .map(Decimal::rational)
        .filter(|step| Rational::new(1, 1).over(*step).is_some())
        .ok_or_else(|| refuse("`step` is not a number".into(), "as in `step = \"0.1\"`"))?;
    let mut quantity = Quantity {
        unit: unit.clone(),
        accepts,
        step,
        range: (i64::MIN, i64::MAX),
        clear: 0,
        alarm: None,
        is_duration,
    };
    let place = |quantity: &Quantity, text: &str, name: &str| {
        let place = quantity
            .place(text, Some(&unit))
            .map_err(|why| refuse(format!("`{name}`: {why}"), "mend the number"))?;
        if place % 2 != 0 {
            return Err(refuse(
                format!("`{name}` is not a whole number of steps"),
                "choose a value on the grid",
            ));
        }
        Ok(place)
    };
    let low = place(&quantity, &range.get_ref()[0], "range")?;
    let high = place(&quantity, &range.get_ref()[1], "range")?;
    if low >= high {
        return Err(refuse("the range is empty".into(), "write the lesser value first"));
    }
    quantity.range = (low, high);
    quantity.clear = place(&quantity, raw.clear.get_ref(), "clear")?;
    quantity.alarm = match &raw.alarm {
        None => None,
        // `> 20`: from the first place above on.
        Some(alarm) => Some(match alarm.get_ref().split_once(' ') {
            Some((">", number)) => place(&quantity, number, "alarm")? + 1,
            Some(("<", number)) => place(&quantity, number, "alarm")? - 1,
            _ => place(&quantity, alarm.get_ref(), "alarm")?,
        }),
    };
    let danger = match raw.danger.get_ref() {
        RawDanger::Word(word) if word == "higher" => Danger::Rising,
        RawDanger::Word(word) if word == "lower" => Danger::Falling,
        RawDanger::Word(word) if word == "none" && !is_duration => Danger::None,
        _ => {
            return Err(refuse(
                "`danger` does not fit".into(),
                "write `higher` or `lower`; a duration needs one of them",
            ));
        }
    };
    if danger == Danger::None && quantity.alarm.is_some() {
        return Err(refuse(
            "`alarm` needs a direction of danger".into(),
            "write `danger = \"higher\"` or `\"lower\"`",
        ));
    }
    if let Some(alarm) = quantity.alarm {
        let alarming =
            if danger == Danger::Rising { quantity.clear >= alarm } else { quantity.clear <= alarm };
        if alarming {
            return Err(refuse("the clear value is alarming".into(), "mend `clear` or `alarm`"));
        }
    }
    Ok((Kind::Quantity(quantity), danger))
}

/// Seconds of a text such as `2 h`.
fn whole_seconds(text: &str) -> Option<i64> {
    let (number, unit) = text.split_once(' ')?;
    let seconds = Decimal::parse(number)?.rational().times(units::seconds(unit)?)?;
    let doubled = seconds.doubled_floor()?;
    (seconds.is_whole() && doubled > 0).then_some(doubled / 2)
}
