//! The guideline's phrases for patients, by the ids that translations know them under.

use cauda_guideline::Guideline;
use cauda_guideline::facts::{Kind, Role};

/// A phrase that some page may show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needed<'a> {
    /// Its list: one of the vocabulary, or `guideline`, `attestation`, `fact`.
    pub list: &'a str,
    /// Its id there; an answer of a fact is `fact--value`.
    pub id: String,
    /// The English words.
    pub english: &'a str,
}

impl Needed<'_> {
    /// What it is called in a file of translations.
    pub fn key(&self) -> String {
        key(self.list, &self.id)
    }
}

/// The id of a phrase in a file of translations.
pub(crate) fn key(list: &str, id: &str) -> String {
    format!("{list}--{id}")
}

/// All phrases of a list that can reach a patient's page.
pub fn needed<'a>(guideline: &'a Guideline, list: &'a str) -> Vec<Needed<'a>> {
    match list {
        "guideline" => {
            vec![Needed { list, id: "title".to_string(), english: &guideline.title }]
        }
        "attestation" => {
            let all = guideline.attestations.iter();
            all.map(|one| Needed { list, id: one.id.clone(), english: &one.patient }).collect()
        }
        "fact" => facts(guideline, list),
        _ => {
            let all = guideline.vocabulary.lists().filter(|(known, _)| *known == list);
            let all = all.flat_map(|(_, entries)| entries);
            all.map(|(id, _, phrase)| Needed { list, id: id.clone(), english: &phrase.patient })
                .collect()
        }
    }
}

/// Questions and answers that follow a danger sign: of facts that stand in the return list and
/// that a patient can be asked.
fn facts<'a>(guideline: &'a Guideline, list: &'a str) -> Vec<Needed<'a>> {
    let returns = guideline.vocabulary.lists().filter(|(known, _)| *known == "return");
    let ids = returns.flat_map(|(_, entries)| entries).flat_map(|(_, _, phrase)| &phrase.facts);
    let facts = ids.filter_map(|id| guideline.fact(id)).map(|index| &guideline.facts[index]);
    let asked = facts.filter(|fact| {
        fact.asked_of.contains(&Role::Patient) && matches!(fact.kind, Kind::Named { .. })
    });
    let mut all = Vec::new();
    for fact in asked {
        all.push(Needed { list, id: fact.id.clone(), english: &fact.patient });
        let values = fact.patient_values.iter();
        all.extend(values.map(|(value, words)| {
            let id = format!("{}--{value}", fact.id);
            Needed { list, id, english: words }
        }));
    }
    all
}

/// The English of one phrase; nothing if the guideline has none of that name.
pub(crate) fn english<'a>(guideline: &'a Guideline, list: &str, id: &str) -> Option<&'a str> {
    match list {
        "guideline" => (id == "title").then_some(guideline.title.as_str()),
        "attestation" => {
            let known = guideline.attestations.iter().find(|known| known.id == id);
            known.map(|known| known.patient.as_str())
        }
        "fact" => {
            let (fact, value) = id.split_once("--").map_or((id, None), |(a, b)| (a, Some(b)));
            let fact = guideline.fact(fact).map(|index| &guideline.facts[index])?;
            match value {
                None => Some(fact.patient.as_str()),
                Some(value) => fact.patient_values.get(value).map(String::as_str),
            }
        }
        _ => guideline.vocabulary.get(list, id).map(|phrase| phrase.patient.as_str()),
    }
}
