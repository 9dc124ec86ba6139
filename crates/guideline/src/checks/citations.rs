//! `unknown-source`, `rule-without-source`: every page and every note cites a
//! source that is listed, and says so once.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, nearest};
use crate::guideline::Guideline;
use crate::page::Word;

pub(super) fn check(guideline: &Guideline, faults: &mut Vec<Diagnostic>) {
    let mut cited: BTreeSet<&str> = BTreeSet::new();
    for loaded in &guideline.pages {
        let file = loaded.file();
        let page = &loaded.page;
        let mut words: Vec<&Word> = page.sources.iter().collect();
        for group in [&page.when, &page.excluded].into_iter().flatten() {
            words.extend(group.tests().into_iter().flat_map(|test| &test.notes));
        }
        words.extend(page.never.iter().flat_map(|test| &test.notes));
        for word in words {
            if word.text == "local policy" {
                continue;
            }
            cited.insert(&word.text);
            if !guideline.sources.contains_key(&word.text) {
                let message = format!("no source is called `{}`", word.text);
                let guess = nearest(&word.text, guideline.sources.keys().map(String::as_str));
                let help = match guess {
                    Some(guess) => format!("did you mean `{guess}`?"),
                    None => "add it to sources.toml with what was read of it".to_string(),
                };
                faults.push(
                    Diagnostic::error("unknown-source", &file, word.span.clone(), message)
                        .help(help),
                );
            }
        }
    }
    for fact in &guideline.facts {
        for source in &fact.sources {
            cited.insert(source);
            if !guideline.sources.contains_key(source) {
                let message = format!("`{}` cites `{source}`, which is not listed", fact.id);
                faults.push(Diagnostic::error(
                    "unknown-source",
                    &fact.file(),
                    fact.span.clone(),
                    message,
                ));
            }
        }
    }
    for attestation in &guideline.attestations {
        for source in &attestation.sources {
            cited.insert(source);
            if !guideline.sources.contains_key(source) {
                let message = format!("`{}` cites `{source}`, which is not listed", attestation.id);
                let span = attestation.span.clone();
                faults.push(Diagnostic::error(
                    "unknown-source",
                    crate::attestation::FILE,
                    span,
                    message,
                ));
            }
        }
    }
    for policy in &guideline.policies {
        for source in &policy.sources {
            cited.insert(source);
            if !guideline.sources.contains_key(source) {
                let message = format!("`{}` cites `{source}`, which is not listed", policy.id);
                let file = crate::site::POLICY_FILE;
                faults.push(Diagnostic::error(
                    "unknown-source",
                    file,
                    policy.span.clone(),
                    message,
                ));
            }
        }
    }
    for (list, entries) in guideline.vocabulary.lists() {
        for (id, span, phrase) in entries {
            for source in &phrase.sources {
                cited.insert(source);
                if !guideline.sources.contains_key(source) {
                    let file = format!("vocabulary/{list}.toml");
                    let message = format!("`{id}` cites `{source}`, which is not listed");
                    faults.push(Diagnostic::error("unknown-source", &file, span.clone(), message));
                }
            }
        }
    }
    for id in guideline.sources.keys().filter(|id| !cited.contains(id.as_str())) {
        let message = format!("`{id}` is cited nowhere");
        faults.push(Diagnostic::warning("unused-source", "sources.toml", 0..0, message));
    }
}
