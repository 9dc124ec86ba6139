//! Referral, handover, transfer, admission, observation, plan, death (CR19,
//! CR21, CR23).

use cauda_guideline::decision::AdviceState;

use crate::clocks::TaskKind;
use crate::command::Action;
use crate::deciding::explained;
use crate::event::{TaskNumber, What};
use crate::handle::Writing;
use crate::identity::{Actor, ActorId, Text};
use crate::refusal::{Refusal, Why};
use crate::tasks::Raise;

impl Writing<'_> {
    /// What goes on the patient's sheet is offered by the guideline at this moment, so that no
    /// hard stop that came in meanwhile is missed. Anything else is written in the plan's words.
    fn are_offered(&self, offers: &[String]) -> Result<(), Refusal> {
        let decision = explained(&self.visit, self.guideline, self.as_of(), None);
        let given = decision.treatment.iter().filter(|a| a.state == AdviceState::Given);
        let given: Vec<&str> = given
            .flat_map(|advised| &advised.says)
            .filter(|line| line.key == "offer")
            .map(|line| line.spoken.id.as_str())
            .collect();
        match offers.iter().find(|offer| !given.contains(&offer.as_str())) {
            None => Ok(()),
            Some(offer) => {
                let phrase = self.guideline.vocabulary.get("offer", offer);
                let name = phrase.map_or(offer.as_str(), |phrase| phrase.staff.as_str());
                let message = format!(
                    "the guideline does not offer this now: {name}; \
                     leave it out, or write it in the plan in your own words"
                );
                Err(Refusal::new(Why::Unreadable, message))
            }
        }
    }

    pub(crate) fn act_on_moving(&mut self, action: &Action) -> Result<(), Refusal> {
        match action {
            Action::Refer { to } => self.refer(to),
            Action::AnswerReferral { referral, words } => self.answer_referral(*referral, words),
            Action::HandOver { to, note } => self.hand_over(to, note.as_ref()),
            Action::RequestTransfer { site, telephone } => {
                let (site, telephone) = (site.clone(), telephone.clone());
                self.record(What::TransferRequested { site, telephone })
            }
            Action::AcceptTransfer { accepted_by } => {
                self.record(What::TransferAccepted { accepted_by: accepted_by.clone() })
            }
            Action::Depart { plan } => {
                if self.visit.transfer.accepted_by.is_none() {
                    let message = "nobody has accepted the patient; write down who did, then go";
                    return Err(Refusal::new(Why::OwnerNeeded, message));
                }
                let orders: Vec<u32> = self.visit.pending.iter().map(|p| p.number).collect();
                for order in orders {
                    self.done(TaskKind::TransferNow, Some(order))?;
                }
                self.record(What::Departed { plan: plan.clone() })
            }
            Action::TurnBack => self.record(What::TurnedBack {}),
            Action::ConfirmArrival { by } => self.record(What::ArrivalConfirmed { by: by.clone() }),
            Action::Admit { ward, pending_owner } => {
                self.record(What::Admitted { ward: ward.clone() })?;
                self.name_owner_of_results(pending_owner.as_ref())
            }
            Action::Observe { again_at } => {
                if *again_at <= self.now {
                    let message = "the next examination lies in the past; give a later time";
                    return Err(Refusal::new(Why::Unreadable, message));
                }
                self.record(What::ObservationStarted { again_at: *again_at })
            }
            Action::SignPlan { plan, offers, taught_back } => {
                if self.visit.class().is_pressing() {
                    let message = "an urgent concern is open; act on it, \
                                   or discharge with a coded reason";
                    return Err(Refusal::new(Why::NotHome, message));
                }
                self.are_offered(offers)?;
                let (plan, offers, taught_back) = (plan.clone(), offers.clone(), *taught_back);
                self.record(What::PlanSigned { plan, offers, taught_back })
            }
            Action::RecordDeath => self.record(What::Died {}),
            _ => Ok(()),
        }
    }

    fn refer(&mut self, to: &Text) -> Result<(), Refusal> {
        let number = u32::try_from(self.visit.referrals.len()).unwrap_or(u32::MAX);
        let referral = number.saturating_add(1);
        self.record(What::Referred { referral, to: to.clone() })?;
        // Nobody is called to the bedside of a patient who is at home: the letter goes, and the
        // appointment is booked.
        let kind = match self.visit.phase.is_gone() {
            true => TaskKind::BookAppointment,
            false => TaskKind::AnswerReferral,
        };
        self.raise(kind, Raise { about: Some(referral), ..Raise::default() })
    }

    fn answer_referral(&mut self, referral: u32, words: &Text) -> Result<(), Refusal> {
        if !self.visit.referrals.iter().any(|asked| asked.number == referral) {
            let message = format!("there is no referral {referral}; choose one listed");
            return Err(Refusal::new(Why::NoSuchThing, message));
        }
        self.record(What::ReferralAnswered { referral, words: words.clone() })?;
        self.done(TaskKind::AnswerReferral, Some(referral))
    }

    /// Everything the last one owned by name, the next one owns (CR19).
    fn hand_over(&mut self, to: &Actor, note: Option<&Text>) -> Result<(), Refusal> {
        if !to.role.treats() && !to.role.is_nurse() {
            let message =
                format!("a {} cannot take the patient; name a clinician", to.role.words());
            return Err(Refusal::new(Why::OwnerNeeded, message));
        }
        let from = self.visit.responsible.clone();
        let named = from.as_ref().map(|actor| actor.id.clone());
        self.record(What::HandedOver { from, to: to.clone(), note: note.cloned() })?;
        let theirs = self.visit.open_tasks().filter(|task| {
            task.named.is_some() && (task.named == named || task.named == Some(self.by.id.clone()))
        });
        let theirs: Vec<TaskNumber> = theirs.map(|task| task.number).collect();
        self.reassign_all(theirs, &to.id)
    }

    /// Names who follows what is pending after the patient has left (CR19).
    pub(crate) fn name_owner_of_results(&mut self, owner: Option<&ActorId>) -> Result<(), Refusal> {
        let Some(owner) = owner else { return Ok(()) };
        let open = self.visit.open_tasks().filter(|task| task.kind.is_named());
        let numbers = open.map(|task| task.number).collect();
        self.reassign_all(numbers, owner)
    }

    fn reassign_all(&mut self, tasks: Vec<TaskNumber>, to: &ActorId) -> Result<(), Refusal> {
        for task in tasks {
            self.record(What::TaskReassigned { task, to: to.clone() })?;
        }
        Ok(())
    }
}
