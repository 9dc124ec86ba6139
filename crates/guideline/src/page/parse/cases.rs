//! Cases: patients in a line.

use super::super::lexer::{Token, Words};
use super::super::{AllElse, Case, Expect, Given, Setting, Word};
use super::Reader;

impl<'a> Reader<'a> {
    pub(super) fn case(&mut self, words: &mut Words<'a>) -> Option<Case> {
        let span = words.whole();
        let expect = if words.eat_words(&["fires"]) {
            Expect::Fires
        } else if words.eat_words(&["does", "not", "fire"]) {
            Expect::DoesNotFire
        } else if words.eat_words(&["cannot", "tell"]) {
            Expect::CannotTell
        } else {
            self.faults.push(words.expected("`fires`, `does not fire` or `cannot tell`"));
            return None;
        };
        if !words.eat(&Token::Colon) {
            self.faults.push(words.expected("`:`"));
            return None;
        }
        let mut case = self.case_body(words, expect);
        case.span = span;
        self.end_of(words);
        Some(case)
    }

    pub(super) fn case_body(&mut self, words: &mut Words<'a>, expect: Expect) -> Case {
        let mut case = Case {
            expect,
            settings: Vec::new(),
            all_else: AllElse::Unknown,
            asks: Vec::new(),
            span: words.whole(),
        };
        while matches!(words.peek(), Some(Token::Code(_))) {
            match self.setting(words) {
                Some(setting) => case.settings.push(setting),
                None => return case,
            }
            if !words.eat(&Token::Comma) {
                break;
            }
        }
        if !case.settings.is_empty() && !words.eat(&Token::Semicolon) {
            self.faults.push(
                words.expected(
                    "`, ` and another fact, or `; all else clear` or `; all else unknown`",
                ),
            );
            return case;
        }
        if words.eat_words(&["all", "else", "clear"]) {
            case.all_else = AllElse::Clear;
        } else if !words.eat_words(&["all", "else", "unknown"]) {
            self.faults.push(words.expected("`all else clear` or `all else unknown`"));
            return case;
        }
        if words.eat(&Token::Arrow) {
            if !words.eat_words(&["asks", "for"]) {
                self.faults.push(words.expected("`asks for`"));
                return case;
            }
            while let Some(id) = words.code() {
                case.asks.push(id);
                if !words.eat(&Token::Comma) {
                    break;
                }
            }
            if case.asks.is_empty() {
                self.faults.push(words.expected("a fact between backticks"));
            }
        }
        case
    }

    pub(super) fn setting(&mut self, words: &mut Words<'a>) -> Option<Setting> {
        let fact = words.code()?;
        let start = words.here().start;
        let unknown = [("not", "asked"), ("not", "known")]
            .into_iter()
            .find(|(one, two)| words.eat_words(&[one, two]));
        if let Some((one, two)) = unknown {
            let text = format!("{one} {two}");
            let span = start..start + text.len();
            return Some(Setting { fact, given: Given::Unknown(Word { text, span }) });
        }
        let comparison = match words.peek() {
            Some(Token::Sign(comparison)) => Some(*comparison),
            _ => None,
        };
        if comparison.is_some() {
            words.take();
        }
        let Some(word) = words.word() else {
            self.faults.push(words.expected("a value"));
            return None;
        };
        let given = if word.text.starts_with(|sign: char| sign.is_ascii_digit()) {
            Given::Number { comparison, number: word, unit: words.word() }
        } else if comparison.is_some() {
            self.faults.push(words.expected("a number after the sign"));
            return None;
        } else if matches!(word.text.as_str(), "declined" | "unable") {
            Given::Unknown(word)
        } else {
            Given::Value(word)
        };
        Some(Setting { fact, given })
    }
}
