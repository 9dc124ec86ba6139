//! A page of ours read back as headings, paragraphs, lists and tables, so that what is printed as
//! PDF, and what travels as FHIR, says what the page says and nothing else.

use cauda_paper::{Block, Level, Text};
use html5gum::{Token, Tokenizer};

/// Deepest nesting that is followed.
const DEPTH_MAX: usize = 64;

/// Text with parts in bold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words(Vec<(String, bool)>);

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A heading, 1 or 2; deeper ones are paragraphs in bold.
    Heading(u8, Words),
    /// A paragraph.
    Paragraph(Words),
    /// A list.
    List(Vec<Words>),
    /// A table; the first row may name the columns.
    Table(Vec<Vec<Words>>, bool),
}

impl Words {
    fn push(&mut self, text: &str, bold: bool) {
        // White space of the markup is one space, and none at the beginning.
        let mut plain = String::new();
        for sign in text.chars() {
            let is_space = matches!(sign, ' ' | '\n' | '\t');
            let before = plain.chars().next_back().or_else(|| self.last());
            match is_space {
                true if before.is_none_or(|before| before == ' ') => {}
                true => plain.push(' '),
                false => plain.push(sign),
            }
        }
        if plain.is_empty() {
            return;
        }
        match self.0.last_mut().filter(|(_, known)| *known == bold) {
            Some((known, _)) => known.push_str(&plain),
            None => self.0.push((plain, bold)),
        }
    }

    fn last(&self) -> Option<char> {
        self.0.last().and_then(|(text, _)| text.chars().next_back())
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|(text, _)| text.trim().is_empty())
    }

    /// Without bold.
    pub(crate) fn plain(&self) -> String {
        self.0.iter().map(|(text, _)| text.as_str()).collect::<String>().trim().to_string()
    }

    fn text(self) -> Text<'static> {
        self.0.into_iter().fold(Text::default(), |text, (part, bold)| match bold {
            true => text.bold(part),
            false => text.plain(part),
        })
    }

    fn xhtml(&self, out: &mut String) {
        for (part, bold) in &self.0 {
            let escaped = part.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            match bold {
                true => out.push_str(&format!("<b>{escaped}</b>")),
                false => out.push_str(&escaped),
            }
        }
    }
}

/// What is being read.
#[derive(Default)]
struct Reading {
    parts: Vec<Part>,
    words: Words,
    bold: usize,
    hidden: usize,
    depth: usize,
    items: Vec<Words>,
    rows: Vec<Vec<Words>>,
    cells: Vec<Words>,
    term: Option<Words>,
    has_head: bool,
}

/// The parts of a page, in the order in which it is read.
pub(crate) fn parts(html: &str) -> Vec<Part> {
    let mut reading = Reading::default();
    for token in Tokenizer::new(html) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name).to_string();
                let hidden = tag.attributes.iter().any(|(name, value)| {
                    name.as_slice() == b"class" && value.as_slice() == b"unseen"
                });
                reading.opened(&name, hidden, tag.self_closing);
            }
            Token::EndTag(tag) => reading.closed(&String::from_utf8_lossy(&tag.name)),
            Token::String(text) if reading.hidden == 0 => {
                let bold = reading.bold > 0;
                reading.words.push(&String::from_utf8_lossy(&text), bold);
            }
            _ => {}
        }
    }
    reading.paragraph();
    reading.parts
}

impl Reading {
    fn opened(&mut self, name: &str, hidden: bool, closes_itself: bool) {
        if closes_itself || matches!(name, "br" | "hr" | "img" | "input") {
            self.words.push(" ", false);
            return;
        }
        self.depth += 1;
        if self.hidden > 0 || hidden || self.depth > DEPTH_MAX {
            self.hidden += 1;
            return;
        }
        match name {
            "h1" | "h2" | "h3" | "p" | "ul" | "ol" | "dl" | "table" | "section" | "caption" => {
                self.paragraph();
            }
            "b" | "strong" => self.bold += 1,
            "li" | "td" | "th" | "dt" | "dd" => self.words = Words::default(),
            "tr" => self.cells.clear(),
            "thead" => self.has_head = true,
            _ => {}
        }
    }

    fn closed(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        if self.hidden > 0 {
            self.hidden -= 1;
            return;
        }
        match name {
            "h1" => self.heading(1),
            "h2" => self.heading(2),
            "h3" | "caption" => self.heading(3),
            "p" | "section" => self.paragraph(),
            "b" | "strong" => self.bold = self.bold.saturating_sub(1),
            "li" => self.items.push(std::mem::take(&mut self.words)),
            "ul" | "ol" => {
                let items = std::mem::take(&mut self.items);
                self.parts.push(Part::List(items));
            }
            "td" | "th" => self.cells.push(std::mem::take(&mut self.words)),
            "tr" => self.rows.push(std::mem::take(&mut self.cells)),
            "dt" => self.term = Some(std::mem::take(&mut self.words)),
            "dd" => {
                let term = self.term.take().unwrap_or_default();
                let said = std::mem::take(&mut self.words);
                self.rows.push(vec![term, said]);
            }
            "table" | "dl" => {
                let rows = std::mem::take(&mut self.rows);
                self.parts.push(Part::Table(rows, std::mem::take(&mut self.has_head)));
            }
            _ => {}
        }
    }

    fn heading(&mut self, level: u8) {
        let words = std::mem::take(&mut self.words);
        match level {
            _ if words.is_empty() => {}
            1 | 2 => self.parts.push(Part::Heading(level, words)),
            _ => {
                let bold = words.0.into_iter().map(|(text, _)| (text, true)).collect();
                self.parts.push(Part::Paragraph(Words(bold)));
            }
        }
    }

    fn paragraph(&mut self) {
        let words = std::mem::take(&mut self.words);
        if !words.is_empty() {
            self.parts.push(Part::Paragraph(words));
        }
    }
}

/// As blocks of a paper.
pub(crate) fn blocks(parts: Vec<Part>) -> Vec<Block<'static>> {
    let block = |part| match part {
        Part::Heading(1, words) => Block::Heading(Level::One, words.text()),
        Part::Heading(_, words) => Block::Heading(Level::Two, words.text()),
        Part::Paragraph(words) => Block::Paragraph(words.text()),
        Part::List(items) => Block::List(items.into_iter().map(Words::text).collect()),
        Part::Table(rows, has_head) => {
            let mut rows = rows.into_iter().map(|row| row.into_iter().map(Words::text).collect());
            let head = if has_head { rows.next() } else { None };
            Block::Table { head: head.unwrap_or_default(), rows: rows.collect() }
        }
    };
    parts.into_iter().map(block).collect()
}

/// As the XHTML that a FHIR narrative may hold: paragraphs, lists, tables, bold, and no attribute.
pub(crate) fn xhtml(parts: &[Part]) -> String {
    let mut out = String::from("<div xmlns=\"http://www.w3.org/1999/xhtml\">");
    for part in parts {
        let mut inside = |tag: &str, words: &Words| {
            out.push_str(&format!("<{tag}>"));
            words.xhtml(&mut out);
            out.push_str(&format!("</{tag}>"));
        };
        match part {
            Part::Heading(level, words) => inside(&format!("h{level}"), words),
            Part::Paragraph(words) => inside("p", words),
            Part::List(items) if items.is_empty() => {}
            Part::List(items) => {
                out.push_str("<ul>");
                for item in items {
                    out.push_str("<li>");
                    item.xhtml(&mut out);
                    out.push_str("</li>");
                }
                out.push_str("</ul>");
            }
            Part::Table(rows, has_head) => {
                out.push_str("<table>");
                for (at, row) in rows.iter().enumerate() {
                    out.push_str("<tr>");
                    for (column, cell) in row.iter().enumerate() {
                        let tag = if column == 0 || *has_head && at == 0 { "th" } else { "td" };
                        out.push_str(&format!("<{tag}>"));
                        cell.xhtml(&mut out);
                        out.push_str(&format!("</{tag}>"));
                    }
                    out.push_str("</tr>");
                }
                out.push_str("</table>");
            }
        }
    }
    out.push_str("</div>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_back_in_its_order() {
        let html = "<h1>Letter</h1><p>One <b>two</b>\n three</p><ul><li>a</li><li><b>b</b> c</li></ul>\
                    <table><caption>Power</caption><thead><tr><th><span class=\"unseen\">Where</span></th>\
                    <th>Right</th></tr></thead><tbody><tr><th>Hip</th><td>5 &amp; up</td></tr></tbody></table>\
                    <dl><div><dt>Name</dt><dd>N &lt;O&gt;</dd></div></dl><div>alone</div>";
        let parts = parts(html);
        let xhtml = xhtml(&parts);
        assert_eq!(
            xhtml,
            "<div xmlns=\"http://www.w3.org/1999/xhtml\"><h1>Letter</h1><p>One <b>two</b> three</p>\
             <ul><li>a</li><li><b>b</b> c</li></ul><p><b>Power</b></p>\
             <table><tr><th></th><th>Right</th></tr><tr><th>Hip</th><td>5 &amp; up</td></tr></table>\
             <table><tr><th>Name</th><td>N &lt;O&gt;</td></tr></table><p>alone</p></div>"
        );
        assert_eq!(blocks(parts).len(), 7);
    }

    #[test]
    fn broken_markup_is_read_as_far_as_it_goes() {
        for html in ["", "<", "</p></p>", "<p><b>a", "<ul><li>x", "<table><tr><td>y", "\u{0}<p>z"] {
            let parts = parts(html);
            assert!(xhtml(&parts).ends_with("</div>"), "{html}");
        }
        assert!(!xhtml(&parts(&"<div>".repeat(5_000))).is_empty());
    }
}
