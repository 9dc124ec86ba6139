//! The languages that ship. To add one, see docs/languages.md.

/// A language of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// The language of the guideline; always offered.
    English,
    /// Neutral Latin American, with `usted`.
    Spanish,
}

impl Language {
    /// All of them, English first.
    pub const ALL: &[Language] = &[Language::English, Language::Spanish];

    /// Its code in addresses, documents and files (BCP 47), `es`.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Spanish => "es",
        }
    }

    /// What its speakers call it.
    pub fn own_name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::Spanish => "Español",
        }
    }

    /// In English, for staff.
    pub fn name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::Spanish => "Spanish",
        }
    }

    /// The language of that code.
    pub fn of_code(code: &str) -> Option<Language> {
        Language::ALL.iter().copied().find(|known| known.code() == code)
    }

    /// The one of `offered` that somebody wants most, by an `Accept-Language` header (RFC 9110,
    /// 12.5.4); nothing if none of them is wanted.
    pub fn wanted(header: &str, offered: &[Language]) -> Option<Language> {
        let mut best: Option<(u16, Language)> = None;
        for range in header.split(',').take(RANGES_MAX) {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let tag = tag.trim().to_ascii_lowercase();
            let code = tag.split('-').next().unwrap_or_default();
            let Some(language) = Language::of_code(code).filter(|one| offered.contains(one)) else {
                continue;
            };
            let weight = thousandths(weight.trim().trim_start_matches("q="));
            // Of two that are wanted alike, the first counts.
            if weight > best.map_or(0, |(known, _)| known) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }
}

/// Most ranges that are read of a header.
const RANGES_MAX: usize = 20;

/// `0.8` is 800; what cannot be read counts as nothing.
fn thousandths(weight: &str) -> u16 {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    match (whole.parse::<u16>(), digits.parse::<u16>()) {
        (Ok(whole @ 0..=1), Ok(part)) => (whole * 1_000 + part).min(1_000),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{self, English, Spanish};

    #[test]
    fn the_browser_says_what_is_wanted() {
        for (header, wanted) in [
            ("es-MX,es;q=0.9,en;q=0.8", Some(Spanish)),
            ("en-US,en;q=0.9,es;q=0.8", Some(English)),
            ("fr,es;q=0.2", Some(Spanish)),
            ("fr", None),
            ("", None),
            ("es;q=0", None),
            ("es;q=, en;q=0.1", Some(English)),
            ("ES", Some(Spanish)),
        ] {
            assert_eq!(Language::wanted(header, Language::ALL), wanted, "{header}");
        }
        assert_eq!(Language::wanted("es", &[English]), None);
    }
}
