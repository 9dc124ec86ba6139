//! Every seed of `fuzz/corpus-seeds` and a drawn crowd of its mutations go
//! through the readers without a panic. `cargo +nightly fuzz run visit` looks
//! further.

use std::fs;

use cauda_guideline::decision::explain;
use cauda_guideline::page::{differs_from_markdown, format, parse};
use cauda_guideline::resolve::resolve;
use cauda_guideline::visit::read;
use cauda_guideline::{load, load_checked};

use crate::shipped::{Dice, folder, guideline, root};

/// The seeds of one target by name.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let place = root().join("fuzz/corpus-seeds").join(target);
    let mut found: Vec<(String, Vec<u8>)> = fs::read_dir(&place)
        .unwrap_or_else(|error| panic!("{}: {error}", place.display()))
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap())
        })
        .collect();
    found.sort();
    assert!(found.len() >= 10, "{} seeds of {target}", found.len());
    found
}

/// Replays seeds, and `count` mutations of each, spliced with one another.
fn replay(target: &str, count: usize, run: impl Fn(&str)) {
    let seeds = seeds(target);
    let mut dice = Dice(3);
    for (_, seed) in &seeds {
        run(&String::from_utf8_lossy(seed));
        for _ in 0..count {
            let mut bytes = seed.clone();
            for _ in 0..1 + dice.below(4) {
                let at = dice.below(bytes.len() + 1);
                let end = (at + dice.below(8)).min(bytes.len());
                let other = &seeds[dice.below(seeds.len())].1;
                let from = dice.below(other.len() + 1);
                let to = (from + dice.below(12)).min(other.len());
                match dice.below(3) {
                    0 => bytes.truncate(at),
                    1 => drop(bytes.splice(at..end, other[from..to].iter().copied())),
                    _ => bytes.insert(at, dice.below(256) as u8),
                }
            }
            run(&String::from_utf8_lossy(&bytes));
        }
    }
}

#[test]
fn visits_of_the_corpus_are_read_or_refused() {
    replay("visit", 300, |text| match read(guideline(), text) {
        Ok(visit) => {
            let findings = resolve(guideline(), &visit.entries, visit.as_of);
            let decision = explain(guideline(), &findings, None);
            assert!(!decision.clinician_review);
        }
        Err(error) => assert!(text.get(error.span.clone()).is_some(), "{text:?}: {error:?}"),
    });
}

#[test]
fn pages_of_the_corpus_are_read_or_refused() {
    replay("page", 300, |text| {
        let (page, faults) = parse("red_flags/seed.md", text);
        for fault in &faults {
            assert!(text.get(fault.span.clone()).is_some(), "{text:?}: {fault:?}");
        }
        if !faults.is_empty() {
            return;
        }
        let canonical = format(&page);
        let (again, faults) = parse("red_flags/seed.md", &canonical);
        assert!(faults.is_empty(), "{text:?} is mended to {canonical:?}: {faults:?}");
        assert_eq!(format(&again), canonical, "{text:?}");
        let _ = differs_from_markdown(&page, text);
    });
}

#[test]
fn facts_of_the_corpus_are_read_or_refused() {
    replay("facts", 8, |text| {
        let mut folder = folder().clone();
        folder.files.insert("facts/seed.toml".into(), text.to_string());
        match load(&folder) {
            Ok((guideline, _)) => assert!(guideline.facts.len() <= 400),
            Err(faults) => {
                for fault in faults.iter().filter(|fault| fault.file == "facts/seed.toml") {
                    assert!(text.get(fault.span.clone()).is_some(), "{text:?}: {fault:?}");
                }
            }
        }
        let _ = load_checked(&folder);
    });
}
