//! Whether a page may be had in a language: every text that could do harm was checked, and by
//! somebody who read it beside the English that stands there today.

use cauda_guideline::Guideline;

use crate::language::Language;
use crate::page::Page;
use crate::phrases::needed;
use crate::words::{Entry, Words};

/// How far a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Written, and read by nobody else.
    Draft,
    /// By a translator; checked by nobody.
    Translated,
    /// Read against the English by somebody with a name.
    Reviewed,
    /// The English is another one since.
    Outdated,
}

/// Why a text does not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// There is none.
    Absent,
    /// The English is another one since.
    Outdated,
    /// Nobody checked it, and it could do harm.
    Unreviewed,
}

/// A text that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its id.
    pub id: String,
    /// Why.
    pub lack: Lack,
}

/// A language that a page can be had in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offered {
    /// Which.
    pub language: Language,
    /// Somebody checked it; only a demonstration shows what nobody has.
    pub is_checked: bool,
}

/// How many texts of a page are how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Written or translated, and checked by nobody.
    pub draft: usize,
    /// Checked.
    pub reviewed: usize,
    /// Of another English.
    pub outdated: usize,
    /// Not there.
    pub missing: usize,
}

impl Words {
    /// Whether a page may be had in a language.
    ///
    /// # Errors
    /// Every text that stands in the way. English has none: it is the guideline's own language.
    pub fn offered(
        &self,
        guideline: &Guideline,
        language: Language,
        page: Page,
    ) -> Result<(), Vec<Missing>> {
        if language == Language::English {
            return Ok(());
        }
        let lacking = self.texts(guideline, language, page).into_iter().filter_map(|entry| {
            let lack = match entry.state {
                None => Lack::Absent,
                Some(State::Outdated) => Lack::Outdated,
                Some(State::Draft | State::Translated) if entry.safety => Lack::Unreviewed,
                Some(_) => return None,
            };
            Some(Missing { id: entry.id, lack })
        });
        let lacking: Vec<Missing> = lacking.collect();
        if lacking.is_empty() { Ok(()) } else { Err(lacking) }
    }

    /// The languages of a page, English first. A demonstration also shows what nobody checked, and
    /// never what is outdated or not there.
    pub fn languages(&self, guideline: &Guideline, page: Page, demo: bool) -> Vec<Offered> {
        let all = Language::ALL.iter().filter_map(|language| {
            let is_checked = match self.offered(guideline, *language, page) {
                Ok(()) => true,
                Err(lacking) => {
                    let is_draft = lacking.iter().all(|one| one.lack == Lack::Unreviewed);
                    if !demo || !is_draft {
                        return None;
                    }
                    false
                }
            };
            Some(Offered { language: *language, is_checked })
        });
        all.collect()
    }

    /// Every text of a page in a language, with how far it is.
    pub fn texts(&self, guideline: &Guideline, language: Language, page: Page) -> Vec<Entry> {
        let mut all = Vec::new();
        for file in page.files() {
            all.extend(self.of_file(language, file));
        }
        for list in page.lists() {
            let phrases = needed(guideline, list);
            all.extend(phrases.iter().map(|phrase| self.of_phrase(language, phrase)));
        }
        all
    }

    /// How many of them are how far.
    pub fn count(&self, guideline: &Guideline, language: Language, page: Page) -> Count {
        let mut count = Count::default();
        for entry in self.texts(guideline, language, page) {
            match entry.state {
                None => count.missing += 1,
                Some(State::Outdated) => count.outdated += 1,
                Some(State::Reviewed) => count.reviewed += 1,
                Some(State::Draft | State::Translated) => count.draft += 1,
            }
        }
        count
    }
}
