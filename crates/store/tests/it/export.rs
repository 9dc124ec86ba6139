//! Exports, restores and backups.

use cauda_store::{BackupKind, Erasure, Options, Record, StoreError, Trust};

use crate::home::{AT, Home, append, command, fill, part, postgres, sqlite, stream, whole};

on_both! {
    an_export_restores_the_same_record
    a_restore_is_all_or_nothing
    a_backup_opens_or_restores
    a_damaged_record_is_not_exported
}

/// A record with something of everything.
async fn filled(home: &Home) -> Record {
    let record = home.record().await;
    record.sign_head(AT).await.unwrap();
    fill(&record, 130).await;
    record.sign_head(AT + 1).await.unwrap();
    append(&record, "p", "patient/p", 0, &["secret \u{1}\u{7f} \"quoted\" 😀"]).await.unwrap();
    let several = ["visit/x", "visit/y"]
        .map(|name| part(name, cauda_store::Expected::Exactly(0), &["{}", "1"]));
    record.append(command("merge", several.to_vec())).await.unwrap();
    let erasure = Erasure {
        stream: stream("patient/p"),
        reason: "asked for".to_owned(),
        audit: stream("audit/1"),
        command: "erase".to_owned(),
        actor: "office".to_owned(),
        recorded_at: AT,
    };
    record.erase(erasure).await.unwrap();
    append(&record, "last", "visit/z", 0, &["\u{0}"]).await.unwrap();
    record
}

async fn exported(record: &Record) -> Vec<u8> {
    let mut text = Vec::new();
    let mut told = Vec::new();
    let done = record.export(&mut text, AT + 2, &mut |done, of| told.push((done, of))).await;
    let done = done.unwrap();
    assert_eq!(told.last(), Some(&(done.events, done.events)));
    assert!(done.head.is_signed_by(&record.public_key()));
    text
}

async fn all(record: &Record) -> Vec<cauda_store::Event> {
    record.log(0, 1000).await.unwrap()
}

async fn an_export_restores_the_same_record(home: Home) {
    let record = filled(&home).await;
    let text = exported(&record).await;
    assert!(text.starts_with(b"{\"record\":1}\n{\"head\":{\"size\":0,"));
    assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), 1 + 137 + 2 + 1);

    // Into the other kind of database and into the same one.
    for target in [sqlite(), postgres()] {
        let restored = target.record().await;
        let mut live = restored.watch(0);
        let trust = Trust { keys: vec![record.public_key()], heads: vec![] };
        let done = restored.restore(&mut text.as_slice(), &trust, &mut |_| ()).await.unwrap();
        assert_eq!((done.events, done.trusted), (137, true));
        assert_eq!(live.changed().await.unwrap(), 0..137);
        assert_eq!(all(&restored).await, all(&record).await);
        let report = restored.verify(&trust, &mut |_, _| ()).await.unwrap();
        assert_eq!((report.faults, report.heads, report.erased), (vec![], 3, 1));
        let found = restored.find("merge").await.unwrap().unwrap();
        assert_eq!(found, record.find("merge").await.unwrap().unwrap());
        let again = append(&restored, "last", "visit/z", 0, &["\u{0}"]).await.unwrap();
        assert!(again.already);
        append(&restored, "new", "visit/z", 1, &["{}"]).await.unwrap();
        // What came after the export's head is not in the export.
        let once_more = restored.restore(&mut text.as_slice(), &trust, &mut |_| ()).await;
        assert!(matches!(once_more.unwrap_err(), StoreError::NotEmpty { events: 138 }));
    }
}

async fn a_restore_is_all_or_nothing(home: Home) {
    let source = sqlite();
    let record = filled(&source).await;
    let text = String::from_utf8(exported(&record).await).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let changed = |from: &str, to: &str| text.replacen(from, to, 1);
    let without = |line: usize| {
        let mut lines = lines.clone();
        lines.remove(line);
        lines.join("\n") + "\n"
    };
    let target = home.record().await;
    let last = lines.len() as u64;
    for (export, line, what) in [
        (String::new(), 1, "the export ends too early"),
        (lines[0].to_owned() + "\n" + &"x".repeat(500_000), 2, "the line is too long"),
        (without(0), 1, "this is no export of a form this program knows"),
        (without(last as usize - 1), last, "the export ends too early"),
        (text[..text.len() - 1].to_owned(), last, "the export ends too early"),
        (without(10), 11, "the event stands at another position"),
        (changed("{\\\"n\\\":50}", "{\\\"n\\\":51}"), 53, "the body is not the one committed to"),
        (changed("fill-120", "fill-121"), 133, "the head does not fit the events before it"),
        (text.clone() + "x", last, "something follows after the end"),
        (
            text.clone().replace(AT.to_string().as_str(), "7"),
            2,
            "the signature of the head is wrong",
        ),
    ] {
        let refused = target.restore(&mut export.as_bytes(), &Trust::default(), &mut |_| ()).await;
        let refused = refused.unwrap_err();
        let StoreError::Export { line: told, what: why } = &refused else {
            panic!("{what}: {refused}");
        };
        assert_eq!((*told, *why), (line, what));
        assert_eq!(target.size().await.unwrap(), 0);
        whole(&target).await;
    }
    let nobody = Trust { keys: vec![target.public_key()], heads: vec![] };
    let refused = target.restore(&mut text.as_bytes(), &nobody, &mut |_| ()).await.unwrap_err();
    assert!(refused.to_string().contains("a key nobody vouches for"), "{refused}");
    assert_eq!(target.size().await.unwrap(), 0);
    let done = target.restore(&mut text.as_bytes(), &Trust::default(), &mut |_| ()).await.unwrap();
    assert!(!done.trusted, "signed, but nobody said by whom it should be");
}

async fn a_backup_opens_or_restores(home: Home) {
    let record = filled(&home).await;
    let file = home.folder().join("backup");
    let kind = record.backup(&file, AT, &mut |_, _| ()).await.unwrap();
    append(&record, "later", "visit/z", 1, &["{}"]).await.unwrap();
    let again = record.backup(&file, AT, &mut |_, _| ()).await.unwrap_err();
    assert!(matches!(again, StoreError::Io { .. }), "{again}");
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    let key = home.folder().join("key");
    let copy = match kind {
        BackupKind::Sqlite => {
            let options = Options::new(file.to_str().unwrap(), key);
            Record::open(&options).await.unwrap()
        }
        BackupKind::Export => {
            let path = home.folder().join("restored.db");
            let options = Options::new(path.to_str().unwrap(), key);
            let copy = Record::open(&options).await.unwrap();
            let mut file = std::io::BufReader::new(std::fs::File::open(&file).unwrap());
            copy.restore(&mut file, &Trust::default(), &mut |_| ()).await.unwrap();
            copy
        }
    };
    assert_eq!(whole(&copy).await.events, 137);
    assert_eq!(all(&copy).await, all(&record).await[..137]);
}

async fn a_damaged_record_is_not_exported(home: Home) {
    let record = filled(&home).await;
    home.sql("UPDATE event SET actor = 'other' WHERE position = 70").await;
    let refused = record.export(&mut Vec::new(), AT, &mut |_, _| ()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Damaged { position: 70, .. }), "{refused}");
}
