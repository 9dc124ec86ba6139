//! Filling in what the record holds: never a "no" out of nothing, never over an answer.

use cauda_fhir_service::{
    Answered, Audience, Form, Found, extract, findings_of_response, populate,
};
use cauda_guideline::facts::{Kind, Stage};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::patients::{about, base, guideline, now};

const FORM: Form = Form { audience: Audience::Staff, stage: None };

fn found<'a>(fact: &'a str, value: &'a str, ago: i64) -> Found<'a> {
    Found { fact, value, at: now() - ago, source: "Observation/5" }
}

fn filled(found: &[Found]) -> (Value, usize) {
    let done = populate(&about(), guideline(), &FORM, found, None).unwrap();
    let issues = done.issues["issue"].as_array().unwrap();
    let told = issues.iter().filter(|issue| issue["severity"] == "warning").count();
    (done.response, told)
}

fn read(response: &Value) -> Vec<Answered> {
    let read = findings_of_response(base(), guideline(), response).unwrap();
    assert_eq!(read.issues, []);
    read.answered
}

#[test]
fn an_empty_record_answers_nothing() {
    let (response, told) = filled(&[]);
    assert_eq!((response.get("item"), told), (None, 0));
    assert_eq!(response["status"], "in-progress");
}

#[test]
fn what_is_filled_in_says_where_from_and_keeps_its_time() {
    let (response, told) = filled(&[found("temperature", "38.4 Cel", 7_200)]);
    assert_eq!(told, 0);
    let answered = read(&response);
    assert_eq!(answered[0].at, now() - 7_200);
    assert_eq!(answered[0].source.as_deref(), Some("Observation/5"));
    assert!(response.to_string().contains("Observation/5"));
}

#[test]
fn an_answer_that_is_there_is_never_replaced() {
    let (before, _) = filled(&[found("temperature", "38.4 Cel", 0)]);
    let again = [found("temperature", "36.5 Cel", 0), found("known_cancer", "absent", 0)];
    let done = populate(&about(), guideline(), &FORM, &again, Some(&before)).unwrap();
    let values: Vec<String> = read(&done.response).into_iter().map(|answer| answer.value).collect();
    assert_eq!(values, ["38.4 Cel", "absent"]);
    // Nor one that nobody here can read.
    let mut odd = before.clone();
    odd["item"][0]["item"][0]["answer"] = json!([{ "valueString": "hot" }]);
    let done = populate(&about(), guideline(), &FORM, &again, Some(&odd)).unwrap();
    assert_eq!(done.response["item"][0]["item"][0]["answer"], odd["item"][0]["item"][0]["answer"]);
}

#[test]
fn what_people_would_not_agree_on_is_left_to_them() {
    let two = [found("known_cancer", "absent", 0), found("known_cancer", "present", 60)];
    let ahead = [found("temperature", "36.5 Cel", -60)];
    let stale = [found("saddle_numbness", "absent", 90_000)];
    let odd = [found("temperature", "warm", 0)];
    let unasked = [found("temperature", "not asked", 0)];
    let computed = [found("fever", "absent", 0)];
    for found in [&two[..], &ahead, &stale, &odd, &unasked, &computed] {
        let (response, told) = filled(found);
        assert_eq!((read(&response), told), (Vec::new(), 1), "{found:?}");
    }
    // A danger sign does not grow old.
    let (response, _) = filled(&[found("saddle_numbness", "new", 90_000)]);
    assert_eq!(read(&response).len(), 1);
    // Of what is measured again, the last one counts.
    let (response, _) =
        filled(&[found("heart_rate", "70 /min", 600), found("heart_rate", "99 /min", 60)]);
    assert_eq!(read(&response)[0].value, "99 /min");
}

#[test]
fn only_what_the_form_asks_is_filled_in() {
    let form = Form { audience: Audience::Patient, stage: Some(Stage::Triage) };
    let of = [found("temperature", "38.4 Cel", 0)];
    let done = populate(&about(), guideline(), &form, &of, None).unwrap();
    assert_eq!(done.response.get("item"), None);
}

/// A value that a fact can have, or that it is not known, as people write it.
fn value(fact: usize, draw: u32) -> String {
    let fact = &guideline().facts[fact];
    let reasons = ["not known", "declined", "unable"];
    match (&fact.kind, draw % 5) {
        (_, 4) => reasons[(draw / 5 % 3) as usize].to_string(),
        (Kind::Named { values, .. }, _) => values[draw as usize / 5 % values.len()].clone(),
        (Kind::Quantity(quantity), _) => {
            let (low, high) = quantity.range;
            let even = low + (i64::from(draw) / 5 * 2) % (high - low + 1);
            quantity.text(even - even.rem_euclid(2))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

    #[test]
    fn populated_then_extracted_then_read_is_the_same(
        draws in proptest::collection::vec((any::<prop::sample::Index>(), any::<u32>()), 0..40)
    ) {
        let facts: Vec<usize> = guideline().entered_facts().map(|(index, _)| index).collect();
        let mut drawn: Vec<(usize, String)> = Vec::new();
        for (index, draw) in draws {
            let fact = *index.get(&facts);
            if drawn.iter().all(|(known, _)| *known != fact) {
                drawn.push((fact, value(fact, draw)));
            }
        }
        drawn.sort();
        let id = |fact: usize| guideline().facts[fact].id.as_str();
        let found: Vec<Found> =
            drawn.iter().map(|(fact, value)| found(id(*fact), value, 0)).collect();
        let (mut response, told) = filled(&found);
        prop_assert_eq!(told, 0);
        let said: Vec<(String, String)> =
            read(&response).into_iter().map(|answer| (answer.fact, answer.value)).collect();
        let mut said = said;
        said.sort();
        let mut expected: Vec<(String, String)> =
            drawn.iter().map(|(fact, value)| (id(*fact).to_string(), value.clone())).collect();
        expected.sort();
        prop_assert_eq!(&said, &expected);

        response["status"] = json!("completed");
        response["id"] = json!("r1");
        let bundle = extract(&about(), guideline(), &response).unwrap().bundle;
        let entries = bundle.map_or(0, |bundle| bundle["entry"].as_array().unwrap().len() - 1);
        prop_assert_eq!(entries, expected.len());
    }
}
