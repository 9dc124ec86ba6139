//! Every kind of resource for every kind of patient, written for validators that nobody here wrote.
//! `CAUDA_FHIR_OUT` names the folder; without it they go to a folder of their own under target.

use std::fs;
use std::path::PathBuf;

use cauda_fhir_service::{
    Asking, Audience, Form, Found, Intent, Owner, Readable, Standing, apply, capability_statement,
    code_systems, decided_visit_bundle, extract, guidance_response, next_question, observations,
    operation_outcome, parameters, populate, provenance, questionnaire, request_group,
    service_request, standing_order, task,
};
use cauda_guideline::facts::Role;
use cauda_guideline::resolve::Entries;
use serde_json::{Value, json};

use crate::patients::{Patient, about, base, guideline, now, patients};

struct Out {
    folder: PathBuf,
    written: usize,
}

impl Out {
    fn write(&mut self, name: &str, resource: &Value) {
        let text = serde_json::to_string_pretty(resource).unwrap();
        // Read back as strictly as we read others.
        assert_eq!(cauda_fhir::read(text.as_bytes()).as_ref(), Ok(resource), "{name}");
        fs::write(self.folder.join(format!("{name}.json")), text).unwrap();
        self.written += 1;
    }
}

/// An order of an EHR as it stands on the board.
fn standing() -> Value {
    standing_order(&Standing {
        id: "3fb715e6c83bfb1c764ddd18",
        version: 2,
        identifier: ("urn:oid:1.2.3.4", "P-1"),
        status: "on-hold",
        priority: "stat",
        code: Some("MRB"),
        code_system: Some("urn:oid:1.2.3.5"),
        scanned: "MRI brain",
        number: ("urn:oid:1.2.3.9", "H-77"),
        name: Some("Meier, Ada"),
        authored: 1_795_683_600,
        start: Some(1_795_770_000),
        requester: "Hill, Ann",
        why: Some("first seizure"),
        note: Some("sedation first".to_string()),
    })
}

#[test]
fn examples_are_written() {
    let own = || PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("fhir-examples");
    let folder = std::env::var_os("CAUDA_FHIR_OUT").map_or_else(own, PathBuf::from);
    fs::create_dir_all(&folder).unwrap();
    let mut out = Out { folder, written: 0 };
    for form in Form::all() {
        let name = format!("questionnaire-{}", form.id(guideline()));
        out.write(&name, &questionnaire(base(), guideline(), &form));
    }
    for (at, system) in code_systems(base(), guideline()).iter().enumerate() {
        out.write(&format!("code-system-{at}"), system);
    }
    let readable = Readable {
        types: &["Questionnaire", "PlanDefinition", "CodeSystem"],
        operations: &["populate", "next-question", "extract", "apply"],
        security: "SMART backend services; TLS only",
        smart: true,
        orders: true,
    };
    let statement = capability_statement(base(), guideline(), now(), &readable);
    out.write("capability-statement", &statement);
    out.write("order", &standing());
    answers(&mut out);
    for patient in patients() {
        decided(&mut out, &patient);
    }
    assert!(out.written > 60, "{}", out.written);
}

fn answers(out: &mut Out) {
    let form = Form { audience: Audience::Staff, stage: None };
    let source = "Observation/5";
    let found = |fact, value| Found { fact, value, at: now() - 60, source };
    let of = [
        found("temperature", "38.4 Cel"),
        found("c_reactive_protein", "<5 mg/L"),
        found("saddle_numbness", "new"),
        found("known_cancer", "declined"),
        found("heart_rate", "not known"),
        found("oxygen_saturation", "97"),
    ];
    let done = populate(&about(), guideline(), &form, &of, None).unwrap();
    out.write("populated", &done.response);
    out.write("populated-issues", &done.issues);
    let mut response = done.response;
    response["status"] = json!("completed");
    let extracted = extract(&about(), guideline(), &response).unwrap();
    out.write("extracted-without-id", &extracted.bundle.unwrap());
    response["id"] = json!("r1");
    let extracted = extract(&about(), guideline(), &response).unwrap();
    out.write("extracted", &extracted.bundle.unwrap());
    out.write("extracted-issues", &extracted.issues);

    let known = Entries::default();
    let asking = Asking { form, by: Role::Nurse, known: &known };
    let mut next = next_question(&about(), guideline(), &asking, None).unwrap();
    out.write("next-question-first", &next.response);
    for turn in 0..12 {
        let Some(asks) = next.asks.clone() else { break };
        let items = next.response["contained"][0]["item"].as_array().unwrap();
        let item = items.iter().find(|item| item["linkId"] == asks.as_str()).unwrap();
        if item["type"] == "choice" && turn % 3 != 0 {
            let answer = item["answerOption"][turn % 2].clone();
            let list = next.response.as_object_mut().unwrap();
            let list = list.entry("item").or_insert_with(|| json!([])).as_array_mut().unwrap();
            list.push(json!({ "linkId": asks, "answer": [answer] }));
        }
        next = next_question(&about(), guideline(), &asking, Some(&next.response)).unwrap();
    }
    out.write("next-question-later", &next.response);
    let mut odd = next.response.clone();
    odd["item"] = json!([{ "linkId": "nothing", "answer": [{ "valueBoolean": true }] }]);
    let next = next_question(&about(), guideline(), &asking, Some(&odd)).unwrap();
    let issues = operation_outcome(&next.issues);
    let back = parameters(&[("return", &next.response), ("issues", &issues)]);
    out.write("next-question-issues", &issues);
    out.write("next-question-parameters", &back);
}

fn decided(out: &mut Out, patient: &Patient) {
    let (name, decision, findings) = (patient.name, &patient.decision, &patient.findings);
    let about = about();
    let plan = apply(&about, guideline(), decision, None);
    out.write(&format!("{name}-care-plan"), &plan);
    let guidance = guidance_response(&about, guideline(), decision, None);
    out.write(&format!("{name}-guidance-response"), &guidance);
    let scans: Vec<String> =
        (0..decision.imaging.len()).map(|at| format!("ServiceRequest/s{at}")).collect();
    // Alone it holds what it points at, as a resource that holds others may.
    let mut held = request_group(&about, guideline(), decision, Some(&scans));
    let mut group = held.remove(0);
    group["contained"] = json!(held);
    if held.is_empty() {
        group.as_object_mut().unwrap().remove("contained");
    }
    out.write(&format!("{name}-request-group"), &group);
    let bundle = decided_visit_bundle(&about, guideline(), decision, findings, "visit-1");
    out.write(&format!("{name}-decided-visit"), &bundle);
    for (at, image) in decision.imaging.iter().enumerate() {
        let rests = ["Observation/5".to_string()];
        let intent = Intent::Plan;
        let request = service_request(&about, guideline(), decision, image, intent, &rests);
        out.write(&format!("{name}-service-request-{at}"), &request);
    }
    for (at, action) in decision.actions.iter().take(2).enumerate() {
        let owner =
            if at == 0 { Owner::Known("PractitionerRole/3") } else { Owner::Words("a nurse") };
        let until = Some(now() + 900);
        let made = task(&about, decision, action, owner, until, Some("ServiceRequest/s0"));
        out.write(&format!("{name}-task-{at}"), &made.unwrap());
    }
    for (fact, observation) in observations(&about, guideline(), findings) {
        out.write(&format!("{name}-observation-{fact}"), &observation);
    }
    let made = provenance(&about, guideline(), &scans_or_plan(&scans), &[]);
    out.write(&format!("{name}-provenance"), &made);
}

fn scans_or_plan(scans: &[String]) -> Vec<String> {
    match scans {
        [] => vec!["CarePlan/c1".to_string()],
        scans => scans.to_vec(),
    }
}
