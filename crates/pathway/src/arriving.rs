//! Arrival and triage (CR9), and the acuity a nurse gives (CR1).

use crate::clocks::TaskKind;
use crate::command::Found;
use crate::event::{Carried, What};
use crate::handle::Writing;
use crate::identity::{Identity, Text};
use crate::refusal::{Refusal, Why};
use crate::tasks::Raise;

impl Writing<'_> {
    /// A return brings its danger signs along, so that its tier stands before
    /// anybody has triaged (CR22).
    pub(crate) fn arrive(
        &mut self,
        identity: &Identity,
        returning: Option<&Carried>,
    ) -> Result<(), Refusal> {
        if let Some(carried) = returning {
            self.can_bring(carried)?;
            if carried.from == identity.visit {
                let message = "a return is a new visit; give it an id of its own";
                return Err(Refusal::new(Why::NoSuchThing, message));
            }
        }
        self.record(What::Arrived { identity: identity.clone(), returning: returning.cloned() })
    }

    /// Triage orders no scan: a danger sign brings the physician and the tasks
    /// that the guideline names (CR9).
    pub(crate) fn triage(&mut self, acuity: u8, found: &Found) -> Result<(), Refusal> {
        in_range(acuity)?;
        let before = self.visit.acuity;
        self.find_if_any(found)?;
        // Triage that is done again may raise; lowering has its own command.
        let acuity = before.map_or(acuity, |before| before.min(acuity));
        self.record(What::TriageRecorded { acuity })
    }

    /// Anybody clinical raises; lowering needs a reason, and a nurse's goes to a
    /// physician's list (CR1).
    pub(crate) fn change_acuity(&mut self, to: u8, reason: Option<&Text>) -> Result<(), Refusal> {
        in_range(to)?;
        let from = self.visit.acuity;
        let lowers = from.is_some_and(|from| to > from);
        if lowers && reason.is_none() {
            let message = "lowering the acuity needs a reason; write it beside the new acuity";
            return Err(Refusal::new(Why::ReasonNeeded, message));
        }
        if from == Some(to) {
            return Ok(());
        }
        self.record(What::AcuityChanged { from, to, reason: reason.cloned() })?;
        if lowers && self.by.role.is_nurse() {
            self.raise(TaskKind::ReviewLoweredAcuity, Raise::default())?;
        }
        Ok(())
    }
}

fn in_range(acuity: u8) -> Result<(), Refusal> {
    if (1..=5).contains(&acuity) {
        return Ok(());
    }
    Err(Refusal::new(Why::Unreadable, "the acuity is 1, most acute, to 5; give one of these"))
}
