//! What the screens get.

use cauda_guideline::vocabulary::Tier;
use cauda_pathway::clocks::TaskKind;
use cauda_pathway::command::Action;
use cauda_pathway::identity::StaffRole;
use cauda_pathway::table::EventKind;
use cauda_pathway::views::{Unasked, VerdictSoFar, handover, my_tasks, timeline, waiting_row};

use crate::department::{MINUTE, STRAIN, Ward, actor, physician, senior, text};
use crate::shipped::guideline;

const MORNING: &str = "2026-11-24T09:00:00Z";

#[test]
fn an_unfinished_triage_looks_neutral_and_shows_what_nobody_asked() {
    let mut ward = Ward::at(MORNING);
    ward.triaged(4, STRAIN);
    let row = waiting_row(&ward.visit, ward.now).unwrap();
    assert_eq!((row.verdict, row.tier), (VerdictSoFar::Unfinished, Tier::None));
    let unasked = Unasked::of(&ward.visit, guideline(), ward.now);
    assert!(unasked.signs.iter().any(|sign| sign.fact == "saddle_numbness"));
    assert_eq!(row.next, Some(TaskKind::SeePatient));
    assert_eq!(row.next_holder, Some(StaffRole::Physician));
}

#[test]
fn what_nobody_asked_is_kept_until_the_visit_or_a_finding_changes() {
    let mut ward = Ward::at(MORNING);
    ward.triaged(3, &[("age", "45 a"), ("heart_rate", "80 /min"), ("temperature", "36.8 Cel")]);
    let kept = Unasked::of(&ward.visit, guideline(), ward.now);
    let mut now = ward.now;
    while kept.holds(&ward.visit, now) && now < ward.now + 48 * 60 * MINUTE {
        assert_eq!(Unasked::of(&ward.visit, guideline(), now).signs, kept.signs, "{now}");
        now += 17 * MINUTE;
    }
    assert!(now > ward.now && now < ward.now + 48 * 60 * MINUTE, "vital signs grow old");
    ward.told(&[("saddle_numbness", "absent")]);
    assert!(!kept.holds(&ward.visit, ward.now));
    let anew = Unasked::of(&ward.visit, guideline(), ward.now);
    assert!(anew.signs.iter().all(|sign| sign.fact != "saddle_numbness"));
}

#[test]
fn a_danger_sign_is_next_for_everybody() {
    let mut ward = Ward::at(MORNING);
    ward.triaged(2, &[("saddle_numbness", "new")]);
    let row = waiting_row(&ward.visit, ward.now + 20 * MINUTE).unwrap();
    assert_eq!((row.tier, row.next), (Tier::Emergency, Some(TaskKind::AnswerDangerSign)));
    assert_eq!(row.verdict, VerdictSoFar::Decided { disposition: Some("mri_now".into()) });
    assert!(row.late >= 1);
    let rows = my_tasks([&ward.visit], &physician(), ward.now + 20 * MINUTE);
    assert_eq!(rows[0].kind, TaskKind::AnswerDangerSign);
    assert!(rows[0].late && !rows[0].escalated);
    ward.later(31 * MINUTE);
    let rows = my_tasks([&ward.visit], &senior(), ward.now);
    assert!(rows.iter().any(|row| row.kind == TaskKind::AnswerDangerSign && row.escalated));
}

#[test]
fn the_timeline_says_who_when_and_the_verdict_then() {
    let mut ward = Ward::at(MORNING);
    ward.triaged(2, &[("age", "45 a")]);
    ward.now += MINUTE;
    ward.told(&[("saddle_numbness", "new")]);
    let rows = timeline(&ward.events);
    assert_eq!(rows.len(), ward.events.len());
    assert_eq!(
        rows.first().map(|row| (row.kind, row.tier)),
        Some((EventKind::Arrived, Tier::None))
    );
    assert_eq!(rows.last().map(|row| row.tier), Some(Tier::Emergency));
    let said = rows.iter().rfind(|row| row.kind == EventKind::FindingsRecorded).unwrap();
    assert_eq!((said.findings.as_slice(), said.at), ([2].as_slice(), ward.now));
}

#[test]
fn a_handover_names_signs_tasks_and_what_is_pending() {
    let mut ward = Ward::at(MORNING);
    ward.triaged(2, &[("age", "45 a"), ("saddle_numbness", "new")]);
    ward.examined(&[]);
    let image = ward.asked_image();
    ward.order(&image);
    ward.go(&physician(), Action::Refer { to: text("spinal surgery") });
    let summary = handover(&ward.visit, guideline(), ward.now).unwrap();
    assert_eq!(summary.danger_signs.len(), 1);
    assert_eq!(summary.concerns[0].tier, Tier::Emergency);
    assert_eq!((summary.pending.len(), summary.referrals.len()), (1, 1));
    assert!(summary.tasks.iter().any(|task| task.kind == TaskKind::AnswerReferral));
    assert_eq!(summary.responsible, Some(physician()));
    let rows = my_tasks([&ward.visit], &actor("x", StaffRole::SpinalSurgeon), ward.now);
    assert_eq!(rows.len(), 1);
}
