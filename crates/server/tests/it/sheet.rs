//! The sheet a patient takes home.

use crate::house::House;

const DECISION: &str = "/visit/demo-v4/decision";
const SHEET: &str = "/visit/demo-v4/sheet";

#[test]
fn it_holds_what_was_signed_and_says_so_while_nobody_signed() {
    let house = House::demo();
    let mut doctor = house.as_role("Physician");
    let draft = doctor.get(SHEET);
    assert!(draft.has("Not signed yet.") && draft.has("Ask your nurse what you may take."));
    let page = doctor.get(DECISION);
    assert!(page.has("name=\"offer.heat_on_the_back\""), "{}", page.text);
    let fields = [
        ("plan", "stay active"),
        ("offer.heat_on_the_back", "1"),
        ("card", "given"),
        ("taught", "1"),
    ];
    let mut sent = doctor.send(&page, "/visit/demo-v4/decide/discharge", &fields);
    // A task of the demonstration may have become late meanwhile.
    if sent.status == 409 {
        sent = doctor.send(&sent, "/visit/demo-v4/decide/discharge", &[]);
    }
    assert_eq!(sent.status, 303, "{}", sent.text);
    let sheet = doctor.get(SHEET);
    assert!(!sheet.has("Not signed yet.") && sheet.has("Come back at once"), "{}", sheet.text);
    let guideline = crate::house::guideline();
    let heat = guideline.vocabulary.get("offer", "heat_on_the_back").unwrap();
    assert!(sheet.has(&heat.patient));
    // The box comes before everything else, with every line of the return list.
    let first = sheet.text.find("come-back").unwrap();
    assert!(first < sheet.text.find("For the pain").unwrap());
    let lines = guideline.vocabulary.ids("return").count();
    let list = sheet.text[first..].split("</ul>").next().unwrap();
    assert_eq!(list.matches("<li>").count(), lines);
    assert!(doctor.get(&format!("{SHEET}?large=1")).has("sheet large"));
    let timeline = doctor.get("/visit/demo-v4/timeline");
    assert!(timeline.has("said in own words when to come back"), "{}", timeline.text);
}

#[test]
fn what_the_guideline_does_not_offer_is_not_on_it() {
    let house = House::demo();
    let mut doctor = house.as_role("Physician");
    let page = doctor.get(DECISION);
    let fields = [("plan", "rest"), ("offer.opioid_short_course", "1"), ("card", "given")];
    let mut sent = doctor.send(&page, "/visit/demo-v4/decide/discharge", &fields);
    if sent.status == 409 {
        sent = doctor.send(&sent, "/visit/demo-v4/decide/discharge", &[]);
    }
    assert_eq!(sent.status, 422, "{}", sent.text);
    assert!(sent.has("does not offer this now"), "{}", sent.text);
    assert!(doctor.get(SHEET).has("Not signed yet."), "nothing was half done");
}

#[test]
fn as_pdf_it_is_one_page_and_a_reader_reads_it_in_order() {
    let house = House::demo();
    let mut doctor = house.as_role("Physician");
    let read = |doctor: &mut crate::browser::Browser, path: &str, program: &str| {
        let file = house.folder.path().join("sheet.pdf");
        std::fs::write(&file, doctor.get_bytes(path)).unwrap();
        let mut command = std::process::Command::new(program);
        command.arg(&file);
        if program == "pdftotext" {
            command.arg("-");
        }
        let done = command.output().expect("poppler-utils (apt-get install poppler-utils)");
        String::from_utf8_lossy(&done.stdout).to_string()
    };
    let about = read(&mut doctor, "/visit/demo-v12/sheet.pdf", "pdfinfo");
    assert!(
        about.contains("Pages:           1\n") && about.contains("Tagged:          yes"),
        "{about}"
    );
    // US paper is shorter by two lines of the list.
    let about = read(&mut doctor, "/visit/demo-v12/sheet.pdf?paper=letter", "pdfinfo");
    assert!(about.contains("Pages:           2\n") && about.contains("letter"), "{about}");
    let text = read(&mut doctor, "/visit/demo-v12/sheet.pdf", "pdftotext");
    let places = ["Going home", "Come back at once", "What we found", "Whom to see", "How it goes"];
    let places: Vec<usize> = places.iter().map(|place| text.find(place).unwrap()).collect();
    assert!(places.is_sorted(), "{text}");
    let large = read(&mut doctor, "/visit/demo-v12/sheet.pdf?large=1", "pdfinfo");
    assert!(
        ["2", "3", "4"].iter().any(|pages| large.contains(&format!("Pages:           {pages}\n"))),
        "{large}"
    );
    let letter = read(&mut doctor, "/visit/demo-v6/letter.pdf", "pdfinfo");
    assert!(
        letter.contains("Pages:           2\n") || letter.contains("Pages:           1\n"),
        "{letter}"
    );
}
