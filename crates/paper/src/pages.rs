//! From rows to pages. Rows that belong together stay together as long as a page can hold them.

use crate::error::PaperError;
use crate::layout::{Row, Sheet};
use crate::paper::PAGES_MAX;

/// Rows that are longer than a page begin where this share of it is free.
const BEGIN_SHARE: f32 = 0.3;
/// The head of a table comes again on a page unless it takes more than this share of it.
const HEAD_SHARE: f32 = 0.4;

/// A row at its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placed {
    pub row: usize,
    /// From the top of the page, in points.
    pub top: f32,
    /// The head of a table, once more.
    pub again: bool,
}

/// Every page with its rows; at least one page.
pub(crate) fn pages(sheet: &Sheet) -> Result<Vec<Vec<Placed>>, PaperError> {
    let mut pages = Pages::new(sheet);
    let mut start = 0;
    // INVARIANT: each round takes at least one row.
    while start < sheet.rows.len() {
        let chain = sheet.rows.iter().skip(start).take_while(|row| row.keep).count() + 1;
        let end = (start + chain).min(sheet.rows.len());
        pages.place(start..end)?;
        start = end;
    }
    Ok(pages.done)
}

struct Pages<'s> {
    sheet: &'s Sheet,
    done: Vec<Vec<Placed>>,
    y: f32,
    bottom: f32,
}

impl<'s> Pages<'s> {
    fn new(sheet: &'s Sheet) -> Self {
        let style = &sheet.style;
        let bottom = style.page.1 - style.bottom - sheet.footer.height;
        Pages { sheet, done: vec![Vec::new()], y: style.top, bottom }
    }

    fn place(&mut self, rows: std::ops::Range<usize>) -> Result<(), PaperError> {
        let room = self.bottom - self.sheet.style.top;
        let height = self.height(rows.clone());
        let fits = self.y + height <= self.bottom;
        let fits_a_page = height <= room - self.head(rows.start);
        let has_begun = self.bottom - self.y > room * BEGIN_SHARE;
        if !fits && (fits_a_page || !has_begun) {
            self.turn(rows.start)?;
        }
        for row in rows {
            if self.y + self.height(row..row + 1) > self.bottom {
                self.turn(row)?;
            }
            let before = if self.is_fresh() { 0.0 } else { self.row(row).before };
            self.put(row, before, false);
        }
        Ok(())
    }

    /// A new page, unless this one is empty; in a table it begins with the head.
    fn turn(&mut self, row: usize) -> Result<(), PaperError> {
        if self.is_fresh() {
            return Ok(());
        }
        if self.done.len() == PAGES_MAX {
            let (what, found) = ("pages", PAGES_MAX + 1);
            return Err(PaperError::TooMuch { what, found, most: PAGES_MAX });
        }
        self.done.push(Vec::new());
        self.y = self.sheet.style.top;
        if self.head(row) > 0.0 {
            let head = self.row(row).head.and_then(|head| self.sheet.heads.get(head));
            for row in head.cloned().into_iter().flatten() {
                self.put(row, 0.0, true);
            }
            self.y += self.sheet.style.cell;
        }
        Ok(())
    }

    fn put(&mut self, row: usize, before: f32, again: bool) {
        let placed = Placed { row, top: self.y + before, again };
        self.y = placed.top + self.row(row).height;
        if let Some(page) = self.done.last_mut() {
            page.push(placed);
        }
    }

    fn row(&self, row: usize) -> &'s Row {
        &self.sheet.rows[row]
    }

    fn is_fresh(&self) -> bool {
        self.done.last().is_none_or(Vec::is_empty)
    }

    fn height(&self, rows: std::ops::Range<usize>) -> f32 {
        let rows = rows.enumerate().map(|(place, row)| (place, self.row(row)));
        let is_fresh = self.is_fresh();
        rows.map(|(place, row)| row.height + if place == 0 && is_fresh { 0.0 } else { row.before })
            .sum()
    }

    /// Height of the head that a new page would begin with.
    fn head(&self, row: usize) -> f32 {
        let head = self.row(row).head.and_then(|head| self.sheet.heads.get(head));
        let height: f32 =
            head.into_iter().flat_map(|rows| rows.clone()).map(|row| self.row(row).height).sum();
        let room = self.bottom - self.sheet.style.top;
        if height > room * HEAD_SHARE { 0.0 } else { height }
    }
}
