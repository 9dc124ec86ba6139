//! Rules: nested lists of tests.

use super::super::lexer::{Token, Words};
use super::super::{Group, Item, Need, Test, TestKind, Word};
use super::{DEPTH_MAX, Reader, Row, whole_number};
use crate::diagnostic::Diagnostic;

impl<'a> Reader<'a> {
    /// The list of a rule section with the need of its heading.
    pub(super) fn rule(&mut self, heading: Row<'a>, name: &str, body: &[Row<'a>]) -> Option<Group> {
        let start = "## ".len() + name.len();
        let mut words =
            Words::new(self.file, &heading.text[start..], heading.offset + start, &mut self.faults);
        let span = words.here();
        let need = self.need(&mut words);
        self.end_of(&words);
        let (items, used) = self.items(body, 0);
        if let Some(row) = body.get(used) {
            let fault = Diagnostic::error(
                "bad-indent",
                self.file,
                row.span(),
                "this line belongs to no list",
            );
            self.faults.push(fault.help("begin with `- `, two spaces for each level"));
        }
        Some(Group { need: need?, items, span })
    }

    /// Items of one level and how many rows they took.
    pub(super) fn items(&mut self, body: &[Row<'a>], level: usize) -> (Vec<Item>, usize) {
        let mut items = Vec::new();
        let mut at = 0;
        while let Some(row) = body.get(at) {
            let Some((row_level, text, offset)) = self.bullet(*row) else {
                at += 1;
                continue;
            };
            if row_level < level {
                break;
            }
            if row_level > level {
                let fault = Diagnostic::error(
                    "bad-indent",
                    self.file,
                    row.span(),
                    "this item is indented under nothing",
                );
                self.faults.push(
                    fault.help("only `all of`, `any of` and `at least N of` have items under them"),
                );
                at += 1;
                continue;
            }
            let mut words = Words::new(self.file, text, offset, &mut self.faults);
            at += 1;
            if matches!(words.peek(), Some(Token::Code(_))) {
                items.extend(self.test(&mut words).map(Item::Test));
                continue;
            }
            let span = words.whole();
            let need = self.need(&mut words);
            self.end_of(&words);
            if level + 1 >= DEPTH_MAX {
                let fault =
                    Diagnostic::error("too-deep", self.file, span, "lists are nested too deep");
                self.faults.push(fault.help("move a part into a definition page"));
                break;
            }
            let (children, used) = self.items(&body[at..], level + 1);
            at += used;
            if children.len() < 2 {
                let fault = Diagnostic::error(
                    "short-group",
                    self.file,
                    span.clone(),
                    "a nested list needs two items or more",
                );
                self.faults.push(
                    fault.help("indent its items by two more spaces, or write the test itself"),
                );
            }
            if let Some(need) = need {
                items.push(Item::Group(Group { need, items: children, span }));
            }
        }
        (items, at)
    }

    pub(super) fn need(&mut self, words: &mut Words<'a>) -> Option<Need> {
        if words.eat_words(&["all", "of"]) {
            return Some(Need::All);
        }
        if words.eat_words(&["any", "of"]) {
            return Some(Need::Any);
        }
        if words.eat_words(&["at", "least"]) {
            let count = words.word().and_then(|word| whole_number(&word.text));
            if let (Some(count), true) = (count, words.eat_words(&["of"])) {
                return Some(Need::AtLeast(count));
            }
        }
        self.faults.push(words.expected("`all of`, `any of` or `at least 2 of`"));
        None
    }

    pub(super) fn test(&mut self, words: &mut Words<'a>) -> Option<Test> {
        let span = words.whole();
        let Some(subject) = words.code() else {
            self.faults.push(words.expected("a fact between backticks"));
            return None;
        };
        let kind = match words.peek().cloned() {
            Some(Token::Sign(comparison)) => {
                words.take();
                let Some(number) = words.word() else {
                    self.faults.push(words.expected("a number"));
                    return None;
                };
                TestKind::Compares { comparison, number, unit: words.word() }
            }
            _ if words.eat_words(&["is"]) => {
                let mut values = vec![self.value(words)?];
                while words.eat_words(&["or"]) {
                    values.push(self.value(words)?);
                }
                // `concerns` and `gate` are the engine's own facts, which can be excluded too.
                let about_page =
                    values.len() == 1 && !matches!(subject.text.as_str(), "concerns" | "gate");
                match values[0].text.as_str() {
                    "suspected" if about_page => TestKind::Suspected,
                    "excluded" if about_page => TestKind::Excluded,
                    _ => TestKind::Is(values),
                }
            }
            _ => {
                self.faults.push(words.expected("`is` or one of `≥ > ≤ <`"));
                return None;
            }
        };
        let notes = self.notes(words)?;
        self.end_of(words);
        Some(Test { subject, kind, notes, span })
    }

    pub(super) fn value(&mut self, words: &mut Words<'a>) -> Option<Word> {
        let value =
            if words.peek() == Some(&Token::Word("not".to_string())) { None } else { words.word() };
        if value.is_none() {
            self.faults.push(words.expected("a value"));
        }
        value
    }

    pub(super) fn notes(&mut self, words: &mut Words<'a>) -> Option<Vec<Word>> {
        let mut notes = Vec::new();
        if !words.eat(&Token::Open) {
            return Some(notes);
        }
        loop {
            let start = words.here().start;
            if words.eat_words(&["local", "policy"]) {
                notes.push(Word {
                    text: "local policy".to_string(),
                    span: start..start + "local policy".len(),
                });
            } else if let Some(id) = words.word() {
                notes.push(id);
            } else {
                self.faults.push(words.expected("a source or `local policy`"));
                return None;
            }
            if words.eat(&Token::Comma) {
                continue;
            }
            if words.eat(&Token::Close) {
                return Some(notes);
            }
            self.faults.push(words.expected("`)`"));
            return None;
        }
    }
}
