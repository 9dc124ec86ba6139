//! Settings that are refused, each with a sentence on how to mend it.

use std::collections::BTreeMap;
use std::time::Duration;

use cauda_sign_on::{Provider, Settings, SignOnError};

use crate::desk::Desk;
use crate::issuer::SECRET;

type Change = Box<dyn Fn(&mut Settings)>;

#[tokio::test]
async fn each_is_refused_by_its_name() {
    let desk = Desk::new().await;
    let text = |set: fn(&mut Settings, String), values: &[&str]| -> Vec<Change> {
        let values = values.iter().map(|value| value.to_string());
        values
            .map(|value| Box::new(move |to: &mut Settings| set(to, value.clone())) as Change)
            .collect()
    };
    let long = format!("https://example.org/{}", "x".repeat(1_024));
    let addresses = [
        "",
        "example.org",
        "http://example.org",
        "http://localhost",
        "http://10.0.0.1",
        "http://127.0.0.1.example.org",
        "https://name:word@example.org",
        "https://example.org/#x",
        "ftp://example.org",
        "https://exa mple.org",
    ];
    let issuers = [&addresses[..], &["https://example.org/?x", &long]].concat();
    let origins =
        [&addresses[..], &["https://example.org/path", "https://example.org/?x"]].concat();
    let names = ["", "ü", "a\nb", &"x".repeat(257)];
    let roles = |value: &str, role: &str| -> Change {
        let roles = BTreeMap::from([(value.to_string(), role.to_string())]);
        Box::new(move |to| to.roles = roles.clone())
    };
    let cases: Vec<(&str, Vec<Change>)> = vec![
        ("issuer", text(|to, value| to.issuer = value, &issuers)),
        ("redirect_uri", text(|to, value| to.redirect_uri = value, &addresses)),
        ("origins", text(|to, value| to.origins = vec![value], &origins)),
        ("client_id", text(|to, value| to.client_id = value, &names)),
        ("role_claim", text(|to, value| to.role_claim = value, &names)),
        ("name_claim", text(|to, value| to.name_claim = value, &names)),
        (
            "scopes",
            text(
                |to, value| to.scopes = value,
                &["", "profile", "openid  profile", "openid ", "openid \"x\"", "openidx"],
            ),
        ),
        (
            "roles",
            vec![
                Box::new(|to| to.roles.clear()),
                roles("", "nurse"),
                roles("nurses", ""),
                roles("nurses", "a nurse"),
                roles(&"x".repeat(257), "nurse"),
                roles("nurses", &"x".repeat(65)),
                Box::new(|to| {
                    to.roles = (0..201).map(|at| (at.to_string(), "nurse".to_string())).collect();
                }),
            ],
        ),
        (
            "required_acr",
            vec![
                Box::new(|to| to.required_acr = Some(Vec::new())),
                Box::new(|to| to.required_acr = Some(vec![String::new()])),
                Box::new(|to| to.required_acr = Some(vec!["a b".to_string()])),
                Box::new(|to| to.required_acr = Some(vec!["a".to_string(); 17])),
            ],
        ),
        (
            "timeout",
            vec![
                Box::new(|to| to.timeout = Duration::ZERO),
                Box::new(|to| to.timeout = Duration::from_secs(61)),
            ],
        ),
        (
            "origins",
            vec![
                Box::new(|to| to.origins = vec!["https://example.org".to_string(); 9]),
                Box::new(|to| {
                    // Encrypted to the issuer, and not beyond it.
                    to.issuer = "https://example.org".to_string();
                    to.origins = vec!["http://127.0.0.1:9".to_string()];
                }),
            ],
        ),
    ];
    for (expect, changes) in cases {
        for (at, change) in changes.iter().enumerate() {
            let mut settings = desk.settings();
            change(&mut settings);
            match Provider::open(&settings, desk.clock()) {
                Err(SignOnError::Setting { name, what }) => {
                    assert_eq!(name, expect, "{at}: {what}");
                }
                other => panic!("{expect} {at}: {other:?}"),
            }
        }
    }
    assert!(desk.issuer.manner().asked.is_empty(), "nothing was connected to");
}

#[tokio::test]
async fn secrets_are_one_line_that_not_everybody_may_read() {
    let desk = Desk::new().await;
    for (text, mode) in [("", 0o600), ("\n", 0o600), ("a\nb\n", 0o600), (SECRET, 0o604)] {
        let mut settings = desk.settings();
        settings.client_secret = Some(desk.write("other", text, mode));
        let opened = Provider::open(&settings, desk.clock());
        assert!(matches!(opened, Err(SignOnError::File { .. })), "{text:?}: {opened:?}");
    }
    for text in ["short", "", &"long enough ".repeat(3).replace(' ', "\n")] {
        let mut settings = desk.settings();
        settings.seal_secret = Some(desk.write("seal", text, 0o600));
        let opened = Provider::open(&settings, desk.clock());
        assert!(matches!(opened, Err(SignOnError::File { .. })), "{text:?}: {opened:?}");
    }
    let mut settings = desk.settings();
    settings.authority = Some(desk.write("authority", "no certificate", 0o644));
    let opened = Provider::open(&settings, desk.clock());
    assert!(matches!(opened, Err(SignOnError::File { .. })), "{opened:?}");
    let shown = format!("{:?} {:?}", desk.settings(), desk.provider());
    assert!(!shown.contains(SECRET), "{shown}");
}
