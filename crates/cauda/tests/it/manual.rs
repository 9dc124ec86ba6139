//! Completions and manual pages.

use std::fs;

use crate::run::{Scratch, cauda};

const COMMANDS: [&str; 17] = [
    "assess",
    "facts",
    "check",
    "fmt",
    "verify",
    "diff",
    "mutate",
    "record",
    "record-replay",
    "demo",
    "doctor",
    "generate-ehr-call",
    "generate-ehr-key",
    "serve",
    "tour",
    "completions",
    "man",
];

#[test]
fn every_shell_gets_a_script_with_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = cauda(&["completions", shell]).expect(0);
        for command in COMMANDS {
            let word = command.split('-').next_back().unwrap();
            assert!(ran.out.contains(word), "{command} for {shell}");
        }
        assert_eq!(ran.err, "");
    }
}

#[test]
fn every_command_gets_a_manual_page() {
    let scratch = Scratch::new("every_command_gets_a_manual_page");
    cauda(&["man", &scratch.path("")]).expect(0);
    let program = fs::read_to_string(scratch.path("cauda.1")).unwrap();
    assert!(program.contains(".TH") && program.contains("Not a certified medical device"));
    for command in COMMANDS {
        let page = fs::read_to_string(scratch.path(&format!("cauda-{command}.1"))).unwrap();
        assert!(page.contains(".TH"), "{command}");
    }
}
