//! Calls that name no encounter: what was told in the evening counts after midnight.

use cauda_ehr_stand_in::LaunchContext;
use serde_json::{Value, json};

use crate::ehr::{Hospital, LUMBAR, adult, body, draft};
use crate::ehr_app::Frame;

const IMAGING: &str = "/cds-services/back-pain-imaging";
/// From nine in the morning to ten to midnight, UTC, in seconds.
const TO_EVENING: i64 = (14 * 60 + 50) * 60;
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// A call without an encounter.
fn call(hospital: &Hospital, order: &str, prefetch: Value) -> Value {
    let mut call = body("order-sign", "strain", &[draft(order, "strain", LUMBAR)], prefetch);
    call["context"].as_object_mut().unwrap().remove("encounterId");
    let answer = hospital.post(IMAGING, &call);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

fn patient() -> Value {
    json!({ "patient": adult("strain") })
}

/// How urgent the last call was found.
fn acted_on(hospital: &Hospital) -> String {
    let recorded = hospital.recorded();
    let (_, last) = recorded.iter().rfind(|(kind, _)| kind == "consult_asked").unwrap();
    last["answer"]["verdict"]["acted_on"].as_str().unwrap().to_string()
}

#[test]
fn what_was_answered_before_midnight_counts_after_it_for_a_day() {
    let hospital = Hospital::open();
    hospital.house.clock.pass(TO_EVENING);
    let first = call(&hospital, "d1", patient());
    assert_eq!(acted_on(&hospital), "none");
    let link = &first["cards"][0]["links"];
    let link = link.as_array().unwrap().iter().find(|one| one["type"] == "smart").unwrap();
    let handle = link["appContext"].as_str().unwrap().to_string();
    let launch = |context: Option<String>| {
        let launch = LaunchContext {
            client_id: "cauda".to_string(),
            patient: "strain".to_string(),
            encounter: None,
            app_context: context,
            ..LaunchContext::default()
        };
        hospital.ehr.launch(&hospital.at("/ehr/launch"), launch).unwrap()
    };
    let mut frame = Frame::new();
    let (here, page) = frame.open(&hospital, &launch(Some(handle.clone())));
    assert_eq!(page.status, 200, "{}", page.text);
    let form = format!("{}{here}/answers", hospital.house.address());
    let fields = [("as", "nurse"), ("command", "c1"), ("f.saddle_numbness", "new")];
    assert_eq!(frame.post(&form, &fields).status, 303);
    // Ten past midnight, by a call, by the app from the chart, and by yesterday's card.
    hospital.house.clock.pass(20 * MINUTE);
    let next = call(&hospital, "d2", patient());
    assert_eq!(next["cards"][0]["indicator"], "critical", "{next}");
    assert_eq!(acted_on(&hospital), "emergency");
    for context in [None, Some(handle)] {
        let (_, page) = Frame::new().open(&hospital, &launch(context));
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("Emergency"), "{}", page.text);
    }
    // As long as a day, and then the new day has what was told in it.
    hospital.house.clock.pass(23 * HOUR + 35 * MINUTE);
    call(&hospital, "d3", patient());
    assert_eq!(acted_on(&hospital), "emergency");
    hospital.house.clock.pass(2 * HOUR);
    call(&hospital, "d4", patient());
    assert_eq!(acted_on(&hospital), "none");
    assert_eq!(hospital.consultations().len(), 3, "each day has its own name");
}

#[test]
fn what_the_chart_said_before_midnight_counts_until_it_is_taken_back() {
    let hospital = Hospital::open();
    hospital.house.clock.pass(TO_EVENING);
    let fever = |status: &str| {
        let mut prefetch = patient();
        prefetch["observations"] = json!({"resourceType": "Observation", "id": "o1",
            "status": status, "subject": {"reference": "Patient/strain"},
            "code": {"coding": [{"system": "http://loinc.org", "code": "8310-5"}]},
            "effectiveDateTime": "2026-11-26T23:40:00Z",
            "valueQuantity": {"value": 39.2, "unit": "Cel",
                "system": "http://unitsofmeasure.org", "code": "Cel"}});
        prefetch
    };
    call(&hospital, "d1", fever("final"));
    let evening = acted_on(&hospital);
    assert_ne!(evening, "none");
    hospital.house.clock.pass(20 * MINUTE);
    call(&hospital, "d2", patient());
    assert_eq!(acted_on(&hospital), evening, "it was not sent again");
    hospital.house.clock.pass(MINUTE);
    call(&hospital, "d3", fever("entered-in-error"));
    assert_eq!(acted_on(&hospital), "none");
    hospital.house.clock.pass(MINUTE);
    call(&hospital, "d4", patient());
    assert_eq!(acted_on(&hospital), "none", "it stays taken back");
}
