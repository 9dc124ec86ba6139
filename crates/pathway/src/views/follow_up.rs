//! The follow-up list: who is at home, how it goes, and the one thing to do next.

use cauda_guideline::Guideline;
use cauda_guideline::decision::{AdviceState, Advised, explain};
use cauda_guideline::facts::{By, FactIndex, Kind, Stage};
use cauda_guideline::resolve::{Finding, Findings, Patient, Said};

use crate::check_in::{Answered, COURSE, Course, Planned};
use crate::clocks::TaskKind;
use crate::closed_list::closed_list;
use crate::deciding::known;
use crate::event::TaskNumber;
use crate::identity::{Identity, StaffRole};
use crate::messaging::Sending;
use crate::tasks::{Task, TaskState};
use crate::visit::Visit;

closed_list! {
    /// Why a patient stands on the list, the most pressing first.
    Standing {
        ToReach = "must be reached now",
        NotSure = "not sure of a danger sign",
        Within48Hours = "to be called within 48 hours",
        Silent = "did not answer",
        Worse = "worse",
        NoBetter = "no better after four weeks",
        WrongContact = "the link reached another person",
        ToBook = "an appointment to book",
        Result = "a scan or result is open",
        Asked = "asked, not answered yet",
        Later = "asked again later",
    }
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUpRow {
    /// Who.
    pub identity: Identity,
    /// Why.
    pub standing: Standing,
    /// When the patient went, in seconds.
    pub left_at: i64,
    /// The task to do: its number, kind, holder, and when it is due.
    pub task: Option<(TaskNumber, TaskKind, StaffRole, i64)>,
    /// It is late at this moment.
    pub late: bool,
    /// The last answer.
    pub last: Option<Answered>,
    /// The next round.
    pub next: Option<Planned>,
}

/// The row of a visit; nothing for one whose patient is here, or of whom nothing is open.
pub fn follow_up_row(visit: &Visit, now: i64) -> Option<FollowUpRow> {
    let identity = visit.identity.clone().filter(|_| visit.phase.is_gone())?;
    let next = visit.at_home.next().filter(|_| visit.at_home.stopped.is_none());
    let late = |task: &Task| task.state > TaskState::Open || now > task.due;
    let unsent = visit.at_home.messages.iter().any(|m| m.sending == Sending::GivenUp);
    let open = visit.open_tasks().map(|task| (standing(task, late(task) || unsent), task));
    let first = open.min_by_key(|(standing, task)| (*standing, task.due));
    let standing = match first {
        Some((standing, _)) => standing,
        None => next.map(|_| Standing::Later)?,
    };
    let task = first.map(|(_, task)| task);
    Some(FollowUpRow {
        identity,
        standing,
        left_at: visit.phase_since,
        late: task.is_some_and(late),
        task: task.map(|task| (task.number, task.kind, task.holder, task.due)),
        last: visit.at_home.answers.last().cloned(),
        next,
    })
}

fn standing(task: &Task, is_late: bool) -> Standing {
    match task.kind {
        TaskKind::Recall
        | TaskKind::WelfareCheck
        | TaskKind::CallBack
        | TaskKind::Safeguarding
        | TaskKind::AcknowledgeDanger => Standing::ToReach,
        TaskKind::CallAboutSigns => Standing::NotSure,
        TaskKind::CheckIn if is_late => Standing::Silent,
        TaskKind::CheckIn => Standing::Asked,
        TaskKind::CallAtHome => Standing::Worse,
        TaskKind::LookAgain => Standing::NoBetter,
        TaskKind::CorrectContact => Standing::WrongContact,
        TaskKind::CallWithin48Hours => Standing::Within48Hours,
        TaskKind::BookAppointment => Standing::ToBook,
        _ => Standing::Result,
    }
}

/// What the guideline would say if somebody looked again and found nothing new: a question for a
/// clinician, and no decision. What only a clinician can say stays open, so that a scan waits for
/// treatment that is written down and for somebody whom it would help.
pub fn prospect(visit: &Visit, guideline: &Guideline, now: i64) -> Vec<Advised> {
    let findings = nothing_new(guideline, known(visit, guideline, now.max(visit.latest)));
    let advice = |findings: &Findings| explain(guideline, findings, None).follow_up;
    // Advice that is the same for somebody who is better was given at the visit.
    let better = better(guideline, &findings).map(|findings| advice(&findings));
    let same = |advised: &Advised| {
        let better = better.iter().flatten().find(|known| known.page == advised.page);
        better.is_some_and(|known| known.state == advised.state)
    };
    let mut advised = advice(&findings);
    advised.retain(|advised| advised.state != AdviceState::NotGiven && !same(advised));
    advised
}

/// Whether an outpatient scan is among it, given or waiting for what a clinician says.
pub fn suggests_scan(prospect: &[Advised]) -> bool {
    prospect.iter().flat_map(|advised| &advised.says).any(|line| line.key == "image")
}

/// The same patient, if the pain were better.
fn better(guideline: &Guideline, findings: &Findings) -> Option<Findings> {
    let course = guideline.fact(COURSE)?;
    let value = guideline.facts[course].value_index(Course::Better.words())?;
    let mut better = findings.clone();
    let known = &mut better.by_fact[course];
    *known = Finding { said: Said::Value(value), cells: 1 << value, ..*known };
    Some(better)
}

fn nothing_new(guideline: &Guideline, findings: Findings) -> Findings {
    let clear = Patient::clear(guideline).cells;
    let mut examined = findings;
    for (index, finding) in examined.by_fact.iter_mut().enumerate() {
        // Unknown, or so old that it may be clear again.
        let open = finding.cells.count_ones() > 1 && finding.cells & clear[index] != 0;
        if open && is_examined(guideline, index) {
            let said = match &guideline.facts[index].kind {
                Kind::Named { clear, .. } => Said::Value(*clear),
                Kind::Quantity(quantity) => Said::Between(quantity.clear, quantity.clear),
            };
            *finding = Finding { said, cells: clear[index], ..*finding };
        }
    }
    examined
}

/// What an examination settles; not what is asked only weeks later.
fn is_examined(guideline: &Guideline, index: FactIndex) -> bool {
    let fact = &guideline.facts[index];
    fact.by != By::Derived && fact.asked_at.iter().any(|stage| *stage != Stage::FollowUp)
}
