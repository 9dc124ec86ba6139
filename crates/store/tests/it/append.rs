//! Appending: order, expectation, idempotency, limits, several streams at once.

use cauda_store::{BODY_BYTES_MAX, EVENTS_MAX, Event, Expected, PAGE_MAX, StoreError, StreamName};

use crate::home::{AT, Home, append, command, fill, part, stream, whole};

on_both! {
    events_come_back_as_they_were_written
    a_stale_append_is_a_conflict_and_writes_nothing
    a_command_is_written_once_also_after_a_restart
    several_streams_are_written_together_or_not_at_all
    a_conflict_fails_nobody_else
    a_refusal_of_the_database_fails_nobody_else_and_repeats_no_row
    concurrent_appends_get_dense_positions
    two_programs_write_to_one_record
    what_breaks_a_limit_is_refused
    reads_are_paged
    a_reader_gets_the_streams_it_wants_alone
    text_of_any_kind_survives
    a_closed_record_says_so
}

async fn events_come_back_as_they_were_written(home: Home) {
    let record = home.record().await;
    let written = append(&record, "c1", "visit/a", 0, &[r#"{"n":1}"#, r#"{"n":2}"#]).await;
    let written = written.unwrap();
    assert_eq!((written.positions, written.already), (0..2, false));
    append(&record, "c2", "visit/b", 0, &["{}"]).await.unwrap();
    append(&record, "c3", "visit/a", 2, &[r#"{"n":3}"#]).await.unwrap();

    let expected = Event {
        position: 3,
        stream: "visit/a".to_owned(),
        sequence: 3,
        command: "c3".to_owned(),
        kind: "noted".to_owned(),
        version: 1,
        actor: "nurse-1".to_owned(),
        recorded_at: AT,
        body: Some(r#"{"n":3}"#.to_owned()),
    };
    assert_eq!(record.stream(&stream("visit/a"), 2).await.unwrap(), [expected]);
    assert_eq!(record.sequence(&stream("visit/a")).await.unwrap(), 3);
    assert_eq!(record.sequence(&stream("visit/none")).await.unwrap(), 0);
    assert_eq!(record.stream(&stream("visit/none"), 0).await.unwrap(), []);
    let log = record.log(1, 2).await.unwrap();
    assert_eq!(log.iter().map(|event| event.position).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(record.size().await.unwrap(), 4);
    whole(&record).await;
}

async fn a_stale_append_is_a_conflict_and_writes_nothing(home: Home) {
    let record = home.record().await;
    append(&record, "c1", "visit/a", 0, &["{}", "{}"]).await.unwrap();
    for expected in [0, 1, 3] {
        let refused = append(&record, "late", "visit/a", expected, &["{}"]).await.unwrap_err();
        let StoreError::Conflict { stream_kind, expected: said, actual } = &refused else {
            panic!("{refused}");
        };
        assert_eq!((stream_kind.as_str(), *said, *actual), ("visit", expected, 2));
        let told = format!("a visit stream has 2 events, and {expected} were expected");
        assert_eq!(refused.to_string(), told);
    }
    assert_eq!(record.size().await.unwrap(), 2);
    assert_eq!(record.find("late").await.unwrap(), None);
    // The id of a command that was refused is still free.
    append(&record, "late", "visit/a", 2, &["{}"]).await.unwrap();
    whole(&record).await;
}

async fn a_command_is_written_once_also_after_a_restart(home: Home) {
    let record = home.record().await;
    append(&record, "c0", "visit/b", 0, &["{}"]).await.unwrap();
    let first = append(&record, "c1", "visit/a", 0, &["{}", "{}"]).await.unwrap();
    let again = append(&record, "c1", "visit/a", 0, &["{}", "{}"]).await.unwrap();
    assert_eq!((again.positions, again.already), (first.positions.clone(), true));
    record.close().await;

    let record = home.record().await;
    let again = append(&record, "c1", "visit/a", 0, &["{}", "{}"]).await.unwrap();
    assert_eq!((again.positions, again.already), (first.positions.clone(), true));
    // Also where the stream would be as the command expects.
    let again = append(&record, "c1", "visit/a", 2, &["{}"]).await.unwrap();
    assert_eq!((again.positions.clone(), again.already), (first.positions, true));
    assert_eq!(record.find("c1").await.unwrap(), Some(again));
    assert_eq!(record.size().await.unwrap(), 3);
    whole(&record).await;
}

async fn several_streams_are_written_together_or_not_at_all(home: Home) {
    let record = home.record().await;
    let a = part("visit/a", Expected::Exactly(0), &["1", "2"]);
    let b = part("visit/b", Expected::Exactly(0), &["3"]);
    let written = record.append(command("merge", vec![a.clone(), b])).await.unwrap();
    assert_eq!(written.positions, 0..3);
    let stale = part("visit/b", Expected::Exactly(0), &["5"]);
    let fresh = part("visit/a", Expected::Exactly(2), &["4"]);
    record.append(command("stale", vec![fresh, stale])).await.unwrap_err();
    assert_eq!(record.sequence(&stream("visit/a")).await.unwrap(), 2);
    assert_eq!(record.size().await.unwrap(), 3);
    whole(&record).await;
}

async fn a_conflict_fails_nobody_else(home: Home) {
    let record = home.record().await;
    // The queue fills before the writer runs, so these are one group.
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..40 {
        let record = record.clone();
        let name = if n % 2 == 0 { "visit/same".to_owned() } else { format!("visit/{n}") };
        tasks.spawn(async move {
            let written = append(&record, &format!("c{n}"), &name, 0, &["{}"]).await;
            (n % 2 == 0, written.is_ok())
        });
    }
    let done = tasks.join_all().await;
    assert_eq!(done.iter().filter(|(same, written)| *same && *written).count(), 1);
    assert!(done.iter().all(|(same, written)| *same || *written));
    assert_eq!(record.size().await.unwrap(), 21);
    whole(&record).await;
}

async fn a_refusal_of_the_database_fails_nobody_else_and_repeats_no_row(home: Home) {
    let record = home.record().await;
    home.sql(match home.is_sqlite() {
        true => {
            "CREATE TRIGGER refuse BEFORE INSERT ON event WHEN NEW.sequence = 2 \
             BEGIN SELECT RAISE(ABORT, 'refused'); END"
        }
        false => "ALTER TABLE event ADD CONSTRAINT refuse CHECK (sequence <> 2)",
    })
    .await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..6 {
        let record = record.clone();
        let bodies = if n == 3 { vec!["{}", "saddle numbness"] } else { vec!["{}"] };
        let name = format!("visit/{n}");
        let id = format!("c{n}");
        tasks.spawn(async move { (n, append(&record, &id, &name, 0, &bodies).await) });
    }
    for (n, done) in tasks.join_all().await {
        assert_eq!(done.is_ok(), n != 3, "{n}");
        let Err(refused) = done else { continue };
        assert!(matches!(refused, StoreError::Database { .. }), "{refused}");
        // PostgreSQL's own error repeats the row, with the body in hexadecimal digits.
        let told = format!("{refused} {refused:?}");
        assert!(!told.contains("numbness") && !told.contains("73616464"), "{told}");
    }
    assert_eq!(record.size().await.unwrap(), 5);
    whole(&record).await;
}

async fn concurrent_appends_get_dense_positions(home: Home) {
    let record = home.record().await;
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8 {
        let record = record.clone();
        tasks.spawn(async move {
            let mut mine = Vec::new();
            for n in 0..20 {
                let (id, name) = (format!("{task}-{n}"), format!("visit/{task}"));
                mine.push(append(&record, &id, &name, n, &["{}"]).await.unwrap().positions.start);
            }
            assert!(mine.is_sorted());
            mine
        });
    }
    let mut all: Vec<u64> = tasks.join_all().await.into_iter().flatten().collect();
    all.sort_unstable();
    assert_eq!(all, (0..160).collect::<Vec<_>>());
    whole(&record).await;
}

async fn two_programs_write_to_one_record(home: Home) {
    let programs = [home.record().await, home.record().await];
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..6 {
        let record = programs[task % 2].clone();
        tasks.spawn(async move {
            let (mut written, mut tried) = (0, 0);
            while written < 10 {
                let name = format!("visit/{}", task % 3);
                let seen = record.sequence(&stream(&name)).await.unwrap();
                tried += 1;
                match append(&record, &format!("{task}-{tried}"), &name, seen, &["{}"]).await {
                    Ok(_) => written += 1,
                    Err(StoreError::Conflict { .. }) => assert!(tried < 1_000),
                    Err(other) => panic!("{other}"),
                }
            }
        });
    }
    tasks.join_all().await;
    for record in &programs {
        assert_eq!(record.size().await.unwrap(), 60);
        whole(record).await;
    }
}

async fn what_breaks_a_limit_is_refused(home: Home) {
    let record = home.record().await;
    for name in ["", "visit", "/a", "visit/", "Visit/a", "visit/a\nb", &"visit/a".repeat(40)] {
        assert!(StreamName::new(name).is_err(), "{name:?}");
    }
    let large = "x".repeat(BODY_BYTES_MAX + 1);
    let many = vec!["{}"; EVENTS_MAX + 1];
    let a = |bodies: &[&str]| part("visit/a", Expected::Any, bodies);
    let streams = (0..17).map(|n| part(&format!("visit/{n}"), Expected::Any, &["{}"])).collect();
    for (what, append) in [
        ("a body too large", command("c", vec![a(&[&large])])),
        ("bodies too large", command("c", vec![a(&[&large[1..]; 17])])),
        ("too many events", command("c", vec![a(&many)])),
        ("no event", command("c", vec![a(&[])])),
        ("no stream", command("c", vec![])),
        ("too many streams", command("c", streams)),
        ("a stream twice", command("c", vec![a(&["{}"]), a(&["{}"])])),
        ("no id", command("", vec![a(&["{}"])])),
        ("an id of two lines", command("a\nb", vec![a(&["{}"])])),
    ] {
        let refused = record.append(append).await.unwrap_err();
        assert!(matches!(refused, StoreError::Malformed(_)), "{what}: {refused}");
    }
    append(&record, "largest", "visit/a", 0, &[&large[1..]]).await.unwrap();
    let most = vec!["{}"; EVENTS_MAX];
    append(&record, "most", "visit/a", 1, &most).await.unwrap();
    whole(&record).await;
}

async fn reads_are_paged(home: Home) {
    let record = home.record().await;
    for n in 0..5 {
        let bodies = vec!["{}"; EVENTS_MAX];
        let seen = n * EVENTS_MAX as u64;
        append(&record, &format!("c{n}"), "visit/a", seen, &bodies).await.unwrap();
    }
    let first = record.stream(&stream("visit/a"), 0).await.unwrap();
    assert_eq!(first.len(), PAGE_MAX);
    let rest = record.stream(&stream("visit/a"), PAGE_MAX as u64).await.unwrap();
    assert_eq!(rest.len(), 5 * EVENTS_MAX - PAGE_MAX);
    assert_eq!(record.log(0, usize::MAX).await.unwrap().len(), PAGE_MAX);
    assert_eq!(record.log(u64::MAX, 1).await.unwrap(), []);
}

async fn a_reader_gets_the_streams_it_wants_alone(home: Home) {
    let record = home.record().await;
    let streams = ["visit/a", "consult/b", "patient/c", "consult/d", "visits/e", "visit/f"];
    for (number, name) in streams.iter().enumerate() {
        append(&record, &format!("c{number}"), name, 0, &["{}"]).await.unwrap();
    }
    let positions = async |from, to, kinds| {
        let rows = record.log_of(from..to, kinds).await.unwrap();
        rows.iter().map(|row| row.position).collect::<Vec<_>>()
    };
    assert_eq!(positions(0, 6, ["visit", "patient", "audit"]).await, [0, 2, 5]);
    assert_eq!(positions(1, 5, ["visit", "patient", "audit"]).await, [2]);
    assert_eq!(positions(0, u64::MAX, ["consult", "consult", "consult"]).await, [1, 3]);
    assert!(positions(5, 5, ["visit", "visit", "visit"]).await.is_empty());
    let rows = record.log_of(4..6, ["visit", "visit", "visit"]).await.unwrap();
    assert_eq!(rows, record.log(5, 1).await.unwrap());
    whole(&record).await;
}

async fn text_of_any_kind_survives(home: Home) {
    let record = home.record().await;
    let bodies = ["", "\u{0}", "not JSON", "{\"name\":\"Ærø 😀\"}", "'; DROP TABLE event; --"];
    append(&record, "ß-1", "visit/ü", 0, &bodies).await.unwrap();
    let found = record.stream(&stream("visit/ü"), 0).await.unwrap();
    let found: Vec<_> = found.iter().map(|event| event.body.as_deref().unwrap()).collect();
    assert_eq!(found, bodies);
    whole(&record).await;
}

async fn a_closed_record_says_so(home: Home) {
    let record = home.record().await;
    fill(&record, 10).await;
    let clone = record.clone();
    record.close().await;
    let refused = append(&clone, "c", "visit/a", 0, &["{}"]).await.unwrap_err();
    assert!(matches!(refused, StoreError::Closed), "{refused}");
    record.close().await;
}
