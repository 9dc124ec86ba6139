//! What the next one must know: danger signs, the verdict, what is open and whose.

use cauda_guideline::Guideline;
use cauda_guideline::decision::{Decision, Spoken};
use cauda_guideline::vocabulary::Tier;

use crate::deciding::explained;
use crate::event::Carried;
use crate::finding::is_danger;
use crate::identity::{Actor, Identity};
use crate::table::Phase;
use crate::tasks::Task;
use crate::visit::{Finding, Override, Pending, Referral, Visit};

/// A concern that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Page id.
    pub page: String,
    /// Its heading.
    pub title: String,
    /// How urgent.
    pub tier: Tier,
}

/// The summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// Who.
    pub identity: Identity,
    /// Where the visit is.
    pub phase: Phase,
    /// Who is responsible.
    pub responsible: Option<Actor>,
    /// When the patient came, in seconds.
    pub arrived_at: i64,
    /// When a danger was first suspected.
    pub suspected_at: Option<i64>,
    /// When a physician last began to examine.
    pub examined_at: Option<i64>,
    /// Urgency, with what a return left open.
    pub tier: Tier,
    /// Where the patient goes; nothing is "cannot decide yet".
    pub disposition: Option<Spoken>,
    /// Concerns raised.
    pub concerns: Vec<Standing>,
    /// Danger signs on record, as they were said.
    pub danger_signs: Vec<Finding>,
    /// Names of what is still to ask, in order.
    pub missing: Vec<String>,
    /// Open tasks, by when they are due.
    pub tasks: Vec<Task>,
    /// Scans and tests that are awaited or not acknowledged.
    pub pending: Vec<Pending>,
    /// Teams that have not answered.
    pub referrals: Vec<Referral>,
    /// Where less was done than the guideline says.
    pub overrides: Vec<Override>,
    /// What a return brought along.
    pub returning: Option<Carried>,
}

/// The summary at `now`, in seconds; nothing before the arrival.
pub fn handover(visit: &Visit, guideline: &Guideline, now: i64) -> Option<Handover> {
    let decision = explained(visit, guideline, now.max(visit.latest), None);
    let mut tasks: Vec<Task> = visit.open_tasks().cloned().collect();
    tasks.sort_by_key(|task| (task.due, task.number));
    let standing = visit.findings.iter().filter(|finding| !finding.withdrawn);
    let awaited = visit.pending.iter().filter(|pending| {
        let held = pending.order.as_ref().is_some_and(|order| order.held);
        pending.is_awaited() || held && !pending.cancelled
    });
    Some(Handover {
        identity: visit.identity.clone()?,
        phase: visit.phase,
        responsible: visit.responsible.clone(),
        arrived_at: visit.arrived_at.unwrap_or(visit.phase_since),
        suspected_at: visit.suspected_at,
        examined_at: visit.examined_at,
        tier: visit.tier(),
        concerns: concerns(&decision),
        missing: decision.missing.iter().map(|missing| missing.name.clone()).collect(),
        disposition: decision.disposition,
        danger_signs: standing.filter(|f| is_danger(guideline, &f.said)).cloned().collect(),
        tasks,
        pending: awaited.cloned().collect(),
        referrals: visit.referrals.iter().filter(|asked| asked.answer.is_none()).cloned().collect(),
        overrides: visit.overrides.clone(),
        returning: visit.returning.clone(),
    })
}

fn concerns(decision: &Decision) -> Vec<Standing> {
    let raised = decision
        .concerns
        .iter()
        .filter(|concern| concern.state == cauda_guideline::decide::State::Raised);
    raised
        .map(|concern| Standing {
            page: concern.page.clone(),
            title: concern.title.clone(),
            tier: concern.tier,
        })
        .collect()
}
