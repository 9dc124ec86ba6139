//! One patient of a record: handed out, erased, kept no longer than told; and the audit as FHIR.

use std::fs;

use serde_json::Value;

use crate::run::{Scratch, cauda};

/// A record as the demonstration wrote it, restored.
fn restored(name: &str) -> (Scratch, String, String) {
    let scratch = Scratch::new(name);
    let (database, key) = (scratch.path("record.db"), scratch.path("record.key"));
    let lines = concat!(env!("CARGO_MANIFEST_DIR"), "/../server/tests/it/record_version_1.jsonl");
    cauda(&["record", "restore", "--database", &database, "--key", &key, lines]).expect(0);
    (scratch, database, key)
}

/// The key of the program that wrote it.
const SIGNED: [&str; 2] =
    ["--signed-by", "1a7ff34f40e88fa774287d1e319ffe745519232e9e16275c3bbf70bac4d30433"];

fn record(what: &str, database: &str, key: &str, more: &[&str]) -> crate::run::Ran {
    let mut arguments = vec!["record", what, "--database", database, "--key", key];
    arguments.extend_from_slice(more);
    cauda(&arguments)
}

#[test]
fn a_patient_gets_everything_and_nobody_else() {
    let (scratch, database, key) = restored("subject");
    let file = scratch.path("subject.json");
    let ran = record("subject", &database, &key, &["--patient", "d-1007", &file]).expect(0);
    assert!(ran.out.contains("1 visit written"), "{}", ran.out);
    let text = fs::read_to_string(&file).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(all["person"]["name"], "Wilhelmina O’Brien");
    assert!(all["visits"][0]["events"].as_array().unwrap().len() > 20);
    for other in ["Novak", "Adeyemi", "D-1003"] {
        assert!(!text.contains(other), "{other}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0);
    }
    // Nobody, and a file that is there.
    let ran = record("subject", &database, &key, &["--patient", "X-1", &scratch.path("no.json")]);
    assert!(ran.code == 3 && ran.err.contains("no patient of this record"), "{}", ran.err);
    let ran = record("subject", &database, &key, &["--patient", "D-1007", &file]);
    assert_eq!(ran.code, 3, "{}", ran.err);
}

#[test]
fn an_erased_patient_is_gone_and_the_tree_still_proves_the_rest() {
    let (scratch, database, key) = restored("erase");
    let why = ["--reason", "request of the patient", "--by", "data protection"];
    let order = |more: &[&str]| {
        let mut all = vec!["--patient", "D-1005"];
        all.extend_from_slice(&why);
        all.extend_from_slice(more);
        all.extend_from_slice(&SIGNED);
        record("erase", &database, &key, &all)
    };
    // Somebody who is here is not erased.
    let ran = order(&["--yes"]);
    assert!(ran.code == 3 && ran.err.contains("still to be done"), "{}", ran.err);
    // Every visit of the demonstration is open, so the identity alone cannot go either.
    let ran = order(&["--identity-only", "--yes"]);
    assert_eq!(ran.code, 3);
    let list =
        record("retention", &database, &key, &["--years", "1", SIGNED[0], SIGNED[1]]).expect(0);
    assert!(list.out.contains("0 patients"), "{}", list.out);
    record("verify", &database, &key, &SIGNED).expect(0);
    drop(scratch);
}

#[test]
fn the_audit_is_a_line_of_fhir_for_each_request() {
    let (scratch, database, key) = restored("audit");
    let file = scratch.path("audit.ndjson");
    record("audit", &database, &key, &[&file]).expect(0);
    for line in fs::read_to_string(&file).unwrap().lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["resourceType"], "AuditEvent");
        assert_eq!(event["type"]["code"], "rest");
        assert_eq!(event["type"]["display"], "RESTful Operation");
    }
    let ran = record("audit", &database, &key, &["--from", "yesterday", &scratch.path("x")]);
    assert!(ran.code == 2 && ran.err.contains("2026-11-01"), "{}", ran.err);
}
