//! The self-check against the shipped guideline.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use cauda_guideline::facts::{By, Role, Stage};
use cauda_guideline::vocabulary::Tier;
use cauda_guideline::{Folder, Guideline, load_checked};
use cauda_patient::code::{self, Unreadable};
use cauda_patient::vignette::{FIRST, SECOND, figures, read};
use cauda_patient::{Answers, Level, Mri, Topic, UNSURE, is_asked, options, outcome};
use proptest::prelude::*;

/// 2026-11-26T09:00:00Z.
const NOW: i64 = 1_795_683_600;

static GUIDELINE: LazyLock<Guideline> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guidelines/back_pain");
    let mut folder = Folder::default();
    add(&mut folder, &root, &root);
    load_checked(&folder).map_err(|faults| faults.len()).unwrap()
});

fn add(folder: &mut Folder, root: &Path, dir: &Path) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_string();
        if path.is_dir() {
            add(folder, root, &path);
        } else if Folder::takes(&name) {
            folder.files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn said(answers: &[(&str, &str)]) -> Answers {
    let mut all = Answers::default();
    for (fact, value) in answers {
        all.say(&GUIDELINE, fact, value).unwrap();
    }
    Topic::ALL.into_iter().for_each(|topic| all.finish(topic));
    all
}

#[test]
fn every_question_of_triage_that_may_matter_stands_on_one_page() {
    let mut pages: BTreeMap<&str, usize> = BTreeMap::new();
    for topic in Topic::ALL {
        for fact in topic.facts(&GUIDELINE) {
            *pages.entry(GUIDELINE.facts[fact].id.as_str()).or_default() += 1;
        }
    }
    assert!(pages.values().all(|pages| *pages == 1), "{pages:?}");
    for (index, fact) in GUIDELINE.entered_facts() {
        let asks = fact.by == By::Ask && fact.asked_at.contains(&Stage::Triage);
        let matters = GUIDELINE.program.decisive[index] && fact.group != "scanner";
        if asks && matters && fact.asked_of.contains(&Role::Patient) {
            assert!(pages.contains_key(fact.id.as_str()), "{} is never asked", fact.id);
        }
    }
    for fact in ["age", "injection_drug_use", "saddle_numbness", "possible_pregnancy"] {
        assert!(pages.contains_key(fact), "{fact}");
    }
}

#[test]
fn a_plain_strain_is_looked_after_and_told_why_no_scan() {
    let outcome = outcome(&GUIDELINE, &said(&[("age", "34 a"), ("pain_score", "5")]), NOW).unwrap();
    assert_eq!((outcome.level, outcome.mri), (Level::SelfCare, Mri::Unlikely));
    assert!(!outcome.instead_of_scan.is_empty() && !outcome.return_list.is_empty());
    assert!(outcome.return_list.len() <= 8 && !outcome.for_adults_only);
}

#[test]
fn a_danger_sign_ends_it_early_and_leads_to_an_mri() {
    let mut answers = Answers::default();
    answers.say(&GUIDELINE, "age", "41 a").unwrap();
    answers.say(&GUIDELINE, "saddle_numbness", "new").unwrap();
    assert_eq!(outcome(&GUIDELINE, &answers, NOW), None, "no page was finished");
    for topic in [Topic::You, Topic::Sudden, Topic::Injury, Topic::Bladder, Topic::Legs] {
        answers.finish(topic);
    }
    let outcome = outcome(&GUIDELINE, &answers, NOW).unwrap();
    assert_eq!((outcome.level, outcome.mri), (Level::Emergency, Mri::Likely));
    assert!(outcome.stopped_early && !outcome.department.is_empty());
    assert!(outcome.because.iter().any(|(question, _)| question.contains("numb")));
}

#[test]
fn not_sure_about_a_danger_sign_is_never_a_no() {
    for (index, fact) in GUIDELINE.entered_facts() {
        if !is_asked(&GUIDELINE, index) || fact.id == "age" || fact.quantity().is_some() {
            continue;
        }
        let yes = options(fact).into_iter().next().unwrap().0;
        let certain = outcome(&GUIDELINE, &said(&[("age", "50 a"), (&fact.id, &yes)]), NOW);
        let unsure = outcome(&GUIDELINE, &said(&[("age", "50 a"), (&fact.id, UNSURE)]), NOW);
        let (certain, unsure) = (certain.unwrap(), unsure.unwrap());
        assert!(
            unsure.level >= certain.level.min(Level::Emergency),
            "{}: {:?} if certain, {:?} if not",
            fact.id,
            certain.level,
            unsure.level
        );
    }
}

#[test]
fn an_old_sign_is_looked_at_by_somebody_and_nobody_says_there_was_none() {
    for (index, fact) in GUIDELINE.entered_facts() {
        let is_old = fact.value_index("longstanding").is_some() && is_asked(&GUIDELINE, index);
        if !is_old {
            continue;
        }
        let told = said(&[("age", "40 a"), (&fact.id, "longstanding")]);
        let outcome = outcome(&GUIDELINE, &told, NOW).unwrap();
        assert!(outcome.level >= Level::Soon && !outcome.no_sign, "{}", fact.id);
        let none = outcome.instead_of_scan.iter().any(|spoken| spoken.id == "no_danger_sign");
        assert!(!none, "{}", fact.id);
    }
}

#[test]
fn an_answer_is_kept_in_one_form_however_it_was_written() {
    let mut answers = Answers::default();
    for word in ["declined", "unable", "not known"] {
        answers.say(&GUIDELINE, "collapse", word).unwrap();
        assert_eq!(answers.of("collapse"), Some(UNSURE));
    }
    answers.say(&GUIDELINE, "saddle_numbness", "present").unwrap_or_default();
    assert!(answers.of("saddle_numbness").is_none_or(|said| said == "new"));
    for age in ["40.5", "40a", ">=60", "-3", "9999999"] {
        assert!(answers.say(&GUIDELINE, "age", age).is_err(), "{age}");
    }
    assert!(answers.say(&GUIDELINE, "pain_duration", "8").is_err(), "hours are not guessed");
    answers.say(&GUIDELINE, "pain_duration", "8 wk").unwrap();
}

#[test]
fn a_child_and_somebody_without_an_age_are_not_reassured() {
    for answers in [said(&[("age", "15 a")]), said(&[])] {
        let outcome = outcome(&GUIDELINE, &answers, NOW).unwrap();
        assert!(outcome.for_adults_only && outcome.level >= Level::Soon);
    }
    let child = said(&[("age", "12 a"), ("collapse", "present"), ("urinary_retention", "new")]);
    assert!(outcome(&GUIDELINE, &child, NOW).unwrap().level >= Level::Emergency);
}

#[test]
fn vignettes_of_a_clinician_are_never_placed_too_low() {
    let told = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/self-check.md"),
    )
    .unwrap();
    for (name, text, least) in [("first", FIRST, 60), ("second", SECOND, 40)] {
        let vignettes = read(text).unwrap();
        assert!(vignettes.len() >= least);
        let figures = figures(&GUIDELINE, &vignettes, NOW).unwrap();
        assert!(figures.too_low.is_empty(), "unsafe: {:?}", figures.too_low);
        let (all, right) = (figures.all(), figures.right);
        let (high, low) = (figures.too_cautious.len(), figures.too_low.len());
        let line = format!("| {name} set, today | {all} | {right} | {high} | {low} |");
        assert!(told.contains(&line), "docs/self-check.md should say {line}");
    }
}

/// Any answers: facts by their place, and which of their options.
fn any_answers() -> impl Strategy<Value = Answers> {
    let pairs = proptest::collection::vec((0_usize..512, 0_usize..8), 0..30);
    (pairs, 0_u8..=255, proptest::option::of(0_u16..110)).prop_map(|(pairs, done, age)| {
        let asked: Vec<_> =
            Topic::ALL.into_iter().flat_map(|topic| topic.facts(&GUIDELINE)).collect();
        let mut answers = Answers::default();
        for (at, option) in pairs {
            let fact = &GUIDELINE.facts[asked[at % asked.len()]];
            let mut values: Vec<String> =
                options(fact).into_iter().map(|(value, _)| value).collect();
            values.push(UNSURE.to_string());
            if fact.quantity().is_none() {
                answers.say(&GUIDELINE, &fact.id, &values[option % values.len()]).unwrap();
            }
        }
        if let Some(age) = age {
            answers.say(&GUIDELINE, "age", &age.to_string()).unwrap();
        }
        for (at, topic) in Topic::ALL.into_iter().enumerate() {
            if done >> at & 1 == 1 {
                answers.finish(topic);
            }
        }
        answers
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_code_gives_the_answers_back(answers in any_answers(), hours in 0_i64..=24) {
        let text = code::write(&GUIDELINE, &answers, NOW);
        let typed = text.to_lowercase().replace('-', " ");
        let read = code::read(&GUIDELINE, &typed, NOW + hours * 3_600).unwrap();
        let plain = |answers: &Answers| -> Vec<(String, String)> {
            let said = answers.said().map(|(id, value)| (id.to_string(), value.to_string()));
            said.filter(|(id, value)| {
                let fact = &GUIDELINE.facts[GUIDELINE.fact(id).unwrap()];
                // What is clear anyway is not written.
                fact.id == "age" || options(fact).iter().any(|(known, _)| known == value) || value == UNSURE
            }).collect()
        };
        let clear_choice = |(id, value): &(String, String)| {
            let fact = &GUIDELINE.facts[GUIDELINE.fact(id).unwrap()];
            matches!(&fact.kind, cauda_guideline::facts::Kind::Named { values, clear, .. } if values[*clear] == *value)
        };
        let mut expected = plain(&answers);
        expected.retain(|pair| !clear_choice(pair));
        prop_assert_eq!(plain(&read), expected);
        for topic in Topic::ALL {
            prop_assert_eq!(read.is_done(topic), answers.is_done(topic));
        }
    }

    #[test]
    fn a_wrong_sign_is_noticed(answers in any_answers(), at in 0_usize..200, sign in 0_usize..32) {
        let text = code::write(&GUIDELINE, &answers, NOW);
        let mut signs: Vec<char> = text.chars().collect();
        let places: Vec<usize> = (0..signs.len()).filter(|at| signs[*at] != '-').collect();
        let place = places[at % places.len()];
        let other = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars().nth(sign).unwrap();
        prop_assume!(signs[place] != other);
        signs[place] = other;
        let wrong: String = signs.into_iter().collect();
        prop_assert!(code::read(&GUIDELINE, &wrong, NOW).is_err());
    }

    #[test]
    fn any_text_is_read_without_a_fault(text in ".{0,80}") {
        let _ = code::read(&GUIDELINE, &text, NOW);
    }

    /// More danger told never lowers the level, and an emergency by the engine is one here.
    #[test]
    fn more_danger_never_lowers_the_level(answers in any_answers(), at in 0_usize..512) {
        let mut full = answers.clone();
        Topic::ALL.into_iter().for_each(|topic| full.finish(topic));
        let before = outcome(&GUIDELINE, &full, NOW).unwrap().level;
        let asked: Vec<_> = Topic::ALL.into_iter().flat_map(|topic| topic.facts(&GUIDELINE)).collect();
        let fact = &GUIDELINE.facts[asked[at % asked.len()]];
        let worst = GUIDELINE.program.cells[asked[at % asked.len()]].dangerous;
        if let cauda_guideline::facts::Kind::Named { values, .. } = &fact.kind {
            let Some(danger) = (0..values.len()).rev().find(|cell| worst >> cell & 1 == 1) else { return Ok(()) };
            full.say(&GUIDELINE, &fact.id, &values[danger]).unwrap();
            let outcome = outcome(&GUIDELINE, &full, NOW).unwrap();
            let acted = full.findings(&GUIDELINE, NOW);
            let acted = cauda_guideline::decide::decide(&GUIDELINE.program, &acted.patient()).acted;
            prop_assert!(acted < Tier::Urgent || outcome.level >= Level::Emergency);
            prop_assert!(acted < Tier::Immediate || outcome.level == Level::Call);
            prop_assert!(outcome.level >= before.min(Level::Emergency), "{}: {before:?} to {:?}", fact.id, outcome.level);
        }
    }
}

#[test]
fn a_code_of_yesterday_or_of_another_edition_is_refused() {
    let text = code::write(&GUIDELINE, &said(&[("age", "40 a")]), NOW);
    assert_eq!(code::read(&GUIDELINE, &text, NOW + 26 * 3_600), Err(Unreadable::Old));
    let mut other = GUIDELINE.clone();
    other.sha256 = "0000".repeat(16);
    assert_eq!(code::read(&other, &text, NOW), Err(Unreadable::OtherEdition));
    assert_eq!(code::read(&GUIDELINE, &text[..text.len() - 2], NOW), Err(Unreadable::Mistyped));
}
