//! How large letters are, and what happens to signs that the font lacks.

use std::collections::BTreeSet;

use cauda_paper::{Block, Paper, Size, missing};

use crate::papers::{letter, paper, sheet};
use crate::poppler;

fn sizes(paper: &Paper) -> Vec<f32> {
    let xml = poppler::xml(paper);
    let sizes = xml.split("<fontspec ").skip(1).map(|font| font.split("size=\"").nth(1).unwrap());
    sizes.map(|size| size.split('"').next().unwrap().parse().unwrap()).collect()
}

#[test]
fn nothing_in_large_print_is_below_18_points() {
    for of in [sheet(), letter()] {
        let sizes = sizes(&Paper { size: Size::Large, ..of });
        assert!(sizes.len() > 2 && sizes.iter().all(|size| *size >= 18.0), "{sizes:?}");
    }
}

#[test]
fn ordinary_print_is_11_to_12_points() {
    let of_text = |paper: &Paper| sizes(paper);
    let sizes = of_text(&paper(vec![Block::Paragraph("Text.".into())]));
    assert!(sizes.iter().any(|size| (11.0..=12.0).contains(size)), "{sizes:?}");
    assert!(sizes.iter().all(|size| *size >= 9.0), "{sizes:?}");
}

#[test]
fn a_sign_the_font_lacks_is_drawn_as_a_box_and_named() {
    let check = |text: &str, expect: &str| {
        let of = |text: &str| paper(vec![Block::Paragraph(format!("x{text}").into())]);
        assert_eq!(missing(&of(text)).unwrap(), BTreeSet::from_iter(expect.chars()), "{text:?}");
        let (blank, boxed) = (poppler::ink(&of("")), poppler::ink(&of("\u{FFFD}")));
        assert!(boxed > blank + 8 && poppler::ink(&of(text)) == boxed, "{text:?}");
    };
    check("漢", "漢");
    check("й", "й");
    check("ع", "ع");
    check("🩻", "🩻");
    check("\u{E000}", "\u{E000}");
    check("\u{0}", "\u{0}");
    check("\u{7}", "\u{7}");
    check("\u{FEFF}", "\u{FEFF}");
    check("\u{202E}", "\u{202E}");
    check("\u{200B}", "\u{200B}");
    check("\u{AD}", "\u{AD}");
    check("\u{FE0F}", "\u{FE0F}");
    check("\u{FFFD}", "\u{FFFD}");
}

#[test]
fn a_reader_still_gets_the_sign_itself() {
    let paper = paper(vec![Block::Paragraph("Name: 漢字 Йода.".into())]);
    assert!(poppler::text(&paper).contains("Name: 漢字 Йода."), "{}", poppler::text(&paper));
}

#[test]
fn an_accent_of_two_signs_is_no_missing_sign() {
    let paper = paper(vec![Block::Paragraph("Nu\u{301}n\u{303}ez ĉ ũ".into())]);
    assert!(missing(&paper).unwrap().is_empty());
}

#[test]
fn what_is_missing_is_found_in_every_block_and_in_the_footer() {
    let mut paper = paper(vec![
        Block::List(vec!["一".into()]),
        Block::Box { heading: "二".into(), lines: vec!["三".into()] },
        Block::Table { head: vec!["四".into()], rows: vec![vec!["五".into()]] },
    ]);
    paper.footer = Some("六");
    assert_eq!(missing(&paper).unwrap(), BTreeSet::from_iter("一二三四五六".chars()));
}

#[test]
fn markup_is_only_text() {
    let text = "<b>&amp; (x) \\n ) Tj ET << /S /JavaScript >> endstream endobj %";
    let paper = paper(vec![Block::Paragraph(text.into())]);
    assert!(poppler::text(&paper).contains(text));
}
