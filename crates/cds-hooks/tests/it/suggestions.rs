//! What is offered: the whole order changed, never less while it is undecided.

use cauda_cds_hooks::Kind;
use serde_json::{Value, json};

use crate::world::{
    CPT, LOINC, Scene, clear_but, lumbar_mri, lumbar_mri_stat, lumbar_xray, only_age, request_of,
    saddle, strain, unknown_but,
};

fn changed(scene: &Scene) -> Value {
    scene.card()["suggestions"][0]["actions"][0]["resource"].clone()
}

#[test]
fn a_low_priority_is_raised_and_the_picture_kept() {
    let order = lumbar_mri();
    let resource = changed(&Scene::order(saddle(), std::slice::from_ref(&order)));
    assert_eq!(resource["priority"], "stat");
    assert_eq!((&resource["code"], &resource["id"]), (&order["code"], &order["id"]));
    assert!(resource["note"][0]["text"].as_str().unwrap().contains("MRI lumbar spine"));
}

#[test]
fn an_x_ray_becomes_the_mri_with_its_code() {
    let mut order = lumbar_xray();
    order["bodySite"] = json!([{ "text": "lower back" }]);
    order["note"] = json!([{ "text": "fell yesterday" }]);
    let resource = changed(&Scene::order(saddle(), &[order]));
    assert_eq!(resource["code"]["coding"][0]["system"], LOINC);
    assert_eq!(resource["code"]["coding"][0]["code"], "30679-5");
    assert_eq!(resource["priority"], "stat");
    assert!(resource.get("bodySite").is_none());
    assert_eq!(resource["note"].as_array().unwrap().len(), 2);
    assert_eq!(resource["note"][0]["text"], "fell yesterday");
    assert_eq!(resource["subject"]["reference"], "Patient/p1");
}

#[test]
fn an_order_of_another_day_is_too_late_and_loses_its_date() {
    let order = request_of(
        "mri",
        LOINC,
        "30679-5",
        json!({ "priority": "stat", "occurrenceDateTime": "2026-12-20" }),
    );
    let scene = Scene::order(saddle(), &[order]);
    assert_eq!(scene.kind(), Some(Kind::Danger));
    assert!(changed(&scene).get("occurrenceDateTime").is_none());
    let today = request_of(
        "mri",
        LOINC,
        "30679-5",
        json!({ "priority": "stat", "occurrenceDateTime": "2026-11-23T11:00:00Z" }),
    );
    assert!(Scene::order(saddle(), &[today]).is_silent());
}

#[test]
fn a_wider_picture_answers_a_narrower_one() {
    let whole = request_of("w", LOINC, "36400-0", json!({ "priority": "stat" }));
    assert!(Scene::order(saddle(), &[whole]).is_silent());
    let neck = request_of("n", CPT, "72141", json!({ "priority": "stat" }));
    assert_eq!(Scene::order(saddle(), &[neck]).kind(), Some(Kind::Danger));
}

#[test]
fn nobody_is_sent_into_a_scanner_that_could_harm() {
    let held = clear_but(&[("saddle_numbness", "new"), ("pacemaker_or_defibrillator", "unsafe")]);
    for order in [lumbar_mri_stat(), lumbar_mri(), lumbar_xray()] {
        let card = Scene::order(held, &[order]).card();
        assert!(card.get("suggestions").is_none(), "{card:#}");
        assert!(card["summary"].as_str().unwrap().contains("must not be scanned"), "{card:#}");
        assert!(card["detail"].as_str().unwrap().contains("not as it stands"));
        assert!(Scene::order(held, &[lumbar_mri_stat()]).ratings().is_empty());
    }
}

#[test]
fn cancelling_is_offered_only_when_every_concern_is_excluded() {
    let card = Scene::order(strain(), &[lumbar_mri()]).card();
    let suggestions = card["suggestions"].as_array().unwrap();
    assert_eq!(suggestions.len(), 2);
    let revoked = &suggestions[0]["actions"][0]["resource"];
    assert_eq!((&revoked["status"], &revoked["id"]), (&json!("revoked"), &json!("mri")));
    let plan = &suggestions[1]["actions"][1]["resource"];
    assert_eq!(plan["encounter"]["reference"], "Encounter/e1");
    // The signs to come back with stand in the note to the last.
    let note = revoked["note"][0]["text"].as_str().unwrap();
    for line in &strain().return_list {
        assert!(note.contains(&line.staff), "{note}");
    }
    // Undecided, nothing is taken away.
    let card = Scene::order(only_age(), &[lumbar_mri()]).card();
    assert!(card.get("suggestions").is_none());
}

#[test]
fn without_an_id_nothing_is_offered() {
    let mut order = lumbar_mri();
    order.as_object_mut().unwrap().remove("id");
    assert!(Scene::order(strain(), &[order]).card().get("suggestions").is_none());
}

#[test]
fn undecided_and_in_danger_more_is_offered() {
    let open = unknown_but(&[("age", "40 a"), ("saddle_numbness", "new")]);
    let scene = Scene::order(open, &[lumbar_xray()]);
    assert_eq!(scene.kind(), Some(Kind::Danger));
    assert_eq!(changed(&scene)["priority"], "stat");
}
