//! The self-check: a patient without an account, and the nurse who gets the code.

use cauda_server::Config;

use crate::browser::{Browser, Page};
use crate::house::House;

fn house() -> House {
    House::with(Config {
        demo: true,
        self_check: true,
        emergency_number: Some("112".into()),
        ..House::config()
    })
}

/// Finishes a page with these answers, and those it carries.
fn next(patient: &mut Browser, page: &Page, answers: &[(&str, &str)]) -> Page {
    let topic = page.text.split("button\" name=\"t.").nth(1).unwrap().split('"').next().unwrap();
    let done = format!("t.{topic}");
    let mut fields = answers.to_vec();
    fields.push((&done, "1"));
    let next = patient.send(page, "/check", &fields);
    assert_eq!(next.status, 200, "{}", next.text);
    next
}

fn code(page: &Page) -> String {
    page.text.split("<p class=\"code\">").nth(1).unwrap().split('<').next().unwrap().to_string()
}

#[test]
fn a_strain_is_looked_after_after_eight_pages() {
    // Without other patients, so that nothing else is written meanwhile.
    let house = House::with(Config { demo: false, ..house().config.clone() });
    let before = house.server().department.position();
    let mut patient = house.browser();
    let start = patient.get("/check");
    assert!(start.has("Will the ER do an MRI for my back pain?") && start.has("Call 112 now"));
    let mut page = patient.post("/check", &[]);
    assert!(page.has("Page 1 of 8"));
    page = next(&mut patient, &page, &[("f.age", "34"), ("f.pain_score", "5")]);
    for number in 2..=8 {
        assert!(page.has(&format!("Page {number} of 8")), "{}", page.text);
        page = next(&mut patient, &page, &[]);
    }
    assert!(page.has("Look after it, and watch for danger signs"), "{}", page.text);
    assert!(page.has("No, if the doctor finds nothing new.") && page.has("<svg class=\"qr\""));
    assert!(patient.cookie.is_none(), "no cookie");
    assert_eq!(house.server().department.position(), before, "nothing is kept");
}

#[test]
fn a_danger_sign_ends_early_and_the_nurse_asks_again() {
    let house = house();
    let mut patient = house.browser();
    let mut page = patient.post("/check", &[]);
    page = next(&mut patient, &page, &[("f.age", "41")]);
    page = next(&mut patient, &page, &[]);
    page = next(&mut patient, &page, &[]);
    page = next(
        &mut patient,
        &page,
        &[("f.saddle_numbness", "new"), ("f.urinary_retention", "not_known")],
    );
    let back = patient.send(&page, "/check", &[("back", "bladder")]);
    assert!(back.has("value=\"new\" checked"), "going back keeps the answers");
    page = next(&mut patient, &page, &[]);
    assert!(page.has("Go to the ER today"), "{}", page.text);
    assert!(page.has("An MRI is likely.") && page.has("We stopped here"));
    let code = code(&page);
    let mut nurse = house.as_role("Triage nurse");
    let triage = nurse.get("/visit/demo-v0/triage");
    let hidden = triage.hidden("/visit/demo-v0/triage");
    let mut read = |typed: &str| {
        let mut fields: Vec<(&str, &str)> =
            hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.extend([("code", typed), ("f.pain_score", "6")]);
        nurse.post("/visit/demo-v0/check", &fields)
    };
    let shown = read(&code.to_lowercase());
    assert_eq!(shown.status, 200);
    assert!(shown.has("value=\"6\" checked"), "what the nurse typed before stays");
    let wrong = read("ABCD-EFGH");
    assert!(wrong.status == 422 && wrong.has("Type it again"), "{}", wrong.text);
    assert!(
        shown.has("Answered at home") && shown.has("At home: Yes, this is new"),
        "{}",
        shown.text
    );
    assert!(shown.has("At home: not sure") && shown.has("At home: no"));
    assert!(!shown.has("value=\"new\" checked"), "nothing is filled in for the nurse");
    assert!(!nurse.get("/visit/demo-v0/decision").has("MRI now"), "nothing is entered by a code");
    let fields = [("f.saddle_numbness", "new"), ("acuity", "2")];
    assert_eq!(nurse.send(&shown, "/visit/demo-v0/triage", &fields).status, 303);
    assert!(
        nurse.get("/visit/demo-v0/timeline").has("saddle")
            || nurse.get("/visit/demo-v0/decision").has("MRI now")
    );
}

#[test]
fn a_number_that_cannot_be_read_is_asked_again_and_nothing_is_lost() {
    let house = house();
    let mut patient = house.browser();
    let page = patient.post("/check", &[]);
    let sent =
        patient.send(&page, "/check", &[("f.age", "forty"), ("f.pain_score", "6"), ("t.you", "1")]);
    assert_eq!(sent.status, 422);
    assert!(sent.has("write a whole number") && sent.has("Page 1 of 8"), "{}", sent.text);
    assert!(sent.has("value=\"6\" checked"));
}

#[test]
fn where_it_is_off_there_is_no_such_page() {
    let house = House::with(Config { demo: true, ..House::config() });
    let mut patient = house.browser();
    for page in [patient.get("/check"), patient.get("/check/about"), patient.post("/check", &[])] {
        assert_eq!(page.status, 404);
    }
    assert!(!house.as_role("Triage nurse").get("/visit/demo-v0/triage").has("code from the check"));
}

#[test]
fn its_figures_are_published() {
    let house = house();
    let about = house.browser().get("/check/about");
    assert!(
        about.has("112 test patients") && about.has("not safe</th><td>0</td>"),
        "{}",
        about.text
    );
}

#[test]
fn a_page_of_another_edition_or_of_another_site_starts_again() {
    let house = house();
    let mut patient = house.browser();
    let old = [("f.age", "40 a"), ("t.you", "1"), ("edition", "1")];
    let page = patient.post("/check", &old);
    assert!(page.status == 409 && page.has("The questions have changed."), "{}", page.text);
    let foreign = patient.post_with("/check", &old, &[("sec-fetch-site", "cross-site")]);
    assert!(foreign.has("Page 1 of 8"), "{}", foreign.text);
}

#[test]
fn a_child_is_told_to_ask_a_doctor_today() {
    let house = house();
    let mut patient = house.browser();
    let mut page = patient.post("/check", &[]);
    page = next(&mut patient, &page, &[("f.age", "15")]);
    for _ in 2..=8 {
        page = next(&mut patient, &page, &[]);
    }
    assert!(page.has("Ask a doctor today") && page.has("It depends."), "{}", page.text);
    assert!(!page.has("not tonight") && !page.has("No, if the doctor finds nothing new"));
}
