//! The order: tier, slack, age, changeover; equal input gives equal order.

use cauda_queue::{
    Choice, Department, Entry, Protocol, Settings, State, Tier, next, plan, points, what_if,
};
use proptest::prelude::*;

use crate::chance::Chance;
use crate::department::{
    HOUR, MINUTE, NOW, department, departments, due, entry, id, minutes, mr, plain_departments,
};
use crate::naive;

fn order(department: &Department) -> Vec<String> {
    plan(department).entries.iter().map(|one| one.id.to_string()).collect()
}

fn check(entries: Vec<Entry>, expect: &[&str]) {
    assert_eq!(order(&department(&["A"], entries)), expect);
}

#[test]
fn tier_comes_first() {
    let all = Tier::ALL.map(|tier| entry(tier.id(), tier)).to_vec();
    check(all, &["immediate", "emergency", "urgent", "booked", "outpatient"]);
}

#[test]
fn in_a_tier_who_has_least_slack_comes_first() {
    let long = minutes(due("long", Tier::Emergency, 240), 90, 100);
    check(
        vec![due("late", Tier::Emergency, 200), long, due("soon", Tier::Emergency, 190)],
        &["long", "soon", "late"],
    );
}

#[test]
fn without_a_deadline_the_window_of_the_tier_counts() {
    let old = Entry { ordered_at: NOW - HOUR, ..entry("old", Tier::Emergency) };
    check(vec![due("due", Tier::Emergency, 210), old], &["old", "due"]);
}

#[test]
fn equal_slack_goes_by_the_wait() {
    let old = Entry { ordered_at: NOW - HOUR, ..due("old", Tier::Urgent, 300) };
    check(vec![due("new", Tier::Urgent, 300), old], &["old", "new"]);
}

#[test]
fn age_moves_up_but_passes_no_emergency_that_is_short_of_time() {
    let aged = Entry { ordered_at: NOW - 49 * HOUR, ..due("aged", Tier::Urgent, -60) };
    check(vec![aged.clone(), due("easy", Tier::Emergency, 240)], &["aged", "easy"]);
    check(vec![aged, due("short", Tier::Emergency, 85)], &["short", "aged"]);
}

#[test]
fn age_alone_passes_no_emergency_while_the_own_deadline_is_far() {
    let old = due("old", Tier::Outpatient, 10 * 24 * 60);
    let old = Entry { ordered_at: NOW - 100 * 24 * HOUR, ..old };
    check(vec![old, due("easy", Tier::Emergency, 240)], &["easy", "old"]);
}

#[test]
fn a_coil_that_is_on_breaks_ties_and_nothing_else() {
    let with = |name: &str, coil: &str, slack: i64| {
        let base = due(name, Tier::Booked, slack);
        let protocol = Protocol { coil: Some(coil.to_string()), ..base.protocol.clone() };
        Entry { protocol, ..base }
    };
    let first = |a: Entry, b: Entry| match next(&department(&["A"], vec![a, b]), &mr("A")) {
        Choice::Take { entry, .. } => entry.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(first(with("a", "head", 600), with("b", "spine", 601)), "b");
    assert_eq!(first(with("a", "head", 600), with("b", "spine", 700)), "a");
}

#[test]
fn who_was_called_is_not_passed_within_the_same_band() {
    let called = State::Called { scanner: mr("A") };
    let called = Entry { state: called, ..due("called", Tier::Urgent, 900) };
    check(vec![due("sooner", Tier::Urgent, 500), called], &["called", "sooner"]);
}

#[test]
fn unknown_readiness_keeps_the_place_and_says_what_it_waits_for() {
    use crate::department::item;
    use cauda_queue::Answer;
    let unknown = item("implant", Answer::Unknown, None);
    let stroke = Entry { readiness: vec![unknown], ..entry("stroke", Tier::Immediate) };
    let made = department(&["A"], vec![entry("knee", Tier::Booked), stroke]);
    let plan = plan(&made);
    assert_eq!(plan.entries[0].id, id("stroke"));
    assert_eq!(plan.entries[0].waits_for, ["implant"]);
    assert!(plan.entries[0].predicted.unwrap().assumed);
    assert!(matches!(next(&made, &mr("A")), Choice::Take { entry, .. } if entry == id("knee")));
}

fn shuffled(department: &Department, seed: u64) -> Department {
    let mut chance = Chance(seed);
    let mut made = department.clone();
    for ix in (1..made.entries.len()).rev() {
        made.entries.swap(ix, chance.below(ix as u64 + 1) as usize);
    }
    if chance.below(2) == 0 {
        made.scanners.reverse();
    }
    made
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn equal_input_in_any_order_gives_the_same(department in departments(), seed: u64) {
        let other = shuffled(&department, seed);
        prop_assert_eq!(plan(&department), plan(&other));
        for scanner in &department.scanners {
            prop_assert_eq!(next(&department, &scanner.id), next(&other, &scanner.id));
        }
        let stroke = entry("new", Tier::Immediate);
        prop_assert_eq!(what_if(&department, &stroke), what_if(&other, &stroke));
    }

    #[test]
    fn the_shipped_order_is_what_a_naive_reader_of_the_rules_makes(
        mut department in plain_departments(),
    ) {
        department.settings = Settings::default();
        let mut all = department.entries.clone();
        // Insertion by pairs: slow and plain.
        let mut line: Vec<Entry> = Vec::new();
        while let Some(entry) = all.pop() {
            let at = line.iter().position(|other| naive::goes_before(&entry, other));
            line.insert(at.unwrap_or(line.len()), entry);
        }
        let expect: Vec<String> = line.iter().map(|entry| entry.id.to_string()).collect();
        prop_assert_eq!(order(&department), expect);
    }

    #[test]
    fn priority_never_falls_while_waiting(
        department in departments(),
        later in 0_i64..90 * 24 * 60,
    ) {
        for entry in &department.entries {
            let entry = Entry { overrides: Vec::new(), ..entry.clone() };
            let at = |at| points(&entry, &department.settings, at);
            prop_assert!(at(NOW) <= at(NOW + later * MINUTE));
            prop_assert!(at(NOW + later * MINUTE) <= at(NOW + later * MINUTE + 1));
        }
    }
}
