//! Nothing of a patient is in any text that may be logged.

use cauda_chart::{Call, read_about};
use cauda_fhir::Supplied;
use serde_json::json;

use crate::shipped::{NOW, bundle, guideline, table};

const CANARY: &str = "canary7f3";

#[test]
fn no_text_of_a_patient_is_shown_for_debugging() {
    let whole = bundle(vec![
        json!({
            "resourceType": "Patient", "id": CANARY, "birthDate": "1971-03-02",
            "name": [{"text": CANARY, "family": CANARY}], "gender": CANARY,
            "identifier": [{"system": CANARY, "value": CANARY}],
        }),
        json!({
            "resourceType": "Condition", "id": CANARY,
            "subject": {"reference": format!("Patient/{CANARY}")},
            "code": {"text": CANARY, "coding": [
                {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "G83.4", "display": CANARY},
                {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "E11.9"},
            ]},
            "note": [{"text": CANARY}],
        }),
        json!({
            "resourceType": "Observation", "id": CANARY, "status": CANARY,
            "code": {"coding": [{"system": "http://loinc.org", "code": "8310-5"}]},
            "valueQuantity": {"value": 38.4, "unit": CANARY},
        }),
        json!({"resourceType": CANARY, "id": CANARY}),
    ]);
    let call = Call { patient: Some(CANARY), now: NOW, ..Call::default() };
    let supplied = [("chart", Supplied::of(Some(&whole)))];
    let chart = read_about(table(), guideline(), &call, &supplied);
    let shown = format!(
        "{chart:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        chart.patient,
        chart.findings,
        chart.used,
        chart.ignored,
        chart.alarms,
        chart.blocks,
        chart.unknown,
    );
    assert!(!shown.contains(CANARY), "{shown}");
    // Neither are findings themselves.
    for word in ["diabetes", "38.4", "E11", "present", "1971"] {
        assert!(!shown.contains(word), "{word} in {shown}");
    }
    // What is listed has ids and words of the table, and no text of the patient.
    let labels = chart.used.iter().map(|used| used.label.as_str());
    assert!(labels.chain(chart.alarms.iter().map(|a| a.label.as_str())).all(|l| l != CANARY));
}
