//! What a raised concern takes to be new because nobody said anything else (CR4).
//!
//! A title such as "Both legs newly weak" claims more than was said then, so whoever shows the
//! title has to know. What is assumed of a scan or of a senior's word claims nothing of the patient.

use super::writer::Writer;
use crate::decide::decide_with_truths;
use crate::facts::{FactIndex, Kind};
use crate::resolve::Said;

/// The value that is assumed of an onset or a course.
const NEW: &str = "new";

impl Writer<'_> {
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
