//! Charts as they may come, with anything left out: the laws of `laws.rs` for many of them.

use cauda_guideline::resolve::Entries;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngAlgorithm, RngSeed};
use serde_json::{Value, json};

use crate::laws::{check, cleared, see};
use crate::paths::{CHANGES, changed, charts, places, takes_away};
use crate::shipped::{bundle, patient};

/// Resources of every example chart, without their patients.
fn resources() -> Vec<Value> {
    let charts = charts();
    let entries = charts.iter().flat_map(|(_, chart)| chart["entry"].as_array().unwrap());
    let resources = entries.map(|entry| entry["resource"].clone());
    resources.filter(|resource| resource["resourceType"] != "Patient").collect()
}

fn statuses() -> impl Strategy<Value = Value> {
    select(vec![
        json!("final"),
        json!("active"),
        json!("completed"),
        json!("preliminary"),
        json!("entered-in-error"),
        json!("amended"),
        json!("stopped"),
        Value::Null,
    ])
}

fn times() -> impl Strategy<Value = Value> {
    select(vec![
        json!("2026-11-26T08:59:00Z"),
        json!("2026-11-26T10:00:00+01:00"),
        json!("2026-11-25"),
        json!("2026-11"),
        json!("2026"),
        json!("2019-02-03"),
        json!("2026-11-26T09:03:00Z"),
        json!("2027-01-01"),
        json!("soon"),
    ])
}

/// A resource of an example, with some of its elements otherwise.
fn resource() -> impl Strategy<Value = Value> {
    let number = prop_oneof![0_u32..=450, Just(5000)].prop_map(|tenths| f64::from(tenths) / 10.0);
    let parts = (
        select(resources()),
        proptest::option::of(statuses()),
        proptest::option::of(times()),
        proptest::option::of(number),
        proptest::option::weighted(0.2, select(vec!["<", "<=", ">=", ">"])),
        0..10_000_u32,
    );
    parts.prop_map(|(mut resource, status, time, number, comparator, id)| {
        resource["id"] = json!(format!("r{id}"));
        if let Some(status) = status {
            resource["status"] = status;
        }
        if let Some(time) = time {
            for field in ["effectiveDateTime", "onsetDateTime", "authoredOn", "authored"] {
                if resource.get(field).is_some() {
                    resource[field] = time.clone();
                }
            }
        }
        if resource.get("valueQuantity").is_some() {
            if let Some(number) = number {
                resource["valueQuantity"]["value"] = json!(number);
            }
            if let Some(comparator) = comparator {
                resource["valueQuantity"]["comparator"] = json!(comparator);
            }
        }
        resource
    })
}

fn chart() -> impl Strategy<Value = Value> {
    proptest::collection::vec(resource(), 1..14).prop_map(|mut resources| {
        resources.insert(0, patient());
        bundle(resources)
    })
}

proptest! {
    #![proptest_config(Config {
        cases: 1_500,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(0x0048_3136),
        failure_persistence: None,
        ..Config::default()
    })]

    #[test]
    fn nothing_left_out_makes_a_chart_reassuring(
        whole in chart(),
        places_of in proptest::collection::vec((any::<Index>(), select(CHANGES.to_vec())), 8),
        beside in any::<bool>(),
    ) {
        let people = if beside { cleared() } else { Entries::default() };
        let before = see(&whole, &people);
        let all = places(&whole);
        for (place, change) in places_of {
            let path = place.get(&all);
            let Some(less) = changed(&whole, path, change) else { continue };
            let after = see(&less, &people);
            if let Err(why) = check(&before, &after, !beside, takes_away(path, change)) {
                return Err(TestCaseError::fail(format!("{path:?} {change:?}: {why}")));
            }
        }
    }
}
