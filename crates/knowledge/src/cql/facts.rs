//! What enters: a parameter a fact, and what of it counts.

use cauda_guideline::Guideline;
use cauda_guideline::facts::{Fact, Kind};

use super::words::{comment, identifier, list, quantity, text};
use crate::error::KnowledgeError;

/// The parameter that lists the facts asked for that cannot be had.
pub const CANNOT_BE_HAD: &str = "cannot be had given";

/// The parameter of a fact.
pub fn parameter(fact: &Fact) -> String {
    format!("{} given", fact.id)
}

/// What lists of facts call it: its path, as pages go by theirs.
pub fn fact_name(fact: &Fact) -> String {
    format!("facts/{}", fact.id)
}

/// One parameter a fact that people can enter. Each says `default null`, so that
/// one which nobody supplies is unknown in every engine.
pub(super) fn parameters(out: &mut String, guideline: &Guideline) {
    for (_, fact) in guideline.entered_facts() {
        let (kind, told) = match &fact.kind {
            Kind::Named { values, .. } => ("String", values.join(", ")),
            Kind::Quantity(quantity) => ("Interval<Quantity>", format!("in {}", quantity.unit)),
        };
        out.push_str(&comment(&format!("{}: {told}", fact.staff)));
        let name = identifier(&parameter(fact));
        out.push_str(&format!("parameter {name} {kind} default null as {kind}\n"));
    }
    out.push_str(&comment("Facts that were asked for and cannot be had, as facts/<name>"));
    let name = identifier(CANNOT_BE_HAD);
    out.push_str(&format!("parameter {name} List<String> default null as List<String>\n"));
}

/// One define a fact: its word or interval, or null.
pub(super) fn counted(out: &mut String, guideline: &Guideline) -> Result<(), KnowledgeError> {
    for (_, fact) in guideline.entered_facts() {
        let body = body(fact).ok_or_else(|| KnowledgeError::Unresolved {
            page: fact.file(),
            subject: fact.id.clone(),
        })?;
        out.push_str(&format!("define {}:\n  {body}\n", identifier(&fact.id)));
    }
    let ids = guideline.entered_facts().map(|(_, fact)| {
        let name = identifier(&fact.id);
        format!("if {name} is null then {} else null", text(&fact_name(fact)))
    });
    let ids = list(&ids.collect::<Vec<_>>(), 3);
    out.push_str(&format!(
        "\ndefine \"not known\":\n  ({ids}) Fact where Fact is not null\n\
         define \"cannot be had\":\n  Coalesce({}, {{}} as List<String>)\n\
         define \"never asked\":\n  \"not known\" except \"cannot be had\"\n",
        identifier(CANNOT_BE_HAD)
    ));
    Ok(())
}

fn body(fact: &Fact) -> Option<String> {
    let given = identifier(&parameter(fact));
    let (known, clear) = match &fact.kind {
        Kind::Named { values, clear, assume, .. } => {
            let words: Vec<String> = values.iter().map(|value| text(value)).collect();
            let known = format!("\"one of\"({given}, {})", list(&words, 2));
            let word = |value: usize| values.get(value).map_or("null".to_string(), |v| text(v));
            let known = match assume {
                Some(assumed) => format!("Coalesce({known}, {})", word(*assumed)),
                None => known,
            };
            (known, word(*clear))
        }
        Kind::Quantity(of) => {
            let (least, greatest) = (quantity(of, of.range.0)?, quantity(of, of.range.1)?);
            (format!("\"within\"({given}, {least}, {greatest})"), quantity(of, of.clear)?)
        }
    };
    let function = match &fact.kind {
        Kind::Named { .. } => "\"unless not needed\"",
        Kind::Quantity(_) => "\"number unless not needed\"",
    };
    Some(match &fact.needed {
        Some(page) => format!("{function}({known}, {}, {clear})", identifier(page)),
        None => known,
    })
}
