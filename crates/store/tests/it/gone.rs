//! A disk that is full, and a database that goes away under load.

use cauda_store::{Expected, NewEvent, Options, Record, StoreError};

use crate::home::{Home, append, command, on, part, runtime, sqlite, stream, whole};
use crate::server::Server;

#[test]
fn a_full_disk_is_told_and_nothing_is_half_written() {
    on(sqlite(), async |home: Home| {
        home.options.limit_pages(150);
        let record = home.record().await;
        let body = "x".repeat(20_000);
        let events = || vec![NewEvent { kind: "large".into(), version: 1, body: body.clone() }; 3];
        let mut written = 0;
        let refused = loop {
            let mut part = part("visit/a", Expected::Exactly(written * 3), &[]);
            part.events = events();
            match record.append(command(&format!("c{written}"), vec![part])).await {
                Ok(_) => written += 1,
                Err(refused) => break refused,
            }
        };
        assert!(matches!(refused, StoreError::Full(_)), "{refused}");
        assert_eq!(refused.to_string(), "the disk of the record is full, and nothing was written");
        assert!(written > 0);
        assert_eq!(record.size().await.unwrap(), written * 3);
        assert_eq!(record.find(&format!("c{written}")).await.unwrap(), None);
        whole(&record).await;

        // A group in which only one is too large: the others are written, one by one.
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..5 {
            let record = record.clone();
            let body = if n == 2 { body.repeat(3) } else { "{}".to_owned() };
            tasks.spawn(async move {
                let name = format!("visit/{n}");
                (n, append(&record, &format!("g{n}"), &name, 0, &[&body]).await)
            });
        }
        for (n, done) in tasks.join_all().await {
            assert_eq!(done.is_ok(), n != 2, "{n}: {done:?}");
        }

        // The limit belongs to the connection, and a connection that failed is not used again.
        home.options.limit_pages(0);
        append(&record, "last", "visit/b", 0, &[&body.repeat(3)]).await.unwrap_err();
        let mut part = part("visit/a", Expected::Exactly(written * 3), &[]);
        part.events = events();
        record.append(command(&format!("c{written}"), vec![part])).await.unwrap();
        whole(&record).await;
    });
}

/// Its own server, which is ended as by a crash while four tasks write, three times.
#[test]
fn a_database_that_goes_away_loses_nothing_acknowledged() {
    // A server that would answer before it has written, unless it is told otherwise.
    let server = Server::start("fsync = off\nsynchronous_commit = off");
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(server.address("postgres"), folder.path().join("key"));
    runtime().block_on(async {
        let record = Record::open(&options).await.unwrap();
        let mut live = record.watch(0);
        let mut acknowledged = Vec::new();
        for round in 0..3 {
            let (told, mut count) = tokio::sync::mpsc::unbounded_channel();
            let mut tasks = tokio::task::JoinSet::new();
            for task in 0..4 {
                tasks.spawn(until_it_fails(
                    record.clone(),
                    format!("{round}-{task}"),
                    told.clone(),
                ));
            }
            for _ in 0..20 * (round + 1) {
                count.recv().await.unwrap();
            }
            server.crash();
            let failed = tasks.join_all().await;
            while let Ok(id) = count.try_recv() {
                acknowledged.push(id);
            }
            let refused = append(&record, "while gone", "visit/z", 0, &["{}"]).await.unwrap_err();
            assert!(matches!(refused, StoreError::Gone(_)), "{refused}");
            assert!(record.size().await.is_err());

            server.start_again();
            // What failed is sent again with the same id, whatever became of it.
            for (id, name, seen) in failed {
                let done = append(&record, &id, &name, seen, &["1", "2"]).await.unwrap();
                assert_eq!(done.positions.end - done.positions.start, 2);
                assert_eq!(record.sequence(&stream(&name)).await.unwrap(), seen + 2);
            }
            whole(&record).await;
        }
        for id in acknowledged {
            assert!(record.find(&id).await.unwrap().is_some(), "{id} was lost");
        }
        assert_eq!(record.find("while gone").await.unwrap(), None);
        assert_eq!(live.changed().await.unwrap().end, record.size().await.unwrap());
        record.close().await;
    });
}

/// Appends two events at a time until that fails; tells each command that was acknowledged, and
/// returns the one that failed with its stream and what it expected.
async fn until_it_fails(
    record: Record,
    task: String,
    told: tokio::sync::mpsc::UnboundedSender<String>,
) -> (String, String, u64) {
    let name = format!("visit/{task}");
    let mut seen = 0;
    loop {
        let id = format!("{task}-{seen}");
        match append(&record, &id, &name, seen, &["1", "2"]).await {
            Ok(_) => told.send(id).unwrap(),
            Err(StoreError::Gone(_) | StoreError::OutcomeUnknown(_)) => return (id, name, seen),
            Err(other) => panic!("{other}"),
        }
        seen += 2;
    }
}
