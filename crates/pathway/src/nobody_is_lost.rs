//! SP9, nobody is lost: every state that a visit can be in is looked at.
//!
//! The search runs the table that `Visit` runs, over the product of phase, class
//! of verdict, pending results, patients to be reached, and how each duty is
//! held. Where a command may do either of two things, it follows both, so it
//! sees at least every state that a real visit reaches; a test compares the two.

use std::collections::VecDeque;
use std::fmt;

use crate::clocks::TaskKind;
use crate::closed_list::closed_list;
use crate::identity::StaffRole;
use crate::skeleton::{CLASSES, DUTIES, Duty, Held, Skeleton, Step, Table, VerdictClass};
use crate::table::{EventKind, PHASES, Phase};

const HELD: usize = Held::ALL.len();
/// Number of states, reachable or not.
const STATES: usize = PHASES * CLASSES * 2 * 2 * HELD * HELD * HELD * HELD;
/// Most losses told of one kind.
const LOSSES_MAX: usize = 8;

closed_list! {
    /// What is wrong with a state.
    Loss {
        NoWayOut = "no named end can be reached from here",
        NeverQuiet = "the patient has gone, and the open duty can never be settled",
        NobodyHasTheNextStep = "the patient is here and nobody has the next step",
        NobodyHasTheConcern = "a concern is raised and nobody has it",
        NobodyHasTheResult = "a result is awaited and nobody has it",
        NobodyReachesThePatient = "the patient must be reached and nobody has that",
        LeftUnnoticed = "a patient left with an open concern and nobody will call",
        DangerRefused = "a danger sign cannot be entered here",
        DangerWithoutItsTier = "a danger sign does not lead to its tier and an owner",
        CareRefused = "more care cannot be asked for here",
        ReportRefused = "a report cannot be received or acknowledged here",
        NoReturn = "the patient cannot come back from here",
        EscalationEndsNowhere = "a task that nobody answers does not end with the senior",
    }
}

/// A state in which somebody is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// What is wrong.
    pub loss: Loss,
    /// Where; nothing for a task that belongs to no state.
    pub state: Option<Skeleton>,
    /// The task, of an escalation.
    pub task: Option<TaskKind>,
}

impl fmt::Display for Lost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.loss.words())?;
        if let Some(state) = &self.state {
            write!(out, ": {state}")?;
        }
        self.task.map_or(Ok(()), |task| write!(out, ": {}", task.words()))
    }
}

/// What was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// States that can be reached.
    pub states: usize,
    /// Steps between them.
    pub steps: usize,
    /// Phases that can be reached.
    pub phases: Vec<Phase>,
}

/// SP9 for the table every visit runs on.
///
/// # Errors
/// States in which somebody is lost, at most eight of a kind.
pub fn nobody_is_lost() -> Result<Report, Vec<Lost>> {
    search(&Table::SHIPPED)
}

/// The same for any table; other tables exist to see whether it notices a defect.
///
/// # Errors
/// States in which somebody is lost, at most eight of a kind.
pub fn search(table: &Table) -> Result<Report, Vec<Lost>> {
    let graph = Graph::explore(table);
    let mut lost: Vec<Lost> = Vec::new();
    for state in &graph.states {
        look_at(table, state, &mut lost);
    }
    graph.ways_out(&mut lost);
    chains(table, &mut lost);
    if lost.is_empty() {
        let mut phases: Vec<Phase> = graph.states.iter().map(|state| state.phase).collect();
        phases.sort_unstable();
        phases.dedup();
        let steps = graph.steps.iter().map(Vec::len).sum();
        return Ok(Report { states: graph.states.len(), steps, phases });
    }
    let mut told = [0; Loss::ALL.len()];
    lost.retain(|lost| {
        told[lost.loss as usize] += 1;
        told[lost.loss as usize] <= LOSSES_MAX
    });
    Err(lost)
}

/// Every state that can be reached on the shipped table.
pub fn reachable() -> Vec<Skeleton> {
    Graph::explore(&Table::SHIPPED).states
}

struct Graph {
    states: Vec<Skeleton>,
    steps: Vec<Vec<usize>>,
}

impl Graph {
    fn explore(table: &Table) -> Graph {
        let mut place = vec![usize::MAX; STATES];
        let mut graph = Graph { states: vec![Skeleton::START], steps: vec![Vec::new()] };
        place[code(&Skeleton::START)] = 0;
        let mut open = VecDeque::from([0]);
        // Ends: every state is opened once.
        while let Some(at) = open.pop_front() {
            let mut reached = Vec::new();
            successors(table, graph.states[at], &mut |next| {
                let place = &mut place[code(&next)];
                if *place == usize::MAX {
                    *place = graph.states.len();
                    graph.states.push(next);
                    graph.steps.push(Vec::new());
                    open.push_back(*place);
                }
                reached.push(*place);
            });
            reached.sort_unstable();
            reached.dedup();
            graph.steps[at] = reached;
        }
        graph
    }

    /// From everywhere a named end other than death, and after it, quiet.
    fn ways_out(&self, lost: &mut Vec<Lost>) {
        let ends = self.reaching(|state| state.phase.is_alive_end());
        let quiet = self.reaching(|state| {
            state.phase.is_alive_end() && Duty::ALL.iter().all(|duty| !state.owns(*duty))
        });
        for (at, state) in self.states.iter().enumerate() {
            if state.phase == Phase::Died {
                continue;
            }
            if !ends[at] {
                lost.push(of(Loss::NoWayOut, state));
            } else if !quiet[at] {
                lost.push(of(Loss::NeverQuiet, state));
            }
        }
    }

    /// States from which one that satisfies `goal` can be reached, neither through
    /// a death nor through a merge: those are no way out for a patient.
    fn reaching(&self, goal: impl Fn(&Skeleton) -> bool) -> Vec<bool> {
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); self.states.len()];
        for (from, steps) in self.steps.iter().enumerate() {
            for to in steps {
                if !matches!(self.states[*to].phase, Phase::Died | Phase::Merged) {
                    before[*to].push(from);
                }
            }
        }
        let mut reaches: Vec<bool> = self.states.iter().map(goal).collect();
        let mut open: Vec<usize> = (0..reaches.len()).filter(|at| reaches[*at]).collect();
        while let Some(at) = open.pop() {
            for from in &before[at] {
                if !reaches[*from] {
                    reaches[*from] = true;
                    open.push(*from);
                }
            }
        }
        reaches
    }
}

fn of(loss: Loss, state: &Skeleton) -> Lost {
    Lost { loss, state: Some(*state), task: None }
}

/// Place of a state among all.
fn code(state: &Skeleton) -> usize {
    let mut code = state.phase as usize * CLASSES + state.class as usize;
    code = code * 2 + usize::from(state.pending);
    code = code * 2 + usize::from(state.to_reach);
    state.held.iter().fold(code, |code, held| code * HELD + *held as usize)
}

/// Every state one event leads to, with the tasks the new state asks for.
fn successors(table: &Table, from: Skeleton, found: &mut dyn FnMut(Skeleton)) {
    for kind in EventKind::ALL {
        let Some(phase) = table.next(from.phase, *kind) else { continue };
        if matches!(kind, EventKind::TaskOverdue | EventKind::TaskEscalated) {
            late(from, *kind, found);
            continue;
        }
        for class in classes(from.class, *kind) {
            for pending in pendings(from.pending, *kind) {
                for settles in [false, true] {
                    let step = Step { kind: *kind, from: from.phase, to: phase, settles };
                    let to_reach = Skeleton::reaches(from.to_reach, step, *class);
                    let next =
                        Skeleton { phase, class: *class, pending: *pending, to_reach, ..from };
                    watched(table, next, found);
                }
            }
        }
    }
}

fn late(from: Skeleton, kind: EventKind, found: &mut dyn FnMut(Skeleton)) {
    for duty in Duty::ALL {
        let mut next = from;
        let held = &mut next.held[*duty as usize];
        *held = match (*held, kind) {
            (Held::Owned, EventKind::TaskOverdue) => Held::Overdue,
            (Held::Owned | Held::Overdue, EventKind::TaskEscalated) => Held::Escalated,
            (held, _) => held,
        };
        found(next);
    }
}

fn classes(before: VerdictClass, kind: EventKind) -> &'static [VerdictClass] {
    use VerdictClass::{Emergency, Home, Lesser, Undecided, Urgent};
    const SAME: [[VerdictClass; 1]; CLASSES] =
        [[Undecided], [Home], [Lesser], [Urgent], [Emergency]];
    match kind {
        // Of a return, the class that was open.
        EventKind::Arrived => &[Undecided, Urgent, Emergency],
        // What a return left open ends here, whatever the decision says.
        EventKind::ExaminationRecorded => VerdictClass::ALL,
        EventKind::DecidedUrgent => &[Urgent, Emergency],
        EventKind::DecidedLesser => &[Home, Lesser],
        EventKind::Undecided => &[Undecided],
        _ => &SAME[before as usize],
    }
}

fn pendings(before: bool, kind: EventKind) -> &'static [bool] {
    match kind {
        EventKind::ImagingOrdered
        | EventKind::TestOrdered
        | EventKind::ReportReceived
        | EventKind::ReportAmended
        | EventKind::TestResulted => &[true],
        EventKind::ResultAcknowledged
        | EventKind::OrderCancelled
        | EventKind::OrderHeld
        | EventKind::ScanStarted => &[false, true],
        _ if before => &[true],
        _ => &[false],
    }
}

/// What `keep_watch` leaves: a duty that must be owned is, anew or as before.
fn watched(table: &Table, next: Skeleton, found: &mut dyn FnMut(Skeleton)) {
    let must = next.must_own(table);
    for anew in 0..1_u32 << DUTIES {
        let mut state = next;
        for (duty, must) in must.iter().enumerate() {
            let before = next.held[duty];
            state.held[duty] = match must {
                false => Held::No,
                true if before == Held::No || anew >> duty & 1 == 1 => Held::Owned,
                true => before,
            };
        }
        found(state);
    }
}

/// Everything that must hold in one state. It asks the table again, in its own
/// words, and trusts no list of duties.
fn look_at(table: &Table, state: &Skeleton, lost: &mut Vec<Lost>) {
    let phase = state.phase;
    let mut say = |wrong: bool, loss: Loss| {
        if wrong {
            lost.push(of(loss, state));
        }
    };
    let next = state.owns(Duty::Next) || (phase.awaits_result() && state.owns(Duty::Result));
    say(phase.is_live() && !next, Loss::NobodyHasTheNextStep);
    let concern = phase.is_live() && state.class.is_pressing();
    say(concern && !state.owns(Duty::Concern), Loss::NobodyHasTheConcern);
    say(state.pending && !state.owns(Duty::Result), Loss::NobodyHasTheResult);
    say(state.to_reach && !state.owns(Duty::Recall), Loss::NobodyReachesThePatient);
    if phase == Phase::Expected {
        return;
    }
    let can = |kind: EventKind| table.next(phase, kind).is_some();
    let reports =
        [EventKind::ReportReceived, EventKind::ReportAmended, EventKind::ResultAcknowledged];
    say(!reports.iter().all(|kind| can(*kind)), Loss::ReportRefused);
    if phase.is_live() {
        say(!MORE_CARE.iter().all(|kind| can(*kind)), Loss::CareRefused);
        say(leaves_unnoticed(table, state), Loss::LeftUnnoticed);
    }
    say(phase == Phase::Merged && !can(EventKind::Unmerged), Loss::NoWayOut);
    if !phase.is_live() && !phase.is_alive_end() {
        return;
    }
    say(phase.is_end() && !can(EventKind::Returned), Loss::NoReturn);
    say(!can(EventKind::FindingsRecorded) || !can(EventKind::DecidedUrgent), Loss::DangerRefused);
    say(danger_is_lost(table, state), Loss::DangerWithoutItsTier);
}

/// What raises care or attention, and nobody may be kept from.
const MORE_CARE: &[EventKind] = &[
    EventKind::AcuityChanged,
    EventKind::Seen,
    EventKind::ExaminationRecorded,
    EventKind::ImagingOrdered,
    EventKind::TestOrdered,
    EventKind::Referred,
    EventKind::TransferRequested,
    EventKind::Admitted,
    EventKind::HandedOver,
    EventKind::TaskEscalated,
];

/// Whether a danger sign here ends in a state without its tier or an owner.
fn danger_is_lost(table: &Table, state: &Skeleton) -> bool {
    let Some(phase) = table.next(state.phase, EventKind::DecidedUrgent) else { return true };
    let kind = EventKind::DecidedUrgent;
    let step = Step { kind, from: state.phase, to: phase, settles: false };
    let class = VerdictClass::Emergency;
    let to_reach = Skeleton::reaches(state.to_reach, step, class);
    let mut is_lost = false;
    watched(table, Skeleton { phase, class, to_reach, ..*state }, &mut |next| {
        let owned = match next.phase {
            phase if phase.is_live() => next.owns(Duty::Concern) && phase != Phase::ReadyToLeave,
            phase => phase.is_alive_end() && next.owns(Duty::Recall),
        };
        // Nobody who ended comes alive again by a finding, nor the other way.
        let same_side = next.phase.is_live() == state.phase.is_live();
        is_lost |= !owned || !same_side || next.class != class;
    });
    is_lost
}

/// Whether somebody with an open concern can go and nobody will call.
fn leaves_unnoticed(table: &Table, state: &Skeleton) -> bool {
    EventKind::ALL.iter().any(|kind| {
        let Some(phase) = table.next(state.phase, *kind) else { return false };
        if !phase.is_gone() || !state.class.is_open() {
            return false;
        }
        let step = Step { kind: *kind, from: state.phase, to: phase, settles: false };
        let to_reach = Skeleton::reaches(state.to_reach, step, state.class);
        let mut unnoticed = !to_reach;
        watched(table, Skeleton { phase, to_reach, ..*state }, &mut |next| {
            unnoticed |= !next.owns(Duty::Recall);
        });
        unnoticed
    })
}

/// Every task that nobody answers ends with the senior, in a few steps.
fn chains(table: &Table, lost: &mut Vec<Lost>) {
    for kind in TaskKind::ALL {
        let mut holder = kind.clock().owner;
        for _ in 0..StaffRole::ALL.len() {
            match (table.escalates_to)(*kind, holder) {
                Some(to) => holder = to,
                None => break,
            }
        }
        let stays = (table.escalates_to)(*kind, holder).is_none();
        if holder != StaffRole::SeniorPhysician || !stays {
            let loss = Loss::EscalationEndsNowhere;
            lost.push(Lost { loss, state: None, task: Some(*kind) });
        }
    }
}
