//! The order screen, clicked through without a script.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Reply, get, post_form, query};
use crate::office::Office;
use crate::service::card;

async fn choose(office: &Office, patient: &str) -> (String, Reply) {
    let form = [("choice", "mr-lumbar"), ("reason", "M54.50")];
    let reply = post_form(&office.at(&format!("/patients/{patient}/orders")), &form).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    let url = office.at(reply.location());
    let page = get(&url).await;
    assert_eq!(page.status, 200);
    (url, page)
}

async fn press(url: &str, what: &str, pairs: &[(&str, &str)]) -> Reply {
    let reply = post_form(&format!("{url}/{what}"), pairs).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    get(url).await
}

/// A card that offers another examination for the draft that came.
fn offering(body: &Value) -> Value {
    let mut draft = body["context"]["draftOrders"]["entry"][0]["resource"].clone();
    draft["code"] = json!({"text": "MRI whole spine"});
    let mut card = card("one", "warning");
    card["selectionBehavior"] = "at-most-one".into();
    card["suggestions"] = json!([{"label": "Order the whole spine", "uuid": "suggestion-1",
        "actions": [{"type": "update", "description": "Change it", "resource": draft}]}]);
    json!({"cards": [card]})
}

#[tokio::test]
async fn advice_is_shown_taken_and_signed() {
    let office = Office::open().await;
    office.service.answers(offering);
    let (url, page) = choose(&office, "infection").await;
    assert!(page.body.contains("MRI of the whole spine first"));
    assert!(page.body.contains("<strong>fever</strong>") && page.body.contains("<li>"));
    assert!(page.body.contains("Order the whole spine"));
    let page = press(&url, "accept", &[("card", "1"), ("suggestion", "0")]).await;
    assert!(page.body.contains("Taken: Order the whole spine"));
    assert!(page.body.contains("<b>MRI whole spine</b>"));
    let told = office.service.seen("/cds-services/advice/feedback");
    let item = &told[0].body["feedback"][0];
    assert_eq!((&item["card"], &item["outcome"]), (&"one".into(), &"accepted".into()));
    assert_eq!(item["acceptedSuggestions"], json!([{"id": "suggestion-1"}]));
    assert_eq!(item["outcomeTimestamp"], "2026-11-26T09:15:00Z");
    office.service.answers(|_| json!({"cards": []}));
    let page = press(&url, "sign", &[]).await;
    assert!(page.body.contains("Order signed"));
    let orders = office.ehr.stored("ServiceRequest");
    let order = orders.iter().find(|one| one["id"] == "order-1").unwrap();
    assert_eq!(
        (&order["status"], &order["code"]["text"]),
        (&"active".into(), &"MRI whole spine".into())
    );
}

#[tokio::test]
async fn advice_that_comes_on_signing_is_shown_before_the_order_is_kept() {
    let office = Office::open().await;
    let (url, page) = choose(&office, "infection").await;
    assert!(page.body.contains("No advice."));
    office.service.answers(|_| json!({"cards": [card("two", "critical")]}));
    let page = press(&url, "sign", &[]).await;
    assert!(page.body.contains("Sign all the same"));
    assert!(!office.ehr.stored("ServiceRequest").iter().any(|one| one["id"] == "order-1"));
    let form = [("card", "1"), ("reason", "scanned"), ("comment", "at <noon>")];
    let page = press(&url, "override", &form).await;
    assert!(page.body.contains("Set aside: Scanned elsewhere: at &lt;noon&gt;"));
    let told = office.service.seen("/cds-services/advice/feedback");
    let item = &told[0].body["feedback"][0];
    assert_eq!(item["outcome"], "overridden");
    assert_eq!(item["overrideReason"]["reason"]["code"], "scanned");
    assert_eq!(item["overrideReason"]["userComment"], "at <noon>");
    let page = press(&url, "sign", &[]).await;
    assert!(page.body.contains("Order signed"));
}

#[tokio::test]
async fn a_later_answer_of_a_service_replaces_its_earlier_one() {
    let office = Office::open().await;
    office.service.answers(|_| json!({"cards": [card("one", "info")]}));
    let (url, page) = choose(&office, "infection").await;
    assert!(page.body.contains("MRI of the whole spine first"));
    office.service.answers(|_| json!({"cards": []}));
    let page = press(&url, "sign", &[]).await;
    assert!(!page.body.contains("MRI of the whole spine first"));
}

#[tokio::test]
async fn an_order_goes_on_without_advice_in_time() {
    let office = Office::with(Duration::from_millis(50)).await;
    office.service.falls_silent();
    let (url, page) = choose(&office, "strain").await;
    assert!(page.body.contains("no advice in time"));
    let page = press(&url, "sign", &[]).await;
    assert!(page.body.contains("Order signed"));
    assert!(office.ehr.stored("ServiceRequest").iter().any(|one| one["id"] == "order-1"));
}

#[tokio::test]
async fn a_rating_is_taken_and_nothing_else_with_it() {
    let office = Office::open().await;
    let rated = |body: &Value, code: Option<&str>| {
        let mut draft = body["context"]["draftOrders"]["entry"][0]["resource"].clone();
        if let Some(code) = code {
            draft["code"] = json!({"text": code});
        }
        draft["extension"] = json!([
            {"url": "http://fhir.org/argonaut/Extension/pama-rating", "valueCodeableConcept":
                {"coding": [{"system": "http://fhir.org/argonaut/CodeSystem/pama-rating",
                    "code": "appropriate"}]}},
            {"url": "http://fhir.org/argonaut/Extension/pama-rating-qcdsm-consulted",
                "valueString": "A mechanism"},
        ]);
        let actions = json!([{"type": "update", "resource": draft}]);
        json!({"cards": [], "extension": {"systemActions": actions}})
    };
    office.service.answers(move |body| rated(body, None));
    let (url, page) = choose(&office, "infection").await;
    assert!(page.body.contains("Rating: <b>appropriate</b>") && page.body.contains("A mechanism"));
    press(&url, "sign", &[]).await;
    let orders = office.ehr.stored("ServiceRequest");
    let order = orders.iter().find(|one| one["id"] == "order-1").unwrap();
    assert_eq!(order["extension"].as_array().unwrap().len(), 2);
    office.service.answers(move |body| rated(body, Some("Something else")));
    let (_, page) = choose(&office, "infection").await;
    assert!(page.body.contains("changes what is ordered was refused"));
    assert!(!page.body.contains("Something else"));
}

#[tokio::test]
async fn a_suggestion_for_somebody_else_is_not_taken() {
    let office = Office::open().await;
    office.service.answers(|body| {
        let mut answer = offering(body);
        answer["cards"][0]["suggestions"][0]["actions"][0]["resource"]["subject"] =
            json!({"reference": "Patient/fall"});
        answer
    });
    let (url, _) = choose(&office, "infection").await;
    let page = press(&url, "accept", &[("card", "1"), ("suggestion", "0")]).await;
    assert!(page.body.contains("not about this patient"));
    assert!(page.body.contains("<b>MRI lumbar spine, without contrast</b>"));
    assert!(office.service.seen("/cds-services/advice/feedback").is_empty());
}

#[tokio::test]
async fn suggestions_make_and_take_away_orders() {
    let office = Office::open().await;
    office.service.answers(|body| {
        let mut answer = offering(body);
        let offer = &mut answer["cards"][0]["suggestions"][0];
        let mut made = offer["actions"][0]["resource"].clone();
        made["id"] = "anything".into();
        offer["actions"] = json!([
            {"type": "create", "description": "New", "resource": made},
            {"type": "delete", "description": "Old", "resourceId": "ServiceRequest/order-1"},
        ]);
        answer
    });
    let (url, _) = choose(&office, "infection").await;
    let page = press(&url, "accept", &[("card", "1"), ("suggestion", "0")]).await;
    assert!(page.body.contains("ServiceRequest/order-2"));
    assert!(!page.body.contains("ServiceRequest/order-1 "));
}

#[tokio::test]
async fn a_link_opens_the_app_with_its_context() {
    let office = Office::open().await;
    let launch = format!("{}/launch", office.service.origin);
    office.service.answers(move |_| {
        let mut card = card("one", "info");
        card["links"] = json!([
            {"label": "Open Cauda", "url": launch, "type": "smart", "appContext": "handle-7"},
            {"label": "Other app", "url": "https://example.org/x", "type": "smart"},
            {"label": "Guideline", "url": "https://example.org/", "type": "absolute"},
        ]);
        json!({"cards": [card]})
    });
    let (url, page) = choose(&office, "infection").await;
    assert!(page.body.contains("rel=\"noopener noreferrer\">Guideline</a>"));
    assert!(page.body.contains("Other app (this app is not registered"));
    let page = get(&format!("{url}/app?card=1&link=0")).await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains(&format!("frame-src 'self' {}", office.service.origin)), "{policy}");
    let (_, rest) = page.body.split_once("<iframe").unwrap();
    assert!(rest.contains("width=\"400\""));
    let (_, rest) = rest.split_once("src=\"").unwrap();
    let source = rest.split('"').next().unwrap().replace("&amp;", "&");
    assert_eq!(query(&source, "iss").unwrap(), office.at("/fhir"));
    let launch = query(&source, "launch").unwrap();
    let asks = office.asks(Some(&launch), "launch patient/*.rs");
    let code = query(office.authorize(&asks).await.location(), "code").unwrap();
    let uri = format!("{}/back?x=1", office.service.origin);
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", uri.as_str()),
        ("code_verifier", crate::office::VERIFIER),
    ];
    let token = office.token(&office.assertion(|_| {}), &pairs).await.json();
    assert_eq!(
        (&token["appContext"], &token["patient"]),
        (&"handle-7".into(), &"infection".into())
    );
    assert_eq!(token["need_patient_banner"], false);
    assert_eq!(get(&format!("{url}/app?card=1&link=1")).await.status, 400);
}

#[tokio::test]
async fn a_discharge_is_advised_too() {
    let office = Office::open().await;
    office.service.answers(|_| json!({"cards": [card("one", "warning")]}));
    let url = office.at("/patients/fall/hooks");
    let reply = post_form(&url, &[("hook", "encounter-discharge")]).await;
    let page = get(&office.at(reply.location())).await;
    assert!(page.body.contains("Advice (encounter-discharge)"));
    assert!(page.body.contains("MRI of the whole spine first"));
    assert_eq!(post_form(&url, &[("hook", "order-dispatch")]).await.status, 404);
}
