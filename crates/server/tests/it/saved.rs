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
fn the_same_form_with_another_answer_is_another_command() {
    let house = House::demo();
    let mut nurse = house.as_role("Triage nurse");
    let page = nurse.get(TRIAGE);
    assert_eq!(nurse.send(&page, TRIAGE, &[("f.pain_score", "5"), ("acuity", "4")]).status, 303);
    // Back to the old page, a danger sign more, and sent again.
    let again = [("f.pain_score", "5"), ("f.saddle_numbness", "new"), ("acuity", "4")];
    assert_eq!(nurse.send(&page, TRIAGE, &again).status, 303);
    assert!(nurse.get("/visit/demo-v0/decision").has("MRI now"));
}

#[test]
fn a_form_of_nobody_is_kept_in_the_answer() {
    let house = House::demo();
    let page = house.as_role("Triage nurse").get(TRIAGE);
    let sent =
        house.browser().send(&page, TRIAGE, &[("f.saddle_numbness", "new"), ("acuity", "2")]);
    assert_eq!(sent.status, 401);
    assert!(sent.hidden(TRIAGE).contains(&("f.saddle_numbness".to_string(), "new".to_string())));
    assert!(!sent.has("data-live"), "an answer that holds a form is not replaced by itself");
}

#[test]
fn a_task_with_a_finding_is_not_ticked_off_empty() {
    let house = House::demo();
    let mut nurse = house.as_role("Bedside nurse");
    let page = nurse.get("/tasks");
    let scan = page.text.split("<tr").find(|row| row.contains("bladder scan within")).unwrap();
    let path = scan.split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_string();
    let refused = nurse.send(&page, &path, &[]);
    assert!(refused.status == 422 && refused.has("Write what was found"), "{}", refused.text);
    assert_eq!(nurse.send(&page, &path, &[("words", "40 mL")]).status, 303);
}

#[test]
fn while_the_disk_is_full_the_answer_is_shown_and_later_saved() {
    let mut house = House::demo();
    house.close();
    house.config.demo = true;
    house.options.limit_pages(1);
    house.open();
    let mut nurse = house.as_role("Triage nurse");
    let page = nurse.get(TRIAGE);
    let fields = [("f.saddle_numbness", "new"), ("acuity", "2")];
    let refused = nurse.send(&page, TRIAGE, &fields);
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert!(refused.has("NOT SAVED") && refused.has("the disk of the record is full"));
    assert!(refused.has("MRI now") && !refused.has("data-live"));
    // Room is made; a new connection, and the same form.
    house.options.limit_pages(0);
    house.close();
    house.open();
    let mut nurse_again = house.browser();
    nurse_again.cookie = nurse.cookie.clone();
    let mut again = house.as_role("Triage nurse");
    let fresh = again.get(TRIAGE);
    assert_eq!(again.send(&fresh, TRIAGE, &fields).status, 303);
    assert!(again.get("/visit/demo-v0/decision").has("MRI now"));
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
    // The session outlives the start, and asks for the password once.
    house.close();
    house.config.demo = true;
    house.open();
    let mut nurse_again = house.browser();
    nurse_again.cookie = nurse.cookie.clone();
    let locked = nurse_again.get("/visit/demo-v0/decision");
    assert!(locked.has("Still you?") && !locked.has("Ji-woo"), "{}", locked.text);
    nurse_again.send(&locked, "/unlock", &[]);
    let opened = nurse_again.get("/visit/demo-v0/decision");
    assert_eq!(opened.status, 200, "{}", opened.text);
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
    let arrival = doctor.get("/arrival");
    let look = doctor.send(&arrival, "/arrival/look", &[("number", "D-1003")]);
    assert!(look.has("Return of") && look.has("left open: emergency"), "{}", look.text);
    let sent = doctor.send(&look, "/arrival", &[("returns", "demo-v2")]);
    assert_eq!(sent.status, 303, "{}", sent.text);
    let id = sent.location.unwrap().replace("/visit/", "").replace("/triage", "");
    assert!(doctor.get(&format!("/visit/{id}/decision")).has("emergency"));
    assert!(doctor.get("/waiting").has("Tomas Novak"));
}

#[test]
fn two_who_register_one_number_at_once_make_one_patient() {
    let house = House::demo();
    let roles = ["Triage nurse", "Bedside nurse", "Clerk"];
    let together = std::sync::Arc::new(std::sync::Barrier::new(roles.len()));
    let arriving = roles.map(|role| {
        let mut person = house.as_role(role);
        let page = person.get("/arrival");
        let together = together.clone();
        std::thread::spawn(move || {
            together.wait();
            let fields = [("name", "Vera Lind"), ("born", "1971-03-02"), ("number", "H 77")];
            let sent = person.send(&page, "/arrival", &fields);
            (sent.status, sent.has("Nobody was registered: another patient has this number"))
        })
    });
    let mut answers: Vec<(u16, bool)> = arriving.map(|one| one.join().unwrap()).to_vec();
    answers.sort_unstable();
    assert_eq!(answers, [(303, false), (422, true), (422, true)]);
    let here = house.server().department.open_visits();
    let named = here.iter().filter_map(|entry| entry.patient.as_ref());
    assert_eq!(named.filter(|patient| patient.person.name.as_str() == "Vera Lind").count(), 1);
}
