//! Departments for the tests: by hand, and drawn.

use cauda_queue::{
    Answer, Blocks, Deadline, Department, Entry, EntryId, Gap, Hours, Item, Override, Protocol,
    Reason, Running, Scanner, ScannerId, Settings, State, Tier, Will,
};
use proptest::prelude::*;

pub const NOW: i64 = 1_790_000_000;
pub const MINUTE: i64 = 60;
pub const HOUR: i64 = 3600;

pub fn id(name: &str) -> EntryId {
    EntryId::from(name)
}

pub fn mr(name: &str) -> ScannerId {
    ScannerId::from(name)
}

/// An order of 30 (40) minutes, ordered now, ready.
pub fn entry(name: &str, tier: Tier) -> Entry {
    Entry {
        id: id(name),
        tier,
        deadline: None,
        protocol: Protocol {
            name: "spine".to_string(),
            minutes_p50: 30,
            minutes_p90: 40,
            ..Protocol::default()
        },
        readiness: Vec::new(),
        state: State::Waiting,
        ordered_at: NOW,
        not_before: None,
        place_now: "bay 1".to_string(),
        overrides: Vec::new(),
    }
}

/// The same with a deadline so many minutes from now.
pub fn due(name: &str, tier: Tier, minutes: i64) -> Entry {
    let started_by = "the request".to_string();
    let deadline = Deadline { at: NOW + minutes * MINUTE, started_at: NOW, started_by };
    Entry { deadline: Some(deadline), ..entry(name, tier) }
}

pub fn item(name: &str, answer: Answer, expected_at: Option<i64>) -> Item {
    Item { name: name.to_string(), answer, blocks: Blocks::Everybody, expected_at }
}

/// Not here yet, expected in so many minutes.
pub fn coming(name: &str, tier: Tier, minutes: i64) -> Entry {
    let arrival = item("arrival", Answer::No, Some(NOW + minutes * MINUTE));
    Entry { readiness: vec![arrival], ..entry(name, tier) }
}

pub fn minutes(entry: Entry, p50: u32, p90: u32) -> Entry {
    let protocol = Protocol { minutes_p50: p50, minutes_p90: p90, ..entry.protocol };
    Entry { protocol, ..entry }
}

/// 1.5 tesla, spine and head coil, always staffed, free.
pub fn scanner(name: &str) -> Scanner {
    Scanner {
        id: mr(name),
        name: name.to_string(),
        field: 15,
        coils: ["spine", "head"].map(str::to_string).into(),
        capabilities: ["anaesthesia".to_string()].into(),
        hours: Hours::Always,
        down: None,
        running: None,
        free_since: Some(NOW),
        coil: Some("spine".to_string()),
        contrast: false,
        coil_minutes: 5,
        contrast_minutes: 5,
        turnover_minutes: 0,
        gaps: Vec::new(),
    }
}

pub fn department(scanners: &[&str], entries: Vec<Entry>) -> Department {
    let scanners = scanners.iter().map(|name| scanner(name)).collect();
    Department { scanners, entries, now: NOW, settings: Settings::default() }
}

pub fn will(will: Will, until: i64) -> Override {
    let reason = Reason::new("asked by the ward").ok();
    Override { will, reason, by: "coordinator".to_string(), at: NOW, until }
}

pub fn gap(from: i64, to: i64, release_minutes: u32) -> Gap {
    Gap {
        from: NOW + from * MINUTE,
        to: NOW + to * MINUTE,
        least: Tier::Emergency,
        release_minutes,
    }
}

pub fn running(since: i64, end_p50: i64, end_p90: i64) -> Running {
    Running {
        entry: None,
        since: NOW + since * MINUTE,
        end_p50: NOW + end_p50 * MINUTE,
        end_p90: NOW + end_p90 * MINUTE,
    }
}

pub fn tiers() -> impl Strategy<Value = Tier> {
    prop::sample::select(Tier::ALL.to_vec())
}

fn items() -> impl Strategy<Value = Vec<Item>> {
    let answer = prop::sample::select(vec![Answer::Yes, Answer::No, Answer::Unknown]);
    let blocks = prop::sample::select(vec![
        Blocks::Everybody,
        Blocks::LowerThan(Tier::Emergency),
        Blocks::Nobody,
    ]);
    let one = (answer, blocks, prop::option::of(-30_i64..240));
    let item = one.prop_map(|(answer, blocks, expected)| Item {
        name: "screening".to_string(),
        answer,
        blocks,
        expected_at: expected.map(|minutes| NOW + minutes * MINUTE),
    });
    prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(item, 1..3)]
}

fn states() -> impl Strategy<Value = State> {
    let on = || prop::sample::select(vec![mr("A"), mr("B")]);
    prop_oneof![
        8 => Just(State::Waiting),
        1 => on().prop_map(|scanner| State::Called { scanner }),
        1 => on().prop_map(|scanner| State::Prepared { scanner }),
        1 => on().prop_map(|scanner| State::Sedated { scanner }),
        1 => on().prop_map(|scanner| State::ContrastRunning { scanner }),
    ]
}

fn wills() -> impl Strategy<Value = Will> {
    prop_oneof![
        Just(Will::First),
        Just(Will::Last),
        (0..8_u32).prop_map(|n| Will::Before(id(&format!("e{n}")))),
        (0..8_u32).prop_map(|n| Will::After(id(&format!("e{n}")))),
        (1..9_u32).prop_map(Will::Place),
        Just(Will::Only(mr("A"))),
        Just(Will::Hold),
        tiers().prop_map(Will::Tier),
    ]
}

/// Any order, named by its number.
fn entries() -> impl Strategy<Value = Entry> {
    let made = (wills(), -60_i64..600).prop_map(|(what, until)| Override {
        at: NOW - HOUR + until,
        ..will(what, NOW + until * MINUTE)
    });
    let overrides = prop_oneof![4 => Just(Vec::new()), 1 => prop::collection::vec(made, 1..3)];
    (
        (tiers(), items(), states(), overrides),
        prop::option::of(-120_i64..2000),
        (5..60_u32, 0..30_u32, any::<bool>(), prop::option::of(prop::sample::select(COILS))),
        (0..20_i64 * 24 * 60, prop::option::weighted(0.1, 0..600_i64)),
    )
        .prop_map(|((tier, readiness, state, overrides), deadline, scan, times)| {
            let base = deadline.map_or_else(|| entry("", tier), |minutes| due("", tier, minutes));
            Entry {
                readiness,
                state,
                overrides,
                protocol: Protocol {
                    minutes_p50: scan.0,
                    minutes_p90: scan.0 + scan.1,
                    contrast: scan.2,
                    coil: scan.3.map(str::to_string),
                    ..base.protocol.clone()
                },
                ordered_at: NOW - times.0 * MINUTE,
                not_before: times.1.map(|minutes| NOW + minutes * MINUTE),
                ..base
            }
        })
}

const COILS: &[&str] = &["spine", "head"];

pub fn settings() -> impl Strategy<Value = Settings> {
    prop_oneof![
        3 => Just(Settings::default()),
        1 => Just(Settings::strict()),
        1 => Just(Settings::earliest_deadline()),
        1 => Just(Settings::accumulating([1, 2, 4, 8, 16])),
    ]
}

/// Two scanners, some of them busy, with gaps; up to nine orders.
pub fn departments() -> impl Strategy<Value = Department> {
    let gaps = prop::collection::vec((-30_i64..200, 10_i64..60, 0..60_u32), 0..2);
    let busy = prop::option::weighted(0.4, (1_i64..40, -10_i64..50, 0_i64..30));
    let scanners = prop::collection::vec((gaps, busy), 2);
    (prop::collection::vec(entries(), 0..10), scanners, settings()).prop_map(
        |(entries, scanners, settings)| {
            let mut made = department(&["A", "B"], Vec::new());
            made.settings = settings;
            for (scanner, (gaps, busy)) in made.scanners.iter_mut().zip(scanners) {
                scanner.gaps = gaps
                    .into_iter()
                    .map(|(from, long, free)| gap(from, from + long, free))
                    .collect();
                scanner.running = busy.map(|(ago, p50, more)| running(-ago, p50, p50 + more));
            }
            for (number, entry) in entries.into_iter().enumerate() {
                made.entries.push(Entry { id: id(&format!("e{number}")), ..entry });
            }
            made
        },
    )
}

/// The same with free scanners, no gaps and nothing that people decided.
pub fn plain_departments() -> impl Strategy<Value = Department> {
    departments().prop_map(|mut department| {
        for scanner in &mut department.scanners {
            (scanner.gaps, scanner.running) = (Vec::new(), None);
        }
        for entry in &mut department.entries {
            entry.overrides.clear();
        }
        department
    })
}

/// Whether an order can go on any table now, as a reader of the rules would say.
pub fn ready(entry: &Entry) -> bool {
    let late = entry.not_before.is_some_and(|date| date > NOW);
    !late && entry.readiness.iter().all(|item| !item.keeps(entry.tier_at(NOW)))
}
