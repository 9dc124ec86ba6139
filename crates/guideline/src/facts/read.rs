//! Facts from TOML: every key checked, every fault told with its place.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::{
    By, Carries, Code, Danger, FACTS_MAX, Fact, Keep, Kind, Quantity, Role, Sort, Stage, VALUES_MAX,
};
use crate::decimal::Decimal;
use crate::diagnostic::{Diagnostic, nearest};
use crate::units;

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
    withheld_while: Option<OneOrMore>,
    taken_back_by: Option<OneOrMore>,
    governs: Option<By>,
    fresh: Option<Spanned<String>>,
    keep: Option<Keep>,
    carries: Option<Carries>,
    staff: String,
    patient: String,
    #[serde(default)]
    patient_values: BTreeMap<String, String>,
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

/// `"a"` or `["a", "b"]`.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn list(self) -> Vec<String> {
        match self {
            OneOrMore::One(one) => vec![one],
            OneOrMore::More(more) => more,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAsked {
    at: Vec<Stage>,
    of: Vec<Role>,
}

/// Reads one file of facts; faults go to `faults`.
pub(crate) fn read(file: &str, source: &str, faults: &mut Vec<Diagnostic>) -> Vec<Fact> {
    let group = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".toml").to_string();
    let tables = match tables::<Raw>(file, source, faults) {
        Some(tables) => tables,
        None => return Vec::new(),
    };
    let mut facts = Vec::new();
    for (id, span, raw) in tables {
        if !is_id(&id) {
            let fault =
                Diagnostic::error("bad-id", file, span.clone(), format!("`{id}` is not an id"));
            faults.push(
                fault.help("use lower-case letters, digits and `_`, beginning with a letter"),
            );
        }
        match fact(&id, &group, span, raw) {
            Ok(fact) => facts.push(fact),
            Err((span, message, help)) => {
                faults.push(
                    Diagnostic::error("bad-fact", file, span, format!("`{id}`: {message}"))
                        .help(help),
                );
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
    if starts.len() > FACTS_MAX {
        let message = format!("more than {FACTS_MAX} entries");
        faults.push(Diagnostic::error("too-large", file, 0..0, message).help("split the file"));
        return None;
    }
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
        let fault =
            Diagnostic::error("bad-toml", file, 0..0, "only plain `[id]` tables may stand here");
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

/// Farthest place on a grid: far from overflow in every sum and product.
const PLACE_MAX: u64 = 1 << 40;

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
            return Err(refuse(
                "`asked` is missing",
                "`asked = { at = [\"triage\"], of = [\"nurse\"] }`",
            ));
        }
    };
    let fresh_seconds = match &raw.fresh {
        None => None,
        Some(text) => Some(whole_seconds(text.get_ref()).ok_or_else(|| {
            refuse("`fresh` is not a length of time", "write a number and a unit: `2 h`")
        })?),
    };
    if !raw.worsening_of.is_empty() && !matches!(kind, Kind::Named { sort: Sort::Finding, .. }) {
        return Err(refuse("`worsening_of` belongs to a finding", "remove it or change the kind"));
    }
    if raw.taken_back_by.is_some() && raw.assume.is_none() {
        return Err(refuse(
            "`taken_back_by` belongs to a fact that always has a value",
            "say with `assume` what it is taken back to",
        ));
    }
    if raw.needed.is_some() && by == By::Ask && matches!(kind, Kind::Named { .. }) {
        return Err(refuse(
            "`needed` belongs to tests and examinations",
            "a question is always asked: nobody goes home on one that was not",
        ));
    }
    let names = |value: &String| raw.values.as_ref().is_some_and(|values| values.contains(value));
    let worded = raw.patient_values.len();
    let all = raw.values.as_ref().map_or(0, Vec::len);
    if worded > 0 && (worded != all || !raw.patient_values.keys().all(names)) {
        return Err(refuse(
            "`patient_values` does not word each value once",
            "write one text for every value of the choice",
        ));
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
        withheld_while: raw.withheld_while.map_or_else(Vec::new, OneOrMore::list),
        taken_back_by: raw.taken_back_by.map_or_else(Vec::new, OneOrMore::list),
        governs: raw.governs,
        fresh_seconds,
        keep: raw.keep.unwrap_or(Keep::Worst),
        carries: raw.carries.unwrap_or(Carries::Visit),
        staff: raw.staff,
        patient: raw.patient,
        patient_values: raw.patient_values,
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
        (Sort::FindingWithOnset, None) => {
            ["absent", "longstanding", "new"].map(String::from).to_vec()
        }
        _ => ["absent", "present"].map(String::from).to_vec(),
    };
    if values.len() < 2 || values.len() > VALUES_MAX {
        return Err(refuse(format!("{} values", values.len()), "a choice has 2 to 12 values"));
    }
    let reserved = ["present", "absent", "unknown", "declined", "unable", "not", "or"];
    if sort == Sort::Choice
        && let Some(bad) =
            values.iter().find(|value| reserved.contains(&value.as_str()) || !is_id(value))
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
            refuse(
                format!("`{name}` is not one of its values"),
                &format!("use {}", values.join(", ")),
            )
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
    if let Some(assume) = assume
        && danger != Danger::None
        && !dangerous[assume]
    {
        return Err(refuse(
            "`assume` is a value that reassures".into(),
            "assume a dangerous value: what nobody asked is never absent",
        ));
    }
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
        return Err(refuse(
            "`unit`, `step` or `range` is missing".into(),
            "a quantity needs all three",
        ));
    };
    if raw.assume.is_some() || raw.values.is_some() || raw.onset {
        return Err(refuse(
            "`assume`, `values` and `onset` do not fit a quantity".into(),
            "remove them",
        ));
    }
    let unit = unit.get_ref().clone();
    let accepts = raw.accepts.clone().unwrap_or_else(|| vec![unit.clone()]);
    if let Some(bad) = accepts.iter().chain([&unit]).find(|unit| !units::is_known(unit)) {
        return Err(refuse(
            format!("`{bad}` is not a known UCUM unit"),
            "see crates/guideline/src/units.rs",
        ));
    }
    if !accepts.contains(&unit) {
        return Err(refuse("`accepts` lacks the unit itself".into(), "add it"));
    }
    let step = Decimal::parse(step.get_ref())
        .map(Decimal::rational)
        .filter(|step| step.is_positive())
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
        if place.unsigned_abs() > PLACE_MAX {
            let message = format!("`{name}` is too large for its step");
            return Err(refuse(message, "choose a coarser step"));
        }
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
        let alarming = if danger == Danger::Rising {
            quantity.clear >= alarm
        } else {
            quantity.clear <= alarm
        };
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
