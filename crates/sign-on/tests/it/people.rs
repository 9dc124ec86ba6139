//! Who a person is, and what role they have.

use cauda_sign_on::{SignOnError, TokenFault};
use serde_json::{Value, json};

use crate::desk::{Desk, refused};
use crate::issuer::GROUP;

fn claim(name: &'static str, value: Value) -> impl Fn(&mut crate::issuer::Manner) {
    move |manner| {
        let value = value.clone();
        manner.claims = Box::new(move |claims| claims[name] = value.clone());
    }
}

#[tokio::test]
async fn whoever_has_no_role_here_is_refused() {
    let deep = json!([[GROUP]]);
    for groups in
        [json!(null), json!([]), json!(""), json!(["other"]), json!(7), json!({GROUP: 1}), deep]
    {
        refused(&groups.to_string(), claim("groups", groups.clone()), SignOnError::NoRole).await;
    }
    for near in ["canary-Group", " canary-group", "canary-group,x", "canary-grou"] {
        refused(near, claim("groups", json!([near])), SignOnError::NoRole).await;
    }
}

#[tokio::test]
async fn whoever_has_no_name_or_subject_is_refused() {
    let long = "n".repeat(201);
    for name in [json!(null), json!(""), json!("  "), json!(["a"]), json!("a\nb"), json!(long)] {
        refused(&name.to_string(), claim("name", name.clone()), SignOnError::NoName).await;
    }
    let long = "s".repeat(256);
    for subject in [json!(null), json!(""), json!(7), json!("ü"), json!("a\u{0}"), json!(long)] {
        let what = subject.to_string();
        refused(&what, claim("sub", subject), TokenFault::Subject).await;
    }
}

#[tokio::test]
async fn roles_come_from_where_the_settings_say() {
    let desk = Desk::new().await;
    desk.issuer.manner().claims = Box::new(|claims| {
        claims["groups"] = json!(["everybody", "sisters", 7, GROUP, GROUP]);
        claims["realm_access"] = json!({"roles": ["nurses"]});
        claims["https://example.org/role"] = json!("clerks");
        claims["preferred"] = json!("  Ü. Name ");
    });
    let mut settings = desk.settings();
    for (value, role) in [("sisters", "nurse"), ("nurses", "nurse"), ("clerks", "clerk")] {
        settings.roles.insert(value.to_string(), role.to_string());
    }
    settings.name_claim = "preferred".to_string();
    for (claim, expect) in [
        ("groups", &["nurse", "physician"][..]),
        ("/realm_access/roles", &["nurse"]),
        ("https://example.org/role", &["clerk"]),
    ] {
        settings.role_claim = claim.to_string();
        let person = desk.sign_in(&desk.open(&settings)).await.unwrap();
        assert_eq!(person.roles, expect);
        assert_eq!(person.name, "Ü. Name");
    }
}

#[tokio::test]
async fn a_weak_sign_in_is_refused_where_a_strong_one_is_required() {
    let desk = Desk::new().await;
    let mut settings = desk.settings();
    settings.required_acr = Some(vec!["stronger".to_string(), "strong".to_string()]);
    let provider = desk.open(&settings);
    let begun = provider.begin(&crate::desk::Numbers::new()).await.unwrap();
    assert!(begun.url.ends_with("&acr_values=stronger+strong"), "{}", begun.url);
    desk.sign_in(&provider).await.unwrap();
    for acr in [json!(null), json!("weak"), json!(["strong"]), json!("strong ")] {
        claim("acr", acr)(&mut desk.issuer.manner());
        let error = desk.sign_in(&provider).await.unwrap_err();
        assert_eq!(error, SignOnError::Token(TokenFault::Acr));
        desk.is_silent(&error);
    }
}
