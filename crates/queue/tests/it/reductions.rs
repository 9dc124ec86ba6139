//! Under its own settings the policy is a textbook one: strict tiers, first come, earliest
//! deadline, accumulating priority; each against a naive reader of the rule.

use std::cmp::Reverse;

use cauda_queue::{Choice, Department, Entry, Settings, Tier, next};
use proptest::prelude::*;

use crate::department::{MINUTE, NOW, department, due, id, mr};

/// Orders of the lower four tiers, ready, with a deadline.
fn orders() -> impl Strategy<Value = Vec<Entry>> {
    let one = (0..4_usize, -500_i64..0, -100_i64..3000);
    prop::collection::vec(one, 1..12).prop_map(|all| {
        let numbered = all.into_iter().enumerate();
        numbered
            .map(|(n, (tier, ordered, deadline))| {
                let base = due(&format!("e{n:02}"), Tier::ALL[tier], deadline);
                Entry { ordered_at: NOW + ordered * MINUTE, ..base }
            })
            .collect()
    })
}

fn chosen(settings: Settings, entries: &[Entry]) -> String {
    let made = Department { settings, ..department(&["A"], entries.to_vec()) };
    match next(&made, &mr("A")) {
        Choice::Take { entry, .. } => entry.to_string(),
        other => panic!("{other:?}"),
    }
}

/// The naive reader: the smallest by a key.
fn least<K: Ord>(entries: &[Entry], key: impl Fn(&Entry) -> K) -> String {
    entries.iter().min_by_key(|entry| (key(entry), entry.id.clone())).unwrap().id.to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn strict_tiers(entries in orders()) {
        let expect = least(&entries, |one| (Reverse(one.tier), one.ordered_at));
        prop_assert_eq!(chosen(Settings::strict(), &entries), expect);
    }

    #[test]
    fn equal_rates_are_first_come_first_served(entries in orders(), rate in 1_u32..1000) {
        let expect = least(&entries, |one| one.ordered_at);
        prop_assert_eq!(chosen(Settings::accumulating([rate; 5]), &entries), expect);
    }

    #[test]
    fn earliest_deadline_first(entries in orders()) {
        let expect = least(&entries, |one| (one.deadline.as_ref().unwrap().at, one.ordered_at));
        prop_assert_eq!(chosen(Settings::earliest_deadline(), &entries), expect);
    }

    #[test]
    fn accumulating_priority(entries in orders(), rates: [u16; 5]) {
        let rates = rates.map(u32::from);
        let rate = |tier: Tier| i64::from(rates[tier as usize]);
        let expect = least(&entries, |one| {
            (Reverse(rate(one.tier) * (NOW - one.ordered_at)), one.ordered_at)
        });
        prop_assert_eq!(chosen(Settings::accumulating(rates), &entries), expect);
    }
}

#[test]
fn an_immediate_one_comes_first_under_any_settings() {
    let old = Entry { ordered_at: NOW - 900 * MINUTE, ..due("old", Tier::Emergency, -60) };
    let stroke = Entry { id: id("stroke"), ..due("", Tier::Immediate, 60) };
    for settings in [
        Settings::strict(),
        Settings::accumulating([5; 5]),
        Settings::accumulating([9, 9, 9, 9, 0]),
        Settings::earliest_deadline(),
        Settings::default(),
    ] {
        assert_eq!(chosen(settings, &[old.clone(), stroke.clone()]), "stroke");
    }
}
