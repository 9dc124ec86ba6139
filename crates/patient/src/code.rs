//! The answers as a code that a patient shows and a nurse types or scans. It holds the answers
//! themselves, so nothing about the patient is kept anywhere else, and any server reads it.

use cauda_guideline::Guideline;
use cauda_guideline::facts::{FactIndex, Kind};

use crate::answers::{Answers, UNSURE};
use crate::bits::{Reader, Writer};
use crate::topic::{Topic, is_asked};

/// How long a code is good, in hours.
pub const HOURS_MAX: i64 = 24;
/// Longest code that is read, in characters.
pub const CODE_CHARS_MAX: usize = 400;
/// Form of the code.
const FORM: u32 = 1;
/// What stands for an answer that is not sure.
const NOT_SURE: u32 = 7;
/// No age was said.
const NO_AGE: u32 = 127;

/// Why a code cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A sign is missing or wrong.
    Mistyped,
    /// It was made more than a day ago.
    Old,
    /// It was made with another edition of the guideline.
    OtherEdition,
}

impl Unreadable {
    /// What to say and do.
    pub fn words(self) -> &'static str {
        match self {
            Unreadable::Mistyped => "A sign of the code is wrong or missing. Type it again.",
            Unreadable::Old => "The code is older than a day. Ask everything.",
            Unreadable::OtherEdition => {
                "The code was made with another edition of the guideline. Ask everything."
            }
        }
    }
}

/// The code, in groups of four. Durations and the pain score are left out, as they are asked anew.
pub fn write(guideline: &Guideline, answers: &Answers, now: i64) -> String {
    let mut bits = Writer::default();
    bits.put(FORM, 4);
    bits.put(edition(guideline), 16);
    bits.put(hour(now), 16);
    let age = answers.of("age").and_then(|age| age.split(' ').next()?.parse().ok());
    bits.put(age.map_or(NO_AGE, |age: u32| age.min(NO_AGE - 1)), 7);
    for topic in Topic::ALL {
        bits.put(u32::from(answers.is_done(topic)), 1);
    }
    for (at, fact) in asked(guideline).into_iter().enumerate() {
        let fact = &guideline.facts[fact];
        let Kind::Named { values, clear, .. } = &fact.kind else { continue };
        let value = match answers.of(&fact.id) {
            Some(UNSURE) => NOT_SURE,
            Some(said) => match values.iter().position(|value| value == said) {
                Some(value) if value != *clear && value < NOT_SURE as usize => value as u32,
                _ => continue,
            },
            None => continue,
        };
        bits.put(at as u32, 9);
        bits.put(value, 3);
    }
    // No answer has this number: the list ends here.
    bits.put(511, 9);
    let check = bits.check();
    bits.put(check, 12);
    let text = bits.text();
    let signs: Vec<char> = text.chars().collect();
    let groups: Vec<String> = signs.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// The answers of a code.
///
/// # Errors
/// [`Unreadable`].
pub fn read(guideline: &Guideline, text: &str, now: i64) -> Result<Answers, Unreadable> {
    if text.len() > CODE_CHARS_MAX {
        return Err(Unreadable::Mistyped);
    }
    let mut bits = Reader::new(text).ok_or(Unreadable::Mistyped)?;
    let mut take = |width: u32| bits.take(width).ok_or(Unreadable::Mistyped);
    let (form, edition_of, made) = (take(4)?, take(16)?, take(16)?);
    let age = take(7)?;
    let mut answers = Answers::default();
    for topic in Topic::ALL {
        if take(1)? == 1 {
            answers.finish(topic);
        }
    }
    let mut said: Vec<(u32, u32)> = Vec::new();
    loop {
        match take(9)? {
            511 => break,
            at => said.push((at, take(3)?)),
        }
    }
    let sum = bits.check();
    if form != FORM || bits.take(12) != Some(sum) || !bits.is_over() {
        return Err(Unreadable::Mistyped);
    }
    if edition_of != edition(guideline) {
        return Err(Unreadable::OtherEdition);
    }
    let age_in_hours = hour(now).wrapping_sub(made) & 0xFFFF;
    if i64::from(age_in_hours) > HOURS_MAX {
        return Err(Unreadable::Old);
    }
    if age != NO_AGE {
        answers.say(guideline, "age", &format!("{age} a")).map_err(|_| Unreadable::Mistyped)?;
    }
    let asked = asked(guideline);
    for (at, value) in said {
        let fact = asked.get(at as usize).ok_or(Unreadable::Mistyped)?;
        let fact = &guideline.facts[*fact];
        let Kind::Named { values, .. } = &fact.kind else { return Err(Unreadable::Mistyped) };
        let value = match value {
            NOT_SURE => UNSURE,
            value => values.get(value as usize).ok_or(Unreadable::Mistyped)?,
        };
        answers.say(guideline, &fact.id, value).map_err(|_| Unreadable::Mistyped)?;
    }
    Ok(answers)
}

fn asked(guideline: &Guideline) -> Vec<FactIndex> {
    let asked = (0..guideline.facts.len()).filter(|fact| is_asked(guideline, *fact));
    asked.take(511).collect()
}

/// Sixteen bits of what is asked, in which order and with which values, and of the guideline: a
/// number in a code means the same answer only within one edition.
pub fn edition(guideline: &Guideline) -> u32 {
    let mut asked = guideline.sha256.clone();
    for fact in self::asked(guideline) {
        let fact = &guideline.facts[fact];
        asked.push_str(&fact.id);
        if let Kind::Named { values, .. } = &fact.kind {
            asked.push_str(&values.join(" "));
        }
    }
    // FNV-1a, folded.
    let hash = asked.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    ((hash >> 48) ^ (hash >> 32) ^ (hash >> 16) ^ hash) as u32 & 0xFFFF
}

fn hour(now: i64) -> u32 {
    (now.div_euclid(3_600) & 0xFFFF) as u32
}
