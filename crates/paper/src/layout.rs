//! From blocks to rows: a row is one line of text, or a line across the page, and is never split.

use std::num::NonZeroU16;
use std::ops::Range;

use crate::font::{Fonts, Shaped};
use crate::lines::{self, Slice};
use crate::paper::{Block, Level, PAGES_MAX, Paper, Text};
use crate::style::{Letters, RULE, Style};
use crate::tags::{self, Tagged};

const BULLET: &str = "•";
/// Side of a picture of squares, in points: 28 mm, which telephones read at arm's length.
pub(crate) const SQUARES_POINTS: f32 = 80.0;

/// A paper as rows, not on pages yet.
pub(crate) struct Sheet {
    pub style: Style,
    pub runs: Vec<Shaped>,
    pub rows: Vec<Row>,
    /// Rows that name the columns of a table, which every page of that table begins with.
    pub heads: Vec<Range<usize>>,
    pub tags: Vec<Tagged>,
    /// How many numbers of tags there are.
    pub leaves: usize,
    pub bookmarks: Vec<Bookmark>,
    pub squares: Vec<Squares>,
    pub footer: Footer,
}

/// A row. Distances are in points.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// Empty space above it, unless a page begins with it.
    pub before: f32,
    pub height: f32,
    /// Stands on the same page as the next row.
    pub keep: bool,
    pub pieces: Vec<Piece>,
    /// Thickness of a line at its lower end.
    pub rule: Option<f32>,
    /// Which frame it stands in.
    pub frame: Option<usize>,
    /// Which head of a table it comes under.
    pub head: Option<usize>,
    /// Which picture of squares begins at its top.
    pub squares: Option<usize>,
}

/// A picture of squares.
pub(crate) struct Squares {
    pub side: usize,
    pub dark: Vec<bool>,
}

/// Glyphs in one font, at their place in a row.
#[derive(Debug)]
pub(crate) struct Piece {
    pub run: usize,
    pub signs: Range<usize>,
    pub x: f32,
    /// From the top of the row.
    pub baseline: f32,
    pub size: f32,
    /// The number of its tag.
    pub leaf: usize,
}

/// A place to go to.
pub(crate) struct Bookmark {
    pub level: NonZeroU16,
    pub words: String,
    pub row: usize,
}

/// What stands at the foot of every page.
pub(crate) struct Footer {
    pub text: Vec<Shaped>,
    /// The number of its tag.
    pub leaf: Option<usize>,
    pub lines: Vec<Vec<Slice>>,
    pub height: f32,
}

/// A column of text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub x: f32,
    pub width: f32,
}

/// A sheet in the making.
pub(crate) struct Layout<'f> {
    pub fonts: &'f Fonts,
    pub sheet: Sheet,
    frames: usize,
    has_title: bool,
    /// The last thing was a heading, and what comes next stands close to it.
    is_under_heading: bool,
}

impl<'f> Layout<'f> {
    /// The whole paper as rows.
    pub(crate) fn of(paper: &Paper, fonts: &'f Fonts) -> Sheet {
        let style = Style::of(paper.page, paper.size);
        let sheet = Sheet {
            style,
            runs: Vec::new(),
            rows: Vec::new(),
            heads: Vec::new(),
            tags: Vec::new(),
            leaves: 0,
            bookmarks: Vec::new(),
            squares: Vec::new(),
            footer: footer(paper, fonts, &style),
        };
        let mut layout =
            Layout { fonts, sheet, frames: 0, has_title: false, is_under_heading: false };
        for block in &paper.blocks {
            layout.block(block);
        }
        if !layout.sheet.footer.lines.is_empty() {
            layout.sheet.footer.leaf = Some(layout.sheet.leaves);
            layout.sheet.tags.push(tags::paragraph(vec![Tagged::Leaf(layout.sheet.leaves)]));
            layout.sheet.leaves += 1;
        }
        layout.sheet
    }

    fn block(&mut self, block: &Block) {
        let style = self.sheet.style;
        let whole = Column { x: 0.0, width: style.width() };
        match block {
            Block::Heading(level, text) => self.heading(*level, text, whole, style.gap * 2.0),
            Block::Paragraph(text) => self.paragraph(text, whole, style.body),
            Block::Note(text) => self.paragraph(text, whole, style.note),
            Block::List(items) => {
                let gap = self.gap();
                let list = self.list(items, whole, gap);
                self.sheet.tags.extend(list);
            }
            Block::Box { heading, lines } => self.framed(heading, lines),
            Block::Table { head, rows } => self.table(head, rows),
            Block::Squares { side, dark, text } => self.squares(*side, dark, text),
            Block::Rule => self.sheet.rows.push(Row {
                before: style.gap,
                height: style.gap,
                rule: Some(RULE),
                ..Row::default()
            }),
        }
    }

    fn heading(&mut self, level: Level, text: &Text, column: Column, before: f32) {
        if text.is_empty() {
            return;
        }
        let style = self.sheet.style;
        let (letters, level) = match level {
            Level::One => (style.title, NonZeroU16::MIN),
            // No level is skipped (PDF/UA-1, 7.4.2): the first heading of all is of level 1.
            Level::Two if !self.has_title => (style.heading, NonZeroU16::MIN),
            Level::Two => (style.heading, NonZeroU16::MIN.saturating_add(1)),
        };
        self.has_title = true;
        let words = text.words();
        let (mut rows, parts) = self.text(text, column, letters, true);
        for row in &mut rows {
            row.keep = true;
        }
        let row = self.sheet.rows.len();
        self.add(rows, before);
        self.sheet.tags.push(tags::heading(level, &words, parts));
        self.sheet.bookmarks.push(Bookmark { level, words, row });
        self.is_under_heading = true;
    }

    fn paragraph(&mut self, text: &Text, column: Column, letters: Letters) {
        if text.is_empty() {
            return;
        }
        let (rows, parts) = self.text(text, column, letters, false);
        let gap = self.gap();
        self.add(rows, gap);
        self.sheet.tags.push(tags::paragraph(parts));
    }

    /// The picture at the left, the text beside it, and all of it on one page.
    fn squares(&mut self, side: usize, dark: &[bool], text: &Text) {
        let style = self.sheet.style;
        let x = SQUARES_POINTS + style.gutter;
        let column = Column { x, width: style.width() - x };
        let (mut rows, parts) = self.text(text, column, style.body, false);
        let beside: f32 = rows.iter().map(|row| row.height).sum();
        rows.push(Row { height: (SQUARES_POINTS - beside).max(0.0), ..Row::default() });
        let last = rows.len() - 1;
        for (place, row) in rows.iter_mut().enumerate() {
            row.keep = place < last;
        }
        if let Some(first) = rows.first_mut() {
            first.squares = Some(self.sheet.squares.len());
        }
        self.sheet.squares.push(Squares { side, dark: dark.to_vec() });
        let gap = self.gap();
        self.add(rows, gap);
        if !text.is_empty() {
            self.sheet.tags.push(tags::paragraph(parts));
        }
    }

    fn list(&mut self, items: &[Text], column: Column, before: f32) -> Option<Tagged> {
        let style = self.sheet.style;
        let inner = Column { x: column.x + style.indent, width: column.width - style.indent };
        let mut tagged = Vec::new();
        for item in items.iter().filter(|item| !item.is_empty()) {
            let (mut rows, parts) = self.text(item, inner, style.body, false);
            let (mut bullet, _) = self.text(&BULLET.into(), column, style.body, false);
            let bullet = bullet.pop().and_then(|mut row| row.pieces.pop());
            let Some((first, bullet)) = rows.first_mut().zip(bullet) else { continue };
            tagged.push(tags::item(bullet.leaf, parts));
            first.pieces.insert(0, bullet);
            let before = if tagged.len() == 1 { before } else { style.item_gap };
            self.add(rows, before);
        }
        (!tagged.is_empty()).then(|| tags::list(tagged))
    }

    fn framed(&mut self, heading: &Text, lines: &[Text]) {
        let style = self.sheet.style;
        let (first, tags) = (self.sheet.rows.len(), self.sheet.tags.len());
        let inner = Column { x: style.padding, width: style.width() - 2.0 * style.padding };
        let edge = |before| Row { before, height: style.padding - 3.0, ..Row::default() };
        self.sheet.rows.push(edge(style.gap * 1.5));
        self.heading(Level::Two, heading, inner, 0.0);
        let list = self.list(lines, inner, style.item_gap * 2.0);
        self.sheet.tags.extend(list);
        if self.sheet.rows.len() == first + 1 {
            self.sheet.rows.pop();
            return;
        }
        self.sheet.rows.push(edge(0.0));
        self.frames += 1;
        let rows = self.sheet.rows.get_mut(first..).unwrap_or_default();
        let last = rows.len() - 1;
        for (place, row) in rows.iter_mut().enumerate() {
            row.frame = Some(self.frames);
            row.keep = place < last;
        }
        let parts = self.sheet.tags.split_off(tags);
        self.sheet.tags.push(tags::section(parts));
    }

    /// Rows of a text, and its tags. First and last lines of a paragraph are not left alone.
    pub(crate) fn text(
        &mut self,
        text: &Text,
        column: Column,
        letters: Letters,
        bold: bool,
    ) -> (Vec<Row>, Vec<Tagged>) {
        let parts: Vec<Shaped> = text
            .runs()
            .iter()
            .map(|(part, is_bold)| self.fonts.shape(part, bold || *is_bold))
            .collect();
        self.shaped(parts, column, letters, bold)
    }

    /// The same for a text that is glyphs already.
    pub(crate) fn shaped(
        &mut self,
        parts: Vec<Shaped>,
        column: Column,
        letters: Letters,
        bold: bool,
    ) -> (Vec<Row>, Vec<Tagged>) {
        let (run, leaf) = (self.sheet.runs.len(), self.sheet.leaves);
        let lines = lines::lines(&parts, letters.size, column.width);
        let last = lines.len().saturating_sub(1);
        let row = |(place, line): (usize, Vec<Slice>)| Row {
            height: letters.leading,
            keep: place < last && (place == 0 || place + 1 == last),
            pieces: line
                .into_iter()
                .map(|slice| Piece {
                    run: run + slice.part,
                    signs: slice.signs,
                    x: column.x + slice.x,
                    baseline: baseline(letters),
                    size: letters.size,
                    leaf: leaf + slice.part,
                })
                .collect(),
            ..Row::default()
        };
        let rows = lines.into_iter().enumerate().map(row).collect();
        let tag = |(place, part): (usize, &Shaped)| match part.bold && !bold {
            true => tags::strong(leaf + place),
            false => Tagged::Leaf(leaf + place),
        };
        let tagged = parts.iter().enumerate().map(tag).collect();
        self.sheet.leaves += parts.len();
        self.sheet.runs.extend(parts);
        (rows, tagged)
    }

    /// The distance to what comes next.
    pub(crate) fn gap(&self) -> f32 {
        self.sheet.style.gap * if self.is_under_heading { 0.5 } else { 1.0 }
    }

    /// Puts rows under those there are.
    pub(crate) fn add(&mut self, mut rows: Vec<Row>, before: f32) {
        self.is_under_heading = false;
        if let Some(first) = rows.first_mut() {
            first.before = before;
        }
        self.sheet.rows.extend(rows);
    }
}

/// Where letters stand in their line: capitals are as far from its top as from its bottom.
pub(crate) fn baseline(letters: Letters) -> f32 {
    letters.leading / 2.0 + letters.size * 0.334
}

fn footer(paper: &Paper, fonts: &Fonts, style: &Style) -> Footer {
    let number = fonts.shape(&paper.language.page_of(PAGES_MAX, PAGES_MAX), false);
    let beside = number.width(0..number.signs.len()) * style.footer.size + style.gutter;
    let text: Vec<Shaped> = paper.footer.iter().map(|text| fonts.shape(text, false)).collect();
    let lines = lines::lines(&text, style.footer.size, style.width() - beside);
    let height = style.footer.leading * lines.len().max(1) as f32 + 2.0 * style.gap;
    Footer { text, leaf: None, lines, height }
}
