//! Every page: labelled, without a script, in elements that are closed, and for its own browser.

use html5gum::{Token, Tokenizer};
use serde_json::json;

use crate::client::{get, post_form, send};
use crate::office::Office;
use crate::service::card;

/// Elements that have no end.
const VOID: [&str; 6] = ["meta", "link", "input", "br", "hr", "img"];

fn check(path: &str, html: &str) {
    assert!(html.contains("Stand-in EHR: for trying, with invented patients"), "{path}");
    let mut open = Vec::new();
    for token in Tokenizer::new(html) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => {
                let name = String::from_utf8(tag.name.0).unwrap();
                assert_ne!(name, "script", "{path}");
                for (attribute, value) in &tag.attributes {
                    let attribute = String::from_utf8_lossy(attribute).into_owned();
                    assert!(!attribute.starts_with("on") && attribute != "style", "{path}");
                    let value = String::from_utf8_lossy(&value.value).to_lowercase();
                    assert!(!value.starts_with("javascript:"), "{path}: {value}");
                }
                if !VOID.contains(&name.as_str()) {
                    open.push(name);
                }
            }
            Token::EndTag(tag) => {
                let name = String::from_utf8(tag.name.0).unwrap();
                assert_eq!(open.pop().as_ref(), Some(&name), "{path}");
            }
            Token::Error(error) => panic!("{path}: {error:?}"),
            _ => {}
        }
    }
    assert_eq!(open, Vec::<String>::new(), "{path}");
}

#[tokio::test]
async fn pages_are_plain_and_whole() {
    let office = Office::open().await;
    let launch = format!("{}/launch", office.service.origin);
    office.service.answers(move |_| {
        let mut card = card("one", "critical");
        card["detail"] = "# Head\n\n<script>alert(1)</script>\n\n| a | b |\n|---|---|\n| 1 | <b> |\n\n\
            1. one\n2. two\n\n> said\n\n`code` [bad](javascript:alert(1)) ![picture](https://x.y/) \
            [good](https://example.org/?a=1&b=2)\n\n```\n<i>\n```\n\n---\n"
            .into();
        card["selectionBehavior"] = "any".into();
        card["suggestions"] = json!([{"label": "<Do>", "uuid": "s", "isRecommended": true,
            "actions": [{"type": "delete", "description": "x", "resourceId": "ServiceRequest/y"}]}]);
        card["links"] = json!([{"label": "App", "url": launch, "type": "smart"}]);
        json!({"cards": [card]})
    });
    let order =
        post_form(&office.at("/patients/infection/orders"), &[("choice", "ct-lumbar")]).await;
    let order = order.location().to_owned();
    let app = format!("{order}/app?card=1&link=0");
    let query = format!("/app?patient=fall&url={}/launch", office.service.origin);
    let patients =
        ["strain", "cauda-equina", "cancer", "infection", "fall", "child", "already-right"];
    let charts = patients.map(|id| format!("/patients/{id}"));
    let others = ["/", "/traffic", "/about", &order, &app, &query].map(str::to_owned);
    for path in charts.iter().chain(&others) {
        let page = get(&office.at(path)).await;
        assert_eq!(page.status, 200, "{path}");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        check(path, &page.body);
    }
    let page = get(&office.at(&order)).await.body;
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("href=\"https://example.org/?a=1&amp;b=2\""));
    assert!(!page.contains("javascript:"));
    let lost = get(&office.at("/patients/nobody")).await;
    assert_eq!(lost.status, 404);
    check("lost", &lost.body);
}

#[tokio::test]
async fn the_style_is_its_own() {
    let office = Office::open().await;
    let style = get(&office.at("/style.css")).await;
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
    assert!(!style.body.contains("url(") && !style.body.contains("@import"));
}

#[tokio::test]
async fn a_request_from_elsewhere_is_refused() {
    let office = Office::open().await;
    let page = office.at("/");
    assert_eq!(send("GET", &page, &[("Host", "evil.example.org")], "").await.status, 403);
    let hook = office.at("/patients/fall/hooks");
    for origin in ["https://evil.example.org", "null"] {
        assert_eq!(send("POST", &hook, &[("Origin", origin)], "").await.status, 403);
    }
    let own = office.ehr.base_url();
    assert_eq!(send("POST", &hook, &[("Origin", &own)], "").await.status, 404);
}

#[tokio::test]
async fn it_listens_on_this_machine_alone() {
    let public = cauda_ehr_stand_in::StandIn::bind("0.0.0.0:0".parse().unwrap()).await;
    assert!(public.is_err_and(|error| error.to_string().contains("does not listen")));
}
