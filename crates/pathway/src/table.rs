//! The finite skeleton of a visit: which kind of event leads from which phase
//! to which. `Visit` executes this very table for every event, and
//! `nobody_is_lost` searches it (SP9).

use crate::closed_list::closed_list;

closed_list! {
    /// Where a visit is. The last eight are the named ends.
    Phase {
        Expected = "expected",
        Arrived = "arrived, not yet triaged",
        Triaged = "triaged, waits for a physician",
        Assessing = "being assessed",
        Decided = "decided, to be carried out",
        WaitingForScan = "waiting for the scan",
        OnTable = "being scanned",
        ResultPending = "scanned, report awaited",
        ResultToAcknowledge = "report to acknowledge",
        Observed = "under observation",
        ReadyToLeave = "ready to leave",
        InTransfer = "on the way to another hospital",
        Discharged = "discharged",
        Admitted = "admitted",
        Transferred = "transferred, arrival confirmed",
        LeftBeforeSeen = "left before being seen",
        LeftAgainstAdvice = "left against advice",
        Absconded = "absconded",
        Died = "died",
        Merged = "merged into another visit",
    }
}

impl Phase {
    /// Whether the visit has ended.
    pub const fn is_end(self) -> bool {
        self as usize >= Phase::Discharged as usize
    }

    /// Whether the visit ended with a living patient.
    pub const fn is_alive_end(self) -> bool {
        self.is_end() && !matches!(self, Phase::Died | Phase::Merged)
    }

    /// Whether the patient is in the department, or on the way from it.
    pub const fn is_live(self) -> bool {
        !self.is_end() && self as usize != Phase::Expected as usize
    }

    /// Whether the patient went away and may have to be called back (CR19, CR22).
    pub const fn is_gone(self) -> bool {
        matches!(
            self,
            Phase::Discharged | Phase::LeftBeforeSeen | Phase::LeftAgainstAdvice | Phase::Absconded
        )
    }

    /// Whether the next step is that of a scan or its report.
    pub const fn awaits_result(self) -> bool {
        matches!(
            self,
            Phase::WaitingForScan
                | Phase::OnTable
                | Phase::ResultPending
                | Phase::ResultToAcknowledge
        )
    }

    /// Whether a physician has taken the patient on.
    pub const fn is_seen(self) -> bool {
        self.is_live() && self as usize >= Phase::Assessing as usize
    }
}

closed_list! {
    /// Kind of an event, as the table knows it. A decision is three kinds, by
    /// what it says.
    EventKind {
        Arrived = "arrived",
        TriageRecorded = "triage recorded",
        AcuityChanged = "acuity changed",
        FindingsRecorded = "findings recorded",
        Attested = "screened as a group",
        FindingsWithdrawn = "findings withdrawn",
        Seen = "seen by a physician",
        ExaminationRecorded = "examination recorded",
        DecidedUrgent = "decided: urgent or emergency",
        DecidedLesser = "decided: less than urgent",
        Undecided = "cannot decide",
        DecisionExpired = "decision expired",
        ImagingOrdered = "imaging ordered",
        ImagingDeclined = "imaging not ordered, with a reason",
        OrderHeld = "order held",
        OrderHastened = "order made more urgent",
        OrderCancelled = "order cancelled",
        SafetyScreened = "screened for the scanner",
        ScanScheduled = "scan scheduled",
        WaitAccepted = "waiting for the scanner accepted",
        ScanStarted = "scan started",
        ScanChanged = "another picture is taken",
        ScanStopped = "scan stopped",
        ScanEnded = "scan ended",
        ReportReceived = "report received",
        ReportAmended = "report amended",
        ResultAcknowledged = "result acknowledged",
        TestOrdered = "test ordered",
        TestResulted = "test result received",
        Referred = "referred",
        ReferralAnswered = "referral answered",
        HandedOver = "handed over",
        TransferRequested = "transfer requested",
        TransferAccepted = "transfer accepted",
        Departed = "departed",
        TurnedBack = "turned back",
        ArrivalConfirmed = "arrival confirmed by the receiver",
        Admitted = "admitted",
        ObservationStarted = "observation started",
        PlanSigned = "plan signed",
        Discharged = "discharged",
        LeftBeforeSeen = "left before being seen",
        LeftAgainstAdvice = "left against advice",
        Absconded = "absconded",
        Died = "died",
        MergedInto = "merged into another visit",
        MergedFrom = "another visit merged into this one",
        Unmerged = "merge undone",
        FollowUpBooked = "follow-up booked",
        CheckInsPlanned = "check-ins planned",
        CheckInDue = "check-in due",
        CheckInAnswered = "check-in answered",
        CheckInsStopped = "check-ins stopped",
        Messaged = "message to the patient",
        Released = "released to the patient",
        LinksRevoked = "links of the patient revoked",
        RecallOpened = "recall opened",
        ContactMade = "contact tried",
        Returned = "returned",
        TaskRaised = "task raised",
        TaskDone = "task done",
        TaskClosed = "task closed",
        TaskOverdue = "task overdue",
        TaskEscalated = "task escalated",
        TaskReassigned = "task reassigned",
    }
}

/// Number of phases.
pub const PHASES: usize = Phase::ALL.len();
/// Number of kinds of events.
pub const KINDS: usize = EventKind::ALL.len();
/// The next phase by phase and kind; nothing where the event cannot happen.
pub type Moves = [[Option<Phase>; KINDS]; PHASES];

use EventKind as K;
use Phase as P;

/// The phases in which the patient is in the department.
const IN_DEPARTMENT: &[Phase] = &[
    P::Arrived,
    P::Triaged,
    P::Assessing,
    P::Decided,
    P::WaitingForScan,
    P::OnTable,
    P::ResultPending,
    P::ResultToAcknowledge,
    P::Observed,
    P::ReadyToLeave,
];
const ENDS: &[Phase] = &[
    P::Discharged,
    P::Admitted,
    P::Transferred,
    P::LeftBeforeSeen,
    P::LeftAgainstAdvice,
    P::Absconded,
    P::Died,
];
const AT_HOME: &[Phase] = &[P::Discharged, P::LeftBeforeSeen, P::LeftAgainstAdvice, P::Absconded];
const ENDED_ALIVE: &[Phase] = &[
    P::Discharged,
    P::Admitted,
    P::Transferred,
    P::LeftBeforeSeen,
    P::LeftAgainstAdvice,
    P::Absconded,
];

/// What may happen in every phase of the department, on the way and after the
/// end, and leaves the phase as it is: nothing that is learnt or done about a
/// task is ever refused for the phase.
const STAYS_ANYWHERE: &[EventKind] = &[
    K::FindingsRecorded,
    K::Attested,
    K::FindingsWithdrawn,
    K::DecidedUrgent,
    K::DecidedLesser,
    K::Undecided,
    K::DecisionExpired,
    K::ImagingDeclined,
    K::OrderHeld,
    K::OrderHastened,
    K::OrderCancelled,
    K::ScanChanged,
    K::ScanStopped,
    K::ScanEnded,
    K::ReportReceived,
    K::ReportAmended,
    K::ResultAcknowledged,
    K::TestOrdered,
    K::TestResulted,
    K::Referred,
    K::ReferralAnswered,
    K::HandedOver,
    K::FollowUpBooked,
    K::MergedFrom,
    K::CheckInAnswered,
    K::Released,
    K::LinksRevoked,
    K::TaskRaised,
    K::TaskDone,
    K::TaskClosed,
    K::TaskOverdue,
    K::TaskEscalated,
    K::TaskReassigned,
];
/// What may also happen while the patient is here or on the way.
const STAYS_WHILE_LIVE: &[EventKind] = &[
    K::TriageRecorded,
    K::AcuityChanged,
    K::Seen,
    K::ExaminationRecorded,
    K::ImagingOrdered,
    K::SafetyScreened,
    K::ScanScheduled,
    K::WaitAccepted,
    K::ScanStarted,
    K::TransferRequested,
    K::TransferAccepted,
    K::ObservationStarted,
];
/// What may also happen after the visit has ended with a living patient.
const STAYS_AFTER_THE_END: &[EventKind] = &[
    K::CheckInsStopped,
    K::Messaged,
    K::RecallOpened,
    K::ContactMade,
    K::Returned,
    // Of a scan that was ordered before, or for an outpatient.
    K::SafetyScreened,
    K::ScanScheduled,
    K::ScanStarted,
];
/// What may also happen while the patient is at home.
const STAYS_AT_HOME: &[EventKind] = &[K::CheckInsPlanned, K::CheckInDue, K::ImagingOrdered];

/// What still happens in a merged visit: scans, results and tasks that began
/// here keep their owner here. Findings and decisions go to the other visit.
const STAYS_AFTER_A_MERGE: &[EventKind] = &[
    K::LinksRevoked,
    K::OrderHeld,
    K::OrderCancelled,
    K::SafetyScreened,
    K::ScanScheduled,
    K::ScanStarted,
    K::ScanChanged,
    K::ScanStopped,
    K::ScanEnded,
    K::ReportReceived,
    K::ReportAmended,
    K::ResultAcknowledged,
    K::TestResulted,
    K::ReferralAnswered,
    K::HandedOver,
    K::TaskRaised,
    K::TaskDone,
    K::TaskClosed,
    K::TaskOverdue,
    K::TaskEscalated,
    K::TaskReassigned,
];

/// The moves: a kind, the phases it starts from, the phase it leads to.
const MOVES: &[(EventKind, &[Phase], Phase)] = &[
    (K::Arrived, &[P::Expected], P::Arrived),
    (K::TriageRecorded, &[P::Arrived], P::Triaged),
    (K::Seen, &[P::Arrived, P::Triaged], P::Assessing),
    (K::ExaminationRecorded, &[P::Arrived, P::Triaged, P::Observed], P::Assessing),
    (K::DecidedUrgent, &[P::Assessing, P::Observed, P::ReadyToLeave], P::Decided),
    (K::DecidedLesser, &[P::Assessing], P::Decided),
    (K::Undecided, &[P::Decided, P::ReadyToLeave], P::Assessing),
    (
        K::ImagingOrdered,
        &[P::Arrived, P::Triaged, P::Assessing, P::Decided, P::Observed, P::ReadyToLeave],
        P::WaitingForScan,
    ),
    (K::OrderCancelled, &[P::WaitingForScan], P::Assessing),
    (K::ScanStarted, IN_DEPARTMENT, P::OnTable),
    // Also of one that was thought to be over: the rest is still to be scanned (CR27).
    (K::ScanStopped, &[P::OnTable, P::ResultPending], P::WaitingForScan),
    (K::ScanEnded, &[P::OnTable, P::WaitingForScan], P::ResultPending),
    (
        K::ReportReceived,
        &[
            P::Assessing,
            P::Decided,
            P::WaitingForScan,
            P::ResultPending,
            P::Observed,
            P::ReadyToLeave,
        ],
        P::ResultToAcknowledge,
    ),
    (
        K::ReportAmended,
        &[
            P::Assessing,
            P::Decided,
            P::WaitingForScan,
            P::ResultPending,
            P::Observed,
            P::ReadyToLeave,
        ],
        P::ResultToAcknowledge,
    ),
    (K::ResultAcknowledged, &[P::ResultToAcknowledge], P::Assessing),
    (K::ObservationStarted, &[P::Triaged, P::Assessing, P::Decided, P::ReadyToLeave], P::Observed),
    (K::PlanSigned, &[P::Assessing, P::Decided, P::Observed, P::ReadyToLeave], P::ReadyToLeave),
    (K::Discharged, &[P::Assessing, P::Decided, P::Observed, P::ReadyToLeave], P::Discharged),
    (K::Departed, IN_DEPARTMENT, P::InTransfer),
    (K::TurnedBack, &[P::InTransfer], P::Assessing),
    (K::ArrivalConfirmed, &[P::InTransfer], P::Transferred),
    (K::Admitted, IN_DEPARTMENT, P::Admitted),
    (K::Admitted, &[P::InTransfer], P::Admitted),
    (K::LeftBeforeSeen, &[P::Arrived, P::Triaged], P::LeftBeforeSeen),
    (K::LeftAgainstAdvice, IN_DEPARTMENT, P::LeftAgainstAdvice),
    (K::Absconded, IN_DEPARTMENT, P::Absconded),
    (K::Absconded, &[P::InTransfer], P::Absconded),
    (K::Died, IN_DEPARTMENT, P::Died),
    (K::Died, &[P::InTransfer], P::Died),
    (K::Died, ENDED_ALIVE, P::Died),
    (K::MergedInto, IN_DEPARTMENT, P::Merged),
    (K::MergedInto, &[P::InTransfer], P::Merged),
    (K::MergedInto, ENDS, P::Merged),
    // A merge that was wrong: somebody looks at the patient again (SP9).
    (K::Unmerged, &[P::Merged], P::Assessing),
];

const fn stay(moves: &mut Moves, phases: &[Phase], kinds: &[EventKind]) {
    let mut phase = 0;
    while phase < phases.len() {
        let mut kind = 0;
        while kind < kinds.len() {
            moves[phases[phase] as usize][kinds[kind] as usize] = Some(phases[phase]);
            kind += 1;
        }
        phase += 1;
    }
}

const fn build() -> Moves {
    let mut moves: Moves = [[None; KINDS]; PHASES];
    stay(&mut moves, IN_DEPARTMENT, STAYS_ANYWHERE);
    stay(&mut moves, IN_DEPARTMENT, STAYS_WHILE_LIVE);
    stay(&mut moves, &[P::InTransfer], STAYS_ANYWHERE);
    stay(&mut moves, &[P::InTransfer], STAYS_WHILE_LIVE);
    stay(&mut moves, ENDS, STAYS_ANYWHERE);
    stay(&mut moves, ENDED_ALIVE, STAYS_AFTER_THE_END);
    stay(&mut moves, AT_HOME, STAYS_AT_HOME);
    stay(&mut moves, &[P::Merged], STAYS_AFTER_A_MERGE);
    let mut row = 0;
    while row < MOVES.len() {
        let (kind, from, to) = MOVES[row];
        let mut phase = 0;
        while phase < from.len() {
            moves[from[phase] as usize][kind as usize] = Some(to);
            phase += 1;
        }
        row += 1;
    }
    moves
}

/// The moves of every visit.
pub const MOVES_OF_A_VISIT: Moves = build();
