//! Colour only where it is wanted, the same bytes twice, and a reader who has
//! seen enough.

use std::io::Read;
use std::process::Stdio;

use crate::run::{cauda, cauda_with, command};

const ESCAPE: char = '\u{1b}';
const CAUDA_EQUINA: [&str; 2] = ["assess", "examples/visits/2_cauda_equina.json"];

/// Commands whose output is the same every time, with their exit codes.
const COMMANDS: [(&[&str], i32); 8] = [
    (&CAUDA_EQUINA, 0),
    (&["assess", "examples/visits/2_cauda_equina.json", "--json"], 0),
    (&["assess", "examples/visits/8_cannot_decide_yet.json", "--all"], 1),
    (&["assess", "--case", "all else unknown"], 1),
    (&["facts"], 0),
    (&["facts", "--json"], 0),
    (&["check", "guidelines/back_pain"], 0),
    (&["tour"], 0),
];

#[test]
fn a_pipe_gets_no_escape_codes() {
    for (arguments, code) in COMMANDS {
        let piped = cauda(arguments).expect(code);
        let plain = cauda_with(arguments, &[("NO_COLOR", "1")]).expect(code);
        assert!(!piped.out.contains(ESCAPE) && !piped.err.contains(ESCAPE), "{arguments:?}");
        assert_eq!(piped.out, plain.out, "{arguments:?}");
    }
}

#[test]
fn colour_can_be_forced_and_changes_no_word() {
    for arguments in [&CAUDA_EQUINA[..], &["facts"], &["tour", "2"]] {
        let plain = cauda(arguments).expect(0);
        let forced = cauda_with(arguments, &[("CLICOLOR_FORCE", "1")]).expect(0);
        assert!(forced.out.contains(ESCAPE), "{arguments:?}");
        assert_eq!(without_escapes(&forced.out), plain.out, "{arguments:?}");
    }
}

#[test]
fn no_colour_wins_over_forced_colour() {
    let both = [("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")];
    let ran = cauda_with(&CAUDA_EQUINA, &both).expect(0);
    assert!(!ran.out.contains(ESCAPE));
}

#[test]
fn json_is_never_coloured() {
    let arguments = ["assess", "examples/visits/2_cauda_equina.json", "--json"];
    let ran = cauda_with(&arguments, &[("CLICOLOR_FORCE", "1")]).expect(0);
    assert!(!ran.out.contains(ESCAPE));
    assert_eq!(ran.json()["decided"], true);
}

#[test]
fn refusals_in_a_pipe_have_no_escape_codes() {
    for arguments in [
        &["assess", "missing.json"][..],
        &["assess", "--case", "nonsense"],
        &["assess", "README.md"],
        &["assess"],
    ] {
        let ran = cauda_with(arguments, &[("NO_COLOR", "1")]);
        assert!(ran.code == 2 || ran.code == 3, "{arguments:?}");
        assert!(!ran.err.contains(ESCAPE), "{}", ran.err);
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for (arguments, code) in COMMANDS {
        let (first, second) = (cauda(arguments).expect(code), cauda(arguments).expect(code));
        assert_eq!(first.out, second.out, "{arguments:?}");
    }
}

#[test]
fn a_reader_who_has_seen_enough_is_no_fault() {
    for arguments in [
        &["facts"][..],
        &["facts", "--json"],
        &["tour"],
        &["assess", "examples/visits/1_strain.json", "--all"],
        &["assess", "examples/visits/1_strain.json", "--json"],
        &["verify"],
        &["completions", "bash"],
        &["--help"],
    ] {
        let mut child =
            command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Closed before the first byte, and after it.
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let status = child.wait().unwrap();
        assert!(!err.contains("panicked"), "{arguments:?}: {err}");
        assert_eq!(status.code(), Some(0), "{arguments:?}: {err}");
    }
    let mut child = command(&["facts", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    child.stdout.take().unwrap().read_exact(&mut [0; 8]).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

fn without_escapes(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(ESCAPE) {
        plain.push_str(&rest[..at]);
        let end = rest[at..].find('m').unwrap();
        rest = &rest[at + end + 1..];
    }
    plain + rest
}
