//! How fast the record writes and reads, on a SQLite file and on a PostgreSQL server of its own
//! (left out where there is none). Bounded; asserts no time.
//!
//! `cargo bench -p cauda-store`
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
#[path = "../tests/it/server.rs"]
mod server;

use std::time::{Duration, Instant};

use cauda_store::{Append, Expected, NewEvent, Options, Record, StreamAppend, StreamName, Trust};
use server::Server;

const BODY_BYTES: usize = 300;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build().unwrap();
    let file = folder.path().join("record.db").to_str().unwrap().to_owned();
    let options = Options::new(file, folder.path().join("key"));
    runtime.block_on(measure("SQLite", &options));
    if server::found().is_none() {
        println!("PostgreSQL: not on this machine");
        return;
    }
    // A real server syncs to the disk.
    let server = Server::start("fsync = on");
    let options = Options::new(server.address("postgres"), folder.path().join("key"));
    runtime.block_on(measure("PostgreSQL", &options));
}

async fn measure(name: &str, options: &Options) {
    let record = Record::open(options).await.unwrap();

    let mut each = Vec::new();
    for n in 0..500 {
        let begun = Instant::now();
        record.append(append(&format!("single-{n}"), "visit/single", 1)).await.unwrap();
        each.push(begun.elapsed());
    }
    let total: Duration = each.iter().sum();
    let (p50, p99) = (percentile(&mut each, 50), percentile(&mut each, 99));
    let rate = 500.0 / total.as_secs_f64();
    println!("{name}: append, one after the other: {rate:.0}/s, p50 {p50:?}, p99 {p99:?}");

    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..64 {
        let record = record.clone();
        tasks.spawn(async move {
            let stream = format!("visit/{task}");
            for n in 0..100 {
                let append = append(&format!("group-{task}-{n}"), &stream, 1);
                record.append(append).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    let rate = 6_400.0 / begun.elapsed().as_secs_f64();
    println!("{name}: append, 64 callers at once: {rate:.0}/s");

    let begun = Instant::now();
    for n in 0..200 {
        record.append(append(&format!("twenty-{n}"), "visit/twenties", 20)).await.unwrap();
    }
    let rate = 4_000.0 / begun.elapsed().as_secs_f64();
    println!("{name}: append, twenty events a command: {rate:.0} events/s");

    for n in 0..10 {
        record.append(append(&format!("read-{n}"), "visit/read", 20)).await.unwrap();
    }
    let stream = StreamName::new("visit/read").unwrap();
    let mut each = Vec::new();
    for _ in 0..500 {
        let begun = Instant::now();
        assert_eq!(record.stream(&stream, 0).await.unwrap().len(), 200);
        each.push(begun.elapsed());
    }
    let (p50, p99) = (percentile(&mut each, 50), percentile(&mut each, 99));
    println!("{name}: read a stream of 200 events: p50 {p50:?}, p99 {p99:?}");

    let begun = Instant::now();
    let report = record.verify(&Trust::default(), &mut |_, _| ()).await.unwrap();
    assert!(report.is_whole());
    let rate = report.events as f64 / begun.elapsed().as_secs_f64();
    println!("{name}: verify {} events: {rate:.0} events/s", report.events);

    let begun = Instant::now();
    let proofs = 200;
    for n in 0..proofs {
        record.inclusion_proof(n * 37 % report.events, report.events).await.unwrap();
    }
    println!("{name}: inclusion proof: {:?} on average", begun.elapsed() / proofs as u32);
    record.close().await;
}

fn append(id: &str, stream: &str, events: usize) -> Append {
    let body = "x".repeat(BODY_BYTES);
    let event = NewEvent { kind: "noted".to_owned(), version: 1, body };
    let stream = StreamName::new(stream).unwrap();
    let part = StreamAppend { stream, expected: Expected::Any, events: vec![event; events] };
    let (command, actor) = (id.to_owned(), "nurse-1".to_owned());
    Append { command, actor, recorded_at: 1_764_000_000_000_000, streams: vec![part] }
}

fn percentile(each: &mut [Duration], percent: usize) -> Duration {
    each.sort_unstable();
    each[(each.len() - 1) * percent / 100]
}
