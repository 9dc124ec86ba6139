//! Edits of seeds: of their bytes, and of JSON by its places.

use serde_json::{Map, Value, json};

use crate::Dice;

/// Most bytes of an edited input.
const BYTES_MAX: usize = 65_536;
/// Most edits at once.
const EDITS_MAX: usize = 4;
/// Texts that have broken readers before.
const WORDS: [&str; 44] = [
    "null",
    "true",
    "false",
    "{}",
    "[]",
    "\"\"",
    "-1",
    "0",
    "1e309",
    "9007199254740993",
    "\\u0000",
    "\u{feff}",
    "\u{202e}",
    "https://",
    "http://127.0.0.1",
    "javascript:alert(1)",
    "<script>",
    "](x)",
    "Patient/p1",
    "Patient/p2",
    "Patient/p1/_history/1",
    "urn:uuid:1",
    "final",
    "entered-in-error",
    "refuted",
    "2026-11-26T11:00:00Z",
    "9999-12-31",
    "-9999-01-01",
    "2026-02-30",
    "0001",
    "2026-11-26T24:00:00Z",
    "RS256",
    "none",
    "HS256",
    "ES384",
    "9223372036854775807",
    "Bearer ",
    "..",
    "%00",
    "\r\n",
    "\\\"",
    "😀",
    "Cel",
    "1e-400",
];

/// A seed with a few edits; `other` gives parts.
pub fn mutated(dice: &mut Dice, seed: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..1 + dice.below(EDITS_MAX) {
        // Of JSON behind a few bytes of choice, the JSON is edited.
        let begins = bytes.iter().take(9).position(|byte| matches!(byte, b'{' | b'[')).unwrap_or(0);
        let json = serde_json::from_slice::<Value>(&bytes[begins..]).ok();
        match json.filter(|_| dice.below(4) > 0) {
            Some(mut value) => {
                let part = serde_json::from_slice::<Value>(other).ok();
                edit(dice, &mut value, part.as_ref());
                let mut edited = bytes[..begins].to_vec();
                if begins > 0 && dice.below(2) == 0 {
                    edited.iter_mut().for_each(|byte| *byte = dice.roll() as u8 & 0x7f | 1);
                    edited.retain(|byte| !matches!(byte, b'{' | b'['));
                    edited.resize(begins, 1);
                }
                edited.extend_from_slice(value.to_string().as_bytes());
                bytes = edited;
            }
            None => of_bytes(dice, &mut bytes, other),
        }
    }
    bytes.truncate(BYTES_MAX);
    bytes
}

fn of_bytes(dice: &mut Dice, bytes: &mut Vec<u8>, other: &[u8]) {
    let at = dice.below(bytes.len() + 1);
    let end = (at + dice.below(9)).min(bytes.len());
    match dice.below(6) {
        0 => bytes.truncate(at),
        1 => drop(bytes.splice(at..end, [])),
        2 => bytes.insert(at, dice.roll() as u8),
        3 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
        4 => drop(bytes.splice(at..end, dice.of(&WORDS).bytes())),
        _ => {
            let from = dice.below(other.len() + 1);
            let to = (from + dice.below(24)).min(other.len());
            drop(bytes.splice(at..end, other[from..to].iter().copied()));
        }
    }
}

/// Edits one place of a value.
fn edit(dice: &mut Dice, whole: &mut Value, other: Option<&Value>) {
    let count = size(whole);
    let mut left = dice.below(count);
    let part = other.map(|other| nth(other, &mut dice.below(size(other))).clone());
    if let Some(place) = nth_mut(whole, &mut left) {
        change(dice, place, part);
    }
}

fn change(dice: &mut Dice, place: &mut Value, part: Option<Value>) {
    let old = place.take();
    *place = match (dice.below(12), old) {
        (0, _) => Value::Null,
        (1, _) => dice.of(&[json!({}), json!([]), json!(""), json!(0), json!(false)]).clone(),
        (2, _) => json!(dice.of(&WORDS)),
        (3, old) => json!([old]),
        (4, Value::Array(list)) if !list.is_empty() => list[0].clone(),
        (5, old) => part.unwrap_or(old),
        (6..=7, Value::Object(fields)) if !fields.is_empty() => {
            let name = fields.keys().nth(dice.below(fields.len())).cloned().unwrap_or_default();
            let mut kept: Map<String, Value> = fields;
            let gone = kept.remove(&name);
            if dice.below(3) == 0 {
                kept.insert(format!("{name}x"), gone.unwrap_or_default());
            }
            Value::Object(kept)
        }
        (6..=7, Value::Array(mut list)) if !list.is_empty() => {
            let at = dice.below(list.len());
            match dice.below(3) {
                0 => drop(list.remove(at)),
                1 => list.push(list[at].clone()),
                _ => list.reverse(),
            }
            Value::Array(list)
        }
        (8, Value::Number(number)) => {
            let number = number.as_f64().unwrap_or_default();
            let odd = [number + 1.0, number - 1.0, -number, number * 1e6, number / 3.0, 0.0];
            json!(dice.of(&odd))
        }
        (9, Value::Number(number)) => json!(number.to_string()),
        (8..=9, Value::String(text)) => {
            let mut signs: Vec<char> = text.chars().collect();
            let at = dice.below(signs.len() + 1);
            signs.splice(at..at, dice.of(&WORDS).chars());
            json!(signs.into_iter().collect::<String>())
        }
        (_, Value::Object(mut fields)) => {
            fields.insert(dice.of(&NAMES).to_string(), part.unwrap_or_default());
            Value::Object(fields)
        }
        (_, old) => old,
    };
}

/// Names that mean something somewhere.
const NAMES: [&str; 24] = [
    "resourceType",
    "id",
    "entry",
    "link",
    "modifierExtension",
    "dataAbsentReason",
    "focus",
    "deceasedBoolean",
    "deceasedDateTime",
    "status",
    "subject",
    "patient",
    "code",
    "component",
    "item",
    "answer",
    "contained",
    "prefetch",
    "extension",
    "crit",
    "nbf",
    "tenant",
    "d",
    "total",
];

fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(size).sum(),
        Value::Object(fields) => fields.values().map(size).sum(),
        _ => 0,
    }
}

fn nth<'a>(value: &'a Value, left: &mut usize) -> &'a Value {
    if *left == 0 {
        return value;
    }
    *left -= 1;
    let inner: Vec<&Value> = match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(fields) => fields.values().collect(),
        _ => Vec::new(),
    };
    for one in inner {
        let count = size(one);
        if *left < count {
            return nth(one, left);
        }
        *left -= count;
    }
    value
}

fn nth_mut<'a>(value: &'a mut Value, left: &mut usize) -> Option<&'a mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    let inner: Vec<&mut Value> = match value {
        Value::Array(list) => list.iter_mut().collect(),
        Value::Object(fields) => fields.values_mut().collect(),
        _ => Vec::new(),
    };
    for one in inner {
        let count = size(one);
        if *left < count {
            return nth_mut(one, left);
        }
        *left -= count;
    }
    None
}
