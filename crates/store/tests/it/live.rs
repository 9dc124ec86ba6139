//! Watching the log grow: from this server, from another, and when a notification is lost.

use cauda_store::{Options, Record, StoreError};

use crate::home::{Home, append, fill};

on_both! {
    a_watcher_is_given_every_position_once
    another_server_sees_the_change
    a_lost_notification_is_made_good
    a_watcher_ends_with_the_record
}

/// A second server on the same database; SQLite has only one.
async fn other(home: &Home) -> Option<Record> {
    if home.is_sqlite() {
        return None;
    }
    let key = home.folder().join("other-key");
    Some(Record::open(&Options::new(home.database.clone(), key)).await.unwrap())
}

async fn a_watcher_is_given_every_position_once(home: Home) {
    let record = home.record().await;
    let mut live = record.watch(0);
    fill(&record, 25).await;
    assert_eq!(live.changed().await.unwrap(), 0..25);
    append(&record, "c", "visit/a", 0, &["{}", "{}"]).await.unwrap();
    assert_eq!(live.changed().await.unwrap(), 25..27);
    // Who comes later is told first what was there.
    assert_eq!(record.watch(20).changed().await.unwrap(), 20..27);

    let mut waiting = record.watch(27);
    let waiting = tokio::spawn(async move { waiting.changed().await });
    append(&record, "d", "visit/a", 2, &["{}"]).await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), 27..28);
}

async fn another_server_sees_the_change(home: Home) {
    let record = home.record().await;
    let Some(other) = other(&home).await else { return };
    let mut live = record.watch(0);
    for n in 0..5 {
        append(&other, &format!("c{n}"), "visit/a", n, &["{}"]).await.unwrap();
        assert_eq!(live.changed().await.unwrap(), n..n + 1);
    }
    // Both write to the same streams, and one is told of the other's events.
    let refused = append(&record, "late", "visit/a", 4, &["{}"]).await.unwrap_err();
    assert!(matches!(refused, StoreError::Conflict { actual: 5, .. }), "{refused}");
    append(&record, "next", "visit/a", 5, &["{}"]).await.unwrap();
    assert_eq!(other.watch(5).changed().await.unwrap(), 5..6);
}

async fn a_lost_notification_is_made_good(home: Home) {
    let record = home.record().await;
    let Some(other) = other(&home).await else { return };
    let mut live = record.watch(0);
    append(&other, "c0", "visit/a", 0, &["{}"]).await.unwrap();
    live.changed().await.unwrap();
    home.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND query LIKE 'LISTEN%'",
    )
    .await;
    append(&other, "c1", "visit/a", 1, &["{}"]).await.unwrap();
    assert_eq!(live.changed().await.unwrap(), 1..2);
}

async fn a_watcher_ends_with_the_record(home: Home) {
    let record = home.record().await;
    let mut live = record.watch(0);
    record.close().await;
    drop(record);
    assert!(matches!(live.changed().await, Err(StoreError::Closed)));
}
