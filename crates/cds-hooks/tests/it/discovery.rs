//! A closed grammar of every prefetch template (R55 to R59), and which hooks are offered.

use std::collections::BTreeSet;

use cauda_cds_hooks::{Hook, KEYS, Settings, discovery, templates};
use serde_json::Value;

use crate::world::guideline;

/// Searches that are asked for, with the parameters each may have.
const SEARCHES: [(&str, &[&str]); 8] = [
    ("Condition", &["patient", "_sort", "_count"]),
    ("Observation", &["patient", "code", "_sort", "_count"]),
    ("MedicationRequest", &["patient", "_sort", "_count"]),
    ("AllergyIntolerance", &["patient", "_count"]),
    ("Procedure", &["patient", "_sort", "_count"]),
    ("ServiceRequest", &["patient", "_sort", "_count"]),
    ("MedicationStatement", &["patient", "_count"]),
    ("Device", &["patient", "_count"]),
];

pub fn services() -> Vec<Value> {
    let settings = Settings { hooks: Hook::ALL.to_vec(), ..Settings::of(guideline()) };
    discovery(&settings)["services"].as_array().unwrap().clone()
}

/// Tokens of a template.
pub fn tokens(template: &str) -> Vec<&str> {
    template.split("{{").skip(1).map(|rest| rest.split_once("}}").unwrap().0).collect()
}

/// The whole grammar: a read of one id, or a search by the patient.
pub fn is_in_the_grammar(template: &str) -> bool {
    if let Some((kind, id)) = template.split_once('/') {
        let known =
            [("Patient", "{{context.patientId}}"), ("Encounter", "{{context.encounterId}}")];
        return known.contains(&(kind, id));
    }
    let Some((kind, query)) = template.split_once('?') else { return false };
    let Some((_, allowed)) = SEARCHES.iter().find(|(known, _)| *known == kind) else {
        return false;
    };
    let mut seen = BTreeSet::new();
    let is_value = |name: &str, value: &str| match name {
        "patient" => value == "{{context.patientId}}",
        "_count" => value.parse::<u32>().is_ok_and(|count| (1..=200).contains(&count)),
        "_sort" => ["-date", "-recorded-date", "-authoredon", "-authored"].contains(&value),
        "code" => value.split(',').all(|code| {
            let (number, check) = code.split_once('-').unwrap_or_default();
            number.bytes().all(|sign| sign.is_ascii_digit()) && check.len() == 1
        }),
        _ => false,
    };
    query.split('&').all(|part| {
        let Some((name, value)) = part.split_once('=') else { return false };
        allowed.contains(&name) && seen.insert(name) && is_value(name, value)
    }) && seen.contains("patient")
}

#[test]
fn every_template_is_in_the_grammar() {
    let settings = Settings::of(guideline());
    assert!(settings.observations.contains(&"8310-5".to_string()));
    let templates = templates(&settings.observations);
    assert_eq!(templates.len(), KEYS.len());
    for (key, template) in templates {
        assert!(is_in_the_grammar(&template), "{key}: {template}");
        assert!(!template.contains("draftOrders") && !template.contains("selections"));
        for outside in ["today()", "ofType", "resolve", "%20", " ", ":not", "gt", "_include"] {
            assert!(!template.contains(outside), "{key}: {template}");
        }
    }
}

#[test]
fn codes_of_observations_cannot_leave_their_place() {
    let odd = ["8310-5&patient=other".to_string(), "{{context.userId}}".into(), String::new()];
    for (_, template) in templates(&odd) {
        assert!(is_in_the_grammar(&template), "{template}");
    }
    let many: Vec<String> = (0..500).map(|number| format!("{number}-1")).collect();
    let (_, template) =
        templates(&many).into_iter().find(|(key, _)| *key == "observations").unwrap();
    assert_eq!(template.matches(',').count(), 59);
}

#[test]
fn by_default_only_orders_and_discharge_are_offered() {
    let settings = Settings::of(guideline());
    let all = discovery(&settings);
    let hooks: Vec<&str> = all["services"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["hook"].as_str().unwrap())
        .collect();
    assert_eq!(hooks, ["order-select", "order-sign", "encounter-discharge"]);
    let none = discovery(&Settings { hooks: Vec::new(), ..settings });
    assert_eq!(none["services"].as_array().unwrap().len(), 0);
}
