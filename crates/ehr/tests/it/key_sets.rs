//! The key sets of EHRs: they change, are swapped, and cannot be had.

use std::fs;
use std::time::Duration;

use cauda_ehr::{EhrError, Mode, Refused, Registry};
use cauda_jose::{SigningKey, key_set};
use cauda_outbound::Fault;

use crate::desk::{AUD, Desk, call};
use crate::server::Answer;

fn bearer(desk: &Desk, key: &SigningKey) -> String {
    format!("Bearer {}", key.sign(&desk.claims(), &[]).unwrap())
}

#[tokio::test]
async fn a_new_key_is_found_and_an_old_one_ends() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    call(&registry, &desk.bearer()).await.unwrap();
    let new = SigningKey::generate_es384().unwrap();
    desk.publishes(&[&new]);
    // Asked for a moment ago, so not again at once.
    assert_eq!(call(&registry, &bearer(&desk, &new)).await, Err(Refused::UnknownKey));
    assert_eq!(desk.ehr.paths().len(), 1);
    desk.pass(60);
    // A token that names a key which is nowhere asks once, and then no more.
    let nowhere = SigningKey::generate_es384().unwrap();
    for _ in 0..50 {
        assert_eq!(call(&registry, &bearer(&desk, &nowhere)).await, Err(Refused::UnknownKey));
    }
    assert_eq!(desk.ehr.paths().len(), 2);
    call(&registry, &bearer(&desk, &new)).await.unwrap();
    assert_eq!(call(&registry, &desk.bearer()).await, Err(Refused::UnknownKey));
}

#[tokio::test]
async fn a_key_that_is_taken_back_is_believed_no_longer_than_a_quarter_of_an_hour() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    call(&registry, &desk.bearer()).await.unwrap();
    desk.publishes(&[&desk.rsa]);
    desk.pass(900);
    assert_eq!(registry.authenticate_now(Some(&desk.bearer()), AUD), Ok(None));
    assert_eq!(call(&registry, &desk.bearer()).await, Err(Refused::UnknownKey));
}

#[tokio::test]
async fn keys_that_will_be_old_soon_are_asked_for_beside() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    call(&registry, &desk.bearer()).await.unwrap();
    desk.publishes(&[&desk.rsa]);
    desk.pass(599);
    registry.authenticate_now(Some(&desk.bearer()), AUD).unwrap().unwrap();
    desk.pass(1);
    // Nobody waits for it.
    registry.authenticate_now(Some(&desk.bearer()), AUD).unwrap().unwrap();
    desk.ehr.was_asked(2).await;
    // This one waits for its turn, and with it for what was asked beside.
    registry.check().await;
    assert_eq!(call(&registry, &desk.bearer()).await, Err(Refused::UnknownKey));
}

#[tokio::test]
async fn a_key_set_that_hangs_holds_no_call_up_while_old_keys_are_kept() {
    let desk = Desk::new().await;
    let mut parts = desk.parts();
    parts.patience = Duration::from_millis(20);
    let registry = Registry::open(&desk.settings(), Mode::Production, parts).unwrap();
    registry.check().await[0].1.clone().unwrap();
    desk.ehr.answers(|_| Answer::Silence);
    desk.pass(900);
    for _ in 0..3 {
        call(&registry, &desk.bearer()).await.unwrap();
    }
    assert_eq!(registry.tenant("here").unwrap().last_refused(), None);
}

#[tokio::test]
async fn a_key_that_is_swapped_under_its_id() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    call(&registry, &desk.bearer()).await.unwrap();
    let other = SigningKey::generate_es384().unwrap();
    let mut jwk = other.public_jwk().clone();
    jwk["kid"] = desk.key.kid().into();
    let set = serde_json::json!({"keys": [jwk]}).to_string();
    desk.ehr.answers(move |_| Answer::Whole(200, set.clone()));
    desk.pass(900);
    assert_eq!(call(&registry, &desk.bearer()).await, Err(Refused::Signature));
}

#[tokio::test]
async fn old_keys_are_kept_while_the_ehr_is_away_and_not_for_ever() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    call(&registry, &desk.bearer()).await.unwrap();
    let broken: [fn() -> Answer; 5] = [
        || Answer::Whole(500, "canary".to_string()),
        || Answer::Whole(200, "no key set".to_string()),
        || Answer::Whole(200, r#"{"keys":[]}"#.to_string()),
        || Answer::Raw(b"HTTP/1.1 200 x\r\ncontent-length: 9999\r\n\r\n{\"keys\"".to_vec()),
        || Answer::Raw(Vec::new()),
    ];
    for answer in broken {
        desk.pass(900);
        desk.ehr.answers(move |_| answer());
        desk.ehr.forget();
        for _ in 0..3 {
            call(&registry, &desk.bearer()).await.unwrap();
        }
        // Asked once, and not again within a minute.
        assert_eq!(desk.ehr.paths().len(), 1);
        registry.authenticate_now(Some(&desk.bearer()), AUD).unwrap().unwrap();
    }
    desk.pass(14_400 - 5 * 900 - 1);
    call(&registry, &desk.bearer()).await.unwrap();
    desk.pass(1);
    assert_eq!(call(&registry, &desk.bearer()).await, Err(Refused::NoKeys));
    desk.publishes(&[&desk.key]);
    desk.pass(10);
    call(&registry, &desk.bearer()).await.unwrap();
}

#[tokio::test]
async fn an_ehr_that_was_never_reached_is_asked_again_soon() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    desk.ehr.answers(|_| Answer::Whole(503, String::new()));
    for _ in 0..5 {
        assert_eq!(call(&registry, &desk.bearer()).await, Err(Refused::NoKeys));
    }
    assert_eq!(desk.ehr.paths().len(), 1);
    let at_once = registry.authenticate_now(Some(&desk.bearer()), AUD);
    assert_eq!(at_once, Err(Refused::NoKeys));
    desk.publishes(&[&desk.key]);
    desk.pass(10);
    call(&registry, &desk.bearer()).await.unwrap();
}

#[tokio::test]
async fn many_calls_at_once_fetch_one_key_set() {
    let desk = Desk::new().await;
    let registry = std::sync::Arc::new(desk.registry());
    let calls = (0..20).map(|_| {
        let (registry, token) = (registry.clone(), desk.bearer());
        tokio::spawn(async move { call(&registry, &token).await })
    });
    for one in calls.collect::<Vec<_>>() {
        one.await.unwrap().unwrap();
    }
    assert_eq!(desk.ehr.paths(), ["/keys"]);
}

#[tokio::test]
async fn a_call_that_is_given_up_leaves_the_keys_for_the_next() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    let token = desk.bearer();
    {
        let waiting = call(&registry, &token);
        tokio::pin!(waiting);
        // Once polled, and given up.
        let first = std::future::poll_fn(|context| {
            std::task::Poll::Ready(waiting.as_mut().poll(context).is_pending())
        });
        assert!(first.await);
    }
    call(&registry, &desk.bearer()).await.unwrap();
    call(&registry, &token).await.unwrap();
    assert_eq!(desk.ehr.paths(), ["/keys"]);
}

#[tokio::test]
async fn a_key_set_from_a_file() {
    let desk = Desk::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    fs::write(&path, key_set([&desk.key]).to_string()).unwrap();
    let mut all = desk.settings();
    all.truncate(1);
    all[0].keys = Some(path.clone());
    let jku = all[0].jku.take().unwrap();
    let registry = desk.open(&all);
    call(&registry, &desk.bearer()).await.unwrap();
    // None is registered, so none may be named; nor anything that cannot be read.
    for named in [jku.as_str(), "", "x", "https://evil.example.org/keys"] {
        let token = desk.key.sign(&desk.claims(), &[("jku", named)]).unwrap();
        let refused = call(&registry, &format!("Bearer {token}")).await;
        assert_eq!(refused, Err(Refused::KeySetAddress), "{named}");
    }
    // A new file is read without a new start.
    let new = SigningKey::generate_es384().unwrap();
    fs::write(&path, key_set([&new]).to_string()).unwrap();
    desk.pass(60);
    call(&registry, &bearer(&desk, &new)).await.unwrap();
    fs::remove_file(&path).unwrap();
    let checked = registry.check().await;
    assert!(matches!(checked[0], (_, Err(EhrError::File { .. }))), "{checked:?}");
    assert!(desk.ehr.asked().is_empty());
    // With both, the file counts, and the address may be named.
    fs::write(&path, key_set([&desk.key]).to_string()).unwrap();
    all[0].jku = Some(jku.clone());
    let registry = desk.open(&all);
    let token = desk.key.sign(&desk.claims(), &[("jku", &jku)]).unwrap();
    call(&registry, &format!("Bearer {token}")).await.unwrap();
    assert!(desk.ehr.asked().is_empty());
}

#[tokio::test]
async fn a_doctor_sees_whether_the_keys_can_be_had() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    let checked = registry.check().await;
    assert_eq!(checked[0], ("here".to_string(), Ok(())));
    // The name of the other one leads to this machine.
    let tenant = "named".to_string();
    let expect = EhrError::Unreachable { tenant: tenant.clone(), fault: Fault::Forbidden };
    assert_eq!(checked[1], (tenant, Err(expect)));
    desk.ehr.answers(|_| Answer::Whole(403, "canary".to_string()));
    let checked = registry.check().await;
    assert!(matches!(checked[0], (_, Err(EhrError::Status { status: 403, .. }))));
    let huge = format!("{{\"keys\":[]}}{}", " ".repeat(300_000));
    desk.ehr.answers(move |_| Answer::Whole(200, huge.clone()));
    let checked = registry.check().await;
    let large = Err(EhrError::Unreachable { tenant: "here".to_string(), fault: Fault::Large });
    assert_eq!(checked[0].1, large);
    // What was fetched before is still believed.
    call(&registry, &desk.bearer()).await.unwrap();
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    let location = format!("{}/keys", desk.trap.origin());
    desk.ehr.answers(move |_| {
        let head = format!("HTTP/1.1 302 x\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        Answer::Raw(head.into_bytes())
    });
    assert_eq!(call(&registry, &desk.bearer()).await, Err(Refused::NoKeys));
    desk.nobody_escaped("a redirect");
}

#[tokio::test]
async fn a_private_half_that_is_shown_ends_the_trust_in_the_keys_before() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    call(&registry, &desk.bearer()).await.unwrap();
    let mut jwk = desk.key.public_jwk().clone();
    jwk["d"] = "AAAA".into();
    let set = serde_json::json!({"keys": [jwk]}).to_string();
    desk.ehr.answers(move |_| Answer::Whole(200, set.clone()));
    desk.pass(900);
    assert_eq!(call(&registry, &desk.bearer()).await, Err(Refused::NoKeys));
}
