//! Any numbers at all: no panic, no endless loop, everybody listed.

use cauda_queue::{
    Ageing, Answer, Deadline, Down, Entry, Gap, Hours, Looking, Override, Running, Settings, Span,
    Tier, Will, next, plan, what_if,
};
use proptest::prelude::*;

use crate::department::{NOW, department, departments, entry, item};

fn instant() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(i64::MIN),
        Just(i64::MAX),
        Just(NOW),
        any::<i64>(),
        (NOW - 9_000_000)..(NOW + 9_000_000)
    ]
}

fn number() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), Just(u32::MAX), any::<u32>(), 0..90_u32]
}

prop_compose! {
    fn wild_settings()(
        base: [u32; 5], per_day: [u32; 5], band in number(),
        top in prop::option::of(number()), grain in number(),
        window: [u32; 5], looking in (number(), number()), weight: [u32; 5],
        protect in prop::option::of(number()), rest in (number(), number(), number(), 0..100_u32),
    ) -> Settings {
        Settings {
            ageing: Ageing { base, per_day, top, band },
            within: Settings::default().within,
            grain_minutes: grain,
            protect_minutes: protect,
            window_minutes: window,
            looking: Looking { minutes_max: looking.0, reliability_percent: looking.1, weight },
            assumed_ready_minutes: rest.0,
            late_ready_minutes: rest.1,
            overrun_minutes: rest.2,
            horizon_hours: rest.3,
        }
    }
}

prop_compose! {
    fn wild_entry()(
        times in (instant(), instant(), prop::option::of(instant()), prop::option::of(instant())),
        expected in prop::option::of(instant()), lengths in (number(), number()),
        tier in crate::department::tiers(), until in instant(),
    ) -> Entry {
        let mut made = entry("", tier);
        made.ordered_at = times.0;
        made.deadline = times.2.map(|at| {
            Deadline { at, started_at: at, started_by: String::new() }
        });
        made.not_before = times.3;
        made.readiness = vec![item("x", Answer::Unknown, expected)];
        (made.protocol.minutes_p50, made.protocol.minutes_p90) = lengths;
        let (by, at) = (String::new(), times.1);
        made.overrides = vec![Override { will: Will::Place(0), reason: None, by, at, until }];
        made
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_is_too_wild(
        base in departments(), settings in wild_settings(), now in instant(),
        wild in prop::collection::vec(wild_entry(), 0..5), span in (instant(), instant()),
        run in prop::option::of((instant(), instant(), instant())), release in number(),
        down in prop::option::of(instant()), hours: bool, minutes in (number(), number(), number()),
    ) {
        let mut made = base;
        (made.settings, made.now) = (settings, now);
        for (n, one) in wild.into_iter().enumerate() {
            // Some of them twice, which no event would let in.
            made.entries.push(Entry { id: format!("e{n}").as_str().into(), ..one });
        }
        let scanner = &mut made.scanners[0];
        let (from, to) = span;
        scanner.gaps = vec![Gap { from, to, least: Tier::Urgent, release_minutes: release }];
        scanner.running = run.map(|(since, end_p50, end_p90)| Running {
            entry: None, since, end_p50, end_p90,
        });
        scanner.down = down.map(|until| Down { since: from, until: Some(until) });
        if hours {
            scanner.hours = Hours::Open(vec![Span { from, to }, Span { from: to, to: from }]);
        }
        (scanner.coil_minutes, scanner.contrast_minutes, scanner.turnover_minutes) = minutes;
        let planned = plan(&made);
        prop_assert_eq!(planned.entries.len(), made.entries.len());
        for one in &planned.entries {
            prop_assert!(one.why.sentence().ends_with('.'));
        }
        for scanner in &made.scanners {
            let _ = next(&made, &scanner.id);
        }
        let _ = what_if(&made, &entry("new", Tier::Immediate));
    }
}

#[test]
fn an_empty_department_has_an_empty_plan() {
    let plan = plan(&department(&[], Vec::new()));
    assert!(plan.entries.is_empty() && plan.lanes.is_empty());
    let alone = cauda_queue::plan(&department(&[], vec![entry("a", Tier::Urgent)]));
    assert_eq!(alone.entries.len(), 1);
}
