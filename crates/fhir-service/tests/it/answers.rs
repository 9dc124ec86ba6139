//! Reading and extracting answers: what is not offered is told and stays unknown.

use cauda_fhir_service::{ServiceError, extract, findings_of_response};
use serde_json::{Value, json};

use crate::patients::{NOW, about, base, guideline};

fn answers() -> String {
    base().answers()
}

fn coding(code: &str) -> Value {
    json!({ "valueCoding": { "system": answers(), "code": code } })
}

fn response(items: Value) -> Value {
    json!({
        "resourceType": "QuestionnaireResponse",
        "id": "r1",
        "status": "completed",
        "subject": { "reference": "Patient/123" },
        "author": { "reference": "Practitioner/9" },
        "authored": NOW,
        "item": items,
    })
}

fn item(link: &str, answer: Value) -> Value {
    json!({ "linkId": link, "answer": [answer] })
}

fn celsius(value: Value) -> Value {
    let mut quantity = json!({ "system": "http://unitsofmeasure.org", "code": "Cel" });
    quantity["value"] = value;
    json!({ "valueQuantity": quantity })
}

/// Fact and value of what is read of one item; and the number of issues.
fn read(item: Value) -> (Vec<(String, String)>, usize) {
    let read = findings_of_response(base(), guideline(), &response(json!([item]))).unwrap();
    let said = read.answered.into_iter().map(|answer| (answer.fact, answer.value)).collect();
    (said, read.issues.len())
}

fn said(fact: &str, value: &str) -> (Vec<(String, String)>, usize) {
    (vec![(fact.to_string(), value.to_string())], 0)
}

#[test]
fn an_answer_that_is_offered_is_read() {
    assert_eq!(read(item("saddle_numbness", coding("new"))), said("saddle_numbness", "new"));
    assert_eq!(read(item("known_cancer", coding("declined"))), said("known_cancer", "declined"));
    assert_eq!(read(item("temperature", celsius(json!(38.4)))), said("temperature", "38.4 Cel"));
    assert_eq!(read(item("temperature/unknown", coding("unable"))), said("temperature", "unable"));
    assert_eq!(
        read(item("abdominal_signs", coding("abdominal_signs.severe"))),
        said("abdominal_signs", "severe")
    );
    let mut below = celsius(json!(36));
    below["valueQuantity"]["comparator"] = json!("<");
    assert_eq!(read(item("temperature", below)), said("temperature", "<36 Cel"));
}

#[test]
fn what_is_not_offered_is_told_and_stays_unknown() {
    let nothing = (Vec::new(), 1);
    for (link, answer) in [
        ("saddle_numbness", json!({ "valueBoolean": false })),
        ("saddle_numbness", json!({ "valueString": "absent" })),
        ("saddle_numbness", coding("no")),
        ("saddle_numbness", coding("present")),
        ("saddle_numbness", json!({ "valueCoding": { "code": "absent" } })),
        (
            "saddle_numbness",
            json!({ "valueCoding": { "system": "http://x.example", "code": "absent" } }),
        ),
        (
            "saddle_numbness",
            json!({ "valueCoding": coding("absent")["valueCoding"], "valueBoolean": false }),
        ),
        ("known_cancer", coding("new")),
        ("abdominal_signs", coding("normal")),
        ("nothing_of_ours", coding("absent")),
        ("temperature", celsius(json!(380))),
        ("temperature", celsius(json!("38"))),
        ("temperature", celsius(Value::Null)),
        ("temperature", json!({ "valueQuantity": { "value": 38, "unit": "Cel" } })),
        ("temperature", json!({ "valueDecimal": 38 })),
        ("temperature/unknown", coding("absent")),
        ("temperature/unknown", celsius(json!(38))),
        ("saddle_numbness/unknown", coding("not-known")),
        ("fever", coding("absent")),
    ] {
        assert_eq!(read(item(link, answer.clone())), nothing, "{link} {answer}");
    }
}

#[test]
fn a_question_that_was_passed_over_is_unknown_without_an_issue() {
    for item in [
        json!({ "linkId": "saddle_numbness" }),
        json!({ "linkId": "saddle_numbness", "answer": [] }),
        json!({ "linkId": "saddle_numbness", "answer": Value::Null }),
        json!({ "linkId": "group/bladder", "item": [{ "linkId": "saddle_numbness" }] }),
    ] {
        let read = findings_of_response(base(), guideline(), &response(json!([item]))).unwrap();
        assert_eq!((read.answered.len(), read.issues.len()), (0, 0), "{item}");
        assert_eq!(read.skipped, ["saddle_numbness"]);
    }
}

#[test]
fn of_two_answers_both_reach_the_engine_unless_chance_would_decide() {
    let two = json!([{ "linkId": "saddle_numbness", "answer": [coding("absent"), coding("new")] }]);
    let read = findings_of_response(base(), guideline(), &response(two)).unwrap();
    assert_eq!(read.answered.len(), 2);
    assert_eq!(read.issues.len(), 1);
}

#[test]
fn a_response_that_does_not_count_is_refused() {
    let check = |change: fn(&mut Value)| {
        let mut response = response(json!([item("saddle_numbness", coding("absent"))]));
        change(&mut response);
        findings_of_response(base(), guideline(), &response).unwrap_err()
    };
    let status = check(|it| it["status"] = json!("entered-in-error"));
    assert_eq!(status, ServiceError::DoesNotCount("entered-in-error"));
    assert!(matches!(check(|it| it["status"] = Value::Null), ServiceError::DoesNotCount(_)));
    assert_eq!(check(|it| it["authored"] = Value::Null), ServiceError::NoAuthored);
    assert_eq!(check(|it| it["authored"] = json!("2026-11-23")), ServiceError::NoAuthored);
    assert_eq!(check(|it| it["resourceType"] = json!("Bundle")), ServiceError::NoResponse);
    let mut other = response(json!([]));
    other["subject"]["reference"] = json!("Patient/124");
    assert_eq!(extract(&about(), guideline(), &other), Err(ServiceError::OtherSubject));
    other["subject"] = Value::Null;
    assert_eq!(extract(&about(), guideline(), &other), Err(ServiceError::OtherSubject));
}

#[test]
fn depth_and_number_of_items_have_a_limit() {
    let mut deep = item("saddle_numbness", coding("new"));
    for _ in 0..20 {
        deep = json!({ "linkId": "group/bladder", "item": [deep] });
    }
    assert_eq!(read(deep), (Vec::new(), 1));
    let many: Vec<Value> = (0..3_000).map(|_| json!({ "linkId": "saddle_numbness" })).collect();
    let read = findings_of_response(base(), guideline(), &response(json!(many))).unwrap();
    assert_eq!(read.issues.len(), 1);
}

#[test]
fn one_observation_for_each_answer_and_none_for_the_rest() {
    let response = response(json!([
        item("saddle_numbness", coding("new")),
        item("known_cancer", coding("declined")),
        item("temperature", celsius(json!(38.4))),
        item("urinary_retention", json!({ "valueBoolean": false })),
        { "linkId": "bowel_incontinence" },
    ]));
    let extracted = extract(&about(), guideline(), &response).unwrap();
    let bundle = extracted.bundle.unwrap();
    let resources: Vec<&Value> =
        bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]).collect();
    let kinds: Vec<&str> =
        resources.iter().map(|resource| resource["resourceType"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["Observation", "Observation", "Observation", "Provenance"]);
    assert_eq!(extracted.issues["issue"].as_array().unwrap().len(), 1);

    assert_eq!(resources[0]["valueCodeableConcept"]["coding"][0]["code"], "new");
    assert!(resources[1].get("valueCodeableConcept").is_none());
    assert_eq!(resources[1]["dataAbsentReason"]["coding"][0]["code"], "asked-declined");
    assert_eq!(resources[2]["valueQuantity"]["value"], json!(38.4));
    assert_eq!(resources[2]["code"]["coding"][0]["code"], "8310-5");
    for resource in &resources[..3] {
        assert_eq!(resource["status"], "final");
        assert_eq!(resource["subject"]["reference"], "Patient/123");
        assert_eq!(resource["encounter"]["reference"], "Encounter/7");
        assert_eq!(resource["performer"][0]["reference"], "Practitioner/9");
        assert_eq!(resource["derivedFrom"][0]["reference"], "QuestionnaireResponse/r1");
        assert_eq!(resource["effectiveDateTime"], NOW);
        assert_eq!(resource["issued"], NOW);
    }
    assert_eq!(resources[3]["target"].as_array().unwrap().len(), 3);
    assert_eq!(resources[3]["entity"][0]["what"]["reference"], "QuestionnaireResponse/r1");
    assert_eq!(extract(&about(), guideline(), &response).unwrap().bundle.unwrap(), bundle);
}

#[test]
fn a_response_without_an_id_goes_along_and_one_without_answers_sends_nothing() {
    let mut response = response(json!([item("saddle_numbness", coding("new"))]));
    response.as_object_mut().unwrap().remove("id");
    let bundle = extract(&about(), guideline(), &response).unwrap().bundle.unwrap();
    let url = bundle["entry"][0]["fullUrl"].as_str().unwrap();
    assert_eq!(bundle["entry"][0]["resource"]["resourceType"], "QuestionnaireResponse");
    assert_eq!(bundle["entry"][1]["resource"]["derivedFrom"][0]["reference"], url);

    response["item"] = json!([{ "linkId": "saddle_numbness" }]);
    assert_eq!(extract(&about(), guideline(), &response).unwrap().bundle, None);
    response["status"] = json!("in-progress");
    assert!(extract(&about(), guideline(), &response).is_err());
}

/// Every copy of `value` in which one part is gone, `null`, or something else.
fn spoilt(value: &Value) -> Vec<Value> {
    let mut copies = Vec::new();
    let others = [Value::Null, json!(false), json!("x"), json!(0), json!([]), json!({})];
    let parts: Vec<String> = match value {
        Value::Object(fields) => fields.keys().map(|name| format!("/{name}")).collect(),
        Value::Array(list) => (0..list.len()).map(|at| format!("/{at}")).collect(),
        _ => Vec::new(),
    };
    for path in parts {
        let part = value.pointer(&path).unwrap();
        for other in others.iter().cloned().chain(spoilt(part)) {
            let mut copy = value.clone();
            *copy.pointer_mut(&path).unwrap() = other;
            copies.push(copy);
        }
        if let Value::Object(fields) = value {
            let mut fields = fields.clone();
            fields.remove(&path[1..]);
            copies.push(Value::Object(fields));
        }
    }
    copies
}

#[test]
fn no_spoilt_part_makes_a_finding_that_nobody_gave() {
    let whole = response(json!([
        { "linkId": "group/bladder", "item": [
            item("saddle_numbness", coding("new")),
            item("urinary_retention", coding("declined")),
            item("bowel_incontinence", coding("longstanding")),
        ] },
        item("known_cancer", coding("present")),
        item("temperature", celsius(json!(38.4))),
        item("heart_rate/unknown", coding("unable")),
    ]));
    let given = |response: &Value| -> Vec<(String, String)> {
        let read = findings_of_response(base(), guideline(), response);
        let answered = read.map_or(Vec::new(), |read| read.answered);
        answered.into_iter().map(|answer| (answer.fact, answer.value)).collect()
    };
    let said = given(&whole);
    assert_eq!(said.len(), 6);
    let copies = spoilt(&whole);
    assert!(copies.len() > 300, "{}", copies.len());
    for copy in copies {
        for (fact, value) in given(&copy) {
            assert!(said.contains(&(fact, value)), "{copy}");
        }
    }
}

#[test]
fn what_came_from_the_record_is_nobodys_word_here() {
    let mut response = response(json!([item("temperature", celsius(json!(38.4)))]));
    response["item"][0]["answer"][0]["extension"] = json!([{
        "url": base().answer_source(),
        "extension": [
            { "url": "at", "valueDateTime": "2026-11-23T08:00:00Z" },
            { "url": "source", "valueReference": { "reference": "Observation/5" } },
        ],
    }]);
    let bundle = extract(&about(), guideline(), &response).unwrap().bundle.unwrap();
    let observation = &bundle["entry"][0]["resource"];
    assert_eq!(observation["effectiveDateTime"], "2026-11-23T08:00:00Z");
    assert_eq!(observation.get("performer"), None);
    assert_eq!(observation["derivedFrom"][1]["reference"], "Observation/5");
}
