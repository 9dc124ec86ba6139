//! The engine's answer for a visit. Findings reach it through its own reader and
//! resolver; nothing clinical is decided here.

use cauda_guideline::Guideline;
use cauda_guideline::decide::{State, decide};
use cauda_guideline::decision::{AdviceState, Decision, explain};
use cauda_guideline::facts::{FactIndex, Stage};
use cauda_guideline::resolve::{Attested, Entries, Entry, Findings, Reason, Said, resolve};
use cauda_guideline::vocabulary::Tier;
use cauda_guideline::{time, visit as engine};
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Asked, Basis, Raised, Verdict};
use crate::clocks::TaskKind;
use crate::event::{FindingSaid, What};
use crate::handle::Writing;
use crate::refusal::Refusal;
use crate::skeleton::VerdictClass;
use crate::tasks::Raise;
use crate::visit::{Signature, Visit};

/// A finding as the engine's reader takes it.
fn entry(said: &FindingSaid) -> Value {
    let mut entry = json!({
        "value": said.value, "at": time::write(said.at), "by": said.said_by.id(),
    });
    if said.limited_by_pain {
        entry["limited_by_pain"] = Value::Bool(true);
    }
    entry
}

fn signed(signature: &Signature) -> Value {
    json!({
        "by": signature.said_by.id(), "signed": signature.signed.as_str(),
        "at": time::write(signature.at),
    })
}

/// Reads findings and signatures through the engine's reader.
///
/// # Errors
/// What the engine says of the first fault.
pub(crate) fn read<'a>(
    guideline: &Guideline,
    findings: impl Iterator<Item = &'a FindingSaid>,
    signatures: impl Iterator<Item = &'a Signature>,
) -> Result<Entries, engine::VisitError> {
    let (mut facts, mut groups) = (Map::new(), Map::new());
    for said in findings {
        push(&mut facts, &said.fact, entry(said));
    }
    for signature in signatures {
        push(&mut groups, &signature.attestation, signed(signature));
    }
    let text = json!({ "findings": facts, "attestations": groups }).to_string();
    Ok(engine::read(guideline, &text)?.entries)
}

fn push(map: &mut Map<String, Value>, key: &str, value: Value) {
    let list = map.entry(key).or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(list) = list {
        list.push(value);
    }
}

/// Everything that stands, for the engine; and the facts and attestations whose
/// entries this guideline cannot read. Entry by entry, so that one of an older
/// guideline hides no other.
pub fn entries(visit: &Visit, guideline: &Guideline) -> (Entries, Vec<String>) {
    let mut entries = Entries::default();
    let mut unreadable: Vec<String> = Vec::new();
    for finding in visit.findings.iter().filter(|finding| !finding.withdrawn) {
        match one(guideline, &finding.said) {
            Some((fact, entry)) => entries.add(fact, entry),
            None => unreadable.push(finding.said.fact.clone()),
        }
    }
    for signature in visit.signatures.iter().filter(|signature| !signature.withdrawn) {
        match attested(guideline, signature) {
            Some(attested) => entries.attested.push(attested),
            None => unreadable.push(signature.attestation.clone()),
        }
    }
    unreadable.sort();
    unreadable.dedup();
    (entries, unreadable)
}

/// One finding, by the engine's reader of values; what pain limited goes through
/// its reader of visits.
fn one(guideline: &Guideline, said: &FindingSaid) -> Option<(FactIndex, Entry)> {
    if said.limited_by_pain {
        let read = read(guideline, std::iter::once(said), std::iter::empty()).ok()?;
        let (fact, entries) = read.by_fact.into_iter().next()?;
        return Some((fact, entries.into_iter().next()?));
    }
    let fact = guideline.fact(&said.fact)?;
    let value = engine::read_value(&guideline.facts[fact], &said.value).ok()?;
    let entry = Entry { said: value, at: Some(said.at), by: said.said_by, entered_in_error: false };
    Some((fact, entry)).filter(|_| !guideline.facts[fact].is_computed())
}

fn attested(guideline: &Guideline, signature: &Signature) -> Option<Attested> {
    let mut known = guideline.attestations.iter();
    let attestation = known.position(|known| known.id == signature.attestation)?;
    let may = guideline.attestations[attestation].of.contains(&signature.said_by);
    may.then(|| Attested {
        attestation,
        at: Some(signature.at),
        by: signature.said_by,
        signed: signature.signed.as_str().to_string(),
        entered_in_error: false,
    })
}

/// What is known of the patient at that moment.
pub fn known(visit: &Visit, guideline: &Guideline, as_of: i64) -> Findings {
    resolve(guideline, &entries(visit, guideline).0, Some(as_of))
}

/// The whole answer with reasons, for the screens.
pub fn explained(
    visit: &Visit,
    guideline: &Guideline,
    as_of: i64,
    stage: Option<Stage>,
) -> Decision {
    explain(guideline, &known(visit, guideline, as_of), stage)
}

/// The answer as the record keeps it.
pub fn answer(visit: &Visit, guideline: &Guideline, as_of: i64) -> Answer {
    decided(visit, guideline, as_of, None).1
}

/// The whole answer with reasons, and the same as the record keeps it.
pub fn decided(
    visit: &Visit,
    guideline: &Guideline,
    as_of: i64,
    stage: Option<Stage>,
) -> (Decision, Answer) {
    let (entries, unreadable) = entries(visit, guideline);
    let findings = resolve(guideline, &entries, Some(as_of));
    let in_scope = decide(&guideline.program, &findings.patient()).in_scope;
    let decision = explain(guideline, &findings, stage);
    let disposition = decision.disposition.as_ref().map(|spoken| spoken.id.clone());
    let clinician_review = decision.clinician_review || !unreadable.is_empty();
    let raised = decision.concerns.iter().filter(|concern| concern.state == State::Raised);
    let mut verdict = Verdict {
        class: VerdictClass::Undecided,
        disposition,
        decided: decision.decided,
        in_scope,
        clinician_review,
        ask_again: findings.by_fact.iter().any(|f| f.said == Said::Unknown(Reason::Unreliable)),
        acted_on: decision.urgency.acted_on,
        at_least: decision.urgency.at_least,
        at_most: decision.urgency.at_most,
        raised: raised.map(|c| Raised { page: c.page.clone(), tier: c.tier }).collect(),
        imaging: decision.imaging.iter().map(asked).collect(),
        actions: actions(&decision),
    };
    verdict.class = class(&verdict, guideline);
    let answer = Answer {
        basis: Basis {
            guideline: decision.guideline.id.clone(),
            version: decision.guideline.version.clone(),
            sha256: decision.guideline.sha256.clone(),
            engine: decision.guideline.engine.to_string(),
        },
        as_of,
        valid_until: findings.valid_until,
        facts_sha256: decision.facts_sha256.clone(),
        verdict,
        unreadable,
    };
    (decision, answer)
}

/// What is to be done and whom to call, once each: by concerns, by reports, and
/// by advice that is given, such as relief of severe pain (CR17, CR20).
fn actions(decision: &Decision) -> Vec<String> {
    let advice = decision.treatment.iter().chain(&decision.follow_up);
    let given = advice.filter(|advised| advised.state == AdviceState::Given);
    let lines = decision.results.iter().flat_map(|report| &report.says);
    let lines = lines.chain(given.flat_map(|advised| &advised.says));
    let lines = lines.filter(|line| matches!(line.key.as_str(), "do" | "call"));
    let own = decision.actions.iter().map(|action| &action.spoken);
    let mut ids: Vec<String> = Vec::new();
    for spoken in own.chain(lines.map(|line| &line.spoken)) {
        if !ids.contains(&spoken.id) {
            ids.push(spoken.id.clone());
        }
    }
    ids
}

fn asked(image: &cauda_guideline::decision::Imaging) -> Asked {
    Asked {
        image: image.spoken.id.clone(),
        modality: image.modality.clone(),
        tier: image.tier,
        within: image.within.clone(),
        covers: image.covers.clone(),
    }
}

/// Class of a verdict. What has to be reviewed, or is outside the guideline,
/// never counts as decided (CR14).
fn class(verdict: &Verdict, guideline: &Guideline) -> VerdictClass {
    let phrase =
        verdict.disposition.as_deref().and_then(|id| guideline.vocabulary.get("disposition", id));
    let certain = verdict.decided && verdict.in_scope && !verdict.clinician_review;
    match (verdict.acted_on, phrase) {
        (Tier::Immediate | Tier::Emergency, _) => VerdictClass::Emergency,
        (Tier::Urgent, _) => VerdictClass::Urgent,
        (_, Some(phrase)) if certain && phrase.leaves => VerdictClass::Home,
        (_, Some(_)) if certain => VerdictClass::Lesser,
        _ => VerdictClass::Undecided,
    }
}

impl Writing<'_> {
    /// The moment to decide about: never before what was recorded already.
    pub(crate) fn as_of(&self) -> i64 {
        self.now.max(self.visit.latest)
    }

    /// Whether the decision in force is past its time.
    pub(crate) fn has_expired(&self) -> bool {
        let until = self.visit.answer.as_ref().and_then(|answer| answer.valid_until);
        until.is_some_and(|until| self.as_of() > until)
    }

    /// Decides again. A changed verdict is recorded with what it was before; so
    /// is an unchanged one that was asked for, or holds less long than recorded.
    pub(crate) fn decide_again(&mut self, asked_for: bool) -> Result<(), Refusal> {
        let after = answer(&self.visit, self.guideline, self.as_of());
        let before = self.visit.answer.as_ref();
        let same = before.is_some_and(|before| {
            let basis = before.basis == after.basis && before.unreadable == after.unreadable;
            let shorter = match (before.valid_until, after.valid_until) {
                (Some(before), Some(after)) => after < before,
                (None, after) => after.is_some(),
                (Some(_), None) => false,
            };
            basis && before.verdict == after.verdict && !shorter
        });
        if same && !asked_for {
            return Ok(());
        }
        let tasks = new_tasks(before.map(|before| &before.verdict), &after.verdict);
        let was = before.map_or(Tier::None, |before| before.verdict.acted_on);
        let worse = after.verdict.acted_on > was && after.verdict.class.is_pressing();
        let asked_before = before.map_or_else(Vec::new, |before| before.verdict.imaging.clone());
        let before = before.map(Answer::in_short);
        self.record(What::DecisionMade { before, after: Box::new(after) })?;
        self.hasten_orders(&asked_before)?;
        if worse && self.visit.phase.is_seen() {
            self.answer_worsening()?;
        }
        self.ask_for(tasks)
    }

    /// Urgency rose after a physician had the patient: unless a physician just
    /// found it, one comes again, and the checks start anew (CR9, CR27).
    fn answer_worsening(&mut self) -> Result<(), Refusal> {
        self.done(TaskKind::WatchConcern, None)?;
        if self.by.role.treats() || self.has_open(TaskKind::AnswerWorsening, None) {
            return Ok(());
        }
        self.raise(TaskKind::AnswerWorsening, Raise::default())
    }

    fn ask_for(&mut self, tasks: Vec<TaskKind>) -> Result<(), Refusal> {
        if !self.visit.phase.is_live() {
            return Ok(());
        }
        for kind in tasks {
            if !self.has_open(kind, None) {
                self.raise(kind, Raise::default())?;
            }
        }
        Ok(())
    }
}

/// Tasks for what a verdict asks for and the last one did not.
fn new_tasks(before: Option<&Verdict>, after: &Verdict) -> Vec<TaskKind> {
    let said = |phrase: &String| before.is_some_and(|before| before.actions.contains(phrase));
    let new = after.actions.iter().filter(|phrase| !said(phrase));
    let mut tasks: Vec<TaskKind> = new.filter_map(|id| TaskKind::of_phrase(id)).collect();
    if after.ask_again && !before.is_some_and(|before| before.ask_again) {
        tasks.push(TaskKind::RepeatQuestions);
    }
    if after.clinician_review {
        tasks.push(TaskKind::ReviewDecision);
    }
    tasks.sort_unstable();
    tasks.dedup();
    tasks
}
