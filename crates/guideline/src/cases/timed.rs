//! Cases that say who or when: entries of a visit at a fixed moment, so that
//! freshness, authority and order are tried as well as the rules.

use super::{clear, said, signed};
use crate::diagnostic::Diagnostic;
use crate::facts::{Fact, FactIndex, Role};
use crate::guideline::Guideline;
use crate::page::{AllElse, Case, Setting, TIME_UNITS};
use crate::resolve::{Attested, Entries, Entry, Said};

/// The moment such a case is decided about, in seconds. Nothing depends on which it is.
pub const NOW: i64 = 1_000_000_000;

/// The entries of a case. What names nobody is said by whoever may settle it
/// with the highest authority, and what names no time is said now. With "all
/// else clear" so is every fact not named.
///
/// # Errors
/// What is wrong with the case, one fault a setting.
pub fn entries_of(
    guideline: &Guideline,
    file: &str,
    case: &Case,
) -> Result<Entries, Vec<Diagnostic>> {
    let mut entries = Entries::default();
    let mut faults = Vec::new();
    for setting in &case.settings {
        if let Some(group) = signed(guideline, setting) {
            let attestation = guideline.attestations.iter().position(|known| known == group);
            entries.attested.push(Attested {
                attestation: attestation.unwrap_or(0),
                at: Some(NOW - ago_seconds(setting)),
                by: role(setting).unwrap_or_else(|| highest(&group.of)),
                signed: "case".to_string(),
                entered_in_error: false,
            });
            continue;
        }
        match said(guideline, file, setting) {
            Ok((fact, said)) => {
                let entry = entry(&guideline.facts[fact], setting, said);
                let told = entries.by_fact.get(&fact).map_or(&[][..], Vec::as_slice);
                if told.iter().any(|other| (other.by, other.at) == (entry.by, entry.at)) {
                    let message = format!("`{}` stands twice", setting.fact.text);
                    let span = setting.fact.span.clone();
                    faults.push(
                        Diagnostic::error("bad-case", file, span, message).help(
                            "of two words on a fact, say who or when: `by nurse 2 hours ago`",
                        ),
                    );
                }
                entries.add(fact, entry);
            }
            Err(fault) => faults.push(*fault),
        }
    }
    if case.all_else == AllElse::Clear {
        add_clear(guideline, &mut entries);
    }
    if faults.is_empty() { Ok(entries) } else { Err(faults) }
}

fn entry(fact: &Fact, setting: &Setting, said: Said) -> Entry {
    Entry {
        said,
        at: Some(NOW - ago_seconds(setting)),
        by: role(setting).unwrap_or_else(|| highest(&fact.asked_of)),
        entered_in_error: false,
    }
}

fn role(setting: &Setting) -> Option<Role> {
    setting.by.as_ref().and_then(|role| Role::of_id(&role.text))
}

fn ago_seconds(setting: &Setting) -> i64 {
    let seconds = setting.ago.as_ref().and_then(|(count, unit)| {
        let (_, seconds) = TIME_UNITS.iter().find(|(name, _)| *name == unit.text)?;
        count.text.parse::<i64>().ok()?.checked_mul(*seconds)
    });
    seconds.unwrap_or(0)
}

fn highest(roles: &[Role]) -> Role {
    roles.iter().copied().max().unwrap_or(Role::Physician)
}

fn add_clear(guideline: &Guideline, entries: &mut Entries) {
    let unnamed: Vec<FactIndex> = guideline
        .entered_facts()
        .map(|(fact, _)| fact)
        .filter(|fact| !entries.by_fact.contains_key(fact))
        .collect();
    for fact in unnamed {
        let described = &guideline.facts[fact];
        let said = clear(described);
        let by = highest(&described.asked_of);
        entries.add(fact, Entry { said, at: Some(NOW), by, entered_in_error: false });
    }
}
