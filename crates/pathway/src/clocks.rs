//! The closed list of tasks with owner, clock and escalation (CR19, CR20).
//!
//! Every number of minutes here is local policy of the department, as CR20 says;
//! none is a threshold of the guideline. A scan's clock is not here: it comes
//! from the deadline that the guideline gives its order.

use crate::closed_list::closed_list;
use crate::identity::StaffRole;
use crate::skeleton::Duty;

closed_list! {
    /// What somebody has to do.
    TaskKind {
        Triage = "triage",
        SeePatient = "see the patient",
        FinishAssessment = "finish the assessment",
        CarryOutDecision = "carry out the decision",
        Reexamine = "examine again",
        LetGo = "let the patient go, with sheet and card",
        ConfirmArrival = "confirm the arrival with the receiver",
        AnswerDangerSign = "physician to a danger sign",
        ActOnConcern = "act on the concern: order, call, admit",
        OrderWhatIsAsked = "order the scan the guideline asks for, or say why not",
        AnswerWorsening = "physician to a worsening; order and tier follow it",
        WatchConcern = "check power, saddle and bladder",
        Scan = "bring the patient to the scanner",
        Report = "report the scan",
        ReadLimited = "read the limited pictures: the scan ended before anybody did",
        CallForCompression = "limited pictures show compression: call spinal surgery",
        AcknowledgeResult = "acknowledge the report",
        AcknowledgeDanger = "acknowledge an emergency report",
        FollowTest = "follow the test result",
        CallBack = "call the patient back",
        Recall = "recall the patient, and tell the department",
        WelfareCheck = "find the patient: welfare check",
        TellReceiver = "tell the team that has the patient now",
        CallWithin48Hours = "call within 48 hours",
        CheckIn = "call: the check-in was not answered",
        CallAboutSigns = "call today: not sure of a danger sign",
        CallAtHome = "call the patient: worse, or did not say how it goes",
        LookAgain = "look again: no better after four weeks",
        BookAppointment = "book the appointment, and tell the patient",
        CorrectContact = "the link reached another person: correct the contact",
        Safeguarding = "safeguarding: left without capacity",
        TransferNow = "transfer now: no scanner in time",
        BladderScan = "bladder scan within 10 minutes of voiding",
        PainRelief = "pain relief before the examination",
        ScorePainAgain = "score pain again",
        RepeatQuestions = "ask again, with an interpreter if needed",
        RepeatExamination = "examine again after pain relief",
        SendBloods = "send the blood tests",
        SendCultures = "send the cultures",
        AorticUltrasound = "bedside ultrasound of the aorta",
        DecideReversal = "ask about anticoagulants, and decide on reversal",
        CallSpecialist = "call the specialist the guideline names",
        AnswerReferral = "answer the referral",
        SafetyScreen = "screen for the scanner",
        AnswerNotSafe = "screened, NOT safe to scan: decide with the radiologist",
        ReviewLoweredAcuity = "review the lowered acuity",
        ReviewDecision = "review: the guideline or an entry cannot be read",
    }
}

/// Owner and clock of a kind of task. Minutes run from the event that raised it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Whose it is.
    pub owner: StaffRole,
    /// Minutes until it is due.
    pub due: i64,
    /// Minutes until it goes to `to`.
    pub escalates: i64,
    /// To whom; from there it goes to the senior, and stays.
    pub to: StaffRole,
    /// Which duty of the skeleton it fulfils.
    pub duty: Option<Duty>,
}

const NURSE: StaffRole = StaffRole::BedsideNurse;
const DOCTOR: StaffRole = StaffRole::Physician;
const SENIOR: StaffRole = StaffRole::SeniorPhysician;
const CALLER: StaffRole = StaffRole::FollowUpNurse;

const fn clock(
    owner: StaffRole,
    due: i64,
    escalates: i64,
    to: StaffRole,
    duty: Option<Duty>,
) -> Clock {
    Clock { owner, due, escalates, to, duty }
}

impl TaskKind {
    /// Its owner and clock.
    pub const fn clock(self) -> Clock {
        let (next, concern) = (Some(Duty::Next), Some(Duty::Concern));
        let (result, recall) = (Some(Duty::Result), Some(Duty::Recall));
        match self {
            TaskKind::Triage => clock(StaffRole::TriageNurse, 10, 20, DOCTOR, next),
            TaskKind::SeePatient => clock(DOCTOR, 60, 120, SENIOR, next),
            TaskKind::FinishAssessment => clock(DOCTOR, 60, 120, SENIOR, next),
            TaskKind::CarryOutDecision => clock(DOCTOR, 30, 60, SENIOR, next),
            TaskKind::Reexamine => clock(DOCTOR, 120, 240, SENIOR, next),
            TaskKind::LetGo => clock(NURSE, 60, 120, DOCTOR, next),
            TaskKind::ConfirmArrival => clock(DOCTOR, 60, 120, SENIOR, next),
            TaskKind::AnswerDangerSign => clock(DOCTOR, 15, 30, SENIOR, concern),
            TaskKind::ActOnConcern => clock(DOCTOR, 30, 60, SENIOR, concern),
            TaskKind::OrderWhatIsAsked => clock(DOCTOR, 30, 60, SENIOR, None),
            TaskKind::AnswerWorsening => clock(DOCTOR, 15, 30, SENIOR, None),
            TaskKind::WatchConcern => clock(NURSE, 60, 75, DOCTOR, concern),
            TaskKind::Scan => clock(StaffRole::MriCoordinator, 0, 0, SENIOR, result),
            TaskKind::Report => clock(StaffRole::Radiologist, 60, 90, SENIOR, result),
            TaskKind::ReadLimited => clock(StaffRole::Radiologist, 15, 30, SENIOR, None),
            // As an emergency report.
            TaskKind::CallForCompression => clock(DOCTOR, 15, 30, SENIOR, None),
            TaskKind::AcknowledgeResult => clock(DOCTOR, 60, 120, SENIOR, result),
            TaskKind::AcknowledgeDanger => clock(DOCTOR, 15, 30, SENIOR, result),
            TaskKind::FollowTest => clock(DOCTOR, 48 * 60, 72 * 60, SENIOR, result),
            TaskKind::CallBack => clock(CALLER, 120, 150, SENIOR, recall),
            TaskKind::Recall => clock(DOCTOR, 30, 45, SENIOR, recall),
            TaskKind::WelfareCheck => clock(SENIOR, 60, 60, SENIOR, recall),
            TaskKind::TellReceiver => clock(DOCTOR, 30, 45, SENIOR, recall),
            TaskKind::CallWithin48Hours => clock(CALLER, 48 * 60, 50 * 60, DOCTOR, None),
            TaskKind::CheckIn => clock(CALLER, 48 * 60, 96 * 60, DOCTOR, None),
            TaskKind::CallAboutSigns => clock(CALLER, 120, 180, DOCTOR, None),
            TaskKind::CallAtHome => clock(CALLER, 24 * 60, 48 * 60, DOCTOR, None),
            TaskKind::LookAgain => clock(DOCTOR, 7 * 1_440, 10 * 1_440, SENIOR, None),
            TaskKind::BookAppointment => clock(CALLER, 72 * 60, 120 * 60, DOCTOR, None),
            TaskKind::CorrectContact => clock(CALLER, 24 * 60, 48 * 60, DOCTOR, None),
            TaskKind::Safeguarding => clock(SENIOR, 15, 15, SENIOR, None),
            TaskKind::TransferNow => clock(DOCTOR, 15, 30, SENIOR, None),
            TaskKind::BladderScan => clock(NURSE, 30, 45, DOCTOR, None),
            TaskKind::PainRelief => clock(NURSE, 20, 30, DOCTOR, None),
            TaskKind::ScorePainAgain => clock(NURSE, 60, 90, DOCTOR, None),
            TaskKind::RepeatQuestions => clock(DOCTOR, 60, 120, SENIOR, None),
            TaskKind::RepeatExamination => clock(DOCTOR, 60, 120, SENIOR, None),
            TaskKind::SendBloods => clock(NURSE, 30, 60, DOCTOR, None),
            TaskKind::SendCultures => clock(NURSE, 30, 60, DOCTOR, None),
            TaskKind::AorticUltrasound => clock(DOCTOR, 15, 30, SENIOR, None),
            TaskKind::DecideReversal => clock(DOCTOR, 15, 30, SENIOR, None),
            TaskKind::CallSpecialist => clock(DOCTOR, 30, 60, SENIOR, None),
            TaskKind::AnswerReferral => clock(StaffRole::SpinalSurgeon, 30, 60, SENIOR, None),
            TaskKind::SafetyScreen => clock(StaffRole::MriCoordinator, 30, 60, DOCTOR, None),
            // As where no scanner is in time: the scan does not come as it was ordered.
            TaskKind::AnswerNotSafe => clock(DOCTOR, 15, 30, SENIOR, None),
            TaskKind::ReviewLoweredAcuity => clock(DOCTOR, 30, 60, SENIOR, None),
            TaskKind::ReviewDecision => clock(DOCTOR, 15, 30, SENIOR, None),
        }
    }

    /// Whether it is done by what is done to the patient, so that nobody ticks it off.
    pub const fn is_done_by_doing(self) -> bool {
        match self.clock().duty {
            Some(Duty::Concern) => !matches!(self, TaskKind::WatchConcern),
            Some(_) => true,
            None => matches!(
                self,
                TaskKind::AnswerReferral
                    | TaskKind::OrderWhatIsAsked
                    | TaskKind::ReadLimited
                    | TaskKind::AnswerNotSafe
            ),
        }
    }

    /// Whether who ticks it off says what was found: a number or a finding belongs to it.
    pub const fn needs_words(self) -> bool {
        matches!(
            self,
            TaskKind::WatchConcern
                | TaskKind::BladderScan
                | TaskKind::ScorePainAgain
                | TaskKind::RepeatExamination
                | TaskKind::AorticUltrasound
                | TaskKind::CheckIn
                | TaskKind::CallAboutSigns
                | TaskKind::CallAtHome
                | TaskKind::LookAgain
                | TaskKind::CallForCompression
        )
    }

    /// Whether a named person owns it, across shifts and discharge (CR19).
    pub const fn is_named(self) -> bool {
        matches!(self.clock().duty, Some(Duty::Result) | Some(Duty::Recall))
    }

    /// The task an action or call of the guideline asks for, by the phrase's id.
    pub fn of_phrase(id: &str) -> Option<TaskKind> {
        Some(match id {
            "bladder_scan" | "measure_post_void_residual" => TaskKind::BladderScan,
            "pain_relief" | "pain_relief_within_30_minutes" => TaskKind::PainRelief,
            "score_pain_again_at_60_minutes" => TaskKind::ScorePainAgain,
            "interpreter_and_ask_again" | "answers_need_a_senior" => TaskKind::RepeatQuestions,
            "examine_again_after_pain_relief" => TaskKind::RepeatExamination,
            "markers_of_inflammation" => TaskKind::SendBloods,
            "blood_cultures_two_sets" => TaskKind::SendCultures,
            "aorta_ultrasound_now" => TaskKind::AorticUltrasound,
            "anticoagulant_check" | "anticoagulant_reversal" => TaskKind::DecideReversal,
            "spinal_surgery_now"
            | "vascular_surgery_now"
            | "cardiothoracic_surgery_now"
            | "neurology_now"
            | "urology_now"
            | "general_surgery_now"
            | "gynaecology_now"
            | "haematology_now"
            | "paediatrics" => TaskKind::CallSpecialist,
            _ => return None,
        })
    }
}

/// To whom an unanswered task goes next; nothing once the senior has it.
pub fn escalates_to(kind: TaskKind, holder: StaffRole) -> Option<StaffRole> {
    let clock = kind.clock();
    if holder == SENIOR {
        return None;
    }
    Some(if holder == clock.owner { clock.to } else { SENIOR })
}
