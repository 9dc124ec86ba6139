//! What the board asks and says of a patient on the way to the table, on it, and after it: when
//! somebody is ready, what is reserved, what limited pictures show, and the report.

use cauda_hl7::Verdict;
use cauda_pathway::clocks::TaskKind;
use cauda_pathway::visit::Visit;
use cauda_scans::{Chip, Reserved, Scan};
use cauda_server::Config;

use crate::browser::Browser;
use crate::hl7::told;
use crate::house::{House, MORNING};

const HERE: &str = "/mri/order/demo-v2.1";

fn house() -> House {
    let free = "127.0.0.1:0".parse().unwrap();
    let mut scanners = cauda_server::scans::demo::config(free, free);
    // From 10:00 for half an hour; everybody's from 09:20 on.
    let reserved = Reserved { from_minute: 600, minutes: 30, release_minutes: 40 };
    scanners.scanners[0].reserved = vec![reserved];
    scanners.scanners[1].reserved = Vec::new();
    House::with(Config { demo: true, scanners: Some(scanners), ..House::config() })
}

fn act(who: &mut Browser, here: &str, what: &str, fields: &[(&str, &str)]) -> u16 {
    let page = who.get(here);
    let sent = who.send(&page, &format!("{here}/{what}"), fields);
    if sent.status != 303 {
        println!("{}", sent.text);
    }
    sent.status
}

/// The order of a physician, screened, and called a limited one for the table if asked.
fn ordered(house: &House, limited: bool) -> Browser {
    let mut doctor = house.as_role("Physician");
    let page = doctor.get("/visit/demo-v2/decision");
    assert_eq!(doctor.send(&page, "/visit/demo-v2/decide/order", &[]).status, 303);
    let mut coordinator = house.as_role("MRI coordinator");
    let screened = [
        ("c.screening", "yes"),
        ("c.implants", "yes"),
        ("c.eye_metal", "yes"),
        ("words", "asked, none"),
    ];
    assert_eq!(act(&mut coordinator, HERE, "ready", &screened), 303);
    if limited {
        let silent = [("protocol", "mri_lumbar_limited")];
        assert_eq!(act(&mut coordinator, HERE, "protocol", &silent), 422);
        let reason = [("protocol", "mri_lumbar_limited"), ("words", "15 minutes are free")];
        assert_eq!(act(&mut coordinator, HERE, "protocol", &reason), 303);
        let page = coordinator.get(HERE);
        assert!(page.has("10 to 15 min, limited"), "a visit's order keeps it: {}", page.text);
    }
    coordinator
}

fn scan(house: &House, id: &str) -> Scan {
    house.server().scans.as_ref().unwrap().find(id).unwrap()
}

fn visit(house: &House) -> Visit {
    let visits = house.server().department.open_visits();
    let of =
        |visit: &Visit| visit.identity.as_ref().is_some_and(|it| it.visit.as_str() == "demo-v2");
    visits.iter().map(|entry| entry.visit.clone()).find(of).unwrap()
}

fn has(house: &House, kind: TaskKind) -> bool {
    visit(house).open_tasks().any(|task| task.kind == kind)
}

#[test]
fn a_time_of_readiness_is_said_by_button_and_is_seen_to_be_over() {
    let house = house();
    let mut coordinator = ordered(&house, false);
    let board = coordinator.get("/mri");
    let to = format!("{HERE}/expect");
    let ten = [("chip", "transport"), ("minutes", "10")];
    assert_eq!(coordinator.send(&board, &to, &ten).header("location"), Some("/mri"));
    let board = coordinator.get("/mri");
    assert!(board.has("transport, expected ") && board.has("in 10 min"), "{}", board.text);
    assert_eq!(scan(&house, "demo-v2.1").expected.get(&Chip::Transport), Some(&(MORNING + 600)));
    house.clock.pass(11 * 60);
    let board = coordinator.get("/mri");
    assert!(board.has("overdue: expected") && board.has("if ready by then"), "{}", board.text);
    let time = [("chip", "transport"), ("at", "09:30")];
    assert_eq!(act(&mut coordinator, HERE, "expect", &time), 303);
    assert_eq!(scan(&house, "demo-v2.1").expected.get(&Chip::Transport), Some(&(MORNING + 1_800)));
    for wrong in [("at", "tomorrow"), ("minutes", "-5"), ("minutes", "99999")] {
        assert_eq!(act(&mut coordinator, HERE, "expect", &[("chip", "transport"), wrong]), 422);
    }
    let arrived = [("c.transport", "yes")];
    assert_eq!(act(&mut coordinator, HERE, "ready", &arrived), 303);
    assert!(!coordinator.get("/mri").has("transport, "), "the answer ends the waiting");
}

#[test]
fn reserved_time_is_in_the_lane_and_in_words_and_is_released() {
    let house = house();
    let mut coordinator = ordered(&house, false);
    let board = coordinator.get("/mri");
    assert!(board.has("class=\"gap\""), "{}", board.text);
    assert!(board.has("kept for emergency and above; everybody's from"), "{}", board.text);
    let uses = board.has("used by ") || board.has("nobody is planned in it");
    assert!(uses, "who uses it: {}", board.text);
    assert!(coordinator.get("/mri/wall").has("kept for emergency and above"));
    house.clock.pass(25 * 60);
    let mut coordinator = house.as_role("MRI coordinator");
    let board = coordinator.get("/mri");
    assert!(board.has("gap released") && board.has("it is everybody's now"), "{}", board.text);
}

#[test]
fn limited_pictures_are_asked_for_on_the_table_and_extend_the_scan() {
    let house = house();
    let mut coordinator = ordered(&house, true);
    assert_eq!(act(&mut coordinator, HERE, "step", &[("step", "start"), ("scanner", "mr2")]), 303);
    house.clock.pass(12 * 60);
    let board = coordinator.get("/mri");
    assert!(
        board.has("Limited pictures to read") && board.has("Compression seen"),
        "{}",
        board.text
    );
    assert!(!board.has("It is not extended"), "that is a physician's");
    assert!(coordinator.get("/mri/wall").has("Limited pictures to read"));
    let explained = [("shows", "clear_explained"), ("words", "old")];
    assert_eq!(act(&mut coordinator, HERE, "limited", &explained), 422);
    let to = format!("{HERE}/limited");
    let seen = [("shows", "compression")];
    assert_eq!(coordinator.send(&board, &to, &seen).header("location"), Some("/mri"));
    let board = coordinator.get("/mri");
    assert!(board.has("extended: compression seen") && board.has("MRI whole spine"));
    assert!(!board.has("Limited pictures to read"));
    // Who treats the patient is told now, not with the report.
    let known = visit(&house);
    let task = known.open_tasks().find(|task| task.kind == TaskKind::CallForCompression).unwrap();
    assert_eq!((task.holder.is_physician(), task.due - task.raised_at), (true, 15 * 60));
    let mut treating = house.as_role("Physician");
    for page in ["decision", "results", "handover"] {
        let page = treating.get(&format!("/visit/demo-v2/{page}"));
        assert!(
            page.has("Limited pictures show compression: call spinal surgery"),
            "{}",
            page.text
        );
    }
    assert!(treating.get("/tasks").has("limited pictures show compression"));
    // 30 to 45 minutes in place of 10 to 15, of which 12 are over.
    assert_eq!(scan(&house, "demo-v2.1").extended, Some([32, 45]));
    let mut doctor = house.as_role("Physician");
    let timeline = doctor.get("/visit/demo-v2/timeline");
    assert!(timeline.has("Extended: MRI whole spine"), "{}", timeline.text);
    assert!(timeline.has("15 minutes are free"), "why it was limited");
    assert_eq!(act(&mut coordinator, HERE, "end", &[]), 303);
    assert!(has(&house, TaskKind::Report) && !has(&house, TaskKind::ReadLimited));
}

#[test]
fn a_limited_scan_that_nobody_read_does_not_end_in_silence() {
    let house = house();
    let mut coordinator = ordered(&house, true);
    assert_eq!(act(&mut coordinator, HERE, "step", &[("step", "start"), ("scanner", "mr2")]), 303);
    assert_eq!(act(&mut coordinator, HERE, "end", &[]), 303);
    let board = coordinator.get("/mri");
    assert!(board.has("nobody said what the limited pictures show"), "{}", board.text);
    assert!(board.has("has left the table") && !board.has("Before the patient leaves"));
    let wall = coordinator.get("/mri/wall");
    let accession = scan(&house, "demo-v2.1").accession();
    assert!(wall.has(&accession[accession.len() - 4..]), "two of the same letters: {}", wall.text);
    assert!(has(&house, TaskKind::ReadLimited));
    let mut radiologist = house.as_role("Radiologist");
    assert!(radiologist.get("/tasks").has("read the limited pictures"));
    let results = radiologist.get("/visit/demo-v2/results");
    assert!(results.has("Does not show the cord, infection or metastasis"), "{}", results.text);
    // Nothing that it does not show is excluded by its report.
    let report = [("state", "final"), ("words", "clear"), ("f.cord_compression_scan", "clear")];
    let to = "/visit/demo-v2/result/1/report";
    let refused = radiologist.send(&results, to, &report);
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(refused.has("does not show the cord"), "{}", refused.text);
    let shows = [("shows", "clear_unexplained"), ("back", "board")];
    assert_eq!(act(&mut radiologist, HERE, "limited", &shows), 303);
    assert!(!has(&house, TaskKind::ReadLimited) && has(&house, TaskKind::Scan));
    let order = radiologist.get(HERE);
    assert!(!order.has("It has left the list") && order.has("MRI whole spine"), "{}", order.text);
}

#[test]
fn a_report_has_a_time_and_an_owner_and_is_closed_by_a_message() {
    let house = house();
    let mut coordinator = ordered(&house, false);
    assert_eq!(act(&mut coordinator, HERE, "step", &[("step", "start"), ("scanner", "mr2")]), 303);
    house.clock.pass(30 * 60);
    let mut coordinator = house.as_role("MRI coordinator");
    assert_eq!(act(&mut coordinator, HERE, "end", &[]), 303);
    let board = coordinator.get("/mri");
    assert!(
        board.has("Reports that are awaited") && !board.has("reports overdue"),
        "{}",
        board.text
    );
    assert!(!board.has("; named: "), "who treats the patient does not report: {}", board.text);
    let mut radiologist = house.as_role("Radiologist");
    let page = radiologist.get("/mri");
    let taken = radiologist.send(&page, &format!("{HERE}/take"), &[]);
    assert_eq!(taken.status, 303, "{}", taken.text);
    let board = radiologist.get("/mri");
    assert!(board.has("radiologist; named: Dr "), "whose it is, by name: {}", board.text);
    house.clock.pass(61 * 60);
    let mut coordinator = house.as_role("MRI coordinator");
    let board = coordinator.get("/mri");
    assert!(board.has("reports overdue: 1"), "{}", board.text);
    assert!(coordinator.get("/mri/wall").has("Reports that are awaited"));
    assert!(coordinator.get("/mri/day").has("<b class=\"error\">1</b>"));
    let scan = scan(&house, "demo-v2.1");
    let number = scan.request.as_ref().unwrap().about.number.clone().unwrap();
    let pid = format!("PID|||{}^^^HOSP^MR||X^Y||19850101|F", number.as_str());
    let obr = format!("OBR|1|R-1||MRL^MRI lumbar spine||||||||||||||{}|||||||F", scan.accession());
    let obx = "OBX|1|TX|18748-4^Report^LN|1|seen|||AA|||F";
    let sent = told(&house, "ORU^R01", "r1", &[&pid, &obr, obx]);
    assert_eq!(sent.verdict, Verdict::Taken, "{:?}", sent.why);
    assert!(!coordinator.get("/mri").has("Reports that are awaited"));
    assert!(!has(&house, TaskKind::Report) && has(&house, TaskKind::AcknowledgeDanger));
    let day = coordinator.get("/mri/day");
    // The other one is of a patient of the demonstration.
    assert!(day.has("1 of 2"), "it came, and late: {}", day.text);
}

#[test]
fn a_report_of_the_board_alone_is_written_down_there_and_waits_for_days() {
    let mut house = house();
    let mut coordinator = house.as_role("MRI coordinator");
    let fields = [
        ("kind", "stroke"),
        ("protocol", "brain_stroke"),
        ("name", "Test, Zoe"),
        ("asked_by", "Dr Stroke"),
        ("sex", "female"),
    ];
    let page = coordinator.get("/mri/new");
    let sent = coordinator.send(&page, "/mri/new", &fields);
    let here = sent.header("location").unwrap().to_string();
    let screened = [("c.screening", "yes"), ("c.implants", "yes"), ("c.eye_metal", "yes")];
    assert_eq!(act(&mut coordinator, &here, "ready", &screened), 303);
    let start = [("step", "start"), ("scanner", "mr1")];
    assert_eq!(act(&mut coordinator, &here, "step", &start), 303);
    assert_eq!(act(&mut coordinator, &here, "end", &[]), 303);
    house.clock.pass(3 * 86_400);
    house.close();
    house.open();
    let mut coordinator = house.as_role("MRI coordinator");
    let board = coordinator.get("/mri");
    assert!(board.has("Test, Zoe") && board.has("reports overdue: 1"), "{}", board.text);
    assert!(board.has("senior physician"), "it went further: {}", board.text);
    let report = [("state", "preliminary")];
    assert_eq!(act(&mut coordinator, &here, "report", &report), 303);
    assert!(!coordinator.get("/mri").has("Reports that are awaited"));
}

#[test]
fn what_a_visit_knows_nobody_keeps_current_on_the_board() {
    let house = house();
    let mut coordinator = ordered(&house, false);
    // Who scans works, whatever the board thought.
    let page = coordinator.get("/mri");
    assert_eq!(
        coordinator.send(&page, "/mri/scanner/mr2/down", &[("words", "helium")]).status,
        303
    );
    assert!(coordinator.get("/mri").has("out of order"));
    house.clock.pass(60);
    let mut radiologist = house.as_role("Radiologist");
    let results = radiologist.get("/visit/demo-v2/results");
    // Begun and stopped on the visit's page.
    let to = |what: &str| format!("/visit/demo-v2/result/1/{what}");
    assert_eq!(radiologist.send(&results, &to("start"), &[]).status, 303);
    assert!(scan(&house, "demo-v2.1").on_table().is_some());
    let results = radiologist.get("/visit/demo-v2/results");
    assert_eq!(radiologist.send(&results, &to("stopped"), &[]).status, 303);
    assert!(scan(&house, "demo-v2.1").on_table().is_none(), "the board follows");
    let start = [("step", "start"), ("scanner", "mr2")];
    assert_eq!(act(&mut coordinator, HERE, "step", &start), 303);
    assert!(!coordinator.get("/mri").has("out of order"));
    let results = radiologist.get("/visit/demo-v2/results");
    assert_eq!(radiologist.send(&results, &to("stopped"), &[]).status, 303);
    assert!(scan(&house, "demo-v2.1").on_table().is_none(), "what was begun on the board too");
}

/// Ordered and not yet screened.
fn unscreened(house: &House) -> (Browser, Browser) {
    let mut doctor = house.as_role("Physician");
    let page = doctor.get("/visit/demo-v2/decision");
    assert_eq!(doctor.send(&page, "/visit/demo-v2/decide/order", &[]).status, 303);
    (doctor, house.as_role("MRI coordinator"))
}

const RESULTS: &str = "/visit/demo-v2/results";

/// A step of the order on the page of results.
fn result(who: &mut Browser, what: &str, fields: &[(&str, &str)]) -> u16 {
    let page = who.get(RESULTS);
    who.send(&page, &format!("/visit/demo-v2/result/1/{what}"), fields).status
}

#[test]
fn screened_not_safe_is_a_physicians_at_once_and_only_a_physician_takes_it_back() {
    let house = house();
    let mut coordinator = ordered(&house, false);
    assert_eq!(result(&mut coordinator, "not-cleared", &[]), 422, "what was found is needed");
    let found = [("words", "old leads of a stimulator")];
    assert_eq!(result(&mut coordinator, "not-cleared", &found), 303);
    let known = visit(&house);
    let task = known.open_tasks().find(|task| task.kind == TaskKind::AnswerNotSafe).unwrap();
    assert_eq!((task.about, task.due - task.raised_at), (Some(1), 15 * 60));
    let mut doctor = house.as_role("Physician");
    assert!(doctor.get("/tasks").has("screened, NOT safe to scan"));
    let board = coordinator.get("/mri");
    assert!(board.has("screened: NOT safe") && board.has("old leads"), "{}", board.text);
    let order = coordinator.get(HERE);
    assert!(order.has("If the patient cannot be scanned") && order.has("CT myelography"));
    assert!(coordinator.get(RESULTS).has("screened: NOT safe"));
    for step in ["called", "start"] {
        let fields = [("step", step), ("scanner", "mr2")];
        assert_eq!(act(&mut coordinator, HERE, "step", &fields), 422, "{step}");
    }
    assert_eq!(result(&mut coordinator, "start", &[("scanner", "mr2")]), 422);
    let back = [("c.screening", "yes"), ("words", "it is fine")];
    assert_eq!(act(&mut coordinator, HERE, "ready", &back), 422, "not the coordinator's");
    assert!(!coordinator.get(RESULTS).has("/result/1/cleared"), "nor on the page of results");
    let mut radiologist = house.as_role("Radiologist");
    assert_eq!(act(&mut radiologist, HERE, "ready", &[("c.screening", "yes")]), 422, "no reason");
    assert!(has(&house, TaskKind::AnswerNotSafe));
    assert_eq!(act(&mut radiologist, HERE, "ready", &back), 303);
    assert!(!has(&house, TaskKind::AnswerNotSafe));
    assert_eq!(result(&mut coordinator, "start", &[("scanner", "mr2")]), 303);
}

#[test]
fn the_visits_page_begins_nothing_that_the_board_refuses_and_records_what_began() {
    let house = house();
    let (mut doctor, mut coordinator) = unscreened(&house);
    let page = doctor.get("/visit/demo-v2/examination");
    let pacemaker = [("f.pacemaker_or_defibrillator", "model_unknown")];
    let sent = doctor.send(&page, "/visit/demo-v2/examination", &pacemaker);
    assert_eq!(sent.status, 303, "{}", sent.text);
    assert!(coordinator.get(HERE).has("found: <b>Pacemaker or defibrillator"));
    assert_eq!(result(&mut coordinator, "start", &[("scanner", "mr2")]), 422);
    assert_eq!(result(&mut coordinator, "cleared", &[]), 303);
    let results = coordinator.get(RESULTS);
    assert!(results.has("an implant or metal stands in the way"), "{}", results.text);
    assert_eq!(result(&mut coordinator, "start", &[]), 422, "the implant is not released");
    assert!(scan(&house, "demo-v2.1").on_table().is_none());
    let all_the_same = [("scanner", "mr2"), ("despite", "begun before anybody looked")];
    assert_eq!(result(&mut coordinator, "start", &all_the_same), 303);
    let began = scan(&house, "demo-v2.1");
    assert_eq!(began.on_table().unwrap().0.as_str(), "mr2");
    for page in [RESULTS, HERE, "/visit/demo-v2/timeline"] {
        let page = coordinator.get(page);
        assert!(page.has("begun before anybody looked"), "{}", page.text);
    }
}

#[test]
fn that_a_scan_began_screens_nobody() {
    let house = house();
    let (_, mut coordinator) = unscreened(&house);
    assert_eq!(result(&mut coordinator, "start", &[]), 422);
    assert_eq!(result(&mut coordinator, "start", &[("despite", "resuscitation")]), 303);
    assert!(has(&house, TaskKind::SafetyScreen), "nobody was screened");
    assert_eq!(result(&mut coordinator, "end", &[]), 303);
    assert!(!has(&house, TaskKind::SafetyScreen), "too late to screen");
}

#[test]
fn the_visits_page_asks_on_which_scanner_and_the_board_says_where_nobody_knows() {
    let house = house();
    let mut coordinator = ordered(&house, false);
    let results = coordinator.get(RESULTS);
    assert!(results.has("name=\"scanner\"") && results.has(" selected"), "{}", results.text);
    assert_eq!(result(&mut coordinator, "start", &[("scanner", "mr9")]), 422);
    assert_eq!(result(&mut coordinator, "start", &[("scanner", "")]), 303);
    let board = coordinator.get("/mri");
    assert!(board.has("1 scan runs") && board.has("on an unknown scanner"), "{}", board.text);
    house.clock.pass(300);
    let mut coordinator = house.as_role("MRI coordinator");
    assert_eq!(result(&mut coordinator, "start", &[("scanner", "mr2")]), 303);
    assert!(!coordinator.get("/mri").has("on an unknown scanner"));
    let placed = scan(&house, "demo-v2.1");
    let (on, since) = placed.on_table().unwrap();
    assert_eq!((on.as_str(), since), ("mr2", MORNING), "it began when it began");
    let started = visit(&house).result(1).unwrap().order.clone().unwrap().started;
    assert_eq!(started, Some(MORNING));
    assert!(!coordinator.get(HERE).has("Cancel the scan"), "that is the physician's");
    assert_eq!(result(&mut coordinator, "end", &[]), 303);
}

#[test]
fn a_new_sign_makes_the_whole_spine_of_a_limited_scan_in_the_visit_and_on_the_board() {
    let house = house();
    let mut coordinator = ordered(&house, true);
    assert_eq!(act(&mut coordinator, HERE, "step", &[("step", "start"), ("scanner", "mr2")]), 303);
    let mut doctor = house.as_role("Physician");
    let page = doctor.get("/visit/demo-v2/examination");
    let sent = doctor.send(&page, "/visit/demo-v2/examination", &[("f.clonus", "new")]);
    assert_eq!(sent.status, 303, "{}", sent.text);
    let order = visit(&house).result(1).unwrap().order.clone().unwrap();
    assert_eq!(order.picture(), "mri_whole_spine");
    let board = coordinator.get("/mri");
    assert!(board.has("now MRI whole spine") && board.has(" told "), "{}", board.text);
    assert!(!board.has("Limited pictures to read"), "{}", board.text);
    assert!(coordinator.get(RESULTS).has("never a limited protocol"));
    assert_eq!(act(&mut coordinator, HERE, "end", &[]), 303);
    let mut radiologist = house.as_role("Radiologist");
    let report = [("state", "final"), ("words", "cord free"), ("f.cord_compression_scan", "clear")];
    assert_eq!(result(&mut radiologist, "report", &report), 303, "the right report is taken");
}

#[test]
fn that_every_deficit_is_explained_can_be_taken_back_until_the_report() {
    let house = house();
    let mut coordinator = ordered(&house, true);
    assert_eq!(act(&mut coordinator, HERE, "step", &[("step", "start"), ("scanner", "mr2")]), 303);
    let mut radiologist = house.as_role("Radiologist");
    let explained = [("shows", "clear_explained"), ("words", "foot drop since 2019")];
    assert_eq!(act(&mut radiologist, HERE, "limited", &explained), 303);
    let results = coordinator.get(RESULTS);
    assert!(results.has("foot drop since 2019") && results.has("Was that wrong?"));
    assert!(coordinator.get("/mri").has("Extend it all the same"));
    assert!(coordinator.get(HERE).has("Extend it all the same"));
    let again = [("shows", "clear_unexplained")];
    assert_eq!(act(&mut coordinator, HERE, "limited", &again), 303);
    let order = visit(&house).result(1).unwrap().order.clone().unwrap();
    assert_eq!(order.picture(), "mri_whole_spine");
    assert!(!coordinator.get(RESULTS).has("Was that wrong?"));
}
