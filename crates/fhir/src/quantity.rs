//! `Quantity` of FHIR R4.

use serde_json::Value;

use crate::resource::text;

/// Digits of a number that are the same before and after a `double` held it.
const DIGITS_MAX: usize = 15;

/// How the true value lies to the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparator {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `>`
    Greater,
}

/// A number with its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity<'a> {
    /// The number as decimal text, `38.4`, for an exact reader; never an exponent.
    pub number: String,
    /// The code of the unit, `Cel`.
    pub code: Option<&'a str>,
    /// The system of that code; UCUM is `http://unitsofmeasure.org`.
    pub system: Option<&'a str>,
    /// The unit as people read it.
    pub unit: Option<&'a str>,
    /// Below, above, or exactly.
    pub comparator: Option<Comparator>,
}

impl<'a> Quantity<'a> {
    /// Reads a `Quantity`. `None` without a number, with one of more digits than a number of JSON
    /// keeps, or with a comparator that is none of the four.
    pub fn read(value: &'a Value) -> Option<Quantity<'a>> {
        let number = number(value.get("value")?)?;
        let comparator = match value.get("comparator") {
            None => None,
            Some(comparator) => Some(match comparator.as_str()? {
                "<" => Comparator::Less,
                "<=" => Comparator::AtMost,
                ">=" => Comparator::AtLeast,
                ">" => Comparator::Greater,
                _ => return None,
            }),
        };
        Some(Quantity {
            number,
            code: text(value, "code"),
            system: text(value, "system"),
            unit: text(value, "unit"),
            comparator,
        })
    }
}

/// A number of JSON as decimal text.
fn number(value: &Value) -> Option<String> {
    let text = value.as_number()?.to_string();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text.bytes().all(|sign| sign.is_ascii_digit() || matches!(sign, b'-' | b'.'));
    let whole = text.strip_suffix(".0").unwrap_or(&text);
    (plain && digits <= DIGITS_MAX).then(|| whole.to_owned())
}
