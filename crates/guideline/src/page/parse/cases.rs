//! Cases: patients in a line.

use super::super::lexer::{Token, Words};
use super::super::{AllElse, Case, Expect, Given, Setting, TIME_UNITS, Word};
use super::{Reader, whole_number};
use crate::facts::Role;

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

    /// `` `fact` value [by role] [number unit ago] ``
    pub(super) fn setting(&mut self, words: &mut Words<'a>) -> Option<Setting> {
        let fact = words.code()?;
        let given = self.given(words)?;
        let by = if words.eat_words(&["by"]) { Some(self.role(words)?) } else { None };
        let ago = if is_count(words.peek()) { Some(self.ago(words)?) } else { None };
        Some(Setting { fact, given, by, ago })
    }

    fn given(&mut self, words: &mut Words<'a>) -> Option<Given> {
        let start = words.here().start;
        let unknown = [("not", "asked"), ("not", "known")]
            .into_iter()
            .find(|(one, two)| words.eat_words(&[one, two]));
        if let Some((one, two)) = unknown {
            let text = format!("{one} {two}");
            let span = start..start + text.len();
            return Some(Given::Unknown(Word { text, span }));
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
        if word.text.starts_with(|sign: char| sign.is_ascii_digit()) {
            // `4 by nurse` and `4 2 hours ago` are numbers without a unit.
            let bare = words.peek() == Some(&Token::Word("by".into())) || is_count(words.peek());
            let unit = if bare { None } else { words.word() };
            return Some(Given::Number { comparison, number: word, unit });
        }
        if comparison.is_some() {
            self.faults.push(words.expected("a number after the sign"));
            return None;
        }
        Some(match word.text.as_str() {
            "declined" | "unable" => Given::Unknown(word),
            _ => Given::Value(word),
        })
    }

    fn role(&mut self, words: &mut Words<'a>) -> Option<Word> {
        let known = |token: &Token| matches!(token, Token::Word(id) if Role::of_id(id).is_some());
        if !words.peek().is_some_and(known) {
            let roles = Role::ALL.map(Role::id).join(", ");
            self.faults.push(words.expected(&format!("one of {roles}")));
            return None;
        }
        words.word()
    }

    fn ago(&mut self, words: &mut Words<'a>) -> Option<(Word, Word)> {
        let count = words.word()?;
        let known = |token: &Token| matches!(token, Token::Word(word) if TIME_UNITS.iter().any(|(unit, _)| unit == word));
        if !words.peek().is_some_and(known) {
            self.faults.push(words.expected("minutes, hours, days or weeks"));
            return None;
        }
        let unit = words.word()?;
        if !words.eat_words(&["ago"]) {
            self.faults.push(words.expected("`ago`"));
            return None;
        }
        Some((count, unit))
    }
}

fn is_count(token: Option<&Token>) -> bool {
    matches!(token, Some(Token::Word(word)) if whole_number(word).is_some())
}
