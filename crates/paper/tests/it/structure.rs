//! What a screen reader finds: tags in reading order, title, language, bookmarks.

use cauda_paper::{Block, Level, Paper, Text, pdf};

use crate::papers::{hoja, letter, paper, sheet};
use crate::poppler;

/// The structure without its texts: one name a line, indented by two spaces a level.
fn tags(paper: &Paper) -> Vec<String> {
    let structure = poppler::structure(paper);
    let is_tag = |line: &&str| !line.trim().starts_with(['"', '/']) && !line.trim().is_empty();
    let name = |line: &str| {
        let depth = line.len() - line.trim_start().len();
        format!("{}{}", " ".repeat(depth), line.trim().split([' ', ':']).next().unwrap())
    };
    structure.lines().filter(is_tag).map(name).collect()
}

#[test]
fn every_block_has_its_tag_in_reading_order() {
    let blocks = vec![
        Block::Heading(Level::One, "First".into()),
        Block::Paragraph(Text::from("Plain, ").bold("bold").plain(", plain.")),
        Block::Box { heading: "Box".into(), lines: vec!["one".into()] },
        Block::Rule,
        Block::Table {
            head: vec!["Time".into(), "What".into()],
            rows: vec![vec!["09:20".into(), "scan".into()], vec!["Signed".into()]],
        },
        Block::Note("Note.".into()),
    ];
    let expected = "\
Document
  H1
  P
    Span
  Sect
    H2
    L
      LI
        Lbl
        LBody
  Table
    THead
      TR
        TH
        TH
    TBody
      TR
        TH
        TD
      TR
        TH
        TD
  P
  P";
    assert_eq!(tags(&paper(blocks)).join("\n"), expected);
}

#[test]
fn a_paragraph_is_read_across_its_parts() {
    let text = Text::from("Plain, ").bold("bold").plain(", plain.");
    let structure = poppler::structure(&paper(vec![Block::Paragraph(text)]));
    let read: Vec<&str> = structure.lines().map(str::trim).collect();
    assert!(
        read.windows(4)
            .any(|lines| lines == ["\"Plain, \"", "Span (inline)", "\"bold\"", "\", plain.\""])
    );
}

#[test]
fn the_text_comes_out_in_order() {
    let read = poppler::text(&sheet());
    let order = [
        "Your back pain: going home",
        "For Maria Núñez-Ødegård, 26 November 2026.",
        "Come back at once, or call 112, if",
        "• you cannot pass water, or you leak urine or stool",
        "• you have fever of 38 °C or more, or shake with cold",
        "What we found We asked about every danger sign",
        "• Ibuprofen 400 mg: one tablet with food",
        "Ask us if anything is unclear.",
        "telephone 555 0100",
        "Page 1 of 1",
    ];
    let mut from = 0;
    for words in order {
        let found = read[from..].find(words).unwrap_or_else(|| panic!("{words} in {read}"));
        from += found;
    }
}

#[test]
fn signs_of_both_languages_come_out_as_they_went_in() {
    let signs = "áéíóúüñ ÁÉÍÓÚÜÑ ¿qué? ¡sí! “a” – b — c • ≥ 200 ≤ 38 °C 84 µmol/L ½ €5 → ✓ ŁŐŞș";
    let paper = paper(vec![Block::Paragraph(signs.into())]);
    assert!(poppler::text(&paper).contains(signs), "{}", poppler::text(&paper));
    assert!(cauda_paper::missing(&paper).unwrap().is_empty());
}

#[test]
fn title_language_and_standard_are_named() {
    let info = poppler::info(&hoja());
    for line in ["Title:           Dolor de espalda: vuelta a casa", "Tagged:          yes"] {
        assert!(info.contains(line), "{info}");
    }
    assert!(info.contains("Author:          Emergency department, Example Hospital"), "{info}");
    let bytes = pdf(&hoja()).unwrap();
    let raw = String::from_utf8_lossy(&bytes);
    for part in ["<pdfuaid:part>1<", "<rdf:li>es</rdf:li>", "/DisplayDocTitle true", "/Lang(es)"] {
        assert!(raw.contains(part), "{part}");
    }
    assert!(poppler::text(&hoja()).contains("Página 1 de 1"));
}

#[test]
fn headings_are_bookmarks() {
    let xml = poppler::xml(&letter());
    let outline = &xml[xml.find("<outline>").unwrap()..];
    assert!(outline.contains(">Back pain: letter to the next clinician</item>"), "{outline}");
    assert!(outline.contains("<item page=\"1\">MRI now, emergency</item>"), "{outline}");
    assert!(outline.contains("<item page=\"2\">Given and done</item>"), "{outline}");
}

#[test]
fn no_level_of_heading_is_skipped() {
    let second = |text: &'static str| Block::Heading(Level::Two, text.into());
    let paper = paper(vec![second("a"), Block::Paragraph("b".into()), second("c")]);
    assert_eq!(tags(&paper)[..4], ["Document", "  H1", "  P", "  H2"]);
}

#[test]
fn the_footer_is_read_once_at_the_end() {
    let structure = poppler::structure(&letter());
    let telephone = "telephone 555 0100";
    assert_eq!(structure.matches(telephone).count(), 1);
    assert!(structure.trim_end().lines().last().unwrap().contains(telephone));
    assert!(!structure.contains("Page 1"));
    assert!(poppler::pages(&letter()).iter().all(|page| page.contains(telephone)));
}

#[test]
fn what_is_empty_is_left_out() {
    let paper = Paper {
        footer: None,
        ..paper(vec![
            Block::Heading(Level::One, " ".into()),
            Block::Paragraph("".into()),
            Block::List(vec!["".into()]),
            Block::Box { heading: "".into(), lines: Vec::new() },
            Block::Table { head: Vec::new(), rows: Vec::new() },
        ])
    };
    assert_eq!(poppler::text(&paper), "Page 1 of 1");
    assert_eq!(poppler::ink(&paper), poppler::ink(&Paper { blocks: Vec::new(), ..paper.clone() }));
}
