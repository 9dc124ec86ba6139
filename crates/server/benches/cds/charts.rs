//! What an EHR sends along: six patients of an emergency department, each with the chart of some
//! years, before and after the results of this visit are back.

use cauda_cds_hooks::{Hook, KEYS};
use cauda_guideline::time;
use serde_json::{Value, json};

/// The system of the hospital's patient number.
pub const NUMBERS: &str = "https://hospital.example/patients";
/// Where the EHR says its FHIR server is; as everything is sent along, nobody asks there.
pub const FHIR_BASE: &str = "http://127.0.0.1:9/fhir";
/// Patients that the department has, too. Of every ten the EHR asks about one is among them.
pub const OWN: usize = 200;
const ONE_OF: usize = 10;
/// Encounters that are asked about in turns.
const AT_ONCE: usize = 250;

/// What stands in a template where each call has its own.
const PATIENT: &str = "PATIENT-ID";
const NUMBER: &str = "PATIENT-NUMBER";
const INSTANCE: &str = "HOOK-INSTANCE";

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// Rounds of vital signs, an hour between them.
const ROUNDS: i64 = 6;

/// What happens in one encounter, one after the other, and whether the results are back.
const STEPS: [(Hook, usize); 6] = [
    (Hook::PatientView, 0),
    (Hook::OrderSelect, 0),
    (Hook::OrderSign, 0),
    (Hook::PatientView, 1),
    (Hook::OrderSign, 1),
    (Hook::EncounterDischarge, 1),
];

/// Code of ICD-10-CM, words, since how many days.
type Problem = (&'static str, &'static str, i64);

/// Why each has come, temperature in tenths and C-reactive protein once the results are back.
const KINDS: [(&[Problem], i64, i64); 6] = [
    (&[("M54.50", "Low back pain", 2)], 368, 3),
    (&[("M54.50", "Low back pain", 4), ("R50.9", "Fever", 4)], 389, 184),
    (&[("M54.6", "Pain in the thoracic spine", 42), ("C50.919", "Breast cancer", 900)], 366, 12),
    (
        &[
            ("M54.50", "Low back pain", 0),
            ("W19.XXXA", "Fall", 0),
            ("M81.0", "Osteoporosis", 2_000),
        ],
        367,
        5,
    ),
    (&[("M54.16", "Radiculopathy, lumbar", 10), ("M21.371", "Foot drop, right foot", 2)], 367, 4),
    (&[("M54.50", "Low back pain", 1), ("R33.9", "Retention of urine", 0)], 368, 4),
];

/// What many have beside it.
const OLD: [Problem; 12] = [
    ("I10", "Essential hypertension", 3_100),
    ("E11.9", "Type 2 diabetes mellitus", 2_400),
    ("E78.5", "Hyperlipidemia", 2_900),
    ("K21.9", "Gastro-esophageal reflux", 1_500),
    ("J45.909", "Asthma", 5_000),
    ("F41.9", "Anxiety disorder", 1_100),
    ("M17.11", "Osteoarthritis of the right knee", 800),
    ("G47.33", "Obstructive sleep apnea", 700),
    ("E03.9", "Hypothyroidism", 2_000),
    ("N40.0", "Benign prostatic hyperplasia", 600),
    ("H52.4", "Presbyopia", 1_900),
    ("J30.9", "Allergic rhinitis", 4_000),
];

/// Code of ATC and words.
const MEDICINES: [(&str, &str); 12] = [
    ("C09AA03", "Lisinopril 10 mg once a day"),
    ("A10BA02", "Metformin 500 mg twice a day"),
    ("C10AA05", "Atorvastatin 20 mg at night"),
    ("A02BC01", "Omeprazole 20 mg once a day"),
    ("H03AA01", "Levothyroxine 75 micrograms once a day"),
    ("C07AB02", "Metoprolol 50 mg once a day"),
    ("N02BE01", "Paracetamol 1 g up to four times a day"),
    ("M01AE01", "Ibuprofen 400 mg up to three times a day"),
    ("R03AC02", "Salbutamol inhaler as needed"),
    ("N06AB06", "Sertraline 50 mg once a day"),
    ("G04CA02", "Tamsulosin 0.4 mg once a day"),
    ("B01AC06", "Acetylsalicylic acid 100 mg once a day"),
];

/// One call, as it was planned.
#[derive(Clone, Copy)]
pub struct Asking {
    /// Which encounter of the run.
    pub encounter: usize,
    step: usize,
}

impl Asking {
    /// The call of that number: encounters go on in turns, each step by step.
    pub fn nth(number: usize) -> Asking {
        let (round, of_round) = (number / AT_ONCE, number % AT_ONCE);
        let encounter = (round / STEPS.len()) * AT_ONCE + of_round;
        Asking { encounter, step: round % STEPS.len() }
    }

    /// What happened.
    pub fn hook(&self) -> Hook {
        STEPS[self.step].0
    }

    /// The path it is sent to.
    pub fn path(&self) -> String {
        format!("/cds-services/{}", self.hook().service().id())
    }
}

/// The bodies, made once.
pub struct Charts(Vec<Vec<String>>);

impl Charts {
    /// As they are at that second.
    pub fn at(now: i64) -> Charts {
        let of_kind = |kind| {
            let body = |(hook, back)| body(hook, &prefetch(kind, back, now), now).to_string();
            STEPS.into_iter().map(body).collect()
        };
        Charts((0..KINDS.len()).map(of_kind).collect())
    }

    /// The body of a call.
    pub fn body(&self, asking: Asking) -> String {
        let template = &self.0[asking.encounter % KINDS.len()][asking.step];
        let instance = uuid::Uuid::now_v7().to_string();
        let text = template.replace(PATIENT, &format!("e{:09}", asking.encounter));
        let number = match asking.encounter % ONE_OF {
            0 => format!("N-{}", asking.encounter / ONE_OF % OWN),
            _ => format!("X-{}", asking.encounter),
        };
        let text = text.replacen(NUMBER, &number, 1);
        text.replacen(INSTANCE, &instance, 1)
    }

    /// Bytes of the smallest and of the largest body.
    pub fn bytes(&self) -> (usize, usize) {
        let all = || self.0.iter().flatten().map(String::len);
        (all().min().unwrap_or(0), all().max().unwrap_or(0))
    }
}

fn body(hook: Hook, prefetch: &Value, now: i64) -> Value {
    let mut context = json!({
        "userId": "Practitioner/dr-lind", "patientId": PATIENT,
        "encounterId": format!("{PATIENT}-visit"),
    });
    if hook.is_order() {
        let order = order("draft", "visit", "draft", now);
        context["draftOrders"] = bundle(vec![order], "collection");
        context["selections"] = json!([format!("ServiceRequest/{PATIENT}-draft")]);
    }
    json!({
        "hook": hook.name(), "hookInstance": INSTANCE, "fhirServer": FHIR_BASE,
        "fhirAuthorization": {
            "access_token": "an-access-token-of-the-ehr-for-this-call", "token_type": "Bearer",
            "expires_in": 300, "scope": "patient/*.rs", "subject": "cauda", "patient": PATIENT,
        },
        "context": context, "prefetch": prefetch,
    })
}

fn prefetch(kind: usize, back: usize, now: i64) -> Value {
    let (came, tenths, protein) = KINDS[kind];
    let problems = came.iter().chain(&OLD).enumerate();
    let problems = problems.map(|(at, problem)| condition(at, *problem, now)).collect();
    let medicines = MEDICINES.iter().enumerate();
    let medicines = medicines.map(|(at, one)| medicine(at, *one, now)).collect();
    let allergies = ["Penicillin", "Strawberry"].iter().enumerate();
    let allergies = allergies.map(|(at, words)| allergy(at, words)).collect();
    let procedures = ["Appendectomy", "Colonoscopy", "Cataract surgery"].iter().enumerate();
    let procedures = procedures.map(|(at, words)| procedure(at, words, now)).collect();
    let orders = (0..4).map(|at| {
        let last_year = now - (365 + at) * DAY;
        order(&format!("order-{at}"), &format!("visit-{at}"), "completed", last_year)
    });
    let mut all = json!({
        "patient": patient(kind, now), "encounter": encounter(came[0], now),
        "conditions": bundle(problems, "searchset"),
        "observations": bundle(observations(tenths, protein, back, now), "searchset"),
        "medications": bundle(medicines, "searchset"),
        "allergies": bundle(allergies, "searchset"),
        "procedures": bundle(procedures, "searchset"),
        "orders": bundle(orders.collect(), "searchset"),
    });
    for (key, _) in KEYS {
        if all.get(key).is_none() {
            all[key] = bundle(Vec::new(), "searchset");
        }
    }
    all
}

fn bundle(resources: Vec<Value>, kind: &str) -> Value {
    let entry = |one: Value| {
        let full = format!(
            "{FHIR_BASE}/{}/{}",
            one["resourceType"].as_str().unwrap_or_default(),
            one["id"].as_str().unwrap_or_default()
        );
        json!({"fullUrl": full, "resource": one})
    };
    let count = resources.len();
    let entries: Vec<Value> = resources.into_iter().map(entry).collect();
    json!({"resourceType": "Bundle", "type": kind, "total": count, "entry": entries})
}

fn subject() -> Value {
    json!({"reference": format!("Patient/{PATIENT}"), "display": "Vik, Nora"})
}

fn visit() -> Value {
    json!({"reference": format!("Encounter/{PATIENT}-visit")})
}

fn meta(second: i64) -> Value {
    json!({"versionId": "2", "lastUpdated": time::write(second)})
}

fn day(second: i64) -> String {
    time::write(second).chars().take(10).collect()
}

fn concept(system: &str, code: &str, words: &str) -> Value {
    json!({"coding": [{"system": system, "code": code, "display": words}], "text": words})
}

fn term(list: &str, code: &str) -> Value {
    let system = format!("http://terminology.hl7.org/CodeSystem/{list}");
    json!({"coding": [{"system": system, "code": code}]})
}

fn patient(kind: usize, now: i64) -> Value {
    json!({
        "resourceType": "Patient", "id": PATIENT, "meta": meta(now - DAY), "active": true,
        "identifier": [{"system": NUMBERS, "value": NUMBER}],
        "name": [{"use": "official", "family": "Vik", "given": ["Nora"]}],
        "gender": "female", "birthDate": day(now - (34 + 7 * kind as i64) * 365 * DAY),
        "address": [{"line": ["12 Mill Lane"], "city": "Harbour", "country": "NO"}],
        "telecom": [{"system": "phone", "value": "+47 00 00 00 00", "use": "mobile"}],
    })
}

fn encounter(came: Problem, now: i64) -> Value {
    json!({
        "resourceType": "Encounter", "id": format!("{PATIENT}-visit"), "meta": meta(now - HOUR),
        "status": "in-progress", "subject": subject(),
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
        "period": {"start": time::write(now - ROUNDS * HOUR)},
        "reasonCode": [concept("http://hl7.org/fhir/sid/icd-10-cm", came.0, came.1)],
    })
}

fn condition(at: usize, (code, words, days): Problem, now: i64) -> Value {
    json!({
        "resourceType": "Condition", "id": format!("{PATIENT}-problem-{at}"),
        "meta": meta(now - HOUR), "clinicalStatus": term("condition-clinical", "active"),
        "verificationStatus": term("condition-ver-status", "confirmed"),
        "category": [term("condition-category", "problem-list-item")],
        "code": concept("http://hl7.org/fhir/sid/icd-10-cm", code, words),
        "subject": subject(), "encounter": visit(),
        "onsetDateTime": day(now - days * DAY), "recordedDate": time::write(now - HOUR),
        "recorder": {"reference": "Practitioner/dr-lind", "display": "Dr Ada Lind"},
    })
}

/// Vital signs each hour and the laboratory of a year ago; with the results those of today.
fn observations(tenths: i64, protein: i64, back: usize, now: i64) -> Vec<Value> {
    let mut all = Vec::new();
    for round in 0..ROUNDS {
        let at = now - round * HOUR - 20 * 60;
        let warm = json!((tenths - round % 3) as f64 / 10.0);
        for (code, words, value, unit) in [
            ("8310-5", "Body temperature", warm, "Cel"),
            ("8867-4", "Heart rate", json!(84 + round), "/min"),
            ("8480-6", "Systolic blood pressure", json!(128 + 2 * round), "mm[Hg]"),
            ("9279-1", "Respiratory rate", json!(15), "/min"),
            ("59408-5", "Oxygen saturation by pulse oximetry", json!(97), "%"),
        ] {
            all.push(observation(all.len(), "vital-signs", (code, words), (value, unit), at));
        }
    }
    let times = if back == 1 { vec![now - HOUR, now - 365 * DAY] } else { vec![now - 365 * DAY] };
    for at in times {
        let protein = if at > now - DAY { protein } else { 2 };
        for (code, words, value, unit) in [
            ("1988-5", "C-reactive protein", json!(protein), "mg/L"),
            ("30341-2", "Erythrocyte sedimentation rate", json!(14), "mm/h"),
            ("98979-8", "Glomerular filtration rate", json!(78), "mL/min/{1.73_m2}"),
            ("2160-0", "Creatinine", json!(0.9), "mg/dL"),
            ("718-7", "Hemoglobin", json!(13.4), "g/dL"),
            ("6690-2", "Leukocytes", json!(8.1), "10*3/uL"),
        ] {
            all.push(observation(all.len(), "laboratory", (code, words), (value, unit), at));
        }
    }
    all
}

fn observation(
    number: usize,
    category: &str,
    (code, words): (&str, &str),
    (value, unit): (Value, &str),
    at: i64,
) -> Value {
    json!({
        "resourceType": "Observation", "id": format!("{PATIENT}-value-{number}"),
        "meta": meta(at + 60), "status": "final",
        "category": [term("observation-category", category)],
        "code": concept("http://loinc.org", code, words),
        "subject": subject(), "encounter": visit(),
        "effectiveDateTime": time::write(at), "issued": time::write(at + 60),
        "valueQuantity": {
            "value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit,
        },
    })
}

fn medicine(at: usize, (code, words): (&str, &str), now: i64) -> Value {
    json!({
        "resourceType": "MedicationRequest", "id": format!("{PATIENT}-medicine-{at}"),
        "meta": meta(now - 90 * DAY), "status": "active", "intent": "order",
        "medicationCodeableConcept": concept("http://www.whocc.no/atc", code, words),
        "subject": subject(), "authoredOn": day(now - 90 * DAY),
        "requester": {"reference": "Practitioner/dr-lind", "display": "Dr Ada Lind"},
        "dosageInstruction": [{"text": words}],
    })
}

fn allergy(at: usize, words: &str) -> Value {
    json!({
        "resourceType": "AllergyIntolerance", "id": format!("{PATIENT}-allergy-{at}"),
        "clinicalStatus": term("allergyintolerance-clinical", "active"),
        "verificationStatus": term("allergyintolerance-verification", "confirmed"),
        "code": {"text": words}, "patient": subject(),
    })
}

fn procedure(at: usize, words: &str, now: i64) -> Value {
    json!({
        "resourceType": "Procedure", "id": format!("{PATIENT}-procedure-{at}"),
        "meta": meta(now - 700 * DAY), "status": "completed", "code": {"text": words},
        "subject": subject(), "performedDateTime": day(now - 700 * DAY),
    })
}

/// MR of the lumbar spine without contrast.
fn order(id: &str, visit: &str, status: &str, at: i64) -> Value {
    json!({
        "resourceType": "ServiceRequest", "id": format!("{PATIENT}-{id}"), "status": status,
        "intent": "order", "encounter": {"reference": format!("Encounter/{PATIENT}-{visit}")},
        "code": concept("http://loinc.org", "30679-5", "MR Lumbar spine WO contrast"),
        "subject": subject(), "authoredOn": time::write(at),
        "requester": {"reference": "Practitioner/dr-lind", "display": "Dr Ada Lind"},
        "reasonCode": [concept("http://hl7.org/fhir/sid/icd-10-cm", "M54.50", "Low back pain")],
    })
}
