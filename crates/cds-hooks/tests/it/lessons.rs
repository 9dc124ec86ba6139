//! What the public sandbox taught, each lesson that is not HTTP.

use cauda_cds_hooks::{Earlier, Hook, HookRequest, IMAGING, Kind, Outcome, read_feedback};
use serde_json::json;

use crate::musts;
use crate::world::{
    Scene, call, codes, lumbar_mri, lumbar_mri_stat, lumbar_xray, only_age, rating_of, saddle,
    strain,
};

#[test]
fn lesson_1_a_first_call_that_is_not_valid_fhir_is_answered() {
    let order = json!({
        "resourceType": "ServiceRequest",
        "id": "pama",
        "status": "draft",
        "intent": "plan",
        "code": { "coding": [{}] },
        "subject": { "reference": "Patient/p1" },
        "reasonCode": [],
    });
    let mut body = call(Hook::OrderSelect, &[order]);
    body["context"]["draftOrders"].as_object_mut().unwrap().remove("type");
    let request = HookRequest::read(&body, IMAGING, codes()).unwrap();
    let unknown = only_age();
    let answer = Scene::order(unknown, &[]).answer(&request.context.orders).json();
    musts::hold(&answer);
    assert_eq!(answer, json!({ "cards": [] }));
}

#[test]
fn lesson_1_an_empty_reason_costs_no_card_and_is_not_sent_back_empty() {
    let mut order = lumbar_xray();
    order["reasonCode"] = json!([]);
    order["note"] = json!(null);
    let answer = Scene::order(saddle(), &[order]).json();
    musts::hold(&answer);
    assert_eq!(answer["cards"].as_array().unwrap().len(), 1);
}

#[test]
fn lesson_2_ratings_stand_in_the_extension_too() {
    let answer = Scene::order(saddle(), &[lumbar_mri_stat()]).json();
    let both = [&answer["systemActions"], &answer["extension"]["systemActions"]];
    for actions in both {
        assert_eq!(rating_of(&actions[0]).as_deref(), Some("appropriate"));
    }
}

#[test]
fn lesson_3_what_is_recommended_is_an_update() {
    let (strain, saddle) = (strain(), saddle());
    for scene in [Scene::order(strain, &[lumbar_mri()]), Scene::order(saddle, &[lumbar_xray()])] {
        let card = scene.card();
        let first = &card["suggestions"][0];
        // Less than was ordered is offered, and is never the one that is marked.
        let recommended = first["isRecommended"] == true;
        assert_eq!(recommended, first["label"].as_str().unwrap().starts_with("Change to"));
        assert_eq!(first["actions"].as_array().unwrap().len(), 1);
        assert_eq!(first["actions"][0]["type"], "update");
    }
}

#[test]
fn lesson_4_three_calls_for_one_order_give_the_same_answer() {
    let unknown = only_age();
    let first = Scene::order(unknown, &[lumbar_mri()]);
    let told = Earlier {
        kind: Kind::Questions,
        order: Some("ServiceRequest/mri".into()),
        facts_sha256: unknown.facts_sha256.clone(),
        answered: false,
    };
    let again = Scene { earlier: vec![told], ..Scene::order(unknown, &[lumbar_mri()]) };
    assert_eq!(first.json(), again.json());
    let consult =
        |scene: &Scene| scene.json()["systemActions"][0]["resource"]["extension"][2].clone();
    let saddle = saddle();
    let rated = Scene::order(saddle, &[lumbar_mri_stat()]);
    assert_eq!(consult(&rated), consult(&rated));
}

#[test]
fn lesson_7_dismissing_comes_without_a_reason() {
    let body = json!({ "feedback": [
        { "card": "c", "outcome": "overridden", "outcomeTimestamp": "2026-11-23T10:00:00.000Z" },
        { "card": "c", "outcome": "accepted", "outcomeTimestamp": "2026-11-23T10:01:00.000Z",
          "acceptedSuggestions": [{ "id": "s" }] },
    ] });
    let items = read_feedback(&body).unwrap();
    assert!(items[0].outcome == Outcome::Overridden(None));
    assert!(items[1].outcome == Outcome::Accepted(vec!["s".into()]));
}

#[test]
fn lesson_8_a_card_says_all_without_its_smart_link() {
    let card = Scene::order(only_age(), &[lumbar_mri()]).card();
    let detail = card["detail"].as_str().unwrap();
    assert!(detail.contains("**Not known yet**") && detail.contains("**Source**"));
}
