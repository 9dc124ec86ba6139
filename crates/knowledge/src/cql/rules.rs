//! The lists of a page as one expression, line by line in the order of the page.

use std::collections::BTreeMap;

use cauda_guideline::facts::{Fact, Kind, Sort};
use cauda_guideline::page::{
    Comparison, Group, Item, Need, PageKind, Test, TestKind, Word, test_text,
};
use cauda_guideline::{Guideline, LoadedPage};

use super::define_of;
use super::words::{comment, identifier, list, quantity, text};
use crate::error::KnowledgeError;

/// The pages of a guideline, with the reports that bear on each concern.
pub(super) struct Rules<'a> {
    pub(super) guideline: &'a Guideline,
    facts: BTreeMap<&'a str, &'a Fact>,
}

impl<'a> Rules<'a> {
    pub(super) fn new(guideline: &'a Guideline) -> Rules<'a> {
        let facts = guideline.facts.iter().map(|fact| (fact.id.as_str(), fact));
        Rules { guideline, facts: facts.collect() }
    }

    /// The rule of one page, with its title and sources above it.
    pub(super) fn page(&self, out: &mut String, loaded: &LoadedPage) -> Result<(), KnowledgeError> {
        let sources: Vec<&str> =
            loaded.page.sources.iter().map(|source| source.text.as_str()).collect();
        out.push('\n');
        out.push_str(&comment(&format!("{} ({})", loaded.page.title, loaded.file())));
        out.push_str(&comment(&format!("Sources: {}", sources.join(", "))));
        let part = if loaded.kind.is_concern() { "when" } else { "" };
        let when = loaded.page.when.as_ref().ok_or_else(|| unresolved(loaded, "## When"))?;
        self.define(out, loaded, part, when)?;
        if let Some(excluded) = &loaded.page.excluded {
            self.define(out, loaded, "excluded when", excluded)?;
        }
        Ok(())
    }

    fn define(
        &self,
        out: &mut String,
        loaded: &LoadedPage,
        part: &str,
        group: &Group,
    ) -> Result<(), KnowledgeError> {
        let name = identifier(&define_of(&loaded.id, part));
        let body = self.group(loaded, group, 2)?;
        out.push_str(&format!("define {name}:\n  {body}\n"));
        Ok(())
    }

    /// A list; its first line is not indented, the others by `indent`.
    fn group(
        &self,
        loaded: &LoadedPage,
        group: &Group,
        indent: usize,
    ) -> Result<String, KnowledgeError> {
        let items = group.items.iter().map(|item| match item {
            Item::Test(test) => self.test(loaded, test),
            Item::Group(inner) => {
                let body = self.group(loaded, inner, indent + 2)?;
                Ok(format!("({body})"))
            }
        });
        let items: Vec<String> = items.collect::<Result<_, _>>()?;
        let joined = |word: &str| items.join(&format!("\n{}{word} ", " ".repeat(indent)));
        Ok(match group.need {
            Need::All => joined("and"),
            Need::Any => joined("or"),
            Need::AtLeast(count) => {
                format!("\"at least n of\"({count}, {})", list(&items, indent))
            }
        })
    }

    /// One line of a page.
    pub(super) fn test(&self, loaded: &LoadedPage, test: &Test) -> Result<String, KnowledgeError> {
        let id = test.subject.text.as_str();
        let found = match &test.kind {
            TestKind::Suspected | TestKind::Excluded => self.concern(id).map(|concern| {
                let part = match test.kind {
                    TestKind::Excluded => "excluded",
                    _ if loaded.kind.is_late() => "raised",
                    _ => "when",
                };
                identifier(&define_of(&concern.id, part))
            }),
            TestKind::Is(words) => self.facts.get(id).and_then(|fact| is(fact, words)),
            TestKind::Compares { comparison, number, unit } => {
                let of = self.facts.get(id).and_then(|fact| fact.quantity());
                of.and_then(|of| {
                    let unit = unit.as_ref().map(|unit| unit.text.as_str());
                    let limit = quantity(of, of.place(&number.text, unit).ok()?)?;
                    Some(format!("{}({}, {limit})", compares(*comparison), identifier(id)))
                })
            }
        };
        found.ok_or_else(|| unresolved(loaded, &test_text(test)))
    }

    /// The concern page whose id ends so.
    pub(super) fn concern(&self, stem: &str) -> Option<&'a LoadedPage> {
        let mut pages = self.guideline.pages.iter();
        pages.find(|loaded| loaded.kind.is_concern() && loaded.stem() == stem)
    }

    /// Results pages that close (`closes`) or answer (`answered`) the concern of a page.
    pub(super) fn reports(&self, concern: &LoadedPage, key: &str) -> Vec<String> {
        let Some(word) = concern.page.then_phrases("concern").next() else { return Vec::new() };
        let pages = self.guideline.pages.iter().filter(|loaded| loaded.kind == PageKind::Result);
        let about = pages
            .filter(|loaded| loaded.page.then_phrases(key).any(|phrase| phrase.text == word.text));
        about.map(|loaded| identifier(&loaded.id)).collect()
    }
}

pub(super) fn unresolved(loaded: &LoadedPage, subject: &str) -> KnowledgeError {
    KnowledgeError::Unresolved { page: loaded.id.clone(), subject: subject.to_string() }
}

/// `fact is a or b`; a definition is a page of its own and needs no word.
fn is(fact: &Fact, words: &[Word]) -> Option<String> {
    let Kind::Named { sort, values, .. } = &fact.kind else { return None };
    if words.iter().any(|word| !values.contains(&word.text)) {
        return None;
    }
    if *sort == Sort::Derived {
        let page = identifier(&format!("definitions/{}", fact.id));
        return match words {
            [word] if word.text == "present" => Some(page),
            [word] if word.text == "absent" => Some(format!("not {page}")),
            _ => None,
        };
    }
    let name = identifier(&fact.id);
    let each: Vec<String> =
        words.iter().map(|word| format!("{name} = {}", text(&word.text))).collect();
    match each.as_slice() {
        [] => None,
        [only] => Some(only.clone()),
        _ => Some(format!("({})", each.join(" or "))),
    }
}

fn compares(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::AtLeast => "\"is at least\"",
        Comparison::Above => "\"is above\"",
        Comparison::AtMost => "\"is at most\"",
        Comparison::Below => "\"is below\"",
    }
}
