//! What is known of a patient as `Observation`s of FHIR R4.
//!
//! INVARIANT: what nobody said is no Observation. What was asked and cannot be told has a
//! `dataAbsentReason` and no value.

use cauda_guideline::decision::said_text;
use cauda_guideline::facts::{Fact, Kind, Role};
use cauda_guideline::resolve::{Finding, Findings, Reason, Said};
use cauda_guideline::{Guideline, time};
use serde_json::{Value, json};

use crate::answer::{Given, codes, given};
use crate::{About, Base};

/// System of reasons for a missing value (FHIR R4).
const ABSENT: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";

/// Every finding that a person or the laboratory gave, in the guideline's order, each with its
/// fact. What came from the EHR is there already.
pub fn observations(
    about: &About,
    guideline: &Guideline,
    findings: &Findings,
) -> Vec<(String, Value)> {
    let said = guideline.entered_facts().filter_map(|(index, fact)| {
        let finding = findings.by_fact.get(index)?;
        let by = finding.by.filter(|by| *by != Role::Ehr)?;
        let mut observation = of_finding(about, fact, finding)?;
        // A length of time has grown until the moment decided about, and is true then.
        let grown = fact.quantity().is_some_and(|quantity| quantity.is_duration);
        let said_at = finding.at.filter(|_| !grown || findings.as_of.is_none());
        let at = said_at.or(findings.as_of).unwrap_or(about.at());
        observation["effectiveDateTime"] = json!(time::write(at));
        observation["performer"] = json!([{ "display": by.words() }]);
        let notes = [
            finding.group.map(|_| "Screened as a group, by one signature."),
            finding.conflict.then_some("Two people disagree; the more dangerous answer counts."),
        ];
        let notes: Vec<Value> =
            notes.into_iter().flatten().map(|text| json!({ "text": text })).collect();
        if !notes.is_empty() {
            observation["note"] = json!(notes);
        }
        Some((fact.id.clone(), observation))
    });
    said.collect()
}

fn of_finding(about: &About, fact: &Fact, finding: &Finding) -> Option<Value> {
    let text = match (finding.said, &fact.kind) {
        (Said::Unknown(reason), _) => match reason {
            Reason::NotKnown => "not known".to_owned(),
            Reason::Declined => "declined".to_owned(),
            Reason::Unable => "unable".to_owned(),
            // Nobody said anything that still counts.
            _ => return None,
        },
        // It may be what is assumed until somebody knows, and then nobody said it.
        (Said::Value(value), _) if fact.assumed() == Some(value) => return None,
        (Said::Value(value), Kind::Named { values, .. }) => values.get(value)?.clone(),
        (Said::Between(..), Kind::Quantity(_)) => said_text(fact, finding),
        _ => return None,
    };
    let mut observation = begin(about, about.base(), fact);
    match given(about.base(), fact, &text) {
        Some(given) => put_value(&mut observation, given),
        // An interval that is no single comparison.
        None => observation["valueString"] = json!(text),
    }
    Some(observation)
}

/// An Observation of a fact without its value.
pub(crate) fn begin(about: &About, base: &Base, fact: &Fact) -> Value {
    let mut observation = json!({
        "resourceType": "Observation",
        "status": "final",
        "code": { "coding": codes(base, fact), "text": fact.staff },
    });
    about.put(&mut observation);
    observation
}

/// Puts a value, or why there is none.
pub(crate) fn put_value(observation: &mut Value, given: Given) {
    match given {
        Given::Coding(coding) => {
            let text = coding["display"].clone();
            observation["valueCodeableConcept"] = json!({ "coding": [coding], "text": text });
        }
        Given::Quantity(quantity) => observation["valueQuantity"] = quantity,
        Given::Unknown(coding, reason) => {
            let (code, display) = match reason {
                Reason::Declined => ("asked-declined", "Asked But Declined"),
                Reason::Unable => ("not-performed", "Not Performed"),
                _ => ("asked-unknown", "Asked But Unknown"),
            };
            let absent = json!({ "system": ABSENT, "code": code, "display": display });
            observation["dataAbsentReason"] =
                json!({ "coding": [absent, coding.clone()], "text": coding["display"] });
        }
    }
}
