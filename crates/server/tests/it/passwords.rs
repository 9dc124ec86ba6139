//! Accounts with passwords: the first administrator, a new account, wrong passwords, an account
//! that was closed.

use crate::browser::Browser;
use crate::house::House;

const PASSWORD: &str = "three quiet wombats";

fn administrator(house: &House) -> Browser {
    let mut browser = house.browser();
    let link = house.server().first_link.clone().unwrap();
    let page = browser.get(&link);
    assert!(page.has("Choose a password"), "{}", page.text);
    let short = browser.send(&page, "/first", &[("password", "short")]);
    assert_eq!(short.status, 400);
    let set = browser.send(&page, "/first", &[("password", PASSWORD)]);
    assert_eq!(set.location.as_deref(), Some("/sign-in"));
    // Good once.
    assert_eq!(browser.get(&link).status, 410);
    sign_in(house, "administrator", PASSWORD)
}

fn sign_in(house: &House, name: &str, password: &str) -> Browser {
    let mut browser = house.browser();
    let page = browser.post("/sign-in", &[("name", name), ("password", password)]);
    assert_eq!(page.status, 303, "{}", page.text);
    let cookie = page.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    browser
}

#[test]
fn the_first_administrator_makes_accounts_and_closes_them() {
    let house = House::empty();
    let mut admin = administrator(&house);
    assert_eq!(admin.get("/waiting").status, 403);
    let made = {
        let page = admin.get("/accounts");
        admin.send(&page, "/accounts", &[("name", "nina"), ("role", "triage-nurse")])
    };
    let link = made.text.split("<pre class=\"note\" id=\"link\">").nth(1).unwrap();
    let link = link.split('<').next().unwrap().to_string();
    let taken = {
        let page = admin.get("/accounts");
        admin.send(&page, "/accounts", &[("name", "Nina"), ("role", "physician")])
    };
    assert!(taken.has("This name is taken"));
    let mut nina = house.browser();
    let page = nina.get(&link);
    nina.send(&page, "/first", &[("password", "another good one")]);
    let mut nina = sign_in(&house, "Nina ", "another good one");
    assert_eq!(nina.get("/waiting").status, 200);
    assert_eq!(nina.get("/accounts").status, 403);
    let page = admin.get("/accounts");
    let id = account_id(&page.text, "nina");
    let path = format!("/accounts/{id}/disable");
    admin.send(&page, &path, &[]);
    assert!(nina.get("/waiting").location.unwrap().starts_with("/sign-in"));
    let refused =
        house.browser().post("/sign-in", &[("name", "nina"), ("password", "another good one")]);
    assert_eq!(refused.status, 401);
}

fn account_id(text: &str, name: &str) -> String {
    let row = text.split("<tr").find(|row| row.contains(&format!(">{name}<"))).unwrap();
    row.split("/accounts/").nth(1).unwrap().split('/').next().unwrap().to_string()
}

#[test]
fn wrong_passwords_are_slowed_and_say_nothing() {
    let house = House::empty();
    drop(administrator(&house));
    let mut browser = house.browser();
    let wrong =
        browser.post("/sign-in", &[("name", "administrator"), ("password", "not that one")]);
    let nobody = browser.post("/sign-in", &[("name", "nobody here"), ("password", "not that one")]);
    assert_eq!((wrong.status, nobody.status), (401, 401));
    assert_eq!(wrong.text, nobody.text, "who exists is not told");
    let last = (0..12)
        .map(|_| browser.post("/sign-in", &[("name", "administrator"), ("password", "no")]))
        .last();
    assert_eq!(last.unwrap().status, 429);
    // Others are not held up, and the wait ends.
    assert_eq!(browser.post("/sign-in", &[("name", "other"), ("password", "no")]).status, 401);
    house.clock.pass(60);
    sign_in(&house, "administrator", PASSWORD);
}

#[test]
fn signing_out_ends_it_everywhere() {
    let house = House::empty();
    let mut admin = administrator(&house);
    let stolen = admin.cookie.clone();
    let page = admin.get("/accounts");
    admin.send(&page, "/sign-out", &[]);
    let mut thief = house.browser();
    thief.cookie = stolen;
    assert!(thief.get("/accounts").location.unwrap().starts_with("/sign-in"));
}
