//! A good ID token with one character changed is a bad one.

use std::sync::Arc;

use cauda_sign_on::{Provider, SignOnError};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tokio::runtime::Runtime;

use crate::desk::Desk;
use crate::signer::Signer;

/// Characters of the alphabet, and a few that are not of it.
const CHARACTERS: &[u8] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. \n";

async fn is_refused(desk: &Desk, provider: &Provider, at: usize, with: usize) -> bool {
    let changed = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let tell = changed.clone();
    desk.issuer.manner().given.clear();
    desk.issuer.manner().token = Box::new(move |token| {
        let mut bytes = token.into_bytes();
        let at = at % bytes.len();
        let with = CHARACTERS[with % CHARACTERS.len()];
        tell.store(bytes[at] != with, std::sync::atomic::Ordering::SeqCst);
        bytes[at] = with;
        String::from_utf8(bytes).unwrap()
    });
    let signed_in = desk.sign_in(provider).await;
    match changed.load(std::sync::atomic::Ordering::SeqCst) {
        true => matches!(signed_in, Err(SignOnError::Token(_))),
        false => signed_in.is_ok(),
    }
}

#[test]
fn any_single_character_counts() {
    let runtime = Runtime::new().unwrap();
    for signer in [Signer::ecdsa("ES256", "one"), Signer::rsa("RS256", "one", false)] {
        let desk = runtime.block_on(Desk::new());
        desk.issuer.manner().signs_with(signer);
        let provider = desk.provider();
        let config = ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() };
        let places = (any::<prop::sample::Index>(), any::<prop::sample::Index>());
        TestRunner::new(config)
            .run(&places, |(at, with)| {
                let (at, with) = (at.index(100_000), with.index(CHARACTERS.len()));
                let refused = is_refused(&desk, &provider, at, with);
                prop_assert!(runtime.block_on(refused), "at {} with {}", at, with);
                Ok(())
            })
            .unwrap();
    }
}

/// The last characters carry bits that say nothing, which a lax reader would drop.
#[tokio::test]
async fn the_end_of_each_part_counts() {
    let desk = Desk::new().await;
    let provider = desk.provider();
    desk.sign_in(&provider).await.unwrap();
    let token = desk.issuer.manner().given[0].clone();
    let dots = token.match_indices('.').map(|(at, _)| at);
    let ends: Vec<usize> = dots.chain([token.len()]).collect();
    for end in ends {
        for with in 0..CHARACTERS.len() {
            assert!(is_refused(&desk, &provider, end - 1, with).await, "at {end} with {with}");
        }
    }
}
