//! Character sets: text is written without loss or not at all (PS3.5 §6.1, PS3.3 C.12.1.1.2).
//!
//! A scanner that gets `?` for a letter shows another patient's name. What a device's set cannot
//! hold is therefore told as a fault, and never replaced.

use dicom_encoding::text::{SpecificCharacterSet, TextCodec};

/// A character set that a device can be set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
#[serde(try_from = "String")]
pub enum Charset {
    /// The default repertoire, ASCII.
    Ascii,
    /// Western Europe, `ISO_IR 100`.
    Latin1,
    /// Central Europe, `ISO_IR 101`.
    Latin2,
    /// South Europe, `ISO_IR 109`.
    Latin3,
    /// North Europe, `ISO_IR 110`.
    Latin4,
    /// `ISO_IR 126`.
    Greek,
    /// `ISO_IR 127`.
    Arabic,
    /// `ISO_IR 138`.
    Hebrew,
    /// `ISO_IR 144`.
    Cyrillic,
    /// `ISO_IR 166`.
    Thai,
    /// ASCII with JIS X 0208 by escape sequences, `\ISO 2022 IR 87`.
    Japanese,
    /// `GB18030`.
    Gb18030,
    /// `GBK`.
    Gbk,
    /// UTF-8, `ISO_IR 192`.
    Utf8,
}

/// Every set with its defined term and the term under which the codec is found.
const SETS: [(Charset, &str, &str); 14] = [
    (Charset::Ascii, "ISO_IR 6", "ISO_IR 6"),
    (Charset::Latin1, "ISO_IR 100", "ISO_IR 100"),
    (Charset::Latin2, "ISO_IR 101", "ISO_IR 101"),
    (Charset::Latin3, "ISO_IR 109", "ISO_IR 109"),
    (Charset::Latin4, "ISO_IR 110", "ISO_IR 110"),
    (Charset::Greek, "ISO_IR 126", "ISO_IR 126"),
    (Charset::Arabic, "ISO_IR 127", "ISO_IR 127"),
    (Charset::Hebrew, "ISO_IR 138", "ISO_IR 138"),
    (Charset::Cyrillic, "ISO_IR 144", "ISO_IR 144"),
    (Charset::Thai, "ISO_IR 166", "ISO_IR 166"),
    (Charset::Japanese, "\\ISO 2022 IR 87", "ISO 2022 IR 87"),
    (Charset::Gb18030, "GB18030", "GB18030"),
    (Charset::Gbk, "GBK", "GBK"),
    (Charset::Utf8, "ISO_IR 192", "ISO_IR 192"),
];

impl TryFrom<String> for Charset {
    type Error = String;

    fn try_from(term: String) -> Result<Charset, String> {
        let known = || Charset::all().map(Charset::term).collect::<Vec<_>>().join(", ");
        Charset::of(&term).ok_or_else(|| format!("a character set is one of {}", known()))
    }
}

impl Charset {
    /// Every set.
    pub fn all() -> impl Iterator<Item = Charset> {
        SETS.iter().map(|(set, _, _)| *set)
    }

    /// The set with this value of Specific Character Set (0008,0005); `None` when it is unknown.
    pub fn of(term: &str) -> Option<Charset> {
        let mut last = "";
        for part in term.split('\\').map(str::trim).filter(|part| !part.is_empty()) {
            last = part;
            if ["ISO 2022 IR 87", "ISO_IR 87"].contains(&part) {
                return Some(Charset::Japanese);
            }
        }
        let single = last.strip_prefix("ISO 2022 IR ").map(|number| format!("ISO_IR {number}"));
        match single.as_deref().unwrap_or(last) {
            "" => Some(Charset::Ascii),
            "GB2312" | "ISO_IR 58" => Some(Charset::Gbk),
            term => SETS.iter().find(|(_, name, _)| *name == term).map(|(set, _, _)| *set),
        }
    }

    /// The value of Specific Character Set (0008,0005).
    pub fn term(self) -> &'static str {
        SETS.iter().find(|(set, _, _)| *set == self).map_or("ISO_IR 6", |(_, term, _)| term)
    }

    fn codec(self) -> Option<SpecificCharacterSet> {
        let (_, _, code) = SETS.iter().find(|(set, _, _)| *set == self)?;
        SpecificCharacterSet::from_code(code)
    }

    /// Writes text; `None` when one of its letters is not in the set.
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        if text.is_ascii() {
            return Some(text.as_bytes().to_vec());
        }
        if self == Charset::Ascii {
            return None;
        }
        let bytes = self.codec()?.encode(text).ok()?;
        // The codecs know more than the standard's sets: Windows letters between 80 and 9F, and
        // half-width katakana behind an escape that was not declared.
        let stray = match self {
            Charset::Utf8 | Charset::Gb18030 | Charset::Gbk => false,
            Charset::Japanese => {
                bytes.windows(3).any(|three| three == b"\x1B(I" || three == b"\x1B$(")
            }
            _ => bytes.iter().any(|byte| (0x80..=0x9F).contains(byte)),
        };
        (!stray && self.decode(&bytes) == text).then_some(bytes)
    }

    /// Reads text. What is not in the set comes out as an octal escape, which matches nothing.
    pub fn decode(self, bytes: &[u8]) -> String {
        if bytes.is_ascii() && self != Charset::Japanese {
            return String::from_utf8_lossy(bytes).into_owned();
        }
        match self.codec().map(|codec| codec.decode(bytes)) {
            Some(Ok(text)) => text,
            _ => String::from_utf8_lossy(bytes).into_owned(),
        }
    }
}
