//! A token is good once.

use std::sync::Arc;

use cauda_ehr::{Mode, Refused, Registry, Replays, ReplaysInMemory};

use crate::desk::{Desk, call};

#[tokio::test]
async fn a_token_that_comes_twice() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    let token = desk.bearer();
    call(&registry, &token).await.unwrap();
    for seconds in [0, 1, 298, 60] {
        desk.pass(seconds);
        assert_eq!(call(&registry, &token).await, Err(Refused::Replayed));
    }
    desk.pass(1);
    assert_eq!(call(&registry, &token).await, Err(Refused::Expired));
}

#[tokio::test]
async fn a_token_that_comes_twice_at_the_same_moment() {
    let desk = Desk::new().await;
    let registry = Arc::new(desk.registry());
    call(&registry, &desk.bearer()).await.unwrap();
    let token = desk.bearer();
    let calls = (0..16).map(|_| {
        let (registry, token) = (registry.clone(), token.clone());
        tokio::spawn(async move { call(&registry, &token).await.is_ok() })
    });
    let mut believed = 0;
    for one in calls.collect::<Vec<_>>() {
        believed += usize::from(one.await.unwrap());
    }
    assert_eq!(believed, 1);
}

#[tokio::test]
async fn a_token_that_comes_to_two_servers_or_after_a_restart() {
    let desk = Desk::new().await;
    let shared: Arc<dyn Replays> = Arc::new(ReplaysInMemory::new());
    let open = || {
        let mut parts = desk.parts();
        parts.replays = shared.clone();
        Registry::open(&desk.settings(), Mode::Production, parts).unwrap()
    };
    let token = desk.bearer();
    call(&open(), &token).await.unwrap();
    assert_eq!(call(&open(), &token).await, Err(Refused::Replayed));
}

#[tokio::test]
async fn a_token_that_is_refused_is_not_remembered() {
    let desk = Desk::new().await;
    let registry = desk.registry();
    let token = desk.bearer();
    // Signed by nobody: the same jti, and the honest token is still good.
    let (head, _) = token.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", "A".repeat(128));
    assert_eq!(call(&registry, &forged).await, Err(Refused::Signature));
    call(&registry, &token).await.unwrap();
}

#[test]
fn it_is_remembered_as_long_as_it_would_be_good_and_for_each_issuer() {
    let replays = ReplaysInMemory::new();
    assert!(replays.first_time("a", "one", 100, 10));
    assert!(!replays.first_time("a", "one", 100, 10));
    assert!(!replays.first_time("a", "one", 500, 100));
    assert!(replays.first_time("b", "one", 100, 10));
    assert!(replays.first_time("a", "One", 100, 10));
    // Too late to be of use, so it is not remembered and not believed.
    assert!(!replays.first_time("a", "late", 99, 100));
    assert!(replays.first_time("a", "one", 500, 101));
}

#[test]
fn more_than_can_be_remembered_is_refused_and_nothing_forgotten() {
    let replays = ReplaysInMemory::new();
    let mut taken = 0;
    for at in 0..240_100 {
        taken += usize::from(replays.first_time("a", &at.to_string(), 400, 100));
    }
    assert_eq!(taken, 240_000);
    assert!(!replays.first_time("a", "0", 400, 100));
    // Another issuer has room of its own, and this one when its tokens have ended.
    assert!(replays.first_time("b", "0", 400, 100));
    assert!(!replays.first_time("a", "new", 700, 400));
    assert!(replays.first_time("a", "new", 700, 401));
}
