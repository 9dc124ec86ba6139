//! Every MUST of an answer, checked on its JSON alone.

use cauda_cds_hooks::SUMMARY_MAX;
use serde_json::Value;

/// Panics at the first that does not hold.
pub fn hold(answer: &Value) {
    only(answer, &["cards", "systemActions", "extension"]);
    let cards = answer["cards"].as_array().expect("cards is a list (R74)");
    assert!(cards.len() <= 1, "one card at most (CR26)");
    for card in cards {
        card_holds(card);
    }
    if let Some(extension) = answer.get("extension") {
        assert!(extension.is_object(), "R214");
        assert_eq!(extension["systemActions"], answer["systemActions"]);
    }
    for action in answer.get("systemActions").into_iter().flat_map(|list| list.as_array().unwrap())
    {
        assert_eq!(action["type"], "update");
        assert_eq!(action["resource"]["resourceType"], "ServiceRequest");
        action_holds(action);
    }
    nothing_empty(answer, true);
}

fn card_holds(card: &Value) {
    let fields = [
        "uuid",
        "summary",
        "detail",
        "indicator",
        "source",
        "suggestions",
        "selectionBehavior",
        "overrideReasons",
        "links",
    ];
    only(card, &fields);
    let summary = text(&card["summary"]);
    assert!(summary.chars().count() <= SUMMARY_MAX && summary.chars().count() < 140, "{summary}");
    assert!(!summary.contains(['\n', '\r']));
    assert!(["info", "warning", "critical"].contains(&text(&card["indicator"])));
    uuid(&card["uuid"]);
    only(&card["source"], &["label", "url", "icon", "topic"]);
    text(&card["source"]["label"]);
    absolute(&card["source"]["url"]);
    coding(&card["source"]["topic"]);
    plain_markdown(text(&card["detail"]));
    let suggestions = card.get("suggestions").map(|list| list.as_array().unwrap());
    assert_eq!(suggestions.is_some(), card.get("selectionBehavior").is_some(), "R93");
    let mut recommended = 0;
    for suggestion in suggestions.into_iter().flatten() {
        only(suggestion, &["label", "uuid", "isRecommended", "actions"]);
        text(&suggestion["label"]);
        uuid(&suggestion["uuid"]);
        recommended += usize::from(suggestion["isRecommended"] == true);
        let actions = suggestion["actions"].as_array().unwrap();
        assert!(!actions.is_empty());
        actions.iter().for_each(action_holds);
    }
    assert!(recommended <= 1);
    for reason in card.get("overrideReasons").into_iter().flat_map(|list| list.as_array().unwrap())
    {
        coding(reason);
    }
    for link in card.get("links").into_iter().flat_map(|list| list.as_array().unwrap()) {
        only(link, &["label", "url", "type", "appContext"]);
        text(&link["label"]);
        absolute(&link["url"]);
        match text(&link["type"]) {
            "smart" => {
                text(&link["appContext"]);
            }
            "absolute" => assert!(link.get("appContext").is_none(), "R147"),
            other => panic!("{other}"),
        }
    }
}

pub fn action_holds(action: &Value) {
    only(action, &["type", "description", "resource", "resourceId"]);
    text(&action["description"]);
    match text(&action["type"]) {
        "create" | "update" => {
            text(&action["resource"]["resourceType"]);
            assert!(action.get("resourceId").is_none());
        }
        "delete" => {
            assert!(action.get("resource").is_none());
            assert!(text(&action["resourceId"]).contains('/'));
        }
        other => panic!("{other}"),
    }
}

/// No field that is `null` or empty, but `cards` at the root (R3).
pub fn nothing_empty(value: &Value, is_root: bool) {
    match value {
        Value::Object(fields) => {
            assert!(!fields.is_empty());
            for (name, field) in fields {
                assert!(!field.is_null(), "{name} is null");
                if is_root && name == "cards" {
                    field.as_array().unwrap().iter().for_each(|card| nothing_empty(card, false));
                } else {
                    nothing_empty(field, false);
                }
            }
        }
        Value::Array(items) => {
            assert!(!items.is_empty(), "an empty list");
            items.iter().filter(|item| !item.is_null()).for_each(|item| nothing_empty(item, false));
        }
        Value::String(text) => assert!(!text.is_empty(), "an empty text"),
        _ => {}
    }
}

/// No HTML: every `<` and `&` is escaped, and every address is.
pub fn plain_markdown(text: &str) {
    for (at, sign) in text.char_indices() {
        if matches!(sign, '<' | '>' | '&' | '[' | ']' | '|' | '~' | '!') {
            assert_eq!(text.as_bytes()[at - 1], b'\\', "raw {sign} in {text}");
        }
    }
    for (at, _) in text.match_indices("://") {
        assert!(text[..at].ends_with('\\'), "an address in {text}");
    }
}

pub fn coding(coding: &Value) {
    only(coding, &["system", "code", "display"]);
    absolute(&coding["system"]);
    text(&coding["code"]);
    text(&coding["display"]);
}

pub fn absolute(url: &Value) {
    let url = text(url);
    assert!(url.starts_with("https://") || url.starts_with("http://"), "{url}");
}

pub fn text(value: &Value) -> &str {
    let text = value.as_str().expect("a text");
    assert!(!text.trim().is_empty());
    text
}

fn uuid(value: &Value) {
    let lengths: Vec<usize> = text(value).split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12]);
}

fn only(value: &Value, fields: &[&str]) {
    for name in value.as_object().expect("an object").keys() {
        assert!(fields.contains(&name.as_str()), "unexpected field {name}");
    }
}
