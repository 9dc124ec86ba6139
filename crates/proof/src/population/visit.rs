//! One patient when everything that can be had was had: all answers, and every
//! test that some page asks for or may ask for.

use cauda_guideline::Guideline;
use cauda_guideline::ask::is_withheld;
use cauda_guideline::decide::{Truths, Verdict, decide_with_truths};
use cauda_guideline::facts::{Fact, FactIndex, Role};
use cauda_guideline::resolve::{Entries, Entry, Patient, Said, authority, resolve, resolve_fact};

use super::draw::Person;

/// The end of a visit.
#[derive(Clone)]
pub struct Visit {
    /// What was known.
    pub patient: Patient,
    /// What was decided.
    pub verdict: Verdict,
    /// What every condition of the graph came to.
    pub truths: Truths,
}

/// Takes the patient through the visit.
pub fn visit(guideline: &Guideline, person: &Person) -> Visit {
    let mut entries = Entries::default();
    let mut waiting = Vec::new();
    let withheld = withheld(guideline, person);
    for (fact, known) in guideline.entered_facts() {
        if withheld[fact] {
            continue;
        }
        match guideline.program.needed[fact] {
            Some(_) => waiting.push(fact),
            None => entries.add(fact, entry(known, person.said[fact])),
        }
    }
    let mut patient = resolve(guideline, &entries, None).patient();
    loop {
        let (verdict, truths) = decide_with_truths(&guideline.program, &patient);
        // First what is needed for certain; where nothing is, what nobody can say
        // is not needed (CR6).
        let needed = |fact: &FactIndex| guideline.program.needed[*fact];
        let is_true = |fact: &FactIndex| needed(fact).is_none_or(|place| truths.is_true(place));
        let certain = waiting.iter().any(is_true);
        let is_due = |fact: &FactIndex| match needed(fact) {
            Some(place) if certain => truths.is_true(place),
            Some(place) => !truths.is_false(place),
            None => true,
        };
        let (due, later): (Vec<FactIndex>, Vec<FactIndex>) = waiting.into_iter().partition(is_due);
        if due.is_empty() {
            return Visit { patient, verdict, truths };
        }
        waiting = later;
        for fact in due {
            entries.add(fact, entry(&guideline.facts[fact], person.said[fact]));
            let found = resolve_fact(guideline, fact, &entries, 0);
            patient.cells[fact] = found.cells;
            patient.vague[fact] = found.is_vague;
            patient.cannot_be_had[fact] =
                matches!(found.said, Said::Unknown(reason) if reason.cannot_be_had());
        }
    }
}

/// What is entered for a fact, by the highest authority that may.
pub fn entry(fact: &Fact, said: Said) -> Entry {
    let by = fact.asked_of.iter().copied().max_by_key(|role| authority(fact, *role));
    Entry { said, at: None, by: by.unwrap_or(Role::Physician), entered_in_error: false }
}

/// By fact: whether asking is unsafe for this patient, with all that is so known.
pub fn withheld(guideline: &Guideline, person: &Person) -> Vec<bool> {
    let mut entries = Entries::default();
    for (fact, known) in guideline.entered_facts() {
        entries.add(fact, entry(known, person.said[fact]));
    }
    let patient = resolve(guideline, &entries, None).patient();
    let (_, truths) = decide_with_truths(&guideline.program, &patient);
    let facts = 0..guideline.facts.len();
    facts.map(|fact| is_withheld(guideline, &patient, &truths, fact)).collect()
}
