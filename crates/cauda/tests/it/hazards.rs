//! The hazard log: every control it names exists, and the document is what the data says.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use serde::Deserialize;

use crate::run::root;

/// Where the hazards are written.
const DATA: &str = "docs/hazards.toml";
/// What people read, rendered from them.
const DOCUMENT: &str = "docs/hazards.md";
/// What one guideline alone is asked.
const PROPERTIES: &str = "crates/proof/src/properties.rs";
/// Properties that are asked elsewhere: of two editions, and of the course of a visit.
const ASKED_ELSEWHERE: [(&str, &str); 2] =
    [("SP8", "crates/proof/src/refinement.rs"), ("SP9", "crates/pathway/src/nobody_is_lost.rs")];
/// How the document begins.
const HEAD: &str = "\
# Hazards

What can go wrong with Cauda, whom it would harm, what is done about it, and what is left.
Every control is a property of the guideline, a test or a document of this repository, and a test checks that each of them exists.
This is not a certified safety case: no likelihood is estimated, no risk is accepted, and nobody has signed.
A clinical safety officer has to add how likely each harm is where it is used, who owns it, what the department does by training and procedure, and whether what is left is acceptable.
The severity is the worst harm that is likely, in the words of DCB0129.
Rendered from [hazards.toml](hazards.toml), so change it there.
";

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Log {
    hazard: Vec<Hazard>,
}

/// What can go wrong.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hazard {
    id: String,
    hazard: String,
    harm: String,
    severity: Severity,
    controls: Vec<Control>,
    left: String,
}

/// The worst harm that is likely.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Catastrophic,
    Major,
    Considerable,
    Minor,
}

impl Severity {
    fn word(self) -> &'static str {
        match self {
            Severity::Catastrophic => "catastrophic",
            Severity::Major => "major",
            Severity::Considerable => "considerable",
            Severity::Minor => "minor",
        }
    }
}

/// What is done about it, and the one thing that shows it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Control {
    what: String,
    property: Option<String>,
    test: Option<String>,
    document: Option<String>,
}

/// What shows that a control is there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shown<'a> {
    Property(&'a str),
    Test { file: &'a str, name: &'a str },
    Document(&'a str),
}

impl Control {
    fn shown(&self) -> Shown<'_> {
        match (&self.property, &self.test, &self.document) {
            (Some(id), None, None) => Shown::Property(id),
            (None, Some(test), None) => {
                let (file, name) =
                    test.split_once("::").unwrap_or_else(|| panic!("{test} is not file::function"));
                Shown::Test { file, name }
            }
            (None, None, Some(path)) => Shown::Document(path),
            _ => panic!("“{}” needs exactly one of property, test, document", self.what),
        }
    }
}

fn log() -> Log {
    let text = fs::read_to_string(root().join(DATA)).unwrap();
    toml::from_str(&text).unwrap_or_else(|error| panic!("{DATA}: {error}"))
}

/// Where a property is asked; nothing if there is no such property.
fn asked_in(id: &str) -> Option<&'static str> {
    if cauda_proof::properties::ALL.iter().any(|property| property.id == id) {
        return Some(PROPERTIES);
    }
    ASKED_ELSEWHERE.iter().find(|(other, _)| *other == id).map(|(_, file)| *file)
}

/// Whether a file of tests runs a function of that name, and does not merely hold it.
fn is_run(file: &str, name: &str, text: &str) -> bool {
    if file.starts_with("tests/browser/") {
        return text.contains(&format!("export async function {name}("));
    }
    let marked = ["#[test]\nfn", "#[test]\n    fn"];
    let on_both = text.split("on_both! {").nth(1).and_then(|rest| rest.split('}').next());
    let is_on_both = on_both.is_some_and(|list| list.split_whitespace().any(|one| one == name));
    let is_marked = marked.iter().any(|before| text.contains(&format!("{before} {name}(")));
    is_marked || is_on_both && text.contains(&format!("fn {name}("))
}

/// A path of the repository, as a link from the folder of the document.
fn link(path: &str) -> String {
    path.strip_prefix("docs/").map_or_else(|| format!("../{path}"), str::to_string)
}

fn render(log: &Log) -> String {
    let mut text = format!("{HEAD}\n");
    for Hazard { id, hazard, severity, .. } in &log.hazard {
        let anchor = id.to_lowercase();
        writeln!(text, "- [{id}](#{anchor}) {hazard} ({})", severity.word()).unwrap();
    }
    for Hazard { id, hazard, harm, severity, controls, left } in &log.hazard {
        writeln!(text, "\n## {id}\n\n**{hazard}.**\n").unwrap();
        writeln!(text, "Harm ({}): {harm}\n\nControls:\n", severity.word()).unwrap();
        for control in controls {
            let shown = match control.shown() {
                Shown::Property(id) => {
                    format!("property [{id}]({})", link(asked_in(id).unwrap_or(PROPERTIES)))
                }
                Shown::Test { file, name } => format!("test [`{name}`]({})", link(file)),
                Shown::Document(path) => format!("document [{path}]({})", link(path)),
            };
            writeln!(text, "- {}: {shown}", control.what).unwrap();
        }
        writeln!(text, "\nLeft: {left}").unwrap();
    }
    text
}

#[test]
fn every_hazard_says_its_harm_its_controls_and_what_is_left() {
    let log = log();
    assert!(!log.hazard.is_empty());
    for (at, hazard) in log.hazard.iter().enumerate() {
        let id = &hazard.id;
        assert_eq!(*id, format!("H{:02}", at + 1), "ids follow each other");
        let said = [&hazard.hazard, &hazard.harm, &hazard.left];
        assert!(said.iter().all(|text| !text.trim().is_empty()), "{id} leaves something out");
        assert!(!hazard.controls.is_empty(), "{id} has no control");
        let mut seen = BTreeSet::new();
        for control in &hazard.controls {
            assert!(!control.what.trim().is_empty(), "a control of {id} says nothing");
            assert!(seen.insert(control.shown()), "{id} names twice what “{}” names", control.what);
        }
    }
}

#[test]
fn every_control_exists() {
    for hazard in log().hazard {
        let id = hazard.id;
        for control in &hazard.controls {
            match control.shown() {
                Shown::Property(property) => {
                    let file = asked_in(property)
                        .unwrap_or_else(|| panic!("{id}: there is no property {property}"));
                    assert!(root().join(file).is_file(), "{id}: {property} is asked in no {file}");
                }
                Shown::Test { file, name } => {
                    let text = fs::read_to_string(root().join(file))
                        .unwrap_or_else(|error| panic!("{id}: {file}: {error}"));
                    assert!(is_run(file, name, &text), "{id}: {file} has no test {name}");
                }
                Shown::Document(path) => {
                    assert!(root().join(path).is_file(), "{id}: there is no {path}");
                }
            }
        }
    }
}

#[test]
fn a_helper_is_no_test() {
    let text =
        "#[test]\nfn one() {}\nfn helper() {}\non_both! {\n    two\n}\nasync fn two(h: Home) {}";
    assert!(is_run("crates/a/tests/it/a.rs", "one", text));
    assert!(is_run("crates/a/tests/it/a.rs", "two", text));
    assert!(!is_run("crates/a/tests/it/a.rs", "helper", text));
    assert!(!is_run("crates/a/tests/it/a.rs", "on", text));
}

#[test]
fn the_document_is_what_the_data_says() {
    let path = root().join(DOCUMENT);
    let rendered = render(&log());
    if std::env::var_os("CAUDA_WRITE").is_some() {
        fs::write(&path, rendered).unwrap();
        return;
    }
    let shown = fs::read_to_string(&path).unwrap_or_default();
    let renew = "write it anew: `CAUDA_WRITE=1 cargo test -p cauda --test it hazards`";
    assert_eq!(shown, rendered, "{DOCUMENT} is not what {DATA} says; {renew}");
}
