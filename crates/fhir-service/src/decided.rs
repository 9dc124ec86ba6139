//! A decided visit written back to an EHR: a transaction `Bundle` of FHIR R4.
//!
//! Each resource is created only where there is none with its key (`ifNoneExist`). A key is made
//! of visit, guideline and facts, so the same decision sent twice writes once. A `PUT` under ids
//! of ours would be refused by most EHRs, and where it is not, it would take back what somebody
//! has changed in a proposal since.

use cauda_guideline::Guideline;
use cauda_guideline::decision::Decision;
use cauda_guideline::resolve::Findings;
use serde_json::{Value, json};

use crate::about::reference;
use crate::extract::{entry, tag};
use crate::id::uuid;
use crate::{About, Intent, apply, guidance_response, observations, provenance, service_request};

/// What was found, proposed and answered at a visit. `visit` is its id; `about` should carry the
/// moment of the decision, for other bytes come of another moment.
pub fn decided_visit_bundle(
    about: &About,
    guideline: &Guideline,
    decision: &Decision,
    findings: &Findings,
    visit: &str,
) -> Value {
    let (base, basis) = (about.base(), &decision.guideline);
    let key = |what: &str| {
        let of = [base.url(), about.subject(), visit, &basis.sha256, &decision.facts_sha256];
        uuid(&[&of[..], &[what]].concat())
    };
    let mut entries = Vec::new();
    let mut add = |what: &str, mut resource: Value| {
        let key = key(what);
        let url = format!("urn:uuid:{key}");
        let identifier = json!({ "system": base.identifiers(), "value": key });
        match what {
            "Provenance" => tag(about, &mut resource, &key),
            _ => resource["identifier"] = json!([identifier]),
        }
        entries.push(entry(about, &url, resource, &key));
        url
    };
    let mut found = Vec::new();
    for (fact, observation) in observations(about, guideline, findings) {
        found.push((fact.clone(), add(&format!("Observation {fact}"), observation)));
    }
    let mut scans = Vec::new();
    for image in &decision.imaging {
        let asks = decision.concerns.iter().filter(|concern| image.pages.contains(&concern.page));
        let because = asks.flat_map(|concern| concern.because.iter().chain(&concern.also));
        let facts: Vec<&str> = because.map(|shown| shown.fact.as_str()).collect();
        let rests = found.iter().filter(|(fact, _)| facts.contains(&fact.as_str()));
        let rests: Vec<String> = rests.map(|(_, url)| url.clone()).collect();
        let intent = Intent::Proposal;
        let request = service_request(about, guideline, decision, image, intent, &rests);
        scans.push(add(&format!("ServiceRequest {}", image.spoken.id), request));
    }
    let mut plan = apply(about, guideline, decision, Some(&scans));
    if !found.is_empty() {
        plan["supportingInfo"] = found.iter().map(|(_, url)| reference(url)).collect();
    }
    let plan = add("CarePlan", plan);
    let guidance = guidance_response(about, guideline, decision, Some(&plan));
    let guidance = add("GuidanceResponse", guidance);

    let sources: Vec<String> = found.into_iter().map(|(_, url)| url).collect();
    let mut made = scans;
    made.extend([plan, guidance]);
    add("Provenance", provenance(about, guideline, &made, &sources));
    json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries })
}
