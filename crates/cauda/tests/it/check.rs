//! `cauda check` and `cauda fmt`.

use std::fs;

use crate::run::{Scratch, cauda};

const FEVER: &str = "definitions/fever.md";

#[test]
fn the_shipped_guideline_is_clean() {
    let ran = cauda(&["check", "guidelines/back_pain"]).expect(0);
    assert!(ran.out.contains("back_pain") && ran.out.contains("clean"), "{}", ran.out);
    assert_eq!(ran.err, "");
    let json = cauda(&["check", "guidelines/back_pain", "--json"]).expect(0).json();
    assert_eq!(json, serde_json::json!([]));
    let ran = cauda(&["fmt", "--check", "guidelines/back_pain"]).expect(0);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
}

#[test]
fn every_fault_is_listed_at_once() {
    let scratch = Scratch::new("every_fault_is_listed_at_once");
    let dir = scratch.guideline();
    scratch.edit(FEVER, "- `fever_history` is present", "- `fewer_history` is present");
    scratch.edit("gate/aortic_dissection.md", "- tier: immediate", "- tier: at_once");
    let ran = cauda(&["check", &dir]).expect(1);
    assert_eq!(ran.out, "");
    for word in [FEVER, "fewer_history", "gate/aortic_dissection.md", "at_once"] {
        assert!(ran.err.contains(word), "{word} in {}", ran.err);
    }
    assert!(ran.err.contains(&format!("faults in {dir}")), "{}", ran.err);

    let json = cauda(&["check", &dir, "--json"]).expect(1).json();
    let faults = json.as_array().unwrap();
    for (file, code) in [(FEVER, ""), ("gate/aortic_dissection.md", "")] {
        let fault = faults.iter().find(|fault| fault["file"] == file);
        let fault = fault.unwrap_or_else(|| panic!("no fault in {file}: {json:#}"));
        assert_ne!(fault["code"], code);
        assert_eq!(fault["severity"], "error");
        assert!(fault["line"].as_u64().unwrap() > 0 && fault["column"].as_u64().unwrap() > 0);
        assert!(!fault["message"].as_str().unwrap().is_empty());
    }
}

#[test]
fn a_case_that_fails_is_a_fault() {
    let scratch = Scratch::new("a_case_that_fails_is_a_fault");
    let dir = scratch.guideline();
    scratch.edit(FEVER, "- `temperature` ≥ 38.0 Cel", "- `temperature` ≥ 38.5 Cel");
    let json = cauda(&["check", &dir, "--json"]).expect(1).json();
    let faults = json.as_array().unwrap();
    assert!(faults.iter().any(|fault| fault["code"] == "case-fails"), "{json:#}");
}

#[test]
fn sloppy_pages_are_written_in_the_canonical_form() {
    let scratch = Scratch::new("sloppy_pages_are_written_in_the_canonical_form");
    let dir = scratch.guideline();
    let path = format!("{dir}/{FEVER}");
    let canonical = fs::read_to_string(&path).unwrap();
    let sloppy =
        canonical.replace("\n- ", "\n* ").replace("≥", ">=").replace('\n', "\r\n") + "\n\n";
    fs::write(&path, &sloppy).unwrap();
    fs::write(format!("{dir}/notes.txt"), "not a page").unwrap();

    cauda(&["check", &dir]).expect(1);
    let only_told = cauda(&["fmt", "--check", &dir]).expect(1);
    assert_eq!(only_told.out, format!("{FEVER} differs from its canonical form\n"));
    assert_eq!(fs::read_to_string(&path).unwrap(), sloppy, "--check wrote");

    let written = cauda(&["fmt", &dir]).expect(0);
    assert_eq!(written.out, format!("{FEVER} written anew\n"));
    assert_eq!(fs::read_to_string(&path).unwrap(), canonical);
    assert!(!fs::exists(format!("{path}.new")).unwrap());
    assert_eq!(fs::read_to_string(format!("{dir}/notes.txt")).unwrap(), "not a page");

    cauda(&["fmt", "--check", &dir]).expect(0);
    cauda(&["check", &dir]).expect(0);
    assert_eq!(cauda(&["fmt", &dir]).expect(0).out, "");
}

#[test]
fn a_page_that_is_not_understood_is_never_rewritten() {
    let scratch = Scratch::new("a_page_that_is_not_understood_is_never_rewritten");
    let dir = scratch.guideline();
    let path = format!("{dir}/{FEVER}");
    let broken = fs::read_to_string(&path).unwrap().replace("- `fever_history` is", "- fever is");
    fs::write(&path, &broken).unwrap();
    let ran = cauda(&["fmt", &dir]).expect(1);
    assert!(ran.err.contains(FEVER), "{}", ran.err);
    assert_eq!(fs::read_to_string(&path).unwrap(), broken);
}
