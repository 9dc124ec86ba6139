//! What a card may claim of a concern: no more than was said.
//!
//! A title such as "Known cancer with new back pain" holds where somebody said so. Where "new" is
//! only what the guideline assumes (CR4), the card names what is suspected, and says what nobody
//! said. The same goes for a page of the same concern that rests on nothing more than such a one.

use cauda_guideline::decide::State;
use cauda_guideline::decision::ConcernAnswer;

use crate::situation::Situation;

/// Said where a title could not be claimed.
const NOT_SAID: &str = "whether it is new was not said";

/// Concerns that are raised, in the guideline's order.
pub(crate) fn raised<'a>(situation: &Situation<'a>) -> Vec<&'a ConcernAnswer> {
    let concerns = situation.decision.concerns.iter();
    concerns.filter(|concern| concern.state == State::Raised).collect()
}

/// The most urgent concern in words that hold: of several, the first whose title does.
pub(crate) fn first(situation: &Situation) -> String {
    let raised = raised(situation);
    let Some(tier) = raised.iter().map(|concern| concern.tier).max() else { return String::new() };
    let mut urgent = raised.iter().filter(|concern| concern.tier == tier).peekable();
    let head = urgent.peek().copied().copied();
    let holding = urgent.find(|concern| holds(&raised, concern)).copied();
    holding.or(head).map_or_else(String::new, |concern| words(situation, concern))
}

/// A raised concern in words that hold.
pub(crate) fn words(situation: &Situation, concern: &ConcernAnswer) -> String {
    if holds(&raised(situation), concern) {
        return concern.title.clone();
    }
    let phrase = situation.guideline.vocabulary.get("concern", &concern.concern);
    let suspected = phrase.map_or("something that cannot wait", |phrase| phrase.staff.as_str());
    match suspected.starts_with("Suspected") {
        true => format!("{suspected}, {NOT_SAID}"),
        false => format!("Suspected: {}, {NOT_SAID}", lower(suspected)),
    }
}

/// Whether the title says no more than the facts.
fn holds(raised: &[&ConcernAnswer], concern: &ConcernAnswer) -> bool {
    let rests_on_more = |other: &ConcernAnswer| {
        let of_other = |fact: &str| other.because.iter().any(|shown| shown.fact == fact);
        concern.because.iter().any(|shown| !of_other(&shown.fact))
    };
    let mut assuming = raised
        .iter()
        .filter(|other| !other.assumed_new.is_empty() && other.concern == concern.concern);
    concern.assumed_new.is_empty() && assuming.all(|other| rests_on_more(other))
}

/// A word in the middle of a sentence; what is written in capitals stays.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return String::new() };
    match letters.clone().next() {
        Some(second) if second.is_lowercase() => first.to_lowercase().chain(letters).collect(),
        _ => text.to_string(),
    }
}
