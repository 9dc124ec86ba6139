//! An EHR that answers badly, about a patient in whom one thing makes the whole difference: the
//! physician has cleared everything except known cancer, and of that only the chart knows. Read
//! well, the chart warns; had it said "no cancer", the patient would go home without a picture.
//! Whatever goes wrong on the way must not look like that "no".

use cauda_ehr_stand_in::{Answered, Faults, Gate, Happening, PrefetchFault};
use cauda_guideline::facts::{Kind, Role};
use cauda_pathway::command::{Action, Found};
use cauda_pathway::event::FindingSaid;
use cauda_pathway::identity::{Actor, ActorId, CommandId, StaffRole, VisitId};
use serde_json::{Value, json};

use crate::ehr::{Hospital, LUMBAR, body, draft};
use crate::house::{MORNING, guideline};

mod hostile;

use hostile::Hostile;

const IMAGING: &str = "/cds-services/back-pain-imaging";
const CANCER: &str = "known_cancer";
/// Findings that go into the record at once.
const PART: usize = 150;

/// The patient as the EHR has them, with the number the department knows.
fn patient(hospital: &Hospital) -> Value {
    json!({
        "resourceType": "Patient", "id": "strain", "birthDate": "1988-01-01",
        "identifier": [{
            "system": hospital.ehr.registration().patient_number_system, "value": "S-strain",
        }],
    })
}

fn cancer() -> Value {
    json!({
        "resourceType": "Condition", "id": "strain-cancer",
        "clinicalStatus": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active",
        }]},
        "code": {"coding": [{
            "system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "C50.919",
        }]},
        "subject": {"reference": "Patient/strain"},
        "recordedDate": "2024-03-01T09:00:00Z",
    })
}

fn bundle(resources: &[Value]) -> Value {
    let entries: Vec<Value> = resources.iter().map(|one| json!({ "resource": one })).collect();
    json!({"resourceType": "Bundle", "type": "searchset", "entry": entries})
}

/// A hospital in which the physician has cleared the patient of everything but these facts.
fn cleared_but(facts: &[&str]) -> Hospital {
    cleared(Hospital::open(), facts)
}

fn cleared(hospital: Hospital, facts: &[&str]) -> Hospital {
    let mut nurse = hospital.house.as_role("Triage nurse");
    let fields = [
        ("number", "S-strain"),
        ("name", "Nora Vik"),
        ("born", "1988-01-01"),
        ("sex", "female"),
        ("allergies", "none"),
    ];
    let page = nurse.get("/arrival");
    let sent = nurse.send(&page, "/arrival", &fields);
    let path = sent.location.unwrap_or_else(|| panic!("{}", sent.text));
    let id = path.split('/').nth(2).unwrap().split('?').next().unwrap();
    let visit = VisitId::new(id).unwrap();
    let physician =
        Actor { id: ActorId::new("chaos.physician").unwrap(), role: StaffRole::Physician };
    let guideline = guideline();
    let entered = guideline.entered_facts().filter(|(_, fact)| !facts.contains(&&*fact.id));
    let findings: Vec<FindingSaid> = entered
        .map(|(_, fact)| FindingSaid {
            fact: fact.id.clone(),
            value: match &fact.kind {
                Kind::Named { values, clear, .. } => values[*clear].clone(),
                Kind::Quantity(quantity) => quantity.text(quantity.clear),
            },
            said_by: Role::Physician,
            at: MORNING,
            limited_by_pain: false,
        })
        .collect();
    for (at, part) in findings.chunks(PART).enumerate() {
        let found = Found { findings: part.to_vec(), signed: Vec::new() };
        let command = CommandId::new(format!("clear-{at}")).unwrap();
        let department = &hospital.house.server().department;
        let acting = department.act(&physician, &visit, &command, Action::Record { found });
        if let Err(why) = hospital.house.runtime.block_on(acting) {
            panic!("{why:?}");
        }
    }
    hospital
}

/// What was last written down of an answer.
fn asked(hospital: &Hospital) -> Value {
    let recorded = hospital.recorded();
    let last = recorded.into_iter().rev().find(|(kind, _)| kind == "consult_asked");
    last.unwrap().1
}

/// A call with that prefetch and no way to ask for more; each of an encounter of its own, or
/// earlier cards would count.
fn sent(hospital: &Hospital, name: &str, prefetch: Value) -> Value {
    let mut call = body("order-sign", "strain", &[draft("d1", "strain", LUMBAR)], prefetch);
    call["context"]["encounterId"] = json!(name);
    let answer = hospital.post(IMAGING, &call);
    assert_eq!(answer.status, 200, "{name}: {}", answer.text);
    answer.body
}

/// The order screen fires; what it did not send along is fetched.
fn fired(hospital: &Hospital, name: &str) -> Answered {
    let happening = Happening {
        hook: "order-sign".to_string(),
        patient: "strain".to_string(),
        encounter: Some(format!("visit-{name}")),
        drafts: vec![draft("d1", "strain", LUMBAR)],
        selections: Vec::new(),
    };
    let mut answers = hospital.runtime.block_on(hospital.ehr.call(&happening)).unwrap();
    let answer = answers.remove(0);
    assert_eq!(answer.status, Some(200), "{name}: {:?}", answer.missing);
    assert!(answer.complaints.is_empty(), "{name}: {:?}", answer.complaints);
    answer
}

fn summary(answer: &Value) -> &str {
    answer["cards"][0]["summary"].as_str().unwrap_or_default()
}

/// Nothing was decided, nothing rated, and somebody is told so.
fn does_not_reassure(hospital: &Hospital, name: &str, summary: &str, rated: bool) {
    assert!(summary.starts_with("Cannot decide yet"), "{name}: {summary:?}");
    assert!(!rated, "{name}: rated");
    let asked = asked(hospital);
    assert_eq!(asked["answer"]["verdict"]["decided"], json!(false), "{name}: {asked}");
}

#[test]
fn the_one_thing_makes_the_whole_difference() {
    let hospital = cleared_but(&[]);
    let patient = patient(&hospital);
    let calm = sent(&hospital, "clear", json!({ "patient": patient, "conditions": bundle(&[]) }));
    assert!(summary(&calm).starts_with("No picture of the spine"), "{calm}");
    assert_eq!(asked(&hospital)["answer"]["verdict"]["decided"], json!(true));
    let hospital = cleared_but(&[CANCER]);
    let found = json!({ "patient": patient, "conditions": bundle(&[cancer()]) });
    let warned = sent(&hospital, "cancer", found);
    assert!(summary(&warned).contains("cancer"), "{warned}");
    assert_eq!(asked(&hospital)["answer"]["verdict"]["decided"], json!(true));
}

#[test]
fn r052_whatever_is_sent_in_place_of_the_conditions_is_no_answer() {
    let hospital = cleared_but(&[CANCER]);
    let changed = |change: fn(&mut Value)| {
        let mut condition = cancer();
        change(&mut condition);
        bundle(&[condition])
    };
    let outcome = json!({"resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "exception"}]});
    let mut paged = bundle(&[]);
    paged["total"] = json!(1);
    paged["link"] = json!([{"relation": "next", "url": "http://127.0.0.1:1/fhir?page=2"}]);
    let mut untyped = bundle(&[]);
    untyped.as_object_mut().unwrap().remove("type");
    let instead = [
        ("null", Value::Null),
        ("outcome", outcome.clone()),
        ("outcome-in-a-bundle", bundle(&[outcome])),
        ("no-entries", bundle(&[])),
        ("untyped", untyped),
        ("paged", paged),
        ("entry-null", json!({"resourceType": "Bundle", "type": "searchset", "entry": null})),
        ("entry-odd", json!({"resourceType": "Bundle", "type": "searchset", "entry": [null, 1]})),
        ("resource-null", json!({"resourceType": "Bundle", "entry": [{"resource": null}]})),
        ("another-type", json!({"resourceType": "Patient", "id": "strain"})),
        ("false", json!(false)),
        ("zero", json!(0)),
        ("text", json!("none")),
        ("list", json!([])),
        ("object", json!({})),
        ("of-another", changed(|one| one["subject"]["reference"] = json!("Patient/other"))),
        ("no-code", changed(|one| one["code"] = Value::Null)),
        ("empty-coding", changed(|one| one["code"] = json!({"coding": [{}]}))),
        ("no-coding", changed(|one| one["code"] = json!({"coding": []}))),
        ("code-null", changed(|one| one["code"]["coding"][0]["code"] = Value::Null)),
        ("no-system", changed(|one| one["code"]["coding"][0]["system"] = Value::Null)),
        ("words", changed(|one| one["code"] = json!({"text": "Breast cancer"}))),
    ];
    let patient = patient(&hospital);
    for (name, conditions) in instead {
        let answer = sent(&hospital, name, json!({ "patient": patient, "conditions": conditions }));
        let rated = answer.get("systemActions").is_some() || answer.get("extension").is_some();
        does_not_reassure(&hospital, name, summary(&answer), rated);
    }
    // What stands there about nobody in particular counts where it warns.
    let nobody = changed(|one| one["subject"] = Value::Null);
    let warned = sent(&hospital, "nobody", json!({ "patient": patient, "conditions": nobody }));
    assert!(summary(&warned).contains("cancer"), "{warned}");
    let absent = sent(&hospital, "absent", json!({ "patient": patient }));
    does_not_reassure(&hospital, "absent", summary(&absent), false);
}

#[test]
fn r052_the_order_screens_own_faults_are_no_answer_either() {
    let hospital = cleared_but(&[CANCER]);
    hospital.ehr.add(cancer()).unwrap();
    for (name, fault) in [
        ("null", PrefetchFault::Null),
        ("outcome", PrefetchFault::Outcome),
        ("absent", PrefetchFault::Absent),
    ] {
        hospital.faults(|faults| {
            faults.no_access = true;
            faults.prefetch.insert("conditions".to_string(), fault);
        });
        let answer = fired(&hospital, name);
        let rated = !answer.system_actions.is_empty();
        does_not_reassure(&hospital, name, &answer.cards[0].summary, rated);
    }
    // The cancer stands on a page that nobody can turn to.
    hospital.faults(|faults| {
        faults.prefetch.clear();
        faults.page_size = Some(1);
    });
    let answer = fired(&hospital, "page");
    does_not_reassure(&hospital, "page", &answer.cards[0].summary, false);
}

#[test]
fn r034_a_fhir_server_that_fails_gives_no_answer_and_one_that_pages_is_read_on() {
    let hospital = cleared_but(&[CANCER]);
    hospital.ehr.add(cancer()).unwrap();
    for fault in ["500", "401", "truncated", "paged"] {
        hospital.faults(|faults| {
            *faults = Faults::default();
            faults.prefetch.insert("conditions".to_string(), PrefetchFault::Absent);
            match fault {
                "500" => faults.fhir_status = Some(500),
                "401" => faults.fhir_status = Some(401),
                "truncated" => faults.truncated = true,
                _ => faults.page_size = Some(1),
            }
        });
        let answer = fired(&hospital, fault);
        let summary = &answer.cards[0].summary;
        match fault {
            "paged" => assert!(summary.contains("cancer"), "{summary}"),
            _ => does_not_reassure(&hospital, fault, summary, !answer.system_actions.is_empty()),
        }
    }
}

#[test]
fn r027_an_answer_goes_out_while_the_ehr_is_still_thinking() {
    let hospital = cleared_but(&[CANCER]);
    hospital.ehr.add(cancer()).unwrap();
    let gate = Gate::default();
    hospital.faults(|faults| {
        faults.fhir_gate = Some(gate.clone());
        faults.prefetch.insert("conditions".to_string(), PrefetchFault::Absent);
    });
    // The order screen gives up after two seconds; the gate is shut for good.
    let answer = fired(&hospital, "slow");
    hospital.runtime.block_on(gate.came(1));
    does_not_reassure(&hospital, "slow", &answer.cards[0].summary, false);
    assert_eq!(asked(&hospital)["at"], json!(MORNING), "it was written down as well");
    gate.open();
}

/// An EHR whose FHIR server is hostile in these ways, one call after the other.
fn is_asked_in_vain(all: &[Hostile]) {
    let (base, told) = Hostile::listen(all.to_vec(), &bundle(&[cancer()]).to_string());
    let at = base.clone();
    let hospital = cleared(
        Hospital::with(move |ehr| {
            ehr.registered[0].fhir_base = at;
            ehr.smart.clear();
        }),
        &[CANCER],
    );
    let mut prefetch = json!({ "patient": patient(&hospital) });
    for key in ["encounter", "observations", "medications", "allergies", "procedures", "orders"] {
        prefetch[key] = Value::Null;
    }
    prefetch["statements"] = Value::Null;
    prefetch["devices"] = Value::Null;
    for hostile in all {
        let name = format!("{hostile:?}");
        let mut call = body("order-sign", "strain", &[draft("d1", "strain", LUMBAR)], Value::Null);
        call["prefetch"] = prefetch.clone();
        call["context"]["encounterId"] = json!(name);
        call["fhirServer"] = json!(base);
        call["fhirAuthorization"] = json!({
            "access_token": "a-token", "token_type": "Bearer", "expires_in": 300,
            "scope": "patient/*.rs", "subject": "cauda", "patient": "strain",
        });
        let answer = hospital.post(IMAGING, &call);
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        does_not_reassure(&hospital, &name, summary(&answer.body), false);
        // It was asked, and nobody waits for it any longer.
        assert_eq!(format!("{:?}", told.recv().unwrap()), name);
    }
}

#[test]
fn r027_a_fhir_server_that_never_ends_is_let_go_of() {
    is_asked_in_vain(&[Hostile::Silent, Hostile::Half, Hostile::Endless]);
}

#[test]
fn r034_what_is_no_whole_answer_is_none() {
    is_asked_in_vain(&[Hostile::Gone, Hostile::Page, Hostile::Deep, Hostile::Twice]);
}

#[test]
fn r148_feedback_that_comes_late_or_again_is_kept_once_and_silences_no_danger() {
    let mut hospital = Hospital::open();
    let order = || vec![draft("d1", "infection", LUMBAR)];
    let first = hospital.fire("order-sign", "infection", order());
    let card = first.cards[0].uuid.clone().unwrap();
    let path = format!("{IMAGING}/feedback");
    let aside = json!({"card": card, "outcome": "overridden",
        "outcomeTimestamp": "2026-11-26T09:00:05Z", "overrideReason": {"userComment": "later"}});
    let kept = |hospital: &Hospital| {
        hospital.recorded().iter().filter(|(kind, _)| kind == "card_feedback").count()
    };
    // Twice in one report, and again after a weekend and after a restart.
    let twice = json!({ "feedback": [aside, aside] });
    assert_eq!(hospital.post(&path, &twice).status, 200);
    hospital.house.clock.pass(3 * 86_400);
    assert_eq!(hospital.post(&path, &json!({ "feedback": [aside] })).status, 200);
    let address = hospital.house.server().address;
    hospital.house.close();
    hospital.house.config.listen = address;
    hospital.house.config.demo = false;
    hospital.house.open();
    assert_eq!(hospital.post(&path, &json!({ "feedback": [aside] })).status, 200);
    assert_eq!(kept(&hospital), 1);
    let again = hospital.fire("order-sign", "infection", order());
    assert_eq!(again.cards[0].indicator, "warning", "{:?}", again.cards);
    // Of what is half right nothing is kept.
    let half = json!({"feedback": [
        {"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-11-27T09:00:00Z"},
        {"card": card, "outcome": "ignored", "outcomeTimestamp": "2026-11-27T09:00:00Z"},
    ]});
    assert_eq!(hospital.post(&path, &half).status, 400);
    assert_eq!(kept(&hospital), 1);
}

#[test]
fn lesson_4_three_calls_for_one_order_rate_it_alike() {
    let hospital = cleared_but(&[]);
    let prefetch = json!({ "patient": patient(&hospital), "conditions": bundle(&[]) });
    let rated = |hook: &str| {
        let orders = [draft("d1", "strain", LUMBAR)];
        let mut call = body(hook, "strain", &orders, prefetch.clone());
        call["hookInstance"] = json!(uuid::Uuid::now_v7().to_string());
        let answer = hospital.post(IMAGING, &call);
        answer.body["systemActions"][0]["resource"]["extension"].clone()
    };
    let first = rated("order-select");
    assert!(first.to_string().contains("not-appropriate"), "{first}");
    assert_eq!([rated("order-select"), rated("order-sign")], [first.clone(), first]);
}

#[test]
fn lessons_5_and_6_a_token_is_for_one_address_and_a_script_may_bring_it() {
    let hospital = Hospital::open();
    let origin = hospital.ehr.base_url();
    let asked = [
        ("origin", origin.as_str()),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "authorization"),
    ];
    let allowed = hospital.options("/cds-services", &asked);
    let headers = allowed.header("access-control-allow-headers").unwrap();
    assert!(headers.contains("authorization"), "{headers}");
    let feedback = format!("{IMAGING}/feedback");
    let none = json!({ "feedback": [] }).to_string();
    for (path, of, status) in [
        (&*feedback, &*feedback, 200),
        (&*feedback, IMAGING, 401),
        (&*feedback, "/cds-services", 401),
        (IMAGING, &*feedback, 401),
    ] {
        let answer = hospital.post_text(path, &none, &hospital.token(of), &[]);
        assert_eq!(answer.status, status, "{path} with a token for {of}");
    }
}

#[test]
fn lesson_8_without_an_app_to_open_a_card_says_all() {
    let hospital = Hospital::with(|ehr| ehr.smart.clear());
    let answer = hospital.fire("order-sign", "strain", vec![draft("d1", "strain", LUMBAR)]);
    let card = &answer.cards[0];
    assert!(card.links.iter().all(|link| !link.smart), "{:?}", card.links);
    assert!(card.detail.as_deref().unwrap().contains("**Not known yet**"), "{:?}", card.detail);
}
