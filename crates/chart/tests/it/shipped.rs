//! The guideline and the table in this repository, read once, and a short way to read a chart.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cauda_chart::{Call, Chart, Table, read_about};
use cauda_fhir::Supplied;
use cauda_guideline::{Folder, Guideline, load_checked};
use serde_json::{Value, json};

/// 2026-11-26T09:00:00Z.
pub const NOW: i64 = 1_795_683_600;
/// Our own address.
pub const BASE: &str = "https://cauda.hospital.example/fhir";

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn folder() -> Folder {
    let start = root().join("guidelines/back_pain");
    let mut files = BTreeMap::new();
    let mut open = vec![start.clone()];
    while let Some(place) = open.pop() {
        for entry in fs::read_dir(&place).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(&start).unwrap().to_str().unwrap().replace('\\', "/");
            if Folder::takes(&name) {
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    Folder { files }
}

pub fn guideline() -> &'static Guideline {
    static GUIDELINE: OnceLock<Guideline> = OnceLock::new();
    GUIDELINE.get_or_init(|| load_checked(&folder()).unwrap())
}

pub fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::shipped(guideline()).unwrap_or_else(|error| panic!("{error}")))
}

/// The patient of every test.
pub fn patient() -> Value {
    json!({"resourceType": "Patient", "id": "p1", "birthDate": "1971-03-02"})
}

pub fn bundle(resources: Vec<Value>) -> Value {
    let entries: Vec<Value> =
        resources.into_iter().map(|resource| json!({"resource": resource})).collect();
    json!({"resourceType": "Bundle", "type": "searchset", "entry": entries})
}

/// A chart read whole, from one bundle.
pub fn chart_of(whole: &Value) -> Chart {
    let call = Call { patient: None, encounter: None, base: Some(BASE), now: NOW };
    read_about(table(), guideline(), &call, &[("chart", Supplied::of(Some(whole)))])
}

/// What one resource of the patient says: fact and value, without the age.
pub fn said(resource: Value) -> Vec<(String, String)> {
    let chart = chart_of(&bundle(vec![patient(), resource]));
    let found = chart.findings.into_iter().filter(|found| found.fact != "age");
    found.map(|found| (found.fact, found.value)).collect()
}

/// The reasons for which something of one resource was not used.
pub fn refused(resource: Value) -> Vec<cauda_chart::Why> {
    let chart = chart_of(&bundle(vec![patient(), resource]));
    chart.ignored.into_iter().map(|ignored| ignored.why).collect()
}

/// A pair as `said` gives it.
pub fn pair(fact: &str, value: &str) -> (String, String) {
    (fact.to_owned(), value.to_owned())
}
