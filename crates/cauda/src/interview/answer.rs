//! What was typed, in the terms of the question.

use cauda_guideline::Guideline;
use cauda_guideline::facts::{FactIndex, Kind, Sort};
use cauda_guideline::visit::{read_value, reason_of};

use super::screen::Screen;

/// One line of the keyboard.
#[derive(Debug, PartialEq, Eq)]
pub enum Typed {
    /// A value as the visit writes it, or a word for "unknown".
    Value(String),
    /// The group is clear and signed.
    Signed,
    /// The group is asked one by one.
    OneByOne,
    /// Not now.
    Later,
    /// Take the last answer back.
    Back,
    /// Why is this asked?
    Why,
    /// Enough.
    Stop,
    /// Not an answer: what is wrong, and how to mend it.
    Refused(String, String),
}

/// Reads what was typed at a screen.
pub fn typed(guideline: &Guideline, screen: &Screen, text: &str) -> Typed {
    let unknown = |word: &str| Typed::Value(word.to_string());
    match text {
        "" => return Typed::Later,
        "b" | "back" => return Typed::Back,
        "s" | "stop" | "q" => return Typed::Stop,
        "w" | "why" => return Typed::Why,
        "?" => return unknown("not known"),
        "d" => return unknown("declined"),
        "u" => return unknown("unable"),
        _ => {}
    }
    match screen {
        Screen::Group { .. } => match text {
            "y" | "yes" => Typed::Signed,
            "n" | "no" => Typed::OneByOne,
            _ if reason_of(text).is_some() => unknown(text),
            _ => Typed::Refused("that is no answer".into(), "type y, n, ?, d or u".into()),
        },
        Screen::One(fact) => one(guideline, *fact, text),
    }
}

fn one(guideline: &Guideline, index: FactIndex, text: &str) -> Typed {
    let fact = &guideline.facts[index];
    let short = match (&fact.kind, text) {
        (Kind::Named { sort: Sort::Finding, .. }, "y" | "yes") => Some("present"),
        (Kind::Named { sort: Sort::FindingWithOnset, .. }, "y" | "yes") => Some("new"),
        (Kind::Named { sort: Sort::FindingWithOnset, .. }, "o" | "old") => Some("longstanding"),
        (Kind::Named { sort: Sort::Finding | Sort::FindingWithOnset, .. }, "n" | "no") => {
            Some("absent")
        }
        (Kind::Named { sort: Sort::Choice, values, .. }, number) => {
            let at = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            at.and_then(|at| values.get(at)).map(String::as_str)
        }
        _ => None,
    };
    let mut value = short.unwrap_or(text).to_string();
    if let Kind::Quantity(quantity) = &fact.kind
        && quantity.unit != "1"
        && value.ends_with(|sign: char| sign.is_ascii_digit())
    {
        // A bare number is in the unit the question names.
        value = format!("{value} {}", quantity.unit);
    }
    match read_value(fact, &value) {
        Ok(_) => Typed::Value(value),
        Err((message, help)) => Typed::Refused(message, help),
    }
}
