//! What was stored, in words, so that a slip of the finger is seen at once.

use std::fmt::Write;

use cauda_guideline::Guideline;
use cauda_guideline::facts::{Fact, FactIndex, Kind, Sort};
use cauda_guideline::resolve::Said;
use cauda_guideline::units;
use cauda_guideline::visit::read_value;

use super::RED;
use super::number;
use super::record::Entered;
use crate::out::width;
use crate::page::wrapped;

/// Everything one line entered.
pub fn text(guideline: &Guideline, entered: &[Entered], covered: &[usize]) -> String {
    let mut out = String::new();
    let mut covered = covered.iter();
    for one in entered {
        match one {
            Entered::Said(facts, value) => {
                for fact in facts {
                    said(guideline, *fact, value, &mut out);
                }
            }
            Entered::Signed(attestation) => {
                let group = &guideline.attestations[*attestation];
                let count = covered.next().copied().unwrap_or(group.covers.len());
                let noun = if count == 1 { "question" } else { "questions" };
                let words = format!("recorded: CLEAR, signed for {count} {noun}: {}", group.staff);
                for line in wrapped(&words, width()) {
                    let _ = writeln!(out, "{line}");
                }
            }
        }
    }
    out
}

fn said(guideline: &Guideline, index: FactIndex, value: &str, out: &mut String) {
    let fact = &guideline.facts[index];
    let Ok(said) = read_value(fact, value) else { return };
    let danger = is_danger(guideline, index, said);
    let mut words = in_words(fact, said);
    if danger {
        let named = matches!(fact.kind, Kind::Named { .. });
        words = if named { words.to_uppercase() } else { words };
        words.push_str(" (danger sign)");
    }
    // The unit that was typed is shown beside the one that is stored.
    if let (Kind::Quantity(quantity), Some((typed, unit))) = (&fact.kind, value.rsplit_once(' '))
        && unit != quantity.unit
        && !matches!(said, Said::Unknown(_))
    {
        words = format!("{typed} {}, that is {words}", units::words(unit));
    }
    for line in wrapped(&format!("recorded: {}: {words}", fact.staff), width()) {
        let _ = match danger {
            true => writeln!(out, "{RED}{line}{RED:#}"),
            false => writeln!(out, "{line}"),
        };
    }
}

fn in_words(fact: &Fact, said: Said) -> String {
    match (said, &fact.kind) {
        (Said::Value(value), Kind::Named { sort, values, .. }) => {
            match (sort, values.get(value).map(String::as_str)) {
                (Sort::Finding, Some("present")) => "yes".to_string(),
                (Sort::Finding, Some("absent")) => "no".to_string(),
                (_, value) => value.unwrap_or_default().replace('_', " "),
            }
        }
        (Said::Between(least, most), Kind::Quantity(quantity)) => {
            number::words(quantity, &quantity.interval_text(least, most))
        }
        (Said::Unknown(reason), _) => reason.words().to_string(),
        _ => String::new(),
    }
}

/// Whether the value may lie among the danger signs of the fact.
fn is_danger(guideline: &Guideline, index: FactIndex, said: Said) -> bool {
    let cells = &guideline.program.cells[index];
    match said {
        Said::Value(value) => cells.dangerous >> value & 1 == 1,
        Said::Between(least, most) => cells.dangerous & cells.between(least, most) != 0,
        Said::Unknown(_) => false,
    }
}
