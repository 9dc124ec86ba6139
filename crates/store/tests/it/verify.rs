//! Verification names what was changed, whatever was changed, and where.

use cauda_store::{Fault, Trust};

use crate::home::{self, AT, Home, append, fill, sqlite, whole};

on_both! {
    every_change_is_named
    any_flipped_bit_is_found
    a_record_written_anew_does_not_fit_a_head_that_was_carried_away
    a_truncated_record_does_not_fit_its_heads
    heads_of_an_unknown_key_are_told
}

const TABLES: [&str; 5] = ["log_head", "event", "command", "tree_node", "signed_head"];

const ROW: &str = "the row does not give its leaf";
const BODY: &str = "the body is not the one that was written";
const MISSING: &str = "the event is missing";
const NODE: &str = "the leaves from here do not give their node";
const SIGNED: &str = "the log before here is not the one that was signed";
const COMMAND: &str = "a command does not fit its events";

/// What somebody with the database's password may do to 150 events, and the first fault told.
const CHANGES: &[(&str, u64, &str)] = &[
    ("UPDATE event SET stream = 'visit/other' WHERE position = 70", 70, ROW),
    ("UPDATE event SET sequence = 99 WHERE position = 70", 70, ROW),
    ("UPDATE event SET command = 'other' WHERE position = 70", 70, ROW),
    ("UPDATE event SET kind = 'other' WHERE position = 70", 70, ROW),
    ("UPDATE event SET version = 2 WHERE position = 70", 70, ROW),
    ("UPDATE event SET actor = 'other' WHERE position = 70", 70, ROW),
    ("UPDATE event SET recorded_at = recorded_at + 1 WHERE position = 70", 70, ROW),
    ("UPDATE event SET commitment = leaf WHERE position = 70", 70, BODY),
    ("UPDATE event SET leaf = commitment WHERE position = 70", 70, ROW),
    ("UPDATE event SET salt = NULL WHERE position = 70", 70, BODY),
    ("UPDATE event SET body = salt WHERE position = 70", 70, BODY),
    (
        "UPDATE event SET body = (SELECT body FROM event WHERE position = 71) WHERE position = 70",
        70,
        BODY,
    ),
    (
        "UPDATE event SET body = NULL, salt = NULL WHERE position = 70",
        70,
        "a body is missing and no audit event says it was erased",
    ),
    ("DELETE FROM event WHERE position = 70", 150, "the log has not as many rows as its head says"),
    ("UPDATE event SET position = 150 WHERE position = 70", 70, MISSING),
    ("UPDATE event SET position = 1000 - position WHERE position < 2", 0, MISSING),
    (
        "UPDATE tree_node SET hash = (SELECT leaf FROM event WHERE position = 1) WHERE ends = 64",
        0,
        NODE,
    ),
    ("DELETE FROM tree_node WHERE ends = 128 AND level = 6", 64, NODE),
    (
        "INSERT INTO tree_node SELECT 70, 6, leaf FROM event WHERE position = 1",
        70,
        "a node of the tree has no place in it",
    ),
    ("UPDATE signed_head SET root = public_key", 150, SIGNED),
    ("UPDATE signed_head SET size = 149", 149, SIGNED),
    ("UPDATE signed_head SET signed_at = 1", 150, "the signature of the head is wrong"),
    ("UPDATE signed_head SET signature = root", 150, "the signature of the head is wrong"),
    (
        "UPDATE signed_head SET public_key = root",
        150,
        "the head is signed with a key nobody vouches for",
    ),
    (
        "UPDATE log_head SET peaks = NULL",
        150,
        "the head of the log does not follow from its leaves",
    ),
    ("DELETE FROM command WHERE first = 70", 70, "an event belongs to no command"),
    ("UPDATE command SET events = 9 WHERE first = 70", 79, "an event belongs to no command"),
    ("UPDATE command SET events = 11 WHERE first = 70", 70, COMMAND),
    ("INSERT INTO command (id, first, events) VALUES ('never', 70, 10)", 70, COMMAND),
    ("INSERT INTO command (id, first, events) VALUES ('never', 70, 0)", 70, COMMAND),
];

async fn first_fault(home: &Home) -> Option<Fault> {
    let record = home.record().await;
    let report = record.verify(&Trust::default(), &mut |_, _| ()).await.unwrap();
    record.close().await;
    report.faults.into_iter().next()
}

async fn every_change_is_named(home: Home) {
    let record = home.record().await;
    fill(&record, 150).await;
    record.sign_head(AT).await.unwrap();
    record.close().await;
    for table in TABLES {
        home.sql(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
    }
    for (change, position, what) in CHANGES {
        home.sql(change).await;
        let fault = first_fault(&home).await;
        assert_eq!(fault, Some(Fault { position: *position, what }), "{change}");
        let back = TABLES.map(|table| {
            format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table};")
        });
        home.sql(&back.concat()).await;
    }
    assert_eq!(first_fault(&home).await, None);
}

/// Columns of whole numbers, of bytes, of text, in tables that hold 150 events.
const NUMBERS: &[(&str, &str)] = &[
    ("event", "sequence"),
    ("event", "version"),
    ("event", "recorded_at"),
    ("command", "first"),
    ("command", "events"),
    ("tree_node", "level"),
    ("signed_head", "size"),
    ("signed_head", "signed_at"),
    ("log_head", "size"),
];
const TEXTS: &[(&str, &str)] = &[
    ("event", "stream"),
    ("event", "command"),
    ("event", "kind"),
    ("event", "actor"),
    ("command", "id"),
];
const BYTES: &[(&str, &str)] = &[
    ("event", "commitment"),
    ("event", "leaf"),
    ("event", "salt"),
    ("event", "body"),
    ("tree_node", "hash"),
    ("signed_head", "root"),
    ("signed_head", "public_key"),
    ("signed_head", "signature"),
    ("log_head", "peaks"),
];

/// A hundred drawn changes of one bit or character in a drawn row.
async fn any_flipped_bit_is_found(home: Home) {
    let record = home.record().await;
    fill(&record, 150).await;
    record.sign_head(AT).await.unwrap();
    for table in TABLES {
        home.sql(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
    }
    let mut seed: u64 = 0x0b17;
    let mut draw = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for _ in 0..100 {
        let (table, change) = match draw(3) {
            0 => {
                let (table, column) = NUMBERS[draw(NUMBERS.len())];
                // Always upwards, so that no bit is carried away again.
                (table, format!("{column} = {column} + {}", 1_u64 << draw(40)))
            }
            1 => {
                let (table, column) = TEXTS[draw(TEXTS.len())];
                (table, format!("{column} = substr({column}, 1, {}) || 'X'", draw(4)))
            }
            _ => {
                let (table, column) = BYTES[draw(BYTES.len())];
                (table, format!("{column} = {}", flipped(&home, column, draw(128))))
            }
        };
        let key = home::key_of(table);
        let row = draw(3);
        let which = format!("LIMIT 1 OFFSET {row} % (SELECT count(*) FROM {table})");
        let which = format!("(SELECT {key} FROM {table} ORDER BY {key} {which})");
        let sql = format!("UPDATE {table} SET {change} WHERE {key} = {which}");
        home.sql(&sql).await;
        let report = record.verify(&Trust::default(), &mut |_, _| ()).await.unwrap();
        assert!(!report.is_whole(), "not found: {sql}");
        let back = format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}");
        home.sql(&back).await;
    }
    whole(&record).await;
}

/// The expression that flips one bit of the first bytes of a column.
fn flipped(home: &Home, column: &str, bit: usize) -> String {
    let byte = bit / 8 % 6;
    if !home.is_sqlite() {
        return format!("set_bit({column}, {}, 1 - get_bit({column}, {0}))", byte * 8 + bit % 8);
    }
    // SQLite has no operators on bytes: the byte becomes another one, which is as good.
    let other = format!(
        "CASE WHEN hex(substr({column}, {0}, 1)) = '{bit:02X}' THEN x'FF' ELSE x'{bit:02X}' END",
        byte + 1
    );
    format!(
        "CAST(substr({column}, 1, {byte}) || {other} || substr({column}, {}) AS BLOB)",
        byte + 2
    )
}

async fn a_record_written_anew_does_not_fit_a_head_that_was_carried_away(home: Home) {
    let real = sqlite();
    let record = real.record().await;
    fill(&record, 20).await;
    let trust =
        Trust { keys: vec![record.public_key()], heads: vec![record.sign_head(AT).await.unwrap()] };
    let forged = home.record().await;
    append(&forged, "other", "visit/0", 0, &["{}"]).await.unwrap();
    fill(&forged, 19).await;
    whole(&forged).await;
    let report = forged.verify(&trust, &mut |_, _| ()).await.unwrap();
    assert_eq!(report.faults, [Fault { position: 20, what: SIGNED }]);
}

async fn a_truncated_record_does_not_fit_its_heads(home: Home) {
    let record = home.record().await;
    fill(&record, 20).await;
    let trust = Trust { keys: vec![], heads: vec![record.sign_head(AT).await.unwrap()] };
    record.close().await;
    // Back to nothing at all, as if it had been so always.
    let empty = TABLES.map(|table| match table {
        "log_head" => "UPDATE log_head SET size = 0, peaks = NULL;".to_owned(),
        _ => format!("DELETE FROM {table};"),
    });
    home.sql(&empty.concat()).await;
    let record = home.record().await;
    whole(&record).await;
    fill(&record, 10).await;
    let report = record.verify(&trust, &mut |_, _| ()).await.unwrap();
    let what = "a signed head says the log was longer than it is";
    assert_eq!(report.faults, [Fault { position: 20, what }]);
}

async fn heads_of_an_unknown_key_are_told(home: Home) {
    let record = home.record().await;
    fill(&record, 10).await;
    record.sign_head(AT).await.unwrap();
    let old = record.public_key();
    record.close().await;
    std::fs::remove_file(home.folder().join("key")).unwrap();
    let record = home.record().await;
    let report = record.verify(&Trust::default(), &mut |_, _| ()).await.unwrap();
    let what = "the head is signed with a key nobody vouches for";
    assert_eq!(report.faults, [Fault { position: 10, what }]);
    let trust = Trust { keys: vec![old], heads: vec![] };
    assert!(record.verify(&trust, &mut |_, _| ()).await.unwrap().is_whole());
}
