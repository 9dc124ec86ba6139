//! Paper for when nothing else works, and entering later what was written on it.

use crate::house::House;

#[test]
fn a_blank_sheet_asks_what_triage_asks_and_a_filled_one_says_what_is_known() {
    let house = House::demo();
    let mut nurse = house.as_role("Triage nurse");
    let blank = nurse.get("/downtime");
    assert_eq!(blank.status, 200);
    let guideline = crate::house::guideline();
    for id in ["saddle_numbness", "urinary_retention", "fever_history", "high_energy_trauma"] {
        let fact = &guideline.facts[guideline.fact(id).unwrap()];
        assert!(blank.has(&format!("▲ {}", fact.staff)), "{id}");
    }
    let diabetes = &guideline.facts[guideline.fact("diabetes").unwrap()];
    assert!(blank.has(&diabetes.staff) && !blank.has(&format!("▲ {}", diabetes.staff)));
    assert!(blank.has("Blank is not asked, and never a no.") && !blank.has("Novak"));
    let filled = nurse.get("/visit/demo-v2/downtime");
    assert!(filled.has("Tomas Novak") && filled.has("Yes, new, a nurse"), "{}", filled.text);
    let mut clerk = house.as_role("Clerk");
    assert_eq!(clerk.get("/visit/demo-v2/downtime").status, 403);
}

#[test]
fn what_was_found_earlier_keeps_its_time() {
    let house = House::demo();
    let mut nurse = house.as_role("Triage nurse");
    let triage = "/visit/demo-v0/triage";
    let page = nurse.get(triage);
    let wrong =
        nurse.send(&page, triage, &[("f.pain_score", "6"), ("at", "quarter"), ("acuity", "3")]);
    assert!(wrong.status == 422 && wrong.has("write hours and minutes"), "{}", wrong.text);
    assert!(wrong.has("value=\"6\" checked"), "nothing is lost");
    let sent =
        nurse.send(&page, triage, &[("f.pain_score", "6"), ("at", "08:15"), ("acuity", "3")]);
    assert_eq!(sent.status, 303, "{}", sent.text);
    let id = cauda_pathway::identity::VisitId::new("demo-v0").unwrap();
    let entry = house.runtime.block_on(house.server().department.entry(&id)).unwrap();
    let said = entry.visit.findings.iter().rev().find(|f| f.said.fact == "pain_score").unwrap();
    assert_eq!(said.said.at, crate::house::MORNING - 45 * 60);
    // A time that is still to come was yesterday's.
    let page = nurse.get(triage);
    assert_eq!(nurse.send(&page, triage, &[("f.pain_score", "5"), ("at", "23:50")]).status, 303);
    let entry = house.runtime.block_on(house.server().department.entry(&id)).unwrap();
    let said = entry.visit.findings.iter().rev().find(|f| f.said.fact == "pain_score").unwrap();
    assert_eq!(said.said.at, crate::house::MORNING - 9 * 3_600 - 10 * 60);
}
