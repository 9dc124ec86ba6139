//! Browsers that come back with what is not theirs, too late, twice, or with nothing.

use std::sync::Arc;

use cauda_smart::{
    FRAME_SECONDS, KEPT_SECONDS, Launches, Refusal, Settings, Shown, SmartError, Tie,
};
use proptest::test_runner::TestRunner;

use crate::desk::{Desk, NOON, Numbers};
use crate::ehr::{Ehr, LAUNCH, PATIENT, TOKEN, pairs};

#[tokio::test]
async fn a_state_comes_back_once() {
    let desk = Desk::new().await;
    let launches = desk.launches();
    let begun = desk.begin(&launches).await.unwrap();
    let query = desk.ehr.authorize(&begun.redirect_to);
    desk.finish(&launches, &begun, &query).await.unwrap();
    let error = desk.finish(&launches, &begun, &query).await.unwrap_err();
    assert_eq!(error, SmartError::Unsolicited);
    assert_eq!(desk.ehr.manner().times(TOKEN), 1);
    // Of two at once, one ends.
    let begun = desk.begin(&launches).await.unwrap();
    let query = desk.ehr.authorize(&begun.redirect_to);
    let both = futures_util::future::join(
        desk.finish(&launches, &begun, &query),
        desk.finish(&launches, &begun, &query),
    );
    let (first, second) = both.await;
    assert_eq!([first, second].iter().filter(|one| one.is_ok()).count(), 1);
}

#[tokio::test]
async fn a_launch_of_another_browser_is_not_shown() {
    let desk = Desk::new().await;
    let mut settings = desk.settings();
    settings.framed = true;
    let launches = desk.open(&settings);
    let (own, other) = (desk.begin(&launches).await.unwrap(), desk.begin(&launches).await.unwrap());
    let query = desk.ehr.authorize(&other.redirect_to);
    // The victim's browser has its own handle, and is led to the attacker's address.
    let error = desk.finish(&launches, &own, &query).await.unwrap_err();
    assert_eq!(error, SmartError::OtherBrowser);
    // That burnt the attacker's launch, and his code was sent nowhere.
    let error = desk.finish(&launches, &other, &query).await.unwrap_err();
    assert_eq!(error, SmartError::Unsolicited);
    assert_eq!(desk.ehr.manner().times(TOKEN), 0);
    desk.is_silent((error.to_string(), &error));
    // The victim's own goes on.
    let query = desk.ehr.authorize(&own.redirect_to);
    desk.finish(&launches, &own, &query).await.unwrap();
}

#[tokio::test]
async fn a_launch_ends_in_the_way_it_began() {
    let desk = Desk::new().await;
    let mut settings = desk.settings();
    settings.framed = true;
    let launches = desk.open(&settings);
    let ways = [(Tie::Handle, Shown::Frame), (Tie::Frame, Shown::Handle("x"))];
    for (tie, shown) in ways {
        let iss = desk.ehr.iss();
        let begun = launches.begin(&iss, Some(LAUNCH), tie, &desk.numbers, NOON).await.unwrap();
        let query = desk.ehr.authorize(&begun.redirect_to);
        let error = launches.finish(&query, shown, &desk.numbers, NOON).await.unwrap_err();
        assert_eq!(error, SmartError::OtherBrowser);
    }
}

#[tokio::test]
async fn a_code_of_another_launch_does_not_fit_its_verifier() {
    let desk = Desk::new().await;
    let launches = desk.launches();
    let (own, other) = (desk.begin(&launches).await.unwrap(), desk.begin(&launches).await.unwrap());
    let mut query = pairs(desk.ehr.authorize(&other.redirect_to).as_bytes());
    query.insert("state".to_string(), own.state.reveal().to_string());
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let error = desk.finish(&launches, &own, &query).await.unwrap_err();
    assert_eq!(error, SmartError::CodeRefused);
    desk.is_silent((error.to_string(), &error));
}

#[tokio::test]
async fn a_launch_has_its_time() {
    let desk = Desk::new().await;
    let mut settings = desk.settings();
    settings.framed = true;
    let launches = desk.open(&settings);
    for (tie, seconds) in [(Tie::Handle, KEPT_SECONDS), (Tie::Frame, FRAME_SECONDS)] {
        for (late, seconds) in [(false, seconds), (true, seconds + 1)] {
            let (iss, now) = (desk.ehr.iss(), desk.now());
            let begun = launches.begin(&iss, Some(LAUNCH), tie, &desk.numbers, now).await.unwrap();
            desk.pass(seconds);
            let query = desk.ehr.authorize(&begun.redirect_to);
            let shown = match &begun.handle {
                Some(handle) => Shown::Handle(handle.reveal()),
                None => Shown::Frame,
            };
            let launched = launches.finish(&query, shown, &desk.numbers, desk.now()).await;
            let expect = if late { Some(SmartError::Late) } else { None };
            assert_eq!(launched.err(), expect);
        }
    }
}

#[tokio::test]
async fn what_the_ehr_says_instead_is_not_repeated() {
    for (error, expect) in [
        ("access_denied", Refusal::AccessDenied),
        ("login_required", Refusal::Interaction),
        ("temporarily_unavailable", Refusal::Away),
        ("invalid_scope", Refusal::Scope),
        ("unauthorized_client", Refusal::Request),
        ("canary", Refusal::Other),
    ] {
        let desk = Desk::new().await;
        let launches = desk.launches();
        let begun = desk.begin(&launches).await.unwrap();
        let state = begun.state.reveal();
        let query = format!("error={error}&error_description=canary&state={state}");
        let refused = desk.finish(&launches, &begun, &query).await.unwrap_err();
        assert_eq!(refused, SmartError::Refused(expect));
        desk.is_silent((refused.to_string(), &refused));
        let again = desk.finish(&launches, &begun, &query).await.unwrap_err();
        assert_eq!(again, SmartError::Unsolicited);
        assert_eq!(desk.ehr.manner().times(TOKEN), 0);
    }
}

#[tokio::test]
async fn an_answer_of_another_server_is_refused() {
    for (names_itself, spoil) in [(true, ""), (true, "&iss=https://x.example"), (false, "&iss=x")] {
        let desk = Desk::new().await;
        desk.ehr.manner().names_itself = names_itself;
        let launches = desk.launches();
        let begun = desk.begin(&launches).await.unwrap();
        let query = desk.ehr.authorize(&begun.redirect_to);
        let query = query.split("&iss=").next().unwrap().to_string() + spoil;
        let error = desk.finish(&launches, &begun, &query).await.unwrap_err();
        assert_eq!(error, SmartError::MixedUp);
    }
    let desk = Desk::new().await;
    desk.ehr.manner().names_itself = true;
    desk.launch(&desk.launches()).await.unwrap();
}

#[tokio::test]
async fn two_ehrs_do_not_mix() {
    let (one, two) = (Desk::new().await, Desk::of(Ehr::start(NOON).await));
    let (mut first, mut second) = (one.settings(), two.settings());
    first.tenant = "first".to_string();
    second.tenant = "second".to_string();
    let launches = Launches::open(&[first.clone(), second]).unwrap();
    let (begun, other) = (one.begin(&launches).await.unwrap(), two.begin(&launches).await.unwrap());
    let query = two.ehr.authorize(&other.redirect_to);
    assert_eq!(two.finish(&launches, &other, &query).await.unwrap().tenant, "second");
    let query = one.ehr.authorize(&begun.redirect_to);
    let launched = one.finish(&launches, &begun, &query).await.unwrap();
    assert_eq!((launched.tenant.as_str(), launched.patient.as_str()), ("first", PATIENT));
    assert_eq!((one.ehr.manner().times(TOKEN), two.ehr.manner().times(TOKEN)), (1, 1));
    first.iss += "/";
    let twice: Result<Launches, SmartError> = Launches::open(&[one.settings(), first]);
    assert!(matches!(twice, Err(SmartError::Setting { name: "iss", .. })));
}

#[test]
fn no_query_is_too_odd() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let iss = "https://ehr.example.org/fhir";
    let settings = Settings::new("a", iss, "b", "https://cauda.example.org/back");
    let launches = Arc::new(Launches::open(&[settings]).unwrap());
    let numbers = Numbers::new();
    let check = |query: &str| {
        let finish = launches.finish(query, Shown::Handle(query), &numbers, NOON);
        let error = runtime.block_on(finish).unwrap_err();
        assert!(matches!(error, SmartError::Query | SmartError::Unsolicited), "{error}");
        Ok(())
    };
    for query in ["", "code=x", "state=a&state=b", "state=x&code=y", &"x=1&".repeat(9_000)] {
        check(query).unwrap();
    }
    TestRunner::default().run(&".{0,200}", |query| check(&query)).unwrap();
    TestRunner::default()
        .run(&"((code|state|iss|error|launch)=[a-z%&+]{0,9}&){0,9}", |query| check(&query))
        .unwrap();
}
