//! Other systems are told of orders by HL7: in order, at least once, after every crash the same
//! bytes again, and whatever they do not take lies before a person.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use cauda_dicom::scu::Caller;
use cauda_dicom::stand_in::{Ending, StandIn, StandInSettings};
use cauda_hl7::{Sender, SenderSettings, Verdict, Version};
use cauda_server::clock::Clock;
use cauda_server::hl7::{Form, Receiver, Signs};
use cauda_server::{Config, Server};
use cauda_store::Options;
use jiff::civil::date;

use crate::browser::Browser;
use crate::house::{House, MORNING, guideline};
use crate::told_to::{Other, field};

fn receiver(port: u16) -> Receiver {
    Receiver::new("ris", "127.0.0.1", port, "RIS", "GENERAL")
}

fn config(receivers: Vec<Receiver>, demo: bool) -> Config {
    let free = "127.0.0.1:0".parse().unwrap();
    let scanners = cauda_server::scans::demo::config(free, free);
    let scanners = cauda_server::scans::ScannersConfig { receivers, ..scanners };
    Config { scanners: Some(scanners), demo, ..House::config() }
}

fn house(receivers: Vec<Receiver>) -> House {
    House::with(config(receivers, true))
}

/// An empty board, to which orders come by HL7.
fn night(receivers: Vec<Receiver>) -> House {
    House::with(config(receivers, false))
}

fn telling(house: &House) -> Arc<cauda_server::hl7::Telling> {
    house.server().telling.clone().unwrap()
}

fn pass(house: &House, seconds: i64) {
    house.clock.pass(seconds);
    telling(house).look();
}

/// Waits until so many messages were refused, and none is on its way; other orders are taken.
fn settled(house: &House, ris: &mut Other, refused: u64) {
    loop {
        let (_, waiting, _, _, known) = telling(house).figures()[0].clone();
        if known >= refused && waiting == 0 {
            return;
        }
        if ris.soon().is_ok() {
            ris.answer("AA");
        }
    }
}

fn say(house: &House, kind: &str, control: &str, app: &str, segments: &[&str]) -> Verdict {
    let address = house.server().hl7.unwrap();
    send(house, address.port(), kind, control, app, segments)
}

fn send(
    house: &House,
    port: u16,
    kind: &str,
    control: &str,
    app: &str,
    segments: &[&str],
) -> Verdict {
    let head = format!(
        "MSH|^~\\&|{app}|GENERAL|CAUDA|ED|20261126090000+0000||{kind}|{control}|P|2.5.1||||||UNICODE UTF-8"
    );
    let text = format!("{head}\r{}\r", segments.join("\r"));
    let settings = SenderSettings {
        timeout: Duration::from_secs(30),
        ..SenderSettings::new("127.0.0.1", port)
    };
    let mut sender = Sender::new(settings).unwrap();
    house.runtime.block_on(sender.send(text.as_bytes())).unwrap().verdict
}

const PID: &str = "PID|||H-7^^^HOSP^MR||MEIER^ADA||19810304|F";
const PV1: &str = "PV1||E|ED^B4";

fn order(house: &House, control_id: &str, code: &str, placer: &str, app: &str) {
    let obr = format!("OBR|1|{placer}||MRB^MRI brain|||||||||vertigo|||||A-{placer}");
    let orc = format!("ORC|{code}|{placer}^WARD||||||||||^HILL^ANN");
    let verdict = say(house, "ORM^O01", control_id, app, &[PID, PV1, &orc, &obr]);
    assert_eq!(verdict, Verdict::Taken);
}

fn controls(message: &serde_json::Value) -> (String, String) {
    (field(message, "ORC", 1), field(message, "ORC", 5))
}

fn pair(control: &str, status: &str) -> (String, String) {
    (control.to_string(), status.to_string())
}

fn doctor_orders(house: &House) -> (Browser, String) {
    let mut doctor = house.as_role("Physician");
    let page = doctor.get("/visit/demo-v2/decision");
    let sent = doctor.send(&page, "/visit/demo-v2/decide/order", &[]);
    assert_eq!(sent.status, 303, "{}", sent.text);
    (doctor, cauda_scans::accession("demo-v2.1"))
}

#[test]
fn an_order_of_the_decision_page_is_told_changed_scanned_and_taken_back() {
    let mut ris = Other::asked();
    let house = house(vec![receiver(ris.port)]);
    let (_, accession) = doctor_orders(&house);
    let new = ris.about(&accession);
    assert_eq!(controls(&new), pair("NW", ""));
    assert_eq!(new["kind"], "ORM^O01^ORM_O01");
    assert_eq!(field(&new, "MSH", 3), "CAUDA");
    assert_eq!((field(&new, "MSH", 5), field(&new, "MSH", 6)), ("RIS".into(), "GENERAL".into()));
    assert_eq!(field(&new, "ORC", 2), format!("{accession}^CAUDA"));
    assert_eq!(field(&new, "OBR", 24), "MR");
    assert!(field(&new, "ORC", 7).ends_with("^S"), "an emergency: {}", field(&new, "ORC", 7));
    assert!(field(&new, "OBR", 13).contains("cauda equina"), "{}", new["text"]);
    assert!(field(&new, "OBR", 4).ends_with("^L"), "{}", field(&new, "OBR", 4));
    assert_eq!(
        field(&new, "ZDS", 1),
        format!("{}^^Application^DICOM", cauda_scans::study_uid("demo-v2.1"))
    );
    ris.answer("AA");
    // A person decides about it.
    let mut coordinator = house.as_role("MRI coordinator");
    let act = |coordinator: &mut Browser, what: &str, fields: &[(&str, &str)]| {
        let page = coordinator.get("/mri/order/demo-v2.1");
        let to = format!("/mri/order/demo-v2.1/{what}");
        assert_eq!(coordinator.send(&page, &to, fields).status, 303, "{what}");
    };
    let later = [("will", "tier:urgent"), ("minutes", "60"), ("words", "the surgeon says so")];
    act(&mut coordinator, "move", &later);
    let changed = ris.about(&accession);
    assert_eq!(controls(&changed), pair("XO", ""));
    assert!(field(&changed, "ORC", 7).ends_with("^A"), "{}", field(&changed, "ORC", 7));
    ris.answer("AA");
    act(&mut coordinator, "free", &[]);
    let back = ris.about(&accession);
    assert!(field(&back, "ORC", 7).ends_with("^S"), "an emergency again");
    ris.answer("AA");
    // The scanner tells.
    let mut scanner = StandIn::new(StandInSettings {
        address: house.server().dicom.unwrap(),
        caller: Caller {
            calling: "MR2".to_string(),
            called: "CAUDA".to_string(),
            time: Duration::from_secs(20),
            tls: None,
        },
        modality: "MR".to_string(),
        look_seconds: 1,
        uid_base: 77,
    });
    act(&mut coordinator, "move", &[("will", "only:mr2"), ("minutes", "60"), ("words", "free")]);
    let at = date(2026, 11, 26).at(9, 0, 0, 0);
    let running = house.runtime.block_on(async {
        for _ in 0..1_000 {
            if let Some(taken) = scanner.find(&accession).await.unwrap() {
                return scanner.begin(&taken, at).await.unwrap();
            }
        }
        panic!("never in the worklist");
    });
    let begun = ris.about(&accession);
    assert_eq!(controls(&begun), pair("SC", "IP"));
    assert_eq!(field(&begun, "ORC", 18), "MR2", "on which scanner");
    ris.answer("AA");
    house.runtime.block_on(async { scanner.end(&running, Ending::Completed, at).await.unwrap() });
    assert_eq!(controls(&ris.about(&accession)), pair("SC", "CM"));
    ris.answer("AA");
}

#[test]
fn a_report_comes_back_under_the_number_that_was_told() {
    let mut ris = Other::asked();
    let house = house(vec![receiver(ris.port)]);
    let (mut doctor, accession) = doctor_orders(&house);
    let new = ris.about(&accession);
    ris.answer("AA");
    let (placer, pid) = (field(&new, "ORC", 2), field(&new, "PID", 3));
    let pid = format!("PID|||{pid}||Novak^Tomas");
    let obr = format!("OBR|1|{placer}||X^MRI|||||||||||||||||||||P");
    let obx = "OBX|1|TX|18748-4^Report^LN|1|seen||||||P";
    assert_eq!(say(&house, "ORU^R01", "1", "SYNRIS", &[&pid, &obr, obx]), Verdict::Taken);
    let page = doctor.get("/mri/order/demo-v2.1");
    assert!(page.has("preliminary"), "{}", page.text);
}

#[test]
fn whatever_comes_back_under_the_number_that_was_told_is_about_that_order() {
    let mut ris = Other::asked();
    let house = night(vec![Receiver { also: vec!["SYNRIS".into()], ..receiver(ris.port) }]);
    let scans = || house.server().scans.as_ref().unwrap().scans();
    let segments = |placer: &str| {
        [PID.into(), PV1.into(), format!("ORC|NW|{placer}"), format!("OBR|1|{placer}||X^MRI brain")]
    };
    let new = |control: &str, placer: &str| {
        let all = segments(placer);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        assert_eq!(say(&house, "ORM^O01", control, "SYNEHR", &all), Verdict::Taken);
    };
    new("1", "Z3^^urn:x^URI");
    let told = field(&ris.taken(), "ORC", 2);
    assert_eq!(told, "Z3^^urn:x^URI");
    let id = scans()[0].id.clone();
    let scan = || scans().into_iter().find(|scan| scan.id == id).unwrap();
    // Its own number, without a second order.
    let pid = "PID|||H-7^^^^MR||MEIER^ADA";
    let (orc, obr) = (format!("ORC|NA|{told}|F-9"), format!("OBR|1|{told}|F-9|X^MRI brain"));
    assert_eq!(say(&house, "ORM^O01", "2", "SYNRIS", &[pid, &orc, &obr]), Verdict::Taken);
    assert_eq!(scan().request.unwrap().numbers.filler.as_deref(), Some("F-9"));
    // Its report, and that it is not done, for which it need not say whose it is.
    let obx = "OBX|1|TX|18748-4^Report^LN|1|seen||||||P";
    let obr = format!("OBR|1|{told}||X^MRI|||||||||||||||||||||P");
    assert_eq!(say(&house, "ORU^R01", "3", "SYNRIS", &[pid, &obr, obx]), Verdict::Taken);
    assert_eq!(scan().report.unwrap().state, "preliminary");
    let orc = format!("ORC|SC|{told}|||CA");
    assert_eq!(say(&house, "ORM^O01", "4", "SYNRIS", &[&orc]), Verdict::Taken);
    assert!(scan().has_left());
    // What it does not know by any number is no new order.
    let obr = "OBR|1|Q-1|F-7|X^MRI brain";
    let assigned = [PID, PV1, "ORC|NA|Q-1|F-7", obr];
    assert_eq!(say(&house, "ORM^O01", "5", "SYNRIS", &assigned), Verdict::Taken);
    let changed = [PID, PV1, "ORC|XO|Q-1|F-7", obr];
    assert_eq!(say(&house, "ORM^O01", "6", "SYNRIS", &changed), Verdict::Never);
    assert_eq!(scans().len(), 1);
}

#[test]
fn what_is_taken_back_is_told_with_its_reason_and_a_deletion_request_finds_what_was_told() {
    let mut ris = Other::asked();
    let house = night(vec![receiver(ris.port)]);
    order(&house, "1", "NW", "P-1", "SYNEHR");
    let new = ris.taken();
    assert_eq!(field(&new, "ORC", 2), "P-1^WARD", "the placer's own number");
    assert_eq!(field(&new, "PID", 3), "H-7^^^^MR");
    assert_eq!(field(&new, "PID", 5), "MEIER^ADA");
    assert_eq!((field(&new, "PID", 7), field(&new, "PID", 8)), ("19810304".into(), "F".into()));
    assert_eq!(field(&new, "OBR", 18), "A-P-1");
    let name = ["EVN|A08|20261126090000+0000", "PID|||H-7^^^HOSP^MR||MEYER^ADA||19810304|F", PV1];
    assert_eq!(say(&house, "ADT^A08", "2", "SYNREG", &name), Verdict::Taken);
    let changed = ris.taken();
    assert_eq!(controls(&changed), pair("XO", ""));
    assert_eq!(field(&changed, "PID", 5), "MEYER^ADA");
    let pid = "PID|||H-7^^^HOSP^MR||MEYER^ADA||19810304|F";
    let segments = [
        pid,
        "ORC|CA|P-1^WARD",
        "OBR|1|P-1^WARD||MRB^MRI brain|||||||||||||||||||||||||||^went home",
    ];
    assert_eq!(say(&house, "ORM^O01", "3", "SYNEHR", &segments), Verdict::Taken);
    let gone = ris.taken();
    assert_eq!(controls(&gone), pair("CA", "CA"));
    assert!(field(&gone, "ORC", 16).contains("went home"), "{}", gone["text"]);
    let record = house.server().scans.as_ref().unwrap().record().clone();
    let found = house.runtime.block_on(cauda_server::scans::of_number(&record, "H-7")).unwrap();
    let told = found.iter().filter(|stream| stream.kind() == "told");
    assert_eq!(told.count(), 1, "{found:?}");
}

#[test]
fn nobody_hears_of_what_it_sent_itself() {
    let (mut ris, mut ward) = (Other::willing(), Other::willing());
    let ehr = Receiver::new("ehr", "127.0.0.1", ward.port, "SYNEHR", "GENERAL");
    let house = night(vec![receiver(ris.port), ehr]);
    order(&house, "1", "NW", "P-1", "SYNEHR");
    assert_eq!(field(&ris.next(), "ORC", 2), "P-1^WARD");
    // What somebody enters on the board, both hear.
    let scans = house.server().scans.clone().unwrap();
    let mut request = scans.scans()[0].request.clone().unwrap();
    request.source = cauda_scans::Source::Board;
    request.numbers = Default::default();
    let command = cauda_pathway::identity::CommandId::new("entered").unwrap();
    let by = cauda_pathway::identity::Actor::system();
    house.runtime.block_on(scans.request(&by, &command, request)).unwrap();
    let (one, other) = (ris.next(), ward.next());
    assert_eq!(field(&one, "ORC", 2), field(&other, "ORC", 2));
    assert_ne!(field(&other, "ORC", 2), "P-1^WARD", "the ward does not hear of its own");
    assert_ne!(one["control_id"], other["control_id"], "each receiver has its own");
}

#[test]
fn who_asks_for_later_closes_or_says_nothing_gets_the_same_message_again() {
    let mut ris = Other::asked();
    let one = Receiver { timeout_seconds: 1, ..receiver(ris.port) };
    let house = night(vec![one]);
    order(&house, "1", "NW", "P-1", "SYNEHR");
    let first = ris.next();
    for answer in ["AE", "close", "silent", "AE"] {
        ris.answer(answer);
        // It closes a line that had been open: the same message comes once more at once.
        if answer == "close" {
            assert_eq!(ris.next()["text"], first["text"]);
            ris.answer("AE");
        }
        let again = loop {
            pass(&house, 301);
            if let Ok(again) = ris.soon() {
                break again;
            }
        };
        assert_eq!(again["text"], first["text"], "byte for byte");
    }
    // What changed meanwhile comes after it.
    order(&house, "2", "CA", "P-1", "SYNEHR");
    ris.answer("AA");
    let next = ris.taken();
    assert_eq!(controls(&next).0, "CA");
    assert_ne!(next["control_id"], first["control_id"]);
}

#[test]
fn a_refused_message_holds_up_no_other_and_is_told_again_or_closed() {
    let mut ris = Other::asked();
    let house = house(vec![receiver(ris.port)]);
    order(&house, "1", "NW", "P-1", "SYNEHR");
    let accession = "A-P-1";
    let new = ris.about(accession);
    ris.answer("AR");
    let mut coordinator = house.as_role("MRI coordinator");
    settled(&house, &mut ris, 1);
    let list = coordinator.get("/mri/messages");
    assert!(list.has("it gave no reason"), "{}", list.text);
    let at = list.text.find("/mri/messages/").unwrap();
    let path: String = list.text[at..].chars().take_while(|sign| *sign != '"').collect();
    let page = coordinator.get(&path);
    assert!(page.has("ris at 127.0.0.1") && page.has(accession), "{}", page.text);
    // The same message: nothing was told of the order since.
    let sent = coordinator.send(&page, &format!("{path}/again"), &[]);
    assert_eq!(sent.status, 303, "{}", sent.text);
    let again = ris.about(accession);
    assert_eq!(again["text"], new["text"]);
    ris.answer("AR");
    // A change of what it does not know is told as new.
    settled(&house, &mut ris, 2);
    let scans = house.server().scans.as_ref().unwrap().scans();
    let id = scans.iter().find(|scan| scan.accession() == accession).unwrap().id.clone();
    let here = format!("/mri/order/{id}");
    let page = coordinator.get(&here);
    let knee = [("protocol", "knee"), ("words", "the ward wants it")];
    assert_eq!(coordinator.send(&page, &format!("{here}/protocol"), &knee).status, 303);
    let anew = ris.about(accession);
    assert_eq!(controls(&anew), pair("NW", ""));
    assert_eq!(field(&anew, "OBR", 4), "knee^MRI knee^L");
    ris.answer("AA");
    let page = coordinator.get(&path);
    let closed = coordinator.send(&page, &format!("{path}/close"), &[("words", "told by phone")]);
    assert_eq!(closed.status, 303, "{}", closed.text);
    assert!(coordinator.get("/mri/messages").has("None. Every HL7 message"));
    let numbers = house.browser().get("/metrics");
    assert!(numbers.has("cauda_hl7_refused{receiver=\"ris\"} 2"), "{}", numbers.text);
}

#[test]
fn what_a_receiver_has_no_letters_for_is_not_sent_and_not_changed() {
    let mut ris = Other::latin1();
    let one = Receiver { signs: Signs::Latin1, version: Version::V2_3, ..receiver(ris.port) };
    let house = night(vec![one]);
    let pid = |name: &str| format!("PID|||H-7^^^HOSP^MR||{name}||19810304|F");
    let obr = "OBR|1|P-1||MRB^MRI brain||||||||||||||A-P-1";
    let segments = [&pid("ŁUKASZ^JÓZEF"), PV1, "ORC|NW|P-1^WARD", obr];
    assert_eq!(say(&house, "ORM^O01", "1", "SYNEHR", &segments), Verdict::Taken);
    order(&house, "2", "NW", "P-2", "SYNEHR");
    assert_eq!(field(&ris.next(), "OBR", 18), "A-P-2", "it holds up no other");
    let scans = house.server().scans.clone().unwrap();
    let letters = telling(&house);
    let open = house.runtime.block_on(letters.letters().open()).unwrap().heads;
    assert_eq!(open.len(), 1);
    let letter = house.runtime.block_on(letters.letters().read(&open[0].0)).unwrap().unwrap();
    assert!(letter.why.contains("character set"), "{}", letter.why);
    assert!(String::from_utf8(letter.raw).unwrap().contains("ŁUKASZ"));
    // Spelled as it can be written, it is told as new.
    let spelled = pid("LUKASZ^JÓZEF");
    let told = ["EVN|A08|20261126090000+0000", spelled.as_str(), PV1];
    assert_eq!(say(&house, "ADT^A08", "3", "SYNREG", &told), Verdict::Taken);
    let mut new = ris.next();
    if field(&new, "OBR", 18) == "A-P-2" {
        new = ris.next();
    }
    assert_eq!(controls(&new), pair("NW", ""));
    assert_eq!(field(&new, "PID", 5), "LUKASZ^JÓZEF");
    assert_eq!((field(&new, "MSH", 12), field(&new, "MSH", 18)), ("2.3".into(), "8859/1".into()));
    drop(scans);
}

#[test]
fn a_receiver_that_is_away_is_shown_and_told_everything_in_order_when_it_is_back() {
    let mut ris = Other::asked();
    let omi = Receiver { form: Form::Omi, ..receiver(ris.port) };
    let house = house(vec![omi]);
    // All orders of the demonstration are told.
    let count = house.server().scans.as_ref().unwrap().scans().len() as u64;
    loop {
        let (_, waiting, _, taken, _) = telling(&house).figures()[0].clone();
        match ris.soon() {
            Ok(message) => {
                assert_eq!(message["kind"], "OMI^O23^OMI_O23");
                ris.answer("AA");
            }
            Err(_) if waiting == 0 && taken >= count => break,
            Err(_) => {}
        }
    }
    let port = ris.away();
    doctor_orders(&house);
    let mut coordinator = house.as_role("MRI coordinator");
    // Written down at nine, and still there seven minutes later.
    while telling(&house).figures()[0].1 == 0 {
        std::thread::yield_now();
    }
    house.clock.pass(7 * 60);
    // The order is written down for it, and tried.
    while !telling(&house).silent().iter().any(|one| one.why != "it has not answered yet") {
        telling(&house).look();
        std::thread::yield_now();
    }
    let board = coordinator.get("/mri");
    assert!(board.has("has not been told of orders for 7 min"), "{}", board.text);
    assert!(board.has("1 message waits"), "{}", board.text);
    let mut doctor = house.as_role("Physician");
    let page = doctor.get("/mri/order/demo-v2.1");
    let to = "/mri/order/demo-v2.1/cancel";
    let sent = doctor.send(&page, to, &[("words", "asked twice")]);
    assert_eq!(sent.status, 303, "{}", sent.text);
    let mut back = Other::asked_at(port);
    let first = loop {
        pass(&house, 301);
        if let Ok(first) = back.soon() {
            break first;
        }
    };
    back.answer("AA");
    let second = back.taken();
    assert_eq!((controls(&first).0, controls(&second).0), ("NW".into(), "CA".into()));
    while telling(&house).figures()[0].1 > 0 {
        std::thread::yield_now();
    }
    assert!(!coordinator.get("/mri").has("has not been told"));
}

/// Set for the child: the database, the key file and the port of the receiver.
const CHILD: &str = "CAUDA_HL7_OUT_CHILD";
const AT: &str = "takes messages at ";

/// The child's side; as a test of its own it does nothing.
#[test]
fn child() {
    let Ok(told) = std::env::var(CHILD) else { return };
    let parts: Vec<&str> = told.split('\n').collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let options = Options::new(parts[0], parts[1]);
    let config = config(vec![receiver(parts[2].parse().unwrap())], false);
    let starting =
        Server::start(config, &options, guideline(), Arc::new(|| None), Clock::at(MORNING));
    let server = runtime.block_on(starting).unwrap();
    println!("{AT}{}", server.hl7.unwrap().port());
    // It lives as long as who started it.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    runtime.block_on(server.stop());
}

fn started(house: &House, receiver: u16) -> (Child, u16) {
    let folder = house.folder.path();
    let (file, key) = (folder.join("record.sqlite"), folder.join("key"));
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "hl7_out::child", "--nocapture"])
        .env(CHILD, format!("{}\n{}\n{receiver}", file.display(), key.display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = said.map_while(Result::ok);
    let at = said.find_map(|line| line.strip_prefix(AT).map(str::to_owned)).unwrap();
    std::thread::spawn(move || said.for_each(drop));
    (child, at.parse().unwrap())
}

fn killed(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_department_that_is_killed_tells_the_rest_and_nothing_under_another_number() {
    let mut ris = Other::asked();
    let mut house = night(Vec::new());
    house.close();
    let (child, port) = started(&house, ris.port);
    let obr = |code: &str| format!("OBR|1|P-1||{code}||||||||||||||A-P-1");
    let tell = |port: u16, control: &str, code: &str, service: &str| {
        let orc = format!("ORC|{code}|P-1^WARD");
        let segments = [PID, PV1, &orc, &obr(service)];
        let verdict = send(&house, port, "ORM^O01", control, "SYNEHR", &segments);
        assert_eq!(verdict, Verdict::Taken);
    };
    tell(port, "1", "NW", "MRB^MRI brain");
    let first = ris.next();
    // Killed while it waits for the answer.
    killed(child);
    ris.answer("AA");
    let (child, port) = started(&house, ris.port);
    let again = ris.next();
    assert_eq!(again["text"], first["text"], "the same bytes under the same control id");
    ris.answer("AA");
    tell(port, "2", "XO", "MRK^MRI knee");
    let changed = ris.next();
    assert_eq!(controls(&changed).0, "XO");
    killed(child);
    ris.answer("silent");
    let (child, port) = started(&house, ris.port);
    assert_eq!(ris.next()["text"], changed["text"]);
    ris.answer("AA");
    tell(port, "3", "CA", "MRK^MRI knee");
    let gone = ris.taken();
    assert_eq!(controls(&gone).0, "CA");
    killed(child);
    // Nothing is left to tell, and nothing is told twice once it was answered.
    let (child, port) = started(&house, ris.port);
    let segments = [PID, PV1, "ORC|NW|P-2^WARD", "OBR|1|P-2||MRB^MRI brain||||||||||||||A-P-2"];
    assert_eq!(send(&house, port, "ORM^O01", "4", "SYNEHR", &segments), Verdict::Taken);
    let mut next = ris.next();
    if next["control_id"] == gone["control_id"] {
        // Its answer came, and it was killed before that was written.
        ris.answer("AA");
        next = ris.next();
    }
    assert_eq!(field(&next, "OBR", 18), "A-P-2");
    killed(child);
}
