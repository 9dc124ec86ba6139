//! What a FHIR server is asked, and that no failure of it is ever an empty answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cauda_ehr::{Failed, GateError, Question, Secret};
use cauda_fhir::Resource;
use cauda_outbound::Fault;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::desk::{Desk, TOKEN, secret, soon};
use crate::server::Answer;

fn whole(value: &Value) -> Answer {
    Answer::Whole(200, value.to_string())
}

fn bundle(ids: &[&str], next: Option<&str>) -> Value {
    let entries: Vec<Value> = ids
        .iter()
        .map(|id| json!({"resource": {"resourceType": "Observation", "id": id}}))
        .collect();
    let mut bundle = json!({"resourceType": "Bundle", "type": "searchset", "entry": entries});
    if let Some(next) = next {
        bundle["link"] =
            json!([{"relation": "self", "url": "x"}, {"relation": "next", "url": next}]);
    }
    bundle
}

fn ids(bundle: &Value) -> Vec<String> {
    let resource = Resource::of(bundle).unwrap();
    resource.all().iter().map(|one| one.id().unwrap().to_string()).collect()
}

#[tokio::test]
async fn a_resource_is_read_with_the_token_at_the_registered_address() {
    let desk = Desk::new().await;
    desk.ehr.answers(|_| whole(&json!({"resourceType": "Patient", "id": "p-1.a"})));
    let patient = desk.client().read("Patient", "p-1.a").await.unwrap();
    assert_eq!(patient["id"], "p-1.a");
    let asked = desk.ehr.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].path, "/fhir/r4/Patient/p-1.a");
    assert_eq!(asked[0].authorization.as_deref(), Some(&*format!("Bearer {TOKEN}")));
    assert_eq!(asked[0].host.as_deref(), Some(&*format!("127.0.0.1:{}", desk.ehr.port)));
    // One lookup for one question, so no second one can lead elsewhere.
    assert_eq!(desk.looked_up.lock().unwrap().len(), 1);
    let base = format!("{}/fhir/r4", desk.ehr.origin());
    let open = desk.gate().fhir("here", &base, None, soon()).unwrap();
    open.read("Patient", "p-1.a").await.unwrap();
    assert_eq!(desk.ehr.asked()[1].authorization, None);
}

#[tokio::test]
async fn the_registered_base_may_be_written_otherwise() {
    let desk = Desk::new().await;
    let gate = desk.gate();
    let port = desk.ehr.port;
    for claimed in [
        format!("http://127.0.0.1:{port}/fhir/r4"),
        format!("http://127.0.0.1:{port}/fhir/r4/"),
        format!("HTTP://127.0.0.1:{port}/fhir/r4"),
    ] {
        gate.fhir("here", &claimed, None, soon()).unwrap();
    }
    for claimed in [
        "https://ehr.example.org/fhir/r4",
        "https://EHR.Example.ORG/fhir/r4/",
        "https://ehr.example.org:443/fhir/r4",
    ] {
        gate.fhir("named", claimed, None, soon()).unwrap();
        assert_eq!(desk.registry().at(claimed).len(), 1);
        let error = gate.fhir("here", claimed, None, soon()).unwrap_err();
        assert_eq!(error, GateError::OtherServer);
    }
    let claimed = format!("http://127.0.0.1:{port}/fhir/r4");
    let error = gate.fhir("nobody", &claimed, None, soon()).unwrap_err();
    assert_eq!(error, GateError::UnknownTenant);
}

#[tokio::test]
async fn a_search_is_read_page_by_page() {
    let desk = Desk::new().await;
    let base = format!("{}/fhir/r4", desk.ehr.origin());
    desk.ehr.answers(move |asked| {
        whole(&match asked.path.as_str() {
            "/fhir/r4/Observation?patient=1&code=http%3A%2F%2Floinc.org%7C8310-5" => {
                bundle(&["a"], Some(&format!("{base}?_getpages=x&_offset=1")))
            }
            "/fhir/r4?_getpages=x&_offset=1" => {
                bundle(&["b"], Some(&format!("{base}/Observation?page=2&s=a|b")))
            }
            "/fhir/r4/Observation?page=2&s=a%7Cb" => bundle(&["c"], Some("Observation?page=3")),
            "/fhir/r4/Observation?page=3" => bundle(&[], None),
            other => panic!("{other}"),
        })
    });
    let parameters = [("patient", "1"), ("code", "http://loinc.org|8310-5")];
    let found = desk.client().search("Observation", &parameters).await.unwrap();
    assert_eq!(found.missing, None);
    assert_eq!(ids(&found.resource), ["a", "b", "c"]);
    assert_eq!(Resource::of(&found.resource).unwrap().next_page(), None);
    let all = desk.ehr.asked();
    let token = format!("Bearer {TOKEN}");
    assert!(all.iter().all(|asked| asked.authorization.as_deref() == Some(&token)));
    desk.nobody_escaped("pages");
}

#[tokio::test]
async fn a_search_that_is_not_whole_says_so() {
    let desk = Desk::new().await;
    let base = format!("{}/fhir/r4", desk.ehr.origin());
    let incomplete = |missing: Option<Failed>, found: cauda_ehr::Found, expect: &[&str]| {
        assert_eq!(found.missing, missing);
        assert_eq!(ids(&found.resource), expect);
        // Whoever looks at the Bundle alone sees it as well.
        assert!(Resource::of(&found.resource).unwrap().next_page().is_some());
    };
    let endless = bundle(&["a"], Some(&format!("{base}/Observation?again")));
    desk.ehr.answers(move |_| whole(&endless));
    let found = desk.client().search("Observation", &[]).await.unwrap();
    incomplete(Some(Failed::TooMany), found, &["a"; 5]);
    assert_eq!(desk.ehr.asked().len(), 5);
    let found = desk.client().pages(1).search("Observation", &[]).await.unwrap();
    incomplete(Some(Failed::TooMany), found, &["a"]);
    let first = bundle(&["a"], Some(&format!("{base}/Observation?second")));
    for (status, failed) in [(404, Failed::Status(404)), (503, Failed::Status(503))] {
        let first = first.clone();
        desk.ehr.answers(move |asked| match asked.path.ends_with("second") {
            true => Answer::Whole(status, String::new()),
            false => whole(&first),
        });
        let found = desk.client().search("Observation", &[]).await.unwrap();
        incomplete(Some(failed), found, &["a"]);
    }
    let mut fewer = bundle(&["a"], None);
    fewer["total"] = json!(2);
    desk.ehr.answers(move |_| whole(&fewer));
    let found = desk.client().search("Observation", &[]).await.unwrap();
    incomplete(Some(Failed::TooMany), found, &["a"]);
    for (severity, missing) in [
        (json!("error"), Some(Failed::Outcome)),
        (json!("fatal"), Some(Failed::Outcome)),
        (json!(null), Some(Failed::Outcome)),
        (json!("warning"), None),
        (json!("information"), None),
    ] {
        let mut outcome = bundle(&["a"], None);
        let issue = json!({"resourceType": "OperationOutcome", "issue": [{"severity": severity}]});
        let entry = json!({"search": {"mode": "outcome"}, "resource": issue});
        outcome["entry"].as_array_mut().unwrap().push(entry);
        desk.ehr.answers(move |_| whole(&outcome));
        let found = desk.client().search("Observation", &[]).await.unwrap();
        assert_eq!(found.missing, missing, "{severity}");
    }
    for url in [json!(null), json!(""), json!(7), json!(["x"])] {
        let mut odd = bundle(&["a"], Some("x"));
        odd["link"][1]["url"] = url;
        desk.ehr.answers(move |_| whole(&odd));
        let found = desk.client().search("Observation", &[]).await.unwrap();
        incomplete(Some(Failed::OtherServer), found, &["a"]);
    }
    for entry in [json!({}), json!("x"), json!({"odd": 1}), json!([{"fullUrl": "x"}])] {
        let mut odd = bundle(&[], None);
        odd["entry"] = entry.clone();
        desk.ehr.answers(move |_| whole(&odd));
        let found = desk.client().search("Observation", &[]).await.unwrap();
        assert!(found.missing.is_some(), "{entry}");
    }
}

#[tokio::test]
async fn no_failure_is_an_empty_answer() {
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let good = json!({"resourceType": "Patient", "id": "1"}).to_string();
    let cut = format!("HTTP/1.1 200 x\r\ncontent-length: 999\r\n\r\n{good}");
    let chunked = "HTTP/1.1 200 x\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{\"resourceType\"";
    let zipped =
        b"HTTP/1.1 200 x\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x8b\x08\x00";
    let text = |text: &str| Answer::Whole(200, text.to_string());
    let raw = |text: &str| Answer::Raw(text.as_bytes().to_vec());
    let huge_head = format!("HTTP/1.1 200 x\r\nx: {}\r\n\r\n", "x".repeat(99_999));
    let answers = [
        ("nothing", text("")),
        ("no content", Answer::Whole(204, String::new())),
        ("null", text("null")),
        ("a list", text("[]")),
        ("no resource", text("{}")),
        ("XML", text("<Patient/>")),
        ("a page", text("<html>sign in</html>")),
        ("another type", text(r#"{"resourceType":"OperationOutcome"}"#)),
        ("another id", text(r#"{"resourceType":"Patient","id":"2"}"#)),
        ("no id", text(r#"{"resourceType":"Patient"}"#)),
        ("a name twice", text(r#"{"resourceType":"Patient","id":"2","id":"1"}"#)),
        ("deep", text(&deep)),
        ("cut", raw(&cut)),
        ("cut in a chunk", raw(chunked)),
        ("zipped", Answer::Raw(zipped.to_vec())),
        ("a closed line", raw("")),
        ("no HTTP", raw("hello\r\n\r\n")),
        ("huge", text(&" ".repeat(cauda_fhir::BYTES_MAX + 1))),
        ("a huge head", raw(&huge_head)),
    ];
    for (what, answer) in answers {
        // Each at an EHR of its own, so that none is left alone.
        let desk = Desk::new().await;
        desk.ehr.answers(move |_| answer.clone());
        let client = desk.client();
        assert!(client.read("Patient", "1").await.is_err(), "{what}");
        assert!(client.search("Patient", &[("_id", "1")]).await.is_err(), "{what}");
        desk.nobody_escaped(what);
    }
    for status in [201, 202, 206, 301, 302, 303, 307, 308, 400, 401, 403, 404, 410, 412, 429, 500] {
        let desk = Desk::new().await;
        let body = good.clone();
        desk.ehr.answers(move |_| Answer::Whole(status, body.clone()));
        let client = desk.client();
        assert_eq!(client.read("Patient", "1").await, Err(Failed::Status(status)));
        let search = client.search("Patient", &[]).await;
        assert_eq!(search, Err(Failed::Status(status)));
    }
}

#[tokio::test]
async fn a_transaction_is_done_or_it_failed() {
    let entry = json!({"request": {"method": "POST", "url": "Observation"}});
    let sent = json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry, entry]});
    let answer = |kind: &str, statuses: &[&str]| {
        let entry = |status: &&str| json!({"response": {"status": status}});
        let entries: Vec<Value> = statuses.iter().map(entry).collect();
        json!({"resourceType": "Bundle", "type": kind, "entry": entries})
    };
    let response = "transaction-response";
    let outcome = json!({"resourceType": "OperationOutcome"});
    for (answer, done) in [
        (answer(response, &["201 Created", "200"]), true),
        (answer(response, &["201 Created", "422"]), false),
        (answer(response, &["201 Created"]), false),
        (answer(response, &[]), false),
        (answer("batch-response", &["201", "201"]), false),
        (outcome, false),
    ] {
        let desk = Desk::new().await;
        let body = answer.clone();
        desk.ehr.answers(move |_| whole(&body));
        let told = desk.client().transaction(&sent).await;
        assert_eq!(told.is_ok(), done, "{answer}");
        let asked = &desk.ehr.asked()[0];
        assert_eq!(asked.path, "/fhir/r4");
        assert_eq!(asked.body, sent.to_string());
        assert_eq!(asked.authorization.as_deref(), Some(&*format!("Bearer {TOKEN}")));
        desk.nobody_escaped("a transaction");
    }
    let desk = Desk::new().await;
    for status in [201, 302, 400, 409, 412] {
        desk.ehr.answers(move |_| Answer::Whole(status, String::new()));
        let told = desk.client().transaction(&sent).await;
        assert_eq!(told, Err(Failed::Status(status)));
    }
}

#[tokio::test]
async fn a_bundle_that_is_none_of_a_search() {
    for kind in ["history", "batch-response", "collection", "document"] {
        let desk = Desk::new().await;
        let mut other = bundle(&["a"], None);
        other["type"] = json!(kind);
        desk.ehr.answers(move |_| whole(&other));
        let found = desk.client().search("Observation", &[]).await;
        assert_eq!(found, Err(Failed::OtherResource));
    }
}

#[tokio::test]
async fn nothing_is_waited_for_after_the_deadline() {
    let desk = Desk::new().await;
    desk.ehr.answers(|_| Answer::Silence);
    let base = format!("{}/fhir/r4", desk.ehr.origin());
    let deadline = Instant::now() + Duration::from_millis(50);
    let client = desk.gate().fhir("here", &base, Some(&secret()), deadline).unwrap();
    assert_eq!(client.read("Patient", "1").await, Err(Failed::Fault(Fault::Slow)));
    assert_eq!(client.search("Patient", &[]).await, Err(Failed::Fault(Fault::Slow)));
}

#[tokio::test]
async fn a_server_that_fails_again_and_again_is_left_alone() {
    let desk = Desk::new().await;
    let fails = Arc::new(AtomicUsize::new(0));
    let count = fails.clone();
    desk.ehr.answers(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Answer::Whole(503, String::new())
    });
    let registry = desk.registry();
    let gate = cauda_ehr::Gate::of(&registry);
    let base = format!("{}/fhir/r4", desk.ehr.origin());
    let client = || gate.fhir("here", &base, Some(&secret()), soon()).unwrap();
    for _ in 0..5 {
        assert_eq!(client().read("Patient", "1").await, Err(Failed::Status(503)));
    }
    for _ in 0..10 {
        assert_eq!(client().read("Patient", "1").await, Err(Failed::LeftAlone));
    }
    assert_eq!(fails.load(Ordering::SeqCst), 5);
    desk.pass(30);
    desk.ehr.answers(|_| whole(&json!({"resourceType": "Patient", "id": "1"})));
    for _ in 0..3 {
        client().read("Patient", "1").await.unwrap();
    }
    // That somebody is not known, or may not be seen, is no failure of the server.
    desk.ehr.answers(|_| Answer::Whole(404, String::new()));
    for _ in 0..20 {
        assert_eq!(client().read("Patient", "1").await, Err(Failed::Status(404)));
    }
}

#[test]
fn questions_that_are_none() {
    for (kind, id) in [
        ("patient", "1"),
        ("", "1"),
        ("Patient/1", "2"),
        ("Pat ient", "1"),
        ("Patient", ""),
        ("Patient", "."),
        ("Patient", ".."),
        ("Patient", "1/../2"),
        ("Patient", "1?x"),
        ("Patient", "1#x"),
        ("Patient", "%2e%2e"),
        ("Patient", "ä"),
        ("Patient", "1\r\nx: y"),
    ] {
        assert_eq!(Question::resource(kind, id), None, "{kind} {id}");
    }
    assert_eq!(Question::resource("Patient", &"1".repeat(65)), None);
    for text in [
        "",
        "Patient",
        "/Patient/1",
        "Patient/1/",
        "Patient/1?x=1",
        "Patient/1/_history/2",
        "Patient/$everything",
        "Patient/1/$everything",
        "../Patient/1",
        "https://evil.example.org/Patient/1",
        "//evil.example.org/Patient?x=1",
        "Patient?x#y",
        "Patient?x=%zz",
        "Patient?x=%2",
        "Patient?x=a b",
        "Patient?x=\\",
        "Patient?x\r\ny",
        "Patient?x=ä",
        "?x=1",
    ] {
        assert_eq!(Question::read(text), None, "{text}");
    }
    let long = format!("Patient?x={}", "x".repeat(5_000));
    assert_eq!(Question::read(&long), None);
    assert_eq!(Question::search("patient", &[]), None);
    let read = Question::read("Observation?patient=1&code=a|b,c&date=ge2026-01-01").unwrap();
    assert_eq!((read.kind(), read.id()), ("Observation", None));
    assert_eq!(Question::read("Patient/1"), Question::resource("Patient", "1"));
    // What is searched for is encoded, so it adds no parameter.
    let injected = Question::search("Patient", &[("_id", "1&_include=*#?/../x\r\n")]).unwrap();
    assert_eq!(
        Question::read(&format!("Patient?{}", "_id=1%26_include%3D*%23%3F%2F..%2Fx%0D%0A")),
        Some(injected)
    );
}

#[test]
fn tokens_that_are_none_and_what_is_shown() {
    for token in ["", "a b", "a\r\nx: y", "ä", "a,b", &"a".repeat(20_000)] {
        assert!(Secret::read(token).is_none(), "{token:.20}");
    }
    assert_eq!(format!("{:?}", secret()), "secret");
    let question = Question::resource("Patient", "canary").unwrap();
    assert!(!format!("{question:?}").contains("canary"));
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    let desk = Desk::new().await;
    let client = desk.client();
    let found = cauda_ehr::Found { resource: json!({"canary": 1}), missing: Some(Failed::TooMany) };
    for text in [
        format!("{client:?}"),
        format!("{found:?}"),
        format!("{:?}", desk.registry()),
        format!("{:?}", desk.gate()),
        format!("{:?}", client.tenant()),
    ] {
        assert!(!text.contains("canary"), "{text}");
    }
}
