//! The plan and the forecast.

use std::collections::BTreeSet;

use cauda_queue::{
    BlockKind, Department, EntryId, Protocol, State, Tier, Will, next, plan, what_if,
};
use proptest::prelude::*;

use crate::department::{
    MINUTE, NOW, coming, department, departments, due, entry, id, minutes, mr, ready, running,
};

fn start(department: &Department, name: &str) -> i64 {
    let plan = plan(department);
    let one = plan.entries.iter().find(|one| one.id == id(name)).unwrap();
    (one.predicted.unwrap().start_p50 - NOW) / MINUTE
}

#[test]
fn starts_follow_one_another_with_changeovers() {
    let mut made =
        department(&["A"], vec![due("a", Tier::Urgent, 300), due("b", Tier::Urgent, 400)]);
    made.scanners[0].running = Some(running(-10, 20, 25));
    made.scanners[0].turnover_minutes = 3;
    made.entries[1].protocol.coil = Some("head".to_string());
    assert_eq!((start(&made, "a"), start(&made, "b")), (23, 23 + 30 + 3 + 5));
    let plan = plan(&made);
    let kinds: Vec<_> = plan.lanes[0].blocks.iter().map(|block| &block.what).collect();
    assert!(matches!(
        kinds[..],
        [
            BlockKind::Running { entry: None },
            BlockKind::Scan { .. },
            BlockKind::Change,
            BlockKind::Scan { .. }
        ]
    ));
}

#[test]
fn spreads_add_as_squares() {
    // 10 minutes from p50 to p90 each: after four the start is late by 20, not by 40.
    let all = (0..5).map(|n| due(&format!("{n}"), Tier::Urgent, 1000 + n * 100)).collect();
    let plan = plan(&department(&["A"], all));
    let last = plan.entries[4].predicted.unwrap();
    assert_eq!((last.start_p50 - NOW) / MINUTE, 120);
    assert_eq!((last.start_p90 - last.start_p50) / MINUTE, 20);
}

#[test]
fn a_wait_takes_up_lateness_only_as_far_as_it_is_long() {
    let mut made = department(&["A"], vec![coming("a", Tier::Urgent, 15)]);
    made.scanners[0].running = Some(running(-10, 10, 30));
    let predicted = plan(&made).entries[0].predicted.unwrap();
    let minutes = |at: i64| (at - NOW) / MINUTE;
    assert_eq!((minutes(predicted.start_p50), minutes(predicted.start_p90)), (15, 30));
}

#[test]
fn a_scan_that_overruns_is_expected_later_and_later() {
    let mut made = department(&["A"], vec![entry("a", Tier::Urgent)]);
    made.scanners[0].running = Some(running(-30, -5, 5));
    assert_eq!(start(&made, "a"), 5);
    made.scanners[0].running = Some(running(-60, -20, -10));
    assert_eq!(start(&made, "a"), 5);
}

#[test]
fn an_order_on_the_table_is_in_its_lane_even_if_the_scanner_forgot() {
    let mut made = department(&["A"], vec![entry("a", Tier::Urgent), entry("b", Tier::Urgent)]);
    made.entries[0].state = State::OnTable { scanner: mr("A"), since: NOW - 10 * MINUTE };
    assert_eq!(start(&made, "b"), 20);
    let plan = plan(&made);
    assert_eq!((&plan.entries[0].id, plan.entries[0].place), (&id("a"), None));
    assert_eq!(plan.entries[0].why.sentence(), "On the table for 10 minutes.");
    assert!(matches!(next(&made, &mr("A")), cauda_queue::Choice::Busy { .. }));
}

#[test]
fn the_reason_is_a_plain_sentence() {
    let mut made = department(&["A"], vec![due("a", Tier::Emergency, 72)]);
    let why = |made: &Department| plan(made).entries[0].why.sentence();
    assert_eq!(
        why(&made),
        "Emergency; must start within 42 minutes (clock from the request); too little time left \
         for a lower tier to pass."
    );
    made.entries[0] = coming("a", Tier::Booked, 20);
    made.entries[0].ordered_at = NOW - 6 * 24 * 3600;
    assert_eq!(
        why(&made),
        "Booked; moved up for waiting 144 h; must start within 23 h 30 min (usual time of its \
         tier); waits for arrival; expected ready in 20 minutes."
    );
}

#[test]
fn who_moves_if_a_stroke_comes_now() {
    let all = [("a", 300), ("b", 400), ("c", 500)];
    let made = department(&["A"], all.map(|(name, at)| due(name, Tier::Urgent, at)).to_vec());
    let stroke = minutes(entry("stroke", Tier::Immediate), 20, 25);
    let moved = what_if(&made, &stroke);
    let told: Vec<_> = moved.iter().map(|one| (one.id.as_str(), one.minutes)).collect();
    assert_eq!(told, [("stroke", 0), ("a", 20), ("b", 20), ("c", 20)]);
    assert_eq!((moved[0].from, moved[0].to), (None, Some(NOW)));
}

#[test]
fn what_if_a_waiting_patient_gets_worse() {
    let all = [("a", 300), ("b", 400)];
    let made = department(&["A"], all.map(|(name, at)| due(name, Tier::Urgent, at)).to_vec());
    let mut worse = made.entries[1].clone();
    worse.tier = Tier::Immediate;
    let told: Vec<_> =
        what_if(&made, &worse).iter().map(|one| (one.id.to_string(), one.minutes)).collect();
    assert_eq!(told, [("b".to_string(), -30), ("a".to_string(), 30)]);
}

#[test]
fn two_scanners_share_the_work() {
    let all = (0..4).map(|n| due(&format!("{n}"), Tier::Urgent, 300 + n * 60)).collect();
    let made = department(&["A", "B"], all);
    assert_eq!((start(&made, "0"), start(&made, "1")), (0, 0));
    assert_eq!((start(&made, "2"), start(&made, "3")), (30, 30));
}

#[test]
fn beyond_the_horizon_there_is_a_place_and_no_prediction() {
    let all = (0..10).map(|n| entry(&format!("{n}"), Tier::Booked)).collect();
    let mut made = department(&["A"], all);
    made.settings.horizon_hours = 2;
    let plan = plan(&made);
    assert_eq!(plan.entries.len(), 10);
    assert!(plan.entries[0].predicted.is_some() && plan.entries[9].predicted.is_none());
}

#[test]
fn contrast_is_grouped_where_nothing_else_decides() {
    let scan = |name: &str, contrast: bool| {
        let base = entry(name, Tier::Booked);
        cauda_queue::Entry { protocol: Protocol { contrast, ..base.protocol.clone() }, ..base }
    };
    let names = ["1", "2", "3", "4"];
    let all = names.map(|name| scan(name, name == "2" || name == "4")).to_vec();
    let plan = plan(&department(&["A"], all));
    let blocks = &plan.lanes[0].blocks;
    let changes = blocks.iter().filter(|block| block.what == BlockKind::Change);
    assert_eq!(changes.count(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn everybody_is_in_the_plan_once(department in departments()) {
        let plan = plan(&department);
        let mut listed: Vec<&EntryId> = plan.entries.iter().map(|one| &one.id).collect();
        listed.sort();
        let mut known: Vec<&EntryId> = department.entries.iter().map(|one| &one.id).collect();
        known.sort();
        prop_assert_eq!(listed, known);
    }

    #[test]
    fn lanes_overlap_nowhere_and_nobody_is_scanned_twice(department in departments()) {
        let mut seen = BTreeSet::new();
        for lane in plan(&department).lanes {
            let mut free = i64::MIN;
            for block in &lane.blocks {
                if matches!(block.what, BlockKind::Gap { .. }) {
                    continue;
                }
                prop_assert!(block.from >= free && block.to >= block.from);
                prop_assert!(block.to_p90 >= block.to);
                free = block.to;
                if let BlockKind::Scan { entry } = &block.what {
                    prop_assert!(seen.insert(entry.clone()));
                    prop_assert!(block.from >= department.now);
                }
            }
        }
    }

    #[test]
    fn the_plan_begins_with_what_the_scanner_is_told(department in departments()) {
        for scanner in &department.scanners {
            let others = department.scanners.iter().filter(|other| other.id != scanner.id);
            // With two free ones the second is told without the first one's choice.
            if others.into_iter().any(|other| other.running.is_none()) {
                continue;
            }
            if let cauda_queue::Choice::Take { entry, .. } = next(&department, &scanner.id) {
                let plan = plan(&department);
                let own = plan.entries.iter().find(|one| one.id == entry).unwrap();
                prop_assert_eq!(own.scanner.as_ref(), Some(&scanner.id));
            }
        }
    }

    #[test]
    fn no_lower_tier_starts_before_a_ready_immediate_in_the_forecast(department in departments()) {
        let plan = plan(&department);
        let only = |one: &cauda_queue::Override| matches!(one.will, Will::Only(_) | Will::Tier(_));
        for entry in &department.entries {
            let free = !entry.overrides.iter().any(|one| only(one) || one.will == Will::Hold);
            if entry.tier != Tier::Immediate || !ready(entry) || !free {
                continue;
            }
            let at = |id: &EntryId| {
                let own = plan.entries.iter().find(|one| one.id == *id).unwrap();
                (own.predicted.map(|it| it.start_p50), own.tier)
            };
            let own = at(&entry.id).0.unwrap();
            let settled = |one: &&cauda_queue::Entry| !one.overrides.iter().any(only);
            for other in department.entries.iter().filter(settled) {
                let (start, tier) = at(&other.id);
                // A changeover lies between the choice and the start.
                let chosen = own - 10 * MINUTE;
                prop_assert!(tier == Tier::Immediate || start.is_none_or(|it| it >= chosen));
            }
        }
    }
}
