//! What a browser brings back, when it is not what it was sent out for.

use cauda_sign_on::TokenFault;
use cauda_sign_on::{AuthorizationResponse, Begun, KEPT_SECONDS, Provider, Refusal, SignOnError};
use proptest::prelude::*;

use crate::desk::{Desk, Numbers};
use crate::issuer::{CODE, TOKEN};

async fn begin(provider: &Provider) -> Begun {
    provider.begin(&Numbers::new()).await.unwrap()
}

async fn finish(desk: &Desk, provider: &Provider, kept: &str, query: &str) -> SignOnError {
    let answer = match AuthorizationResponse::read(query) {
        Ok(answer) => answer,
        Err(error) => return error,
    };
    let error = provider.finish(kept, &answer).await.unwrap_err();
    desk.is_silent(&error);
    error
}

#[tokio::test]
async fn a_state_that_is_not_the_one() {
    let desk = Desk::new().await;
    let provider = desk.provider();
    let (one, two) = (begin(&provider).await, begin(&provider).await);
    let of_two = desk.issuer.authorize(&two.url);
    assert_eq!(finish(&desk, &provider, &one.kept, &of_two).await, SignOnError::State);
    for state in ["", "&state=", "&state=x", &format!("&state={}x", one.state)] {
        let query = format!("code={CODE}-0{state}");
        assert_eq!(finish(&desk, &provider, &one.kept, &query).await, SignOnError::State);
    }
    assert_eq!(desk.issuer.manner().times(TOKEN), 0, "no code was sent on");
    let answer = AuthorizationResponse::read(&of_two).unwrap();
    provider.finish(&two.kept, &answer).await.unwrap();
}

#[tokio::test]
async fn a_browser_that_has_begun_nothing() {
    let desk = Desk::new().await;
    let provider = desk.provider();
    let begun = begin(&provider).await;
    let query = desk.issuer.authorize(&begun.url);
    let long = "A".repeat(100_000);
    for kept in ["", "A", "=", "ü", &begun.kept[1..], &format!("{}A", begun.kept), &long] {
        assert_eq!(finish(&desk, &provider, kept, &query).await, SignOnError::Unsolicited);
    }
    for at in 0..begun.kept.len() {
        let mut kept = begun.kept.clone().into_bytes();
        kept[at] = if kept[at] == b'A' { b'B' } else { b'A' };
        let kept = String::from_utf8(kept).unwrap();
        assert_eq!(finish(&desk, &provider, &kept, &query).await, SignOnError::Unsolicited);
    }
    // Sealed with the same secret for another client.
    let mut settings = desk.settings();
    settings.seal_secret = Some(desk.write("seal", &"seal ".repeat(7), 0o600));
    let ours = desk.open(&settings);
    settings.client_id = "another".to_string();
    let other = begin(&desk.open(&settings)).await;
    let query = format!("code={CODE}&state={}", other.state);
    assert_eq!(finish(&desk, &ours, &other.kept, &query).await, SignOnError::Unsolicited);
}

#[tokio::test]
async fn an_answer_that_comes_late_or_twice() {
    let desk = Desk::new().await;
    let provider = desk.provider();
    let begun = begin(&provider).await;
    let query = desk.issuer.authorize(&begun.url);
    desk.pass(KEPT_SECONDS + 1);
    assert_eq!(finish(&desk, &provider, &begun.kept, &query).await, SignOnError::Late);
    let begun = begin(&provider).await;
    let query = desk.issuer.authorize(&begun.url);
    desk.pass(KEPT_SECONDS);
    let answer = AuthorizationResponse::read(&query).unwrap();
    provider.finish(&begun.kept, &answer).await.unwrap();
    assert_eq!(finish(&desk, &provider, &begun.kept, &query).await, SignOnError::Used);
    // Another server, which does not know: the provider does.
    let mut settings = desk.settings();
    settings.seal_secret = Some(desk.write("seal", &"seal ".repeat(7), 0o600));
    let (one, two) = (desk.open(&settings), desk.open(&settings));
    let begun = begin(&one).await;
    let query = desk.issuer.authorize(&begun.url);
    let answer = AuthorizationResponse::read(&query).unwrap();
    one.finish(&begun.kept, &answer).await.unwrap();
    assert_eq!(finish(&desk, &two, &begun.kept, &query).await, SignOnError::CodeRefused);
}

#[tokio::test]
async fn a_code_of_another_sign_in() {
    let desk = Desk::new().await;
    let provider = desk.provider();
    for (checks_pkce, expect) in
        [(true, SignOnError::CodeRefused), (false, TokenFault::Nonce.into())]
    {
        desk.issuer.manner().checks_pkce = checks_pkce;
        let (stolen, own) = (begin(&provider).await, begin(&provider).await);
        let stolen = desk.issuer.authorize(&stolen.url);
        let code = stolen.split('&').next().unwrap();
        let iss = stolen.rsplit('&').next().unwrap();
        let query = format!("{code}&state={}&{iss}", own.state);
        assert_eq!(finish(&desk, &provider, &own.kept, &query).await, expect);
    }
}

#[tokio::test]
async fn an_answer_of_another_provider() {
    let desk = Desk::new().await;
    let provider = desk.provider();
    for iss in ["", "&iss=", "&iss=https://evil.example.org", "&iss=http://127.0.0.1/realm"] {
        for outcome in ["code=x", "error=access_denied"] {
            let begun = begin(&provider).await;
            let query = format!("{outcome}&state={}{iss}", begun.state);
            let error = finish(&desk, &provider, &begun.kept, &query).await;
            assert_eq!(error, SignOnError::MixedUp, "{query}");
        }
    }
    assert_eq!(desk.issuer.manner().times(TOKEN), 0);
    // Wrong it is refused also where it is not announced.
    let quiet = Desk::new().await;
    quiet.issuer.manner().names_itself = false;
    let provider = quiet.provider();
    let begun = begin(&provider).await;
    let query = format!("{}&iss=https://evil.example.org", quiet.issuer.authorize(&begun.url));
    let error = finish(&quiet, &provider, &begun.kept, &query).await;
    assert_eq!(error, SignOnError::MixedUp);
}

#[tokio::test]
async fn an_answer_without_a_code() {
    let desk = Desk::new().await;
    desk.issuer.manner().names_itself = false;
    let provider = desk.provider();
    let long = format!("code={}", "c".repeat(4_097));
    for (outcome, expect) in [
        ("error=access_denied", SignOnError::Refused(Refusal::AccessDenied)),
        ("error=login_required", SignOnError::Refused(Refusal::Interaction)),
        ("error=temporarily_unavailable", SignOnError::Refused(Refusal::Away)),
        ("error=invalid_scope", SignOnError::Refused(Refusal::Request)),
        ("error=canary&error_description=canary", SignOnError::Refused(Refusal::Other)),
        ("error=", SignOnError::Refused(Refusal::Other)),
        ("code=x&error=access_denied", SignOnError::Query),
        ("code=", SignOnError::Query),
        ("", SignOnError::Query),
        ("code=a&code=b", SignOnError::Query),
        ("state=a", SignOnError::Query),
        (&long, SignOnError::Query),
    ] {
        let begun = begin(&provider).await;
        let query = format!("state={}&{outcome}", begun.state);
        assert_eq!(finish(&desk, &provider, &begun.kept, &query).await, expect, "{outcome}");
    }
    let many = "x=1&".repeat(32) + "code=a";
    for query in [&many, &"x".repeat(8_193)] {
        assert_eq!(AuthorizationResponse::read(query), Err(SignOnError::Query));
    }
    assert_eq!(desk.issuer.manner().times(TOKEN), 0);
}

proptest! {
    #[test]
    fn a_query_is_read_or_refused(query in ".{0,200}", name in "(code|state|error|iss)=.{0,9}") {
        let _ = AuthorizationResponse::read(&query);
        let twice = format!("{name}&{query}&{name}");
        prop_assert_eq!(AuthorizationResponse::read(&twice), Err(SignOnError::Query));
    }
}
