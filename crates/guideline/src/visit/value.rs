//! One value of a fact as people write it.

use super::shortened;
use crate::facts::{Fact, Kind, Sort};
use crate::page::Comparison;
use crate::resolve::{Reason, Said};

/// Reads one value of a fact as people write it: `new`, `38.4 Cel`, `<5 mg/L`, `declined`.
///
/// # Errors
/// One sentence, and how to mend it.
pub fn read_value(fact: &Fact, text: &str) -> Result<Said, (String, String)> {
    let text = text.trim();
    if let Some(reason) = reason_of(text) {
        return Ok(Said::Unknown(reason));
    }
    match &fact.kind {
        Kind::Named { sort, values, .. } => {
            let value = values.iter().position(|value| value == text);
            match (value, sort, text) {
                (Some(value), ..) => Ok(Said::Value(value)),
                // Present with an unknown onset counts as new (CR4).
                (None, Sort::FindingWithOnset, "present") => Ok(Said::Value(values.len() - 1)),
                (None, Sort::Derived | Sort::BuiltIn, _) => Err((
                    format!("`{}` is worked out, not entered", fact.id),
                    "enter the findings it is made of".to_string(),
                )),
                _ => Err((
                    format!("`{}` is never `{}`", fact.id, shortened(text)),
                    format!("its values are {}, or not known, declined, unable", values.join(", ")),
                )),
            }
        }
        Kind::Quantity(quantity) => {
            let (comparison, rest) = comparison_of(text);
            let (number, unit) = match rest
                .find(|sign: char| !(sign.is_ascii_digit() || matches!(sign, '.' | '-' | ',')))
            {
                Some(at) => (rest[..at].trim_end(), Some(rest[at..].trim())),
                None => (rest, None),
            };
            let help = format!("write it as `{}`", quantity.text(quantity.clear));
            let place = quantity
                .place(number, unit)
                .map_err(|why| (format!("`{}`: {why}", fact.id), help))?;
            let limits = quantity.limits(comparison, place).ok_or_else(|| {
                let (low, high) =
                    (quantity.text(quantity.range.0), quantity.text(quantity.range.1));
                let message = format!(
                    "`{}`: `{}` is outside the possible range, {low} to {high}",
                    fact.id,
                    shortened(text)
                );
                (message, format!("write it as `{}`", quantity.text(quantity.clear)))
            })?;
            Ok(Said::Between(limits.0, limits.1))
        }
    }
}

fn comparison_of(text: &str) -> (Option<Comparison>, &str) {
    let signs = [
        (">=", Comparison::AtLeast),
        ("<=", Comparison::AtMost),
        ("≥", Comparison::AtLeast),
        ("≤", Comparison::AtMost),
        (">", Comparison::Above),
        ("<", Comparison::Below),
    ];
    let found = signs
        .iter()
        .find_map(|(sign, comparison)| Some((*comparison, text.strip_prefix(sign)?.trim_start())));
    match found {
        Some((comparison, rest)) => (Some(comparison), rest),
        None => (None, text),
    }
}

/// The reason a word for "unknown" stands for.
pub fn reason_of(text: &str) -> Option<Reason> {
    match text {
        "not asked" | "not_asked" => Some(Reason::NotAsked),
        "not known" | "not_known" => Some(Reason::NotKnown),
        "declined" => Some(Reason::Declined),
        "unable" => Some(Reason::Unable),
        _ => None,
    }
}
