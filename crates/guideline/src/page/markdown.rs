//! What people see is what runs: a Markdown reader must find the same
//! headings and the same nested lists in a page as the program did.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::Page;
use super::format::format;

/// A heading or a list item, with its nesting, as a Markdown reader sees it.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    level: usize,
    text: String,
}

/// Where a Markdown reader sees something else in `source` than in the
/// canonical form of `page`; `None` when both agree.
///
/// The first part is the place, the second what is seen there.
pub fn differs_from_markdown(page: &Page, source: &str) -> Option<(Range<usize>, String)> {
    let expected = expected(&format(page));
    let seen = seen(source);
    for (at, (place, found)) in seen.iter().enumerate() {
        if expected.get(at) != Some(found) {
            return Some((place.clone(), found.text.clone()));
        }
    }
    (seen.len() != expected.len()).then(|| (source.len()..source.len(), "the end".to_string()))
}

/// Headings and items of the canonical form, read by its own layout.
fn expected(canonical: &str) -> Vec<Seen> {
    let mut found = Vec::new();
    for line in canonical.lines() {
        let text = line.trim_start_matches(' ');
        if let Some(title) = line.strip_prefix("# ").or_else(|| line.strip_prefix("## ")) {
            found.push(Seen { level: 0, text: title.to_string() });
        } else if let Some(item) = text.strip_prefix("- ") {
            found.push(Seen { level: (line.len() - text.len()) / 2 + 1, text: item.to_string() });
        }
    }
    found
}

fn seen(source: &str) -> Vec<(Range<usize>, Seen)> {
    let mut found = Vec::new();
    let mut depth = 0;
    for (event, range) in Parser::new_ext(source, Options::empty()).into_offset_iter() {
        let line = source
            .get(range.clone())
            .unwrap_or_default()
            .trim_start()
            .lines()
            .next()
            .unwrap_or_default();
        match event {
            Event::Start(Tag::List(_)) => depth += 1,
            Event::End(TagEnd::List(_)) => depth -= 1,
            Event::Start(Tag::Heading { .. }) => {
                found.push((
                    range,
                    Seen { level: 0, text: line.trim_start_matches('#').trim().to_string() },
                ));
            }
            Event::Start(Tag::Item) => {
                let text = line.trim_start_matches(['-', '*', '+', ' ']).trim_end().to_string();
                found.push((range, Seen { level: depth, text }));
            }
            Event::Start(Tag::Paragraph)
            | Event::End(_)
            | Event::Text(_)
            | Event::Code(_)
            | Event::SoftBreak => {}
            // A code block, quotation, link, emphasis, HTML … : nothing a page may hold.
            _ => found.push((range, Seen { level: usize::MAX, text: line.to_string() })),
        }
    }
    found
}
