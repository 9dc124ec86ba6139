//! Charts as SVG: boxes in columns and arrows between them, drawn with classes
//! and presentation attributes only, with a title and the same words as text.

pub mod layered;
pub mod overview;
pub mod rule;

use maud::{Markup, html};

use layered::{Arrow, Laid, Size};

/// Most boxes of one chart; a larger rule is read as its list.
pub const BOXES_MAX: usize = 150;

/// Letters of a line in a box of a rule.
pub const LETTERS: usize = 27;
/// The same for a chart of four columns.
pub const LETTERS_NARROW: usize = 22;
/// Estimated width of a letter at the size the style sheet sets, in pixels.
const LETTER_WIDTH: usize = 8;
/// Height of a line of text.
const LINE_HEIGHT: usize = 17;
/// Blank around the text of a box.
const PADDING: usize = 8;
/// A chart shrinks with its page down to this share of its own width, in
/// percent; below it the chart scrolls, so that its text stays readable.
const SHRINKS_TO_PERCENT: usize = 80;
/// The least widths that the style sheet knows, in steps of this many pixels.
const FLOOR_STEP: usize = 50;
/// Most such steps.
const FLOORS_MAX: usize = 40;
/// On paper a chart is printed in slices of about this height, so that it fills
/// the sheets like text and none of it has to shrink to fit one.
const SLICE_HEIGHT: usize = 300;
/// Least blank between a box and the edge of a slice.
const SLICE_GAP: usize = 4;

/// What a box stands for, which gives it its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A condition on one fact.
    Condition,
    /// Something that another page says.
    Reference,
    /// How many of its arrows must hold.
    Gate,
    /// What comes of it.
    Outcome,
}

impl Shape {
    fn class(self) -> &'static str {
        match self {
            Shape::Condition => "condition",
            Shape::Reference => "reference",
            Shape::Gate => "gate",
            Shape::Outcome => "outcome",
        }
    }
}

/// A line of a box.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Text {
    text: String,
    bold: bool,
}

/// A box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartBox {
    shape: Shape,
    added: bool,
    lines: Vec<Text>,
    column: usize,
    letters: usize,
}

impl ChartBox {
    /// A box in a column with a plain and a bold part, either may be empty.
    pub fn new(shape: Shape, column: usize, plain: &str, bold: &str) -> ChartBox {
        ChartBox::of_width(LETTERS, shape, column, plain, bold)
    }

    /// The same with lines of at most so many letters.
    pub fn of_width(
        letters: usize,
        shape: Shape,
        column: usize,
        plain: &str,
        bold: &str,
    ) -> ChartBox {
        let mut lines = Vec::new();
        for (text, bold) in [(plain, false), (bold, true)] {
            let wrapped = wrap(text, letters).into_iter();
            lines.extend(wrapped.map(|text| Text { text, bold }));
        }
        ChartBox { shape, added: false, lines, column, letters }
    }

    /// The same, as something that the list of the page does not have.
    pub fn added(mut self, added: bool) -> ChartBox {
        self.added = added;
        self
    }

    fn class(&self) -> String {
        let shape = self.shape.class();
        if self.added { format!("{shape} added") } else { shape.to_string() }
    }

    fn size(&self) -> Size {
        let letters = self.lines.iter().map(|line| line.text.chars().count()).max().unwrap_or(0);
        let width = match self.shape {
            Shape::Gate => letters.max(6) * LETTER_WIDTH,
            _ => self.letters * LETTER_WIDTH,
        };
        Size { width: width + 2 * PADDING, height: self.lines.len() * LINE_HEIGHT + 2 * PADDING }
    }
}

/// A chart ready to be laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Its title.
    pub title: String,
    /// The same in words.
    pub description: String,
    /// What stands at its right edge.
    pub ends_at: String,
    /// Boxes, the columns from left to right.
    pub boxes: Vec<ChartBox>,
    /// Arrows between them.
    pub arrows: Vec<Arrow>,
}

/// Draws a chart; `id` is its own on the page.
pub fn draw(chart: &Chart, id: &str) -> Markup {
    let sizes: Vec<(usize, Size)> =
        chart.boxes.iter().map(|drawn| (drawn.column, drawn.size())).collect();
    let laid = layered::lay_out(&sizes, &chart.arrows);
    let (title_id, text_id) = (format!("{id}-title"), format!("{id}-text"));
    let view = format!("0 0 {} {}", laid.width, laid.height);
    let floor = (laid.width * SHRINKS_TO_PERCENT / 100).div_ceil(FLOOR_STEP).min(FLOORS_MAX);
    html! {
        p class=(format!("hint floor-{floor}")) {
            "The chart goes on to the right: scroll it sideways. It ends at "
            strong { (chart.ends_at) } "."
        }
        div class=(format!("chart floor-{floor}")) role="region" aria-label=(format!("Chart: {}", chart.title)) tabindex="0" {
            svg viewBox=(view) width=(laid.width) height=(laid.height) role="img"
                aria-labelledby=(format!("{title_id} {text_id}")) {
                title id=(title_id) { (chart.title) }
                desc id=(text_id) { (chart.description) }
                g.drawing id=(format!("{id}-drawing")) {
                    @for (path, arrow) in laid.paths.iter().zip(&chart.arrows) {
                        path.dashed[arrow.dashed] d=(path) {}
                    }
                    @for head in &laid.heads { path.head d=(head) {} }
                    @for (at, drawn) in chart.boxes.iter().enumerate() {
                        (one_box(drawn, &laid, at))
                    }
                }
            }
        }
        div.slices aria-hidden="true" {
            @for (top, bottom) in slices(&laid, &sizes) {
                svg viewBox=(format!("0 {top} {} {}", laid.width, bottom - top))
                    width=(laid.width) height=(bottom - top) {
                    use href=(format!("#{id}-drawing")) {}
                }
            }
        }
    }
}

/// Where each slice begins and ends: between boxes, if there is such a place.
fn slices(laid: &Laid, sizes: &[(usize, Size)]) -> Vec<(usize, usize)> {
    let cut = |y: usize| {
        let boxes = laid.corners.iter().zip(sizes);
        let cuts =
            |top: usize, size: &Size| top < y + SLICE_GAP && y < top + size.height + SLICE_GAP;
        boxes.filter(|((_, top), (_, size))| cuts(*top, size)).count()
    };
    let (mut slices, mut top) = (Vec::new(), 0);
    while laid.height - top > SLICE_HEIGHT {
        let places = top + SLICE_HEIGHT / 4..=top + SLICE_HEIGHT;
        let bottom = places.rev().min_by_key(|y| cut(*y)).unwrap_or(laid.height);
        slices.push((top, bottom));
        top = bottom;
    }
    slices.push((top, laid.height));
    slices
}

/// The part of the style sheet that says how far each chart may shrink, and
/// when the hint to scroll is shown. A class for each step, as no page has an
/// inline style.
pub fn style() -> String {
    let steps = (1..=FLOORS_MAX).map(|step| {
        let pixels = step * FLOOR_STEP;
        format!(
            ".chart.floor-{step} svg {{ min-width: {pixels}px; }}\n\
             @container (max-width: {}px) {{ .hint.floor-{step} {{ display: block; }} }}\n",
            pixels + 1
        )
    });
    format!("@media screen {{\n{}}}\n", steps.collect::<String>())
}

fn one_box(drawn: &ChartBox, laid: &Laid, at: usize) -> Markup {
    let size = drawn.size();
    let (x, y) = laid.corners[at];
    let round = if drawn.shape == Shape::Gate { 14 } else { 0 };
    let middle = x + size.width / 2;
    html! {
        g class=(drawn.class()) {
            rect x=(x) y=(y) width=(size.width) height=(size.height) rx=(round) {}
            @if drawn.shape == Shape::Reference {
                rect.inner x=(x + 3) y=(y + 3) width=(size.width - 6) height=(size.height - 6) {}
            }
            @for (line, text) in drawn.lines.iter().enumerate() {
                text.bold[text.bold] x=(middle) y=(y + PADDING + LINE_HEIGHT * line + 13) {
                    (text.text)
                }
            }
        }
    }
}

/// Breaks a text into lines of at most so many letters.
fn wrap(text: &str, letters: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let word: String = word.chars().take(letters).collect();
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= letters => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}
