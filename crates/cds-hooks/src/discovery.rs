//! `GET /cds-services`: which services there are, and what they want sent along (R4 to R13).

use cauda_guideline::Guideline;
use serde_json::{Map, Value, json};

use crate::hook::{Hook, Service};
use crate::prefetch::{is_code, templates};

/// System of codes for observations.
const LOINC: &str = "LOINC";

/// What a site lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Hooks that are offered; each service is listed once for each.
    pub hooks: Vec<Hook>,
    /// Version of the services, that of the guideline.
    pub version: String,
    /// What a client has to know before it calls; left out when empty.
    pub usage_requirements: String,
    /// LOINC codes of the observations that are wanted.
    pub observations: Vec<String>,
}

impl Settings {
    /// The default: at orders and at discharge (CR26), with the codes of the guideline's facts.
    pub fn of(guideline: &Guideline) -> Settings {
        let codes = guideline.facts.iter().flat_map(|fact| &fact.codes);
        let loinc = codes.filter(|code| code.system == LOINC);
        Settings {
            hooks: Hook::DEFAULT.to_vec(),
            version: guideline.version.clone(),
            usage_requirements: USAGE.to_string(),
            observations: loinc
                .map(|code| code.code.clone())
                .filter(|code| is_code(code))
                .collect(),
        }
    }
}

const USAGE: &str = "For adults with back pain in an emergency department. Not a certified \
                     medical device. Advice is only as complete as what is sent along: what is \
                     missing counts as unknown. Show the latest answer of a service in place of \
                     its earlier ones.";

/// The body of the answer.
pub fn discovery(settings: &Settings) -> Value {
    let listed = Hook::ALL.into_iter().filter(|hook| settings.hooks.contains(hook));
    let services: Vec<Value> = listed.map(|hook| service(settings, hook)).collect();
    json!({ "services": services })
}

fn service(settings: &Settings, hook: Hook) -> Value {
    let (title, description) = match hook.service() {
        Service::Imaging => (
            "Back pain: imaging",
            "Compares an order for a picture of the spine with the back-pain guideline: what is \
             recommended and why, what is still unknown, and a corrected order.",
        ),
        Service::Visit => (
            "Back pain: visit",
            "Says when somebody with back pain must not leave yet, and which questions are open.",
        ),
    };
    let mut service = Map::new();
    service.insert("hook".into(), hook.name().into());
    service.insert("title".into(), title.into());
    service.insert("description".into(), description.into());
    service.insert("id".into(), hook.service().id().into());
    let mut prefetch = Map::new();
    for (key, query) in templates(&settings.observations) {
        prefetch.insert(key.into(), query.into());
    }
    service.insert("prefetch".into(), prefetch.into());
    for (key, text) in
        [("usageRequirements", &settings.usage_requirements), ("version", &settings.version)]
    {
        if !text.trim().is_empty() {
            service.insert(key.into(), text.as_str().into());
        }
    }
    if let Some(version) = hook.version() {
        service.insert("hookVersion".into(), version.into());
    }
    service.into()
}
