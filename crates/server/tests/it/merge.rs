//! A visit that was registered twice becomes one, over HTTP, and a wrong merge is undone.

use cauda_pathway::identity::VisitId;
use cauda_pathway::table::Phase;
use cauda_pathway::visit::Visit;

use crate::house::House;

fn visit(house: &House, id: &str) -> Visit {
    let id = VisitId::new(id).unwrap();
    house.runtime.block_on(house.server().department.entry(&id)).unwrap().visit.clone()
}

#[test]
fn two_visits_of_one_person_become_one_and_can_be_two_again() {
    let house = House::demo();
    let mut nurse = house.as_role("Triage nurse");
    // Ji-woo Kim was registered twice; at the second desk the nurse heard of numbness.
    let arrival = nurse.get("/arrival");
    let look = nurse.send(&arrival, "/arrival/look", &[("number", "D-9001")]);
    let fields = [("name", "Jiwoo Kim"), ("number", "D-9001"), ("born", "1998-08-19")];
    let sent = nurse.send(&look, "/arrival", &fields);
    let triage = sent.location.clone().unwrap();
    let twin = triage.split('/').nth(2).unwrap().to_string();
    let page = nurse.get(&triage);
    let found = [("f.saddle_numbness", "new"), ("acuity", "2")];
    assert_eq!(nurse.send(&page, &triage, &found).status, 303);
    // Under the other number stands the other visit.
    let merge = format!("/visit/{twin}/merge");
    let page = nurse.get(&format!("{merge}?number=D-1001"));
    assert!(page.has("Ji-woo Kim") && page.has("born 19-Aug-1998"), "{}", page.text);
    let refused = nurse.send(&page, &merge, &[("into", "demo-v0")]);
    assert_eq!(refused.status, 422, "name and birth are compared first");
    let done = nurse.send(&page, &merge, &[("into", "demo-v0"), ("compared", "yes")]);
    assert_eq!(done.location.as_deref(), Some("/visit/demo-v0/decision"), "{}", done.text);
    assert_eq!(visit(&house, &twin).phase, Phase::Merged);
    let one = visit(&house, "demo-v0");
    assert!(one.findings.iter().any(|found| found.said.fact == "saddle_numbness"));
    assert!(nurse.get("/visit/demo-v0/decision").has("MRI now"), "the danger came along");
    // Sent twice, it is one merge.
    let events = one.events;
    nurse.send(&page, &merge, &[("into", "demo-v0"), ("compared", "yes")]);
    assert_eq!(visit(&house, "demo-v0").events, events);
    // It was wrong: somebody has the patient again.
    let page = nurse.get(&merge);
    assert!(page.has("This visit is part of"), "{}", page.text);
    let undone = nurse.send(&page, &format!("/visit/{twin}/unmerge"), &[("words", "two sisters")]);
    assert_eq!(undone.status, 303);
    assert!(visit(&house, &twin).phase.is_live());
}
