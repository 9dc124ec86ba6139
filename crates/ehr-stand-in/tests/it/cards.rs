//! An answer that breaks the standard is shown all the same, and its faults are named.

use serde_json::{Value, json};

use crate::office::{Office, happening};
use crate::service::card;

async fn complaints(office: &Office, answer: Value) -> Vec<String> {
    office.service.answers(move |_| answer.clone());
    let mut answers = office.ehr.call(&happening("order-select", "infection")).await.unwrap();
    answers.remove(0).complaints
}

#[tokio::test]
async fn a_right_card_draws_no_complaint() {
    let office = Office::open().await;
    let mut whole = card("one", "critical");
    whole["selectionBehavior"] = "at-most-one".into();
    whole["suggestions"] = json!([{"label": "Do", "uuid": "s", "isRecommended": true, "actions":
        [{"type": "delete", "description": "Take it away", "resourceId": "ServiceRequest/x"}]}]);
    whole["links"] = json!([
        {"label": "More", "url": "https://example.org/", "type": "absolute"},
        {"label": "App", "url": "https://example.org/launch", "type": "smart", "appContext": "x"},
    ]);
    let none = complaints(&office, json!({"cards": [whole]})).await;
    assert_eq!(none, Vec::<String>::new());
    assert_eq!(complaints(&office, json!({"cards": []})).await, Vec::<String>::new());
}

#[tokio::test]
async fn each_fault_of_a_card_is_named() {
    let office = Office::open().await;
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 14] = [
        (|card| card["summary"] = "x".repeat(140).into(), "140 characters"),
        (|card| card["indicator"] = "hard-stop".into(), "indicator is none"),
        (|card| card["source"] = json!({"url": "https://example.org/"}), "source.label"),
        (|card| card["source"]["topic"] = json!({"code": "x"}), "source.topic"),
        (|card| card["source"]["url"] = "/relative".into(), "source.url"),
        (|card| card["detail"] = "a <b>bold</b> word".into(), "HTML"),
        (|card| card["detail"] = Value::Null, "null or empty"),
        (|card| card["colour"] = "red".into(), "not of a card"),
        (|card| card["links"] = json!([]), "null or empty"),
        (|card| card["overrideReasons"][0] = json!({"code": "x"}), "override reason"),
        (|card| card["suggestions"] = json!([{"label": "Do", "uuid": "s"}]), "selectionBehavior"),
        (
            |card| {
                card["selectionBehavior"] = "any".into();
                card["suggestions"] =
                    json!([{"label": "Do", "uuid": "s", "actions": [{"type": "create"}]}]);
            },
            "lacks its resource",
        ),
        (
            |card| card["links"] = json!([{"label": "a", "url": "/x", "type": "absolute"}]),
            "address of a link",
        ),
        (
            |card| {
                card["links"] = json!([{"label": "a", "url": "https://example.org/",
                    "type": "absolute", "appContext": "x"}]);
            },
            "appContext",
        ),
    ];
    for (change, wanted) in cases {
        let mut wrong = card("one", "info");
        change(&mut wrong);
        let said = complaints(&office, json!({"cards": [wrong]})).await;
        assert!(said.iter().any(|one| one.contains(wanted)), "{wanted}: {said:?}");
    }
    let said = complaints(&office, json!({})).await;
    assert!(said.iter().any(|one| one.contains("no list of cards")), "{said:?}");
}
