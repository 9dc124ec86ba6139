//! Short timelines about one fact, as lines of a case: each value by each role,
//! now, before and after it is no longer fresh, alone and after another word.

use std::collections::BTreeSet;

use cauda_guideline::Guideline;
use cauda_guideline::cases::{NOW, entries_of};
use cauda_guideline::facts::{Fact, FactIndex, Kind, Quantity, Role};
use cauda_guideline::page::{case_line, parse_case};
use cauda_guideline::resolve::{Said, resolve};

/// Ages in minutes of what is not marked `fresh`.
const AGES: [i64; 2] = [0, 720];

/// Patients that could tell a changed fact from the original: each timeline
/// that resolves differently, alone and beside the facts of `patients` who have
/// that fact.
///
/// Empty when no timeline resolves differently.
pub(super) fn telling(
    original: &Guideline,
    mutant: &Guideline,
    fact: FactIndex,
    patients: &[String],
) -> Vec<String> {
    let id = &original.facts[fact].id;
    let contexts = contexts(id, patients);
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut found = Vec::new();
    for told in timelines(original, mutant, fact) {
        let Some(key) = resolves_differently(original, mutant, &told) else { continue };
        // Without a time a case is taken word for word, so it tells other things.
        if !seen.insert(format!("{} {key}", told.contains(" by "))) {
            continue;
        }
        found.extend(["clear", "unknown"].map(|rest| format!("{told}; all else {rest}")));
        found.extend(contexts.iter().map(|context| format!("{told}{context}")));
    }
    let guards = [original, mutant].map(|guideline| &guideline.facts[fact].withheld_while);
    for guard in guards[0].iter().filter(|_| guards[0] != guards[1]) {
        found.push(format!("`{guard}` present, `{id}` not asked; all else clear"));
    }
    found
}

/// Most patients beside whom a timeline is tried.
const CONTEXTS_MAX: usize = 60;

/// What else is told of patients who have the fact.
fn contexts(id: &str, patients: &[String]) -> Vec<String> {
    let named = format!("`{id}`");
    let mut found: Vec<String> = Vec::new();
    for text in patients.iter().filter(|text| text.contains(&named)) {
        let (mut case, _) = parse_case("case", text, 0);
        case.settings.retain(|setting| setting.fact.text != id);
        let separator = if case.settings.is_empty() { "; " } else { ", " };
        let context = format!("{separator}{}", case_line(&case));
        if !found.contains(&context) && found.len() < CONTEXTS_MAX {
            found.push(context);
        }
    }
    found
}

/// How a timeline resolves in each of the two, if not alike.
fn resolves_differently(original: &Guideline, mutant: &Guideline, told: &str) -> Option<String> {
    let text = format!("{told}; all else clear");
    let said = |guideline: &Guideline, other: &Guideline| -> Option<Vec<String>> {
        let (case, faults) = parse_case("case", &text, 0);
        let entries = faults.is_empty().then(|| entries_of(guideline, "case", &case).ok());
        let findings = resolve(guideline, &entries??, Some(NOW));
        let values = findings.by_fact.iter().enumerate().map(|(fact, finding)| {
            let (cells, others) = (&guideline.program.cells[fact], &other.program.cells[fact]);
            let is_quantity = guideline.facts[fact].quantity().is_some();
            // Between the same thresholds only the cells of a number matter.
            match is_quantity && cells.count == others.count {
                true => format!("{:b} {}", finding.cells, finding.is_vague),
                false => value(&guideline.facts[fact], finding.said),
            }
        });
        Some(values.collect())
    };
    let (before, after) = (said(original, mutant), said(mutant, original));
    if before == after {
        return None;
    }
    let (Some(before), Some(after)) = (before, after) else {
        return Some(format!("refused {told}"));
    };
    let both = before.iter().zip(&after).enumerate();
    let differing: Vec<String> = both
        .filter(|(_, (before, after))| before != after)
        .map(|(fact, (before, after))| format!("{fact} {before} {after}"))
        .collect();
    Some(differing.join(", "))
}

fn value(fact: &Fact, said: Said) -> String {
    match (said, &fact.kind) {
        (Said::Value(value), Kind::Named { values, .. }) => {
            values.get(value).cloned().unwrap_or_default()
        }
        (Said::Between(low, high), Kind::Quantity(quantity)) => {
            format!("{} to {}", quantity.text(low), quantity.text(high))
        }
        (Said::Unknown(reason), _) if reason.cannot_be_had() => "cannot be had".into(),
        _ => "unknown".into(),
    }
}

/// Timelines that could tell a changed fact from the original.
fn timelines(original: &Guideline, mutant: &Guideline, fact: FactIndex) -> Vec<String> {
    let id = &original.facts[fact].id;
    let mut values: Vec<String> = Vec::new();
    for value in sayings(original, fact).into_iter().chain(sayings(mutant, fact)) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    let ages = ages(original, mutant, fact);
    let mut found: Vec<String> = values.iter().map(|value| format!("`{id}` {value}")).collect();
    for value in &values {
        for role in Role::ALL {
            for age in &ages {
                found.push(format!("`{id}` {value} by {}{}", role.id(), ago(*age)));
            }
        }
    }
    for source in &original.facts[fact].worsening_of {
        found.extend(original.fact(source).and_then(|source| fall(original, source)));
    }
    found.extend(pairs(id, &values));
    found
}

/// One word an hour ago and another now.
fn pairs(id: &str, values: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let few = values.iter().take(6);
    for earlier in few.clone() {
        for later in few.clone().filter(|later| *later != earlier) {
            for first in Role::ALL {
                for second in Role::ALL {
                    found.push(format!(
                        "`{id}` {earlier} by {} 1 hours ago, `{id}` {later} by {}",
                        first.id(),
                        second.id()
                    ));
                }
            }
        }
    }
    found
}

/// A quantity that falls between two examinations.
fn fall(guideline: &Guideline, source: FactIndex) -> Option<String> {
    let fact = &guideline.facts[source];
    let quantity = fact.quantity()?;
    let role = fact.asked_of.first()?.id();
    let (high, low) = (quantity.text(quantity.clear), quantity.text(quantity.clear - 2));
    Some(format!("`{0}` {high} by {role} 2 hours ago, `{0}` {low} by {role}", fact.id))
}

fn ago(minutes: i64) -> String {
    match minutes {
        0 => String::new(),
        _ if minutes % 60 == 0 => format!(" {} hours ago", minutes / 60),
        _ => format!(" {minutes} minutes ago"),
    }
}

/// Now, just within and just beyond what either calls fresh.
fn ages(original: &Guideline, mutant: &Guideline, fact: FactIndex) -> Vec<i64> {
    let mut ages = AGES.to_vec();
    for guideline in [original, mutant] {
        let fresh = guideline.facts[fact].fresh_seconds.unwrap_or(0) / 60;
        ages.extend([fresh, fresh + 60].into_iter().filter(|age| (1..10_000).contains(age)));
    }
    ages.sort_unstable();
    ages.dedup();
    ages
}

/// Values to say: every name; of a quantity its clear value, both sides of
/// every threshold, both ends, one step beyond them, and each accepted unit.
fn sayings(guideline: &Guideline, fact: FactIndex) -> Vec<String> {
    match &guideline.facts[fact].kind {
        Kind::Named { values, .. } => values.clone(),
        Kind::Quantity(quantity) => {
            let (low, high) = quantity.range;
            let mut places = vec![quantity.clear];
            for cut in &guideline.program.cells[fact].cuts {
                let on_grid = cut + cut.rem_euclid(2);
                places.extend([on_grid - 2, on_grid]);
            }
            places.extend([low, high, low - 2, high + 2]);
            let mut found: Vec<String> = places.into_iter().map(|at| quantity.text(at)).collect();
            found.retain(|text| !text.starts_with('-'));
            found.extend(in_other_units(quantity));
            found
        }
    }
}

/// Round numbers in the other units a quantity accepts.
fn in_other_units(quantity: &Quantity) -> Vec<String> {
    let others = quantity.accepts.iter().filter(|unit| **unit != quantity.unit);
    let numbers = ["1", "2", "10", "50", "100", "101", "0.1", "0.2", "0.5"];
    let fits = |text: &&str, unit: &str| quantity.place(text, Some(unit)).is_ok();
    others
        .flat_map(|unit| {
            let fitting = numbers.iter().filter(move |text| fits(text, unit));
            fitting.map(move |text| format!("{text} {unit}"))
        })
        .collect()
}
