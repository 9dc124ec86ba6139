//! Over random patients and any JSON: never a panic, always a valid answer, never less care while
//! it is undecided.

use cauda_cds_hooks::{
    Earlier, Hook, HookRequest, IMAGING, Kind, Matter, RATING, VISIT, read_feedback,
};
use cauda_guideline::decision::{Decision, explain};
use cauda_guideline::resolve::{Entries, Reason, Said, resolve};
use cauda_guideline::vocabulary::Tier;
use cauda_proof::random::{Random, patient};
use cauda_proof::reference::Known;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::musts;
use crate::world::{CPT, LOINC, Scene, call, codes, entry, guideline, rating_of, request_of};

const PATIENTS: u64 = 250;

fn decision(random: &mut Random) -> Decision {
    let guideline = guideline();
    let (known, _) = patient(guideline, random);
    let mut entries = Entries::default();
    for (fact, known) in known.into_iter().enumerate() {
        if guideline.facts[fact].is_computed() {
            continue;
        }
        let said = match known {
            Known::Value(value) => Said::Value(value),
            Known::Between(low, high) => Said::Between(low, high),
            Known::Unknown { cannot_be_had: true } => Said::Unknown(Reason::Declined),
            Known::Unknown { .. } => continue,
        };
        entries.add(fact, entry(said));
    }
    explain(guideline, &resolve(guideline, &entries, Some(1_795_428_000)), None)
}

fn orders(random: &mut Random) -> Vec<Value> {
    let all = [
        (CPT, "72148"),
        (CPT, "72149"),
        (CPT, "72141"),
        (LOINC, "30679-5"),
        (LOINC, "36400-0"),
        (LOINC, "36531-2"),
        (LOINC, "24972-2"),
        (LOINC, "36530-4"),
        (CPT, "70551"),
        (CPT, "72131"),
    ];
    let priorities = ["stat", "asap", "urgent", "routine", "other"];
    (0..random.below(3) + 1)
        .map(|at| {
            let (system, code) = all[random.below(all.len() as u64) as usize];
            let mut more = json!({});
            if random.below(2) == 0 {
                more["priority"] = priorities[random.below(5) as usize].into();
            }
            if random.below(3) == 0 {
                more["reasonCode"] = json!([]);
            }
            request_of(&format!("o{at}"), system, code, more)
        })
        .collect()
}

#[test]
fn over_random_patients_every_must_holds() {
    let mut random = Random::new(20_261_123);
    let matters = [Matter::BackPain, Matter::NotSaid, Matter::Other];
    for _ in 0..PATIENTS {
        let decision = decision(&mut random);
        let hook = Hook::ALL[random.below(5) as usize];
        let orders = if hook.is_order() { orders(&mut random) } else { Vec::new() };
        let mut scene = Scene::order(&decision, &orders);
        scene.hook = hook;
        scene.matter = matters[random.below(3) as usize];
        scene.screened = (random.below(2) == 0).then_some("09:30");
        scene.by_specialist = random.below(4) == 0;
        scene.is_child = [Some(false), Some(false), Some(true), None][random.below(4) as usize];
        scene.is_deceased = random.below(10) == 0;
        scene.blocks = if random.below(6) == 0 { vec!["two patients"] } else { Vec::new() };
        let answer = scene.json();
        musts::hold(&answer);
        safe(&scene, &answer);
    }
}

/// What must hold of every answer for the patient's sake.
fn safe(scene: &Scene, answer: &Value) {
    let decision = scene.decision;
    let ratings = scene.ratings();
    let unsure = !decision.decided || decision.disposition.is_none();
    let undecided = unsure || !scene.blocks.is_empty();
    if undecided || scene.is_child.is_none() || scene.is_deceased {
        let kept = ratings.iter().all(|rating| rating == "no-criteria-apply");
        assert!(kept && (scene.is_child == Some(true) || ratings.is_empty()), "{ratings:?}");
    }
    if scene.is_child == Some(true) {
        assert!(ratings.iter().all(|rating| rating == "no-criteria-apply"));
    }
    if decision.urgency.at_most >= Tier::Urgent {
        assert!(ratings.iter().all(|rating| rating != "not-appropriate"));
    }
    let cards = answer["cards"].as_array().unwrap();
    let acted = decision.urgency.acted_on;
    // An emergency of the spine itself is told whatever the patient came for; the rest where it
    // is the back, and as a question where nobody said.
    let spine = decision
        .imaging
        .iter()
        .any(|image| image.tier >= Tier::Emergency && codes().need(&image.spoken.id).is_some());
    let told = scene.matter != Matter::Other || spine;
    let leaves = scene.hook == Hook::EncounterDischarge && !scene.is_deceased;
    if leaves && acted >= Tier::Urgent && told {
        assert_eq!(cards.len(), 1, "a danger leaves in silence");
    }
    if acted >= Tier::Emergency && !scene.is_deceased {
        let asked = |card: &Value| {
            let summary = card["summary"].as_str().unwrap();
            summary.starts_with("This order fits") || (!spine && summary.starts_with("Back or leg"))
        };
        assert!(cards.iter().all(|card| card["indicator"] == "critical" || asked(card)));
    }
    for card in cards {
        for suggestion in card.get("suggestions").into_iter().flat_map(|it| it.as_array().unwrap())
        {
            for action in suggestion["actions"].as_array().unwrap() {
                let lowers =
                    action["type"] == "delete" || action["resource"]["status"] == "revoked";
                let common = json!(decision.classification) == "common_non_specific";
                assert!(!lowers || (!undecided && common && acted < Tier::Urgent));
            }
        }
    }
    not_less_while_undecided(scene, cards, undecided);
}

fn not_less_while_undecided(scene: &Scene, cards: &[Value], undecided: bool) {
    let rank = |order: &Value| {
        let ranks = ["urgent", "asap", "stat"];
        ranks.iter().position(|level| order["priority"] == *level).map_or(0, |at| at + 1)
    };
    for card in cards {
        for suggestion in card.get("suggestions").into_iter().flat_map(|it| it.as_array().unwrap())
        {
            for action in suggestion["actions"].as_array().unwrap() {
                let after = &action["resource"];
                let before = scene.orders.iter().find(|order| order["id"] == after["id"]);
                let Some(before) = before else { continue };
                assert!(rank(after) >= rank(before));
                let text = after["code"]["text"].as_str().unwrap_or_default();
                let was_mri = ["72148", "72149", "72141", "30679-5", "36400-0", "36531-2"]
                    .contains(&before["code"]["coding"][0]["code"].as_str().unwrap());
                assert!(
                    !undecided || !was_mri || text.is_empty() || text.contains("MRI"),
                    "{text}"
                );
            }
        }
    }
}

#[test]
fn a_danger_that_an_order_is_too_little_for_is_told_whatever_else_holds() {
    let mut random = Random::new(7);
    let mut seen = 0;
    while seen < 25 {
        let decision = decision(&mut random);
        let mri = decision.imaging.iter().any(|image| {
            image.tier >= Tier::Emergency
                && image.modality == "mri"
                && codes().need(&image.spoken.id).is_some()
        });
        if !mri {
            continue;
        }
        seen += 1;
        let xray = request_of("x", LOINC, "24972-2", json!({}));
        let told = Earlier {
            kind: Kind::Danger,
            order: Some("ServiceRequest/x".into()),
            facts_sha256: decision.facts_sha256.clone(),
            answered: true,
        };
        let scene = Scene {
            matter: Matter::Other,
            screened: Some("09:30"),
            by_specialist: true,
            earlier: vec![told],
            ..Scene::order(&decision, &[xray])
        };
        let card = scene.card();
        assert_eq!(card["indicator"], "critical");
        assert_eq!(scene.kind(), Some(Kind::Danger));
    }
}

/// Every place in a value, as a pointer.
fn places(value: &Value, here: &str, into: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, at)| (name.clone(), at)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect()
        }
        _ => Vec::new(),
    };
    for (name, child) in children {
        let there = format!("{here}/{name}");
        into.push(there.clone());
        places(child, &there, into);
    }
}

#[test]
fn a_call_with_one_thing_missing_is_refused_or_no_milder() {
    let whole = call(Hook::OrderSelect, &[request_of("x", LOINC, "24972-2", json!({}))]);
    let mut all = Vec::new();
    places(&whole, "", &mut all);
    // Without these there is no order at all, or none that is selected.
    let no_order = ["/entry", "/entry/0", "/resource", "/resourceType", "/selections/0", "/id"];
    let mut told = 0;
    for place in all {
        let (parent, name) = place.rsplit_once('/').unwrap();
        for remove in [true, false] {
            let mut body = whole.clone();
            match body.pointer_mut(parent).unwrap() {
                Value::Object(fields) if remove => drop(fields.remove(name)),
                Value::Array(items) if remove => drop(items.remove(name.parse().unwrap())),
                parent => *parent.pointer_mut(&format!("/{name}")).unwrap() = Value::Null,
            }
            let Ok(request) = HookRequest::read(&body, IMAGING, codes()) else { continue };
            if no_order.iter().any(|end| place.ends_with(end)) {
                continue;
            }
            let saddle = crate::world::saddle();
            let answer = Scene::order(saddle, &[]).answer(&request.orders(codes(), None)).json();
            assert_eq!(answer["cards"][0]["indicator"], "critical", "{place}");
            told += 1;
        }
    }
    assert!(told > 20);
}

/// Any JSON, leaning towards the names that are looked for.
fn any_json() -> impl Strategy<Value = Value> {
    let names = [
        "hook",
        "hookInstance",
        "context",
        "prefetch",
        "fhirServer",
        "fhirAuthorization",
        "patient",
        "draftOrders",
        "selections",
        "entry",
        "resource",
        "resourceType",
        "code",
        "coding",
        "id",
        "patientId",
        "userId",
        "encounterId",
        "reasonCode",
        "status",
        "system",
        "extension",
        "note",
        "feedback",
        "card",
        "outcome",
        "outcomeTimestamp",
        "overrideReason",
    ];
    let texts = [
        "order-sign",
        "order-select",
        "Patient",
        "ServiceRequest",
        "Bundle",
        "72148",
        CPT,
        "p1",
        "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "accepted",
        "2026-11-23T10:00:00Z",
        "<b>",
        "",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        proptest::sample::select(texts.to_vec()).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map(
                proptest::sample::select(names.to_vec()).prop_map(String::from),
                inner,
                0..6,
            )
            .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A sound call with one place in it put to anything.
fn broken_call() -> impl Strategy<Value = Value> {
    let places = [
        "/context",
        "/context/draftOrders",
        "/context/draftOrders/entry",
        "/context/draftOrders/entry/0/resource",
        "/context/draftOrders/entry/0/resource/code",
        "/context/draftOrders/entry/0/resource/code/coding",
        "/context/draftOrders/entry/0/resource/reasonCode",
        "/context/draftOrders/entry/0/resource/id",
        "/context/draftOrders/entry/0/resource/subject",
        "/context/draftOrders/entry/0/resource/note",
        "/context/draftOrders/entry/0/resource/extension",
        "/context/draftOrders/entry/0/resource/priority",
        "/context/draftOrders/entry/0/resource/status",
        "/context/draftOrders/entry/0/resource/occurrenceDateTime",
        "/context/selections",
        "/prefetch",
        "/prefetch/patient",
        "/fhirServer",
        "/extension",
    ];
    (proptest::sample::select(places.to_vec()), any_json(), any::<bool>()).prop_map(
        |(place, value, select)| {
            let hook = if select { Hook::OrderSelect } else { Hook::OrderSign };
            let order = request_of(
                "mri",
                CPT,
                "72148",
                json!({ "note": "x", "extension": 1, "priority": "", "occurrenceDateTime": "x" }),
            );
            let mut body = call(hook, &[order]);
            body["prefetch"] = json!({ "patient": {} });
            body["fhirServer"] = "https://ehr.example/fhir".into();
            body["extension"] = json!({});
            if let Some(at) = body.pointer_mut(place) {
                *at = value;
            }
            body
        },
    )
}

fn decisions() -> [&'static Decision; 3] {
    [crate::world::strain(), crate::world::saddle(), crate::world::only_age()]
}

proptest! {
    #[test]
    fn any_json_is_read_or_refused(body in any_json()) {
        for id in [IMAGING, VISIT, "other"] {
            if let Err(error) = HookRequest::read(&body, id, codes()) {
                musts::nothing_empty(&error.outcome(), false);
            }
        }
        let _ = read_feedback(&body);
    }

    #[test]
    fn a_broken_call_is_refused_or_answered_validly(body in broken_call()) {
        if let Ok(request) = HookRequest::read(&body, IMAGING, codes()) {
            for decision in decisions() {
                let answer = Scene::order(decision, &[]).answer(&request.context.orders).json();
                musts::hold(&answer);
                for action in answer["systemActions"].as_array().into_iter().flatten() {
                    let rating = rating_of(action);
                    prop_assert!(rating.is_none_or(|rating| rating.contains("appropriate")));
                    prop_assert!(action.to_string().matches(RATING).count() <= 8);
                }
            }
        }
    }

    #[test]
    fn escaped_text_is_never_markup(text in "\\PC{0,60}") {
        let escaped = cauda_cds_hooks::escape(&text);
        musts::plain_markdown(&escaped);
        prop_assert!(!escaped.contains('\n'));
    }
}
