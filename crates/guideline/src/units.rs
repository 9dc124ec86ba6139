//! Units of measure by their UCUM codes, and exact conversion between them.
//!
//! A closed table: a unit that is not here is refused with a list of those
//! that are. Factors are exact rationals from the UCUM definitions; nothing
//! here needs a molar mass.

use crate::decimal::Rational;

/// What a unit measures; conversion is possible within one dimension only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dimension {
    Number,
    Volume,
    Temperature,
    MassConcentration,
    SedimentationRate,
    Pressure,
    Frequency,
    Time,
    Fraction,
    FiltrationRate,
}

struct Unit {
    code: &'static str,
    dimension: Dimension,
    /// Added before scaling (only temperatures have one).
    offset: Rational,
    /// Multiplier to the dimension's base unit.
    factor: Rational,
}

const fn unit(
    code: &'static str,
    dimension: Dimension,
    numerator: i128,
    denominator: i128,
) -> Unit {
    Unit {
        code,
        dimension,
        offset: Rational::new(0, 1),
        factor: Rational::new(numerator, denominator),
    }
}

const UNITS: &[Unit] = &[
    unit("1", Dimension::Number, 1, 1),
    unit("%", Dimension::Fraction, 1, 1),
    unit("mL", Dimension::Volume, 1, 1),
    unit("cL", Dimension::Volume, 10, 1),
    unit("dL", Dimension::Volume, 100, 1),
    unit("L", Dimension::Volume, 1000, 1),
    unit("Cel", Dimension::Temperature, 1, 1),
    Unit {
        code: "[degF]",
        dimension: Dimension::Temperature,
        offset: Rational::new(-32, 1),
        factor: Rational::new(5, 9),
    },
    Unit {
        code: "K",
        dimension: Dimension::Temperature,
        offset: Rational::new(-27315, 100),
        factor: Rational::new(1, 1),
    },
    unit("mg/L", Dimension::MassConcentration, 1, 1),
    unit("ug/mL", Dimension::MassConcentration, 1, 1),
    unit("mg/dL", Dimension::MassConcentration, 10, 1),
    unit("g/L", Dimension::MassConcentration, 1000, 1),
    unit("mm/h", Dimension::SedimentationRate, 1, 1),
    unit("mm[Hg]", Dimension::Pressure, 1, 1),
    // UCUM defines m[Hg] as 133.322 kPa.
    unit("kPa", Dimension::Pressure, 1_000_000, 133_322),
    unit("/min", Dimension::Frequency, 1, 1),
    unit("{beats}/min", Dimension::Frequency, 1, 1),
    unit("mL/min/{1.73_m2}", Dimension::FiltrationRate, 1, 1),
    unit("s", Dimension::Time, 1, 1),
    unit("min", Dimension::Time, 60, 1),
    unit("h", Dimension::Time, 3_600, 1),
    unit("d", Dimension::Time, 86_400, 1),
    unit("wk", Dimension::Time, 604_800, 1),
    // UCUM's mean Julian month and year.
    unit("mo", Dimension::Time, 2_629_800, 1),
    unit("a", Dimension::Time, 31_557_600, 1),
];

/// What people write instead of the UCUM code, for the help text.
const LOOK_ALIKES: &[(&str, &str)] = &[
    ("C", "Cel"),
    ("°C", "Cel"),
    ("F", "[degF]"),
    ("°F", "[degF]"),
    ("degF", "[degF]"),
    ("ml", "mL"),
    ("ML", "mL"),
    ("cc", "mL"),
    ("l", "L"),
    ("mmHg", "mm[Hg]"),
    ("bpm", "/min"),
    ("mg/l", "mg/L"),
    ("mg/dl", "mg/dL"),
    ("mm/hr", "mm/h"),
    ("hours", "h"),
    ("hour", "h"),
    ("days", "d"),
    ("day", "d"),
    ("weeks", "wk"),
    ("week", "wk"),
    ("months", "mo"),
    ("years", "a"),
    ("year", "a"),
    ("y", "a"),
    ("yr", "a"),
];

fn find(code: &str) -> Option<&'static Unit> {
    UNITS.iter().find(|unit| unit.code == code)
}

/// Whether `code` is a unit this program knows.
pub fn is_known(code: &str) -> bool {
    find(code).is_some()
}

/// A unit as a person reads it; a UCUM code without such words is shown as it is.
pub fn words(code: &str) -> &str {
    match code {
        "1" => "",
        "Cel" => "°C",
        "[degF]" => "°F",
        "mm[Hg]" => "mmHg",
        "/min" | "{beats}/min" => "per minute",
        "ug/mL" => "µg/mL",
        "mL/min/{1.73_m2}" => "mL/min per 1.73 m²",
        "s" => "seconds",
        "min" => "minutes",
        "h" => "hours",
        "d" => "days",
        "wk" => "weeks",
        "mo" => "months",
        "a" => "years",
        other => other,
    }
}

/// A value as a person reads it: `38.4 Cel` is `38.4 °C`, and `>=38.4 Cel` is `38.4 °C or more`.
/// What is no number with a known unit stays.
pub fn value_words(value: &str) -> String {
    let limits = [">=", "≥", "<=", "≤", ">", "<"];
    let found = limits.into_iter().find_map(|sign| Some((sign, value.strip_prefix(sign)?)));
    let (limit, number) = found.unwrap_or(("", value));
    let Some(plain) = number_words(number.trim_start()) else { return value.to_string() };
    match limit {
        "" => plain,
        ">=" | "≥" => format!("{plain} or more"),
        "<=" | "≤" => format!("{plain} or less"),
        ">" => format!("more than {plain}"),
        _ => format!("less than {plain}"),
    }
}

/// A number, or two with `to` between them, with its unit in words.
fn number_words(value: &str) -> Option<String> {
    let is_number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    if !is_number(value) {
        return None;
    }
    match value.rsplit_once(' ') {
        Some((number, unit)) if is_known(unit) && !is_number(unit) => {
            Some(format!("{number} {}", words(unit)))
        }
        Some((_, unit)) => is_number(unit).then(|| value.to_string()),
        None => Some(value.to_string()),
    }
}

/// The UCUM code a person probably meant by `written`.
pub fn meant_by(written: &str) -> Option<&'static str> {
    LOOK_ALIKES.iter().find(|(wrong, _)| *wrong == written).map(|(_, right)| *right)
}

/// Converts `value` exactly from one unit to another of the same dimension.
///
/// `None` when a unit is unknown, the dimensions differ, or the exact result
/// would overflow.
pub fn convert(value: Rational, from: &str, to: &str) -> Option<Rational> {
    let (from, to) = (find(from)?, find(to)?);
    if from.dimension != to.dimension {
        return None;
    }
    let base = value.plus(from.offset)?.times(from.factor)?;
    base.over(to.factor)?.plus(to.offset.negated())
}

/// The length of one `code` in seconds, for units of time.
pub fn seconds(code: &str) -> Option<Rational> {
    find(code).filter(|unit| unit.dimension == Dimension::Time).map(|unit| unit.factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decimal::Decimal;

    fn check(value: &str, from: &str, to: &str, expect: &str) {
        let value = Decimal::parse(value).expect("number").rational();
        assert_eq!(convert(value, from, to).expect("converts").to_string(), expect);
    }

    #[test]
    fn conversions_are_exact() {
        check("100.4", "[degF]", "Cel", "38");
        check("100.3", "[degF]", "Cel", "≈37.9444");
        check("311.15", "K", "Cel", "38");
        check("1.001", "L", "mL", "1001");
        check("1.0", "mg/dL", "mg/L", "10");
        check("2", "wk", "d", "14");
        check("13.332", "kPa", "mm[Hg]", "≈99.9984");
    }

    #[test]
    fn values_and_limits_are_read_by_people() {
        for (value, words) in [
            ("38.9 Cel", "38.9 °C"),
            (">=38.9 Cel", "38.9 °C or more"),
            ("≥ 38.9 Cel", "38.9 °C or more"),
            ("<=90 mm[Hg]", "90 mmHg or less"),
            ("> 120 mg/L", "more than 120 mg/L"),
            ("36 to 38.5 Cel", "36 to 38.5 °C"),
            ("<5", "less than 5"),
            ("7", "7"),
            ("present", "present"),
            ("2 or more", "2 or more"),
        ] {
            assert_eq!(value_words(value), words);
        }
    }

    #[test]
    fn never_across_dimensions() {
        assert!(convert(Rational::new(1, 1), "mL", "mg/L").is_none());
        assert!(convert(Rational::new(1, 1), "mm/h", "/min").is_none());
    }
}
