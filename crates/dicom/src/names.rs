//! Names of people as operators type them: without regard to case and accents, which PS3.4
//! §C.2.2.2.1 leaves to the provider. Also wildcards.

use unicode_normalization::UnicodeNormalization;

/// A name as it is compared: small letters without accents, without empty parts at its end.
pub(crate) fn fold(name: &str) -> String {
    let name = name.trim().trim_end_matches(['^', ' ']);
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(name.len());
    // Only the accents of Latin, Greek and Cyrillic: a voiced kana is another letter.
    let bare = name.nfd().filter(|letter| !('\u{300}'..='\u{36F}').contains(letter));
    for letter in bare.nfc().flat_map(char::to_lowercase) {
        match letter {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            other => folded.push(other),
        }
    }
    folded
}

/// The component groups of a name (alphabetic, ideographic, phonetic) as they are compared.
pub(crate) fn groups(name: &str) -> Vec<String> {
    name.split('=').take(3).map(fold).collect()
}

/// A text with `*` for any letters and `?` for one.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: String,
    wild: bool,
}

impl Pattern {
    pub(crate) fn new(text: String) -> Pattern {
        let wild = text.contains(['*', '?']);
        Pattern { text, wild }
    }

    /// In which `*` and `?` are letters like any other.
    pub(crate) fn literal(text: &str) -> Pattern {
        Pattern { text: text.to_string(), wild: false }
    }

    /// The whole text when it has no wildcards.
    pub(crate) fn exact(&self) -> Option<&str> {
        (!self.wild).then_some(self.text.as_str())
    }

    /// What comes before the first wildcard.
    pub(crate) fn prefix(&self) -> &str {
        self.text.split(['*', '?']).next().unwrap_or_default()
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        if self.wild { wild(self.text.as_bytes(), text.as_bytes()) } else { self.text == text }
    }
}

/// Goes back to the last `*` only, so that the work is bounded by the product of the lengths.
fn wild(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some(b'?') => {
                p += 1;
                t = next(text, t);
            }
            Some(letter) if text.get(t) == Some(letter) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((after, from)) => {
                    let from = next(text, from);
                    star = Some((after, from));
                    (p, t) = (after, from);
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|letter| *letter == b'*'))
}

/// The start of the next letter of UTF-8.
fn next(text: &[u8], at: usize) -> usize {
    let rest = text.get(at + 1..).unwrap_or_default();
    at + 1 + rest.iter().take_while(|byte| **byte & 0xC0 == 0x80).count()
}
