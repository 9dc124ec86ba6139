//! What people decide: it stands until it expires, and less care needs a reason.

use cauda_queue::{
    Choice, Department, Entry, Event, OVERRIDE_HOURS_MAX, QueueError, State, Tier, Will, next, plan,
};
use proptest::prelude::*;

use crate::department::{HOUR, NOW, department, departments, due, entry, id, mr, will};

fn places(department: &Department) -> Vec<String> {
    plan(department).entries.iter().map(|one| one.id.to_string()).collect()
}

fn three() -> Department {
    let all = [("a", 300), ("b", 400), ("c", 500)];
    department(&["A"], all.map(|(name, at)| due(name, Tier::Urgent, at)).to_vec())
}

fn with(department: &Department, name: &str, what: Will, until: i64) -> Department {
    let mut made = department.clone();
    for entry in made.entries.iter_mut().filter(|entry| entry.id == id(name)) {
        entry.overrides.push(will(what.clone(), until));
    }
    made
}

#[test]
fn a_move_stands_until_it_expires() {
    let later = NOW + HOUR;
    for (what, expect) in [
        (Will::First, ["c", "a", "b"]),
        (Will::Before(id("b")), ["a", "c", "b"]),
        (Will::Place(2), ["a", "c", "b"]),
        (Will::Place(99), ["a", "b", "c"]),
    ] {
        let mut made = with(&three(), "c", what, later);
        assert_eq!(places(&made), expect);
        made.now = later - 1;
        assert_eq!(places(&made), expect);
        made.now = later;
        assert_eq!(places(&made), ["a", "b", "c"]);
    }
    for (what, expect) in [
        (Will::Last, ["b", "c", "a"]),
        (Will::After(id("b")), ["b", "a", "c"]),
        (Will::Hold, ["b", "c", "a"]),
        (Will::Tier(Tier::Booked), ["b", "c", "a"]),
    ] {
        assert_eq!(places(&with(&three(), "a", what, later)), expect);
    }
}

#[test]
fn the_scanner_does_as_moved() {
    let made = with(&three(), "c", Will::First, NOW + HOUR);
    assert!(matches!(next(&made, &mr("A")), Choice::Take { entry, .. } if entry == id("c")));
    let why = plan(&made).entries[0].why.sentence();
    assert!(why.starts_with("Moved to the front by coordinator for 60 minutes"), "{why}");
    assert!(why.contains("(asked by the ward)"), "{why}");
}

#[test]
fn a_move_passes_neither_an_immediate_nor_a_prepared_patient() {
    let mut made = with(&three(), "c", Will::First, NOW + HOUR);
    made.entries.push(entry("stroke", Tier::Immediate));
    let state = State::Prepared { scanner: mr("A") };
    made.entries.push(Entry { state, ..entry("ready", Tier::Booked) });
    assert_eq!(places(&made), ["stroke", "ready", "c", "a", "b"]);
    // Not in silence.
    let why = plan(&made).entries[2].why.sentence();
    assert!(why.contains("; an immediate or prepared patient goes first even so;"), "{why}");
}

#[test]
fn a_hold_keeps_even_an_immediate_one_out() {
    let stroke = entry("stroke", Tier::Immediate);
    let made = department(&["A"], vec![stroke, entry("knee", Tier::Booked)]);
    let made = with(&made, "stroke", Will::Hold, NOW + HOUR);
    assert!(matches!(next(&made, &mr("A")), Choice::Take { entry, .. } if entry == id("knee")));
    let plan = plan(&made);
    assert_eq!(plan.entries[1].predicted.unwrap().start_p50, NOW + HOUR);
}

#[test]
fn one_scanner_alone_until_that_expires() {
    let made = department(&["A", "B"], vec![entry("knee", Tier::Booked)]);
    let made = with(&made, "knee", Will::Only(mr("B")), NOW + HOUR);
    assert_eq!(next(&made, &mr("A")), Choice::Wait { wake_at: Some(NOW + HOUR) });
    assert!(matches!(next(&made, &mr("B")), Choice::Take { .. }));
}

#[test]
fn more_care_needs_no_reason_and_less_does() {
    let made = three();
    let until = NOW + HOUR;
    let bare = |name: &str, what: Will| made.decide(&id(name), what, "Dr Lee", None, until);
    for (name, what) in [
        ("c", Will::First),
        ("c", Will::Before(id("a"))),
        ("c", Will::Place(1)),
        ("c", Will::After(id("a"))),
        ("a", Will::Tier(Tier::Emergency)),
        ("b", Will::Place(2)),
    ] {
        assert!(bare(name, what).is_ok());
    }
    for (name, what) in [
        ("a", Will::Last),
        ("a", Will::After(id("b"))),
        ("a", Will::Before(id("c"))),
        ("a", Will::Place(2)),
        ("a", Will::Hold),
        ("a", Will::Only(mr("A"))),
        ("a", Will::Tier(Tier::Booked)),
    ] {
        assert_eq!(bare(name, what.clone()), Err(QueueError::NoReason));
        let blank = made.decide(&id(name), what.clone(), "Dr Lee", Some("  "), until);
        assert_eq!(blank, Err(QueueError::NoReason));
        assert!(made.decide(&id(name), what, "Dr Lee", Some("ate"), until).is_ok());
    }
}

#[test]
fn back_from_a_raised_tier_needs_a_reason_too() {
    let made = with(&three(), "a", Will::Tier(Tier::Emergency), NOW + HOUR);
    let back = made.decide(&id("a"), Will::Tier(Tier::Urgent), "Dr Lee", None, NOW + HOUR);
    assert_eq!(back, Err(QueueError::NoReason));
}

#[test]
fn refused_without_a_name_an_end_or_a_known_order() {
    let made = three();
    let ask = |name: &str, what: Will, by: &str, until: i64| {
        made.decide(&id(name), what, by, Some("asked"), until).unwrap_err()
    };
    let hours = OVERRIDE_HOURS_MAX;
    let far = NOW + i64::from(hours) * HOUR;
    assert_eq!(ask("a", Will::First, " ", far), QueueError::Nobody);
    assert_eq!(ask("a", Will::First, "x", NOW), QueueError::Until { hours });
    assert_eq!(ask("a", Will::First, "x", far + 1), QueueError::Until { hours });
    assert_eq!(ask("z", Will::First, "x", far), QueueError::UnknownEntry);
    assert_eq!(ask("a", Will::Before(id("z")), "x", far), QueueError::UnknownEntry);
    assert_eq!(ask("a", Will::Before(id("a")), "x", far), QueueError::Itself);
    assert_eq!(ask("a", Will::Only(mr("Z")), "x", far), QueueError::UnknownScanner);
}

#[test]
fn a_reason_is_not_in_debug_text_or_errors() {
    let made = will(Will::Hold, NOW + HOUR);
    assert!(!format!("{made:?}").contains("ward"));
}

#[test]
fn a_decision_is_applied_as_an_event() {
    let mut made = three();
    let what = made.decide(&id("c"), Will::First, "Dr Lee", None, NOW + HOUR).unwrap();
    made.apply(NOW, Event::Overridden { id: id("c"), made: what }).unwrap();
    assert_eq!(places(&made), ["c", "a", "b"]);
    made.apply(NOW, Event::OverridesEnded { id: id("c") }).unwrap();
    assert_eq!(places(&made), ["a", "b", "c"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_lock_holds_its_place_and_leaves_no_trace(
        mut department in departments(),
        which in 0_usize..10,
        place in 1_u32..10,
    ) {
        for entry in &mut department.entries {
            entry.overrides.clear();
            entry.state = State::Waiting;
            entry.tier = entry.tier.min(Tier::Emergency);
        }
        let count = department.entries.len();
        if count == 0 {
            return Ok(());
        }
        let (which, place) = (which % count, 1 + place % count as u32);
        let name = department.entries[which].id.clone();
        let mut locked = with(&department, name.as_str(), Will::Place(place), NOW + HOUR);
        let planned = plan(&locked);
        let own = planned.entries.iter().find(|one| one.id == name).unwrap();
        prop_assert_eq!(own.place, Some(place));
        (locked.now, department.now) = (NOW + HOUR, NOW + HOUR);
        prop_assert_eq!(plan(&locked), plan(&department));
    }

    #[test]
    fn no_move_to_a_later_place_without_a_reason(department in departments(), to in 0_u32..10) {
        let before = places(&department);
        for entry in &department.entries {
            let what = Will::Before(id(&format!("e{to}")));
            let Ok(made) = department.decide(&entry.id, what, "x", None, NOW + HOUR) else {
                continue;
            };
            let mut moved = department.clone();
            moved.apply(NOW, Event::Overridden { id: entry.id.clone(), made }).unwrap();
            let place = |all: &[String]| all.iter().position(|one| *one == entry.id.to_string());
            prop_assert!(place(&places(&moved)) <= place(&before));
        }
    }
}
