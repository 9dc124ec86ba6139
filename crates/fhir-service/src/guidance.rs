//! `GuidanceResponse` of FHIR R4: whether there is an answer, what is missing, what to do.
//!
//! INVARIANT: `success` only for a decision that further answers cannot change.

use cauda_guideline::Guideline;
use cauda_guideline::decision::{Classification, Decision};
use serde_json::{Value, json};

use crate::about::reference;
use crate::answer::codes;
use crate::plan::{PLAN, request_group};
use crate::{About, Issue, operation_outcome, provenance};

/// Id of the messages inside it.
const MESSAGES: &str = "messages";

/// The answer to an evaluation. `plan` is a reference to its `CarePlan`; without one the
/// `RequestGroup` is held inside. A plan comes with an undecided answer too, for what has to be
/// done meanwhile.
pub fn guidance_response(
    about: &About,
    guideline: &Guideline,
    decision: &Decision,
    plan: Option<&str>,
) -> Value {
    let mut messages = operation_outcome(&messages(decision));
    messages["id"] = json!(MESSAGES);
    let mut contained = vec![messages];
    let result = match plan {
        Some(plan) => reference(plan),
        None => {
            contained.extend(request_group(about, guideline, decision, None));
            reference(&format!("#{PLAN}"))
        }
    };
    let mut resource = json!({
        "resourceType": "GuidanceResponse",
        "contained": contained,
        "moduleCanonical": about.base().plan(guideline),
        "status": status(decision),
        "occurrenceDateTime": about.moment(),
        "performer": { "type": "Device", "display": provenance::program() },
        "evaluationMessage": [reference(&format!("#{MESSAGES}"))],
        "result": result,
    });
    about.put(&mut resource);
    let missing = data_requirements(about, guideline, decision);
    if !missing.is_empty() {
        resource["dataRequirement"] = json!(missing);
    }
    resource
}

/// Code of `http://hl7.org/fhir/guidance-response-status`.
fn status(decision: &Decision) -> &'static str {
    match (decision.clinician_review, decision.decided) {
        (true, _) => "failure",
        (false, true) => "success",
        (false, false) => "data-required",
    }
}

fn messages(decision: &Decision) -> Vec<Issue> {
    let mut messages = Vec::new();
    if decision.clinician_review {
        let text = "the guideline contradicts itself for this patient; a clinician has to review";
        messages.push(Issue::warning("exception", text));
    }
    if !decision.decided {
        messages.push(Issue::warning("incomplete", "cannot decide yet: answers are missing"));
    }
    if decision.classification == Classification::OutsideGuideline {
        let text = "the guideline is for adults only; this patient is outside it";
        messages.push(Issue::warning("business-rule", text));
    }
    for shown in &decision.cannot_be_had {
        messages.push(Issue::warning("incomplete", format!("{}: {}", shown.name, shown.value)));
    }
    messages.extend(decision.notes.iter().map(Issue::note));
    messages
}

/// What is missing, in the order to ask: what could change the answer, then what cannot be had.
fn data_requirements(about: &About, guideline: &Guideline, decision: &Decision) -> Vec<Value> {
    let asked = decision.missing.iter().map(|missing| &missing.fact);
    let stuck = decision.cannot_be_had.iter().map(|shown| &shown.fact);
    let ids = asked.chain(stuck.filter(|_| !decision.decided));
    let facts = ids.filter_map(|id| guideline.fact(id)).map(|index| &guideline.facts[index]);
    let requirement = |fact| {
        json!({
            "type": "Observation",
            "codeFilter": [{ "path": "code", "code": codes(about.base(), fact) }],
        })
    };
    facts.map(requirement).collect()
}
