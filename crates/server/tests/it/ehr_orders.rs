//! An EHR places its orders as FHIR `ServiceRequest`: they come onto the board once, change, and are
//! taken back; what cannot be mapped is refused with the place, and nobody sees another's.

use cauda_ehr_stand_in::Signer;
use cauda_server::Config;
use cauda_server::hl7::{Receiver, Service};
use cauda_server::scans::ScannersConfig;
use serde_json::{Value, json};

use crate::ehr::{Hospital, Reply};
use crate::house::House;
use crate::told_to::{Other, field};

const AT: &str = "/fhir/ServiceRequest";

fn hospital(receivers: Vec<Receiver>) -> Hospital {
    hospital_with(|_| {}, receivers)
}

fn hospital_with(
    more: impl FnOnce(&mut cauda_server::ehr::EhrConfig),
    receivers: Vec<Receiver>,
) -> Hospital {
    hospital_in("UTC", more, receivers)
}

fn hospital_in(
    zone: &str,
    more: impl FnOnce(&mut cauda_server::ehr::EhrConfig),
    receivers: Vec<Receiver>,
) -> Hospital {
    let free = "127.0.0.1:0".parse().unwrap();
    let service = |code: &str, protocol: &str, kind: &str| -> Service {
        let text = json!({"code": code, "protocol": protocol, "kind": kind});
        serde_json::from_value(text).unwrap()
    };
    let services =
        vec![service("MRB-W", "brain", "inpatient"), service("MRK", "knee", "outpatient")];
    let scanners = cauda_server::scans::demo::config(free, free);
    let scanners = ScannersConfig { receivers, services, ..scanners };
    let config = Config { scanners: Some(scanners), demo: true, ..House::config() };
    let config = Config { time_zone: zone.to_string(), ..config };
    let change = |ehr: &mut cauda_server::ehr::EhrConfig| {
        ehr.registered[0].orders = true;
        let mut other = ehr.registered[0].clone();
        other.tenant = "other".to_string();
        other.tenant_claim = Some("other".to_string());
        let mut silent = other.clone();
        silent.tenant = "silent".to_string();
        silent.tenant_claim = Some("silent".to_string());
        silent.orders = false;
        ehr.registered.extend([other, silent]);
        more(ehr);
    };
    Hospital::on(change, config)
}

fn numbers(hospital: &Hospital) -> String {
    hospital.ehr.registration().patient_number_system.clone()
}

fn order(hospital: &Hospital, value: &str, code: &str) -> Value {
    json!({
        "resourceType": "ServiceRequest", "status": "active", "intent": "order",
        "identifier": [{"system": "urn:oid:1.2.3.4", "value": value}],
        "code": {"coding": [{"system": "urn:oid:1.2.3.5", "code": code}]},
        "subject": {
            "reference": "Patient/77",
            "identifier": {"system": numbers(hospital), "value": "H-77"}, "display": "Meier, Ada",
        },
        "reasonCode": [{"text": "numb between the legs"}],
        "authoredOn": "2026-11-26T08:30:00Z",
        "requester": {"display": "Hill, Ann"},
    })
}

/// Three EHRs of one issuer are told apart by what their tokens say.
fn token(hospital: &Hospital, path: &str, tenant: &str) -> String {
    let claim = |claims: &mut Value| claims["tenant"] = json!(tenant);
    hospital.ehr.jwt(&hospital.at(path), Signer::Ours, None, claim).unwrap()
}

fn call(
    hospital: &Hospital,
    method: &str,
    path: &str,
    body: &Value,
    tenant: Option<&str>,
    headers: &[(&str, &str)],
) -> Reply {
    let token = token(hospital, path, tenant.unwrap_or("stand-in"));
    hospital.send(method, path, &body.to_string(), &token, headers)
}

fn place(hospital: &Hospital, body: &Value) -> Reply {
    call(hospital, "POST", AT, body, None, &[])
}

fn read(hospital: &Hospital, id: &str) -> Reply {
    call(hospital, "GET", &format!("{AT}/{id}"), &Value::Null, None, &[])
}

fn put(hospital: &Hospital, id: &str, body: &Value) -> Reply {
    call(hospital, "PUT", &format!("{AT}/{id}"), body, None, &[])
}

fn id_of(reply: &Reply) -> String {
    reply.body["id"].as_str().unwrap_or_else(|| panic!("{}", reply.text)).to_string()
}

fn on_board(hospital: &Hospital, id: &str) -> cauda_scans::Scan {
    hospital.house.server().scans.as_ref().unwrap().find(id).unwrap()
}

#[test]
fn an_order_is_on_the_board_once_and_read_back_as_it_stands() {
    let hospital = hospital(Vec::new());
    let mut wanted = order(&hospital, "P-1", "MRB-W");
    let placed = place(&hospital, &wanted);
    assert_eq!(placed.status, 201, "{}", placed.text);
    let id = id_of(&placed);
    assert_eq!(placed.header("location"), Some(hospital.at(&format!("{AT}/{id}")).as_str()));
    let scan = on_board(&hospital, &id);
    let request = scan.request.clone().unwrap();
    assert_eq!((request.protocol.id.as_str(), request.kind.id()), ("brain", "inpatient"));
    assert_eq!(request.about.name.unwrap().as_str(), "Meier, Ada");
    assert_eq!(request.about.number.unwrap().as_str(), "H-77");
    assert_eq!((request.asked_by.as_str(), request.tier.id()), ("Hill, Ann", "urgent"));
    let mut coordinator = hospital.house.as_role("MRI coordinator");
    let board = coordinator.get("/mri");
    assert!(board.has("Meier, Ada") && board.has("numb between the legs"), "{}", board.text);
    // The same again, in three ways.
    let again = place(&hospital, &wanted);
    assert_eq!((again.status, id_of(&again)), (200, id.clone()), "{}", again.text);
    let known = [("if-none-exist", "identifier=urn:oid:1.2.3.4|P-1")];
    let conditional = call(&hospital, "POST", AT, &wanted, None, &known);
    assert_eq!((conditional.status, id_of(&conditional)), (200, id.clone()));
    assert_eq!(on_board(&hospital, &id).events, 1, "sent three times, written once");
    let elsewhere = [("if-none-exist", "identifier=urn:oid:1.2.3.4|P-2")];
    assert_eq!(call(&hospital, "POST", AT, &wanted, None, &elsewhere).status, 400);
    // Otherwise under the same number is a conflict, and changes nothing.
    wanted["priority"] = json!("stat");
    let other = place(&hospital, &wanted);
    assert_eq!(other.status, 409, "{}", other.text);
    let read = read(&hospital, &id);
    assert_eq!(read.status, 200, "{}", read.text);
    assert_eq!((&read.body["status"], &read.body["priority"]), (&json!("active"), &json!("asap")));
    assert_eq!(read.body["subject"]["identifier"]["value"], "H-77");
    assert_eq!(read.header("etag"), Some("W/\"1\""));
    let can = hospital.get("/fhir/metadata", &[]);
    let all = can.body["rest"][0]["resource"].as_array().unwrap();
    let one = all.iter().find(|one| one["type"] == "ServiceRequest").unwrap();
    assert_eq!(one["conditionalCreate"], true);
}

#[test]
fn an_order_changes_is_held_and_taken_back_and_its_status_follows_the_board() {
    let hospital = hospital(Vec::new());
    let mut wanted = order(&hospital, "P-1", "MRB-W");
    let id = id_of(&place(&hospital, &wanted));
    wanted["priority"] = json!("stat");
    let changed = put(&hospital, &id, &wanted);
    assert_eq!((changed.status, &changed.body["priority"]), (200, &json!("stat")));
    assert_eq!(on_board(&hospital, &id).request.unwrap().tier.id(), "emergency");
    // A priority raises and never lowers.
    wanted["priority"] = json!("routine");
    assert_eq!(put(&hospital, &id, &wanted).body["priority"], "stat");
    wanted["status"] = json!("on-hold");
    assert_eq!(put(&hospital, &id, &wanted).body["status"], "on-hold");
    assert_eq!(read(&hospital, &id).body["status"], "on-hold");
    wanted["status"] = json!("active");
    assert_eq!(put(&hospital, &id, &wanted).body["status"], "active");
    // A hold of a person stands.
    let mut coordinator = hospital.house.as_role("MRI coordinator");
    let here = format!("/mri/order/{id}");
    let page = coordinator.get(&here);
    let hold = [("will", "hold"), ("minutes", "60"), ("words", "sedation first")];
    assert_eq!(coordinator.send(&page, &format!("{here}/move"), &hold).status, 303);
    assert_eq!(put(&hospital, &id, &wanted).body["status"], "on-hold");
    // Of an older version nothing is changed.
    let old = [("if-match", "W/\"1\"")];
    let path = format!("{AT}/{id}");
    assert_eq!(call(&hospital, "PUT", &path, &wanted, None, &old).status, 412);
    // Another patient's number.
    let mut other = wanted.clone();
    other["subject"]["identifier"]["value"] = json!("H-78");
    let refused = put(&hospital, &id, &other);
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(refused.text.contains("ServiceRequest.subject.identifier"), "{}", refused.text);
    assert!(!refused.text.contains("H-7"), "nothing of a patient");
    wanted["status"] = json!("revoked");
    let gone = put(&hospital, &id, &wanted);
    assert_eq!((gone.status, &gone.body["status"]), (200, &json!("revoked")), "{}", gone.text);
    assert!(coordinator.get(&here).has("revoked by Stand-in"));
    assert_eq!(put(&hospital, &id, &wanted).status, 200, "again changes nothing");
    wanted["status"] = json!("active");
    assert_eq!(put(&hospital, &id, &wanted).status, 409, "what left comes under a new number");
    // Scanned by hand: completed.
    let second = id_of(&place(&hospital, &order(&hospital, "P-2", "MRB-W")));
    let here = format!("/mri/order/{second}");
    let act = |browser: &mut crate::browser::Browser, what: &str, fields: &[(&str, &str)]| {
        let page = browser.get(&here);
        let sent = browser.send(&page, &format!("{here}/{what}"), fields);
        assert_eq!(sent.status, 303, "{what}: {}", sent.text);
    };
    let mut radiologist = hospital.house.as_role("Radiologist");
    let yes =
        [("c.implants", "yes"), ("c.screening", "yes"), ("c.eye_metal", "yes"), ("words", "seen")];
    act(&mut radiologist, "ready", &yes);
    act(&mut coordinator, "step", &[("step", "called"), ("scanner", "mr1")]);
    act(&mut coordinator, "step", &[("step", "start"), ("scanner", "mr1")]);
    assert_eq!(read(&hospital, &second).body["note"][0]["text"], "the scan has begun");
    act(&mut coordinator, "end", &[]);
    assert_eq!(read(&hospital, &second).body["status"], "completed");
    let mut late = order(&hospital, "P-2", "MRB-W");
    late["status"] = json!("revoked");
    assert_eq!(put(&hospital, &second, &late).status, 409);
}

#[test]
fn codes_are_a_closed_table_and_what_cannot_be_mapped_says_where() {
    let hospital = hospital(Vec::new());
    let refused = |change: &dyn Fn(&mut Value), place: &str| {
        let mut body = order(&hospital, "P-9", "MRB-W");
        change(&mut body);
        let reply = self::place(&hospital, &body);
        assert_eq!(reply.status, 422, "{place}: {}", reply.text);
        assert_eq!(reply.body["resourceType"], "OperationOutcome");
        let issues = reply.body["issue"].as_array().unwrap();
        let named =
            issues.iter().any(|issue| issue["expression"][0] == format!("ServiceRequest{place}"));
        assert!(named, "{place}: {}", reply.text);
        for secret in ["Meier", "H-77", "between the legs"] {
            assert!(!reply.text.contains(secret), "{place}: {}", reply.text);
        }
    };
    refused(&|it| it["status"] = json!("draft"), ".status");
    refused(&|it| it["status"] = json!("completed"), ".status");
    refused(&|it| it["intent"] = json!("proposal"), ".intent");
    refused(&|it| it["doNotPerform"] = json!(true), ".doNotPerform");
    refused(&|it| it["priority"] = json!("soon"), ".priority");
    refused(&|it| it["code"]["coding"][0]["code"] = json!("CTH"), ".code");
    refused(&|it| it["code"] = json!({"text": "MRI brain"}), ".code");
    refused(&|it| it["bodySite"] = json!([{"text": "left knee"}]), ".bodySite");
    refused(&|it| it["orderDetail"] = json!([{"text": "with contrast"}]), ".orderDetail");
    refused(
        &|it| it["modifierExtension"] = json!([{"url": "x", "valueBoolean": true}]),
        ".modifierExtension",
    );
    refused(&|it| it["replaces"] = json!([{"reference": "ServiceRequest/1"}]), ".replaces");
    refused(
        &|it| it["subject"]["identifier"]["system"] = json!("urn:other"),
        ".subject.identifier",
    );
    refused(&|it| it["subject"] = json!({"reference": "Patient/77"}), ".subject.identifier");
    refused(
        &|it| {
            it["subject"].as_object_mut().unwrap().remove("display");
        },
        ".subject",
    );
    refused(&|it| it["identifier"] = json!([]), ".identifier");
    refused(&|it| it["identifier"][0] = json!({"value": "P-9"}), ".identifier");
    refused(&|it| it["identifier"][0]["value"] = json!("9".repeat(500)), ".identifier");
    refused(
        &|it| {
            it["identifier"].as_array_mut().unwrap().push(json!({"system": "urn:x", "value": "2"}))
        },
        ".identifier",
    );
    refused(&|it| it["occurrenceDateTime"] = json!("tomorrow"), ".occurrenceDateTime");
    refused(&|it| it["occurrenceTiming"] = json!({"event": []}), ".occurrenceTiming");
    refused(&|it| it["reasonCode"] = json!([{"text": "x".repeat(501)}]), ".reasonCode");
    refused(&|it| it["authoredOn"] = json!(7), ".authoredOn");
    // What is said and cannot be kept is told, and never left out.
    let many = |text: &str| json!(vec![json!({ "text": text }); 17]);
    refused(&|it| it["note"] = many("seen"), ".note");
    refused(&|it| it["reasonCode"] = many("pain"), ".reasonCode");
    refused(&|it| it["note"] = json!([{"time": "2026-11-26"}]), ".note");
    refused(&|it| it["reasonCode"] = json!([{"text": " "}]), ".reasonCode");
    let codings = vec![json!({"code": "MRB-W"}); 17];
    refused(&|it| it["code"]["coding"] = json!(codings), ".code");
    refused(&|it| it["priority"] = Value::Null, ".priority");
    refused(&|it| it["occurrenceDateTime"] = Value::Null, ".occurrenceDateTime");
    let person = |field: &str, value: Value| {
        let mut person = json!({"resourceType": "Patient", "id": "p"});
        person[field] = value;
        move |it: &mut Value| {
            it["contained"] = json!([person]);
            it["subject"]["reference"] = json!("#p");
        }
    };
    refused(&person("gender", json!("F")), ".contained.gender");
    refused(&person("birthDate", json!("1981")), ".contained.birthDate");
    refused(&person("birthDate", json!("1981-02-30")), ".contained.birthDate");
    let unnamed = person("name", json!([{"use": "old", "family": "Roe"}]));
    refused(
        &|it| {
            unnamed(it);
            it["subject"].as_object_mut().unwrap().remove("display");
        },
        ".contained.name",
    );
    refused(&|it| it["subject"]["reference"] = json!("#p"), ".subject.reference");
    for when in ["2026", "2026-12"] {
        refused(&|it| it["occurrenceDateTime"] = json!(when), ".occurrenceDateTime");
        refused(&|it| it["authoredOn"] = json!(when), ".authoredOn");
        let period = json!({"start": "2026-12-10", "end": when});
        refused(&|it| it["occurrencePeriod"] = period.clone(), ".occurrencePeriod.end");
    }
    let requester = |length: usize| {
        move |it: &mut Value| {
            let family = "x".repeat(length);
            it["contained"] = json!([{"resourceType": "Practitioner", "id": "d",
                "name": [{"family": family}]}]);
            it["requester"] = json!({"reference": "#d"});
        }
    };
    for length in [501, 30_000, 200_000] {
        refused(&requester(length), ".requester");
    }
    refused(&|it| it["requester"] = json!({"reference": "#d"}), ".requester");
    let first = place(&hospital, &json!({"resourceType": "Patient"}));
    assert_eq!(first.status, 422);
    for hostile in [
        "",
        "[]",
        "{",
        "{\"resourceType\":\"ServiceRequest\",\"resourceType\":\"Patient\"}",
        "null",
    ] {
        let token = token(&hospital, AT, "stand-in");
        let reply = hospital.post_text(AT, hostile, &token, &[]);
        assert!(matches!(reply.status, 400 | 422), "{hostile}: {}", reply.status);
        assert_eq!(reply.body["resourceType"], "OperationOutcome", "{hostile}");
    }
    let deep = format!("{}{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
    assert_eq!(hospital.post_text(AT, &deep, &token(&hospital, AT, "stand-in"), &[]).status, 400);
    let before = hospital.house.server().scans.as_ref().unwrap().scans();
    let ours = before.iter().filter(|scan| {
        matches!(scan.request.as_ref().unwrap().source, cauda_scans::Source::Fhir { .. })
    });
    assert_eq!(ours.count(), 0, "nothing of it came onto the board");
    // A picture of the guideline by its own id and by LOINC, and one from home with its date.
    let code = |system: Option<&str>, code: &str| match system {
        Some(system) => json!({"coding": [{"system": system, "code": code}]}),
        None => json!({"coding": [{"code": code}]}),
    };
    for (value, code, protocol) in [
        ("P-10", code(None, "mri_whole_spine"), "mri_whole_spine"),
        ("P-11", code(Some("http://loinc.org"), "30679-5"), "mri_lumbar_with_sagittal_screen"),
    ] {
        let mut body = order(&hospital, value, "MRB-W");
        body["code"] = code;
        let request = on_board(&hospital, &id_of(&place(&hospital, &body))).request.unwrap();
        assert_eq!((request.protocol.id.as_str(), request.tier.id()), (protocol, "emergency"));
    }
    let mut home = order(&hospital, "P-12", "MRK");
    home["occurrenceDateTime"] = json!("2026-12-10T09:00:00Z");
    home["contained"] = json!([{"resourceType": "Patient", "id": "p", "gender": "female",
        "birthDate": "1981-03-04", "name": [{"family": "Meier", "given": ["Ada", "Eva"]}]}]);
    home["subject"]["reference"] = json!("#p");
    let request = on_board(&hospital, &id_of(&place(&hospital, &home))).request.unwrap();
    assert_eq!((request.kind.id(), request.tier.id()), ("outpatient", "outpatient"));
    assert!(request.not_before.is_some());
    assert_eq!(request.about.name.unwrap().as_str(), "Meier, Ada Eva");
    assert!(request.about.born.is_some());
}

#[test]
fn words_that_no_code_says_are_carried_to_whoever_scans() {
    let hospital = hospital(Vec::new());
    let mut body = order(&hospital, "P-1", "MRB-W");
    body["code"]["text"] = json!("MRI brain with epilepsy protocol");
    let coding = json!({"system": "urn:x", "code": "C-7", "display": "thin slices"});
    body["code"]["coding"].as_array_mut().unwrap().push(coding);
    body["reasonCode"] = json!([{"text": "", "coding": [
        {"system": "urn:y", "code": "G40", "display": "Epilepsy"}, {"system": "urn:y", "code": "Z9"},
    ]}]);
    body["note"] = json!([{"text": "claustrophobic"}]);
    body["occurrencePeriod"] = json!({"start": "2026-11-26", "end": "2026-12-24"});
    let placed = place(&hospital, &body);
    assert_eq!(placed.status, 201, "{}", placed.text);
    let request = on_board(&hospital, &id_of(&placed)).request.unwrap();
    let why = request.why.unwrap();
    for words in [
        "Epilepsy",
        "Z9",
        "claustrophobic",
        "ordered as MRI brain with epilepsy protocol",
        "also coded as thin slices",
        "wanted until 2026-12-24",
    ] {
        assert!(why.as_str().contains(words), "{words}: {}", why.as_str());
    }
    assert_eq!(place(&hospital, &body).status, 200, "the same again is the same");
    // Words that a code says already, or what is scanned, are said once.
    let mut plain = order(&hospital, "P-2", "MRB-W");
    plain["code"]["text"] = json!("MRI Brain");
    let request = on_board(&hospital, &id_of(&place(&hospital, &plain))).request.unwrap();
    assert_eq!(request.why.unwrap().as_str(), "numb between the legs");
}

#[test]
fn a_date_makes_no_order_one_from_home_unless_it_says_routine_and_another_day() {
    let hospital = hospital(Vec::new());
    let mut count = 0;
    let mut placed = |priority: Option<&str>, when: &str| {
        count += 1;
        let mut body = order(&hospital, &format!("P-{count}"), "mri_whole_spine");
        body["code"] = json!({"coding": [{"code": "mri_whole_spine"}]});
        body["occurrenceDateTime"] = json!(when);
        if let Some(priority) = priority {
            body["priority"] = json!(priority);
        }
        let reply = place(&hospital, &body);
        assert_eq!(reply.status, 201, "{}", reply.text);
        on_board(&hospital, &id_of(&reply)).request.unwrap()
    };
    for (priority, when) in [
        (None, "2026-12-10"),
        (None, "2026-11-26T10:00:00Z"),
        (Some("routine"), "2026-11-26T20:00:00Z"),
        (Some("urgent"), "2026-12-10"),
    ] {
        let request = placed(priority, when);
        let kind = (request.kind.id(), request.tier.id(), request.not_before);
        assert_eq!(kind, ("emergency", "emergency", None), "{priority:?} {when}");
        assert!(request.why.unwrap().as_str().contains(when), "people read when");
    }
    let home = placed(Some("routine"), "2026-12-10");
    assert_eq!((home.kind.id(), home.tier.id()), ("outpatient", "outpatient"));
}

#[test]
fn a_day_begins_at_midnight_of_the_department() {
    for (zone, midnight) in
        [("Europe/Vienna", "2026-12-09T23:00:00Z"), ("America/New_York", "2026-12-10T05:00:00Z")]
    {
        let hospital = hospital_in(zone, |_| {}, Vec::new());
        let mut body = order(&hospital, "P-1", "MRK");
        body["occurrenceDateTime"] = json!("2026-12-10");
        let placed = place(&hospital, &body);
        assert_eq!(placed.status, 201, "{}", placed.text);
        assert_eq!(placed.body["occurrenceDateTime"], midnight, "{zone}");
    }
}

#[test]
fn an_order_that_was_read_can_be_sent_back_as_it_is() {
    let hospital = hospital(Vec::new());
    let reason = |sign: &str| json!({"text": format!("{sign}; {}", sign.repeat(400))});
    let mut long = order(&hospital, "P-1", "MRB-W");
    long["reasonCode"] = json!([reason("a"), reason("b"), reason("c")]);
    let mut loinc = order(&hospital, "P-2", "");
    loinc["code"] = json!({"coding": [{"system": "http://loinc.org", "code": "30679-5"}]});
    let mut home = order(&hospital, "P-3", "MRK");
    home["occurrenceDateTime"] = json!("2026-12-10");
    for mut body in [long, loinc, home] {
        let id = id_of(&place(&hospital, &body));
        let before = on_board(&hospital, &id).request;
        let read = read(&hospital, &id);
        let coding = &read.body["code"]["coding"][0];
        assert_eq!(coding["system"], body["code"]["coding"][0]["system"], "{}", read.text);
        let path = format!("{AT}/{id}");
        for condition in [read.header("etag").unwrap(), "*"] {
            let condition = [("if-match", condition)];
            let back = call(&hospital, "PUT", &path, &read.body, None, &condition);
            assert_eq!(back.status, 200, "{}", back.text);
            assert_eq!(on_board(&hospital, &id).request, before, "nothing is changed by it");
        }
        body["status"] = json!("on-hold");
        assert_eq!(put(&hospital, &id, &body).status, 200);
        assert_eq!(put(&hospital, &id, &self::read(&hospital, &id).body).body["status"], "on-hold");
    }
}

#[test]
fn a_script_of_the_ehrs_page_may_change_an_order() {
    let hospital = hospital(Vec::new());
    let origin = hospital.ehr.registration().hook_issuer.clone();
    let asked = [
        ("origin", origin.as_str()),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "authorization,content-type,if-match"),
    ];
    for path in [AT.to_string(), format!("{AT}/{}", "0".repeat(24))] {
        let reply = hospital.options(&path, &asked);
        let header = |name: &str| reply.header(name).unwrap_or_default().to_string();
        assert_eq!(header("access-control-allow-origin"), origin, "{path}");
        assert!(header("access-control-allow-methods").contains("PUT"), "{path}");
        for name in ["if-match", "if-none-exist"] {
            assert!(header("access-control-allow-headers").contains(name), "{path}: {name}");
        }
        assert!(header("access-control-expose-headers").contains("etag"), "{path}");
    }
}

#[test]
fn nobody_else_places_reads_or_changes_it() {
    let hospital = hospital(Vec::new());
    let wanted = order(&hospital, "P-1", "MRB-W");
    let id = id_of(&place(&hospital, &wanted));
    let path = format!("{AT}/{id}");
    for (method, body) in [("GET", &Value::Null), ("PUT", &wanted)] {
        let other = call(&hospital, method, &path, body, Some("other"), &[]);
        assert_eq!(other.status, 404, "{method}: {}", other.text);
        assert!(!other.text.contains("Meier"));
    }
    let missing =
        call(&hospital, "GET", &format!("{AT}/{}", "0".repeat(24)), &Value::Null, None, &[]);
    assert_eq!(missing.status, 404);
    // The same number of another placer is another order.
    let theirs = call(&hospital, "POST", AT, &wanted, Some("other"), &[]);
    assert_eq!(theirs.status, 201, "{}", theirs.text);
    assert_ne!(id_of(&theirs), id);
    let silent = call(&hospital, "POST", AT, &wanted, Some("silent"), &[]);
    assert_eq!(silent.status, 403, "{}", silent.text);
    assert_eq!(hospital.send("PUT", &path, &wanted.to_string(), "x", &[]).status, 401);
    // An order of the board itself is none of theirs.
    let scans = hospital.house.server().scans.as_ref().unwrap().scans();
    let own = scans.iter().find(|scan| scan.id.len() == 24 && scan.id != id).unwrap();
    let found = read(&hospital, &own.id);
    assert!(found.status == 404 || own.id == id_of(&theirs), "{}", found.text);
}

#[test]
fn what_is_posted_again_otherwise_than_it_stands_is_a_conflict() {
    let hospital = hospital(Vec::new());
    let mut wanted = order(&hospital, "P-1", "MRB-W");
    let id = id_of(&place(&hospital, &wanted));
    for status in ["revoked", "entered-in-error", "on-hold"] {
        wanted["status"] = json!(status);
        let reply = place(&hospital, &wanted);
        assert_eq!(reply.status, 409, "{status}: {}", reply.text);
        assert!(reply.text.contains(&id), "{status}: it says what to change");
        assert_eq!(read(&hospital, &id).body["status"], "active", "{status}");
    }
    wanted["status"] = json!("on-hold");
    assert_eq!(put(&hospital, &id, &wanted).status, 200);
    assert_eq!(place(&hospital, &wanted).status, 200, "held, and again");
    wanted["status"] = json!("active");
    assert_eq!(place(&hospital, &wanted).status, 409, "it is held");
    assert_eq!(read(&hospital, &id).body["status"], "on-hold");
    assert_eq!(put(&hospital, &id, &wanted).body["status"], "active");
    // What a person decides makes no other order of it.
    let mut coordinator = hospital.house.as_role("MRI coordinator");
    let here = format!("/mri/order/{id}");
    let page = coordinator.get(&here);
    let hold = [("will", "hold"), ("minutes", "60"), ("words", "sedation first")];
    assert_eq!(coordinator.send(&page, &format!("{here}/move"), &hold).status, 303);
    assert_eq!(place(&hospital, &wanted).status, 200);
    wanted["status"] = json!("revoked");
    assert_eq!(put(&hospital, &id, &wanted).body["status"], "revoked");
    let again = place(&hospital, &wanted);
    assert_eq!((again.status, &again.body["status"]), (200, &json!("revoked")), "as it stands");
    wanted["status"] = json!("active");
    let gone = place(&hospital, &wanted);
    assert_eq!(gone.status, 409, "{}", gone.text);
    assert!(gone.text.contains("under a new number"), "{}", gone.text);
}

#[test]
fn an_ehr_lets_only_its_own_hold_go() {
    use cauda_pathway::identity::{Actor, CommandId, Text};
    let hospital = hospital(Vec::new());
    let mut wanted = order(&hospital, "P-1", "MRB-W");
    let id = id_of(&place(&hospital, &wanted));
    // As another system does it: the reporting system holds the order.
    let list = hospital.house.server().scans.clone().unwrap();
    let hold = cauda_scans::Action::Will {
        will: cauda_scans::Will::Hold,
        reason: Some(Text::new("held by RIS").unwrap()),
        until: list.now() + 3_600,
    };
    let command = CommandId::new("another-system-1").unwrap();
    let by = Actor::system();
    hospital.house.runtime.block_on(list.act(&by, &id, &command, hold)).unwrap();
    wanted["priority"] = json!("urgent");
    for status in ["active", "on-hold", "active"] {
        wanted["status"] = json!(status);
        let reply = put(&hospital, &id, &wanted);
        assert_eq!((reply.status, &reply.body["status"]), (200, &json!("on-hold")), "{status}");
    }
    // Once that hold is over, the EHR's own is let go.
    hospital.house.clock.pass(3_601);
    assert_eq!(put(&hospital, &id, &wanted).body["status"], "active");
}

#[test]
fn who_may_order_needs_a_scanner_and_a_system_of_numbers() {
    let free = "127.0.0.1:0".parse().unwrap();
    let looked = |scanners: bool, numbers: bool| {
        let registered = json!({
            "name": "Main", "tenant": "main", "fhir_base": "https://ehr.example.org/fhir",
            "issuers": ["https://ehr.example.org"], "jku": "https://ehr.example.org/jwks.json",
            "orders": true, "number_system": numbers.then_some("urn:oid:1.1"),
        });
        let ehr = cauda_server::ehr::EhrConfig {
            url: "https://ed.example.org".to_string(),
            registered: vec![serde_json::from_value(registered).unwrap()],
            ..cauda_server::ehr::EhrConfig::default()
        };
        let scanners = scanners.then(|| cauda_server::scans::demo::config(free, free));
        let config = Config { ehr: Some(ehr), scanners, ..House::config() };
        let clock = cauda_server::clock::Clock::at(crate::house::MORNING);
        let guideline = crate::house::guideline();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let looked = runtime.block_on(cauda_server::Looked::at(&config, &guideline, &clock));
        let parts = looked.parts();
        let of = parts.iter().find(|(part, _)| *part == cauda_server::Part::Ehr).unwrap();
        of.1.err().map(|error| error.to_string())
    };
    assert_eq!(looked(true, true), None);
    for (scanners, numbers, missing) in
        [(false, true, "[[scanner]]"), (true, false, "number_system")]
    {
        let told = looked(scanners, numbers).unwrap();
        assert!(told.contains("orders") && told.contains(missing), "{told}");
    }
}

/// A patient whom the department has in a visit.
fn arrived(hospital: &Hospital, number: &str, name: &str) {
    let mut nurse = hospital.house.as_role("Triage nurse");
    let fields = [
        ("number", number),
        ("name", name),
        ("born", "1957-04-02"),
        ("sex", "female"),
        ("allergies", "none"),
    ];
    let page = nurse.get("/arrival");
    let sent = nurse.send(&page, "/arrival", &fields);
    let path = sent.location.unwrap_or_else(|| panic!("{}", sent.text));
    let saved = nurse.fill(&path, &path, &[("f.saddle_numbness", "new")]);
    assert_eq!(saved.status, 200, "{}", saved.text);
}

fn numbered(hospital: &Hospital, value: &str, system: &str, number: &str) -> Value {
    let mut body = order(hospital, value, "MRB-W");
    body["subject"] = json!({"identifier": {"system": system, "value": number}});
    body
}

#[test]
fn a_number_of_another_system_is_another_patient() {
    let theirs = "urn:oid:9.9.9";
    let change = |ehr: &mut cauda_server::ehr::EhrConfig| {
        ehr.number_system = ehr.registered[0].number_system.clone();
        ehr.registered[1].number_system = Some(theirs.to_string());
    };
    let hospital = hospital_with(change, Vec::new());
    let own = numbers(&hospital);
    arrived(&hospital, "S-55", "Nora Vik");
    arrived(&hospital, "12-3", "Ida Berg");
    // The department's own EHR needs no name; nor does it get that of a number that reads alike.
    let known = place(&hospital, &numbered(&hospital, "P-1", &own, "S-55"));
    assert_eq!((known.status, &known.body["subject"]["display"]), (201, &json!("Nora Vik")));
    let alike = place(&hospital, &numbered(&hospital, "P-2", &own, "1-23"));
    assert_eq!(alike.status, 422, "{}", alike.text);
    assert!(!alike.text.contains("Berg"));
    // Of another's number nothing is told, and on the board it is nobody's of the department.
    let mut wanted = numbered(&hospital, "P-3", theirs, "S-55");
    let nobody = call(&hospital, "POST", AT, &wanted, Some("other"), &[]);
    assert_eq!(nobody.status, 422, "{}", nobody.text);
    assert!(!nobody.text.contains("Vik"));
    wanted["subject"]["display"] = json!("Smith, John");
    let placed = call(&hospital, "POST", AT, &wanted, Some("other"), &[]);
    assert_eq!(placed.status, 201, "{}", placed.text);
    assert_eq!(placed.body["subject"]["identifier"], json!({"system": theirs, "value": "S-55"}));
    let about = on_board(&hospital, &id_of(&placed)).request.unwrap().about;
    assert_eq!((about.number.unwrap().as_str(), about.born), ("S-55@other", None));
    let path = format!("{AT}/{}", id_of(&placed));
    let again = call(&hospital, "PUT", &path, &wanted, Some("other"), &[]);
    assert_eq!(again.status, 200, "{}", again.text);
    // And a card of the other EHR knows nothing of the department's visit.
    let danger = |tenant: &str, system: &str| {
        let path = "/cds-services/back-pain-imaging";
        let mut patient = crate::ehr::adult("p9");
        patient["identifier"] = json!([{"system": system, "value": "S-55"}]);
        let drafts = [crate::ehr::draft("d1", "p9", crate::ehr::LUMBAR)];
        let prefetch = json!({ "patient": patient });
        let body = crate::ehr::body("order-sign", "p9", &drafts, prefetch);
        let answer = call(&hospital, "POST", path, &body, Some(tenant), &[]);
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["cards"][0]["indicator"] == "critical"
    };
    assert!(danger("stand-in", &own));
    assert!(!danger("other", theirs));
}

#[test]
fn one_number_under_two_names_is_refused() {
    let hospital = hospital(Vec::new());
    let own = numbers(&hospital);
    let mut count = 0;
    let mut placed = |number: &str, name: &str, born: Option<&str>| {
        count += 1;
        let mut body = numbered(&hospital, &format!("P-{count}"), &own, number);
        body["subject"]["display"] = json!(name);
        if let Some(born) = born {
            body["contained"] = json!([{"resourceType": "Patient", "id": "p", "birthDate": born}]);
            body["subject"]["reference"] = json!("#p");
        }
        let reply = place(&hospital, &body);
        if reply.status == 409 {
            assert!(reply.text.contains("another name"), "{}", reply.text);
            for secret in ["Roe", "Vik", "1957"] {
                assert!(!reply.text.contains(secret), "{}", reply.text);
            }
        }
        reply.status
    };
    assert_eq!(placed("D-77", "Jane Roe", None), 201);
    assert_eq!(placed("D-77", "John Smith", None), 409);
    assert_eq!(placed("D-77", "Roe, John", None), 409, "a sibling is another one");
    for same in ["Roe, Jane", "ROE, J.", "Jane Mary Roe"] {
        assert_eq!(placed("D-77", same, None), 201, "{same}");
    }
    assert_eq!(placed("D77", "John Smith", None), 201, "another number");
    // Of a patient in the department, the day of birth tells.
    arrived(&hospital, "S-55", "Nora Vik");
    assert_eq!(placed("S-55", "Nora Holm", None), 409);
    assert_eq!(placed("S-55", "Nora Vik", Some("1981-03-04")), 409);
    assert_eq!(placed("S-55", "Nora Holm", Some("1957-04-02")), 201);
}

#[test]
fn several_systems_of_numbers_need_a_word_on_which_is_the_departments() {
    use cauda_server::ehr::EhrConfig;
    let refused = |own: Option<&str>| {
        let one = |tenant: &str, system: &str| {
            serde_json::from_value(json!({
                "name": tenant, "tenant": tenant, "fhir_base": "https://ehr.example.org/fhir",
                "issuers": [format!("https://{tenant}.example.org")],
                "jku": "https://ehr.example.org/jwks.json", "number_system": system,
            }))
            .unwrap()
        };
        let config = EhrConfig {
            url: "https://ed.example.org".to_string(),
            registered: vec![one("here", "urn:oid:1.1"), one("there", "urn:oid:2.2")],
            number_system: own.map(str::to_string),
            ..EhrConfig::default()
        };
        let clock = cauda_server::clock::Clock::at(crate::house::MORNING);
        let read = cauda_server::ehr::Prepared::read(&config, &crate::house::guideline(), &clock);
        read.err().map(|error| error.to_string())
    };
    assert!(refused(None).unwrap().contains("ehr.number_system"));
    assert!(refused(Some("urn:oid:3.3")).unwrap().contains("ehr.number_system"));
    assert_eq!(refused(Some("urn:oid:2.2")), None);
}

#[test]
fn a_reporting_system_hears_of_an_order_of_an_ehr_under_its_own_number() {
    let mut ris = Other::asked();
    let hospital = hospital(vec![Receiver::new("ris", "127.0.0.1", ris.port, "RIS", "GENERAL")]);
    let id = id_of(&place(&hospital, &order(&hospital, "P-1", "MRB-W")));
    let told = ris.about(&cauda_scans::accession(&id));
    assert_eq!(field(&told, "ORC", 1), "NW");
    assert_eq!(field(&told, "ORC", 2), "P-1^^1.2.3.4^ISO");
    assert_eq!(field(&told, "OBR", 4), "MRB-W^MRI brain^L");
    ris.answer("AA");
}
