//! The source attributes of an evidence-based decision support intervention,
//! 45 CFR 170.315(b)(11)(iv)(A)(1) to (13).
//!
//! Whether a kind of patient data is used is worked out from the facts that the
//! compiled rules read: a fact counts for a kind when its id, its values or its
//! wording for staff hold one of the kind's terms, word for word and in that
//! order. A term is as long as it has to be ("drug use", for a pump holds a drug,
//! too); the terms are shown. Pregnancy is a health status, and who is asked
//! about it hangs on the sex that the department has recorded.

use cauda_guideline::facts::{Fact, FactIndex, Kind};
use cauda_guideline::page::TestKind;
use cauda_guideline::program::Node;
use cauda_guideline::vocabulary::Read;
use cauda_guideline::{Guideline, LoadedPage};
use serde::Serialize;

use crate::publication::tests;

/// The regulation the list is of.
pub(crate) const REGULATION: &str = "45 CFR 170.315(b)(11)(iv)(A)";

/// How far the list itself was read.
pub(crate) const READ: &str = "The names of the attributes were read second-hand, in certified software \
                    that quotes the regulation, not in the regulation itself.";

/// Terms of pregnancy, a health status that also speaks of sex.
const PREGNANCY: [&str; 3] = ["pregnancy", "pregnant", "ectopic"];

/// A kind of patient data: its id, its name, terms that give a fact away.
const DATA: [(&str, &str, &[&str]); 9] = [
    ("race", "Use of race", &["race", "racial"]),
    ("ethnicity", "Use of ethnicity", &["ethnic", "ethnicity", "hispanic", "latino"]),
    ("language", "Use of language", &["language", "language barrier", "interpreter"]),
    (
        "sexual_orientation",
        "Use of sexual orientation",
        &["sexual orientation", "gay", "lesbian", "bisexual", "heterosexual", "homosexual"],
    ),
    ("gender_identity", "Use of gender identity", &["gender", "transgender", "nonbinary"]),
    ("sex", "Use of sex", &["sex", "male", "female", "man", "men", "woman", "women"]),
    ("date_of_birth", "Use of date of birth", &["age", "aged", "birth", "born"]),
    (
        "social_determinants_of_health",
        "Use of social determinants of health data",
        &[
            "home safe",
            "home is safe",
            "housing",
            "homeless",
            "transport",
            "food insecurity",
            "income",
            "insurance",
            "lives alone",
            "employment",
            "education",
            "carer at home",
        ],
    ),
    (
        "health_status_assessments",
        "Use of health status assessments data",
        &[
            "walking as before",
            "functional status",
            "daily activities",
            "disability",
            "cognitive",
            "mental status",
            "pregnancy",
            "pregnant",
            "smoking",
            "smoker",
            "tobacco",
            "alcohol",
            "drug use",
            "substance use",
            "pain score",
            "frail",
            "frailty",
        ],
    ),
];

/// The file for other programs.
#[derive(Serialize)]
struct Attributes<'a> {
    regulation: &'static str,
    list_read: &'static str,
    kind: &'static str,
    guideline: &'a str,
    version: &'a str,
    guideline_sha256: &'a str,
    status: &'a str,
    attributes: Vec<SourceAttribute<'a>>,
}

/// One attribute.
#[derive(Serialize)]
pub struct SourceAttribute<'a> {
    /// Its place in the list, 1 to 13.
    pub number: usize,
    /// `date_of_birth`
    pub id: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// Whether the guideline says it. What it does not say is told as such, never left blank.
    pub provided: bool,
    /// What is true of this guideline.
    pub text: String,
    /// Of patient data: whether a rule reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<bool>,
    /// Ids of the facts through which it is used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<&'a str>,
    /// Ids of the pages that read them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<&'a str>,
    /// Ids of sources.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<&'a str>,
}

/// The attributes as JSON.
pub fn source_attributes_json(guideline: &Guideline) -> String {
    let whole = Attributes {
        regulation: REGULATION,
        list_read: READ,
        kind: "evidence-based",
        guideline: &guideline.id,
        version: &guideline.version,
        guideline_sha256: &guideline.sha256,
        status: &guideline.status,
        attributes: source_attributes(guideline),
    };
    serde_json::to_string_pretty(&whole).map_or(String::new(), |text| text + "\n")
}

/// The thirteen, in the order of the regulation.
pub fn source_attributes(guideline: &Guideline) -> Vec<SourceAttribute<'_>> {
    let mut all = vec![citation(guideline), not_said("developer", guideline)];
    all.push(not_said("funding_source", guideline));
    all.push(dates(guideline));
    all.extend(DATA.iter().map(|data| use_of(guideline, data)));
    for (at, attribute) in all.iter_mut().enumerate() {
        attribute.number = at + 1;
    }
    all
}

fn citation(guideline: &Guideline) -> SourceAttribute<'_> {
    let sources = &guideline.sources;
    let unverified = sources.values().filter(|source| source.read == Read::Unverified).count();
    SourceAttribute {
        text: format!(
            "{} sources, listed on the page of sources, each with how far it was read; \
             {unverified} of them are unverified.",
            sources.len()
        ),
        sources: sources.keys().map(String::as_str).collect(),
        ..blank("bibliographic_citation", "Bibliographic citation of the intervention", true)
    }
}

/// What the folder does not say, and nobody has signed.
fn not_said<'a>(id: &'static str, guideline: &Guideline) -> SourceAttribute<'a> {
    let (name, missing) = match id {
        "developer" => ("Developer of the intervention", "no developer"),
        _ => ("Funding source of the technical implementation", "no funding source"),
    };
    let text = format!("The guideline names {missing}. Its status is: {}.", guideline.status);
    SourceAttribute { text, ..blank(id, name, false) }
}

fn dates(guideline: &Guideline) -> SourceAttribute<'_> {
    let mut dates: Vec<&str> = guideline
        .pages
        .iter()
        .filter_map(|page| page.page.reviewed.as_ref().map(|date| date.text.as_str()))
        .collect();
    dates.sort_unstable();
    let reviewed = match (dates.first(), dates.last()) {
        (Some(first), Some(last)) if first != last => {
            format!("Pages were last reviewed from {first} to {last}.")
        }
        (Some(only), _) => format!("Pages were last reviewed on {only}."),
        _ => "No page gives a date of review.".to_string(),
    };
    let text = format!("Edition {} gives no date of release. {reviewed}", guideline.version);
    SourceAttribute {
        text,
        ..blank("release_and_revision_dates", "Release and revision dates", false)
    }
}

fn use_of<'a>(
    guideline: &'a Guideline,
    (id, name, hints): &(&'static str, &'static str, &'static [&'static str]),
) -> SourceAttribute<'a> {
    let read = facts_read(guideline);
    let speaking = |hints: &[&str]| -> Vec<FactIndex> {
        let spoken = |fact: &FactIndex| speaks_of(&guideline.facts[*fact], hints);
        read.iter().copied().filter(spoken).collect()
    };
    let mut found = speaking(hints);
    let through_pregnancy = *id == "sex" && found.is_empty();
    if through_pregnancy {
        found = speaking(&PREGNANCY);
    }
    let names: Vec<&str> = found.iter().map(|fact| guideline.facts[*fact].id.as_str()).collect();
    let pages = guideline.pages.iter().filter(|page| reads(page, &names));
    let searched = hints.join(", ");
    let text = if found.is_empty() {
        format!(
            "Not used. Of {} facts that the rules read, none speaks of: {searched}.",
            read.len()
        )
    } else if through_pregnancy {
        "No fact records sex. It is used indirectly: pregnancy is asked of whoever could be \
         pregnant, which a department knows from the sex and age it has recorded. Pregnancy \
         itself counts under health status."
            .to_string()
    } else {
        format!("Used through the facts named here, found by the terms: {searched}.")
    };
    SourceAttribute {
        text,
        used: Some(!found.is_empty()),
        pages: pages.map(|page| page.id.as_str()).collect(),
        facts: names,
        ..blank(id, name, true)
    }
}

/// Whether a page tests one of the facts.
fn reads(page: &LoadedPage, facts: &[&str]) -> bool {
    tests(&page.page).iter().any(|test| {
        !matches!(test.kind, TestKind::Suspected | TestKind::Excluded)
            && facts.contains(&test.subject.text.as_str())
    })
}

fn blank<'a>(id: &'static str, name: &'static str, provided: bool) -> SourceAttribute<'a> {
    SourceAttribute {
        number: 0,
        id,
        name,
        provided,
        text: String::new(),
        used: None,
        facts: Vec::new(),
        pages: Vec::new(),
        sources: Vec::new(),
    }
}

/// Facts a person enters that a condition of the compiled graph looks at.
fn facts_read(guideline: &Guideline) -> Vec<FactIndex> {
    let mut found: Vec<FactIndex> = guideline
        .program
        .nodes
        .iter()
        .filter_map(|node| match node {
            Node::Fact { fact, .. } => Some(*fact),
            _ => None,
        })
        .filter(|fact| !guideline.facts[*fact].is_computed())
        .collect();
    // A fact may also be read through another whose fall it is.
    let through: Vec<FactIndex> = found
        .iter()
        .flat_map(|fact| &guideline.facts[*fact].worsening_of)
        .filter_map(|id| guideline.fact(id))
        .collect();
    found.extend(through);
    found.sort_unstable();
    found.dedup();
    found
}

fn speaks_of(fact: &Fact, hints: &[&str]) -> bool {
    let values: &[String] = match &fact.kind {
        Kind::Named { values, .. } => values,
        Kind::Quantity(_) => &[],
    };
    let texts = [&fact.id, &fact.staff].into_iter().chain(values);
    texts.into_iter().any(|text| {
        let lower = text.to_lowercase();
        let words: Vec<&str> = lower
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        hints.iter().any(|hint| {
            let term: Vec<&str> = hint.split(' ').collect();
            words.windows(term.len()).any(|run| run == term)
        })
    })
}
