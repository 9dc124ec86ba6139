//! Sizes and distances, in points.

use crate::paper::{PageSize, Size};

/// A size of letters and the distance between their lines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Letters {
    pub size: f32,
    pub leading: f32,
}

/// How a paper looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub page: (f32, f32),
    /// Left and right.
    pub side: f32,
    pub top: f32,
    pub bottom: f32,
    pub title: Letters,
    pub heading: Letters,
    pub body: Letters,
    pub note: Letters,
    pub footer: Letters,
    /// Between two blocks.
    pub gap: f32,
    /// Between two items of a list.
    pub item_gap: f32,
    /// From a bullet to its text.
    pub indent: f32,
    /// From the frame of a box to its text.
    pub padding: f32,
    /// Thickness of that frame.
    pub frame: f32,
    /// Between two columns.
    pub gutter: f32,
    /// Above and below the text of a cell.
    pub cell: f32,
    /// More above a row that is to be filled in by hand.
    pub by_hand: f32,
}

/// Thickness of a line across the page, and under the head of a table.
pub(crate) const RULE: f32 = 0.9;
/// Thickness of the line between two rows of a table.
pub(crate) const HAIRLINE: f32 = 0.4;

impl Style {
    /// The style of a size on a sheet.
    pub(crate) fn of(page: PageSize, size: Size) -> Self {
        let letters = |size, leading| Letters { size, leading };
        match size {
            Size::Normal => Style {
                page: page.points(),
                side: 60.0,
                top: 54.0,
                bottom: 36.0,
                title: letters(20.0, 25.0),
                heading: letters(13.5, 18.0),
                body: letters(11.5, 16.0),
                note: letters(10.0, 14.0),
                footer: letters(9.0, 12.0),
                gap: 8.0,
                item_gap: 2.5,
                indent: 14.0,
                padding: 12.0,
                frame: 1.6,
                gutter: 14.0,
                cell: 3.0,
                by_hand: 14.0,
            },
            Size::Dense => Style {
                page: page.points(),
                side: 46.0,
                top: 36.0,
                bottom: 28.0,
                title: letters(17.0, 21.0),
                heading: letters(12.0, 15.5),
                body: letters(11.0, 13.6),
                note: letters(9.0, 11.5),
                footer: letters(8.5, 11.0),
                gap: 4.5,
                item_gap: 0.8,
                indent: 13.0,
                padding: 8.0,
                frame: 1.6,
                gutter: 12.0,
                cell: 1.2,
                by_hand: 10.0,
            },
            Size::Large => Style {
                page: page.points(),
                side: 50.0,
                top: 48.0,
                bottom: 32.0,
                title: letters(27.0, 34.0),
                heading: letters(21.0, 28.0),
                body: letters(18.0, 26.0),
                note: letters(18.0, 26.0),
                footer: letters(18.0, 24.0),
                gap: 13.0,
                item_gap: 5.0,
                indent: 22.0,
                padding: 15.0,
                frame: 2.4,
                gutter: 18.0,
                cell: 5.0,
                by_hand: 14.0,
            },
        }
    }

    /// Width of the text.
    pub(crate) fn width(&self) -> f32 {
        self.page.0 - 2.0 * self.side
    }
}
