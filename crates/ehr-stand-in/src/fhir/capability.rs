//! What the server can: `GET /metadata` (FHIR R4, `CapabilityStatement`).

use serde_json::{Value, json};

use crate::fhir::parameters::{self, Way};
use crate::fhir::valid::TYPES;

/// The statement of a server at that base.
pub(crate) fn statement(base: &str, auth: &str, now: &str) -> Value {
    let resources: Vec<Value> = TYPES.iter().map(|kind| resource(kind)).collect();
    json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": now,
        "kind": "instance",
        "software": {"name": "Cauda stand-in EHR: for trying, with invented patients"},
        "implementation": {"description": "In memory; gone when it stops", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [{
            "mode": "server",
            "security": {
                "service": [{"coding": [{
                    "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                    "code": "SMART-on-FHIR",
                }]}],
                "extension": [{
                    "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
                    "extension": [
                        {"url": "authorize", "valueUri": format!("{auth}/authorize")},
                        {"url": "token", "valueUri": format!("{auth}/token")},
                    ],
                }],
            },
            "resource": resources,
            "interaction": [{"code": "transaction"}, {"code": "batch"}],
        }],
    })
}

fn resource(kind: &str) -> Value {
    let ways = |way: Way| match way {
        Way::Token => "token",
        Way::Reference => "reference",
        Way::Date => "date",
        Way::Uri => "uri",
        Way::Text => "string",
    };
    let parameters: Vec<Value> = parameters::all(kind)
        .iter()
        .map(|(name, way, _)| json!({"name": name, "type": ways(*way)}))
        .collect();
    let interactions = ["read", "create", "update", "delete", "search-type"];
    json!({
        "type": kind,
        "interaction": interactions.map(|code| json!({"code": code})),
        "versioning": "versioned-update",
        "updateCreate": true,
        "conditionalCreate": true,
        "searchParam": parameters,
    })
}
