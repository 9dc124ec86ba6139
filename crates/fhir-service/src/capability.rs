//! `CapabilityStatement` of FHIR R4: what this server does, and nothing more.

use cauda_guideline::{Guideline, time};
use serde_json::{Value, json};

use crate::form::name;
use crate::{Base, version};

/// Our operations: the type they stand under, their name, and who defines them (Structured Data
/// Capture, and FHIR R4 itself).
const OPERATIONS: [(&str, &str, &str); 4] = [
    (
        "Questionnaire",
        "populate",
        "http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-populate",
    ),
    (
        "Questionnaire",
        "next-question",
        "http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-next-question",
    ),
    (
        "QuestionnaireResponse",
        "extract",
        "http://hl7.org/fhir/uv/sdc/OperationDefinition/QuestionnaireResponse-extract",
    ),
    ("PlanDefinition", "apply", "http://hl7.org/fhir/OperationDefinition/PlanDefinition-apply"),
];
/// System of ways to be let in.
const SECURITY: &str = "http://terminology.hl7.org/CodeSystem/restful-security-service";

/// What the server offers; whoever serves it says so, for this crate serves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readable<'a> {
    /// Types that can be read by id and searched by `url`, such as `Questionnaire`.
    pub types: &'a [&'a str],
    /// Operations that are served: `populate`, `next-question`, `extract`, `apply`.
    pub operations: &'a [&'a str],
    /// How a client is let in, in words.
    pub security: &'a str,
    /// Whether it is let in by SMART on FHIR.
    pub smart: bool,
    /// Whether orders are taken.
    pub orders: bool,
}

/// The statement; `at` is when it was made, in seconds since 1970 UTC.
pub fn capability_statement(
    base: &Base,
    guideline: &Guideline,
    at: i64,
    readable: &Readable,
) -> Value {
    let mut security = json!({ "description": readable.security });
    if readable.smart {
        let coding =
            json!({ "system": SECURITY, "code": "SMART-on-FHIR", "display": "SMART-on-FHIR" });
        security["service"] = json!([{ "coding": [coding] }]);
    }
    let served = OPERATIONS.iter().filter(|(_, name, _)| readable.operations.contains(name));
    let mut types: Vec<&str> = readable.types.to_vec();
    types.extend(served.map(|(kind, ..)| *kind));
    let mut seen: Vec<&str> = Vec::new();
    types.retain(|kind| {
        !seen.contains(kind) && {
            seen.push(kind);
            true
        }
    });
    let mut resources: Vec<Value> = types.iter().map(|kind| resource(kind, readable)).collect();
    if readable.orders {
        resources.push(json!({
            "type": "ServiceRequest",
            "documentation": "Orders for the scanners, of the EHR that placed them. What cannot be \
                              mapped is refused, and nothing is left out in silence.",
            "interaction": [{ "code": "create" }, { "code": "read" }, { "code": "update" }],
            "versioning": "versioned-update",
            "conditionalCreate": true,
            "updateCreate": false,
        }));
    }
    json!({
        "resourceType": "CapabilityStatement",
        "id": "cauda",
        "url": base.under("CapabilityStatement/cauda"),
        "version": version(guideline),
        "name": format!("{}Server", name(guideline)),
        "title": "Cauda as a FHIR server",
        "status": "active",
        "date": time::write(at),
        "kind": "instance",
        "software": { "name": "Cauda", "version": env!("CARGO_PKG_VERSION") },
        "implementation": {
            "description": format!("{}, version {}", guideline.title, version(guideline)),
            "url": base.url(),
        },
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{
            "mode": "server",
            "documentation": "Questions, plans and decided visits of one guideline. `$apply` \
                              answers with a CarePlan, as R4 has it. What is not known is never \
                              answered as absent.",
            "security": security,
            "resource": resources,
        }],
    })
}

fn resource(kind: &str, readable: &Readable) -> Value {
    let mut resource = json!({ "type": kind });
    if readable.types.contains(&kind) {
        resource["interaction"] = json!([{ "code": "read" }, { "code": "search-type" }]);
        resource["searchParam"] = json!([{ "name": "url", "type": "uri" }]);
    }
    let of =
        OPERATIONS.iter().filter(|(of, name, _)| *of == kind && readable.operations.contains(name));
    let operations: Vec<Value> =
        of.map(|(_, name, url)| json!({ "name": name, "definition": url })).collect();
    if !operations.is_empty() {
        resource["operation"] = json!(operations);
    }
    resource
}
