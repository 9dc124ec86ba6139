//! What a status, a negation, a subject or a mark in a resource does.

use cauda_chart::Why;
use serde_json::{Value, json};

use crate::shipped::{BASE, bundle, chart_of, guideline, pair, patient, refused, said};

const VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";

fn with(mut resource: Value, field: &str, value: Value) -> Value {
    resource[field] = value;
    resource
}

fn without(mut resource: Value, field: &str) -> Value {
    resource.as_object_mut().unwrap().remove(field);
    resource
}

fn concept(system: &str, code: &str) -> Value {
    json!({"coding": [{"system": system, "code": code}]})
}

fn icd(code: &str) -> Value {
    concept("http://hl7.org/fhir/sid/icd-10-cm", code)
}

fn condition(code: &str) -> Value {
    json!({
        "resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"},
        "clinicalStatus": concept(CLINICAL, "active"),
        "verificationStatus": concept(VERIFICATION, "confirmed"),
        "code": icd(code), "onsetDateTime": "2026-11-20",
    })
}

fn temperature() -> Value {
    json!({
        "resourceType": "Observation", "id": "o1", "status": "final",
        "subject": {"reference": "Patient/p1"},
        "code": concept("http://loinc.org", "8310-5"),
        "effectiveDateTime": "2026-11-26T08:30:00Z",
        "valueQuantity": {
            "value": 38.4, "unit": "C", "system": "http://unitsofmeasure.org", "code": "Cel",
        },
    })
}

fn not_pregnant() -> Value {
    json!({
        "resourceType": "Observation", "id": "o2", "status": "final",
        "subject": {"reference": "Patient/p1"},
        "code": concept("http://loinc.org", "82810-3"),
        "effectiveDateTime": "2026-11-26T08:30:00Z",
        "valueCodeableConcept": concept("http://loinc.org", "LA26683-5"),
    })
}

/// Our own answer that the patient has no diabetes.
fn no_diabetes() -> Value {
    let version = format!("{}+{}", guideline().version, guideline().sha256);
    json!({
        "resourceType": "QuestionnaireResponse", "id": "q1", "status": "completed",
        "questionnaire": format!("{BASE}/Questionnaire/back-pain-staff|{version}"),
        "subject": {"reference": "Patient/p1"}, "authored": "2026-11-26T08:30:00Z",
        "item": [{"linkId": "group/infection", "item": [{
            "linkId": "diabetes",
            "answer": [{"valueCoding": {
                "system": format!("{BASE}/CodeSystem/answers"), "code": "absent",
            }}],
        }]}],
    })
}

fn diabetes() -> Vec<(String, String)> {
    vec![pair("diabetes", "present")]
}

#[test]
fn a_refuted_or_mistaken_condition_says_nothing_and_never_absent() {
    for status in ["refuted", "entered-in-error"] {
        let condition =
            with(condition("E11.9"), "verificationStatus", concept(VERIFICATION, status));
        assert_eq!(said(condition.clone()), vec![]);
        assert_eq!(refused(condition), [Why::Refuted]);
    }
}

#[test]
fn a_doubt_about_a_condition_leaves_it_standing() {
    for status in ["unconfirmed", "provisional", "differential", "confirmed", "nonsense"] {
        let condition =
            with(condition("E11.9"), "verificationStatus", concept(VERIFICATION, status));
        assert_eq!(said(condition), diabetes(), "{status}");
    }
    assert_eq!(said(without(condition("E11.9"), "verificationStatus")), diabetes());
    // A word of another system, or in text alone, refutes nothing.
    let other = with(condition("E11.9"), "verificationStatus", concept("urn:x", "refuted"));
    assert_eq!(said(other), diabetes());
    let text = with(condition("E11.9"), "verificationStatus", json!({"text": "refuted"}));
    assert_eq!(said(text), diabetes());
    let both = json!({"coding": [
        {"system": VERIFICATION, "code": "refuted"}, {"system": VERIFICATION, "code": "confirmed"},
    ]});
    assert_eq!(said(with(condition("E11.9"), "verificationStatus", both)), diabetes());
}

#[test]
fn what_is_over_counts_only_where_a_row_says_so() {
    for status in ["inactive", "remission", "resolved"] {
        let over = |code| with(condition(code), "clinicalStatus", concept(CLINICAL, status));
        assert_eq!(said(over("E11.9")), vec![], "{status}");
        assert_eq!(refused(over("E11.9")), [Why::Past], "{status}");
        assert_eq!(said(over("C50.911")), vec![pair("known_cancer", "present")], "{status}");
    }
    for status in ["active", "recurrence", "relapse", "nonsense"] {
        let stands = with(condition("E11.9"), "clinicalStatus", concept(CLINICAL, status));
        assert_eq!(said(stands), diabetes(), "{status}");
    }
    assert_eq!(said(without(condition("E11.9"), "clinicalStatus")), diabetes());
}

#[test]
fn what_takes_a_code_out_of_its_class_is_heeded() {
    for code in ["C44.01", "C44.319", "C44.92", "Z85.828", "D57.3", "D68.51", "F10.21", "Z33.2"] {
        assert_eq!(said(condition(code)), vec![], "{code}");
    }
    for code in ["C43.9", "C44.90", "C4A.9", "C7B.00", "C96.9", "Z85.820", "Z85.3"] {
        assert_eq!(said(condition(code)), vec![pair("known_cancer", "present")], "{code}");
    }
    // In situ, of uncertain behaviour, in the family: no cancer.
    for code in ["D05.10", "D48.5", "Z80.3", "c50.911", "C50 911", "X50.9", "Z22.7"] {
        assert_eq!(said(condition(code)), vec![], "{code}");
    }
}

#[test]
fn a_negation_in_codes_is_never_a_finding() {
    for code in ["700363003", "1149217004", "716186003", "165008002", "397680002"] {
        let mut negated = condition("E11.9");
        negated["code"] = concept("http://snomed.info/sct", code);
        assert_eq!(said(negated), vec![], "{code}");
        let allergy = json!({
            "resourceType": "AllergyIntolerance", "id": "a1",
            "patient": {"reference": "Patient/p1"},
            "code": concept("http://snomed.info/sct", code),
        });
        assert_eq!(said(allergy), vec![], "{code}");
    }
}

#[test]
fn an_alarm_is_shown_and_blocks_reassurance_unless_refuted_or_over() {
    let chart = |condition| chart_of(&bundle(vec![patient(), condition]));
    let stands = chart(condition("G83.4"));
    assert_eq!((stands.alarms.len(), stands.may_reassure()), (1, false));
    let refuted = with(condition("G83.4"), "verificationStatus", concept(VERIFICATION, "refuted"));
    assert_eq!(chart(refuted).alarms.len(), 0);
    let over = with(condition("G83.4"), "clinicalStatus", concept(CLINICAL, "resolved"));
    assert_eq!(chart(over).alarms.len(), 0);
}

#[test]
fn an_observation_counts_by_its_status() {
    for status in ["final", "amended", "corrected"] {
        let seen = with(temperature(), "status", json!(status));
        assert_eq!(said(seen), vec![pair("temperature", "38.4 Cel")]);
        let told = with(not_pregnant(), "status", json!(status));
        assert_eq!(said(told), vec![pair("possible_pregnancy", "absent")]);
    }
    for status in ["cancelled", "entered-in-error"] {
        assert_eq!(said(with(temperature(), "status", json!(status))), vec![]);
        assert_eq!(refused(with(not_pregnant(), "status", json!(status))), [Why::Status]);
    }
    for status in
        [json!("preliminary"), json!("registered"), json!("unknown"), json!(7), json!(null)]
    {
        let seen = with(temperature(), "status", status.clone());
        assert_eq!(said(seen), vec![pair("temperature", ">=38.4 Cel")], "{status}");
        let told = with(not_pregnant(), "status", status.clone());
        assert_eq!(refused(told), [Why::StatusNotFinal], "{status}");
    }
    assert_eq!(said(without(temperature(), "status")), vec![pair("temperature", ">=38.4 Cel")]);
}

#[test]
fn somebody_else_says_nothing_and_nobody_named_never_reassures() {
    for reference in ["Patient/p2", "Group/p1", "Device/p1", "https://x.example/fhir/Patient/p2"] {
        let subject = json!({"reference": reference});
        assert_eq!(said(with(temperature(), "subject", subject.clone())), vec![], "{reference}");
        assert_eq!(said(with(condition("E11.9"), "subject", subject)), vec![], "{reference}");
    }
    let unsaid = [
        json!(null),
        json!({}),
        json!({"reference": "#p"}),
        json!({"display": "Ann"}),
        json!({"identifier": {"value": "1"}}),
        json!([{"reference": "Patient/p2"}]),
        json!({"reference": "https://x.example/fhir/Patient/p1"}),
    ];
    for subject in unsaid {
        let seen = with(temperature(), "subject", subject.clone());
        assert_eq!(said(seen), vec![pair("temperature", ">=38.4 Cel")], "{subject}");
        let told = with(not_pregnant(), "subject", subject.clone());
        assert_eq!(refused(told), [Why::SubjectNotSaid], "{subject}");
    }
}

#[test]
fn a_focus_elsewhere_takes_an_observation_away() {
    let focus = |focus: Value| said(with(temperature(), "focus", focus));
    assert_eq!(focus(json!([{"reference": "Patient/baby"}])), vec![]);
    assert_eq!(focus(json!([{"reference": "Device/d1"}])), vec![]);
    assert_eq!(focus(json!([{"reference": "Patient/p1"}])), vec![pair("temperature", "38.4 Cel")]);
    for unclear in [json!(null), json!([]), json!([{"display": "?"}])] {
        assert_eq!(focus(unclear), vec![pair("temperature", ">=38.4 Cel")]);
    }
}

#[test]
fn what_may_change_the_meaning_leaves_only_the_danger() {
    let mark = json!([{"url": "https://example.org/not", "valueBoolean": true}]);
    for (field, value) in [
        ("modifierExtension", mark.clone()),
        ("modifierExtension", json!(null)),
        ("modifierExtension", json!([])),
        ("implicitRules", json!("https://example.org/rules")),
    ] {
        assert_eq!(
            said(with(temperature(), field, value.clone())),
            vec![pair("temperature", ">=38.4 Cel")]
        );
        let told = with(not_pregnant(), field, value.clone());
        assert_eq!(refused(told), [Why::MeaningMayBeChanged]);
        assert_eq!(said(with(condition("E11.9"), field, value)), diabetes());
    }
    let mut deep = no_diabetes();
    deep["item"][0]["item"][0]["answer"][0]["modifierExtension"] = mark;
    assert_eq!(refused(deep), [Why::MeaningMayBeChanged]);
}

#[test]
fn a_value_that_is_absent_by_its_own_word_is_none() {
    let reason = concept("http://terminology.hl7.org/CodeSystem/data-absent-reason", "error");
    assert_eq!(refused(with(temperature(), "dataAbsentReason", reason.clone())), [Why::NoValue]);
    assert_eq!(refused(with(not_pregnant(), "dataAbsentReason", reason)), [Why::NoValue]);
    assert_eq!(refused(with(not_pregnant(), "dataAbsentReason", json!(null))), [Why::NoValue]);
    assert_eq!(refused(without(temperature(), "valueQuantity")), [Why::NoValue]);
    // What says nothing takes no danger away.
    for nothing in [json!(null), json!({}), json!(""), json!(0), json!([]), json!({"coding": [{}]})]
    {
        let fever = with(temperature(), "dataAbsentReason", nothing.clone());
        assert_eq!(said(fever), vec![pair("temperature", ">=38.4 Cel")], "{nothing}");
        assert_eq!(refused(with(not_pregnant(), "dataAbsentReason", nothing)), [Why::NoValue]);
    }
}

#[test]
fn interpretation_and_reference_range_are_not_used() {
    let normal = concept("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "N");
    let seen = with(temperature(), "interpretation", json!([normal]));
    assert_eq!(said(seen), vec![pair("temperature", "38.4 Cel")]);
}

#[test]
fn a_component_is_read_as_the_whole_is() {
    let part = |code: &str, value: u32| {
        json!({
            "code": concept("http://loinc.org", code),
            "valueQuantity": {
                "value": value, "system": "http://unitsofmeasure.org", "code": "mm[Hg]",
            },
        })
    };
    let mut panel = without(temperature(), "valueQuantity");
    panel["code"] = concept("http://loinc.org", "85354-9");
    panel["component"] = json!([part("8480-6", 88), part("8462-4", 50)]);
    assert_eq!(said(panel.clone()), vec![pair("systolic_pressure", "88 mm[Hg]")]);
    panel["component"][0]["dataAbsentReason"] = json!({"text": "cuff off"});
    assert_eq!(refused(panel), [Why::NoValue]);
}

#[test]
fn codes_of_two_facts_both_raise_concern_and_never_reassure() {
    let mut mixed = temperature();
    mixed["code"]["coding"]
        .as_array_mut()
        .unwrap()
        .push(json!({"system": "http://loinc.org", "code": "82810-3"}));
    mixed["valueCodeableConcept"] = concept("http://loinc.org", "LA26683-5");
    assert_eq!(said(mixed.clone()), vec![pair("temperature", ">=38.4 Cel")]);
    assert_eq!(refused(mixed), [Why::Contradictory]);
    let mut both = not_pregnant();
    both["valueCodeableConcept"]["coding"]
        .as_array_mut()
        .unwrap()
        .push(json!({"system": "http://loinc.org", "code": "LA15173-0"}));
    assert_eq!(said(both), vec![pair("possible_pregnancy", "present")]);
}

#[test]
fn an_answer_that_no_row_knows_is_no_answer() {
    for code in ["LA4489-6", "LA32-8", ""] {
        let told = with(not_pregnant(), "valueCodeableConcept", concept("http://loinc.org", code));
        assert_eq!(said(told), vec![], "{code}");
    }
    let text = with(not_pregnant(), "valueCodeableConcept", json!({"text": "Not pregnant"}));
    assert_eq!(refused(text), [Why::NoValue]);
    let boolean =
        with(without(not_pregnant(), "valueCodeableConcept"), "valueBoolean", json!(false));
    assert_eq!(refused(boolean), [Why::NoValue]);
}

fn request(status: &str, date: &str, atc: &str) -> Value {
    json!({
        "resourceType": "MedicationRequest", "id": "m1", "status": status, "intent": "order",
        "subject": {"reference": "Patient/p1"}, "authoredOn": date,
        "medicationCodeableConcept": concept("http://www.whocc.no/atc", atc),
    })
}

#[test]
fn a_request_counts_while_it_is_in_force() {
    let warfarin = vec![pair("anticoagulant", "present")];
    for status in ["active", "on-hold", "unknown", "nonsense"] {
        assert_eq!(said(request(status, "2014-01-01", "B01AA03")), warfarin, "{status}");
    }
    assert_eq!(said(without(request("x", "2014-01-01", "B01AA03"), "status")), warfarin);
    for status in ["completed", "stopped"] {
        assert_eq!(refused(request(status, "2026-11-20", "B01AA03")), [Why::Past], "{status}");
    }
    for status in ["cancelled", "entered-in-error", "draft"] {
        assert_eq!(refused(request(status, "2026-11-20", "B01AA03")), [Why::Status], "{status}");
    }
    let not = with(request("active", "2026-11-20", "B01AA03"), "doNotPerform", json!(true));
    assert_eq!(refused(not), [Why::NotDone]);
    let proposed = with(request("active", "2026-11-20", "B01AA03"), "intent", json!("proposal"));
    assert_eq!(refused(proposed), [Why::NotDone]);
}

#[test]
fn a_medicine_that_was_stopped_counts_as_long_as_its_row_looks_back() {
    let antibiotics = vec![pair("recent_antibiotics", "present")];
    assert_eq!(said(request("completed", "2026-11-10", "J01CA04")), antibiotics);
    assert_eq!(refused(request("completed", "2026-09-10", "J01CA04")), [Why::TooOld]);
    assert_eq!(said(request("active", "2026-09-10", "J01CA04")), antibiotics);
    let mut long = request("stopped", "2026-09-10", "J01CA04");
    long["dispenseRequest"] = json!({"validityPeriod": {"end": "2026-11-20"}});
    assert_eq!(said(long), antibiotics);
}

#[test]
fn a_statement_that_it_is_not_taken_says_nothing() {
    let statement = |status: &str| {
        json!({
            "resourceType": "MedicationStatement", "id": "m2", "status": status,
            "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2026-11-01",
            "medicationCodeableConcept":
                concept("http://www.nlm.nih.gov/research/umls/rxnorm", "1364430"),
        })
    };
    for status in ["active", "intended", "on-hold", "unknown"] {
        assert_eq!(said(statement(status)), vec![pair("anticoagulant", "present")], "{status}");
    }
    assert_eq!(refused(statement("not-taken")), [Why::NotDone]);
    assert_eq!(refused(statement("entered-in-error")), [Why::Status]);
    assert_eq!(refused(statement("completed")), [Why::Past]);
}

#[test]
fn a_medicine_is_found_by_reference_contained_and_by_its_ingredients() {
    let medication = json!({
        "resourceType": "Medication", "id": "med",
        "ingredient": [{"itemCodeableConcept": concept("http://www.whocc.no/atc", "B01AF02")}],
    });
    let mut request = without(request("active", "2026-11-01", "x"), "medicationCodeableConcept");
    request["medicationReference"] = json!({"reference": "Medication/med"});
    let chart = chart_of(&bundle(vec![patient(), medication.clone(), request.clone()]));
    assert!(chart.findings.iter().any(|found| found.fact == "anticoagulant"));
    assert_eq!(said(request.clone()), vec![]);
    request["medicationReference"] = json!({"reference": "#med"});
    request["contained"] = json!([medication]);
    assert_eq!(said(request), vec![pair("anticoagulant", "present")]);
}

#[test]
fn an_allergy_counts_unless_refuted_or_over() {
    let allergy = |verification: &str, clinical: &str| {
        let system =
            |name: &str| format!("http://terminology.hl7.org/CodeSystem/allergyintolerance-{name}");
        json!({
            "resourceType": "AllergyIntolerance", "id": "a1",
            "patient": {"reference": "Patient/p1"},
            "verificationStatus": concept(&system("verification"), verification),
            "clinicalStatus": concept(&system("clinical"), clinical),
            "code": {"text": "painkiller"},
            "reaction": [{"substance":
                concept("http://www.nlm.nih.gov/research/umls/rxnorm", "5640")}],
        })
    };
    assert_eq!(said(allergy("confirmed", "active")), vec![pair("nsaid_allergy", "present")]);
    assert_eq!(said(allergy("unconfirmed", "active")), vec![pair("nsaid_allergy", "present")]);
    assert_eq!(refused(allergy("refuted", "active")), [Why::Refuted]);
    assert_eq!(refused(allergy("entered-in-error", "active")), [Why::Refuted]);
    assert_eq!(refused(allergy("confirmed", "resolved")), [Why::Past]);
}

#[test]
fn a_procedure_counts_if_it_was_done_or_begun() {
    let procedure = |status: &str, date: &str| {
        json!({
            "resourceType": "Procedure", "id": "x1", "status": status,
            "subject": {"reference": "Patient/p1"}, "performedDateTime": date,
            "code": concept("http://snomed.info/sct", "387731002"),
        })
    };
    let recent = vec![pair("spinal_procedure", "present"), pair("spine_surgery", "recent")];
    for status in ["completed", "in-progress", "stopped", "unknown"] {
        assert_eq!(said(procedure(status, "2026-11-01")), recent, "{status}");
    }
    // One of 2019 says nothing: it must not rule out another of last week.
    assert_eq!(refused(procedure("completed", "2019-05")), [Why::TooOld, Why::TooOld]);
    for status in ["not-done", "preparation", "on-hold"] {
        assert!(refused(procedure(status, "2026-11-01")).iter().all(|why| *why == Why::NotDone));
        assert_eq!(said(procedure(status, "2026-11-01")), vec![], "{status}");
    }
    assert_eq!(said(procedure("entered-in-error", "2026-11-01")), vec![]);
    assert_eq!(said(without(procedure("completed", ""), "performedDateTime")), recent);
}

#[test]
fn a_device_counts_even_when_it_is_inactive() {
    let device = |status: &str| {
        json!({
            "resourceType": "Device", "id": "d1", "status": status,
            "patient": {"reference": "Patient/p1"},
            "type": concept("http://snomed.info/sct", "14106009"),
        })
    };
    for status in ["active", "inactive", "unknown", "nonsense"] {
        let found = vec![pair("pacemaker_or_defibrillator", "model_unknown")];
        assert_eq!(said(device(status)), found, "{status}");
    }
    assert_eq!(refused(device("entered-in-error")), [Why::Status]);
}

#[test]
fn our_own_answers_count_and_alone_can_say_absent() {
    let absent = vec![pair("diabetes", "absent")];
    assert_eq!(said(no_diabetes()), absent);
    assert_eq!(said(with(no_diabetes(), "status", json!("amended"))), absent);
    for status in [json!("in-progress"), json!("stopped"), json!(null)] {
        let unfinished = with(no_diabetes(), "status", status);
        assert_eq!(refused(unfinished), [Why::StatusNotFinal]);
    }
    let wrong = with(no_diabetes(), "status", json!("entered-in-error"));
    assert_eq!(refused(wrong), [Why::Status]);
    assert_eq!(refused(without(no_diabetes(), "authored")), [Why::NoTime]);
    let versions = [
        format!("{BASE}/Questionnaire/back-pain-staff"),
        format!("{BASE}/Questionnaire/back-pain-staff|0.0.1"),
    ];
    for version in versions {
        let other = with(no_diabetes(), "questionnaire", json!(version));
        assert_eq!(refused(other), [Why::AnotherQuestionnaire]);
    }
    let foreign = with(no_diabetes(), "questionnaire", json!("https://x.example/Questionnaire/y"));
    assert_eq!(said(foreign.clone()), vec![]);
    assert_eq!(chart_of(&bundle(vec![patient(), foreign])).unknown["QuestionnaireResponse"], 1);
}

#[test]
fn an_answer_in_another_form_is_none() {
    let answered = |answer: Value| {
        let mut response = no_diabetes();
        response["item"][0]["item"][0]["answer"] = answer;
        response
    };
    for answer in [
        json!([{"valueBoolean": false}]),
        json!([{"valueString": "absent"}]),
        json!([{"valueCoding": {"system": "urn:x", "code": "absent"}}]),
        json!([{"valueCoding": {"code": "absent"}}]),
        json!([{"valueCoding": {"system": format!("{BASE}/CodeSystem/answers"), "code": "declined"}}]),
        json!([]),
        json!(null),
    ] {
        assert_eq!(said(answered(answer.clone())), vec![], "{answer}");
    }
    let coding = |code: &str| json!({"valueCoding": {"system": format!("{BASE}/CodeSystem/answers"), "code": code}});
    assert_eq!(said(answered(json!([coding("absent"), coding("present")]))), diabetes());
    assert_eq!(said(answered(json!([coding("absent"), coding("absent")]))), vec![]);
}
