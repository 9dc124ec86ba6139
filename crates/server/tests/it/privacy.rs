//! One patient of the record: handed out, erased while the department is served, and kept no
//! longer than told.

use cauda_server::subject::{self, Extent, Subject};
use cauda_store::Trust;

use crate::house::{House, MORNING};

const MICROS: i64 = 1_000_000;

/// The patient at home whose check-ins are stopped, so that nothing is open.
fn closed(house: &House) -> Subject {
    let mut nurse = house.as_role("Follow-up nurse");
    let page = nurse.get("/visit/demo-v13/at-home");
    let fields = [("why", "settled"), ("words", "sees the own doctor")];
    let sent = nurse.send(&page, "/visit/demo-v13/at-home/stop", &fields);
    assert_eq!(sent.status, 303, "{}", sent.text);
    let record = house.server().department.record();
    let found = house.runtime.block_on(subject::find(record, "d-2005")).unwrap().unwrap();
    assert_eq!(found.visits.len(), 1);
    found
}

#[test]
fn an_erased_patient_is_gone_everywhere_and_the_tree_still_proves_the_rest() {
    let house = House::demo();
    let record = house.server().department.record().clone();
    let mut doctor = house.as_role("Physician");
    let page = doctor.get("/visit/demo-v13/patient");
    let link = page.text.split("class=\"link\"><a href=\"").nth(1).unwrap();
    let link = link.split('"').next().unwrap().strip_prefix(&house.address()).unwrap().to_string();
    let subject = closed(&house);
    let block = |future| house.runtime.block_on(future);
    assert!(house.runtime.block_on(subject::open(&record, &subject)).unwrap().is_empty());
    let mut text = Vec::new();
    house.runtime.block_on(subject::hand_out(&record, &subject, &mut text)).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("Daniel Mensah") && text.contains("check_ins_planned"));
    assert!(text.contains("asked_for") && !text.contains("Kowalska"));
    // The identity goes first: the link ends, the visit stays, of nobody.
    let at = (MORNING + 60) * MICROS;
    let erase = |extent| subject::erase(&record, &subject, extent, "as asked", "privacy", at);
    assert_eq!(house.runtime.block_on(erase(Extent::Identity)).unwrap(), 1);
    let size = house.runtime.block_on(record.size()).unwrap();
    block(async {
        let mut changes = house.server().department.changes();
        while house.server().department.position() < size {
            let _ = changes.recv().await;
        }
    });
    assert_eq!(house.browser().get(&link).status, 404);
    assert!(doctor.get("/visit/demo-v13/timeline").has("Name erased"));
    assert_eq!(house.runtime.block_on(subject::find(&record, "D-2005")).unwrap(), None);
    // Then everything.
    assert_eq!(house.runtime.block_on(erase(Extent::Everything)).unwrap(), 1);
    assert_eq!(house.runtime.block_on(erase(Extent::Everything)).unwrap(), 0, "once");
    let report = house.runtime.block_on(async {
        let trust = Trust { keys: vec![record.public_key()], heads: vec![] };
        record.verify(&trust, &mut |_, _| ()).await.unwrap()
    });
    assert!(report.is_whole(), "{report:?}");
    let export = house.folder.path().join("export");
    house.runtime.block_on(async {
        let mut file = std::fs::File::create(&export).unwrap();
        record.export(&mut file, at, &mut |_, _| ()).await.unwrap();
    });
    let export = std::fs::read_to_string(export).unwrap();
    assert!(!export.contains("Mensah") && export.contains("as asked"));
}

#[test]
fn who_is_open_is_kept_whatever_the_years_say() {
    let house = House::demo();
    let record = house.server().department.record().clone();
    let subject = closed(&house);
    let old = |years: i64| {
        let before = (MORNING + years * 31_557_600) * MICROS;
        house.runtime.block_on(subject::untouched_since(&record, before)).unwrap()
    };
    assert_eq!(old(-1), Vec::<Subject>::new());
    // In eleven years one patient is over; thirteen have something open, and stay.
    assert_eq!(old(11), vec![subject]);
}
