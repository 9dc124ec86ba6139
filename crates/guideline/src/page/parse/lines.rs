//! Lines `key: phrase, phrase` and deadlines.

use super::super::lexer::{Token, Words};
use super::super::{Clock, Line, Saying, TIME_UNITS, Word};
use super::{Reader, Row, whole_number};
use crate::diagnostic::Diagnostic;

impl<'a> Reader<'a> {
    pub(super) fn lines(&mut self, body: &[Row<'a>]) -> Vec<Line> {
        let mut found = Vec::new();
        for row in body {
            let Some((level, text, offset)) = self.bullet(*row) else {
                continue;
            };
            self.only_top(level, *row);
            let Some((key, rest)) = text.split_once(':') else {
                let fault = Diagnostic::error(
                    "syntax",
                    self.file,
                    row.span(),
                    "this line has no `key: value`",
                );
                self.faults.push(fault.help("as in `- tier: emergency`"));
                continue;
            };
            let word = Word { text: key.trim().to_string(), span: offset..offset + key.len() };
            let mut words = Words::new(self.file, rest, offset + key.len() + 1, &mut self.faults);
            let saying = if word.text == "within" {
                self.within(&mut words)
            } else {
                self.phrases(&mut words)
            };
            self.end_of(&words);
            found.extend(saying.map(|saying| Line { key: word, saying }));
        }
        found
    }

    pub(super) fn phrases(&mut self, words: &mut Words<'a>) -> Option<Saying> {
        let mut phrases = Vec::new();
        loop {
            match words.word() {
                Some(word) => phrases.push(word),
                None => {
                    self.faults.push(words.expected("a phrase of the vocabulary"));
                    return None;
                }
            }
            if !words.eat(&Token::Comma) {
                return Some(Saying::Phrases(phrases));
            }
        }
    }

    pub(super) fn within(&mut self, words: &mut Words<'a>) -> Option<Saying> {
        let count = words.word().filter(|word| whole_number(&word.text).is_some());
        let unit =
            words.word().filter(|word| TIME_UNITS.iter().any(|(unit, _)| *unit == word.text));
        let clocks = [Clock::Request, Clock::Suspicion, Clock::Arrival, Clock::Discharge];
        let clock = if words.eat_words(&["of"]) {
            clocks.into_iter().find(|clock| {
                let spoken: Vec<&str> = clock.words().split(' ').collect();
                words.eat_words(&spoken)
            })
        } else {
            None
        };
        match (count, unit, clock) {
            (Some(count), Some(unit), Some(clock)) => Some(Saying::Within { count, unit, clock }),
            _ => {
                let fault =
                    Diagnostic::error("syntax", self.file, words.whole(), "this is not a deadline");
                self.faults.push(
                    fault.help(
                        "write `4 hours of the request`, `of suspicion`, `of arrival` or `of discharge`",
                    ),
                );
                None
            }
        }
    }
}
