//! Rows of the requirements on suggestions, actions and feedback, over answers of every kind.

use serde_json::{Value, json};

use crate::musts::{action_holds, text};
use crate::world::{LOINC, Scene, cards, request_of, saddle, samples};

fn suggestions() -> Vec<&'static Value> {
    let lists = cards().into_iter().filter_map(|card| card.get("suggestions"));
    let all: Vec<&Value> = lists.flat_map(|list| list.as_array().unwrap()).collect();
    assert!(all.len() > 3);
    all
}

fn actions() -> Vec<&'static Value> {
    let of_cards = suggestions().into_iter().flat_map(|one| one["actions"].as_array().unwrap());
    let of_system = samples()
        .iter()
        .filter_map(|(_, answer)| answer.get("systemActions"))
        .flat_map(|list| list.as_array().unwrap());
    of_cards.chain(of_system).collect()
}

#[test]
fn r092_r094_suggestions_are_a_list_or_not_there() {
    for card in cards() {
        assert!(card.get("suggestions").is_none_or(|list| !list.as_array().unwrap().is_empty()));
    }
}

#[test]
fn r093_r095_r096_a_choice_of_at_most_one_stands_with_suggestions() {
    for card in cards() {
        let behavior = card.get("selectionBehavior").map(|it| it.as_str().unwrap());
        assert_eq!(behavior, card.get("suggestions").map(|_| "at-most-one"));
    }
}

#[test]
fn r117_each_suggestion_has_a_label() {
    suggestions().into_iter().for_each(|one| {
        text(&one["label"]);
    });
}

#[test]
fn r118_r119_each_suggestion_has_a_uuid() {
    suggestions().into_iter().for_each(|one| assert_eq!(text(&one["uuid"]).len(), 36));
}

#[test]
fn r120_r121_at_most_one_is_recommended() {
    for card in cards() {
        let list = card.get("suggestions").and_then(Value::as_array).cloned().unwrap_or_default();
        assert!(list.iter().filter(|one| one["isRecommended"] == true).count() <= 1);
        assert!(list.iter().all(|one| one.get("isRecommended").is_none_or(Value::is_boolean)));
    }
}

#[test]
fn r123_r124_r125_each_suggestion_has_actions_that_go_together() {
    for one in suggestions() {
        assert!(!one["actions"].as_array().unwrap().is_empty());
    }
    // The plan is recorded with the order that is deleted, or neither is.
    let two = suggestions().into_iter().find(|one| one["actions"].as_array().unwrap().len() == 2);
    let kinds: Vec<&str> =
        two.unwrap()["actions"].as_array().unwrap().iter().map(|one| text(&one["type"])).collect();
    assert_eq!(kinds, ["delete", "create"]);
}

#[test]
fn r127_r128_actions_have_type_and_description() {
    for action in actions() {
        assert!(["create", "update", "delete"].contains(&text(&action["type"])));
        text(&action["description"]);
        action_holds(action);
    }
}

#[test]
fn r130_r131_a_new_resource_has_no_id() {
    for action in actions().into_iter().filter(|one| one["type"] == "create") {
        assert_eq!(action["resource"]["resourceType"], "CarePlan");
        assert!(action["resource"].get("id").is_none());
        assert_eq!(action["resource"]["subject"]["reference"], "Patient/p1");
        for field in ["status", "intent"] {
            text(&action["resource"][field]);
        }
    }
}

#[test]
fn r132_an_update_holds_the_whole_resource() {
    for action in actions().into_iter().filter(|one| one["type"] == "update") {
        let resource = &action["resource"];
        for field in ["id", "status", "intent", "code", "subject", "reasonCode"] {
            assert!(resource.get(field).is_some(), "{field} in {resource:#}");
        }
    }
}

#[test]
fn r132_an_update_gives_back_what_it_does_not_change() {
    let more = json!({
        "requester": { "reference": "Practitioner/u1" },
        "insurance": [{ "reference": "Coverage/c1" }],
        "supportingInfo": [{ "reference": "Observation/o1" }],
        "extension": [{ "url": "https://ehr.example/kept", "valueBoolean": true }],
        "_status": { "id": "s" },
    });
    let order = request_of("xray", LOINC, "24972-2", more.clone());
    let answer = Scene::order(saddle(), &[order]).json();
    let resource = &answer["cards"][0]["suggestions"][0]["actions"][0]["resource"];
    for (field, value) in more.as_object().unwrap() {
        assert_eq!(&resource[field], value, "{field} in {resource:#}");
    }
    // A rating adds its extensions to those there are.
    let order = request_of(
        "mri",
        LOINC,
        "30679-5",
        json!({
            "priority": "stat", "extension": more["extension"], "insurance": more["insurance"],
        }),
    );
    let answer = Scene::order(saddle(), &[order]).json();
    let rated = &answer["systemActions"][0]["resource"];
    assert_eq!(rated["insurance"], more["insurance"]);
    assert_eq!(rated["extension"][0], more["extension"][0]);
}

#[test]
fn r133_r134_r135_a_delete_names_the_resource() {
    let deletes: Vec<&Value> =
        actions().into_iter().filter(|one| one["type"] == "delete").collect();
    assert!(!deletes.is_empty());
    for action in deletes {
        assert_eq!(action["resourceId"], "ServiceRequest/mri");
        assert!(action.get("resource").is_none());
    }
}
