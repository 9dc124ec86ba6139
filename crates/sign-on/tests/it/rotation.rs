//! A provider that changes its keys.

use cauda_sign_on::TokenFault::{Signature, UnknownKey};

use crate::desk::Desk;
use crate::issuer::KEYS;
use crate::signer::Signer;

#[tokio::test]
async fn a_new_key_is_found_and_an_old_one_ends() {
    let desk = Desk::new().await;
    let provider = desk.provider();
    desk.sign_in(&provider).await.unwrap();
    let old = desk.issuer.manner().signer.clone();
    // Too soon after the keys were read.
    desk.issuer.manner().signs_with(Signer::rsa("RS256", "two", false));
    desk.pass(59);
    assert_eq!(desk.sign_in(&provider).await, Err(UnknownKey.into()));
    assert_eq!(desk.issuer.manner().times(KEYS), 1);
    desk.pass(1);
    desk.sign_in(&provider).await.unwrap();
    desk.sign_in(&provider).await.unwrap();
    assert_eq!(desk.issuer.manner().times(KEYS), 2);
    // What is no longer shown signs nobody in.
    desk.issuer.manner().signer = old;
    assert_eq!(desk.sign_in(&provider).await, Err(UnknownKey.into()));
    desk.pass(60);
    assert_eq!(desk.sign_in(&provider).await, Err(UnknownKey.into()));
    assert_eq!(desk.issuer.manner().times(KEYS), 3);
}

#[tokio::test]
async fn old_and_new_serve_side_by_side() {
    let desk = Desk::new().await;
    let provider = desk.provider();
    let (old, new) = (Signer::ecdsa("ES256", "one"), Signer::ecdsa("ES384", "two"));
    desk.issuer.manner().published = vec![old.clone(), new.clone()];
    for signer in [&old, &new, &old] {
        desk.issuer.manner().signer = signer.clone();
        desk.sign_in(&provider).await.unwrap();
    }
    assert_eq!(desk.issuer.manner().times(KEYS), 1);
}

#[tokio::test]
async fn a_key_that_changes_under_its_id_is_found_when_the_keys_are_old() {
    let desk = Desk::new().await;
    let provider = desk.provider();
    desk.sign_in(&provider).await.unwrap();
    desk.issuer.manner().signs_with(Signer::ecdsa("ES256", "one"));
    assert_eq!(desk.sign_in(&provider).await, Err(Signature.into()));
    desk.pass(900);
    desk.sign_in(&provider).await.unwrap();
}

#[tokio::test]
async fn keys_that_are_away_are_asked_for_again() {
    let desk = Desk::new().await;
    let provider = desk.provider();
    desk.issuer.manner().says(KEYS, "busy");
    desk.sign_in(&provider).await.unwrap_err();
    desk.issuer.manner().instead.clear();
    desk.sign_in(&provider).await.unwrap();
}
