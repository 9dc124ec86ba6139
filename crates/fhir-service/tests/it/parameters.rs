//! What an operation is given, and gives back.

use cauda_fhir_service::{Audience, Form, form_of, parameters, part, questionnaire, subject_of};
use cauda_guideline::facts::Stage;
use serde_json::{Value, json};

use crate::patients::{base, guideline};

const FORM: Form = Form { audience: Audience::Patient, stage: Some(Stage::Triage) };

fn given(part: Value) -> Value {
    json!({ "resourceType": "Parameters", "parameter": [part] })
}

#[test]
fn a_form_is_named_in_four_ways() {
    let canonical = FORM.canonical(base(), guideline());
    let whole = questionnaire(base(), guideline(), &FORM);
    let id = FORM.id(guideline());
    for part in [
        json!({ "name": "identifier", "valueUri": canonical }),
        json!({ "name": "canonical", "valueCanonical": FORM.url(base(), guideline()) }),
        json!({ "name": "questionnaireRef", "valueReference": { "reference": format!("Questionnaire/{id}") } }),
        json!({ "name": "questionnaire", "resource": whole }),
    ] {
        assert_eq!(form_of(base(), guideline(), &given(part)), Some(FORM));
    }
}

#[test]
fn a_form_of_another_version_or_kind_is_none() {
    let mut whole = questionnaire(base(), guideline(), &FORM);
    whole["version"] = json!("0.0.9");
    for part in [
        json!({ "name": "questionnaire", "resource": whole }),
        json!({ "name": "canonical", "valueUri": "https://x.example/Questionnaire/back-pain-staff" }),
        json!({ "name": "questionnaireRef", "valueReference": { "reference": "Patient/back-pain-staff" } }),
        json!({ "name": "other" }),
        json!({}),
    ] {
        assert_eq!(form_of(base(), guideline(), &given(part.clone())), None, "{part}");
    }
}

#[test]
fn the_subject_is_a_patient_and_a_name_that_stands_twice_is_none() {
    let reference = json!({ "name": "subject", "valueReference": { "reference": "Patient/1" } });
    assert_eq!(subject_of(&given(reference.clone())), Some("Patient/1"));
    let text = json!({ "name": "subject", "valueString": "Patient/1" });
    assert_eq!(subject_of(&given(text)), Some("Patient/1"));
    let group = json!({ "name": "subject", "valueString": "Group/1" });
    assert_eq!(subject_of(&given(group)), None);
    let mut twice = given(reference.clone());
    twice["parameter"].as_array_mut().unwrap().push(reference);
    assert_eq!(subject_of(&twice), None);
}

#[test]
fn a_bare_resource_stands_for_the_one_it_may_be() {
    let response = json!({ "resourceType": "QuestionnaireResponse" });
    let name = "questionnaire-response";
    assert_eq!(part(&response, name, Some(name)), Some(&response));
    assert_eq!(part(&response, "subject", Some(name)), None);
    assert_eq!(part(&response, name, None), None);
    let back = parameters(&[("return", &response)]);
    assert_eq!(part(&back, "return", None), Some(&response));
}
