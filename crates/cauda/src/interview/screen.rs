//! What is asked next: a group that one signature answers, or one question.

use std::fmt::Write;

use cauda_guideline::Guideline;
use cauda_guideline::decision::{Decision, Missing};
use cauda_guideline::facts::{FactIndex, Kind, Role, Sort};

use super::{BOLD, DIM};
use crate::page::wrapped;

/// Width of a screen.
const WIDTH: usize = 92;

/// What is asked at once.
#[derive(Debug)]
pub enum Screen {
    /// A group of facts that may be signed as clear.
    Group {
        /// Place of the attestation in the guideline.
        attestation: usize,
        /// Facts of it that are still missing.
        facts: Vec<FactIndex>,
    },
    /// One fact.
    One(FactIndex),
}

/// The next screen, or nothing when no answer this person may give can matter.
pub fn next(
    guideline: &Guideline,
    decision: &Decision,
    role: Role,
    (later, refused): (&[FactIndex], &[usize]),
) -> Option<Screen> {
    let index = |missing: &Missing| guideline.fact(&missing.fact);
    let deciding = decision.missing.iter().filter(|missing| !missing.detail_only);
    let open: Vec<FactIndex> = deciding
        .filter_map(index)
        .filter(|fact| !later.contains(fact))
        .filter(|fact| {
            let of = &guideline.facts[*fact].asked_of;
            of.is_empty() || of.contains(&role)
        })
        .collect();
    let first = *open.first()?;
    let groups = guideline.attestations.iter().enumerate().filter(|(at, group)| {
        group.covers.contains(&first) && group.of.contains(&role) && !refused.contains(at)
    });
    let missing_of = |at: usize| -> Vec<FactIndex> {
        let covers = &guideline.attestations[at].covers;
        open.iter().copied().filter(|fact| covers.contains(fact)).collect()
    };
    let widest = groups.map(|(at, _)| (at, missing_of(at))).max_by_key(|(_, facts)| facts.len());
    Some(match widest {
        Some((attestation, facts)) if facts.len() > 1 => Screen::Group { attestation, facts },
        _ => Screen::One(first),
    })
}

impl Screen {
    /// Facts it asks about.
    pub fn facts(&self) -> Vec<FactIndex> {
        match self {
            Screen::Group { facts, .. } => facts.clone(),
            Screen::One(fact) => vec![*fact],
        }
    }

    /// As it is shown.
    pub fn text(&self, guideline: &Guideline) -> String {
        let mut out = String::new();
        match self {
            Screen::Group { attestation, facts } => {
                let group = &guideline.attestations[*attestation];
                let _ = writeln!(out, "{BOLD}{}{BOLD:#}", group.staff);
                let names: Vec<&str> =
                    facts.iter().map(|fact| guideline.facts[*fact].staff.as_str()).collect();
                for line in wrapped(&names.join(" · "), WIDTH - 2) {
                    let _ = writeln!(out, "  {line}");
                }
                let _ = writeln!(
                    out,
                    "{DIM}y all clear, signed   n one by one   ? not known   d declined   u unable   w why{DIM:#}"
                );
            }
            Screen::One(index) => {
                let fact = &guideline.facts[*index];
                let _ = writeln!(out, "{BOLD}{}{BOLD:#}", fact.staff);
                let _ = writeln!(out, "  {}?", fact.patient.trim_end_matches('?'));
                let _ = writeln!(
                    out,
                    "{DIM}{}   ? not known   d declined   u unable   w why{DIM:#}",
                    choices(guideline, *index)
                );
            }
        }
        out
    }

    /// Why it is asked: the pages that look at it.
    pub fn why(&self, guideline: &Guideline) -> String {
        let mut out = String::new();
        let facts = self.facts();
        let concerns = guideline.program.concerns.iter();
        let about = concerns.filter(|known| known.facts.iter().any(|fact| facts.contains(fact)));
        for known in about {
            let page = &guideline.pages[known.page];
            let _ = writeln!(out, "  {} [{}], {}.md", page.page.title, known.tier.id(), page.id);
        }
        if out.is_empty() {
            out.push_str("  where the patient goes depends on it\n");
        }
        out
    }
}

/// The keys of a question.
fn choices(guideline: &Guideline, index: FactIndex) -> String {
    match &guideline.facts[index].kind {
        Kind::Named { sort: Sort::Finding, .. } => "y present   n absent".to_string(),
        Kind::Named { sort: Sort::FindingWithOnset, .. } => {
            "y new, or nobody knows since when   o longstanding, unchanged   n absent".to_string()
        }
        Kind::Named { values, .. } => {
            let numbered = values.iter().enumerate();
            let texts =
                numbered.map(|(at, value)| format!("{} {}", at + 1, value.replace('_', " ")));
            texts.collect::<Vec<_>>().join("   ")
        }
        Kind::Quantity(quantity) => {
            let (least, most) = (quantity.text(quantity.range.0), quantity.text(quantity.range.1));
            format!("a number from {least} to {most}")
        }
    }
}
