//! Delimiters and escape sequences (HL7 v2.5.1 sections 2.5.4 and 2.7).

use crate::Encoding;

/// Longest escape sequence between its two escape characters; what is longer is text.
const ESCAPE_BYTES_MAX: usize = 512;

/// The five characters that MSH-1 and MSH-2 choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Delimiters {
    // INVARIANT: five different ASCII characters, none of them a letter, digit, space or control.
    field: u8,
    component: u8,
    repetition: u8,
    escape: u8,
    subcomponent: u8,
}

impl Delimiters {
    /// `|^~\&`, which HL7 recommends.
    pub const USUAL: Delimiters = Delimiters {
        field: b'|',
        component: b'^',
        repetition: b'~',
        escape: b'\\',
        subcomponent: b'&',
    };

    /// The field separator and the four encoding characters, in the order of MSH. Nothing unless
    /// they are five different signs of ASCII.
    pub fn new(signs: [u8; 5]) -> Option<Delimiters> {
        let different = signs
            .iter()
            .enumerate()
            .all(|(at, sign)| !signs.iter().take(at).any(|one| one == sign));
        if !different || !signs.iter().all(u8::is_ascii_punctuation) {
            return None;
        }
        let [field, component, repetition, escape, subcomponent] = signs;
        Some(Delimiters { field, component, repetition, escape, subcomponent })
    }

    /// The field separator.
    pub fn field(&self) -> char {
        char::from(self.field)
    }

    /// The component separator.
    pub fn component(&self) -> char {
        char::from(self.component)
    }

    /// The repetition separator.
    pub fn repetition(&self) -> char {
        char::from(self.repetition)
    }

    /// The escape character.
    pub fn escape(&self) -> char {
        char::from(self.escape)
    }

    /// The subcomponent separator.
    pub fn subcomponent(&self) -> char {
        char::from(self.subcomponent)
    }

    /// MSH-2.
    pub(crate) fn encoding_characters(&self) -> String {
        let signs = [self.component, self.repetition, self.escape, self.subcomponent];
        signs.iter().map(|sign| char::from(*sign)).collect()
    }

    /// A value as it stands between delimiters. A new line becomes `\.br\`; a space at an end,
    /// which readers drop, and the mark of an explicit null are kept by their numbers.
    pub(crate) fn escaped(&self, value: &str) -> String {
        let mut out = String::with_capacity(value.len());
        let last = value.char_indices().next_back().map(|(at, _)| at);
        for (at, sign) in value.char_indices() {
            let sequence = match sign {
                '\n' => Some(".br".to_string()),
                ' ' if at == 0 || Some(at) == last => Some("X20".to_string()),
                '"' if value == "\"\"" => Some("X22".to_string()),
                _ if sign == self.field() => Some("F".to_string()),
                _ if sign == self.component() => Some("S".to_string()),
                _ if sign == self.subcomponent() => Some("T".to_string()),
                _ if sign == self.repetition() => Some("R".to_string()),
                _ if sign == self.escape() => Some("E".to_string()),
                _ if sign.is_ascii_control() => Some(format!("X{:02X}", u32::from(sign))),
                _ => None,
            };
            match sequence {
                Some(sequence) => {
                    out.push(self.escape());
                    out.push_str(&sequence);
                    out.push(self.escape());
                }
                None => out.push(sign),
            }
        }
        out
    }

    /// The value between delimiters. What is no escape sequence known here stays as it stands.
    pub(crate) fn unescaped(&self, text: &str, encoding: Encoding) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(self.escape()) {
            out.push_str(before);
            let sequence = after.split_once(self.escape());
            let meaning = sequence.and_then(|(name, _)| self.meaning(name, encoding));
            match (sequence, meaning) {
                (Some((_, after)), Some(meaning)) => {
                    out.push_str(&meaning);
                    rest = after;
                }
                _ => {
                    out.push(self.escape());
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        out
    }

    fn meaning(&self, name: &str, encoding: Encoding) -> Option<String> {
        if name.len() > ESCAPE_BYTES_MAX {
            return None;
        }
        let one = |sign: char| Some(sign.to_string());
        match name {
            "F" => one(self.field()),
            "S" => one(self.component()),
            "T" => one(self.subcomponent()),
            "R" => one(self.repetition()),
            "E" => one(self.escape()),
            // Emphasis, which a plain text has not.
            "H" | "N" => Some(String::new()),
            ".br" | ".sp" => one('\n'),
            _ => {
                let digits = name.strip_prefix('X')?.as_bytes();
                let bytes: Vec<u8> = digits.chunks(2).map(byte).collect::<Option<_>>()?;
                (!bytes.is_empty()).then(|| encoding.decode(&bytes).into_owned())
            }
        }
    }
}

fn byte(pair: &[u8]) -> Option<u8> {
    let [high, low] = pair else { return None };
    let digit = |sign: u8| char::from(sign).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(*high)? * 16 + digit(*low)?)
}
