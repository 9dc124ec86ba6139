//! The letter to the next clinician.

use crate::house::House;

#[test]
fn it_says_what_was_found_what_is_open_and_what_nobody_knows() {
    let house = House::demo();
    let mut doctor = house.as_role("Physician");
    let letter = doctor.get("/visit/demo-v2/letter");
    assert_eq!(letter.status, 200, "{}", letter.text);
    assert!(letter.has("Tomas Novak") && letter.has("Danger signs"), "{}", letter.text);
    assert!(letter.has("Not known, and never a no") && letter.has("Still to be done"));
    assert!(letter.has("not a certified medical device"));
    // A question nobody asked is on no list of what is absent.
    let nobody = doctor.get("/visit/demo-v0/letter");
    assert!(!nobody.has("Asked one by one") && !nobody.has("Signed as clear"), "{}", nobody.text);
    assert!(
        nobody.has("not examined by a physician") && nobody.has("Power, 0 to 5</b>: not tested")
    );
    // What the grids of the legs hold is a sign, too, and a report that came is not awaited.
    let reported = doctor.get("/visit/demo-v6/letter");
    let signs = reported.text.split("<h2>Reports</h2>").next().unwrap();
    assert!(signs.contains("Saddle touch reduced") && signs.contains("great toe extension (L5)"));
    assert!(reported.has("not acknowledged here") && !reported.has("report awaited"));
    assert!(doctor.get("/visit/demo-v2/handover").has("/visit/demo-v2/letter"));
    let mut clerk = house.as_role("Clerk");
    assert_eq!(clerk.get("/visit/demo-v2/letter").status, 403);
}

#[test]
fn it_is_addressed_to_the_hospital_that_takes_the_patient() {
    let house = House::demo();
    let mut doctor = house.as_role("Physician");
    let page = doctor.get("/visit/demo-v2/handover");
    let to = "/visit/demo-v2/transfer";
    let site = [("words", "Spine centre <01 555>")];
    assert_eq!(doctor.send(&page, &format!("{to}/ask"), &site).status, 303);
    let page = doctor.get("/visit/demo-v2/handover");
    let taker = [("words", "Dr Osei")];
    assert_eq!(doctor.send(&page, &format!("{to}/accepted"), &taker).status, 303);
    let letter = doctor.get("/visit/demo-v2/letter");
    assert!(letter.has("Spine centre &lt;01 555&gt;") && letter.has("Dr Osei"), "{}", letter.text);
}

#[test]
fn a_day_later_it_still_says_what_was_known_when_the_patient_left() {
    let house = House::demo();
    let mut doctor = house.as_role("Physician");
    let decision = "/visit/demo-v4/decision";
    let leave = "/visit/demo-v4/decide/discharge";
    let page = doctor.get(decision);
    let plan = [("plan", "stay active"), ("offer.heat_on_the_back", "1"), ("card", "given")];
    let mut sent = doctor.send(&page, leave, &plan);
    if sent.status == 409 {
        sent = doctor.send(&sent, leave, &[]);
    }
    assert_eq!(sent.status, 303, "{}", sent.text);
    house.clock.pass(26 * 3_600);
    let mut doctor = house.as_role("Physician");
    let letter = doctor.get("/visit/demo-v4/letter");
    assert!(letter.has("<h2>Home</h2>") && letter.has("stay active"), "{}", letter.text);
    // Only what was old when the patient left is old; the bladder was not.
    assert!(letter.has("Unable to pass urine; ") && !letter.has("Ask next"), "{}", letter.text);
    assert!(doctor.get(decision).has("too long ago") || doctor.get(decision).has("Ask next"));
}

#[test]
fn it_leaves_as_pdf_and_as_a_fhir_document_that_say_what_the_page_says() {
    let house = House::demo();
    let mut doctor = house.as_role("Physician");
    let page = doctor.get("/visit/demo-v6/letter");
    let pdf = doctor.get("/visit/demo-v6/letter.pdf");
    assert_eq!(pdf.header("content-type"), Some("application/pdf"));
    assert!(pdf.text.starts_with("%PDF-1.7"));
    let fhir = doctor.get("/visit/demo-v6/letter.json");
    assert_eq!(fhir.header("content-type"), Some("application/fhir+json; charset=utf-8"));
    let bundle: serde_json::Value = serde_json::from_str(&fhir.text).unwrap();
    assert_eq!((&bundle["resourceType"], &bundle["type"]), (&"Bundle".into(), &"document".into()));
    let entries = bundle["entry"].as_array().unwrap();
    let kinds: Vec<&str> =
        entries.iter().map(|entry| entry["resource"]["resourceType"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["Composition", "Patient", "Encounter", "Organization"]);
    // Every reference is an entry of the document.
    let urls: Vec<&str> = entries.iter().map(|entry| entry["fullUrl"].as_str().unwrap()).collect();
    let letter = &entries[0]["resource"];
    for reference in [&letter["subject"], &letter["encounter"], &letter["author"][0]] {
        assert!(urls.contains(&reference["reference"].as_str().unwrap()), "{reference}");
    }
    assert_eq!(entries[1]["resource"]["name"][0]["text"], "Wilhelmina O’Brien");
    assert_eq!(entries[2]["resource"]["status"], "in-progress");
    assert!(letter["type"].get("coding").is_none(), "still here, so no discharge summary");
    let sections = letter["section"].as_array().unwrap();
    let titles: Vec<&str> = sections.iter().map(|s| s["title"].as_str().unwrap()).collect();
    for title in ["Danger signs", "Reports", "Still to be done", "Not known, and never a no"] {
        assert!(titles.contains(&title) && page.has(title), "{titles:?}");
    }
    let all = letter.to_string();
    assert!(all.contains("Large disc extrusion") && all.contains("not tested"));
    assert_eq!(doctor.get("/visit/demo-v6/letter.json").text, fhir.text, "the same each time");
    let home = doctor.get("/visit/demo-v12/letter.json");
    let bundle: serde_json::Value = serde_json::from_str(&home.text).unwrap();
    let kind = &bundle["entry"][0]["resource"]["type"]["coding"][0];
    assert_eq!((&kind["code"], &kind["display"]), (&"18842-5".into(), &"Discharge summary".into()));
}
