//! Cauda's own code systems as FHIR R4 resources, so that whoever reads a card can look them up.

use serde_json::{Value, json};

use crate::reasons::{OVERRIDE_SYSTEM, OWN};
use crate::situation::Kind;

/// Path of the code system of topics under the base.
pub const TOPIC_SYSTEM: &str = "/CodeSystem/card-topic";

/// The code systems that cards use. `base` is that of the situation, `version` the program's.
pub fn code_systems(base: &str, version: &str) -> Vec<Value> {
    let topics: Vec<(&str, &str)> = Kind::ALL.iter().map(|kind| kind.topic()).collect();
    let system = |path: &str, name: &str, title: &str, concepts: &[(&str, &str)]| {
        let concepts: Vec<Value> = concepts
            .iter()
            .map(|(code, display)| json!({ "code": code, "display": display }))
            .collect();
        json!({
            "resourceType": "CodeSystem",
            "id": path.rsplit('/').next().unwrap_or_default(),
            "url": format!("{base}{path}"),
            "version": version,
            "name": name,
            "title": title,
            "status": "draft",
            "experimental": false,
            "caseSensitive": true,
            "content": "complete",
            "count": concepts.len(),
            "concept": concepts,
        })
    };
    vec![
        system(TOPIC_SYSTEM, "CaudaCardTopic", "What a card is about", &topics),
        system(OVERRIDE_SYSTEM, "CaudaOverrideReason", "Why a card is not followed", &OWN),
    ]
}
