//! Character sets of MSH-18 (HL7 table 0211), lossless both ways or refused.
//!
//! Most feeds send Latin-1 and declare nothing, and some declare what they do not send. What
//! nobody declared is tried as UTF-8 first, which Latin-1 text with an accent hardly ever is.

use std::borrow::Cow;

/// How the bytes of a message become text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// ASCII and nothing above it.
    Ascii,
    /// UTF-8, RFC 3629.
    Utf8,
    /// ISO 8859-1.
    Latin1,
    /// ISO 8859-15: Latin-1 with the euro sign.
    Latin9,
}

/// What a message says of its characters, and what they were.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Charset {
    /// The first repetition of MSH-18 as it stands there.
    pub declared: Option<String>,
    /// What its bytes are read and its answer is written with.
    pub encoding: Encoding,
}

/// Where Latin-9 differs from Latin-1.
const LATIN9: [(u8, char); 8] = [
    (0xa4, '€'),
    (0xa6, 'Š'),
    (0xa8, 'š'),
    (0xb4, 'Ž'),
    (0xb8, 'ž'),
    (0xbc, 'Œ'),
    (0xbd, 'œ'),
    (0xbe, 'Ÿ'),
];

/// Why bytes are not what their message declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mismatch {
    /// The set is none that is read here, and the bytes are more than ASCII.
    Unsupported,
    /// It declares ASCII or UTF-8, and its bytes are neither.
    NotAsDeclared,
}

impl Charset {
    /// UTF-8, declared.
    pub fn utf8() -> Charset {
        Charset { declared: Some("UNICODE UTF-8".to_string()), encoding: Encoding::Utf8 }
    }

    /// Latin-1, declared.
    pub fn latin1() -> Charset {
        Charset { declared: Some("8859/1".to_string()), encoding: Encoding::Latin1 }
    }

    /// Nothing declared: ASCII is all that everybody reads alike.
    pub fn undeclared() -> Charset {
        Charset { declared: None, encoding: Encoding::Ascii }
    }

    /// Finds what the bytes are, from what is declared and from themselves.
    pub(crate) fn of(declared: Option<&str>, bytes: &[u8]) -> (Charset, Option<Mismatch>) {
        let tried = || match bytes {
            ascii if ascii.is_ascii() => Encoding::Ascii,
            other if std::str::from_utf8(other).is_ok() => Encoding::Utf8,
            _ => Encoding::Latin1,
        };
        let (encoding, mismatch) = match declared.map(named) {
            None => (tried(), None),
            Some(Some(Encoding::Ascii)) if !bytes.is_ascii() => {
                (tried(), Some(Mismatch::NotAsDeclared))
            }
            Some(Some(Encoding::Utf8)) if std::str::from_utf8(bytes).is_err() => {
                (Encoding::Latin1, Some(Mismatch::NotAsDeclared))
            }
            Some(Some(encoding)) => (encoding, None),
            Some(None) if bytes.is_ascii() => (Encoding::Ascii, None),
            Some(None) => (Encoding::Latin1, Some(Mismatch::Unsupported)),
        };
        (Charset { declared: declared.map(str::to_string), encoding }, mismatch)
    }
}

impl Encoding {
    /// Every byte becomes a character; bytes that are no UTF-8 become Latin-1.
    pub fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match (self, std::str::from_utf8(bytes)) {
            (Encoding::Ascii | Encoding::Utf8, Ok(text)) => Cow::Borrowed(text),
            (_, Ok(text)) if bytes.is_ascii() => Cow::Borrowed(text),
            (Encoding::Latin9, _) => bytes.iter().map(|byte| latin9(*byte)).collect(),
            _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
        }
    }

    /// The bytes of a text; nothing if a character of it cannot be written.
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Encoding::Utf8 => Some(text.as_bytes().to_vec()),
            Encoding::Ascii => text.is_ascii().then(|| text.as_bytes().to_vec()),
            Encoding::Latin1 => text.chars().map(|sign| u8::try_from(sign).ok()).collect(),
            Encoding::Latin9 => text.chars().map(latin9_byte).collect(),
        }
    }
}

fn latin9(byte: u8) -> char {
    LATIN9.iter().find(|(from, _)| *from == byte).map_or(char::from(byte), |(_, to)| *to)
}

fn latin9_byte(sign: char) -> Option<u8> {
    if let Some((byte, _)) = LATIN9.iter().find(|(_, to)| *to == sign) {
        return Some(*byte);
    }
    u8::try_from(sign).ok().filter(|byte| LATIN9.iter().all(|(taken, _)| taken != byte))
}

fn named(declared: &str) -> Option<Encoding> {
    let name: String = declared
        .chars()
        .filter(|sign| sign.is_ascii_alphanumeric())
        .map(|sign| sign.to_ascii_uppercase())
        .collect();
    match name.as_str() {
        "ASCII" | "USASCII" | "ISOIR6" => Some(Encoding::Ascii),
        "UNICODEUTF8" | "UTF8" | "ISOIR192" => Some(Encoding::Utf8),
        "88591" | "ISO88591" | "ISOIR100" | "LATIN1" => Some(Encoding::Latin1),
        "885915" | "ISO885915" | "ISOIR203" => Some(Encoding::Latin9),
        _ => None,
    }
}
