//! From every earlier version to this one.
//!
//! `from/0001.sql` holds what a record of version 1 looked like: the rows of a real one. Whoever
//! adds migration 2 adds `from/0002.sql` beside it, and nothing else: the test reads the folder.

use std::path::Path;

use cauda_store::{PublicKey, Record, SCHEMA_VERSION, StoreError, Trust};

use crate::home::{Home, append, fill, on, postgres_without_schema, sqlite, whole};

on_both! {
    an_opened_record_has_the_newest_version
    a_newer_database_is_refused
    a_changed_migration_is_refused
}

#[test]
fn sqlite_migrates_from_every_version() {
    every_version(sqlite);
}

#[test]
fn postgres_migrates_from_every_version() {
    every_version(postgres_without_schema);
}

#[test]
fn two_servers_may_migrate_at_once() {
    on(postgres_without_schema(), async |home: Home| {
        let opening = (0..4).map(|_| {
            let options = home.options.clone();
            tokio::spawn(async move { Record::open(&options).await.map(drop) })
        });
        for opened in opening.collect::<Vec<_>>() {
            opened.await.unwrap().unwrap();
        }
        fill(&home.record().await, 10).await;
    });
}

fn every_version(home: fn() -> Home) {
    for version in 0..=SCHEMA_VERSION {
        on(home(), async |home: Home| {
            let old = home.options.clone().only_to_version(version);
            if version == 0 {
                whole(&home.record().await).await;
                return;
            }
            let record = Record::open(&old).await.unwrap();
            assert_eq!(record.schema_version().await.unwrap(), version);
            record.close().await;
            let key = fill_from(&home, version).await;

            let record = home.record().await;
            assert_eq!(record.schema_version().await.unwrap(), SCHEMA_VERSION);
            let trust = Trust { keys: vec![key], heads: vec![] };
            let report = record.verify(&trust, &mut |_, _| ()).await.unwrap();
            assert_eq!(report.faults, [], "from version {version}");
            assert_eq!((report.events, report.erased, report.heads), (73, 2, 1));
            let again = append(&record, "c1", "patient/p", 0, &["{}"]).await.unwrap();
            assert!(again.already, "commands of version {version} are known");
            append(&record, "new", "patient/p", 2, &["{}"]).await.unwrap();
            assert!(record.verify(&trust, &mut |_, _| ()).await.unwrap().is_whole());
        });
    }
}

/// Puts the rows of a real record of that version into an empty one; the key that signed it.
async fn fill_from(home: &Home, version: i64) -> PublicKey {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/from");
    let file = folder.join(format!("{version:04}.sql"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|_| {
        panic!("write {} with CAUDA_WRITE_FROM=1, and commit it", file.display())
    });
    let key = text.lines().find_map(|line| line.strip_prefix("-- key ")).unwrap();
    // Bytes are written as SQLite has them.
    let text = if home.is_sqlite() { text.clone() } else { text.replace("x'", "'\\x") };
    home.sql(&text).await;
    PublicKey::from_hex(key).unwrap()
}

async fn an_opened_record_has_the_newest_version(home: Home) {
    let record = home.record().await;
    assert_eq!(record.schema_version().await.unwrap(), SCHEMA_VERSION);
    // Opening it again changes nothing.
    record.close().await;
    assert_eq!(home.record().await.schema_version().await.unwrap(), SCHEMA_VERSION);
}

async fn a_newer_database_is_refused(home: Home) {
    let record = home.record().await;
    fill(&record, 10).await;
    record.close().await;
    let newer = SCHEMA_VERSION + 1;
    home.sql(&format!(
        "INSERT INTO schema_migration SELECT {newer}, checksum FROM schema_migration \
         WHERE version = {SCHEMA_VERSION}"
    ))
    .await;
    let Err(refused) = Record::open(&home.options).await else { panic!("it was opened") };
    assert!(matches!(refused, StoreError::NewerDatabase { .. }));
    assert_eq!(
        refused.to_string(),
        format!(
            "the record has schema version {newer}, and this program knows versions up to \
             {SCHEMA_VERSION}: use the newer program"
        )
    );
}

async fn a_changed_migration_is_refused(home: Home) {
    let record = home.record().await;
    fill(&record, 10).await;
    record.close().await;
    home.sql("UPDATE schema_migration SET checksum = (SELECT leaf FROM event LIMIT 1)").await;
    let Err(refused) = Record::open(&home.options).await else { panic!("it was opened") };
    assert!(matches!(refused, StoreError::MigrationChanged { version: 1 }), "{refused}");
}

/// Writes `from/` for the newest version, when asked to: run it once before a release.
#[test]
fn the_newest_version_is_written_when_asked() {
    if std::env::var_os("CAUDA_WRITE_FROM").is_none() {
        return;
    }
    on(sqlite(), async |home: Home| {
        let key = crate::erase::small_record(&home).await;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/from");
        std::fs::create_dir_all(&folder).unwrap();
        let text = crate::home::dump(&home, &key).await;
        std::fs::write(folder.join(format!("{SCHEMA_VERSION:04}.sql")), text).unwrap();
    });
}
