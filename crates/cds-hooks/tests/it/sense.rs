//! What a physician at night must not be told, each found by one who read the cards.

use cauda_cds_hooks::{Hook, Matter};
use cauda_guideline::vocabulary::Tier;
use serde_json::{Value, json};

use crate::world::{
    CPT, LOINC, Scene, clear_but, lumbar_mri, lumbar_xray, request_of, saddle, strain, unknown_but,
};

fn lumbar_ct() -> Value {
    request_of("ct", CPT, "72131", json!({"priority": "urgent"}))
}

fn cards(scene: &Scene) -> Vec<Value> {
    scene.json()["cards"].as_array().unwrap().clone()
}

/// A fall at 82 with thin bones: CT or X-ray first.
fn fall() -> &'static cauda_guideline::decision::Decision {
    clear_but(&[("age", "82 a"), ("osteoporosis", "present"), ("low_energy_fall", "present")])
}

#[test]
fn a_picture_that_shows_more_is_not_too_little_and_less_is_never_one_press_away() {
    let decision = fall();
    assert!(decision.urgency.acted_on >= Tier::Urgent, "{:?}", decision.urgency);
    assert!(cards(&Scene::order(decision, &[lumbar_ct()])).is_empty(), "CT answers it");
    let mri = request_of("mri", CPT, "72148", json!({"priority": "urgent"}));
    let card = Scene::order(decision, &[mri]).card();
    assert!(card.get("suggestions").is_none(), "{card}");
    assert!(!card["detail"].as_str().unwrap().contains("too little"), "{card}");
    assert!(card["detail"].as_str().unwrap().contains("not wrong"), "{card}");
}

#[test]
fn a_diagnosis_of_the_chart_is_named_in_the_line_and_told_when_the_record_is_opened() {
    let alarms = vec!["Cauda equina syndrome".to_string()];
    let words = "the chart holds a diagnosis that a clinician must see first";
    let mut decision = unknown_but(&[("age", "46 a")]).clone();
    decision.clinician_review = true;
    let of = |hook: Hook| Scene {
        hook,
        alarms: alarms.clone(),
        blocks: vec![words],
        ..Scene::order(&decision, &[lumbar_xray()])
    };
    for hook in [Hook::OrderSign, Hook::EncounterDischarge, Hook::PatientView] {
        let scene = of(hook);
        let cards = cards(&scene);
        assert_eq!(cards.len(), 1, "{hook:?}");
        let summary = cards[0]["summary"].as_str().unwrap();
        assert!(summary.starts_with("In the chart: Cauda equina syndrome"), "{summary}");
        assert_eq!(cards[0]["indicator"], "critical");
        assert!(cards[0]["detail"].as_str().unwrap().contains("No X-ray rules it out"));
    }
}

#[test]
fn who_came_for_something_else_is_told_of_what_only_a_spine_explains() {
    let infection = unknown_but(&[("age", "40 a"), ("temperature", "39.0 Cel")]);
    assert!(infection.urgency.acted_on >= Tier::Urgent);
    let flu = Scene { matter: Matter::Other, ..Scene::leave(infection) };
    assert!(cards(&flu).is_empty(), "a fever of an influenza");
    let nobody = Scene { matter: Matter::NotSaid, ..Scene::leave(infection) };
    let card = &cards(&nobody)[0];
    assert!(card["summary"].as_str().unwrap().starts_with("Back or leg pain?"), "{card}");
    assert_ne!(card["indicator"], "critical");
    let spine = Scene { matter: Matter::Other, ..Scene::leave(saddle()) };
    assert_eq!(cards(&spine).len(), 1, "a numb saddle is told of whoever has it");
}

#[test]
fn an_order_that_fits_is_said_to_fit() {
    let fever = unknown_but(&[("age", "40 a"), ("temperature", "39.0 Cel")]);
    let whole = request_of("mri", LOINC, "36400-0", json!({"priority": "stat"}));
    let card = Scene::order(fever, &[whole]).card();
    let summary = card["summary"].as_str().unwrap();
    assert!(summary.starts_with("This order fits what is suspected"), "{summary}");
    assert_eq!(card["indicator"], "info");
    assert!(!card["detail"].as_str().unwrap().contains("no advice on this order"), "{card}");
}

#[test]
fn cancelling_is_offered_only_to_who_may_go_and_is_never_marked() {
    let home = Scene::order(strain(), &[lumbar_mri()]).card();
    let offered = home["suggestions"].as_array().unwrap();
    assert!(offered.iter().all(|one| one["isRecommended"] != true), "{home}");
    let stays = clear_but(&[("pain_controlled", "absent")]);
    if stays.disposition.as_ref().is_some_and(|place| place.id != "home") {
        let card = Scene::order(stays, &[lumbar_mri()]).card();
        assert!(card.get("suggestions").is_none(), "{card}");
    }
}

#[test]
fn a_child_and_an_age_that_was_not_sent_are_said_in_words() {
    let child = unknown_but(&[("age", "9 a")]);
    for hook in [Hook::OrderSign, Hook::EncounterDischarge] {
        let scene = Scene { hook, is_child: Some(true), ..Scene::order(child, &[lumbar_mri()]) };
        let card = &cards(&scene)[0];
        assert!(card["summary"].as_str().unwrap().starts_with("Under 18"), "{card}");
        assert_eq!(card["indicator"], "warning");
    }
    let nobody = Scene { is_child: None, ..Scene::order(strain(), &[lumbar_mri()]) };
    let card = nobody.card();
    assert!(card["detail"].as_str().unwrap().contains("The age: it was not sent"), "{card}");
}

#[test]
fn what_is_to_be_done_is_not_cut_and_the_label_says_what_it_is() {
    let card = Scene::order(saddle(), &[lumbar_xray()]).card();
    let detail = card["detail"].as_str().unwrap();
    let what = detail.split("**Why**").next().unwrap();
    assert!(!what.contains("more"), "{what}");
    let label = card["source"]["label"].as_str().unwrap();
    assert!(label.contains("not a certified device"), "{label}");
}
