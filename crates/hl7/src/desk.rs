//! Who takes messages: the part of a program that knows the record.

use std::borrow::Cow;
use std::net::SocketAddr;

use async_trait::async_trait;

use crate::{Code, Header, Inbound, Keys, Place, Verdict};

/// Takes messages. Many lines ask at once.
#[async_trait]
pub trait Desk: Send + Sync + 'static {
    /// Takes a message. `Ok` is answered with AA, so what it means is on the disk by then; a
    /// message of the same keys is [`Taken::Before`]. It is carried through even if the sender
    /// has gone, and may then come again.
    ///
    /// # Errors
    /// [`Refused`], which is answered with AE or AR.
    async fn take(&self, message: Inbound, raw: &[u8]) -> Result<Taken, Refused>;

    /// Keeps a message that was refused, for a person to look at. `Ok` is on the disk.
    ///
    /// # Errors
    /// [`NotKept`]: the sender is asked to send it again later, whatever it was refused for.
    async fn keep(&self, letter: DeadLetter<'_>) -> Result<(), NotKept>;
}

/// A message was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Taken {
    /// Now.
    Now,
    /// It had been, and nothing was done again.
    Before,
}

/// A message was not taken. The reasons go to the sender: nothing of a patient is in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A fault of ours: it may do later.
    Later(Cow<'static, str>),
    /// It will never do.
    Never {
        /// What kind of error it is.
        code: Code,
        /// Why, and how to mend it.
        why: Cow<'static, str>,
    },
}

/// A refused message could not be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotKept;

/// A message that was refused. Its bytes name a patient: they belong into the record alone.
#[derive(Clone, Copy)]
pub struct DeadLetter<'a> {
    /// The frame; empty when it was larger than is taken.
    pub raw: &'a [u8],
    /// From where it came.
    pub peer: SocketAddr,
    /// Its header, as far as there was one.
    pub header: Option<&'a Header>,
    /// Its keys, if all of it was read.
    pub keys: Option<&'a Keys>,
    /// What the sender is told: later, or never.
    pub verdict: Verdict,
    /// The kind of error.
    pub code: Code,
    /// Where in the message.
    pub place: Option<Place>,
    /// Why.
    pub why: &'a str,
}

impl std::fmt::Debug for DeadLetter<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} bytes from {}, {:?}: {}", self.raw.len(), self.peer, self.code, self.why)
    }
}
