//! Looking ahead for an immediate patient, reserved gaps, hours and scanners that are down.

use cauda_queue::{
    Choice, Department, Down, Entry, Hours, Protocol, Shorter, Span, State, Tier, next, plan,
};

use crate::department::{
    MINUTE, NOW, coming, department, due, entry, gap, id, minutes, mr, running, scanner,
};

fn chosen(department: &Department) -> Choice {
    next(department, &mr("A"))
}

fn takes(department: &Department, name: &str) -> bool {
    matches!(chosen(department), Choice::Take { entry, .. } if entry == id(name))
}

fn holds(department: &Department) -> bool {
    matches!(chosen(department), Choice::Hold { entry, .. } if entry == id("stroke"))
}

fn with(minutes: i64, others: Vec<Entry>) -> Department {
    let mut entries = vec![coming("stroke", Tier::Immediate, minutes)];
    entries.extend(others);
    department(&["A"], entries)
}

#[test]
fn stays_free_for_an_immediate_patient_within_the_cap() {
    let knee = || vec![entry("knee", Tier::Booked)];
    let made = with(8, knee());
    assert!(holds(&made));
    let Choice::Hold { until, why, .. } = chosen(&made) else { unreachable!() };
    assert_eq!(until, NOW + 8 * MINUTE);
    assert_eq!(why.sentence(), "Immediate; waits for arrival; expected ready in 8 minutes.");
    assert!(takes(&with(11, knee()), "knee"));
    let mut never = with(8, knee());
    never.settings.looking.minutes_max = 0;
    assert!(takes(&never, "knee"));
}

#[test]
fn the_cap_counts_from_when_the_scanner_became_free() {
    let mut made = with(8, vec![entry("knee", Tier::Booked)]);
    made.scanners[0].free_since = Some(NOW - 3 * MINUTE);
    assert!(takes(&made, "knee"));
    made.scanners[0].free_since = Some(NOW - 2 * MINUTE);
    assert!(holds(&made));
}

#[test]
fn only_for_a_gain() {
    // Two minutes saved for the stroke against eight and more for many emergencies.
    let short = |name: &str| minutes(due(name, Tier::Emergency, 200), 10, 12);
    assert!(takes(&with(8, ["a", "b", "c"].map(short).to_vec()), "a"));
    // Another scanner is free by then.
    let mut two = with(8, vec![entry("knee", Tier::Booked)]);
    let mut other = scanner("B");
    other.running = Some(running(-20, 8, 12));
    two.scanners.push(other);
    assert!(takes(&two, "knee"));
}

#[test]
fn not_against_an_emergency_that_would_be_late_a_prepared_or_a_moved_patient() {
    assert!(takes(&with(8, vec![due("cauda", Tier::Emergency, 45)]), "cauda"));
    let state = State::Sedated { scanner: mr("A") };
    let asleep = Entry { state, ..entry("asleep", Tier::Booked) };
    assert!(takes(&with(8, vec![asleep]), "asleep"));
    let mut knee = entry("knee", Tier::Booked);
    knee.overrides.push(crate::department::will(cauda_queue::Will::First, NOW + 3600));
    assert!(takes(&with(8, vec![knee]), "knee"));
}

#[test]
fn a_short_scan_fits_in_before() {
    let short = minutes(entry("short", Tier::Outpatient), 5, 8);
    let made = with(9, vec![entry("knee", Tier::Booked), short]);
    assert!(takes(&made, "short"));
    let Choice::Take { why, .. } = chosen(&made) else { unreachable!() };
    assert!(why.sentence().starts_with("Done before the immediate patient due in 9 minutes"));
}

#[test]
fn no_short_scan_passes_one_whom_a_hold_would_not() {
    // Going on costs the stroke two minutes only, so the emergencies go on.
    let cauda = |name: &str| minutes(due(name, Tier::Emergency, 200), 10, 12);
    let short = minutes(entry("short", Tier::Outpatient), 5, 8);
    let made = with(8, vec![cauda("a"), cauda("b"), cauda("c"), short]);
    assert!(takes(&made, "a"));
}

#[test]
fn nobody_assumed_is_waited_for() {
    let mut made = with(8, vec![entry("knee", Tier::Booked)]);
    made.entries[0].readiness[0].expected_at = None;
    made.entries[0].readiness[0].answer = cauda_queue::Answer::Unknown;
    made.settings.assumed_ready_minutes = 5;
    assert!(takes(&made, "knee"));
}

#[test]
fn a_gap_is_kept_until_its_cut_off() {
    let mut made = department(&["A"], vec![entry("knee", Tier::Booked)]);
    made.scanners[0].gaps = vec![gap(30, 60, 15)];
    assert_eq!(chosen(&made), Choice::Wait { wake_at: Some(NOW + 15 * MINUTE) });
    // It would be over in time.
    made.entries[0] = minutes(entry("knee", Tier::Booked), 20, 30);
    assert!(takes(&made, "knee"));
    made.entries[0] = due("cauda", Tier::Emergency, 200);
    assert!(takes(&made, "cauda"));
    made.entries[0] = entry("knee", Tier::Booked);
    made.now = NOW + 15 * MINUTE;
    assert!(takes(&made, "knee"));
}

#[test]
fn the_end_of_the_shift_binds_all_but_emergencies() {
    let mut made = department(&["A"], vec![entry("knee", Tier::Urgent)]);
    let span = |from: i64, to: i64| Span { from: NOW + from * MINUTE, to: NOW + to * MINUTE };
    made.scanners[0].hours = Hours::Open(vec![span(-60, 10), span(10, 35), span(600, 900)]);
    assert_eq!(chosen(&made), Choice::Wait { wake_at: Some(NOW + 600 * MINUTE) });
    made.entries[0].tier = Tier::Emergency;
    assert!(takes(&made, "knee"));
    made.now = NOW + 40 * MINUTE;
    assert_eq!(chosen(&made), Choice::Shut { opens_at: Some(NOW + 600 * MINUTE) });
}

#[test]
fn a_scanner_that_is_down_takes_nobody_and_frees_whom_it_was_prepared_for() {
    let state = State::Prepared { scanner: mr("A") };
    let knee = Entry { state, ..entry("knee", Tier::Booked) };
    let mut made = department(&["A", "B"], vec![knee]);
    assert_eq!(next(&made, &mr("B")), Choice::Wait { wake_at: None });
    made.scanners[0].down = Some(Down { since: NOW, until: None });
    assert_eq!(chosen(&made), Choice::Shut { opens_at: None });
    assert!(matches!(next(&made, &mr("B")), Choice::Take { .. }));
    assert_eq!(next(&made, &mr("C")), Choice::Unknown);
}

#[test]
fn implants_coils_and_field_decide_where() {
    let implant = Protocol { field_most: Some(15), ..entry("", Tier::Urgent).protocol };
    let strong = Protocol { field_least: Some(30), ..implant.clone() };
    let strong = Protocol { field_most: None, ..strong };
    let asleep = Protocol { needs: ["anaesthesia".to_string()].into(), ..implant.clone() };
    let mut three = scanner("A");
    (three.field, three.capabilities) = (30, std::collections::BTreeSet::new());
    assert!(!three.suits(&implant) && three.suits(&strong) && !three.suits(&asleep));
    let weak = scanner("B");
    assert!(weak.suits(&implant) && !weak.suits(&strong) && weak.suits(&asleep));
    let made = department(&["A"], vec![Entry { protocol: strong, ..entry("brain", Tier::Urgent) }]);
    let plan = plan(&made);
    assert!(plan.entries[0].predicted.is_none());
    assert!(plan.entries[0].why.sentence().contains("no scanner here can do it"));
}

#[test]
fn a_shorter_protocol_is_offered_but_not_taken_by_itself() {
    let mut made = department(&["A"], vec![entry("knee", Tier::Urgent)]);
    made.entries[0].protocol.shorter =
        Some(Shorter { name: "limited".to_string(), minutes_p50: 8, minutes_p90: 10 });
    assert_eq!(plan(&made).entries[0].predicted.unwrap().end_p50, NOW + 30 * MINUTE);
}

#[test]
fn nobody_overdue_is_waited_for_and_after_an_hour_nobody_said_so() {
    let mut made = with(8, vec![entry("knee", Tier::Booked)]);
    made.entries[0].readiness[0].expected_at = Some(NOW - MINUTE);
    assert!(takes(&made, "knee"), "late is not done, and is not expected either");
    let predicted = |made: &Department| {
        let plan = plan(made);
        plan.entries.iter().find(|one| one.id == id("stroke")).unwrap().predicted
    };
    let late = predicted(&made).unwrap();
    assert!(late.assumed && late.start_p50 >= NOW + 10 * MINUTE);
    made.entries[0].readiness[0].expected_at = Some(NOW - 60 * MINUTE);
    assert_eq!(predicted(&made), None, "it is not done, and nobody says when it will be");
    made.entries[0].readiness[0].answer = cauda_queue::Answer::Unknown;
    let assumed = predicted(&made).unwrap();
    assert!(assumed.assumed && assumed.start_p50 >= NOW + 60 * MINUTE);
}

#[test]
fn a_gap_is_in_its_lane_until_it_is_over_with_who_uses_it() {
    let cauda = minutes(due("cauda", Tier::Emergency, 200), 20, 25);
    let mut made = department(&["A"], vec![cauda]);
    made.scanners[0].gaps = vec![gap(5, 60, 15)];
    made.scanners[0].running = Some(running(-10, 10, 12));
    for minute in [-12, 0] {
        made.now = NOW + minute * MINUTE;
        let lane = plan(&made).lanes.remove(0);
        let block = lane
            .blocks
            .iter()
            .find(|block| matches!(block.what, cauda_queue::BlockKind::Gap { .. }))
            .unwrap();
        let cauda_queue::BlockKind::Gap { least, released_at } = block.what else { unreachable!() };
        assert_eq!((least, released_at), (Tier::Emergency, NOW - 10 * MINUTE));
        let users: Vec<_> = lane.within(block.from, block.to).collect();
        assert_eq!(users, [&id("cauda")]);
    }
    made.now = NOW + 60 * MINUTE;
    let lane = plan(&made).lanes.remove(0);
    assert!(!lane.blocks.iter().any(|it| matches!(it.what, cauda_queue::BlockKind::Gap { .. })));
}
