//! Pages as PDF/UA-1 (ISO 14289-1): every mark is either text with its tag or an artifact.

use std::collections::BTreeMap;
use std::ops::Range;

use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::luma;
use krilla::configure::{Accessibility, ConfigurationBuilder, PdfVersion};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag};

use crate::date;
use crate::error::PaperError;
use crate::font::{Fonts, Shaped};
use crate::layout::{Row, SQUARES_POINTS, Sheet, Squares, baseline};
use crate::pages::Placed;
use crate::paper::Paper;
use crate::tags;

const PROGRAM: &str = "Cauda";
const BLACK: u8 = 0;
/// From the text to a frame that goes on on another page.
const OPEN_END: f32 = 5.0;
/// Grey of the footer, 0 black to 255 white; its contrast with white is 8 to 1.
const FOOTER_GREY: u8 = 80;
/// Grey of the lines of a table.
const LINE_GREY: u8 = 110;

/// The whole document.
pub(crate) fn document(
    paper: &Paper,
    fonts: &Fonts,
    sheet: Sheet,
    pages: &[Vec<Placed>],
) -> Result<Vec<u8>, PaperError> {
    let mut document = Document::new_with(settings()?);
    document.set_metadata(metadata(paper)?);
    let mut drawn: Vec<Vec<Identifier>> = vec![Vec::new(); sheet.leaves];
    let (width, height) = sheet.style.page;
    for (number, placed) in pages.iter().enumerate() {
        let page = PageSettings::from_wh(width, height).unwrap_or_default();
        let mut page = document.start_page_with(page);
        let mut canvas = Canvas { surface: page.surface(), fonts, sheet: &sheet };
        canvas.lines(placed);
        canvas.rows(placed, &mut drawn);
        let label = paper.language.page_of(number + 1, pages.len());
        canvas.footer(&label, number + 1 == pages.len(), &mut drawn);
        drop(canvas);
        page.finish();
    }
    document.set_outline(outline(&sheet, pages));
    document.set_tag_tree(tags::tree(sheet.tags, &drawn, paper.language.tag()));
    document.finish().map_err(PaperError::Pdf)
}

fn settings() -> Result<SerializeSettings, PaperError> {
    let configuration = ConfigurationBuilder::new()
        .with_version(PdfVersion::Pdf17)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|_| PaperError::Standard)?;
    Ok(SerializeSettings { configuration, ..SerializeSettings::default() })
}

fn metadata(paper: &Paper) -> Result<Metadata, PaperError> {
    let created = date::moment(paper.created_seconds).ok_or(PaperError::Moment)?;
    Ok(Metadata::new()
        .title(paper.title.to_string())
        .language(paper.language.tag().to_string())
        .authors(vec![paper.author.to_string()])
        .creator(PROGRAM.to_string())
        .creation_date(created))
}

/// The bookmarks: headings of level 2 under the last of level 1.
fn outline(sheet: &Sheet, pages: &[Vec<Placed>]) -> Outline {
    let place = |row: usize| {
        pages.iter().enumerate().find_map(|(number, page)| {
            let placed = page.iter().find(|placed| placed.row == row && !placed.again)?;
            Some(XyzDestination::new(number, Point::from_xy(sheet.style.side, placed.top)))
        })
    };
    let mut nodes: Vec<OutlineNode> = Vec::new();
    for bookmark in &sheet.bookmarks {
        let Some(place) = place(bookmark.row) else { continue };
        let node = OutlineNode::new(bookmark.words.clone(), place).with_open(true);
        match nodes.last_mut().filter(|_| bookmark.level.get() > 1) {
            Some(above) => above.push_child(node),
            None => nodes.push(node),
        }
    }
    let mut outline = Outline::new();
    for node in nodes {
        outline.push_child(node);
    }
    outline
}

/// A page that is being drawn.
struct Canvas<'p, 's> {
    surface: Surface<'p>,
    fonts: &'s Fonts,
    sheet: &'s Sheet,
}

impl<'s> Canvas<'_, 's> {
    /// Frames and lines, which say nothing to a screen reader.
    fn lines(&mut self, placed: &[Placed]) {
        let (side, width) = (self.sheet.style.side, self.sheet.style.width());
        let mut frames: BTreeMap<usize, (f32, f32)> = BTreeMap::new();
        for place in placed {
            let row = self.row(place);
            let bottom = place.top + row.height;
            if let Some(frame) = row.frame {
                // Rows at the ends of a frame are empty, unless it goes on on another page.
                let open = if row.pieces.is_empty() { 0.0 } else { OPEN_END };
                let (_, end) = frames.entry(frame).or_insert((place.top - open, bottom));
                *end = bottom + open;
            }
            let squares = row.squares.and_then(|squares| self.sheet.squares.get(squares));
            if let Some(squares) = squares.filter(|squares| squares.side > 0) {
                self.squares(squares, side, place.top);
            }
            if let Some(thickness) = row.rule {
                let line = Rect::from_xywh(side, bottom - thickness, width, thickness);
                self.mark(line, None, LINE_GREY);
            }
        }
        for (top, bottom) in frames.into_values() {
            let thickness = self.sheet.style.frame;
            let half = thickness / 2.0;
            let frame =
                Rect::from_ltrb(side + half, top + half, side + width - half, bottom - half);
            self.mark(frame, Some(thickness), BLACK);
        }
    }

    /// Dark squares in rows.
    fn squares(&mut self, squares: &Squares, left: f32, top: f32) {
        let size = SQUARES_POINTS / squares.side as f32;
        let mut path = PathBuilder::new();
        for (row, dark) in squares.dark.chunks(squares.side).enumerate() {
            // Neighbours are one rectangle, so that no light shows between them.
            let mut column = 0;
            while column < dark.len() {
                let run = dark[column..].iter().take_while(|dark| **dark).count();
                let (x, y) = (left + size * column as f32, top + size * row as f32);
                if let Some(rectangle) = Rect::from_xywh(x, y, size * run as f32, size)
                    && run > 0
                {
                    path.push_rect(rectangle);
                }
                column += run.max(1);
            }
        }
        let Some(path) = path.finish() else { return };
        self.artifact(ArtifactType::Layout, |canvas| {
            canvas.surface.set_fill(Some(fill(BLACK)));
            canvas.surface.draw_path(&path);
        });
    }

    /// A rectangle: a frame of some thickness, else filled.
    fn mark(&mut self, rectangle: Option<Rect>, frame: Option<f32>, grey: u8) {
        let path = rectangle.and_then(|rectangle| {
            let mut path = PathBuilder::new();
            path.push_rect(rectangle);
            path.finish()
        });
        let Some(path) = path else { return };
        self.artifact(ArtifactType::Layout, |canvas| {
            canvas.surface.set_fill(frame.is_none().then(|| fill(grey)));
            canvas.surface.set_stroke(frame.map(|width| Stroke {
                paint: luma::Color::new(grey).into(),
                width,
                ..Stroke::default()
            }));
            canvas.surface.draw_path(&path);
            canvas.surface.set_stroke(None);
        });
    }

    fn rows(&mut self, placed: &[Placed], drawn: &mut [Vec<Identifier>]) {
        let sheet = self.sheet;
        for place in placed {
            for piece in &self.row(place).pieces {
                let (Some(run), Some(leaf)) =
                    (sheet.runs.get(piece.run), drawn.get_mut(piece.leaf))
                else {
                    continue;
                };
                let at = (sheet.style.side + piece.x, place.top + piece.baseline);
                let (signs, ink) = (piece.signs.clone(), (piece.size, BLACK));
                if place.again {
                    self.artifact(ArtifactType::PaginationOther, |canvas| {
                        canvas.glyphs(run, signs, at, ink);
                    });
                } else {
                    leaf.push(self.tagged(run, signs, at, ink));
                }
            }
        }
    }

    /// The foot of a page. A screen reader says its text once, at the end of the last page: a
    /// telephone number there is no ornament.
    fn footer(&mut self, label: &str, is_last: bool, drawn: &mut [Vec<Identifier>]) {
        let (sheet, style) = (self.sheet, &self.sheet.style);
        let top = style.page.1 - style.bottom - sheet.footer.height + 2.0 * style.gap;
        let letters = style.footer;
        let base = top + baseline(letters);
        let lines = sheet.footer.lines.iter().enumerate();
        for (place, slice) in lines.flat_map(|(place, line)| line.iter().map(move |s| (place, s))) {
            let Some(run) = sheet.footer.text.get(slice.part) else { continue };
            let at = (style.side + slice.x, base + letters.leading * place as f32);
            let ink = (letters.size, FOOTER_GREY);
            match sheet.footer.leaf.and_then(|leaf| drawn.get_mut(leaf)).filter(|_| is_last) {
                Some(leaf) => leaf.push(self.tagged(run, slice.signs.clone(), at, ink)),
                None => self.artifact(ArtifactType::Footer, |canvas| {
                    canvas.glyphs(run, slice.signs.clone(), at, ink);
                }),
            }
        }
        let number = self.fonts.shape(label, false);
        let whole = 0..number.signs.len();
        let x = style.side + style.width() - number.width(whole.clone()) * letters.size;
        self.artifact(ArtifactType::Footer, |canvas| {
            canvas.glyphs(&number, whole, (x, base), (letters.size, FOOTER_GREY));
        });
    }

    fn tagged(
        &mut self,
        run: &Shaped,
        signs: Range<usize>,
        at: (f32, f32),
        ink: (f32, u8),
    ) -> Identifier {
        let identifier = self.surface.start_tagged(ContentTag::Span(SpanTag::empty()));
        self.glyphs(run, signs, at, ink);
        self.surface.end_tagged();
        identifier
    }

    fn artifact(&mut self, kind: ArtifactType, draw: impl FnOnce(&mut Self)) {
        self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(kind)));
        draw(self);
        self.surface.end_tagged();
    }

    /// Glyphs at a place, of a size and a grey.
    fn glyphs(
        &mut self,
        run: &Shaped,
        signs: Range<usize>,
        (x, y): (f32, f32),
        (size, grey): (f32, u8),
    ) {
        let signs = run.signs.get(signs).unwrap_or_default();
        self.surface.set_fill(Some(fill(grey)));
        let font = self.fonts.font(run.bold);
        self.surface.draw_glyphs(Point::from_xy(x, y), signs, font, &run.text, size, false);
    }

    fn row(&self, place: &Placed) -> &'s Row {
        &self.sheet.rows[place.row]
    }
}

fn fill(grey: u8) -> Fill {
    Fill {
        paint: luma::Color::new(grey).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::default(),
    }
}
