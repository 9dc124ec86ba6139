//! Every code of every row has its example, a whole resource that leads to the finding it says.

use std::collections::BTreeSet;
use std::fs;

use cauda_chart::{Kind, System};
use serde_json::{Value, json};

use crate::shipped::{bundle, chart_of, patient, root, table};

/// The files of examples.
const FILES: [&str; 7] = [
    "allergy_intolerance.json",
    "condition.json",
    "device.json",
    "encounter.json",
    "medication.json",
    "observation.json",
    "procedure.json",
];

fn examples() -> Vec<Value> {
    let read = |file: &str| -> Vec<Value> {
        let path = root().join("crates/chart/tests/fixtures").join(file);
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    };
    FILES.into_iter().flat_map(read).collect()
}

fn key(system: &[System]) -> &'static str {
    match system {
        [System::Icd10Cm, System::Icd10] => "icd",
        [System::Icd10Cm] => "icd_cm",
        [System::Loinc] => "loinc",
        [System::Snomed] => "snomed",
        [System::RxNorm] => "rxnorm",
        [System::Atc] => "atc",
        other => panic!("{other:?}"),
    }
}

/// Section, fact, value, system and code; of answers the answer's system and code too.
type Name = [String; 7];

fn demanded() -> BTreeSet<Name> {
    let mut all = BTreeSet::new();
    for kind in Kind::ALL {
        for row in table().rows(kind) {
            for code in &row.codes {
                let mut name = |value: &str, of: &str, answer: &str| {
                    let parts = [kind.section(), &row.fact, value, key(&code.systems), &code.code];
                    let parts = parts.into_iter().chain([of, answer]).map(str::to_owned);
                    all.insert(parts.collect::<Vec<_>>().try_into().unwrap());
                };
                match kind {
                    Kind::Coded => {
                        for answer in &row.answers {
                            let value = answer.value.as_deref().unwrap();
                            name(value, key(&answer.systems), &answer.code);
                        }
                    }
                    Kind::Measured => row.units.iter().for_each(|unit| name("", unit, "")),
                    _ => name(&row.value, "", ""),
                }
            }
        }
    }
    all
}

fn name_of(example: &Value) -> Name {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let unit = &example["resource"]["valueQuantity"]["code"];
    let of = if unit.is_null() { &example["answer"][0] } else { unit };
    let row = &example["row"];
    [
        text(&row[0]),
        text(&row[1]),
        text(&row[2]),
        text(&row[3]),
        text(&row[4]),
        text(of),
        text(&example["answer"][1]),
    ]
}

#[test]
fn every_code_has_an_example_and_every_example_a_code() {
    let given: BTreeSet<Name> = examples().iter().map(name_of).collect();
    let demanded = demanded();
    let without: Vec<_> = demanded.difference(&given).collect();
    assert!(without.is_empty(), "rows without an example in tests/fixtures: {without:#?}");
    let stale: Vec<_> = given.difference(&demanded).collect();
    assert!(stale.is_empty(), "examples without a row: {stale:#?}");
}

#[test]
fn every_example_leads_to_its_finding() {
    for example in examples() {
        let chart = chart_of(&bundle(vec![patient(), example["resource"].clone()]));
        if example["row"][0] == "alarm" {
            assert_eq!(chart.alarms.len(), 1, "{example}");
            assert!(!chart.may_reassure(), "{example}");
            continue;
        }
        for found in example["found"].as_array().unwrap() {
            let (fact, value) = (found[0].as_str().unwrap(), found[1].as_str().unwrap());
            let is_there =
                chart.findings.iter().any(|found| found.fact == fact && found.value == value);
            assert!(is_there, "{example}");
        }
    }
}

#[test]
fn an_example_under_another_system_or_a_neighbouring_code_says_nothing() {
    for example in examples() {
        for (system, suffix) in [(Some("urn:oid:2.16.840.1.113883.6.1"), ""), (None, "Q9")] {
            let mut resource = example["resource"].clone();
            for coding in codings(&mut resource) {
                if let Some(system) = system {
                    coding["system"] = json!(system);
                }
                let code = format!("{suffix}{}", coding["code"].as_str().unwrap());
                coding["code"] = json!(code);
            }
            let chart = chart_of(&bundle(vec![patient(), resource]));
            let found = chart.findings.iter().filter(|found| found.fact != "age").count();
            assert_eq!(found + chart.alarms.len(), 0, "{example}");
            assert_eq!(chart.unknown.values().sum::<usize>(), 1, "{example}");
        }
    }
}

#[test]
fn both_editions_of_icd_10_are_read_where_a_row_says_icd() {
    for example in examples().iter().filter(|example| example["row"][3] == "icd") {
        let mut resource = example["resource"].clone();
        for coding in codings(&mut resource) {
            coding["system"] = json!(System::Icd10.address());
        }
        let chart = chart_of(&bundle(vec![patient(), resource]));
        let found = chart.findings.iter().filter(|found| found.fact != "age").count();
        assert!(found + chart.alarms.len() > 0, "{example}");
    }
}

/// The codings of what a resource is about.
fn codings(resource: &mut Value) -> Vec<&mut Value> {
    let field = ["code", "type", "medicationCodeableConcept", "reasonCode"]
        .into_iter()
        .find(|field| resource.get(field).is_some())
        .unwrap();
    let mut value = &mut resource[field];
    if value.is_array() {
        value = &mut value[0];
    }
    value["coding"].as_array_mut().unwrap().iter_mut().collect()
}
