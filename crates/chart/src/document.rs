//! The table as people read it, for `docs/fhir-mapping.md`.

use std::fmt::Write;

use cauda_guideline::Guideline;

use crate::table::{CodeRow, Kind, Row, Table};

/// How it begins.
const HEAD: &str = "\
# From FHIR to findings

Which code in a patient's chart says what of which fact.
What stands in no row says nothing: it is unknown, never absent.
A diagnosis that stands in the chart and in no row is listed on the card by its name, as not taken into account.
Only an answer in codes can reassure, and only with a final status, a time and the right patient.
Every finding counts as the EHR's, which never supersedes a person.
Rendered from `crates/chart/table.toml`, so change it there.
";

impl Table {
    /// The whole table as Markdown.
    pub fn markdown(&self, guideline: &Guideline) -> String {
        let mut out = HEAD.to_owned();
        for kind in Kind::ALL {
            let (title, says) = words(kind);
            let _ = write!(out, "\n## {title}\n\n{says}\n\n");
            out.push_str("| fact | value | code | name in that system | counts |\n");
            out.push_str("|---|---|---|---|---|\n");
            for row in self.rows(kind) {
                rows(&mut out, guideline, kind, row);
            }
        }
        out
    }
}

fn rows(out: &mut String, guideline: &Guideline, kind: Kind, row: &Row) {
    let fact = guideline.fact(&row.fact).map(|index| guideline.facts[index].staff.as_str());
    let fact = match fact {
        Some(staff) => format!("`{}`: {staff}", row.fact),
        None => "none, shown to the clinician".to_owned(),
    };
    let value = match kind {
        Kind::Measured => row.units.join(", "),
        Kind::Coded => {
            let answer = |answer: &CodeRow| {
                let value = answer.value.as_deref().unwrap_or_default();
                format!("{} {} is {value}", answer.code, answer.display)
            };
            row.answers.iter().map(answer).collect::<Vec<_>>().join("; ")
        }
        _ => row.value.clone(),
    };
    let mut counts: Vec<String> = Vec::new();
    if let Some(days) = row.within_days {
        counts.push(format!("within {days} days"));
    }
    if row.ever {
        counts.push("also when it is over".to_owned());
    }
    counts.extend(row.note.clone().into_iter().chain(row.not_worst.clone()));
    for code in &row.codes {
        let systems: Vec<&str> = code.systems.iter().map(|system| system.words()).collect();
        let except = match code.except.is_empty() {
            true => String::new(),
            false => format!(", but not {}", code.except.join(", ")),
        };
        let _ = writeln!(
            out,
            "| {fact} | {} | {} {}{except} | {} | {} |",
            value,
            systems.join(", "),
            code.code,
            code.display,
            counts.join("; ")
        );
    }
}

fn words(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Measured => (
            "Observation, a quantity",
            "Final, amended or corrected; any other status leaves only the dangerous side.",
        ),
        Kind::Coded => ("Observation, an answer in codes", "As above."),
        Kind::Condition => {
            ("Condition", "Not refuted, not entered in error, not over unless its row says so.")
        }
        Kind::Medicine => (
            "MedicationRequest and MedicationStatement",
            "In force; what is completed or stopped counts only where the row looks back.",
        ),
        Kind::Allergy => ("AllergyIntolerance", "Not refuted, not entered in error, not over."),
        Kind::Procedure => (
            "Procedure",
            "Completed, going on or stopped; not what was not done or is only prepared.",
        ),
        Kind::Device => ("Device", "Not entered in error; one that is inactive counts too."),
        Kind::Encounter => {
            ("Encounter, an earlier one by its reason", "Not planned, not cancelled.")
        }
        Kind::Alarm => (
            "Condition that no finding can say",
            "It becomes no finding; it is shown, and nothing reassures beside it.",
        ),
    }
}
