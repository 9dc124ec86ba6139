//! Any JSON as a chart.

use cauda_chart::{Block, Call, Chart, read_about};
use cauda_fhir::{Moment, Resource, Supplied};
use cauda_guideline::decision::{Decision, explain};
use cauda_guideline::resolve::resolve;
use cauda_guideline::visit::read_value;
use serde_json::Value;

use crate::{NOW, shipped};

/// Every finding of a chart is one that the guideline reads, not after now, and nothing of it
/// stands in a `Debug` text; a chart alone never sends anybody home.
pub fn chart(data: &[u8]) -> bool {
    let Ok(value) = cauda_fhir::read(data) else { return false };
    let value = shipped::with_version(&value);
    let chart = read(&value);
    check(&chart);
    let decision = decided(&chart);
    assert!(!decision.clinician_review);
    !chart.used.is_empty()
}

/// A chart under one key, about the patient `p1`.
pub fn read(value: &Value) -> Chart {
    let call = Call {
        patient: Some("p1"),
        encounter: Some("e1"),
        base: Some("https://cauda.hospital.example/fhir"),
        now: NOW,
    };
    let supplied = [("chart", Supplied::of(Some(value)))];
    read_about(shipped::table(), shipped::guideline(), &call, &supplied)
}

/// What the engine says of a chart alone.
pub fn decided(chart: &Chart) -> Decision {
    let guideline = shipped::guideline();
    explain(guideline, &resolve(guideline, &chart.entries(guideline), Some(NOW)), None)
}

pub fn check(chart: &Chart) {
    let guideline = shipped::guideline();
    for found in &chart.findings {
        let index = guideline.fact(&found.fact).expect("a fact of the guideline");
        let value = read_value(&guideline.facts[index], &found.value);
        assert!(value.is_ok(), "{}: {}", found.fact, found.value);
        assert!(found.at <= NOW, "{} is to come", found.fact);
        assert!(!format!("{found:?}").contains(&found.fact));
    }
    assert_eq!(chart.entries(guideline).by_fact.values().map(Vec::len).sum::<usize>(), {
        chart.findings.len()
    });
    assert!(chart.patient.is_some() || !chart.blocks.is_empty());
    assert_eq!(!chart.alarms.is_empty(), chart.blocks.contains(&Block::Alarm));
}

/// Whether a chart really says that its patient has died: `true`, or a date that is one.
pub fn says_dead(patient: &Value) -> bool {
    let Some(patient) = Resource::of(patient) else { return false };
    let date = patient.text("deceasedDateTime").and_then(Moment::read);
    patient.field("deceasedBoolean") == Some(&Value::Bool(true)) || date.is_some()
}
