//! What is refused, with which sentence, and what never is (CR1, CR3, CR9, CR14).

use cauda_guideline::facts::Role;
use cauda_guideline::vocabulary::Tier;
use cauda_pathway::check_in::Told;
use cauda_pathway::clocks::TaskKind;
use cauda_pathway::command::{Action, Command};
use cauda_pathway::event::{LessReason, ReportState, What};
use cauda_pathway::identity::{ActorId, CommandId, PatientId, StaffRole, Text};
use cauda_pathway::refusal::Why;
use cauda_pathway::table::Phase;
use cauda_pathway::tasks::TaskState;
use cauda_pathway::{EVENTS_MAX, FINDINGS_MAX, handle};

use crate::department::{
    HOUR, MINUTE, STRAIN, Ward, actor, less, nurse, physician, senior, text, triage_nurse,
};
use crate::shipped::guideline;

const MORNING: &str = "2026-11-24T09:00:00Z";

fn emergency() -> Ward {
    let mut ward = Ward::at(MORNING);
    ward.triaged(2, &[("age", "45 a"), ("saddle_numbness", "new")]);
    ward
}

fn order(image: &str, tier: Option<Tier>) -> Action {
    Action::OrderImaging { image: image.into(), tier, less: None, earliest_start: None }
}

#[test]
fn a_danger_sign_brings_the_physician_and_at_30_minutes_the_senior() {
    let mut ward = emergency();
    assert!(ward.has(TaskKind::BladderScan));
    assert_eq!(ward.visit.phase, Phase::Triaged);
    let refused = order(&ward.asked_image(), None);
    ward.refused(&triage_nurse(), refused, Why::NotYourRole);
    ward.later(16 * MINUTE);
    let task = ward.task(TaskKind::AnswerDangerSign).unwrap();
    assert_eq!((task.state, task.holder), (TaskState::Overdue, StaffRole::Physician));
    ward.later(14 * MINUTE);
    let task = ward.task(TaskKind::AnswerDangerSign).unwrap();
    assert_eq!((task.state, task.holder), (TaskState::Escalated, StaffRole::SeniorPhysician));
    ward.later(HOUR);
    let task = ward.task(TaskKind::AnswerDangerSign).unwrap();
    assert_eq!((task.holder, task.escalates), (StaffRole::SeniorPhysician, None));
}

#[test]
fn more_needs_no_reason_and_less_does() {
    let mut ward = emergency();
    ward.examined(&[]);
    let image = ward.asked_image();
    let lower = Action::OrderImaging {
        image: image.clone(),
        tier: Some(Tier::Urgent),
        less: None,
        earliest_start: None,
    };
    let message = ward.refused(&physician(), lower, Why::ReasonNeeded);
    assert!(message.contains("emergency"), "{message}");
    let smaller = order("mri_lumbar_limited", None);
    ward.refused(&physician(), smaller, Why::ReasonNeeded);
    ward.go(&physician(), order("mri_whole_spine", Some(Tier::Immediate)));
    // Something the guideline has no name for is more, too.
    ward.go(&physician(), order("angiography of the cord", None));
    // With the larger one ordered, the smaller one is more as well.
    ward.go(&physician(), order("mri_lumbar_limited", None));
    let less = Some(less(LessReason::SpecialistAdvice));
    let tier = Some(Tier::Booked);
    ward.go(&physician(), Action::OrderImaging { image, tier, less, earliest_start: None });
    assert_eq!(ward.visit.overrides.len(), 1);
}

#[test]
fn the_deadline_is_the_guidelines() {
    let mut ward = emergency();
    ward.examined(&[]);
    let image = ward.asked_image();
    ward.order(&image);
    let order = ward.visit.result(1).unwrap().order.clone().unwrap();
    assert_eq!((order.tier, order.deadline), (Tier::Emergency, ward.now + 4 * HOUR));
    assert_eq!(ward.task(TaskKind::Scan).unwrap().due, order.deadline);
}

#[test]
fn a_worsening_while_the_scan_is_awaited_brings_the_physician_again() {
    let mut ward = Ward::at(MORNING);
    ward.triaged(2, &[("age", "60 a"), ("known_cancer", "present")]);
    ward.examined(&[]);
    assert_eq!(ward.visit.tier(), Tier::Urgent);
    let image = ward.asked_image();
    ward.order(&image);
    assert_eq!(ward.task(TaskKind::WatchConcern).unwrap().due, ward.now + 4 * HOUR);
    ward.now += HOUR;
    let found = ward.found(Role::Nurse, &[("urinary_retention", "new")]);
    ward.go(&nurse(), Action::Record { found });
    assert_eq!(ward.visit.tier(), Tier::Emergency);
    assert_eq!(ward.visit.phase, Phase::WaitingForScan);
    assert_eq!(ward.task(TaskKind::AnswerWorsening).unwrap().due, ward.now + 15 * MINUTE);
    assert_eq!(ward.task(TaskKind::WatchConcern).unwrap().due, ward.now + HOUR);
    let image = ward.asked_image();
    ward.order(&image);
    assert!(!ward.has(TaskKind::AnswerWorsening));
    assert_eq!(ward.visit.result(2).unwrap().order.as_ref().unwrap().tier, Tier::Emergency);
}

#[test]
fn another_scan_or_watching_does_not_hide_the_one_that_is_asked_for() {
    let mut ward = emergency();
    ward.examined(&[]);
    ward.order("xray_pelvis");
    assert_eq!(ward.visit.phase, Phase::WaitingForScan);
    assert!(ward.has(TaskKind::OrderWhatIsAsked));
    ward.later(61 * MINUTE);
    let task = ward.task(TaskKind::OrderWhatIsAsked).unwrap();
    assert_eq!(task.holder, StaffRole::SeniorPhysician);
    let image = ward.asked_image();
    ward.go(
        &physician(),
        Action::DeclineImaging { image, less: less(LessReason::PatientDeclines) },
    );
    assert!(!ward.has(TaskKind::OrderWhatIsAsked));
    let mut ward = emergency();
    ward.examined(&[]);
    let again_at = ward.now + 3 * HOUR;
    ward.go(&physician(), Action::Observe { again_at });
    assert!(ward.has(TaskKind::ActOnConcern), "watching is not acting");
    let plan = Action::SignPlan { plan: text("rest"), offers: vec![], taught_back: false };
    ward.refused(&physician(), plan, Why::NotHome);
}

#[test]
fn news_after_the_end_reaches_somebody() {
    // A danger told at the check-in.
    let mut ward = Ward::strain(MORNING, "34 a");
    let home = Action::Discharge { less: None, card_given: true, pending_owner: None };
    ward.go(&physician(), home);
    ward.now += 48 * HOUR;
    let found = ward.found(Role::Patient, &[("urinary_retention", "new")]);
    ward.go(&nurse(), Action::AnswerCheckIn { told: Told::default(), found });
    assert_eq!((ward.visit.phase, ward.visit.tier()), (Phase::Discharged, Tier::Emergency));
    assert_eq!(ward.task(TaskKind::Recall).unwrap().due, ward.now + 30 * MINUTE);
    // A culture that grows after the admission.
    let mut ward = emergency();
    ward.examined(&[]);
    ward.go(&physician(), Action::OrderTest { name: text("blood cultures") });
    ward.go(&physician(), Action::Admit { ward: text("spinal unit"), pending_owner: None });
    assert_eq!(ward.task(TaskKind::FollowTest).unwrap().named, Some(physician().id));
    ward.now += 30 * HOUR;
    let grown = Action::ReceiveTestResult {
        result: 1,
        emergency: true,
        words: text("staphylococcus aureus in two of two"),
        found: Default::default(),
    };
    ward.go(&actor("lab", StaffRole::System), grown);
    assert!(ward.has(TaskKind::TellReceiver) && ward.has(TaskKind::AcknowledgeDanger));
}

#[test]
fn what_a_return_left_open_stands_until_a_physician_has_examined() {
    let mut ward = emergency();
    let leaving = crate::department::leaving(cauda_pathway::event::Capacity::Present);
    ward.go(&triage_nurse(), Action::LeaveBeforeSeen { leaving });
    let mut brought = cauda_pathway::carried(&ward.visit, guideline()).unwrap();
    // Even if no finding came along.
    brought.findings.clear();
    let mut back = Ward::arriving(ward.now + HOUR, "visit-2", Some(brought.clone()));
    assert_eq!(back.visit.tier(), Tier::Emergency);
    assert!(back.has(TaskKind::AnswerDangerSign));
    back.examined(&[("saddle_numbness", "absent")]);
    assert_eq!(back.visit.tier(), Tier::None);
    // Nothing that reassures comes along.
    brought.findings = ward.said(Role::Physician, &[("saddle_numbness", "absent")]);
    let mut other = Ward::at(MORNING);
    other.refused(&nurse(), Action::TakeOver { carried: brought }, Why::Unreadable);
}

#[test]
fn severe_pain_is_relieved_first_and_scored_again() {
    let mut ward = Ward::at(MORNING);
    ward.triaged(3, &[("age", "34 a"), ("pain_score", "9")]);
    assert_eq!(ward.task(TaskKind::PainRelief).unwrap().due, ward.now + 20 * MINUTE);
    assert_eq!(ward.task(TaskKind::ScorePainAgain).unwrap().due, ward.now + 60 * MINUTE);
    ward.later(31 * MINUTE);
    assert_eq!(ward.task(TaskKind::PainRelief).unwrap().holder, StaffRole::Physician);
}

#[test]
fn a_physicians_task_is_not_done_by_a_nurse() {
    let mut ward = Ward::at(MORNING);
    ward.triaged(3, &[("history_reliability", "language"), ("saddle_numbness", "absent")]);
    let task = ward.task(TaskKind::RepeatQuestions).unwrap().number;
    ward.refused(&nurse(), Action::CompleteTask { task, words: None }, Why::NotYourRole);
    ward.go(&physician(), Action::CompleteTask { task, words: None });
}

#[test]
fn a_call_that_reached_nobody_settles_nothing() {
    let leaving = crate::department::leaving(cauda_pathway::event::Capacity::Present);
    let mut ward = emergency();
    ward.go(&triage_nurse(), Action::LeaveBeforeSeen { leaving });
    let words = Some(text("no answer"));
    ward.go(&nurse(), Action::MakeContact { reached: false, settled: true, words: words.clone() });
    assert!(ward.visit.to_reach && ward.has(TaskKind::WelfareCheck));
    ward.go(&nurse(), Action::MakeContact { reached: true, settled: true, words });
    assert_eq!(ward.visit.open_tasks().count(), 0);
    // Of somebody whom nobody has to reach, no search.
    ward.go(&nurse(), Action::MakeContact { reached: false, settled: false, words: None });
    assert!(!ward.has(TaskKind::WelfareCheck));
}

#[test]
fn triage_done_again_never_lowers_the_acuity() {
    let mut ward = emergency();
    ward.triaged(4, &[]);
    assert_eq!(ward.visit.acuity, Some(2));
    ward.triaged(1, &[]);
    assert_eq!(ward.visit.acuity, Some(1));
}

#[test]
fn a_worsening_that_the_physician_found_needs_no_second_one() {
    let mut ward = emergency();
    ward.examined(&[]);
    ward.seen(&[("cauda_equina_worsening_told", "present")]);
    assert_eq!(ward.visit.tier(), Tier::Immediate);
    assert!(!ward.has(TaskKind::AnswerWorsening));
}

#[test]
fn a_clock_that_went_back_dates_no_finding_in_the_future() {
    let mut ward = Ward::strain(MORNING, "34 a");
    ward.now -= HOUR;
    ward.go(&physician(), Action::Examine { found: Default::default() });
    assert_eq!(ward.disposition(), Some("home"));
}

#[test]
fn nobody_leaves_with_an_open_concern_before_capacity_is_judged() {
    let mut ward = emergency();
    let leaving = crate::department::leaving(cauda_pathway::event::Capacity::NotAssessed);
    ward.refused(&physician(), Action::LeaveAgainstAdvice { leaving }, Why::OwnerNeeded);
}

#[test]
fn who_came_back_is_examined_before_home_though_all_is_clear() {
    let mut ward = Ward::strain(MORNING, "34 a");
    for event in &mut ward.events {
        if let What::Arrived { returning, .. } = &mut event.what {
            *returning = Some(cauda_pathway::event::Carried {
                from: cauda_pathway::identity::VisitId::new("visit-0").unwrap(),
                tier: Tier::Emergency,
                raised: Vec::new(),
                findings: Vec::new(),
                held: Vec::new(),
                began: None,
                check_ins: Vec::new(),
                danger: None,
                to_reach: false,
            });
        }
    }
    ward.events.retain(|event| !matches!(event.what, What::ExaminationRecorded {}));
    ward.visit = cauda_pathway::fold(&ward.events);
    let home = Action::Discharge { less: None, card_given: true, pending_owner: None };
    let message = ward.visit_refuses(&physician(), home, Why::NotHome);
    assert!(message.contains("came back"), "{message}");
}

#[test]
fn a_report_of_a_cancelled_order_is_read_all_the_same() {
    let mut ward = emergency();
    ward.examined(&[]);
    let image = ward.asked_image();
    ward.order(&image);
    let less = less(LessReason::AlreadyScanned);
    ward.go(&physician(), Action::CancelOrder { order: 1, less });
    assert!(!ward.visit.is_pending());
    let report = Action::ReceiveReport {
        order: 1,
        state: ReportState::Final,
        emergency: true,
        words: text("large central disc"),
        found: Default::default(),
    };
    ward.go(&physician(), report);
    assert!(ward.has(TaskKind::AcknowledgeDanger));
}

#[test]
fn an_immediate_scan_counts_from_the_suspicion() {
    let mut ward = emergency();
    let suspected = ward.now;
    ward.now += 20 * MINUTE;
    ward.examined(&[("cauda_equina_worsening_told", "present")]);
    assert_eq!(ward.visit.tier(), Tier::Immediate);
    let image = ward.asked_image();
    ward.order(&image);
    let order = ward.visit.result(1).unwrap().order.clone().unwrap();
    assert_eq!((order.tier, order.deadline), (Tier::Immediate, suspected + HOUR));
}

#[test]
fn an_amended_report_recalls_though_it_names_no_emergency() {
    let mut ward = Ward::strain(MORNING, "50 a");
    ward.order("xray_painful_level");
    let report = |state| Action::ReceiveReport {
        order: 1,
        state,
        emergency: false,
        words: text("see the addendum"),
        found: Default::default(),
    };
    ward.go(&physician(), report(ReportState::Final));
    let read = Action::AcknowledgeResult { result: 1, found: Default::default() };
    ward.go(&physician(), read);
    let home = Action::Discharge { less: None, card_given: true, pending_owner: None };
    ward.go(&physician(), home);
    assert_eq!(ward.visit.open_tasks().count(), 0);
    ward.now += HOUR;
    let coordinator = actor("m.ito", StaffRole::MriCoordinator);
    ward.refused(&coordinator, report(ReportState::Amended), Why::NotYourRole);
    ward.go(&physician(), report(ReportState::Amended));
    assert!(ward.has(TaskKind::Recall) && ward.has(TaskKind::AcknowledgeResult));
}

#[test]
fn a_nurse_raises_freely_and_lowers_with_a_reason() {
    let mut ward = emergency();
    ward.go(&triage_nurse(), Action::ChangeAcuity { to: 1, reason: None });
    let lower = Action::ChangeAcuity { to: 4, reason: None };
    ward.refused(&triage_nurse(), lower, Why::ReasonNeeded);
    ward.go(&triage_nurse(), Action::ChangeAcuity { to: 3, reason: Some(text("typed wrong")) });
    assert!(ward.has(TaskKind::ReviewLoweredAcuity));
}

#[test]
fn a_child_goes_home_only_with_a_senior() {
    let mut ward = Ward::strain(MORNING, "15 a");
    let discharge = |less| Action::Discharge { less, card_given: true, pending_owner: None };
    let message = ward.refused(&physician(), discharge(None), Why::NotHome);
    assert!(message.contains("under 18") && message.contains("senior"), "{message}");
    assert!(ward.has(TaskKind::CallSpecialist), "a paediatric call");
    let less = Some(less(LessReason::ClinicalJudgement));
    ward.refused(&physician(), discharge(less.clone()), Why::NotHome);
    ward.go(&senior(), discharge(less));
    assert_eq!(ward.visit.phase, Phase::Discharged);
    assert!(ward.has(TaskKind::CallBack), "it stays with an owner");
}

#[test]
fn nobody_goes_home_on_an_answer_that_is_too_old() {
    let mut ward = Ward::strain(MORNING, "34 a");
    ward.now += 5 * HOUR;
    let action = Action::Discharge { less: None, card_given: true, pending_owner: None };
    let message = ward.refused(&physician(), action, Why::NotHome);
    assert!(message.contains("unfinished"), "{message}");
    let events = ward.later(0);
    assert!(events.iter().any(|e| matches!(e.what, What::DecisionExpired { .. })));
    assert_eq!(ward.visit.phase, Phase::Assessing);
    assert!(ward.has(TaskKind::FinishAssessment));
}

#[test]
fn taking_a_danger_back_is_a_physicians() {
    let mut ward = emergency();
    let number = ward.visit.findings.iter().find(|f| f.said.value == "new").unwrap().number;
    let take = |n| Action::Withdraw {
        findings: vec![n],
        attestations: Vec::new(),
        reason: text("wrong patient"),
    };
    ward.refused(&triage_nurse(), take(number), Why::NotYourRole);
    ward.refused(&triage_nurse(), take(99), Why::NoSuchThing);
    ward.go(&physician(), take(number));
    assert_eq!(ward.visit.tier(), Tier::None);
    assert!(ward.visit.findings.iter().any(|f| f.withdrawn), "kept, and marked");
}

#[test]
fn nobody_writes_a_physicians_word_for_one() {
    let mut ward = emergency();
    let found = ward.found(Role::Physician, &[("saddle_numbness", "absent")]);
    ward.refused(&nurse(), Action::Record { found }, Why::NotYourRole);
    let found = ward.found(Role::Nurse, &[("saddle_numbness", "absent")]);
    let machine = actor("monitor", StaffRole::System);
    ward.refused(&machine, Action::Record { found }, Why::NotYourRole);
    let found = ward.found(Role::Nurse, &[("saddle_numbness", "numb")]);
    let message = ward.refused(&nurse(), Action::Record { found }, Why::Unreadable);
    assert!(message.contains("saddle_numbness"), "{message}");
    let legs = ward.sign(&nurse(), Role::Nurse, &["legs_examined"]).expect_err("signed");
    assert_eq!(legs.why, Why::Unreadable);
}

#[test]
fn tasks_that_follow_the_state_close_by_what_is_done() {
    let mut ward = emergency();
    let task = ward.task(TaskKind::AnswerDangerSign).unwrap().number;
    ward.refused(&physician(), Action::CompleteTask { task, words: None }, Why::NotNow);
    let scan = ward.task(TaskKind::BladderScan).unwrap().number;
    ward.go(&nurse(), Action::CompleteTask { task: scan, words: Some(text("150 mL")) });
    assert!(!ward.has(TaskKind::BladderScan));
    ward.go(&physician(), Action::TakeOn);
    assert!(!ward.has(TaskKind::AnswerDangerSign) && ward.has(TaskKind::ActOnConcern));
}

#[test]
fn the_same_command_twice_is_one() {
    let ward = emergency();
    let again = Command {
        id: ward.events.last().unwrap().command.clone(),
        by: physician(),
        action: Action::RecordDeath,
    };
    assert_eq!(handle(&ward.visit, &again, ward.now, guideline()), Ok(Vec::new()));
}

#[test]
fn a_full_visit_still_takes_a_danger_sign() {
    let mut ward = Ward::at(MORNING);
    ward.triaged(4, STRAIN);
    ward.visit.events = EVENTS_MAX;
    let act = |ward: &Ward, action| {
        let id = CommandId::new("over-the-limit").unwrap();
        handle(&ward.visit, &Command { id, by: physician(), action }, ward.now, guideline())
    };
    let found = ward.found(Role::Patient, &[("fever_history", "absent")]);
    assert_eq!(act(&ward, Action::Record { found }).unwrap_err().why, Why::TooLarge);
    let found = ward.found(Role::Patient, &[("saddle_numbness", "new")]);
    assert!(act(&ward, Action::Record { found }).is_ok());
    assert!(act(&ward, Action::Refer { to: text("spinal surgery") }).is_ok());
    assert!(act(&ward, order("mri_whole_spine", None)).is_ok());
    let leaving = crate::department::leaving(cauda_pathway::event::Capacity::Present);
    assert!(act(&ward, Action::Abscond { leaving }).is_ok());
    ward.visit.events = cauda_pathway::EVENTS_HARD_MAX;
    let found = ward.found(Role::Patient, &[("saddle_numbness", "new")]);
    assert_eq!(act(&ward, Action::Record { found }).unwrap_err().why, Why::TooLarge);
}

#[test]
fn too_many_findings_at_once_are_sent_in_parts_unless_one_is_a_danger() {
    let mut ward = Ward::at(MORNING);
    let mut many = vec![("heart_rate", "80 /min"); FINDINGS_MAX + 1];
    let found = ward.found(Role::Nurse, &many);
    ward.refused(&nurse(), Action::Record { found }, Why::TooLarge);
    many.push(("saddle_numbness", "new"));
    let found = ward.found(Role::Nurse, &many);
    ward.go(&nurse(), Action::Record { found });
    assert_eq!(ward.visit.tier(), Tier::Emergency);
}

#[test]
fn ids_and_texts_have_limits() {
    assert!(PatientId::new("").is_err() && PatientId::new("a b").is_err());
    assert!(PatientId::new("x".repeat(65)).is_err() && PatientId::new("x".repeat(64)).is_ok());
    assert!(Text::new("  ").is_err() && Text::new("a\u{1b}[2J").is_err());
    assert!(Text::new("x".repeat(2_001)).is_err() && Text::new("line\nline").is_ok());
    assert!(serde_json::from_str::<ActorId>("\"a b\"").is_err());
}

#[test]
fn handing_over_names_the_next_owner_of_every_result() {
    let mut ward = emergency();
    ward.go(&physician(), Action::TakeOn);
    ward.go(&physician(), Action::OrderTest { name: text("blood cultures") });
    assert_eq!(ward.task(TaskKind::FollowTest).unwrap().named, Some(physician().id));
    let next = actor("dr.night", StaffRole::Physician);
    ward.go(&physician(), Action::HandOver { to: next.clone(), note: Some(text("line 3")) });
    assert_eq!(ward.task(TaskKind::FollowTest).unwrap().named, Some(next.id.clone()));
    assert_eq!(ward.visit.responsible, Some(next.clone()));
    // Whoever writes it down, it is the responsible one's tasks that pass on.
    let third = actor("dr.day", StaffRole::Physician);
    ward.go(&nurse(), Action::HandOver { to: third.clone(), note: None });
    assert_eq!(ward.task(TaskKind::FollowTest).unwrap().named, Some(third.id));
    let clerk = actor("c.bell", StaffRole::Clerk);
    ward.refused(&physician(), Action::HandOver { to: clerk, note: None }, Why::OwnerNeeded);
}
