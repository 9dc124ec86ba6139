//! kill -9 under load: what was acknowledged is there, whole, and nothing else is half there.
//!
//! A round starts this program anew as a child that appends from four tasks and prints the id of
//! each command once it is acknowledged. After a drawn number of lines the child is killed, and
//! the record is opened and looked at. 20 rounds, or 1,000 with `CAUDA_LONG=1`.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use cauda_store::{Options, PAGE_MAX, Record};

use crate::home::{Home, append, runtime, stream, whole};

on_both! { nothing_acknowledged_is_lost_when_the_program_is_killed }

/// Set for the child: the database, the key file and the round.
const CHILD: &str = "CAUDA_STORE_CRASH_CHILD";
const TASKS: u64 = 4;
const EVENTS: usize = 3;

async fn nothing_acknowledged_is_lost_when_the_program_is_killed(home: Home) {
    let rounds = if std::env::var_os("CAUDA_LONG").is_some() { 1_000 } else { 20 };
    let mut seed: u64 = 0x00ca_0da5;
    let mut looked_at = 0;
    for round in 0..rounds {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let acknowledged = killed_after(start(&home, round), 1 + (seed >> 33) % 60);
        let record = home.record().await;
        let size = record.size().await.unwrap();
        let mut commands: HashMap<String, Vec<u64>> = HashMap::new();
        while looked_at < size {
            for event in record.log(looked_at, PAGE_MAX).await.unwrap() {
                let body = event.body.unwrap();
                assert_eq!(body, body_of(&event.command, commands.get(&event.command)));
                commands.entry(event.command).or_default().push(event.position);
                looked_at += 1;
            }
        }
        for (id, positions) in &commands {
            assert_eq!(positions.len(), EVENTS, "round {round}: {id} is half written");
            assert!(positions.is_sorted_by(|a, b| a + 1 == *b));
        }
        for id in &acknowledged {
            let found = commands.get(id);
            let found = found.unwrap_or_else(|| panic!("round {round}: {id} was lost"));
            assert_eq!(record.find(id).await.unwrap().unwrap().positions.start, found[0]);
        }
        if round % 100 == 99 || round + 1 == rounds {
            whole(&record).await;
        }
        record.close().await;
    }
}

/// Each event of a command says which one it is.
fn body_of(command: &str, before: Option<&Vec<u64>>) -> String {
    format!("{command} {} {}", before.map_or(0, Vec::len), "x".repeat(300))
}

fn start(home: &Home, round: u32) -> Child {
    let child = format!("{}\n{}\n{round}", home.database, home.folder().join("key").display());
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child", "--nocapture"])
        .env(CHILD, child)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// The commands that the child acknowledged; it is killed once there are `number` of them.
fn killed_after(mut child: Child, number: u64) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        if let Some(id) = line.unwrap().strip_prefix("acknowledged ") {
            acknowledged.push(id.to_owned());
            if acknowledged.len() as u64 == number {
                child.kill().unwrap();
            }
        }
    }
    assert!(!child.wait().unwrap().success());
    assert!(acknowledged.len() as u64 >= number, "the child ended by itself");
    acknowledged
}

/// The child's side; as a test of its own it does nothing.
#[test]
fn child() {
    let Ok(child) = std::env::var(CHILD) else { return };
    let mut child = child.lines();
    let options = Options::new(child.next().unwrap(), child.next().unwrap());
    let round: u32 = child.next().unwrap().parse().unwrap();
    runtime().block_on(async {
        let record = Record::open(&options).await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..TASKS {
            tasks.spawn(load(record.clone(), round, task));
        }
        tasks.join_all().await;
    });
}

/// Appends until it is killed.
async fn load(record: Record, round: u32, task: u64) {
    let name = format!("visit/{task}");
    let mut seen = record.sequence(&stream(&name)).await.unwrap();
    for n in 0.. {
        let id = format!("{round}-{task}-{n}");
        let mut positions = Vec::new();
        let bodies: Vec<String> = (0..EVENTS)
            .map(|at| {
                let body = body_of(&id, Some(&positions));
                positions.push(at as u64);
                body
            })
            .collect();
        let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
        append(&record, &id, &name, seen, &bodies).await.unwrap();
        seen += EVENTS as u64;
        // One write call a line, so that a line is never half there.
        std::io::stdout().write_all(format!("acknowledged {id}\n").as_bytes()).unwrap();
    }
}
