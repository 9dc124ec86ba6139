//! A resolved patient as the parameters of the CQL library.
//!
//! What `resolve` makes of a fact is a word, an interval, or nothing; nothing is
//! null. Which of the unknown ones cannot be had stands in a list of its own.

use cauda_guideline::Guideline;
use cauda_guideline::facts::{Fact, FactIndex, Kind, Quantity};
use cauda_guideline::resolve::{Finding, Findings, Said};
use serde_json::{Map, Value, json};

use crate::cql::{CANNOT_BE_HAD, fact_name, number, parameter};

/// The parameters for `findings`: named facts as a word or null, quantities as
/// `{"low", "high", "low_closed", "high_closed", "unit"}` or null, with decimal
/// numbers as text; and the list of facts that cannot be had.
pub fn parameters(guideline: &Guideline, findings: &Findings) -> Map<String, Value> {
    let mut made = Map::new();
    let mut missing = Vec::new();
    for (index, fact) in guideline.entered_facts() {
        let finding = findings.by_fact.get(index);
        made.insert(parameter(fact), finding.map_or(Value::Null, |it| value(guideline, index, it)));
        let cannot =
            finding.is_some_and(|it| matches!(it.said, Said::Unknown(why) if why.cannot_be_had()));
        if cannot {
            missing.push(json!(fact_name(fact)));
        }
    }
    made.insert(CANNOT_BE_HAD.to_string(), Value::Array(missing));
    made
}

fn value(guideline: &Guideline, index: FactIndex, finding: &Finding) -> Value {
    let fact: &Fact = &guideline.facts[index];
    let cells = &guideline.program.cells[index];
    match (finding.said, &fact.kind) {
        (Said::Value(value), Kind::Named { values, .. }) => {
            values.get(value).map_or(Value::Null, |word| json!(word))
        }
        // An interval that only doubt has widened to everything is unknown again.
        (Said::Between(..), _) if finding.cells == cells.all() && !finding.is_vague => Value::Null,
        (Said::Between(low, high), Kind::Quantity(of)) => interval(of, low, high),
        _ => Value::Null,
    }
}

/// Odd places lie strictly between two grid points, so that end is open.
fn interval(of: &Quantity, low: i64, high: i64) -> Value {
    let above = high.saturating_add(high.rem_euclid(2));
    match (number(of, low), number(of, above)) {
        (Some(from), Some(to)) => json!({
            "low": from,
            "low_closed": low % 2 == 0,
            "high": to,
            "high_closed": high % 2 == 0,
            "unit": of.unit,
        }),
        _ => Value::Null,
    }
}
