//! Tables: how wide the columns are, and rows whose cells break into lines side by side.

use krilla::tagging::TableHeaderScope;

use crate::font::Shaped;
use crate::layout::{Column, Layout, Row};
use crate::lines;
use crate::paper::Text;
use crate::style::{HAIRLINE, RULE};
use crate::tags::{self, Tagged};

/// No column is narrower than this share of an equal one.
const NARROWEST: f32 = 0.4;

impl Layout<'_> {
    /// A table under what there is.
    pub(crate) fn table(&mut self, head: &[Text], rows: &[Vec<Text>]) {
        let count = rows.iter().map(Vec::len).max().unwrap_or_default().max(head.len());
        if count == 0 || (head.is_empty() && rows.is_empty()) {
            return;
        }
        let (gap, first) = (self.gap(), self.sheet.rows.len());
        let shaped: Vec<Vec<Vec<Shaped>>> =
            rows.iter().map(|row| self.cells(row, count, false)).collect();
        let named = (!head.is_empty()).then(|| self.cells(head, count, true));
        let columns = self.columns(named.iter().chain(&shaped), count);
        let head: Vec<Tagged> =
            named.into_iter().map(|cells| self.row(cells, &columns, true)).collect();
        let begins = self.sheet.rows.len();
        if begins > first {
            self.sheet.heads.push(first..begins);
        }
        let body = shaped.into_iter().map(|cells| self.row(cells, &columns, false)).collect();
        let under = (begins > first).then(|| self.sheet.heads.len() - 1);
        for row in self.sheet.rows.iter_mut().skip(begins) {
            row.head = under;
        }
        if let Some(row) = self.sheet.rows.get_mut(first) {
            row.before = row.before.max(gap);
        }
        self.sheet.tags.push(tags::table(head, body));
    }

    fn cells(&self, row: &[Text], count: usize, bold: bool) -> Vec<Vec<Shaped>> {
        // A cell without text would have no tag, and its row too few cells.
        let blank = Text::from(" ");
        let cell = |place: usize| row.get(place).filter(|text| !text.is_empty()).unwrap_or(&blank);
        let shape = |text: &Text| {
            text.runs().iter().map(|(part, is)| self.fonts.shape(part, bold || *is)).collect()
        };
        (0..count).map(|place| shape(cell(place))).collect()
    }

    /// Each column is as wide as its longest line as far as there is room; the last takes the rest.
    fn columns<'c>(
        &self,
        rows: impl Iterator<Item = &'c Vec<Vec<Shaped>>>,
        count: usize,
    ) -> Vec<Column> {
        let style = self.sheet.style;
        let room = style.width() - style.gutter * (count - 1) as f32;
        let mut wanted = vec![(0.0_f32, 0.0_f32); count];
        for row in rows {
            for (most, cell) in wanted.iter_mut().zip(row) {
                let (line, word) = lines::widths(cell, style.body.size);
                *most = (most.0.max(line), most.1.max(word));
            }
        }
        let widths = shares(&wanted, room);
        let mut x = 0.0;
        let column = |width: f32| {
            let column = Column { x, width };
            x += width + style.gutter;
            column
        };
        widths.into_iter().map(column).collect()
    }

    fn row(&mut self, cells: Vec<Vec<Shaped>>, columns: &[Column], is_head: bool) -> Tagged {
        let style = self.sheet.style;
        let mut rows: Vec<Row> = Vec::new();
        let mut tagged = Vec::new();
        // Only its name: the rest is written by hand.
        let is_blank = |cell: &Vec<Shaped>| cell.iter().all(|part| part.text.trim().is_empty());
        let is_by_hand = cells.len() > 1 && cells.iter().skip(1).all(is_blank);
        for (place, (cell, column)) in cells.into_iter().zip(columns).enumerate() {
            let (lines, parts) = self.shaped(cell, *column, style.body, is_head);
            for (line, row) in lines.into_iter().enumerate() {
                match rows.get_mut(line) {
                    Some(there) => there.pieces.extend(row.pieces),
                    None => rows.push(row),
                }
            }
            let names = match (is_head, place) {
                (true, _) => Some(TableHeaderScope::Column),
                (false, 0) => Some(TableHeaderScope::Row),
                (false, _) => None,
            };
            tagged.push(tags::cell(names, parts));
        }
        let last = rows.len().saturating_sub(1);
        for (place, row) in rows.iter_mut().enumerate() {
            row.keep = is_head || place < last;
        }
        if let Some(row) = rows.last_mut() {
            row.height += style.cell;
            row.rule = Some(if is_head { RULE } else { HAIRLINE });
        }
        self.add(rows, style.cell + if is_by_hand { style.by_hand } else { 0.0 });
        tags::row(tagged)
    }
}

/// Widths of columns, from the width of the longest line and the longest word of each.
fn shares(wanted: &[(f32, f32)], room: f32) -> Vec<f32> {
    let count = wanted.len() as f32;
    let least = |(line, word): (f32, f32)| {
        word.min(room / count).max(room / count * NARROWEST).min(line.max(word))
    };
    let mut widths: Vec<f32> = wanted.iter().map(|wants| least(*wants)).collect();
    let mut spare = room - widths.iter().sum::<f32>();
    // What is left goes to the columns that want more, in equal parts; each round fills one.
    for _ in 0..wanted.len() {
        let short = |(width, wants): (&f32, &(f32, f32))| wants.0 - *width > 0.01;
        let open = widths.iter().zip(wanted).filter(|pair| short(*pair)).count();
        if open == 0 || spare <= 0.01 {
            break;
        }
        let part = spare / open as f32;
        for (width, wants) in widths.iter_mut().zip(wanted) {
            let more = (wants.0 - *width).clamp(0.0, part);
            *width += more;
            spare -= more;
        }
    }
    if let Some(last) = widths.last_mut() {
        *last += spare.max(0.0);
    }
    widths
}
