//! One message to one address.

use std::fmt;

use crate::{Address, PostError};

/// Most characters of a key.
const KEY_CHARACTERS_MAX: usize = 128;
/// Most characters of a subject.
const SUBJECT_CHARACTERS_MAX: usize = 200;
/// Most bytes of a text.
const TEXT_BYTES_MAX: usize = 16_384;

/// One message to one address.
///
/// The key stays the same over all tries: from it the receiver knows a message it has already.
/// It leaves the house and stands in logs, so it is random and says nothing of the patient.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    key: String,
    to: Address,
    subject: String,
    text: String,
}

impl Message {
    /// Puts a message together. The key has 1 to 128 letters, digits and `-`, `_`, `.`; the
    /// subject is one line of at most 200 characters; the text has at most 16 KiB.
    ///
    /// # Errors
    /// [`PostError::Message`].
    pub fn new(key: &str, to: Address, subject: &str, text: &str) -> Result<Message, PostError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if !(1..=KEY_CHARACTERS_MAX).contains(&key.len()) || !key.bytes().all(plain) {
            return refused("a key has 1 to 128 letters, digits, hyphens, underscores and dots");
        }
        if subject.trim().is_empty() || subject.chars().count() > SUBJECT_CHARACTERS_MAX {
            return refused("a subject has 1 to 200 characters");
        }
        if subject.chars().any(breaks_a_line) {
            return refused("a subject is one line without control characters");
        }
        let text = text.replace("\r\n", "\n");
        if text.trim().is_empty() || text.len() > TEXT_BYTES_MAX {
            return refused("a text has 1 to 16384 bytes");
        }
        if text.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\t')) {
            return refused("a text has no control characters but line ends and tabs");
        }
        Ok(Message { key: key.to_string(), to, subject: subject.to_string(), text })
    }

    /// By which the receiver knows a message it has already.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whom it goes to.
    pub fn to(&self) -> &Address {
        &self.to
    }

    /// Its subject.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Its text; lines end with a line feed.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Subject and text stay out of logs.
impl fmt::Debug for Message {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "message {} to {}", self.key, self.to)
    }
}

fn breaks_a_line(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
}

fn refused<T>(what: &'static str) -> Result<T, PostError> {
    Err(PostError::Message(what))
}
