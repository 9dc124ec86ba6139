//! A number as people type it, and as they read it: `35`, `35 years`, `36,8`,
//! `98.6 F`, `130 mmHg`. A unit is left out only where one alone is possible.

use cauda_guideline::decimal::Decimal;
use cauda_guideline::facts::Quantity;
use cauda_guideline::units::{self, meant_by};

/// Words for units, in small letters, beside those the guideline knows.
const WORDS: [(&str, &str); 14] = [
    ("c", "Cel"),
    ("°c", "Cel"),
    ("celsius", "Cel"),
    ("f", "[degF]"),
    ("°f", "[degF]"),
    ("fahrenheit", "[degF]"),
    ("mmhg", "mm[Hg]"),
    ("per minute", "/min"),
    ("per min", "/min"),
    ("bpm", "/min"),
    ("years", "a"),
    ("y", "a"),
    ("%", "1"),
    ("percent", "1"),
];

/// A text of the guideline that ends with the unit of the quantity, in words.
pub fn words(quantity: &Quantity, text: &str) -> String {
    let unit = units::words(&quantity.unit);
    match text.strip_suffix(quantity.unit.as_str()) {
        Some(number) if quantity.unit != "1" => format!("{number}{unit}"),
        _ => text.to_string(),
    }
}

/// What may be typed: `a number from 25 to 45 °C`.
pub fn possible(quantity: &Quantity) -> String {
    let (least, most) = (quantity.text(quantity.range.0), quantity.text(quantity.range.1));
    let least = least.split(' ').next().unwrap_or_default();
    let others = quantity.accepts.iter().filter(|unit| **unit != quantity.unit);
    let others: Vec<&str> = others.map(|unit| units::words(unit)).collect();
    let or = if others.is_empty() { String::new() } else { format!(" (or {})", others.join(", ")) };
    format!("a number from {least} to {}{or}", words(quantity, &most))
}

/// The value as a visit writes it.
///
/// # Errors
/// One sentence that says what may be typed instead.
pub fn read(quantity: &Quantity, text: &str) -> Result<String, String> {
    let text = text.trim();
    let start = text.find(|sign: char| !"<>=≤≥ ".contains(sign)).unwrap_or(text.len());
    let (comparison, rest) = (text[..start].trim(), &text[start..]);
    let end = rest.find(|sign: char| !(sign.is_ascii_digit() || ".,-".contains(sign)));
    let (number, unit) = rest.split_at(end.unwrap_or(rest.len()));
    let (number, unit) = (point(number), unit.trim());
    if Decimal::parse(&number).is_none() {
        return Err(format!("that is no number; type {}", possible(quantity)));
    }
    let unit = match unit {
        "" => unit_of(quantity, &number)?,
        unit => named(quantity, unit)
            .ok_or_else(|| format!("`{unit}` is no unit of it; type {}", possible(quantity)))?,
    };
    let place = quantity.place(&number, Some(unit)).map_err(|_| {
        format!("{number} {} is not possible; type {}", units::words(unit), possible(quantity))
    })?;
    // What has no unit is counted in whole steps: 0.98 is no saturation in percent.
    if quantity.unit == "1" && place % 2 != 0 {
        return Err(format!("{number} is no whole number; type {}", possible(quantity)));
    }
    let comparison = if comparison.is_empty() { String::new() } else { format!("{comparison} ") };
    match unit {
        "1" => Ok(format!("{comparison}{number}")),
        unit => Ok(format!("{comparison}{number} {unit}")),
    }
}

/// A comma before one or two digits is a decimal point.
fn point(number: &str) -> String {
    match number.split_once(',') {
        Some((whole, part)) if !whole.is_empty() && matches!(part.len(), 1 | 2) => {
            format!("{whole}.{part}")
        }
        _ => number.to_string(),
    }
}

/// The unit a bare number must have.
fn unit_of<'a>(quantity: &'a Quantity, number: &str) -> Result<&'a str, String> {
    let fits = |unit: &&String| quantity.place(number, Some(unit)).is_ok();
    let possible: Vec<&String> = quantity.accepts.iter().filter(fits).collect();
    let forms: Vec<String> =
        possible.iter().map(|unit| format!("`{number} {}`", units::words(unit))).collect();
    match possible.as_slice() {
        [] => Ok(&quantity.unit),
        [one] if **one == quantity.unit => Ok(&quantity.unit),
        _ => Err(format!("say the unit: type {}", forms.join(" or "))),
    }
}

/// The accepted unit that is meant.
fn named<'a>(quantity: &'a Quantity, unit: &str) -> Option<&'a str> {
    let small = unit.to_lowercase();
    let word = WORDS.iter().find(|(word, _)| *word == small).map(|(_, code)| *code);
    let is_meant = |accepted: &&String| {
        let code = accepted.as_str();
        code == unit
            || meant_by(unit) == Some(code)
            || meant_by(&small) == Some(code)
            || word == Some(code)
            || code.to_lowercase() == small
            || units::words(code).to_lowercase() == small
    };
    let mut found = quantity.accepts.iter().filter(is_meant);
    match (found.next(), found.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// What is stored, or a part of the sentence that refuses it.
    fn check(fact: &str, typed: &str, expect: Result<&str, &str>) {
        let (guideline, _) = cauda_guideline::load(&crate::folder::shipped()).unwrap();
        let fact = &guideline.facts[guideline.fact(fact).unwrap()];
        let found = read(fact.quantity().unwrap(), typed);
        match (&found, expect) {
            (Ok(value), Ok(expect)) => assert_eq!(value, expect, "{typed}"),
            (Err(why), Err(part)) => assert!(why.contains(part), "{typed}: {why}"),
            _ => panic!("{typed}: {found:?}"),
        }
    }

    #[test]
    fn units_are_taken_as_people_write_them() {
        check("age", "35", Ok("35 a"));
        check("age", "35 years", Ok("35 a"));
        check("temperature", "37.0", Ok("37.0 Cel"));
        check("temperature", "36,8", Ok("36.8 Cel"));
        check("temperature", "98.6 f", Ok("98.6 [degF]"));
        check("temperature", "98.6\u{b0}F", Ok("98.6 [degF]"));
        check("systolic_pressure", "128 mmhg", Ok("128 mm[Hg]"));
        check("oxygen_saturation", "98 %", Ok("98"));
        check("post_void_residual", "250", Ok("250 mL"));
        check("post_void_residual", "0.25 l", Ok("0.25 L"));
        check("post_void_residual", "> 600", Ok("> 600 mL"));
    }

    #[test]
    fn doubt_is_refused() {
        // Half a litre, or half a millilitre?
        check("post_void_residual", "0.5", Err("`0.5 mL` or `0.5 L`"));
        check("post_void_residual", "3", Err("say the unit"));
        check("temperature", "98.6", Err("`98.6 \u{b0}F`"));
        check("temperature", "60", Err("is not possible"));
        check("oxygen_saturation", "0.98", Err("no whole number"));
        check("age", "1,200", Err("that is no number"));
        check("age", "", Err("that is no number"));
        check("age", "35 mL", Err("is no unit of it"));
    }
}
