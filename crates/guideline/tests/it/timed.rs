//! Stories that say who and when, and what else an answer may hold.

use cauda_guideline::cases::{NOW, entries_of, findings_of};
use cauda_guideline::facts::Role;
use cauda_guideline::load;
use cauda_guideline::page::{case_line, parse_case};
use cauda_guideline::resolve::{Reason, Said};

use crate::shipped::{fact, folder, guideline};

/// What a fact counts as for a patient told in a line.
fn said(text: &str, id: &str) -> Said {
    let (case, faults) = parse_case("test", text, 0);
    assert!(faults.is_empty(), "{text}: {faults:#?}");
    findings_of(guideline(), "test", &case).unwrap().by_fact[fact(id)].said
}

/// The faults of loading with one more story.
fn faults(line: &str) -> Vec<String> {
    let mut folder = folder().clone();
    folder.files.insert("cases/test.md".into(), format!("# Test\n\n## Test\n\n- {line}\n"));
    match load(&folder) {
        Ok(_) => Vec::new(),
        Err(faults) => {
            faults.iter().map(|fault| format!("{}: {}", fault.code, fault.message)).collect()
        }
    }
}

fn fails(line: &str, with: &str) {
    let found = faults(line);
    assert!(found.iter().any(|fault| fault.contains(with)), "{line}: {found:#?}");
}

#[test]
fn a_timed_line_reads_and_prints_the_same() {
    for text in [
        "`saddle_numbness` absent by patient 5 hours ago; all else clear",
        "`power_hip_flexion_left` 4 by nurse; all else unknown",
        "`power_hip_flexion_left` 4 30 minutes ago; all else unknown",
        "`temperature` ≥ 38.4 Cel by nurse 2 days ago, `temperature` declined by nurse; all else clear",
        "`age` 40 a by ehr 3 weeks ago; all else clear",
    ] {
        let (case, faults) = parse_case("test", text, 0);
        assert!(faults.is_empty(), "{text}: {faults:#?}");
        assert!(case.is_timed(), "{text}");
        assert_eq!(case_line(&case), text);
    }
}

#[test]
fn a_slip_in_who_or_when_is_told() {
    for (text, expected) in [
        ("`saddle_numbness` absent by doctor; all else clear", "ehr, patient, nurse"),
        ("`saddle_numbness` absent 5 years ago; all else clear", "minutes, hours, days or weeks"),
        ("`saddle_numbness` absent 5 hours; all else clear", "`ago`"),
        ("`saddle_numbness` absent 5 hours ago by nurse; all else clear", "`, ` and another"),
    ] {
        let (_, faults) = parse_case("test", text, 0);
        let told = faults.iter().any(|fault| fault.message.contains(expected));
        assert!(told, "{text}: {faults:#?}");
    }
}

#[test]
fn who_and_when_reach_resolve() {
    let told = |text: &str| said(&format!("{text}; all else clear"), "saddle_numbness");
    assert_eq!(told("`saddle_numbness` absent by patient 4 hours ago"), Said::Value(0));
    let stale = told("`saddle_numbness` absent by patient 241 minutes ago");
    assert_eq!(stale, Said::Unknown(Reason::Stale));
    let unsettled = told("`saddle_numbness` absent by laboratory");
    assert_eq!(unsettled, Said::Unknown(Reason::NotSettledByRole));
    let stays =
        told("`saddle_numbness` new by nurse 2 hours ago, `saddle_numbness` absent by nurse");
    assert_eq!(stays, Said::Value(2));
}

#[test]
fn without_who_or_when_the_highest_role_says_it_now() {
    let (case, _) = parse_case("test", "`saddle_numbness` absent 1 hours ago; all else clear", 0);
    let entries = entries_of(guideline(), "test", &case).unwrap();
    let numbness = entries.by_fact[&fact("saddle_numbness")][0];
    assert_eq!((numbness.by, numbness.at), (Role::Physician, Some(NOW - 3_600)));
    let pressure = entries.by_fact[&fact("systolic_pressure")][0];
    assert_eq!((pressure.by, pressure.at), (Role::Physician, Some(NOW)));
    assert_eq!(entries.by_fact.len(), guideline().entered_facts().count());
}

#[test]
fn two_words_of_one_person_at_one_time_are_a_slip() {
    let twice = "`saddle_numbness` new by nurse, `saddle_numbness` absent by nurse";
    fails(&format!("{twice}; all else clear → home, none"), "stands twice");
    let plain = "`saddle_numbness` new, `saddle_numbness` absent";
    fails(&format!("{plain}; all else clear → home, none"), "stands twice");
}

#[test]
fn an_answer_may_hold_more_than_where_and_when() {
    let home = "`age` 40 a; all else clear → home, none";
    let scan = "`saddle_numbness` new; all else clear → mri_now, emergency";
    for line in [
        home.to_string(),
        format!("{home}; suspects nothing; scans nothing; says warning_card"),
        format!("{scan}; suspects cauda_equina; scans mri_lumbar_with_sagittal_screen"),
        format!("{scan}; says nil_by_mouth, transfer_now; finds `saddle_numbness` new"),
        "`saddle_numbness` declined; all else clear → cannot_decide_yet, none; finds \
         `saddle_numbness` unknown"
            .to_string(),
        "`fever_history` not asked; all else clear → cannot_decide_yet, none; asks for \
         `fever_history`"
            .to_string(),
        "`temperature` 60.0 Cel; all else clear → refused".to_string(),
    ] {
        assert_eq!(faults(&line), Vec::<String>::new(), "{line}");
    }
}

#[test]
fn an_answer_that_holds_something_else_is_a_fault() {
    let home = "`age` 40 a; all else clear → home, none";
    for (clause, told) in [
        ("suspects cauda_equina", "the answer suspects nothing"),
        ("scans mri_whole_spine", "the answer scans nothing"),
        ("holds mri_whole_spine", "the answer holds nothing"),
        ("says transfer_now", "the answer says"),
        ("asks for `age`", "the answer asks for nothing"),
        ("withholds `gait_unsteady`", "the answer withholds nothing"),
        ("finds `age` 41 a", "counts as"),
        ("finds `age` unknown", "counts as"),
        ("finds `aeg` unknown", "no fact is called"),
        ("finds `age` often", "is a number"),
        ("hopes for the best", "does not say what is expected"),
        ("asks `age`", "does not say what is expected"),
        ("finds `age` 40 a by nurse", "does not say what is expected"),
    ] {
        fails(&format!("{home}; {clause}"), told);
    }
    fails("`age` 40 a; all else clear → refused", "was to be refused");
}
