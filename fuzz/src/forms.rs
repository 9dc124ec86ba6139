//! Any JSON as a `QuestionnaireResponse`, or as `Parameters` around one.

use cauda_fhir::Resource;
use cauda_fhir_service::{
    About, Asking, Audience, Base, Form, Found, entries_of, extract, findings_of_response, form_of,
    next_question, part, populate, subject_of,
};
use cauda_guideline::facts::Role;
use cauda_guideline::resolve::{Entries, resolve};
use cauda_guideline::visit::read_value;
use serde_json::Value;

use crate::{NOW, shipped};

/// A response is refused, or each answer of it is one that the guideline reads; a question that was
/// passed over is in no Observation; nothing is written twice, and nothing about anybody else.
pub fn forms(data: &[u8]) -> bool {
    let Ok(value) = cauda_fhir::read(data) else { return false };
    let base = Base::new("https://cauda.hospital.example/fhir").expect("a base");
    let guideline = shipped::guideline();
    let value = shipped::with_version(&value);
    let _ = (subject_of(&value), form_of(&base, guideline, &value));
    let response = part(&value, "questionnaire-response", None).unwrap_or(&value);
    let about = About::new(&base, "Patient/p1", NOW).expect("a patient");
    let form = Form { audience: Audience::Staff, stage: None };
    let known = Entries::default();
    let asking = Asking { form, by: Role::Nurse, known: &known };
    if let Ok(next) = next_question(&about, guideline, &asking, Some(response)) {
        assert_eq!(Resource::of(&next.response).map(|it| it.kind()), Some("QuestionnaireResponse"));
        assert!(next.asks.is_none() || !next.decided || next.response["status"] == "in-progress");
    }
    let found: [Found; 1] =
        [Found { fact: "temperature", value: "38.4 Cel", at: NOW, source: "Observation/5" }];
    if let Ok(filled) = populate(&about, guideline, &form, &found, Some(response)) {
        assert!(filled.response.is_object());
    }
    let read = findings_of_response(&base, guideline, response);
    if let Ok(read) = &read {
        for answer in &read.answered {
            let index = guideline.fact(&answer.fact).expect("a fact");
            assert!(read_value(&guideline.facts[index], &answer.value).is_ok());
        }
        let entries = entries_of(guideline, &read.answered, Role::Nurse);
        drop(resolve(guideline, &entries, Some(NOW)));
    }
    match extract(&about, guideline, response) {
        Ok(done) => {
            let answered = read.map_or(0, |read| read.answered.len());
            extracted(done.bundle.as_ref(), answered);
            let again = extract(&about, guideline, response).expect("as before");
            assert_eq!(again.bundle, done.bundle);
            done.bundle.is_some()
        }
        Err(error) => {
            assert!(error.to_string().len() < 600, "{error}");
            false
        }
    }
}

fn extracted(bundle: Option<&Value>, answered: usize) {
    let Some(bundle) = bundle.and_then(Resource::of) else { return };
    let entries = bundle.list("entry");
    let kind = |entry: &&&Value| entry["resource"]["resourceType"] == "Observation";
    let observations: Vec<&&Value> = entries.iter().filter(kind).collect();
    assert!(observations.len() <= answered, "more Observations than answers");
    for entry in &entries {
        assert!(entry["request"]["ifNoneExist"].is_string(), "{entry}");
        let subject = &entry["resource"]["subject"]["reference"];
        assert!(subject.is_null() || subject == "Patient/p1", "{entry}");
    }
}
