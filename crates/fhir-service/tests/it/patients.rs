//! The shipped guideline and the patients of the tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use cauda_fhir_service::{About, Base};
use cauda_guideline::decision::{Decision, explain};
use cauda_guideline::resolve::{Findings, resolve};
use cauda_guideline::{Folder, Guideline, load_checked, time, visit};
use serde_json::{Value, json};

/// The moment of the tests.
pub const NOW: &str = "2026-11-23T10:30:00Z";

pub fn now() -> i64 {
    time::read(NOW).unwrap()
}

pub fn guideline() -> &'static Guideline {
    static SHIPPED: OnceLock<Guideline> = OnceLock::new();
    SHIPPED.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guidelines/back_pain");
        let mut files = BTreeMap::new();
        collect(&root, &root, &mut files);
        load_checked(&Folder { files }).unwrap()
    })
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
            continue;
        }
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        if Folder::takes(&name) {
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

pub fn base() -> &'static Base {
    static BASE: OnceLock<Base> = OnceLock::new();
    BASE.get_or_init(|| Base::new("https://cauda.hospital.example/fhir").unwrap())
}

pub fn about() -> About<'static> {
    let about = About::new(base(), "Patient/123", now()).unwrap();
    about.during("Encounter/7").unwrap().by("Practitioner/9").unwrap()
}

/// A patient with what was found and decided.
pub struct Patient {
    pub name: &'static str,
    pub findings: Findings,
    pub decision: Decision,
}

pub fn patient(name: &'static str, visit: &str) -> Patient {
    let visit = visit::read(guideline(), visit).unwrap();
    let findings = resolve(guideline(), &visit.entries, visit.as_of);
    let decision = explain(guideline(), &findings, None);
    Patient { name, findings, decision }
}

/// One of every kind of answer.
pub fn patients() -> Vec<Patient> {
    let example = |name: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/visits");
        fs::read_to_string(folder.join(name)).unwrap()
    };
    let child = json!({ "as_of": NOW, "findings": {
        "age": [{ "value": "9 a", "at": NOW, "by": "nurse" }],
    } });
    let stuck = json!({ "as_of": NOW, "findings": {
        "age": [{ "value": "50 a", "at": NOW, "by": "nurse" }],
        "saddle_numbness": [{ "value": "declined", "at": NOW, "by": "nurse" }],
        "temperature": [{ "value": "38.4 Cel", "at": NOW, "by": "nurse" }],
        "c_reactive_protein": [{ "value": "<5 mg/L", "at": NOW, "by": "laboratory" }],
        "known_cancer": [{ "value": "not known", "at": NOW, "by": "nurse" }],
    } });
    vec![
        patient("home", &example("1_strain.json")),
        patient("cauda_equina", &example("2_cauda_equina.json")),
        patient("abscess", &example("3_abscess.json")),
        patient("aneurysm", &example("7_aneurysm.json")),
        patient("fall", &example("6_fall_from_ladder.json")),
        patient("undecided", &example("8_cannot_decide_yet.json")),
        patient("child", &child.to_string()),
        patient("stuck", &stuck.to_string()),
    ]
}

/// Every object in a resource, with the name it stands under.
pub fn objects<'a>(name: &'a str, value: &'a Value, found: &mut Vec<(&'a str, &'a Value)>) {
    match value {
        Value::Array(list) => list.iter().for_each(|item| objects(name, item, found)),
        Value::Object(fields) => {
            found.push((name, value));
            fields.iter().for_each(|(name, item)| objects(name, item, found));
        }
        _ => {}
    }
}
