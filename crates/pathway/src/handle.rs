//! `(visit, command, now) -> events`, the only way into a visit.

use cauda_guideline::Guideline;

use crate::check_in::{Signs, Told};
use crate::clocks::TaskKind;
use crate::command::{Action, Command};
use crate::event::{Event, VERSION, What};
use crate::folding::changes_facts;
use crate::identity::{Actor, CommandId, StaffRole};
use crate::refusal::{Refusal, Why};
use crate::skeleton::Table;
use crate::table::{EventKind, Phase};
use crate::visit::{EVENTS_HARD_MAX, EVENTS_MAX, Visit};

/// Latest instant a record can hold: the end of the year 9998, in seconds.
const LATEST: i64 = 253_370_764_799;

/// What a command leads to, in order; nothing if it was applied before or
/// changes nothing. The visit itself is untouched: fold the events into it once
/// they are stored.
///
/// # Errors
/// One sentence on what is missing and how to mend it; then nothing happened.
pub fn handle(
    visit: &Visit,
    command: &Command,
    now: i64,
    guideline: &Guideline,
) -> Result<Vec<Event>, Refusal> {
    if visit.commands.contains(&command.id) {
        return Ok(Vec::new());
    }
    if !(0..=LATEST).contains(&now) {
        return Err(Refusal::new(
            Why::TooLarge,
            "the clock is wrong; set it, then send this again",
        ));
    }
    let mut writing = Writing {
        guideline,
        now,
        by: &command.by,
        command: &command.id,
        visit: visit.clone(),
        events: Vec::new(),
    };
    writing.may(&command.action)?;
    writing.has_room(&command.action)?;
    // Who has left is asked nothing more, so no answer of theirs grows old here.
    if visit.phase.is_live() {
        writing.expire()?;
    }
    let from = writing.events.len();
    writing.act(&command.action)?;
    writing.settle(from)?;
    if visit.events + writing.events.len() > EVENTS_HARD_MAX {
        return Err(full());
    }
    Ok(writing.events)
}

fn full() -> Refusal {
    let message = format!(
        "this visit has {EVENTS_MAX} events; open a new visit of the episode and carry it over"
    );
    Refusal::new(Why::TooLarge, message)
}

/// A command being carried out: the events so far, already taken into a copy of
/// the visit, so that every step sees what the last one did.
pub(crate) struct Writing<'a> {
    pub guideline: &'a Guideline,
    pub now: i64,
    pub by: &'a Actor,
    pub command: &'a CommandId,
    pub visit: Visit,
    pub events: Vec<Event>,
}

/// What the program works out by itself.
fn is_worked_out(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::DecidedUrgent
            | EventKind::DecidedLesser
            | EventKind::Undecided
            | EventKind::DecisionExpired
            | EventKind::TaskRaised
            | EventKind::TaskClosed
            | EventKind::TaskOverdue
    )
}

impl Writing<'_> {
    /// Writes one event, if the table allows it now.
    pub(crate) fn record(&mut self, what: What) -> Result<(), Refusal> {
        let by = if is_worked_out(what.kind()) { Actor::system() } else { self.by.clone() };
        self.record_as(by, what)
    }

    /// The same of what the program does by itself, whoever was told something.
    pub(crate) fn record_as(&mut self, by: Actor, what: What) -> Result<(), Refusal> {
        let kind = what.kind();
        let phase = self.visit.phase;
        if Table::SHIPPED.next(phase, kind).is_none() {
            let message = format!(
                "\"{}\" is not possible while the visit is {}; record the step before it first",
                kind.words(),
                phase.words()
            );
            return Err(Refusal::new(Why::NotNow, message));
        }
        let command = self.command.clone();
        let event = Event { version: VERSION, at: self.now, by, command, what };
        self.visit.apply(&event);
        self.events.push(event);
        Ok(())
    }

    /// Who may do this: roles on one side, and nobody stops an escalation.
    fn may(&self, action: &Action) -> Result<(), Refusal> {
        if action.is_for(self.by.role) {
            return Ok(());
        }
        let may = StaffRole::ALL.iter().filter(|role| action.is_for(**role));
        // Whoever is nearest to the bedside comes first.
        let who: Vec<&str> = may.take(3).map(|role| role.words()).collect();
        let who = who.join(" or ");
        let message = format!("a {} cannot do this; ask a {who}", self.by.role.words());
        Err(Refusal::new(Why::NotYourRole, message))
    }

    /// The soft limit stops what can wait; a danger sign, what raises care and
    /// every way out pass up to the hard one.
    fn has_room(&self, action: &Action) -> Result<(), Refusal> {
        let can_wait = || match action {
            Action::Record { found }
            | Action::Triage { found, .. }
            | Action::Examine { found }
            | Action::AnswerCheckIn { found, told: Told { signs: Signs::None, .. } } => {
                !self.has_danger(&found.findings)
            }
            // Who is called today already need not be called twice.
            Action::AnswerCheckIn { told: Told { signs: Signs::Unsure, lines, .. }, .. } => {
                lines.is_empty() && self.has_open(TaskKind::CallAboutSigns, None)
            }
            Action::DeclineImaging { .. }
            | Action::Release { .. }
            | Action::OrderTest { .. }
            | Action::BookFollowUp { .. }
            | Action::ReassignTask { .. }
            | Action::CompleteTask { .. } => true,
            _ => false,
        };
        if self.visit.events >= EVENTS_MAX && can_wait() { Err(full()) } else { Ok(()) }
    }

    /// A decision past its time is said to be so, and made again.
    fn expire(&mut self) -> Result<(), Refusal> {
        if !self.has_expired() {
            return Ok(());
        }
        if let Some(valid_until) = self.visit.answer.as_ref().and_then(|a| a.valid_until) {
            self.record(What::DecisionExpired { valid_until })?;
        }
        self.decide_again(true)
    }

    /// Decides again if anything was learnt, and sees that everything has an owner.
    fn settle(&mut self, from: usize) -> Result<(), Refusal> {
        let kinds: Vec<EventKind> =
            self.events[from..].iter().map(|event| event.what.kind()).collect();
        let asked_for = kinds.iter().any(|kind| {
            matches!(
                kind,
                EventKind::ExaminationRecorded
                    | EventKind::ResultAcknowledged
                    | EventKind::Arrived
                    | EventKind::Unmerged
            )
        });
        let learnt = kinds.iter().any(|kind| changes_facts(*kind));
        // A merged visit is decided about in the other one.
        if (asked_for || learnt) && self.visit.phase != Phase::Merged {
            self.decide_again(asked_for)?;
            self.make_whole(from)?;
        }
        self.keep_watch()
    }

    fn act(&mut self, action: &Action) -> Result<(), Refusal> {
        match action {
            Action::Arrive { identity, returning } => self.arrive(identity, returning.as_ref()),
            Action::Triage { acuity, found } => self.triage(*acuity, found),
            Action::ChangeAcuity { to, reason } => self.change_acuity(*to, reason.as_ref()),
            Action::Record { found } => self.find(found),
            Action::Withdraw { findings, attestations, reason } => {
                self.withdraw(findings, attestations, reason)
            }
            Action::TakeOn => self.take_on(),
            Action::Examine { found } => self.examine(found),
            Action::PassTime => self.pass_time(),
            Action::ClaimMessage { round } => self.claim_message(*round),
            Action::NoteMessage { round, sending, again_at } => {
                self.note_message(*round, *sending, *again_at)
            }
            Action::Release { phrases } => self.release(phrases),
            Action::RevokeLinks => self.record(What::LinksRevoked {}),
            Action::DisownLink => self.disown_link(),
            Action::CorrectContact => self.correct_contact(),
            Action::CompleteTask { task, words } => self.complete_task(*task, words.clone()),
            Action::ReassignTask { task, to } => self.reassign_task(*task, to),
            Action::EscalateTask { task } => self.escalate_task(*task),
            Action::OrderImaging { .. }
            | Action::DeclineImaging { .. }
            | Action::CancelOrder { .. }
            | Action::ScreenForScanner { .. }
            | Action::ScheduleScan { .. }
            | Action::AcceptWait { .. }
            | Action::StartScan { .. }
            | Action::EndScan { .. }
            | Action::ScanAs { .. }
            | Action::ReadLimited { .. } => self.act_on_order(action),
            Action::ReceiveReport { .. }
            | Action::AcknowledgeResult { .. }
            | Action::OrderTest { .. }
            | Action::ReceiveTestResult { .. } => self.act_on_result(action),
            Action::Discharge { .. }
            | Action::LeaveBeforeSeen { .. }
            | Action::LeaveAgainstAdvice { .. }
            | Action::Abscond { .. } => self.act_on_leaving(action),
            Action::OpenRecall { .. }
            | Action::MakeContact { .. }
            | Action::NoteReturn { .. }
            | Action::BookFollowUp { .. }
            | Action::AnswerCheckIn { .. }
            | Action::StopCheckIns { .. }
            | Action::ResumeCheckIns
            | Action::MergeInto { .. }
            | Action::TakeOver { .. }
            | Action::UndoMerge { .. } => self.act_afterwards(action),
            _ => self.act_on_moving(action),
        }
    }
}
