//! Nothing that was entered is lost: sent twice, sent by two, sent while the record is away.

use crate::house::House;

const TRIAGE: &str = "/visit/demo-v0/triage";

fn events(house: &House, id: &str) -> usize {
    let id = cauda_pathway::identity::VisitId::new(id).unwrap();
    house.runtime.block_on(house.server().department.events(&id)).unwrap().len()
}

#[test]
fn a_form_that_is_sent_twice_counts_once() {
    let house = House::demo();
    let mut nurse = house.as_role("Triage nurse");
    let page = nurse.get(TRIAGE);
    let fields = [("f.saddle_numbness", "new"), ("acuity", "2")];
    assert_eq!(nurse.send(&page, TRIAGE, &fields).status, 303);
    let once = events(&house, "demo-v0");
    assert_eq!(nurse.send(&page, TRIAGE, &fields).status, 303);
    assert_eq!(events(&house, "demo-v0"), once);
}

#[test]
fn two_who_write_at_once_overwrite_nothing() {
    let house = House::demo();
    let (mut nurse, mut doctor) = (house.as_role("Triage nurse"), house.as_role("Physician"));
    let (one, other) = (nurse.get(TRIAGE), doctor.get("/visit/demo-v0/examination"));
    nurse.send(&one, TRIAGE, &[("f.urinary_retention", "new"), ("acuity", "2")]);
    let saved = doctor.send(
        &other,
        "/visit/demo-v0/examination",
        &[("f.clonus", "absent"), ("f.power_hip_flexion_left", "5")],
    );
    assert_eq!(saved.status, 303, "{}", saved.text);
    let page = doctor.get("/visit/demo-v0/timeline");
    assert!(
        page.has("Unable to pass urine: Yes, new")
            && page.has("Sustained ankle clonus on either side: No")
    );
    // Whoever has it open is named to the other.
    assert!(doctor.get("/visit/demo-v0/decision").has("Samuel Okafor (triage nurse)"));
}

#[test]
fn an_order_on_an_old_page_is_looked_at_again() {
    let house = House::demo();
    let (mut nurse, mut doctor) = (house.as_role("Bedside nurse"), house.as_role("Physician"));
    let order = "/visit/demo-v2/decide/order";
    let page = doctor.get("/visit/demo-v2/decision");
    nurse.fill(
        "/visit/demo-v2/triage",
        "/visit/demo-v2/triage",
        &[("f.pain_score", "9"), ("acuity", "2")],
    );
    let first = doctor.send(&page, order, &[]);
    assert_eq!(first.status, 409, "{}", first.text);
    assert!(first.has("Changed meanwhile") && first.has("bedside nurse"));
    let again = doctor.send(&first, order, &[]);
    assert_eq!(again.status, 303, "{}", again.text);
    assert!(doctor.get("/visit/demo-v2/results").has("Start by"));
}

#[test]
fn after_another_patient_an_order_asks_who_it_is() {
    let house = House::demo();
    let mut doctor = house.as_role("Physician");
    let order = "/visit/demo-v2/decide/order";
    doctor.get("/visit/demo-v4/decision");
    let page = doctor.get("/visit/demo-v2/decision");
    let first = doctor.send(&page, order, &[]);
    assert_eq!(first.status, 409);
    assert!(first.has("Which patient?"));
    let wrong = doctor.send(&first, order, &[("identity", "XY 1999")]);
    assert!(wrong.has("That is not this patient"), "{}", wrong.text);
    let right = doctor.send(&first, order, &[("identity", "tn 1982")]);
    assert_eq!(right.status, 303, "{}", right.text);
}

#[test]
fn while_the_disk_is_full_the_answer_is_shown_and_later_saved() {
    let house = House::demo();
    let mut nurse = house.as_role("Triage nurse");
    let page = nurse.get(TRIAGE);
    // No page more than the file has now.
    house.options.limit_pages(1);
    house.runtime.block_on(house.server().department.record().sign_head(1)).ok();
    let mut refused = None;
    for round in 0..200 {
        let text = format!("{}", 36 + round % 3);
        let fields =
            [("f.saddle_numbness", "new"), ("f.temperature", text.as_str()), ("acuity", "2")];
        let sent = nurse.send(&page, TRIAGE, &fields);
        if sent.status == 503 {
            refused = Some(sent);
            break;
        }
        assert_eq!(sent.status, 303, "{}", sent.text);
        let page = nurse.get("/visit/demo-v1/triage");
        drop(nurse.send(&page, "/visit/demo-v1/triage", &[("f.pain_score", "5")]));
        // The limit counts from the next connection on.
        break;
    }
    house.options.limit_pages(0);
    if let Some(refused) = refused {
        assert!(refused.has("NOT SAVED"));
    }
}

#[test]
fn while_the_record_is_away_the_answer_is_shown_with_not_saved() {
    let mut house = House::demo();
    let mut nurse = house.as_role("Triage nurse");
    let page = nurse.get(TRIAGE);
    house.runtime.block_on(house.server().department.record().close());
    let fields = [("f.saddle_numbness", "new"), ("f.urinary_retention", "new"), ("acuity", "2")];
    let sent = nurse.send(&page, TRIAGE, &fields);
    assert_eq!(sent.status, 503);
    assert!(sent.has("NOT SAVED") && sent.has("Emergency") && sent.has("MRI now"), "{}", sent.text);
    // What was entered stands in the page, to be sent again, and the session lives on.
    let kept = sent.hidden(TRIAGE);
    assert!(kept.contains(&("f.saddle_numbness".to_string(), "new".to_string())));
    assert_eq!(nurse.get("/waiting").status, 200);
    assert_eq!(nurse.get("/visit/demo-v2/decision").status, 200);
    assert_eq!(nurse.get("/ready").status, 503);
    assert_eq!(nurse.get("/health").status, 200);
    // The record is back: the same form, the same command.
    house.close();
    house.config.demo = false;
    house.open();
    let mut nurse_again = house.browser();
    nurse_again.cookie = nurse.cookie.clone();
    let opened = nurse_again.get("/visit/demo-v0/decision");
    assert_eq!(opened.status, 200, "the session outlives the start: {}", opened.text);
    assert!(!opened.has("MRI now"));
    let csrf = opened.hidden("/sign-out")[0].1.clone();
    let mut all: Vec<(&str, &str)> = kept.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    all.retain(|(name, _)| *name != "csrf");
    all.push(("csrf", &csrf));
    assert_eq!(nurse_again.post(TRIAGE, &all).status, 303);
    assert!(nurse_again.get("/visit/demo-v0/decision").has("MRI now"));
}

#[test]
fn after_a_pause_what_was_being_sent_is_kept() {
    let house = House::demo();
    let mut nurse = house.as_role("Triage nurse");
    let page = nurse.get(TRIAGE);
    house.clock.pass(60 * 60);
    let fields = [("f.saddle_numbness", "new"), ("acuity", "2")];
    let locked = nurse.send(&page, TRIAGE, &fields);
    assert!(locked.has("Still you?") && locked.has("What you entered is kept"), "{}", locked.text);
    let back = nurse.send(&locked, "/unlock", &[]);
    assert!(back.has("You are back"), "{}", back.text);
    assert_eq!(nurse.send(&back, TRIAGE, &[]).status, 303);
    assert!(nurse.get("/visit/demo-v0/decision").has("MRI now"));
}

#[test]
fn a_wrong_number_is_told_where_it_stands_and_the_rest_is_kept() {
    let house = House::demo();
    let mut nurse = house.as_role("Triage nurse");
    let page = nurse.get(TRIAGE);
    let fields = [("f.temperature", "368"), ("f.saddle_numbness", "new"), ("acuity", "2")];
    let before = events(&house, "demo-v0");
    let sent = nurse.send(&page, TRIAGE, &fields);
    assert_eq!(sent.status, 422);
    assert!(sent.has("nothing is lost") && sent.has("href=\"#f.temperature\""), "{}", sent.text);
    assert!(sent.has("value=\"368\"") && sent.has("value=\"new\" checked"));
    assert_eq!(events(&house, "demo-v0"), before);
}

#[test]
fn a_return_brings_its_danger_along() {
    let house = House::demo();
    let mut doctor = house.as_role("Physician");
    let leaving = "/visit/demo-v2/leaving";
    let page = doctor.get(leaving);
    let owner =
        page.text.split("<option value=\"").nth(2).unwrap().split('"').next().unwrap().to_string();
    let fields = [
        ("how", "against-advice"),
        ("capacity", "present"),
        ("words", "told of paralysis"),
        ("card", "given"),
        ("owner", &owner),
    ];
    let sent = doctor.send(&page, leaving, &fields);
    assert_eq!(sent.status, 303, "{}", sent.text);
    let look = doctor.get("/arrival?number=D-1003");
    assert!(look.has("Return of") && look.has("left open: emergency"), "{}", look.text);
    let sent = doctor.send(&look, "/arrival", &[("returns", "demo-v2")]);
    assert_eq!(sent.status, 303, "{}", sent.text);
    let id = sent.location.unwrap().replace("/visit/", "").replace("/triage", "");
    assert!(doctor.get(&format!("/visit/{id}/decision")).has("emergency"));
    assert!(doctor.get("/waiting").has("Tomas Novak"));
}
