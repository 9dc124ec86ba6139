//! A row of the waiting list: who waits for what, since when, and what is next.

use cauda_guideline::Guideline;
use cauda_guideline::ask::questions;
use cauda_guideline::facts::Stage;
use cauda_guideline::vocabulary::Tier;

use crate::clocks::TaskKind;
use crate::deciding::known;
use crate::identity::{Identity, StaffRole};
use crate::skeleton::VerdictClass;
use crate::table::Phase;
use crate::tasks::TaskState;
use crate::visit::Visit;

/// The verdict as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerdictSoFar {
    /// Neutral, never an alarm (CR9).
    Unfinished,
    /// What the decision says.
    Decided {
        /// Id of the disposition; nothing while urgency is known and the rest is not.
        disposition: Option<String>,
    },
}

/// A danger sign nobody has asked about yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DangerSign {
    /// Id of the fact.
    pub fact: String,
    /// Its name for staff.
    pub name: String,
    /// The highest urgency that waits for it.
    pub could_reach: Tier,
}

/// Danger signs of a visit that nobody asked about, and how long that stays so. Working it out
/// takes most of the time of a row, so a list keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unasked {
    /// The most urgent first.
    pub signs: Vec<DangerSign>,
    /// Events of the visit it is of.
    events: usize,
    /// First moment it is right for, in seconds.
    from: i64,
    /// Last moment; nothing if no finding grows old.
    until: Option<i64>,
}

impl Unasked {
    /// Questions nobody asked that an emergency may wait for.
    pub fn of(visit: &Visit, guideline: &Guideline, now: i64) -> Unasked {
        let stage = if visit.phase.is_seen() { Stage::Examination } else { Stage::Triage };
        let from = now.max(visit.latest);
        let known = known(visit, guideline, from);
        let asked = questions(guideline, &known.patient(), Some(stage));
        let open = asked.ask.iter().filter(|question| {
            let at = &guideline.facts[question.fact].asked_at;
            question.could_reach >= Tier::Emergency && !question.detail_only && at.contains(&stage)
        });
        let signs = open.map(|question| {
            let fact = &guideline.facts[question.fact];
            let (fact, name) = (fact.id.clone(), fact.staff.clone());
            DangerSign { fact, name, could_reach: question.could_reach }
        });
        Unasked { signs: signs.collect(), events: visit.events, from, until: known.valid_until }
    }

    /// Whether it is right for the visit at that moment.
    pub fn holds(&self, visit: &Visit, now: i64) -> bool {
        let now = now.max(visit.latest);
        self.events == visit.events
            && self.from <= now
            && self.until.is_none_or(|until| now <= until)
    }
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingRow {
    /// Who.
    pub identity: Identity,
    /// Where the visit is.
    pub phase: Phase,
    /// Since when, in seconds.
    pub since: i64,
    /// When the patient came.
    pub arrived_at: i64,
    /// 1, most acute, to 5.
    pub acuity: Option<u8>,
    /// The verdict so far.
    pub verdict: VerdictSoFar,
    /// Urgency, with what a return left open (CR22).
    pub tier: Tier,
    /// The next action: the most pressing task.
    pub next: Option<TaskKind>,
    /// Whose it is.
    pub next_holder: Option<StaffRole>,
    /// By when.
    pub next_due: Option<i64>,
    /// Tasks that are late at this moment.
    pub late: usize,
    /// A clinician has to review the record or the guideline.
    pub review: bool,
}

/// The row of a patient who is here, without what nobody asked; nothing before the arrival and
/// after the end.
pub fn waiting_row(visit: &Visit, now: i64) -> Option<WaitingRow> {
    let identity = visit.identity.clone().filter(|_| visit.phase.is_live())?;
    let next = visit
        .open_tasks()
        // What the visit itself asks for comes before what is done beside it.
        .min_by_key(|task| {
            let beside = task.kind.clock().duty.is_none();
            (beside, std::cmp::Reverse(task.held()), task.due, task.number)
        });
    let late = visit.open_tasks().filter(|task| task.state > TaskState::Open || now > task.due);
    let answer = visit.answer.as_ref();
    Some(WaitingRow {
        identity,
        phase: visit.phase,
        since: visit.phase_since,
        arrived_at: visit.arrived_at.unwrap_or(visit.phase_since),
        acuity: visit.acuity,
        verdict: match visit.class() {
            VerdictClass::Undecided => VerdictSoFar::Unfinished,
            _ => VerdictSoFar::Decided {
                disposition: answer.and_then(|answer| answer.verdict.disposition.clone()),
            },
        },
        tier: visit.tier(),
        next: next.map(|task| task.kind),
        next_holder: next.map(|task| task.holder),
        next_due: next.map(|task| task.due),
        late: late.count(),
        review: !visit.faults.is_empty()
            || answer.is_some_and(|answer| answer.verdict.clinician_review),
    })
}
