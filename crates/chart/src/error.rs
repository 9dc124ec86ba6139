//! Why a table is refused. It speaks of rows and facts, never of a patient.

use thiserror::Error;

/// Why a table is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TableError {
    /// It is no TOML of the right form.
    #[error("the table of codes is not read: {0}")]
    Form(String),
    /// A row cannot be used with this guideline.
    #[error("the table of codes, {section} row of `{fact}`: {why}")]
    Row {
        /// Its part of the file, `condition`.
        section: &'static str,
        /// Its fact.
        fact: String,
        /// What is wrong, and how to mend it.
        why: String,
    },
}
