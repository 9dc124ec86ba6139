//! Every sentence a patient may read is short and plain: at most 15 words and
//! grade 6 (Flesch and Kincaid 1975: 0.39 words a sentence + 11.8 syllables a
//! word - 15.59).

use crate::shipped;

/// Most words of a sentence.
const WORDS_MAX: usize = 15;
/// Highest school grade.
const GRADE_MAX: f64 = 6.0;
/// Names of medicines, which nobody can shorten; each counts as two syllables.
const NAMES: [&str; 8] = [
    "acetaminophen",
    "cyclobenzaprine",
    "ibuprofen",
    "lithium",
    "methocarbamol",
    "methotrexate",
    "naproxen",
    "paracetamol",
];

/// Every patient text with where it stands.
fn texts() -> Vec<(String, String)> {
    let guideline = shipped::guideline();
    let mut found = Vec::new();
    let built_ins = guideline.program.built_ins;
    let own = [built_ins.urgency, built_ins.first_step, built_ins.concerns, built_ins.gate];
    let facts = guideline.facts.iter().enumerate().filter(|(fact, _)| !own.contains(fact));
    for (_, fact) in facts {
        found.push((fact.id.clone(), fact.patient.clone()));
    }
    for (list, entries) in guideline.vocabulary.lists() {
        for (id, _, phrase) in entries {
            found.push((format!("{list}/{id}"), phrase.patient.clone()));
        }
    }
    for attestation in &guideline.attestations {
        found.push((attestation.id.clone(), attestation.patient.clone()));
    }
    found
}

fn sentences(text: &str) -> Vec<Vec<String>> {
    let parts = text.split_inclusive(['.', '!', '?']).map(|sentence| {
        let words = sentence.split(|sign: char| !sign.is_alphanumeric() && sign != '\'');
        words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect::<Vec<_>>()
    });
    parts.filter(|words| !words.is_empty()).collect()
}

/// Groups of vowels, without a silent ending; never fewer than one.
fn syllables(word: &str) -> usize {
    if NAMES.contains(&word) {
        return 2;
    }
    let letters: Vec<char> = word.chars().filter(|sign| sign.is_alphabetic()).collect();
    let is_vowel = |sign: char| "aeiouy".contains(sign);
    let mut end = letters.len();
    let spelled: String = letters.iter().collect();
    let silent = |ending: &str, before: &str| {
        let rest = spelled.strip_suffix(ending).filter(|_| letters.len() > 3);
        rest.and_then(|rest| rest.chars().last()).is_some_and(|last| !before.contains(last))
    };
    if silent("es", "laeiouysxzchg") || silent("ed", "aeioutd") {
        end -= 2;
    } else if silent("e", "laeiouy") {
        end -= 1;
    }
    if letters.len() <= 3 {
        return 1;
    }
    let mut count = 0;
    // A `y` that begins a word is no vowel.
    let mut at = usize::from(letters[0] == 'y');
    while at < end {
        if is_vowel(letters[at]) {
            count += 1;
            // Two vowels together are one sound.
            at += if at + 1 < end && is_vowel(letters[at + 1]) { 2 } else { 1 };
        } else {
            at += 1;
        }
    }
    count.max(1)
}

fn grade(words: &[String]) -> f64 {
    let count = words.len() as f64;
    let sounds: usize = words.iter().map(|word| syllables(word)).sum();
    0.39 * count + 11.8 * sounds as f64 / count - 15.59
}

#[test]
fn syllables_are_counted_as_people_say_them() {
    for (word, count) in [
        ("pain", 1),
        ("numb", 1),
        ("bladder", 2),
        ("hospital", 3),
        ("emergency", 4),
        ("come", 1),
        ("needed", 2),
        ("walked", 1),
        ("ibuprofen", 2),
        ("i", 1),
    ] {
        assert_eq!(syllables(word), count, "{word}");
    }
}

#[test]
fn every_patient_sentence_is_short_and_plain() {
    let texts = texts();
    assert!(texts.len() > 400, "{}", texts.len());
    let mut hard = Vec::new();
    for (place, text) in &texts {
        if text.trim().is_empty() {
            hard.push(format!("{place}: has no words for the patient"));
        }
        for words in sentences(text) {
            let grade = grade(&words);
            if words.len() > WORDS_MAX || grade > GRADE_MAX {
                let told = words.join(" ");
                hard.push(format!("{place}: {} words, grade {grade:.1}: {told}", words.len()));
            }
        }
    }
    assert!(hard.is_empty(), "{}", hard.join("\n"));
}
