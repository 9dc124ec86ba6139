//! The files that ship: each message in each language, made from the English that stands there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cauda_words::{Language, Page, Source, State, Words, english_hash, needed};

use crate::guidelines::shipped;

/// Files of a language by name.
fn sources(language: Language) -> BTreeMap<&'static str, Source> {
    let files = Words::files().iter().filter(|(known, ..)| *known == language);
    let read = files.map(|(_, name, text)| (*name, Source::read(name, language, text).unwrap()));
    read.collect()
}

fn others() -> impl Iterator<Item = Language> {
    Language::ALL.iter().copied().filter(|language| *language != Language::English)
}

#[test]
fn every_message_stands_in_every_language_with_the_same_variables() {
    let english = sources(Language::English);
    for language in others() {
        let other = sources(language);
        for (file, source) in &english {
            let made = other.get(file).unwrap_or_else(|| panic!("{language:?} has no {file}.ftl"));
            let ids = |source: &Source| source.messages.keys().cloned().collect::<BTreeSet<_>>();
            assert_eq!(ids(source), ids(made), "{language:?} {file}.ftl");
            for (id, message) in &source.messages {
                let made = &made.messages[id];
                assert_eq!(message.variables, made.variables, "{language:?} {id}");
            }
        }
    }
}

#[test]
fn every_phrase_that_can_reach_a_page_is_translated_and_no_other() {
    let lists: BTreeSet<&str> = Page::ALL.iter().flat_map(|page| page.lists()).copied().collect();
    let phrases = lists.into_iter().flat_map(|list| needed(shipped(), list));
    let wanted: BTreeSet<String> = phrases.map(|phrase| phrase.key()).collect();
    assert!(wanted.len() > 200, "{}", wanted.len());
    for language in others() {
        let known: BTreeSet<String> =
            sources(language)["guideline"].messages.keys().cloned().collect();
        assert_eq!(wanted, known, "{language:?}");
    }
}

/// A translation says the same numbers, and names the same medicines.
#[test]
fn numbers_and_medicines_are_those_of_the_english() {
    let digits = |text: &str| {
        let all = text.split(|sign: char| !sign.is_ascii_digit()).filter(|part| !part.is_empty());
        let mut all: Vec<String> = all.map(str::to_string).collect();
        all.sort();
        all
    };
    let medicines = [
        ("ibuprofen", "ibuprofeno"),
        ("naproxen", "naproxeno"),
        ("paracetamol", "paracetamol"),
        ("acetaminophen", "acetaminof"),
        ("diazepam", "diazepam"),
        ("opioid", "opioide"),
        ("steroid", "esteroide"),
        ("blood thinner", "anticoagulante"),
        ("with food", "con comida"),
    ];
    for page in Page::ALL {
        for entry in Words::shipped().texts(shipped(), Language::Spanish, *page) {
            assert_eq!(digits(&entry.english), digits(&entry.text), "{}", entry.id);
            let (english, spanish) = (entry.english.to_lowercase(), entry.text.to_lowercase());
            for (name, nombre) in medicines {
                assert_eq!(english.contains(name), spanish.contains(nombre), "{}", entry.id);
            }
            // A sentence more or less is a sign of something left out or put in.
            let ends = |text: &str| text.matches(['.', '?']).count();
            let difference = ends(&english).abs_diff(ends(&spanish));
            assert!(difference <= 2, "{}: {} / {}", entry.id, entry.english, entry.text);
        }
    }
}

#[test]
fn every_translation_is_of_the_english_that_stands_there() {
    let english = sources(Language::English);
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    for source in english.values() {
        let all = source.messages.iter();
        wanted.extend(all.map(|(id, message)| (id.clone(), english_hash(&message.text))));
    }
    for list in Page::ALL.iter().flat_map(|page| page.lists()) {
        let phrases = needed(shipped(), list);
        wanted.extend(phrases.iter().map(|phrase| (phrase.key(), english_hash(phrase.english))));
    }
    let mut old = Vec::new();
    for (language, file, text) in Words::files().iter().filter(|(of, ..)| *of != Language::English)
    {
        let source = Source::read(file, *language, text).unwrap();
        let is_old = |id: &str| {
            let of = source.messages[id].of.as_ref();
            wanted.get(id).is_some_and(|wanted| Some(wanted) != of)
        };
        let ids: Vec<&String> = source.messages.keys().filter(|id| is_old(id)).collect();
        if ids.is_empty() {
            continue;
        }
        if std::env::var_os("CAUDA_WRITE").is_some() {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
            let path = root.join(language.code()).join(format!("{file}.ftl"));
            std::fs::write(path, anew(text, &ids, &wanted)).unwrap();
        } else {
            old.extend(ids.iter().map(|id| format!("{}/{file}.ftl: {id}", language.code())));
        }
    }
    assert!(
        old.is_empty(),
        "the English of these changed. Translate them anew, then \
         `CAUDA_WRITE=1 cargo test -p cauda-words` writes their hashes and makes them drafts:\n{}",
        old.join("\n")
    );
}

/// The file with the hashes of those messages written anew. Nobody has checked them as they are.
fn anew(text: &str, ids: &[&String], wanted: &BTreeMap<String, String>) -> String {
    let mut lines = Vec::new();
    let mut of: Option<&str> = None;
    for line in text.lines() {
        if !line.starts_with([' ', '#']) {
            let id = line.split('=').next().map(str::trim);
            of = id.filter(|id| ids.iter().any(|old| old.as_str() == *id));
        }
        let is = |name: &str| line.trim_start().starts_with(name);
        match of {
            Some(id) if is(".of ") => lines.push(format!("    .of = {}", wanted[id])),
            Some(_) if is(".state ") => lines.push("    .state = draft".to_string()),
            Some(_) if is(".reviewe") => {}
            _ => lines.push(line.to_string()),
        }
    }
    lines.join("\n") + "\n"
}

/// Nobody has read the Spanish, and nothing in it says otherwise. Whoever reviews a text changes
/// this test together with it.
#[test]
fn what_nobody_checked_is_called_a_draft() {
    for (language, file, text) in Words::files() {
        let source = Source::read(file, *language, text).unwrap();
        for (id, message) in source.messages {
            assert_eq!((message.state, message.reviewed), (State::Draft, None), "{file} {id}");
        }
    }
}
