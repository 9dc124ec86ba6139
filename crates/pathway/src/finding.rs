//! What was said and examined, signed, and taken back (CR5 to CR8).

use cauda_guideline::facts::{FactIndex, Kind, Role};
use cauda_guideline::resolve::{Reason, Said};

use crate::clocks::TaskKind;
use crate::command::{Found, SignedGroup};
use crate::deciding::{answer, known, read};
use crate::event::{FindingNumber, FindingSaid, What};
use crate::handle::Writing;
use crate::identity::Text;
use crate::refusal::{Refusal, Why};
use crate::visit::Signature;

/// Most findings of one command.
pub const FINDINGS_MAX: usize = 200;
/// Most findings of one command if a danger sign is among them.
pub const FINDINGS_HARD_MAX: usize = 1_000;

impl Writing<'_> {
    /// Records what was found and signed.
    pub(crate) fn find(&mut self, found: &Found) -> Result<(), Refusal> {
        if found.findings.is_empty() && found.signed.is_empty() {
            return Err(Refusal::new(Why::Unreadable, "nothing was found; enter one finding"));
        }
        self.find_if_any(found)
    }

    pub(crate) fn find_if_any(&mut self, found: &Found) -> Result<(), Refusal> {
        self.within_limits(&found.findings)?;
        self.speaks_for_itself(found)?;
        self.can_read(&found.findings)?;
        if !found.findings.is_empty() {
            self.record(What::FindingsRecorded { findings: found.findings.clone() })?;
        }
        found.signed.iter().try_for_each(|group| self.sign(group))
    }

    /// A physician takes the patient on, and so answers whatever got worse.
    pub(crate) fn take_on(&mut self) -> Result<(), Refusal> {
        self.record(What::Seen {})?;
        self.done(TaskKind::AnswerWorsening, None)
    }

    /// A physician examined; the decision is made again even if it is the same.
    pub(crate) fn examine(&mut self, found: &Found) -> Result<(), Refusal> {
        self.find_if_any(found)?;
        self.record(What::ExaminationRecorded {})?;
        self.done(TaskKind::AnswerWorsening, None)
    }

    fn within_limits(&self, findings: &[FindingSaid]) -> Result<(), Refusal> {
        let few = findings.len() <= FINDINGS_MAX;
        if few || (findings.len() <= FINDINGS_HARD_MAX && self.has_danger(findings)) {
            return Ok(());
        }
        let message = format!("more than {FINDINGS_MAX} findings at once; send them in parts");
        Err(Refusal::new(Why::TooLarge, message))
    }

    /// Nobody takes a danger back through another person's name: who is no
    /// doctor does not write a doctor's word, nor a clerk a nurse's.
    fn speaks_for_itself(&self, found: &Found) -> Result<(), Refusal> {
        let role = self.by.role;
        let said = found.findings.iter().map(|said| said.said_by);
        let signed = found.signed.iter().map(|group| group.said_by);
        for by in said.chain(signed) {
            let may = match by {
                Role::Physician => role.is_physician(),
                Role::Nurse => role.is_physician() || role.is_nurse(),
                Role::Patient | Role::Laboratory | Role::Ehr => true,
            };
            if !may {
                let message = format!(
                    "a {} cannot write down the word of {}; say who it came from",
                    role.words(),
                    by.words()
                );
                return Err(Refusal::new(Why::NotYourRole, message));
            }
        }
        Ok(())
    }

    /// Whether the guideline can read all of them.
    pub(crate) fn can_read(&self, findings: &[FindingSaid]) -> Result<(), Refusal> {
        match read(self.guideline, findings.iter(), std::iter::empty()) {
            Ok(_) => Ok(()),
            Err(fault) => {
                let help = fault.help.as_deref().unwrap_or("correct it and send it again");
                Err(Refusal::new(Why::Unreadable, format!("{}; {help}", fault.message)))
            }
        }
    }

    /// Whether a danger sign is among them. What cannot be read is not one: it is
    /// refused with its own sentence.
    pub(crate) fn has_danger(&self, findings: &[FindingSaid]) -> bool {
        findings.iter().any(|said| is_danger(self.guideline, said))
    }

    /// One signature over a group (CR6). It is refused while the history is not
    /// reliable, because none of the answers would count (CR7).
    fn sign(&mut self, group: &SignedGroup) -> Result<(), Refusal> {
        let signature = Signature {
            attestation: group.attestation.clone(),
            said_by: group.said_by,
            at: group.at,
            signed: self.by.id.clone(),
            withdrawn: false,
        };
        if let Err(fault) = read(self.guideline, std::iter::empty(), std::iter::once(&signature)) {
            let help = fault.help.as_deref().unwrap_or("ask each finding alone");
            return Err(Refusal::new(Why::Unreadable, format!("{}; {help}", fault.message)));
        }
        self.record(What::Attested {
            attestation: group.attestation.clone(),
            said_by: group.said_by,
            at: group.at,
        })?;
        let known = known(&self.visit, self.guideline, self.as_of());
        let found = self.guideline.attestations.iter().find(|known| known.id == group.attestation);
        let covers: &[FactIndex] = found.map_or(&[], |attestation| &attestation.covers);
        let doubted =
            |fact: &FactIndex| known.by_fact[*fact].said == Said::Unknown(Reason::Unreliable);
        if covers.iter().any(doubted) {
            let message = "a group cannot be signed while the history is not reliable; \
                           ask each again with an interpreter or when the patient is clear";
            return Err(Refusal::new(Why::NotReliable, message));
        }
        Ok(())
    }

    /// Takes back what was entered in error. What would lower the urgency or drop
    /// a raised concern is for a physician (CR18).
    pub(crate) fn withdraw(
        &mut self,
        findings: &[FindingNumber],
        attestations: &[String],
        reason: &Text,
    ) -> Result<(), Refusal> {
        let has = |number: &FindingNumber| self.visit.findings.iter().any(|f| f.number == *number);
        let signed = |id: &String| self.visit.signatures.iter().any(|s| s.attestation == *id);
        if !findings.iter().all(has) || !attestations.iter().all(signed) {
            let message = "there is no such finding; choose one from the timeline";
            return Err(Refusal::new(Why::NoSuchThing, message));
        }
        if findings.is_empty() && attestations.is_empty() {
            return Err(Refusal::new(Why::NoSuchThing, "nothing is taken back; choose a finding"));
        }
        let before = answer(&self.visit, self.guideline, self.as_of()).verdict;
        self.record(What::FindingsWithdrawn {
            findings: findings.to_vec(),
            attestations: attestations.to_vec(),
            reason: reason.clone(),
        })?;
        let after = answer(&self.visit, self.guideline, self.as_of()).verdict;
        let dropped = before.raised.iter().any(|raised| !after.raised.contains(raised));
        if (after.acted_on < before.acted_on || dropped) && !self.by.role.treats() {
            let message = "taking this back would close a concern; a physician does that";
            return Err(Refusal::new(Why::NotYourRole, message));
        }
        Ok(())
    }
}

/// Whether a finding is a danger sign of the guideline.
pub(crate) fn is_danger(guideline: &cauda_guideline::Guideline, said: &FindingSaid) -> bool {
    let Ok(entries) = read(guideline, std::iter::once(said), std::iter::empty()) else {
        return false;
    };
    entries.by_fact.iter().any(|(fact, entries)| {
        let cells = &guideline.program.cells[*fact];
        entries.iter().any(|entry| match (entry.said, &guideline.facts[*fact].kind) {
            (Said::Value(value), Kind::Named { dangerous, .. }) => dangerous[value],
            (Said::Between(low, high), _) => cells.between(low, high) & cells.dangerous != 0,
            _ => false,
        })
    })
}
