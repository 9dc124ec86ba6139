//! What a department has signed: a file of TOML in which each text has the hash of what was read.
//!
//! ```toml
//! [es."call-now"]
//! sha256 = "…"
//! reviewer = "Ana Ruiz, certified translator"
//! date = "2026-11-26"
//! ```
//!
//! The hash covers the English and the translation, so that a signature over other texts counts
//! for nothing.

use std::collections::BTreeMap;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::error::{WordsError, line_at};
use crate::language::Language;
use crate::source::{is_day, is_name};

/// Bytes of the file.
const FILE_BYTES_MAX: usize = 512 * 1024;
/// Signatures of it.
const SIGNATURES_MAX: usize = 4_000;
/// Bytes of an id.
const ID_BYTES_MAX: usize = 200;

/// One signature.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// What [`hash`] gave for the texts that were read.
    pub sha256: String,
    /// Who read them.
    pub reviewer: String,
    /// When, `2026-11-26`.
    pub date: String,
}

/// All of a department.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signatures(BTreeMap<(Language, String), Signature>);

/// What is signed: SHA-256 of the English, a byte of zero, and the translation, in hex.
pub fn hash(english: &str, text: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(english);
    digest.update([0]);
    digest.update(text);
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Signatures {
    /// Reads the file; `file` names it in errors.
    ///
    /// # Errors
    /// The first fault, with its line.
    pub fn read(file: &str, text: &str) -> Result<Signatures, WordsError> {
        if text.len() > FILE_BYTES_MAX {
            let what = format!("more than {FILE_BYTES_MAX} bytes");
            return Err(WordsError::new(file, 1, what, "take out what is signed twice"));
        }
        type File = BTreeMap<String, BTreeMap<String, Signature>>;
        let read: File = toml::from_str(text).map_err(|error| {
            let line = line_at(text, error.span().map_or(0, |span| span.start));
            let help = "each part is [es.\"id\"] with sha256, reviewer and date";
            WordsError::new(file, line, error.message(), help)
        })?;
        let mut all = BTreeMap::new();
        for (code, signed) in read {
            let Some(language) = Language::of_code(&code).filter(|one| *one != Language::English)
            else {
                let what = format!("`{code}` is no language that is signed for");
                let line = line_of(text, &code);
                return Err(WordsError::new(file, line, what, "the code of Spanish is `es`"));
            };
            for (id, signature) in signed {
                let wrong = |what: String, help| {
                    WordsError::new(file, line_of(text, &id), format!("`{id}`: {what}"), help)
                };
                if all.len() >= SIGNATURES_MAX || id.len() > ID_BYTES_MAX {
                    let what = format!("more than {SIGNATURES_MAX} signatures, or a long id");
                    return Err(wrong(what, "take out what signs no text"));
                }
                let digits = &signature.sha256;
                if digits.len() != 64 || !digits.chars().all(|sign| sign.is_ascii_hexdigit()) {
                    let help = "copy the part from the page /languages";
                    return Err(wrong("`sha256` is not 64 digits".into(), help));
                }
                if !is_name(&signature.reviewer) {
                    let help = "say who read it, in at most 200 bytes";
                    return Err(wrong("`reviewer` is empty or long".into(), help));
                }
                if !is_day(&signature.date) {
                    return Err(wrong("`date` is no day".into(), "write it as 2026-11-26"));
                }
                all.insert((language, id), signature);
            }
        }
        Ok(Signatures(all))
    }

    /// The signature over just these texts.
    pub(crate) fn counts(
        &self,
        language: Language,
        id: &str,
        english: &str,
        text: &str,
    ) -> Option<&Signature> {
        let signed = self.0.get(&(language, id.to_string()))?;
        signed.sha256.eq_ignore_ascii_case(&hash(english, text)).then_some(signed)
    }

    /// Whose texts are signed.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Language, &str)> {
        self.0.keys().map(|(language, id)| (*language, id.as_str()))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Nothing is signed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn line_of(text: &str, part: &str) -> usize {
    line_at(text, text.find(part).unwrap_or(0))
}
