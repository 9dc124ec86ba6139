//! Feedback (R148): what is taken, what is refused, what is the same.

use cauda_cds_hooks::{COMMENT_MAX, Outcome, RequestError, read_feedback};
use serde_json::{Value, json};

const AT: &str = "2026-11-23T10:05:00Z";

fn overridden(more: Value) -> Value {
    let mut item = json!({ "card": "c-1", "outcome": "overridden", "outcomeTimestamp": AT });
    for (field, value) in more.as_object().unwrap() {
        item[field] = value.clone();
    }
    json!({ "feedback": [item] })
}

#[test]
fn r148_accepted_suggestions_are_read() {
    let body = json!({ "feedback": [{
        "card": "c-1",
        "outcome": "accepted",
        "acceptedSuggestions": [{ "id": "s-1" }, { "id": "s-2" }],
        "outcomeTimestamp": AT,
    }] });
    let items = read_feedback(&body).unwrap();
    assert_eq!(items[0].card, "c-1");
    assert!(items[0].outcome == Outcome::Accepted(vec!["s-1".into(), "s-2".into()]));
    assert_eq!(items[0].at_second, 1_795_428_300);
}

#[test]
fn accepting_needs_a_suggestion() {
    for list in [json!(null), json!([]), json!([{}]), json!(["s-1"]), json!("s-1")] {
        let body = json!({ "feedback": [{
            "card": "c-1",
            "outcome": "accepted",
            "acceptedSuggestions": list,
            "outcomeTimestamp": AT,
        }] });
        assert!(read_feedback(&body).is_err());
    }
}

#[test]
fn overriding_needs_no_reason() {
    for reason in [json!({}), json!({ "overrideReason": null }), json!({ "overrideReason": {} })] {
        let items = read_feedback(&overridden(reason)).unwrap();
        assert!(items[0].outcome == Outcome::Overridden(None));
    }
}

#[test]
fn reason_and_comment_are_read_and_bounded() {
    let reason = json!({ "overrideReason": {
        "reason": { "system": "s", "code": "fact-wrong", "display": "d" },
        "userComment": "ä".repeat(COMMENT_MAX + 5),
    } });
    let items = read_feedback(&overridden(reason)).unwrap();
    let Outcome::Overridden(Some(given)) = &items[0].outcome else { panic!() };
    assert_eq!(given.reason.as_ref().unwrap().code, "fact-wrong");
    assert_eq!(given.comment.as_ref().unwrap().chars().count(), COMMENT_MAX);
    assert!(given.comment_cut);
    assert!(!format!("{:?}", items[0]).contains('ä'), "a comment may name a patient");
}

#[test]
fn a_repeat_is_the_same_and_a_change_of_mind_is_not() {
    let first = &read_feedback(&overridden(json!({}))).unwrap()[0];
    let again = &read_feedback(&overridden(json!({ "overrideReason": {} }))).unwrap()[0];
    assert_eq!(first.key(), again.key());
    let later = overridden(json!({ "outcomeTimestamp": "2026-11-23T10:06:00Z" }));
    assert_ne!(first.key(), read_feedback(&later).unwrap()[0].key());
    let other = overridden(json!({ "card": "c-2" }));
    assert_ne!(first.key(), read_feedback(&other).unwrap()[0].key());
}

#[test]
fn several_items_are_taken_together_or_not_at_all() {
    let mut body = overridden(json!({}));
    let item = body["feedback"][0].clone();
    body["feedback"] = json!([item, item]);
    assert_eq!(read_feedback(&body).unwrap().len(), 2);
    body["feedback"] = json!([item, { "card": "c" }]);
    assert!(read_feedback(&body).is_err());
    body["feedback"] = json!([]);
    assert_eq!(read_feedback(&body).unwrap().len(), 0);
    body["feedback"] = vec![item; 201].into();
    assert_eq!(
        read_feedback(&body).unwrap_err(),
        RequestError::TooMany { path: "feedback", most: 200 }
    );
}

#[test]
fn what_must_be_there_is_named_when_it_is_not() {
    let cases = [
        (json!({}), "feedback"),
        (json!({ "feedback": "x" }), "feedback"),
        (json!({ "feedback": [1] }), "feedback[]"),
        (overridden(json!({ "card": "" })), "feedback[].card"),
        (overridden(json!({ "outcome": "ignored" })), "feedback[].outcome"),
        (overridden(json!({ "outcomeTimestamp": "today" })), "feedback[].outcomeTimestamp"),
        (overridden(json!({ "outcomeTimestamp": "2026-11-23" })), "feedback[].outcomeTimestamp"),
        (overridden(json!({ "overrideReason": "no" })), "feedback[].overrideReason"),
    ];
    for (body, path) in cases {
        let error = read_feedback(&body).unwrap_err();
        assert_eq!(error.path(), path);
        assert_eq!(error.outcome()["issue"][0]["diagnostics"], path);
    }
}
