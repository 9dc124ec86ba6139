//! `cauda record`: whole or not, out and back again, and decided again. Each record is a SQLite
//! file of its test, filled by the visit and the record themselves.

mod subject;
mod ward;

use std::fs;
use std::path::Path;

use crate::run::{Ran, Scratch, cauda, cauda_reading, cauda_with, root};
use ward::Ward;

/// A finding that stands in the record and must never stand in an error.
const SECRET: &str = "saddle_numbness";
const RESIDUAL: (&str, &str) = ("post_void_residual", "180 mL");

/// A record of two visits and of what is none, closed again.
pub fn filled(scratch: &Scratch) -> String {
    let database = scratch.path("record.db");
    Ward::open(&database).run(async |ward| {
        ward.note("patient/p-1", "not of a visit").await;
        ward.triage("visit-1", &[("age", "45 a"), RESIDUAL]).await;
        ward.note("account/a-1", "{\"version\":9}").await;
        ward.triage("visit-2", &[("age", "62 a"), (SECRET, "new")]).await;
        ward.pass_hours("visit-2", 5).await;
    });
    database
}

/// A copy of the guideline in which a residual of 150 mL is an emergency, without the cases that
/// say otherwise.
fn earlier_bladder(scratch: &Scratch) -> String {
    let dir = scratch.guideline();
    let page = "red_flags/cauda_equina.md";
    scratch.edit(page, "  - `post_void_residual` ≥ 200 mL", "  - `post_void_residual` ≥ 150 mL");
    scratch.edit(page, "  - `post_void_residual` < 200 mL", "  - `post_void_residual` < 150 mL");
    scratch.edit(page, "\n- `post_void_residual` < 200 mL", "\n- `post_void_residual` < 150 mL");
    scratch.edit("facts/bladder.toml", "alarm = \"200\"", "alarm = \"150\"");
    without_cases(Path::new(&dir), "post_void_residual");
    dir
}

fn without_cases(folder: &Path, fact: &str) {
    let case = |line: &str| {
        let begins = ["- fires: ", "- does not fire: ", "- cannot tell: ", "- `"];
        let is_case = line.contains("; all else") || line.contains(" → ");
        is_case && line.contains(fact) && begins.iter().any(|begin| line.starts_with(begin))
    };
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            without_cases(&path, fact);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            let text = fs::read_to_string(&path).unwrap();
            let kept: Vec<&str> = text.lines().filter(|line| !case(line)).collect();
            let text = kept.join("\n") + "\n";
            // Advice that speaks of nothing else goes with its cases.
            match text.trim_end().ends_with("## Cases") {
                true => fs::remove_file(&path).unwrap(),
                false => fs::write(&path, text).unwrap(),
            }
        }
    }
}

fn record(command: &str, database: &str, more: &[&str]) -> Ran {
    cauda(&[&["record", command, "--database", database], more].concat())
}

/// One error with its help, and nothing of a patient or of the address.
fn is_refused(ran: Ran, code: i32, words: &[&str]) {
    let ran = ran.expect(code);
    assert_eq!(ran.err.matches("error: ").count(), 1, "{}", ran.err);
    for word in words.iter().chain(&["help: "]) {
        assert!(ran.err.contains(word), "{word} in {}", ran.err);
    }
    assert!(!ran.err.contains(SECRET) && !ran.err.contains("panicked"), "{}", ran.err);
}

fn verified(database: &str, more: &[&str]) -> serde_json::Value {
    record("verify", database, &[more, &["--json"]].concat()).expect(0).json()
}

/// Changes one byte of a text in a file.
fn flip(file: &str, text: &str) {
    let mut bytes = fs::read(file).unwrap();
    let at = bytes.windows(text.len()).position(|window| window == text.as_bytes());
    bytes[at.unwrap_or_else(|| panic!("{text} is not in {file}"))] ^= 1;
    fs::write(file, bytes).unwrap();
}

#[test]
fn a_record_that_is_whole_is_said_to_be() {
    let scratch = Scratch::new("record-whole");
    let database = filled(&scratch);
    let before = fs::read(&database).unwrap();
    let ran = record("verify", &database, &[]).expect(0);
    assert!(ran.out.contains("whole: everything is as it was written"), "{}", ran.out);
    assert!(ran.out.contains("1 signed head\n"), "{}", ran.out);
    let shown = verified(&database, &[]);
    assert_eq!((&shown["whole"], &shown["faults"]), (&true.into(), &serde_json::json!([])));
    assert!(ran.out.contains(shown["root"].as_str().unwrap()));
    assert_eq!(fs::read(&database).unwrap(), before, "a look changes nothing");

    // The environment says where it is, and help never repeats it.
    let moved = scratch.path("moved.key");
    fs::rename(format!("{database}.key"), &moved).unwrap();
    let variables = [("CAUDA_DATABASE", database.as_str()), ("CAUDA_KEY_FILE", moved.as_str())];
    cauda_with(&["record", "verify"], &variables).expect(0);
    let help = cauda_with(&["record", "verify", "--help"], &variables).expect(0);
    assert!(help.out.contains("CAUDA_DATABASE") && !help.out.contains(&database), "{}", help.out);
}

#[test]
fn a_flipped_byte_is_found_with_its_position() {
    let scratch = Scratch::new("record-flipped");
    let database = filled(&scratch);
    flip(&database, "not of a visit");
    let ran = record("verify", &database, &[]).expect(1);
    let line = "FAULT  position 0: the body is not the one that was written";
    assert!(ran.out.contains(line), "{}", ran.out);
    assert!(ran.out.contains("not whole: 1 fault\n"), "{}", ran.out);
    let shown = record("verify", &database, &["--json"]).expect(1).json();
    assert_eq!((&shown["whole"], &shown["fault_count"]), (&false.into(), &1.into()));
    assert_eq!(shown["faults"][0]["position"], 0);

    // Nothing is made of what is damaged.
    let file = scratch.path("export.jsonl");
    is_refused(record("export", &database, &[&file]), 3, &["position 0", "record verify"]);
    assert!(!fs::exists(&file).unwrap(), "half an export is none");
    is_refused(record("replay", &database, &[]), 3, &["position 0", "record verify"]);
}

#[test]
fn an_export_comes_back_as_the_same_record() {
    let scratch = Scratch::new("record-export");
    let database = filled(&scratch);
    let file = scratch.path("export.jsonl");
    let ran = record("export", &database, &[&file]).expect(0);
    let root = verified(&database, &[])["root"].as_str().unwrap().to_string();
    assert!(ran.out.contains(&root), "{}", ran.out);
    is_refused_to_overwrite(record("export", &database, &[&file]));
    let piped = record("export", &database, &["-"]).expect(0).out;

    // Under the same key, and under a key of its own that vouches for the old one.
    let key = format!("{database}.key");
    let own = verified(&database, &[])["key"].as_str().unwrap().to_string();
    let again = scratch.path("again.db");
    let ran = record("restore", &again, &[&file, "--key", &key]).expect(0);
    assert!(ran.out.contains(&root) && ran.err.is_empty(), "{ran:?}");
    assert_eq!(verified(&again, &["--key", &key])["root"], root.as_str());
    let other = scratch.path("other.db");
    let arguments = ["record", "restore", "--database", &other, "-"];
    let ran = cauda_reading(&arguments, piped.as_bytes()).expect(0);
    assert!(ran.err.contains(&own), "{}", ran.err);
    assert_eq!(verified(&other, &["--signed-by", &own])["root"], root.as_str());
    assert_eq!(verified(&other, &["--head", &file])["root"], root.as_str());

    // The head that ends the export binds the record from then on.
    let head = scratch.write("head.json", piped.lines().last().unwrap().as_bytes());
    verified(&database, &["--head", &head]);
    let shorter = scratch.path("shorter.db");
    Ward::open(&shorter).run(async |ward| ward.note("patient/p-1", "another past").await);
    let ran = record("verify", &shorter, &["--head", &head]).expect(1);
    assert!(ran.out.contains("a signed head says the log was longer than it is"), "{}", ran.out);
}

fn is_refused_to_overwrite(ran: Ran) {
    let ran = ran.expect(3);
    assert!(ran.err.contains("cannot write") && ran.err.contains("exists"), "{}", ran.err);
}

#[test]
fn a_backup_opens() {
    let scratch = Scratch::new("record-backup");
    let database = filled(&scratch);
    let key = format!("{database}.key");
    let root = verified(&database, &[])["root"].clone();
    let file = scratch.path("backup.db");
    record("backup", &database, &[&file]).expect(0);
    assert_eq!(verified(&file, &["--key", &key])["root"], root);
    is_refused_to_overwrite(record("backup", &database, &[&file]));

    let folder = scratch.path("backups");
    fs::create_dir(&folder).unwrap();
    record("backup", &database, &[&folder]).expect(0);
    let made: Vec<_> = fs::read_dir(&folder).unwrap().map(|one| one.unwrap().path()).collect();
    let [made] = made.as_slice() else { panic!("{made:?}") };
    assert_eq!(made.extension().unwrap(), "db");
    assert_eq!(verified(made.to_str().unwrap(), &["--key", &key])["root"], root);
}

#[test]
fn the_same_guideline_decides_the_same() {
    let scratch = Scratch::new("record-replay-same");
    let database = filled(&scratch);
    let ran = record("replay", &database, &[]).expect(0);
    assert!(ran.out.contains("2 visits, 0 of them erased"), "{}", ran.out);
    assert!(ran.out.contains("the same: every decision is as it was stored"), "{}", ran.out);
    let shown = record("replay", &database, &["--json"]).expect(0).json();
    assert!(shown["decisions"].as_u64().unwrap() >= 4, "{shown}");
    assert_eq!((&shown["visits"], &shown["of_another"]), (&2.into(), &0.into()));
    let one = record("replay", &database, &["--visit", "visit-1", "--json"]).expect(0).json();
    assert_eq!(one["visits"], 1);
    is_refused(record("replay", &database, &["--visit", "visit-3"]), 3, &["no visit"]);

    // A whole guideline in a folder is the same one.
    let dir = root().join("guidelines/back_pain");
    record("replay", &database, &["--guideline", dir.to_str().unwrap()]).expect(0);
}

#[test]
fn another_guideline_says_who_gets_more_and_who_gets_less() {
    let scratch = Scratch::new("record-replay-other");
    let database = filled(&scratch);
    let dir = earlier_bladder(&scratch);
    let ran = record("replay", &database, &["--guideline", &dir]).expect(1);
    let differing = ran.out.lines().filter(|line| line.starts_with("visit "));
    assert_eq!(differing.collect::<Vec<_>>(), ["visit visit-1"], "{}", ran.out);
    let line = "stored `cannot decide yet, none`  now `mri_now, emergency`  more urgent";
    assert!(ran.out.contains(line), "{}", ran.out);
    assert!(ran.out.contains("2026-11-24T09:00:00Z"), "{}", ran.out);
    assert!(ran.out.contains("more urgent  1 decision in 1 visit\nless urgent  0"), "{}", ran.out);

    // Decided by that edition, and looked at with the shipped one.
    let later = scratch.path("later.db");
    Ward::with(&later, Path::new(&dir))
        .run(async |ward| ward.triage("visit-1", &[("age", "45 a"), RESIDUAL]).await);
    let shown = record("replay", &later, &["--json"]).expect(1).json();
    assert_eq!(shown["less_urgent"], serde_json::json!({ "decisions": 1, "visits": 1 }));
    assert_eq!(shown["more_urgent"]["decisions"], 0);
    let found = &shown["differences"][0];
    assert_eq!((&found["visit"], &found["is_a_fault"]), (&"visit-1".into(), &false.into()));
    assert_eq!(found["stored"]["acted_on"], "emergency");
}

#[test]
fn a_visit_that_cannot_be_read_is_a_fault_and_hides_no_other() {
    let scratch = Scratch::new("record-replay-unread");
    let database = scratch.path("record.db");
    Ward::open(&database).run(async |ward| {
        ward.note("visit/odd", "{\"saddle_numbness\":\"new\"}").await;
        ward.triage("visit-1", &[("age", "45 a")]).await;
        // A sound form, in a place where the table has no room for it.
        ward.repeat("visit-1").await;
    });
    let ran = record("replay", &database, &[]).expect(1);
    let unread = "FAULT  visit odd, event 1 at position 0: the event is in no form";
    assert!(ran.out.contains(unread) && !ran.out.contains(SECRET), "{}", ran.out);
    assert!(ran.out.contains("the table of visits does not allow"), "{}", ran.out);
    assert!(ran.out.contains("2 visits, 0 of them erased"), "{}", ran.out);
}

#[test]
fn a_decision_the_same_guideline_would_not_make_is_a_fault() {
    let scratch = Scratch::new("record-replay-fault");
    let database = scratch.path("record.db");
    let (was, is) = ("\"acted_on\":\"emergency\"", "\"acted_on\":\"none\"");
    Ward::open(&database).run(async |ward| {
        ward.triage("visit-1", &[("age", "45 a"), (SECRET, "new")]).await;
        ward.retell("visit-1", "visit-2", was, is).await;
    });
    record("verify", &database, &[]).expect(0);
    let ran = record("replay", &database, &[]).expect(1);
    let line = "stored `mri_now, none`  now `mri_now, emergency`  more urgent  (urgency)  \
                FAULT: the same guideline and engine decided this";
    assert!(ran.out.contains("visit visit-2\n") && ran.out.contains(line), "{}", ran.out);
    assert!(!ran.out.contains("visit visit-1\n"), "{}", ran.out);
}

#[test]
fn an_erased_visit_is_counted_and_whole() {
    let scratch = Scratch::new("record-replay-erased");
    let database = filled(&scratch);
    Ward::open(&database).run(async |ward| ward.erase("visit/visit-2").await);
    record("verify", &database, &[]).expect(0);
    let ran = record("replay", &database, &[]).expect(0);
    assert!(ran.out.contains("2 visits, 1 of them erased"), "{}", ran.out);
}

#[test]
fn what_is_not_there_is_told_and_not_made() {
    let scratch = Scratch::new("record-missing");
    let missing = scratch.path("missing.db");
    let out = scratch.path("out");
    for (command, more) in
        [("verify", None), ("export", Some(&out)), ("backup", Some(&out)), ("replay", None)]
    {
        let more: Vec<&str> = more.iter().map(|file| file.as_str()).collect();
        is_refused(record(command, &missing, &more), 3, &["there is no record", "--database"]);
    }
    let empty = scratch.write("empty.db", b"");
    is_refused(record("verify", &empty, &[]), 3, &["the database holds no record"]);
    let text = scratch.write("text.db", &b"no database at all\n".repeat(300));
    is_refused(record("verify", &text, &[]), 3, &["not a database", "--database"]);
    assert_eq!(fs::read_dir(scratch.path("")).unwrap().count(), 2, "nothing was made");

    let database = filled(&scratch);
    let ran = record("restore", &scratch.path("new.db"), &[&missing]).expect(3);
    assert!(ran.err.contains("cannot read"), "{}", ran.err);
    assert!(!fs::exists(scratch.path("new.db")).unwrap());
    let ran = record("verify", &database, &["--head", &missing]).expect(3);
    assert!(ran.err.contains("cannot read"), "{}", ran.err);
}

#[test]
fn a_key_that_is_not_the_records_own_is_told() {
    let scratch = Scratch::new("record-key");
    let database = filled(&scratch);
    let other = scratch.path("other.db");
    Ward::open(&other).run(async |ward| ward.note("patient/p-2", "elsewhere").await);
    let key = format!("{other}.key");

    let ran = record("verify", &database, &["--key", &key]).expect(1);
    assert!(ran.out.contains("signed with a key nobody vouches for"), "{}", ran.out);
    assert!(ran.err.contains("help: give --key"), "{}", ran.err);
    let out = scratch.path("out");
    for command in ["export", "backup"] {
        let ran = record(command, &database, &["--key", &key, &out]);
        is_refused(ran, 3, &["the key is not the one that signed", "give --key"]);
    }
    assert!(!fs::exists(&out).unwrap());

    let missing = scratch.path("missing.key");
    let ran = record("verify", &database, &["--key", &missing]);
    is_refused(ran, 3, &["there is no such file", "give --key"]);
    assert!(!fs::exists(&missing).unwrap(), "no key was made");
    let text = scratch.write("text.key", b"no key");
    is_refused(record("verify", &database, &["--key", &text]), 3, &["signing key"]);
}

#[test]
fn a_record_that_is_not_empty_takes_no_export() {
    let scratch = Scratch::new("record-not-empty");
    let database = filled(&scratch);
    let file = scratch.path("export.jsonl");
    record("export", &database, &[&file]).expect(0);
    let before = verified(&database, &[]);
    is_refused(record("restore", &database, &[&file]), 3, &["already has", "does not exist yet"]);
    assert_eq!(verified(&database, &[]), before);

    // Nor does an empty one take half of it; the same place takes the whole afterwards.
    let text = fs::read_to_string(&file).unwrap();
    let half = scratch.write("half.jsonl", &text.as_bytes()[..text.len() / 2]);
    let new = scratch.path("new.db");
    let key = format!("{database}.key");
    let ran = record("restore", &new, &[&half, "--key", &key]);
    is_refused(ran, 3, &["line ", "nothing was written"]);
    record("restore", &new, &[&file, "--key", &key]).expect(0);
    assert_eq!(verified(&new, &["--key", &key])["root"], before["root"]);
}

#[test]
fn an_address_is_never_repeated() {
    let secret = "postgre://nurse:hunter2@nowhere/record";
    is_refused(record("verify", secret, &[]), 2, &["postgres://"]);
    let refused = "postgres://nurse:hunter2@127.0.0.1:1/record";
    is_refused(record("verify", refused, &[]), 2, &["--key"]);
    let scratch = Scratch::new("record-address");
    let database = filled(&scratch);
    let key = format!("{database}.key");
    for ran in [
        record("verify", secret, &[]),
        record("verify", refused, &[]),
        record("verify", refused, &["--key", &key]),
        record("verify", refused, &["--no-such-flag"]),
        cauda_with(&["record", "verify"], &[("CAUDA_DATABASE", secret)]),
        cauda_with(&["record", "verify", "--help"], &[("CAUDA_DATABASE", secret)]),
    ] {
        assert!(!ran.out.contains("hunter2") && !ran.err.contains("hunter2"), "{ran:?}");
    }
    is_refused(record("verify", refused, &["--key", &key]), 3, &["cannot be reached"]);
    cauda(&["record", "verify"]).expect(2);
    cauda(&["record"]).expect(2);
    cauda(&["record", "verify", "--database", ""]).expect(2);
    cauda(&["record", "verify", "--database", &database, "--signed-by", "me"]).expect(2);
}
