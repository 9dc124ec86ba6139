//! What a plan and a choice cost. Figures with `--ignored --nocapture`; a loose bound always.

use cauda_queue::{Department, Entry, Event, Tier, next, plan, what_if};

use crate::chance::Chance;
use crate::department::{MINUTE, NOW, department, due, entry, id, minutes, mr, running};

/// 200 orders on three scanners as a bad day has them.
fn bad_day() -> Department {
    let mut chance = Chance(1);
    let mut all = Vec::new();
    for n in 0..200 {
        let tier = Tier::ALL[chance.below(4) as usize];
        let within = [40_000, 9_000, 1_400, 230, 30][tier as usize];
        let p50 = 10 + chance.below(40) as u32;
        let made = due(&format!("{n:03}"), tier, chance.below(within) as i64);
        let made = minutes(made, p50, p50 + 12);
        let ordered_at = NOW - chance.below(3_000) as i64 * MINUTE;
        all.push(Entry { ordered_at, ..made });
    }
    let mut made = department(&["A", "B", "C"], all);
    made.scanners[1].running = Some(running(-10, 15, 25));
    made.settings.horizon_hours = 72;
    made
}

/// Milliseconds of processor time of this thread; other work on the machine does not count.
fn millis(times: u32, work: impl Fn()) -> f64 {
    let start = spent();
    for _ in 0..times {
        work();
    }
    (spent() - start) / f64::from(times)
}

#[expect(clippy::disallowed_methods, reason = "a measurement")]
fn spent() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e6
}

#[test]
#[ignore = "prints figures"]
fn figures() {
    let mut made = bad_day();
    let late = plan(&made).breaches.len();
    println!(
        "plan, 200 orders, 3 scanners, {late} late: {:.2} ms",
        millis(100, || drop(plan(&made)))
    );
    let stroke = entry("stroke", Tier::Immediate);
    println!("what if: {:.2} ms", millis(100, || drop(what_if(&made, &stroke))));
    println!("next: {:.4} ms", millis(50_000, || drop(next(&made, &mr("A")))));
    for entry in &mut made.entries {
        entry.deadline = None;
    }
    println!("plan, nobody late: {:.2} ms", millis(100, || drop(plan(&made))));
    let what = cauda_queue::Will::Place(3);
    let moved = made.decide(&id("007"), what, "x", Some("asked"), NOW + 3600).unwrap();
    made.apply(NOW, Event::Overridden { id: id("007"), made: moved }).unwrap();
    println!("plan, one lock: {:.2} ms", millis(100, || drop(plan(&made))));
}

#[test]
fn a_plan_is_made_well_within_the_time_an_order_has_to_reach_the_board() {
    let made = bad_day();
    assert!(millis(3, || drop(plan(&made))) < 1_000.0);
}
