//! The tasks of a role or a person, the latest first (CR19, CR20).

use cauda_guideline::vocabulary::Tier;

use crate::clocks::TaskKind;
use crate::event::{ResultNumber, TaskNumber};
use crate::identity::{Actor, Identity};
use crate::tasks::TaskState;
use crate::visit::Visit;

/// A task in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRow {
    /// Of whom.
    pub identity: Identity,
    /// Its number in the visit.
    pub task: TaskNumber,
    /// What.
    pub kind: TaskKind,
    /// The scan or test it is about.
    pub about: Option<ResultNumber>,
    /// Since when, in seconds.
    pub since: i64,
    /// By when.
    pub due: i64,
    /// Whether it is late at this moment.
    pub late: bool,
    /// Whether it came from somebody who did not answer.
    pub escalated: bool,
    /// Whether it is this person's by name.
    pub mine: bool,
    /// Urgency of the visit.
    pub tier: Tier,
}

/// Open tasks that the person's role holds, or that name the person.
pub fn my_tasks<'a>(
    visits: impl IntoIterator<Item = &'a Visit>,
    me: &Actor,
    now: i64,
) -> Vec<TaskRow> {
    let mut rows: Vec<TaskRow> = Vec::new();
    for visit in visits {
        let Some(identity) = &visit.identity else { continue };
        for task in visit.open_tasks() {
            let mine = task.named.as_ref() == Some(&me.id);
            if !mine && task.holder != me.role {
                continue;
            }
            rows.push(TaskRow {
                identity: identity.clone(),
                task: task.number,
                kind: task.kind,
                about: task.about,
                since: task.raised_at,
                due: task.due,
                late: task.state > TaskState::Open || now > task.due,
                escalated: task.state == TaskState::Escalated,
                mine,
                tier: visit.tier(),
            });
        }
    }
    let urgency = |row: &TaskRow| std::cmp::Reverse(row.tier);
    rows.sort_by(|one, other| {
        let key = |row: &TaskRow| (std::cmp::Reverse(row.late), row.due, urgency(row));
        key(one).cmp(&key(other)).then_with(|| {
            let place = |row: &TaskRow| (row.identity.visit.clone(), row.task);
            place(one).cmp(&place(other))
        })
    });
    rows
}
