//! `Provenance` of FHIR R4: what was made by a program, from what, under which guideline.

use cauda_guideline::Guideline;
use serde_json::{Value, json};

use crate::About;
use crate::about::reference;

/// System of what an agent did.
const AGENTS: &str = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";

/// That Cauda made `targets` from `sources`, for whoever asked.
pub fn provenance(
    about: &About,
    guideline: &Guideline,
    targets: &[String],
    sources: &[String],
) -> Value {
    let agent_type = |code: &str, display: &str| json!({ "coding": [{ "system": AGENTS, "code": code, "display": display }] });
    let mut agents = vec![json!({
        "type": agent_type("assembler", "Assembler"),
        "who": { "type": "Device", "display": program() },
    })];
    if let Some(author) = about.author() {
        agents.push(json!({
            "type": agent_type("author", "Author"),
            "who": reference(author),
        }));
    }
    let mut resource = json!({
        "resourceType": "Provenance",
        "target": targets.iter().map(|target| reference(target)).collect::<Vec<_>>(),
        "recorded": about.moment(),
        "policy": [about.base().plan(guideline)],
        "agent": agents,
    });
    if !sources.is_empty() {
        let entity = |source: &String| json!({ "role": "source", "what": reference(source) });
        resource["entity"] = sources.iter().map(entity).collect();
    }
    resource
}

/// The program with the version of its engine.
pub(crate) fn program() -> String {
    format!("Cauda, engine {}", cauda_guideline::ENGINE_VERSION)
}
