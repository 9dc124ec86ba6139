//! The invented patients, and the clinician who is signed in. Codes are public ones whose meaning
//! is certain; what has no such code is said in words.

use serde_json::{Value, json};

use crate::StandInError;
use crate::ehr::{PATIENT_NUMBERS, VISIT_NUMBERS};
use crate::fhir::store::Store;
use crate::imaging;
use crate::time;

/// The id of the clinician.
pub(crate) const PRACTITIONER: &str = "dr-lind";
/// Their name on screens.
pub(crate) const PRACTITIONER_NAME: &str = "Dr Ada Lind";

const ICD: &str = "http://hl7.org/fhir/sid/icd-10-cm";
const SNOMED: &str = "http://snomed.info/sct";
const LOINC: &str = "http://loinc.org";
const UCUM: &str = "http://unitsofmeasure.org";
const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
const ATC: &str = "http://www.whocc.no/atc";
const TERMS: &str = "http://terminology.hl7.org/CodeSystem";

const MINUTE: i64 = 60;
const DAY: i64 = 86_400;

struct Sample {
    id: &'static str,
    family: &'static str,
    given: &'static str,
    gender: &'static str,
    age_years: i64,
    /// Why they came, in words.
    came: &'static str,
    /// System, code, words, since so many days.
    problems: &'static [(&'static str, &'static str, &'static str, i64)],
    /// LOINC code, words, number, unit, so many minutes ago.
    values: &'static [(&'static str, &'static str, f64, &'static str, i64)],
    /// RxNorm code, ATC code, words.
    medicines: &'static [(&'static str, &'static str, &'static str)],
    /// Key of an examination that is ordered already.
    ordered: Option<&'static str>,
}

const PAIN: (&str, &str, &str, i64) = (ICD, "M54.50", "Low back pain", 2);

const SAMPLES: [Sample; 7] = [
    Sample {
        id: "strain",
        family: "Vik",
        given: "Nora",
        gender: "female",
        age_years: 38,
        came: "Back pain since lifting boxes; nothing else is in the chart",
        problems: &[PAIN],
        values: &[],
        medicines: &[],
        ordered: None,
    },
    Sample {
        id: "cauda-equina",
        family: "Albers",
        given: "Tomas",
        gender: "male",
        age_years: 44,
        came: "Pain in both legs, cannot pass water since this morning",
        problems: &[
            PAIN,
            (ICD, "G83.4", "Cauda equina syndrome, suspected", 0),
            (ICD, "R33.9", "Retention of urine", 0),
        ],
        values: &[("8310-5", "Body temperature", 36.8, "Cel", 40)],
        medicines: &[],
        ordered: None,
    },
    Sample {
        id: "cancer",
        family: "Moreau",
        given: "Elise",
        gender: "female",
        age_years: 63,
        came: "Back pain for six weeks, worse at night; breast cancer under treatment",
        problems: &[
            (ICD, "M54.6", "Pain in the thoracic spine", 42),
            (ICD, "C50.919", "Breast cancer", 900),
        ],
        values: &[
            ("8310-5", "Body temperature", 36.6, "Cel", 50),
            ("2160-0", "Creatinine", 0.9, "mg/dL", 90),
        ],
        medicines: &[],
        ordered: None,
    },
    Sample {
        id: "infection",
        family: "Kowal",
        given: "Jan",
        gender: "male",
        age_years: 35,
        came: "Back pain with fever for four days; injects drugs",
        problems: &[
            (ICD, "M54.50", "Low back pain", 4),
            (ICD, "R50.9", "Fever", 4),
            (ICD, "F11.10", "Uses opioids", 1_500),
            (SNOMED, "226034001", "Injects drugs", 1_500),
        ],
        values: &[
            ("8310-5", "Body temperature", 38.9, "Cel", 30),
            ("8867-4", "Heart rate", 112.0, "/min", 30),
            ("8480-6", "Systolic blood pressure", 118.0, "mm[Hg]", 30),
            ("1988-5", "C-reactive protein", 184.0, "mg/L", 60),
            ("30341-2", "Erythrocyte sedimentation rate", 96.0, "mm/h", 60),
        ],
        medicines: &[],
        ordered: None,
    },
    Sample {
        id: "fall",
        family: "Lindqvist",
        given: "Greta",
        gender: "female",
        age_years: 82,
        came: "Fell in the kitchen this morning, back pain since; takes a blood thinner",
        problems: &[
            (ICD, "M54.50", "Low back pain", 0),
            (ICD, "W19.XXXA", "Fall", 0),
            (ICD, "M81.0", "Osteoporosis", 2_000),
            (ICD, "Z79.01", "Takes an anticoagulant", 1_200),
        ],
        values: &[("8480-6", "Systolic blood pressure", 146.0, "mm[Hg]", 45)],
        medicines: &[("1364430", "B01AF02", "Apixaban 5 mg twice a day")],
        ordered: None,
    },
    Sample {
        id: "child",
        family: "Okoro",
        given: "Emeka",
        gender: "male",
        age_years: 9,
        came: "Back pain for a week, limps, woke from it at night",
        problems: &[(ICD, "M54.50", "Low back pain", 7)],
        values: &[("8310-5", "Body temperature", 37.9, "Cel", 20)],
        medicines: &[],
        ordered: None,
    },
    Sample {
        id: "already-right",
        family: "Santos",
        given: "Marta",
        gender: "female",
        age_years: 51,
        came: "Foot drop getting worse over two days; the MRI is ordered already",
        problems: &[
            (ICD, "M54.16", "Radiculopathy, lumbar", 10),
            (ICD, "M21.371", "Foot drop, right foot", 2),
        ],
        values: &[("8310-5", "Body temperature", 36.7, "Cel", 60)],
        medicines: &[],
        ordered: Some("mr-lumbar"),
    },
];

/// A store with the clinician and all samples.
pub(crate) fn store(now: i64) -> Result<Store, StandInError> {
    let mut store = Store::default();
    for resource in std::iter::once(clinician()).chain(SAMPLES.iter().flat_map(|one| all(one, now)))
    {
        put(&mut store, resource, now)?;
    }
    Ok(store)
}

/// Keeps a resource.
pub(crate) fn put(store: &mut Store, resource: Value, now: i64) -> Result<Value, StandInError> {
    let kept = store.put(resource, now);
    kept.map(|(kept, _)| kept).map_err(|refusal| StandInError::Resource(refusal.text))
}

/// The clinician, whom every store must have.
pub(crate) fn clinician() -> Value {
    json!({
        "resourceType": "Practitioner",
        "id": PRACTITIONER,
        "active": true,
        "name": [{"text": PRACTITIONER_NAME, "family": "Lind", "given": ["Ada"]}],
    })
}

/// The visit of a patient that is going on.
pub(crate) fn open_visit(store: &Store, patient: &str) -> Option<String> {
    let mut visits = store.all("Encounter").filter(|visit| {
        let going = visit.get("status").and_then(Value::as_str) == Some("in-progress");
        going && store.is_of(visit, patient)
    });
    Some(visits.next()?.get("id")?.as_str()?.to_owned())
}

fn all(sample: &Sample, now: i64) -> Vec<Value> {
    let mut all = vec![patient(sample, now), visit(sample, now)];
    all.extend(sample.problems.iter().enumerate().map(|(at, one)| problem(sample, at, *one, now)));
    all.extend(sample.values.iter().enumerate().map(|(at, one)| value(sample, at, *one, now)));
    all.extend(
        sample.medicines.iter().enumerate().map(|(at, one)| medicine(sample, at, *one, now)),
    );
    let ordered = sample.ordered.and_then(imaging::choice);
    all.extend(ordered.map(|choice| {
        let (patient, visit) = (sample.id, format!("{}-visit", sample.id));
        let id = format!("{patient}-ordered");
        let mut order = imaging::draft(&id, patient, Some(&visit), choice, None, now - 600);
        order["status"] = "active".into();
        order
    }));
    all
}

fn subject(sample: &Sample) -> Value {
    json!({"reference": format!("Patient/{}", sample.id)})
}

fn encounter(sample: &Sample) -> Value {
    json!({"reference": format!("Encounter/{}-visit", sample.id)})
}

fn patient(sample: &Sample, now: i64) -> Value {
    // Half a year more, so that nobody has a birthday while it runs.
    let born =
        time::day(now - sample.age_years * 365 * DAY - sample.age_years / 4 * DAY - 180 * DAY);
    json!({
        "resourceType": "Patient",
        "id": sample.id,
        "identifier": [{"system": PATIENT_NUMBERS, "value": format!("S-{}", sample.id)}],
        "active": true,
        "name": [{"use": "official", "family": sample.family, "given": [sample.given]}],
        "gender": sample.gender,
        "birthDate": born,
    })
}

fn visit(sample: &Sample, now: i64) -> Value {
    json!({
        "resourceType": "Encounter",
        "id": format!("{}-visit", sample.id),
        "identifier": [{"system": VISIT_NUMBERS, "value": format!("V-{}", sample.id)}],
        "status": "in-progress",
        "class": {"system": format!("{TERMS}/v3-ActCode"), "code": "EMER"},
        "subject": subject(sample),
        "period": {"start": time::instant(now - 100 * MINUTE)},
        "reasonCode": [{"text": sample.came}],
    })
}

fn problem(
    sample: &Sample,
    at: usize,
    (system, code, words, days): (&str, &str, &str, i64),
    now: i64,
) -> Value {
    let status = |list: &str, code: &str| {
        let system = format!("{TERMS}/{list}");
        json!({"coding": [{"system": system, "code": code}]})
    };
    // What began today is suspected as long as nobody has examined it.
    let sure = if days == 0 && code.starts_with('G') { "provisional" } else { "confirmed" };
    json!({
        "resourceType": "Condition",
        "id": format!("{}-problem-{at}", sample.id),
        "clinicalStatus": status("condition-clinical", "active"),
        "verificationStatus": status("condition-ver-status", sure),
        "category": [status("condition-category", "problem-list-item")],
        "code": {"coding": [{"system": system, "code": code}], "text": words},
        "subject": subject(sample),
        "encounter": encounter(sample),
        "onsetDateTime": time::day(now - days * DAY),
        "recordedDate": time::instant(now - 70 * MINUTE),
    })
}

fn value(
    sample: &Sample,
    at: usize,
    (code, words, number, unit, minutes): (&str, &str, f64, &str, i64),
    now: i64,
) -> Value {
    let vital = ["8310-5", "8867-4", "8480-6"].contains(&code);
    let shown = match unit {
        "Cel" => "°C",
        "mm[Hg]" => "mmHg",
        other => other,
    };
    let category = if vital { "vital-signs" } else { "laboratory" };
    json!({
        "resourceType": "Observation",
        "id": format!("{}-value-{at}", sample.id),
        "status": "final",
        "category": [{"coding": [{
            "system": format!("{TERMS}/observation-category"), "code": category,
        }]}],
        "code": {"coding": [{"system": LOINC, "code": code}], "text": words},
        "subject": subject(sample),
        "encounter": encounter(sample),
        "effectiveDateTime": time::instant(now - minutes * MINUTE),
        "valueQuantity": {"value": exact(number), "unit": shown, "system": UCUM, "code": unit},
    })
}

/// A whole number without a point, which would claim a digit that nobody measured.
fn exact(number: f64) -> Value {
    match number.fract() == 0.0 {
        true => json!(number as i64),
        false => json!(number),
    }
}

fn medicine(
    sample: &Sample,
    at: usize,
    (rxnorm, atc, words): (&str, &str, &str),
    now: i64,
) -> Value {
    let coding = json!([{"system": RXNORM, "code": rxnorm}, {"system": ATC, "code": atc}]);
    json!({
        "resourceType": "MedicationRequest",
        "id": format!("{}-medicine-{at}", sample.id),
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"coding": coding, "text": words},
        "subject": subject(sample),
        "authoredOn": time::day(now - 300 * DAY),
    })
}
