//! What remains of a visit when names, times and findings are taken away: its
//! phase, the class of its verdict, and for each duty whether somebody owns it.
//! Finite, so SP9 is decided by looking at every state (`nobody_is_lost`).

use std::fmt;

use crate::clocks::TaskKind;
use crate::closed_list::closed_list;
use crate::table::{EventKind, MOVES_OF_A_VISIT, Moves, PHASES, Phase};

closed_list! {
    /// Class of a verdict, as far as the course of a visit depends on it.
    VerdictClass {
        Undecided = "assessment unfinished",
        Home = "home",
        Lesser = "less than urgent, not home",
        Urgent = "urgent",
        Emergency = "emergency or immediate",
    }
}

impl VerdictClass {
    /// Whether a concern is raised that must not leave unattended.
    pub const fn is_pressing(self) -> bool {
        matches!(self, VerdictClass::Urgent | VerdictClass::Emergency)
    }

    /// Whether who leaves with it leaves with an open concern (CR22).
    pub const fn is_open(self) -> bool {
        self.is_pressing() || matches!(self, VerdictClass::Undecided)
    }

    /// The kind of event that brings it.
    pub const fn kind(self) -> EventKind {
        match self {
            VerdictClass::Undecided => EventKind::Undecided,
            VerdictClass::Home | VerdictClass::Lesser => EventKind::DecidedLesser,
            VerdictClass::Urgent | VerdictClass::Emergency => EventKind::DecidedUrgent,
        }
    }
}

closed_list! {
    /// What somebody must own.
    Duty {
        Next = "the next step of a patient who is here",
        Concern = "a raised concern",
        Result = "a scan, report or test that is awaited or not acknowledged",
        Recall = "a patient who has gone and must be reached",
    }
}

closed_list! {
    /// Whether a duty is owned, and how late it is.
    Held {
        No = "not needed",
        Owned = "owned",
        Overdue = "overdue",
        Escalated = "escalated",
    }
}

/// Number of duties.
pub const DUTIES: usize = Duty::ALL.len();
/// Number of classes.
pub const CLASSES: usize = VerdictClass::ALL.len();

/// The tasks that must be open, by phase and class. `pending` and `to_reach`
/// add to them, because they are counted, not said by the phase.
pub type Wanted = [[[Option<TaskKind>; DUTIES]; CLASSES]; PHASES];

const fn next_of(phase: Phase) -> Option<TaskKind> {
    match phase {
        Phase::Arrived => Some(TaskKind::Triage),
        Phase::Triaged => Some(TaskKind::SeePatient),
        Phase::Assessing => Some(TaskKind::FinishAssessment),
        Phase::Decided => Some(TaskKind::CarryOutDecision),
        Phase::Observed => Some(TaskKind::Reexamine),
        Phase::ReadyToLeave => Some(TaskKind::LetGo),
        Phase::InTransfer => Some(TaskKind::ConfirmArrival),
        // While a scan is under way the next step is the result's; this one
        // counts only if nothing is awaited any more (see `must_own`).
        _ if phase.is_live() => Some(TaskKind::FinishAssessment),
        _ => None,
    }
}

const fn concern_of(phase: Phase) -> Option<TaskKind> {
    match phase {
        Phase::Arrived | Phase::Triaged => Some(TaskKind::AnswerDangerSign),
        // Also of who is only watched, or about to go: somebody has to act.
        Phase::Assessing | Phase::Decided | Phase::Observed | Phase::ReadyToLeave => {
            Some(TaskKind::ActOnConcern)
        }
        _ if phase.is_live() => Some(TaskKind::WatchConcern),
        _ => None,
    }
}

const fn recall_of(phase: Phase, class: VerdictClass) -> Option<TaskKind> {
    match phase {
        Phase::Admitted | Phase::Transferred => Some(TaskKind::TellReceiver),
        // After a discharge only news can press; before it the patient chose to go.
        Phase::Discharged if class.is_pressing() => Some(TaskKind::Recall),
        _ if phase.is_gone() => Some(TaskKind::CallBack),
        _ => None,
    }
}

const fn wanted() -> Wanted {
    let mut wanted: Wanted = [[[None; DUTIES]; CLASSES]; PHASES];
    let mut at = 0;
    while at < PHASES {
        let phase = Phase::ALL[at];
        let mut of = 0;
        while of < CLASSES {
            let class = VerdictClass::ALL[of];
            wanted[at][of][Duty::Next as usize] = next_of(phase);
            if class.is_pressing() {
                wanted[at][of][Duty::Concern as usize] = concern_of(phase);
            }
            wanted[at][of][Duty::Recall as usize] = recall_of(phase, class);
            of += 1;
        }
        at += 1;
    }
    wanted
}

/// The table a visit runs on. The one shipped is [`Table::SHIPPED`]; others
/// exist only to see whether the search notices a defect.
#[derive(Clone)]
pub struct Table {
    /// Which event leads where.
    pub moves: Moves,
    /// Which tasks must be open.
    pub wanted: Wanted,
    /// To whom an unanswered task goes.
    pub escalates_to:
        fn(TaskKind, crate::identity::StaffRole) -> Option<crate::identity::StaffRole>,
}

impl Table {
    /// The table of every visit.
    pub const SHIPPED: Table = Table {
        moves: MOVES_OF_A_VISIT,
        wanted: wanted(),
        escalates_to: crate::clocks::escalates_to,
    };

    /// Where an event of that kind leads.
    pub fn next(&self, phase: Phase, kind: EventKind) -> Option<Phase> {
        self.moves[phase as usize][kind as usize]
    }
}

/// The finite part of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Skeleton {
    /// Where it is.
    pub phase: Phase,
    /// Class of the verdict in force.
    pub class: VerdictClass,
    /// Whether a scan, report or test is awaited or not acknowledged.
    pub pending: bool,
    /// Whether a patient who has gone must still be reached.
    pub to_reach: bool,
    /// By duty.
    pub held: [Held; DUTIES],
}

impl Skeleton {
    /// Before anybody came.
    pub const START: Skeleton = Skeleton {
        phase: Phase::Expected,
        class: VerdictClass::Undecided,
        pending: false,
        to_reach: false,
        held: [Held::No; DUTIES],
    };

    /// Whether somebody owns that duty.
    pub fn owns(&self, duty: Duty) -> bool {
        self.held[duty as usize] != Held::No
    }

    /// Which duties must be owned.
    pub fn must_own(&self, table: &Table) -> [bool; DUTIES] {
        let wanted = &table.wanted[self.phase as usize][self.class as usize];
        let mut must = [false; DUTIES];
        for duty in Duty::ALL {
            let named = wanted[*duty as usize].is_some();
            must[*duty as usize] = match duty {
                Duty::Result => self.pending,
                Duty::Recall => named && self.to_reach,
                Duty::Next => named && !(self.pending && self.phase.awaits_result()),
                Duty::Concern => named,
            };
        }
        must
    }

    /// The task that must be open for a duty; none for results, whose tasks
    /// belong to their order or test.
    pub fn wanted(&self, table: &Table, duty: Duty) -> Option<TaskKind> {
        let must = self.must_own(table)[duty as usize];
        let wanted = table.wanted[self.phase as usize][self.class as usize][duty as usize];
        wanted.filter(|_| must)
    }

    /// Whether a patient must be reached after a step (CR19, CR22).
    pub fn reaches(before: bool, step: Step, class: VerdictClass) -> bool {
        let Step { kind, from, to, settles } = step;
        let left = from.is_live() && to.is_gone();
        let news = matches!(kind, EventKind::RecallOpened)
            || (kind == EventKind::DecidedUrgent && to.is_end());
        match kind {
            _ if matches!(to, Phase::Died | Phase::Merged) || to.is_live() => false,
            EventKind::Returned => false,
            EventKind::ContactMade if settles => false,
            _ if left => class.is_open(),
            _ => before || news,
        }
    }
}

/// One step through the table.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Kind of the event.
    pub kind: EventKind,
    /// Where it started.
    pub from: Phase,
    /// Where it led.
    pub to: Phase,
    /// Of a contact: that nobody needs to call again.
    pub settles: bool,
}

impl fmt::Display for Skeleton {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}, {}", self.phase.words(), self.class.words())?;
        if self.pending {
            write!(out, ", a result pending")?;
        }
        if self.to_reach {
            write!(out, ", to be reached")?;
        }
        for duty in Duty::ALL {
            if self.owns(*duty) {
                write!(out, "; {} {}", duty.words(), self.held[*duty as usize].words())?;
            }
        }
        Ok(())
    }
}
