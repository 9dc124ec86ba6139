//! What may be said of a raised concern: its title, or less, where the title says more than
//! anybody did.
//!
//! An unknown onset or course counts as new (CR4). A title such as "Both legs newly weak" or
//! "Known cancer with new back pain" claims more than was said then, and so does another page of
//! the same concern that rests on nothing more. What is assumed of a scan or of a senior's word
//! claims nothing of the patient.

use super::ConcernAnswer;
use super::writer::Writer;
use crate::decide::decide_with_truths;
use crate::facts::{FactIndex, Kind};
use crate::resolve::Said;

/// The value that is assumed of an onset or a course.
const NEW: &str = "new";

impl ConcernAnswer {
    /// The title, or what is suspected where the title claims more than was said.
    pub fn claim(&self) -> &str {
        self.said_less.as_deref().unwrap_or(&self.title)
    }
}

impl Writer<'_> {
    /// Marks the concerns whose titles claim more than was said.
    pub(super) fn say_no_more_than_was_said(&self, concerns: &mut [ConcernAnswer]) {
        let assuming: Vec<(String, Vec<String>, Vec<String>)> = concerns
            .iter()
            .filter(|concern| !concern.assumed_new.is_empty())
            .map(|one| (one.concern.clone(), ids(one), one.assumed_new.clone()))
            .collect();
        for concern in concerns.iter_mut().filter(|concern| !concern.because.is_empty()) {
            let own = ids(concern);
            // A page of the same concern that rests on no more than one whose "new" is assumed.
            let same = assuming.iter().filter(|(kind, because, _)| {
                *kind == concern.concern && own.iter().all(|fact| because.contains(fact))
            });
            for fact in same.flat_map(|(_, _, assumed)| assumed) {
                if !concern.assumed_new.contains(fact) {
                    concern.assumed_new.push(fact.clone());
                }
            }
            if !concern.assumed_new.is_empty() {
                concern.said_less = Some(self.suspected(concern));
            }
        }
    }

    fn suspected(&self, concern: &ConcernAnswer) -> String {
        let phrase = self.guideline.vocabulary.get("concern", &concern.concern);
        match phrase.map(|phrase| phrase.staff.as_str()) {
            None => "Suspected, and not excluded".to_string(),
            Some(staff) if staff.starts_with("Suspected") => staff.to_string(),
            Some(staff) => format!("Suspected: {}", lower(staff)),
        }
    }

    /// Facts nobody said, without whose assumed "new" the concern would not be raised.
    pub(super) fn assumed_new(&self, index: usize) -> Vec<FactIndex> {
        let program = &self.guideline.program;
        let concern = &program.concerns[index];
        let open: Vec<FactIndex> =
            concern.facts.iter().copied().filter(|fact| self.is_assumed_new(*fact)).collect();
        if open.is_empty() {
            return open;
        }
        let mut patient = self.patient.clone();
        for fact in &open {
            patient.cells[*fact] = program.cells[*fact].all();
        }
        let (_, truths) = decide_with_truths(program, &patient);
        if truths.is_true(concern.raised) { Vec::new() } else { open }
    }

    fn is_assumed_new(&self, index: FactIndex) -> bool {
        let (fact, finding) = (&self.guideline.facts[index], &self.findings.by_fact[index]);
        let Kind::Named { values, .. } = &fact.kind else { return false };
        let assumed = fact.assumed().filter(|value| finding.said == Said::Value(*value));
        let is_new = assumed.and_then(|value| values.get(value)).is_some_and(|id| id == NEW);
        is_new && finding.by.is_none()
    }
}

fn ids(concern: &ConcernAnswer) -> Vec<String> {
    concern.because.iter().map(|shown| shown.fact.clone()).collect()
}

/// A word in the middle of a sentence; what is written in capitals stays.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return String::new() };
    match letters.clone().next() {
        Some(second) if second.is_lowercase() => first.to_lowercase().chain(letters).collect(),
        _ => text.to_string(),
    }
}
