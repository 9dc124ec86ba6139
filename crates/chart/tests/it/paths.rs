//! Every element of five whole charts left out, emptied, made `null` or of another kind, one at a
//! time, and every code replaced by one that nobody knows.

use std::fs;

use cauda_guideline::resolve::Entries;
use serde_json::{Map, Value, json};

use crate::laws::{Seen, TAKING_AWAY, check, cleared, see};
use crate::shipped::{guideline, root};

/// A step into a value.
#[derive(Clone, Debug)]
pub enum Step {
    Name(String),
    At(usize),
}

/// Every place in a value, by the steps to it.
pub fn places(value: &Value) -> Vec<Vec<Step>> {
    let mut all = Vec::new();
    let mut open = vec![(value, Vec::new())];
    while let Some((value, path)) = open.pop() {
        let inner: Vec<(Step, &Value)> = match value {
            Value::Object(fields) => {
                fields.iter().map(|(name, value)| (Step::Name(name.clone()), value)).collect()
            }
            Value::Array(list) => {
                list.iter().enumerate().map(|(at, value)| (Step::At(at), value)).collect()
            }
            _ => Vec::new(),
        };
        for (step, value) in inner {
            let path: Vec<Step> = path.iter().cloned().chain([step]).collect();
            all.push(path.clone());
            open.push((value, path));
        }
    }
    all
}

/// What is done to a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    Dropped,
    Nulled,
    Emptied,
    Replaced,
}

pub const CHANGES: [Change; 4] =
    [Change::Dropped, Change::Nulled, Change::Emptied, Change::Replaced];

/// The value with one place changed. `None` where the change is none.
pub fn changed(whole: &Value, path: &[Step], change: Change) -> Option<Value> {
    let mut whole = whole.clone();
    let (last, before) = path.split_last()?;
    let mut inside = &mut whole;
    for step in before {
        inside = match step {
            Step::Name(name) => inside.get_mut(name)?,
            Step::At(at) => inside.get_mut(at)?,
        };
    }
    let place = match last {
        Step::Name(name) => inside.get_mut(name)?,
        Step::At(at) => inside.get_mut(at)?,
    };
    match change {
        Change::Dropped => match (inside, last) {
            (Value::Object(fields), Step::Name(name)) => {
                fields.remove(name);
            }
            (Value::Array(list), Step::At(at)) => {
                list.remove(*at);
            }
            _ => return None,
        },
        Change::Nulled => *place = Value::Null,
        Change::Emptied => {
            *place = match place {
                Value::Object(_) => Value::Object(Map::new()),
                Value::Array(_) => Value::Array(Vec::new()),
                Value::String(_) => json!(""),
                _ => return None,
            }
        }
        Change::Replaced => match (place, last) {
            // Replacing other texts is another chart, not less of one.
            (Value::String(text), Step::Name(name))
                if matches!(name.as_str(), "code" | "system") =>
            {
                *text = format!("zz{text}");
            }
            _ => return None,
        },
    }
    Some(whole)
}

/// Whether that place is one of the elements that take something away, and is left out whole.
pub fn takes_away(path: &[Step], change: Change) -> bool {
    let last = path.last();
    let named =
        |step: &Step| matches!(step, Step::Name(name) if TAKING_AWAY.contains(&name.as_str()));
    change == Change::Dropped && last.is_some_and(named)
}

pub fn charts() -> Vec<(String, Value)> {
    let folder = root().join("crates/chart/tests/fixtures/charts");
    let mut all: Vec<(String, Value)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let version = format!("{}+{}", guideline().version, guideline().sha256);
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_str(&text.replace("VERSION", &version)).unwrap())
        })
        .collect();
    all.sort_by(|one, two| one.0.cmp(&two.0));
    all
}

fn every_place(people: &Entries, alone: bool) -> usize {
    let mut tried = 0;
    for (name, whole) in charts() {
        let before: Seen = see(&whole, people);
        for path in places(&whole) {
            for change in CHANGES {
                let Some(less) = changed(&whole, &path, change) else { continue };
                let after = see(&less, people);
                let takes_away = takes_away(&path, change);
                if let Err(why) = check(&before, &after, alone, takes_away) {
                    panic!("{name}, {path:?} {change:?}: {why}");
                }
                tried += 1;
            }
        }
    }
    tried
}

#[test]
fn the_five_charts_say_much() {
    let charts = charts();
    assert_eq!(charts.len(), 5);
    for (name, whole) in &charts {
        let seen = see(whole, &Entries::default());
        assert!(seen.chart.findings.len() >= 8, "{name}: {}", seen.chart.findings.len());
        assert!(!seen.chart.ignored.is_empty(), "{name}");
    }
}

#[test]
fn nothing_left_out_of_a_chart_makes_it_reassuring() {
    let tried = every_place(&Entries::default(), true);
    assert!(tried > 4_000, "{tried}");
}

#[test]
fn nor_beside_people_who_cleared_the_patient() {
    let tried = every_place(&cleared(), false);
    assert!(tried > 4_000, "{tried}");
}

#[test]
fn people_who_cleared_the_patient_send_him_home_so_the_law_is_about_something() {
    let calm = json!({"resourceType": "Patient", "id": "p1", "birthDate": "1991-03-02"});
    assert!(see(&calm, &cleared()).leaves());
    assert!(!see(&calm, &Entries::default()).leaves());
}
