//! The form of an event, which the record keeps for years, and what a replay
//! finds.

use cauda_pathway::clocks::TaskKind;
use cauda_pathway::command::Action;
use cauda_pathway::event::{Event, What};
use cauda_pathway::identity::VisitId;
use cauda_pathway::table::Phase;
use cauda_pathway::{carried, fold, replay};

use crate::department::{Ward, nurse, physician, text};
use crate::shipped::guideline;

const MORNING: &str = "2026-11-24T09:00:00Z";

fn short() -> Ward {
    let mut ward = Ward::at(MORNING);
    ward.triaged(2, &[("saddle_numbness", "new")]);
    ward
}

#[test]
fn the_form_of_an_event_is_settled() {
    let ward = short();
    let find = |wanted: fn(&What) -> bool| {
        let event = ward.events.iter().find(|event| wanted(&event.what)).unwrap();
        serde_json::to_string(event).unwrap()
    };
    assert_eq!(
        find(|what| matches!(what, What::Arrived { .. })),
        "{\"version\":3,\"at\":\"2026-11-24T09:00:00Z\",\
         \"by\":{\"id\":\"c.bell\",\"role\":\"clerk\"},\"command\":\"command-1\",\
         \"what\":{\"arrived\":{\"identity\":{\"patient\":\"patient-1\",\
         \"episode\":\"episode-1\",\"visit\":\"visit-1\"},\"returning\":null}}}"
    );
    assert_eq!(
        find(|what| matches!(what, What::FindingsRecorded { .. })),
        "{\"version\":3,\"at\":\"2026-11-24T09:00:00Z\",\
         \"by\":{\"id\":\"n.garcia\",\"role\":\"triage_nurse\"},\"command\":\"command-2\",\
         \"what\":{\"findings_recorded\":{\"findings\":[{\"fact\":\"saddle_numbness\",\
         \"value\":\"new\",\"said_by\":\"nurse\",\"at\":\"2026-11-24T09:00:00Z\",\
         \"limited_by_pain\":false}]}}}"
    );
}

#[test]
fn unknown_fields_kinds_and_versions_are_refused() {
    let ward = short();
    let text = serde_json::to_string(&ward.events[0]).unwrap();
    assert!(serde_json::from_str::<Event>(&text).is_ok());
    for (was, is) in [
        ("\"version\":3", "\"version\":4"),
        ("\"version\":3", "\"version\":0"),
        ("\"version\":3", "\"version\":3,\"more\":1"),
        ("\"returning\":null", "\"returning\":null,\"more\":1"),
        ("\"visit\":\"visit-1\"", "\"visit\":\"visit-1\",\"more\":1"),
        ("\"arrived\"", "\"landed\""),
        ("\"clerk\"", "\"porter\""),
        ("09:00:00Z", "09:00:00"),
    ] {
        let changed = text.replacen(was, is, 1);
        assert_ne!(changed, text);
        assert!(serde_json::from_str::<Event>(&changed).is_err(), "{changed}");
    }
}

#[test]
fn a_stream_of_an_earlier_version_reads_as_before() {
    let text = "{\"version\":1,\"at\":\"2026-11-24T09:00:00Z\",\"by\":{\"id\":\"c.bell\",\
                \"role\":\"clerk\"},\"command\":\"one\",\"what\":{\"check_in_answered\":{\"danger\":true}}}";
    let event: Event = serde_json::from_str(text).unwrap();
    let What::CheckInAnswered { danger, round, told } = &event.what else { panic!("{event:?}") };
    assert_eq!((danger, round, told), (&true, &None, &None));
    let carried =
        "{\"from\":\"visit-1\",\"tier\":\"none\",\"raised\":[],\"findings\":[],\"held\":[]}";
    let carried: cauda_pathway::event::Carried = serde_json::from_str(carried).unwrap();
    assert_eq!((carried.began, carried.check_ins.len()), (None, 0));
}

#[test]
fn a_decision_says_what_it_stands_on_and_comes_out_the_same() {
    let ward = short();
    let answer = ward.visit.answer.as_ref().unwrap();
    assert_eq!(answer.basis.sha256, guideline().sha256);
    assert_eq!(answer.facts_sha256.len(), 64);
    assert_eq!(replay(&ward.events, guideline()), Vec::new());
}

#[test]
fn an_answer_that_holds_less_long_is_recorded_though_the_verdict_is_the_same() {
    let mut ward = Ward::at(MORNING);
    ward.triaged(4, &[("age", "45 a")]);
    let before = ward.visit.answer.clone().unwrap();
    ward.now += 60;
    ward.triaged(4, &[("pain_score", "3")]);
    let after = ward.visit.answer.clone().unwrap();
    assert_eq!(before.verdict, after.verdict);
    assert!(after.valid_until.is_some_and(|until| before.valid_until.is_none_or(|b| until < b)));
    // The same moment twice, and a moment later, are one decision.
    let events = ward.later(2 * 3_600);
    assert!(events.iter().any(|event| matches!(event.what, What::DecisionExpired { .. })));
    let due: Vec<_> = ward.later(1).into_iter().map(|event| event.what.kind()).collect();
    assert_eq!(due, []);
}

#[test]
fn a_changed_finding_or_decision_is_found() {
    let mut events = short().events;
    for event in &mut events {
        if let What::FindingsRecorded { findings } = &mut event.what {
            findings[0].value = "longstanding".into();
        }
    }
    let differences = replay(&events, guideline());
    assert!(!differences.is_empty());
    assert!(differences.iter().all(|difference| difference.is_a_fault()));
    assert!(differences.iter().any(|difference| difference.is_of_verdict()));
}

#[test]
fn an_entry_of_another_guideline_reassures_nobody() {
    let mut ward = Ward::strain(MORNING, "34 a");
    for event in &mut ward.events {
        if let What::FindingsRecorded { findings } = &mut event.what {
            findings.iter_mut().filter(|f| f.fact == "pain_duration").for_each(|finding| {
                finding.fact = "a_fact_of_last_year".into();
            });
        }
    }
    ward.visit = fold(&ward.events);
    ward.now += 60;
    ward.examined(&[]);
    let answer = ward.visit.answer.as_ref().unwrap();
    assert_eq!(answer.unreadable, ["a_fact_of_last_year"]);
    assert!(answer.verdict.clinician_review);
    let action = Action::Discharge { less: None, card_given: true, pending_owner: None };
    assert!(ward.try_to(&physician(), action).is_err());
}

#[test]
fn a_merge_loses_nothing_and_can_be_undone() {
    let mut wrong = short();
    let brought = carried(&wrong.visit, guideline()).unwrap();
    let mut right = Ward::at(MORNING);
    right.triaged(4, &[("age", "45 a")]);
    right.go(&nurse(), Action::TakeOver { carried: brought });
    assert_eq!(right.visit.tier(), wrong.visit.tier());
    wrong.go(&physician(), Action::OrderTest { name: text("blood cultures") });
    let visit = VisitId::new("visit-2").unwrap();
    wrong.go(&nurse(), Action::MergeInto { visit });
    assert_eq!(wrong.visit.phase, Phase::Merged);
    let left: Vec<TaskKind> = wrong.visit.open_tasks().map(|task| task.kind).collect();
    assert_eq!(left, [TaskKind::FollowTest], "what is awaited keeps its owner");
    let found = wrong.found(cauda_guideline::facts::Role::Nurse, &[("age", "45 a")]);
    assert!(wrong.try_to(&nurse(), Action::Record { found }).is_err(), "goes to the other visit");
    wrong.go(&nurse(), Action::UndoMerge { reason: text("another person of that name") });
    assert!(wrong.visit.phase.is_seen(), "somebody looks again");
    assert!(wrong.visit.open_tasks().count() > 0);
}

#[test]
fn a_broken_record_is_noted_and_its_danger_kept() {
    let events = short().events;
    // The arrival is missing.
    let visit = fold(&events[1..]);
    assert!(!visit.faults.is_empty());
    assert_eq!(visit.findings.len(), 1);
    assert_eq!(visit.tier(), cauda_guideline::vocabulary::Tier::Emergency);
}
