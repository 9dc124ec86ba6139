//! The CQL text: whole, closed, and the same each time.

use std::collections::BTreeSet;

use cauda_guideline::Guideline;
use cauda_knowledge::cql::{define_of, library, library_name, parameter};

use crate::{fixture, shipped};

/// Names in double quotes after `word` at the start of a line.
pub fn defined(text: &str, word: &str) -> BTreeSet<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(word)?.strip_prefix(" \""));
    lines.filter_map(|rest| Some(rest.split_once('"')?.0.to_string())).collect()
}

/// Every name in double quotes, outside comments and texts.
fn named(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with("//")) {
        let (mut quote, mut word) = (None, String::new());
        for letter in line.chars() {
            match quote {
                Some(open) if letter == open => {
                    if open == '"' {
                        found.insert(std::mem::take(&mut word));
                    }
                    (quote, word) = (None, String::new());
                }
                Some(_) => word.push(letter),
                None if letter == '"' || letter == '\'' => quote = Some(letter),
                None => {}
            }
        }
        assert_eq!(quote, None, "{line}");
    }
    found
}

fn check(guideline: &Guideline) -> String {
    let text = library(guideline).unwrap();
    assert_eq!(text, library(guideline).unwrap());
    let mut known = defined(&text, "define");
    let parameters = defined(&text, "parameter");
    for loaded in &guideline.pages {
        let parts: &[&str] = match loaded.kind.is_concern() {
            true => &["when", "raised", "excluded", "state", "open"],
            false => &[""],
        };
        for part in parts {
            assert!(known.contains(&define_of(&loaded.id, part)), "{} {part}", loaded.id);
        }
    }
    for (_, fact) in guideline.entered_facts() {
        assert!(known.contains(&fact.id), "{}", fact.id);
        assert!(parameters.contains(&parameter(fact)), "{}", fact.id);
    }
    assert_eq!(parameters.len(), guideline.entered_facts().count() + 1);
    let functions = defined(&text, "define function");
    known.extend(functions);
    known.extend(parameters);
    let strange: Vec<_> = named(&text).difference(&known).cloned().collect();
    assert!(strange.is_empty(), "{strange:?}");
    text
}

#[test]
fn every_page_and_fact_is_there_and_every_name_is_defined() {
    check(shipped::guideline());
}

#[test]
fn nothing_that_is_not_supplied_is_absent() {
    let text = library(shipped::guideline()).unwrap();
    let parameters = text.lines().filter(|line| line.starts_with("parameter "));
    for line in parameters {
        assert!(line.contains(" default null as "), "{line}");
    }
}

#[test]
fn odd_words_stay_inside_their_quotes() {
    let guideline = fixture::guideline();
    let text = check(&guideline);
    assert_eq!(library_name(&guideline), "OddWords");
    assert!(!text.lines().any(|line| line.starts_with("define x")), "{text}");
    assert!(text.contains("// Odd \"words\" // */ define x: true, version 1\n"), "{text}");
    assert!(text.contains("library OddWords version '1'\n"), "{text}");
}

#[test]
fn a_page_reads_as_it_stands() {
    let text = library(&fixture::guideline()).unwrap();
    let page = "define \"red_flags/heat when\":\n  \
                (\"is at least\"(\"warm\", 38 'Cel')\n    and \"explained\" = 'absent')\n  \
                or \"shiver\" = 'present'\n";
    assert!(text.contains(page), "{text}");
    for line in [
        "define \"warm\":\n  \"within\"(\"warm given\", 25 'Cel', 45 'Cel')\n",
        "  Coalesce(\"one of\"(\"explained given\", {'absent', 'present'}), 'absent')\n",
        "define \"red_flags/heat excluded\":\n  not \"red_flags/heat when\"\n",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn the_source_and_the_warning_stand_first() {
    let guideline = shipped::guideline();
    let text = library(guideline).unwrap();
    let (head, _) = text.split_once("library BackPain").unwrap();
    assert!(head.contains(&guideline.sha256), "{head}");
    assert!(head.contains("Not a certified medical device"), "{head}");
    assert!(head.contains("signed by nobody yet"), "{head}");
}
