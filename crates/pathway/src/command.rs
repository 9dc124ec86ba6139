//! What somebody wants to do, and who may.

use cauda_guideline::facts::Role;
use cauda_guideline::vocabulary::Tier;

use crate::check_in::{Round, Stop, Told};
use crate::event::{
    Carried, FindingNumber, FindingSaid, Leaving, Less, LimitedImages, ReportState, ResultNumber,
    TaskNumber,
};
use crate::identity::{Actor, ActorId, CommandId, Identity, StaffRole, Text, VisitId};
use crate::messaging::Sending;
use crate::releasing::Released;

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
pub enum Action {
    /// The patient is here; of a return, with what `crate::carried` took along.
    Arrive {
        /// Who and which visit.
        identity: Identity,
        /// Of a return, what it brings along.
        returning: Option<Carried>,
    },
    /// Triage, 1 the most acute to 5.
    Triage {
        /// 1, most acute, to 5.
        acuity: u8,
        /// What was found and signed with it.
        found: Found,
    },
    /// Raises freely; lowering needs a reason (CR1).
    ChangeAcuity {
        /// The new acuity, 1 to 5.
        to: u8,
        /// Why.
        reason: Option<Text>,
    },
    /// Findings at any time, also after the end.
    Record {
        /// What was found and signed with it.
        found: Found,
    },
    /// Entered in error; what lowers the urgency is for a physician (CR18).
    Withdraw {
        /// Their numbers.
        findings: Vec<FindingNumber>,
        /// Ids of attestations taken back.
        attestations: Vec<String>,
        /// Why.
        reason: Text,
    },
    /// A physician takes the patient on.
    TakeOn,
    /// A physician has examined.
    Examine {
        /// What was found and signed with it.
        found: Found,
    },
    /// A scan. More than the guideline asks for needs no reason, less does (CR9).
    OrderImaging {
        /// Id of the vocabulary, or a few words.
        image: String,
        /// How urgent; nothing is as the guideline asks.
        tier: Option<Tier>,
        /// Why, where it is less than the guideline asks for.
        less: Option<Less>,
        /// When the scanner is free, in seconds, where that is known.
        earliest_start: Option<i64>,
    },
    /// A scan the guideline asks for is not ordered.
    DeclineImaging {
        /// Id of the vocabulary, or a few words.
        image: String,
        /// Why, where it is less than the guideline asks for.
        less: Less,
    },
    /// An order is taken back.
    CancelOrder {
        /// Number of the order.
        order: ResultNumber,
        /// Why, where it is less than the guideline asks for.
        less: Less,
    },
    /// The patient is screened for the scanner.
    ScreenForScanner {
        /// Number of the order.
        order: ResultNumber,
        /// Whether the scan may go on.
        cleared: bool,
        /// What is said of it.
        words: Option<Text>,
    },
    /// The scan gets a place.
    ScheduleScan {
        /// Number of the order.
        order: ResultNumber,
        /// When it is expected to begin, in seconds.
        start: i64,
    },
    /// A consultant accepts a start after the deadline (CR21).
    AcceptWait {
        /// Number of the order.
        order: ResultNumber,
        /// Why.
        reason: Text,
    },
    /// The scan begins.
    StartScan {
        /// Number of the order.
        order: ResultNumber,
        /// Why it began although something stood in the way.
        despite: Option<Text>,
    },
    /// The scan ends.
    EndScan {
        /// Number of the order.
        order: ResultNumber,
        /// Whether all was seen.
        complete: bool,
    },
    /// Another picture is taken than was ordered.
    ScanAs {
        /// Number of the order.
        order: ResultNumber,
        /// Id of the vocabulary, or a few words.
        image: String,
        /// Why; a limited one needs it.
        words: Option<Text>,
    },
    /// What the limited pictures show; the scan is extended unless every deficit is explained.
    ReadLimited {
        /// Number of the order.
        order: ResultNumber,
        /// What.
        shows: LimitedImages,
        /// By what every deficit is explained.
        words: Option<Text>,
    },
    /// A report comes, with what the radiologist codes of it.
    ReceiveReport {
        /// Number of the order.
        order: ResultNumber,
        /// Preliminary, final or amended.
        state: ReportState,
        /// It asks for action now.
        emergency: bool,
        /// What is said of it.
        words: Text,
        /// What was found and signed with it.
        found: Found,
    },
    /// The result is read, with what the physician makes of it.
    AcknowledgeResult {
        /// Number of the scan or test.
        result: ResultNumber,
        /// What was found and signed with it.
        found: Found,
    },
    /// A test whose result comes later.
    OrderTest {
        /// What is sent.
        name: Text,
    },
    /// Its result.
    ReceiveTestResult {
        /// Number of the scan or test.
        result: ResultNumber,
        /// It asks for action now.
        emergency: bool,
        /// What is said of it.
        words: Text,
        /// What was found and signed with it.
        found: Found,
    },
    /// A team is asked.
    Refer {
        /// Which team.
        to: Text,
    },
    /// It answers.
    AnswerReferral {
        /// Number of the referral.
        referral: u32,
        /// What is said of it.
        words: Text,
    },
    /// Another clinician is responsible (CR19).
    HandOver {
        /// Who takes the patient.
        to: Actor,
        /// What was said.
        note: Option<Text>,
    },
    /// A place elsewhere is asked for (CR21).
    RequestTransfer {
        /// Where.
        site: Text,
        /// Its telephone.
        telephone: Option<Text>,
    },
    /// It is given.
    AcceptTransfer {
        /// Who said so there.
        accepted_by: Text,
    },
    /// The patient leaves for it.
    Depart {
        /// The plan.
        plan: Option<Text>,
    },
    /// The patient comes back.
    TurnBack,
    /// The receiver has the patient.
    ConfirmArrival {
        /// Who said so.
        by: Text,
    },
    /// The patient is admitted.
    Admit {
        /// Where.
        ward: Text,
        /// Who follows what is pending.
        pending_owner: Option<ActorId>,
    },
    /// The patient stays to be examined again.
    Observe {
        /// When, in seconds.
        again_at: i64,
    },
    /// The plan for the time after.
    SignPlan {
        /// The plan.
        plan: Text,
        /// What the patient is given to take or do, by the ids of the guideline's offers.
        offers: Vec<String>,
        /// The patient said in own words when to come back.
        taught_back: bool,
    },
    /// Home (CR3, CR14, CR19).
    Discharge {
        /// Why, where it is less than the guideline asks for.
        less: Option<Less>,
        /// The return card was given.
        card_given: bool,
        /// Who follows what is pending.
        pending_owner: Option<ActorId>,
    },
    /// Gone before being seen (CR22).
    LeaveBeforeSeen {
        /// What was said and done.
        leaving: Leaving,
    },
    /// Gone against advice (CR22).
    LeaveAgainstAdvice {
        /// What was said and done.
        leaving: Leaving,
    },
    /// Gone without a word (CR22).
    Abscond {
        /// What was said and done.
        leaving: Leaving,
    },
    /// The patient has died.
    RecordDeath,
    /// This visit belongs to another one.
    MergeInto {
        /// Id of the other visit.
        visit: VisitId,
    },
    /// Another visit belongs to this one.
    TakeOver {
        /// What it brings along.
        carried: Carried,
    },
    /// A merge was wrong.
    UndoMerge {
        /// Why.
        reason: Text,
    },
    /// Somebody looks at the patient later.
    BookFollowUp {
        /// When, in seconds.
        on: i64,
        /// With whom.
        with: Text,
    },
    /// A check-in is answered.
    AnswerCheckIn {
        /// What was told.
        told: Told,
        /// Findings that belong to it.
        found: Found,
    },
    /// The patient is asked no more.
    StopCheckIns {
        /// Why.
        why: Stop,
        /// In own words.
        words: Option<Text>,
    },
    /// A message that is due will be sent now.
    ClaimMessage {
        /// Of which round.
        round: Round,
    },
    /// What became of a message.
    NoteMessage {
        /// Of which round.
        round: Round,
        /// How it stands.
        sending: Sending,
        /// When it is tried again, in seconds.
        again_at: Option<i64>,
    },
    /// What the patient may see of the visit.
    Release {
        /// All of it; nothing takes back what was released.
        phrases: Vec<Released>,
    },
    /// Those that are still ahead go on.
    ResumeCheckIns,
    /// Links given out so far are no longer good.
    RevokeLinks,
    /// The link reached another person.
    DisownLink,
    /// The way to write to the patient is another one.
    CorrectContact,
    /// The patient must come back (CR19).
    OpenRecall {
        /// Why.
        reason: Text,
    },
    /// Somebody tried to reach the patient.
    MakeContact {
        /// Whether it worked.
        reached: bool,
        /// Nobody needs to call again.
        settled: bool,
        /// What is said of it.
        words: Option<Text>,
    },
    /// The patient is back, in that visit.
    NoteReturn {
        /// Id of the other visit.
        visit: VisitId,
    },
    /// A task is done.
    CompleteTask {
        /// Number of the task.
        task: TaskNumber,
        /// What is said of it.
        words: Option<Text>,
    },
    /// A task goes to a named person.
    ReassignTask {
        /// Number of the task.
        task: TaskNumber,
        /// Who has it from now on.
        to: ActorId,
    },
    /// A task goes up before its time.
    EscalateTask {
        /// Number of the task.
        task: TaskNumber,
    },
    /// Time has passed.
    PassTime,
}

impl Action {
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
            Action::StartScan { .. }
            | Action::EndScan { .. }
            | Action::ScanAs { .. }
            | Action::ReadLimited { .. } => clinical || scanner || machine,
            Action::ReceiveReport { .. } => role.is_physician() || machine,
            Action::ReceiveTestResult { .. } | Action::Record { .. } => clinical || machine,
            Action::Arrive { .. }
            | Action::MergeInto { .. }
            | Action::TakeOver { .. }
            | Action::UndoMerge { .. }
            | Action::NoteReturn { .. }
            | Action::BookFollowUp { .. }
            | Action::AnswerCheckIn { .. }
            | Action::StopCheckIns { .. }
            | Action::DisownLink
            | Action::CorrectContact
            | Action::RevokeLinks => clinical || machine || role == StaffRole::Clerk,
            Action::ResumeCheckIns => role.treats() || role.is_nurse(),
            Action::Release { .. } => role.treats() || role.is_nurse(),
            Action::ClaimMessage { .. } | Action::NoteMessage { .. } => machine,
            Action::EscalateTask { .. } | Action::CompleteTask { .. } | Action::PassTime => true,
            _ => clinical,
        }
    }
}
