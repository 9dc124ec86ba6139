//! One card at most, silence where it adds nothing, and no silence over a danger (CR26).

use cauda_cds_hooks::{Earlier, Hook, Kind, Matter};
use serde_json::json;

use crate::world::{
    CPT, Scene, clear_but, lumbar_mri, lumbar_mri_stat, lumbar_xray, only_age, request_of, saddle,
    strain,
};

const ICD: &str = "http://hl7.org/fhir/sid/icd-10";

fn told(kind: Kind, order: &str, facts: &str, answered: bool) -> Vec<Earlier> {
    let order = (!order.is_empty()).then(|| format!("ServiceRequest/{order}"));
    vec![Earlier { kind, order, facts_sha256: facts.into(), answered }]
}

#[test]
fn an_order_that_agrees_gets_no_card() {
    assert!(Scene::order(saddle(), &[lumbar_mri_stat()]).is_silent());
}

#[test]
fn an_order_that_is_not_for_the_spine_gets_no_card() {
    for decision in [strain(), saddle(), only_age()] {
        let headache = json!([{ "coding": [{ "system": ICD, "code": "R51" }] }]);
        let brain = request_of("brain", CPT, "70551", json!({ "reasonCode": headache }));
        assert!(Scene::order(decision, &[brain]).is_silent());
        assert!(Scene::order(decision, &[]).is_silent());
    }
}

#[test]
fn another_matter_gets_no_card_unless_it_is_a_danger() {
    let ms = json!([{ "coding": [{ "system": ICD, "code": "G35" }] }]);
    let order = request_of("ms", CPT, "72141", json!({ "reasonCode": ms }));
    assert!(Scene::order(only_age(), std::slice::from_ref(&order)).is_silent());
    assert!(Scene::order(strain(), std::slice::from_ref(&order)).is_silent());
    assert_eq!(Scene::order(saddle(), &[order]).kind(), Some(Kind::Danger));
    // Without a reason nobody knows that it is another matter.
    let unsaid = request_of("x", CPT, "72148", json!({ "reasonCode": null }));
    let scene = Scene { matter: Matter::NotSaid, ..Scene::order(only_age(), &[unsaid]) };
    assert_eq!(scene.kind(), None.or(Some(Kind::Questions)));
}

#[test]
fn a_spinal_service_is_not_asked_and_not_advised_but_for_a_danger() {
    let (unknown, strain, saddle) = (only_age(), strain(), saddle());
    let quiet = |decision, order| Scene { by_specialist: true, ..Scene::order(decision, &[order]) };
    assert!(quiet(unknown, lumbar_mri()).is_silent());
    assert!(quiet(strain, lumbar_mri()).is_silent());
    assert_eq!(quiet(saddle, lumbar_xray()).kind(), Some(Kind::Danger));
}

#[test]
fn whoever_was_screened_is_not_asked_again() {
    let (unknown, saddle) = (only_age(), saddle());
    let screened =
        |decision, order| Scene { screened: Some("09:30"), ..Scene::order(decision, &[order]) };
    assert!(screened(unknown, lumbar_mri()).is_silent());
    assert_eq!(screened(saddle, lumbar_xray()).kind(), Some(Kind::Danger));
    let leaving = Scene { screened: Some("09:30"), ..Scene::leave(unknown) };
    assert!(leaving.is_silent());
}

#[test]
fn questions_are_told_once_in_an_encounter() {
    let unknown = only_age();
    let facts = unknown.facts_sha256.clone();
    let scene = |earlier| Scene { earlier, ..Scene::order(unknown, &[lumbar_mri()]) };
    assert_eq!(scene(told(Kind::Questions, "mri", &facts, false)).kind(), Some(Kind::Questions));
    assert!(scene(told(Kind::Questions, "other", &facts, false)).is_silent());
    assert!(scene(told(Kind::Questions, "mri", &facts, true)).is_silent());
    let changed = scene(told(Kind::Questions, "mri", "other facts", true));
    assert_eq!(changed.kind(), Some(Kind::Questions));
}

#[test]
fn whoever_leaves_is_asked_until_somebody_has_answered() {
    let unknown = only_age();
    let facts = unknown.facts_sha256.clone();
    let leave = |earlier| Scene { earlier, ..Scene::leave(unknown) };
    let shown = |answered| told(Kind::Questions, "mri", &facts, answered);
    assert_eq!(leave(shown(false)).kind(), Some(Kind::Questions), "shown, and nobody answered");
    assert!(leave(shown(true)).is_silent());
    let child = |answered| {
        let earlier = told(Kind::Outside, "mri", &facts, answered);
        Scene { is_child: Some(true), earlier, ..Scene::leave(unknown) }
    };
    assert_eq!(child(false).kind(), Some(Kind::Outside));
    assert!(child(true).is_silent());
}

#[test]
fn an_emergency_put_right_by_its_card_is_not_held_up_by_questions() {
    let saddle = saddle();
    let facts = saddle.facts_sha256.clone();
    let blocks = vec!["the chart holds a diagnosis that a clinician must see first"];
    let scene = |earlier| {
        let blocks = blocks.clone();
        Scene { earlier, blocks, ..Scene::order(saddle, &[lumbar_mri_stat()]) }
    };
    assert_eq!(scene(Vec::new()).kind(), Some(Kind::Questions));
    assert!(scene(told(Kind::Danger, "mri", &facts, true)).is_silent());
    assert_eq!(scene(told(Kind::Danger, "mri", &facts, false)).kind(), Some(Kind::Questions));
}

#[test]
fn advice_that_was_answered_is_not_repeated_and_a_danger_is() {
    let (strain, saddle) = (strain(), saddle());
    let facts = strain.facts_sha256.clone();
    let earlier = told(Kind::NotIndicated, "mri", &facts, true);
    assert!(Scene { earlier, ..Scene::order(strain, &[lumbar_mri()]) }.is_silent());
    let earlier = told(Kind::Danger, "xray", &saddle.facts_sha256, true);
    let scene = Scene { earlier, ..Scene::order(saddle, &[lumbar_xray()]) };
    assert_eq!(scene.kind(), Some(Kind::Danger));
}

#[test]
fn leaving_with_a_danger_is_never_silent() {
    let saddle = saddle();
    for matter in [Matter::BackPain, Matter::NotSaid, Matter::Other] {
        let scene = Scene {
            matter,
            screened: Some("09:30"),
            by_specialist: true,
            earlier: told(Kind::Leaving, "", &saddle.facts_sha256, true),
            ..Scene::leave(saddle)
        };
        assert_eq!(scene.card()["indicator"], "critical");
    }
}

#[test]
fn another_emergency_is_told_beside_an_order_for_the_spine() {
    let aorta = clear_but(&[("pulsatile_mass", "present")]);
    let scene =
        |by_specialist| Scene { by_specialist, ..Scene::order(aorta, &[lumbar_mri_stat()]) };
    for scene in [scene(false), scene(true)] {
        let card = scene.card();
        assert_eq!(scene.kind(), Some(Kind::OtherFirst));
        assert_eq!(card["indicator"], "critical");
        assert!(card.get("suggestions").is_none(), "nothing is taken away");
        assert!(scene.ratings().is_empty());
    }
}

#[test]
fn leaving_is_silent_when_home_is_right_or_the_matter_is_another() {
    assert!(Scene::leave(strain()).is_silent());
    let unknown = only_age();
    assert_eq!(Scene::leave(unknown).kind(), Some(Kind::Questions));
    assert!(Scene { matter: Matter::NotSaid, ..Scene::leave(unknown) }.is_silent());
    let stays = clear_but(&[("pain_controlled", "absent")]);
    assert_eq!(Scene::leave(stays).kind(), Some(Kind::Stays));
}

#[test]
fn opening_a_record_tells_only_an_emergency() {
    for hook in [Hook::PatientView, Hook::EncounterStart] {
        let (saddle, strain, unknown) = (saddle(), strain(), only_age());
        let at = |decision| Scene { hook, ..Scene::order(decision, &[]) };
        assert_eq!(at(saddle).kind(), Some(Kind::Leaving));
        assert!(at(strain).is_silent() && at(unknown).is_silent());
    }
}

#[test]
fn an_agreeing_order_of_another_kind_beside_it_hides_nothing() {
    let saddle = saddle();
    // The right MRI is ordered too: the X-ray is no danger then.
    assert!(Scene::order(saddle, &[lumbar_xray(), lumbar_mri_stat()]).is_silent());
    assert_eq!(Scene::order(saddle, &[lumbar_xray(), lumbar_mri()]).kind(), Some(Kind::Danger));
}

#[test]
fn an_unknown_code_for_the_back_is_told_while_an_emergency_waits() {
    let local = request_of("local", "urn:here", "MRLS", json!({}));
    let scene = Scene::order(saddle(), std::slice::from_ref(&local));
    assert_eq!(scene.kind(), Some(Kind::NotRecognised));
    assert!(scene.card().get("suggestions").is_none() && scene.ratings().is_empty());
    assert!(Scene::order(saddle(), &[local.clone(), lumbar_mri_stat()]).is_silent());
    assert!(Scene { screened: Some("09:30"), ..scene }.is_silent());
    assert!(Scene::order(strain(), &[local]).is_silent());
}

#[test]
fn what_keeps_a_chart_from_reassuring_makes_it_undecided() {
    let blocks = vec!["two patients were sent"];
    let scene = Scene { blocks: blocks.clone(), ..Scene::order(strain(), &[lumbar_mri()]) };
    let card = scene.card();
    assert_eq!((scene.kind(), &card["indicator"]), (Some(Kind::Questions), &json!("warning")));
    assert!(card["detail"].as_str().unwrap().contains("two patients were sent"));
    assert!(card.get("suggestions").is_none() && scene.ratings().is_empty());
    assert_eq!(Scene { blocks, ..Scene::leave(strain()) }.kind(), Some(Kind::Questions));
}
