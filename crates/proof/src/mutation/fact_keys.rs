//! Mutants of facts and of the vocabulary: every key that changes what the
//! program does. Wording is read by people and left alone.

use cauda_guideline::Guideline;
use cauda_guideline::facts::{Danger, Fact, Kind, Quantity, Role};
use cauda_guideline::units;
use cauda_guideline::vocabulary::Tier;

use super::rules::Variant;
use super::tables::{Table, list_text, tables};

/// Every single change of a file of facts.
pub(super) fn of_facts(guideline: &Guideline, text: &str) -> Vec<Variant<String>> {
    let mut found = Vec::new();
    for table in tables(text) {
        let Some(fact) = guideline.fact(&table.id).map(|fact| &guideline.facts[fact]) else {
            continue;
        };
        let keys = Keys { text, table: &table };
        match &fact.kind {
            Kind::Named { .. } => found.extend(of_named(&keys, fact)),
            Kind::Quantity(quantity) => {
                let index = guideline.fact(&table.id).unwrap_or(0);
                let cuts = &guideline.program.cells[index].cuts;
                found.extend(of_quantity(&keys, fact, quantity, cuts));
            }
        }
        found.extend(of_time(&keys));
        found.extend(of_roles(&keys, fact));
        for key in ["needed", "governs", "alarm", "assume", "onset"] {
            found.extend(keys.remove(key));
        }
        for key in ["withheld_while", "worsening_of", "taken_back_by"] {
            found.extend(keys.fewer(key));
        }
    }
    found
}

struct Keys<'a> {
    text: &'a str,
    table: &'a Table,
}

impl Keys<'_> {
    fn set(&self, operator: &'static str, key: &str, value: &str) -> Variant<String> {
        let what = format!("{}: {key} = {}", self.table.id, value.replace('"', "'"));
        (operator, what, self.table.set(self.text, key, value))
    }

    fn remove(&self, key: &'static str) -> Option<Variant<String>> {
        let without = self.table.without(self.text, key)?;
        Some((key, format!("{}: no {key}", self.table.id), without))
    }

    fn quoted(&self, operator: &'static str, key: &str, value: &str) -> Variant<String> {
        self.set(operator, key, &format!("\"{value}\""))
    }

    /// Each member of a list left out; with the last one goes the key.
    fn fewer(&self, key: &'static str) -> Vec<Variant<String>> {
        let members = self.table.list(self.text, key);
        if members.is_empty() {
            return self.remove(key).into_iter().collect();
        }
        let dropped = members.iter().enumerate().map(|(at, gone)| {
            let mut fewer = members.clone();
            fewer.remove(at);
            let what = format!("{}: {key} without {gone}", self.table.id);
            let text = match fewer.is_empty() {
                true => self.table.without(self.text, key).unwrap_or_default(),
                false => self.table.set(self.text, key, &list_text(&fewer)),
            };
            (key, what, text)
        });
        dropped.collect()
    }
}

fn of_named(keys: &Keys, fact: &Fact) -> Vec<Variant<String>> {
    let Kind::Named { values, dangerous, clear, assume, .. } = &fact.kind else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let listed: Vec<String> = values
        .iter()
        .zip(dangerous)
        .filter(|(_, danger)| **danger)
        .map(|(value, _)| value.clone())
        .collect();
    match listed.len() {
        0 => {}
        1 => found.push(keys.quoted("danger", "danger", "none")),
        _ => found.push(keys.set("danger", "danger", &list_text(&listed[1..]))),
    }
    // The last safe value becomes dangerous, too.
    let safe: Vec<&String> = values
        .iter()
        .zip(dangerous)
        .filter(|(_, danger)| !**danger)
        .map(|(value, _)| value)
        .collect();
    if let (Some(last), true) = (safe.last(), safe.len() > 1 || listed.is_empty()) {
        let mut more = vec![(*last).clone()];
        more.extend(listed);
        found.push(keys.set("danger", "danger", &list_text(&more)));
    }
    for (at, value) in values.iter().enumerate() {
        if at != *clear {
            found.push(keys.quoted("clear", "clear", value));
        }
        if assume.is_some_and(|assumed| assumed != at) {
            found.push(keys.quoted("assume", "assume", value));
        }
    }
    found
}

fn of_quantity(
    keys: &Keys,
    fact: &Fact,
    quantity: &Quantity,
    cuts: &[i64],
) -> Vec<Variant<String>> {
    let mut found = Vec::new();
    let number = |place: i64| {
        let text = quantity.text(place);
        text.split(' ').next().unwrap_or_default().to_string()
    };
    let inside = |place: &i64| (quantity.range.0..=quantity.range.1).contains(place);
    for (word, own) in [
        ("higher", fact.danger == Danger::Rising),
        ("lower", fact.danger == Danger::Falling),
        ("none", fact.danger == Danger::None),
    ] {
        if !own {
            found.push(keys.quoted("danger", "danger", word));
        }
    }
    // Into the next cell on either side.
    let above = cuts.iter().find(|cut| **cut > quantity.clear).map(|cut| cut + cut.rem_euclid(2));
    let below = cuts.iter().rev().find(|cut| **cut <= quantity.clear).map(|cut| cut - 2);
    for place in above.into_iter().chain(below.map(|at| at - at.rem_euclid(2))).filter(inside) {
        found.push(keys.quoted("clear", "clear", &number(place)));
    }
    if let Some(alarm) = quantity.alarm {
        let sign = keys.table.text(keys.text, "alarm").unwrap_or_default();
        let sign = sign.split_once(' ').map_or(String::new(), |(sign, _)| format!("{sign} "));
        let on_grid = match sign.as_str() {
            "> " => alarm - 1,
            "< " => alarm + 1,
            _ => alarm,
        };
        for place in [on_grid - 2, on_grid + 2].into_iter().filter(inside) {
            found.push(keys.quoted("alarm", "alarm", &format!("{sign}{}", number(place))));
        }
    }
    for unit in quantity.accepts.iter().filter(|unit| **unit != quantity.unit) {
        found.push(keys.quoted("unit", "unit", unit));
        let fewer: Vec<String> =
            quantity.accepts.iter().filter(|other| *other != unit).cloned().collect();
        found.push(keys.set("accepts", "accepts", &list_text(&fewer)));
    }
    if let Some(step) = keys.table.text(keys.text, "step") {
        for up in [true, false] {
            found.push(keys.quoted("step", "step", &shifted(&step, up)));
        }
    }
    let (low, high) = (number(quantity.range.0), number(quantity.range.1));
    for (low_by, high_by) in [(2, 0), (-2, 0), (0, -2), (0, 2)] {
        let ends = [number(quantity.range.0 + low_by), number(quantity.range.1 + high_by)];
        if !ends[0].starts_with('-') && ends != [low.clone(), high.clone()] {
            found.push(keys.set("range", "range", &list_text(&ends)));
        }
    }
    found
}

/// Ten times as much, or a tenth.
fn shifted(number: &str, up: bool) -> String {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let (digits, decimals) = match (up, part.len()) {
        (true, 0) => (format!("{whole}0"), 0),
        (true, decimals) => (format!("{whole}{part}"), decimals - 1),
        (false, decimals) => (format!("{whole}{part}"), decimals + 1),
    };
    let digits = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if part.is_empty() { whole.to_string() } else { format!("{whole}.{part}") }
}

fn of_time(keys: &Keys) -> Vec<Variant<String>> {
    let mut found = Vec::new();
    if let Some(fresh) = keys.table.text(keys.text, "fresh") {
        found.extend(keys.remove("fresh"));
        let minutes = fresh.split_once(' ').and_then(|(count, unit)| {
            let seconds = units::seconds(unit)?
                .times(cauda_guideline::decimal::Rational::new(count.parse::<i128>().ok()?, 60))?;
            seconds.doubled_floor().map(|doubled| doubled / 2)
        });
        if let Some(minutes) = minutes {
            found.push(keys.quoted("fresh", "fresh", &format!("{} min", minutes / 2)));
            found.push(keys.quoted("fresh", "fresh", &format!("{} min", minutes * 2)));
        }
    }
    if keys.table.text(keys.text, "kind").as_deref() != Some("derived") {
        let keep = keys.table.text(keys.text, "keep");
        let other = if keep.as_deref() == Some("latest") { "worst" } else { "latest" };
        found.push(keys.quoted("keep", "keep", other));
    }
    found
}

fn of_roles(keys: &Keys, fact: &Fact) -> Vec<Variant<String>> {
    let Some(toml::Value::Table(asked)) = keys.table.value(keys.text, "asked") else {
        return Vec::new();
    };
    let texts = |key: &str| -> Vec<String> {
        let values = asked.get(key).and_then(toml::Value::as_array).into_iter().flatten();
        values.filter_map(|value| value.as_str().map(String::from)).collect()
    };
    let (at, of) = (texts("at"), texts("of"));
    let mut found = Vec::new();
    for role in Role::ALL {
        let mut changed = of.clone();
        let what = match fact.asked_of.contains(&role) {
            true => {
                changed.retain(|other| other != role.id());
                format!("{}: asked of all but {}", fact.id, role.id())
            }
            false => {
                changed.push(role.id().to_string());
                format!("{}: asked of {}, too", fact.id, role.id())
            }
        };
        if changed.is_empty() {
            continue;
        }
        let value = format!("{{ at = {}, of = {} }}", list_text(&at), list_text(&changed));
        found.push(("asked-of", what, keys.table.set(keys.text, "asked", &value)));
    }
    found
}

/// Every single change of a file of the vocabulary, or of the attestations.
pub(super) fn of_vocabulary(text: &str) -> Vec<Variant<String>> {
    let mut found = Vec::new();
    for table in tables(text) {
        let keys = Keys { text, table: &table };
        if let Some(deadline) = table.text(text, "deadline")
            && let Some((count, rest)) = deadline.split_once(' ')
            && let Ok(count) = count.parse::<u32>()
        {
            let longer = format!("{} {rest}", count.saturating_mul(2));
            found.push(keys.quoted("deadline", "deadline", &longer));
        }
        if let Some(tier) = table.text(text, "urgency").and_then(|id| Tier::of_id(&id)) {
            let at = tier as usize;
            let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
            for other in beside.filter_map(|at| Tier::ALL.get(at)) {
                found.push(keys.quoted("disposition-urgency", "urgency", other.id()));
            }
        }
        for key in ["reassuring", "blocks", "leaves"] {
            if let Some(toml::Value::Boolean(is)) = table.value(text, key) {
                found.push(keys.set(key, key, if is { "false" } else { "true" }));
            }
        }
        if let Some(modality) = table.text(text, "modality") {
            let other = if modality == "mri" { "ct" } else { "mri" };
            found.push(keys.quoted("modality", "modality", other));
        }
        for key in ["never_with", "conflicts", "facts", "covers", "of"] {
            if !table.list(text, key).is_empty() {
                found.extend(keys.fewer(key));
            }
        }
    }
    found
}
