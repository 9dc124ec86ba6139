//! A scan that the guideline asks for, as a `ServiceRequest` of FHIR R4. A proposal: the order is
//! the physician's.

use cauda_guideline::decision::{Decision, Imaging, Spoken};
use cauda_guideline::{Guideline, time};
use serde_json::{Value, json};

use crate::About;
use crate::about::reference;
use crate::answer::codings;
use crate::priority::of_tier;

/// Who may sign, of a request.
const REQUESTERS: [&str; 3] = ["Practitioner", "PractitionerRole", "Patient"];

/// How far the request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// A suggestion; nobody has planned it.
    Proposal,
    /// Somebody means it to be ordered.
    Plan,
}

impl Intent {
    /// Its code of `http://hl7.org/fhir/request-intent`.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Intent::Proposal => "proposal",
            Intent::Plan => "plan",
        }
    }
}

/// One scan of a decision; `supporting` are references to what it rests on.
pub fn service_request(
    about: &About,
    guideline: &Guideline,
    decision: &Decision,
    image: &Imaging,
    intent: Intent,
    supporting: &[String],
) -> Value {
    let mut resource = json!({
        "resourceType": "ServiceRequest",
        "instantiatesCanonical": [about.base().plan(guideline)],
        "status": "draft",
        "intent": intent.code(),
        "category": [{ "text": "Imaging" }],
        "priority": of_tier(image.tier),
        "doNotPerform": false,
        "code": code(guideline, image),
        "authoredOn": about.moment(),
    });
    about.put(&mut resource);
    about.put_author(&mut resource, "requester", &REQUESTERS);
    if !image.contrast.is_empty() {
        let text = format!("Contrast: {}", image.contrast);
        resource["orderDetail"] = json!([{ "text": text }]);
    }
    if !image.region.is_empty() {
        resource["bodySite"] = json!([{ "text": image.region }]);
    }
    if let Some(end) = deadline(about, image) {
        resource["occurrencePeriod"] = json!({ "start": about.moment(), "end": end });
    }
    let reasons = reasons(decision, image);
    if !reasons.is_empty() {
        resource["reasonCode"] = json!(reasons);
    }
    if !supporting.is_empty() {
        resource["supportingInfo"] = supporting.iter().map(|to| reference(to)).collect();
    }
    let notes: Vec<Value> = notes(image).into_iter().map(|text| json!({ "text": text })).collect();
    if !notes.is_empty() {
        resource["note"] = json!(notes);
    }
    resource
}

/// LOINC where the vocabulary names it, else the words alone.
fn code(guideline: &Guideline, image: &Imaging) -> Value {
    let phrase = guideline.vocabulary.get("image", &image.spoken.id);
    let codings = phrase.map(|phrase| codings(&phrase.codes)).unwrap_or_default();
    let mut code = json!({ "text": image.spoken.staff });
    if !codings.is_empty() {
        code["coding"] = json!(codings);
    }
    code
}

fn reasons(decision: &Decision, image: &Imaging) -> Vec<Value> {
    let asks = |page: &String| image.pages.contains(page);
    let concerns = decision.concerns.iter().filter(|concern| asks(&concern.page));
    concerns.map(|concern| json!({ "text": concern.title })).collect()
}

/// What stands in no other element. What holds the scan comes first.
fn notes(image: &Imaging) -> Vec<String> {
    let mut notes = Vec::new();
    if !image.held_by.is_empty() {
        notes.push(format!("Do not scan as it stands: {}", words(&image.held_by)));
    }
    notes.extend(image.within.as_ref().map(|within| format!("Within {within}")));
    notes.extend(image.protocol.as_ref().map(|protocol| format!("Least sequences: {protocol}")));
    notes.extend(image.limits.as_ref().map(|limits| format!("It cannot show: {limits}")));
    if let Some([least, most]) = image.minutes {
        notes.push(format!("Expected on the table: {least} to {most} minutes"));
    }
    if !image.ask_before.is_empty() {
        let names: Vec<&str> = image.ask_before.iter().map(|fact| fact.name.as_str()).collect();
        notes.push(format!(
            "Ask before the scan, without delaying the request: {}",
            names.join("; ")
        ));
    }
    for (when, spoken) in [
        ("If no scanner is free in time", &image.no_scanner_in_time),
        ("If the patient cannot be scanned", &image.patient_cannot_be_scanned),
    ] {
        if !spoken.is_empty() {
            notes.push(format!("{when}: {}", words(spoken)));
        }
    }
    notes
}

fn words(spoken: &[Spoken]) -> String {
    let words: Vec<&str> = spoken.iter().map(|spoken| spoken.staff.as_str()).collect();
    words.join("; ")
}

/// The last moment of a clock that starts with the request, `4 hours of the request`. Any other
/// clock started, or starts, at a moment that is not known here, and stays in words.
fn deadline(about: &About, image: &Imaging) -> Option<String> {
    let (length, clock) = image.within.as_ref()?.split_once(" of ")?;
    let (count, unit) = length.split_once(' ')?;
    let seconds: i64 = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        _ => return None,
    };
    let count: i64 = count.parse().ok()?;
    let end = about.at().checked_add(count.checked_mul(seconds)?)?;
    (clock == "the request").then(|| time::write(end))
}
