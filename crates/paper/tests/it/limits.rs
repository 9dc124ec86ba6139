//! What is too much, and what it is called.

use cauda_paper::{
    BLOCKS_MAX, Block, COLUMNS_MAX, PAGES_MAX, PARTS_MAX, Paper, PaperError, TEXT_BYTES_MAX,
    TITLE_BYTES_MAX, Text, missing, pdf,
};

use crate::papers::{paper, sheet};

fn check(paper: &Paper, expect: &str) {
    assert_eq!(pdf(paper).unwrap_err().to_string(), expect);
}

#[test]
fn each_limit_holds_up_to_itself() {
    let text =
        |bytes| paper(vec![Block::Note("word ".repeat(bytes / 5 + 1)[..bytes].to_string().into())]);
    assert!(pdf(&text(TEXT_BYTES_MAX)).is_ok());
    check(
        &text(TEXT_BYTES_MAX + 1),
        "131073 bytes of text are too many to print; the most is 131072",
    );
    assert!(missing(&text(TEXT_BYTES_MAX + 1)).is_err());

    let blocks = |count| paper(vec![Block::Paragraph("x".into()); count]);
    assert!(pdf(&blocks(BLOCKS_MAX)).is_ok());
    check(&blocks(BLOCKS_MAX + 1), "501 blocks are too many to print; the most is 500");

    let parts = |count| {
        let text = (0..count).fold(Text::default(), |text, _| text.plain("x "));
        paper(vec![Block::Paragraph(text)])
    };
    assert!(pdf(&parts(PARTS_MAX)).is_ok());
    check(&parts(PARTS_MAX + 1), "5001 parts of text are too many to print; the most is 5000");

    let columns =
        |count| paper(vec![Block::Table { head: Vec::new(), rows: vec![vec!["x".into(); count]] }]);
    assert!(pdf(&columns(COLUMNS_MAX)).is_ok());
    check(&columns(COLUMNS_MAX + 1), "7 columns are too many to print; the most is 6");

    let long = "x".repeat(TITLE_BYTES_MAX + 1);
    for paper in [
        Paper { title: &long, ..sheet() },
        Paper { author: &long, ..sheet() },
        Paper { footer: Some(&long), ..sheet() },
    ] {
        assert!(matches!(pdf(&paper), Err(PaperError::TooMuch { found: 401, most: 400, .. })));
    }
    assert!(pdf(&Paper { footer: Some(&long[1..]), ..sheet() }).is_ok());
}

#[test]
fn pages_are_limited() {
    let lines = |count: usize| paper(vec![Block::Note("x\n".repeat(count).into())]);
    assert!(pdf(&lines(1_500)).is_ok());
    let expect = format!("{} pages are too many to print; the most is {PAGES_MAX}", PAGES_MAX + 1);
    check(&lines(60_000), &expect);
}

#[test]
fn a_paper_without_a_title_is_refused() {
    check(&Paper { title: " ", ..sheet() }, "a paper needs a title");
}

#[test]
fn a_moment_of_no_calendar_is_refused() {
    for created_seconds in [i64::MIN, i64::MAX, -62_167_219_201, 253_402_300_800] {
        let paper = Paper { created_seconds, ..sheet() };
        check(&paper, "the moment of printing lies outside the years 0 to 9999");
    }
    for created_seconds in [-62_167_219_200, 253_402_300_799] {
        assert!(pdf(&Paper { created_seconds, ..sheet() }).is_ok());
    }
}

#[test]
fn no_error_holds_a_word_of_the_text() {
    let secret = "Saddle numbness ".repeat(10_000);
    let error = pdf(&paper(vec![Block::Note(secret.into())])).unwrap_err();
    assert!(!format!("{error:?}").contains("Saddle"));
}
