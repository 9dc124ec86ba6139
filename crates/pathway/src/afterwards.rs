//! After the patient has gone: recall, contact, return, check-in; and visits
//! that turn out to be one (CR19, CR22).

use cauda_guideline::Guideline;
use cauda_guideline::facts::Carries;
use cauda_guideline::vocabulary::Tier;

use crate::check_in::{Planned, RoundState};
use crate::clocks::TaskKind;
use crate::command::Action;
use crate::event::{Carried, FindingSaid, What};
use crate::finding::is_danger;
use crate::handle::Writing;
use crate::identity::Text;
use crate::refusal::{Refusal, Why};
use crate::tasks::Raise;
use crate::visit::Visit;

/// What a return or a merge takes along from an earlier visit: its open tier,
/// its danger signs, and what belongs to the whole episode. Attestations and
/// reassuring findings of the visit stay behind, so that nothing is lowered by
/// it. Nothing before the arrival.
pub fn carried(visit: &Visit, guideline: &Guideline) -> Option<Carried> {
    let from = visit.identity.as_ref()?.visit.clone();
    let standing = visit.findings.iter().filter(|finding| !finding.withdrawn);
    let raised = || visit.answer.iter().flat_map(|answer| &answer.verdict.raised);
    let open = visit.class().is_open() || raised().next().is_some();
    let taken = standing.filter(|finding| {
        of_episode(guideline, &finding.said) || (open && is_danger(guideline, &finding.said))
    });
    let held = visit.pending.iter().filter_map(|pending| pending.order.as_ref());
    Some(Carried {
        from,
        // Every line of the return list stands for an emergency.
        tier: match visit.at_home.danger() {
            Some(_) => visit.tier().max(Tier::Emergency),
            None => visit.tier(),
        },
        raised: raised().map(|raised| raised.page.clone()).collect(),
        findings: taken.map(|finding| finding.said.clone()).collect(),
        held: held.filter(|order| order.held).map(|order| order.image.clone()).collect(),
        began: visit.arrived_at.map(|here| {
            let before = visit.returning.as_ref().and_then(|carried| carried.began);
            before.map_or(here, |before| before.min(here))
        }),
        check_ins: still_to_ask(visit),
        danger: visit.at_home.danger(),
        to_reach: visit.to_reach,
    })
}

fn still_to_ask(visit: &Visit) -> Vec<Planned> {
    let open = visit.at_home.rounds.iter().filter(|round| round.state != RoundState::Over);
    let open = open.filter(|_| visit.at_home.stopped.is_none());
    open.map(|round| round.planned).collect()
}

fn of_episode(guideline: &Guideline, said: &FindingSaid) -> bool {
    let fact = guideline.fact(&said.fact);
    fact.is_some_and(|fact| guideline.facts[fact].carries == Carries::Episode)
}

/// Calls that are done once the patient was spoken with.
const CALLS: &[TaskKind] =
    &[TaskKind::CallWithin48Hours, TaskKind::CallAboutSigns, TaskKind::CallAtHome];

impl Writing<'_> {
    /// What comes from another visit brings dangers and facts of the episode,
    /// and so never lowers an urgency.
    pub(crate) fn can_bring(&self, carried: &Carried) -> Result<(), Refusal> {
        self.can_read(&carried.findings)?;
        let may = |said| of_episode(self.guideline, said) || is_danger(self.guideline, said);
        if carried.findings.iter().all(may) {
            return Ok(());
        }
        let message = "only danger signs and what belongs to the episode come along; ask the rest";
        Err(Refusal::new(Why::Unreadable, message))
    }

    pub(crate) fn act_afterwards(&mut self, action: &Action) -> Result<(), Refusal> {
        match action {
            Action::OpenRecall { reason } => self.open_recall(reason),
            Action::MakeContact { reached, settled, words } => {
                self.make_contact(*reached, *settled, words.as_ref())
            }
            Action::NoteReturn { visit } => {
                if self.visit.identity.as_ref().is_some_and(|own| own.visit == *visit) {
                    let message = "a return is a new visit; give its id";
                    return Err(Refusal::new(Why::NoSuchThing, message));
                }
                self.record(What::Returned { visit: visit.clone() })
            }
            Action::BookFollowUp { on, with } => {
                self.record(What::FollowUpBooked { on: *on, with: with.clone() })?;
                self.done_of_any(TaskKind::BookAppointment)
            }
            Action::AnswerCheckIn { told, found } => self.answer_check_in(told, found),
            Action::ResumeCheckIns => self.resume_check_ins(),
            Action::StopCheckIns { why, words } => self.stop_check_ins(*why, words.as_ref()),
            Action::MergeInto { visit } => {
                if self.visit.identity.as_ref().is_some_and(|own| own.visit == *visit) {
                    let message = "a visit cannot be merged into itself; name the other one";
                    return Err(Refusal::new(Why::NoSuchThing, message));
                }
                self.record(What::MergedInto { visit: visit.clone() })
            }
            Action::TakeOver { carried } => {
                self.can_bring(carried)?;
                self.record(What::MergedFrom { carried: carried.clone() })?;
                self.take_over_check_ins(carried)
            }
            Action::UndoMerge { reason } => self.record(What::Unmerged { reason: reason.clone() }),
            _ => Ok(()),
        }
    }

    /// Of a patient who is here the next step is already somebody's.
    pub(crate) fn open_recall(&mut self, reason: &Text) -> Result<(), Refusal> {
        self.record(What::RecallOpened { reason: reason.clone() })?;
        let gone = self.visit.phase.is_gone();
        let kind = if gone { TaskKind::Recall } else { TaskKind::TellReceiver };
        if self.has_open(kind, None) { Ok(()) } else { self.raise(kind, Raise::default()) }
    }

    /// Nobody answered: the senior sees to it that the patient is found.
    fn make_contact(
        &mut self,
        reached: bool,
        settled: bool,
        words: Option<&Text>,
    ) -> Result<(), Refusal> {
        let settled = settled && reached;
        if settled && words.is_none() {
            let message = "write down why nobody needs to call again, or leave the call open";
            return Err(Refusal::new(Why::ReasonNeeded, message));
        }
        self.record(What::ContactMade { reached, settled, words: words.cloned() })?;
        // "Reached, call again" leaves the call open.
        if settled {
            for kind in CALLS {
                self.done(*kind, None)?;
            }
        }
        let looked_for = self.has_open(TaskKind::WelfareCheck, None);
        if !reached && self.visit.to_reach && !looked_for {
            self.raise(TaskKind::WelfareCheck, Raise::default())?;
        }
        Ok(())
    }
}
