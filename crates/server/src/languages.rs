//! The languages of a department: which page may be had in which, decided once at the start, and
//! which one a patient reads.

use std::collections::BTreeMap;

use cauda_guideline::Guideline;
use cauda_words::{Language, Offered, Page, Says, Words};

use crate::config::Config;

/// Words, and where each language is offered.
pub struct Languages {
    words: Words,
    offered: BTreeMap<Page, Vec<Offered>>,
}

/// The language of one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// Which page it belongs to.
    pub page: Page,
    /// Its language.
    pub language: Language,
    /// What forms and links keep a choice by: nothing, or `?lang=es`.
    pub query: String,
}

impl Languages {
    /// By what the department has signed. A demonstration also shows what nobody has checked, but
    /// for messages: these leave the house.
    pub fn new(config: &Config, guideline: &Guideline) -> Languages {
        let words = Words::shipped().signed(config.signatures.clone());
        let offered = Page::ALL.iter().map(|page| {
            let demo = config.demo && *page != Page::Message;
            (*page, words.languages(guideline, *page, demo))
        });
        Languages { offered: offered.collect(), words }
    }

    /// All words.
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// The languages of a page, English first.
    pub fn of(&self, page: Page) -> &[Offered] {
        self.offered.get(&page).map_or(&[], Vec::as_slice)
    }

    /// Whether somebody has checked a page in that language.
    pub fn is_checked(&self, page: Page, language: Language) -> bool {
        self.of(page).iter().any(|one| one.language == language && one.is_checked)
    }

    /// The language that was asked for, `es`, if the page is offered in it.
    pub fn asked(&self, page: Page, code: Option<&str>) -> Option<Language> {
        let language = Language::of_code(code?)?;
        self.of(page).iter().any(|one| one.language == language).then_some(language)
    }

    /// What a patient reads: what was chosen, else what the browser says, else English.
    pub fn spoken(&self, page: Page, query: Option<&str>, header: Option<&str>) -> Spoken {
        let fields = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let code = fields.take(FIELDS_MAX).find(|(name, _)| name == "lang").map(|(_, code)| code);
        let chosen = self.asked(page, code.as_deref());
        let known: Vec<Language> = self.of(page).iter().map(|one| one.language).collect();
        let wanted = || Language::wanted(header?, &known);
        let language = chosen.or_else(wanted).unwrap_or(Language::English);
        // What the browser says it says again; only a choice has to be kept.
        let query = chosen.map(|language| format!("?lang={}", language.code()));
        let query = query.unwrap_or_default();
        Spoken { page, language, query }
    }

    /// What a page speaks with.
    pub fn says<'a>(&'a self, guideline: &'a Guideline, language: Language) -> Says<'a> {
        Says::new(&self.words, guideline, language)
    }
}

/// Most fields of an address that are looked at.
const FIELDS_MAX: usize = 20;
