//! Time passes: tasks become late and go further, decisions are made again. The
//! same moment twice changes nothing.

use crate::event::{TaskNumber, What};
use crate::handle::Writing;
use crate::identity::{ActorId, StaffRole, Text};
use crate::refusal::{Refusal, Why};
use crate::skeleton::Table;
use crate::tasks::{Task, TaskState};
use crate::visit::Visit;

/// What time has made of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// It is past its time.
    Overdue,
    /// It goes to that role.
    Escalates(StaffRole),
}

/// What time asks for at `now`, in seconds: tasks that are late or go further,
/// the next step of each, in the order they were raised.
pub fn due(visit: &Visit, now: i64) -> Vec<(&Task, Late)> {
    visit.open_tasks().filter_map(|task| Some((task, late(task, now)?))).collect()
}

/// The moment at which time asks for something next: a task, a check-in, or the end of the
/// decision of a patient who is here. Nothing if never.
pub fn next_moment(visit: &Visit) -> Option<i64> {
    let late = visit.open_tasks().filter_map(|task| match task.state {
        TaskState::Open => Some(task.due.saturating_add(1)),
        _ => task.escalates,
    });
    let until = visit.answer.as_ref().and_then(|answer| answer.valid_until);
    let until = until.filter(|_| visit.phase.is_live());
    let home = visit.at_home.next().filter(|_| visit.at_home.stopped.is_none());
    let home = home.filter(|_| visit.phase.is_gone()).map(|planned| planned.at);
    late.chain(until.map(|until| until.saturating_add(1))).chain(home).min()
}

fn late(task: &Task, now: i64) -> Option<Late> {
    if task.state == TaskState::Open && now > task.due {
        return Some(Late::Overdue);
    }
    if task.state != TaskState::Open && task.escalates.is_some_and(|at| now >= at) {
        return (Table::SHIPPED.escalates_to)(task.kind, task.holder).map(Late::Escalates);
    }
    None
}

impl Writing<'_> {
    /// Ends, because every task is late once and escalates twice at most.
    pub(crate) fn pass_time(&mut self) -> Result<(), Refusal> {
        self.ask_at_home()?;
        for _ in 0..4 {
            let late: Vec<(TaskNumber, Late)> =
                due(&self.visit, self.now).into_iter().map(|(task, l)| (task.number, l)).collect();
            if late.is_empty() {
                break;
            }
            for (task, late) in late {
                self.record(match late {
                    Late::Overdue => What::TaskOverdue { task },
                    Late::Escalates(to) => What::TaskEscalated { task, to },
                })?;
            }
        }
        Ok(())
    }

    fn task(&self, number: TaskNumber) -> Result<&Task, Refusal> {
        self.visit.open_tasks().find(|task| task.number == number).ok_or_else(|| {
            let message = format!("there is no open task {number}; choose one of the list");
            Refusal::new(Why::NoSuchThing, message)
        })
    }

    /// A task that follows the state is done by what is done to the patient: the
    /// state asks for it again until then.
    pub(crate) fn complete_task(
        &mut self,
        number: TaskNumber,
        words: Option<Text>,
    ) -> Result<(), Refusal> {
        let task = self.task(number)?;
        if task.kind.is_done_by_doing() {
            let message = format!(
                "\"{}\" is done by doing it; record that step, and the task closes itself",
                task.kind.words()
            );
            return Err(Refusal::new(Why::NotNow, message));
        }
        let doctors = StaffRole::is_physician(task.kind.clock().owner);
        let role = self.by.role;
        if (doctors && !role.is_physician())
            || !(role.is_physician() || role.is_nurse() || role == task.holder)
        {
            let message = format!("this task is for a {}; hand it to one", task.holder.words());
            return Err(Refusal::new(Why::NotYourRole, message));
        }
        self.record(What::TaskDone { task: number, words })
    }

    pub(crate) fn reassign_task(&mut self, task: TaskNumber, to: &ActorId) -> Result<(), Refusal> {
        self.task(task)?;
        self.record(What::TaskReassigned { task, to: to.clone() })
    }

    /// Anybody may send a task up before its time. With the senior it stays.
    pub(crate) fn escalate_task(&mut self, number: TaskNumber) -> Result<(), Refusal> {
        let task = self.task(number)?;
        match (Table::SHIPPED.escalates_to)(task.kind, task.holder) {
            Some(to) => self.record(What::TaskEscalated { task: number, to }),
            None => Ok(()),
        }
    }
}
