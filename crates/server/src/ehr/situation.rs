//! What is known of a patient an EHR asks about: its chart, the department's own visit, and what
//! was answered in the app, as one visit that the engine decides like any other.

use std::sync::Arc;

use cauda_guideline::Guideline;
use cauda_guideline::decision::Decision;
use cauda_pathway::answer::Answer;
use cauda_pathway::event::FindingSaid;
use cauda_pathway::identity::{Actor, VisitId};
use cauda_pathway::patient::Patient;
use cauda_pathway::visit::{Finding, Signature, Visit};

use crate::department::{ActError, Department, Entry};
use crate::{ServerError, streams};

/// Visits of a patient that are looked at for the open one.
const VISITS_MAX: usize = 50;

/// A patient as the engine sees them.
pub struct Situation {
    /// Everything that was said, whoever said it.
    pub visit: Visit,
    /// The department's own visit, if it has one of this patient that is open.
    pub own: Option<(VisitId, Arc<Entry>)>,
}

/// The department's patient with exactly that number, one of its own. A number that is looked up
/// alike and written otherwise is another patient's.
///
/// # Errors
/// As the record's.
pub async fn patient_of(
    department: &Department,
    number: &str,
) -> Result<Option<Patient>, ServerError> {
    let found = department.patient_of_number(number).await?;
    let same = |patient: &Patient| {
        let known = patient.person.number.as_deref();
        known.is_some_and(|known| streams::is_same_number(known, number))
    };
    Ok(found.filter(same))
}

/// The open visit of the patient with exactly that number, which is one of the department's own
/// ([`super::Inside::has_own_numbers`]).
///
/// # Errors
/// As the record's.
pub async fn own_visit(
    department: &Department,
    number: Option<&str>,
) -> Result<Option<(VisitId, Arc<Entry>)>, ServerError> {
    let Some(number) = number else { return Ok(None) };
    let patient = patient_of(department, number).await?;
    let Some(patient) = patient else { return Ok(None) };
    let visits = department.visits_of(&patient.id).await?;
    for id in visits.into_iter().rev().take(VISITS_MAX) {
        // One that cannot be read may hold the danger, so whoever asks must learn that.
        let entry = match department.entry(&id).await {
            Ok(entry) => entry,
            Err(ActError::Failed(error)) => return Err(error),
            Err(_) => continue,
        };
        if let Some(position) = entry.unreadable {
            return Err(ServerError::Unreadable(position));
        }
        if entry.visit.phase.is_live() {
            return Ok(Some((id, entry)));
        }
    }
    Ok(None)
}

impl Situation {
    /// Puts together what is known. Of an answer that stands in the department's visit already,
    /// the engine has the same twice, which changes nothing.
    pub fn new<'a>(
        own: Option<(VisitId, Arc<Entry>)>,
        findings: impl Iterator<Item = &'a FindingSaid>,
        signed: impl Iterator<Item = Signature>,
    ) -> Situation {
        let mut visit = own.as_ref().map(|(_, entry)| entry.visit.clone()).unwrap_or_default();
        let by = Actor::system();
        let first = visit.findings.last().map_or(1, |last| last.number + 1);
        visit.findings.extend(findings.zip(first..).map(|(said, number)| Finding {
            number,
            said: said.clone(),
            by: by.clone(),
            withdrawn: false,
        }));
        visit.signatures.extend(signed);
        Situation { visit, own }
    }

    /// The answer, with reasons and as the record keeps it.
    pub fn decide(&mut self, guideline: &Guideline, now: i64) -> (Decision, Answer) {
        let as_of = now.max(self.visit.latest);
        let (decision, answer) = cauda_pathway::decided(&self.visit, guideline, as_of, None);
        self.visit.answer = Some(answer.clone());
        (decision, answer)
    }
}
