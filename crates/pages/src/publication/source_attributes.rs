//! The source attributes of an evidence-based decision support intervention,
//! 45 CFR 170.315(b)(11)(iv)(A)(1) to (13).
//!
//! Whether a kind of patient data is used is worked out from the facts that the
//! compiled rules read: a fact counts for a kind when its id, its values or its
//! wording for staff hold one of the kind's terms, word for word and in that
//! order. A term is as long as it has to be ("drug use", for a pump holds a drug,
//! too); the terms are shown. Pregnancy is a health status, and who is asked
//! about it hangs on the sex that the department has recorded.

use cauda_guideline::Guideline;
use cauda_guideline::facts::{Fact, FactIndex, Kind};
use cauda_guideline::program::Node;
use cauda_guideline::vocabulary::Read;
use maud::{Markup, html};
use serde::Serialize;

use super::shell::{View, listed};
use super::site::Site;

/// The regulation the list is of.
const REGULATION: &str = "45 CFR 170.315(b)(11)(iv)(A)";

/// How far the list itself was read.
const READ: &str = "The names of the attributes were read second-hand, in certified software \
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
    attributes: Vec<Attribute<'a>>,
}

/// One attribute.
#[derive(Serialize)]
struct Attribute<'a> {
    number: usize,
    id: &'static str,
    name: &'static str,
    provided: bool,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    used: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    facts: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pages: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sources: Vec<&'a str>,
}

/// The attributes as JSON.
pub fn json(site: &Site) -> String {
    let guideline = site.guideline;
    let whole = Attributes {
        regulation: REGULATION,
        list_read: READ,
        kind: "evidence-based",
        guideline: &guideline.id,
        version: &guideline.version,
        guideline_sha256: &guideline.sha256,
        status: &guideline.status,
        attributes: attributes(site),
    };
    serde_json::to_string_pretty(&whole).map_or(String::new(), |text| text + "\n")
}

fn attributes<'a>(site: &Site<'a>) -> Vec<Attribute<'a>> {
    let guideline = site.guideline;
    let mut all = vec![citation(guideline), not_said("developer", guideline)];
    all.push(not_said("funding_source", guideline));
    all.push(dates(guideline));
    all.extend(DATA.iter().map(|data| use_of(site, data)));
    for (at, attribute) in all.iter_mut().enumerate() {
        attribute.number = at + 1;
    }
    all
}

fn citation(guideline: &Guideline) -> Attribute<'_> {
    let sources = &guideline.sources;
    let unverified = sources.values().filter(|source| source.read == Read::Unverified).count();
    Attribute {
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
fn not_said<'a>(id: &'static str, guideline: &Guideline) -> Attribute<'a> {
    let (name, missing) = match id {
        "developer" => ("Developer of the intervention", "no developer"),
        _ => ("Funding source of the technical implementation", "no funding source"),
    };
    let text = format!("The guideline names {missing}. Its status is: {}.", guideline.status);
    Attribute { text, ..blank(id, name, false) }
}

fn dates(guideline: &Guideline) -> Attribute<'_> {
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
    Attribute { text, ..blank("release_and_revision_dates", "Release and revision dates", false) }
}

fn use_of<'a>(
    site: &Site<'a>,
    (id, name, hints): &(&'static str, &'static str, &'static [&'static str]),
) -> Attribute<'a> {
    let guideline = site.guideline;
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
    let mut pages: Vec<usize> =
        found.iter().flat_map(|fact| site.readers_of_fact(*fact)).copied().collect();
    pages.sort_unstable();
    pages.dedup();
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
    Attribute {
        text,
        used: Some(!found.is_empty()),
        facts: found.iter().map(|fact| guideline.facts[*fact].id.as_str()).collect(),
        pages: pages.iter().map(|page| guideline.pages[*page].id.as_str()).collect(),
        ..blank(id, name, true)
    }
}

fn blank<'a>(id: &'static str, name: &'static str, provided: bool) -> Attribute<'a> {
    Attribute {
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

/// The attributes for people.
pub fn page(view: View) -> Markup {
    let attributes = attributes(view.site);
    html! {
        h1 { "Source attributes" }
        p {
            "What " (REGULATION) " asks of an evidence-based decision support intervention. "
            (READ)
        }
        p {
            "The use of patient data is worked out from the facts that the rules read. "
            "The same list for programs: "
            a href=(view.href("source-attributes.json")) { "source-attributes.json" } "."
        }
        table.stack.attributes {
            caption { "The 13 source attributes" }
            thead {
                tr {
                    th scope="col" { "No." }
                    th scope="col" { "Attribute" }
                    th scope="col" { "Answer" }
                }
            }
            tbody { @for attribute in &attributes { (row(view, attribute)) } }
        }
    }
}

fn row(view: View, attribute: &Attribute) -> Markup {
    let guideline = view.site.guideline;
    let facts: Vec<Markup> = attribute
        .facts
        .iter()
        .filter_map(|id| guideline.fact(id))
        .map(|fact| view.fact_link(fact))
        .collect();
    html! {
        tr {
            td data-label="No." { (attribute.number) }
            th scope="row" { (attribute.name) }
            td {
                @if !attribute.provided { span.unverified { "not provided" } " " }
                (attribute.text)
                @if !facts.is_empty() { " " (listed(&facts)) "." }
                @if !attribute.sources.is_empty() {
                    " " a href=(view.href("sources/index.html")) { "Sources" } "."
                }
            }
        }
    }
}
