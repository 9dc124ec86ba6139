//! SP12: what is executed is what was proved. The engine, its batch, the
//! circuit of the proofs and the naive reference evaluator answer random
//! patients, biased to thresholds; any difference is a counterexample.

use cauda_guideline::batch::{Answers, Batch, LANES, Patients};
use cauda_guideline::decide::{State, Verdict, decide};
use cauda_guideline::facts::Kind;
use cauda_guideline::resolve::Patient;
use cauda_guideline::vocabulary::Tier;

use super::{Model, Outcome};
use crate::circuit::{Literal, value_of};
use crate::counterexample::{Counterexample, story};
use crate::random::{Random, as_engine, patient};
use crate::reference::{Answer, Known, Reference};

/// One patient in this many also runs through the circuit.
const CIRCUIT_EVERY: u64 = 16;

pub(super) fn check(model: &mut Model) -> Outcome {
    let guideline = model.guideline;
    let program = &guideline.program;
    let reference = match Reference::new(guideline) {
        Ok(reference) => reference,
        Err(why) => return Outcome::Failed(why),
    };
    let mut random = Random::new(model.seed);
    let mut batch = Batch::new(program);
    let mut tried: u64 = 0;
    while tried < model.random_patients {
        let mut lanes = Patients::unknown(program);
        let mut waiting: Vec<(Vec<Known>, Verdict)> = Vec::with_capacity(LANES);
        while waiting.len() < LANES && tried < model.random_patients {
            let (known, patient) = patient(guideline, &mut random);
            let verdict = decide(program, &patient);
            let answer = reference.evaluate(&known);
            if differs_from_reference(model, &verdict, &answer).is_some()
                || tried.is_multiple_of(CIRCUIT_EVERY)
                    && differs_from_circuit(model, &patient, &verdict).is_some()
            {
                return broken(model, &reference, known);
            }
            lanes.set(waiting.len(), &patient);
            waiting.push((known, verdict));
            tried += 1;
        }
        let answers = batch.decide(&lanes);
        for (lane, (known, verdict)) in waiting.iter().enumerate() {
            if differs_from_batch(&answers, lane, verdict) {
                return broken(model, &reference, known.clone());
            }
        }
    }
    model.questions = tried;
    Outcome::Holds
}

/// Any difference on one patient.
fn differs(model: &Model, reference: &Reference, known: &[Known]) -> Option<String> {
    let program = &model.guideline.program;
    let patient = as_engine(model.guideline, known);
    let verdict = decide(program, &patient);
    let mut lanes = Patients::unknown(program);
    lanes.set(0, &patient);
    let batch = || {
        let answers = &Batch::new(program).decide(&lanes);
        differs_from_batch(answers, 0, &verdict).then(|| "the batch answers differently".into())
    };
    differs_from_reference(model, &verdict, &reference.evaluate(known))
        .or_else(|| differs_from_circuit(model, &patient, &verdict))
        .or_else(batch)
}

/// Each fact is set to its clear value, else to unknown, while they still differ.
fn broken(model: &Model, reference: &Reference, mut known: Vec<Known>) -> Outcome {
    for _ in 0..2 {
        for fact in 0..known.len() {
            let clear = match &model.guideline.facts[fact].kind {
                _ if model.guideline.facts[fact].is_computed() => continue,
                Kind::Named { clear, .. } => Known::Value(*clear),
                Kind::Quantity(quantity) => Known::Between(quantity.clear, quantity.clear),
            };
            for candidate in [clear, Known::Unknown { cannot_be_had: false }] {
                if known[fact] == candidate {
                    break;
                }
                let before = std::mem::replace(&mut known[fact], candidate);
                if differs(model, reference, &known).is_some() {
                    break;
                }
                known[fact] = before;
            }
        }
    }
    let what = differs(model, reference, &known)
        .unwrap_or_else(|| "a patient is decided differently among others".into());
    let first = story(model.guideline, &as_engine(model.guideline, &known));
    Outcome::Broken(Box::new(Counterexample { property: "SP12", what, first, second: None }))
}

fn differs_from_reference(model: &Model, verdict: &Verdict, answer: &Answer) -> Option<String> {
    let program = &model.guideline.program;
    let go = verdict.row.map(|row| program.rows[row].go.as_str());
    let states = program.concerns.iter().enumerate().all(|(index, concern)| {
        let page = &model.guideline.pages[concern.page].id;
        let state = verdict.state(index);
        answer.states.iter().any(|(id, other)| id == page && *other == state)
    });
    let same = states
        && answer.at_least == verdict.at_least
        && answer.at_most == verdict.at_most
        && answer.acted == verdict.acted
        && answer.first_step == verdict.first_step
        && answer.go.as_deref() == go
        && answer.decided == verdict.decided;
    (!same).then(|| format!("the reference evaluator answers {answer:?}, the engine {verdict:?}"))
}

fn differs_from_circuit(model: &Model, patient: &Patient, verdict: &Verdict) -> Option<String> {
    let program = &model.guideline.program;
    let values = model.circuit.evaluate(&model.first.inputs(program, patient));
    let holds = |literal: Literal| value_of(&values, literal);
    let copy = &model.first;
    let tiers = Tier::ALL.into_iter().all(|tier| {
        let at = tier as usize;
        holds(copy.at_least[at]) == (verdict.at_least >= tier)
            && holds(copy.at_most[at]) == (verdict.at_most >= tier)
            && holds(copy.acted[at]) == (verdict.acted >= tier)
    });
    let concerns = (0..program.concerns.len()).all(|index| {
        holds(copy.raised[index]) == (verdict.state(index) == State::Raised)
            && holds(copy.excluded[index]) == (verdict.state(index) == State::Excluded)
    });
    let rows = copy
        .stands
        .iter()
        .enumerate()
        .all(|(row, literal)| holds(*literal) == (verdict.row == Some(row)));
    let same = tiers && concerns && rows && holds(copy.decided) == verdict.decided;
    (!same).then(|| format!("the proved formula differs from the engine, {verdict:?}"))
}

fn differs_from_batch(answers: &Answers, lane: usize, verdict: &Verdict) -> bool {
    Answers::tier(&answers.at_least, lane) != verdict.at_least
        || Answers::tier(&answers.at_most, lane) != verdict.at_most
        || Answers::tier(&answers.acted, lane) != verdict.acted
        || answers.row(lane) != verdict.row
        || answers.is_decided(lane) != verdict.decided
}
