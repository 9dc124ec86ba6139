//! Starting and stopping: what is refused, what is written, what a restart keeps.

use std::sync::Arc;

use cauda_server::clock::Clock;
use cauda_server::{Config, Server, ServerError};
use cauda_store::{Options, Record, Trust};

use crate::house::{House, MORNING, guideline};

fn refused(config: Config) -> ServerError {
    let folder = tempfile::tempdir().unwrap();
    let options =
        Options::new(folder.path().join("r").to_str().unwrap(), folder.path().join("key"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let starting =
        Server::start(config, &options, guideline(), Arc::new(|| None), Clock::at(MORNING));
    match runtime.block_on(starting) {
        Err(error) => error,
        Ok(_) => panic!("it starts"),
    }
}

/// Patients of the demonstration: nine in the department, five at home.
const PATIENTS: usize = 14;

#[test]
fn a_public_address_needs_encryption_and_a_demonstration_stays_at_home() {
    let public = Config { listen: "0.0.0.0:0".parse().unwrap(), ..House::config() };
    assert!(matches!(refused(public.clone()), ServerError::Public(_)));
    let demo = Config { demo: true, behind_proxy: true, ..public };
    assert!(matches!(refused(demo), ServerError::Public(_)));
    let nowhere = Config { time_zone: "Atlantis/Deep".into(), ..House::config() };
    assert!(matches!(refused(nowhere), ServerError::TimeZone(_)));
    let missing = std::path::PathBuf::from("nowhere.pem");
    let tls = Config { tls: Some((missing.clone(), missing)), ..House::config() };
    assert!(matches!(refused(tls), ServerError::File { .. }));
}

#[test]
fn the_address_is_written_whole_and_a_stop_signs_the_record() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("address");
    let mut house =
        House::with(Config { address_file: Some(file.clone()), demo: true, ..House::config() });
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(written.trim(), house.server().address.to_string());
    let size = house.server().department.position();
    house.close();
    let report = house.runtime.block_on(async {
        let record = Record::open(&house.options).await.unwrap();
        record
            .verify(&Trust { keys: vec![record.public_key()], heads: vec![] }, &mut |_, _| ())
            .await
            .unwrap()
    });
    assert!(report.is_whole() && report.heads >= 1 && report.events >= size);
}

#[test]
fn a_restart_keeps_every_visit_and_time_that_passed_meanwhile_is_noticed() {
    let mut house = House::demo();
    let list = house.as_role("Physician").get("/waiting").text;
    house.close();
    house.config.demo = false;
    house.clock.pass(30 * 60);
    house.open();
    let open = house.server().department.open_visits();
    assert_eq!(open.len(), PATIENTS);
    assert!(list.contains("Ji-woo Kim"));
    // Ten minutes for triage are over: the task is late, by itself.
    house.runtime.block_on(cauda_server::passing::pass_once(&house.server().department));
    let id = cauda_pathway::identity::VisitId::new("demo-v0").unwrap();
    let entry = house.runtime.block_on(house.server().department.entry(&id)).unwrap();
    let late =
        entry.visit.open_tasks().filter(|task| task.state > cauda_pathway::tasks::TaskState::Open);
    assert!(late.count() > 0);
}

#[test]
fn notes_are_made_anew_from_the_log() {
    let mut house = House::demo();
    house.close();
    let exported = house.folder.path().join("export");
    let other = Options::new(
        house.folder.path().join("other").to_str().unwrap(),
        house.folder.path().join("key2"),
    );
    house.runtime.block_on(async {
        let record = Record::open(&house.options).await.unwrap();
        let mut file = std::fs::File::create(&exported).unwrap();
        record.export(&mut file, MORNING * 1_000_000, &mut |_, _| ()).await.unwrap();
        let restored = Record::open(&other).await.unwrap();
        let mut file = std::io::BufReader::new(std::fs::File::open(&exported).unwrap());
        restored.restore(&mut file, &Trust::default(), &mut |_| ()).await.unwrap();
        restored.close().await;
    });
    house.options = other;
    house.config.demo = false;
    house.open();
    assert_eq!(house.server().department.open_visits().len(), PATIENTS);
    let found =
        house.runtime.block_on(house.server().department.patient_of_number("d-1003")).unwrap();
    assert_eq!(found.unwrap().person.name.as_str(), "Tomas Novak");
}

/// A record as the program before check-ins wrote it: it opens, reads the same, and goes on.
#[test]
fn a_record_of_version_1_is_served() {
    let mut house = House::empty();
    house.close();
    let folder = house.folder.path().to_owned();
    let old = Options::new(folder.join("old").to_str().unwrap(), folder.join("key-old"));
    house.runtime.block_on(async {
        let record = Record::open(&old).await.unwrap();
        let lines = include_str!("record_version_1.jsonl");
        record.restore(&mut lines.as_bytes(), &Trust::default(), &mut |_| ()).await.unwrap();
        record.close().await;
    });
    house.options = old;
    house.open();
    let department = &house.server().department;
    let open = department.open_visits();
    assert_eq!(open.len(), 9);
    assert!(open.iter().all(|entry| entry.unreadable.is_none() && entry.visit.faults.is_empty()));
    let id = cauda_pathway::identity::VisitId::new("demo-v4").unwrap();
    let before = house.runtime.block_on(department.entry(&id)).unwrap();
    assert!(before.visit.at_home.rounds.is_empty());
    // A new event stands behind the old ones in the same stream.
    house.runtime.block_on(cauda_server::passing::pass_once(department));
    let events = house.runtime.block_on(department.events(&id)).unwrap();
    let versions: std::collections::BTreeSet<u32> = events.iter().map(|e| e.version).collect();
    assert!(versions.contains(&1), "{versions:?}");
}
