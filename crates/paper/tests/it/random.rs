//! Papers of chance: none is refused, and none loses or moves a word.

use cauda_paper::{Block, Level, PageSize, Paper, Size, Text, pdf};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::papers::paper;
use crate::poppler;

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zñé,.;0-9]{1,12}( [a-zñé,.;0-9]{1,12}){0,30}",
        1 => "[a-z0-9]{150,300}",
        1 => "[ \n\t]{0,3}",
        2 => "\\PC{0,40}",
        1 => any::<String>(),
    ]
}

fn text() -> impl Strategy<Value = Text<'static>> {
    vec((texts(), any::<bool>()), 0..3).prop_map(|runs| {
        runs.into_iter().fold(Text::default(), |text, (part, bold)| match bold {
            true => text.bold(part),
            false => text.plain(part),
        })
    })
}

fn block() -> impl Strategy<Value = Block<'static>> {
    prop_oneof![
        text().prop_map(|text| Block::Heading(Level::One, text)),
        text().prop_map(|text| Block::Heading(Level::Two, text)),
        text().prop_map(Block::Paragraph),
        text().prop_map(Block::Note),
        vec(text(), 0..8).prop_map(Block::List),
        (text(), vec(text(), 0..40)).prop_map(|(heading, lines)| Block::Box { heading, lines }),
        (vec(text(), 0..4), vec(vec(text(), 0..5), 0..12))
            .prop_map(|(head, rows)| Block::Table { head, rows }),
        Just(Block::Rule),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_paper_within_the_limits_is_refused(
        blocks in vec(block(), 0..10),
        large in any::<bool>(),
        us in any::<bool>(),
        footer in proptest::option::of("\\PC{0,90}"),
    ) {
        let size = if large { Size::Large } else { Size::Normal };
        let page = if us { PageSize::Letter } else { PageSize::A4 };
        let paper = Paper { size, page, footer: footer.as_deref(), ..paper(blocks) };
        prop_assert_eq!(pdf(&paper).map(|_| ()).map_err(|error| error.to_string()), Ok(()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn every_word_is_read_in_its_order(
        words in vec("[a-zñé]{1,14}", 1..400),
        large in any::<bool>(),
    ) {
        let size = if large { Size::Large } else { Size::Normal };
        let numbered = words.iter().enumerate().map(|(place, word)| format!("{word}{place}"));
        let numbered: Vec<String> = numbered.collect();
        let blocks = numbered.chunks(37).map(|chunk| Block::Paragraph(chunk.join(" ").into()));
        let paper = Paper { size, footer: None, ..paper(blocks.collect()) };
        let structure = poppler::structure(&paper);
        let read: String = structure.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix('"')).collect::<Vec<_>>().join(" ");
        prop_assert_eq!(poppler::words(&read), numbered.join(" "));
    }
}
