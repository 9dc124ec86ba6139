//! Deadlines that would be missed, and the smallest change that avoids it.

use cauda_queue::{
    Answer, Breach, Change, Choice, Department, Entry, Hours, Likelihood, Shorter, Span, State,
    Tier, Will, next, plan,
};

use crate::department::{
    HOUR, MINUTE, NOW, department, due, entry, gap, id, item, minutes, mr, running, will,
};

fn breach(department: &Department, name: &str) -> Option<Breach> {
    plan(department).breaches.into_iter().find(|breach| breach.id == id(name))
}

fn change(department: &Department, name: &str) -> Change {
    breach(department, name).unwrap().change.unwrap()
}

#[test]
fn in_time_there_is_none() {
    let made = department(&["A"], vec![due("a", Tier::Urgent, 60), entry("b", Tier::Booked)]);
    assert!(plan(&made).breaches.is_empty());
}

#[test]
fn likely_by_the_median_possible_by_the_p90() {
    let made = department(&["A"], vec![due("a", Tier::Urgent, 35)]);
    let possible = breach(&made, "a").unwrap();
    assert_eq!((possible.likelihood, possible.change), (Likelihood::Possible, None));
    let mut made = department(&["A"], vec![due("a", Tier::Urgent, 25)]);
    let likely = breach(&made, "a").unwrap();
    assert_eq!((likely.likelihood, likely.late_minutes), (Likelihood::Likely, Some(5)));
    assert_eq!(likely.change, Some(Change::TooLate));
    made.entries[0].protocol.shorter =
        Some(Shorter { name: "limited".to_string(), minutes_p50: 8, minutes_p90: 10 });
    assert_eq!(change(&made, "a"), Change::Shorter { protocol: "limited".to_string() });
}

#[test]
fn swap_with_the_nearest_who_can_wait() {
    // Least slack first puts the long scans first; the last is late, and the second can wait.
    let first = minutes(due("first", Tier::Urgent, 80), 60, 60);
    let second = Entry { ordered_at: NOW - 22 * HOUR, ..entry("second", Tier::Urgent) };
    let second = minutes(second, 60, 60);
    let last = due("last", Tier::Urgent, 100);
    let made = department(&["A"], vec![first, second, last]);
    assert_eq!(breach(&made, "last").unwrap().late_minutes, Some(50));
    assert_eq!(change(&made, "last"), Change::Swap { with: id("second") });
}

#[test]
fn no_change_makes_an_equally_urgent_one_late() {
    let made = department(&["A"], vec![due("a", Tier::Urgent, 40), due("b", Tier::Urgent, 45)]);
    assert_eq!(change(&made, "b"), Change::TransferNow);
}

#[test]
fn a_swap_says_whom_it_makes_late() {
    // An aged one goes first and its own deadline is met only there.
    let aged = Entry { ordered_at: NOW - 6 * 24 * HOUR, ..due("aged", Tier::Booked, 45) };
    let made = department(&["A"], vec![aged, due("late", Tier::Urgent, 50)]);
    let found = breach(&made, "late").unwrap();
    assert_eq!(found.change, Some(Change::Swap { with: id("aged") }));
    assert_eq!(found.makes_late, [id("aged")]);
}

#[test]
fn get_ready_by_the_start_of_the_slot() {
    let mut made = department(&["A"], vec![due("a", Tier::Emergency, 60)]);
    made.scanners[0].running = Some(running(-10, 20, 25));
    made.entries[0].readiness = vec![item("implant", Answer::Unknown, None)];
    let by = NOW + 20 * MINUTE;
    let items = vec!["implant".to_string()];
    assert_eq!(change(&made, "a"), Change::ReadyBy { by, items });
    // Nobody expects it at all: the deadline is missed though no start can be said.
    made.entries[0].readiness[0].answer = Answer::No;
    let found = breach(&made, "a").unwrap();
    assert_eq!(found.late_minutes, None);
    assert!(matches!(found.change, Some(Change::ReadyBy { .. })));
}

#[test]
fn ready_at_once_where_the_slot_is_given_away_otherwise() {
    let long = minutes(entry("long", Tier::Booked), 120, 130);
    let mut made = department(&["A"], vec![due("a", Tier::Emergency, 60), long]);
    made.entries[0].readiness = vec![item("line", Answer::No, Some(NOW + 15 * MINUTE))];
    let items = vec!["line".to_string()];
    assert_eq!(change(&made, "a"), Change::ReadyBy { by: NOW, items });
}

#[test]
fn another_scanner_a_release_a_hold_and_staff() {
    let mut made = department(&["A", "B"], vec![due("a", Tier::Urgent, 60)]);
    made.scanners[0].running = Some(running(-10, 90, 95));
    made.entries[0].state = State::Prepared { scanner: mr("A") };
    assert_eq!(change(&made, "a"), Change::OtherScanner { scanner: mr("B") });

    let mut made = department(&["A"], vec![due("a", Tier::Urgent, 60)]);
    made.scanners[0].gaps = vec![gap(35, 100, 0)];
    let from = NOW + 35 * MINUTE;
    assert_eq!(change(&made, "a"), Change::Release { scanner: mr("A"), from });

    let mut made = department(&["A"], vec![due("a", Tier::Urgent, 60)]);
    made.entries[0].overrides.push(will(Will::Hold, NOW + HOUR));
    assert_eq!(change(&made, "a"), Change::EndHold);

    let mut made = department(&["A"], vec![due("a", Tier::Emergency, 60)]);
    let morning = Span { from: NOW + 6 * HOUR, to: NOW + 16 * HOUR };
    made.scanners[0].hours = Hours::Open(vec![morning]);
    assert_eq!(change(&made, "a"), Change::Staff { scanner: mr("A") });
}

#[test]
fn two_changes_together_where_one_is_not_enough() {
    // It is not ready, and an aged one is before it.
    let aged = Entry { ordered_at: NOW - 25 * HOUR, ..entry("aged", Tier::Urgent) };
    let mut made = department(&["A"], vec![aged, due("a", Tier::Urgent, 50)]);
    made.entries[1].readiness = vec![item("line", Answer::No, Some(NOW + 40 * MINUTE))];
    let ready = Change::ReadyBy { by: NOW, items: vec!["line".to_string()] };
    let changes = vec![ready, Change::Swap { with: id("aged") }];
    let change = change(&made, "a");
    assert_eq!(change.to_string(), "get ready in time: line, and change places with aged");
    assert_eq!(change, Change::Together { changes });
}

#[test]
fn transfer_when_no_slot_here_can_meet_it() {
    let mut made = department(&["A"], vec![due("a", Tier::Emergency, 60)]);
    made.scanners[0].running = Some(running(-5, 50, 60));
    assert_eq!(change(&made, "a"), Change::TransferNow);
}

#[test]
fn the_most_urgent_are_searched_first_and_the_rest_said_so() {
    let all = (0..80).map(|n| match n {
        78 | 79 => due(&format!("{n:02}"), Tier::Emergency, 45),
        _ => due(&format!("{n:02}"), Tier::Urgent, 160),
    });
    let all = all.map(|entry| minutes(entry, 30, 30)).collect();
    let plan = plan(&department(&["A"], all));
    // One emergency and three urgent ones are in time; swapping makes others late.
    assert_eq!(plan.breaches.len(), 76);
    assert_eq!(plan.breaches[0].id, id("79"));
    assert_eq!(plan.breaches[0].change, Some(Change::TransferNow));
    assert_eq!(plan.breaches[75].change, Some(Change::Unsearched));
}

#[test]
fn a_swap_that_is_carried_out_does_what_it_said() {
    let second = minutes(Entry { ordered_at: NOW - 25 * HOUR, ..entry("s", Tier::Urgent) }, 60, 60);
    let mut made = department(&["A"], vec![second, due("last", Tier::Urgent, 50)]);
    assert_eq!(change(&made, "last"), Change::Swap { with: id("s") });
    let moved = made.decide(&id("last"), Will::Before(id("s")), "x", None, NOW + HOUR).unwrap();
    made.entries[1].overrides.push(moved);
    assert!(plan(&made).breaches.is_empty());
    assert!(matches!(next(&made, &mr("A")), Choice::Take { entry, .. } if entry == id("last")));
}
