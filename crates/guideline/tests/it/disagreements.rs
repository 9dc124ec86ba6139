//! `docs/disagreements.md`: every question has its row, and every page, source
//! and quoted line of a row stands in the guideline.

use std::collections::BTreeSet;

use crate::shipped::{folder, text};

const DOCUMENT: &str = include_str!("../../../../docs/disagreements.md");
const QUESTIONS: usize = 23;
const GUIDELINE: &str = "../guidelines/back_pain/";
const PARTS: [&str; 6] = ["Question", "Positions", "Default", "Reason", "Differs", "Pages"];

/// One numbered question: the prose, and the lines quoted below it.
struct Row {
    number: usize,
    prose: &'static str,
    quoted: Vec<&'static str>,
}

fn rows() -> Vec<Row> {
    let sections = DOCUMENT.split("\n## ").skip(1);
    let row = |section: &'static str| {
        let (number, _) = section.split_once(". ").unwrap();
        let (prose, rest) = section.split_once("\n```text\n").unwrap();
        let (quoted, after) = rest.split_once("\n```").unwrap();
        assert_eq!(after.trim(), "", "row {number}: something stands below the quoted lines");
        let number = number.parse().unwrap();
        Row { number, prose, quoted: quoted.lines().collect() }
    };
    sections.map(row).collect()
}

/// Where the links of a text lead.
fn links(prose: &str) -> Vec<&str> {
    let starts = prose.split("](").skip(1);
    starts.map(|rest| rest.split_once(')').unwrap().0).collect()
}

/// The words between backticks.
fn quoted_words(prose: &str) -> Vec<&str> {
    prose.split('`').skip(1).step_by(2).collect()
}

/// The pages that a row links, as paths in the folder.
fn linked_pages(row: &Row) -> Vec<&str> {
    let path = |link: &'static str| {
        let page = link.strip_prefix(GUIDELINE);
        page.unwrap_or_else(|| panic!("row {}: {link} leads elsewhere", row.number))
    };
    links(row.prose).into_iter().map(path).collect()
}

#[test]
fn every_question_has_its_numbered_row() {
    let numbers: Vec<usize> = rows().iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=QUESTIONS).collect::<Vec<_>>());
}

#[test]
fn every_row_says_all_its_parts_in_order() {
    for row in rows() {
        let bold = row.prose.lines().filter_map(|line| line.strip_prefix("- **"));
        let parts: Vec<&str> = bold.map(|rest| rest.split_once(":**").unwrap().0).collect();
        assert_eq!(parts, PARTS, "row {}", row.number);
        assert!(!row.quoted.is_empty(), "row {} shows nothing", row.number);
    }
}

#[test]
fn every_linked_page_exists() {
    for row in rows() {
        let pages = linked_pages(&row);
        assert!(!pages.is_empty(), "row {} links no page", row.number);
        for page in pages {
            assert!(folder().files.contains_key(page), "row {}: no page {page}", row.number);
        }
    }
}

#[test]
fn every_cited_source_is_listed() {
    let heading = |line: &'static str| line.strip_prefix('[')?.strip_suffix(']');
    let listed: BTreeSet<&str> = text("sources.toml").lines().filter_map(heading).collect();
    for row in rows() {
        for source in quoted_words(row.prose) {
            assert!(listed.contains(source), "row {}: no source {source}", row.number);
        }
        let (_, positions) = row.prose.split_once("**Positions:**").unwrap();
        let (positions, _) = positions.split_once("\n- **").unwrap();
        let cites = positions.contains("(not read)") || !quoted_words(positions).is_empty();
        assert!(cites, "row {}: positions without a source", row.number);
    }
}

#[test]
fn every_quoted_line_stands_in_a_linked_page() {
    let mut lost = Vec::new();
    for row in rows() {
        let pages = linked_pages(&row);
        let stands =
            |quoted: &&str| pages.iter().any(|page| text(page).lines().any(|line| line == *quoted));
        let gone = row.quoted.iter().filter(|quoted| !stands(quoted));
        lost.extend(gone.map(|quoted| format!("row {}: no linked page says {quoted}", row.number)));
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

#[test]
fn every_row_shows_a_patient() {
    let patient = |line: &&str| line.contains("; all else ");
    for row in rows() {
        assert!(row.quoted.iter().any(patient), "row {} shows no patient", row.number);
    }
}
