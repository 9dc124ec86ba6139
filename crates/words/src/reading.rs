//! How hard Spanish for patients is to read: sentences of at most 15 words, and ease by Szigriszt
//! Pazos (1993), 206.835 - 62.3 syllables a word - words a sentence, on the INFLESZ scale (Barrio
//! Cantalejo 2008): 65 and more is "rather easy", the level of primary school. A measure of wording
//! alone; nothing of a patient goes through it.

/// Most words of a sentence.
pub const WORDS_MAX: usize = 15;
/// Lowest ease of a page.
pub const EASE_MIN: f64 = 65.0;

/// Sentences of a text, as words in small letters.
pub fn sentences(text: &str) -> Vec<Vec<String>> {
    let ends = ['.', '!', '?', '¿', '¡', ':', '\n'];
    let parts = text.split(ends).map(|sentence| {
        let words = sentence.split(|sign: char| !sign.is_alphanumeric());
        words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect::<Vec<_>>()
    });
    parts.filter(|words| !words.is_empty()).collect()
}

/// Sentences that are too long, each as one text.
pub fn long(text: &str) -> Vec<String> {
    let all = sentences(text).into_iter().filter(|words| words.len() > WORDS_MAX);
    all.map(|words| format!("{} words: {}", words.len(), words.join(" "))).collect()
}

/// How easy a text is, by the formula; nothing for a text without words.
pub fn ease(text: &str) -> Option<f64> {
    let all = sentences(text);
    let words: usize = all.iter().map(Vec::len).sum();
    if words == 0 {
        return None;
    }
    let sounds: usize = all.iter().flatten().map(|word| syllables(word)).sum();
    let (count, words, sounds) = (all.len() as f64, words as f64, sounds as f64);
    Some(206.835 - 62.3 * sounds / words - words / count)
}

/// Syllables of a Spanish word: its strong vowels, and weak ones that stand alone or bear an
/// accent; never fewer than one. A number counts as one.
pub fn syllables(word: &str) -> usize {
    let letters: Vec<char> = word.to_lowercase().chars().collect();
    let mut count = 0;
    let mut before = None;
    for (at, letter) in letters.iter().enumerate() {
        let next = letters.get(at + 1).copied();
        // Not heard in `que`, `qui`, `gue`, `gui`.
        let silent = *letter == 'u'
            && at > 0
            && matches!(letters[at - 1], 'q' | 'g')
            && matches!(next, Some('e' | 'é' | 'i' | 'í'));
        let kind = match letter {
            _ if silent => None,
            'a' | 'e' | 'o' | 'á' | 'é' | 'ó' | 'í' | 'ú' => Some(Strength::Strong),
            'i' | 'u' | 'ü' => Some(Strength::Weak),
            'y' if next.is_none() => Some(Strength::Weak),
            _ => None,
        };
        count += match (before, kind) {
            (_, None) => 0,
            (None, Some(_)) | (Some(Strength::Strong), Some(Strength::Strong)) => 1,
            // A weak vowel beside another is one sound with it.
            (Some(_), Some(_)) => 0,
        };
        before = kind;
    }
    count.max(1)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Strength {
    Strong,
    Weak,
}

#[cfg(test)]
mod tests {
    use super::{ease, long, syllables};

    #[test]
    fn syllables_are_counted_as_people_say_them() {
        for (word, count) in [
            ("sol", 1),
            ("orina", 3),
            ("pierna", 2),
            ("espalda", 3),
            ("días", 2),
            ("quien", 1),
            ("fiebre", 2),
            ("médico", 3),
            ("estudio", 3),
            ("caer", 2),
            ("ahora", 3),
            ("emergencias", 4),
            ("columna", 3),
            ("muy", 1),
            ("y", 1),
            ("112", 1),
            ("ibuprofeno", 5),
            ("guía", 2),
        ] {
            assert_eq!(syllables(word), count, "{word}");
        }
    }

    #[test]
    fn learned_words_and_long_sentences_are_found() {
        let plain = ease("Vuelva si no puede orinar. Llame al 112.");
        let learned =
            "La sintomatología neurológica progresiva requiere hospitalización inmediata.";
        assert!(plain > Some(80.0), "{plain:?}");
        assert!(ease(learned) < Some(20.0) && ease(learned).is_some());
        assert_eq!(ease("..."), None);
        assert_eq!(long(&"sol ".repeat(15)).len(), 0);
        assert_eq!(long(&"sol ".repeat(16)).len(), 1);
    }
}
