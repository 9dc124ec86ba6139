//! What was typed, in the terms of the screen.

use cauda_guideline::Guideline;
use cauda_guideline::facts::{Fact, FactIndex, Kind, Sort};
use cauda_guideline::visit::{read_value, reason_of};

use super::number;
use super::record::Entered;
use super::screen::{Screen, Slot};

/// One line of the keyboard.
#[derive(Debug, PartialEq, Eq)]
pub enum Typed {
    /// Answers, and what is asked one by one or put off.
    Answer(Vec<Move>),
    /// Questions of the group to ask before it is signed.
    First(Vec<FactIndex>),
    /// Take the last line back.
    Back,
    /// Why is this asked?
    Why,
    /// What can be typed?
    Help,
    /// Enough.
    Stop,
    /// Not an answer: one sentence that says what is one.
    Refused(String),
}

/// What a key does to one question or group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// It is entered.
    Enter(Entered),
    /// The group is asked one by one.
    OneByOne(usize),
    /// Not now.
    Later(Slot),
}

/// Reads what was typed at a screen; capital letters count as small ones.
pub fn typed(guideline: &Guideline, screen: &Screen, text: &str) -> Typed {
    let small = text.trim().to_lowercase();
    match small.as_str() {
        "" => return Typed::Answer(later(screen)),
        "b" | "back" => return Typed::Back,
        "s" | "stop" | "q" | "quit" => return Typed::Stop,
        "w" | "why" => return Typed::Why,
        "?" | "h" | "help" => return Typed::Help,
        _ => {}
    }
    let answer = match screen {
        Screen::Group { attestation, facts } => return group(*attestation, facts, &small),
        Screen::Line(slots) => line(guideline, slots, &small),
        Screen::One(fact) => one(&guideline.facts[*fact], *fact, &small).map(|one| vec![one]),
    };
    answer.map_or_else(Typed::Refused, Typed::Answer)
}

fn later(screen: &Screen) -> Vec<Move> {
    match screen {
        Screen::Group { attestation, facts } => {
            vec![Move::Later(Slot::Signed(*attestation, facts.clone()))]
        }
        Screen::Line(slots) => slots.iter().cloned().map(Move::Later).collect(),
        Screen::One(fact) => vec![Move::Later(Slot::Fact(*fact))],
    }
}

/// A word for "unknown", or its key.
fn unknown(text: &str) -> Option<&'static str> {
    match text {
        "k" | "not known" | "not_known" => Some("not known"),
        "d" | "declined" => Some("declined"),
        "u" | "unable" => Some("unable"),
        _ => None,
    }
}

fn group(attestation: usize, facts: &[FactIndex], text: &str) -> Typed {
    if let Some(reason) = unknown(text) {
        let said = Entered::Said(facts.to_vec(), reason.to_string());
        return Typed::Answer(vec![Move::Enter(said)]);
    }
    match text {
        "c" | "clear" | "all clear" => {
            return Typed::Answer(vec![Move::Enter(Entered::Signed(attestation))]);
        }
        "n" | "no" => return Typed::Answer(vec![Move::OneByOne(attestation)]),
        "y" | "yes" => {
            let why = "`y` answers one question, not a group: type `c` if every one of these is clear, `n` if not";
            return Typed::Refused(why.into());
        }
        _ => {}
    }
    let numbers = text.split([' ', ',']).filter(|part| !part.is_empty());
    let places: Option<Vec<FactIndex>> = numbers
        .map(|number| {
            let at = number.parse::<usize>().ok()?.checked_sub(1)?;
            facts.get(at).copied()
        })
        .collect();
    match places {
        Some(first) if !first.is_empty() => Typed::First(first),
        _ => Typed::Refused("that is no answer: type `c` if every one is clear, `n`, or the numbers of those that are not; `?` helps".into()),
    }
}

/// One key for each question: never one key for all of them.
fn line(guideline: &Guideline, slots: &[Slot], text: &str) -> Result<Vec<Move>, String> {
    let words = words(text);
    if words.len() != slots.len() {
        let noun = if words.len() == 1 { "answer" } else { "answers" };
        return Err(format!(
            "{} {noun} for {} questions: type one for each, in their order, with blanks between; `-` puts one off",
            words.len(),
            slots.len()
        ));
    }
    let read = slots.iter().zip(&words).map(|(slot, word)| match slot {
        _ if word == "-" => Ok(Move::Later(slot.clone())),
        Slot::Signed(attestation, facts) => topic(*attestation, facts, word),
        Slot::Fact(index) => {
            let fact = &guideline.facts[*index];
            one(fact, *index, word).map_err(|why| format!("{}: {why}", fact.staff))
        }
    });
    read.collect()
}

/// The answers of a line; a unit stays with its number.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let after_number =
            words.last().is_some_and(|last| last.ends_with(|sign: char| sign.is_ascii_digit()));
        let is_key = matches!(word, "k" | "d" | "u" | "-" | "declined" | "unable");
        let is_number =
            word.starts_with(|sign: char| sign.is_ascii_digit() || "<>=≤≥-".contains(sign));
        match words.last_mut() {
            Some(last) if after_number && !is_key && !is_number => {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_string()),
        }
    }
    words
}

fn topic(attestation: usize, facts: &[FactIndex], word: &str) -> Result<Move, String> {
    if let Some(reason) = unknown(word) {
        return Ok(Move::Enter(Entered::Said(facts.to_vec(), reason.to_string())));
    }
    match word {
        "a" | "c" => Ok(Move::Enter(Entered::Signed(attestation))),
        "x" => Ok(Move::OneByOne(attestation)),
        _ => Err(format!(
            "`{word}` is no answer here: type `a` (as before) or `x` (not as before) for each; `?` helps"
        )),
    }
}

fn one(fact: &Fact, index: FactIndex, text: &str) -> Result<Move, String> {
    let value = match (unknown(text), &fact.kind) {
        (Some(reason), _) => reason.to_string(),
        (None, Kind::Quantity(quantity)) => number::read(quantity, text)?,
        (None, Kind::Named { sort, values, .. }) => named(*sort, values, text),
    };
    match read_value(fact, &value) {
        Ok(_) if reason_of(&value) != reason_of("not asked") => {
            Ok(Move::Enter(Entered::Said(vec![index], value)))
        }
        _ => Err(match &fact.kind {
            Kind::Quantity(quantity) => {
                format!("that is not possible; type {}", number::possible(quantity))
            }
            Kind::Named { .. } => "that is no answer: type one of the keys shown; `?` helps".into(),
        }),
    }
}

fn named(sort: Sort, values: &[String], text: &str) -> String {
    let value = match (sort, text) {
        (Sort::Finding, "y" | "yes") => Some("present"),
        (Sort::FindingWithOnset, "y" | "yes") => Some("new"),
        (Sort::FindingWithOnset, "o" | "old") => Some("longstanding"),
        (Sort::Finding | Sort::FindingWithOnset, "n" | "no") => Some("absent"),
        (Sort::Choice, number) => {
            let at = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            at.and_then(|at| values.get(at)).map(String::as_str)
        }
        _ => None,
    };
    value.map_or_else(|| text.replace(' ', "_"), str::to_string)
}
