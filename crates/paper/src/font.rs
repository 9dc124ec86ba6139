//! From text to glyphs, by the two fonts of the program. A sign that a font lacks becomes a box,
//! and is named; PDF/UA-1 (7.21.8) forbids the font's own sign for it.

use std::ops::Range;

use harfrust::{
    BufferClusterLevel, BufferFlags, Direction, FontRef, ShapeOptions, ShapePlan, ShaperData,
    UnicodeBuffer, script,
};
use krilla::surface::Location;
use krilla::text::{Font, Glyph, GlyphId};

use crate::error::PaperError;

static REGULAR: &[u8] = include_bytes!("../assets/atkinson-regular.ttf");
static BOLD: &[u8] = include_bytes!("../assets/atkinson-bold.ttf");
/// Stands where a font has no sign; a box with a question mark in both fonts.
const REPLACEMENT: char = '\u{FFFD}';

/// Both fonts.
pub(crate) struct Fonts {
    regular: Face,
    bold: Face,
}

struct Face {
    font: Font,
    reader: FontRef<'static>,
    data: ShaperData,
    plan: ShapePlan,
    units_per_em: f32,
    replacement: (u32, f32),
}

/// A part of a text in one font.
#[derive(Debug)]
pub(crate) struct Shaped {
    pub text: String,
    pub bold: bool,
    pub signs: Vec<Sign>,
    /// Characters that are drawn as a box.
    pub missing: Vec<char>,
}

/// A glyph. Distances are in units of the size of the letters.
#[derive(Debug, Clone)]
pub(crate) struct Sign {
    id: u32,
    text: Range<usize>,
    pub advance: f32,
    offset: (f32, f32),
    pub stop: Stop,
}

/// Whether a line may end behind a glyph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// No.
    None,
    /// In a word that is longer than a line.
    Dash,
    /// Yes; it is a space.
    Space,
    /// It has to.
    Line,
}

impl Fonts {
    /// The fonts, read.
    pub(crate) fn new() -> Result<Self, PaperError> {
        Ok(Fonts { regular: Face::new(REGULAR)?, bold: Face::new(BOLD)? })
    }

    /// The font to draw with.
    pub(crate) fn font(&self, bold: bool) -> Font {
        self.face(bold).font.clone()
    }

    /// The text as glyphs.
    pub(crate) fn shape(&self, text: &str, bold: bool) -> Shaped {
        let mut missing = Vec::new();
        let text = clean(text, &mut missing);
        // A line feed is drawn as a space, so that words stay apart for a reader's program.
        let drawn = text.replace('\n', " ");
        let signs = self.face(bold).signs(&text, &drawn, &mut missing);
        Shaped { text: drawn, bold, signs, missing }
    }

    fn face(&self, bold: bool) -> &Face {
        if bold { &self.bold } else { &self.regular }
    }
}

impl Face {
    fn new(bytes: &'static [u8]) -> Result<Self, PaperError> {
        let font = Font::new(bytes.into(), 0).ok_or(PaperError::Font)?;
        let reader = FontRef::new(bytes).map_err(|_| PaperError::Font)?;
        let data = ShaperData::new(&reader);
        let shaper = data.shaper(&reader).build();
        let plan = ShapePlan::new(&shaper, Direction::LeftToRight, Some(script::LATIN), None, &[]);
        let units_per_em = font.units_per_em();
        let mut face = Face { font, reader, data, plan, units_per_em, replacement: (0, 0.0) };
        let sign = REPLACEMENT.to_string();
        let sign = face.signs(&sign, &sign, &mut Vec::new()).pop().ok_or(PaperError::Font)?;
        if sign.id == 0 {
            return Err(PaperError::Font);
        }
        face.replacement = (sign.id, sign.advance);
        Ok(face)
    }

    fn signs(&self, text: &str, drawn: &str, missing: &mut Vec<char>) -> Vec<Sign> {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(drawn);
        buffer.set_direction(Direction::LeftToRight);
        buffer.set_script(script::LATIN);
        // A glyph for every character, so that an accent the font has stays out of `missing`;
        // and what Unicode calls ignorable is shown all the same.
        buffer.set_cluster_level(BufferClusterLevel::MonotoneCharacters);
        buffer.set_flags(
            BufferFlags::BEGINNING_OF_TEXT
                | BufferFlags::END_OF_TEXT
                | BufferFlags::PRESERVE_DEFAULT_IGNORABLES
                | BufferFlags::DO_NOT_INSERT_DOTTED_CIRCLE,
        );
        let shaper = self.data.shaper(&self.reader).build();
        let shaped = shaper.shape(buffer, ShapeOptions::new().plan(Some(&self.plan)));
        let (infos, places) = (shaped.glyph_infos(), shaped.glyph_positions());
        let mut signs: Vec<Sign> = Vec::with_capacity(infos.len());
        let mut end = drawn.len();
        for (info, place) in infos.iter().zip(places).rev() {
            let start = info.cluster as usize;
            if let Some(next) = signs.last().filter(|next| next.text.start > start) {
                end = next.text.start;
            }
            let mut sign = Sign {
                id: info.glyph_id,
                text: start..end,
                advance: place.x_advance as f32 / self.units_per_em,
                offset: (
                    place.x_offset as f32 / self.units_per_em,
                    place.y_offset as f32 / self.units_per_em,
                ),
                stop: stop(text, start..end),
            };
            if sign.id == 0 {
                (sign.id, sign.advance) = self.replacement;
                missing.extend(text.get(start..end).unwrap_or_default().chars());
            }
            signs.push(sign);
        }
        signs.reverse();
        signs
    }
}

impl Shaped {
    /// Width of some glyphs in units of the size of the letters.
    pub(crate) fn width(&self, signs: Range<usize>) -> f32 {
        self.signs.get(signs).unwrap_or_default().iter().map(|sign| sign.advance).sum()
    }
}

impl Glyph for Sign {
    fn glyph_id(&self) -> GlyphId {
        GlyphId::new(self.id)
    }

    fn text_range(&self) -> Range<usize> {
        self.text.clone()
    }

    fn x_advance(&self, size: f32) -> f32 {
        self.advance * size
    }

    fn x_offset(&self, size: f32) -> f32 {
        self.offset.0 * size
    }

    fn y_offset(&self, size: f32) -> f32 {
        self.offset.1 * size
    }

    fn y_advance(&self, _: f32) -> f32 {
        0.0
    }

    fn location(&self) -> Option<Location> {
        None
    }
}

fn stop(text: &str, at: Range<usize>) -> Stop {
    match text.get(at.clone()).unwrap_or_default() {
        "\n" => Stop::Line,
        " " if is_in_measure(text, at) => Stop::None,
        " " => Stop::Space,
        "-" | "/" | "–" | "—" => Stop::Dash,
        _ => Stop::None,
    }
}

/// Between a number and its unit: a dose or a time is read as one.
fn is_in_measure(text: &str, space: Range<usize>) -> bool {
    let before = text.get(..space.start).and_then(|text| text.rsplit([' ', '\n']).next());
    let is_figure = |sign: char| sign.is_ascii_digit() || matches!(sign, '.' | ',' | '-' | '–');
    let is_number = |word: &str| {
        word.ends_with(|sign: char| sign.is_ascii_digit()) && word.chars().all(is_figure)
    };
    let after = text.get(space.end..).and_then(|text| text.chars().next());
    let is_unit = |sign: char| sign.is_alphabetic() || matches!(sign, '°' | '%' | '€' | '$' | '£');
    before.is_some_and(is_number) && after.is_some_and(is_unit)
}

/// Every way to end a line is a line feed, a tabulator is a space, and what PDF cannot hold as
/// text is the sign of replacement.
fn clean(text: &str, missing: &mut Vec<char>) -> String {
    let text = text.replace("\r\n", "\n");
    let held = |character: char| match character {
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        '\t' => ' ',
        '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}' => REPLACEMENT,
        control if control.is_control() => REPLACEMENT,
        other => other,
    };
    let mut cleaned = String::with_capacity(text.len());
    for character in text.chars() {
        let shown = held(character);
        if shown == REPLACEMENT {
            missing.push(character);
        }
        cleaned.push(shown);
    }
    cleaned
}
