//! Input that is refused: where it is wrong, how to mend it, and nothing else
//! of what the visit holds.

use crate::run::{Scratch, cauda, cauda_reading};

const MEBIBYTE: usize = 1 << 20;

/// A visit in which one value is not understood; the others are nobody's business.
const PRETTY: &str = "{\n  \"findings\": {\n    \"known_cancer\": \"present\",\n    \
    \"saddle_numbness\": \"purple\",\n    \"injection_drug_use\": \"present\"\n  }\n}\n";

fn is_refused(arguments: &[&str], input: &[u8], words: &[&str]) {
    let ran = cauda_reading(arguments, input).expect(3);
    assert_eq!(ran.out, "", "{arguments:?}");
    for word in words {
        assert!(ran.err.contains(word), "{word} in {}", ran.err);
    }
}

#[test]
fn what_cannot_be_read_is_refused() {
    let scratch = Scratch::new("what_cannot_be_read_is_refused");
    let missing = scratch.path("missing.json");
    is_refused(&["assess", &missing], b"", &[&missing, "No such file"]);
    is_refused(&["assess", &scratch.path("")], b"", &["cannot read"]);
    let latin = scratch.write("latin.json", b"{\"findings\": {\"\xe4ge\": 3}}");
    is_refused(&["assess", &latin], b"", &[&latin, "UTF-8", "byte 15"]);
    is_refused(&["assess", "-"], b"\xff\xfe", &["standard input", "UTF-8"]);
}

#[test]
fn what_is_too_large_is_refused() {
    let scratch = Scratch::new("what_is_too_large_is_refused");
    let large = vec![b' '; MEBIBYTE + 1];
    let file = scratch.write("large.json", &large);
    is_refused(&["assess", &file], b"", &[&file, "larger than 1048576 bytes"]);
    is_refused(&["assess", "-"], &large, &["standard input", "larger than 1048576 bytes"]);
    // One byte less is read, and then not understood.
    is_refused(&["assess", "-"], &large[1..], &["not a visit"]);
}

#[test]
fn what_is_not_a_visit_is_refused() {
    for text in ["", " \n", "null", "[]", "7", "{", "{}{}", "{\"finding\": {}}", "age: 40"] {
        is_refused(&["assess", "-"], text.as_bytes(), &["standard input"]);
        is_refused(&["assess", "-", "--json"], text.as_bytes(), &["\"error\""]);
    }
}

#[test]
fn a_value_that_is_not_understood_is_named_with_help() {
    let findings = |text: &str| format!("{{\"findings\": {{{text}}}}}");
    for (text, words) in [
        (
            "\"saddle_numbness\": \"purple\"",
            ["findings.saddle_numbness", "absent, longstanding, new"],
        ),
        ("\"sadle_numbness\": \"new\"", ["findings.sadle_numbness", "saddle_numbness`"]),
        ("\"temperature\": \"38.4\"", ["findings.temperature", "Cel"]),
        ("\"temperature\": \"400 Cel\"", ["findings.temperature", "25 Cel to 45 Cel"]),
        ("\"age\": \"12 years\"", ["findings.age", "`a`"]),
    ] {
        let input = findings(text);
        is_refused(&["assess", "-"], input.as_bytes(), &[words[0], words[1], "help:"]);
    }
}

#[test]
fn a_refusal_never_echoes_other_findings() {
    let scratch = Scratch::new("a_refusal_never_echoes_other_findings");
    let one_line: String = PRETTY.lines().map(str::trim).collect();
    for (name, text) in [("pretty.json", PRETTY), ("one_line.json", &one_line)] {
        let file = scratch.write(name, text.as_bytes());
        for arguments in [vec!["assess", &file], vec!["assess", &file, "--json"]] {
            let ran = cauda(&arguments).expect(3);
            assert!(ran.err.contains("saddle_numbness"), "{}", ran.err);
            for other in ["known_cancer", "injection_drug_use", "present"] {
                assert!(!ran.err.contains(other), "{name} echoes `{other}`:\n{}", ran.err);
            }
        }
    }
}

#[test]
fn a_refusal_as_json_has_path_and_help() {
    let ran = cauda_reading(&["assess", "-", "--json"], PRETTY.as_bytes()).expect(3);
    let json: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
    assert_eq!(json["path"], "findings.saddle_numbness");
    assert_eq!(json["at"].as_u64().unwrap() as usize, PRETTY.find("\"purple\"").unwrap());
    assert!(json["help"].as_str().unwrap().contains("longstanding"));
}

#[test]
fn a_rehearsal_that_is_not_understood_is_refused() {
    let visit = "examples/visits/1_strain.json";
    for (setting, words) in [
        ("saddle_numbness", ["--set", "FACT=VALUE"]),
        ("sadle_numbness=new", ["sadle_numbness", "did you mean `saddle_numbness`"]),
        ("saddle_numbness=purple", ["purple", "longstanding"]),
        ("temperature=38.4", ["temperature", "Cel"]),
        ("=", ["--set", "help:"]),
    ] {
        is_refused(&["assess", visit, "--set", setting], b"", &words);
    }
}

#[test]
fn words_that_are_no_case_are_refused() {
    for text in [
        "",
        "saddle numbness",
        "`saddle_numbness` new",
        "`sadle_numbness` new; all else clear",
        "`saddle_numbness` purple; all else clear",
        "`age` 12; all else clear",
        "`fever` present; all else clear",
        "`saddle_numbness` new, `saddle_numbness` absent; all else clear",
    ] {
        is_refused(&["assess", "--case", text], b"", &["--case", "help:"]);
    }
}

#[test]
fn wrong_arguments_are_a_matter_of_usage() {
    for arguments in [
        vec![],
        vec!["asses"],
        vec!["assess"],
        vec!["assess", "a.json", "b.json"],
        vec!["assess", "a.json", "--case", "all else clear"],
        vec!["assess", "a.json", "--at", "midnight"],
        vec!["assess", "a.json", "--no-such-option"],
        vec!["check"],
        vec!["fmt"],
        vec!["verify", "--patients", "many"],
        vec!["tour", "0"],
        vec!["tour", "9"],
        vec!["completions", "tcsh"],
        vec!["man"],
    ] {
        let ran = cauda(&arguments).expect(2);
        assert_eq!(ran.out, "", "{arguments:?}");
        assert!(ran.err.contains("Usage") || ran.err.contains("--help"), "{}", ran.err);
    }
}

#[test]
fn help_and_version_are_no_fault() {
    let help = cauda(&["--help"]).expect(0);
    assert!(help.out.contains("Exit codes: 0 decided or clean"), "{}", help.out);
    assert!(help.out.contains("Not a certified medical device"), "{}", help.out);
    let version = cauda(&["--version"]).expect(0);
    assert_eq!(version.out.trim(), format!("cauda {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn folders_that_cannot_be_read_are_refused() {
    let scratch = Scratch::new("folders_that_cannot_be_read_are_refused");
    let missing = scratch.path("missing");
    for command in ["check", "fmt", "verify"] {
        is_refused(&[command, &missing], b"", &["cannot read", &missing]);
    }
    is_refused(&["facts", "--guideline", &missing], b"", &["cannot read", &missing]);
    is_refused(&["man", &missing], b"", &["cannot write", &missing]);
}
