//! What comes is read within limits, and nothing is guessed.

use cauda_fhir::{Moment, Quantity, ReadError, Reference, Resource, Supplied, read, read_within};
use serde_json::json;

#[test]
fn depth_size_and_names_are_limited() {
    let deep = format!("{}1{}", "[".repeat(33), "]".repeat(33));
    let fits = format!("{}1{}", "[".repeat(32), "]".repeat(32));
    assert!(read(fits.as_bytes()).is_ok());
    let said = read(deep.as_bytes()).map_err(|error| error.to_string());
    assert!(said.as_ref().is_err_and(|said| said.contains("32 levels")), "{said:?}");
    let twice = read(br#"{"a":1,"a":2}"#).map_err(|error| error.to_string());
    assert!(twice.as_ref().is_err_and(|said| said.contains("stands twice")), "{twice:?}");
    assert_eq!(read_within(b"[1,2]", 4), Err(ReadError::TooLarge(4)));
    assert!(read(b"{\"a\":").is_err_and(|error| error.to_string().contains("too early")));
    assert!(read(b"{} x").is_err());
}

#[test]
fn the_four_states_stay_four() {
    let prefetch = json!({
        "none": null, "failed": {"resourceType": "OperationOutcome"}, "odd": 7,
        "patient": {"resourceType": "Patient", "id": "1"},
    });
    let state = |key| Supplied::of(prefetch.get(key));
    assert_eq!(state("missing"), Supplied::Absent);
    assert_eq!(state("none"), Supplied::NoneFound);
    assert_eq!(state("failed"), Supplied::Failed);
    assert_eq!(state("odd"), Supplied::Failed);
    assert!(matches!(state("patient"), Supplied::Found(patient) if patient.id() == Some("1")));
}

#[test]
fn a_partial_date_is_a_span() {
    let day = Moment::read("2026-11-23").expect("a day");
    assert_eq!(day.latest - day.earliest, 86_400 + 26 * 3_600 - 1);
    assert!(Moment::read("2026").is_some() && Moment::read("2024-02").is_some());
    assert!(Moment::read("2026-11-23T03:10:00+01:00").is_some_and(|moment| moment.is_exact()));
    for none in ["", "23.11.2026", "2026-13", "2026-02-30", "26-11-23", "2026-11-23T03:10:00"] {
        assert_eq!(Moment::read(none), None, "{none}");
    }
}

#[test]
fn numbers_keep_their_digits() {
    let number = |value| Quantity::read(&json!({ "value": value })).map(|read| read.number);
    assert_eq!(number(json!(38.4)), Some("38.4".into()));
    assert_eq!(number(json!(200)), Some("200".into()));
    assert_eq!(number(json!(200.0)), Some("200".into()));
    assert_eq!(number(json!(1e300)), None);
    assert_eq!(number(json!("38.4")), None);
    let below = json!({"value": 5, "comparator": "<", "code": "mg/L"});
    assert!(Quantity::read(&below).is_some_and(|read| read.comparator.is_some()));
    assert_eq!(Quantity::read(&json!({"value": 5, "comparator": "~"})), None);
}

#[test]
fn what_is_odd_is_none() {
    let order = json!({"resourceType": "ServiceRequest", "code": {"coding": [{}]}, "id": ""});
    let order = Resource::of(&order).expect("a resource");
    assert!(order.codings("code").is_empty() && order.id().is_none());
    assert_eq!(
        Reference::parse("https://a.example/r4/Patient/1/_history/2").map(|r| r.id),
        Some("1")
    );
    assert_eq!(Reference::parse("#contained"), None);
    let page = json!({"resourceType": "Bundle", "link": [{"relation": "next", "url": "x"}],
        "entry": [{"resource": {"resourceType": "Condition"}}, {}, {"resource": null}]});
    let page = Resource::of(&page).expect("a bundle");
    assert_eq!((page.all().len(), page.next_page()), (1, Some("x")));
}
