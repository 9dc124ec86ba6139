//! Every address against every role: what the table says is what happens, and nothing else is
//! reached by anybody who is not signed in.

use cauda_server::access::{AccountRole, Act};
use cauda_server::accounts::Accounts;
use cauda_server::ids;
use cauda_server::web::ROUTES;

use crate::browser::Browser;
use crate::house::House;

fn filled(path: &str) -> String {
    path.replace("{id}", "demo-v1")
        .replace("{number}", "1")
        .replace("{task}", "1")
        .replace("{what}", "nothing")
        .replace("{referral}", "1")
        .replace("{name}", "staff.css")
        .replace("{*file}", "index.html")
}

/// Somebody of that role, by a session made for the test.
pub fn signed_in(house: &House, role: AccountRole) -> Browser {
    let record = house.server().department.record().clone();
    let accounts = Accounts::new(record, house.clock.clone());
    let secret = house.runtime.block_on(async {
        let by = cauda_pathway::identity::ActorId::new("test").unwrap();
        let name = format!("Test {}", role.words());
        let account = match accounts.named(&name).await.unwrap() {
            Some(account) => account,
            None => accounts.create(&by, &name, role).await.unwrap().unwrap(),
        };
        let secret = ids::secret().unwrap();
        let since = house.clock.now();
        let value = format!("{{\"account\":\"{}\",\"since\":{since}}}", account.id);
        accounts.signed_in(&account, &ids::kept(&secret), value).await.unwrap();
        secret
    });
    let mut browser = house.browser();
    browser.cookie = Some(format!("cauda={secret}"));
    // A session out of the record asks once whether it is still the same person.
    let locked = browser.get("/");
    assert!(locked.location.is_some());
    let locked = browser.get("/locked");
    browser.send(&locked, "/unlock", &[]);
    browser
}

#[test]
fn every_route_does_what_the_table_says_for_every_role() {
    let house = House::demo();
    for role in AccountRole::all() {
        let mut browser = signed_in(&house, role);
        let csrf = {
            let page = browser.get(if role == AccountRole::Administrator {
                "/accounts"
            } else {
                "/waiting"
            });
            assert_eq!(page.status, 200, "{}: {}", role.words(), page.text);
            page.hidden("/sign-out")[0].1.clone()
        };
        for route in ROUTES {
            let Some(act) = route.act else { continue };
            if route.path == "/live" {
                continue;
            }
            let path = filled(route.path);
            let page = match route.method {
                "GET" => browser.get(&path),
                _ => browser.post(&path, &[("csrf", &csrf)]),
            };
            let refused = page.status == 403 && page.has("Not for your role");
            let who = format!("{} {} as {}", route.method, route.path, role.words());
            assert_eq!(refused, !role.may(act), "{who}: {} {}", page.status, page.text);
            assert!(
                page.status < 500 || route.path.starts_with("/guideline"),
                "{who}: {}",
                page.status
            );
        }
    }
}

#[test]
fn nothing_but_the_door_opens_to_nobody() {
    let house = House::demo();
    for route in ROUTES {
        let mut nobody = house.browser();
        let path = filled(route.path);
        let page = match route.method {
            "GET" => nobody.get(&path),
            _ => nobody.post(&path, &[("csrf", "0")]),
        };
        let names = ["Novak", "Santos", "Adeyemi", "Hassan", "Mbeki", "Fischer"];
        assert!(!names.iter().any(|name| page.has(name)), "{} {}", route.method, route.path);
        if route.act.is_none() {
            continue;
        }
        match route.method {
            "GET" => {
                let to = page.location.unwrap_or_default();
                assert!(to.starts_with("/sign-in?next="), "{}: {to}", route.path);
            }
            _ => assert_eq!(page.status, 401, "{}", route.path),
        }
    }
}

#[test]
fn a_form_without_the_sessions_token_or_from_elsewhere_does_nothing() {
    let house = House::demo();
    let mut doctor = house.as_role("Physician");
    let path = "/visit/demo-v2/decide/order";
    let image = ("image", "mri_whole_spine");
    let page = doctor.post(path, &[image, ("csrf", "wrong")]);
    assert_eq!(page.status, 409);
    assert!(page.has("Send it again") && page.has("mri_whole_spine"), "what was entered is kept");
    let opened = doctor.get("/visit/demo-v2/decision");
    let csrf = opened.hidden(path)[0].1.clone();
    let page =
        doctor.post_with(path, &[image, ("csrf", &csrf)], &[("sec-fetch-site", "cross-site")]);
    assert_eq!(page.status, 403);
    let entry = house.runtime.block_on(house.server().department.entry(&visit("demo-v2"))).unwrap();
    assert!(entry.visit.pending.is_empty());
}

#[test]
fn administrators_see_no_patient_and_clerks_no_finding() {
    let administrator = AccountRole::Administrator;
    for act in Act::ALL {
        let may = matches!(act, Act::ManageAccounts | Act::Review | Act::SeeGuideline);
        assert_eq!(administrator.may(act), may, "{act:?}");
    }
    let house = House::demo();
    let mut clerk = house.as_role("Clerk");
    let page = clerk.get("/waiting");
    assert!(page.has("Tomas Novak"));
    for finding in ["Emergency</span>", "MRI now", "Unable to pass urine", "acuity"] {
        assert!(!page.has(finding), "a clerk reads {finding}");
    }
    assert_eq!(clerk.get("/visit/demo-v2/decision").status, 403);
}

fn visit(id: &str) -> cauda_pathway::identity::VisitId {
    cauda_pathway::identity::VisitId::new(id).unwrap()
}

#[test]
fn every_answer_says_what_a_browser_may_do_with_it() {
    let house = House::demo();
    let mut nurse = house.as_role("Triage nurse");
    for path in ["/waiting", "/visit/demo-v1/triage", "/nowhere", "/assets/staff.css", "/health"] {
        let page = nurse.get(path);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        if !path.starts_with("/assets") {
            assert_eq!(page.header("cache-control"), Some("no-store"), "{path}");
        }
        assert!(!page.has("<style") && !page.has(" style=") && !page.has("onclick"), "{path}");
    }
}
