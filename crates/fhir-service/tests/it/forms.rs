//! Forms: every fact is asked, each answer can be "not known", and the words mean now.

use std::collections::BTreeSet;

use cauda_fhir_service::{Audience, Base, Form, code_systems, questionnaire};
use cauda_guideline::facts::Role;
use serde_json::Value;

use crate::patients::{base, guideline, objects};

const STAFF: Form = Form { audience: Audience::Staff, stage: None };
const PATIENT: Form = Form { audience: Audience::Patient, stage: None };

fn questions(form: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    objects("", form, &mut found);
    let items = found.into_iter().map(|(_, item)| item).filter(|item| item["linkId"].is_string());
    items.filter(|item| item["type"] != "group").collect()
}

#[test]
fn every_fact_is_asked_of_staff_and_only_theirs_of_patients() {
    let form = questionnaire(base(), guideline(), &STAFF);
    let links: BTreeSet<&str> =
        questions(&form).iter().map(|item| item["linkId"].as_str().unwrap()).collect();
    for (_, fact) in guideline().entered_facts() {
        assert!(links.contains(fact.id.as_str()), "{}", fact.id);
    }
    let form = questionnaire(base(), guideline(), &PATIENT);
    for item in questions(&form) {
        let link = item["linkId"].as_str().unwrap();
        let fact = guideline().fact(link.trim_end_matches("/unknown")).unwrap();
        assert!(guideline().facts[fact].asked_of.contains(&Role::Patient), "{link}");
        assert!(item["text"].as_str().unwrap().contains(" now."), "{link}");
    }
}

#[test]
fn every_question_can_be_answered_by_not_known_and_none_is_a_boolean() {
    for form in Form::all() {
        let form = questionnaire(base(), guideline(), &form);
        for item in questions(&form) {
            assert!(["choice", "quantity"].contains(&item["type"].as_str().unwrap()));
            let link = item["linkId"].as_str().unwrap();
            let other = format!("{link}/unknown");
            let why = match item["type"] == "quantity" {
                true => questions(&form).into_iter().find(|item| item["linkId"] == other.as_str()),
                false => Some(item),
            };
            let codes: Vec<&str> = why.unwrap()["answerOption"]
                .as_array()
                .unwrap()
                .iter()
                .map(|option| option["valueCoding"]["code"].as_str().unwrap())
                .collect();
            assert!(codes.contains(&"not-known") && codes.contains(&"declined"), "{link}");
        }
    }
}

#[test]
fn a_number_offers_every_unit_and_a_fact_its_loinc_code() {
    let form = questionnaire(base(), guideline(), &STAFF);
    let of = |link: &str| {
        questions(&form).into_iter().find(|item| item["linkId"] == link).unwrap().clone()
    };
    let temperature = of("temperature");
    assert_eq!(temperature["code"][0]["system"], "http://loinc.org");
    assert_eq!(temperature["code"][0]["code"], "8310-5");
    assert_eq!(
        temperature["code"][1]["system"],
        "https://cauda.hospital.example/fhir/CodeSystem/findings"
    );
    let units: Vec<&str> = temperature["extension"]
        .as_array()
        .unwrap()
        .iter()
        .map(|unit| unit["valueCoding"]["code"].as_str().unwrap())
        .collect();
    assert_eq!(units, ["Cel", "[degF]"]);
    assert_eq!(of("saddle_numbness")["answerOption"][2]["valueCoding"]["display"], "Yes, new");
}

#[test]
fn link_ids_are_unique_and_every_code_is_in_a_system_of_ours_or_loinc() {
    let systems = code_systems(base(), guideline());
    for form in Form::all() {
        let form = questionnaire(base(), guideline(), &form);
        let mut found = Vec::new();
        objects("", &form, &mut found);
        let links: Vec<&str> =
            found.iter().filter_map(|(_, item)| item["linkId"].as_str()).collect();
        assert_eq!(links.len(), links.iter().collect::<BTreeSet<_>>().len());
        for (name, coding) in
            found.iter().filter(|(name, _)| *name == "valueCoding" || *name == "code")
        {
            let system = coding["system"].as_str().unwrap();
            if ["http://loinc.org", "http://unitsofmeasure.org"].contains(&system) {
                continue;
            }
            let ours = systems.iter().find(|ours| ours["url"] == system).unwrap();
            let codes = ours["concept"].as_array().unwrap();
            let has = codes.iter().any(|concept| concept["code"] == coding["code"]);
            assert!(has, "{name} {coding}");
        }
    }
}

#[test]
fn a_form_is_found_by_its_address_and_not_by_that_of_another_version() {
    for form in Form::all() {
        let canonical = form.canonical(base(), guideline());
        assert_eq!(Form::of_canonical(base(), guideline(), &canonical), Some(form));
        let (url, _) = canonical.split_once('|').unwrap();
        assert_eq!(Form::of_canonical(base(), guideline(), url), Some(form));
        assert_eq!(Form::of_canonical(base(), guideline(), &format!("{url}|0.0.9")), None);
    }
    let whole = questionnaire(base(), guideline(), &STAFF);
    assert!(whole["version"].as_str().unwrap().ends_with(&guideline().sha256));
    assert_eq!(whole["status"], "draft");
}

#[test]
fn a_base_that_is_no_address_is_refused() {
    for wrong in
        ["", "cauda.example", "ftp://x", "https://", "https://a b", "https://a/?x", "https://a#b"]
    {
        assert!(Base::new(wrong).is_err(), "{wrong}");
    }
    assert_eq!(Base::new("https://a.example/fhir/").unwrap().url(), "https://a.example/fhir");
}
