//! All words that ship, with what a department has signed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use fluent_bundle::FluentArgs;
use fluent_bundle::FluentResource;
use fluent_bundle::concurrent::FluentBundle;
use unic_langid::LanguageIdentifier;

use crate::error::WordsError;
use crate::language::Language;
use crate::offer::State;
use crate::phrases::{Needed, english, key};
use crate::signatures::Signatures;
use crate::source::{Message, Source, english_hash};
use cauda_guideline::Guideline;

/// Every file that ships: language, name, text.
const FILES: &[(Language, &str, &str)] = &[
    (Language::English, "shared", include_str!("../assets/en/shared.ftl")),
    (Language::English, "waiting", include_str!("../assets/en/waiting.ftl")),
    (Language::English, "home", include_str!("../assets/en/home.ftl")),
    (Language::English, "sheet", include_str!("../assets/en/sheet.ftl")),
    (Language::English, "message", include_str!("../assets/en/message.ftl")),
    (Language::Spanish, "shared", include_str!("../assets/es/shared.ftl")),
    (Language::Spanish, "waiting", include_str!("../assets/es/waiting.ftl")),
    (Language::Spanish, "home", include_str!("../assets/es/home.ftl")),
    (Language::Spanish, "sheet", include_str!("../assets/es/sheet.ftl")),
    (Language::Spanish, "message", include_str!("../assets/es/message.ftl")),
    (Language::Spanish, GUIDELINE, include_str!("../assets/es/guideline.ftl")),
];
/// The file of the guideline's phrases.
const GUIDELINE: &str = "guideline";

/// One text of a language beside its English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id, `call-now` or `return--numb_between_the_legs`.
    pub id: String,
    /// What it says in English.
    pub english: String,
    /// What it says; empty if there is none.
    pub text: String,
    /// How far it is; nothing if there is none.
    pub state: Option<State>,
    /// Whether it could do harm, if it were wrong.
    pub safety: bool,
    /// Who checked it, and when.
    pub reviewed: Option<(String, String)>,
}

/// One language.
struct Shelf {
    language: Language,
    bundle: FluentBundle<FluentResource>,
    /// By file.
    files: BTreeMap<String, BTreeMap<String, Message>>,
}

impl Shelf {
    fn get(&self, id: &str) -> Option<&Message> {
        self.files.iter().filter(|(file, _)| *file != GUIDELINE).find_map(|(_, all)| all.get(id))
    }

    fn phrase(&self, id: &str) -> Option<&Message> {
        self.files.get(GUIDELINE)?.get(id)
    }

    fn say<'a>(&'a self, id: &str, args: &[(&str, &str)]) -> Option<Cow<'a, str>> {
        let pattern = self.bundle.get_message(id)?.value()?;
        let mut given = FluentArgs::new();
        for (name, value) in args {
            given.set(name.to_string(), value.to_string());
        }
        let mut faults = Vec::new();
        Some(self.bundle.format_pattern(pattern, Some(&given), &mut faults))
    }
}

/// All words, and the signatures of a department.
#[derive(Clone)]
pub struct Words {
    shelves: Arc<Vec<Shelf>>,
    signatures: Signatures,
}

impl Words {
    /// The words that ship, signed by nobody. A test reads them, so that they can be read here.
    pub fn shipped() -> &'static Words {
        static SHIPPED: OnceLock<Words> = OnceLock::new();
        SHIPPED.get_or_init(|| {
            let nothing = || Words { shelves: Arc::default(), signatures: Signatures::default() };
            Words::read(FILES).unwrap_or_else(|_| nothing())
        })
    }

    /// Words from texts: language, name of the file, text.
    ///
    /// # Errors
    /// The first fault.
    pub fn read(files: &[(Language, &str, &str)]) -> Result<Words, WordsError> {
        let mut shelves = Vec::new();
        for language in Language::ALL {
            let id: LanguageIdentifier = language.code().parse().unwrap_or_default();
            let mut bundle = FluentBundle::new_concurrent(vec![id]);
            // Marks around what is put in are for languages that run the other way.
            bundle.set_use_isolating(false);
            let mut of = BTreeMap::new();
            for (_, name, text) in files.iter().filter(|(known, ..)| known == language) {
                let file = format!("{}/{name}.ftl", language.code());
                let source = Source::read(&file, *language, text)?;
                if bundle.add_resource(source.resource).is_err() {
                    let what = "a message stands in another file as well";
                    return Err(WordsError::new(&file, 1, what, "give it another id"));
                }
                let varied = source.messages.iter().find(|(_, one)| one.text.contains('{'));
                if let Some((id, one)) = varied.filter(|_| *name == GUIDELINE) {
                    let what = format!("`{id}`: a phrase of the guideline has no braces");
                    return Err(WordsError::new(&file, one.line, what, "write it as plain text"));
                }
                of.insert(name.to_string(), source.messages);
            }
            shelves.push(Shelf { language: *language, bundle, files: of });
        }
        Ok(Words { shelves: Arc::new(shelves), signatures: Signatures::default() })
    }

    /// The files that ship: language, name, text.
    pub fn files() -> &'static [(Language, &'static str, &'static str)] {
        FILES
    }

    /// The same words with what a department has signed.
    pub fn signed(&self, signatures: Signatures) -> Words {
        Words { shelves: self.shelves.clone(), signatures }
    }

    fn shelf(&self, language: Language) -> Option<&Shelf> {
        self.shelves.iter().find(|shelf| shelf.language == language)
    }

    /// A message with its variables filled in. What a language lacks is said in English; an id
    /// that nobody knows is said as it is.
    pub fn say(&self, language: Language, id: &str, args: &[(&str, &str)]) -> Cow<'_, str> {
        let tried = [language, Language::English].into_iter();
        let mut said = tried.filter_map(|language| self.shelf(language)?.say(id, args));
        said.next().unwrap_or_else(|| Cow::Owned(id.to_string()))
    }

    /// A phrase of the guideline, and the language it is in: English where there is no translation
    /// of the phrase as it is today. Nothing if the guideline has no such phrase.
    pub fn phrase<'a>(
        &'a self,
        language: Language,
        guideline: &'a Guideline,
        list: &str,
        id: &str,
    ) -> Option<(Language, &'a str)> {
        let english = english(guideline, list, id)?;
        let translated = self.shelf(language).and_then(|shelf| shelf.phrase(&key(list, id)));
        let current = translated.filter(|one| one.of.as_deref() == Some(&english_hash(english)));
        Some(current.map_or((Language::English, english), |one| (language, one.text.as_str())))
    }

    /// The texts of one file in a language, in the order of their ids: all that English has.
    pub(crate) fn of_file(&self, language: Language, file: &str) -> Vec<Entry> {
        let Some(english) = self.shelf(Language::English).and_then(|one| one.files.get(file))
        else {
            return Vec::new();
        };
        let shelf = self.shelf(language);
        let all = english.iter().map(|(id, source)| {
            let made = shelf.and_then(|shelf| shelf.get(id));
            self.entry(language, id, &source.text, made, source.safety)
        });
        all.collect()
    }

    /// A phrase of the guideline beside its translation; each could do harm.
    pub(crate) fn of_phrase(&self, language: Language, phrase: &Needed) -> Entry {
        let id = phrase.key();
        let made = self.shelf(language).and_then(|shelf| shelf.phrase(&id));
        self.entry(language, &id, phrase.english, made, true)
    }

    fn entry(
        &self,
        language: Language,
        id: &str,
        english: &str,
        made: Option<&Message>,
        safety: bool,
    ) -> Entry {
        let text = made.map(|made| made.text.clone()).unwrap_or_default();
        let signed = self.signatures.counts(language, id, english, &text);
        let is_current = |made: &Message| {
            language == Language::English || made.of.as_deref() == Some(&english_hash(english))
        };
        let state = made.map(|made| match signed {
            _ if !is_current(made) => State::Outdated,
            Some(_) => State::Reviewed,
            None => made.state,
        });
        let signed = signed.map(|one| (one.reviewer.clone(), one.date.clone()));
        let reviewed = signed.or_else(|| made.and_then(|made| made.reviewed.clone()));
        Entry { id: id.to_string(), english: english.to_string(), text, state, safety, reviewed }
    }

    /// Signatures that count for nothing: of a text that is not there, or not this one any more.
    pub fn void(&self, guideline: &Guideline) -> Vec<(Language, String)> {
        let mut known = Vec::new();
        for (language, page) in crate::page::Page::ALL
            .iter()
            .flat_map(|page| Language::ALL.iter().map(move |language| (*language, *page)))
        {
            let texts = self.texts(guideline, language, page);
            known.extend(texts.into_iter().map(|entry| (language, entry)));
        }
        let counts = |language: Language, id: &str| {
            known.iter().any(|(of, entry)| {
                let is_it = *of == language && entry.id == id;
                is_it && self.signatures.counts(language, id, &entry.english, &entry.text).is_some()
            })
        };
        let all = self.signatures.all().filter(|(language, id)| !counts(*language, id));
        all.map(|(language, id)| (language, id.to_string())).collect()
    }
}
