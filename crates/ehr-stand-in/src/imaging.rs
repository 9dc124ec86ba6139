//! What the order screen offers, and the order it drafts (FHIR R4, `ServiceRequest`).

use serde_json::{Value, json};

use crate::samples::PRACTITIONER;
use crate::time;

/// An examination that can be ordered.
pub(crate) struct Choice {
    pub(crate) key: &'static str,
    /// In own words.
    pub(crate) label: &'static str,
    loinc: &'static str,
}

/// A reason that can be chosen, with its code of ICD-10-CM.
pub(crate) struct Reason {
    pub(crate) code: &'static str,
    pub(crate) label: &'static str,
}

/// Codes from the LOINC radiology list (`ehr-standards`); a Procedure code of SNOMED CT is left
/// out where it is not certain.
pub(crate) const CHOICES: [Choice; 4] = [
    Choice { key: "mr-lumbar", label: "MRI lumbar spine, without contrast", loinc: "30679-5" },
    Choice {
        key: "mr-whole",
        label: "MRI whole spine, without and with contrast",
        loinc: "36400-0",
    },
    Choice { key: "ct-lumbar", label: "CT lumbar spine", loinc: "24963-1" },
    Choice { key: "xr-lumbar", label: "X-ray lumbar spine", loinc: "24972-2" },
];

pub(crate) const REASONS: [Reason; 8] = [
    Reason { code: "M54.50", label: "Low back pain" },
    Reason { code: "M54.6", label: "Pain in the thoracic spine" },
    Reason { code: "M54.16", label: "Radiculopathy, lumbar" },
    Reason { code: "G83.4", label: "Cauda equina syndrome" },
    Reason { code: "R33.9", label: "Retention of urine" },
    Reason { code: "R50.9", label: "Fever" },
    Reason { code: "C50.919", label: "Breast cancer" },
    Reason { code: "W19.XXXA", label: "Fall" },
];

/// The choice of that key.
pub(crate) fn choice(key: &str) -> Option<&'static Choice> {
    CHOICES.iter().find(|choice| choice.key == key)
}

/// The reason of that code.
pub(crate) fn reason(code: &str) -> Option<&'static Reason> {
    REASONS.iter().find(|reason| reason.code == code)
}

/// A draft of an order.
pub(crate) fn draft(
    id: &str,
    patient: &str,
    encounter: Option<&str>,
    choice: &Choice,
    reason: Option<&Reason>,
    now: i64,
) -> Value {
    let mut draft = json!({
        "resourceType": "ServiceRequest",
        "id": id,
        "status": "draft",
        "intent": "order",
        "category": [{"coding": [{"system": "http://snomed.info/sct", "code": "363679005"}]}],
        "priority": "urgent",
        "code": {
            "coding": [{"system": "http://loinc.org", "code": choice.loinc}],
            "text": choice.label,
        },
        "subject": {"reference": format!("Patient/{patient}")},
        "authoredOn": time::instant(now),
        "requester": {"reference": format!("Practitioner/{PRACTITIONER}")},
    });
    if let Some(encounter) = encounter {
        draft["encounter"] = json!({"reference": format!("Encounter/{encounter}")});
    }
    if let Some(reason) = reason {
        let coding = json!([{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": reason.code}]);
        draft["reasonCode"] = json!([{"coding": coding, "text": reason.label}]);
    }
    draft
}
