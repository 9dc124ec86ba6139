//! Words of CQL: names, texts, comments, numbers.

use cauda_guideline::Guideline;
use cauda_guideline::decimal::Rational;
use cauda_guideline::facts::Quantity;

/// The library's name: `back_pain` is `BackPain`.
pub fn library_name(guideline: &Guideline) -> String {
    let parts = guideline.id.split(|letter: char| !letter.is_ascii_alphanumeric());
    let mut name = String::new();
    for part in parts {
        let mut letters = part.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    if name.starts_with(|letter: char| letter.is_ascii_uppercase()) {
        name
    } else {
        format!("Guideline{name}")
    }
}

/// A name in double quotes.
pub fn identifier(name: &str) -> String {
    format!("\"{}\"", escaped(name, '"'))
}

/// A text in single quotes.
pub fn text(words: &str) -> String {
    format!("'{}'", escaped(words, '\''))
}

/// A comment of one line.
pub(super) fn comment(words: &str) -> String {
    let one_line: String =
        words.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    format!("// {}\n", one_line.trim())
}

/// A comma-separated list in braces, broken where it gets long.
pub(super) fn list(items: &[String], indent: usize) -> String {
    let short = items.join(", ");
    if short.len() + indent <= 90 && !short.contains('\n') {
        return format!("{{{short}}}");
    }
    let pad = " ".repeat(indent + 2);
    let lines: Vec<String> = items.iter().map(|item| format!("{pad}{item}")).collect();
    format!("{{\n{}\n{}}}", lines.join(",\n"), " ".repeat(indent))
}

/// A grid point of a quantity as a CQL quantity, `38 'Cel'`.
pub(super) fn quantity(of: &Quantity, place: i64) -> Option<String> {
    Some(format!("{} {}", number(of, place)?, text(&of.unit)))
}

/// The number of the grid point at `place`, or of the one just below it; `None`
/// when it has no short decimal form.
pub(crate) fn number(of: &Quantity, place: i64) -> Option<String> {
    let grid = Rational::new(i128::from(place.div_euclid(2)), 1);
    let number = grid.times(of.step)?.to_string();
    number.is_ascii().then_some(number)
}

fn escaped(words: &str, quote: char) -> String {
    let mut out = String::with_capacity(words.len());
    for letter in words.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            _ if letter == quote => out.extend(['\\', quote]),
            '\n' => out.push_str("\\n"),
            _ if letter.is_control() => out.push(' '),
            _ => out.push(letter),
        }
    }
    out
}
