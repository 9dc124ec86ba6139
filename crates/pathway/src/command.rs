//! What somebody wants to do, and who may.

use cauda_guideline::facts::Role;
use cauda_guideline::vocabulary::Tier;

use crate::event::{
    Carried, FindingNumber, FindingSaid, Leaving, Less, ReportState, ResultNumber, TaskNumber,
};
use crate::identity::{Actor, ActorId, CommandId, Identity, StaffRole, Text, VisitId};

/// One command. Applied once: the same id again yields no events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its id.
    pub id: CommandId,
    /// Who wants it.
    pub by: Actor,
    /// What.
    pub action: Action,
}

/// A group that somebody signs as clear (CR6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedGroup {
    /// Id of the attestation.
    pub attestation: String,
    /// As what it is signed.
    pub said_by: Role,
    /// When it was so.
    pub at: i64,
}

/// What was found and signed in one go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Findings.
    pub findings: Vec<FindingSaid>,
    /// Groups signed as clear.
    pub signed: Vec<SignedGroup>,
}

/// What to do. The events it leads to are described at `event::What`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Action {
    /// The patient is here; of a return, with what `returning::carried` took along.
    Arrive { identity: Identity, returning: Option<Carried> },
    /// Triage, 1 the most acute to 5.
    Triage { acuity: u8, found: Found },
    /// Raises freely; lowering needs a reason (CR1).
    ChangeAcuity { to: u8, reason: Option<Text> },
    /// Findings at any time, also after the end.
    Record { found: Found },
    /// Entered in error; what lowers the urgency is for a physician (CR18).
    Withdraw { findings: Vec<FindingNumber>, attestations: Vec<String>, reason: Text },
    /// A physician takes the patient on.
    TakeOn,
    /// A physician has examined.
    Examine { found: Found },
    /// A scan. More than the guideline asks for needs no reason, less does (CR9).
    OrderImaging {
        image: String,
        tier: Option<Tier>,
        less: Option<Less>,
        earliest_start: Option<i64>,
    },
    /// A scan the guideline asks for is not ordered.
    DeclineImaging { image: String, less: Less },
    /// An order is taken back.
    CancelOrder { order: ResultNumber, less: Less },
    /// The patient is screened for the scanner.
    ScreenForScanner { order: ResultNumber, cleared: bool, words: Option<Text> },
    /// The scan gets a place.
    ScheduleScan { order: ResultNumber, start: i64 },
    /// A consultant accepts a start after the deadline (CR21).
    AcceptWait { order: ResultNumber, reason: Text },
    /// The scan begins.
    StartScan { order: ResultNumber },
    /// The scan ends.
    EndScan { order: ResultNumber, complete: bool },
    /// A report comes, with what the radiologist codes of it.
    ReceiveReport {
        order: ResultNumber,
        state: ReportState,
        emergency: bool,
        words: Text,
        found: Found,
    },
    /// The result is read, with what the physician makes of it.
    AcknowledgeResult { result: ResultNumber, found: Found },
    /// A test whose result comes later.
    OrderTest { name: Text },
    /// Its result.
    ReceiveTestResult { result: ResultNumber, emergency: bool, words: Text, found: Found },
    /// A team is asked.
    Refer { to: Text },
    /// It answers.
    AnswerReferral { referral: u32, words: Text },
    /// Another clinician is responsible (CR19).
    HandOver { to: Actor, note: Option<Text> },
    /// A place elsewhere is asked for (CR21).
    RequestTransfer { site: Text, telephone: Option<Text> },
    /// It is given.
    AcceptTransfer { accepted_by: Text },
    /// The patient leaves for it.
    Depart { plan: Option<Text> },
    /// The patient comes back.
    TurnBack,
    /// The receiver has the patient.
    ConfirmArrival { by: Text },
    /// The patient is admitted.
    Admit { ward: Text, pending_owner: Option<ActorId> },
    /// The patient stays to be examined again.
    Observe { again_at: i64 },
    /// The plan for the time after.
    SignPlan { plan: Text },
    /// Home (CR3, CR14, CR19).
    Discharge { less: Option<Less>, card_given: bool, pending_owner: Option<ActorId> },
    /// Gone before being seen (CR22).
    LeaveBeforeSeen { leaving: Leaving },
    /// Gone against advice (CR22).
    LeaveAgainstAdvice { leaving: Leaving },
    /// Gone without a word (CR22).
    Abscond { leaving: Leaving },
    /// The patient has died.
    RecordDeath,
    /// This visit belongs to another one.
    MergeInto { visit: VisitId },
    /// Another visit belongs to this one.
    TakeOver { carried: Carried },
    /// A merge was wrong.
    UndoMerge { reason: Text },
    /// Somebody looks at the patient later.
    BookFollowUp { on: i64, with: Text },
    /// A check-in is answered.
    AnswerCheckIn { danger: bool, found: Found },
    /// The patient must come back (CR19).
    OpenRecall { reason: Text },
    /// Somebody tried to reach the patient.
    MakeContact { reached: bool, settled: bool, words: Option<Text> },
    /// The patient is back, in that visit.
    NoteReturn { visit: VisitId },
    /// A task is done.
    CompleteTask { task: TaskNumber, words: Option<Text> },
    /// A task goes to a named person.
    ReassignTask { task: TaskNumber, to: ActorId },
    /// A task goes up before its time.
    EscalateTask { task: TaskNumber },
    /// Time has passed.
    PassTime,
}

impl Action {
    /// Whether it only raises care or attention: never refused for a role that
    /// works with patients, nor for a limit smaller than the hard one (CR9).
    pub fn escalates(&self) -> bool {
        matches!(
            self,
            Action::EscalateTask { .. }
                | Action::OpenRecall { .. }
                | Action::Refer { .. }
                | Action::RequestTransfer { .. }
                | Action::PassTime
        )
    }

    /// Whether somebody in that role may ask for it.
    pub fn is_for(&self, role: StaffRole) -> bool {
        let clinical = role.is_physician() || role.is_nurse();
        let machine = role == StaffRole::System;
        let scanner = matches!(role, StaffRole::MriCoordinator | StaffRole::Radiologist);
        match self {
            Action::TakeOn
            | Action::Examine { .. }
            | Action::OrderImaging { .. }
            | Action::DeclineImaging { .. }
            | Action::CancelOrder { .. }
            | Action::AcknowledgeResult { .. }
            | Action::Admit { .. }
            | Action::Observe { .. }
            | Action::SignPlan { .. }
            | Action::Discharge { .. } => role.treats(),
            Action::AcceptWait { .. } => {
                matches!(role, StaffRole::SeniorPhysician | StaffRole::SpinalSurgeon)
            }
            Action::ScreenForScanner { .. } | Action::ScheduleScan { .. } => clinical || scanner,
            Action::StartScan { .. } | Action::EndScan { .. } | Action::ReceiveReport { .. } => {
                clinical || scanner || machine
            }
            Action::ReceiveTestResult { .. } | Action::Record { .. } => clinical || machine,
            Action::Arrive { .. }
            | Action::MergeInto { .. }
            | Action::TakeOver { .. }
            | Action::UndoMerge { .. }
            | Action::NoteReturn { .. }
            | Action::BookFollowUp { .. }
            | Action::AnswerCheckIn { .. } => clinical || machine || role == StaffRole::Clerk,
            Action::EscalateTask { .. } | Action::CompleteTask { .. } | Action::PassTime => true,
            _ => clinical,
        }
    }
}
