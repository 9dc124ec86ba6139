//! pynetdicom as a scanner: worklist, then a performed step copied from it.

use cauda_dicom::Happening;
use cauda_dicom::step::{Standing, standing};
use serde_json::{Value, json};

use crate::house::entry;
use crate::programs::pynetdicom;
use crate::site::{Site, settings};

async fn site() -> Site {
    let worklist = cauda_dicom::worklist::Worklist::new(settings().charsets());
    let mut german = entry(1);
    german.patient.name = "MÜLLER^JÜRGEN".into();
    worklist.put(&german).unwrap();
    Site::start(settings(), worklist).await
}

fn told(number: &str) -> Value {
    json!({
        "match": "MÜLLER^JÜRGEN", "id": "P0000001", "charset": number, "step": "S0000001",
        "protocol": "CES1"
    })
}

#[tokio::test]
async fn it_finds_an_entry_in_the_set_of_each_device() {
    let site = site().await;
    for (device, term) in [("MR1", "ISO_IR 100"), ("MR2", "ISO_IR 192")] {
        let lines = pynetdicom(site.address.port(), device, "CAUDA", "find").await;
        assert_eq!(lines, [told(term), json!({"find": 0}), json!({"released": true})]);
    }
    let lines = pynetdicom(site.address.port(), "MR7", "CAUDA", "find").await;
    assert_eq!(lines, [json!({"rejected": true})]);
}

#[tokio::test]
async fn it_gets_only_the_contexts_that_are_offered() {
    let site = site().await;
    let lines = pynetdicom(site.address.port(), "MR1", "CAUDA", "contexts").await;
    let refused = [["1.2.840.10008.5.1.4.1.2.2.1", "3"], ["1.2.840.10008.5.1.4.1.2.1.1", "3"]];
    let refused: Vec<Value> = refused.iter().map(|[class, _]| json!([class, 3])).collect();
    let accepted = ["1.2.840.10008.1.1", "1.2.840.10008.5.1.4.31"];
    assert_eq!(lines[0], json!({"accepted": accepted, "refused": refused}));
    assert_eq!(lines[1], json!({"echo": 0}));
}

#[tokio::test]
async fn it_scans_and_every_status_is_right() {
    let site = site().await;
    let lines = pynetdicom(site.address.port(), "MR2", "CAUDA", "scan").await;
    let final_state = "Performed Procedure Step Object may no longer be updated";
    assert_eq!(
        lines,
        [
            told("ISO_IR 192"),
            json!({"find": 0}),
            json!({"create": 0}),
            json!({"create": 0x0111}),
            json!({"set": 0, "comment": "", "error": 0}),
            json!({"set": 0x0110, "comment": final_state, "error": 0xA710}),
            json!({"set": 0x0112, "comment": "no performed step has this UID", "error": 0}),
            json!({"released": true}),
        ]
    );
    assert_eq!(site.ward.happenings(), [Happening::Started, Happening::Ended]);
    let steps = site.ward.steps.lock().unwrap();
    let step = steps.values().next().unwrap();
    assert_eq!(step.patient_name, "MÜLLER^JÜRGEN");
    assert_eq!((step.scheduled[0].step_id.as_str(), step.series), ("S0000001", 1));
    assert_eq!(step.scheduled[0].accession_number, "A0000001");
    assert_eq!(step.protocol_codes[0].value, "CES1");
}

#[tokio::test]
async fn it_chose_the_wrong_entry_and_says_so() {
    let site = site().await;
    pynetdicom(site.address.port(), "MR2", "CAUDA", "wrong").await;
    let wrong = Happening::Discontinued { wrong_entry: true };
    assert_eq!(site.ward.happenings(), [Happening::Started, wrong]);
    let steps = site.ward.steps.lock().unwrap();
    let stands = standing(steps.values(), |scheduled| scheduled.step_id == "S0000001");
    assert_eq!(stands, Standing::Waiting);
}
