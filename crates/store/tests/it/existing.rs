//! Opening only what is there: nothing is made, nothing is migrated.

use std::fs;

use cauda_store::{Options, Record, StoreError};

use crate::home::{Home, fill, on, postgres_without_schema, sqlite, whole};

on_both! {
    what_is_there_is_read_and_written
    another_version_is_refused
    a_missing_key_is_not_made
}

async fn what_is_there_is_read_and_written(home: Home) {
    let record = home.record().await;
    fill(&record, 30).await;
    record.close().await;
    let record = Record::open(&home.options.clone().existing()).await.unwrap();
    assert_eq!(whole(&record).await.events, 30);
    fill(&record, 10).await;
    assert_eq!(whole(&record).await.events, 40);
}

async fn another_version_is_refused(home: Home) {
    home.record().await.close().await;
    let refused = async || Record::open(&home.options.clone().existing()).await.err().unwrap();
    home.sql(
        "INSERT INTO schema_migration SELECT 99, checksum FROM schema_migration WHERE version = 1",
    )
    .await;
    assert!(matches!(refused().await, StoreError::NewerDatabase { found: 99, .. }));
    home.sql("DELETE FROM schema_migration").await;
    assert!(matches!(refused().await, StoreError::Absent(_)));
}

async fn a_missing_key_is_not_made(home: Home) {
    home.record().await.close().await;
    let key = home.folder().join("none");
    let options = Options::new(home.database.clone(), key.clone()).existing();
    let refused = Record::open(&options).await.err().unwrap();
    assert!(matches!(&refused, StoreError::Key { path, .. } if *path == key), "{refused}");
    assert!(!key.exists());
}

#[test]
fn nothing_is_made() {
    for home in [sqlite, postgres_without_schema] {
        on(home(), async |home: Home| {
            for _ in 0..2 {
                let refused = Record::open(&home.options.clone().existing()).await.err().unwrap();
                assert!(matches!(refused, StoreError::Absent(_)), "{refused}");
            }
            assert_eq!(fs::read_dir(home.folder()).unwrap().count(), 0);
        });
    }
}
