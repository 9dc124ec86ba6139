//! What a card claims of a concern: no more than was said, which the engine knows
//! ([`ConcernAnswer::claim`]).

use cauda_guideline::decide::State;
use cauda_guideline::decision::ConcernAnswer;

use crate::situation::Situation;

/// Concerns that are raised, in the guideline's order.
pub(crate) fn raised<'a>(situation: &Situation<'a>) -> Vec<&'a ConcernAnswer> {
    let concerns = situation.decision.concerns.iter();
    concerns.filter(|concern| concern.state == State::Raised).collect()
}

/// The most urgent concern in words that hold: of several, the first whose title does.
pub(crate) fn first<'a>(situation: &Situation<'a>) -> &'a str {
    let raised = raised(situation);
    let tier = raised.iter().map(|concern| concern.tier).max();
    let mut urgent = raised.into_iter().filter(|concern| Some(concern.tier) == tier);
    let Some(head) = urgent.next() else { return "" };
    let holds = |concern: &&ConcernAnswer| concern.said_less.is_none();
    [head].into_iter().chain(urgent).find(holds).unwrap_or(head).claim()
}

/// A raised concern in words that hold, with what nobody said.
pub(crate) fn words(situation: &Situation, concern: &ConcernAnswer) -> String {
    let name = |id: &String| {
        let index = situation.guideline.fact(id);
        index.map_or(id.clone(), |index| situation.guideline.facts[index].staff.clone())
    };
    let unsaid: Vec<String> = concern.assumed_new.iter().map(name).collect();
    match unsaid.is_empty() {
        true => concern.claim().to_string(),
        false => {
            let unsaid = unsaid.join("; ");
            format!("{} (taken as new, for nobody said: {unsaid})", concern.claim())
        }
    }
}
