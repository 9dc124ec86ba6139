//! What a card offers to do with one press. The order is changed as a whole and by `update`, for
//! some order screens apply nothing else. While it is undecided, nothing is offered that is less
//! than what was ordered.

use cauda_guideline::Guideline;
use cauda_guideline::decision::Classification;
use cauda_guideline::vocabulary::Tier;
use serde_json::{Map, Value, json};

use crate::answer::{Topic, is_decided, may_be_due};
use crate::card::{Action, ActionType, Suggestion};
use crate::codes::{Contrast, Ordered};
use crate::fit::{self, Gap, Wanted, priority, rank};
use crate::known;
use crate::order::Order;
use crate::rating;
use crate::situation::{Kind, Situation};
use crate::summary::{fit as cut, one_line, summary};

/// Most characters of a note or a description that is written into an order or a plan. The list
/// of signs to come back with has to fit, for it must not be cut.
const NOTE_MAX: usize = 4_000;

/// The suggestions of a card; of several at most one may be chosen.
pub(crate) fn suggestions(
    situation: &Situation,
    topic: &Topic,
    new_uuid: &mut dyn FnMut() -> String,
) -> Vec<Suggestion> {
    let Some(order) = topic.order.filter(|order| order.id.is_some()) else { return Vec::new() };
    match topic.kind {
        Kind::Danger | Kind::OtherPicture => {
            corrected(situation, topic, order, new_uuid).into_iter().collect()
        }
        Kind::NotIndicated if may_be_cancelled(situation, order) => {
            cancelled(situation, order, new_uuid)
        }
        _ => Vec::new(),
    }
}

/// Only when every concern is excluded and the patient may go is an order offered to be cancelled.
fn may_be_cancelled(situation: &Situation, order: &Order) -> bool {
    let decision = situation.decision;
    let phrases = &situation.guideline.vocabulary;
    let place = decision.disposition.as_ref();
    let leaves =
        place.and_then(|it| phrases.get("disposition", &it.id)).is_some_and(|it| it.leaves);
    is_decided(situation)
        && leaves
        && !may_be_due(situation, order)
        && decision.classification == Classification::CommonNonSpecific
        && decision.urgency.at_most < Tier::Urgent
        && decision.results.is_empty()
        // What the chart says and nobody took into account is looked at first.
        && !situation.unlisted.iter().any(|one| one.may_matter)
}

fn corrected(
    situation: &Situation,
    topic: &Topic,
    order: &Order,
    new_uuid: &mut dyn FnMut() -> String,
) -> Option<Suggestion> {
    // A picture that must not be made as it stands is never put into an order.
    let wanted = topic.wanted.filter(|wanted| !wanted.held)?;
    let ordered = order.ordered.as_ref()?;
    let is_other = topic.gaps.iter().any(|gap| gap.is_of_the_picture());
    // Another kind of picture that shows less is never one press away.
    if is_other && fit::shows_less(ordered, &wanted.need) {
        return None;
    }
    if is_other && !is_decided(situation) && is_less(ordered, &wanted) {
        return None;
    }
    let resource = changed(situation, order, &wanted, &topic.gaps);
    let level = resource.get("priority").and_then(Value::as_str).unwrap_or("routine");
    let label = if is_other {
        summary(&[&format!("Change to {}, {level}", wanted.staff)])
    } else {
        summary(&[&format!("Keep the picture, make it {level}")])
    };
    Some(Suggestion {
        uuid: new_uuid(),
        is_recommended: true,
        actions: vec![Action {
            kind: ActionType::Update,
            description: label.clone(),
            resource: Some(resource),
            resource_id: None,
        }],
        label,
    })
}

/// Whether the picture could show less than the one that was ordered.
fn is_less(ordered: &Ordered, wanted: &Wanted) -> bool {
    let dyed = matches!(ordered.contrast, Contrast::With | Contrast::Both);
    fit::shows_less(ordered, &wanted.need) || (dyed && !wanted.need.contrast)
}

/// The whole order, changed: picture, priority, date, and a note that says so.
fn changed(situation: &Situation, order: &Order, wanted: &Wanted, gaps: &[Gap]) -> Value {
    let mut resource = rating::without_rating(order.raw);
    let Some(fields) = resource.as_object_mut() else { return resource };
    if gaps.iter().any(|gap| gap.is_of_the_picture()) {
        fields.insert("code".into(), code(situation.guideline, wanted));
        // What they said of the old picture does not hold of the new one.
        for stale in ["bodySite", "orderDetail", "instantiatesCanonical", "instantiatesUri"] {
            fields.remove(stale);
        }
    }
    let level = priority(wanted.tier);
    if rank(Some(level)) > rank(order.priority) {
        fields.insert("priority".into(), level.into());
    }
    if gaps.contains(&Gap::Later) {
        for dated in ["occurrenceDateTime", "occurrencePeriod", "occurrenceTiming"] {
            fields.remove(dated);
        }
    }
    let why = situation.decision.why.iter();
    let reason = why.map(|fact| format!("{}: {}", fact.name, known::value(situation, fact)));
    let reason: Vec<String> = reason.take(4).collect();
    let text = format!(
        "Recommended by the back-pain guideline {}: {}. {}",
        situation.decision.guideline.version,
        wanted.staff,
        reason.join("; ")
    );
    note(fields, &text);
    resource
}

/// The picture as a `CodeableConcept`, with the codes that the guideline is sure of.
fn code(guideline: &Guideline, wanted: &Wanted) -> Value {
    let phrase = guideline.vocabulary.get("image", wanted.id);
    let codings: Vec<Value> = phrase
        .into_iter()
        .flat_map(|phrase| &phrase.codes)
        .filter_map(|code| {
            let system = match code.system.as_str() {
                "LOINC" => "http://loinc.org",
                "SNOMED CT" => "http://snomed.info/sct",
                _ => return None,
            };
            Some(json!({ "system": system, "code": code.code, "display": code.display }))
        })
        .collect();
    let mut concept = Map::new();
    if !codings.is_empty() {
        concept.insert("coding".into(), codings.into());
    }
    concept.insert("text".into(), one_line(wanted.staff).into());
    concept.into()
}

fn cancelled(
    situation: &Situation,
    order: &Order,
    new_uuid: &mut dyn FnMut() -> String,
) -> Vec<Suggestion> {
    let plan = plan_text(situation);
    let mut revoked = rating::without_rating(order.raw);
    if let Some(fields) = revoked.as_object_mut() {
        fields.insert("status".into(), "revoked".into());
        note(fields, &plan);
    }
    let cancel = "Cancel this order and note the plan on it";
    let replace = "Delete this order and record the plan as a care plan";
    let update = Action {
        kind: ActionType::Update,
        description: cancel.into(),
        resource: Some(revoked),
        resource_id: None,
    };
    let mut suggestions = vec![Suggestion {
        label: cancel.into(),
        uuid: new_uuid(),
        // More care needs no reason, so less is never the one that is marked.
        is_recommended: false,
        actions: vec![update],
    }];
    if let Some(reference) = &order.reference {
        let delete = Action {
            kind: ActionType::Delete,
            description: "Delete this order".into(),
            resource: None,
            resource_id: Some(reference.clone()),
        };
        let create = Action {
            kind: ActionType::Create,
            description: "Record the plan".into(),
            resource: Some(care_plan(situation, &plan)),
            resource_id: None,
        };
        suggestions.push(Suggestion {
            label: replace.into(),
            uuid: new_uuid(),
            is_recommended: false,
            actions: vec![delete, create],
        });
    }
    suggestions
}

fn plan_text(situation: &Situation) -> String {
    let decision = situation.decision;
    let place = decision.disposition.as_ref().map(|place| place.staff.as_str());
    let because = decision.no_imaging_because.iter().map(|reason| reason.staff.as_str());
    let back = decision.return_list.iter().map(|line| line.staff.as_str());
    let mut text = format!(
        "No picture of the spine is recommended now (back-pain guideline {}).",
        decision.guideline.version
    );
    let parts = [
        ("Plan", place.into_iter().collect::<Vec<_>>()),
        ("Why", because.collect()),
        ("Come back at once for", back.collect()),
    ];
    for (name, said) in parts {
        if !said.is_empty() {
            text.push_str(&format!(" {name}: {}.", said.join("; ")));
        }
    }
    cut(&one_line(&text), NOTE_MAX)
}

fn care_plan(situation: &Situation, plan: &str) -> Value {
    let mut resource = json!({
        "resourceType": "CarePlan",
        "status": "draft",
        "intent": "plan",
        "title": "Back pain: plan without a picture",
        "description": plan,
        "subject": { "reference": format!("Patient/{}", situation.patient) },
    });
    if let Some(encounter) = situation.encounter {
        resource["encounter"] = json!({ "reference": format!("Encounter/{encounter}") });
    }
    resource
}

/// Adds a note to those there are.
fn note(fields: &mut Map<String, Value>, text: &str) {
    let added = json!({ "text": cut(&one_line(text), NOTE_MAX) });
    let mut notes = match fields.remove("note") {
        Some(Value::Array(notes)) => notes,
        Some(note @ Value::Object(_)) => vec![note],
        _ => Vec::new(),
    };
    // Accepting twice leaves one note.
    if !notes.contains(&added) {
        notes.push(added);
    }
    fields.insert("note".into(), notes.into());
}
