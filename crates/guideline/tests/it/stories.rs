//! The whole patients of `cases/`: each gets the answer written beside it, and
//! the article is covered.

use cauda_guideline::cases::{Answer, patient_of, read_stories, stories};

use crate::shipped::{answer, folder, guideline, load_with, text};

#[test]
fn every_story_gets_its_answer() {
    let mut faults = Vec::new();
    let stories = stories(guideline(), &mut faults);
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(stories.len() >= 100, "{} stories", stories.len());
    for (file, story) in &stories {
        let patient = patient_of(guideline(), file, &story.case);
        let Answer::Decided { go, tier, .. } = &story.answer else {
            assert!(patient.is_err(), "{file}, {}", story.heading);
            continue;
        };
        let patient = patient.unwrap();
        let expect = format!("{go}, {}", tier.id());
        assert_eq!(answer(&patient), expect, "{file}, {}", story.heading);
    }
}

#[test]
fn every_line_of_a_story_is_a_story() {
    for (path, source) in folder().files.iter().filter(|(path, _)| path.starts_with("cases/")) {
        let mut faults = Vec::new();
        let lines = source.lines().filter(|line| line.starts_with("- ")).count();
        assert_eq!(read_stories(path, source, &mut faults).len(), lines, "{path}");
        let lists =
            source.lines().filter(|line| line.trim_start().starts_with(['-', '*', '+'])).count();
        assert_eq!(lists, lines, "{path}: a list the program does not read");
    }
}

#[test]
fn the_article_is_covered_heading_by_heading() {
    let article = text("cases/article.md");
    let headings: Vec<&str> = article.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert!(headings.len() >= 20, "{} headings", headings.len());
    let mut faults = Vec::new();
    let stories = read_stories("cases/article.md", article, &mut faults);
    for heading in headings {
        assert!(
            stories.iter().any(|story| story.heading == heading),
            "no patient under `{heading}`"
        );
    }
}

#[test]
fn a_story_with_another_answer_is_a_fault_of_the_guideline() {
    let check = |from: &str, to: &str, code: &str, at: &str| {
        let article = text("cases/article.md");
        assert!(article.contains(from));
        let edited = article.replacen(from, to, 1);
        let faults = load_with("cases/article.md", &edited).unwrap_err();
        let found = faults.iter().any(|fault| {
            fault.code == code
                && edited.get(fault.span.clone()).is_some_and(|text| text.contains(at))
        });
        assert!(found, "no {code} at {at:?}: {faults:#?}");
    };
    let line = "`low_energy_fall` present; all else clear → home, none";
    check(
        line,
        "`low_energy_fall` present; all else clear → mri_now, none",
        "case-fails",
        "low_energy_fall",
    );
    check(
        line,
        "`low_energy_fall` present; all else clear → home, urgent",
        "case-fails",
        "low_energy_fall",
    );
    check(line, "`low_energy_fall` present; all else clear → home", "bad-case", "→ home");
    check(line, "`low_energy_fall` present; all else clear", "bad-case", "all else clear");
    check(
        line,
        "`low_energy_fall` often; all else clear → home, none",
        "bad-case",
        "low_energy_fall",
    );
    check(line, "`low_energy_fall` present → home, none", "syntax", "");
}
