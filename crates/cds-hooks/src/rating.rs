//! Ratings of imaging orders, as the Argonaut guide for PAMA has them.
//!
//! Only for a client that wants them, only when the guideline has decided, only for MRI and CT of
//! the spine. A rating is never a guess: undecided means none, and a rating of ours that the facts
//! no longer bear is taken off again. Somebody in danger is never rated down: an order that is too
//! little for him gets a card and no rating.

use cauda_guideline::decision::Classification;
use cauda_guideline::vocabulary::Tier;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::answer::{is_decided, may_be_due};
use crate::card::{Action, ActionType};
use crate::codes::Modality;
use crate::fit::{has_unknown_picture, is_the_picture};
use crate::order::{Matter, Order};
use crate::situation::Situation;

/// Extension that holds the rating.
pub const RATING: &str = "http://fhir.org/argonaut/Extension/pama-rating";
/// Extension that names the mechanism consulted.
pub const QCDSM: &str = "http://fhir.org/argonaut/Extension/pama-rating-qcdsm-consulted";
/// Extension with the id of the consultation.
pub const CONSULT_ID: &str = "http://fhir.org/argonaut/Extension/pama-rating-consult-id";
/// Extension with the criteria applied.
const APPLIED: &str = "http://fhir.org/argonaut/Extension/pama-rating-auc-applied";
/// System of the three ratings.
const SYSTEM: &str = "http://fhir.org/argonaut/CodeSystem/pama-rating";

/// The actions that rate orders, one each. None when no rating is wanted.
pub(crate) fn actions(situation: &Situation) -> Vec<Action> {
    let Some(wanted) = situation.rating.filter(|rating| !rating.consulted.trim().is_empty()) else {
        return Vec::new();
    };
    let drafts = situation.orders.iter().filter(|order| order.is_draft);
    let rated = drafts.filter_map(|order| {
        let id = order.id.filter(|_| is_rated_kind(order))?;
        match rate(situation, order) {
            Some(code) => Some(Action {
                kind: ActionType::Update,
                description: format!("Rate this order: {}", code.replace('-', " ")),
                resource: Some(with_rating(situation, order, id, code, wanted.consulted)),
                resource_id: None,
            }),
            None => withdrawn(order, wanted.consulted),
        }
    });
    rated.collect()
}

fn is_rated_kind(order: &Order) -> bool {
    let advanced = order.ordered.as_ref().is_some_and(|ordered| ordered.modality != Modality::Xray);
    advanced && order.is_of_the_spine()
}

/// `appropriate`, `not-appropriate`, `no-criteria-apply`, or nothing.
fn rate(situation: &Situation, order: &Order) -> Option<&'static str> {
    let decision = situation.decision;
    if situation.is_deceased || decision.clinician_review {
        return None;
    }
    if situation.is_child == Some(true) {
        return Some("no-criteria-apply");
    }
    let unsaid = order.matter == Matter::NotSaid;
    if order.matter == Matter::Other || (unsaid && situation.matter == Matter::Other) {
        return None;
    }
    if !is_decided(situation)
        || decision.classification == Classification::OutsideGuideline
        || has_unknown_picture(decision, situation.codes)
    {
        return None;
    }
    let ordered = order.ordered.as_ref()?;
    let pictures = situation.wanted();
    if pictures.iter().any(|wanted| is_the_picture(ordered, &wanted.need) && !wanted.held) {
        return Some("appropriate");
    }
    let in_danger = decision.urgency.at_most >= Tier::Urgent;
    let perhaps = may_be_due(situation, order);
    (!in_danger && !perhaps && pictures.is_empty()).then_some("not-appropriate")
}

fn with_rating(
    situation: &Situation,
    order: &Order,
    id: &str,
    code: &str,
    consulted: &str,
) -> Value {
    let mut resource = without_rating(order.raw);
    let added = [
        json!({
            "url": RATING,
            "valueCodeableConcept": { "coding": [{ "system": SYSTEM, "code": code }] },
        }),
        json!({ "url": QCDSM, "valueString": consulted }),
        json!({ "url": CONSULT_ID, "valueUri": consult_id(situation, id) }),
        json!({ "url": APPLIED, "valueUri": situation.links.guideline }),
    ];
    if let Some(fields) = resource.as_object_mut() {
        let mut extensions = match fields.remove("extension") {
            Some(Value::Array(extensions)) => extensions,
            Some(extension @ Value::Object(_)) => vec![extension],
            _ => Vec::new(),
        };
        extensions.extend(added);
        fields.insert("extension".into(), extensions.into());
    }
    resource
}

/// The same for the same order, facts and guideline, and another when one of them changes.
fn consult_id(situation: &Situation, id: &str) -> String {
    let decision = situation.decision;
    let mut hash = Sha256::new();
    let parts = [situation.base, &decision.guideline.sha256, &decision.facts_sha256, id];
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    let mut bytes = [0_u8; 16];
    for (byte, from) in bytes.iter_mut().zip(digest.iter()) {
        *byte = *from;
    }
    // Version 8 of RFC 9562: the bytes are the maker's own.
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| hex.get(range));
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    format!("urn:uuid:{}", parts.join("-"))
}

/// Takes off a rating of ours that holds no more.
fn withdrawn(order: &Order, consulted: &str) -> Option<Action> {
    let extensions = order.raw.get("extension")?.as_array()?;
    let has = |url: &str| extensions.iter().any(|extension| is(extension, url));
    let ours = extensions.iter().any(|extension| {
        let value = extension.get("valueString").and_then(Value::as_str);
        is(extension, QCDSM) && value == Some(consulted)
    });
    (ours && has(RATING)).then(|| Action {
        kind: ActionType::Update,
        description: "Take off a rating that no longer holds".into(),
        resource: Some(without_rating(order.raw)),
        resource_id: None,
    })
}

/// The resource without a rating, and without fields that are empty: a draft may have such, and
/// an answer must not (R3).
pub(crate) fn without_rating(resource: &Value) -> Value {
    let mut resource = filled(resource);
    let Some(fields) = resource.as_object_mut() else { return resource };
    if let Some(Value::Array(extensions)) = fields.get_mut("extension") {
        extensions.retain(|extension| {
            ![RATING, QCDSM, CONSULT_ID, APPLIED].iter().any(|url| is(extension, url))
        });
        if extensions.is_empty() {
            fields.remove("extension");
        }
    }
    resource
}

fn is(extension: &Value, url: &str) -> bool {
    extension.get("url").and_then(Value::as_str) == Some(url)
}

/// A copy without empty fields. `null` inside a list stays, for FHIR lines up two lists by it.
fn filled(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| (name.clone(), filled(field)))
            .filter(|(_, field)| !is_empty(field))
            .collect(),
        Value::Array(items) => {
            let kept: Vec<Value> =
                items.iter().map(filled).filter(|item| item.is_null() || !is_empty(item)).collect();
            let nothing = kept.iter().all(Value::is_null);
            Value::Array(if nothing { Vec::new() } else { kept })
        }
        other => other.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}
