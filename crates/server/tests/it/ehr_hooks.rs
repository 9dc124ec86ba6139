//! CDS Hooks over HTTP, as an EHR calls: who is let in, what is answered, what is recorded, and
//! what happens when anything is odd, late, sent twice or sent by somebody else.

use cauda_ehr_stand_in::{Gate, Outcome, PrefetchFault, Signer};
use serde_json::{Value, json};

use crate::ehr::{Hospital, LUMBAR, adult, body, draft};

const IMAGING: &str = "/cds-services/back-pain-imaging";

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

#[test]
fn r004_r005_r006_r013_discovery_lists_the_services_to_a_registered_ehr() {
    let hospital = Hospital::open();
    let token = bearer(&hospital.token("/cds-services"));
    let listed = hospital.get("/cds-services", &[("authorization", &token)]);
    assert_eq!(listed.status, 200);
    assert!(listed.header("content-type").unwrap().starts_with("application/json"));
    let services = listed.body["services"].as_array().unwrap();
    let hooks: Vec<&str> = services.iter().map(|one| one["hook"].as_str().unwrap()).collect();
    assert_eq!(hooks, ["order-select", "order-sign", "encounter-discharge"]);
}

#[test]
fn r016_r074_a_service_answers_at_its_id_with_cards() {
    let hospital = Hospital::open();
    let prefetch = json!({ "patient": adult("strain") });
    let call = body("order-sign", "strain", &[draft("d1", "strain", LUMBAR)], prefetch);
    let answer = hospital.post(IMAGING, &call);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let cards = answer.body["cards"].as_array().unwrap();
    assert_eq!(cards.len(), 1, "{}", answer.text);
    assert!(cards[0]["summary"].as_str().unwrap().starts_with("Cannot decide yet"));
    assert!(answer.body.get("systemActions").is_none(), "undecided is never rated");
    let nobody = hospital.post("/cds-services/unknown", &call);
    assert_eq!(
        (nobody.status, nobody.body["resourceType"].as_str()),
        (404, Some("OperationOutcome"))
    );
}

#[test]
fn r054_without_the_patient_and_without_access_it_is_412() {
    let hospital = Hospital::open();
    let call = body("order-sign", "strain", &[draft("d1", "strain", LUMBAR)], json!({}));
    let answer = hospital.post(IMAGING, &call);
    assert_eq!(answer.status, 412, "{}", answer.text);
    assert_eq!(answer.body["resourceType"], "OperationOutcome");
    assert!(answer.text.contains("prefetch.patient"), "{}", answer.text);
    assert!(hospital.recorded().is_empty());
}

#[test]
fn r034_r060_r061_what_was_not_sent_is_fetched_with_the_token_of_the_call() {
    let hospital = Hospital::open();
    hospital.faults(|faults| {
        faults.prefetch.insert("*".to_string(), PrefetchFault::Absent);
    });
    let answer = hospital.fire("order-sign", "infection", vec![draft("d1", "infection", LUMBAR)]);
    assert_eq!(answer.status, Some(200));
    assert!(answer.complaints.is_empty(), "{:?}", answer.complaints);
    // Fever and a high CRP stand in the chart alone, so they were fetched.
    let recorded = hospital.recorded();
    let (_, asked) = recorded.iter().find(|(kind, _)| kind == "consult_asked").unwrap();
    assert_ne!(asked["answer"]["verdict"]["acted_on"], "none", "{asked}");
    let read = recorded.iter().find(|(kind, _)| kind == "chart_read").unwrap();
    assert!(read.1["findings"].to_string().contains("38.9"), "{}", read.1);
    let asked_there: Vec<_> =
        hospital.ehr.traffic().into_iter().map(|one| format!("{one:?}")).collect();
    assert!(asked_there.iter().any(|one| one.contains("Observation")), "{asked_there:?}");
}

#[test]
fn r052_none_of_the_four_states_becomes_a_no() {
    let hospital = Hospital::open();
    for fault in [PrefetchFault::Null, PrefetchFault::Outcome, PrefetchFault::Absent] {
        hospital.faults(|faults| {
            faults.no_access = true;
            faults.prefetch.clear();
            for key in ["conditions", "observations", "medications", "allergies", "procedures"] {
                faults.prefetch.insert(key.to_string(), fault);
            }
        });
        let answer = hospital.fire("order-sign", "strain", vec![draft("d1", "strain", LUMBAR)]);
        let summary = answer.cards.first().map(|card| card.summary.clone()).unwrap_or_default();
        assert!(
            summary.starts_with("Cannot decide yet") || answer.cards.is_empty(),
            "{fault:?}: {summary}"
        );
        assert!(answer.system_actions.is_empty(), "{fault:?}");
    }
    let asked: Vec<Value> = hospital
        .recorded()
        .into_iter()
        .filter(|(kind, _)| kind == "consult_asked")
        .map(|(_, asked)| asked["answer"]["verdict"]["decided"].clone())
        .collect();
    assert!(asked.len() >= 3 && asked.iter().all(|decided| *decided == json!(false)), "{asked:?}");
}

#[test]
fn r027_an_ehr_that_does_not_answer_costs_data_and_never_the_card() {
    let hospital = Hospital::open();
    let gate = Gate::default();
    hospital.faults(|faults| {
        faults.fhir_gate = Some(gate.clone());
        faults.prefetch.insert("observations".to_string(), PrefetchFault::Absent);
    });
    // The gate stays shut: an answer can only come by giving up on the EHR.
    let answer = hospital.fire("order-sign", "infection", vec![draft("d1", "infection", LUMBAR)]);
    assert_eq!(answer.status, Some(200));
    assert_eq!(answer.cards.len(), 1);
    gate.open();
}

#[test]
fn a_chart_with_danger_makes_a_card_with_the_right_order() {
    let hospital = Hospital::open();
    let answer = hospital.fire("order-sign", "infection", vec![draft("d1", "infection", LUMBAR)]);
    assert!(answer.complaints.is_empty(), "{:?}", answer.complaints);
    let card = &answer.cards[0];
    assert_eq!(card.indicator, "warning", "{}", card.summary);
    assert!(card.summary.starts_with("MRI within 24 hours"), "{}", card.summary);
    assert!(card.summary.chars().count() < 140);
    assert!(!card.suggestions.is_empty() && !card.override_reasons.is_empty());
    assert!(card.links.iter().any(|link| link.smart && link.app_context.is_some()));
}

#[test]
fn r148_feedback_is_kept_once_and_a_change_of_mind_is_added() {
    let hospital = Hospital::open();
    let answer = hospital.fire("order-sign", "infection", vec![draft("d1", "infection", LUMBAR)]);
    let card = answer.cards[0].uuid.clone().unwrap();
    let taken = answer.cards[0].suggestions[0].uuid.clone().unwrap();
    let path = format!("{IMAGING}/feedback");
    let item = |outcome: Value, at: &str| {
        let mut item = outcome;
        item["card"] = json!(card);
        item["outcomeTimestamp"] = json!(at);
        json!({ "feedback": [item] })
    };
    let away = item(json!({"outcome": "overridden"}), "2026-11-26T09:00:01Z");
    let accepted = item(
        json!({"outcome": "accepted", "acceptedSuggestions": [{ "id": taken }]}),
        "2026-11-26T09:00:09Z",
    );
    for told in [&away, &away, &accepted, &away] {
        assert_eq!(hospital.post(&path, told).status, 200);
    }
    let kept: Vec<Value> = hospital
        .recorded()
        .into_iter()
        .filter(|(kind, _)| kind == "card_feedback")
        .map(|(_, one)| one["outcome"].clone())
        .collect();
    assert_eq!(kept, [json!("overridden"), json!("accepted")]);
    // Of a card that nobody knows it is kept as well, and what is no feedback is refused whole.
    let other = json!({"feedback": [{"card": "00000000-0000-4000-8000-000000000000",
        "outcome": "overridden", "outcomeTimestamp": "2026-11-26T09:00:01Z"}]});
    assert_eq!(hospital.post(&path, &other).status, 200);
    let half = json!({"feedback": [{"card": card, "outcome": "accepted",
        "outcomeTimestamp": "2026-11-26T09:00:01Z"}]});
    assert_eq!(hospital.post(&path, &half).status, 400);
}

#[test]
fn the_stand_ins_own_feedback_is_taken() {
    let hospital = Hospital::open();
    let answer = hospital.fire("order-sign", "infection", vec![draft("d1", "infection", LUMBAR)]);
    let card = answer.cards[0].uuid.clone().unwrap();
    let aside = Outcome::Overridden { reason: None, comment: None };
    let sent = hospital.ehr.feedback("back-pain-imaging", &card, &aside);
    assert_eq!(hospital.runtime.block_on(sent), Some(200));
}

#[test]
fn r176_r195_r201_r203_only_signed_tokens_of_registered_ehrs_are_believed() {
    let hospital = Hospital::open();
    let call = body(
        "order-sign",
        "strain",
        &[draft("d1", "strain", LUMBAR)],
        json!({ "patient": adult("strain") }),
    )
    .to_string();
    let at = hospital.at(IMAGING);
    let jwt = |signer, jku: Option<&str>, change: fn(&mut Value)| {
        hospital.ehr.jwt(&at, signer, jku, change).unwrap()
    };
    let good = jwt(Signer::Ours, None, |_| {});
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIiwia2lkIjoieCJ9.eyJpc3MiOiJ4In0.";
    let bad = [
        String::new(),
        "x".to_string(),
        none.to_string(),
        jwt(Signer::Stranger, None, |_| {}),
        jwt(Signer::Ours, Some("http://127.0.0.1:1/keys"), |_| {}),
        jwt(Signer::Ours, None, |claims| claims["iss"] = json!("https://other.example")),
        jwt(Signer::Ours, None, |claims| claims["aud"] = json!("https://other.example")),
        jwt(Signer::Ours, None, |claims| claims["exp"] = json!(1)),
        jwt(Signer::Ours, None, |claims| claims["exp"] = json!(i64::MAX)),
        hospital.token(&format!("{IMAGING}/feedback")),
        format!("{good}x"),
    ];
    for token in &bad {
        let answer = hospital.post_text(IMAGING, &call, token, &[]);
        assert_eq!((answer.status, answer.text.as_str()), (401, ""), "{token}");
    }
    assert_eq!(hospital.post_text(IMAGING, &call, &good, &[]).status, 200);
    // The same token again is somebody else's.
    assert_eq!(hospital.post_text(IMAGING, &call, &good, &[]).status, 401);
    assert_eq!(hospital.get("/cds-services", &[]).status, 401);
}

#[test]
fn a_token_counts_once_after_a_restart_too() {
    let mut hospital = Hospital::open();
    let call = body(
        "order-sign",
        "strain",
        &[draft("d1", "strain", LUMBAR)],
        json!({ "patient": adult("strain") }),
    )
    .to_string();
    let address = hospital.house.server().address;
    let token = hospital.token(IMAGING);
    assert_eq!(hospital.post_text(IMAGING, &call, &token, &[]).status, 200);
    hospital.house.close();
    hospital.house.config.listen = address;
    hospital.house.config.demo = false;
    hospital.house.open();
    assert_eq!(hospital.post_text(IMAGING, &call, &token, &[]).status, 401);
    let asked = hospital.recorded().iter().filter(|(kind, _)| kind == "consult_asked").count();
    assert_eq!(asked, 1);
}

#[test]
fn r208_scripts_of_registered_origins_may_call_and_no_others() {
    let hospital = Hospital::open();
    let origin = hospital.ehr.base_url();
    for path in ["/cds-services", IMAGING, "/cds-services/back-pain-imaging/feedback"] {
        let asked = [
            ("origin", origin.as_str()),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization,content-type"),
        ];
        let allowed = hospital.options(path, &asked);
        assert_eq!(allowed.status, 204, "{path}");
        assert_eq!(allowed.header("access-control-allow-origin"), Some(origin.as_str()));
        let headers = allowed.header("access-control-allow-headers").unwrap();
        assert!(headers.contains("authorization") && headers.contains("content-type"));
        assert_eq!(allowed.header("access-control-allow-credentials"), None);
        let other = hospital.options(path, &[("origin", "https://evil.example")]);
        assert_eq!(other.header("access-control-allow-origin"), None);
    }
    // A refusal can be read by the page, too.
    let refused = hospital.get("/cds-services", &[("origin", &origin)]);
    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("access-control-allow-origin"), Some(origin.as_str()));
}

#[test]
fn what_is_odd_is_refused_with_its_place_and_nothing_is_recorded() {
    let hospital = Hospital::open();
    for (text, status) in [
        ("", 400),
        ("{", 400),
        ("[]", 400),
        ("{\"hook\":\"order-sign\",\"hook\":\"order-sign\"}", 400),
        ("{\"hook\":\"order-sign\"}", 400),
        ("null", 400),
    ] {
        let answer = hospital.post_text(IMAGING, text, &hospital.token(IMAGING), &[]);
        assert_eq!(answer.status, status, "{text}: {}", answer.text);
        assert_eq!(answer.body["resourceType"], "OperationOutcome", "{text}");
    }
    let deep = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    assert_eq!(hospital.post_text(IMAGING, &deep, &hospital.token(IMAGING), &[]).status, 400);
    let large = format!("\"{}\"", "x".repeat(3 * 1024 * 1024));
    assert_eq!(hospital.post_text(IMAGING, &large, &hospital.token(IMAGING), &[]).status, 413);
    assert!(hospital.recorded().is_empty());
}

#[test]
fn lesson_1_an_order_screen_that_sends_half_a_resource_gets_its_answer() {
    let hospital = Hospital::open();
    hospital.faults(|faults| faults.empty_coding = true);
    let answer = hospital.fire("order-select", "strain", vec![draft("d1", "strain", LUMBAR)]);
    assert_eq!(answer.status, Some(200));
    assert!(answer.system_actions.is_empty());
}

#[test]
fn lesson_4_the_same_order_again_gives_no_second_card_and_no_other_answer() {
    let hospital = Hospital::open();
    let order = || vec![draft("d1", "infection", LUMBAR)];
    let first = hospital.fire("order-select", "infection", order());
    let again = hospital.fire("order-sign", "infection", order());
    assert_eq!(first.cards.len(), 1);
    // A danger is told as often as it is ordered too little; a question once.
    assert_eq!(again.cards.len(), 1);
    let first = hospital.fire("order-select", "strain", vec![draft("d2", "strain", LUMBAR)]);
    let again = hospital.fire("order-sign", "strain", vec![draft("d2", "strain", LUMBAR)]);
    assert_eq!((first.cards.len(), again.cards.len() <= 1), (1, true));
}

#[test]
fn pages_and_broken_answers_of_the_ehr_never_reassure() {
    for broken in ["truncated", "500", "paged"] {
        let hospital = Hospital::open();
        hospital.faults(|faults| {
            faults.prefetch.insert("*".to_string(), PrefetchFault::Absent);
            match broken {
                "truncated" => faults.truncated = true,
                "500" => faults.fhir_status = Some(500),
                _ => faults.page_size = Some(1),
            }
        });
        let answer = hospital.fire("order-sign", "strain", vec![draft("d1", "strain", LUMBAR)]);
        // Without the patient it is a 412 (R54), in pieces it is a card.
        let status = if broken == "paged" { 200 } else { 412 };
        assert_eq!(answer.status, Some(status), "{broken}");
        assert!(answer.system_actions.is_empty(), "{broken}");
        assert!(
            answer
                .cards
                .iter()
                .all(|card| card.indicator != "info" || card.summary.starts_with("Cannot")),
            "{broken}"
        );
    }
}

#[test]
fn the_departments_own_visit_counts_for_the_card() {
    let hospital = Hospital::open();
    // The same patient is in the department, and the nurse has written down a new numb saddle.
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
    let saved =
        nurse.fill(&path, &path, &[("f.saddle_numbness", "new"), ("f.urinary_retention", "new")]);
    assert_eq!(saved.status, 200, "{}", saved.text);
    let answer = hospital.fire("order-sign", "strain", vec![draft("d1", "strain", LUMBAR)]);
    assert_eq!(answer.cards[0].indicator, "critical", "{}", answer.cards[0].summary);
}

#[test]
fn without_an_ehr_nothing_of_it_is_there() {
    let house = crate::house::House::empty();
    let mut browser = house.browser();
    for path in ["/cds-services", "/fhir/metadata", "/ehr/launch", "/.well-known/jwks.json"] {
        assert_eq!(browser.get(path).status, 404, "{path}");
    }
}

#[test]
fn two_patients_of_one_encounter_number_share_no_answer() {
    let hospital = Hospital::open();
    for patient in ["strain", "infection"] {
        let prefetch = json!({ "patient": adult(patient) });
        let mut call = body("order-sign", patient, &[draft("d1", patient, LUMBAR)], prefetch);
        call["context"]["encounterId"] = json!("1");
        assert_eq!(hospital.post(IMAGING, &call).status, 200);
    }
    let asked = hospital.recorded().into_iter().filter(|(kind, _)| kind == "consult_asked");
    let patients: Vec<Value> = asked.map(|(_, asked)| asked["patient"].clone()).collect();
    assert_eq!(patients, [json!("strain"), json!("infection")]);
    assert_eq!(hospital.consultations().len(), 2);
}

#[test]
fn r054_a_patient_who_cannot_be_fetched_is_412() {
    let hospital = Hospital::open();
    hospital.faults(|faults| {
        faults.prefetch.insert("*".to_string(), PrefetchFault::Absent);
        faults.fhir_status = Some(500);
    });
    let answer = hospital.fire("order-sign", "strain", vec![draft("d1", "strain", LUMBAR)]);
    assert_eq!(answer.status, Some(412));
    assert!(hospital.recorded().is_empty());
}

#[test]
fn an_order_that_was_placed_before_answers_a_danger_also_when_it_is_fetched() {
    let hospital = Hospital::open();
    let silent = |hospital: &Hospital| {
        let drafts = vec![draft("d1", "already-right", LUMBAR)];
        let answer = hospital.fire("order-sign", "already-right", drafts);
        assert!(answer.complaints.is_empty(), "{:?}", answer.complaints);
        !answer.cards.iter().any(|card| card.summary.contains("too low"))
    };
    assert!(silent(&hospital), "sent along");
    hospital.faults(|faults| {
        faults.prefetch.insert("orders".to_string(), PrefetchFault::Absent);
    });
    assert!(silent(&hospital), "fetched");
}

#[test]
fn who_leaves_with_questions_that_nobody_answered_is_asked_again() {
    let hospital = Hospital::open();
    // At the order the card is shown, and nobody answers it.
    for patient in ["strain", "child"] {
        let shown = hospital.fire("order-sign", patient, vec![draft("d1", patient, LUMBAR)]);
        assert_eq!(shown.cards.len(), 1, "{patient}");
        let leaving = hospital.fire("encounter-discharge", patient, Vec::new());
        assert_eq!(leaving.cards.len(), 1, "{patient}: {:?}", leaving.complaints);
    }
    // A foot drop whose MRI is ordered and not done: no order is drafted, nobody said "back".
    let leaving = hospital.fire("encounter-discharge", "already-right", Vec::new());
    assert_eq!(leaving.cards.len(), 1, "{:?}", leaving.complaints);
}

#[test]
fn the_codes_of_cards_can_be_looked_up() {
    let hospital = Hospital::open();
    let prefetch = json!({ "patient": adult("strain") });
    let call = body("order-sign", "strain", &[draft("d1", "strain", LUMBAR)], prefetch);
    let answer = hospital.post(IMAGING, &call);
    let topic = &answer.body["cards"][0]["source"]["topic"];
    let system = topic["system"].as_str().unwrap();
    let path = system.strip_prefix(&hospital.house.address()).unwrap();
    let found = hospital.get(path, &[]);
    assert_eq!((found.status, &found.body["url"]), (200, &json!(system)), "{}", found.text);
    assert!(found.text.contains(topic["code"].as_str().unwrap()));
    assert_eq!(hospital.get("/fhir/CodeSystem/none", &[]).status, 404);
}

/// A fever in the chart, as the EHR has it now.
fn fever(status: &str, value: Value) -> Value {
    json!({ "resourceType": "Bundle", "type": "searchset", "entry": [{ "resource": {
        "resourceType": "Observation", "id": "t1", "status": status,
        "subject": { "reference": "Patient/strain" },
        "effectiveDateTime": "2026-11-26T08:50:00Z",
        "code": { "coding": [{ "system": "http://loinc.org", "code": "8310-5" }] },
        "valueQuantity": value,
    }}]})
}

#[test]
fn what_the_ehr_takes_back_or_corrects_is_gone_and_what_it_leaves_out_is_not() {
    let hospital = Hospital::open();
    let celsius = |value: f64| json!({ "value": value, "unit": "Cel", "code": "Cel", "system": "http://unitsofmeasure.org" });
    let card = |encounter: &str, prefetch: Value| {
        let mut call = body("order-sign", "strain", &[draft("d1", "strain", LUMBAR)], prefetch);
        call["context"]["encounterId"] = json!(encounter);
        let answer = hospital.post(IMAGING, &call);
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["cards"][0]["summary"].as_str().unwrap_or_default().to_string()
    };
    let seen =
        |observations: Value| json!({ "patient": adult("strain"), "observations": observations });
    for (encounter, later) in [
        ("error", fever("entered-in-error", celsius(39.2))),
        ("corrected", fever("corrected", celsius(36.8))),
    ] {
        assert!(card(encounter, seen(fever("final", celsius(39.2)))).contains("infection"));
        // Left out, or without its value: the danger stands.
        let left_out = card(encounter, json!({ "patient": adult("strain") }));
        assert!(left_out.contains("infection"), "{left_out}");
        let emptied = card(encounter, seen(fever("final", json!(null))));
        assert!(emptied.contains("infection"), "{emptied}");
        let gone = card(encounter, seen(later));
        assert!(!gone.contains("infection"), "{encounter}: {gone}");
        let still = card(encounter, json!({ "patient": adult("strain") }));
        assert!(!still.contains("infection"), "{encounter}: {still}");
    }
}
