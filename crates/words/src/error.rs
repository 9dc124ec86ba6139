//! What can be wrong with a file of words or of signatures: where, what, and how to mend it.

use thiserror::Error;

/// A fault of a file.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{file}:{line}: {what}; {help}")]
pub struct WordsError {
    /// Its file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub help: &'static str,
}

impl WordsError {
    pub(crate) fn new(
        file: &str,
        line: usize,
        what: impl Into<String>,
        help: &'static str,
    ) -> WordsError {
        WordsError { file: file.to_string(), line, what: what.into(), help }
    }
}

/// The line of a place in a text, from 1.
pub(crate) fn line_at(text: &str, place: usize) -> usize {
    let before = text.as_bytes().iter().take(place);
    before.filter(|byte| **byte == b'\n').count() + 1
}
