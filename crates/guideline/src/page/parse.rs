//! Reads a page. It accepts small slips of layout (another bullet, `>=`,
//! blanks at a line's end) so that `cauda fmt` can mend them; `cauda check`
//! then compares the bytes with the canonical form.

mod cases;
mod lines;
mod rules;

use super::lexer::Words;
use super::{Case, Expect, Page, Span, Test, Word};
use crate::diagnostic::Diagnostic;

/// Largest page in bytes.
pub const PAGE_BYTES_MAX: usize = 64 * 1024;
/// Deepest nesting of lists.
pub const DEPTH_MAX: usize = 6;

/// The sections in their only order.
const SECTIONS: [&str; 8] = [
    "When",
    "Needed when",
    "Excluded when",
    "If it cannot be known",
    "Then",
    "After the scan",
    "Never cleared by",
    "Cases",
];

/// One line of the page with its place.
#[derive(Clone, Copy)]
struct Row<'a> {
    text: &'a str,
    offset: usize,
}

impl Row<'_> {
    fn span(self) -> Span {
        self.offset..self.offset + self.text.trim_end().len()
    }
}

/// Reads `source`; every fault found is in the second part, and a page with
/// faults must not be used.
pub fn parse(file: &str, source: &str) -> (Page, Vec<Diagnostic>) {
    let mut reader = Reader { file, faults: Vec::new() };
    let page = reader.page(source);
    (page, reader.faults)
}

/// Reads the part of a case after its expectation: `` `fact` value; all else clear ``.
pub fn parse_case(file: &str, source: &str, offset: usize) -> (Case, Vec<Diagnostic>) {
    let mut reader = Reader { file, faults: Vec::new() };
    let mut words = Words::new(file, source, offset, &mut reader.faults);
    let case = reader.case_body(&mut words, Expect::Fires);
    reader.end_of(&words);
    (case, reader.faults)
}

/// Reads one test as it stands in a rule: `` `fact` is value ``.
pub fn parse_test(file: &str, source: &str, offset: usize) -> (Option<Test>, Vec<Diagnostic>) {
    let mut reader = Reader { file, faults: Vec::new() };
    let mut words = Words::new(file, source, offset, &mut reader.faults);
    let test = reader.test(&mut words);
    (test, reader.faults)
}

struct Reader<'a> {
    file: &'a str,
    faults: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    fn page(&mut self, source: &'a str) -> Page {
        let mut page = empty_page();
        if source.len() > PAGE_BYTES_MAX {
            let message = format!("the page is larger than {PAGE_BYTES_MAX} bytes");
            self.faults.push(
                Diagnostic::error("too-large", self.file, 0..0, message)
                    .help("split it into several pages"),
            );
            return page;
        }
        let rows = rows(source);
        let first_section =
            rows.iter().position(|row| row.text.starts_with("## ")).unwrap_or(rows.len());
        self.head(&rows[..first_section], &mut page);
        let mut at = first_section;
        let mut last_section = None;
        while at < rows.len() {
            let heading = rows[at];
            let end = (at + 1..rows.len())
                .find(|next| rows[*next].text.starts_with("## "))
                .unwrap_or(rows.len());
            let body: Vec<Row> = rows[at + 1..end]
                .iter()
                .copied()
                .filter(|row| !row.text.trim().is_empty())
                .collect();
            self.section(heading, &body, &mut page, &mut last_section);
            at = end;
        }
        page
    }

    fn head(&mut self, rows: &[Row<'a>], page: &mut Page) {
        let mut rows = rows.iter().copied().filter(|row| !row.text.trim().is_empty());
        match rows.next() {
            Some(row) if row.text.starts_with("# ") => {
                page.title = row.text[2..].trim().to_string()
            }
            other => {
                let span = other.map_or(0..0, Row::span);
                let fault = Diagnostic::error(
                    "page-without-title",
                    self.file,
                    span,
                    "the page has no title",
                );
                self.faults.push(fault.help("begin with `# ` and the name of the concern"));
            }
        }
        if page.title.chars().any(|sign| matches!(sign, '`' | '*' | '_' | '<' | '[' | '&' | '\\')) {
            let fault = Diagnostic::error(
                "syntax",
                self.file,
                0..page.title.len() + 2,
                "marks in the title",
            );
            self.faults.push(fault.help("write the title in plain words"));
        }
        match rows.next() {
            Some(row) if row.text.starts_with("Sources:") => self.sources(row, page),
            other => {
                let span = other.map_or(0..0, Row::span);
                let fault =
                    Diagnostic::error("rule-without-source", self.file, span, "rule has no source");
                self.faults.push(fault.help("add a `Sources:` line under the title"));
            }
        }
        let mut why: Vec<&str> = Vec::new();
        for row in rows {
            let text = row.text.trim();
            if looks_like_markup(text) {
                let fault = Diagnostic::error(
                    "syntax",
                    self.file,
                    row.span(),
                    "only sentences may stand here",
                );
                self.faults
                    .push(fault.help("say why in plain sentences; rules stand under `## When`"));
            }
            why.push(text);
        }
        if why.is_empty() {
            let fault = Diagnostic::error(
                "rule-without-reason",
                self.file,
                0..0,
                "the page does not say why",
            );
            self.faults.push(fault.help("add a sentence under `Sources:`"));
        }
        page.why = why.join("\n");
    }

    fn sources(&mut self, row: Row<'a>, page: &mut Page) {
        let text = row.text.trim_end();
        let body = &text["Sources:".len()..];
        let (ids, review) = match body.split_once(". ") {
            Some((ids, review)) => (ids, Some(review)),
            None => (body.strip_suffix('.').unwrap_or(body), None),
        };
        let mut at = row.offset + "Sources:".len();
        for id in ids.split(',') {
            let start = at + (id.len() - id.trim_start().len());
            let text = id.trim();
            page.sources.push(Word { text: text.to_string(), span: start..start + text.len() });
            at += id.len() + 1;
        }
        let Some(review) = review else { return };
        let date = review.trim().strip_prefix("Reviewed ").and_then(|rest| rest.strip_suffix('.'));
        match date {
            Some(date) if is_date(date) => {
                let end = row.offset + text.len() - 1;
                page.reviewed = Some(Word { text: date.to_string(), span: end - date.len()..end });
            }
            _ => {
                let start = row.offset + text.len() - review.len();
                let fault = Diagnostic::error(
                    "syntax",
                    self.file,
                    start..row.offset + text.len(),
                    "this is not a review date",
                );
                self.faults.push(fault.help("write `Reviewed 2026-11-23.`"));
            }
        }
    }

    fn section(
        &mut self,
        heading: Row<'a>,
        body: &[Row<'a>],
        page: &mut Page,
        last: &mut Option<usize>,
    ) {
        let title = heading.text[3..].trim();
        let Some(index) = section_index(title) else {
            let known = SECTIONS.map(|name| format!("`## {name}`")).join(", ");
            let fault = Diagnostic::error(
                "unknown-section",
                self.file,
                heading.span(),
                "no section has this heading",
            );
            self.faults.push(fault.help(format!("the sections are {known}")));
            return;
        };
        if last.is_some_and(|last| index <= last) || (index == 1 && page.when.is_some()) {
            let fault = Diagnostic::error(
                "section-order",
                self.file,
                heading.span(),
                "this section stands out of order or twice",
            );
            self.faults.push(fault.help(format!("the order is {}", SECTIONS.join(", "))));
        }
        *last = Some(index);
        if body.is_empty() {
            let fault = Diagnostic::error(
                "empty-section",
                self.file,
                heading.span(),
                "this section is empty",
            );
            self.faults.push(fault.help("add a list, or delete the heading"));
        }
        match index {
            0 | 1 => {
                page.needed = index == 1;
                page.when = self.rule(heading, SECTIONS[index], body);
            }
            2 => page.excluded = self.rule(heading, SECTIONS[index], body),
            3 => page.stuck = self.lines(body),
            4 => page.then = self.lines(body),
            5 => page.results = self.lines(body),
            6 => page.never = self.flat(body, Reader::test),
            _ => page.cases = self.flat(body, Reader::case),
        }
    }

    /// Level, text and offset of a list item.
    fn bullet(&mut self, row: Row<'a>) -> Option<(usize, &'a str, usize)> {
        let text = row.text.trim_end();
        let blanks = text.len() - text.trim_start_matches(' ').len();
        let rest = &text[blanks..];
        let item = ["- ", "* ", "+ "].iter().find_map(|bullet| rest.strip_prefix(bullet));
        match item {
            Some(item) if blanks.is_multiple_of(2) => {
                let trimmed = item.trim_start_matches(' ');
                Some((blanks / 2, trimmed, row.offset + text.len() - trimmed.len()))
            }
            Some(_) => {
                let fault = Diagnostic::error(
                    "bad-indent",
                    self.file,
                    row.span(),
                    "an odd number of spaces before the dash",
                );
                self.faults.push(fault.help("each level is indented by two spaces"));
                None
            }
            None => {
                let fault = Diagnostic::error(
                    "prose-in-rule",
                    self.file,
                    row.span(),
                    "only a list may stand here",
                );
                self.faults.push(fault.help(
                    "begin the line with `- `; sentences belong above the first `##`, because the program would not read them",
                ));
                None
            }
        }
    }

    fn flat<T>(
        &mut self,
        body: &[Row<'a>],
        read: fn(&mut Self, &mut Words<'a>) -> Option<T>,
    ) -> Vec<T> {
        let mut found = Vec::new();
        for row in body {
            let Some((level, text, offset)) = self.bullet(*row) else {
                continue;
            };
            self.only_top(level, *row);
            let mut words = Words::new(self.file, text, offset, &mut self.faults);
            found.extend(read(self, &mut words));
        }
        found
    }

    fn only_top(&mut self, level: usize, row: Row<'a>) {
        if level > 0 {
            let fault =
                Diagnostic::error("bad-indent", self.file, row.span(), "this list has one level");
            self.faults.push(fault.help("remove the spaces before the dash"));
        }
    }

    fn end_of(&mut self, words: &Words<'a>) {
        if !words.at_end() {
            self.faults.push(words.expected("the end of the line"));
        }
    }
}

fn rows(source: &str) -> Vec<Row<'_>> {
    let mut offset = 0;
    source
        .split_inclusive('\n')
        .map(|line| {
            let row = Row { text: line.trim_end_matches(['\n', '\r']), offset };
            offset += line.len();
            row
        })
        .collect()
}

fn section_index(title: &str) -> Option<usize> {
    SECTIONS.iter().position(|name| match *name {
        "When" | "Needed when" | "Excluded when" => {
            title.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        }
        _ => title == *name,
    })
}

fn looks_like_markup(text: &str) -> bool {
    let numbered =
        text.split_once(['.', ')']).is_some_and(|(number, _)| whole_number(number).is_some());
    numbered
        || text.starts_with(['-', '*', '+', '#', '>', '|', '<', '`', '~', '=', '[', '\t'])
        || text.contains('\u{feff}')
}

fn whole_number(text: &str) -> Option<u32> {
    let plain =
        !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = plain && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

fn is_date(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok() && text.len() == 10
}

fn empty_page() -> Page {
    Page {
        title: String::new(),
        sources: Vec::new(),
        reviewed: None,
        why: String::new(),
        when: None,
        needed: false,
        excluded: None,
        stuck: Vec::new(),
        then: Vec::new(),
        results: Vec::new(),
        never: Vec::new(),
        cases: Vec::new(),
    }
}
