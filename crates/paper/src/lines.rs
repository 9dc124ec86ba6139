//! Where lines end: at spaces, where the text says so, and inside a word only when it is longer
//! than a line. No hyphen is added, so that a name or a number is never changed.

use std::ops::Range;

use crate::font::{Shaped, Stop};

/// Some glyphs of a part, at their place on a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Slice {
    /// Which part of the text.
    pub part: usize,
    pub signs: Range<usize>,
    /// From the left end of the line.
    pub x: f32,
}

/// One glyph of all parts, with its width.
struct Step {
    part: usize,
    sign: usize,
    width: f32,
    stop: Stop,
}

/// Width of the text on one line, and of its longest word.
pub(crate) fn widths(parts: &[Shaped], size: f32) -> (f32, f32) {
    let (mut line, mut longest_line, mut word, mut longest) = (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
    for step in steps(parts, size) {
        match step.stop {
            Stop::Line => (line, word) = (0.0, 0.0),
            Stop::Space => {
                line += step.width;
                word = 0.0;
            }
            Stop::None | Stop::Dash => {
                line += step.width;
                word += step.width;
                longest_line = longest_line.max(line);
                longest = longest.max(word);
            }
        }
    }
    (longest_line, longest)
}

/// The lines of a text. Spaces at an end hang over the edge, so that words stay apart for a
/// reader's program.
pub(crate) fn lines(parts: &[Shaped], size: f32, width: f32) -> Vec<Vec<Slice>> {
    let steps = steps(parts, size);
    let mut lines = Vec::new();
    let mut start = 0;
    // INVARIANT: each line takes at least one glyph, so there are no more lines than glyphs.
    while start < steps.len() {
        let end = start + line_length(&steps[start..], width).max(1);
        lines.push(slices(&steps[start..end]));
        start = end;
    }
    lines
}

fn steps(parts: &[Shaped], size: f32) -> Vec<Step> {
    let signs = parts.iter().enumerate().flat_map(|(part, shaped)| {
        shaped.signs.iter().enumerate().map(move |(place, sign)| (part, place, sign))
    });
    let step = |(part, place, sign): (usize, usize, &crate::font::Sign)| Step {
        part,
        sign: place,
        width: sign.advance * size,
        stop: sign.stop,
    };
    signs.map(step).collect()
}

/// How many glyphs stand on the next line.
fn line_length(steps: &[Step], width: f32) -> usize {
    let (mut used, mut space, mut dash) = (0.0, None, None);
    for (place, step) in steps.iter().enumerate() {
        match step.stop {
            Stop::Line => return place + 1,
            Stop::Space => space = Some(place + 1),
            Stop::None | Stop::Dash if used + step.width > width && place > 0 => {
                // An accent has no width of its own and stays with its letter.
                let letter = (1..=place).rev().find(|at| steps[*at].width > 0.0);
                return space.or(dash).or(letter).unwrap_or(place);
            }
            Stop::Dash => dash = Some(place + 1),
            Stop::None => {}
        }
        used += step.width;
    }
    steps.len()
}

fn slices(steps: &[Step]) -> Vec<Slice> {
    let mut slices: Vec<Slice> = Vec::new();
    let mut x = 0.0;
    for step in steps {
        match slices.last_mut().filter(|slice| slice.part == step.part) {
            Some(slice) => slice.signs.end = step.sign + 1,
            None => {
                slices.push(Slice { part: step.part, signs: step.sign..step.sign + 1, x });
            }
        }
        x += step.width;
    }
    slices
}
