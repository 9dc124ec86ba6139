//! A limited protocol of cauda equina: extended before the patient leaves the table, never used
//! where the cord is in question, and no more excluded by it than it shows (CR27).

use cauda_guideline::facts::Role;
use cauda_pathway::clocks::TaskKind;
use cauda_pathway::command::Action;
use cauda_pathway::event::{LessReason, LimitedImages, ReportState, What};
use cauda_pathway::identity::StaffRole;
use cauda_pathway::limited::{is_limited, whole_of};
use cauda_pathway::refusal::Why;
use cauda_pathway::table::Phase;

use crate::department::{MINUTE, Ward, less, nurse, physician, radiologist, senior, system, text};
use crate::shipped::guideline;

const MORNING: &str = "2026-11-24T09:00:00Z";
const LIMITED: &str = "mri_lumbar_limited";

fn suspected(more: &[(&str, &str)]) -> Ward {
    let mut ward = Ward::at(MORNING);
    ward.triaged(2, &[("saddle_numbness", "new"), ("age", "34 a")]);
    ward.examined(more);
    let image = ward.asked_image();
    ward.order(&image);
    ward
}

fn scan_as(image: &str, words: Option<&str>) -> Action {
    Action::ScanAs { order: 1, image: image.into(), words: words.map(text) }
}

fn read(shows: LimitedImages, words: Option<&str>) -> Action {
    Action::ReadLimited { order: 1, shows, words: words.map(text) }
}

/// On the table with a limited protocol.
fn on_table() -> Ward {
    let mut ward = suspected(&[]);
    ward.go(&radiologist(), scan_as(LIMITED, Some("the table is free for 15 minutes")));
    ward.go(&radiologist(), Action::StartScan { order: 1, despite: None });
    ward.now += 12 * MINUTE;
    ward
}

fn report(ward: &Ward, findings: &[(&str, &str)]) -> Action {
    let found = ward.found(Role::Physician, findings);
    let (state, words) = (ReportState::Final, text("limited lumbar: no compression"));
    Action::ReceiveReport { order: 1, state, emergency: false, words, found }
}

#[test]
fn only_the_way_to_begin_is_limited_and_it_is_extended_to_the_whole_spine() {
    let images = guideline().vocabulary.ids("image");
    let limited: Vec<&str> = images.filter(|image| is_limited(guideline(), image)).collect();
    assert_eq!(limited, [LIMITED]);
    let whole = |ordered| whole_of(guideline(), ordered);
    assert_eq!(whole(LIMITED), Some("mri_whole_spine"));
    assert_eq!(whole("mri_lumbar_with_sagittal_screen"), Some("mri_whole_spine"));
    assert_eq!(whole("mri_whole_spine_with_gre"), Some("mri_whole_spine_with_gre"));
    assert_eq!(whole("mri_operated_level_with_contrast"), Some("mri_whole_spine_with_contrast"));
}

#[test]
fn compression_what_nobody_explains_and_what_nobody_can_read_extend_it() {
    for shows in LimitedImages::ALL.iter().copied().filter(|shows| shows.extends()) {
        let mut ward = on_table();
        ward.go(&radiologist(), read(shows, None));
        let order = ward.visit.result(1).unwrap().order.clone().unwrap();
        assert_eq!((order.picture(), order.limited), ("mri_whole_spine", Some(shows)));
        assert_eq!(ward.visit.phase, Phase::OnTable, "the patient stays on the table");
        ward.go(&radiologist(), Action::EndScan { order: 1, complete: true });
        assert!(ward.has(TaskKind::Report) && !ward.has(TaskKind::ReadLimited));
    }
}

#[test]
fn compression_is_told_to_who_treats_the_patient_before_any_report() {
    let mut ward = on_table();
    ward.go(&radiologist(), read(LimitedImages::Compression, None));
    let task = ward.task(TaskKind::CallForCompression).unwrap().clone();
    assert_eq!((task.about, task.due - ward.now), (Some(1), 15 * MINUTE));
    assert_eq!(task.named, Some(physician().id), "by name");
    ward.go(&radiologist(), Action::EndScan { order: 1, complete: true });
    ward.later(31 * MINUTE);
    assert_eq!(ward.task(TaskKind::CallForCompression).unwrap().holder, senior().role);
    let words = Some(text("spinal surgery called at 10:05, theatre now"));
    ward.go(&physician(), Action::CompleteTask { task: task.number, words });
    assert!(!ward.has(TaskKind::CallForCompression));
}

#[test]
fn a_sign_of_the_cord_makes_the_whole_spine_of_it_and_the_visit_says_which() {
    let mut ward = on_table();
    let found = ward.found(Role::Physician, &[("clonus", "new"), ("pain_score", "7")]);
    let events = ward.go(&physician(), Action::Record { found });
    let changed = events.iter().find(|it| matches!(it.what, What::ScanChanged { .. })).unwrap();
    assert_eq!(changed.by.role, StaffRole::System, "nobody chose it");
    let order = ward.visit.result(1).unwrap().order.clone().unwrap();
    let (at, sign) = order.forced.clone().unwrap();
    assert_eq!((order.picture(), at), ("mri_whole_spine", ward.now));
    let clonus = guideline().fact("clonus").unwrap();
    assert_eq!(sign.as_str(), guideline().facts[clonus].staff);
    ward.go(&radiologist(), Action::EndScan { order: 1, complete: true });
    let clear = report(&ward, &[("cord_compression_scan", "clear")]);
    ward.go(&radiologist(), clear);
}

#[test]
fn explained_may_be_read_otherwise_until_the_report() {
    let mut ward = on_table();
    let words = Some("old numbness, as in the letter of 2019");
    ward.go(&radiologist(), read(LimitedImages::ClearExplained, words));
    let order = ward.visit.result(1).unwrap().order.clone().unwrap();
    assert_eq!(order.limited_words, words.map(text));
    ward.go(&nurse(), read(LimitedImages::ClearUnexplained, None));
    assert_eq!(ward.visit.result(1).unwrap().order.clone().unwrap().picture(), "mri_whole_spine");
}

#[test]
fn not_safe_to_scan_is_somebodys_at_once_and_a_physician_clears_it_with_a_reason() {
    let mut ward = suspected(&[]);
    let screen = |cleared, words: Option<&str>| Action::ScreenForScanner {
        order: 1,
        cleared,
        words: words.map(text),
    };
    ward.go(&nurse(), screen(false, Some("stimulator")));
    let task = ward.task(TaskKind::AnswerNotSafe).unwrap();
    assert_eq!((task.about, task.due - ward.now), (Some(1), 15 * MINUTE));
    assert_eq!(task.named, Some(physician().id));
    assert!(!ward.has(TaskKind::SafetyScreen));
    ward.refused(&nurse(), screen(true, Some("it is fine")), Why::NotYourRole);
    ward.refused(&radiologist(), screen(true, None), Why::ReasonNeeded);
    let start = |despite: Option<&str>| Action::StartScan { order: 1, despite: despite.map(text) };
    ward.refused(&nurse(), start(None), Why::ReasonNeeded);
    ward.go(&nurse(), start(Some("already in the scanner")));
    assert!(ward.has(TaskKind::AnswerNotSafe), "the patient lies there");
    ward.go(&radiologist(), screen(true, Some("MR conditional, 1.5 T")));
    assert!(!ward.has(TaskKind::AnswerNotSafe));
}

#[test]
fn that_every_deficit_is_explained_is_a_physicians_and_needs_its_words() {
    let mut ward = on_table();
    let explained = LimitedImages::ClearExplained;
    ward.refused(&system(), read(explained, Some("old foot drop")), Why::NotYourRole);
    ward.refused(&radiologist(), read(explained, None), Why::ReasonNeeded);
    ward.go(&radiologist(), read(explained, Some("old numbness, as in the letter of 2019")));
    let order = ward.visit.result(1).unwrap().order.clone().unwrap();
    assert_eq!(order.picture(), LIMITED);
    assert!(ward.visit.class().is_pressing(), "the concern is open all the same");
}

#[test]
fn a_scan_that_ends_before_anybody_read_it_is_somebodys_task_and_may_be_reopened() {
    let mut ward = on_table();
    ward.go(&radiologist(), Action::EndScan { order: 1, complete: true });
    let task = ward.task(TaskKind::ReadLimited).unwrap();
    assert_eq!((task.about, task.due - ward.now), (Some(1), 15 * MINUTE));
    let number = task.number;
    let tick = Action::CompleteTask { task: number, words: None };
    ward.refused(&radiologist(), tick, Why::NotNow);
    ward.later(31 * MINUTE);
    assert_eq!(ward.task(TaskKind::ReadLimited).unwrap().holder, senior().role);
    ward.go(&radiologist(), read(LimitedImages::NotReadable, None));
    assert!(!ward.has(TaskKind::ReadLimited) && ward.has(TaskKind::Scan), "it waits again");
    assert_eq!(ward.visit.phase, Phase::WaitingForScan);
    let order = ward.visit.result(1).unwrap().order.clone().unwrap();
    assert_eq!((order.picture(), order.ended), ("mri_whole_spine", None));
    ward.go(&radiologist(), Action::StartScan { order: 1, despite: None });
    ward.go(&radiologist(), Action::EndScan { order: 1, complete: true });
    assert!(ward.has(TaskKind::Report) && !ward.has(TaskKind::ReadLimited));
}

#[test]
fn it_is_never_used_beside_an_upper_motor_sign_or_a_sensory_level() {
    for sign in [("clonus", "new"), ("sensory_level", "new")] {
        let mut ward = suspected(&[sign]);
        let message =
            ward.refused(&radiologist(), scan_as(LIMITED, Some("in a hurry")), Why::NotNow);
        assert!(message.contains("never a limited protocol"), "{message}");
        let order = Action::OrderImaging {
            image: LIMITED.into(),
            tier: None,
            less: Some(less(LessReason::ClinicalJudgement)),
            earliest_start: None,
        };
        ward.refused(&physician(), order, Why::NotNow);
    }
    let mut ward = suspected(&[]);
    ward.refused(&radiologist(), scan_as(LIMITED, None), Why::ReasonNeeded);
}

#[test]
fn it_excludes_no_more_than_it_shows() {
    let mut ward = on_table();
    ward.go(
        &radiologist(),
        read(LimitedImages::ClearExplained, Some("a full bladder scan of 20 mL")),
    );
    ward.go(&radiologist(), Action::EndScan { order: 1, complete: true });
    for fact in ["cord_compression_scan", "spinal_infection_scan", "spinal_metastasis_scan"] {
        let message = ward.refused(&radiologist(), report(&ward, &[(fact, "clear")]), Why::NotNow);
        assert!(message.contains("does not show the cord"), "{message}");
    }
    ward.go(&radiologist(), report(&ward, &[("cauda_equina_scan", "clear")]));
    let found = ward.found(Role::Physician, &[("cord_compression_scan", "clear")]);
    ward.refused(&physician(), Action::AcknowledgeResult { result: 1, found }, Why::NotNow);
    let found = ward.found(Role::Physician, &[("cord_compression_scan", "inadequate")]);
    ward.go(&physician(), Action::AcknowledgeResult { result: 1, found });
    assert!(ward.visit.class().is_pressing(), "clear alone closes nothing");
    // The whole one may exclude what it shows.
    let mut ward = on_table();
    ward.go(&radiologist(), read(LimitedImages::ClearUnexplained, None));
    ward.go(&radiologist(), Action::EndScan { order: 1, complete: true });
    ward.go(&radiologist(), report(&ward, &[("cord_compression_scan", "clear")]));
}
