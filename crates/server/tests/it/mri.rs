//! From the decision page to the scanner and back: an order is on the board and in the worklist,
//! the scanner tells what it does, and nobody falls off the list.

use cauda_dicom::scu::{Association, Caller, identifier};
use cauda_dicom::stand_in::{Ending, StandIn, StandInSettings};
use cauda_server::Config;
use cauda_server::scans::ScannersConfig;
use dicom_dictionary_std::tags;
use jiff::civil::date;

use crate::browser::Browser;
use crate::house::House;

const ORDER: &str = "/visit/demo-v2/decide/order";

fn house() -> House {
    let free = "127.0.0.1:0".parse().unwrap();
    let scanners: ScannersConfig = cauda_server::scans::demo::config(free, free);
    House::with(Config { demo: true, scanners: Some(scanners), ..House::config() })
}

fn caller(title: &str) -> Caller {
    Caller {
        calling: title.to_string(),
        called: "CAUDA".to_string(),
        time: std::time::Duration::from_secs(20),
        tls: None,
    }
}

/// What a scanner finds in its worklist: accession numbers by patient's name.
fn worklist(house: &House, title: &str) -> Vec<(String, String)> {
    let address = house.server().dicom.unwrap();
    house.runtime.block_on(async {
        let services = [cauda_dicom::negotiate::Service::Worklist];
        let syntax = cauda_dicom::dataset::Syntax::Explicit;
        let mut line = Association::open(address, &caller(title), &services, syntax).await.unwrap();
        let root = [(tags::PATIENT_NAME, ""), (tags::ACCESSION_NUMBER, "")];
        let step = [(tags::SCHEDULED_STATION_AE_TITLE, title), (tags::MODALITY, "MR")];
        let found = line.find(&identifier(&root, &step)).await.unwrap();
        line.release().await.unwrap();
        let text = |set: &cauda_dicom::dataset::DataSet, tag| set.ascii(tag).to_string();
        let pairs = found.matches.iter();
        pairs
            .map(|set| (text(set, tags::PATIENT_NAME), text(set, tags::ACCESSION_NUMBER)))
            .collect()
    })
}

/// Both scanners together; an entry stands in the list of the one it is planned for.
fn everywhere(house: &House) -> Vec<(String, String)> {
    let mut all = worklist(house, "MR1");
    all.extend(worklist(house, "MR2"));
    all
}

fn ordered(house: &House) -> (Browser, String) {
    let mut doctor = house.as_role("Physician");
    let page = doctor.get("/visit/demo-v2/decision");
    let sent = doctor.send(&page, ORDER, &[]);
    assert_eq!(sent.status, 303, "{}", sent.text);
    (doctor, cauda_scans::accession("demo-v2.1"))
}

#[test]
fn an_order_of_the_decision_page_is_on_the_board_and_in_the_worklist() {
    let house = house();
    let mut coordinator = house.as_role("MRI coordinator");
    let before = coordinator.get("/mri");
    assert!(before.has("MRI board") && !before.has("/mri/order/demo-v2.1"), "{}", before.text);
    let began = std::time::Instant::now();
    let (_, accession) = ordered(&house);
    let mut tries = 0;
    while !everywhere(&house).iter().any(|(_, found)| *found == accession) {
        tries += 1;
        assert!(tries < 200, "never in the worklist");
    }
    println!("{} ms from the form to the worklist, {tries} tries", began.elapsed().as_millis());
    let board = coordinator.get("/mri");
    assert!(board.has("/mri/order/demo-v2.1") && board.has("cauda equina"), "{}", board.text);
    assert!(board.has("safety screening signed"), "what it waits for is on the board");
    let one = coordinator.get("/mri/order/demo-v2.1");
    assert!(one.has(&accession) && one.has("of the request") || one.has("the request"));
}

/// Of the entry with that accession number: its reason, and who asks.
fn reason_and_who(house: &House, accession: &str) -> Option<(String, String)> {
    let address = house.server().dicom.unwrap();
    house.runtime.block_on(async {
        let services = [cauda_dicom::negotiate::Service::Worklist];
        let syntax = cauda_dicom::dataset::Syntax::Explicit;
        for title in ["MR1", "MR2"] {
            let mut line =
                Association::open(address, &caller(title), &services, syntax).await.unwrap();
            let root = [
                (tags::ACCESSION_NUMBER, accession),
                (tags::REASON_FOR_THE_REQUESTED_PROCEDURE, ""),
                (tags::REQUESTING_PHYSICIAN, ""),
            ];
            let step = [(tags::SCHEDULED_STATION_AE_TITLE, title), (tags::MODALITY, "MR")];
            let found = line.find(&identifier(&root, &step)).await.unwrap();
            line.release().await.unwrap();
            if let Some(set) = found.matches.first() {
                let text = |tag| set.ascii(tag).to_string();
                let reason = text(tags::REASON_FOR_THE_REQUESTED_PROCEDURE);
                return Some((reason, text(tags::REQUESTING_PHYSICIAN)));
            }
        }
        None
    })
}

#[test]
fn cauda_equina_with_retention_is_in_the_worklist_and_whole_on_the_board() {
    let house = house();
    let mut doctor = house.as_role("Physician");
    for (fact, value) in [("f.urinary_retention", "new"), ("f.clonus", "new")] {
        let page = doctor.get("/visit/demo-v2/examination");
        let sent = doctor.send(&page, "/visit/demo-v2/examination", &[(fact, value)]);
        assert_eq!(sent.status, 303, "{}", sent.text);
    }
    let (_, accession) = ordered(&house);
    let found = (0..200).find_map(|_| reason_and_who(&house, &accession));
    let (reason, who) = found.expect("never in the worklist");
    assert!(!reason.is_empty() && reason.chars().count() <= 64, "{reason}");
    assert!(who.starts_with("Dr "), "a name, never an id: {who}");
    let id = format!("{}.1", "demo-v2");
    let scan = house.server().scans.as_ref().unwrap().find(&id).unwrap();
    let why = scan.request.as_ref().unwrap().why.clone().unwrap();
    assert!(why.as_str().chars().count() > 64, "the whole of it: {}", why.as_str());
    let board = doctor.get("/mri");
    assert!(board.has(why.as_str()) && !board.has("Not in the scanner"), "{}", board.text);
    let order = doctor.get(&format!("/mri/order/{id}"));
    assert!(order.has(&format!(" by {who}")), "{}", order.text);
}

#[test]
fn every_pair_of_concerns_fits_into_the_worklist_with_whole_titles_first() {
    let house = house();
    let guideline = house.server().department.guideline();
    let pages = guideline.pages.iter().filter(|page| page.id.starts_with("red_flags/"));
    let titles: Vec<&str> = pages.map(|page| page.page.title.as_str()).collect();
    assert!(titles.len() > 40, "{}", titles.len());
    for first in &titles {
        for second in &titles {
            let whole = cauda_scans::joined([*first, *second], 2_000);
            let fits = cauda_scans::fitting(&whole, 64);
            assert!(!fits.is_empty() && fits.chars().count() <= 64, "{fits}");
            let said = second.contains(first) || first.chars().count() > 64;
            assert!(said || fits.starts_with(first), "{first} and {second}: {fits}");
            assert!(first == second || whole.contains(second) || first.contains(second));
        }
    }
    let both =
        ["Suspected cauda equina syndrome", "Suspected cauda equina syndrome with retention"];
    assert_eq!(cauda_scans::joined(both, 64), both[1], "one says the other");
    assert_eq!(cauda_scans::joined(both, 31), both[0], "what has no room hides nothing");
}

#[test]
fn what_a_scanner_tells_is_in_the_visit_and_on_the_board() {
    let house = house();
    let (mut doctor, accession) = ordered(&house);
    let address = house.server().dicom.unwrap();
    let mut coordinator = house.as_role("MRI coordinator");
    let page = coordinator.get("/mri/order/demo-v2.1");
    let signed = [("c.screening", "yes")];
    let sent = coordinator.send(&page, "/mri/order/demo-v2.1/ready", &signed);
    assert_eq!(sent.status, 303, "{}", sent.text);
    let scans = house.server().scans.as_ref().unwrap().scans();
    let scan = scans.iter().find(|scan| scan.id == "demo-v2.1").unwrap();
    let implants = scan.known(cauda_scans::Chip::Implants);
    assert_ne!(implants, cauda_scans::Known::Yes, "a signature answers no other question");
    let screened = [("c.implants", "yes"), ("c.eye_metal", "yes"), ("words", "asked, none")];
    let page = coordinator.get("/mri/order/demo-v2.1");
    let sent = coordinator.send(&page, "/mri/order/demo-v2.1/ready", &screened);
    assert_eq!(sent.status, 303, "{}", sent.text);
    assert!(doctor.get("/visit/demo-v2/timeline").has("creened"), "the visit knows it");
    let page = coordinator.get("/mri/order/demo-v2.1");
    // The stroke of the demonstration is the first on the other one.
    let prepared = [("step", "prepared"), ("scanner", "mr2")];
    let sent = coordinator.send(&page, "/mri/order/demo-v2.1/step", &prepared);
    assert_eq!(sent.status, 303, "{}", sent.text);
    let mut stand_in = StandIn::new(StandInSettings {
        address,
        caller: caller("MR2"),
        modality: "MR".to_string(),
        look_seconds: 1,
        uid_base: 77,
    });
    let at = date(2026, 11, 26).at(9, 0, 0, 0);
    let step = cauda_scans::step_id("demo-v2.1");
    // Whoever is prepared is first in the list of that scanner, as soon as the list knows it.
    let running = house.runtime.block_on(async {
        for _ in 0..200 {
            let taken = stand_in.next().await.unwrap();
            if let Some(taken) = taken.filter(|taken| taken.step_id == step) {
                return stand_in.begin(&taken, at).await.unwrap();
            }
        }
        panic!("never first in the list: {accession}");
    });
    let board = doctor.get("/mri");
    assert!(board.has("on table"), "{}", board.text);
    assert!(doctor.get("/visit/demo-v2/timeline").has("can started"));
    house.runtime.block_on(async { stand_in.end(&running, Ending::WrongEntry, at).await.unwrap() });
    let order = doctor.get("/mri/order/demo-v2.1");
    assert!(!order.has("It has left the list"), "{}", order.text);
    let scans = house.server().scans.as_ref().unwrap().scans();
    let back = scans.iter().find(|scan| scan.id == "demo-v2.1").unwrap();
    assert_eq!(back.state, cauda_queue::State::Waiting, "the patient waits again");
    house.runtime.block_on(async {
        let taken = stand_in.next().await.unwrap();
        assert!(taken.is_none_or(|taken| taken.step_id != step), "it is not taken twice by itself");
    });
}

#[test]
fn others_are_ordered_on_the_board_and_led_to_the_scanner_by_hand() {
    let house = house();
    let mut coordinator = house.as_role("MRI coordinator");
    let fields = [
        ("kind", "stroke"),
        ("protocol", "brain_stroke"),
        ("name", "Test, Zoe"),
        ("asked_by", "Dr Stroke"),
        ("sex", "female"),
        ("place", "Resus 3"),
    ];
    let page = coordinator.get("/mri/new");
    let missing = coordinator.send(&page, "/mri/new", &fields[1..]);
    assert_eq!(missing.status, 422, "{}", missing.text);
    let sent = coordinator.send(&page, "/mri/new", &fields);
    assert_eq!(sent.status, 303, "{}", sent.text);
    let here = sent.header("location").unwrap().to_string();
    let again = coordinator.send(&page, "/mri/new", &fields);
    assert_eq!(again.header("location"), Some(here.as_str()), "a form that is sent twice");
    let page = coordinator.get(&here);
    assert!(page.has("Test, Zoe") && page.has("immediate"), "{}", page.text);
    let act = |coordinator: &mut Browser, what: &str, fields: &[(&str, &str)]| {
        let page = coordinator.get(&here);
        coordinator.send(&page, &format!("{here}/{what}"), fields)
    };
    let step = [("step", "called"), ("scanner", "mr1")];
    let no = [("c.implants", "no")];
    assert_eq!(act(&mut coordinator, "ready", &no).status, 303);
    let refused = act(&mut coordinator, "step", &step);
    assert!(refused.status == 422 && refused.has("a radiologist releases it"), "{}", refused.text);
    let mine = act(&mut coordinator, "ready", &[("c.implants", "yes"), ("words", "card seen")]);
    assert!(mine.status == 422 && mine.has("only a radiologist"), "{}", mine.text);
    let mut radiologist = house.as_role("Radiologist");
    let yes = [
        ("c.implants", "yes"),
        ("c.screening", "yes"),
        ("c.eye_metal", "yes"),
        ("words", "card seen"),
    ];
    assert_eq!(act(&mut radiologist, "ready", &yes).status, 303);
    assert_eq!(act(&mut coordinator, "step", &step).status, 303);
    assert_eq!(act(&mut coordinator, "step", &[("step", "start"), ("scanner", "mr1")]).status, 303);
    assert!(coordinator.get("/mri").has("MR 1 since"));
    assert_eq!(act(&mut coordinator, "end", &[]).status, 303);
    assert!(coordinator.get(&here).has("scanned"));
    let day = coordinator.get("/mri/day");
    assert!(day.has("1 of 1"), "{}", day.text);
}

#[test]
fn less_or_later_needs_a_reason_and_a_scanner_may_fail() {
    let house = house();
    let (_, _) = ordered(&house);
    let here = "/mri/order/demo-v2.1";
    let mut coordinator = house.as_role("MRI coordinator");
    let act = |coordinator: &mut Browser, what: &str, fields: &[(&str, &str)]| {
        let page = coordinator.get(here);
        coordinator.send(&page, &format!("{here}/{what}"), fields)
    };
    let hold = [("will", "hold"), ("minutes", "60")];
    let refused = act(&mut coordinator, "move", &hold);
    assert!(refused.status == 422 && refused.has("needs a reason"), "{}", refused.text);
    let reason = [("will", "hold"), ("minutes", "60"), ("words", "the surgeon examines first")];
    assert_eq!(act(&mut coordinator, "move", &reason).status, 303);
    assert!(coordinator.get(here).has("the surgeon examines first"));
    assert_eq!(act(&mut coordinator, "free", &[]).status, 303);
    assert_eq!(act(&mut coordinator, "move", &[("will", "first"), ("minutes", "60")]).status, 303);
    for scanner in ["mr1", "mr2"] {
        let page = coordinator.get("/mri");
        let to = format!("/mri/scanner/{scanner}/down");
        assert_eq!(coordinator.send(&page, &to, &[("words", "cold head")]).status, 303);
    }
    let board = coordinator.get("/mri");
    assert!(board.has("out of order") && board.has("transfer now"), "{}", board.text);
    let transfer = [("site", "North Hospital"), ("accepted_by", "Dr North")];
    assert_eq!(act(&mut coordinator, "transfer", &transfer).status, 303);
    assert!(coordinator.get(here).has("transferred to North Hospital"));
}

#[test]
fn the_wall_shows_no_name_and_a_department_without_a_scanner_says_so() {
    let house = house();
    let mut coordinator = house.as_role("MRI coordinator");
    let wall = coordinator.get("/mri/wall");
    assert!(wall.has("MRI, next") && !wall.has("Weber"), "{}", wall.text);
    assert!(coordinator.get("/mri").has("Weber"));
    let none = House::demo();
    let mut coordinator = none.as_role("MRI coordinator");
    let page = coordinator.get("/mri");
    assert!(page.status == 404 && page.has("[[scanner]]"), "{}", page.text);
}

#[test]
fn the_board_stands_after_a_new_start() {
    let mut house = house();
    ordered(&house);
    let mut coordinator = house.as_role("MRI coordinator");
    let hold = [("will", "hold"), ("minutes", "60"), ("words", "sedation first")];
    let page = coordinator.get("/mri/order/demo-v2.1");
    assert_eq!(coordinator.send(&page, "/mri/order/demo-v2.1/move", &hold).status, 303);
    let scans = house.server().scans.as_ref().unwrap().scans();
    house.close();
    house.open();
    let after = house.server().scans.as_ref().unwrap().scans();
    for scan in &scans {
        let known = after.iter().find(|one| one.id == scan.id);
        assert_eq!(known.map(|one| &one.state), Some(&scan.state), "{}", scan.id);
    }
    let held = after.iter().find(|one| one.id == "demo-v2.1").unwrap();
    assert_eq!(held.overrides.len(), 1);
}
