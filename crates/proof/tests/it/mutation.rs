//! The mutation campaign: its mutants are whole folders, each distinct, each
//! kind of fate occurs, and a guideline without its stories is told so.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use cauda_guideline::page::{format, parse};
use cauda_guideline::{Folder, load, load_checked};
use cauda_proof::mutation::{Campaign, Compared, Fate, Mutant, Survivors, compare, differ};

use crate::shipped::{folder, guideline};

fn campaign() -> &'static Campaign {
    static CAMPAIGN: OnceLock<Campaign> = OnceLock::new();
    CAMPAIGN.get_or_init(|| Campaign::new(folder()).unwrap())
}

fn mutant(id: &str) -> &'static Mutant {
    let found = campaign().mutants().iter().find(|mutant| mutant.id == id);
    found.unwrap_or_else(|| panic!("no mutant is called {id:?}"))
}

#[test]
fn every_mutant_is_another_folder() {
    let mut ids = BTreeSet::new();
    let mut texts = BTreeSet::new();
    for mutant in campaign().mutants() {
        assert!(ids.insert(&mutant.id), "{} stands twice", mutant.id);
        assert!(texts.insert((&mutant.file, &mutant.text)), "{} is not new", mutant.id);
        let before = &folder().files[&mutant.file];
        assert_ne!(*before, mutant.text, "{} changes nothing", mutant.id);
    }
    assert!(ids.len() > 3_000, "{} mutants", ids.len());
}

#[test]
fn every_mutant_of_a_page_is_in_canonical_form() {
    for mutant in campaign().mutants().iter().filter(|mutant| mutant.file.ends_with(".md")) {
        let (page, faults) = parse(&mutant.file, &mutant.text);
        assert!(faults.is_empty(), "{}: {faults:?}", mutant.id);
        assert_eq!(format(&page), mutant.text, "{}", mutant.id);
    }
}

#[test]
fn every_mutant_of_a_fact_is_toml() {
    for mutant in campaign().mutants().iter().filter(|mutant| mutant.file.ends_with(".toml")) {
        let table: Result<toml::Table, _> = toml::from_str(&mutant.text);
        assert!(table.is_ok(), "{}: {table:?}", mutant.id);
        let before: toml::Table = toml::from_str(&folder().files[&mutant.file]).unwrap();
        assert_eq!(table.unwrap().len(), before.len(), "{}", mutant.id);
    }
}

#[test]
fn every_operator_acts() {
    let known: BTreeSet<&str> = campaign().mutants().iter().map(|mutant| mutant.operator).collect();
    for operator in [
        "delete-item",
        "swap-need",
        "sign",
        "constant",
        "drop-value",
        "add-value",
        "another-fact",
        "another-concern",
        "another-disposition",
        "tier",
        "image",
        "drop-phrase",
        "drop-result",
        "remove-section",
        "never-cleared",
        "danger",
        "clear",
        "assume",
        "fresh",
        "keep",
        "needed",
        "unit",
        "accepts",
        "step",
        "range",
        "alarm",
        "asked-of",
        "governs",
        "withheld_while",
        "worsening_of",
        "onset",
        "deadline",
        "disposition-urgency",
        "reassuring",
        "modality",
    ] {
        assert!(known.contains(operator), "nothing is changed by {operator}");
    }
}

#[test]
fn the_same_seed_draws_the_same_mutants() {
    let ids = |seed: u64, files: &[String]| -> Vec<&str> {
        let drawn = campaign().sample(seed, 50, files);
        drawn.into_iter().map(|mutant| mutant.id.as_str()).collect()
    };
    assert_eq!(ids(7, &[]), ids(7, &[]));
    assert_ne!(ids(7, &[]), ids(8, &[]));
    assert_eq!(ids(7, &[]).len(), 50);
    let file = "tests/anal_tone.md".to_string();
    let of_file = campaign().mutants().iter().filter(|mutant| mutant.file == file);
    let named = ids(7, std::slice::from_ref(&file));
    assert!(of_file.clone().count() > 0);
    assert!(of_file.into_iter().all(|mutant| named.contains(&mutant.id.as_str())));
    assert_eq!(campaign().sample(1, usize::MAX, &[]).len(), campaign().mutants().len());
}

#[test]
fn each_fate_occurs() {
    let check = mutant("vocabulary/tier: emergency: deadline = '8 hours of the request'");
    assert!(matches!(campaign().judge(check), Fate::Check(_)));
    let case = mutant("red_flags/cauda_equina: When: delete `saddle_numbness` is new");
    assert!(matches!(campaign().judge(case), Fate::Case(_)));
    let proof = mutant("facts/bladder: post_void_residual: no alarm");
    assert_eq!(campaign().judge(proof), Fate::Proof("SP4"));
    let alike = mutant("red_flags/cauda_equina: remove ## Never cleared by");
    assert_eq!(campaign().judge(alike), Fate::Equivalent);
}

/// The folder with nothing but its pages' own cases.
fn without_stories() -> Folder {
    let mut folder = folder().clone();
    folder.files.retain(|path, _| !path.starts_with("cases/"));
    folder
}

#[test]
fn without_stories_nobody_notices_who_and_when() {
    let bare = Campaign::new(&without_stories()).unwrap();
    let find = |id: &str| bare.mutants().iter().find(|mutant| mutant.id == id).unwrap();
    for (id, patient) in [
        ("facts/bladder: saddle_numbness: no fresh", "hours ago"),
        ("facts/bladder: saddle_numbness: keep = 'latest'", "hours ago"),
        ("facts/bladder: saddle_numbness: asked of laboratory, too", "by laboratory"),
        ("red_flags/cauda_equina: Then: meanwhile without nil_by_mouth", "says nil_by_mouth"),
    ] {
        match bare.judge(find(id)) {
            Fate::Survivor(Some(line)) => assert!(line.text.contains(patient), "{line:?}"),
            other => panic!("{id}: {other:?}"),
        }
    }
    let drawn = bare.sample(3, 80, &[]);
    let alive = drawn.iter().filter(|mutant| matches!(bare.judge(mutant), Fate::Survivor(_)));
    assert!(alive.count() >= 8);
}

#[test]
fn the_line_proposed_for_a_survivor_kills_it() {
    let bare = without_stories();
    let campaign = Campaign::new(&bare).unwrap();
    let found = campaign
        .mutants()
        .iter()
        .find(|mutant| mutant.id == "facts/bladder: saddle_numbness: fresh = '480 min'");
    let mutant = found.unwrap();
    let Fate::Survivor(Some(line)) = campaign.judge(mutant) else { panic!("it is killed") };
    let mut mended = bare.clone();
    mended
        .files
        .insert("cases/mended.md".into(), format!("# Mended\n\n## Time\n\n{}\n", line.text));
    assert!(load(&mended).is_ok());
    assert!(matches!(Campaign::new(&mended).unwrap().judge(mutant), Fate::Case(_)));
}

#[test]
fn the_solver_finds_a_patient_exactly_where_two_guidelines_differ() {
    assert_eq!(compare(guideline(), guideline()), Compared::Alike);
    let mut changed = folder().clone();
    let page = changed.files.get_mut("red_flags/cauda_equina.md").unwrap();
    *page = page.replacen("`post_void_residual` ≥ 200 mL", "`post_void_residual` ≥ 201 mL", 1);
    let changed = load_checked(&changed).unwrap();
    let Compared::Differ(text) = compare(guideline(), &changed) else { panic!("alike") };
    assert!(text.contains("`post_void_residual`"), "{text}");
    assert!(differ(guideline(), &changed, &text).is_some(), "{text}");
}

#[test]
fn a_survivor_on_the_list_has_a_reason_and_stands_once() {
    let read = |text: &str| Survivors::read(text);
    let one = "signed = \"nobody\"\n[[survivor]]\nmutation = \"a\"\nwhy = \"because\"\n";
    let list = read(one).unwrap();
    assert_eq!(list.why("a"), Some("because"));
    assert_eq!(list.why("b"), None);
    assert_eq!(list.stale(&[]), ["a"]);
    assert!(list.stale(&["a"]).is_empty());
    assert!(read(&one.replace("because", " ")).is_err());
    assert!(read(&format!("{one}[[survivor]]\nmutation = \"a\"\nwhy = \"again\"\n")).is_err());
    assert!(read("survivor = 3").is_err());
}
