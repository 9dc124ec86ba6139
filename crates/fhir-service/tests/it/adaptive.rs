//! Question by question: it ends, and with the verdict that the engine has for these answers.

use cauda_fhir_service::{
    Asking, Audience, Form, Next, ServiceError, findings_of_response, next_question, questionnaire,
};
use cauda_guideline::decision::explain;
use cauda_guideline::facts::Role;
use cauda_guideline::resolve::{Entries, resolve};
use cauda_guideline::visit;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::patients::{NOW, about, base, guideline, now};

const FORM: Form = Form { audience: Audience::Staff, stage: None };

fn ask(known: &Entries, by: Role, response: Option<&Value>) -> Next {
    let asking = Asking { form: FORM, by, known };
    next_question(&about(), guideline(), &asking, response).unwrap()
}

/// Answers every question by `choose`, of the options offered, until none comes. A choice past the
/// last option passes the question over.
fn interview(by: Role, mut choose: impl FnMut(usize) -> usize) -> (Next, usize) {
    let known = Entries::default();
    let mut next = ask(&known, by, None);
    let mut steps = 0;
    while let Some(fact) = next.asks.clone() {
        steps += 1;
        assert!(steps <= guideline().facts.len(), "it does not end");
        assert_eq!(next.response["status"], "in-progress");
        let items = next.response["contained"][0]["item"].as_array().unwrap();
        let item = items.iter().find(|item| item["linkId"] == fact.as_str()).unwrap();
        let options: Vec<Value> = match item["type"].as_str() {
            Some("choice") => item["answerOption"].as_array().unwrap().clone(),
            _ => numbers(&fact),
        };
        let answer = options.get(choose(options.len())).cloned();
        if let Some(answer) = answer {
            let list = next.response.as_object_mut().unwrap();
            let list = list.entry("item").or_insert_with(|| json!([])).as_array_mut().unwrap();
            list.push(json!({ "linkId": fact, "answer": [answer] }));
        }
        next = ask(&known, by, Some(&next.response));
    }
    (next, steps)
}

fn numbers(fact: &str) -> Vec<Value> {
    let fact = &guideline().facts[guideline().fact(fact).unwrap()];
    let quantity = fact.quantity().unwrap();
    let places = [quantity.clear, quantity.range.0, quantity.range.1];
    let number = |place: i64| {
        let text = quantity.text(place);
        let number = text.split(' ').next().unwrap().parse::<f64>().unwrap();
        json!({ "valueQuantity": {
            "value": number, "system": "http://unitsofmeasure.org", "code": quantity.unit,
        } })
    };
    places.map(number).to_vec()
}

/// What the engine says of the answers, by way of a visit.
fn verdict(response: &Value, by: Role) -> (bool, Option<String>) {
    let read = findings_of_response(base(), guideline(), response).unwrap();
    let mut findings: Map<String, Value> = Map::new();
    for answer in read.answered {
        let entry = json!({ "value": answer.value, "at": NOW, "by": by.id() });
        let list = findings.entry(answer.fact).or_insert_with(|| json!([]));
        list.as_array_mut().unwrap().push(entry);
    }
    let text = json!({ "as_of": NOW, "findings": findings }).to_string();
    let visit = visit::read(guideline(), &text).unwrap();
    let decision = explain(guideline(), &resolve(guideline(), &visit.entries, Some(now())), None);
    (decision.decided, decision.disposition.map(|spoken| spoken.id))
}

fn check(by: Role, choose: impl FnMut(usize) -> usize) -> (bool, Option<String>, usize) {
    let (next, steps) = interview(by, choose);
    assert_eq!(next.issues, []);
    assert_eq!(next.response["status"], "completed");
    let (decided, disposition) = verdict(&next.response, by);
    assert_eq!(next.decided, decided);
    (decided, disposition, steps)
}

#[test]
fn passing_everything_over_ends_undecided() {
    let (decided, disposition, steps) = check(Role::Physician, |_| usize::MAX);
    assert!(!decided);
    assert_eq!(disposition, None);
    assert!(steps > 20, "{steps}");
}

#[test]
fn saying_yes_ends_in_an_emergency_at_once() {
    // The dangerous answers of a finding come last, before the three reasons.
    let (decided, _, steps) = check(Role::Physician, |options| options.saturating_sub(4));
    assert!(decided);
    assert!(steps < 20, "{steps}");
}

#[test]
fn saying_that_nothing_is_known_is_never_home() {
    let (_, disposition, _) = check(Role::Physician, |options| options.saturating_sub(3));
    assert_ne!(disposition.as_deref(), Some("home"));
}

#[test]
fn a_role_is_asked_only_what_it_is_there_for() {
    let (next, _) = interview(Role::Nurse, |_| usize::MAX);
    for item in next.response["contained"][0]["item"].as_array().unwrap() {
        let link = item["linkId"].as_str().unwrap().trim_end_matches("/unknown");
        let fact = &guideline().facts[guideline().fact(link).unwrap()];
        assert!(fact.asked_of.contains(&Role::Nurse), "{link}");
    }
}

#[test]
fn a_bad_answer_takes_no_question_away_and_never_completes() {
    let known = Entries::default();
    let mut next = ask(&known, Role::Nurse, None);
    let first = next.asks.clone().unwrap();
    next.response["item"] = json!([{ "linkId": first, "answer": [{ "valueBoolean": false }] }]);
    let (mut next, mut steps) = (ask(&known, Role::Nurse, Some(&next.response)), 1);
    let (_, without) = interview(Role::Nurse, |_| usize::MAX);
    while next.asks.is_some() {
        assert_eq!(next.issues.len(), 1);
        next = ask(&known, Role::Nurse, Some(&next.response));
        steps += 1;
    }
    assert_eq!(steps, without);
    assert_eq!(next.response["status"], "in-progress");
    assert_eq!(next.issues.len(), 1);
}

#[test]
fn asking_again_with_the_same_response_asks_the_same() {
    let known = Entries::default();
    let first = ask(&known, Role::Nurse, None);
    let second = ask(&known, Role::Nurse, Some(&first.response));
    assert_eq!(second, ask(&known, Role::Nurse, Some(&first.response)));
    assert_ne!(second.asks, first.asks);
}

#[test]
fn answers_keep_the_time_of_the_first_call() {
    let known = Entries::default();
    let mut first = ask(&known, Role::Nurse, None);
    first.response["authored"] = json!("2026-11-23T09:00:00Z");
    let second = ask(&known, Role::Nurse, Some(&first.response));
    assert_eq!(second.response["authored"], "2026-11-23T09:00:00Z");
}

#[test]
fn a_clock_that_is_ahead_makes_no_answer_unknown() {
    let known = Entries::default();
    let mut first = ask(&known, Role::Nurse, None);
    first.response["authored"] = json!("2026-11-23T10:30:07Z");
    assert_eq!(ask(&known, Role::Nurse, Some(&first.response)).response["authored"], NOW);
}

#[test]
fn the_published_form_begins_and_another_version_is_refused() {
    let known = Entries::default();
    let begun = ask(&known, Role::Nurse, None);
    let mut response = begun.response.clone();
    response["contained"] = json!([questionnaire(base(), guideline(), &FORM)]);
    assert_eq!(ask(&known, Role::Nurse, Some(&response)).asks, begun.asks);
    let asking = Asking { form: FORM, by: Role::Nurse, known: &known };
    let refused = |response: &Value| next_question(&about(), guideline(), &asking, Some(response));
    response["contained"][0]["version"] = json!("0.0.9");
    assert_eq!(refused(&response), Err(ServiceError::OtherVersion));
    let mut response = begun.response.clone();
    response["contained"][0]["derivedFrom"] = json!([]);
    assert_eq!(refused(&response), Err(ServiceError::OtherVersion));
    let mut response = begun.response;
    response["subject"]["reference"] = json!("Patient/124");
    assert_eq!(refused(&response), Err(ServiceError::OtherSubject));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(10) })]

    #[test]
    fn every_way_of_answering_ends_with_the_verdict_of_the_engine(
        seed in any::<u64>(), passed_over in 0u64..4, clear in 0u64..8
    ) {
        let mut state = seed | 1;
        let mut draw = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state >> 8
        };
        check(Role::Physician, |options| match draw() % 8 {
            turn if turn < passed_over => usize::MAX,
            turn if turn < clear => 0,
            _ => draw() as usize % options,
        });
    }
}
