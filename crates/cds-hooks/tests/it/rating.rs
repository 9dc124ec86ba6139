//! Ratings: only when wanted, decided and of an MRI or CT of the spine; never a guess.

use serde_json::{Value, json};

use crate::musts;
use crate::world::{
    CPT, LOINC, Scene, clear_but, lumbar_mri, lumbar_mri_stat, lumbar_xray, only_age, rating_of,
    request_of, saddle, strain, unknown_but,
};

#[test]
fn decided_and_agreed_is_appropriate_and_against_it_is_not() {
    assert_eq!(Scene::order(saddle(), &[lumbar_mri_stat()]).ratings(), ["appropriate"]);
    assert_eq!(Scene::order(strain(), &[lumbar_mri()]).ratings(), ["not-appropriate"]);
}

#[test]
fn undecided_is_not_rated() {
    assert!(Scene::order(only_age(), &[lumbar_mri()]).ratings().is_empty());
    // An emergency that nobody has finished asking about, in somebody of unknown age.
    let open = unknown_but(&[("saddle_numbness", "new")]);
    let scene = Scene { is_child: None, ..Scene::order(open, &[lumbar_mri_stat()]) };
    assert!(scene.ratings().is_empty());
}

#[test]
fn nobody_is_rated_who_wants_no_rating() {
    let scene = Scene { rating: false, ..Scene::order(saddle(), &[lumbar_mri_stat()]) };
    assert!(scene.json().get("systemActions").is_none());
}

#[test]
fn a_child_has_no_criteria_and_an_unknown_age_no_rating() {
    let child = clear_but(&[("age", "12 a")]);
    let scene = Scene { is_child: Some(true), ..Scene::order(child, &[lumbar_mri()]) };
    assert_eq!(scene.ratings(), ["no-criteria-apply"]);
    let danger = clear_but(&[("age", "12 a"), ("saddle_numbness", "new")]);
    let scene = Scene { is_child: Some(true), ..Scene::order(danger, &[lumbar_mri_stat()]) };
    assert_eq!(scene.ratings(), ["no-criteria-apply"]);
    let nobody_knows = clear_but(&[("age", "unknown")]);
    let scene = Scene { is_child: None, ..Scene::order(nobody_knows, &[lumbar_mri()]) };
    assert!(scene.ratings().is_empty());
}

#[test]
fn the_dead_and_other_matters_are_not_rated() {
    let strain = strain();
    let dead = Scene { is_deceased: true, ..Scene::order(strain, &[lumbar_mri()]) };
    assert!(dead.ratings().is_empty());
    let knee =
        json!([{ "coding": [{ "system": "http://hl7.org/fhir/sid/icd-10", "code": "G35" }] }]);
    let order = request_of("ms", CPT, "72141", json!({ "reasonCode": knee }));
    assert!(Scene::order(strain, &[order]).ratings().is_empty());
}

#[test]
fn only_mri_and_ct_of_the_spine_are_rated() {
    let strain = strain();
    assert!(Scene::order(strain, &[lumbar_xray()]).ratings().is_empty());
    let brain = request_of("brain", CPT, "70551", json!({}));
    assert!(Scene::order(strain, &[brain]).ratings().is_empty());
    let nameless = {
        let mut order = lumbar_mri();
        order.as_object_mut().unwrap().remove("id");
        order
    };
    assert!(Scene::order(strain, &[nameless]).ratings().is_empty());
}

#[test]
fn somebody_in_danger_is_never_rated_down() {
    let neck = request_of("neck", CPT, "72141", json!({}));
    let scene = Scene::order(saddle(), &[neck, lumbar_mri_stat()].clone());
    assert_eq!(scene.ratings(), ["appropriate"]);
}

#[test]
fn an_order_is_unchanged_but_for_its_rating() {
    let order = request_of(
        "mri",
        LOINC,
        "30679-5",
        json!({ "priority": "stat", "extension": [{ "url": "urn:own", "valueString": "kept" }] }),
    );
    let answer = Scene::order(saddle(), std::slice::from_ref(&order)).json();
    let mut rated = answer["systemActions"][0]["resource"].clone();
    let extensions = rated["extension"].as_array().unwrap().clone();
    let urls: Vec<&str> = extensions.iter().map(|one| one["url"].as_str().unwrap()).collect();
    assert_eq!(
        urls,
        [
            "urn:own",
            "http://fhir.org/argonaut/Extension/pama-rating",
            "http://fhir.org/argonaut/Extension/pama-rating-qcdsm-consulted",
            "http://fhir.org/argonaut/Extension/pama-rating-consult-id",
            "http://fhir.org/argonaut/Extension/pama-rating-auc-applied",
        ]
    );
    assert_eq!(extensions[2]["valueString"], "G-test");
    rated["extension"] = json!([extensions[0]]);
    assert_eq!(rated, order);
    // Rated again, it has one rating.
    let twice = Scene::order(saddle(), &[answer["systemActions"][0]["resource"].clone()]).json();
    assert_eq!(twice["systemActions"], answer["systemActions"]);
}

#[test]
fn the_consultation_changes_with_order_and_facts_only() {
    let consult = |scene: &Scene| -> String {
        let answer = scene.json();
        answer["systemActions"][0]["resource"]["extension"][2]["valueUri"].as_str().unwrap().into()
    };
    let (saddle, more) =
        (saddle(), clear_but(&[("saddle_numbness", "new"), ("leg_weakness_left", "new")]));
    let one = consult(&Scene::order(saddle, &[lumbar_mri_stat()]));
    assert!(one.starts_with("urn:uuid:") && one.len() == 45);
    assert_eq!(one, consult(&Scene::order(saddle, &[lumbar_mri_stat()])));
    let mut other = lumbar_mri_stat();
    other["id"] = "other".into();
    assert_ne!(one, consult(&Scene::order(saddle, &[other])));
    let changed =
        Scene::order(more, &[request_of("mri", LOINC, "36531-2", json!({ "priority": "stat" }))]);
    assert_ne!(one, consult(&changed));
}

#[test]
fn a_rating_that_no_longer_holds_is_taken_off() {
    let rated = Scene::order(saddle(), &[lumbar_mri_stat()]).json();
    let rated: Value = rated["systemActions"][0]["resource"].clone();
    let answer = Scene::order(only_age(), &[rated]).json();
    musts::hold(&answer);
    let action = &answer["systemActions"][0];
    assert_eq!(rating_of(action), None);
    assert_eq!(action["resource"], lumbar_mri_stat());
}
