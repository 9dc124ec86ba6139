//! What is printed: a title, some blocks and a footer, with the most there may be of each.

use std::borrow::Cow;

use crate::error::PaperError;

/// Bytes of all texts together; a long letter has 12,000.
pub const TEXT_BYTES_MAX: usize = 128 * 1024;
/// Bytes of a title, an author or a footer.
pub const TITLE_BYTES_MAX: usize = 400;
/// Blocks of a paper.
pub const BLOCKS_MAX: usize = 500;
/// Pieces of text: parts in bold or not, items, cells.
pub const PARTS_MAX: usize = 5_000;
/// Most squares on a side of a picture: the largest QR code (ISO/IEC 18004) with its quiet zone.
pub const SQUARES_MAX: usize = 185;
/// Columns of a table.
pub const COLUMNS_MAX: usize = 6;
/// Pages of a PDF.
pub const PAGES_MAX: usize = 60;

/// One document for one reader.
#[derive(Debug, Clone)]
pub struct Paper<'a> {
    /// What a reader's program calls it; it is not printed, a heading is.
    pub title: &'a str,
    /// The language of every text in it.
    pub language: Language,
    /// Who wrote it: the department.
    pub author: &'a str,
    /// When it was made, in seconds since 1970, UTC.
    pub created_seconds: i64,
    /// The sheet in the printer.
    pub page: PageSize,
    /// How large the letters are.
    pub size: Size,
    /// What it says, from top to bottom.
    pub blocks: Vec<Block<'a>>,
    /// What stands at the foot of every page, beside its number.
    pub footer: Option<&'a str>,
}

/// A language a paper can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Spanish.
    Spanish,
}

/// The sheet in the printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageSize {
    /// 210 by 297 mm.
    A4,
    /// 8.5 by 11 inches.
    Letter,
}

/// How large the letters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// 11.5 points.
    Normal,
    /// 11 points with less between the lines, for what belongs on one page.
    Dense,
    /// Large print: 18 points, and nothing below it.
    Large,
}

/// Rank of a heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Of the paper.
    One,
    /// Of a part.
    Two,
}

/// One part of a paper. What is empty is left out.
#[derive(Debug, Clone)]
pub enum Block<'a> {
    /// A heading; also a bookmark.
    Heading(Level, Text<'a>),
    /// A paragraph.
    Paragraph(Text<'a>),
    /// Items with bullets.
    List(Vec<Text<'a>>),
    /// A framed part that nobody may overlook, such as when to come back at once.
    Box {
        /// Its heading; also a bookmark.
        heading: Text<'a>,
        /// Its items, with bullets.
        lines: Vec<Text<'a>>,
    },
    /// A table. The first column names its row, and short rows end in empty cells.
    Table {
        /// Names of the columns, or nothing.
        head: Vec<Text<'a>>,
        /// The rows, cell by cell.
        rows: Vec<Vec<Text<'a>>>,
    },
    /// A picture of squares that a telephone scans, and beside it the text that says the same to
    /// whoever cannot: to a screen reader the squares are an ornament.
    Squares {
        /// Squares on a side, with the quiet ones around the code.
        side: usize,
        /// Whether each is dark, row by row.
        dark: Vec<bool>,
        /// What stands beside it.
        text: Text<'a>,
    },
    /// A remark in smaller letters.
    Note(Text<'a>),
    /// A line across the page.
    Rule,
}

/// Text with parts in bold. A line feed breaks the line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text<'a>(Vec<(Cow<'a, str>, bool)>);

impl<'a> Text<'a> {
    /// The same text, and more.
    pub fn plain(mut self, more: impl Into<Cow<'a, str>>) -> Self {
        self.0.push((more.into(), false));
        self
    }

    /// The same text, and more in bold.
    pub fn bold(mut self, more: impl Into<Cow<'a, str>>) -> Self {
        self.0.push((more.into(), true));
        self
    }

    /// Its parts, and whether each is bold.
    pub(crate) fn runs(&self) -> &[(Cow<'a, str>, bool)] {
        &self.0
    }

    /// Nothing to be seen.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|(part, _)| part.trim().is_empty())
    }

    /// All parts as one, for bookmarks.
    pub(crate) fn words(&self) -> String {
        let whole: String = self.0.iter().map(|(part, _)| part.as_ref()).collect();
        whole.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Text::default().plain(text)
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Text::default().plain(text)
    }
}

impl Language {
    /// Its tag by RFC 3066.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Spanish => "es",
        }
    }

    /// Page so and so of so many.
    pub(crate) fn page_of(self, page: usize, pages: usize) -> String {
        match self {
            Language::English => format!("Page {page} of {pages}"),
            Language::Spanish => format!("Página {page} de {pages}"),
        }
    }
}

impl PageSize {
    /// Width and height in points.
    pub(crate) fn points(self) -> (f32, f32) {
        match self {
            PageSize::A4 => (595.28, 841.89),
            PageSize::Letter => (612.0, 792.0),
        }
    }
}

impl<'a> Paper<'a> {
    /// Whether it is within its limits; the pages are counted when they are made.
    pub(crate) fn check(&self) -> Result<(), PaperError> {
        if self.title.trim().is_empty() {
            return Err(PaperError::Untitled);
        }
        let parts = self.texts().map(|text| text.0.len().max(1)).sum();
        let bytes = self.texts().flat_map(|text| &text.0).map(|(part, _)| part.len()).sum();
        let columns = self.blocks.iter().map(Block::columns).max().unwrap_or_default();
        for (what, found, most) in [
            ("bytes of a title", self.title.len(), TITLE_BYTES_MAX),
            ("bytes of an author", self.author.len(), TITLE_BYTES_MAX),
            ("bytes of a footer", self.footer.map_or(0, str::len), TITLE_BYTES_MAX),
            ("blocks", self.blocks.len(), BLOCKS_MAX),
            ("parts of text", parts, PARTS_MAX),
            ("columns", columns, COLUMNS_MAX),
            ("bytes of text", bytes, TEXT_BYTES_MAX),
            ("squares on a side", self.squares(), SQUARES_MAX),
        ] {
            if found > most {
                return Err(PaperError::TooMuch { what, found, most });
            }
        }
        Ok(())
    }

    /// Most squares on a side; one too many for a picture that is none.
    fn squares(&self) -> usize {
        let sides = self.blocks.iter().map(|block| match block {
            Block::Squares { side, dark, .. } if side.checked_mul(*side) == Some(dark.len()) => {
                *side
            }
            Block::Squares { .. } => SQUARES_MAX + 1,
            _ => 0,
        });
        sides.max().unwrap_or_default()
    }

    /// Every text of every block, in reading order.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &Text<'a>> {
        self.blocks.iter().flat_map(|block| -> Box<dyn Iterator<Item = &Text<'a>>> {
            match block {
                Block::Heading(_, text)
                | Block::Paragraph(text)
                | Block::Note(text)
                | Block::Squares { text, .. } => Box::new(std::iter::once(text)),
                Block::List(items) => Box::new(items.iter()),
                Block::Box { heading, lines } => Box::new(std::iter::once(heading).chain(lines)),
                Block::Table { head, rows } => Box::new(head.iter().chain(rows.iter().flatten())),
                Block::Rule => Box::new(std::iter::empty()),
            }
        })
    }
}

impl Block<'_> {
    /// Columns of a table, else none.
    pub(crate) fn columns(&self) -> usize {
        match self {
            Block::Table { head, rows } => {
                rows.iter().map(Vec::len).max().unwrap_or_default().max(head.len())
            }
            _ => 0,
        }
    }
}
