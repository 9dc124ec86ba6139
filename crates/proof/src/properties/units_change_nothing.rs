//! SP10: the unit a number is written in changes nothing. Of every quantity and
//! every unit it takes, each threshold is tried just under, on and just over,
//! written in that unit, and must be read as the same place.

use cauda_guideline::decimal::Rational;
use cauda_guideline::facts::{Fact, Quantity};
use cauda_guideline::resolve::Said;
use cauda_guideline::units::convert;
use cauda_guideline::visit::read_value;

use super::{Model, Outcome};

/// Digits after the point of a number written in another unit.
const DIGITS: u32 = 6;

pub(super) fn check(model: &mut Model) -> Outcome {
    let mut faults = Vec::new();
    for (index, fact) in model.guideline.entered_facts() {
        let Some(quantity) = fact.quantity() else { continue };
        let cuts = &model.guideline.program.cells[index].cuts;
        let mut places: Vec<i64> = cuts.iter().map(|cut| cut + cut.rem_euclid(2)).collect();
        places.extend([quantity.clear, quantity.range.0, quantity.range.1]);
        places.sort_unstable();
        places.dedup();
        for unit in &quantity.accepts {
            for place in &places {
                for beside in [place - 2, *place, place + 2] {
                    if beside < quantity.range.0 || beside > quantity.range.1 {
                        continue;
                    }
                    model.questions += 1;
                    faults.extend(read_back(fact, quantity, unit, beside));
                }
            }
        }
    }
    if faults.is_empty() { Outcome::Holds } else { Outcome::Refuted(faults) }
}

/// What is wrong with a place written in a unit.
fn read_back(fact: &Fact, quantity: &Quantity, unit: &str, place: i64) -> Option<String> {
    let value = Rational::new(i128::from(place.div_euclid(2)), 1).times(quantity.step);
    let written = value.and_then(|value| convert(value, &quantity.unit, unit));
    let Some((below, above)) = written.and_then(beside) else {
        return Some(format!("`{}`: `{unit}` is no unit of it", fact.id));
    };
    let read = |number: &str| {
        let said = if unit == "1" { number.to_string() } else { format!("{number} {unit}") };
        match read_value(fact, &said) {
            Ok(Said::Between(least, greatest)) if least == greatest => Some(least),
            _ => None,
        }
    };
    // The number itself, or the two nearest to it with so many digits.
    let (low, high) = (read(&below), read(&above));
    let right = match below == above {
        true => low == Some(place),
        // Just outside the range is refused, as it should be.
        false => {
            let under =
                low.map_or(place <= quantity.range.0, |low| low < place && place - low <= 2);
            let over =
                high.map_or(place >= quantity.range.1, |high| high >= place && high - place <= 2);
            under && over
        }
    };
    let shown = quantity.text(place);
    let fault =
        || format!("`{}`: {shown} written as {below} {unit} is read as another number", fact.id);
    (!right).then(fault)
}

/// A number with so many digits, or its two neighbours with so many.
fn beside(value: Rational) -> Option<(String, String)> {
    let scale = Rational::new(10_i128.pow(DIGITS), 1);
    let doubled = value.times(scale)?.doubled_floor()?;
    let floor = doubled.div_euclid(2);
    let text = |whole: i64| {
        let sign = if whole < 0 { "-" } else { "" };
        let (whole, scale) = (whole.unsigned_abs(), 10_u64.pow(DIGITS));
        let digits = DIGITS as usize;
        format!("{sign}{}.{:0digits$}", whole / scale, whole % scale)
    };
    let above = if doubled % 2 == 0 { floor } else { floor + 1 };
    Some((text(floor), text(above)))
}
