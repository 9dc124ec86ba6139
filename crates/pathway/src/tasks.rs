//! Tasks: who has to do what by when, and what the state of the visit asks to
//! be open (CR19, CR20).

use crate::check_in::Stop;
use crate::clocks::TaskKind;
use crate::event::{Event, ResultNumber, TaskNumber, What};
use crate::handle::Writing;
use crate::identity::{ActorId, StaffRole};
use crate::refusal::Refusal;
use crate::skeleton::{Duty, Held, Table, VerdictClass};
use crate::table::Phase;

const MINUTE: i64 = 60;

/// State of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskState {
    /// Not due yet.
    Open,
    /// Late.
    Overdue,
    /// With the next, or the senior.
    Escalated,
    /// Done.
    Done,
    /// No longer needed.
    Closed,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its number.
    pub number: TaskNumber,
    /// What.
    pub kind: TaskKind,
    /// Whose it is now.
    pub holder: StaffRole,
    /// Which person, where one is named; stays when it escalates.
    pub named: Option<ActorId>,
    /// The order, test or report it is about.
    pub about: Option<ResultNumber>,
    /// Since when.
    pub raised_at: i64,
    /// By when.
    pub due: i64,
    /// When it goes further; nothing once the senior has it.
    pub escalates: Option<i64>,
    /// How it stands.
    pub state: TaskState,
    /// When it was over.
    pub over_at: Option<i64>,
}

impl Task {
    pub(crate) fn raised(event: &Event) -> Option<Task> {
        let What::TaskRaised { task, kind, owner, named, about, due, escalates } = &event.what
        else {
            return None;
        };
        Some(Task {
            number: *task,
            kind: *kind,
            holder: *owner,
            named: named.clone(),
            about: *about,
            raised_at: event.at,
            due: *due,
            escalates: (Table::SHIPPED.escalates_to)(*kind, *owner).map(|_| *escalates),
            state: TaskState::Open,
            over_at: None,
        })
    }

    pub(crate) fn take(&mut self, event: &Event) {
        match &event.what {
            What::TaskDone { .. } => {
                self.state = TaskState::Done;
                self.over_at = Some(event.at);
            }
            What::TaskClosed { .. } => {
                self.state = TaskState::Closed;
                self.over_at = Some(event.at);
            }
            What::TaskOverdue { .. } => self.state = self.state.max(TaskState::Overdue),
            What::TaskReassigned { to, .. } => self.named = Some(to.clone()),
            What::TaskEscalated { to, .. } => {
                self.holder = *to;
                self.state = TaskState::Escalated;
                let from = self.escalates.unwrap_or(event.at).max(event.at);
                let further = (Table::SHIPPED.escalates_to)(self.kind, *to);
                self.escalates = further.map(|_| from.saturating_add(self.gap()));
            }
            _ => {}
        }
    }

    /// Seconds between two steps of escalation: at least a quarter of an hour.
    fn gap(&self) -> i64 {
        let clock = self.kind.clock();
        (clock.escalates - clock.due).max(15).saturating_mul(MINUTE)
    }

    /// Whether it is not over.
    pub fn is_open(&self) -> bool {
        matches!(self.state, TaskState::Open | TaskState::Overdue | TaskState::Escalated)
    }

    /// How its duty stands by it.
    pub fn held(&self) -> Held {
        match self.state {
            TaskState::Open => Held::Owned,
            TaskState::Overdue => Held::Overdue,
            TaskState::Escalated => Held::Escalated,
            TaskState::Done | TaskState::Closed => Held::No,
        }
    }
}

/// What a new task is about and when it is due, where its kind does not say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Raise {
    pub about: Option<ResultNumber>,
    pub named: Option<ActorId>,
    pub due: Option<i64>,
}

impl Writing<'_> {
    /// Opens a task, with the clock of its kind unless `raise` says otherwise.
    pub(crate) fn raise(&mut self, kind: TaskKind, raise: Raise) -> Result<(), Refusal> {
        let clock = kind.clock();
        let (mut due, mut escalates) = (clock.due, clock.escalates);
        // Hourly checks belong to an emergency; within 24 hours they are four-hourly.
        if kind == TaskKind::WatchConcern && self.visit.class() == VerdictClass::Urgent {
            (due, escalates) = (4 * due, 4 * escalates);
        }
        let gap = (escalates - due).saturating_mul(MINUTE);
        let due = raise.due.unwrap_or(self.now.saturating_add(due.saturating_mul(MINUTE)));
        let named = match raise.named {
            None if kind.is_named() => self.named_owner(),
            named => named,
        };
        let task = u32::try_from(self.visit.tasks.len()).unwrap_or(u32::MAX).saturating_add(1);
        self.record(What::TaskRaised {
            task,
            kind,
            owner: clock.owner,
            named,
            about: raise.about,
            due,
            escalates: due.saturating_add(gap),
        })
    }

    /// The person who answers for results and calls: the responsible clinician,
    /// else whoever does this.
    fn named_owner(&self) -> Option<ActorId> {
        let leaving = self.visit.leaving.as_ref().and_then(|leaving| leaving.call_back.clone());
        let responsible = self.visit.responsible.as_ref().map(|actor| actor.id.clone());
        leaving.or(responsible).or_else(|| Some(self.by.id.clone()))
    }

    /// Who treats the patient, by name.
    pub(crate) fn treating(&self) -> Option<ActorId> {
        let treats = self.visit.responsible.as_ref().filter(|actor| actor.role.treats());
        treats.map(|actor| actor.id.clone())
    }

    /// Whether a task of that kind about that result is open.
    pub(crate) fn has_open(&self, kind: TaskKind, about: Option<ResultNumber>) -> bool {
        self.visit.open_tasks().any(|task| task.kind == kind && task.about == about)
    }

    /// Marks open tasks of that kind about that result as done.
    pub(crate) fn done(
        &mut self,
        kind: TaskKind,
        about: Option<ResultNumber>,
    ) -> Result<(), Refusal> {
        let open = self.visit.open_tasks();
        let these = open.filter(|task| task.kind == kind && task.about == about);
        let numbers: Vec<TaskNumber> = these.map(|task| task.number).collect();
        for task in numbers {
            self.record(What::TaskDone { task, words: None })?;
        }
        Ok(())
    }

    /// Marks all open tasks of that kind as done, whatever they are about.
    pub(crate) fn done_of_any(&mut self, kind: TaskKind) -> Result<(), Refusal> {
        let open = self.visit.open_tasks().filter(|task| task.kind == kind);
        let about: Vec<_> = open.map(|task| task.about).collect();
        about.into_iter().try_for_each(|about| self.done(kind, about))
    }

    fn close(&mut self, numbers: Vec<TaskNumber>) -> Result<(), Refusal> {
        for task in numbers {
            self.record(What::TaskClosed { task })?;
        }
        Ok(())
    }

    /// Opens what the state asks for and closes what it asks for no more. After
    /// it no patient who is here, no raised concern, no pending result and
    /// nobody to be reached is without an owner (SP9).
    pub(crate) fn keep_watch(&mut self) -> Result<(), Refusal> {
        self.close_what_is_over()?;
        self.watch_results()?;
        self.watch_orders()?;
        self.watch_limited()?;
        self.watch_screening()?;
        let skeleton = self.visit.skeleton();
        for duty in [Duty::Next, Duty::Concern, Duty::Recall] {
            let Some(kind) = skeleton.wanted(&Table::SHIPPED, duty) else { continue };
            if self.visit.open_tasks().any(|task| satisfies(task.kind, kind)) {
                continue;
            }
            let due = self.visit.again_at.filter(|_| kind == TaskKind::Reexamine);
            self.raise(kind, Raise { due, ..Raise::default() })?;
        }
        Ok(())
    }

    fn close_what_is_over(&mut self) -> Result<(), Refusal> {
        let skeleton = self.visit.skeleton();
        let ended = skeleton.phase.is_end();
        let must = skeleton.must_own(&Table::SHIPPED);
        let over = self.visit.open_tasks().filter(|task| match task.kind.clock().duty {
            Some(duty @ (Duty::Next | Duty::Concern)) => {
                skeleton.wanted(&Table::SHIPPED, duty) != Some(task.kind)
            }
            Some(Duty::Recall) => !must[Duty::Recall as usize],
            Some(Duty::Result) => {
                let about = task.about.and_then(|number| self.visit.result(number));
                !must[Duty::Result as usize] || !about.is_some_and(|result| result.is_awaited())
            }
            // Nobody is screened for a scan that is over.
            None if task.kind == TaskKind::SafetyScreen && self.is_scanned(task) => true,
            None => ended && !self.outlives_the_visit(task),
        });
        let over = over.map(|task| task.number).collect();
        self.close(over)
    }

    /// Whether the scan of a task is over, or no longer wanted.
    fn is_scanned(&self, task: &Task) -> bool {
        let pending = task.about.and_then(|number| self.visit.result(number));
        pending.is_some_and(|pending| {
            let ended = pending.order.as_ref().is_some_and(|order| order.ended.is_some());
            ended || pending.cancelled || pending.acknowledged
        })
    }

    /// Whether a task without a duty stays open after the patient has gone.
    fn outlives_the_visit(&self, task: &Task) -> bool {
        let home = &self.visit.at_home;
        // What was raised before the return is the new visit's; what is told later by an old link
        // is somebody's all the same.
        let before_return = home.returned_at.is_some_and(|at| task.raised_at <= at);
        let gone = !before_return && self.visit.phase != Phase::Died;
        match task.kind {
            TaskKind::CheckIn => matches!(home.stopped, None | Some(Stop::PatientAsks)),
            TaskKind::CallAboutSigns
            | TaskKind::CallAtHome
            | TaskKind::LookAgain
            | TaskKind::BookAppointment
            | TaskKind::CorrectContact
            | TaskKind::CallForCompression => gone,
            TaskKind::SafetyScreen | TaskKind::ReadLimited | TaskKind::AnswerNotSafe => {
                let about = task.about.and_then(|number| self.visit.result(number));
                about.is_some_and(crate::visit::Pending::is_awaited)
            }
            TaskKind::CallWithin48Hours | TaskKind::Safeguarding | TaskKind::ReviewDecision => true,
            _ => false,
        }
    }

    fn watch_orders(&mut self) -> Result<(), Refusal> {
        match (self.forgets_a_scan(), self.has_open(TaskKind::OrderWhatIsAsked, None)) {
            (true, false) => self.raise(TaskKind::OrderWhatIsAsked, Raise::default()),
            (false, true) => self.done(TaskKind::OrderWhatIsAsked, None),
            _ => Ok(()),
        }
    }

    /// Every scan and test that is awaited has the task of its stage.
    fn watch_results(&mut self) -> Result<(), Refusal> {
        let awaited: Vec<_> =
            self.visit.pending.iter().filter(|p| p.is_awaited()).cloned().collect();
        for pending in awaited {
            let kind = stage(&pending);
            let about = Some(pending.number);
            for other in STAGES.iter().filter(|other| **other != kind) {
                self.done(*other, about)?;
            }
            if !self.has_open(kind, about) {
                let deadline = pending.order.as_ref().map(|order| order.deadline);
                let due = deadline.filter(|_| kind == TaskKind::Scan);
                // Of a patient who has gone, whoever followed the result so far goes on (CR19).
                let before = self.visit.tasks.iter().rev().find(|task| task.about == about);
                let gone = self.visit.phase.is_end();
                let named = before.filter(|_| gone).and_then(|task| task.named.clone());
                self.raise(kind, Raise { about, due, named })?;
            }
        }
        Ok(())
    }
}

const STAGES: &[TaskKind] = &[
    TaskKind::Scan,
    TaskKind::Report,
    TaskKind::AcknowledgeResult,
    TaskKind::AcknowledgeDanger,
    TaskKind::FollowTest,
];

/// The task of what is awaited: the scan, its report, reading it.
fn stage(pending: &crate::visit::Pending) -> TaskKind {
    match (&pending.report, &pending.order) {
        // A preliminary report was read; the final one is the radiologist's.
        (Some(_), _) if pending.read_at.is_some() => TaskKind::Report,
        (Some(report), _) if report.emergency => TaskKind::AcknowledgeDanger,
        (Some(_), _) => TaskKind::AcknowledgeResult,
        (None, Some(order)) if order.ended.is_some() => TaskKind::Report,
        (None, Some(_)) => TaskKind::Scan,
        (None, None) => TaskKind::FollowTest,
    }
}

/// Whether an open task does what the state asks for; who is looked for is also
/// called back.
fn satisfies(open: TaskKind, wanted: TaskKind) -> bool {
    let rank = |kind| match kind {
        TaskKind::CallBack => 1,
        TaskKind::TellReceiver => 2,
        TaskKind::Recall => 3,
        TaskKind::WelfareCheck => 4,
        _ => 0,
    };
    open == wanted || (rank(wanted) > 0 && rank(open) >= rank(wanted))
}
