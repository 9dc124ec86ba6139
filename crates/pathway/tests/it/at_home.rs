//! Six weeks at home: asked on four days, answered or not, and somebody always has it.

use cauda_guideline::facts::Role;
use cauda_guideline::vocabulary::Tier;
use cauda_pathway::carried;
use cauda_pathway::check_in::{Course, Daily, Round, RoundState, Signs, Stop, Told, Tried, Work};
use cauda_pathway::clocks::TaskKind;
use cauda_pathway::command::{Action, Found};
use cauda_pathway::event::{Capacity, Event, ReportState};
use cauda_pathway::identity::{StaffRole, VisitId};
use cauda_pathway::next_moment;
use cauda_pathway::refusal::Why;
use cauda_pathway::releasing::{Part, Released};
use cauda_pathway::table::Phase;
use cauda_pathway::tasks::TaskState;
use proptest::prelude::*;

use crate::department::{
    HOUR, MINUTE, Ward, actor, leaving, nurse, physician, radiologist, system, text,
};
use crate::shipped::guideline;

const DAY: i64 = 24 * HOUR;
const MORNING: &str = "2026-11-24T09:00:00Z";

/// A strain that went home a minute ago.
pub fn at_home() -> Ward {
    let mut ward = Ward::strain(MORNING, "34 a");
    let home = Action::Discharge { less: None, card_given: true, pending_owner: None };
    ward.go(&physician(), home);
    ward
}

fn patient() -> cauda_pathway::identity::Actor {
    actor("patient", StaffRole::System)
}

fn well(course: Course) -> Told {
    Told {
        signs: Signs::None,
        pain: Some(4),
        course: Some(course),
        daily: Some(Daily::Some),
        work: Some(Work::Less),
        tried: Some(vec![Tried::Moving, Tried::Medicine]),
        ..Told::default()
    }
}

fn answer(ward: &mut Ward, told: Told) -> Vec<Event> {
    ward.go(&patient(), Action::AnswerCheckIn { told, found: Found::default() })
}

/// Time goes on to that many days after the discharge, moment by moment as the server does it.
fn on_day(ward: &mut Ward, begun: i64, days: i64) {
    let end = begun + days * DAY + MINUTE;
    while let Some(moment) = next_moment(&ward.visit).filter(|moment| *moment <= end) {
        let wait = (moment - ward.now).max(0);
        assert!(!ward.later(wait).is_empty(), "a moment that asks for nothing");
    }
    ward.now = ward.now.max(end);
}

fn states(ward: &Ward) -> Vec<RoundState> {
    ward.visit.at_home.rounds.iter().map(|round| round.state).collect()
}

#[test]
fn a_patient_is_asked_on_four_days_and_silence_has_an_owner() {
    let mut ward = at_home();
    let begun = ward.now;
    let days: Vec<i64> =
        ward.visit.at_home.rounds.iter().map(|r| (r.planned.at - begun) / DAY).collect();
    assert_eq!(days, [2, 14, 28, 42]);
    assert_eq!(ward.visit.open_tasks().count(), 0, "nobody has anything to do yet");
    on_day(&mut ward, begun, 2);
    assert_eq!(states(&ward)[0], RoundState::Asked);
    let call = ward.task(TaskKind::CheckIn).unwrap();
    assert_eq!((call.holder, call.state), (StaffRole::FollowUpNurse, TaskState::Open));
    // Two days of silence make it late, four bring a physician.
    on_day(&mut ward, begun, 5);
    assert_eq!(ward.task(TaskKind::CheckIn).unwrap().state, TaskState::Overdue);
    on_day(&mut ward, begun, 7);
    assert_eq!(ward.task(TaskKind::CheckIn).unwrap().holder, StaffRole::Physician);
    // Nobody was reached: that is written down, and the call stays.
    let tried = Action::MakeContact { reached: false, settled: false, words: None };
    ward.go(&nurse(), tried);
    assert!(ward.has(TaskKind::CheckIn) && !ward.has(TaskKind::WelfareCheck));
    // One call for all that is open, and one answer closes it.
    on_day(&mut ward, begun, 14);
    assert_eq!(ward.visit.open_tasks().filter(|t| t.kind == TaskKind::CheckIn).count(), 1);
    answer(&mut ward, well(Course::Same));
    assert!(!ward.has(TaskKind::CheckIn));
    assert_eq!(
        states(&ward),
        [RoundState::Over, RoundState::Over, RoundState::Ahead, RoundState::Ahead]
    );
    assert_eq!(ward.visit.at_home.answers[0].round, Some(Round::DayFourteen));
}

#[test]
fn answers_are_findings_of_the_episode() {
    let mut ward = at_home();
    let begun = ward.now;
    on_day(&mut ward, begun, 14);
    answer(&mut ward, well(Course::Same));
    let said = |fact: &str| {
        let found = ward.visit.findings.iter().rev().find(|finding| finding.said.fact == fact);
        found.map(|finding| (finding.said.value.as_str(), finding.said.said_by))
    };
    assert_eq!(said("course_since_visit"), Some(("same", Role::Patient)));
    assert_eq!(said("pain_score"), Some(("4", Role::Patient)));
    assert_eq!(said("weeks_since_first_visit"), Some(("14 d", Role::Ehr)));
    assert!(said("saddle_numbness").is_none_or(|(_, by)| by != Role::Patient), "nobody asked it");
    // The episode began with the first visit, also of somebody who came back.
    let brought = carried(&ward.visit, guideline()).unwrap();
    assert_eq!(brought.began, ward.visit.arrived_at);
    let back = Ward::arriving(begun + 20 * DAY, "visit-2", Some(brought));
    let since = back.visit.since_began(back.now).unwrap();
    assert!(since > 20 * DAY, "{since}");
}

#[test]
fn a_danger_sign_recalls_the_patient_and_a_doubt_is_called_today() {
    for told in [
        Told { signs: Signs::Some, lines: vec!["cannot_pee_or_leaks".into()], ..Told::default() },
        Told { signs: Signs::Some, ..well(Course::Better) },
        // A line counts whatever was said beside it.
        Told { lines: vec!["fall_or_knock".into()], ..well(Course::Better) },
    ] {
        let mut ward = at_home();
        let begun = ward.now;
        on_day(&mut ward, begun, 3);
        answer(&mut ward, told);
        assert!(ward.visit.at_home.answers[0].danger);
        assert_eq!(ward.task(TaskKind::Recall).unwrap().due, ward.now + 30 * MINUTE);
        assert!(ward.visit.at_home.stopped.is_none());
    }
    let mut ward = at_home();
    let begun = ward.now;
    on_day(&mut ward, begun, 14);
    answer(&mut ward, Told { signs: Signs::Unsure, ..well(Course::Better) });
    let call = ward.task(TaskKind::CallAboutSigns).unwrap();
    assert!(call.due <= ward.now + 2 * HOUR);
    assert!(ward.visit.at_home.stopped.is_none(), "unsure is not better");
    let again = Action::MakeContact { reached: true, settled: false, words: None };
    ward.go(&nurse(), again);
    assert!(ward.has(TaskKind::CallAboutSigns), "call again is no end");
    let words = Some(text("no sign, spoke with her"));
    ward.go(&nurse(), Action::MakeContact { reached: true, settled: true, words });
    assert!(!ward.has(TaskKind::CallAboutSigns));
}

#[test]
fn a_sign_as_a_finding_counts_and_a_course_does_not() {
    let mut ward = at_home();
    let begun = ward.now;
    on_day(&mut ward, begun, 2);
    let found = ward.found(Role::Patient, &[("saddle_numbness", "new")]);
    let told = Told { signs: Signs::None, ..Told::default() };
    ward.go(&patient(), Action::AnswerCheckIn { told, found });
    assert!(ward.has(TaskKind::Recall));
    assert_eq!(ward.visit.tier(), Tier::Emergency);
    // The guideline calls "worse" its dangerous side, as it asks for more care; it is no alarm.
    let mut ward = at_home();
    on_day(&mut ward, begun, 2);
    answer(&mut ward, well(Course::Worse));
    assert!(!ward.has(TaskKind::Recall) && ward.has(TaskKind::CallAtHome));
}

#[test]
fn better_ends_it_from_the_second_week_on() {
    let mut ward = at_home();
    let begun = ward.now;
    on_day(&mut ward, begun, 2);
    answer(&mut ward, well(Course::Better));
    assert!(ward.visit.at_home.is_on(), "two days are too early");
    on_day(&mut ward, begun, 14);
    answer(&mut ward, well(Course::Better));
    assert_eq!(ward.visit.at_home.stopped, Some(Stop::Better));
    assert_eq!(ward.visit.open_tasks().count(), 0);
    assert_eq!(next_moment(&ward.visit), None);
    // Something comes back all the same: the link still works, and a danger sign still counts.
    ward.now += 10 * DAY;
    answer(&mut ward, Told { signs: Signs::Some, ..Told::default() });
    assert!(ward.has(TaskKind::Recall));
}

#[test]
fn no_better_after_four_weeks_is_looked_at_and_scanned_as_an_outpatient() {
    let mut ward = at_home();
    let begun = ward.now;
    on_day(&mut ward, begun, 42);
    answer(&mut ward, well(Course::Same));
    let look = ward.task(TaskKind::LookAgain).unwrap();
    assert_eq!(look.holder, StaffRole::Physician);
    // Never in tonight's queue.
    let order = |tier| Action::OrderImaging {
        image: "mri_lumbar".into(),
        tier,
        less: None,
        earliest_start: None,
    };
    ward.refused(&physician(), order(Some(Tier::Urgent)), Why::NotNow);
    ward.refused(&physician(), order(Some(Tier::Emergency)), Why::NotNow);
    ward.go(&physician(), order(None));
    assert_eq!(ward.visit.phase, Phase::Discharged);
    let ordered = ward.visit.result(1).unwrap().order.clone().unwrap();
    assert_eq!(ordered.tier, Tier::Outpatient);
    assert_eq!(ordered.deadline, ward.now + 14 * DAY);
    assert!(ward.has(TaskKind::Scan) && ward.has(TaskKind::SafetyScreen));
    let start = ward.now + 9 * DAY;
    ward.go(&nurse(), Action::ScheduleScan { order: 1, start });
    ward.go(&nurse(), Action::ScreenForScanner { order: 1, cleared: true, words: None });
    ward.now = start;
    ward.go(&nurse(), Action::StartScan { order: 1, despite: None });
    ward.go(&nurse(), Action::EndScan { order: 1, complete: true });
    let report = Action::ReceiveReport {
        order: 1,
        state: ReportState::Final,
        emergency: false,
        words: text("disc protrusion L4/5"),
        found: Found::default(),
    };
    ward.go(&radiologist(), report);
    assert!(ward.task(TaskKind::AcknowledgeResult).unwrap().named.is_some());
    // A referral from home is booked, not called to the bedside.
    ward.go(&physician(), Action::Refer { to: text("physiotherapy") });
    assert!(ward.has(TaskKind::BookAppointment) && !ward.has(TaskKind::AnswerReferral));
    let on = ward.now + 5 * DAY;
    ward.go(&nurse(), Action::BookFollowUp { on, with: text("physiotherapy, Ms Adler") });
    assert!(!ward.has(TaskKind::BookAppointment));
    assert_eq!(ward.visit.booked[0].on, on);
}

#[test]
fn check_ins_stop_on_death_admission_return_and_wish() {
    let stopped = |ward: &Ward| {
        assert!(!ward.has(TaskKind::CheckIn));
        ward.visit.at_home.stopped
    };
    let silent = || {
        let mut ward = at_home();
        let begun = ward.now;
        on_day(&mut ward, begun, 3);
        assert!(ward.has(TaskKind::CheckIn));
        ward
    };
    let mut ward = silent();
    ward.go(&nurse(), Action::RecordDeath);
    assert_eq!(stopped(&ward), Some(Stop::Died));
    assert_eq!(ward.visit.open_tasks().count(), 0);
    let mut ward = silent();
    ward.go(&nurse(), Action::StopCheckIns { why: Stop::Admitted, words: None });
    assert_eq!(stopped(&ward), Some(Stop::Admitted));
    let mut ward = silent();
    ward.go(&nurse(), Action::NoteReturn { visit: VisitId::new("visit-2").unwrap() });
    assert_eq!(stopped(&ward), Some(Stop::Returned));
    let mut ward = silent();
    ward.go(&nurse(), Action::StopCheckIns { why: Stop::PatientAsks, words: None });
    assert_eq!(stopped(&ward), Some(Stop::PatientAsks));
    let mut ward = silent();
    let settle = |words| Action::StopCheckIns { why: Stop::Settled, words };
    ward.refused(&nurse(), settle(None), Why::ReasonNeeded);
    ward.go(&nurse(), settle(Some(text("sees her own doctor weekly"))));
    assert_eq!(stopped(&ward), Some(Stop::Settled));
    // Who asks for it by the link is still called once: it may be somebody else's link.
    let mut ward = silent();
    ward.go(&patient(), Action::StopCheckIns { why: Stop::PatientAsks, words: None });
    assert!(ward.has(TaskKind::CheckIn));
    ward.go(&nurse(), Action::ResumeCheckIns);
    assert!(ward.visit.at_home.stopped.is_none() && ward.visit.at_home.is_on());
    // Who is admitted from the department is never asked.
    let mut ward = Ward::strain(MORNING, "34 a");
    ward.go(&physician(), Action::Admit { ward: text("ward 4"), pending_owner: None });
    assert!(ward.visit.at_home.rounds.is_empty());
    ward.refused(&nurse(), settle(Some(text("as said"))), Why::NotNow);
}

#[test]
fn a_merge_takes_the_check_ins_along_and_can_be_undone() {
    let mut wrong = at_home();
    let begun = wrong.now;
    on_day(&mut wrong, begun, 14);
    // The visit it belongs to is one in which the patient left early.
    let brought = carried(&wrong.visit, guideline()).unwrap();
    assert_eq!(brought.check_ins.len(), 4, "two asked, two ahead");
    let mut right = Ward::arriving(begun - HOUR, "visit-2", None);
    right.visit.at_home = Default::default();
    right.go(&physician(), Action::LeaveBeforeSeen { leaving: leaving(Capacity::Present) });
    let own = right.visit.at_home.rounds.len();
    right.now = wrong.now;
    right.go(&nurse(), Action::TakeOver { carried: brought });
    assert_eq!(right.visit.at_home.rounds.len(), own, "asked once, not twice");
    wrong.go(&nurse(), Action::MergeInto { visit: VisitId::new("visit-2").unwrap() });
    assert_eq!(wrong.visit.at_home.stopped, Some(Stop::Merged));
    assert!(!wrong.has(TaskKind::CheckIn));
    wrong.go(&nurse(), Action::UndoMerge { reason: text("another patient") });
    assert_eq!(wrong.visit.phase, Phase::Assessing);
}

#[test]
fn only_phrases_of_the_guideline_are_released() {
    let mut ward = Ward::strain(MORNING, "34 a");
    let phrase = |list: &str, id: &str| Released {
        part: Part::Next,
        list: list.to_string(),
        id: id.to_string(),
    };
    let release = |phrases| Action::Release { phrases };
    ward.go(&physician(), release(vec![phrase("action", "close_follow_up")]));
    assert_eq!(ward.visit.released.len(), 1);
    ward.refused(&physician(), release(vec![phrase("action", "has HIV")]), Why::Unreadable);
    let clerk = actor("c.bell", StaffRole::Clerk);
    ward.refused(&clerk, release(Vec::new()), Why::NotYourRole);
    ward.go(&nurse(), release(Vec::new()));
    assert!(ward.visit.released.is_empty());
}

/// What a patient may do on a day, and what staff do about it.
#[derive(Clone, Debug)]
enum Step {
    Silent,
    Answers(Signs, Option<Course>),
    Called(bool),
    Returns,
    Merged,
    Stops,
    Dies,
}

fn steps() -> impl Strategy<Value = Vec<(u8, Step)>> {
    let signs = prop_oneof![
        8 => Just(Signs::None), 1 => Just(Signs::Some), 2 => Just(Signs::Unsure)
    ];
    let course = prop_oneof![
        Just(None),
        Just(Some(Course::Better)),
        Just(Some(Course::Same)),
        Just(Some(Course::Worse))
    ];
    let step = prop_oneof![
        6 => Just(Step::Silent),
        8 => (signs, course).prop_map(|(signs, course)| Step::Answers(signs, course)),
        3 => any::<bool>().prop_map(Step::Called),
        1 => Just(Step::Returns),
        1 => Just(Step::Merged),
        1 => Just(Step::Stops),
        1 => Just(Step::Dies),
    ];
    proptest::collection::vec((0..20_u8, step), 1..12)
}

/// Somebody is asked, will be asked, or there is a reason why nobody is; what was asked and not
/// answered has an open call; what was told has somebody who looks at it.
fn nobody_is_lost_at_home(ward: &Ward) {
    let home = &ward.visit.at_home;
    if !ward.visit.phase.is_gone() {
        return;
    }
    assert!(!home.rounds.is_empty(), "somebody went home and nobody will ask");
    if home.stopped.is_none() {
        assert_eq!(home.asked().is_some(), ward.has(TaskKind::CheckIn));
    }
    let late = home.next().is_some_and(|planned| planned.at < ward.now);
    assert!(home.stopped.is_some() || !late, "a day has come and nobody was asked");
    if home.is_on() && home.asked().is_none() {
        assert!(next_moment(&ward.visit).is_some(), "nobody looks at this visit again");
    }
    if let Some(last) = home.answers.last() {
        let calls = |kinds: &[TaskKind]| {
            ward.visit.tasks.iter().any(|task| {
                kinds.contains(&task.kind) && (task.is_open() || task.over_at >= Some(last.at))
            })
        };
        let recall = [TaskKind::Recall, TaskKind::WelfareCheck, TaskKind::CallBack];
        assert!(!last.danger || calls(&recall), "a danger sign and nobody calls");
        let doubt = last.told.signs == Signs::Unsure && !last.danger;
        assert!(!doubt || calls(&[TaskKind::CallAboutSigns]), "a doubt and nobody calls");
        let worse = last.told.course == Some(Course::Worse) && !last.danger;
        let look = [TaskKind::CallAtHome, TaskKind::LookAgain];
        assert!(!worse || calls(&look), "worse and nobody looks");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn nobody_is_lost_in_six_weeks(steps in steps()) {
        let mut ward = at_home();
        let begun = ward.now;
        let mut day = 0;
        for (days, step) in steps {
            day += i64::from(days);
            on_day(&mut ward, begun, day);
            if !ward.visit.phase.is_alive_end() {
                break;
            }
            let words = Some(text("spoken with"));
            let visit = VisitId::new("visit-9").unwrap();
            match step {
                Step::Silent => {}
                Step::Answers(signs, course) => {
                    let told = Told { signs, course, ..Told::default() };
                    drop(answer(&mut ward, told));
                }
                Step::Called(reached) => drop(ward.go(
                    &nurse(),
                    Action::MakeContact { reached, settled: reached, words },
                )),
                Step::Returns => drop(ward.go(&nurse(), Action::NoteReturn { visit })),
                Step::Merged => {
                    let other = at_home();
                    let carried = carried(&other.visit, guideline()).unwrap();
                    ward.go(&nurse(), Action::TakeOver { carried });
                }
                Step::Stops => {
                    let stop = Action::StopCheckIns { why: Stop::PatientAsks, words: None };
                    ward.go(&patient(), stop);
                }
                Step::Dies => drop(ward.go(&nurse(), Action::RecordDeath)),
            }
            ward.go(&system(), Action::PassTime);
            nobody_is_lost_at_home(&ward);
        }
        // After six weeks and a long silence everything open is with the senior, or nothing is.
        on_day(&mut ward, begun, day.max(42) + 40);
        for task in ward.visit.open_tasks() {
            prop_assert_eq!(task.holder, StaffRole::SeniorPhysician, "{:?}", task.kind);
        }
        let open = ward.visit.at_home.is_on();
        prop_assert!(!open || ward.has(TaskKind::CheckIn));
    }
}

#[test]
fn the_list_says_what_is_next_and_what_another_look_may_lead_to() {
    use cauda_pathway::views::{FollowUpStanding, follow_up_row, prospect, suggests_scan};
    let mut ward = at_home();
    let begun = ward.now;
    let standing = |ward: &Ward| follow_up_row(&ward.visit, ward.now).map(|row| row.standing);
    assert_eq!(standing(&ward), Some(FollowUpStanding::Later));
    on_day(&mut ward, begun, 2);
    assert_eq!(standing(&ward), Some(FollowUpStanding::Asked));
    on_day(&mut ward, begun, 5);
    assert_eq!(standing(&ward), Some(FollowUpStanding::Silent));
    answer(&mut ward, well(Course::Worse));
    assert_eq!(standing(&ward), Some(FollowUpStanding::Worse));
    on_day(&mut ward, begun, 42);
    answer(&mut ward, Told { signs: Signs::Unsure, ..Told::default() });
    assert_eq!(standing(&ward), Some(FollowUpStanding::NotSure));
    answer(&mut ward, well(Course::Same));
    // Six weeks and no better: physiotherapy, and a scan that waits for what a clinician says.
    let advised = prospect(&ward.visit, guideline(), ward.now);
    let pages: Vec<&str> = advised.iter().map(|advised| advised.page.as_str()).collect();
    assert!(pages.contains(&"follow_up/physiotherapy"), "{pages:?}");
    assert!(suggests_scan(&advised), "{pages:?}");
    let scan = advised.iter().find(|advised| advised.page == "follow_up/mri_at_six_weeks").unwrap();
    let waits: Vec<&str> = scan.waits_for.iter().map(|shown| shown.fact.as_str()).collect();
    assert_eq!(waits, ["conservative_care_documented", "surgery_or_injection_candidate"]);
    // Four weeks are no six, and better is better.
    let mut ward = at_home();
    on_day(&mut ward, begun, 28);
    answer(&mut ward, well(Course::Same));
    assert!(!suggests_scan(&prospect(&ward.visit, guideline(), ward.now)));
    answer(&mut ward, Told { signs: Signs::Some, ..Told::default() });
    assert_eq!(standing(&ward), Some(FollowUpStanding::ToReach));
}

#[test]
fn a_message_is_claimed_sent_once_and_made_up_for() {
    use cauda_pathway::messaging::{CLAIM_SECONDS, Sending};
    let mut ward = at_home();
    let begun = ward.now;
    assert_eq!(ward.visit.message_due(ward.now), None);
    on_day(&mut ward, begun, 2);
    let round = Round::DayTwo;
    assert_eq!(ward.visit.message_due(ward.now), Some((round, 0)));
    let claim = || Action::ClaimMessage { round };
    let note = |sending, again_at| Action::NoteMessage { round, sending, again_at };
    ward.refused(&nurse(), claim(), Why::NotYourRole);
    ward.refused(&system(), note(Sending::Sent, None), Why::NotNow);
    assert_eq!(ward.go(&system(), claim()).len(), 1);
    assert!(ward.go(&system(), claim()).is_empty(), "the second server sends nothing");
    assert_eq!(ward.visit.message_due(ward.now), None);
    // The server stopped in the middle: the same message is sent again, at least once.
    ward.now += CLAIM_SECONDS;
    assert_eq!(ward.visit.message_due(ward.now), Some((round, 1)));
    ward.go(&system(), claim());
    let again = ward.now + 300;
    ward.go(&system(), note(Sending::Again, Some(again)));
    assert_eq!(ward.visit.message_due(ward.now), None);
    ward.now = again;
    assert_eq!(ward.visit.message_due(ward.now), Some((round, 2)));
    ward.go(&system(), claim());
    ward.go(&system(), note(Sending::Sent, None));
    ward.now += DAY;
    assert_eq!(ward.visit.message_due(ward.now), None);
    // Who answered, or wants none, gets none.
    on_day(&mut ward, begun, 14);
    assert!(ward.visit.message_due(ward.now).is_some());
    ward.go(&patient(), Action::StopCheckIns { why: Stop::PatientAsks, words: None });
    assert_eq!(ward.visit.message_due(ward.now), None);
}

#[test]
fn a_link_in_the_wrong_hands_ends_and_the_rounds_go_on() {
    let mut ward = at_home();
    let begun = ward.now;
    on_day(&mut ward, begun, 2);
    ward.go(&patient(), Action::DisownLink);
    assert_eq!(ward.visit.links_revoked, 1);
    assert!(ward.has(TaskKind::CorrectContact) && ward.visit.at_home.is_on());
    assert_eq!(ward.visit.message_due(ward.now), None, "nobody is written to the wrong way");
    // A call does not correct an address.
    let words = Some(text("spoke with her"));
    ward.go(&nurse(), Action::MakeContact { reached: true, settled: true, words });
    assert!(ward.has(TaskKind::CorrectContact));
    ward.go(&nurse(), Action::CorrectContact);
    assert!(!ward.has(TaskKind::CorrectContact));
    assert_eq!(ward.visit.links_revoked, 2, "links that went the old way end");
    assert_eq!(ward.visit.message_due(ward.now), Some((Round::DayTwo, 0)));
}

#[test]
fn a_danger_told_at_home_is_an_emergency_on_return_until_somebody_examined() {
    let mut ward = at_home();
    let begun = ward.now;
    on_day(&mut ward, begun, 3);
    let lines = vec!["numb_between_the_legs".to_string()];
    answer(&mut ward, Told { signs: Signs::Some, lines: lines.clone(), ..Told::default() });
    let brought = carried(&ward.visit, guideline()).unwrap();
    assert_eq!(brought.tier, Tier::Emergency);
    assert_eq!(brought.danger.as_ref().unwrap().lines, lines);
    let back = Ward::arriving(ward.now + 20 * MINUTE, "visit-2", Some(brought));
    assert_eq!(back.visit.tier(), Tier::Emergency);
    let sees = back.task(TaskKind::AnswerDangerSign).unwrap();
    assert_eq!(sees.due, back.now + 15 * MINUTE);
    // What is told by the old link afterwards is somebody's all the same.
    ward.go(&nurse(), Action::NoteReturn { visit: VisitId::new("visit-2").unwrap() });
    assert_eq!(ward.visit.open_tasks().count(), 0);
    ward.now += HOUR;
    answer(&mut ward, Told { signs: Signs::Unsure, ..well(Course::Worse) });
    assert!(ward.has(TaskKind::CallAboutSigns) && ward.has(TaskKind::CallAtHome));
    // A false alarm that somebody settled is carried no further.
    let mut ward = at_home();
    on_day(&mut ward, begun, 3);
    answer(&mut ward, Told { signs: Signs::Some, lines, ..Told::default() });
    ward.now += HOUR;
    let words = Some(text("tapped by mistake, no sign"));
    ward.go(&physician(), Action::MakeContact { reached: true, settled: true, words });
    let brought = carried(&ward.visit, guideline()).unwrap();
    assert_eq!((brought.tier < Tier::Emergency, brought.danger), (true, None));
}

#[test]
fn a_sign_told_by_the_link_in_the_department_reaches_a_physician() {
    let mut ward = Ward::strain(MORNING, "34 a");
    answer(&mut ward, Told { signs: Signs::Some, ..Told::default() });
    assert_eq!(ward.task(TaskKind::AnswerWorsening).unwrap().due, ward.now + 15 * MINUTE);
}

#[test]
fn worse_is_called_at_any_week_and_what_was_left_out_is_not_well() {
    let kinds = |told: Told, day: i64| {
        let mut ward = at_home();
        let begun = ward.now;
        on_day(&mut ward, begun, day);
        answer(&mut ward, told);
        let home = [TaskKind::CallAtHome, TaskKind::LookAgain, TaskKind::Recall];
        (home.map(|kind| ward.has(kind)), ward.visit.at_home.stopped)
    };
    assert_eq!(kinds(well(Course::Worse), 2), ([true, false, false], None));
    assert_eq!(kinds(well(Course::Worse), 42), ([true, true, false], None));
    let silent = || Told { signs: Signs::None, ..Told::default() };
    assert_eq!(kinds(silent(), 14), ([false, false, false], None));
    assert_eq!(kinds(silent(), 42), ([true, false, false], None));
    let danger = Told { signs: Signs::Some, ..well(Course::Same) };
    assert_eq!(kinds(danger, 42), ([false, true, true], None));
    let hard = Told { daily: Some(Daily::Most), ..well(Course::Better) };
    assert_eq!(kinds(hard, 14).1, None, "most things are hard, so it goes on");
    // Nobody examined who left before being seen, and nobody says "better" for a child.
    for age in ["34 a", "15 a"] {
        let mut ward = Ward::at(MORNING);
        ward.triaged(4, &[("age", age)]);
        ward.go(&physician(), Action::LeaveAgainstAdvice { leaving: leaving(Capacity::Present) });
        let begun = ward.now;
        on_day(&mut ward, begun, 14);
        answer(&mut ward, well(Course::Better));
        assert_eq!(ward.visit.at_home.stopped, None, "{age}");
    }
}

#[test]
fn an_outpatient_scan_of_somebody_at_home_is_never_hastened() {
    let mut ward = at_home();
    let begun = ward.now;
    on_day(&mut ward, begun, 42);
    let order = Action::OrderImaging {
        image: "mri_lumbar".into(),
        tier: None,
        less: None,
        earliest_start: None,
    };
    ward.go(&physician(), order);
    let found = ward.found(Role::Patient, &[("saddle_numbness", "new")]);
    let told = Told { signs: Signs::Some, ..Told::default() };
    ward.go(&patient(), Action::AnswerCheckIn { told, found });
    assert_eq!(ward.visit.result(1).unwrap().order.as_ref().unwrap().tier, Tier::Outpatient);
    assert!(ward.has(TaskKind::Recall));
}

#[test]
fn whoever_is_to_be_reached_is_to_be_reached_after_a_merge() {
    let mut wrong = at_home();
    let begun = wrong.now;
    on_day(&mut wrong, begun, 3);
    answer(&mut wrong, Told { signs: Signs::Some, ..Told::default() });
    let brought = carried(&wrong.visit, guideline()).unwrap();
    assert!(brought.to_reach && brought.danger.is_some());
    let mut right = at_home();
    right.now = wrong.now;
    right.go(&nurse(), Action::TakeOver { carried: brought.clone() });
    assert!(right.has(TaskKind::Recall) && right.visit.to_reach);
    // Into a visit of a patient who is here, a physician hears it.
    let mut here = Ward::strain(MORNING, "34 a");
    here.go(&nurse(), Action::TakeOver { carried: brought });
    assert!(here.has(TaskKind::AnswerWorsening));
}
