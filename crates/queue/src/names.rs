//! Which order, which scanner, and words that people wrote.

use std::fmt;
use std::sync::Arc;

use crate::error::QueueError;

/// The most characters of a reason or of the name of who gave it.
pub const WORDS_MAX: usize = 500;

/// Which order. Not the patient: one may have several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(Arc<str>);

/// Which scanner.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScannerId(Arc<str>);

impl EntryId {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ScannerId {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for EntryId {
    fn from(id: &str) -> EntryId {
        EntryId(id.into())
    }
}

impl From<&str> for ScannerId {
    fn from(id: &str) -> ScannerId {
        ScannerId(id.into())
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Display for ScannerId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A reason that a person gave. It may speak of the patient, so `Debug` keeps it to itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Reason(Arc<str>);

impl Reason {
    /// A reason of at least one visible character.
    ///
    /// # Errors
    /// [`QueueError::NoReason`] when nothing is written, [`QueueError::TooLong`].
    pub fn new(words: &str) -> Result<Reason, QueueError> {
        let words = words.trim();
        if words.is_empty() {
            return Err(QueueError::NoReason);
        }
        short_enough(words)?;
        Ok(Reason(words.into()))
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Reason(..)")
    }
}

pub(crate) fn somebody(who: &str) -> Result<String, QueueError> {
    let who = who.trim();
    if who.is_empty() {
        return Err(QueueError::Nobody);
    }
    short_enough(who)?;
    Ok(who.to_string())
}

fn short_enough(words: &str) -> Result<(), QueueError> {
    if words.chars().count() > WORDS_MAX {
        return Err(QueueError::TooLong { limit: WORDS_MAX });
    }
    Ok(())
}
