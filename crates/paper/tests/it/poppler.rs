//! An independent reader: the programs of poppler. Without them these tests fail.

use std::process::Command;

use cauda_paper::{Paper, pdf};

/// What a program of poppler says about a paper. `-` is its standard output.
pub fn ask(paper: &Paper, program: &str, before: &[&str], after: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paper.pdf");
    std::fs::write(&file, pdf(paper).unwrap()).unwrap();
    let output = Command::new(program).args(before).arg(&file).args(after).output();
    let output = output.unwrap_or_else(|_| panic!("missing: {program} (poppler-utils)"));
    let errors = String::from_utf8(output.stderr).unwrap();
    // Poppler before 23 does not know the value `false`, which is the default, for `Suspects`.
    let errors = errors.replace("Syntax Error: Suspects object is wrong type (boolean)\n", "");
    assert!(output.status.success() && errors.is_empty(), "{program}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// The text, with single spaces.
pub fn text(paper: &Paper) -> String {
    words(&ask(paper, "pdftotext", &["-enc", "UTF-8"], &["-"]))
}

/// The text of each page, with single spaces.
pub fn pages(paper: &Paper) -> Vec<String> {
    let text = ask(paper, "pdftotext", &["-enc", "UTF-8"], &["-"]);
    text.trim_end_matches('\u{c}').split('\u{c}').map(words).collect()
}

/// A word at its place, in points from the upper left corner of its page.
#[derive(Debug)]
pub struct Word {
    pub text: String,
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
}

/// Every word of every page.
pub fn places(paper: &Paper) -> Vec<Word> {
    let page = ask(paper, "pdftotext", &["-enc", "UTF-8", "-bbox"], &["-"]);
    let word = |line: &str| {
        let line = line.trim().strip_prefix("<word ")?.strip_suffix("</word>")?;
        let (places, text) = line.split_once('>')?;
        let mut numbers = places.split('"').skip(1).step_by(2).map(|n| n.parse().unwrap());
        let mut next = || numbers.next().unwrap();
        let (left, top, right, bottom) = (next(), next(), next(), next());
        Some(Word { text: text.to_string(), left, top, right, bottom })
    };
    page.lines().filter_map(word).collect()
}

/// The document as `pdftohtml` reads it: sizes of letters, and bookmarks.
pub fn xml(paper: &Paper) -> String {
    ask(paper, "pdftohtml", &["-xml", "-stdout", "-zoom", "1"], &[])
}

/// How much of the first page is dark, in pixels at 72 a inch.
pub fn ink(paper: &Paper) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("page");
    ask(paper, "pdftoppm", &["-r", "72", "-gray", "-singlefile"], &[picture.to_str().unwrap()]);
    let picture = std::fs::read(picture.with_extension("pgm")).unwrap();
    picture.iter().skip(20).filter(|pixel| **pixel < 128).count()
}

/// What `pdfinfo` says.
pub fn info(paper: &Paper) -> String {
    ask(paper, "pdfinfo", &[], &[])
}

/// The structure with its text.
pub fn structure(paper: &Paper) -> String {
    ask(paper, "pdfinfo", &["-enc", "UTF-8", "-struct-text"], &[])
}

/// Words of a text, a single space apart.
pub fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
