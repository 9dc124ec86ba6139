//! Signing in by the hospital's identity provider: a real one of our own, over HTTP, as a browser
//! goes it.

use cauda_server::Config;
use cauda_sign_on::Settings;

use crate::browser::{Browser, Page};
use crate::house::{House, MORNING};
use crate::issuer::{GROUP, Issuer, NAME, SECRET};

/// A department whose people sign in by an issuer.
struct Hospital {
    house: House,
    issuer: Issuer,
}

impl Hospital {
    fn with(role: &str) -> Hospital {
        // The issuer needs a runtime of its own, as it is there before the house.
        let runtime = Box::leak(Box::new(tokio::runtime::Runtime::new().unwrap()));
        let issuer = runtime.block_on(Issuer::start(MORNING));
        let folder = Box::leak(Box::new(tempfile::tempdir().unwrap()));
        let secret = folder.path().join("secret");
        std::fs::write(&secret, SECRET).unwrap();
        std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
        let back = "http://127.0.0.1:7070/sign-on/back";
        let mut settings = Settings::new(&issuer.name(), "cauda-client", back);
        settings.client_secret = Some(secret);
        settings.roles.insert(GROUP.to_string(), role.to_string());
        let config = Config { sign_on: Some(settings), ..House::config() };
        Hospital { house: House::with(config), issuer }
    }

    /// All the way: off, at the provider, back. The page that answers, and the browser.
    fn sign_in(&self) -> (Browser, Page) {
        let mut browser = self.house.browser();
        assert!(browser.get("/sign-in").has("With the hospital account"));
        let begun = browser.get("/sign-on");
        assert_eq!(begun.status, 303, "{}", begun.text);
        let query = self.issuer.authorize(begun.location.as_ref().unwrap());
        let back = browser.get(&format!("/sign-on/back?{query}"));
        (browser, back)
    }
}

#[test]
fn a_person_of_the_hospital_signs_in_and_is_known_again() {
    let hospital = Hospital::with("physician");
    let (mut browser, back) = hospital.sign_in();
    assert_eq!(back.status, 200, "{}", back.text);
    // No redirection: the session's cookie would not go along with it.
    assert!(back.location.is_none() && back.header("refresh") == Some("0; url=/"));
    let list = browser.get("/waiting");
    assert!(list.has(NAME) && list.has("physician"), "{}", list.text);
    // The same person is the same account, whatever they are called today; the role is today's.
    hospital.issuer.manner().claims = Box::new(|claims| claims["name"] = "Dr Another Name".into());
    let (mut again, _) = hospital.sign_in();
    assert!(again.get("/waiting").has(NAME));
    let accounts = &hospital.house.server().department;
    let count = hospital.house.runtime.block_on(async {
        accounts.record().notes(cauda_server::streams::PERSON, "").await.unwrap().len()
    });
    assert_eq!(count, 1);
}

#[test]
fn the_name_of_somebody_with_a_password_is_not_taken_over() {
    let hospital = Hospital::with("triage-nurse");
    let record = hospital.house.server().department.record().clone();
    let accounts = cauda_server::accounts::Accounts::new(record, hospital.house.clock.clone());
    let by = cauda_pathway::identity::ActorId::new("test").unwrap();
    let role = cauda_server::access::AccountRole::Administrator;
    let known = hospital.house.runtime.block_on(accounts.create(&by, NAME, role)).unwrap().unwrap();
    let (mut browser, _) = hospital.sign_in();
    let page = browser.get("/waiting");
    assert!(page.has(&format!("{NAME} (2)")) && page.has("triage nurse"), "{}", page.text);
    assert_eq!(browser.get("/accounts").status, 403);
    // Closed is closed, whatever the provider says.
    let id = hospital.house.runtime.block_on(accounts.all()).unwrap();
    let own = id.iter().find(|account| account.linked).unwrap();
    assert_ne!(own.id, known.id);
    hospital.house.runtime.block_on(accounts.disable(&by, own)).unwrap();
    let (_, back) = hospital.sign_in();
    assert!(back.status == 403 && back.has("Your account here was closed"), "{}", back.text);
}

#[test]
fn what_the_provider_or_a_stranger_sends_otherwise_signs_nobody_in() {
    let hospital = Hospital::with("physician");
    // Back without having been sent, and with another state.
    let mut browser = hospital.house.browser();
    for query in ["", "code=x&state=y", "error=access_denied&state=y"] {
        let back = browser.get(&format!("/sign-on/back?{query}"));
        assert_eq!(back.status, 502, "{query}");
        assert!(browser.cookie.is_none(), "{query}");
    }
    // A token for somebody else.
    hospital.issuer.manner().claims = Box::new(|claims| claims["aud"] = "another-client".into());
    let (mut browser, back) = hospital.sign_in();
    assert_eq!(back.status, 502, "{}", back.text);
    assert_eq!(browser.get("/waiting").status, 303);
    // Nobody's group has a role.
    let none = Hospital::with("physician");
    none.issuer.manner().claims = Box::new(|claims| claims["groups"] = "gardeners".into());
    let (_, back) = none.sign_in();
    assert!(back.status == 502 || back.status == 403, "{}", back.status);
    assert!(!back.has("gardeners") && !back.has(NAME), "{}", back.text);
    // Where no provider is set up there is no such page.
    let closed = House::empty();
    assert_eq!(closed.browser().get("/sign-on").status, 404);
    assert!(!closed.browser().get("/sign-in").has("hospital account"));
}

#[test]
fn after_a_pause_the_provider_lets_them_go_on_with_what_they_entered() {
    let hospital = Hospital::with("triage-nurse");
    let (mut browser, _) = hospital.sign_in();
    let arrival = browser.get("/arrival");
    hospital.house.clock.pass(20 * 60);
    let mut manner = hospital.issuer.manner();
    manner.now += 20 * 60;
    drop(manner);
    let fields = [("name", "Ada Lind"), ("number", "N-1")];
    let locked = browser.send(&arrival, "/arrival", &fields);
    assert!(locked.has("What you entered is kept") && locked.has("in a new window"));
    let alone = browser.send(&locked, "/unlock", &[]);
    assert!(alone.status == 401 && alone.has("Sign in first"), "{}", alone.text);
    // In the other window: the same browser, a new session.
    let begun = browser.get("/sign-on");
    let query = hospital.issuer.authorize(begun.location.as_ref().unwrap());
    assert_eq!(browser.get(&format!("/sign-on/back?{query}")).status, 200);
    let back = browser.send(&alone, "/unlock", &[]);
    assert!(back.has("You are back"), "{}", back.text);
    let sent = browser.send(&back, "/arrival", &[]);
    assert_eq!(sent.status, 303, "{}", sent.text);
}
