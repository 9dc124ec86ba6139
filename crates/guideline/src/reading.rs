//! How hard a sentence for patients is to read: at most 15 words and grade 6 (Flesch and Kincaid
//! 1975: 0.39 words a sentence + 11.8 syllables a word - 15.59). A measure of wording alone; nothing
//! of a patient goes through it.

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

/// A sentence that is too long or too hard.
#[derive(Clone, Debug, PartialEq)]
pub struct Hard {
    /// The sentence, in small letters.
    pub sentence: String,
    /// Its words.
    pub words: usize,
    /// Its school grade.
    pub grade: f64,
}

impl std::fmt::Display for Hard {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} words, grade {:.1}: {}", self.words, self.grade, self.sentence)
    }
}

/// The sentences of a text that are too hard.
pub fn hard(text: &str) -> Vec<Hard> {
    let judged = sentences(text).into_iter().map(|words| Hard {
        words: words.len(),
        grade: grade(&words),
        sentence: words.join(" "),
    });
    judged.filter(|judged| judged.words > WORDS_MAX || judged.grade > GRADE_MAX).collect()
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

#[cfg(test)]
mod tests {
    use super::{hard, syllables};

    #[test]
    fn a_long_or_learned_sentence_is_hard() {
        assert_eq!(hard("Your back hurts. Come back if you cannot pee."), []);
        assert_eq!(hard("Neurological deterioration necessitates hospitalisation.").len(), 1);
        assert_eq!(hard(&"word ".repeat(16)).len(), 1);
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
}
