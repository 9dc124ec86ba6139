//! Words of one line of a rule, each with its place in the page.
//!
//! It reads the page's own bytes, not a Markdown library's text events: those
//! split at `<`, decode entities and join lines, and a rule would change
//! without anybody seeing it.

use super::{Span, Word};
use crate::diagnostic::Diagnostic;

/// One word or mark of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// `` `id` ``
    Code(String),
    /// Anything else up to a blank or a mark.
    Word(String),
    /// `≥ > ≤ <`, also written `>=` and `<=`.
    Sign(super::Comparison),
    Comma,
    Semicolon,
    Colon,
    Arrow,
    Open,
    Close,
}

/// Reads the words of a line; faults go to `faults`.
pub(super) struct Words<'a> {
    file: &'a str,
    line: &'a str,
    offset: usize,
    tokens: Vec<(Token, Span)>,
    next: usize,
}

impl<'a> Words<'a> {
    /// Splits `line`, which starts at `offset` of the page.
    pub(super) fn new(
        file: &'a str,
        line: &'a str,
        offset: usize,
        faults: &mut Vec<Diagnostic>,
    ) -> Words<'a> {
        let tokens = split(file, line, offset, faults);
        Words { file, line, offset, tokens, next: 0 }
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(token, _)| token)
    }

    pub(super) fn take(&mut self) -> Option<(Token, Span)> {
        let token = self.tokens.get(self.next).cloned();
        self.next += usize::from(token.is_some());
        token
    }

    /// Takes the next token if it is `token`.
    pub(super) fn eat(&mut self, token: &Token) -> bool {
        let same = self.peek() == Some(token);
        self.next += usize::from(same);
        same
    }

    /// Takes the next words if they are these, in this order.
    pub(super) fn eat_words(&mut self, words: &[&str]) -> bool {
        let here = &self.tokens[self.next.min(self.tokens.len())..];
        let same = here.len() >= words.len()
            && here
                .iter()
                .zip(words)
                .all(|((token, _), word)| matches!(token, Token::Word(text) if text == word));
        if same {
            self.next += words.len();
        }
        same
    }

    pub(super) fn word(&mut self) -> Option<Word> {
        match self.peek() {
            Some(Token::Word(_)) => match self.take() {
                Some((Token::Word(text), span)) => Some(Word { text, span }),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn code(&mut self) -> Option<Word> {
        match self.peek() {
            Some(Token::Code(_)) => match self.take() {
                Some((Token::Code(text), span)) => Some(Word { text, span }),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn at_end(&self) -> bool {
        self.next >= self.tokens.len()
    }

    /// Where the next word stands, or the end of the line.
    pub(super) fn here(&self) -> Span {
        let end = self.offset + self.line.trim_end().len();
        self.tokens.get(self.next).map_or(end..end, |(_, span)| span.clone())
    }

    /// The whole line.
    pub(super) fn whole(&self) -> Span {
        self.offset..self.offset + self.line.trim_end().len()
    }

    /// A fault at the next word: what was expected there.
    pub(super) fn expected(&self, what: &str) -> Diagnostic {
        let found = self.tokens.get(self.next).map_or_else(
            || "the line ends".to_string(),
            |(_, span)| {
                format!("found `{}`", &self.line[span.start - self.offset..span.end - self.offset])
            },
        );
        let fault = Diagnostic::error(
            "syntax",
            self.file,
            self.here(),
            format!("expected {what}, {found}"),
        );
        match self.peek() {
            Some(Token::Comma) if self.after_digit() => {
                fault.help("decimals are written with a point: `37.5`")
            }
            Some(Token::Word(word)) if word == "not" => {
                fault.help("there is no `not`: name the value, as in `is absent or longstanding`")
            }
            _ => fault,
        }
    }

    fn after_digit(&self) -> bool {
        let at = self.here().start - self.offset;
        self.line[..at].ends_with(|sign: char| sign.is_ascii_digit())
    }
}

/// Characters that look like one of the language's own, and what to write.
const LOOK_ALIKES: &[(char, &str)] = &[
    ('\u{a0}', "a no-break space; type an ordinary one"),
    ('\u{202f}', "a narrow no-break space; type an ordinary one"),
    ('\u{2009}', "a thin space; type an ordinary one"),
    ('\u{200b}', "a zero-width space; delete it"),
    ('\u{feff}', "a byte order mark; delete it"),
    ('\t', "a tab; type spaces"),
    ('⩾', "another sign; write `≥`"),
    ('⩽', "another sign; write `≤`"),
    ('＞', "a full-width sign; write `>`"),
    ('＜', "a full-width sign; write `<`"),
    ('–', "an en dash; write `-`"),
    ('—', "an em dash; write `-`"),
    ('−', "a minus sign; write `-`"),
    ('‘', "a curly quote; ids stand between backticks"),
    ('’', "a curly quote; ids stand between backticks"),
    ('´', "an accent; ids stand between backticks"),
    ('′', "a prime; ids stand between backticks"),
];

fn split(
    file: &str,
    line: &str,
    offset: usize,
    faults: &mut Vec<Diagnostic>,
) -> Vec<(Token, Span)> {
    let mut tokens = Vec::new();
    let mut rest = line;
    while let Some(sign) = rest.chars().next() {
        let start = offset + (line.len() - rest.len());
        let mark = |token: Token, width: usize| (token, start..start + width);
        if sign == ' ' {
            rest = &rest[1..];
            continue;
        }
        if let Some((_, help)) = LOOK_ALIKES.iter().find(|(wrong, _)| *wrong == sign) {
            let span = start..start + sign.len_utf8();
            faults.push(
                Diagnostic::error(
                    "odd-character",
                    file,
                    span,
                    "this character is not part of the language",
                )
                .help(format!("it is {help}")),
            );
            rest = &rest[sign.len_utf8()..];
            continue;
        }
        let (token, width) = match sign {
            '`' => code_span(file, rest, start, faults),
            ',' => (Token::Comma, 1),
            ';' => (Token::Semicolon, 1),
            ':' => (Token::Colon, 1),
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '→' => (Token::Arrow, sign.len_utf8()),
            '-' if rest.starts_with("->") => (Token::Arrow, 2),
            '≥' => (Token::Sign(super::Comparison::AtLeast), sign.len_utf8()),
            '≤' => (Token::Sign(super::Comparison::AtMost), sign.len_utf8()),
            '>' if rest.starts_with(">=") => (Token::Sign(super::Comparison::AtLeast), 2),
            '<' if rest.starts_with("<=") => (Token::Sign(super::Comparison::AtMost), 2),
            '>' => (Token::Sign(super::Comparison::Above), 1),
            '<' => (Token::Sign(super::Comparison::Below), 1),
            _ => {
                let width = word_width(rest);
                (Token::Word(rest[..width].to_string()), width)
            }
        };
        tokens.push(mark(token, width));
        rest = &rest[width..];
    }
    tokens
}

fn code_span(file: &str, rest: &str, start: usize, faults: &mut Vec<Diagnostic>) -> (Token, usize) {
    match rest[1..].find('`') {
        Some(length) => (Token::Code(rest[1..1 + length].to_string()), length + 2),
        None => {
            faults.push(
                Diagnostic::error(
                    "syntax",
                    file,
                    start..start + rest.trim_end().len(),
                    "this id is never closed",
                )
                .help("ids stand between two backticks: `saddle_numbness`"),
            );
            (Token::Code(rest[1..].to_string()), rest.len())
        }
    }
}

/// Length of the word at the start of `rest`; always at least one character.
fn word_width(rest: &str) -> usize {
    let stops = |sign: char| {
        matches!(sign, ' ' | '`' | ',' | ';' | ':' | '(' | ')' | '→' | '≥' | '≤' | '>' | '<')
            || LOOK_ALIKES.iter().any(|(wrong, _)| *wrong == sign)
    };
    let first = rest.chars().next().map_or(1, char::len_utf8);
    rest[first..].find(stops).map_or(rest.len(), |at| at + first)
}
