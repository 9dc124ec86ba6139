//! Other systems tell of orders, patients and reports by HL7, and the board follows: whole
//! synthetic days, with scanners that tell what they do by DICOM.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use cauda_dicom::scu::Caller;
use cauda_dicom::stand_in::{Ending, Running, StandIn, StandInSettings};
use cauda_hl7::day::{Day, DaySettings, Fate, Form, Timed, Trouble, day};
use cauda_hl7::{Sender, SenderSettings, Sent, Verdict};
use cauda_pathway::identity::Text;
use cauda_queue::{Departure, State};
use cauda_scans::{Scan, Source};
use cauda_server::clock::Clock;
use cauda_server::{Config, Server};
use cauda_store::Options;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use tokio::runtime::Runtime;

use crate::house::{House, MORNING, guideline};

/// 2026-11-26T00:00:00Z, the day on which the clock of a house stands.
const MIDNIGHT: i64 = MORNING - MORNING.rem_euclid(86_400);

fn house() -> House {
    let free = "127.0.0.1:0".parse().unwrap();
    let scanners = cauda_server::scans::demo::config(free, free);
    House::with(Config { scanners: Some(scanners), demo: true, ..House::config() })
}

/// An empty board: a department that is no demonstration, at midnight.
fn night_config() -> Config {
    let free = "127.0.0.1:0".parse().unwrap();
    let scanners = cauda_server::scans::demo::config(free, free);
    Config { scanners: Some(scanners), ..House::config() }
}

fn night() -> House {
    let house = House::with(night_config());
    house.clock.pass(MIDNIGHT - MORNING);
    house
}

/// Where a department takes messages and shows its worklist.
#[derive(Clone, Copy)]
struct Lines {
    hl7: SocketAddr,
    dicom: SocketAddr,
}

fn lines(house: &House) -> Lines {
    Lines { hl7: house.server().hl7.unwrap(), dicom: house.server().dicom.unwrap() }
}

fn sender(address: SocketAddr) -> Sender {
    Sender::new(SenderSettings {
        host: address.ip().to_string(),
        port: address.port(),
        tls: None,
        timeout: Duration::from_secs(30),
        pause: Duration::ZERO,
    })
    .unwrap()
}

fn send(house: &House, sender: &mut Sender, message: &[u8]) -> Sent {
    house.runtime.block_on(sender.send(message)).unwrap()
}

fn stand_in(address: SocketAddr, title: &str, base: u128) -> StandIn {
    StandIn::new(StandInSettings {
        address,
        caller: Caller {
            calling: title.to_string(),
            called: "CAUDA".to_string(),
            time: Duration::from_secs(20),
            tls: None,
        },
        modality: "MR".to_string(),
        look_seconds: 1,
        uid_base: base,
    })
}

fn scans(house: &House) -> Vec<Scan> {
    house.server().scans.as_ref().unwrap().scans()
}

fn civil(second: i64) -> DateTime {
    TimeZone::UTC.to_datetime(jiff::Timestamp::from_second(second).unwrap())
}

/// What happens on a day, in its order.
enum Happens<'a> {
    Message(&'a [u8]),
    Begins(usize),
    Ends(usize),
}

fn happens(day: &Day) -> Vec<(i64, Happens<'_>)> {
    let messages = day.messages.iter().map(|it| (it.at, Happens::Message(&it.message)));
    let scans = day.scans.iter().enumerate();
    let begins = scans.clone().filter(|(_, scan)| !scan.start_lost);
    let begins = begins.map(|(at, scan)| (scan.started, Happens::Begins(at)));
    let ends = scans.filter(|(_, scan)| !scan.end_lost);
    let ends = ends.map(|(at, scan)| (scan.ended, Happens::Ends(at)));
    let mut all: Vec<_> = messages.chain(begins).chain(ends).collect();
    all.sort_by_key(|(at, _)| *at);
    all
}

/// A day as it is lived through: who is on which table, and what was refused.
struct Living<'a> {
    day: &'a Day,
    running: BTreeMap<usize, Running>,
    refused: Vec<String>,
    /// Entries that the scanner did not find.
    unfound: Vec<String>,
    /// Each order as it was seen last: the board shows it for a day after it left.
    seen: BTreeMap<String, Scan>,
}

impl Living<'_> {
    /// Lives through it; before the events of these numbers the department starts anew.
    fn through(&mut self, house: &mut House, restarts: &[usize]) {
        let happens = happens(self.day);
        let mut line = sender(lines(house).hl7);
        for (at, (moment, what)) in happens.into_iter().enumerate() {
            if restarts.contains(&at) {
                house.close();
                house.open();
                line = sender(lines(house).hl7);
            }
            let behind = moment - house.clock.now();
            house.clock.pass(behind.max(0));
            match what {
                Happens::Message(message) => {
                    let sent = send(house, &mut line, message);
                    if sent.verdict != Verdict::Taken {
                        let text = String::from_utf8_lossy(message).replace('\r', "\n");
                        self.refused.push(format!("{:?}\n{text}", sent.why));
                    }
                }
                Happens::Begins(one) => self.begins(&house.runtime, lines(house), one, moment),
                Happens::Ends(one) => self.ends(&house.runtime, lines(house), one, moment),
            }
            let now = scans(house).into_iter().map(|scan| (scan.id.clone(), scan));
            self.seen.extend(now);
        }
    }

    fn of(day: &Day) -> Living<'_> {
        Living {
            day,
            running: BTreeMap::new(),
            refused: Vec::new(),
            unfound: Vec::new(),
            seen: BTreeMap::new(),
        }
    }

    fn begins(&mut self, runtime: &Runtime, lines: Lines, one: usize, moment: i64) {
        let scan = &self.day.scans[one];
        let (accession, title) = (scan.accession.clone(), scan.scanner.clone());
        // A number of its own for each step, also after a new start.
        let base = 1_000_000 + (one as u128) * 1_000;
        let mut scanner = stand_in(lines.dicom, &title, base);
        let begun = runtime.block_on(async {
            // The worklist follows within a moment.
            for _ in 0..1_000 {
                if let Some(taken) = scanner.find(&accession).await.unwrap() {
                    return Some(scanner.begin(&taken, civil(moment)).await.unwrap());
                }
                tokio::task::yield_now().await;
            }
            None
        });
        match begun {
            Some(running) => drop(self.running.insert(one, running)),
            None => self.unfound.push(accession),
        }
    }

    fn ends(&mut self, runtime: &Runtime, lines: Lines, one: usize, moment: i64) {
        let Some(running) = self.running.remove(&one) else { return };
        let scan = &self.day.scans[one];
        let ending = if scan.discontinued { Ending::Stopped } else { Ending::Completed };
        let mut scanner = stand_in(lines.dicom, &scan.scanner, 1);
        runtime.block_on(scanner.end(&running, ending, civil(moment))).unwrap();
    }
}

/// Every order of the day is on the board once, and left it as it should.
fn accounted_for(all: &[Scan], day: &Day) {
    for order in &day.orders {
        let of: Vec<&Scan> =
            all.iter().filter(|scan| scan.accession() == order.accession).collect();
        let number = Text::new(order.placer.clone()).unwrap();
        let source = Source::Hl7 { placer: number };
        let named = all.iter().filter(|it| it.request.as_ref().unwrap().source == source);
        let named: Vec<&Scan> = named.collect();
        assert_eq!(of.len(), 1, "{order:?} is there {} times: {named:?}", of.len());
        let State::Left(how) = &of[0].state else {
            panic!("{} {:?} still waits: {:?}", order.accession, order.fate, of[0]);
        };
        let fits = match order.fate {
            Fate::Reported => matches!(how, Departure::Scanned { .. }),
            Fate::Discontinued | Fate::Cancelled | Fate::NoShow => {
                matches!(how, Departure::Cancelled { .. })
            }
        };
        assert!(fits, "{} is {:?}, and left by {how:?}", order.accession, order.fate);
        let number = of[0].request.as_ref().unwrap().about.number.as_ref().unwrap();
        assert_eq!(number.as_str(), order.patient_id, "{}", order.accession);
        if order.fate == Fate::Reported {
            let report = of[0].report.as_ref().map(|report| report.state.as_str());
            assert!(matches!(report, Some("final" | "corrected")), "{report:?}");
        }
    }
    let strays = all
        .iter()
        .filter(|scan| !matches!(scan.request.as_ref().unwrap().source, Source::Hl7 { .. }));
    assert_eq!(strays.count(), 0, "a scan came onto the list that nobody ordered");
    assert_eq!(all.len(), day.orders.len());
}

fn lived(seed: u64, form: Form, restarts: &[usize]) {
    let mut house = night();
    let mut settings = DaySettings::new(MIDNIGHT, TimeZone::UTC);
    settings.form = form;
    let day = day(seed, &settings).unwrap();
    let mut living = Living::of(&day);
    living.through(&mut house, restarts);
    living.ended();
}

impl Living<'_> {
    /// Nothing was refused but what had to be, and every order is accounted for.
    fn ended(self) {
        let (day, living) = (self.day, self);
        // A report may come before its order; it is kept, and done once the order is there.
        let unknown = |why: &&String| !why.contains("of an order that the board does not know");
        let others: Vec<&String> = living.refused.iter().filter(unknown).collect();
        assert!(others.is_empty(), "{others:?}");
        // Nor is an order in the worklist that comes after its scan.
        let late = |accession: &&String| {
            let of = |it: &Timed| String::from_utf8_lossy(&it.message).contains(accession.as_str());
            let mut of_it = day.messages.iter().filter(|it| of(it));
            !of_it.any(|it| it.trouble == Trouble::Late)
        };
        let others: Vec<&String> = living.unfound.iter().filter(late).collect();
        assert!(others.is_empty(), "never in the worklist: {others:?}");
        let all: Vec<Scan> = living.seen.into_values().collect();
        accounted_for(&all, day);
    }
}

/// Set for the child: the database, the key file and the second at which its clock stands.
const CHILD: &str = "CAUDA_HL7_CRASH_CHILD";
/// The child's addresses, on a line of its own.
const AT: &str = "takes messages at ";
/// How many times the department is killed on its day.
const KILLS: usize = 12;

/// The child's side; as a test of its own it does nothing.
#[test]
fn child() {
    let Ok(told) = std::env::var(CHILD) else { return };
    let parts: Vec<&str> = told.split('\n').collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let options = Options::new(parts[0], parts[1]);
    let clock = Clock::at(parts[2].parse().unwrap());
    let starting = Server::start(night_config(), &options, guideline(), Arc::new(|| None), clock);
    let server = runtime.block_on(starting).unwrap();
    println!("{AT}{} {}", server.hl7.unwrap(), server.dicom.unwrap());
    // It lives as long as who started it.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    runtime.block_on(server.stop());
}

fn started(house: &House, moment: i64) -> (Child, Lines) {
    let folder = house.folder.path();
    let (file, key) = (folder.join("record.sqlite"), folder.join("key"));
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "hl7::child", "--nocapture"])
        .env(CHILD, format!("{}\n{}\n{moment}", file.display(), key.display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = said.map_while(Result::ok);
    let at = said.find_map(|line| line.strip_prefix(AT).map(str::to_owned)).unwrap();
    // Whatever else it says is read, or it would end for want of somebody who reads.
    std::thread::spawn(move || said.for_each(drop));
    let (hl7, dicom) = at.split_once(' ').unwrap();
    (child, Lines { hl7: hl7.parse().unwrap(), dicom: dicom.parse().unwrap() })
}

#[test]
fn a_day_on_which_the_department_is_killed_in_mid_scan_loses_no_order() {
    let mut house = night();
    house.close();
    let day = day(3, &DaySettings::new(MIDNIGHT, TimeZone::UTC)).unwrap();
    let mut living = Living::of(&day);
    let happens = happens(&day);
    let every = happens.len() / KILLS;
    let (mut child, mut at) = started(&house, MIDNIGHT);
    let mut line = sender(at.hl7);
    for (number, (moment, what)) in happens.into_iter().enumerate() {
        let dies = number % every == every - 1;
        match what {
            Happens::Message(message) => {
                if dies {
                    // Killed while it takes this very message, or just before or after.
                    let sent = message.to_vec();
                    let (runtime, mut other) = (house.runtime.handle().clone(), sender(at.hl7));
                    let sending =
                        std::thread::spawn(move || drop(runtime.block_on(other.send(&sent))));
                    for _ in 0..number {
                        std::thread::yield_now();
                    }
                    child.kill().unwrap();
                    child.wait().unwrap();
                    sending.join().unwrap();
                    (child, at) = started(&house, moment);
                    line = sender(at.hl7);
                }
                // Without an answer its sender sends it again.
                let sent = house.runtime.block_on(line.send(message));
                let sent = sent.unwrap_or_else(|fault| {
                    panic!("message {number}: {fault:?}, the child {:?}", child.try_wait())
                });
                if sent.verdict != Verdict::Taken {
                    living.refused.push(sent.why.unwrap_or_default());
                }
            }
            Happens::Begins(one) => living.begins(&house.runtime, at, one, moment),
            Happens::Ends(one) => living.ends(&house.runtime, at, one, moment),
        }
        if dies && !living.running.is_empty() {
            // In mid-scan.
            child.kill().unwrap();
            child.wait().unwrap();
            (child, at) = started(&house, moment);
            line = sender(at.hl7);
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    house.open();
    living.seen = scans(&house).into_iter().map(|scan| (scan.id.clone(), scan)).collect();
    living.ended();
}

#[test]
fn a_whole_day_of_hundred_orders_ends_with_every_one_accounted_for() {
    lived(1, Form::Omi, &[]);
}

#[test]
fn the_same_in_the_older_form_with_new_starts_in_mid_scan() {
    lived(2, Form::Orm, &[100, 180, 260]);
}

pub fn told(house: &House, kind: &str, control: &str, segments: &[&str]) -> Sent {
    let app = match kind.split('^').next().unwrap() {
        "ADT" => "SYNREG",
        "SIU" => "SYNBOOK",
        "ORU" => "SYNRIS",
        _ => "SYNEHR",
    };
    told_by(house, (app, "20261126090000+0000"), kind, control, segments)
}

/// The same from that application, written when it says.
fn told_by(
    house: &House,
    (app, at): (&str, &str),
    kind: &str,
    control: &str,
    segments: &[&str],
) -> Sent {
    let head = format!(
        "MSH|^~\\&|{app}|GENERAL|CAUDA|ED|{at}||{kind}|{control}|P|2.5.1||||||UNICODE UTF-8"
    );
    let message = format!("{head}\r{}\r", segments.join("\r"));
    send(house, &mut sender(lines(house).hl7), message.as_bytes())
}

const PID: &str = "PID|||H-7^^^HOSP^MR||MEIER^ADA||19810304|F";
const PV1: &str = "PV1||E|ED^B4";

fn order(control: &str, placer: &str, service: &str) -> [String; 2] {
    [format!("ORC|{control}|{placer}||||||||||^HILL^ANN"), format!("OBR|1|{placer}||{service}")]
}

fn ordered(house: &House, control_id: &str, code: &str, placer: &str) -> Sent {
    let [orc, obr] = order(code, placer, "MRB^MRI brain");
    told(house, "ORM^O01", control_id, &[PID, PV1, &orc, &obr])
}

fn one(house: &House, placer: &str) -> Scan {
    let source = Source::Hl7 { placer: Text::new(placer).unwrap() };
    let all = scans(house);
    let found = all.into_iter().find(|it| it.request.as_ref().unwrap().source == source);
    found.unwrap_or_else(|| panic!("no order {placer}"))
}

#[test]
fn an_order_is_taken_once_changed_and_cancelled_and_shown_with_its_own_words() {
    let house = house();
    assert_eq!(ordered(&house, "1", "NW", "P-1").verdict, Verdict::Taken);
    // The same message, and the same order under a new control id.
    assert_eq!(ordered(&house, "1", "NW", "P-1").verdict, Verdict::Taken);
    assert_eq!(ordered(&house, "2", "NW", "P-1").verdict, Verdict::Taken);
    let scan = one(&house, "P-1");
    assert_eq!(scan.events, 1, "told three times, written once");
    let request = scan.request.as_ref().unwrap();
    assert_eq!(request.about.name.as_ref().unwrap().as_str(), "MEIER, ADA");
    assert_eq!(request.about.place.as_ref().unwrap().as_str(), "ED B4");
    assert_eq!(request.protocol.id, "brain", "the protocol of that name");
    assert!(request.deadline.is_some(), "an emergency has a deadline");
    let mut coordinator = house.as_role("MRI coordinator");
    assert!(coordinator.get("/mri").has("MEIER, ADA"));
    // A patient under the number of another is a fault for a person.
    let other = "PID|||H-8^^^HOSP^MR||OTHER^EVE||19900101|F";
    let [orc, obr] = order("XO", "P-1", "MRB^MRI brain");
    let sent = told(&house, "ORM^O01", "3", &[other, PV1, &orc, &obr]);
    assert_eq!(sent.verdict, Verdict::Never);
    assert!(sent.why.unwrap().contains("another patient"));
    // Who moves is found where they are.
    told(&house, "ADT^A08", "4", &["EVN|A08|20261126090000+0000", PID, "PV1||E|ED^CT"]);
    let place = one(&house, "P-1").request.unwrap().about.place.unwrap();
    assert_eq!(place.as_str(), "ED CT");
    // No message takes an emergency off the list.
    told(&house, "ADT^A03", "5", &["EVN|A03|20261126090500+0000", PID, PV1]);
    let scan = one(&house, "P-1");
    assert!(!scan.has_left());
    assert!(scan.request.unwrap().about.place.unwrap().as_str().contains("discharged"));
    assert_eq!(ordered(&house, "6", "CA", "P-1").verdict, Verdict::Taken);
    assert!(matches!(one(&house, "P-1").state, State::Left(Departure::Cancelled { .. })));
    let again = ordered(&house, "7", "NW", "P-1");
    assert_eq!(again.verdict, Verdict::Never, "a number that was used is not used again");
}

#[test]
fn what_comes_out_of_order_ends_as_if_it_had_not() {
    let house = house();
    // Cancelled before it came.
    assert_eq!(ordered(&house, "1", "CA", "P-2").verdict, Verdict::Taken);
    assert_eq!(ordered(&house, "2", "NW", "P-2").verdict, Verdict::Taken);
    assert!(matches!(one(&house, "P-2").state, State::Left(Departure::Cancelled { .. })));
    // A critical report before its order is kept, and done once the order is there.
    let obr = "OBR|1|P-3||MRB^MRI brain|||||||||||||||||||||F";
    let obx = "OBX|1|TX|18748-4^Report^LN|1|seen|||AA|||F";
    let early = told(&house, "ORU^R01", "3", &[PID, obr, obx]);
    assert_eq!(early.verdict, Verdict::Never);
    let mut coordinator = house.as_role("MRI coordinator");
    let page = coordinator.get("/mri/messages");
    assert!(page.has("critical finding") && page.has("ORU^R01"), "{}", page.text);
    assert!(coordinator.get("/mri").has("Refused messages: 1"));
    assert_eq!(ordered(&house, "4", "NW", "P-3").verdict, Verdict::Taken);
    // Who sent the order has its answer; the report follows.
    while !coordinator.get("/mri/messages").has("None. Every HL7 message") {
        std::thread::yield_now();
    }
    let scan = one(&house, "P-3");
    assert!(scan.report.is_some_and(|report| report.critical), "the report is there");
}

#[test]
fn a_refused_message_is_looked_at_tried_again_and_closed_with_a_reason() {
    let house = house();
    let unknown = told(&house, "ORM^O01", "1", &["ORC|XO|P-9", "OBR|1|P-9||MRB^MRI brain"]);
    assert_eq!(unknown.verdict, Verdict::Never);
    let mut clerk = house.as_role("Clerk");
    assert_eq!(clerk.get("/mri/messages").status, 403, "not everybody reads them");
    let mut coordinator = house.as_role("MRI coordinator");
    let list = coordinator.get("/mri/messages");
    let at = list.text.find("/mri/messages/").unwrap();
    let path: String = list.text[at..].chars().take_while(|sign| *sign != '"').collect();
    let page = coordinator.get(&path);
    assert!(page.has("ORC|XO|P-9") && page.has("is not known here"), "{}", page.text);
    let again = coordinator.send(&page, &format!("{path}/again"), &[]);
    assert_eq!(again.status, 422, "still refused");
    assert!(again.has("Not done"), "{}", again.text);
    let page = coordinator.get(&path);
    let silent = coordinator.send(&page, &format!("{path}/close"), &[("words", "")]);
    assert_eq!(silent.status, 422, "a reason is needed");
    let page = coordinator.get(&path);
    let closed = coordinator.send(&page, &format!("{path}/close"), &[("words", "asked the ward")]);
    assert_eq!(closed.status, 303, "{}", closed.text);
    assert!(coordinator.get(&path).has("asked the ward"));
    assert!(coordinator.get("/mri/messages").has("None. Every HL7 message"));
    // It comes again: somebody looks again.
    told(&house, "ORM^O01", "1", &["ORC|XO|P-9", "OBR|1|P-9||MRB^MRI brain"]);
    assert!(coordinator.get("/mri/messages").has("is not known here"));
}

#[test]
fn another_modality_is_none_of_the_boards_and_a_stranger_may_not_send() {
    let house = house();
    let before = scans(&house).len();
    let [orc, obr] = order("NW", "P-5", "CTH^CT head");
    let ipc = "IPC|A5|Q5|1.2.3|S5|CT";
    let sent = told(&house, "OMI^O23", "1", &[PID, PV1, &orc, &obr, ipc]);
    assert_eq!(sent.verdict, Verdict::Taken);
    assert_eq!(scans(&house).len(), before);
    let head = "MSH|^~\\&|ELSEWHERE|X|CAUDA|ED|20261126090000+0000||ORM^O01|9|P|2.3";
    let sent =
        send(&house, &mut sender(lines(&house).hl7), format!("{head}\r{PID}\r{orc}\r").as_bytes());
    assert_eq!(sent.verdict, Verdict::Never);
}

#[test]
fn an_emergency_waits_for_no_appointment_and_no_number_reaches_another_patient() {
    let house = house();
    let sch = "SCH||B-1|||||ROUTINE||30|MIN|^^^20261203090000+0000";
    assert_eq!(told(&house, "SIU^S12", "1", &[sch, PID, "PV1||O"]).verdict, Verdict::Taken);
    assert_eq!(ordered(&house, "2", "NW", "P-6").verdict, Verdict::Taken);
    let urgent = one(&house, "P-6").request.unwrap();
    assert_eq!((urgent.kind.id(), urgent.not_before), ("emergency", None));
    assert!(one(&house, "appointment B-1").request.unwrap().not_before.is_some());
    let other = "PID|||H-8^^^HOSP^MR||OTHER^EVE||19900101|F";
    let cancels = told(&house, "ORM^O01", "3", &[other, "ORC|CA|P-6", "OBR|1|P-6"]);
    assert_eq!(cancels.verdict, Verdict::Never);
    let obr = "OBR|1|P-6||MRB^MRI brain|||||||||||||||||||||F";
    let obx = "OBX|1|TX|18748-4^Report^LN|1|seen||||||F";
    assert_eq!(told(&house, "ORU^R01", "4", &[other, obr, obx]).verdict, Verdict::Never);
    assert!(!one(&house, "P-6").has_left(), "it is still waited for");
}

fn request(house: &House, placer: &str) -> cauda_scans::Request {
    one(house, placer).request.unwrap()
}

/// An order at that time with that ORC-7 to ORC-9 and PV1, and what was answered.
fn timed(house: &House, at: &str, control: &str, code: &str, rest: &str, visit: &str) -> Verdict {
    let orc = format!("ORC|{code}|T-1|||||{rest}");
    let segments = [PID, visit, &orc, "OBR|1|T-1||MRB^MRI brain"];
    told_by(house, ("SYNEHR", at), "ORM^O01", control, &segments).verdict
}

#[test]
fn a_time_to_the_minute_or_to_the_day_counts_as_closely_as_it_is_said() {
    let house = night();
    house.clock.pass(MORNING - MIDNIGHT);
    let place = |house: &House| request(house, "T-1").about.place.unwrap().as_str().to_string();
    // The clock of an emergency began when it was ordered, not when the message came.
    let at = "20261126";
    assert_eq!(timed(&house, at, "1", "NW", "||202611260112", PV1), Verdict::Taken);
    let first = request(&house, "T-1");
    assert_eq!(first.ordered_at, MIDNIGHT + 72 * 60);
    assert_eq!(first.deadline.unwrap().started_at, MIDNIGHT + 72 * 60);
    // A late message changes nothing; one of the same minute, or of the same day, does.
    let at = "202611260800";
    assert_eq!(timed(&house, at, "2", "XO", "", "PV1||E|ED^B5"), Verdict::Taken);
    assert_eq!(place(&house), "ED B5");
    let late = "202611260755";
    assert_eq!(timed(&house, late, "3", "XO", "", "PV1||E|ED^B6"), Verdict::Taken);
    assert_eq!(place(&house), "ED B5", "it is older");
    let same = "20261126080030";
    assert_eq!(timed(&house, same, "4", "XO", "", "PV1||E|ED^B7"), Verdict::Taken);
    assert_eq!(place(&house), "ED B7", "the same minute is not older");
    assert_eq!(timed(&house, "20261126", "5", "XO", "", "PV1||E|ED^B8"), Verdict::Taken);
    assert_eq!(place(&house), "ED B8", "nor is the same day");
    // Ordered on a day: from its first moment.
    let day = ["PID|||H-8^^^HOSP^MR||OTHER^EVE", "PV1||I|W1", "ORC|NW|T-2|||||||20261126"];
    let segments = [day[0], day[1], day[2], "OBR|1|T-2||MRB^MRI brain"];
    assert_eq!(told(&house, "ORM^O01", "6", &segments).verdict, Verdict::Taken);
    assert_eq!(request(&house, "T-2").ordered_at, MIDNIGHT);
    // Who comes from home on a day is not planned for tonight.
    let week = MIDNIGHT + 7 * 86_400;
    for (placer, start, moment) in
        [("T-3", "20261203", week), ("T-4", "202612031015", week + 36_900)]
    {
        let pid = format!("PID|||H-{placer}^^^HOSP^MR||HOME^{placer}");
        let orc = format!("ORC|NW|{placer}|||||^^^{start}^^R");
        let obr = format!("OBR|1|{placer}||MRB^MRI brain");
        let sent = told(&house, "ORM^O01", placer, &[&pid, "PV1||O", &orc, &obr]);
        assert_eq!(sent.verdict, Verdict::Taken);
        assert_eq!(request(&house, placer).not_before, Some(moment), "{start}");
    }
    // So with a booking.
    for (number, start, moment) in
        [("B-2", "20261203", week), ("B-3", "202612031015", week + 36_900)]
    {
        let pid = format!("PID|||H-{number}^^^HOSP^MR||HOME^{number}");
        let sch = format!("SCH||{number}|||||ROUTINE||30|MIN|^^^{start}");
        let sent = told(&house, "SIU^S12", number, &[&sch, &pid, "PV1||O"]);
        assert_eq!(sent.verdict, Verdict::Taken);
        let booked = request(&house, &format!("appointment {number}"));
        assert_eq!(booked.not_before, Some(moment), "{start}");
    }
    // Without a day it is kept for a person.
    let before = scans(&house).len();
    let pid = "PID|||H-9^^^HOSP^MR||HOME^NINE";
    for (control, kind, start) in [("7", "SIU^S14", ""), ("8", "SIU^S12", "^^^202612")] {
        let sch = format!("SCH||B-9|||||ROUTINE||30|MIN|{start}");
        let sent = told(&house, kind, control, &[&sch, pid, "PV1||O"]);
        assert_eq!(sent.verdict, Verdict::Never, "{kind} {start}");
        assert!(sent.why.unwrap().contains("on which day"));
    }
    assert_eq!(scans(&house).len(), before);
}

#[test]
fn no_message_lowers_how_urgent_an_order_is_and_the_board_says_that_it_asked_for_less() {
    let house = house();
    let ward = "PV1||I|W1^3";
    let at = "20261126090000";
    assert_eq!(timed(&house, at, "1", "NW", "^^^^^S", ward), Verdict::Taken);
    let first = request(&house, "T-1");
    assert_eq!(first.tier.id(), "emergency");
    let stays = |control: &str, code: &str, rest: &str, visit: &str| {
        assert_eq!(timed(&house, at, control, code, rest, visit), Verdict::Taken);
        let now = request(&house, "T-1");
        assert_eq!(now.tier, first.tier, "{code} {rest} {visit}");
        assert_eq!(now.deadline, first.deadline, "{code} {rest} {visit}");
        now
    };
    assert_eq!(stays("2", "XO", "", ward).why, None, "it says nothing of how urgent it is");
    stays("3", "NA", "", ward);
    let home = stays("4", "XO", "^^^20261203^^R", "PV1||O");
    assert_eq!((home.kind.id(), home.not_before), ("inpatient", None));
    let mut coordinator = house.as_role("MRI coordinator");
    assert!(coordinator.get("/mri").has("SYNEHR asks for less now, tier outpatient"));
    let again = stays("5", "XO", "^^^^^S", ward);
    assert_eq!(again.why, None, "it asks for no less any more");
    // More, a message may ask for.
    let service = "ORC|XO|T-1|||||^^^^^S";
    let segments = [PID, "PV1||E|ED", service, "OBR|1|T-1||MRB^MRI brain"];
    assert_eq!(told(&house, "ORM^O01", "6", &segments).verdict, Verdict::Taken);
    assert_eq!(request(&house, "T-1").kind.id(), "emergency");
}

#[test]
fn an_order_is_changed_and_taken_back_by_who_placed_it() {
    let house = house();
    let by = |app: &str, control: &str, segments: &[&str]| {
        told_by(&house, (app, "20261126090000"), "ORM^O01", control, segments)
    };
    let obr = "OBR|1|4711||MRB^MRI brain";
    assert_eq!(ordered(&house, "1", "NW", "4711").verdict, Verdict::Taken);
    for (control, code) in [("2", "CA"), ("3", "DC"), ("4", "XO"), ("5", "HD")] {
        let sent = by("SYNRIS", control, &[&format!("ORC|{code}|4711"), obr]);
        assert_eq!(sent.verdict, Verdict::Never, "{code}");
        assert!(sent.why.unwrap().contains("another system placed the order"));
    }
    // The same digits of another system are another order, of whomever.
    let other = "PID|||H-8^^^HOSP^MR||OTHER^EVE||19900101|F";
    let sent = by("SYNRIS", "6", &[other, PV1, "ORC|NW|4711", obr]);
    assert_eq!(sent.verdict, Verdict::Taken, "{:?}", sent.why);
    let name = |placer: &str| request(&house, placer).about.name.unwrap().as_str().to_string();
    assert_eq!(name("4711"), "MEIER, ADA");
    assert_eq!(name("SYNRIS/4711"), "OTHER, EVE");
    // Each takes back its own, and it needs no PID.
    assert_eq!(by("SYNEHR", "7", &["ORC|CA|4711", obr]).verdict, Verdict::Taken);
    assert!(one(&house, "4711").has_left());
    assert!(!one(&house, "SYNRIS/4711").has_left());
    // So with a date.
    let sch = "SCH||B-7|||||ROUTINE||30|MIN|^^^20261203";
    let booked = ["PID|||H-6^^^HOSP^MR||HOME^SIX", "PV1||O"];
    let siu = |app: &str, control: &str, kind: &str, segments: &[&str]| {
        told_by(&house, (app, "20261126090000"), kind, control, segments).verdict
    };
    assert_eq!(siu("SYNBOOK", "b1", "SIU^S12", &[sch, booked[0], booked[1]]), Verdict::Taken);
    assert_eq!(siu("SYNRIS", "b2", "SIU^S15", &[sch]), Verdict::Never);
    assert!(!one(&house, "appointment B-7").has_left());
    assert_eq!(siu("SYNBOOK", "b3", "SIU^S15", &[sch]), Verdict::Taken);
    assert!(one(&house, "appointment B-7").has_left());
    // An accession number is one order's.
    let accession = "OBR|1|P-7||MRB^MRI brain||||||||||||||A-7";
    assert_eq!(by("SYNEHR", "8", &[PID, PV1, "ORC|NW|P-7", accession]).verdict, Verdict::Taken);
    let accession = "OBR|1|Q-7||MRB^MRI brain||||||||||||||A-7";
    let sent = by("SYNRIS", "9", &[PID, PV1, "ORC|NW|Q-7", accession]);
    assert_eq!(sent.verdict, Verdict::Never);
}

#[test]
fn a_number_of_a_patient_counts_with_who_gave_it() {
    let house = house();
    let pid = |number: &str, name: &str, born: &str| format!("PID|||{number}||{name}||{born}|F");
    let own = pid("500^^^HOSPA^MR", "MEIER^ADA", "19810304");
    let clinic = pid("500^^^CLINICB^MR", "OTHER^EVE", "19900101");
    let [orc, obr] = order("NW", "W-1", "MRB^MRI brain");
    let sent = told(&house, "ORM^O01", "1", &[&own, "PV1||I|W1", &orc, &obr]);
    assert_eq!(sent.verdict, Verdict::Taken);
    let name = || request(&house, "W-1").about.name.unwrap().as_str().to_string();
    let adt = |control: &str, event: &str, pid: &str| {
        let evn = format!("EVN|{event}|20261126235900");
        told(&house, &format!("ADT^{event}"), control, &[&evn, pid, "PV1||I|W1"]).verdict
    };
    assert_eq!(adt("2", "A08", &clinic), Verdict::Taken);
    assert_eq!(adt("3", "A03", &clinic), Verdict::Taken);
    assert!(!one(&house, "W-1").has_left());
    assert_eq!(name(), "MEIER, ADA");
    let [orc, obr] = order("XO", "W-1", "MRB^MRI brain");
    let sent = told(&house, "ORM^O01", "4", &[&clinic, "PV1||I|W1", &orc, &obr]);
    assert!(sent.why.unwrap().contains("another patient"));
    // A name may change, a birth date may be mended; both at once is another patient.
    assert_eq!(adt("5", "A08", &pid("500", "NOVAK^ADA", "19810304")), Verdict::Taken);
    assert_eq!(name(), "NOVAK, ADA");
    assert_eq!(adt("6", "A08", &pid("500", "OTHER^EVE", "19900101")), Verdict::Never);
    assert_eq!(name(), "NOVAK, ADA");
    assert_eq!(adt("7", "A03", &pid("500^^^HOSPA", "NOVAK^ADA", "19810304")), Verdict::Taken);
    assert!(one(&house, "W-1").has_left());
    // 12-3 is not 1-23.
    let [orc, obr] = order("NW", "W-2", "MRB^MRI brain");
    let dashed = pid("12-3", "MEIER^ADA", "19810304");
    told(&house, "ORM^O01", "8", &[&dashed, "PV1||I|W1", &orc, &obr]);
    let [orc, obr] = order("XO", "W-2", "MRB^MRI brain");
    let other = pid("1-23", "MEIER^ADA", "19810304");
    let sent = told(&house, "ORM^O01", "9", &[&other, "PV1||I|W1", &orc, &obr]);
    assert_eq!(sent.verdict, Verdict::Never);
    assert_eq!(adt("10", "A03", &other), Verdict::Taken);
    assert!(!one(&house, "W-2").has_left());
}

#[test]
fn no_clock_of_another_keeps_a_message_from_counting() {
    let house = house();
    let place = || request(&house, "T-1").about.place.unwrap().as_str().to_string();
    assert_eq!(timed(&house, "20360101", "1", "NW", "", "PV1||I|W1"), Verdict::Taken);
    house.clock.pass(60);
    let at = "20261126235959";
    assert_eq!(timed(&house, at, "2", "XO", "", "PV1||I|W2"), Verdict::Taken);
    assert_eq!(place(), "W2", "a fast clock stands in nobody's way");
    // Nor does one system's clock in the way of another's.
    let change = ["ORC|XO|T-1", "OBR|1|T-1||MRB^MRI brain"];
    let segments = [PID, "PV1||I|W3", change[0], change[1]];
    let sent = told_by(&house, ("SYNREG", "20261125"), "ORM^O01", "3", &segments);
    assert_eq!(sent.verdict, Verdict::Taken, "{:?}", sent.why);
    assert_eq!(place(), "W3");
    // What is late and asks for more, a person sees.
    let old = "20261125";
    assert_eq!(timed(&house, old, "4", "XO", "", "PV1||I|W4"), Verdict::Taken);
    assert_eq!(timed(&house, old, "5", "XO", "^^^^^S", "PV1||I|W4"), Verdict::Never);
    assert_eq!(place(), "W3");
    // What one takes back before it came is not another's, and is over after a day.
    let by = |app: &str, control: &str, segments: &[&str]| {
        told_by(&house, (app, "20261126000000"), "ORM^O01", control, segments).verdict
    };
    assert_eq!(by("SYNRIS", "6", &["ORC|CA|P-1", "OBR|1|P-1"]), Verdict::Taken);
    assert_eq!(by("SYNEHR", "7", &["ORC|CA|P-2", "OBR|1|P-2"]), Verdict::Taken);
    assert_eq!(ordered(&house, "8", "NW", "P-1").verdict, Verdict::Taken);
    assert!(!one(&house, "P-1").has_left());
    house.clock.pass(25 * 3_600);
    let [orc, obr] = order("NW", "P-2", "MRB^MRI brain");
    assert_eq!(by("SYNEHR", "9", &[PID, PV1, &orc, &obr]), Verdict::Taken);
    assert!(!one(&house, "P-2").has_left());
}

#[test]
fn so_many_refused_messages_hold_up_nobody_and_the_board_says_what_is_not_kept() {
    let house = house();
    // Each is refused; together they are more than is kept of one sender.
    let filling = "x".repeat(390_000);
    let count = cauda_server::hl7::OPEN_BYTES_MAX / filling.len() + 1;
    let mut line = sender(lines(&house).hl7);
    for number in 0..=count {
        let message = format!(
            "MSH|^~\\&|SYNRIS|GENERAL|CAUDA|ED|20261126090000||ORM^O01|{number}|P|2.5.1\r\
             ORC|XO|Q-{number}\rOBR|1|Q-{number}||MRB^MRI brain\rNTE|1||{filling}\r"
        );
        assert_eq!(send(&house, &mut line, message.as_bytes()).verdict, Verdict::Never);
    }
    let mut coordinator = house.as_role("MRI coordinator");
    let board = coordinator.get("/mri");
    assert!(board.has(&format!("Refused messages: {}", count + 1)), "{}", board.text);
    assert!(board.has("no more are kept whole"), "{}", board.text);
    // What waits for no number of an order is not read for it.
    assert_eq!(ordered(&house, "o", "NW", "P-1").verdict, Verdict::Taken);
    assert!(coordinator.get("/mri").has(&format!("Refused messages: {}", count + 1)));
    // Its own order comes: one letter fewer.
    let segments = [PID, PV1, "ORC|NW|Q-0", "OBR|1|Q-0||MRB^MRI brain"];
    let sent = told_by(&house, ("SYNRIS", "20261126080000"), "ORM^O01", "n", &segments);
    assert_eq!(sent.verdict, Verdict::Taken);
    while !coordinator.get("/mri").has(&format!("Refused messages: {count}")) {
        std::thread::yield_now();
    }
}
