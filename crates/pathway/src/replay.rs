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

/// A stream being replayed, one event after another, so that only the visit is held.
#[derive(Debug)]
pub struct Replay<'a> {
    guideline: &'a Guideline,
    visit: Visit,
}

impl<'a> Replay<'a> {
    /// Before the first event.
    pub fn new(guideline: &'a Guideline) -> Replay<'a> {
        Replay { guideline, visit: Visit::default() }
    }

    /// Takes the next event in; a difference when it is a decision that comes out otherwise.
    pub fn take(&mut self, event: &Event) -> Option<Difference> {
        let difference = match &event.what {
            What::DecisionMade { after, .. } => self.compare(after),
            _ => None,
        };
        self.visit.apply(event);
        difference
    }

    /// The visit as it is after the events so far.
    pub fn visit(&self) -> &Visit {
        &self.visit
    }

    fn compare(&self, recorded: &Answer) -> Option<Difference> {
        let now = answer(&self.visit, self.guideline, recorded.as_of);
        let differs = now != *recorded;
        let event = self.visit.events;
        differs.then(|| Difference { event, recorded: recorded.clone(), now })
    }
}

/// Every decision of the stream that comes out otherwise, in order.
pub fn replay(events: &[Event], guideline: &Guideline) -> Vec<Difference> {
    let mut replay = Replay::new(guideline);
    events.iter().filter_map(|event| replay.take(event)).collect()
}
