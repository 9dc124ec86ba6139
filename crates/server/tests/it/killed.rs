//! kill -9 under load: what a page said was saved is in the record, whole, after the next start.
//!
//! A round starts this program anew as a child that serves a department. Three people send forms
//! until one of them has been told so many times that it was saved, and the child is killed while
//! the others still write.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cauda_pathway::clocks::TaskKind;
use cauda_pathway::event::What;
use cauda_pathway::identity::VisitId;
use cauda_server::clock::Clock;
use cauda_server::{Config, Server};
use cauda_store::Options;

use crate::browser::Browser;
use crate::house::{House, MORNING, guideline};

/// Set for the child: the database and the key file.
const CHILD: &str = "CAUDA_SERVER_CRASH_CHILD";
/// The child's address, on a line of its own.
const AT: &str = "serves at ";
const ROUNDS: usize = 3;
const PEOPLE: [(&str, &str); 3] =
    [("Triage nurse", "demo-v0"), ("Bedside nurse", "demo-v0"), ("Physician", "demo-v2")];

#[test]
fn what_a_page_said_was_saved_is_there_after_a_kill() {
    let mut house = House::demo();
    house.close();
    let mut said: Vec<(&str, String)> = Vec::new();
    for round in 0..ROUNDS {
        let (mut child, address) = start(&house);
        let (total, until) = (Arc::new(AtomicUsize::new(0)), 7 + 11 * round);
        let people = PEOPLE.iter().enumerate().map(|(at, (role, visit))| {
            let mut browser = signed_in(&address, role);
            let total = total.clone();
            let path = format!("/visit/{visit}/test");
            let csrf =
                browser.get(&format!("/visit/{visit}/results")).hidden("/sign-out")[0].1.clone();
            std::thread::spawn(move || {
                let mut saved = Vec::new();
                for n in 0.. {
                    let words = format!("culture {round}-{at}-{n}");
                    let fields = [("csrf", csrf.as_str()), ("command", &words), ("words", &words)];
                    match browser.try_post(&path, &fields) {
                        Some(303) => saved.push(words),
                        Some(status) => panic!("{words}: {status}"),
                        None => return saved,
                    }
                    total.fetch_add(1, Ordering::SeqCst);
                }
                saved
            })
        });
        let people: Vec<_> = people.collect();
        while total.load(Ordering::SeqCst) < until {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success());
        for ((_, visit), person) in PEOPLE.iter().zip(people) {
            said.extend(person.join().unwrap().into_iter().map(|words| (*visit, words)));
        }
    }
    assert!(said.len() >= (0..ROUNDS).map(|round| 7 + 11 * round).sum());
    house.open();
    let mut written: BTreeMap<String, usize> = BTreeMap::new();
    for visit in ["demo-v0", "demo-v2"] {
        let id = VisitId::new(visit).unwrap();
        let events = house.runtime.block_on(house.server().department.events(&id)).unwrap();
        for event in &events {
            let What::TestOrdered { result, name } = &event.what else { continue };
            let name = name.as_str();
            *written.entry(format!("{visit} {name}")).or_default() += 1;
            // A test and who follows it are one command: there, or both not.
            let followed = events.iter().any(|other| {
                matches!(&other.what, What::TaskRaised { kind: TaskKind::FollowTest, about, .. }
                    if *about == Some(*result))
            });
            assert!(followed, "{name} is followed by nobody");
        }
    }
    for (visit, words) in &said {
        assert_eq!(written.get(&format!("{visit} {words}")), Some(&1), "{words} was lost");
    }
    // Besides these, only what was on its way when the server died.
    assert!(written.len() <= said.len() + ROUNDS * PEOPLE.len());
    let list = house.as_role("Physician").get("/waiting");
    assert_eq!(list.status, 200);
}

fn signed_in(address: &str, role: &str) -> Browser {
    let mut browser = Browser::new(address.to_string());
    let id = browser.get("/sign-in").button(role).unwrap();
    assert_eq!(browser.post("/sign-in", &[("account", &id), ("next", "/")]).status, 303);
    browser
}

fn start(house: &House) -> (Child, String) {
    let folder = house.folder.path();
    let told =
        format!("{}\n{}", folder.join("record.sqlite").display(), folder.join("key").display());
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::child", "--nocapture"])
        .env(CHILD, told)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut lines = lines.map_while(Result::ok);
    let address = lines.find_map(|line| line.strip_prefix(AT).map(str::to_owned)).unwrap();
    (child, address)
}

/// The child's side; as a test of its own it does nothing.
#[test]
fn child() {
    let Ok(told) = std::env::var(CHILD) else { return };
    let (database, key) = told.split_once('\n').unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let config = Config { demo: true, ..House::config() };
    let options = Options::new(database, key);
    let starting =
        Server::start(config, &options, guideline(), Arc::new(|| None), Clock::at(MORNING));
    let server = runtime.block_on(starting).unwrap();
    println!("{AT}http://{}", server.address);
    // It lives as long as who started it.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    runtime.block_on(server.stop());
}
