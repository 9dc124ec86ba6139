//! What leaves with a decision: never `success` while undecided, never a "no" nobody said.

use std::collections::BTreeMap;

use cauda_fhir_service::{
    About, Intent, Owner, ServiceError, apply, decided_visit_bundle, guidance_response,
    observations, priority_of_decision, priority_of_tier, service_request, task,
};
use cauda_guideline::facts::Role;
use cauda_guideline::resolve::{Entries, Entry, Reason, Said, resolve};
use cauda_guideline::vocabulary::Tier;
use proptest::prelude::*;
use serde_json::Value;

use crate::patients::{Patient, about, base, guideline, now, objects, patients};

fn named(name: &str) -> Patient {
    patients().into_iter().find(|patient| patient.name == name).unwrap()
}

#[test]
fn success_only_when_decided() {
    for patient in patients() {
        let response = guidance_response(&about(), guideline(), &patient.decision, None);
        let status = response["status"].as_str().unwrap();
        let expected = if patient.decision.decided { "success" } else { "data-required" };
        assert_eq!(status, expected, "{}", patient.name);
        if !patient.decision.decided {
            assert!(!response["dataRequirement"].as_array().unwrap().is_empty());
        }
    }
    let undecided = named("undecided");
    assert!(!undecided.decision.decided);
    let mut broken = named("home").decision;
    broken.clinician_review = true;
    let response = guidance_response(&about(), guideline(), &broken, None);
    assert_eq!(response["status"], "failure");
}

#[test]
fn urgency_has_one_table_and_nothing_open_is_routine() {
    let codes = Tier::ALL.map(priority_of_tier);
    assert_eq!(codes, ["routine", "routine", "routine", "asap", "stat", "stat"]);
    assert_eq!(priority_of_decision(&named("undecided").decision), "urgent");
    assert_eq!(priority_of_decision(&named("home").decision), "routine");
    assert_eq!(priority_of_decision(&named("cauda_equina").decision), "stat");
}

#[test]
fn a_scan_says_what_it_is_and_by_when() {
    let patient = named("cauda_equina");
    let image = &patient.decision.imaging[0];
    let request =
        service_request(&about(), guideline(), &patient.decision, image, Intent::Proposal, &[]);
    assert_eq!(request["status"], "draft");
    assert_eq!(request["intent"], "proposal");
    assert_eq!(request["priority"], "stat");
    assert_eq!(request["doNotPerform"], false);
    assert_eq!(request["code"]["coding"][0]["code"], "30679-5");
    assert_eq!(request["occurrencePeriod"]["end"], "2026-11-23T14:30:00Z");
    assert_eq!(request["requester"]["reference"], "Practitioner/9");
    assert!(!request["reasonCode"].as_array().unwrap().is_empty());
    assert!(request["note"].to_string().contains("Within 4 hours of the request"));
}

#[test]
fn a_scan_that_is_held_says_so_first() {
    let patient = named("cauda_equina");
    let mut image = patient.decision.imaging[0].clone();
    image.held_by = vec![image.spoken.clone()];
    let request =
        service_request(&about(), guideline(), &patient.decision, &image, Intent::Plan, &[]);
    let first = request["note"][0]["text"].as_str().unwrap();
    assert!(first.starts_with("Do not scan as it stands"), "{first}");
}

#[test]
fn evidence_is_cited_with_how_far_it_was_read_and_only_from_the_list() {
    let plan = apply(&about(), guideline(), &named("cauda_equina").decision, None);
    let mut found = Vec::new();
    objects("", &plan, &mut found);
    let cited: Vec<&Value> =
        found.iter().filter(|(name, _)| *name == "documentation").map(|(_, it)| *it).collect();
    assert!(!cited.is_empty());
    for artifact in cited {
        assert_eq!(artifact["type"], "citation");
        let source = &guideline().sources[artifact["label"].as_str().unwrap()];
        let citation = artifact["citation"].as_str().unwrap();
        assert!(citation.contains(&source.title) && citation.contains(source.read.words()));
    }
}

#[test]
fn the_same_decision_gives_the_same_bytes_and_another_one_other_keys() {
    let keys = |bundle: &Value| -> Vec<String> {
        let entries = bundle["entry"].as_array().unwrap().iter();
        entries.map(|entry| entry["request"]["ifNoneExist"].as_str().unwrap().into()).collect()
    };
    let of = |patient: &Patient, visit: &str| {
        let (decision, findings) = (&patient.decision, &patient.findings);
        decided_visit_bundle(&about(), guideline(), decision, findings, visit)
    };
    let (home, emergency) = (named("home"), named("cauda_equina"));
    assert_eq!(of(&home, "v1").to_string(), of(&home, "v1").to_string());
    for other in [of(&home, "v2"), of(&emergency, "v1")] {
        let first = keys(&of(&home, "v1"));
        assert!(keys(&other).iter().all(|key| !first.contains(key)));
    }
    let bundle = of(&emergency, "v1");
    let mut unique = keys(&bundle);
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), bundle["entry"].as_array().unwrap().len());
}

#[test]
fn every_reference_inside_leads_somewhere() {
    for patient in patients() {
        let (decision, findings) = (&patient.decision, &patient.findings);
        let bundle = decided_visit_bundle(&about(), guideline(), decision, findings, "v1");
        let alone = guidance_response(&about(), guideline(), decision, None);
        for entry in bundle["entry"].as_array().unwrap() {
            leads(&entry["resource"], Some(&bundle));
        }
        leads(&alone, None);
        leads(&apply(&about(), guideline(), decision, None), None);
    }
}

/// Checks contained references and those into the Bundle, and that each contained resource is
/// pointed at (`dom-3`).
fn leads(resource: &Value, bundle: Option<&Value>) {
    let contained = resource["contained"].as_array().cloned().unwrap_or_default();
    let ids: Vec<&str> = contained.iter().map(|it| it["id"].as_str().unwrap()).collect();
    let mut found = Vec::new();
    objects("", resource, &mut found);
    let targets: Vec<&str> = found.iter().filter_map(|(_, it)| it["reference"].as_str()).collect();
    for target in &targets {
        let known = match target.strip_prefix('#') {
            Some(id) => ids.contains(&id),
            None if target.starts_with("urn:") => {
                let entries = bundle.unwrap()["entry"].as_array().unwrap();
                entries.iter().any(|entry| entry["fullUrl"] == *target)
            }
            None => ["Patient/123", "Encounter/7", "Practitioner/9"].contains(target),
        };
        assert!(known, "{target}");
    }
    for id in ids {
        assert!(targets.contains(&format!("#{id}").as_str()), "{id} is held for nothing");
    }
}

#[test]
fn a_task_has_an_owner() {
    let decision = named("cauda_equina").decision;
    let action = &decision.actions[0];
    let of = |owner| task(&about(), &decision, action, owner, Some(now() + 900), None);
    let owned = of(Owner::Known("PractitionerRole/3")).unwrap();
    assert_eq!(owned["owner"]["reference"], "PractitionerRole/3");
    assert_eq!(owned["restriction"]["period"]["end"], "2026-11-23T10:45:00Z");
    assert_eq!(of(Owner::Words("a nurse")).unwrap()["performerType"][0]["text"], "a nurse");
    assert!(matches!(of(Owner::Known("Patient/9")), Err(ServiceError::Reference { .. })));
}

#[test]
fn a_reference_of_the_wrong_kind_is_refused() {
    for wrong in ["", "123", "Practitioner/1", "Patient/a b", "Patient/", "#p", "Patient/1\n2"] {
        assert!(About::new(base(), wrong, now()).is_err(), "{wrong}");
    }
    assert!(about().during("Patient/1").is_err());
    assert!(about().by("Device/1").is_err());
}

#[test]
fn what_nobody_said_is_no_observation_and_what_is_not_known_has_no_value() {
    let stuck = named("stuck");
    let made: BTreeMap<String, Value> =
        observations(&about(), guideline(), &stuck.findings).into_iter().collect();
    assert_eq!(made.len(), 5);
    for fact in ["saddle_numbness", "known_cancer"] {
        let fields = made[fact].as_object().unwrap();
        assert!(fields.contains_key("dataAbsentReason"), "{fact}");
        assert!(fields.keys().all(|name| !name.starts_with("value")), "{fact}");
    }
    assert_eq!(made["c_reactive_protein"]["valueQuantity"]["comparator"], "<");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(16) })]

    #[test]
    fn unknown_never_leaves_as_absent_or_false(
        draws in proptest::collection::vec((any::<prop::sample::Index>(), 0usize..8), 0..30)
    ) {
        let facts: Vec<usize> = guideline().entered_facts().map(|(index, _)| index).collect();
        let reasons = [
            Reason::NotAsked, Reason::NotKnown, Reason::Declined, Reason::Unable, Reason::Stale,
            Reason::Unreliable, Reason::FutureDated, Reason::NotSettledByRole,
        ];
        let mut entries = Entries::default();
        for (index, reason) in draws {
            let said = Said::Unknown(reasons[reason]);
            let by = Role::Physician;
            let entry = Entry { said, at: Some(now()), by, entered_in_error: false };
            entries.add(*index.get(&facts), entry);
        }
        let findings = resolve(guideline(), &entries, Some(now()));
        let decision = cauda_guideline::decision::explain(guideline(), &findings, None);
        let bundle = decided_visit_bundle(&about(), guideline(), &decision, &findings, "v1");
        let mut found = Vec::new();
        objects("", &bundle, &mut found);
        for (_, object) in &found {
            prop_assert_ne!(&object["status"], "success");
            let Some(fields) = object.as_object() else { continue };
            if object["resourceType"] != "Observation" {
                continue;
            }
            let has_value = fields.keys().any(|name| name.starts_with("value"));
            prop_assert!(!has_value, "{}", object);
        }
    }
}
