//! A visit that is over opens with a reason, and somebody else reviews who looked.

use crate::house::House;

/// Nothing is open any more in the visit of a patient who went home, and a day has passed.
fn over() -> House {
    let house = House::demo();
    let mut nurse = house.as_role("Follow-up nurse");
    let page = nurse.get("/visit/demo-v13/at-home");
    let fields = [("why", "settled"), ("words", "sees the own doctor")];
    assert_eq!(nurse.send(&page, "/visit/demo-v13/at-home/stop", &fields).status, 303);
    assert_eq!(nurse.get("/visit/demo-v13/timeline").status, 200, "free for a day");
    house.clock.pass(25 * 3_600);
    house
}

#[test]
fn who_looks_at_a_visit_that_is_over_says_why_and_another_reviews_it() {
    let house = over();
    let mut doctor = house.as_role("Physician");
    let asked = doctor.get("/visit/demo-v13/timeline");
    assert_eq!(asked.status, 403);
    assert!(asked.has("This visit is over") && !asked.has("Mensah"), "{}", asked.text);
    // Nothing of it is reached around the question, neither paper nor form.
    for path in ["decision", "letter", "letter.json", "sheet.pdf", "at-home", "person"] {
        assert_eq!(doctor.get(&format!("/visit/demo-v13/{path}")).status, 403, "{path}");
    }
    let to = "/visit/demo-v13/open";
    let none = doctor.send(&asked, to, &[("reason", "other")]);
    assert!(none.status == 422 && none.has("another reason needs your words"), "{}", none.text);
    let opened = doctor.send(&asked, to, &[("reason", "came-back")]);
    assert_eq!(opened.location.as_deref(), Some("/visit/demo-v13/timeline"));
    assert!(doctor.get("/visit/demo-v13/timeline").has("Mensah"));
    // A reason is for one visit, one person and an hour.
    assert_eq!(house.as_role("Bedside nurse").get("/visit/demo-v13/timeline").status, 403);
    // A senior reviews it, not who looked; the list outlives a start.
    assert_eq!(doctor.get("/reviews").status, 403);
    let mut senior = house.as_role("Senior physician");
    let list = senior.get("/reviews");
    assert!(
        list.has("the patient called or came back") && list.has("1 to review"),
        "{}",
        list.text
    );
    let id = list.text.split("action=\"/reviews/").nth(1).unwrap().split('"').next().unwrap();
    let done = senior.send(&list, &format!("/reviews/{id}"), &[]);
    assert_eq!(done.status, 303);
    assert!(senior.get("/reviews").has("Nothing to review."));
    // Own looks are another's to review.
    let asked = senior.get("/visit/demo-v13/timeline");
    let words = [("reason", "other"), ("words", "teaching of Monday")];
    assert_eq!(senior.send(&asked, to, &words).status, 303);
    let list = senior.get("/reviews");
    assert!(list.has("another reviews your own") && list.has("teaching of Monday"));
}

#[test]
fn a_reason_holds_an_hour_and_nobody_asks_of_a_patient_who_is_here() {
    let house = over();
    let mut doctor = house.as_role("Physician");
    let asked = doctor.get("/visit/demo-v13/timeline");
    let to = "/visit/demo-v13/open";
    assert_eq!(doctor.send(&asked, to, &[("reason", "quality")]).status, 303);
    for _ in 0..6 {
        house.clock.pass(10 * 60);
        assert_eq!(doctor.get("/visit/demo-v13/timeline").status, 200);
    }
    house.clock.pass(60);
    assert_eq!(doctor.get("/visit/demo-v13/timeline").status, 403);
    // The patient comes back: whoever treats them looks freely at what was before.
    let arrival = doctor.get("/arrival");
    let found = doctor.send(&arrival, "/arrival/look", &[("number", "D-2005")]);
    let back = doctor.send(&found, "/arrival", &[("returns", "demo-v13")]);
    assert_eq!(back.status, 303, "{}", back.text);
    assert_eq!(doctor.get("/visit/demo-v13/timeline").status, 200);
    // And a visit in which something is open never asks.
    assert_eq!(doctor.get("/visit/demo-v12/timeline").status, 200);
}
