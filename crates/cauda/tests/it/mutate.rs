//! `cauda mutate`: survivors with the line that is missing, the list of known
//! ones, and the exit code.

use std::fs;

use crate::run::{Scratch, cauda};

#[test]
fn a_drawn_sample_of_the_shipped_guideline_is_killed_and_the_same_each_time() {
    let arguments = ["mutate", "guidelines/back_pain", "--sample", "12", "--seed", "5"];
    let ran = cauda(&arguments).expect(0);
    let last = ran.out.lines().last().unwrap();
    assert!(last.starts_with("good: "), "{}", ran.out);
    assert!(last.contains(" killed ("), "{}", ran.out);
    let json = [&arguments[..], &["--json"]].concat();
    let (first, second) = (cauda(&json).expect(0), cauda(&json).expect(0));
    assert_eq!(first.out, second.out);
    let shown = first.json();
    assert_eq!(shown.as_array().unwrap().len(), 12);
    let fates = ["check", "case", "proof", "equivalent", "survivor"];
    for one in shown.as_array().unwrap() {
        assert!(fates.contains(&one["fate"].as_str().unwrap()), "{one}");
    }
}

#[test]
fn the_files_named_are_judged_whole() {
    let by_id = ["mutate", "guidelines/back_pain", "--sample", "0", "--pages", "facts/discharge"];
    let path = "guidelines/back_pain/facts/discharge.toml,guidelines/back_pain/README.md";
    let by_path = ["mutate", "guidelines/back_pain", "--sample", "0", "--pages", path];
    let found = by_id_and_path(&by_id, &by_path);
    assert!(found.iter().all(|id| id.starts_with("facts/discharge: ")), "{found:?}");
    assert!(found.len() > 20, "{found:?}");
}

fn by_id_and_path(by_id: &[&str], by_path: &[&str]) -> Vec<String> {
    let ids = |arguments: &[&str]| -> Vec<String> {
        let json = cauda(&[arguments, &["--json"]].concat()).expect(0).json();
        let shown = json.as_array().unwrap().iter();
        shown.map(|one| one["id"].as_str().unwrap().to_string()).collect()
    };
    assert_eq!(ids(by_id), ids(by_path));
    ids(by_id)
}

#[test]
fn a_survivor_is_told_with_its_line_until_it_is_listed() {
    let scratch = Scratch::new("a_survivor_is_told_with_its_line_until_it_is_listed");
    let dir = scratch.guideline();
    fs::remove_dir_all(scratch.path("guideline/cases")).unwrap();
    let arguments = ["mutate", &dir, "--sample", "0", "--pages", "facts/discharge"];
    let ran = cauda(&arguments).expect(1);
    assert!(ran.out.contains("survives facts/discharge: home_safe: no fresh"), "{}", ran.out);
    assert!(ran.out.lines().last().unwrap().starts_with("refused: "), "{}", ran.out);
    let lines = cauda(&[&arguments[..], &["--lines"]].concat()).expect(1);
    let missing: Vec<&str> = lines.out.lines().filter(|line| line.starts_with("- ")).collect();
    assert!(missing.iter().any(|line| line.contains("hours ago")), "{}", lines.out);
    assert!(missing.iter().all(|line| line.contains(" → ")), "{}", lines.out);
    let json = cauda(&[&arguments[..], &["--json"]].concat()).expect(1).json();
    let alive = json.as_array().unwrap().iter().filter(|one| one["fate"] == "survivor");
    let listed =
        alive.map(|one| format!("\n[[survivor]]\nmutation = {}\nwhy = \"a test\"\n", one["id"]));
    let list = format!("signed = \"a test\"\n{}", listed.collect::<String>());
    scratch.write("guideline.survivors.toml", list.as_bytes());
    let known = cauda(&arguments).expect(0);
    assert!(known.out.contains("known: a test"), "{}", known.out);
}

#[test]
fn a_folder_with_faults_or_a_bad_list_is_refused() {
    let scratch = Scratch::new("a_folder_with_faults_or_a_bad_list_is_refused");
    let dir = scratch.guideline();
    scratch.write("guideline.survivors.toml", b"survivor = 3\n");
    let bad = cauda(&["mutate", &dir, "--sample", "1"]).expect(3);
    assert!(bad.err.contains("guideline.survivors.toml"), "{}", bad.err);
    scratch.edit("facts/discharge.toml", "[home_safe]", "[home_unsafe]");
    let ran = cauda(&["mutate", &dir, "--sample", "1"]).expect(3);
    assert!(ran.err.contains("unknown-fact") || ran.err.contains("unknown fact"), "{}", ran.err);
}
