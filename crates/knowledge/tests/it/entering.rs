//! How a patient enters the library.

use cauda_guideline::Guideline;
use cauda_guideline::facts::Kind;
use cauda_guideline::resolve::{Finding, Findings, Reason, Said, resolve};
use cauda_knowledge::inputs::parameters;
use cauda_proof::random::Random;
use serde_json::{Value, json};

use crate::{fixture, patients, shipped};

/// Nothing known but one fact.
fn with(guideline: &Guideline, id: &str, change: impl FnOnce(&mut Finding)) -> Findings {
    let mut findings = resolve(guideline, &Default::default(), Some(0));
    change(&mut findings.by_fact[guideline.fact(id).unwrap()]);
    findings
}

fn entered(id: &str, change: impl FnOnce(&mut Finding)) -> Value {
    let guideline = fixture::guideline();
    parameters(&guideline, &with(&guideline, id, change))[&format!("{id} given")].clone()
}

#[test]
fn a_number_is_an_interval_and_half_a_step_is_an_open_end() {
    let warm = |low, high| {
        entered("warm", |finding| {
            finding.said = Said::Between(low, high);
            finding.cells = 1;
        })
    };
    let interval = |low: &str, low_closed: bool, high: &str, high_closed: bool| {
        json!({
            "low": low, "low_closed": low_closed,
            "high": high, "high_closed": high_closed, "unit": "Cel",
        })
    };
    assert_eq!(warm(760, 760), interval("38", true, "38", true));
    assert_eq!(warm(759, 761), interval("37.9", false, "38.1", false));
    assert_eq!(warm(500, 759), interval("25", true, "38", false));
}

#[test]
fn what_is_not_known_is_null_and_stands_in_the_list_only_when_it_cannot_be_had() {
    let guideline = fixture::guideline();
    for (reason, listed) in [
        (Reason::NotAsked, false),
        (Reason::Stale, false),
        (Reason::Unreliable, false),
        (Reason::NotKnown, true),
        (Reason::Declined, true),
        (Reason::Unable, true),
    ] {
        let findings = with(&guideline, "shiver", |finding| finding.said = Said::Unknown(reason));
        let made = parameters(&guideline, &findings);
        assert_eq!(made["shiver given"], Value::Null, "{reason:?}");
        let missing = made["cannot be had given"].as_array().unwrap();
        assert_eq!(missing.contains(&json!("facts/shiver")), listed, "{reason:?}");
    }
}

#[test]
fn an_interval_that_doubt_has_widened_to_everything_is_null() {
    let widened = |is_vague| {
        entered("warm", |finding| {
            finding.said = Said::Between(510, 880);
            finding.is_vague = is_vague;
        })
    };
    assert_eq!(widened(false), Value::Null);
    assert_ne!(widened(true), Value::Null);
}

/// The library takes a named fact as one word or nothing: nothing else may come
/// out of `resolve`.
#[test]
fn a_named_fact_is_one_word_or_anything_at_all() {
    let guideline = shipped::guideline();
    let mut draw = Random::new(5);
    for _ in 0..300 {
        let findings = patients::visit(guideline, &mut draw);
        let made = parameters(guideline, &findings);
        for (index, fact) in guideline.entered_facts() {
            let (cells, known) = (findings.by_fact[index].cells, &guideline.program.cells[index]);
            let Kind::Named { values, .. } = &fact.kind else { continue };
            match made[&format!("{} given", fact.id)].as_str() {
                Some(word) => {
                    let at = values.iter().position(|value| value == word).unwrap();
                    assert_eq!(cells, 1 << at, "{}", fact.id);
                }
                None => assert_eq!(cells, known.all(), "{}", fact.id),
            }
        }
    }
}
