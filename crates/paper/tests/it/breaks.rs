//! Where lines and pages end.

use cauda_paper::{Block, Level, PageSize, Paper, Size, Text};

use crate::papers::{letter, paper, sheet};
use crate::poppler::{self, Word};

const A4_WIDTH: f32 = 595.28;
const A4_HEIGHT: f32 = 841.89;
/// Distance to the edge that every printer can print.
const MARGIN: f32 = 30.0;

fn numbered(count: usize) -> Vec<Block<'static>> {
    (1..=count).map(|number| Block::Paragraph(format!("Paragraph {number}.").into())).collect()
}

#[test]
fn lines_end_at_spaces_and_inside_the_margins() {
    for size in [Size::Normal, Size::Dense, Size::Large] {
        let text = "the quick brown fox jumps over the lazy dog ".repeat(22);
        let paper = Paper { size, ..paper(vec![Block::Paragraph(text.as_str().into())]) };
        let places = poppler::places(&paper);
        let whole = |word: &Word| text.contains(&word.text) || word.top > A4_HEIGHT - 120.0;
        assert!(places.iter().all(whole));
        assert!(places.iter().all(|word| word.left > MARGIN && word.right < A4_WIDTH - MARGIN));
        assert!(
            places.iter().all(|word| word.top > MARGIN && word.bottom < A4_HEIGHT - MARGIN + 4.0)
        );
        assert!(poppler::text(&paper).contains(text.trim()));
    }
}

#[test]
fn a_word_longer_than_a_line_is_broken_and_nothing_is_lost_or_added() {
    let long = "0123456789ABCDEFghijkmnopqrstuvwxyz".repeat(8);
    for block in [
        Block::Paragraph(format!("before {long} after").into()),
        Block::List(vec![format!("before {long} after").into()]),
        Block::Table { head: Vec::new(), rows: vec![vec!["before".into(), long.as_str().into()]] },
        Block::Box { heading: format!("before {long}").into(), lines: Vec::new() },
    ] {
        let paper = paper(vec![block]);
        assert!(poppler::places(&paper).iter().all(|word| word.right < A4_WIDTH - MARGIN));
        let read: String = poppler::text(&paper).split(' ').collect();
        assert!(read.contains(&long), "{read}");
    }
}

#[test]
fn an_address_is_broken_after_a_slash() {
    let address = format!("https://example.org/{}/{}", "a".repeat(60), "b".repeat(60));
    let words = poppler::places(&paper(vec![Block::Paragraph(address.into())]));
    assert!(words[0].text.ends_with("a/"), "{words:?}");
}

#[test]
fn a_number_stays_with_its_unit() {
    for filling in 60..110 {
        let text = format!("{} take 400 mg twice.", "x".repeat(filling).replace("xxxxx", "xxxx "));
        let words = poppler::places(&paper(vec![Block::Paragraph(text.into())]));
        let top = |text: &str| words.iter().find(|word| word.text == text).unwrap().top;
        assert_eq!(top("400"), top("mg"), "{filling}");
    }
}

#[test]
fn a_line_feed_ends_a_line_and_keeps_words_apart() {
    let paper = paper(vec![Block::Paragraph("first\nsecond\r\nthird".into())]);
    let words = poppler::places(&paper);
    assert!(words[0].top < words[1].top && words[1].top < words[2].top, "{words:?}");
    assert!(poppler::text(&paper).contains("first second third"));
}

#[test]
fn columns_do_not_overlap() {
    let row = |a: &'static str, b: &'static str| vec![Text::from(a), Text::from(b)];
    let value = "a value of many words that takes more than a line ";
    let long: &'static str = Box::leak(value.repeat(6).into_boxed_str());
    let rows = vec![row("Label", long), row(long, "Value"), row("Label", "Value")];
    let words = poppler::places(&paper(vec![Block::Table { head: Vec::new(), rows }]));
    for one in &words {
        let overlaps = |other: &&Word| {
            !std::ptr::eq(one, *other)
                && one.left < other.right
                && other.left < one.right
                && one.top + 4.0 < other.bottom
                && other.top + 4.0 < one.bottom
        };
        assert!(words.iter().find(overlaps).is_none(), "{one:?}");
    }
}

#[test]
fn a_heading_stays_with_its_next_line() {
    for before in 20..45 {
        let mut blocks = numbered(before);
        blocks.push(Block::Heading(Level::Two, "Heading".into()));
        blocks.push(Block::Paragraph("Under it.".into()));
        for page in poppler::pages(&paper(blocks)) {
            assert_eq!(page.contains("Heading"), page.contains("Under it."), "{before}: {page}");
        }
    }
}

#[test]
fn a_paragraph_leaves_no_line_alone() {
    let text =
        "a line of a paragraph that is neither short nor long, and goes on and on ".repeat(3);
    for before in 20..40 {
        let mut blocks = numbered(before);
        blocks.push(Block::Paragraph(format!("Begin {text} end.").into()));
        let pages = poppler::pages(&paper(blocks));
        let halves: Vec<usize> = pages.iter().map(|page| page.matches("goes on").count()).collect();
        assert!(halves.iter().all(|half| *half != 1), "{before}: {halves:?}");
    }
}

#[test]
fn a_box_is_not_split() {
    for before in 20..45 {
        let mut blocks = numbered(before);
        let lines = ["first sign", "second sign", "last sign"].map(Text::from).to_vec();
        blocks.push(Block::Box { heading: "Come back".into(), lines });
        for page in poppler::pages(&paper(blocks)) {
            let parts = ["Come back", "first sign", "second sign", "last sign"];
            let found = parts.iter().filter(|part| page.contains(**part)).count();
            assert!(found == 0 || found == 4, "{before}: {page}");
        }
    }
}

#[test]
fn a_box_longer_than_a_page_goes_on_with_nothing_lost() {
    let lines = (0..90).map(|number| Text::from(format!("sign {number}."))).collect();
    let paper = paper(vec![
        Block::Paragraph("Above.".into()),
        Block::Box { heading: "Come back".into(), lines },
    ]);
    let pages = poppler::pages(&paper);
    assert!(pages.len() > 1 && pages[0].contains("Above. Come back • sign 0."));
    let whole = pages.join(" ");
    assert!((0..90).all(|number| whole.contains(&format!("sign {number}."))));
}

#[test]
fn a_table_has_its_head_on_every_page_and_is_read_once() {
    let rows = (0..60).map(|row| vec![format!("row {row}.").into(), "value".into()]).collect();
    let head = vec!["Column one".into(), "Column two".into()];
    let paper = paper(vec![Block::Table { head, rows }]);
    let pages = poppler::pages(&paper);
    assert!(pages.len() > 1 && pages.iter().all(|page| page.contains("Column one")));
    assert_eq!(poppler::structure(&paper).matches("Column one").count(), 1);
}

#[test]
fn pages_are_numbered_and_of_the_size_asked_for() {
    let pages = poppler::pages(&letter());
    assert_eq!(pages.len(), 2);
    assert!(pages[0].contains("Page 1 of 2") && pages[1].contains("Page 2 of 2"));
    assert_eq!(poppler::pages(&sheet()).len(), 1);
    for (page, size) in
        [(PageSize::A4, "595.28 x 841.89 pts (A4)"), (PageSize::Letter, "612 x 792 pts (letter)")]
    {
        let info = poppler::info(&Paper { page, ..sheet() });
        assert!(info.contains(size), "{info}");
    }
}
