//! `cauda facts`: everything the guideline may ask about, with the values it
//! accepts.

use anstyle::Style;
use cauda_guideline::facts::{Fact, Kind, Role, Stage};
use serde::Serialize;

use crate::args::Facts;
use crate::error::CliError;
use crate::guideline;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    group: &'a str,
    staff: &'a str,
    patient: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepts: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<[String; 2]>,
    clear: String,
    derived: bool,
    asked_at: &'a [Stage],
    asked_of: &'a [Role],
    fresh_seconds: Option<i64>,
    needed: Option<&'a str>,
    codes: &'a [cauda_guideline::facts::Code],
    sources: &'a [String],
}

/// Runs the command; the number is the exit code.
///
/// # Errors
/// A guideline that cannot be used.
pub fn run(args: &Facts) -> Result<u8, CliError> {
    let proved = guideline::open(args.guideline.as_deref(), None)?;
    let wanted = args.word.as_deref().unwrap_or_default().to_lowercase();
    let built_ins = proved.guideline().program.built_ins;
    let found: Vec<&Fact> = proved
        .guideline()
        .facts
        .iter()
        .enumerate()
        .filter(|(index, _)| *index < built_ins.urgency)
        .map(|(_, fact)| fact)
        .filter(|fact| {
            [&fact.id, &fact.group, &fact.staff, &fact.patient]
                .iter()
                .any(|text| text.to_lowercase().contains(&wanted))
        })
        .collect();
    if args.json {
        let listed: Vec<Listed> = found.iter().map(|fact| listed(fact)).collect();
        let text = serde_json::to_string_pretty(&listed)
            .map_err(|error| CliError::Internal(error.to_string()))?;
        crate::out::line(&text);
        return Ok(u8::from(found.is_empty()));
    }
    let mut group = "";
    for fact in &found {
        if fact.group != group {
            group = &fact.group;
            crate::out::line(&format!("\n{BOLD}{group}{BOLD:#}"));
        }
        crate::out::line(&format!("  {:34} {}", fact.id, values(fact)));
        crate::out::line(&format!("  {:34} {DIM}{}{DIM:#}", "", fact.staff));
    }
    if found.is_empty() {
        crate::out::line(&format!(
            "no fact holds the word `{}`",
            args.word.as_deref().unwrap_or_default()
        ));
    } else {
        crate::out::line(&format!(
            "\n{} facts. Any may be {}.",
            found.len(),
            "not asked, not known, declined or unable"
        ));
    }
    Ok(u8::from(found.is_empty()))
}

fn listed(fact: &Fact) -> Listed<'_> {
    let (values, clear) = match &fact.kind {
        Kind::Named { values, clear, .. } => (Some(values.as_slice()), values[*clear].clone()),
        Kind::Quantity(quantity) => (None, quantity.text(quantity.clear)),
    };
    let quantity = fact.quantity();
    Listed {
        id: &fact.id,
        group: &fact.group,
        staff: &fact.staff,
        patient: &fact.patient,
        values,
        unit: quantity.map(|quantity| quantity.unit.as_str()),
        accepts: quantity.map(|quantity| quantity.accepts.as_slice()),
        range: quantity
            .map(|quantity| [quantity.text(quantity.range.0), quantity.text(quantity.range.1)]),
        clear,
        derived: fact.is_computed(),
        asked_at: &fact.asked_at,
        asked_of: &fact.asked_of,
        fresh_seconds: fact.fresh_seconds,
        needed: fact.needed.as_deref(),
        codes: &fact.codes,
        sources: &fact.sources,
    }
}

fn values(fact: &Fact) -> String {
    match &fact.kind {
        _ if fact.is_computed() => "worked out".to_string(),
        Kind::Named { values, .. } => values.join(" | "),
        Kind::Quantity(quantity) => {
            let units: Vec<&str> = quantity.accepts.iter().map(String::as_str).collect();
            let (low, high) = (quantity.text(quantity.range.0), quantity.text(quantity.range.1));
            match units.as_slice() {
                ["1"] => format!("{low} to {high}"),
                _ => format!("{low} to {high}, in {}", units.join(" or ")),
            }
        }
    }
}
