//! What is printed: a sheet for the patient, a letter to a colleague, as PDF.
//!
//! The same paper gives the same bytes. Each PDF follows PDF/UA-1 (ISO 14289-1), so that a screen
//! reader says what the eye sees, in the same order: `paper` holds what goes in, `font` turns text
//! into glyphs, `lines` breaks it, `layout` makes rows of it, `pages` puts rows on pages, and
//! `draw` writes them with their tags.
//!
//! Pure: no file, clock, network, thread or randomness; the moment of printing is an argument.

mod date;
mod draw;
mod error;
mod font;
mod layout;
mod lines;
mod pages;
mod paper;
mod style;
mod table;
mod tags;

use std::collections::BTreeSet;

use self::font::Fonts;
use self::layout::Layout;

pub use error::PaperError;
pub use paper::{
    BLOCKS_MAX, Block, COLUMNS_MAX, Language, Level, PAGES_MAX, PARTS_MAX, PageSize, Paper,
    SQUARES_MAX, Size, TEXT_BYTES_MAX, TITLE_BYTES_MAX, Text,
};

/// The paper as a PDF, or why it is none: too large, without a title, of no calendar day.
pub fn pdf(paper: &Paper) -> Result<Vec<u8>, PaperError> {
    paper.check()?;
    let fonts = Fonts::new()?;
    let sheet = Layout::of(paper, &fonts);
    let pages = pages::pages(&sheet)?;
    draw::document(paper, &fonts, sheet, &pages)
}

/// The characters of the paper that are printed as a box, because the font has no sign for them.
pub fn missing(paper: &Paper) -> Result<BTreeSet<char>, PaperError> {
    paper.check()?;
    let fonts = Fonts::new()?;
    let footer = paper.footer.iter().map(|text| fonts.shape(text, false));
    let shaped = paper.texts().flat_map(|text| text.runs()).map(|run| fonts.shape(&run.0, run.1));
    Ok(shaped.chain(footer).flat_map(|run| run.missing).collect())
}
