//! The FHIR artifacts: whole, linked with each other and with the library, and
//! nothing in them that the guideline does not say.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cauda_guideline::Guideline;
use cauda_knowledge::fhir::{Beside, artifacts};
use cauda_knowledge::{BASE, Base, cql};
use serde_json::Value;

use crate::{fixture, library, shipped};

fn made(guideline: &Guideline, beside: Beside) -> BTreeMap<String, Value> {
    let base = Base::new(BASE).unwrap();
    let files = artifacts(&base, guideline, beside).unwrap();
    assert_eq!(files, artifacts(&base, guideline, beside).unwrap());
    let read = |(file, text): (String, String)| (file, serde_json::from_str(&text).unwrap());
    files.into_iter().map(read).collect()
}

/// Every value under `key`, however deep.
fn all<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                if name == key {
                    found.push(inner);
                }
                all(inner, key, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| all(item, key, found)),
        _ => {}
    }
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let mut found = Vec::new();
    all(value, key, &mut found);
    found.into_iter().filter_map(|value| Some(value.as_str()?.to_string())).collect()
}

#[test]
fn every_condition_names_a_define_and_every_page_has_an_action() {
    let guideline = shipped::guideline();
    let files = made(guideline, Beside::default());
    let plan = &files["PlanDefinition-back-pain.json"];
    let defines = library::defined(&cql::library(guideline).unwrap(), "define");
    let expressions = texts(plan, "expression");
    let named: BTreeSet<&str> = expressions
        .iter()
        .map(|name| name.strip_prefix("BackPain.\"").unwrap().strip_suffix('"').unwrap())
        .collect();
    for name in &named {
        assert!(defines.contains(*name), "{name}");
    }
    for loaded in &guideline.pages {
        let parts: &[&str] = match loaded.kind.folder() {
            "definitions" => continue,
            "scope" | "gate" | "red_flags" => &["raised", "open"],
            "disposition" => &["chosen"],
            _ => &[""],
        };
        for part in parts {
            let name = cql::define_of(&loaded.id, part);
            assert!(named.contains(name.as_str()), "{name}");
        }
    }
}

#[test]
fn every_canonical_address_is_one_of_ours() {
    for guideline in [shipped::guideline(), &fixture::guideline()] {
        let files = made(guideline, Beside::default());
        let known: BTreeSet<String> = files
            .values()
            .map(|file| {
                format!("{}|{}", file["url"].as_str().unwrap(), file["version"].as_str().unwrap())
            })
            .collect();
        assert_eq!(known.len(), files.len());
        for file in files.values() {
            let mut libraries = Vec::new();
            all(file, "library", &mut libraries);
            let libraries = libraries.into_iter().filter_map(Value::as_array).flatten();
            let libraries = libraries.filter_map(|library| Some(library.as_str()?.to_string()));
            for canonical in libraries.chain(texts(file, "definitionCanonical")) {
                assert!(known.contains(&canonical), "{canonical}");
            }
        }
    }
}

#[test]
fn ids_are_ids_of_fhir_and_addresses_end_in_them() {
    for (name, file) in made(shipped::guideline(), Beside::default()) {
        let (kind, id) = (file["resourceType"].as_str().unwrap(), file["id"].as_str().unwrap());
        assert_eq!(name, format!("{kind}-{id}.json"));
        assert!((1..=64).contains(&id.len()), "{id}");
        assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{id}");
        assert_eq!(file["url"], format!("{BASE}/{kind}/{id}"));
        let word = file["name"].as_str().unwrap();
        assert!(word.starts_with(|letter: char| letter.is_ascii_uppercase()), "{word}");
        assert!(word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{word}");
    }
}

#[test]
fn the_library_carries_the_text_and_the_elm() {
    let guideline = shipped::guideline();
    let files = made(guideline, Beside { elm: Some("{\"library\":{}}"), signed_on: None });
    let content = files["Library-BackPain.json"]["content"].as_array().unwrap().clone();
    let decoded = |at: usize| {
        let data = content[at]["data"].as_str().unwrap();
        (
            content[at]["contentType"].as_str().unwrap().to_string(),
            String::from_utf8(BASE64_STANDARD.decode(data).unwrap()).unwrap(),
        )
    };
    assert_eq!(decoded(0), ("text/cql".to_string(), cql::library(guideline).unwrap()));
    assert_eq!(decoded(1), ("application/elm+json".to_string(), "{\"library\":{}}".to_string()));
    assert_eq!(content.len(), 2);
}

#[test]
fn a_draft_is_a_draft_whatever_day_is_given() {
    let signed_on = Some("2027-01-31");
    for (file, artifact) in made(shipped::guideline(), Beside { elm: None, signed_on }) {
        assert_eq!(artifact["status"], "draft", "{file}");
        assert_eq!(artifact["approvalDate"], Value::Null, "{file}");
    }
    let plan = &made(&fixture::guideline(), Beside { elm: None, signed_on })["PlanDefinition-odd-words.json"];
    assert_eq!(plan["status"], "active");
    assert_eq!(plan["experimental"], false);
    assert_eq!(plan["approvalDate"], "2027-01-31");
    let plan = &made(&fixture::guideline(), Beside::default())["PlanDefinition-odd-words.json"];
    assert_eq!(plan["approvalDate"], Value::Null);
}

#[test]
fn codes_and_sources_are_the_guidelines_own() {
    let files = made(&fixture::guideline(), Beside::default());
    let image = &files["ActivityDefinition-image-mri.json"];
    assert_eq!(image["kind"], "ServiceRequest");
    assert_eq!(image["code"]["text"], "MRI");
    let codings = image["code"]["coding"].as_array().unwrap();
    assert_eq!(codings.len(), 1, "a system whose address is not known for sure is left out");
    assert_eq!(codings[0]["system"], "http://loinc.org");
    assert_eq!(codings[0]["code"], "1-2");
    assert_eq!(files["ActivityDefinition-call-senior.json"]["kind"], "Task");
    let plan = &files["PlanDefinition-odd-words.json"];
    let citation = "It's a \"source\". How far it was read: abstract read.";
    assert_eq!(plan["relatedArtifact"][0]["citation"], citation);
    let mut documented = Vec::new();
    all(plan, "documentation", &mut documented);
    assert_eq!(documented.len(), 2);
    assert_eq!(documented[0][0]["citation"], citation);
}

#[test]
fn what_may_be_urgent_and_is_not_excluded_is_said() {
    let files = made(&fixture::guideline(), Beside::default());
    let actions = &files["PlanDefinition-odd-words.json"]["action"][0]["action"];
    assert_eq!(texts(&actions[0], "expression"), ["OddWords.\"red_flags/heat raised\""]);
    assert_eq!(actions[0]["priority"], "asap");
    assert_eq!(texts(&actions[1], "expression"), ["OddWords.\"red_flags/heat open\""]);
    assert_eq!(actions[1]["priority"], "urgent");
    assert!(actions[1]["textEquivalent"].as_str().unwrap().contains("not a no"));
}

/// Writes them for the validators of tests/fhir, when asked.
#[test]
fn the_artifacts_for_the_validators() {
    let Ok(out) = std::env::var("CAUDA_FHIR_OUT") else { return };
    let base = Base::new(BASE).unwrap();
    for (file, text) in artifacts(&base, shipped::guideline(), Beside::default()).unwrap() {
        std::fs::write(std::path::Path::new(&out).join(file), text).unwrap();
    }
}
