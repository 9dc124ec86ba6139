//! SP8: a new edition is never less urgent than the one before, but for the
//! kinds of change on a signed list. The list lies beside the new edition:
//!
//! ```toml
//! against = "9380aa72…"       # SHA-256 of the old edition, in full
//! signed = "who, and when"
//!
//! [[lowered]]
//! from = "mri_within_24_hours, urgent"
//! to = "home, none"
//! why = "…"
//! ```
//!
//! Which kinds there are comes from decision diagrams of both editions, so the
//! list is complete, and an entry that nobody needs any more is a fault.

use std::collections::BTreeMap;

use cauda_guideline::Guideline;
use serde::Deserialize;

use crate::diagram::DiagramError;
use crate::difference::{Change, Difference, Direction, Told};

/// The signed list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lowered {
    /// SHA-256 of the old edition.
    pub against: String,
    /// Who signed it.
    pub signed: String,
    why: BTreeMap<(String, String), String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    against: String,
    signed: String,
    #[serde(default)]
    lowered: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    from: String,
    to: String,
    why: String,
}

impl Lowered {
    /// Reads the list.
    ///
    /// # Errors
    /// One sentence: what is no TOML, stands twice, or has no reason.
    pub fn read(text: &str) -> Result<Lowered, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut why = BTreeMap::new();
        for entry in file.lowered {
            let told = format!("from `{}` to `{}`", entry.from, entry.to);
            if entry.why.trim().is_empty() {
                return Err(format!("{told} has no reason"));
            }
            if why.insert((entry.from, entry.to), entry.why).is_some() {
                return Err(format!("{told} stands twice"));
            }
        }
        Ok(Lowered { against: file.against, signed: file.signed, why })
    }
}

/// What SP8 found.
#[derive(Clone, Debug)]
pub struct Refinement {
    /// Every kind of answer that became less urgent, with the reason it was
    /// signed for.
    pub lowered: Vec<(Change, Option<String>)>,
    /// Entries of the list that are no change any more.
    pub stale: Vec<String>,
    /// Only states in which everything is known were compared, because with
    /// unknowns the diagrams grow too large.
    pub known_only: bool,
}

impl Refinement {
    /// Compares two editions.
    ///
    /// # Errors
    /// Too many nodes, or formula and engine differ on a patient.
    pub fn new(
        old: &Guideline,
        new: &Guideline,
        list: &Lowered,
    ) -> Result<Refinement, DiagramError> {
        let found = Difference::new(old, new)?;
        // A list of other editions signs nothing.
        let counts = list.against == old.sha256;
        let less = found.changes.into_iter();
        let less = less.filter(|change| change.direction == Direction::LessUrgent);
        let lowered: Vec<(Change, Option<String>)> = less
            .map(|change| {
                let why = list.why.get(&(named(&change.old), named(&change.new)));
                let why = why.filter(|_| counts).cloned();
                (change, why)
            })
            .collect();
        let needed = |from: &str, to: &str| {
            lowered.iter().any(|(change, _)| named(&change.old) == from && named(&change.new) == to)
        };
        let entries = list.why.keys().filter(|(from, to)| !needed(from, to));
        let stale = entries.map(|(from, to)| format!("from `{from}` to `{to}`")).collect();
        Ok(Refinement { lowered, stale, known_only: !found.has_unknowns })
    }

    /// Whether nothing became less urgent that nobody signed, and the list says
    /// nothing beside that.
    pub fn holds(&self) -> bool {
        self.stale.is_empty() && self.lowered.iter().all(|(_, why)| why.is_some())
    }
}

/// An answer as the list names it: `mri_now, emergency`.
pub fn named(told: &Told) -> String {
    let go = told.disposition.as_deref().unwrap_or("cannot_decide_yet");
    format!("{go}, {}", told.acted.id())
}
