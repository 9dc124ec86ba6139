//! Every sentence a patient may read is short and plain.

use cauda_guideline::reading::hard;

use crate::shipped;

/// Every patient text with where it stands.
fn texts() -> Vec<(String, String)> {
    let guideline = shipped::guideline();
    let mut found = Vec::new();
    let built_ins = guideline.program.built_ins;
    let own = [built_ins.urgency, built_ins.first_step, built_ins.concerns, built_ins.gate];
    let facts = guideline.facts.iter().enumerate().filter(|(fact, _)| !own.contains(fact));
    for (_, fact) in facts {
        found.push((fact.id.clone(), fact.patient.clone()));
        let values = fact.patient_values.iter();
        found.extend(values.map(|(value, words)| (format!("{}/{value}", fact.id), words.clone())));
    }
    for (list, entries) in guideline.vocabulary.lists() {
        for (id, _, phrase) in entries {
            found.push((format!("{list}/{id}"), phrase.patient.clone()));
        }
    }
    for attestation in &guideline.attestations {
        found.push((attestation.id.clone(), attestation.patient.clone()));
    }
    found
}

#[test]
fn every_patient_sentence_is_short_and_plain() {
    let texts = texts();
    assert!(texts.len() > 400, "{}", texts.len());
    let mut found = Vec::new();
    for (place, text) in &texts {
        if text.trim().is_empty() {
            found.push(format!("{place}: has no words for the patient"));
        }
        found.extend(hard(text).iter().map(|hard| format!("{place}: {hard}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
