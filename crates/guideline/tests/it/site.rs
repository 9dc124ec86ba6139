//! What a site may turn on: the booked MRI for known cancer, off and on.

use cauda_guideline::decide::decide_with_truths;
use cauda_guideline::diagnostic::Diagnostic;
use cauda_guideline::resolve::Patient;
use cauda_guideline::site::{SITE_FILE, apply, option_folder};
use cauda_guideline::{Guideline, load, load_checked};

use crate::shipped::{Dice, folder, guideline, load_with};

const OPTION: &str = "booked_mri_for_cancer";

fn turned_on() -> Guideline {
    let folder = option_folder(guideline(), OPTION).unwrap();
    match load(&folder) {
        // Every case and whole patient of the edition holds with it, too: who is
        // not signed for is answered as before.
        Ok((with, _)) => with,
        Err(faults) => panic!("{faults:#?}"),
    }
}

fn goes(guideline: &Guideline, patient: &Patient) -> String {
    let (verdict, _) = decide_with_truths(&guideline.program, patient);
    let row = verdict.row.map(|row| guideline.program.rows[row].go.as_str());
    format!("{}, {}", row.unwrap_or("cannot_decide_yet"), verdict.acted.id())
}

#[test]
fn off_nothing_of_it_is_in_the_program() {
    let mut without = folder().clone();
    without.files.retain(|path, _| !path.starts_with("options/"));
    let policies = without.files.get_mut("local_policy.toml").unwrap();
    let start = policies.find(&format!("[{OPTION}]")).unwrap();
    policies.truncate(start);
    let without = load_checked(&without).unwrap();
    assert_eq!(without.program, guideline().program);
    assert_eq!(without.facts, guideline().facts);
    assert!(guideline().program.rows.iter().all(|row| row.go != "home_with_booked_test"));
}

#[test]
fn on_it_adds_its_pages_and_facts() {
    let with = turned_on();
    assert!(with.program.rows.iter().any(|row| row.go == "home_with_booked_test"));
    for fact in ["booked_mri_signed", "thoracic_pain"] {
        assert!(with.fact(fact).is_some() && guideline().fact(fact).is_none(), "{fact}");
    }
    assert!(with.folder.files.contains_key(SITE_FILE));
    assert_ne!(with.sha256, guideline().sha256);
}

/// The only answer it changes is the urgent MRI of known cancer, and only once a
/// physician has signed.
#[test]
fn on_it_changes_one_answer_and_no_other() {
    let (off, with) = (guideline(), turned_on());
    let id = |name: &str| with.fact(name).unwrap();
    let (cancer, signed) = (id("known_cancer"), id("booked_mri_signed"));
    let clear = |fact: usize| with.program.cells[fact].clear;
    let mut dice = Dice(20_261_126);
    let mut left = 0;
    for _ in 0..20_000 {
        let mut patient = Patient::clear(&with);
        for (fact, _) in with.entered_facts() {
            let cells = &with.program.cells[fact];
            if dice.chance(1) {
                patient.cells[fact] = if dice.chance(50) && with.facts[fact].assumed().is_none() {
                    cells.all()
                } else {
                    1 << dice.below(cells.count)
                };
            }
        }
        // Two cells each: the one that is not clear is `present`.
        patient.cells[cancer] = with.program.cells[cancer].all() & !(1 << clear(cancer));
        let agreed = dice.chance(90);
        let present = with.program.cells[signed].all() & !(1 << clear(signed));
        patient.cells[signed] = if agreed { present } else { 1 << clear(signed) };
        let mut same = Patient::clear(off);
        for (fact, known) in off.entered_facts() {
            let of = with.fact(&known.id).unwrap();
            same.cells[fact] = patient.cells[of];
        }
        let (before, now) = (goes(off, &same), goes(&with, &patient));
        if before == now {
            continue;
        }
        assert!(agreed, "{before}, then {now} without a signature");
        assert_eq!(before, "mri_within_24_hours, urgent", "then {now}");
        let allowed = [
            "home_with_booked_test, booked",
            "observe_and_reexamine, booked",
            "outside_guideline, booked",
            "cannot_decide_yet, booked",
            // Another urgent concern keeps the patient, and its team leads.
            "specialist_now, urgent",
            "specialist_today, urgent",
            "ct_or_xray_first, urgent",
        ];
        assert!(allowed.contains(&now.as_str()), "{before}, then {now}");
        left += usize::from(now == allowed[0]);
    }
    assert!(left > 500, "{left}");
}

fn refused(site: &str) -> Vec<Diagnostic> {
    apply(guideline(), site).unwrap_err()
}

#[test]
fn what_is_no_option_is_refused_by_name() {
    for (site, says) in [
        ("options = [\"booked_mri_for_cancers\"]", "did you mean `booked_mri_for_cancer`?"),
        ("options = [\"fracture_age\"]", ""),
        ("[constants]\nbooked_mri_for_cancer = \"1\"", ""),
    ] {
        let faults = refused(&format!("guideline = \"back_pain\"\n{site}\n"));
        assert_eq!((faults.len(), faults[0].code), (1, "bad-site"), "{site}");
        assert!(faults[0].help.as_deref().unwrap_or("").contains(says), "{faults:?}");
    }
    let wrong = refused("guideline = \"headache\"\noptions = [\"booked_mri_for_cancer\"]\n");
    assert!(wrong[0].message.contains("not for `back_pain`"), "{wrong:?}");
}

#[test]
fn an_option_takes_no_facts_and_no_patients_away() {
    for (file, text) in [
        ("facts/cancer.toml", "# empty\n"),
        ("cases/time.md", "# Nobody\n"),
        ("facts/booked_mri.toml", "[known_cancer]\nkind = \"finding\"\n"),
    ] {
        let faults = load_with(&format!("options/{OPTION}/{file}"), text).unwrap_err();
        assert!(!faults.is_empty(), "{file}");
    }
}

#[test]
fn a_whole_patient_of_an_option_that_fails_is_a_fault_of_its_file() {
    let path = format!("options/{OPTION}/cases/booked_mri.md");
    let text = folder().files[&path].replace("home_with_booked_test, booked", "home, none");
    let faults = load_with(&path, &text).unwrap_err();
    assert!(faults.iter().all(|fault| fault.code == "case-fails" && fault.file == path));
}
