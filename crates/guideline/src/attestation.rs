//! Attestations: one signed action that says of a group of facts that each is
//! clear (CR6). Written in `attestations.toml`, a table an attestation.

use std::ops::Range;

use serde::Deserialize;

use crate::diagnostic::Diagnostic;
use crate::facts::{Fact, FactIndex, Role, Stage, is_id, tables};

/// The file of a guideline folder.
pub const FILE: &str = "attestations.toml";
/// Most attestations of a guideline.
pub const ATTESTATIONS_MAX: usize = 32;

/// A group of facts that a named clinician may sign as clear in one action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attestation {
    /// Its id.
    pub id: String,
    /// Where its id stands in the file.
    pub span: Range<usize>,
    /// What the clinician attests.
    pub staff: String,
    /// The same for the patient.
    pub patient: String,
    /// Who may sign it.
    pub of: Vec<Role>,
    /// When.
    pub at: Vec<Stage>,
    /// The facts, in the order of the file.
    pub covers: Vec<FactIndex>,
    /// Ids of sources.
    pub sources: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    staff: String,
    patient: String,
    of: Vec<Role>,
    at: Vec<Stage>,
    covers: Vec<String>,
    #[serde(default)]
    sources: Vec<String>,
}

/// An attestation whose facts were not looked up yet.
pub(crate) type Unresolved = (String, Range<usize>, Raw);

/// Reads the file.
pub(crate) fn read(source: &str, faults: &mut Vec<Diagnostic>) -> Vec<Unresolved> {
    let found = tables::<Raw>(FILE, source, faults).unwrap_or_default();
    if found.len() > ATTESTATIONS_MAX {
        let message = format!("more than {ATTESTATIONS_MAX} attestations");
        faults.push(Diagnostic::error("too-large", FILE, 0..0, message));
    }
    for (id, span, _) in found.iter().filter(|(id, ..)| !is_id(id)) {
        let message = format!("`{id}` is not an id");
        let fault = Diagnostic::error("bad-id", FILE, span.clone(), message);
        faults.push(fault.help("use lower-case letters, digits and `_`"));
    }
    found
}

/// Looks the facts up.
pub(crate) fn resolve(
    raw: &[Unresolved],
    facts: &[Fact],
    faults: &mut Vec<Diagnostic>,
) -> Vec<Attestation> {
    raw.iter().map(|unresolved| attestation(unresolved, facts, faults)).collect()
}

fn attestation(
    (id, span, raw): &Unresolved,
    facts: &[Fact],
    faults: &mut Vec<Diagnostic>,
) -> Attestation {
    let mut refuse = |message: String, help: &str| {
        let fault = Diagnostic::error("bad-attestation", FILE, span.clone(), message);
        faults.push(fault.help(help));
    };
    if facts.iter().any(|fact| fact.id == *id) {
        refuse(format!("`{id}` is also a fact"), "give the attestation a name of its own");
    }
    if raw.covers.is_empty() || raw.of.is_empty() || raw.at.is_empty() {
        refuse(format!("`{id}` covers nothing, or nobody may sign it"), "fill the lists");
    }
    let mut covers = Vec::new();
    for name in &raw.covers {
        let found = facts.iter().position(|fact| fact.id == *name && !fact.is_computed());
        let Some(fact) = found else {
            refuse(format!("`{id}` covers `{name}`, which cannot be entered"), "correct the name");
            continue;
        };
        if covers.contains(&fact) {
            refuse(format!("`{id}` covers `{name}` twice"), "keep one");
            continue;
        }
        if facts[fact].assumed().is_some() || facts[fact].governs.is_some() {
            let message = format!("`{id}` covers `{name}`, which needs no attestation");
            refuse(message, "an assumed value and the reliability of the history are said alone");
        }
        for role in raw.of.iter().filter(|role| !facts[fact].asked_of.contains(role)) {
            let message = format!("`{id}`: {} may not settle `{name}`", role.words());
            refuse(message, "let only those sign who may answer every fact of the group");
        }
        covers.push(fact);
    }
    Attestation {
        id: id.clone(),
        span: span.clone(),
        staff: raw.staff.clone(),
        patient: raw.patient.clone(),
        of: raw.of.clone(),
        at: raw.at.clone(),
        covers,
        sources: raw.sources.clone(),
    }
}
