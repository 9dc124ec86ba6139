//! The ways out: home, and those the patient takes (CR3, CR14, CR19, CR22).

use crate::clocks::TaskKind;
use crate::command::Action;
use crate::deciding::{answer, explained};
use crate::event::{Capacity, Leaving, Less, ResultNumber, What};
use crate::handle::Writing;
use crate::identity::{ActorId, StaffRole};
use crate::refusal::{Refusal, Why};
use crate::skeleton::VerdictClass;
use crate::tasks::Raise;

/// The guideline's word for a call within two days.
const CALL: &str = "call_back_within_48_hours";

impl Writing<'_> {
    pub(crate) fn act_on_leaving(&mut self, action: &Action) -> Result<(), Refusal> {
        match action {
            Action::Discharge { less, card_given, pending_owner } => {
                self.discharge(less.as_ref(), *card_given, pending_owner.as_ref())
            }
            Action::LeaveBeforeSeen { leaving } => {
                self.is_complete(leaving)?;
                self.record(What::LeftBeforeSeen { leaving: leaving.clone() })?;
                self.after_leaving(leaving)
            }
            Action::LeaveAgainstAdvice { leaving } => {
                self.is_complete(leaving)?;
                self.record(What::LeftAgainstAdvice { leaving: leaving.clone() })?;
                self.after_leaving(leaving)
            }
            // Nobody could be asked anything: it is written down and acted on.
            Action::Abscond { leaving } => {
                self.record(What::Absconded { leaving: leaving.clone() })?;
                self.after_leaving(leaving)
            }
            _ => Ok(()),
        }
    }

    /// Home while the decision of this very moment is home; otherwise only with
    /// a coded reason, which is recorded and shown.
    fn discharge(
        &mut self,
        less: Option<&Less>,
        card_given: bool,
        pending_owner: Option<&ActorId>,
    ) -> Result<(), Refusal> {
        let now = answer(&self.visit, self.guideline, self.as_of());
        let home =
            now.verdict.class == VerdictClass::Home && self.visit.class() == VerdictClass::Home;
        // CR14: a child, or nobody knows the age: no reassuring discharge, so the
        // senior signs, whatever else is clear.
        let needs_senior = !now.verdict.in_scope;
        if !home {
            let senior = self.by.role == StaffRole::SeniorPhysician;
            match less {
                None => return Err(self.not_home(&now, needs_senior)),
                Some(_) if needs_senior && !senior => {
                    let message = "under 18 or of unknown age: a senior physician signs; \
                                   call the senior, or enter the age";
                    return Err(Refusal::new(Why::NotHome, message));
                }
                Some(_) => {}
            }
        }
        if self.visit.is_pending() && pending_owner.is_none() {
            let message = "a result is still awaited; name who follows it, then discharge";
            return Err(Refusal::new(Why::OwnerNeeded, message));
        }
        let calls = now.says(CALL);
        self.record(What::Discharged {
            less: less.filter(|_| !home).cloned(),
            card_given,
            pending_owner: pending_owner.cloned(),
        })?;
        self.name_owner_of_results(pending_owner)?;
        if calls {
            self.raise(TaskKind::CallWithin48Hours, Raise::default())?;
        }
        self.plan_check_ins()
    }

    fn not_home(&self, now: &crate::answer::Answer, needs_senior: bool) -> Refusal {
        let to_mend = "or discharge with a coded reason";
        if needs_senior {
            let message = format!(
                "the patient is under 18 or of unknown age; enter the age, \
                 {to_mend} signed by a senior physician"
            );
            return Refusal::new(Why::NotHome, message);
        }
        if now.verdict.class == VerdictClass::Home {
            let message = format!(
                "the patient came back with an open concern; a physician examines first, {to_mend}"
            );
            return Refusal::new(Why::NotHome, message);
        }
        let decision = explained(&self.visit, self.guideline, self.as_of(), None);
        let missing: Vec<&str> =
            decision.missing.iter().take(3).map(|missing| missing.name.as_str()).collect();
        let message = match (&decision.disposition, missing.is_empty()) {
            (Some(go), _) if now.verdict.class != VerdictClass::Undecided => {
                format!("the decision is \"{}\", not home; follow it, {to_mend}", go.staff)
            }
            (_, false) => format!(
                "the assessment is unfinished; enter {} and what else is listed, {to_mend}",
                missing.join(", ")
            ),
            _ => format!("the assessment is unfinished and needs a senior physician, {to_mend}"),
        };
        Refusal::new(Why::NotHome, message)
    }

    /// Who leaves with an open concern is told, is called, and is judged able to
    /// decide it (CR22).
    fn is_complete(&self, leaving: &Leaving) -> Result<(), Refusal> {
        let open = self.visit.class().is_open();
        let told = leaving.explained.is_some() && leaving.call_back.is_some();
        let assessed = leaving.capacity != Capacity::NotAssessed;
        if !open || (told && assessed) {
            return Ok(());
        }
        let message = "a concern is open; write down capacity, what was explained and who calls \
                       back, or record that the patient has gone without a word";
        Err(Refusal::new(Why::OwnerNeeded, message))
    }

    fn after_leaving(&mut self, leaving: &Leaving) -> Result<(), Refusal> {
        let wanted = self.visit.pending.iter().filter(|pending| {
            let scan = pending.order.as_ref().is_some_and(|order| order.ended.is_none());
            scan && pending.is_awaited() && pending.report.is_none()
        });
        let orders: Vec<ResultNumber> = wanted.map(|pending| pending.number).collect();
        for order in orders {
            self.record(What::OrderHeld { order })?;
        }
        if leaving.capacity == Capacity::Lacking {
            self.raise(TaskKind::Safeguarding, Raise::default())?;
        }
        self.plan_check_ins()
    }
}
