//! CDS Hooks, requirement by requirement: what shows that each is met, or why it is not ours. A
//! test is found by its number, `r083_…`, so none is forgotten when tests are renamed.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use serde::Deserialize;

use crate::run::root;

/// The requirements, each with what does not follow from a test of its number.
const DATA: &str = "docs/cds-hooks-conformance.toml";
/// What people read, rendered from them.
const DOCUMENT: &str = "docs/cds-hooks-conformance.md";
/// Where tests of a requirement stand.
const TESTS: [&str; 2] = ["crates/cds-hooks/tests/it", "crates/server/tests/it"];
/// How the document begins.
const HEAD: &str = "\
# CDS Hooks conformance

Every requirement that CDS Hooks 2.0 puts on a service, as the Da Vinci CRD test kit numbers them, and what shows that Cauda meets it.
The sentences are those of the specification, from the requirement list of the test kit (Apache-2.0).
A test is named after its number, and a test of the command line checks that each requirement has one, or a reason.
3.0 adds what [ehr.md](ehr.md) lists; nothing of 2.0 is taken back by it.
Rendered from [cds-hooks-conformance.toml](cds-hooks-conformance.toml), so change it there.
";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    requirement: Vec<Requirement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requirement {
    id: u16,
    level: String,
    text: String,
    url: String,
    /// Met by something that is no test of its number.
    met_by: Option<String>,
    /// Not a requirement on this service, and why.
    not_applicable: Option<String>,
}

/// Names of the tests of each requirement, with their file.
fn tests() -> BTreeMap<u16, Vec<(String, String)>> {
    let mut found: BTreeMap<u16, Vec<(String, String)>> = BTreeMap::new();
    for folder in TESTS {
        let mut files: Vec<_> = fs::read_dir(root().join(folder)).unwrap().flatten().collect();
        files.sort_by_key(fs::DirEntry::path);
        for file in files.iter().filter(|file| file.path().extension().is_some_and(|e| e == "rs")) {
            let text = fs::read_to_string(file.path()).unwrap();
            let name = file.file_name().into_string().unwrap();
            for part in text.split("#[test]").skip(1) {
                let function = part.split("fn ").nth(1).and_then(|rest| rest.split('(').next());
                let function = function.unwrap_or_default();
                for id in ids(function) {
                    found
                        .entry(id)
                        .or_default()
                        .push((format!("{folder}/{name}"), function.into()));
                }
            }
        }
    }
    found
}

/// The numbers a name begins with: `r093_r096_suggestions…` is of two.
fn ids(name: &str) -> Vec<u16> {
    let parts = name.split('_').map_while(|part| part.strip_prefix('r')?.parse().ok());
    parts.collect()
}

fn list() -> List {
    let text = fs::read_to_string(root().join(DATA)).unwrap();
    toml::from_str(&text).unwrap_or_else(|error| panic!("{DATA}: {error}"))
}

fn standing(requirement: &Requirement, tests: &[(String, String)]) -> String {
    if let Some(why) = &requirement.not_applicable {
        return format!("not ours: {why}");
    }
    let mut shown: Vec<String> =
        tests.iter().map(|(file, name)| format!("[`{name}`](../{file})")).collect();
    shown.extend(requirement.met_by.clone());
    format!("met: {}", shown.join(", "))
}

#[test]
fn every_requirement_has_a_test_or_a_reason() {
    let (list, tests) = (list(), tests());
    let none = Vec::new();
    let mut open = Vec::new();
    for requirement in &list.requirement {
        let shown = tests.get(&requirement.id).unwrap_or(&none);
        let is_shown = !shown.is_empty() || requirement.met_by.is_some();
        if is_shown == requirement.not_applicable.is_some() {
            open.push((requirement.id, requirement.level.as_str(), shown.len()));
        }
    }
    assert!(open.is_empty(), "neither shown nor explained, or both: {open:?}");
    let known: Vec<u16> = list.requirement.iter().map(|one| one.id).collect();
    let unknown: Vec<_> = tests.keys().filter(|id| !known.contains(id)).collect();
    assert!(unknown.is_empty(), "tests of no requirement: {unknown:?}");
}

#[test]
fn the_conformance_page_is_current() {
    let (list, tests) = (list(), tests());
    let none = Vec::new();
    let mut text = format!("{HEAD}\n| id | level | requirement | |\n|---|---|---|---|\n");
    for requirement in &list.requirement {
        let shown = standing(requirement, tests.get(&requirement.id).unwrap_or(&none));
        let Requirement { id, level, text: said, url, .. } = requirement;
        let said = said.replace('|', "\\|").replace('<', "&lt;");
        writeln!(text, "| [{id}]({url}) | {level} | {said} | {shown} |").unwrap();
    }
    let path = root().join(DOCUMENT);
    if std::env::var_os("CAUDA_WRITE").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert!(known == text, "{DOCUMENT} is not current: ./test --write");
}
