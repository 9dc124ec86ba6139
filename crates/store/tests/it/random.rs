//! Random appends from several tasks against a naive model: a map from stream to its events.
//!
//! What was acknowledged, taken in the order of its positions, must be what the model would have
//! accepted one after the other, and the log must be what the model holds.

use std::collections::{HashMap, HashSet};

use cauda_store::{Append, Appended, Expected, Record, StoreError};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::home::{Home, command, part, postgres, runtime, sqlite, stream, whole};

/// What a task does next.
#[derive(Clone, Debug)]
struct Step {
    /// Streams it writes to, and how many events to each.
    parts: Vec<(u8, usize)>,
    /// How far beside the truth it expects them to be; `None` expects nothing.
    beside: Option<u64>,
    /// Whether it sends its command a second time.
    again: bool,
}

type Outcome = (Append, Result<Appended, StoreError>);

fn step() -> impl Strategy<Value = Step> {
    let parts = proptest::collection::vec((0..4u8, 1..4usize), 1..3);
    let beside = prop_oneof![6 => Just(Some(0)), 1 => Just(Some(1)), 2 => Just(None)];
    (parts, beside, prop::bool::weighted(0.2)).prop_map(|(mut parts, beside, again)| {
        parts.dedup_by_key(|part| part.0);
        Step { parts, beside, again }
    })
}

#[test]
fn sqlite_is_as_the_model() {
    check(sqlite, 12);
}

#[test]
fn postgres_is_as_the_model() {
    check(postgres, 12);
}

fn check(home: fn() -> Home, cases: u32) {
    let tasks = proptest::collection::vec(proptest::collection::vec(step(), 1..12), 2..6);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let run = |tasks: Vec<Vec<Step>>| {
        let home = home();
        runtime().block_on(async {
            let record = home.record().await;
            let mut running = tokio::task::JoinSet::new();
            for (number, steps) in tasks.into_iter().enumerate() {
                running.spawn(run_task(record.clone(), number, steps));
            }
            let outcomes = running.join_all().await.into_iter().flatten().collect();
            compare(&record, outcomes).await;
            record.close().await;
        });
        Ok(())
    };
    TestRunner::new(config).run(&tasks, run).unwrap();
}

async fn run_task(record: Record, number: usize, steps: Vec<Step>) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (at, step) in steps.into_iter().enumerate() {
        let id = format!("{number}-{at}");
        let mut parts = Vec::new();
        for (name, events) in step.parts {
            let name = format!("visit/{name}");
            let seen = record.sequence(&stream(&name)).await.unwrap();
            let expected = step.beside.map_or(Expected::Any, |n| Expected::Exactly(seen + n));
            let bodies: Vec<String> = (0..events).map(|n| format!("{id} {n}")).collect();
            let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
            parts.push(part(&name, expected, &bodies));
        }
        let append = command(&id, parts);
        for _ in 0..=usize::from(step.again) {
            outcomes.push((append.clone(), record.append(append.clone()).await));
        }
    }
    outcomes
}

async fn compare(record: &Record, outcomes: Vec<Outcome>) {
    let mut written: Vec<(&Append, &Appended)> = Vec::new();
    let mut ids = HashSet::new();
    for (append, outcome) in &outcomes {
        match outcome {
            Ok(done) if done.already => assert!(ids.contains(&append.command)),
            Ok(done) => {
                assert!(ids.insert(append.command.clone()), "written twice");
                written.push((append, done));
            }
            Err(StoreError::Conflict { expected, actual, .. }) => assert_ne!(expected, actual),
            Err(StoreError::Malformed(_)) => assert!(has_a_stream_twice(append)),
            Err(other) => panic!("{other}"),
        }
    }
    written.sort_by_key(|(_, done)| done.positions.start);
    let mut model: HashMap<String, u64> = HashMap::new();
    let mut log = Vec::new();
    for (append, done) in written {
        assert_eq!(done.positions.start, log.len() as u64);
        for part in &append.streams {
            let sequence = model.entry(part.stream.to_string()).or_default();
            assert!(
                part.expected == Expected::Any || part.expected == Expected::Exactly(*sequence)
            );
            for event in &part.events {
                *sequence += 1;
                log.push((part.stream.to_string(), *sequence, event.body.clone()));
            }
        }
        assert_eq!(done.positions.end, log.len() as u64);
    }
    let found = record.log(0, usize::MAX).await.unwrap();
    let found = found.into_iter().map(|e| (e.stream, e.sequence, e.body.unwrap()));
    assert_eq!(found.collect::<Vec<_>>(), log);
    whole(record).await;
}

fn has_a_stream_twice(append: &Append) -> bool {
    let streams: HashSet<_> = append.streams.iter().map(|part| &part.stream).collect();
    streams.len() < append.streams.len()
}
