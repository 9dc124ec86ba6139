//! Nobody starves.

use cauda_queue::{Choice, Department, Entry, Event, Settings, Tier, next};

use crate::department::{HOUR, MINUTE, NOW, department, due, entry, id, mr};
use crate::driver::{Class, Load, run};

/// Scans of 40 minutes; a fresh emergency, in no hurry, comes with each; how many hours the old
/// order waits, if it is scanned within `days`.
fn hours_waited(settings: Settings, tier: Tier, days: i64) -> Option<i64> {
    let mut made = Department { settings, ..department(&["A"], vec![entry("old", tier)]) };
    for turn in 0..days * 36 {
        let now = NOW + turn * 40 * MINUTE;
        let fresh = due(&format!("{turn}"), Tier::Emergency, turn * 40 + 239);
        let fresh = Entry { ordered_at: now, ..fresh };
        made.apply(now, Event::Ordered(Box::new(fresh))).unwrap();
        let Choice::Take { entry, .. } = next(&made, &mr("A")) else { unreachable!() };
        if entry == id("old") {
            return Some((now - NOW) / HOUR);
        }
        made.apply(now, Event::Started { id: entry.clone(), scanner: mr("A") }).unwrap();
        made.apply(now, Event::Ended { id: entry.clone() }).unwrap();
        made.entries.retain(|one| one.id != entry);
    }
    None
}

#[test]
fn a_stream_of_fresh_emergencies_passes_nobody_for_ever() {
    assert_eq!(hours_waited(Settings::strict(), Tier::Urgent, 30), None);
    let waited = |tier| hours_waited(Settings::default(), tier, 90);
    let urgent = waited(Tier::Urgent).unwrap();
    let booked = waited(Tier::Booked).unwrap();
    let outpatient = waited(Tier::Outpatient).unwrap();
    assert!(urgent <= 25, "{urgent}");
    assert!(booked <= 10 * 24 + 1, "{booked}");
    assert!(outpatient <= 60 * 24 + 1, "{outpatient}");
}

#[test]
fn every_wait_is_bounded_below_full_load() {
    // Units of 100,000 s are 28 hours; scans of 0.02 of that are 33 minutes; load 0.92.
    let class =
        |tier, share: f64, window| Class { tier, rate: share * 46.0, service: 0.02, window };
    let classes = [
        class(Tier::Immediate, 0.05, 0.02),
        class(Tier::Emergency, 0.30, 0.144),
        class(Tier::Urgent, 0.30, 0.864),
        class(Tier::Booked, 0.25, 6.0),
        class(Tier::Outpatient, 0.10, 36.0),
    ];
    let longest = |settings: Settings| {
        let load = Load { classes: &classes, scanners: 1, customers: 200_000, settings, seed: 7 };
        let run = run(&load);
        [0, 1, 2, 3, 4].map(|class| run.longest(class))
    };
    // The driver fails if anybody is left. Ageing shortens the longest wait of the last.
    let mut fast = Settings::default();
    fast.ageing.per_day = [40, 60, 100, 100, 100];
    let (aged, strict) = (longest(fast), longest(Settings::strict()));
    assert!(aged[4] < strict[4], "{aged:?} {strict:?}");
    assert!(aged[0] < 0.3, "{aged:?}");
}
