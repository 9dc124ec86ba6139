//! A department with many stored visits: how long a start takes, and a page.
//!
//!   cargo bench -p cauda-server
//!   CAUDA_VISITS=1000000 cargo bench -p cauda-server
//!   CAUDA_HOME=4000 cargo bench -p cauda-server
//!
//! Stored visits are over: each is a whole one, with its examination, its decisions and its
//! discharge, copied under new ids. Two hundred are open beside them, and `CAUDA_HOME` patients
//! are at home and will be asked.
#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cauda_guideline::facts::Role;
use cauda_guideline::{Folder, Guideline, load_checked};
use cauda_pathway::command::{Action, Command, Found, SignedGroup};
use cauda_pathway::event::{Event, FindingSaid};
use cauda_pathway::identity::{
    Actor, ActorId, CommandId, EpisodeId, Identity, PatientId, StaffRole, Text, VisitId,
};
use cauda_pathway::patient::{Day, Person, Sex};
use cauda_pathway::visit::Visit;
use cauda_pathway::{fold, handle};
use cauda_server::clock::Clock;
use cauda_server::department::{Arrival, Department};
use cauda_server::streams::{visit_notes, visit_rows, visit_stream};
use cauda_server::{Config, Server};
use cauda_store::{Append, Expected, Options, Record, StreamAppend};

const MORNING: i64 = 1_795_683_600;
const OPEN: usize = 200;
const PASSWORD: &str = "threequietwombats";
/// Appends under way at once.
const TOGETHER: usize = 256;
/// Requests for each page.
const REQUESTS: usize = 250;

fn main() {
    let visits = std::env::var("CAUDA_VISITS").ok().and_then(|count| count.parse().ok());
    let visits: usize = visits.unwrap_or(20_000);
    let home = std::env::var("CAUDA_HOME").ok().and_then(|count| count.parse().ok());
    let home: usize = home.unwrap_or(400);
    let guideline = shipped();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("record.sqlite");
    let options = Options::new(file.to_str().unwrap(), folder.path().join("key"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let began = Instant::now();
    let memory = resident();
    println!("resident memory with the guideline read: {memory} MB");
    let events = runtime.block_on(fill(&options, guideline.clone(), visits, home));
    println!(
        "{visits} stored visits, {events} events, {OPEN} open, {home} at home: filled in {:.1} s",
        began.elapsed().as_secs_f64()
    );
    println!("file: {} MB", std::fs::metadata(&file).unwrap().len() / 1_000_000);
    let began = Instant::now();
    let config =
        Config { listen: "127.0.0.1:0".parse().unwrap(), demo: false, ..Config::default() };
    let clock = Clock::at(MORNING + 3_600);
    let starting = Server::start(config, &options, guideline, Arc::new(|| None), clock.clone());
    let server = runtime.block_on(starting).unwrap();
    let waited = began.elapsed();
    let cookie = runtime.block_on(session(&server));
    let began = Instant::now();
    get(server.address, "/waiting", &cookie);
    println!("start to first page: {} ms", (waited + began.elapsed()).as_millis());
    let id = server.department.open_visits()[7].visit.identity.clone().unwrap().visit;
    for path in [
        "/waiting".to_string(),
        "/tasks".to_string(),
        "/follow-up".to_string(),
        format!("/visit/{id}/triage"),
        format!("/visit/{id}/examination"),
        format!("/visit/{id}/decision"),
        format!("/visit/{id}/timeline"),
        format!("/visit/{id}/handover"),
        "/arrival".to_string(),
    ] {
        // A moment between two pages, so that the limit of pages a second has room again.
        clock.pass(20);
        page(server.address, &path, &cookie);
    }
    println!("resident memory: {} MB", resident());
    runtime.block_on(server.stop());
}

fn shipped() -> Arc<Guideline> {
    fn add(folder: &mut Folder, root: &Path, dir: &Path) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_string();
            if path.is_dir() {
                add(folder, root, &path);
            } else if Folder::takes(&name) {
                folder.files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guidelines/back_pain");
    let mut folder = Folder::default();
    add(&mut folder, &root, &root);
    Arc::new(load_checked(&folder).map_err(|faults| faults.len()).unwrap())
}

fn actor(role: StaffRole) -> Actor {
    Actor { id: ActorId::new("bench").unwrap(), role }
}

fn found(signed: &[&str], said: &[(&str, &str)], role: Role, at: i64) -> Found {
    let findings = said.iter().map(|(fact, value)| FindingSaid {
        fact: (*fact).into(),
        value: (*value).into(),
        said_by: role,
        at,
        limited_by_pain: false,
    });
    let signed =
        signed.iter().map(|id| SignedGroup { attestation: (*id).into(), said_by: role, at });
    Found { findings: findings.collect(), signed: signed.collect() }
}

/// A strain from the door to the door.
fn template(guideline: &Guideline, is_asked: bool) -> Vec<Event> {
    let triage = found(
        &[
            "bladder_as_before",
            "bowel_as_before",
            "saddle_as_before",
            "sexual_feeling_as_before",
            "no_infection_or_cancer_risk",
        ],
        &[
            ("age", "34 a"),
            ("history_reliability", "good"),
            ("temperature", "36.8 Cel"),
            ("heart_rate", "80 /min"),
            ("pain_score", "5"),
        ],
        Role::Nurse,
        MORNING,
    );
    let exam = found(
        &["legs_examined", "no_trauma_or_fragile_spine", "no_vascular_or_other_sign"],
        &[
            ("pain_controlled", "present"),
            ("walking_as_before", "present"),
            ("home_safe", "present"),
        ],
        Role::Physician,
        MORNING,
    );
    let identity = Identity {
        patient: PatientId::new("TEMPLATE-P").unwrap(),
        episode: EpisodeId::new("TEMPLATE-E").unwrap(),
        visit: VisitId::new("TEMPLATE-V").unwrap(),
    };
    let judged = cauda_pathway::event::Less {
        reason: cauda_pathway::event::LessReason::ClinicalJudgement,
        words: Text::new("settled").unwrap(),
    };
    let leave = Action::Discharge { less: Some(judged), card_given: true, pending_owner: None };
    // Sent home with questions open, so called back; then nothing is left to do.
    let called = Text::new("pain better, walks, no danger sign told").ok();
    let call = Action::MakeContact { reached: true, settled: true, words: called };
    let stop = Action::StopCheckIns {
        why: cauda_pathway::check_in::Stop::Settled,
        words: Text::new("sees the own doctor").ok(),
    };
    let mut steps = vec![
        (StaffRole::TriageNurse, Action::Arrive { identity, returning: None }),
        (StaffRole::TriageNurse, Action::Triage { acuity: 4, found: triage }),
        (StaffRole::Physician, Action::Examine { found: exam }),
        (StaffRole::Physician, leave),
        (StaffRole::FollowUpNurse, call),
    ];
    if !is_asked {
        steps.push((StaffRole::FollowUpNurse, stop));
    }
    let (mut visit, mut all) = (Visit::default(), Vec::new());
    for (at, (role, action)) in steps.into_iter().enumerate() {
        let id = CommandId::new(format!("TEMPLATE-C{at}")).unwrap();
        let command = Command { id, by: actor(role), action };
        let events = handle(&visit, &command, MORNING + at as i64 * 600, guideline).unwrap();
        events.iter().for_each(|event| visit.apply(event));
        all.extend(events);
    }
    all
}

async fn fill(options: &Options, guideline: Arc<Guideline>, visits: usize, home: usize) -> u64 {
    let record = Record::open(options).await.unwrap();
    cauda_server::notes::make(&record).await.unwrap();
    let kinds = [true, false].map(|is_asked| {
        let events = template(&guideline, is_asked);
        let visit = fold(&events);
        assert_eq!(cauda_server::streams::is_open(&visit), is_asked);
        (visit_rows(&events).unwrap(), visit)
    });
    let mut waiting = tokio::task::JoinSet::new();
    for number in 0..visits + home {
        let (rows, visit) = &kinds[usize::from(number >= home)];
        let mut events = rows.clone();
        for event in &mut events {
            event.body = event.body.replace("TEMPLATE", &format!("n{number}"));
        }
        let id = VisitId::new(format!("n{number}-V")).unwrap();
        let append = Append {
            command: format!("n{number}"),
            actor: "bench".into(),
            recorded_at: MORNING * 1_000_000,
            streams: vec![StreamAppend {
                stream: visit_stream(&id).unwrap(),
                expected: Expected::Exactly(0),
                events,
            }],
        };
        let mut own = visit.clone();
        let identity = own.identity.as_mut().unwrap();
        identity.visit = id;
        identity.patient = PatientId::new(format!("n{number}-P")).unwrap();
        let notes = visit_notes(&own).unwrap();
        let record = record.clone();
        waiting.spawn(async move { record.append_noting(append, notes).await.unwrap() });
        if waiting.len() >= TOGETHER {
            waiting.join_next().await;
        }
    }
    while waiting.join_next().await.is_some() {}
    open_visits(&record, guideline).await;
    let size = record.size().await.unwrap();
    record.close().await;
    size
}

async fn open_visits(record: &Record, guideline: Arc<Guideline>) {
    let department = Department::open(guideline, record.clone(), Clock::at(MORNING)).await.unwrap();
    let following = tokio::spawn(department.clone().follow());
    for number in 0..OPEN {
        let nurse = actor(StaffRole::TriageNurse);
        let visit = VisitId::new(format!("open{number}")).unwrap();
        let person = Person {
            name: Text::new(format!("Bench Patient{number}")).unwrap(),
            born: Day::read("1980-05-05").ok(),
            sex: Sex::Female,
            number: Some(format!("N-{number}")),
            allergies: None,
            telephone: None,
            write_to: None,
        };
        let arrival = Arrival {
            patient: PatientId::new(format!("open-p{number}")).unwrap(),
            person: Some(person),
            visit: visit.clone(),
            returns_from: None,
        };
        let command = CommandId::new(format!("open-a{number}")).unwrap();
        department.arrive(&nurse, &command, arrival).await.unwrap();
        let signed: &[&str] =
            if number % 3 == 0 { &[] } else { &["bladder_as_before", "saddle_as_before"] };
        let said: &[(&str, &str)] = match number % 5 {
            0 => &[("age", "46 a"), ("urinary_retention", "new"), ("leg_pain_left", "new")],
            1 => &[("age", "46 a"), ("known_cancer", "present"), ("history_reliability", "good")],
            _ => &[("age", "46 a"), ("pain_score", "6"), ("history_reliability", "good")],
        };
        let found = found(signed, said, Role::Nurse, MORNING);
        let command = CommandId::new(format!("open-t{number}")).unwrap();
        department
            .act(&nurse, &visit, &command, Action::Triage { acuity: 3, found })
            .await
            .unwrap();
    }
    following.abort();
}

async fn session(server: &Server) -> String {
    use cauda_server::access::AccountRole;
    use cauda_server::accounts::Accounts;
    let clock = Clock::at(MORNING + 3_600);
    let accounts = Accounts::new(server.department.record().clone(), clock);
    let by = ActorId::new("bench").unwrap();
    let role = AccountRole::Staff(StaffRole::Physician);
    let account = accounts.create(&by, "bench", role).await.unwrap().unwrap();
    accounts.set_password(&account, PASSWORD).await.unwrap();
    let body = format!("name=bench&password={PASSWORD}");
    let mut stream = TcpStream::connect(server.address).unwrap();
    write!(
        stream,
        "POST /sign-in HTTP/1.1\r\nhost: bench\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    cookie.split(';').next().unwrap().to_string()
}

/// One request on a line of its own, as bytes; what came back.
fn get(address: SocketAddr, path: &str, cookie: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: bench\r\naccept: text/html\r\naccept-encoding: gzip\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(
        answer.starts_with(b"HTTP/1.1 200"),
        "{path}: {}",
        String::from_utf8_lossy(&answer[..60])
    );
    answer
}

fn page(address: SocketAddr, path: &str, cookie: &str) {
    let mut bytes = 0;
    let mut times: Vec<Duration> = (0..REQUESTS)
        .map(|_| {
            let began = Instant::now();
            bytes = get(address, path, cookie).len();
            began.elapsed()
        })
        .collect();
    times.sort();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_micros();
    println!("{path:<36} p50 {:>6} us  p95 {:>6} us  {bytes} bytes on the wire", at(50), at(95));
}

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    let kilobytes = line.split_whitespace().nth(1).and_then(|number| number.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1_000
}
