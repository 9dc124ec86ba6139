//! Words and a guideline in one language: what a page speaks with.

use std::borrow::Cow;

use cauda_guideline::Guideline;

use crate::language::Language;
use crate::words::Words;

/// What a page speaks with.
#[derive(Clone, Copy)]
pub struct Says<'a> {
    words: &'a Words,
    guideline: &'a Guideline,
    language: Language,
}

/// A phrase of the guideline for a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// What it says.
    pub text: &'a str,
    /// The language it is in, if that is not the page's.
    pub foreign: Option<Language>,
}

impl<'a> Says<'a> {
    /// In a language.
    pub fn new(words: &'a Words, guideline: &'a Guideline, language: Language) -> Says<'a> {
        Says { words, guideline, language }
    }

    /// In English, with the words that ship.
    pub fn english(guideline: &'a Guideline) -> Says<'a> {
        Says::new(Words::shipped(), guideline, Language::English)
    }

    /// The same in English.
    pub fn in_english(&self) -> Says<'a> {
        Says { language: Language::English, ..*self }
    }

    /// Whether it is English.
    pub fn is_english(&self) -> bool {
        self.language == Language::English
    }

    /// Its language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Its guideline.
    pub fn guideline(&self) -> &'a Guideline {
        self.guideline
    }

    /// A message without variables.
    pub fn say(&self, id: &str) -> Cow<'a, str> {
        self.words.say(self.language, id, &[])
    }

    /// A message with one variable.
    pub fn with(&self, id: &str, name: &str, value: &str) -> Cow<'a, str> {
        self.words.say(self.language, id, &[(name, value)])
    }

    /// A message that names the emergency number, as its sentence needs it.
    pub fn calling(&self, id: &str, number: Option<&str>) -> Cow<'a, str> {
        self.with(id, "number", &self.number(number))
    }

    /// The emergency number in a sentence.
    pub fn number(&self, number: Option<&str>) -> Cow<'a, str> {
        match number {
            Some(number) => self.with("number-known", "number", number),
            None => self.say("number-unknown"),
        }
    }

    /// A phrase of the guideline; nothing if it has no such phrase.
    pub fn phrase(&self, list: &str, id: &str) -> Option<Line<'a>> {
        let (language, text) = self.words.phrase(self.language, self.guideline, list, id)?;
        Some(Line { text, foreign: (language != self.language).then_some(language) })
    }

    /// When to come back, in the guideline's order.
    pub fn return_list(&self) -> Vec<Line<'a>> {
        let ids = self.guideline.vocabulary.ids("return");
        ids.filter_map(|id| self.phrase("return", id)).collect()
    }

    /// A day `2026-11-26` as people write it, with the month in letters.
    pub fn day(&self, iso: &str) -> String {
        let mut parts = iso.get(..10).unwrap_or(iso).split('-');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(year), Some(month), Some(day)) => {
                format!("{day}-{}-{year}", self.say(&format!("month-{month}")))
            }
            _ => iso.to_string(),
        }
    }
}
