//! Everything that can happen in a visit, and the kind the table knows it by.

use cauda_guideline::facts::Role;
use cauda_guideline::vocabulary::Tier;
use serde::{Deserialize, Serialize};

use crate::answer::{Answer, Before};
use crate::check_in::{Planned, Round, Stop, Told};
use crate::clocks::TaskKind;
use crate::event::{
    Carried, FindingNumber, FindingSaid, Leaving, Less, LimitedImages, ReportState, ResultNumber,
    TaskNumber,
};
use crate::identity::{Actor, ActorId, Identity, StaffRole, Text, VisitId};
use crate::messaging::Messaged;
use crate::releasing::Released;
use crate::table::EventKind;
use crate::wire;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum What {
    /// The patient is here.
    Arrived {
        /// Who and which visit.
        identity: Identity,
        /// Of a return: what was left open.
        returning: Option<Carried>,
    },
    /// Triage is done.
    TriageRecorded {
        /// 1, most acute, to 5.
        acuity: u8,
    },
    /// The acuity is another.
    AcuityChanged {
        /// Before.
        from: Option<u8>,
        /// Now.
        to: u8,
        /// Why it was lowered.
        reason: Option<Text>,
    },
    /// Findings.
    FindingsRecorded {
        /// What was said.
        findings: Vec<FindingSaid>,
    },
    /// A group of findings signed as clear (CR6).
    Attested {
        /// Id of the attestation.
        attestation: String,
        /// As what it was signed.
        said_by: Role,
        /// When it was so.
        #[serde(with = "wire::instant")]
        at: i64,
    },
    /// Findings that were entered in error.
    FindingsWithdrawn {
        /// Their numbers.
        findings: Vec<FindingNumber>,
        /// Attestations taken back, by id.
        attestations: Vec<String>,
        /// Why.
        reason: Text,
    },
    /// A physician took the patient on.
    Seen {},
    /// A physician has examined.
    ExaminationRecorded {},
    /// The guideline's answer, when it changed or was asked for again.
    DecisionMade {
        /// What it was before.
        before: Option<Before>,
        /// What it is now.
        after: Box<Answer>,
    },
    /// The time of the decision is over.
    DecisionExpired {
        /// Since when.
        #[serde(with = "wire::instant")]
        valid_until: i64,
    },
    /// A scan was ordered.
    ImagingOrdered {
        /// Its number.
        order: ResultNumber,
        /// Id of the vocabulary.
        image: String,
        /// How urgent.
        tier: Tier,
        /// By when it begins.
        #[serde(with = "wire::instant")]
        deadline: i64,
        /// Facts of the decision it follows.
        decided_on: String,
        /// Why it is less than asked for.
        less: Option<Less>,
    },
    /// A scan that the guideline asks for was not ordered.
    ImagingDeclined {
        /// Id of the vocabulary.
        image: String,
        /// Why.
        less: Less,
    },
    /// The order waits, because the patient has left (CR22).
    OrderHeld {
        /// Which.
        order: ResultNumber,
    },
    /// A new decision makes the scan more urgent than it was ordered (CR27).
    OrderHastened {
        /// Which.
        order: ResultNumber,
        /// How urgent it is now.
        tier: Tier,
        /// By when it begins now.
        #[serde(with = "wire::instant")]
        deadline: i64,
    },
    /// The order is no longer wanted.
    OrderCancelled {
        /// Which.
        order: ResultNumber,
        /// Why.
        less: Less,
    },
    /// The patient was screened for the scanner.
    SafetyScreened {
        /// Which order.
        order: ResultNumber,
        /// Whether the scan may go on.
        cleared: bool,
        /// What was found.
        words: Option<Text>,
    },
    /// The scan has a place.
    ScanScheduled {
        /// Which order.
        order: ResultNumber,
        /// When it is expected to begin.
        #[serde(with = "wire::instant")]
        start: i64,
    },
    /// A consultant accepts a start after the deadline (CR21).
    WaitAccepted {
        /// Which order.
        order: ResultNumber,
        /// Why.
        reason: Text,
    },
    /// The scan has begun.
    ScanStarted {
        /// Which order.
        order: ResultNumber,
        /// Why it began although something stood in the way.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        despite: Option<Text>,
    },
    /// Another picture is taken than was ordered: a limited one, or the whole one after it (CR27).
    ScanChanged {
        /// Which order.
        order: ResultNumber,
        /// Id of the vocabulary, or a few words.
        image: String,
        /// What the limited pictures showed, where they were read.
        shows: Option<LimitedImages>,
        /// Why.
        words: Option<Text>,
    },
    /// The scan has ended.
    ScanEnded {
        /// Which order.
        order: ResultNumber,
        /// Whether all was seen; otherwise the order stays open.
        complete: bool,
    },
    /// A report has come.
    ReportReceived {
        /// Of which order or outside scan.
        order: ResultNumber,
        /// Preliminary, final or amended.
        state: ReportState,
        /// It shows an emergency.
        emergency: bool,
        /// What it says.
        words: Text,
    },
    /// Somebody has read the result and answers for what follows.
    ResultAcknowledged {
        /// Which.
        result: ResultNumber,
    },
    /// A test was sent whose result comes later.
    TestOrdered {
        /// Its number.
        result: ResultNumber,
        /// What.
        name: Text,
    },
    /// Its result has come.
    TestResulted {
        /// Which.
        result: ResultNumber,
        /// It asks for action now.
        emergency: bool,
        /// What it says.
        words: Text,
    },
    /// A team was asked.
    Referred {
        /// Its number.
        referral: u32,
        /// To whom.
        to: Text,
    },
    /// The team has answered.
    ReferralAnswered {
        /// Which.
        referral: u32,
        /// What.
        words: Text,
    },
    /// Another clinician is responsible.
    HandedOver {
        /// Who was.
        from: Option<Actor>,
        /// Who is.
        to: Actor,
        /// What was said.
        note: Option<Text>,
    },
    /// A bed or scanner elsewhere was asked for (CR21).
    TransferRequested {
        /// Where.
        site: Text,
        /// Its telephone.
        telephone: Option<Text>,
    },
    /// The other hospital takes the patient.
    TransferAccepted {
        /// Who said so there.
        accepted_by: Text,
    },
    /// The patient is on the way.
    Departed {
        /// What is done if it gets worse on the way.
        plan: Option<Text>,
    },
    /// The patient comes back from the way.
    TurnedBack {},
    /// The receiver has the patient.
    ArrivalConfirmed {
        /// Who said so.
        by: Text,
    },
    /// The patient stays in the hospital.
    Admitted {
        /// Where.
        ward: Text,
    },
    /// The patient stays to be looked at again.
    ObservationStarted {
        /// When.
        #[serde(with = "wire::instant")]
        again_at: i64,
    },
    /// The plan for the time after is signed.
    PlanSigned {
        /// The plan.
        plan: Text,
        /// What the patient is given to take or do, by the ids of the guideline's offers.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        offers: Vec<String>,
        /// The patient said in own words when to come back.
        #[serde(default)]
        taught_back: bool,
    },
    /// The patient goes home.
    Discharged {
        /// Why although the guideline does not say home.
        less: Option<Less>,
        /// The return card was given.
        card_given: bool,
        /// Who follows what is pending (CR19).
        pending_owner: Option<ActorId>,
    },
    /// Gone before a physician saw the patient.
    LeftBeforeSeen {
        /// What was done.
        leaving: Leaving,
    },
    /// Gone against advice.
    LeftAgainstAdvice {
        /// What was done.
        leaving: Leaving,
    },
    /// Gone without a word.
    Absconded {
        /// What was done.
        leaving: Leaving,
    },
    /// The patient has died; check-ins stop (CR23).
    Died {},
    /// This visit is another one's.
    MergedInto {
        /// Which.
        visit: VisitId,
    },
    /// Another visit is this one.
    MergedFrom {
        /// What it brings.
        carried: Carried,
    },
    /// The merge was wrong.
    Unmerged {
        /// Why.
        reason: Text,
    },
    /// Somebody looks at the patient later.
    FollowUpBooked {
        /// When.
        #[serde(with = "wire::instant")]
        on: i64,
        /// With whom.
        with: Text,
    },
    /// When the patient is asked at home; takes the place of an earlier plan.
    CheckInsPlanned {
        /// The rounds.
        rounds: Vec<Planned>,
    },
    /// The day of a round has come.
    CheckInDue {
        /// Which.
        round: Round,
    },
    /// The patient has answered a check-in.
    CheckInAnswered {
        /// A danger sign was told.
        danger: bool,
        /// The round it answers; nothing between rounds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        round: Option<Round>,
        /// What was told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        told: Option<Told>,
    },
    /// The patient is asked no more.
    CheckInsStopped {
        /// Why.
        why: Stop,
        /// In own words.
        words: Option<Text>,
    },
    /// A message that asks how it goes: claimed, sent, or not.
    Messaged(Messaged),
    /// What the patient may see of the visit from now on.
    Released {
        /// All of it.
        phrases: Vec<Released>,
    },
    /// Links given out before this are no longer good.
    LinksRevoked {},
    /// The patient must come back (CR19).
    RecallOpened {
        /// Why.
        reason: Text,
    },
    /// Somebody tried to reach the patient.
    ContactMade {
        /// Whether it worked.
        reached: bool,
        /// Whether the patient is safe, or looked after, so that nobody calls again.
        settled: bool,
        /// What was said.
        words: Option<Text>,
    },
    /// The patient is back, in a visit of the same episode.
    Returned {
        /// Which.
        visit: VisitId,
    },
    /// Somebody has something to do.
    TaskRaised {
        /// Its number.
        task: TaskNumber,
        /// What.
        kind: TaskKind,
        /// Whose it is.
        owner: StaffRole,
        /// Which person, where one is named.
        named: Option<ActorId>,
        /// The order, test or report it is about.
        about: Option<ResultNumber>,
        /// By when.
        #[serde(with = "wire::instant")]
        due: i64,
        /// When it goes to the next.
        #[serde(with = "wire::instant")]
        escalates: i64,
    },
    /// It is done.
    TaskDone {
        /// Which.
        task: TaskNumber,
        /// How, where it was said.
        words: Option<Text>,
    },
    /// It is no longer needed, because the visit went on.
    TaskClosed {
        /// Which.
        task: TaskNumber,
    },
    /// It is late.
    TaskOverdue {
        /// Which.
        task: TaskNumber,
    },
    /// It went to the next, and at last to the senior (CR9, CR19).
    TaskEscalated {
        /// Which.
        task: TaskNumber,
        /// To whom.
        to: StaffRole,
    },
    /// Another person has it.
    TaskReassigned {
        /// Which.
        task: TaskNumber,
        /// Who.
        to: ActorId,
    },
}

impl What {
    /// Its kind, as the table knows it.
    pub fn kind(&self) -> EventKind {
        match self {
            What::Arrived { .. } => EventKind::Arrived,
            What::TriageRecorded { .. } => EventKind::TriageRecorded,
            What::AcuityChanged { .. } => EventKind::AcuityChanged,
            What::FindingsRecorded { .. } => EventKind::FindingsRecorded,
            What::Attested { .. } => EventKind::Attested,
            What::FindingsWithdrawn { .. } => EventKind::FindingsWithdrawn,
            What::Seen {} => EventKind::Seen,
            What::ExaminationRecorded {} => EventKind::ExaminationRecorded,
            What::DecisionMade { after, .. } => after.verdict.class.kind(),
            What::DecisionExpired { .. } => EventKind::DecisionExpired,
            What::ImagingOrdered { .. } => EventKind::ImagingOrdered,
            What::ImagingDeclined { .. } => EventKind::ImagingDeclined,
            What::OrderHeld { .. } => EventKind::OrderHeld,
            What::OrderHastened { .. } => EventKind::OrderHastened,
            What::OrderCancelled { .. } => EventKind::OrderCancelled,
            What::SafetyScreened { .. } => EventKind::SafetyScreened,
            What::ScanScheduled { .. } => EventKind::ScanScheduled,
            What::WaitAccepted { .. } => EventKind::WaitAccepted,
            What::ScanStarted { .. } => EventKind::ScanStarted,
            What::ScanChanged { .. } => EventKind::ScanChanged,
            What::ScanEnded { complete: true, .. } => EventKind::ScanEnded,
            What::ScanEnded { complete: false, .. } => EventKind::ScanStopped,
            What::ReportReceived { state: ReportState::Amended, .. } => EventKind::ReportAmended,
            What::ReportReceived { .. } => EventKind::ReportReceived,
            What::ResultAcknowledged { .. } => EventKind::ResultAcknowledged,
            What::TestOrdered { .. } => EventKind::TestOrdered,
            What::TestResulted { .. } => EventKind::TestResulted,
            What::Referred { .. } => EventKind::Referred,
            What::ReferralAnswered { .. } => EventKind::ReferralAnswered,
            What::HandedOver { .. } => EventKind::HandedOver,
            What::TransferRequested { .. } => EventKind::TransferRequested,
            What::TransferAccepted { .. } => EventKind::TransferAccepted,
            What::Departed { .. } => EventKind::Departed,
            What::TurnedBack {} => EventKind::TurnedBack,
            What::ArrivalConfirmed { .. } => EventKind::ArrivalConfirmed,
            What::Admitted { .. } => EventKind::Admitted,
            What::ObservationStarted { .. } => EventKind::ObservationStarted,
            What::PlanSigned { .. } => EventKind::PlanSigned,
            What::Discharged { .. } => EventKind::Discharged,
            What::LeftBeforeSeen { .. } => EventKind::LeftBeforeSeen,
            What::LeftAgainstAdvice { .. } => EventKind::LeftAgainstAdvice,
            What::Absconded { .. } => EventKind::Absconded,
            What::Died {} => EventKind::Died,
            What::MergedInto { .. } => EventKind::MergedInto,
            What::MergedFrom { .. } => EventKind::MergedFrom,
            What::Unmerged { .. } => EventKind::Unmerged,
            What::FollowUpBooked { .. } => EventKind::FollowUpBooked,
            What::CheckInsPlanned { .. } => EventKind::CheckInsPlanned,
            What::CheckInDue { .. } => EventKind::CheckInDue,
            What::CheckInAnswered { .. } => EventKind::CheckInAnswered,
            What::CheckInsStopped { .. } => EventKind::CheckInsStopped,
            What::Messaged(_) => EventKind::Messaged,
            What::Released { .. } => EventKind::Released,
            What::LinksRevoked {} => EventKind::LinksRevoked,
            What::RecallOpened { .. } => EventKind::RecallOpened,
            What::ContactMade { .. } => EventKind::ContactMade,
            What::Returned { .. } => EventKind::Returned,
            What::TaskRaised { .. } => EventKind::TaskRaised,
            What::TaskDone { .. } => EventKind::TaskDone,
            What::TaskClosed { .. } => EventKind::TaskClosed,
            What::TaskOverdue { .. } => EventKind::TaskOverdue,
            What::TaskEscalated { .. } => EventKind::TaskEscalated,
            What::TaskReassigned { .. } => EventKind::TaskReassigned,
        }
    }
}
