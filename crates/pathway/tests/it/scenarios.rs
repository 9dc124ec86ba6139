//! The ten acceptance scenarios of the department, as far as the course of the
//! visit decides them.

use cauda_guideline::facts::Role;
use cauda_guideline::vocabulary::Tier;
use cauda_pathway::clocks::TaskKind;
use cauda_pathway::command::Action;
use cauda_pathway::event::{Capacity, LessReason, ReportState, What};
use cauda_pathway::identity::{ActorId, StaffRole, VisitId};
use cauda_pathway::refusal::Why;
use cauda_pathway::skeleton::{Duty, VerdictClass};
use cauda_pathway::table::Phase;
use cauda_pathway::tasks::TaskState;
use cauda_pathway::{carried, replay};

use crate::department::{
    HOUR, MINUTE, STRAIN, Ward, leaving, less, nurse, physician, radiologist, senior, text,
    triage_nurse,
};
use crate::shipped::guideline;

const NIGHT: &str = "2026-11-24T02:10:00Z";
const MORNING: &str = "2026-11-24T09:00:00Z";

fn discharge() -> Action {
    Action::Discharge { less: None, card_given: true, pending_owner: None }
}

#[test]
fn a_plain_strain_goes_home() {
    let mut ward = Ward::strain(MORNING, "34 a");
    assert_eq!(ward.disposition(), Some("home"));
    assert_eq!(ward.visit.class(), VerdictClass::Home);
    let plan = |offers: &[&str]| Action::SignPlan {
        plan: text("stay active"),
        offers: offers.iter().map(|offer| offer.to_string()).collect(),
        taught_back: true,
    };
    // An anticoagulant was never asked, so no tablet stands on the sheet.
    ward.refused(&physician(), plan(&["ibuprofen_by_mouth"]), Why::Unreadable);
    ward.go(&physician(), plan(&["heat_on_the_back"]));
    assert_eq!(
        (ward.visit.offers.as_slice(), ward.visit.taught_back),
        (["heat_on_the_back".to_string()].as_slice(), true)
    );
    ward.go(&physician(), discharge());
    assert_eq!(ward.visit.phase, Phase::Discharged);
    assert_eq!(ward.visit.open_tasks().count(), 0);
    assert!(replay(&ward.events, guideline()).is_empty());
}

#[test]
fn scenario_1_an_old_residual_is_no_emergency_and_a_worse_stream_is() {
    let known = [
        ("urinary_stream_change", "longstanding"),
        ("post_void_residual", "240 mL"),
        ("post_void_residual_onset", "longstanding"),
    ];
    let mut ward = Ward::at(MORNING);
    ward.triaged(3, STRAIN);
    ward.seen(&[("age", "68 a")]);
    ward.seen(&known);
    assert!(!ward.visit.class().is_pressing());
    assert!(!ward.has(TaskKind::AnswerDangerSign));
    ward.later(10 * MINUTE);
    let before = ward.visit.tier();
    ward.told(&[("urinary_stream_change", "new")]);
    assert_eq!((before, ward.visit.tier()), (Tier::None, Tier::Emergency));
    assert!(ward.has(TaskKind::AnswerDangerSign));
    let What::DecisionMade { before, after } = &ward
        .events
        .iter()
        .rev()
        .find(|e| matches!(e.what, What::DecisionMade { .. }))
        .unwrap()
        .what
    else {
        unreachable!()
    };
    assert_eq!(before.as_ref().unwrap().acted_on, Tier::None);
    assert_eq!(after.verdict.disposition.as_deref(), Some("mri_now"));
    // An unknown baseline counts as new.
    let mut ward = Ward::at(MORNING);
    ward.triaged(3, &[("post_void_residual", "240 mL")]);
    ward.seen(&[("urinary_stream_change", "longstanding"), ("post_void_residual_onset", "new")]);
    assert_eq!(ward.visit.class(), VerdictClass::Emergency);
}

#[test]
fn scenario_2_a_clear_limited_scan_leaves_retention_open() {
    let mut ward = Ward::at(MORNING);
    ward.triaged(2, &[("saddle_numbness", "new"), ("age", "34 a")]);
    ward.examined(&[("post_void_residual", "450 mL")]);
    let image = ward.asked_image();
    ward.order(&image);
    ward.now += 30 * MINUTE;
    ward.go(&radiologist(), Action::StartScan { order: 1, despite: None });
    ward.now += 20 * MINUTE;
    ward.go(&radiologist(), Action::EndScan { order: 1, complete: true });
    assert!(ward.has(TaskKind::Report));
    let report = Action::ReceiveReport {
        order: 1,
        state: ReportState::Final,
        emergency: false,
        words: text("limited lumbar: no compression"),
        found: Default::default(),
    };
    ward.go(&radiologist(), report);
    assert!(ward.has(TaskKind::AcknowledgeResult));
    let found = ward.found(Role::Physician, &[("cauda_equina_scan", "clear_sign_remains")]);
    ward.go(&physician(), Action::AcknowledgeResult { result: 1, found });
    assert!(ward.visit.class().is_pressing(), "the concern is open");
    let verdict = &ward.visit.answer.as_ref().unwrap().verdict;
    assert!(verdict.imaging.iter().any(|asked| asked.image.starts_with("mri_whole_spine")));
    let message = ward.refused(&physician(), discharge(), Why::NotHome);
    assert!(message.contains("not home"), "{message}");
    assert!(ward.has(TaskKind::ActOnConcern));
}

#[test]
fn scenario_3_aorta_and_spine_are_both_looked_at() {
    let mut ward = Ward::at(MORNING);
    ward.triaged(2, &[("age", "55 a"), ("heart_rate", "118 /min"), ("temperature", "37.4 Cel")]);
    ward.seen(&[("injection_drug_use", "present"), ("midline_tenderness", "present")]);
    assert_eq!(ward.visit.class(), VerdictClass::Urgent);
    for kind in [TaskKind::AorticUltrasound, TaskKind::SendCultures, TaskKind::SendBloods] {
        assert!(ward.has(kind), "{}", kind.words());
    }
    let verdict = &ward.visit.answer.as_ref().unwrap().verdict;
    assert!(verdict.imaging.iter().any(|a| a.image == "mri_whole_spine_with_contrast"));
}

#[test]
fn scenario_4_influenza_gets_a_call_and_a_line_an_mri() {
    let mut ward = Ward::strain(MORNING, "29 a");
    ward.now += MINUTE;
    ward.seen(&[
        ("temperature", "38.6 Cel"),
        ("fever_attributed_elsewhere", "present"),
        ("psoas_sign", "absent"),
    ]);
    assert_eq!(ward.disposition(), Some("home_with_call"));
    ward.go(&physician(), discharge());
    assert!(ward.has(TaskKind::CallWithin48Hours));
    let contact = Action::MakeContact { reached: true, settled: true, words: Some(text("better")) };
    ward.go(&nurse(), contact);
    assert_eq!(ward.visit.open_tasks().count(), 0);
    let mut twin = Ward::strain(MORNING, "29 a");
    twin.now += MINUTE;
    twin.seen(&[
        ("temperature", "38.6 Cel"),
        ("fever_attributed_elsewhere", "present"),
        ("indwelling_line", "present"),
    ]);
    assert_eq!(twin.visit.class(), VerdictClass::Urgent);
    twin.seen(&[("leg_weakness_left", "new")]);
    assert_eq!(twin.visit.class(), VerdictClass::Emergency);
}

#[test]
fn scenario_5_an_unreliable_no_is_asked_again() {
    let mut ward = Ward::at(MORNING);
    ward.triaged(3, &[("age", "45 a"), ("history_reliability", "intoxicated")]);
    ward.told(&[("saddle_numbness", "absent"), ("urinary_retention", "absent")]);
    assert_eq!(ward.visit.class(), VerdictClass::Undecided);
    let refusal =
        ward.sign(&triage_nurse(), Role::Nurse, &["bladder_as_before"]).expect_err("signed");
    assert_eq!(refusal.why, Why::NotReliable);
    ward.examined(&[]);
    assert!(ward.has(TaskKind::FinishAssessment), "somebody owns what cannot be decided");
    assert!(ward.has(TaskKind::RepeatQuestions), "to be asked again by a time");
    assert!(ward.has(TaskKind::BladderScan));
}

#[test]
fn scenario_6_ct_first_and_a_new_deficit_is_an_emergency() {
    let mut ward = Ward::at(MORNING);
    ward.triaged(2, &[("age", "40 a"), ("high_energy_trauma", "present")]);
    ward.seen(&[("midline_tenderness", "present"), ("spine_immobilised", "present")]);
    assert_eq!(ward.disposition(), Some("ct_or_xray_first"));
    let unasked = cauda_pathway::views::Unasked::of(&ward.visit, guideline(), ward.now);
    assert!(unasked.signs.iter().all(|sign| sign.fact != "gait_unsteady"), "never asked to walk");
    let image = ward.asked_image();
    assert!(image.starts_with("ct_"), "{image}");
    ward.order(&image);
    ward.now += 20 * MINUTE;
    ward.go(&radiologist(), Action::StartScan { order: 1, despite: None });
    ward.go(&radiologist(), Action::EndScan { order: 1, complete: true });
    let report = Action::ReceiveReport {
        order: 1,
        state: ReportState::Final,
        emergency: false,
        words: text("no fracture"),
        found: Default::default(),
    };
    ward.go(&radiologist(), report);
    let found = ward.found(
        Role::Physician,
        &[("spinal_fracture_scan", "clear_ct"), ("power_knee_extension_left", "3")],
    );
    ward.go(&physician(), Action::AcknowledgeResult { result: 1, found });
    assert_eq!(ward.visit.class(), VerdictClass::Emergency);
    assert!(ward.asked_image().starts_with("mri_"), "{}", ward.asked_image());
}

#[test]
fn an_order_follows_a_worse_decision_and_never_a_better_one() {
    let mut ward = Ward::at(MORNING);
    ward.triaged(3, &[("age", "61 a"), ("known_cancer", "present")]);
    ward.go(&physician(), Action::TakeOn);
    assert_eq!(ward.visit.class(), VerdictClass::Urgent);
    let image = ward.asked_image();
    ward.order(&image);
    let before = ward.visit.result(1).unwrap().order.clone().unwrap();
    assert_eq!(before.tier, Tier::Urgent);
    let open_at = before.deadline - MINUTE;
    ward.go(&radiologist(), Action::ScheduleScan { order: 1, start: open_at });
    assert!(!ward.has(TaskKind::TransferNow));
    ward.now += 20 * MINUTE;
    ward.told(&[("leg_weakness_left", "new"), ("leg_weakness_right", "new")]);
    assert_eq!(ward.visit.class(), VerdictClass::Emergency);
    let after = ward.visit.result(1).unwrap().order.clone().unwrap();
    assert_eq!(after.tier, Tier::Emergency, "{:?}", ward.visit.answer.as_ref().unwrap().verdict);
    assert!(after.deadline < before.deadline);
    assert_eq!(ward.task(TaskKind::Scan).unwrap().due, after.deadline);
    assert!(ward.has(TaskKind::TransferNow), "the place it had is too late now");
    let said: Vec<u32> = ward.visit.findings.iter().rev().take(2).map(|f| f.number).collect();
    let reason = text("another patient's answers");
    let back = Action::Withdraw { findings: said, attestations: vec![], reason };
    ward.go(&physician(), back);
    assert_eq!(ward.visit.class(), VerdictClass::Urgent);
    assert_eq!(ward.visit.result(1).unwrap().order.as_ref().unwrap().tier, Tier::Emergency);
}

#[test]
fn what_was_ordered_later_with_a_reason_stays_until_more_is_asked() {
    let mut ward = Ward::at(MORNING);
    ward.triaged(2, &[("age", "45 a"), ("saddle_numbness", "new")]);
    ward.go(&physician(), Action::TakeOn);
    let less = Some(less(LessReason::ClinicalJudgement));
    let (image, tier) = (ward.asked_image(), Some(Tier::Urgent));
    let order = Action::OrderImaging { image, tier, less, earliest_start: None };
    ward.go(&physician(), order);
    ward.told(&[("urinary_retention", "new")]);
    assert_eq!(ward.visit.result(1).unwrap().order.as_ref().unwrap().tier, Tier::Urgent);
}

/// 02:10, and the scanner opens at 08:00.
fn at_night() -> Ward {
    let mut ward = Ward::at(NIGHT);
    ward.triaged(2, &[("age", "45 a"), ("urinary_retention", "new"), ("leg_pain_left", "new")]);
    assert!(ward.has(TaskKind::AnswerDangerSign) && ward.has(TaskKind::BladderScan));
    assert!(ward.visit.pending.is_empty(), "triage orders no scan (CR9)");
    ward.examined(&[("leg_pain_right", "new")]);
    ward
}

fn order_for_eight(ward: &mut Ward) {
    let image = ward.asked_image();
    let start = Some(cauda_guideline::time::read("2026-11-24T08:00:00Z").unwrap());
    let action = Action::OrderImaging { image, tier: None, less: None, earliest_start: start };
    ward.go(&physician(), action);
}

#[test]
fn scenario_7_no_scanner_in_time_means_transfer_now() {
    let mut ward = at_night();
    order_for_eight(&mut ward);
    assert!(ward.has(TaskKind::TransferNow), "said at the order");
    let wait = Action::AcceptWait { order: 1, reason: text("unstable for transport") };
    ward.refused(&physician(), wait.clone(), Why::NotYourRole);
    let (site, telephone) = (text("City hospital"), Some(text("+44 20 7946 0000")));
    ward.go(&physician(), Action::RequestTransfer { site, telephone });
    ward.refused(&physician(), Action::Depart { plan: None }, Why::OwnerNeeded);
    let accepted_by = text("Dr. Ruiz, spinal surgery");
    ward.go(&physician(), Action::AcceptTransfer { accepted_by });
    ward.go(&physician(), Action::Depart { plan: Some(text("call if weaker")) });
    assert_eq!(ward.visit.phase, Phase::InTransfer);
    let escalated = ward.later(3 * HOUR);
    let up = |e: &&cauda_pathway::event::Event| matches!(e.what, What::TaskEscalated { .. });
    assert!(escalated.iter().any(|e| up(&e)), "nobody confirmed: it goes up");
    assert!(!ward.visit.phase.is_end(), "open until the receiver confirms");
    ward.go(&physician(), Action::ConfirmArrival { by: text("Dr. Ruiz") });
    assert_eq!(ward.visit.phase, Phase::Transferred);
    // Waiting for the morning is a consultant's.
    let mut stays = at_night();
    order_for_eight(&mut stays);
    stays.go(&senior(), wait);
    assert!(!stays.has(TaskKind::TransferNow));
}

#[test]
fn scenario_8_who_leaves_before_the_scan_is_called_and_comes_back_at_once() {
    let mut ward = at_night();
    order_for_eight(&mut ward);
    let nothing = cauda_pathway::event::Leaving {
        capacity: Capacity::NotAssessed,
        explained: None,
        card_given: false,
        call_back: None,
    };
    ward.refused(&physician(), Action::LeaveAgainstAdvice { leaving: nothing }, Why::OwnerNeeded);
    ward.go(&physician(), Action::LeaveAgainstAdvice { leaving: leaving(Capacity::Present) });
    assert_eq!(ward.visit.phase, Phase::LeftAgainstAdvice);
    let call = ward.task(TaskKind::CallBack).unwrap();
    assert!(call.due <= ward.now + 2 * HOUR);
    assert_eq!(call.named, Some(ActorId::new("n.call").unwrap()));
    let order = ward.visit.result(1).unwrap();
    assert!(order.order.as_ref().unwrap().held && !order.cancelled, "held, not dropped");
    // Back the next day: linked, and an emergency before anybody has triaged.
    let brought = carried(&ward.visit, guideline()).unwrap();
    assert_eq!(brought.held.len(), 1);
    let mut back = Ward::arriving(ward.now + 20 * HOUR, "visit-2", Some(brought));
    assert_eq!(back.visit.phase, Phase::Arrived);
    assert_eq!(back.visit.tier(), Tier::Emergency);
    assert_eq!(back.visit.class(), VerdictClass::Emergency);
    let danger = back.task(TaskKind::AnswerDangerSign).unwrap();
    assert_eq!(danger.due, back.now + 15 * MINUTE);
    let image = back.asked_image();
    back.order(&image);
    assert_eq!(back.visit.phase, Phase::WaitingForScan, "without a second triage");
    ward.go(&nurse(), Action::NoteReturn { visit: VisitId::new("visit-2").unwrap() });
    assert_eq!(ward.visit.open_tasks().count(), 0);
}

#[test]
fn scenario_8_without_capacity_it_is_safeguarding() {
    let mut ward = at_night();
    ward.go(&physician(), Action::LeaveAgainstAdvice { leaving: leaving(Capacity::Lacking) });
    let task = ward.task(TaskKind::Safeguarding).unwrap();
    assert_eq!(task.holder, StaffRole::SeniorPhysician);
}

#[test]
fn scenario_9_an_amended_report_recalls_the_patient() {
    let mut ward = Ward::strain(MORNING, "50 a");
    ward.order("mri_lumbar_with_sagittal_screen");
    ward.go(&radiologist(), Action::StartScan { order: 1, despite: None });
    ward.go(&radiologist(), Action::EndScan { order: 1, complete: true });
    let report = |state, emergency, words: &str| Action::ReceiveReport {
        order: 1,
        state,
        emergency,
        words: text(words),
        found: Default::default(),
    };
    ward.go(&radiologist(), report(ReportState::Preliminary, false, "no compression"));
    let acknowledge = Action::AcknowledgeResult { result: 1, found: Default::default() };
    ward.go(&physician(), acknowledge);
    assert!(ward.has(TaskKind::Report), "the final report is still awaited");
    ward.refused(&physician(), discharge(), Why::OwnerNeeded);
    let pending_owner = Some(ActorId::new("dr.late").unwrap());
    ward.go(&physician(), Action::Discharge { less: None, card_given: true, pending_owner });
    assert_eq!(ward.task(TaskKind::Report).unwrap().named.as_ref().unwrap().as_str(), "dr.late");
    ward.later(18 * HOUR);
    ward.go(&radiologist(), report(ReportState::Final, true, "epidural collection"));
    let recall = ward.task(TaskKind::Recall).unwrap();
    assert_eq!(recall.due, ward.now + 30 * MINUTE);
    assert!(recall.named.is_some());
    assert!(ward.has(TaskKind::AcknowledgeDanger));
    ward.later(31 * MINUTE);
    let read = ward.task(TaskKind::AcknowledgeDanger).unwrap();
    assert_eq!((read.state, read.holder), (TaskState::Escalated, StaffRole::SeniorPhysician));
    let found = ward.found(Role::Physician, &[("spinal_infection_scan", "positive")]);
    ward.go(&senior(), Action::AcknowledgeResult { result: 1, found });
    assert!(ward.visit.class().is_pressing());
    let contact = Action::MakeContact { reached: false, settled: false, words: None };
    ward.go(&nurse(), contact);
    assert!(ward.has(TaskKind::WelfareCheck), "nobody answers: welfare check");
}

#[test]
fn scenario_10_not_ready_is_not_home_and_a_missed_check_alarms() {
    let mut ward = Ward::strain(MORNING, "81 a");
    ward.now += MINUTE;
    ward.seen(&[
        ("anticoagulant", "present"),
        ("pain_controlled", "absent"),
        ("walking_as_before", "absent"),
        ("home_safe", "absent"),
        ("psoas_sign", "absent"),
    ]);
    assert_eq!(ward.disposition(), Some("observe_and_reexamine"));
    ward.refused(&physician(), discharge(), Why::NotHome);
    assert!(ward.visit.answer.as_ref().unwrap().verdict.imaging.is_empty());
    let again_at = ward.now + 3 * HOUR;
    ward.go(&physician(), Action::Observe { again_at });
    assert_eq!(ward.task(TaskKind::Reexamine).unwrap().due, again_at);
    ward.later(3 * HOUR + MINUTE);
    assert_eq!(ward.task(TaskKind::Reexamine).unwrap().state, TaskState::Overdue);
    ward.seen(&[("gait_unsteady", "new")]);
    assert_eq!(ward.visit.tier(), Tier::Immediate);
    assert_eq!(ward.visit.phase, Phase::Decided);
    assert!(ward.visit.skeleton().owns(Duty::Concern));
    assert!(ward.has(TaskKind::DecideReversal));
    assert!(ward.asked_image().starts_with("mri_whole_spine"));
}

#[test]
fn an_override_is_recorded_and_shown() {
    let mut ward = Ward::strain(MORNING, "34 a");
    ward.now += MINUTE;
    ward.seen(&[("pain_controlled", "absent")]);
    let less = Some(less(LessReason::PatientDeclines));
    ward.refused(&nurse(), discharge(), Why::NotYourRole);
    ward.go(&physician(), Action::Discharge { less, card_given: true, pending_owner: None });
    assert_eq!(ward.visit.overrides.len(), 1);
    assert_eq!(ward.visit.overrides[0].by, physician());
}
