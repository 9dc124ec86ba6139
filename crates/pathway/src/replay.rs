//! Every stored decision, computed again (E12): with the same guideline and
//! engine it must be the same, bit for bit; with another, the differences are
//! what that other one would have said.

use cauda_guideline::Guideline;

use crate::answer::Answer;
use crate::deciding::answer;
use crate::event::{Event, What};
use crate::visit::Visit;

/// A decision that comes out otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Place of the event in the stream, from 0.
    pub event: usize,
    /// What was recorded.
    pub recorded: Answer,
    /// What comes out now.
    pub now: Answer,
}

impl Difference {
    /// Whether guideline and engine are the same: then the record is broken, or
    /// the engine is not what it says.
    pub fn is_a_fault(&self) -> bool {
        self.recorded.basis == self.now.basis
    }

    /// Whether what is said differs, not only the guideline or the facts' hash.
    pub fn is_of_verdict(&self) -> bool {
        self.recorded.verdict != self.now.verdict
    }
}

/// Every decision of the stream that comes out otherwise, in order.
pub fn replay(events: &[Event], guideline: &Guideline) -> Vec<Difference> {
    let mut visit = Visit::default();
    let mut differences = Vec::new();
    for (place, event) in events.iter().enumerate() {
        if let What::DecisionMade { after, .. } = &event.what {
            let now = answer(&visit, guideline, after.as_of);
            if now != **after {
                let recorded = after.as_ref().clone();
                differences.push(Difference { event: place, recorded, now });
            }
        }
        visit.apply(event);
    }
    differences
}
