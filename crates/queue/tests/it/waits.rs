//! The policy's own waits in long runs against the formulas, within 99.9 % confidence bounds.
//! The seeds are fixed, so a run that holds once holds always.

use cauda_queue::{Settings, Tier, Within};

use crate::driver::{Class, Load, Mean, Run, run};
use crate::formulas::{Part, cobham, first_come, recursion, residual, residual_of_many};

const CUSTOMERS: usize = 300_000;

/// Student's t for 39 degrees of freedom at 99.9 %.
const BOUND: f64 = 3.56;

/// The bounds must be narrow, or they would hold for anything.
const NARROW: f64 = 0.05;

fn class(tier: Tier, rate: f64, service: f64) -> Class {
    Class { tier, rate, service, window: 10.0 }
}

/// Immediate patients included; load 0.8 on one scanner, services that differ.
fn four() -> [Class; 4] {
    [
        class(Tier::Immediate, 0.1, 0.5),
        class(Tier::Emergency, 0.2, 1.0),
        class(Tier::Urgent, 0.25, 1.0),
        class(Tier::Booked, 0.2, 1.5),
    ]
}

/// Load 0.85 on one scanner; no immediate, since those come first under any settings.
fn three() -> [Class; 3] {
    [
        class(Tier::Emergency, 0.25, 1.0),
        class(Tier::Urgent, 0.3, 0.8),
        class(Tier::Booked, 0.3, 1.2),
    ]
}

fn loads(classes: &[Class], scanners: usize) -> Vec<f64> {
    classes.iter().map(|it| it.rate * it.service / scanners as f64).collect()
}

fn residual_of(classes: &[Class]) -> f64 {
    residual(&classes.iter().map(|it| (it.rate, it.service)).collect::<Vec<_>>())
}

fn runs(classes: &[Class], scanners: usize, settings: Settings) -> Run {
    run(&Load { classes, scanners, customers: CUSTOMERS, settings, seed: 20_261_126 })
}

fn check(measured: Mean, expect: f64, what: &str) {
    let off = (measured.mean - expect).abs();
    println!("{what}: {:.4} ± {:.4}, formula {expect:.4}", measured.mean, measured.error);
    assert!(off <= BOUND * measured.error, "{what}: {measured:?}, not {expect}");
    assert!(measured.error <= NARROW * expect, "{what}: {measured:?} is too wide a bound");
}

fn check_all(run: &Run, expect: &[f64]) {
    for (class, expect) in expect.iter().enumerate() {
        check(run.wait(class), *expect, &format!("class {class}"));
    }
}

#[test]
fn strict_tiers_on_one_scanner_wait_as_cobham_says() {
    let classes = four();
    let expect = cobham(residual_of(&classes), &loads(&classes, 1));
    check_all(&runs(&classes, 1, Settings::strict()), &expect);
}

#[test]
fn strict_tiers_on_three_scanners_wait_as_cobham_says() {
    let classes = [
        class(Tier::Immediate, 0.3, 1.0),
        class(Tier::Emergency, 0.6, 1.0),
        class(Tier::Urgent, 0.9, 1.0),
        class(Tier::Booked, 0.7, 1.0),
    ];
    let expect = cobham(residual_of_many(3, 2.5, 1.0), &loads(&classes, 3));
    check_all(&runs(&classes, 3, Settings::strict()), &expect);
}

fn gaining(classes: &[Class], scanners: usize, gains: [f64; 3]) -> Vec<Part> {
    let loads = loads(classes, scanners);
    loads.iter().zip(gains).map(|(load, gain)| Part { load: *load, gain }).collect()
}

#[test]
fn accumulating_priority_on_one_scanner_waits_as_kleinrock_says() {
    let classes = three();
    let expect = recursion(residual_of(&classes), &gaining(&classes, 1, [6.0, 3.0, 1.0]));
    check_all(&runs(&classes, 1, Settings::accumulating([0, 100, 300, 600, 0])), &expect);
}

#[test]
fn accumulating_priority_on_two_scanners_waits_as_the_formula_says() {
    let classes = [Tier::Emergency, Tier::Urgent, Tier::Booked].map(|tier| class(tier, 0.55, 1.0));
    let parts = gaining(&classes, 2, [4.0, 2.0, 1.0]);
    let expect = recursion(residual_of_many(2, 1.65, 1.0), &parts);
    check_all(&runs(&classes, 2, Settings::accumulating([0, 100, 200, 400, 0])), &expect);
}

#[test]
fn equal_rates_wait_as_first_come_first_served() {
    let classes = three();
    let expect = first_come(residual_of(&classes), loads(&classes, 1).iter().sum());
    check_all(&runs(&classes, 1, Settings::accumulating([7; 5])), &[expect; 3]);
}

/// Kleinrock's law for each policy; and one seed gives all of them the same last second.
#[test]
fn the_conservation_law_holds_for_every_policy() {
    let classes = three();
    let loads = loads(&classes, 1);
    let load: f64 = loads.iter().sum();
    // A customer weighs as its mean service: then the mean over all is Σ ρ W / Σ λ.
    let rate: f64 = classes.iter().map(|it| it.rate).sum();
    let law = load * first_come(residual_of(&classes), load) / rate;
    let banded = Settings { grain_minutes: 0, within: Within::LeastSlack, ..Settings::default() };
    let mut ends = Vec::new();
    for settings in [
        Settings::default(),
        banded,
        Settings::strict(),
        Settings::earliest_deadline(),
        Settings::accumulating([1, 2, 4, 8, 16]),
    ] {
        let run = runs(&classes, 1, settings);
        check(run.mean(|one| Some(one.wait * classes[one.class].service)), law, "the law");
        ends.push((run.end, run.work));
    }
    assert!(ends.windows(2).all(|two| two[0] == two[1]), "somebody idled: {ends:?}");
}
